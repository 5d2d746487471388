"""The convex core: minimisers of smallest norm, found from any start, never below 0."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from lingauss.algebra.factor import EPS
from lingauss.optimum.convex import SpreadSum, Together
from lingauss.optimum.matrix_spread import matrix_spread


def test_alike_variables_share_the_minimum_evenly():
    found = SpreadSum(np.array([1.0, 2.0]), np.array([0.25, 0.25]), np.array([[1.0, 1.0], [1.0, 1.0]])).minimise()
    assert_allclose(found.x, [0.375, 0.375], rtol=1e-12)
    assert found.flat.tolist() == [True, True]
    assert found.value == pytest.approx(0.0, abs=1e-25)


def test_the_smaller_of_two_ways_to_the_same_ratio_is_taken():
    found = SpreadSum(np.array([1.0]), np.array([0.5]), np.array([[1.0, 3.0]])).minimise()
    assert_allclose(found.x, [0.05, 0.15], rtol=1e-12)  # the point of x + 3y = ½ closest to 0
    assert found.flat.all()


def test_a_minimiser_that_would_be_negative_is_held_at_zero():
    # Among x ≥ 0 with x + y + z = 1 and y + 2z = 2 only (0, 0, 1) is left; the least-norm solution has x < 0.
    slopes = np.array([[1.0, 1.0, 1.0], [0.0, 1.0, 2.0]])
    found = SpreadSum(np.array([1.0, 1.0]), np.array([0.0, 0.0]), slopes / [[1.0], [2.0]]).minimise()
    assert np.all(found.x >= 0.0)
    assert_allclose(found.x, [0.0, 0.0, 1.0], atol=1e-6)


@pytest.mark.parametrize("off", [-9.0, -1.0, 0.0, 1.0, 9.0])
def test_a_minimum_within_rounding_of_the_edge_is_the_edge(off):
    """At the intercept 1 the minimum is at x = 0; which side of it a rounded intercept lies on says nothing."""
    intercept = np.full(3, 1.0 + off * EPS)
    for unit in (1e-150, 1.0, 1e150):
        found = SpreadSum(np.ones(3), intercept, np.array([[0.0, 1.0], [unit, 0.0], [2.0 * unit, 0.0]])).minimise()
        assert found.x.tolist() == [0.0, 0.0]
        assert found.kkt_residual <= 1e-12


def test_a_minimum_near_the_edge_that_float64_can_tell_from_it_stays_where_it_is():
    found = SpreadSum(np.ones(2), np.array([1.0 - 2.0**-30, 0.0]), np.diag([3.0, 1.0])).minimise()
    assert_allclose(found.x, [2.0**-30 / 3.0, 1.0], rtol=1e-8)


@pytest.mark.parametrize("seed", range(6))
def test_covariances_that_are_the_identity_up_to_rounding_want_no_more_spread(seed):
    rng = np.random.default_rng(seed)
    turn = np.linalg.qr(rng.standard_normal((6, 6)))[0]
    slopes = random_covariances(rng, 6, 2)[1]
    for count in (1, 2):  # one variable and several are minimised differently
        found = matrix_spread(0.5, turn @ turn.T, slopes[:count]).minimise()
        assert found.x.tolist() == [0.0] * count


def test_variables_without_weight_stay_at_zero():
    found = SpreadSum(np.array([1.0, 0.0]), np.array([0.5, 0.5]), np.array([[2.0, 0.0], [0.0, 1.0]])).minimise()
    assert_allclose(found.x, [0.25, 0.0], rtol=1e-12)
    assert found.flat.tolist() == [False, True]
    assert found.kkt_residual < 1e-12


def test_only_variables_that_can_make_up_for_each_other_are_flat():
    found = SpreadSum(np.ones(2), np.array([0.5, 0.5]), np.array([[1.0, 2.0, 0.0], [0.0, 0.0, 1.0]])).minimise()
    assert_allclose(found.x, [0.1, 0.2, 0.5], rtol=1e-10)
    assert found.flat.tolist() == [True, True, False]


def test_a_residual_is_relative_to_one_plus_the_value(monkeypatch):
    """Stopped where it starts, at ρ = 2, x ∂f/∂x is 1 and f = 2 (1 − log 2)."""
    monkeypatch.setattr("lingauss.optimum.convex.MAX_STEPS", 0)
    found = SpreadSum(np.array([2.0]), np.array([1.0]), np.array([[1.0]])).minimise()
    assert found.value == pytest.approx(2.0 - 2.0 * np.log(2.0))
    assert found.kkt_residual == pytest.approx(1.0 / (1.0 + found.value))


@pytest.mark.parametrize("seed", [*range(100), 541, 1752, 2755, 2794, 2889])
def test_badly_scaled_sums_are_certified(seed):
    """The seeds above 100 are problems on which clipping at 0 whatever a step carries beyond it jams."""
    rng = np.random.default_rng(seed)
    m, p = int(rng.integers(1, 9)), int(rng.integers(1, 4))
    slopes = 10 ** rng.uniform(-2, 2, (m, p)) * (rng.random((m, p)) < 0.7)
    intercept = 10 ** rng.uniform(-3, 1, m) * (rng.random(m) < 0.8)
    intercept[(intercept == 0) & ~slopes.any(axis=1)] = 1.0
    found = SpreadSum(np.full(m, 0.5 * rng.integers(1, 4)), intercept, slopes).minimise()
    assert found.kkt_residual <= 1e-9


def random_covariances(rng, n, p):
    roots = rng.standard_normal((p + 1, n, n)) * 10 ** rng.uniform(-1, 1, (p + 1, 1, 1))
    return roots[0] @ roots[0].T, roots[1:] @ roots[1:].transpose(0, 2, 1)


@pytest.mark.parametrize("p", [0, 1, 2, 3])
def test_cost_of_a_matrix_is_trace_less_log_determinant_and_its_derivatives_are_right(p):
    rng = np.random.default_rng(p)
    intercept, slopes = random_covariances(rng, 4, p)
    cost, x = matrix_spread(1.5, intercept, slopes), rng.uniform(0.5, 2.0, p)
    matrix = intercept + np.tensordot(x, slopes, 1)
    assert cost.value(x) == pytest.approx(1.5 * (np.trace(matrix) - 4 - np.linalg.slogdet(matrix)[1]), rel=1e-12)
    gradient, hessian = cost.derivatives(x)
    for j, step in enumerate(1e-5 * np.eye(p)):
        slope = (cost.value(x + step) - cost.value(x - step)) / 2e-5
        curve = (cost.derivatives(x + step)[0] - cost.derivatives(x - step)[0]) / 2e-5
        assert_allclose(gradient[j], slope, rtol=1e-6, atol=1e-6)
        assert_allclose(hessian[j], curve, rtol=1e-6, atol=1e-6)


def test_commuting_matrices_cost_what_their_eigenvalues_do():
    rng = np.random.default_rng(5)
    turn = np.linalg.qr(rng.standard_normal((4, 4)))[0]
    start, slopes = rng.uniform(0.0, 0.5, 4), rng.uniform(0.1, 1.0, (4, 2))
    weights = np.full(4, 0.5)
    expected = SpreadSum(weights, start, slopes).minimise()
    turned = [(turn * column) @ turn.T for column in (start, *slopes.T)]
    found = matrix_spread(0.5, turned[0], np.stack(turned[1:])).minimise()
    assert_allclose(found.x, expected.x, rtol=1e-7)
    assert found.value == pytest.approx(expected.value, rel=1e-12)
    parts = Together([SpreadSum(weights[:2], start[:2], slopes[:2]), SpreadSum(weights[2:], start[2:], slopes[2:])])
    assert_allclose(parts.minimise().x, expected.x, rtol=1e-9)


def test_a_matrix_that_no_variable_makes_regular_costs_infinitely_much():
    corner = np.diag([1.0, 0.0])
    assert matrix_spread(1.0, corner, np.stack([corner, 2.0 * corner])) is None
    assert matrix_spread(1.0, corner, np.stack([np.eye(2)])).value(np.zeros(1)) == np.inf
    assert matrix_spread(1.0, corner, np.stack([np.eye(2), np.eye(2)])).value(np.zeros(2)) == np.inf
