"""The convex core: minimisers of smallest norm, found from any start, never below 0."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from lingauss.design.convex import SpreadSum


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


def test_variables_without_weight_stay_at_zero():
    found = SpreadSum(np.array([1.0, 0.0]), np.array([0.5, 0.5]), np.array([[2.0, 0.0], [0.0, 1.0]])).minimise()
    assert_allclose(found.x, [0.25, 0.0], rtol=1e-12)
    assert found.flat.tolist() == [False, True]
    assert found.kkt_residual < 1e-12
