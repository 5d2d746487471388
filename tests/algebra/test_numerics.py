"""Scalar functions against 400 digits."""

from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lingauss.algebra.numerics import difference_of_products, safe_ratio, spread_cost, x_minus_log1p

TINY = np.finfo(np.float64).tiny
MAGNITUDES = np.geomspace(1e-300, 1e300, 301)
NEAR_MINUS_ONE = np.geomspace(2.0**-53, 0.5, 60)
GRID = {
    "positive": MAGNITUDES,
    "negative": -np.geomspace(1e-300, 0.999, 301),
    "around +1/2, where the series takes over": 0.5 + np.linspace(-1e-2, 1e-2, 101),
    "around -1/2, where the series takes over": -0.5 + np.linspace(-1e-2, 1e-2, 101),
    "order one": np.linspace(-0.99, 3.0, 301),
    "-1 + tiny": -1.0 + NEAR_MINUS_ONE,
}


def exact_x_minus_log1p(x):
    """One value with as many digits as |x| = 1e-300 cancels, and more."""
    with mpmath.workdps(400):
        number = mpmath.mpf(float(x))
        return number - mpmath.log1p(number)


def relative_error(ours, exact):
    """Relative error, or error in units of the smallest normal number where the exact value is below it."""
    with mpmath.workdps(400):
        return float(abs(mpmath.mpf(float(ours)) - exact) / max(exact, mpmath.mpf(float(TINY))))


@pytest.mark.parametrize("x", GRID.values(), ids=GRID.keys())
def test_x_minus_log1p_is_exact_to_4e_16(x):
    errors = [relative_error(ours, exact_x_minus_log1p(value)) for value, ours in zip(x, x_minus_log1p(x), strict=True)]
    assert max(errors) < 4e-16


def test_x_minus_log1p_at_its_singular_points():
    assert x_minus_log1p(np.array([0.0, -0.0, -1.0, np.inf])).tolist() == [0.0, 0.0, np.inf, np.inf]


@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 0), (2, 3)])
def test_x_minus_log1p_keeps_the_shape(shape):
    assert x_minus_log1p(np.full(shape, 0.25)).shape == shape
    assert x_minus_log1p(np.full(shape, 0.75)).shape == shape


def test_x_minus_log1p_leaves_its_argument_alone():
    x = np.array([-0.9, -0.1, 0.0, 0.1, 5.0])
    before = x.copy()
    x_minus_log1p(x)
    np.testing.assert_array_equal(x, before)


@given(st.floats(min_value=-1.0, allow_nan=False))
def test_x_minus_log1p_is_never_negative(x):
    assert x_minus_log1p(np.array([x]))[0] >= 0.0


def exact_cost_of_ratio(rho):
    with mpmath.workdps(50):
        number = mpmath.mpf(float(rho))
        return number - 1 - mpmath.log(number)


SPREAD_TOLERANCE = 2e-14  # what its docstring promises: away from ρ = 1 it subtracts the logarithm of a rounded ρ


def test_spread_cost_keeps_the_digits_of_the_excess_near_one():
    x = np.concatenate([sign * np.geomspace(1e-150, 0.5, 300) for sign in (-1, 1)] + [np.geomspace(0.5, 1e300, 100)])
    costs = spread_cost(x, 1.0 + x)
    assert max(relative_error(c, exact_x_minus_log1p(v)) for c, v in zip(costs, x, strict=True)) < SPREAD_TOLERANCE


def test_spread_cost_keeps_the_digits_of_the_ratio_near_zero():
    ratio = np.geomspace(1e-300, 0.49, 300)
    costs = spread_cost(ratio - 1.0, ratio)
    assert max(relative_error(c, exact_cost_of_ratio(r)) for c, r in zip(costs, ratio, strict=True)) < SPREAD_TOLERANCE


def test_spread_cost_of_one_array_is_that_of_its_parts():
    x = np.array([-1.0, -0.9, -0.51, -0.5, -0.07, -0.01, 0.0, 1e-9, 0.06, 0.07, 0.6, 1e9, np.inf])
    together = spread_cost(x, 1.0 + x)
    apart = [spread_cost(x[i : i + 1], 1.0 + x[i : i + 1])[0] for i in range(len(x))]
    np.testing.assert_array_equal(together, apart)
    assert together[[0, 6, -1]].tolist() == [np.inf, 0.0, np.inf]


@pytest.mark.parametrize("shape", [(0,), (3,), (2, 3)])
def test_spread_cost_keeps_the_shape_and_its_argument(shape):
    for value in (-0.7, 0.01, 0.7):
        excess = np.full(shape, value)
        assert spread_cost(excess, 1.0 + excess).shape == shape
        np.testing.assert_array_equal(excess, value)


def test_safe_ratio_divides_and_resolves_zero_over_zero_to_zero():
    numerator, denominator = np.array([0.0, 0.0, 3.0, -3.0, 1.0, np.inf]), np.array([0.0, 2.0, 0.0, 0.0, 4.0, 2.0])
    assert safe_ratio(numerator, denominator).tolist() == [0.0, 0.0, np.inf, -np.inf, 0.25, np.inf]
    np.testing.assert_array_equal(safe_ratio(np.array([1.0, 3.0]), np.array(2.0)), [0.5, 1.5])


def test_difference_of_products_keeps_its_digits_where_the_products_nearly_cancel():
    rng = np.random.default_rng(0)
    a, b = rng.uniform(0.5, 2.0, size=(2, 200))
    c = a * (1.0 + rng.choice([0.0, 1e-15, 1e-10, 1e-3], size=200))
    d = b / (1.0 + rng.choice([0.0, 1e-15, 1e-10, 1e-3], size=200))
    ours = difference_of_products(a, b, c, d)
    exact = [Fraction(w) * Fraction(x) - Fraction(y) * Fraction(z) for w, x, y, z in zip(a, b, c, d, strict=True)]
    np.testing.assert_allclose(ours, [float(value) for value in exact], rtol=4e-16, atol=1e-32)
    assert difference_of_products(np.array(1e300), np.array(1.0), np.array(1e300), np.array(1.0)) == 0.0
