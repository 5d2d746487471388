"""Families of designs whose ledger is known in advance (docs/theory.md §4.4 and §5)."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

import lingauss as lg
from lingauss.errors import TiedSpectrumWarning
from lingauss.model.bottleneck import complement
from lingauss.testing import bottlenecks, distillations, numbers, problems, rotations

ignore_ties = pytest.mark.filterwarnings("ignore::lingauss.errors.TiedSpectrumWarning")


@given(problems(), numbers(minimum=0.25, maximum=4.0), numbers(minimum=0.25, maximum=4.0), st.integers(1, 7))
def test_lossless_family_costs_nothing(problem, penalty, temperature, eighths):
    """m = 1, r = d, λ_S = (1−ξ)λ_T, τ_S = (1−ξ)τ_T, τν² = ((1−ξ)/ξ) τ_Tσ²: K = 0 for every X, W*, t."""
    mixing = eighths / 8
    case = lg.Distillation(
        problem,
        teacher=lg.Ridge(penalty, temperature),
        student=lg.Ridge((1 - mixing) * penalty, (1 - mixing) * temperature),
        temperature=(1 - mixing) / mixing * temperature,
        mixing=mixing,
    )
    assert case.divergence().total < 1e-25
    assert case.replace(bottleneck=lg.Subspace(np.eye(problem.n_features))).divergence().total < 1e-20
    assert case.replace(temperature=case.temperature + 0.5).divergence().total > 1e-12


@given(problems(modes=("averaged", "observed")), numbers(minimum=0.5, maximum=4.0), st.integers(-4, 7))
def test_mixing_that_matches_the_penalties_removes_bias_and_label_noise(problem, penalty, eighths):
    """κ = (1−ξ)λ_T − λ_S = 0 zeroes both in every direction at once."""
    mixing = eighths / 8
    case = lg.Distillation(
        problem, teacher=lg.Ridge(penalty), student=lg.Ridge((1 - mixing) * penalty), mixing=mixing, temperature=3.0
    )
    assert case.divergence().cells[0, :2].sum() == 0.0


@given(distillations(spectral=True, modes=("averaged",)))
def test_gain_difference_obeys_the_kappa_identity(case):
    """b g − a = κ s / ((s + λ_T)(s + λ_S)), against channels built independently of it."""
    basis = case.problem.eigenbasis
    s, kept = basis.eigenvalues, case.retained_directions
    difference = basis.vectors.T @ (case.student_predictor.A - case.teacher_channel.A) @ basis.vectors
    teacher, student = case.teacher.penalty, case.student.penalty
    kappa = (1 - case.mixing) * teacher - student
    expected = kappa / ((s + teacher) * (s + student))
    assert_allclose(np.diag(difference)[kept], expected[kept], atol=1e-10)


@ignore_ties
@given(problems(), numbers(minimum=0.25, maximum=4.0), st.data())
def test_hard_student_without_distillation_is_the_conditioned_teacher(problem, penalty, data):
    """ξ = 0, equal learners: the student is the teacher given that its discarded weights are 0, for any subspace."""
    bottleneck = data.draw(bottlenecks(features=problem.n_features))
    learner = lg.Ridge(penalty)
    case = lg.Distillation(problem, learner, learner, bottleneck, floor=0.0, mixing=0.0)
    ledger = case.divergence()
    total = np.where(np.isfinite(ledger.cells), ledger.cells, 0.0).sum()
    assert ledger.bias + ledger.cells[0, 1] + ledger.cells[0, 2] <= 1e-18 * (1 + total)
    kept, dropped = case.basis, complement(case.basis)
    if 0 < case.rank < problem.n_features:
        assert ledger.total == np.inf
        t = np.ones((problem.outputs, problem.n_features))
        rotated = lg.Channel(np.hstack([dropped, kept]).T, np.zeros((problem.n_features,) * 2))
        teacher = rotated.push(case.teacher_channel.at(t))
        discarded = list(range(dropped.shape[1]))
        conditioned = teacher.condition(discarded, np.zeros((problem.outputs, len(discarded))))
        student = case.student_channel.at(t)
        assert_allclose(student.mean @ kept, conditioned.mean, atol=1e-9)
        assert_allclose(kept.T @ student.cov @ kept, conditioned.cov, atol=1e-10)


@given(distillations(max_features=4, modes=("averaged",)), st.data())
def test_ledger_does_not_depend_on_the_coordinates(case, data):
    """Rotating inputs, truth and subspace together changes nothing."""
    rotation = data.draw(rotations(dim=case.problem.n_features))
    problem = lg.Problem.from_gram(
        rotation.T @ case.problem.gram @ rotation,
        n_samples=case.problem.n_samples,
        truth=case.problem.truth.mean @ rotation,
        label_noise=case.problem.label_noise,
    )
    plain = case.replace(bottleneck=lg.Subspace(case.basis)).divergence()
    turned = case.replace(problem=problem, bottleneck=lg.Subspace(rotation.T @ case.basis)).divergence()
    assert_allclose(turned.cells, plain.cells, rtol=1e-8, atol=1e-10 * (1 + plain.total))


def test_tied_directions_are_kept_by_signal_and_the_ambiguity_is_announced():
    problem = lg.Problem.from_spectrum([2.0, 2.0, 1.0], [0.25, 4.0, 1.0], n_samples=9, label_noise=0.5)
    case = lg.Distillation(problem, bottleneck=lg.Principal(1))
    with pytest.warns(TiedSpectrumWarning, match="rank 1 cuts through equal eigenvalues"):
        ledger = case.divergence()
    assert_allclose(case.basis[:, 0], [0.0, 1.0, 0.0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert case.replace(rank=2).divergence().total < ledger.total


def test_tied_directions_of_a_dense_gram_turn_to_the_truth():
    truth = np.array([[3.0, 4.0, 0.0]])
    problem = lg.Problem.from_gram(2.0 * np.eye(3), n_samples=9, truth=truth, label_noise=0.5)
    case = lg.Distillation(problem, bottleneck=lg.Principal(1))
    assert_allclose(np.abs(case.basis[:, 0]), [0.6, 0.8, 0.0], atol=1e-12)


def test_observed_ties_turn_to_the_statistic():
    problem = lg.Problem.from_gram(2.0 * np.eye(2), n_samples=9, label_noise=0.5).with_statistic([[0.0, 1.0]])
    assert_allclose(np.abs(lg.Distillation(problem, bottleneck=lg.Principal(1)).basis[:, 0]), [0.0, 1.0], atol=1e-12)
