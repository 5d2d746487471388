"""Rényi and Jeffreys divergence and the Wasserstein distance: closed forms against integrals, identities and limits."""

import itertools
import math
import warnings

import mpmath
import numpy as np
import pytest
import scipy.linalg
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.integrate import quad

import lingauss as lg
from lingauss.errors import DomainError, ShapeError
from lingauss.testing import gaussians, rotations


@st.composite
def law_pairs(draw, condition=1e3):
    """Two laws of one shape."""
    first = draw(gaussians(condition=condition))
    return first, draw(gaussians(dim=first.dim, outputs=first.outputs, condition=condition))


def density(law, x):
    return math.exp(-((x - law.mean[0]) ** 2) / (2 * law.cov[0, 0])) / math.sqrt(2 * math.pi * law.cov[0, 0])


@pytest.mark.parametrize("order", [0.1, 0.5, 0.9, 1.5, 2.0])
def test_renyi_is_the_integral_of_its_definition(order):
    p, q = lg.Gaussian([0.4], [[0.7]]), lg.Gaussian([-0.3], [[1.6]])
    integral, _ = quad(lambda x: density(p, x) ** order * density(q, x) ** (1 - order), -15, 15)
    assert_allclose(lg.renyi(p, q, order), math.log(integral) / (order - 1), rtol=1e-9)


@given(law_pairs(), st.sampled_from([0.05, 0.3, 0.5, 0.8, 1.2, 2.0]))
def test_renyi_equals_its_determinant_form(pair, order):
    p, q = pair
    mixed = order * q.cov + (1 - order) * p.cov
    smallest = np.linalg.eigvalsh(mixed)[0]
    if smallest <= 1e-9 * np.abs(mixed).max():
        if smallest < -1e-9 * np.abs(mixed).max():
            assert lg.renyi(p, q, order) == math.inf
        return
    logs = [np.linalg.slogdet(c)[1] for c in (mixed, p.cov, q.cov)]
    spread = -(logs[0] - (1 - order) * logs[1] - order * logs[2]) / (2 * (order - 1))
    shift = p.mean - q.mean
    expected = order / 2 * np.sum(shift * np.linalg.solve(mixed, shift.T).T) + p.outputs * spread
    assert_allclose(lg.renyi(p, q, order), expected, rtol=1e-6, atol=1e-9)


@given(law_pairs())
def test_renyi_increases_with_its_order_through_the_kullback_leibler_divergence(pair):
    p, q = pair
    values = [lg.renyi(p, q, order) for order in (0.1, 0.4, 0.7, 1 - 1e-9, 1.0, 1 + 1e-9, 1.3, 3.0)]
    assert all(later >= earlier * (1 - 1e-9) - 1e-12 for earlier, later in itertools.pairwise(values))
    assert_allclose(values[3], lg.kl(p, q), rtol=1e-6, atol=1e-12)
    assert values[0] >= 0


