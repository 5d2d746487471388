"""Scalar functions that keep their digits where the textbook expression cancels."""

from __future__ import annotations

from typing import Literal

import numpy as np
from scipy import linalg

from lingauss.validation import Array

# (artanh r − r) / r³ as a polynomial in r² ≤ 1/9, interpolated at Chebyshev nodes with 50 digits: error 2e-16.
_TAIL = (
    0.3333333333333333,
    0.20000000000007292,
    0.1428571428355438,
    0.11111111358713932,
    0.09090894718066429,
    0.07692785032479312,
    0.06657072104827468,
    0.06000536404795356,
    0.04400369243072337,
    0.08082022805971766,
)
NEAR = 0.1  # |ρ − 1| below which ρ − 1 − log ρ would lose more than two digits to the rounding of ρ


def x_minus_log1p(x: Array) -> Array:
    """Return x − log(1 + x) ≥ 0 to about 3e-16 relative, elementwise.

    Parameters
    ----------
    x : ndarray
        Values of at least −1; −1 and +inf give +inf.

    Returns
    -------
    ndarray
        Same shape; exactly 0 at 0.
    """
    x = np.asarray(x, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        result = np.asarray(np.where(np.isposinf(x), np.inf, x - np.log1p(x)))
    near = np.abs(x) < 0.5
    result[near] = spread_cost_of_excess(x[near])
    return result


def spread_cost(excess: Array, ratio: Array) -> Array:
    """Return ρ − 1 − log ρ elementwise to about 2e-14 relative.

    Parameters
    ----------
    excess, ratio : ndarray
        x = ρ − 1 and ρ, of one shape: near ρ = 1 only x has digits to lose, near ρ = 0 only ρ has.
    """
    costs = spread_cost_of_ratio(ratio, np.empty((2, *np.shape(ratio))))
    near = np.abs(excess) < NEAR
    costs[near] = spread_cost_of_excess(excess[near])
    return costs


def spread_cost_of_ratio(ratio: Array, work: Array) -> Array:
    """Return ρ − 1 − log ρ elementwise, precise for |ρ − 1| of at least ``NEAR``.

    Parameters
    ----------
    ratio : ndarray
        ρ; may be ``work[0]``.
    work : (2, *shape) ndarray
        Where to compute: ρ − 1 in ``work[0]``, the result in ``work[1]``.
    """
    gap, costs = work[0, ...], work[1, ...]  # arrays even if of no dimensions
    with np.errstate(divide="ignore"):
        np.log(ratio, out=costs)
    np.subtract(ratio, 1.0, out=gap)
    try:
        with np.errstate(invalid="raise"):
            np.subtract(gap, costs, out=costs)
    except FloatingPointError:  # ∞ − ∞
        costs[np.isposinf(gap)] = np.inf
    return costs


def difference_of_products(a: Array, b: Array, c: Array, d: Array) -> Array:
    """Return ab − cd elementwise, each product split into itself and what its rounding removed (Dekker 1971)."""
    left, left_tail = _exact_product(a, b)
    right, right_tail = _exact_product(c, d)
    return np.asarray((left - right) + (left_tail - right_tail))


def scaled_square(scale: Array, x: Array, unit: Array) -> tuple[Array, Array]:
    """Return scale · (x / unit)² elementwise and what its rounding removed, which two close ones differ in."""
    square, square_tail = _exact_product(x, x)
    top, top_tail = _exact_product(scale, square)
    bottom, bottom_tail = _exact_product(unit, unit)
    ratio = np.asarray(top / bottom)
    back, back_tail = _exact_product(ratio, bottom)
    left = (top - back) - back_tail + (top_tail + scale * square_tail) - ratio * bottom_tail
    return ratio, np.asarray(left / bottom)


def _exact_product(a: Array, b: Array) -> tuple[Array, Array]:
    """Return the rounded product and its rounding error; an error too small or large for float64 is left out."""
    a, b = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    with np.errstate(all="ignore"):
        product = a * b
        (a_high, a_low), (b_high, b_low) = (_halves(factor) for factor in (a, b))
        error = a_low * b_low - (((product - a_high * b_high) - a_low * b_high) - a_high * b_low)
    return product, np.where(np.isfinite(error), error, 0.0)


def _halves(x: Array) -> tuple[Array, Array]:
    """Return two numbers of 26 bits that add up to x."""
    shifted = 134217729.0 * x
    high = shifted - (shifted - x)
    return high, x - high


def spread_cost_of_excess(x: Array) -> Array:
    """Return x − log(1 + x) for |x| ≤ ½ to 2e-16 relative, elementwise.

    It is r x − 2 r³ (1/3 + r²/5 + r⁴/7 + …) with r = x / (2 + x), from log(1 + x) = 2 artanh r.
    """
    with np.errstate(under="ignore"):
        r = x / (x + 2.0)
        square = r * r
        tail = square * _TAIL[-1]
        for coefficient in _TAIL[-2:0:-1]:
            tail += coefficient
            tail *= square
        tail += _TAIL[0]
        tail *= square
        tail *= -2.0
        tail += x
        tail *= r
    return np.asarray(tail)


def safe_ratio(numerator: Array, denominator: Array) -> Array:
    """Return numerator / denominator for denominators ≥ 0, with 0 / 0 = 0 and x / 0 = ±inf."""
    if np.min(denominator, initial=1.0) > 0.0:
        return np.asarray(numerator / denominator)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(numerator == 0.0, 0.0, np.divide(numerator, denominator))


def solve_triangular(triangle: Array, right: Array, *, lower: bool = False, transposed: bool = False) -> Array:
    """Solve a triangular system, (n, n) and (n, m), of any size: old versions of scipy refuse those of size 0."""
    if not right.size:
        return np.zeros(right.shape)
    trans: Literal[0, 1] = 1 if transposed else 0
    return np.asarray(linalg.solve_triangular(triangle, right, trans, lower, check_finite=False))
