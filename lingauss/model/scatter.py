"""One pass over rows: means and scatters at the speed of the matrix products they contain.

Rows, less a provisional mean, are copied into a buffer small enough to stay in a core's cache, multiplied there by
BLAS and added to a running sum, together with a column of ones, whose products are the sums. What the provisional mean
missed is taken out at the end; if that would cancel digits, the rows are read a second time about their own mean.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.linalg import blas

from lingauss.algebra.factor import EPS
from lingauss.model.rows import Rows
from lingauss.validation import Array

PROBE_ROWS = 128  # rows whose mean is provisional
BLOCK_ROWS = 1024  # rows in the buffer
STRETCH_ROWS = 64 * BLOCK_ROWS  # rows in one running sum, few enough for rounding not to add up


@dataclass(frozen=True, eq=False)
class Stretch:
    """Summary of consecutive rows.

    Attributes
    ----------
    count : int
    mean, mean_tail : (d + k,)
        The mean, and what of it lies below the last digit of ``mean``; zeros unless centred.
    scatter : (d + k, d + k)
        About the mean where centred, about the origin otherwise.
    """

    count: int
    mean: Array
    mean_tail: Array
    scatter: Array


class Pass:
    """A pass over rows that come one batch after the other; keeps its buffers, and each mean as the next provisional.

    Parameters
    ----------
    center : bool
        Whether scatters are about the mean, else about the origin.
    """

    def __init__(self, center: bool) -> None:
        self.center = center
        self._shift = np.empty(0)
        self._left = self._right = np.empty((0, 0))

    def stretches(self, rows: Rows) -> Iterator[Stretch]:
        """Summarise rows, a stretch of them at a time.

        Raises
        ------
        NotNumericError, NotFiniteError, OverflowingError
        """
        self._fit(rows)
        for start in range(0, len(rows), STRETCH_ROWS):
            stop = min(start + STRETCH_ROWS, len(rows))
            products = self._products(rows, start, stop)
            if self.center and _is_far(products, self._shift):
                self._shift = _mean(rows, start, stop)
                products = self._products(rows, start, stop)
            if not np.isfinite(products).all():
                rows.explain(start, stop)
            scatter, tail = products[:-1, :-1], np.zeros(rows.width)
            if self.center:
                rest = products[-1, :-1] / (stop - start)
                scatter = scatter - np.outer(products[-1, :-1], rest)
                self._shift, tail = two_sum(self._shift, rest)
            yield Stretch(stop - start, self._shift, tail, scatter)

    def _fit(self, rows: Rows) -> None:
        """Get ready for rows, which may have other columns than the last ones or be more."""
        size, d, k = min(len(rows), BLOCK_ROWS), rows.n_features, rows.width - rows.n_features
        if len(self._shift) != rows.width or self._left.shape[1] != d or len(self._left) < size:
            self._left, self._right = np.empty((size, d)), np.ones((size, k + 1))
            self._shift = _mean(rows, 0, min(size, PROBE_ROWS)) if self.center else np.zeros(rows.width)

    def _products(self, rows: Rows, start: int, stop: int) -> Array:
        """Return the scatter of rows less the shift, bordered by their sums and count, (d + k + 1, d + k + 1)."""
        d, beside = rows.n_features, self._right.shape[1]
        shift, shift_beside = self._shift[:d], self._shift[d:]
        inner, cross, outer = (np.zeros(shape, order="F") for shape in ((d, d), (d, beside), (beside, beside)))
        with np.errstate(over="ignore", invalid="ignore"):
            for low in range(start, stop, BLOCK_ROWS):
                X, Y = rows.block(low, min(low + BLOCK_ROWS, stop))
                a, b = self._left[: len(X)], self._right[: len(Y)]
                np.subtract(X, shift, out=a)
                np.subtract(Y, shift_beside, out=b[:, :-1])
                inner = blas.dsyrk(1.0, a.T, beta=1.0, c=inner, overwrite_c=True)
                cross = blas.dgemm(1.0, a.T, b.T, trans_b=True, beta=1.0, c=cross, overwrite_c=True)
                outer = blas.dsyrk(1.0, b.T, beta=1.0, c=outer, overwrite_c=True)
        return np.block([[_mirrored(inner), cross], [cross.T, _mirrored(outer)]])


def two_sum(a: Array, b: Array) -> tuple[Array, Array]:
    """Return a + b as rounded and what the rounding lost, exactly."""
    total = a + b
    part = total - a
    return total, (a - (total - part)) + (b - part)


def _mirrored(upper: Array) -> Array:
    return np.triu(upper) + np.triu(upper, 1).T


def _mean(rows: Rows, start: int, stop: int) -> Array:
    mean = np.zeros(rows.width)
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(2):  # the second time around corrects what the first has rounded
            total = np.zeros(rows.width)
            for low in range(start, stop, BLOCK_ROWS):
                total += (np.concatenate(rows.block(low, min(low + BLOCK_ROWS, stop)), axis=1) - mean).sum(axis=0)
            mean += total / (stop - start)
    return mean


def _is_far(products: Array, shift: Array) -> bool:
    """Whether taking the rest of the mean out of the products would lose more than two bits, or they overflowed."""
    count, squares = products[-1, -1], products.diagonal()[:-1]
    with np.errstate(over="ignore", invalid="ignore"):
        rest = products[-1, :-1] / count
        near = np.isfinite(squares) & (count * np.square(rest) <= 0.75 * squares)
    # A constant column is as near as its mean can be rounded.
    return not np.all(near | (np.abs(rest) <= 16 * EPS * np.abs(shift)))
