"""What a search does in detail: which cases it asks about, what it counts and keeps, and what it leaves alone."""

import math
import time
from pathlib import Path

import hypothesis
import numpy as np
import pytest
from hypothesis import configuration
from hypothesis import strategies as st

import lingauss as lg
from lingauss.errors import ClaimError
from lingauss.testing import assume, at_most, falsify
from lingauss.testing.claims import LEFT_OUT
from lingauss.testing.falsification import Falsification
from lingauss.testing.laws import assert_bound, assert_decomposition
from lingauss.testing.search import dimension_of

PAIRS = st.tuples(st.integers(0, 999), st.integers(0, 999))


def test_the_dimension_of_a_case_is_that_of_its_largest_part():
    problem = lg.Problem.from_spectrum([4.0, 2.0, 1.0], [1.0, 1.0, 0.0], n_samples=9, label_noise=0.5)
    law = lg.Gaussian([0.0, 1.0], np.eye(2))
    assert dimension_of(problem) == dimension_of(lg.Distillation(problem)) == 3
    assert dimension_of(law) == 2
    assert dimension_of((law, [problem, "text"])) == 3
    assert dimension_of("text") == dimension_of(7) == dimension_of(()) == dimension_of([[]]) == 0


def test_cases_are_by_default_designs_averaged_over_labels_with_and_without_test_inputs():
    seen = []
    falsify(lambda case: seen.append(case) is None, cases=60)
    assert {case.problem.mode for case in seen} == {"averaged"}
    assert {case.problem.test_covariance is None for case in seen} == {True, False}
    assert {case.problem.n_features for case in seen} == {case.problem.outputs for case in seen} == {1, 2, 3}


def test_what_is_tried_and_what_is_left_out_add_up_to_what_was_asked():
    asked = []

    def claim(pair):
        asked.append(pair)
        assume(pair[0] % 3)
        return at_most(pair[0], 2_000)

    found = falsify(claim, over=PAIRS, cases=40)
    assert (found.tried, found.rejected) == (
        sum(pair[0] % 3 > 0 for pair in asked),
        sum(not pair[0] % 3 for pair in asked),
    )
    assert found.tried == 40
    assert found.rejected > 0
    assert found.reasons == (LEFT_OUT,)
    assert found.complete


def test_the_case_that_is_kept_is_the_tightest_of_all():
    seen = []

    def claim(pair):
        seen.append(at_most(pair[0] - pair[1], 2_000))
        return seen[-1]

    found = falsify(claim, over=PAIRS, cases=60)
    assert claim(found.case).tightness == max(slack.tightness for slack in seen)
    assert found.slack == claim(found.case)
    nothing = falsify(lambda pair: at_most(pair[0], math.inf), over=PAIRS, cases=10)
    assert nothing.slack == 1.0


def test_the_first_counterexample_ends_the_count():
    seen = []

    def claim(pair):
        seen.append(pair)
        return pair[0] < 10

    found = falsify(claim, over=PAIRS, cases=200)
    assert found.tried == next(number for number, pair in enumerate(seen, start=1) if pair[0] >= 10)
    assert found.case == (10, 0)


def test_a_claim_is_refuted_in_the_fewest_dimensions_that_will_do():
    laws = st.integers(1, 4).map(lambda dim: lg.Gaussian(np.zeros(dim), np.eye(dim)))
    assert falsify(lambda law: law.dim < 1, over=laws, cases=30).case.dim == 1
    assert falsify(lambda law: law.dim != 3, over=laws, cases=30).case.dim == 3
    dims = []

    def even(law):
        dims.append(law.dim)
        return law.dim % 2 == 1

    assert falsify(even, over=laws, cases=30).case.dim == 2


def test_what_is_found_first_is_simplified_whatever_turns_up_on_the_way():
    def false_then_faulty(pair):
        return pair[0] < 10 and (pair[0] < 5 or 1 / 0)

    def faulty_then_false(pair):
        return pair[0] < 5 or (pair[0] >= 10 and 1 / 0)

    found = falsify(false_then_faulty, over=PAIRS, cases=30)
    assert found
    assert found.case == (10, 0)
    with pytest.raises(ClaimError, match="ZeroDivisionError") as caught:
        falsify(faulty_then_false, over=PAIRS, cases=30)
    assert caught.value.__notes__ == ["case = (10, 0)"]


@pytest.fixture
def hostile():
    """A profile of the user's in which every setting is another one."""
    before = hypothesis.settings.get_current_profile_name()
    hypothesis.settings.register_profile(
        "hostile",
        max_examples=1,
        deadline=1,
        derandomize=True,
        database=None,
        verbosity=hypothesis.Verbosity.verbose,
        phases=(hypothesis.Phase.generate,),
        suppress_health_check=(),
        report_multiple_bugs=True,
        print_blob=True,
    )
    yield "hostile"
    hypothesis.settings.load_profile(before)


