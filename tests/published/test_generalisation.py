"""Published generalisation gaps and bounds that the library must contain as special cases (docs/theory.md §8)."""

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose

import lingauss as lg
from lingauss import atlas
from lingauss.ledgers.laws import DenseWeights, individual_information, lautum_information, mutual_information


def gaussian_mean(n, k, variance, teacher, truth=None):
    """Mean estimation of n observations in R^k as regression on a column of ones."""
    weights = np.zeros((k, 1)) if truth is None else truth
    problem = lg.Problem.from_inputs(np.ones((n, 1)), truth=weights, label_noise=math.sqrt(variance))
    return lg.Distillation(problem, teacher, lg.Ridge(1.0))


def test_empirical_risk_minimisation_of_a_gaussian_mean():
    """Bu, Zou & Veeravalli 2020, section IV: gen = 2σ²k/n."""
    assert gaussian_mean(10, 3, 2.0, lg.Ridge(0.0, 0.0)).gaps().teacher == pytest.approx(1.2, rel=1e-14)


def test_cumulant_function_of_the_gaussian_mean():
    case = gaussian_mean(10, 2, 1.0, lg.Ridge(0.0, 0.0))
    value = case.gap_cgf(-0.8)
    assert value == pytest.approx(-0.179240, abs=1e-6)
    assert -value / (0.8 * case.gaps().teacher) == pytest.approx(0.560124, abs=1e-6)
    row = case.bounds(eta=0.8)["unconditional central condition"]
    assert row.holds
    assert "c = 0.5601" in row.why
    # kσ² less a χ² of k(n − 1) degrees over n, plus one of k degrees over n: by hand
    exact = -0.8 * 2 * 1.0 - 0.5 * 9 * 2 * math.log(1 - 2 * 0.8 / 10) - 0.5 * 2 * math.log(1 + 2 * 0.8 / 10)
    assert value == pytest.approx(exact, rel=1e-12)


def test_individual_sample_bound_of_bu_zou_and_veeravalli():
    """Bu, Zou & Veeravalli 2020: I(W; Z_i) = (d/2) log(n/(n−1)), gen ≤ σ²d √(2(n+1)²/n² log(n/(n−1)))."""
    n, k, variance = 10, 3, 2.0
    case = gaussian_mean(n, k, variance, lg.Ridge(0.0, 0.0))
    rows = np.ones((n, 1))
    nats = individual_information(DenseWeights(case.problem, case.teacher_channel), rows)
    assert_allclose(nats, k / 2 * math.log(n / (n - 1)), rtol=1e-12)
    published = variance * k * math.sqrt(2 * (n + 1) ** 2 / n**2 * math.log(n / (n - 1)))
    bound = case.bounds(rows=rows)["teacher individual-sample mutual information"]
    assert bound.holds
    assert bound.exact_gap == pytest.approx(2 * variance * k / n)
    one, entry = gaussian_mean(n, 1, 1.0, lg.Ridge(0.0, 0.0)), atlas.entry("bu2020")
    known = {target.variable: target for target in entry.targets}
    tighter = one.bounds(rows=rows)["teacher individual-sample mutual information"].value
    assert one.gaps().teacher == pytest.approx(known["gap"].number, rel=1e-12)
    assert tighter == pytest.approx(known["sharp"].number, abs=known["sharp"].tolerance)
    assert published / (variance * k) == pytest.approx(known["published"].number, abs=known["published"].tolerance)
    # the cumulant form can only be tighter than its quadratic relaxation
    assert bound.exact_gap < bound.value <= published
    assert bound.value > 0.8 * published
    size = variance * (n + 1) / n
    cost = [
        (nats[0] + k / 2 * (2 * lam * size - math.log1p(2 * lam * size))) / lam for lam in np.geomspace(1e-3, 10, 20001)
    ]
    assert_allclose(bound.value, min(cost), rtol=1e-6)


def test_mutual_information_bound_of_xu_and_raginsky_is_vacuous_for_a_deterministic_learner():
    """Noted by Bu, Zou & Veeravalli 2020: I(D; W) = ∞ while the single-sample bound is finite."""
    bounds = gaussian_mean(10, 3, 2.0, lg.Ridge(0.0, 0.0)).bounds(rows=np.ones((10, 1)))
    assert bounds["teacher mutual information"].value == math.inf
    assert bounds["teacher individual-sample mutual information"].value < math.inf


def test_mutual_information_is_that_of_parallel_gaussian_channels():
    """Shannon 1948; Cover & Thomas, theorem 9.4.1: Σ ½ log(1 + signal/noise), per output."""
    s, omega, penalty, nu = np.array([5.0, 2.0, 0.1]), 0.7, 0.4, 1.3
    problem = lg.Problem.from_spectrum(s, np.ones(3), n_samples=9, label_noise=nu, outputs=2)
    case = lg.Distillation(problem, lg.Ridge(penalty, omega / nu**2))
    expected = np.sum(np.log1p(nu**2 * s / (omega * (s + penalty))))
    assert_allclose(case.mutual_information().teacher, expected, rtol=1e-12)


