"""Published closed forms for two Gaussians (docs/theory.md §8)."""

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose

import lingauss as lg

FIRST = lg.Gaussian([1.0, -1.0], [[2.0, 0.5], [0.5, 1.0]])
SECOND = lg.Gaussian([0.0, 0.0], [[1.0, -0.3], [-0.3, 1.5]])


def test_two_gaussians():
    """Gelbrich 1990 and Dowson & Landau 1982 for the distance, Kullback 1959, Gil, Alajaji & Linder 2013."""
    assert lg.wasserstein2(FIRST, SECOND) == pytest.approx(2.4634712, abs=1e-7)
    assert lg.kl(FIRST, SECOND) == pytest.approx(1.0905685, abs=1e-7)
    assert lg.renyi(FIRST, SECOND, 0.5) == pytest.approx(0.5671007, abs=1e-7)


def test_bhattacharyya_distance_of_kailath_is_half_of_order_one_half():
    """Kailath 1967: ⅛ΔᵀC̄⁻¹Δ + ½ log(|C̄|/√(|C₁||C₂|)), C̄ the mean covariance; e to minus it is the affinity."""
    mean = (FIRST.cov + SECOND.cov) / 2
    shift = FIRST.mean - SECOND.mean
    dets = [np.linalg.det(c) for c in (mean, FIRST.cov, SECOND.cov)]
    distance = shift @ np.linalg.solve(mean, shift) / 8 + 0.5 * math.log(dets[0] / math.sqrt(dets[1] * dets[2]))
    assert_allclose(lg.renyi(FIRST, SECOND, 0.5), 2 * distance, rtol=1e-12)
    affinity = (dets[1] * dets[2]) ** 0.25 / math.sqrt(dets[0]) * math.exp(-shift @ np.linalg.solve(mean, shift) / 8)
    assert_allclose(math.exp(-lg.renyi(FIRST, SECOND, 0.5) / 2), affinity, rtol=1e-12)


def test_chi_square_divergence_is_order_two():
    """Van Erven & Harremoës 2014: χ²(p ‖ q) = exp D₂ − 1; for equal variances exp(Δ²/σ²) − 1."""
    p, q = lg.Gaussian([0.7], [[2.0]]), lg.Gaussian([0.0], [[2.0]])
    assert_allclose(math.expm1(lg.renyi(p, q, 2.0)), math.expm1(0.49 / 2.0), rtol=1e-12)
    for order in (0.2, 0.5, 3.0):
        assert_allclose(lg.renyi(p, q, order), order * 0.49 / 4, rtol=1e-12)


def test_distance_of_commuting_covariances_is_that_of_their_roots():
    """Dowson & Landau 1982: tr (C₁^½ − C₂^½)²."""
    turn = np.linalg.qr(np.random.default_rng(0).standard_normal((3, 3)))[0]
    a, b = np.array([4.0, 1.0, 0.5]), np.array([1.0, 9.0, 0.5])
    p, q = (lg.Gaussian(np.zeros(3), turn * c @ turn.T) for c in (a, b))
    assert_allclose(lg.wasserstein2(p, q), np.sum(np.square(np.sqrt(a) - np.sqrt(b))), rtol=1e-12)


def test_transport_inequality_of_talagrand():
    """Talagrand 1996: W₂²(p, N(0, I)) ≤ 2 KL(p ‖ N(0, I)), with equality for a shift."""
    rng = np.random.default_rng(1)
    standard = lg.Gaussian(np.zeros(3), np.eye(3))
    for _ in range(50):
        root = rng.standard_normal((3, 3))
        p = lg.Gaussian(rng.standard_normal(3), root @ root.T)
        assert lg.wasserstein2(p, standard) <= 2 * lg.kl(p, standard)
    shifted = lg.Gaussian([1.0, 2.0, -1.0], np.eye(3))
    assert_allclose(lg.wasserstein2(shifted, standard), 2 * lg.kl(shifted, standard), rtol=1e-14)
