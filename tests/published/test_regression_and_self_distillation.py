"""Published results on distillation and regression that the library contains as special cases (docs/theory.md §8)."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

import lingauss as lg
from lingauss import atlas


def deterministic(penalty):
    return lg.Ridge(penalty, 0.0)


def self_distilled(s, w, penalty, noise, mixing):
    problem = lg.Problem.from_spectrum(s, np.square(w), n_samples=10, label_noise=noise)
    learner = deterministic(penalty)
    return lg.Distillation(problem, learner, learner, temperature=0.0, mixing=mixing)


def test_one_step_self_distillation_of_pareek_du_and_oh():
    """Pareek, Du & Oh 2024 and Das & Sanghavi 2023: the best share of soft labels, and its risk."""
    s, w, penalty, noise = np.array([4.0, 1.0, 0.25]), np.array([1.0, -1.0, 0.5]), 0.5, np.sqrt(0.3)
    curvature = np.sum(s**2 * (noise**2 + s * w**2) / (s + penalty) ** 4)
    best = np.sum(s**2 * (noise**2 - penalty * w**2) / (s + penalty) ** 3) / (penalty * curvature)

    def risk(mixing):
        return 10 * self_distilled(s, w, penalty, noise, mixing).excess_risk().student

    (printed,) = (target for target in atlas.entry("das2023").targets if target.at == {"noise": 0.3})
    assert best == pytest.approx(printed.number, abs=printed.tolerance)
    assert risk(0.0) == pytest.approx(0.5919753, abs=1e-7)
    assert risk(best) == pytest.approx(0.5825323, abs=1e-7)
    assert 10 * self_distilled(s, w, penalty, noise, best).excess_risk().teacher == pytest.approx(risk(0.0))
    assert risk(best) < min(risk(best + 1e-3), risk(best - 1e-3))


def test_self_distillation_helps_unless_the_penalty_is_already_optimal():
    """The best share is 0 exactly where the ridge risk is stationary: equal powers give λ* = ν²/|w|²."""
    s, w = np.array([3.0, 1.0, 0.5]), np.ones(3)

    def risk(mixing):
        return self_distilled(s, w, 0.36, 0.6, mixing).excess_risk().student

    assert risk(0.0) < min(risk(0.05), risk(-0.05))


def test_repeated_self_distillation_of_borup_and_andersen_is_ridge_of_a_larger_penalty():
    """Borup & Andersen 2021: infinitely many rounds with true-label weight α are ridge with penalty λ/α."""
    rng = np.random.default_rng(0)
    X, W = rng.standard_normal((12, 3)), rng.standard_normal((2, 3))
    problem = lg.Problem.from_inputs(X, truth=W, label_noise=0.5)
    learner, weight = deterministic(0.8), 0.3
    case = lg.Distillation(problem, learner, learner, temperature=0.0, mixing=1 - weight)
    for _ in range(400):
        case = case.replace(teacher=case.student_channel)
    limit = deterministic(0.8 / weight).channel(problem.gramian, 0.5)
    assert_allclose(case.student_channel.A, limit.A, rtol=1e-12)
    assert_allclose(case.gaps().student, 2 * 0.25 * 2 / 12 * np.trace(problem.gram @ limit.A), rtol=1e-12)


def test_reduced_rank_regression_of_izenman():
    """Izenman 1975: the best fit of rank r leaves an excess residual sum of squares Σ_{j>r} σ_j²(X B_OLS)."""
    rng = np.random.default_rng(5)
    X, noise = rng.standard_normal((20, 5)), 0.7
    Y = X @ rng.standard_normal((5, 4)) + noise * rng.standard_normal((20, 4))
    problem = lg.Problem.from_data(X, Y, label_noise=noise, center=False)
    least_squares = np.linalg.lstsq(X, Y, rcond=None)[0]
    singular = np.linalg.svd(X @ least_squares, compute_uv=False)
    outputs = np.linalg.svd(X @ least_squares, full_matrices=False)[2]
    base = np.sum(np.square(Y - X @ least_squares))
    for rank in range(1, 5):
        excess = np.sum(np.square(singular[rank:]))
        span = np.linalg.qr(least_squares @ outputs[:rank].T)[0]
        case = lg.Distillation(
            problem, lg.Ridge(0.0), deterministic(0.0), lg.Subspace(span), floor=0.0, temperature=0.0, mixing=0.0
        )
        fitted = case.student_predictor.at(problem.observed).mean
        assert_allclose(np.sum(np.square(Y - X @ fitted.T)) - base, excess, rtol=1e-9, atol=1e-9)
        # the ledger's mean column is that excess in units of twice the noise variance
        assert_allclose(case.divergence().cells[:, 0].sum(), excess / (2 * noise**2), rtol=1e-9, atol=1e-12)
        other = case.replace(bottleneck=lg.Subspace(rng.standard_normal((5, rank))))
        assert other.divergence().cells[:, 0].sum() >= excess / (2 * noise**2) * (1 - 1e-9)


def test_existence_theorem_of_hoerl_and_kennard():
    """Hoerl & Kennard 1970: every penalty up to ν²/max w² beats least squares in mean squared error."""
    rng = np.random.default_rng(6)
    for _ in range(20):
        X, w = rng.standard_normal((8, 3)), rng.standard_normal(3)
        problem = lg.Problem.from_inputs(X, truth=w, label_noise=0.9, test_cov=np.eye(3))
        rotated = problem.eigenbasis.rotate(np.atleast_2d(w))

        def mse(penalty, problem=problem):
            return lg.Distillation(problem, deterministic(penalty), lg.Ridge(1.0)).excess_risk().teacher

        assert mse(0.0) == pytest.approx(0.81 * np.sum(1 / problem.eigenbasis.eigenvalues))
        threshold = 0.81 / np.max(np.square(rotated))
        assert mse(threshold) < mse(0.0)
        assert mse(0.5 * threshold) < mse(0.0)


def test_leave_one_out_residuals_of_allen():
    """Allen 1974 (PRESS), Golub, Heath & Wahba 1979: a left-out residual is the residual over 1 − leverage."""
    rng = np.random.default_rng(7)
    X, Y = rng.standard_normal((9, 3)), rng.standard_normal((9, 2))
    ridge = lg.Ridge(0.7)

    def fit(rows, labels):
        problem = lg.Problem.from_data(rows, labels, label_noise=1.0, center=False)
        return ridge.channel(problem.gramian, 1.0).at(problem.observed).mean

    channel = ridge.channel(lg.Problem.from_inputs(X, label_noise=1.0).gramian, 1.0)
    leverage = np.sum((X @ channel.A) * X, axis=1)
    residuals = Y - X @ fit(X, Y).T
    for i in range(9):
        left = np.delete(np.arange(9), i)
        assert_allclose(Y[i] - fit(X[left], Y[left]) @ X[i], residuals[i] / (1 - leverage[i]), rtol=1e-10)


@pytest.mark.parametrize("ratio", [0.25, 0.5, 0.8])
def test_high_dimensional_least_squares_risk_of_hastie_et_al(ratio):
    """Hastie, Montanari, Rosset & Tibshirani 2022: isotropic features, d/n → γ < 1: excess risk ν²γ/(1 − γ)."""
    rng = np.random.default_rng(8)
    n = 600
    d = int(ratio * n)
    problem = lg.Problem.from_inputs(
        rng.standard_normal((n, d)), truth=np.zeros(d), label_noise=1.0, test_cov=np.eye(d)
    )
    risk = lg.Distillation(problem, deterministic(0.0), lg.Ridge(1.0)).excess_risk().teacher
    assert_allclose(risk, ratio / (1 - ratio), rtol=0.03)


def test_high_dimensional_optimal_ridge_of_dobriban_and_wager():
    """Dobriban & Wager 2018: with signal α² the best penalty is nγν²/α², and the risk is ν²γ m(−γν²/α²).

    m is the Stieltjes transform of the Marchenko–Pastur law.
    """
    rng = np.random.default_rng(9)
    n, d, strength = 800, 400, 2.0
    ratio, z = d / n, d / n / strength
    signal = np.full(d, strength / d)
    X = rng.standard_normal((n, d))
    values, vectors = np.linalg.eigh(X.T @ X)
    problem = lg.Problem.from_spectrum(values, signal, n_samples=n, label_noise=1.0, test_cov=np.eye(d))
    assert vectors.shape == (d, d)

    def risk(penalty):
        return lg.Distillation(problem, deterministic(penalty), lg.Ridge(1.0)).excess_risk().teacher

    stieltjes = (-(1 - ratio + z) + np.sqrt((1 - ratio + z) ** 2 + 4 * ratio * z)) / (2 * ratio * z)
    assert_allclose(risk(n * z), ratio * stieltjes, rtol=0.02)
    assert risk(n * z) <= min(risk(0.9 * n * z), risk(1.1 * n * z))