def test_gibbs_mean_estimation_of_aminian_et_al():
    """Aminian, Bu, Toni, Rodrigues & Wornell 2021: prior N(0, σ₀²), weight e^{−γL}: gen and I_SKL/γ in closed form."""
    n, k, variance, prior, gamma = 10, 3, 2.0, 1.5, 0.7
    penalty, dispersion = n / (2 * gamma * prior), n / (2 * gamma)
    case = gaussian_mean(n, k, variance, lg.Ridge(penalty, dispersion / variance))
    closed = 2 * k * prior * variance / (n * (prior + 1 / (2 * gamma)))
    assert closed == pytest.approx(0.812903, abs=1e-6)
    assert case.gaps().teacher == pytest.approx(closed, rel=1e-13)
    row = case.bounds()["Gibbs symmetrised KL"]
    assert row.holds
    assert row.value == pytest.approx(closed, rel=1e-13)
    assert case.teacher_channel.cov[0, 0] == pytest.approx(prior / (2 * gamma) / (prior + 1 / (2 * gamma)))


def test_gibbs_identity_holds_for_every_ridge_posterior():
    """Aminian et al. 2021, theorem 1: gen = I_SKL(W; S)/γ; the two informations are computed from joint laws here."""
    rng = np.random.default_rng(0)
    for _ in range(10):
        X, W = rng.standard_normal((7, 3)), rng.standard_normal((2, 3))
        problem = lg.Problem.from_inputs(X, truth=W, label_noise=0.7)
        case = lg.Distillation(problem, lg.Ridge(0.4, 1.9))
        A, V, G = case.teacher_channel.A, case.teacher_channel.cov, problem.gram
        cov = 0.49 * G
        block = np.block([[cov, cov @ A.T], [A @ cov, A @ cov @ A.T + V]])
        product = np.block([[cov, np.zeros((3, 3))], [np.zeros((3, 3)), A @ cov @ A.T + V]])
        joint, independent = lg.Gaussian(np.zeros((2, 6)), block), lg.Gaussian(np.zeros((2, 6)), product)
        assert_allclose(
            mutual_information(DenseWeights(problem, case.teacher_channel)), lg.kl(joint, independent), rtol=1e-8
        )
        assert_allclose(
            lautum_information(DenseWeights(problem, case.teacher_channel)), lg.kl(independent, joint), rtol=1e-8
        )
        gamma = 7 / (2 * 1.9 * 0.49)
        assert_allclose(case.gaps().teacher, lg.jeffreys(joint, independent) / gamma, rtol=1e-8)
        assert_allclose(case.bounds()["Gibbs symmetrised KL"].value, case.gaps().teacher, rtol=1e-12)


def test_optimism_of_efron_and_mallows():
    """Mallows 1973, Efron 1986: 2ν²k/n times the effective degrees of freedom."""
    rng = np.random.default_rng(1)
    X, W = rng.standard_normal((15, 4)), rng.standard_normal((3, 4))
    s = np.linalg.svd(X, compute_uv=False) ** 2
    for penalty in (0.0, 0.3, 5.0):
        case = lg.Distillation(lg.Problem.from_inputs(X, truth=W, label_noise=0.6), lg.Ridge(penalty, 0.0))
        assert_allclose(case.gaps().teacher, 2 * 0.36 * 3 / 15 * np.sum(s / (s + penalty)), rtol=1e-12)


def test_unbiased_risk_estimate_of_stein():
    """Stein 1981: RSS/n − kν² plus the optimism is unbiased for the in-sample excess risk of a linear smoother."""
    rng = np.random.default_rng(2)
    X, W, noise = rng.standard_normal((12, 3)), rng.standard_normal((2, 3)), 0.8
    case = lg.Distillation(lg.Problem.from_inputs(X, truth=W, label_noise=noise), lg.Ridge(1.5, 0.0))
    estimates = []
    for _ in range(4000):
        Y = X @ W.T + noise * rng.standard_normal((12, 2))
        fitted = X @ case.teacher_channel.at(Y.T @ X).mean.T
        estimates.append(np.sum(np.square(Y - fitted)) / 12 - 2 * noise**2 + case.gaps().teacher)
    error = np.std(estimates, ddof=1) / math.sqrt(len(estimates))
    assert abs(np.mean(estimates) - case.excess_risk().teacher) < 4 * error


def test_random_design_least_squares_gap_of_breiman_and_freedman():
    """Breiman & Freedman 1983: for Gaussian inputs the expected excess risk is ν²kd/(n − d − 1)."""
    rng = np.random.default_rng(3)
    n, d, k = 14, 3, 2
    root = rng.standard_normal((d, d))
    risks = []
    for _ in range(2000):
        X = rng.standard_normal((n, d)) @ root.T
        problem = lg.Problem.from_inputs(X, truth=np.zeros((k, d)), label_noise=0.5, test_cov=root @ root.T)
        risks.append(lg.Distillation(problem, lg.Ridge(0.0, 0.0), lg.Ridge(1.0)).excess_risk().teacher)
    error = np.std(risks, ddof=1) / math.sqrt(len(risks))
    assert abs(np.mean(risks) - 0.25 * k * d / (n - d - 1)) < 4 * error
