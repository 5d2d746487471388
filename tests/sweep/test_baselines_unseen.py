"""Baselines on drawn inputs: risks of designs built by hand, and of rows that are drawn."""

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose

import lingauss as lg
from lingauss.errors import NotAveragedError

S = np.arange(1, 31.0) ** -1.0
SIGNAL = np.random.default_rng(2).random(30)
PROBLEM = lg.Problem.from_population(S, SIGNAL, n_samples=60, label_noise=0.7, outputs=2)
CASE = lg.Distillation(PROBLEM, lg.Ridge(3.0), lg.Ridge(0.5, temperature=0.5), mixing=1.5, draws=2)
DESIGNS = {
    "all": CASE,
    "Selected": CASE.replace(bottleneck=lg.Selected(range(8))),
    "Principal": CASE.replace(bottleneck=lg.Principal(8)),
    "weak teacher": CASE.replace(teacher_bottleneck=lg.Selected(range(5))),
    "fresh inputs": CASE.replace(transfer=lg.FreshInputs(40)),
}


def of_penalties(problem, penalties):
    cold = lg.Ridge(1.0, temperature=0.0)
    case = lg.Distillation(problem, teacher=cold, student=cold)
    found = case.sweep(teacher_penalty=penalties, quantities=["teacher_excess_risk"])
    return found["teacher_excess_risk"].values


@pytest.mark.parametrize("case", DESIGNS.values(), ids=list(DESIGNS))
def test_baselines_are_averaged_risks_of_designs_without_distillation(case):
    found, risk = case.baselines(), case.excess_risk()
    assert (found.student, found.teacher) == (risk.student, risk.teacher)
    assert found.hard_labels == case.replace(mixing=0.0).excess_risk().student
    assert found.mean_teacher == case.replace(teacher_temperature=0.0).excess_risk().teacher < found.teacher
    assert_allclose(found.tuned_teacher, of_penalties(PROBLEM, [found.tuned_penalty])[0], rtol=1e-12)
    assert "unseen inputs of the population" in found.risk
    assert "unseen inputs of the population" in repr(found)


@pytest.mark.filterwarnings("ignore::lingauss.errors.EquivalentWarning")  # of the smallest penalties that are tried
@pytest.mark.parametrize("n", [12, 30, 31, 60, 400])
@pytest.mark.parametrize("noise", [1e-3, 0.7, 5.0])
def test_no_ridge_penalty_predicts_unseen_rows_better_than_the_tuned_one(n, noise):
    problem = lg.Problem.from_population(S, SIGNAL, n_samples=n, label_noise=noise, outputs=2)
    found = lg.Distillation(problem).baselines()
    tried = of_penalties(problem, np.geomspace(1e-6, 1e5, 400))
    assert found.tuned_teacher <= tried.min() * (1 + 1e-10)
    assert_allclose(found.tuned_teacher, tried.min(), rtol=2e-3)


def test_baselines_are_averages_of_baselines_given_drawn_rows():
    case = DESIGNS["Selected"]
    found, drawn = case.baselines(), case.average_over_inputs(30, seed=4)
    for name in ("student", "teacher", "hard_labels", "mean_teacher"):
        estimate = drawn.of(lambda given, name=name: getattr(given.baselines(), name))
        assert abs(getattr(found, name) - estimate.value) <= max(0.03 * estimate.value, 4 * estimate.standard_error)
    # A penalty tuned to rows at hand can only be better there than the best one on average.
    hindsight = drawn.of(lambda given: given.baselines().tuned_teacher)
    assert 0.9 * found.tuned_teacher < hindsight.value <= found.tuned_teacher + 4 * hindsight.standard_error


def test_isotropic_inputs_are_tuned_at_noise_over_signal_at_any_number_of_rows():
    for n in (10, 40, 200):
        problem = lg.Problem.from_population([2.0] * 40, [5.0] * 40, n_samples=n, label_noise=0.4, outputs=3)
        assert_allclose(lg.Distillation(problem).baselines().tuned_penalty, 3 * 0.16 / 5.0, rtol=1e-4)


def test_minimum_norm_is_best_where_the_signal_follows_the_spectrum_and_labels_are_nearly_exact():
    s = np.concatenate([np.full(5, 100.0), np.ones(400)])
    signal = np.concatenate([np.ones(5), np.zeros(400)])
    problem = lg.Problem.from_population(s, signal, n_samples=50, label_noise=1e-3)
    found = lg.Distillation(problem).baselines()
    assert found.tuned_penalty == 0.0
    assert_allclose(found.tuned_teacher, of_penalties(problem, [0.0])[0], rtol=1e-10)
    assert np.all(np.diff(of_penalties(problem, [0.0, 1e-3, 1.0, 100.0])) > 0)


def test_extremes_of_signal_and_noise_have_their_limits():
    silent = lg.Problem.from_population(S, np.zeros(30), n_samples=9, label_noise=0.4)
    found = lg.Distillation(silent).baselines()
    assert (found.tuned_penalty, found.tuned_teacher) == (math.inf, 0.0)
    for scale in (1e-150, 1e150):  # s → c s with |w|² → |w|²/c leaves the risk as it is
        scaled = lg.Problem.from_population(S * scale, SIGNAL / scale, n_samples=60, label_noise=0.7, outputs=2)
        cold = lg.Distillation(scaled, lg.Ridge(scale), lg.Ridge(scale))
        assert_allclose(cold.baselines().tuned_teacher, CASE.baselines().tuned_teacher, rtol=1e-9)


def test_what_has_no_averaged_risk_has_no_baselines():
    with pytest.raises(NotAveragedError, match=r"GradientFlow as teacher.*average_over_inputs"):
        CASE.replace(teacher=lg.GradientFlow(1.0)).baselines()