def test_settings_of_the_users_profile_do_not_reach_the_search(hostile, capsys):
    def slow(pair):
        time.sleep(0.003)
        return pair[0] < 10

    known = [falsify(slow, over=PAIRS, cases=30, seed=seed) for seed in (1, 2)]
    hypothesis.settings.load_profile(hostile)
    found = [falsify(slow, over=PAIRS, cases=30, seed=seed) for seed in (1, 2)]
    assert [(one.case, one.tried) for one in found] == [(one.case, one.tried) for one in known]
    assert found[0].case == (10, 0)
    seen = [[], []]
    for seed, cases in enumerate(seen):
        falsify(lambda pair, cases=cases: cases.append(pair) is None, over=PAIRS, cases=20, seed=seed)
    assert seen[0] != seen[1]
    assert min(map(len, seen)) == 20
    assert capsys.readouterr() == ("", "")


def test_what_hypothesis_remembers_stays_out_of_the_users_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = getattr(configuration, "__hypothesis_home_directory", None)
    try:
        configuration.set_hypothesis_home_dir(tmp_path / "home")
        falsify(lambda pair: pair[0] < 10, over=PAIRS, cases=30)
        assert getattr(configuration, "__hypothesis_home_directory", None) == tmp_path / "home"
    finally:
        configuration.set_hypothesis_home_dir(before)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("bad", "name"),
    [
        ({"cases": 0}, "cases"),
        ({"seed": -1}, "seed"),
        ({"tolerance": -1.0}, "tolerance"),
        ({"seconds": 0.0}, "seconds"),
    ],
)
def test_a_setting_out_of_range_is_named(bad, name):
    with pytest.raises(lg.LingaussError, match=name):
        falsify(lambda case: True, over=PAIRS, **bad)


def test_settings_at_their_bounds_are_legal():
    assert falsify(lambda _: True, over=PAIRS, cases=1).tried == 1
    assert falsify(lambda _: -1e-300, over=PAIRS, cases=1, tolerance=0.0)
    assert not falsify(lambda _: -0.5, over=PAIRS, cases=1, tolerance=0.5)
    problem = lg.Problem.from_spectrum([4.0, 2.0], [1.0, 1.0], n_samples=9, label_noise=0.5)
    case = lg.Distillation(problem)
    assert_decomposition(lambda case: [case.divergence().total], case, rtol=0.0)
    assert_bound(lambda case: 2.0, case, of=lambda case: 2.0, rtol=0.0)
    for check in (lambda **how: assert_decomposition(lambda case: [1.0], case, **how),
                  lambda **how: assert_bound(lambda case: 1.0, case, **how)):  # fmt: skip
        with pytest.raises(lg.LingaussError, match="rtol"):
            check(rtol=-1e-9)


# What is said


def made(**settings):
    plain = {"claim": sharp, "refuted": False, "case": None, "slack": None, "why": "", "tried": 7, "rejected": 0,
             "reasons": (), "complete": True, "tolerance": 1e-9}  # fmt: skip
    return Falsification(**(plain | settings))


def sharp(case):
    return case


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "No counterexample to sharp in 7 cases."),
        ({"tried": 1}, "No counterexample to sharp in 1 case."),
        ({"tried": 12_345}, "No counterexample to sharp in 12,345 cases."),
        ({"slack": 0.25}, "No counterexample to sharp in 7 cases. Slack of the tightest case: 0.25."),
        ({"complete": False}, "No counterexample to sharp in 7 cases, when time ran out."),
        (
            {"rejected": 1_002, "reasons": ("A: one", "B: two")},
            "No counterexample to sharp in 7 cases (1,002 more did not apply: A: one; B: two).",
        ),
        ({"refuted": True}, "sharp is refuted after 7 cases."),
        ({"refuted": True, "slack": -0.5, "tried": 1}, "sharp is refuted after 1 case, slack -0.5."),
        (
            {"refuted": True, "complete": False, "rejected": 2, "reasons": ("A: one",)},
            "sharp is refuted after 7 cases (2 more did not apply: A: one), when time ran out.",
        ),
    ],
)
def test_a_result_says_in_one_sentence_what_came_of_it(settings, said):
    assert repr(made(**settings)) == said
    assert bool(made(**settings)) == settings.get("refuted", False)


@pytest.mark.parametrize(
    ("settings", "remark"),
    [
        ({"refuted": True, "slack": -0.125}, "  # -0.125"),
        ({"refuted": True}, "  # False"),
        ({"refuted": True, "why": "3 > 2"}, "  # AssertionError"),
        ({}, ""),
    ],
)
def test_the_script_of_a_result_ends_with_the_claim_put_to_the_case(settings, remark):
    law = lg.Gaussian([0.0], [[1.0]])
    script = made(case=law, **settings).to_python().splitlines()
    assert f"from {__name__} import sharp" in script
    assert script[-1] == f"print(sharp(case)){remark}"
    obtained = made(case=law, obtain=("from pathlib import Path", "sharp = Path"), **settings).to_python().splitlines()
    assert f"from {__name__} import sharp" not in obtained
    assert obtained.index("from pathlib import Path") < obtained.index("sharp = Path") < len(obtained) - 1
    shown = repr(made(case=law, **settings))
    assert shown.endswith(made(case=law, **settings).to_python())
    assert ("\n\n  3 > 2\n\n" in shown) == ("why" in settings)


def test_a_claim_of_a_session_is_taken_to_be_in_scope():
    def local(case):
        return case

    assert "import local" not in made(claim=local, case=lg.Gaussian([0.0], [[1.0]])).to_python()
    assert Path(__file__).stem == __name__.rpartition(".")[2]
