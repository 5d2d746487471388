"""Laws for users' tests: they pass what is right, and say what is wrong with what is not."""

import math

import numpy as np
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
from lingauss.testing.laws import divergence, student_gap


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


def test_a_negative_part_is_rounding_only_if_it_is_small_beside_the_whole():
    """However large the other parts are, and whatever cancels it."""
    total = plain().divergence().total
    for less, fails in ((1e-10, False), (1e-8, True), (0.5, True), (1e3, True), (1e12, True)):

        def parts(case, less=less):
            return {"more": total * (1.0 + less), "less": -total * less}

        if fails:
            with pytest.raises(AssertionError, match="less is negative"):
                assert_decomposition(parts, plain())
        else:
            assert_decomposition(parts, plain())
    assert_decomposition(lambda case: {"more": 2.0 * total, "less": -total}, plain(), nonnegative=False)
    both = {"one": -total, "two": -total, "more": 3.0 * total}
    with pytest.raises(AssertionError, match="one and two is negative"):
        assert_decomposition(lambda case: both, plain())


@pytest.mark.parametrize("less", [-1.0, -1e-3, -math.inf])
def test_a_negative_part_beside_an_infinite_one_is_refused(less):
    hard = plain(floor=0.0)
    with pytest.raises(AssertionError, match=r"less is negative|NaN|add up"):
        assert_decomposition(lambda case: {"all": math.inf, "less": less}, hard)
    assert_decomposition(lambda case: {"all": math.inf, "some": 1.0, "less": -1e-12}, hard)


def test_the_parts_are_listed_beside_their_sum_and_the_whole():
    total = plain().divergence().total
    with pytest.raises(AssertionError) as caught:
        assert_decomposition(lambda case: {"half": 0.5 * total, "a quarter": 0.25 * total}, plain())
    lines = str(caught.value).splitlines()
    assert lines[0].startswith(f"the parts do not add up: they are off by {-0.25 * total:.6g}")
    told = {line.rpartition("  ")[0].strip(): float(line.rpartition("  ")[2]) for line in lines[1:5]}
    assert list(told) == ["half", "a quarter", "sum", "whole"]
    starts = {len(line) - len(line.rpartition("  ")[2]) for line in lines[1:5]}
    assert len(starts) == 1  # numbers stand below each other
    assert list(told.values()) == pytest.approx([0.5 * total, 0.25 * total, 0.75 * total, total], rel=1e-8)


def test_a_bound_and_what_it_bounds_are_listed_and_rounding_is_forgiven():
    gap = student_gap(plain())
    with pytest.raises(AssertionError) as caught:
        assert_bound(lambda case: gap * (1.0 - 1e-6), plain())
    lines = str(caught.value).splitlines()
    assert [line.split()[0] for line in lines[1:3]] == ["bound", "exact"]
    assert float(lines[1].split()[1]) == pytest.approx(gap * (1.0 - 1e-6), rel=1e-8)
    assert float(lines[2].split()[1]) == pytest.approx(gap, rel=1e-8)
    for side, factor in (("upper", 1.0 - 1e-10), ("lower", 1.0 + 1e-10), ("upper", 1.0), ("lower", 1.0)):
        assert_bound(lambda case, factor=factor: factor * gap, plain(), side=side)
    assert_bound(lambda case: gap * (1.0 - 1e-6), plain(), rtol=1e-5)


def test_the_gap_that_is_bounded_counts_what_the_floor_adds():
    """Against the definition: 2/n tr(G Cov(student weights, labels' part)), which a floor does not enter."""
    case = plain()
    weights, statistic = case.student_channel, case.problem.gram
    expected = 2.0 * case.problem.label_noise**2 / case.problem.n_samples * float(np.trace(weights.A @ statistic))
    assert student_gap(case) == pytest.approx(expected, rel=1e-12)
    assert divergence(case) == case.divergence().total


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


@pytest.mark.parametrize(
    ("off", "law"),
    [
        (lambda p, q, by: lg.kl(p, q) - by, NONNEGATIVE),
        (lambda p, q, by: lg.kl(p, q) + by, ZERO_ON_ITSELF),
        (lambda p, q, by: lg.kl(p, q) + by * float(np.sum(np.square(p.mean - q.mean))), INVARIANT),
        (lambda p, q, by: lg.kl(p, q) + by, ADDITIVE),
    ],
)
def test_a_law_is_broken_by_more_than_rounding_alone(off, law):
    assert_divergence(lambda p, q: off(p, q, 1e-13), laws=[law], cases=25)
    with pytest.raises(AssertionError):
        assert_divergence(lambda p, q: off(p, q, 1e-3), laws=[law], cases=60)


def test_every_law_is_checked_unless_some_are_chosen():
    """A function that breaks the last law alone passes all others."""

    def root(p, q):
        return math.sqrt(max(lg.kl(p, q), 0.0))

    assert_divergence(root, laws=DIVERGENCE_LAWS[:-1], cases=12, rtol=1e-4)
    with pytest.raises(AssertionError, match="root breaks the law: D adds over independent coordinates"):
        assert_divergence(root, cases=12, rtol=1e-4)
    assert [law.statement for law in DIVERGENCE_LAWS] == [
        "D(p, q) ≥ 0", "D(p, p) = 0", "D(p, q) > 0 unless p = q", "D is the same after an invertible affine map",
        "no channel increases D (data processing)", "D adds over independent coordinates",
    ]  # fmt: skip


def test_a_divergence_that_cannot_be_evaluated_is_a_typed_error():
    with pytest.raises(ClaimError, match="ZeroDivisionError"):
        assert_divergence(lambda p, q: 1 / 0, cases=5)
