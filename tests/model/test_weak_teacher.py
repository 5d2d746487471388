"""Teachers behind a bottleneck of their own at given inputs, and strong students (docs/theory.md §2.6)."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

import lingauss as lg
from lingauss.errors import DomainError, NotAveragedError, ShapeError, UndefinedFloorError

D, N, NOISE = 6, 12, 0.7
RNG = np.random.default_rng(0)
INPUTS = RNG.standard_normal((N, D)) * np.arange(1, D + 1.0) ** -0.5
GRAM = INPUTS.T @ INPUTS
TRUTH = RNG.standard_normal((2, D))
PROBLEM = lg.Problem.from_inputs(INPUTS, truth=TRUTH, label_noise=NOISE)
ORDERED = np.linalg.eigh(GRAM)[1][:, ::-1]
OBLIQUE = np.linalg.qr(RNG.standard_normal((D, 3)))[0]
VIEWS = {
    "principal": (lg.Principal(3), ORDERED[:, :3]),
    "selected": (lg.Selected([1, 4]), ORDERED[:, [1, 4]]),
    "subspace": (lg.Subspace(OBLIQUE), OBLIQUE),
}
CASE = lg.Distillation(
    PROBLEM,
    teacher=lg.Ridge(2.0, temperature=0.6),
    student=lg.Ridge(0.8, temperature=0.4),
    teacher_bottleneck=lg.Principal(3),
    mixing=0.7,
    temperature=0.3,
    draws=2,
)


def ridge(seen, penalty):
    return seen @ np.linalg.inv(seen.T @ GRAM @ seen + penalty * np.eye(seen.shape[1])) @ seen.T


def laws(case, seen_t, seen_s, floor_t, floor_s):
    """Return both laws t ↦ W and what the teacher predicts with, by matrices; nothing of the library's designs."""
    power, xi = NOISE**2, case.mixing
    teacher, student = ridge(seen_t, 2.0), ridge(seen_s, 0.8)
    drawn = 0.6 * power * teacher
    onto = student @ ((1 - xi) * np.eye(D) + xi * GRAM @ teacher)
    spread = 0.4 * power * student
    spread = spread + xi**2 / 2 * student @ (GRAM @ drawn @ GRAM + 0.3 * power * GRAM) @ student
    outside_t, outside_s = (np.eye(D) - seen @ seen.T for seen in (seen_t, seen_s))
    predictors = lg.Channel(teacher, drawn), lg.Channel(onto, spread)
    whole = lg.Channel(teacher, drawn + floor_t * outside_t), lg.Channel(onto, spread + floor_s * outside_s)
    return whole, predictors


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
@pytest.mark.parametrize("floor", [None, 0.2])
@pytest.mark.parametrize("rank", [D, 4])
def test_costs_gaps_and_risks_are_those_of_both_whole_laws(view, floor, rank):
    case = CASE.replace(teacher_bottleneck=view[0], teacher_floor=floor)
    case = case.replace(bottleneck=None if rank == D else lg.Principal(rank))
    prior_t = 0.6 * NOISE**2 / 2.0 if floor is None else floor
    whole, predictors = laws(case, view[1], ORDERED[:, :rank], prior_t, 0.4 * NOISE**2 / 0.8)
    expected = lg.Distillation.from_channels(PROBLEM, *whole, None if rank == D else ORDERED[:, :rank])
    assert_allclose(case.divergence().cells, expected.divergence().cells, rtol=1e-9, atol=1e-12)
    assert_allclose(case.prediction_divergence().total, expected.prediction_divergence().total, rtol=1e-9)
    assert case.reverse_divergence().total == pytest.approx(expected.reverse_divergence().total, rel=1e-9)
    of_predictors = lg.Distillation.from_channels(PROBLEM, *predictors)
    for number in ("gaps", "excess_risk", "mutual_information"):
        ours, theirs = getattr(case, number)(), getattr(of_predictors, number)()
        assert_allclose([ours.teacher, ours.student], [theirs.teacher, theirs.student], rtol=1e-9)


def test_a_teacher_that_sees_all_is_no_weak_one():
    alone = CASE.replace(teacher_bottleneck=None)
    for view in (lg.Principal(D), lg.Subspace(np.eye(D))):
        whole = CASE.replace(teacher_bottleneck=view)
        assert_allclose(whole.divergence().cells, alone.divergence().cells, rtol=1e-9)
        assert_allclose(whole.excess_risk().student, alone.excess_risk().student, rtol=1e-10)


def test_a_student_of_true_labels_does_not_notice_how_weak_its_teacher_is():
    risks = [CASE.replace(mixing=0.0, teacher_rank=r).excess_risk() for r in (0, 3, 6)]
    assert risks[0].student == pytest.approx(risks[2].student, rel=1e-12)
    assert risks[0].teacher == pytest.approx(np.sum((INPUTS @ TRUTH.T) ** 2) / N, rel=1e-12)


