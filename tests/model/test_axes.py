"""One vocabulary of design axes: replacing a setting does what its name says and nothing else."""

import dataclasses
import pickle
import re
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import lingauss as lg
from lingauss.errors import DomainError, EmptyDataError, MissingTruthError, NotNumericError, UnknownNameError
from lingauss.model.axes import AXES
from lingauss.model.provenance import describe

DESIGNS = Path(__file__).parents[2] / "docs" / "designs.md"
CONTRACT = (
    "student_rank",
    "label_noise",
    "temperature",
    "mixing",
    "draws",
    "floor",
    "n_samples",
    "penalty",
    "teacher_penalty",
    "student_penalty",
    "teacher_temperature",
    "student_temperature",
    "teacher_steps",
    "student_steps",
)


def problem(**changes):
    settings = {"n_samples": 20, "truth": [[1.0, -1.0, 0.5]], "label_noise": 0.5} | changes
    return lg.Problem.from_gram(np.diag([4.0, 2.0, 1.0]) + 0.2, **settings)


CASE = lg.Distillation(
    problem(),
    teacher=lg.Ridge(1.0, temperature=2.0, noise=0.7),
    student=lg.Ridge(3.0),
    bottleneck=lg.Principal(2),
    mixing=0.8,
    draws=2,
)

# name: (value, the same design built anew)
CHANGES = {
    "student_rank": (1, {"bottleneck": lg.Principal(1)}),
    "rank": (1, {"bottleneck": lg.Principal(1)}),
    "label_noise": (2.0, {"problem": problem(label_noise=2.0)}),
    "temperature": (0.0, {"temperature": 0.0}),
    "mixing": (-0.5, {"mixing": -0.5}),
    "draws": (5, {"draws": 5}),
    "floor": (0.3, {"floor": 0.3}),
    "n_samples": (
        60,
        {
            "problem": lg.Problem.from_gram(
                3 * CASE.problem.gram, n_samples=60, truth=[[1.0, -1.0, 0.5]], label_noise=0.5
            )
        },
    ),
    "penalty": (5.0, {"teacher": lg.Ridge(5.0, temperature=2.0, noise=0.7), "student": lg.Ridge(5.0)}),
    "teacher_penalty": (5.0, {"teacher": lg.Ridge(5.0, temperature=2.0, noise=0.7)}),
    "student_penalty": (5.0, {"student": lg.Ridge(5.0)}),
    "teacher_temperature": (0.5, {"teacher": lg.Ridge(1.0, temperature=0.5, noise=0.7)}),
    "student_temperature": (0.5, {"student": lg.Ridge(3.0, temperature=0.5)}),
    "teacher": (lg.Ridge(9.0), {"teacher": lg.Ridge(9.0)}),
    "student": (lg.Ridge(9.0), {"student": lg.Ridge(9.0)}),
    "bottleneck": (None, {"bottleneck": None}),
    "problem": (problem(label_noise=3.0), {"problem": problem(label_noise=3.0)}),
}


def built_anew(**changes):
    fields = {field.name: getattr(CASE, field.name) for field in dataclasses.fields(CASE)}
    return lg.Distillation(**fields | changes)


def numbers_of(case):
    return [
        *case.divergence().cells.ravel(),
        *dataclasses.astuple(case.gaps()),
        *dataclasses.astuple(case.excess_risk()),
    ]


def test_axes_are_those_of_the_contract():
    assert set(CONTRACT) <= set(AXES)


@pytest.mark.parametrize("name", CHANGES)
def test_replacing_a_setting_is_building_the_design_anew(name):
    value, fields = CHANGES[name]
    before = numbers_of(CASE)
    changed = CASE.replace(**{name: value})
    assert numbers_of(changed) == pytest.approx(numbers_of(built_anew(**fields)), rel=1e-13, abs=1e-15)
    assert numbers_of(changed) != before
    assert numbers_of(CASE) == before


def test_every_axis_is_tried_here():
    steps = {"teacher_steps", "student_steps"}  # of other learners than these: tests/model/test_descent.py
    assert set(CONTRACT) - steps <= set(CHANGES)


def test_replacing_nothing_changes_nothing():
    assert numbers_of(CASE.replace()) == numbers_of(CASE)


def test_several_settings_change_at_once():
    one = CASE.replace(rank=1, temperature=2.0, student_penalty=0.5)
    other = CASE.replace(student_penalty=0.5).replace(temperature=2.0).replace(student_rank=1)
    assert numbers_of(one) == numbers_of(other)


def test_illegal_intermediate_designs_do_not_matter():
    flat = CASE.replace(student_penalty=0.0, floor=0.1)  # either alone: floor undefined, or another design
    assert flat.student.penalty == 0.0
    assert flat.replace(floor=None, student_penalty=1.0).resolved_floor == 0.25


