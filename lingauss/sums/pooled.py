"""Sums over eigen-directions at many grid points, and the spread costs of two laws among them.

A law needs one logarithm per direction and grid point, that of its variance, whatever it is compared with: the
logarithm of a ratio is a difference of sums. Where that difference cancels, because two laws nearly agree, costs are
computed direction by direction from excesses instead. Arrays are (d, points), or (d, 1) where points are alike.
"""

from __future__ import annotations

import math
from functools import cache, cached_property

import numpy as np

from lingauss.algebra.factor import EPS
from lingauss.algebra.numerics import safe_ratio, spread_cost
from lingauss.validation import Array, freeze

ACCURACY = 1e-11  # of a ledger: what rounding of a spread may cost before it is computed direction by direction
TRUNCATION = 1e-13  # of a ledger: what terms of a series may be left out
LARGEST_LOG = 600.0  # of a product that is sure to be a normal float64
SMALL = 0.03  # |x| up to which x − log(1 + x) is a short polynomial


class Pool:
    """Arrays that are used again and again, because fresh memory costs more than what is computed in it."""

    def __init__(self, shape: tuple[int, int]) -> None:
        self.shape = shape
        self._free: list[Array] = []

    def take(self) -> Array:
        """Return an array of the pool's shape, whatever it holds."""
        return self._free.pop() if self._free else np.empty(self.shape)

    def give(self, *arrays: Array) -> None:
        """Take arrays back; those of other shapes are left to whoever holds them."""
        self._free.extend(array for array in arrays if array.shape == self.shape)


class Variances:
    """Variances of some directions, (some, points or 1), with what serves every comparison with them.

    Attributes
    ----------
    parts : pair of arrays or None
        Coefficients (some, 2) and features (2, points) whose product the values are, where they are one.
    smallest : float
    borrowed : ndarray
        What the pool lent for the inverse, to be given back.
    """

    def __init__(self, values: Array, parts: tuple[Array, Array] | None, pool: Pool) -> None:
        self.values = values
        self.parts = parts
        self.pool = pool
        self.smallest = float(values.min())
        self.borrowed = np.empty((0, 0))

    @cached_property
    def inverse(self) -> Array:
        """One over each of them."""
        if self.values.shape[1] < self.pool.shape[1]:
            return np.asarray(1.0 / self.values)
        self.borrowed = self.pool.take()
        return np.divide(1.0, self.values, out=self.borrowed[: len(self.values)])

    @cached_property
    def log_size(self) -> float:
        """Bound of a logarithm's size."""
        return max(abs(math.log(self.smallest)), abs(math.log(float(self.values.max()))))

    @cached_property
    def log_sum(self) -> Array:
        """Sum of the logarithms, as logarithms of products that stay in float64's range."""
        together = max(1, int(min(16.0, LARGEST_LOG / max(self.log_size, 1.0))))
        count, points = self.values.shape
        whole = count - count % together
        products = np.multiply.reduce(self.values[:whole].reshape(-1, together, points), axis=1)
        return summed(np.log(products)) + summed(np.log(self.values[whole:]))

    def ratios_to(self, base: Variances) -> Array:
        """Return the sum of the ratios to other variances."""
        if self.parts is None:
            return dot(base.inverse, self.values, self.pool)
        coefficients, features = self.parts
        return np.asarray(np.sum((coefficients.T @ base.inverse) * features, axis=0))


def spread_sum(variance: Variances, base: Variances, beside: Array) -> Array:
    """Return Σ ρ − 1 − log ρ over directions, with ρ = variance / base, beside other costs of the same ledger.

    Where a law is deterministic in some direction the cost is 0 if both are, else +inf.
    """
    if min(base.smallest, variance.smallest) > 0.0:
        return _regular_spread(variance, base, beside)
    return _singular_spread(variance.values, base.values)


def _regular_spread(variance: Variances, base: Variances, beside: Array) -> Array:
    """Return the sum from Σ ρ and the sums of logarithms unless they cancel.

    Rounding is judged beside other costs of the same ledger, and never lets a cost become negative.
    """
    count = len(base.values)
    ratios = variance.ratios_to(base)
    total = ratios - count - (variance.log_sum - base.log_sum)
    rounding = EPS * (count * (1.0 + variance.log_size + base.log_size) + ratios)
    close = (rounding > ACCURACY * (total + beside)) | (4.0 * rounding > total)
    if not close.any():
        return np.asarray(total)
    if close.all():
        return _close_spread(variance.values, base.values, base.inverse, float(np.min(beside)), variance.pool)
    total, close = (np.array(part) for part in np.broadcast_arrays(total, close))
    parts = (variance.values, base.values, base.inverse)
    few = [part if part.shape[1] == 1 else part[:, close] for part in parts]
    pool = Pool((count, max(part.shape[1] for part in few)))
    total[close] = _close_spread(few[0], few[1], few[2], float(np.min(beside)), pool)
    return np.asarray(total)


def _close_spread(variance: Array, base: Array, inverse: Array, beside: float, pool: Pool) -> Array:
    """Return the sum direction by direction, from differences of variances, beside other costs of the ledger."""
    scratch = pool.take(), pool.take()
    excess, tail = (part[: len(base), : max(variance.shape[1], base.shape[1])] for part in scratch)
    pool.give(*scratch)
    np.subtract(variance, base, out=excess)
    excess *= inverse
    # x² (1/2 − x/3 + x²/4 − …), as far as its terms can be seen beside the ledger.
    first_term = np.asarray(0.5 * np.einsum("ij,ij->j", excess, excess))
    bound = float(first_term.max())
    if bound == 0.0 or math.sqrt(2.0 * bound) * bound <= TRUNCATION * (beside + bound):
        return first_term
    largest = max(float(excess.max()), -float(excess.min()))
    if largest > SMALL:
        return summed(spread_cost(excess, variance * inverse))
    seen = TRUNCATION * (1.0 + beside / bound)
    terms = max(1, math.ceil(math.log(seen) / math.log(largest)) - 1)
    np.multiply(excess, (-1.0) ** terms / (terms + 2.0), out=tail)
    for power in range(terms + 1, 2, -1):
        tail += (-1.0) ** power / power
        tail *= excess
    tail += 0.5
    tail *= excess
    tail *= excess
    return summed(tail)


def _singular_spread(variance: Array, base: Array) -> Array:
    """Return the sum where a law is deterministic in some direction."""
    ratio = np.where((variance == 0.0) & (base == 0.0), 1.0, safe_ratio(variance, base))
    return np.asarray(np.sum(spread_cost(safe_ratio(variance - base, base), ratio), axis=0))


def dot(a: Array, b: Array, pool: Pool | None = None) -> Array:
    """Return Σ a · b over directions, as a product of matrices where one of them is one column."""
    if a.shape[1] == 1 or b.shape[1] == 1:
        return np.asarray((a.T @ b).reshape(-1))
    if pool is None:
        return summed(a * b)
    scratch = pool.take()
    total = summed(np.multiply(a, b, out=scratch[: len(a)]))
    pool.give(scratch)
    return total


def summed(values: Array) -> Array:
    """Return the sum over directions; a product with ones is faster than a reduction along the first axis."""
    return np.asarray(_ones(len(values)) @ values)


@cache
def _ones(count: int) -> Array:
    return freeze(np.ones(count))