def test_a_sweep_over_both_ranks_holds_what_each_design_says():
    axes = {"teacher_rank": [1, 5], "student_rank": [2, 6], "teacher_penalty": [0.5, 2.0]}
    names = ("divergence", "student_excess_risk", "teacher_gap")
    found = CASE.sweep(quantities=names, **axes)
    for index in np.ndindex(2, 2, 2):
        here = CASE.replace(**{name: axes[name][i] for name, i in zip(axes, index, strict=True)})
        values = [here.divergence().total, here.excess_risk().student, here.gaps().teacher]
        assert_allclose([found[name].values[index] for name in names], values, rtol=1e-10)
    again = lg.case_of(found.isel(teacher_rank=0, student_rank=0, teacher_penalty=1))
    assert again.teacher_bottleneck == lg.Principal(1)
    assert again.divergence().total == pytest.approx(found["divergence"].values[0, 0, 1], rel=1e-10)


def test_what_is_optimised_is_the_least_of_a_grid():
    for objective, quantity in (("excess_risk", "student_excess_risk"), ("divergence", "divergence")):
        best = CASE.optimize(over=["mixing"], objective=objective)
        grid = CASE.sweep(mixing=np.linspace(-1, 3, 401), quantities=[quantity])[quantity]
        assert best.value <= grid.min() * (1 + 1e-10)
        assert grid.min() <= best.value * (1 + 1e-3)


def test_rounds_baselines_and_labels_follow_what_a_weak_teacher_predicts():
    predictor = CASE.replace(teacher=CASE.teacher_predictor, teacher_bottleneck=None)
    ours, theirs = (lg.Chain(case, 3).sweep(quantities=["excess_risk", "gap"]) for case in (CASE, predictor))
    assert_allclose(ours["excess_risk"], theirs["excess_risk"], rtol=1e-10)
    assert CASE.baselines().teacher == pytest.approx(predictor.baselines().teacher, rel=1e-10)
    assert CASE.baselines().mean_teacher == pytest.approx(predictor.baselines().mean_teacher, rel=1e-10)
    assert CASE.label_divergence().statistic == pytest.approx(predictor.label_divergence().statistic, rel=1e-10)
    held = CASE.held_out_error(INPUTS, INPUTS @ TRUTH.T)
    assert held.teacher == pytest.approx(predictor.held_out_error(INPUTS, INPUTS @ TRUTH.T).teacher, rel=1e-10)


def test_a_weak_teacher_shows_as_the_learner_that_it_is_and_can_be_rebuilt():
    assert "teacher=Ridge(penalty=2.0" in repr(CASE)
    scope = {}
    exec(CASE.to_python(), scope)  # noqa: S102
    assert scope["case"].divergence().total == pytest.approx(CASE.divergence().total, rel=1e-12)
    changed = CASE.replace(teacher_penalty=0.5, teacher_rank=2)
    fresh = CASE.replace(teacher=lg.Ridge(0.5, temperature=0.6), teacher_bottleneck=lg.Principal(2))
    assert changed.divergence().total == pytest.approx(fresh.divergence().total, rel=1e-13)
    assert CASE.replace(teacher_bottleneck=None).teacher == lg.Ridge(2.0, temperature=0.6)


def test_what_does_not_know_weak_teachers_refuses_them():
    with pytest.raises(DomainError, match="Principal, Selected, Subspace or None"):
        CASE.replace(teacher_bottleneck=lg.Best(2))
    with pytest.raises(DomainError, match="rank"):
        CASE.replace(teacher_bottleneck=lg.Principal(7))
    with pytest.raises(ShapeError):
        CASE.replace(teacher_bottleneck=lg.Subspace(np.eye(3)))
    with pytest.raises(DomainError, match="learner as teacher behind"):
        CASE.replace(teacher=CASE.teacher_predictor)
    with pytest.raises(DomainError, match="teacher_floor"):
        CASE.replace(teacher_floor=-1.0)
    plain = CASE.replace(mixing=1.0, draws=1)
    for name in ("process_ledger", "process_divergence", "simulate", "explore"):
        with pytest.raises(DomainError):
            getattr(plain, name)()
    for name in ("by_direction", "cross_validation", "path_divergence"):
        with pytest.raises((DomainError, lg.LingaussError)):
            getattr(plain, name)()
    with pytest.raises(UndefinedFloorError):
        CASE.replace(teacher_temperature=0.0).divergence()
    assert CASE.replace(teacher_temperature=0.0, mixing=0.5).excess_risk().teacher > 0


def test_weak_teachers_of_drawn_inputs_are_averaged_in_every_number():
    problem = lg.Problem.from_population([3.0, 1.0, 0.2], [1.0, 1.0, 1.0], n_samples=12, label_noise=0.5)
    case = lg.Distillation(problem, teacher_bottleneck=lg.Selected([0, 1]))
    assert case.average_over_inputs(10)["divergence"].value > 0
    with pytest.raises(NotAveragedError, match=r"closed form; got .*average_over_inputs"):
        case.divergence()


@pytest.mark.parametrize("scale", [1.0, 1e-6, 1e-12])
def test_an_unpenalised_weak_teacher_exists_in_any_units_of_its_inputs(scale):
    rng = np.random.default_rng(3)
    X, W = scale * rng.standard_normal((12, 4)), rng.standard_normal((2, 4)) / scale
    problem = lg.Problem.from_inputs(X, truth=W, label_noise=0.5)
    weak = {"teacher_bottleneck": lg.Principal(2), "teacher_floor": 1.0 / scale**2}
    case = lg.Distillation(problem, lg.Ridge(0.0), lg.Ridge(scale**2), **weak)
    assert case.divergence().total == pytest.approx(4.841900089284174, rel=1e-9)