def test_learner_and_its_penalty_change_together():
    case = CASE.replace(student=lg.Ridge(9.0, temperature=3.0), student_penalty=2.0)
    assert case.student == lg.Ridge(2.0, temperature=3.0)


def test_order_of_settings_does_not_matter():
    one = CASE.replace(penalty=2.0, teacher_penalty=3.0)
    other = CASE.replace(teacher_penalty=3.0, penalty=2.0)
    assert (one.teacher, one.student) == (other.teacher, other.student)


def test_defaults_resolve_again():
    loud = CASE.replace(label_noise=2.0)
    assert CASE.resolved_floor == pytest.approx(0.25 / 3.0)
    assert loud.resolved_floor == pytest.approx(4.0 / 3.0)
    assert loud.replace(student_temperature=0.5).resolved_floor == pytest.approx(2.0 / 3.0)
    assert loud.replace(floor=0.1).replace(label_noise=9.0).resolved_floor == 0.1
    assert loud.teacher.noise == 0.7  # what was set stays set
    assert CASE.replace(rank=3).resolved_floor is None


def test_rank_keeps_the_kind_of_bottleneck():
    assert CASE.replace(rank=1).bottleneck == lg.Principal(1)
    assert CASE.replace(bottleneck=lg.Best(2)).replace(rank=1).bottleneck == lg.Best(1)
    assert CASE.replace(bottleneck=None).replace(rank=1).bottleneck == lg.Principal(1)
    basis = np.linalg.qr(np.arange(6.0).reshape(3, 2) ** 2 + 1)[0]
    nested = CASE.replace(bottleneck=lg.Subspace(basis)).replace(rank=1)
    assert_array_equal(nested.basis, basis[:, :1])
    with pytest.raises(DomainError, match="from 0 to 2; got 3"):
        CASE.replace(bottleneck=lg.Subspace(basis)).replace(rank=3)


@pytest.mark.parametrize(
    ("name", "guess"),
    [
        ("temprature", "temperature"),
        ("ranks", "rank"),
        ("teacher_penality", "teacher_penalty"),
        ("label_nois", "label_noise"),
    ],
)
def test_unknown_name_is_answered_with_the_closest_ones(name, guess):
    with pytest.raises(UnknownNameError, match=f"got '{name}'.*Did you mean .*{guess}"):
        CASE.replace(**{name: 1.0})


def test_unknown_name_is_answered_with_the_vocabulary():
    with pytest.raises(UnknownNameError) as caught:
        CASE.replace(zzz=1.0)
    for name in (*CONTRACT, "problem", "teacher", "student", "bottleneck", "rank"):
        assert name in str(caught.value)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"rank": 4}, DomainError, "rank from 0 to 3; got 4"),
        ({"rank": -1}, DomainError, "rank, a whole number of at least 0"),
        ({"label_noise": 0.0}, DomainError, "label_noise greater than 0"),
        ({"temperature": -1.0}, DomainError, "temperature at least 0"),
        ({"mixing": "half"}, NotNumericError, "mixing"),
        ({"draws": 0}, DomainError, "draws, a whole number of at least 1"),
        ({"draws": 1.5}, DomainError, "draws, a whole number of at least 1"),
        ({"floor": -0.1}, DomainError, "floor at least 0"),
        ({"n_samples": 0}, DomainError, "n_samples, a whole number of at least 1"),
        ({"penalty": -1.0}, DomainError, "penalty at least 0"),
        ({"teacher": "ridge"}, DomainError, "teacher as a learner or a Channel; got str"),
        ({"student": None}, DomainError, "student as a learner or a Channel; got NoneType"),
        ({"problem": np.eye(3)}, DomainError, "a Problem; got ndarray"),
    ],
    ids=str,
)
def test_setting_outside_its_range_is_refused(change, error, message):
    with pytest.raises(error, match=message):
        CASE.replace(**change)


def test_learner_settings_need_a_learner():
    channel = CASE.teacher_channel
    with pytest.raises(DomainError, match="a learner with penalty as teacher; got Channel"):
        CASE.replace(teacher=channel).replace(teacher_penalty=1.0)
    assert CASE.replace(teacher=channel).replace(student_penalty=1.0).student.penalty == 1.0


@pytest.mark.parametrize("change", [{"temperature": 2.0}, {"mixing": 0.5}, {"draws": 3}, {"floor": 0.1}], ids=str)
def test_student_given_as_its_whole_law_refuses_settings_it_would_ignore(change):
    case = lg.Distillation.from_channels(problem(), CASE.teacher_channel, CASE.student_channel)
    (name,) = change
    with pytest.raises(DomainError, match=f"no {name}, because the student is given as its whole law"):
        case.replace(**change)


