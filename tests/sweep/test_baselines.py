"""Baselines are the risks of designs that can be built by hand, and no ridge penalty beats the tuned one."""

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose

import lingauss as lg
from lingauss.errors import MissingTruthError
from lingauss.ledgers.tuned_ridge import RidgeRisk

RNG = np.random.default_rng(5)
X, W = RNG.normal(size=(12, 4)), RNG.normal(size=(2, 4))
SHIFTED = np.diag([1.0, 3.0, 0.5, 2.0])
PROBLEMS = {
    "spectrum": lg.Problem.from_spectrum([9.0, 4.0, 1.0, 0.0], [1.0, 0.0, 2.0, 1.0], n_samples=10, label_noise=0.7),
    "inputs": lg.Problem.from_inputs(X, W, label_noise=0.6),
    "test inputs of their own": lg.Problem.from_inputs(X, W, label_noise=0.6, test_cov=SHIFTED),
    "centred plug-in": lg.Problem.from_data(X, X @ W.T + 0.3 * RNG.normal(size=(12, 2))).plug_in(),
}
TEACHERS = [lg.Ridge(3.0), lg.NoisyGradientDescent(20, 0.01, penalty=1.0)]
PENALTIES = np.geomspace(1e-4, 1e5, 400)


@pytest.fixture(params=PROBLEMS.values(), ids=list(PROBLEMS))
def problem(request):
    return request.param


@pytest.mark.parametrize("teacher", TEACHERS, ids=lambda teacher: type(teacher).__name__)
@pytest.mark.parametrize("bottleneck", [None, lg.Principal(2), lg.Best(2)], ids=["all", "Principal", "Best"])
def test_baselines_are_risks_of_designs_without_distillation(problem, teacher, bottleneck):
    if isinstance(bottleneck, lg.Best) and problem.test_covariance is not None:
        pytest.skip("directions have no costs of their own")
    case = lg.Distillation(problem, teacher, lg.Ridge(0.5, temperature=0.5), bottleneck, mixing=1.5, draws=2)
    found, risk = case.baselines(), case.excess_risk()
    assert (found.student, found.teacher) == (risk.student, risk.teacher)
    same = lg.Selected(case.retained_directions.tolist())
    assert_allclose(found.hard_labels, case.replace(bottleneck=same, mixing=0.0).excess_risk().student, rtol=1e-12)
    law = teacher.channel(problem.gramian, problem.label_noise)
    mean = lg.Channel(law.A, np.zeros_like(law.cov))
    assert_allclose(found.mean_teacher, lg.Distillation(problem, mean).excess_risk().teacher, rtol=1e-9)
    tuned = lg.Distillation(problem, lg.Ridge(found.tuned_penalty, temperature=0.0)).excess_risk().teacher
    assert_allclose(found.tuned_teacher, tuned, rtol=1e-9)


def test_no_ridge_penalty_predicts_better_than_the_tuned_one(problem):
    case = lg.Distillation(problem, teacher=lg.Ridge(temperature=0.0))
    tried = case.sweep(teacher_penalty=PENALTIES, quantities=("teacher_excess_risk",))["teacher_excess_risk"]
    least = case.baselines().tuned_teacher
    assert least <= float(tried.min()) * (1.0 + 1e-12)
    assert_allclose(least, float(tried.min()), rtol=1e-3)


def test_isotropic_ridge_is_best_at_noise_over_signal():
    for scale in (1e-150, 1.0, 1e150):  # s → c s with |w|² → |w|²/c leaves the risk as it is
        problem = lg.Problem.from_spectrum([2.0 * scale] * 3, [5.0 / scale] * 3, n_samples=9, label_noise=0.4)
        found = lg.Distillation(problem).baselines()
        assert_allclose(found.tuned_penalty, 0.16 / 5.0 * scale, rtol=1e-4)
        assert_allclose(found.tuned_teacher, 3 / 9 * 0.16 * 10.0 / (10.0 + 0.16), rtol=1e-9)


def test_nothing_to_learn_is_best_left_alone():
    problem = lg.Problem.from_spectrum([2.0, 1.0], [0.0, 0.0], n_samples=9, label_noise=0.4)
    found = lg.Distillation(problem).baselines()
    assert (found.tuned_penalty, found.tuned_teacher) == (math.inf, 0.0)
    assert "tuned ridge teacher, λ = inf" in repr(found)


def test_risks_by_direction_add_up_to_the_baselines():
    case = lg.Distillation(PROBLEMS["spectrum"], lg.Ridge(3.0), lg.Ridge(0.5), lg.Best(2), mixing=1.5, draws=2)
    sums, found = case.by_direction().sum(), case.baselines()
    for name in ("student", "teacher", "hard_labels", "mean_teacher", "tuned_teacher"):
        assert_allclose(sums[f"{name}_excess_risk"], getattr(found, name), rtol=1e-12)
    row = lg.compare({"a": case}).loc["a"]
    assert row["tuned_teacher_excess_risk"] == found.tuned_teacher
    assert_allclose(RidgeRisk(case.problem).by_direction(2.0).sum(), RidgeRisk(case.problem)(2.0))


def test_students_that_see_no_true_labels_have_no_baseline_on_them():
    problem = PROBLEMS["inputs"]
    channel = lg.Ridge(1.0).channel(problem.gramian, problem.label_noise)
    given = lg.Distillation.from_channels(problem, channel, channel)
    transfer = lg.Distillation(problem, transfer=lg.Moments.from_data(RNG.normal(size=(20, 4)), center=False))
    for case in (given, transfer):
        found = case.baselines()
        assert found.hard_labels is None
        assert "hard_labels" not in found.to_frame().index


def test_baselines_need_a_truth_and_say_which_risk_they_compare():
    with pytest.raises(MissingTruthError, match="excess risks"):
        lg.Distillation(lg.Problem.from_inputs(X, label_noise=1.0)).baselines()
    told = {name: lg.Distillation(problem).baselines().risk for name, problem in PROBLEMS.items()}
    assert "training inputs" in told["inputs"]
    assert "test_cov" in told["test inputs of their own"]
    assert "training inputs" in lg.Distillation(PROBLEMS["inputs"]).baselines()._repr_html_()
