"""Without a penalty and without spread a singular Gram matrix is no obstacle: the interpolator of minimum norm."""

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose

import lingauss as lg
from lingauss.errors import SingularGramError

NOISE = 0.5
INPUTS = np.random.default_rng(3).normal(size=(5, 8))
TRUTH = np.random.default_rng(4).normal(size=(2, 8))
COLD = lg.Ridge(0.0, temperature=0.0)
ENDLESS = {
    "ridge": COLD,
    "descent": lg.NoisyGradientDescent(math.inf, 0.01, penalty=0.0, temperature=0.0),
    "flow": lg.GradientFlow(math.inf, penalty=0.0, temperature=0.0),
}
PROBLEMS = {
    "dense": lg.Problem.from_inputs(INPUTS, TRUTH, label_noise=NOISE),
    "spectrum": lg.Problem.from_spectrum([4.0, 1.0, 0.5, 0.0, 0.0], np.ones(5), n_samples=3, label_noise=NOISE),
    "test_cov": lg.Problem.from_inputs(INPUTS, TRUTH, label_noise=NOISE, test_cov=np.eye(8)),
}


@pytest.mark.parametrize("learner", ENDLESS.values(), ids=ENDLESS)
def test_minimum_norm_is_the_pseudo_inverse_of_the_inputs(learner):
    problem = PROBLEMS["dense"]
    labels = np.random.default_rng(5).normal(size=(5, 2))
    weights = learner.channel(problem.gramian, NOISE).A @ (labels.T @ INPUTS).T
    assert_allclose(weights, np.linalg.pinv(INPUTS) @ labels, rtol=0, atol=1e-12)


@pytest.mark.parametrize("learner", ENDLESS.values(), ids=ENDLESS)
@pytest.mark.parametrize("problem", PROBLEMS.values(), ids=PROBLEMS)
def test_minimum_norm_is_the_limit_of_cold_ridge(problem, learner):
    # No spread anywhere: a covariance with rounding in null directions would be divided by the square of 1e-8;
    # a gain of 1e8 there leaves 1e-7 of rounding as it is.
    settings = {"teacher": lg.Ridge(0.3, temperature=0.0), "mixing": 0.6, "temperature": 0.0}
    case = lg.Distillation(problem, student=learner, **settings)
    near = lg.Distillation(problem, student=lg.Ridge(1e-8, temperature=0.0), **settings)
    for ours, limit in ((case.excess_risk(), near.excess_risk()), (case.gaps(), near.gaps())):
        assert_allclose(ours.student, limit.student, rtol=1e-6)
        assert ours.teacher == limit.teacher
    assert_allclose(case.prediction_divergence().total, near.prediction_divergence().total, rtol=1e-6)
    assert case.divergence().total == math.inf


def test_minimum_norm_teacher_and_student_agree_by_direction_and_by_matrix():
    problem = PROBLEMS["dense"]
    case = lg.Distillation(problem, teacher=COLD, student=COLD, bottleneck=lg.Principal(3), floor=0.1, temperature=0.0)
    dense = case.replace(bottleneck=lg.Subspace(case.basis))
    for name in ("excess_risk", "gaps"):
        ours, theirs = getattr(case, name)(), getattr(dense, name)()
        assert_allclose([ours.teacher, ours.student], [theirs.teacher, theirs.student], rtol=1e-11)
    assert_allclose(case.prediction_divergence().total, dense.prediction_divergence().total, rtol=1e-9)


def test_minimum_norm_interpolates_and_repeats_itself():
    case = lg.Distillation(PROBLEMS["dense"], teacher=COLD, student=COLD, temperature=0.0)
    assert_allclose(case.excess_risk().student, NOISE**2 * 2, rtol=1e-12)  # as large as the noise it reproduces
    assert case.prediction_divergence().total == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("learner", [COLD, lg.NoisyGradientDescent(math.inf, 0.03, penalty=0.0, temperature=0.0)])
def test_minimum_norm_as_simulated(learner):
    case = lg.Distillation(PROBLEMS["dense"], teacher=lg.Ridge(1.0), student=learner)
    simulated = case.simulate(400, seed=1)
    assert all(abs(simulated.deviations[name]) < 5 for name in ("student_excess_risk", "student_gap"))


@pytest.mark.parametrize("temperature", [1.0, 1e-12])
def test_any_spread_needs_a_penalty(temperature):
    for learner in (
        lg.Ridge(0.0, temperature=temperature),
        lg.GradientFlow(math.inf, penalty=0.0, temperature=temperature),
        lg.NoisyGradientDescent(math.inf, 0.01, penalty=0.0, temperature=temperature),
    ):
        with pytest.raises(SingularGramError, match="temperature"):
            lg.Distillation(PROBLEMS["dense"], student=learner)


def test_no_input_at_all_leaves_the_weights_at_zero():
    problem = lg.Problem.from_spectrum([0.0, 0.0], [1.0, 1.0], n_samples=3, label_noise=NOISE)
    for learner in ENDLESS.values():
        assert lg.Distillation(problem, teacher=learner, student=learner).excess_risk().student == 0.0