def test_channels_must_fit_the_features():
    with pytest.raises(
        lg.errors.ShapeError, match=r"teacher as a channel from R\^3 to R\^3; got one from R\^2 to R\^2"
    ):
        CASE.replace(teacher=lg.Channel.identity(2))


def test_other_sample_sizes_need_a_truth():
    observed = CASE.replace(problem=problem().with_statistic([1.0, 0.0, 0.0]))
    with pytest.raises(MissingTruthError, match="another sample size"):
        observed.replace(n_samples=40)


def test_designs_survive_a_pickle():
    assert numbers_of(pickle.loads(pickle.dumps(CASE))) == numbers_of(CASE)  # noqa: S301 (our own bytes)


# compare


def test_comparison_has_a_row_per_design_in_order():
    table = lg.compare({"a": CASE, "b": CASE.replace(rank=3)})
    assert list(table.index) == ["a", "b"]
    assert list(table["rank"]) == [2, 3]
    assert set(table["mode"]) == {"averaged"}


def test_comparison_quotes_each_design():
    row = lg.compare({"a": CASE}).loc["a"]
    ledger, gaps, risk = CASE.divergence(), CASE.gaps(), CASE.excess_risk()
    assert (row["bias"], row["variance"], row["rank_bottleneck"]) == (
        ledger.bias,
        ledger.variance,
        ledger.rank_bottleneck,
    )
    assert (row["rank_irreducible"], row["divergence"]) == (ledger.rank_irreducible, ledger.total)
    assert row["prediction_divergence"] == CASE.prediction_divergence().total
    assert (row["teacher_gap"], row["student_gap"]) == (gaps.teacher, gaps.student)
    assert (row["teacher_excess_risk"], row["student_excess_risk"]) == (risk.teacher, risk.student)


def test_comparison_leaves_out_what_needs_an_unknown_truth():
    observed = CASE.replace(problem=problem().with_statistic([1.0, 0.0, 0.0]))
    table = lg.compare({"known": CASE, "observed": observed})
    assert list(table["mode"]) == ["averaged", "observed"]
    assert table["student_excess_risk"].isna().tolist() == [False, True]
    assert table["student_gap"].isna().tolist() == [False, False]


def test_comparison_needs_something_to_compare():
    with pytest.raises(EmptyDataError, match="at least one design"):
        lg.compare({})
    with pytest.raises(DomainError, match="a Distillation under 'a'; got int"):
        lg.compare({"a": 1})


def test_comparison_needs_names():
    with pytest.raises(DomainError, match="name: Distillation"):
        lg.compare([CASE])


def test_descriptions_tell_teacher_from_student():
    problem = lg.Problem.from_spectrum([4.0, 1.0], [1.0, 1.0], n_samples=5, label_noise=0.5)
    told = describe(lg.Distillation(problem, lg.Ridge(0.5), lg.Ridge(2.0)))
    assert told["teacher"] == repr(lg.Ridge(0.5))
    assert told["student"] == repr(lg.Ridge(2.0))


@pytest.mark.parametrize("axis", ["teacher_steps", "student_steps", "draws", "n_samples", "student_rank"])
def test_counts_are_whole_numbers_on_every_axis(axis):
    problem = lg.Problem.from_spectrum([4.0, 1.0], [1.0, 1.0], n_samples=5, label_noise=0.5)
    descent = lg.NoisyGradientDescent(3, 0.1, 0.5)
    case = lg.Distillation(problem, descent, descent, bottleneck=lg.Principal(1), floor=1.0)
    with pytest.raises(lg.LingaussError, match="whole number"):
        case.sweep(**{axis: [1.5]})


def test_every_axis_has_the_symbol_and_the_meaning_of_the_documentation():
    rows = re.findall(
        r"^\| (`[a-z_`, ]+`) \| ([^|]+) \| ([^|]+) \|$", DESIGNS.read_text(encoding="utf-8"), re.MULTILINE
    )
    documented = {}
    for names, symbols, _ in rows:
        documented |= dict(zip(re.findall(r"`(\w+)`", names), symbols.split(", "), strict=True))
    assert {name: axis.symbol for name, axis in AXES.items()} == documented
    said = {name: axis.meaning for name, axis in AXES.items()}
    assert len(set(said.values())) == len(AXES)
    words = {"noise": "noise", "temperature": "temperature", "penalty": "penalty", "rank": "rank", "steps": "steps"}
    words |= {"teacher": "teacher", "student": "student", "mixing": "share", "floor": "variance", "samples": "samples"}
    for name, meaning in said.items():
        assert all(words[part] in meaning for part in name.split("_") if part in words and name != "transfer_samples")
