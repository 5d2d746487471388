"""Scalar functions that keep their digits where the textbook expression cancels."""

from __future__ import annotations

import numpy as np

from lingauss.validation import Array

_SERIES_TERMS = 17  # (1/9)**17 < 1e-16: enough at |x| = 1/2, where x / (2 + x) is at most 1/3


def x_minus_log1p(x: Array) -> Array:
    """Return x − log(1 + x) ≥ 0 to about 3e-16 relative, elementwise.

    Below |x| = ½ the difference cancels, so with r = x / (2 + x) it is summed as
    r x − 2 r³ (1/3 + r²/5 + r⁴/7 + …), which follows from log(1 + x) = 2 artanh r.

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
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        direct = np.where(np.isposinf(x), np.inf, x - np.log1p(x))
    small = np.abs(x) < 0.5
    if not small.any():
        return direct
    near = np.where(small, x, 0.0)
    r = near / (2.0 + near)
    square = r * r
    tail = np.zeros_like(r)
    for term in range(_SERIES_TERMS, 0, -1):
        tail = tail * square + 1.0 / (2 * term + 1)
    return np.where(small, r * near - 2.0 * r * square * tail, direct)


def spread_cost(excess: Array, ratio: Array) -> Array:
    """Return ρ − 1 − log ρ elementwise from both x = ρ − 1 and ρ, each accurate on its own.

    Parameters
    ----------
    excess, ratio : ndarray
        x and ρ = 1 + x. Near ρ = 1 only x has digits to lose, near ρ = 0 only ρ has.
    """
    with np.errstate(divide="ignore", over="ignore"):
        return np.where(excess < -0.5, excess - np.log(ratio), x_minus_log1p(np.maximum(excess, -0.5)))


def safe_ratio(numerator: Array, denominator: Array) -> Array:
    """Return numerator / denominator for denominators ≥ 0, with 0 / 0 = 0 and x / 0 = ±inf."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(numerator == 0.0, 0.0, np.divide(numerator, denominator))
