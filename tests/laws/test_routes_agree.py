"""Two routes to every number: dense algebra and eigenbasis against an independent label-space computation."""

import time

import numpy as np
import oracles
import pytest
from bridge import dense, inputs_of, oracle_cells, setting_of
from hypothesis import given, settings
from numpy.testing import assert_allclose

import lingauss as lg
from lingauss.testing import distillations

pytestmark = pytest.mark.filterwarnings("ignore::lingauss.errors.TiedSpectrumWarning")

ORACLE_ROUNDING = 1e-11  # the oracles subtract traces and determinants of order k (d + n) in float64


def assert_same(ours, theirs, scale):
    assert_allclose(ours, theirs, rtol=0, atol=1e-9 * scale + ORACLE_ROUNDING)


@settings(max_examples=300)
@given(distillations(max_features=12, max_outputs=4))
def test_total_and_cells_agree_with_label_space(case):
    ledger, expected = case.divergence(), oracle_cells(case)
    assert_same(ledger.cells, expected, expected.sum())
    assert_same(ledger.total, expected.sum(), expected.sum())


@settings(max_examples=200)
@given(distillations(max_features=12, modes=("averaged",)))
def test_channels_agree_with_label_space(case):
    X, setting = inputs_of(case), setting_of(case)
    for channel, kernel in (
        (case.teacher_channel, oracles.teacher_kernel(setting)),
        (case.student_channel, oracles.student_kernel(setting)),
        (case.student_predictor, oracles.student_predictor_kernel(setting)),
    ):
        assert_same(X @ channel.A.T, kernel[0], np.abs(kernel[0]).max())
        assert_same(channel.cov, kernel[1], np.abs(kernel[1]).max())


@settings(max_examples=150)
@given(distillations(max_features=8, modes=("averaged",)))
def test_predictions_gaps_risks_and_irreducible_cost_agree_with_label_space(case):
    setting = setting_of(case)
    expected = oracles.prediction_divergence(setting)
    assert_same(case.prediction_divergence().total, expected, expected)
    assert_same(case.divergence().rank_irreducible, oracles.rank_irreducible(setting), oracles.divergence(setting))
    for ours, theirs in ((case.gaps(), oracles.gaps(setting)), (case.excess_risk(), oracles.excess_risk(setting))):
        assert_same([ours.teacher, ours.student], theirs, max(theirs))


@settings(max_examples=200)
@given(distillations(max_features=12, spectral=True, hard=True, singular=True))
def test_dense_and_eigenbasis_ledgers_agree(case):
    for eigen, plain in (
        (case.divergence(), dense(case).divergence()),
        (case.prediction_divergence(), dense(case).prediction_divergence()),
        (case.reverse_divergence(), dense(case).reverse_divergence()),
    ):
        finite = np.where(np.isfinite(eigen.cells), eigen.cells, 0.0).sum()
        assert_allclose(plain.cells, eigen.cells, rtol=0, atol=1e-10 * finite + 1e-12)
        assert_allclose(plain.rank_irreducible, eigen.rank_irreducible, rtol=0, atol=1e-10 * finite + 1e-12)


@given(distillations(max_features=4, modes=("averaged",)))
def test_any_test_covariance_agrees_with_label_space(case):
    spread = np.diag(np.arange(1.0, case.problem.n_features + 1.0)) + 0.5
    problem = lg.Problem.from_gram(
        case.problem.gram,
        n_samples=case.problem.n_samples,
        truth=case.problem.truth.mean,
        label_noise=case.problem.label_noise,
        test_cov=spread,
    )
    moved, setting = case.replace(problem=problem), setting_of(case)
    for ours, theirs in (
        (moved.gaps(), oracles.gaps(setting, spread)),
        (moved.excess_risk(), oracles.excess_risk(setting, spread)),
    ):
        assert_same([ours.teacher, ours.student], theirs, np.abs(theirs).max())
    expected = oracles.prediction_divergence(setting, np.linalg.cholesky(problem.n_samples * spread).T)
    assert_same(moved.prediction_divergence().total, expected, expected)


def test_a_dense_problem_of_512_features_takes_seconds():
    rng = np.random.default_rng(0)
    X, W = rng.standard_normal((600, 512)), rng.standard_normal((3, 512))
    problem = lg.Problem.from_inputs(X, truth=W, label_noise=0.5)
    basis = np.linalg.qr(rng.standard_normal((512, 200)))[0]
    start = time.perf_counter()
    ledger = lg.Distillation(problem, bottleneck=lg.Subspace(basis), mixing=0.5).divergence()
    assert np.isfinite(ledger.total)
    assert time.perf_counter() - start < 60
