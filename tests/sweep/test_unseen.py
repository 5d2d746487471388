"""Errors on unseen rows over grids, and the designs and penalties where they are least."""

import itertools

import numpy as np
import pytest
from numpy.testing import assert_allclose
from unseen.rows_at_hand import case_of, scattered

import lingauss as lg
from lingauss.errors import DomainError
from lingauss.model.repeated_limit import RepeatedLimit

SWEPT = {
    "principal": {"bottleneck": lg.Principal(3)},
    "selected": {"bottleneck": lg.Selected((0, 5, 2))},
    "subspace": {"bottleneck": lg.Subspace(np.random.default_rng(4).standard_normal((6, 4)))},
    "everything": {},
    "flow": {"teacher": lg.GradientFlow(0.1), "bottleneck": lg.Principal(2)},
    "transfer": {"transfer": lg.Moments.from_data(np.random.default_rng(5).standard_normal((30, 6)))},
}


@pytest.mark.parametrize("name", SWEPT)
def test_sweeps_are_single_designs(name):
    X, Y = scattered()
    case = case_of(X, Y, **SWEPT[name])
    axes = {
        "student_penalty": [0.1, 3.0],
        "student_rank": [6] if case.bottleneck is None else [1, case.rank],
        "mixing": [1.0] if case.transfer else [-0.5, 0.3],
        "label_noise": [0.3, 0.5],
        "floor": [0.0, 1.0],
    } | ({} if name == "flow" else {"teacher_penalty": [0.2, 5.0]})
    names = ["student_cross_validation", "teacher_gap", "teacher_cross_validation"]
    found = case.sweep(quantities=names, **axes)
    assert list(found) == names
    for point in itertools.product(*axes.values()):
        here = dict(zip(axes, point, strict=True))
        single, cell = case.replace(**here).cross_validation(), found.sel(here)
        assert_allclose(
            [cell["teacher_cross_validation"], cell["student_cross_validation"]],
            [single.teacher, single.student],
            rtol=1e-12,
        )


def test_blocks_of_a_chunked_sweep_are_the_sweep():
    X, Y = scattered()
    case, axes = case_of(X, Y, bottleneck=lg.Principal(2)), {"student_rank": range(7), "mixing": [0.0, 0.5, 1.0]}
    whole = case.sweep(quantities=["student_cross_validation"], **axes)
    blocks = case.sweep(quantities=["student_cross_validation"], chunks={"student_rank": 3}, **axes)
    assert_allclose(blocks["student_cross_validation"], whole["student_cross_validation"], rtol=1e-12)


def test_the_best_mixing_is_the_vertex_of_the_errors_parabola():
    X, Y = scattered()
    case = case_of(X, Y, bottleneck=lg.Principal(3))
    best = case.optimize(over=["mixing"], objective="cross_validation")
    assert best.value == pytest.approx(best.design.cross_validation().student, rel=1e-12)
    for moved in (best.settings["mixing"] - 1e-3, best.settings["mixing"] + 1e-3):
        assert case.replace(mixing=moved).cross_validation().student > best.value
    assert best.evaluate(best.design) == pytest.approx(best.value, rel=1e-12)


def test_equal_penalties_have_the_one_shot_mixing_of_two_estimates():
    X, Y = scattered()
    learner = lg.Ridge(2.0, temperature=0.0)
    case = case_of(X, Y, teacher=learner, student=learner, temperature=0.0)
    nearly = case.replace(teacher_penalty=2.0 * (1 + 1e-6))
    stack = [case.optimize(over=["mixing"], objective="cross_validation").settings["mixing"] for case in (case, nearly)]
    assert_allclose(stack[0], stack[1], rtol=1e-4)


def test_the_best_rank_and_mixing_are_the_least_of_the_sweep():
    X, Y = scattered()
    case = case_of(X, Y, bottleneck=lg.Principal(3))
    best = case.optimize(over=["student_rank", "mixing"], objective="cross_validation")
    ranks = [case.replace(rank=rank).optimize(over=["mixing"], objective="cross_validation").value for rank in range(7)]
    assert_allclose(best.values, ranks, rtol=1e-12)
    assert best.settings["student_rank"] == np.argmin(ranks)
    small = case.optimize(over=["student_rank"], objective="cross_validation", tolerance=0.5)
    assert small.settings["student_rank"] <= best.settings["student_rank"]


@pytest.mark.parametrize("names", [("student_penalty",), ("student_penalty", "teacher_penalty")])
def test_the_best_penalties_are_no_worse_than_any_nearby(names):
    X, Y = scattered()
    case = case_of(X, Y, mixing=0.5)
    best = case.optimize(over=names, objective="cross_validation")
    for name, factor in itertools.product(names, (0.97, 1.03)):
        moved = best.design.replace(**{name: best.settings[name] * factor})
        assert moved.cross_validation().student >= best.value * (1.0 - 1e-9)
    swept = case.sweep(quantities=["student_cross_validation"], **{name: np.geomspace(1e-3, 1e3, 25) for name in names})
    assert float(swept["student_cross_validation"].min()) >= best.value * (1.0 - 1e-9)


def test_penalties_at_which_a_learner_has_no_law_are_passed_over():
    X, Y = scattered()
    descent = lg.NoisyGradientDescent(np.inf, step_size=0.01, penalty=1.0)
    case = case_of(X, Y, student=descent, bottleneck=lg.Principal(3))
    best = case.optimize(over=["student_penalty"], objective="cross_validation")
    assert best.value <= case.cross_validation().student
    with pytest.raises(DomainError, match="a learner with penalty"):
        case.replace(student=RepeatedLimit(lg.Ridge(1.0), 0.5, 0.0, 1)).optimize(over=["student_penalty"])


@pytest.mark.parametrize("objective", ["divergence", "excess_risk"])
def test_penalties_are_settings_of_every_objective(objective):
    X, Y = scattered()
    case = case_of(X, Y, bottleneck=lg.Principal(3), floor=0.1)
    case = case.replace(problem=case.problem.with_truth(np.ones((2, 6))))
    best = case.optimize(over=["student_penalty", "temperature"], objective=objective)
    assert best.settings.keys() == {"student_penalty", "temperature"}
    for factor in (0.9, 1.1):
        moved = case.replace(student_penalty=best.settings["student_penalty"] * factor)
        assert moved.optimize(over=["temperature"], objective=objective).value >= best.value * (1.0 - 1e-9)


def test_a_chain_of_best_mixing_gains_from_the_best_penalty():
    X, Y = scattered()
    problem = case_of(X, Y).problem.with_truth(np.ones((2, 6)))
    chain = lg.Chain(lg.Distillation(problem, lg.Ridge(0.5), lg.Ridge(0.2)), rounds=2)
    fixed, best = chain.best_mixing(), chain.best_mixing(over=["student_penalty"])
    assert best.value < fixed.value
    penalty = best.chain.case.student.penalty
    for factor in (0.9, 1.1):
        moved = lg.Chain(chain.case.replace(student_penalty=penalty * factor), rounds=2).best_mixing()
        assert moved.value >= best.value * (1.0 - 1e-9)