@given(law_pairs(), st.sampled_from([0.1, 0.25, 0.4, 0.5]))
def test_renyi_is_skew_symmetric(pair, order):
    p, q = pair
    assert_allclose((1 - order) * lg.renyi(p, q, order), order * lg.renyi(q, p, 1 - order), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("order", [1e-3, 0.3, 0.5, 0.99, 2.0, 50.0])
def test_renyi_keeps_its_digits_near_equality(order):
    mpmath.mp.dps = 60
    size = 1e-8
    a, b = np.array([1.0, 3.0]), np.array([1.0 + size, 3.0 * (1 - 2 * size)])
    p, q = lg.Gaussian([size, 0.0], lg.Diagonal(b)), lg.Gaussian([0.0, 0.0], lg.Diagonal(a))
    total, alpha = mpmath.mpf(0), mpmath.mpf(order)
    for shift, v, w in zip((size, 0.0), b, a, strict=True):
        v, w = mpmath.mpf(float(v)), mpmath.mpf(float(w))
        mixed = alpha * w + (1 - alpha) * v
        total += alpha * mpmath.mpf(shift) ** 2 / mixed / 2
        total -= mpmath.log(mixed / (v ** (1 - alpha) * w**alpha)) / (2 * (alpha - 1))
    assert_allclose(lg.renyi(p, q, order), float(total), rtol=1e-7)


def test_identical_laws_are_at_distance_exactly_zero():
    law = lg.Gaussian([1.0, 2.0], [[2.0, 1.9], [1.9, 2.0]])
    assert lg.renyi(law, law, 0.5) == lg.renyi(law, law, 3.0) == lg.jeffreys(law, law) == lg.wasserstein2(law, law) == 0


def test_divergences_of_different_supports_are_infinite_and_the_distance_is_not():
    flat, full = lg.Gaussian([0.0, 0.0], lg.Diagonal([1.0, 0.0])), lg.Gaussian([0.0, 0.0], np.eye(2))
    for order in (0.3, 0.5, 1.0, 2.0):
        assert lg.renyi(flat, full, order) == lg.renyi(full, flat, order) == math.inf
    assert lg.jeffreys(flat, full) == math.inf
    assert lg.wasserstein2(flat, full) == 1.0
    beside = lg.Gaussian([0.0, 1.0], lg.Diagonal([2.0, 0.0]))
    assert lg.renyi(flat, beside, 0.5) == math.inf
    along = lg.Gaussian([1.0, 0.0], lg.Diagonal([2.0, 0.0]))
    assert_allclose(lg.renyi(flat, along, 0.5), lg.renyi(lg.Gaussian([0.0], [[1.0]]), lg.Gaussian([1.0], [[2.0]]), 0.5))


def test_renyi_above_order_one_is_finite_only_where_the_mixed_covariance_is_positive():
    p, q = lg.Gaussian([0.0], [[3.0]]), lg.Gaussian([0.0], [[1.0]])
    assert math.isfinite(lg.renyi(p, q, 1.49))
    assert lg.renyi(p, q, 1.5) == lg.renyi(p, q, 2.0) == math.inf
    assert math.isfinite(lg.renyi(q, p, 100.0))


@given(law_pairs())
def test_jeffreys_is_symmetric(pair):
    p, q = pair
    assert lg.jeffreys(p, q) == lg.jeffreys(q, p) == lg.kl(p, q) + lg.kl(q, p)


@given(law_pairs())
def test_wasserstein_distance_equals_the_square_root_form(pair):
    p, q = pair
    root = scipy.linalg.sqrtm(p.cov).real
    inner = scipy.linalg.sqrtm(root @ q.cov @ root).real
    expected = np.sum(np.square(p.mean - q.mean)) + p.outputs * np.trace(p.cov + q.cov - 2 * inner)
    scale = np.trace(p.cov + q.cov)
    assert_allclose(lg.wasserstein2(p, q), expected, rtol=1e-9, atol=1e-7 * scale)


@given(law_pairs(), st.data())
def test_wasserstein_distance_is_symmetric_and_ignores_rotations(pair, data):
    p, q = pair
    turn = data.draw(rotations(dim=p.dim))
    value = lg.wasserstein2(p, q)
    assert_allclose(lg.wasserstein2(q, p), value, rtol=1e-9, atol=1e-12)
    turned = [lg.Gaussian(law.mean @ turn.T, turn @ law.cov @ turn.T) for law in pair]
    assert_allclose(lg.wasserstein2(*turned), value, rtol=1e-7, atol=1e-10)


def test_wasserstein_distance_keeps_its_digits_near_equality():
    a = np.array([1.0, 4.0, 0.25])
    b = a * (1 + 1e-7 * np.array([1.0, -2.0, 0.5]))
    exact = np.sum(np.square((b - a) / (np.sqrt(a) + np.sqrt(b))))
    turn = np.linalg.qr(np.random.default_rng(0).standard_normal((3, 3)))[0]
    p, q = (lg.Gaussian(np.zeros(3), turn * c @ turn.T) for c in (a, b))
    assert_allclose(lg.wasserstein2(p, q), exact, rtol=1e-7)
    assert_allclose(
        lg.wasserstein2(lg.Gaussian(np.zeros(3), lg.Diagonal(a)), lg.Gaussian(np.zeros(3), lg.Diagonal(b))), exact
    )


def test_wasserstein_distance_equals_that_of_python_optimal_transport():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ot = pytest.importorskip("ot")
        rng = np.random.default_rng(4)
        for _ in range(20):
            roots = rng.standard_normal((2, 4, 4))
            means = rng.standard_normal((2, 4))
            covs = [root @ root.T for root in roots]
            expected = ot.gaussian.bures_wasserstein_distance(means[0], means[1], covs[0], covs[1])
            ours = lg.wasserstein2(lg.Gaussian(means[0], covs[0]), lg.Gaussian(means[1], covs[1]))
            assert_allclose(ours, expected**2, rtol=1e-8)


def test_bad_orders_and_shapes_are_refused():
    p = lg.Gaussian([0.0], [[1.0]])
    for order in (0.0, -1.0):
        with pytest.raises(DomainError, match="order greater than 0"):
            lg.renyi(p, p, order)
    two = lg.Gaussian([0.0, 0.0], np.eye(2))
    for compare in (lambda: lg.renyi(p, two, 0.5), lambda: lg.wasserstein2(p, two), lambda: lg.jeffreys(p, two)):
        with pytest.raises(ShapeError, match="equal shape"):
            compare()
