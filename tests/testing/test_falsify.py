"""The search for counterexamples: it finds what is false, spares what is true, and says what it cannot judge."""

import contextlib
import dataclasses
import io
import math
import pickle
import time

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st
from planted import FALSE_CLAIMS, factor_two, own_bounds, own_laws

import lingauss as lg
from lingauss.errors import ClaimError
from lingauss.testing import assume, at_most, distillations, equal, falsify, gaussians
from lingauss.testing.claims import Slack


def printed(script, **scope):
    """Run a script and return what it prints."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(script, dict(scope))  # noqa: S102
    return out.getvalue()


@pytest.mark.parametrize("claim", FALSE_CLAIMS, ids=lambda claim: claim.__name__)
def test_a_false_claim_is_refuted_by_a_small_case_that_runs(claim):
    found = falsify(claim, over=FALSE_CLAIMS[claim], cases=2_000)
    assert found
    assert found.refuted
    assert found.tried <= 2_000
    assert found.case.problem.n_features <= 2
    assert found.case.problem.outputs <= 2
    assert found.slack < -found.tolerance
    assert float(printed(found.to_python())) == claim(found.case) == found.slack
    assert found.to_python() in repr(found)


def test_twelve_or_more_false_claims_were_planted():
    assert len(FALSE_CLAIMS) >= 12


@pytest.mark.parametrize("claim", [own_bounds, own_laws])
def test_what_the_library_says_of_itself_survives(claim):
    found = falsify(claim, cases=150)
    assert not found
    assert found.tried == 150
    assert found.slack >= -found.tolerance
    assert claim(found.case) == found.slack


def test_the_same_seed_gives_the_same_result():
    one, other = (falsify(factor_two, seed=5) for _ in range(2))
    assert (one.tried, one.slack, one.to_python()) == (other.tried, other.slack, other.to_python())


def test_truth_values_and_assertions_are_claims_too():
    def one_feature(case):
        return case.problem.n_features == 1

    def one_feature_asserted(case):
        assert case.problem.n_features == 1, "more than one"
        return np.True_

    for claim in (one_feature, one_feature_asserted):
        found = falsify(claim, cases=50)
        assert found
        assert found.slack is None
        assert found.case.problem.n_features == 2
    assert "more than one" in repr(found)
    with pytest.raises(AssertionError, match="more than one"):
        printed(found.to_python(), one_feature_asserted=one_feature_asserted)
    assert "False" in printed(falsify(one_feature, cases=50).to_python(), one_feature=one_feature)


def test_a_truth_value_that_survives_has_no_tightest_case():
    found = falsify(lambda case: True, cases=5)
    assert not found
    assert found.case is None
    assert repr(found) == "No counterexample to claim in 5 cases."


def test_search_moves_towards_the_tightest_case():
    def far(pair):
        return at_most(pair[0] + pair[1], 2_000)

    found = falsify(far, over=st.tuples(st.integers(0, 1_000), st.integers(0, 1_000)), cases=500)
    assert not found
    assert sum(found.case) > 1_900


def test_rounding_does_not_refute_an_equality():
    def adds_up(case):
        ledger = case.divergence()
        return equal(ledger.bias + ledger.variance + ledger.rank_bottleneck, ledger.total)

    assert not falsify(adds_up, cases=100)
    assert not falsify(lambda _: -1e-10, cases=5)
    assert falsify(lambda _: -1e-10, cases=5, tolerance=1e-11)
    assert falsify(lambda _: -1e-8, cases=5)


def test_slacks_are_relative_to_the_numbers_or_their_scale():
    assert at_most(1.0, 2.0) == 0.5
    assert at_most(2e9, 1e9) == -0.5
    assert at_most(1e-3, 0.0) == -1e-3
    assert at_most(1e-3, 0.0, scale=1e-3) == -1.0
    assert at_most(1.0, 2.0, scale=-8.0) == 0.125
    assert equal(3.0, 4.0) == equal(4.0, 3.0) == -0.25
    assert at_most(-1e308, 1e308) == 2.0
    assert at_most(1e308, -1e308) == -2.0


@pytest.mark.parametrize(
    ("smaller", "larger", "slack"),
    [(1.0, math.inf, 1.0), (math.inf, 1.0, -1.0), (math.inf, math.inf, 0.0), (-math.inf, 0.0, 1.0), (0.0, 0.0, 0.0)],
)
def test_infinities_compare_as_they_should(smaller, larger, slack):
    assert at_most(smaller, larger) == slack
    assert equal(smaller, larger) == -abs(slack)


def test_what_says_nothing_is_not_tight():
    assert at_most(0.0, 0.0).tightness == -1.0
    assert at_most(1e-17, 1.1e-17).tightness == -1.0
    assert at_most(1.0, math.inf).tightness == -1.0
    assert at_most(1e-3, 2e-3).tightness == -0.5
    assert at_most(2.0, 2.0).tightness == 0.0


def test_slacks_survive_a_pickle():
    copy = pickle.loads(pickle.dumps(Slack(0.5, -0.25)))  # noqa: S301
    assert (copy, copy.tightness) == (0.5, -0.25)


def test_cases_a_claim_does_not_apply_to_are_counted():
    def of_observed_labels(case):
        return case.problem.plug_in(1.0).label_noise

    def of_two_features(case):
        assume(case.problem.n_features == 2)
        return True

    def of_one_output(case):
        hypothesis.assume(case.problem.outputs == 1)
        return True

    mixed = falsify(of_observed_labels, over=distillations(modes=("averaged", "observed")), cases=100)
    assert not mixed
    assert mixed.rejected > 0
    assert "MissingLabelsError" in repr(mixed)
    assert "did not apply" in repr(mixed)
    for claim in (of_two_features, of_one_output):
        assert falsify(claim, cases=30).rejected > 0


def test_a_claim_that_never_applies_is_an_error():
    with pytest.raises(ClaimError, match="MissingLabelsError"):
        falsify(lambda case: case.problem.plug_in(1.0), cases=20)


@pytest.mark.parametrize(
    ("claim", "words"),
    [
        (lambda case: None, "None"),
        (lambda case: "yes", "str"),
        (lambda case: math.nan, "NaN"),
        (lambda case: 1j, "complex"),
        (lambda case: case.problem.gram.ravel(), "shape"),
        (lambda case: case.divergence().cells, "shape"),
        (lambda case: case.nothing, "AttributeError"),
        (lambda case: 1 / 0, "ZeroDivisionError"),
        (lambda case: [][1], "IndexError"),
        (lambda case: exit(3), "SystemExit"),
        (lambda: True, "TypeError"),
        (lambda case: at_most(math.nan, 1.0), "NaN"),
        (lambda case: at_most(None, 1.0), "None"),
    ],
)
def test_a_claim_that_cannot_be_judged_is_named_with_the_simplest_case(claim, words):
    with pytest.raises(ClaimError, match=words) as caught:
        falsify(claim, cases=50)
    assert "\n" not in str(caught.value)
    (note,) = caught.value.__notes__
    assert "case = lg.Distillation(problem)" in note


def test_an_error_is_shown_on_the_simplest_case_that_raises_it():
    def breaks_on_two(case):
        return 1 / (case.problem.n_features - 2)

    with pytest.raises(ClaimError, match=r"breaks_on_two.*ZeroDivisionError") as caught:
        falsify(breaks_on_two, tolerance=1.0)
    scope = {}
    exec(caught.value.__notes__[0], scope)  # noqa: S102
    assert scope["case"].problem.n_features == 2


def test_a_claim_that_changes_its_mind_is_an_error():
    answers = iter([False] + [True] * 1_000)
    with pytest.raises(ClaimError, match="same answer"):
        falsify(lambda case: next(answers), cases=20)


def test_a_slow_claim_is_stopped_and_what_was_found_is_kept():
    def slow(case):
        time.sleep(0.02)
        return case.divergence().total

    started = time.monotonic()
    found = falsify(slow, cases=10_000, seconds=0.5)
    assert time.monotonic() - started < 30
    assert not found
    assert not found.complete
    assert 0 < found.tried < 10_000
    assert "when time ran out" in repr(found)


def test_time_running_out_while_simplifying_keeps_the_counterexample():
    calls = []

    def slow_to_simplify(pair):
        calls.append(pair)
        if pair[0] > 1:
            time.sleep(0.05)
        return pair[0] <= 1

    found = falsify(slow_to_simplify, over=st.tuples(st.floats(0, 1e9), st.lists(st.integers())), seconds=0.3)
    assert found
    assert found.case[0] > 1


@pytest.mark.parametrize(
    "bad",
    [
        {"cases": 0},
        {"cases": 1.5},
        {"seed": -1},
        {"tolerance": -1.0},
        {"tolerance": math.nan},
        {"seconds": 0.0},
        {"over": [1, 2]},
    ],
)
def test_settings_out_of_range_are_refused(bad):
    with pytest.raises(lg.LingaussError):
        falsify(lambda case: True, **bad)


def test_a_claim_must_be_callable():
    with pytest.raises(lg.LingaussError, match="function"):
        falsify(True)


def test_claims_may_be_about_anything_drawn():
    def symmetric(laws):
        return equal(lg.kl(*laws), lg.kl(*reversed(laws)))

    found = falsify(symmetric, over=st.tuples(*[gaussians(dim=1, outputs=1)] * 2))
    assert found
    assert float(printed(found.to_python(), symmetric=symmetric)) == found.slack

    def short(text):
        return len(text) < 3

    assert falsify(short, over=st.text()).case == "000"


def test_a_case_that_cannot_be_written_is_still_shown():
    assert "case = <object" in repr(falsify(lambda _: False, over=st.builds(object), cases=5))


def test_results_are_immutable():
    found = falsify(lambda case: True, cases=2)
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.refuted = True


def test_other_settings_of_hypothesis_do_not_interfere():
    @hypothesis.settings(max_examples=2, deadline=None, suppress_health_check=list(hypothesis.HealthCheck))
    @hypothesis.given(st.integers(0, 3))
    def inside_a_property_test(seed):
        assert falsify(factor_two, seed=seed, cases=10)

    inside_a_property_test()
