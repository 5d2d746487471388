"""Laws for users' tests: they pass what is right, and say what is wrong with what is not."""

import math

import pytest
from hypothesis import given, settings

import lingauss as lg
from lingauss.errors import ClaimError
from lingauss.testing import (
    ADDITIVE,
    CI,
    DIVERGENCE_LAWS,
    INVARIANT,
    NONNEGATIVE,
    POSITIVE,
    PROCESSED,
    ZERO_ON_ITSELF,
    assert_bound,
    assert_decomposition,
    assert_divergence,
    distillations,
)


def plain(**settings):
    problem = lg.Problem.from_gram([[4.0, 1.0], [1.0, 2.0]], n_samples=9, truth=[1.0, -1.0], label_noise=0.5)
    return lg.Distillation(problem, student=lg.Ridge(2.0), bottleneck=lg.Principal(1), **settings)


def cells(case):
    return case.divergence().cells.ravel()


@settings(CI, max_examples=30)
@given(distillations(hard=True, singular=True))
def test_the_ledger_is_a_decomposition(case):
    assert_decomposition(cells, case)
    assert_decomposition(
        lambda case: case.prediction_divergence().cells.ravel(), case, whole=lambda c: c.prediction_divergence().total
    )


def test_a_missing_part_is_found_and_named():
    def without_spread(case):
        ledger = case.divergence()
        return {"bias": ledger.bias, "noise": ledger.cells[0, 1], "rank": ledger.rank_bottleneck}

    with pytest.raises(AssertionError) as caught:
        assert_decomposition(without_spread, plain())
    message = str(caught.value)
    assert "off by" in message
    assert "minus the cell retained spread of the ledger" in message
    assert all(name in message for name in ("bias", "noise", "rank", "sum", "whole"))
    assert "[[4.0, 1.0], [1.0, 2.0]]" in message


def test_a_part_counted_twice_is_found_and_named():
    with pytest.raises(AssertionError, match="which is the cell retained mean of the ledger"):
        assert_decomposition(lambda case: [*cells(case), case.divergence().bias], plain())


def test_negative_parts_are_refused_unless_allowed():
    def shifted(case):
        total = case.divergence().total
        return {"more": total + 1.0, "less": -1.0}

    with pytest.raises(AssertionError, match="less is negative"):
        assert_decomposition(shifted, plain())
    assert_decomposition(shifted, plain(), nonnegative=False)


def test_rounding_of_the_parts_is_forgiven_and_more_is_not():
    assert_decomposition(lambda case: [case.divergence().total * (1 + 1e-12)], plain())
    with pytest.raises(AssertionError):
        assert_decomposition(lambda case: [case.divergence().total * (1 + 1e-7)], plain())
    assert_decomposition(lambda case: [case.divergence().total * (1 + 1e-7)], plain(), rtol=1e-6)


def test_infinite_wholes_need_an_infinite_part():
    hard = plain(floor=0.0)
    assert_decomposition(cells, hard)
    with pytest.raises(AssertionError, match="do not add up"):
        assert_decomposition(lambda case: [1.0], hard)
    with pytest.raises(AssertionError, match="do not add up"):
        assert_decomposition(lambda case: [math.inf], plain())
    with pytest.raises(AssertionError, match="NaN"):
        assert_decomposition(lambda case: {"odd": math.nan}, plain())
    with pytest.raises(AssertionError, match="the whole is NaN"):
        assert_decomposition(cells, plain(), whole=lambda case: math.nan)


@pytest.mark.parametrize("parts", [[], {}, ["one"], [None], [[1.0, 2.0]], 3.0, None])
def test_parts_that_are_no_numbers_are_typed_errors(parts):
    with pytest.raises(lg.LingaussError):
        assert_decomposition(lambda case: parts, plain())


@settings(CI, max_examples=30)
@given(distillations(modes=("averaged",), test_cov=None))
def test_bounds_of_the_library_are_bounds(case):
    table = case.bounds()
    size = max(abs(bound.exact_gap) for bound in table)
    for bound in table:
        if bound.holds and bound.learner == "student":
            wide = 1e-9 * size * (1 if bound.side == "upper" else -1)
            assert_bound(lambda _, value=bound.value + wide: value, case, side=bound.side)


@pytest.mark.parametrize(("side", "sign"), [("upper", -1.0), ("lower", 1.0)])
def test_a_bound_on_the_wrong_side_shows_both_numbers(side, sign):
    def off(case):
        return case.gaps().student * (1.0 + sign * 0.5)

    with pytest.raises(AssertionError) as caught:
        assert_bound(off, plain(), side=side)
    message = str(caught.value)
    assert f"the {side} bound is on the wrong side by {0.5 * plain().gaps().student:.6g}" in message
    assert "exact" in message
    assert "case = lg.Distillation" in message
    assert_bound(off, plain(), side="lower" if side == "upper" else "upper")


def test_infinite_bounds_say_nothing_or_are_wrong():
    assert_bound(lambda case: math.inf, plain())
    assert_bound(lambda case: -math.inf, plain(), side="lower")
    assert_bound(lambda case: math.inf, plain(), of=lambda case: math.inf)
    for bound, exact in ((-math.inf, 1.0), (1.0, math.inf), (math.nan, 1.0), (1.0, math.nan)):
        with pytest.raises(AssertionError):
            assert_bound(lambda case, bound=bound: bound, plain(), of=lambda case, exact=exact: exact)


@pytest.mark.parametrize(
    ("divergence", "laws"),
    [
        (lg.kl, DIVERGENCE_LAWS),
        (lambda p, q: lg.renyi(p, q, 0.5), DIVERGENCE_LAWS),
        (lg.jeffreys, DIVERGENCE_LAWS),
        (lg.wasserstein2, (NONNEGATIVE, ZERO_ON_ITSELF, POSITIVE, ADDITIVE)),
    ],
)
def test_divergences_of_the_library_are_divergences(divergence, laws):
    assert_divergence(divergence, laws=laws, cases=40)


@pytest.mark.parametrize(
    ("wrong", "law"),
    [
        (lambda p, q: lg.kl(p, q) - 0.1, NONNEGATIVE),
        (lambda p, q: lg.kl(p, q) + 0.1, ZERO_ON_ITSELF),
        (lambda p, q: lg.kl(lg.Gaussian(q.mean, p.cov), q), POSITIVE),
        (lg.wasserstein2, INVARIANT),
        (lambda p, q: 1.0 / (1e-3 + lg.kl(p, q)), PROCESSED),
        (lambda p, q: lg.kl(p, q) ** 2, ADDITIVE),
    ],
)
def test_what_is_no_divergence_breaks_its_law(wrong, law):
    with pytest.raises(AssertionError) as caught:
        assert_divergence(wrong, laws=[law], cases=200)
    assert law.statement in str(caught.value)
    assert "lg.Gaussian(" in str(caught.value)


def test_a_divergence_that_cannot_be_evaluated_is_a_typed_error():
    with pytest.raises(ClaimError, match="ZeroDivisionError"):
        assert_divergence(lambda p, q: 1 / 0, cases=5)
