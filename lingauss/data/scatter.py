"""One pass over rows: means and scatters at the speed of the matrix products they contain.

Rows, less a provisional mean, are copied into a buffer small enough to stay in a core's cache, multiplied there by
BLAS and added to a running sum, together with a column of ones, whose products are the sums. What the provisional mean
missed is taken out at the end; if that would cancel digits, the rows are read a second time about their own mean.
Every core takes a share of the rows, unless they are so wide that products are large enough for BLAS's own threads.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass

import numpy as np

from lingauss.algebra.factor import EPS
from lingauss.data.rows import Rows
from lingauss.threads import cores, cut, in_threads, one_blas_thread
from lingauss.validation import Array

PROBE_ROWS = 128  # rows whose mean is provisional
BLOCK_ROWS = 1024  # rows in the buffer
STRETCH_ROWS = 64 * BLOCK_ROWS  # rows in one running sum, few enough for rounding not to add up
WIDE = 512  # features above which products are left to BLAS's own threads


@dataclass(frozen=True, eq=False)
class Stretch:
    """Summary of consecutive rows.

    Attributes
    ----------
    count : int
        Of rows that have some weight.
    weight : float
        Sum of all weights; the count where all rows count alike.
    mean, mean_tail : (d + k,)
        The mean, and what of it lies below the last digit of ``mean``; zeros unless centred.
    scatter : (d + k, d + k)
        About the mean where centred, about the origin otherwise.
    """

    count: int
    weight: float
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
        self._buffers: list[_Buffer] = []

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
            count, weight = stop - start, products[-1, -1].item()
            if rows.weights is not None:
                count = int(np.count_nonzero(rows.weights[start:stop]))
                if not count:
                    continue
            if self.center and _is_far(products, self._shift):
                self._shift = _mean(rows, start, stop)
                products = self._products(rows, start, stop)
            if not np.isfinite(products).all():
                rows.explain(start, stop)
            scatter, tail = products[:-1, :-1], np.zeros(rows.width)
            if self.center:
                rest = products[-1, :-1] / weight
                scatter = scatter - np.outer(rest, rest) * weight  # symmetric to the last bit, unlike Σx ⊗ rest
                self._shift, tail = two_sum(self._shift, rest)
            yield Stretch(count, weight, self._shift, tail, scatter)

    def _fit(self, rows: Rows) -> None:
        """Get ready for rows, which may have other columns than the last ones or be more."""
        parts = 1 if rows.n_features > WIDE else max(1, min(cores(), len(rows) // BLOCK_ROWS))
        size, d, k = min(len(rows), BLOCK_ROWS), rows.n_features, rows.width - rows.n_features
        if len(self._shift) != rows.width:
            self._shift = _mean(rows, 0, min(size, PROBE_ROWS)) if self.center else np.zeros(rows.width)
        if len(self._buffers) < parts or not self._buffers[0].fits(size, d, k):
            self._buffers = [_Buffer(size, d, k) for _ in range(parts)]

    def _products(self, rows: Rows, start: int, stop: int) -> Array:
        """Return the scatter of rows less the shift, bordered by their sums and count, (d + k + 1, d + k + 1)."""
        parts = cut(stop - start, min(len(self._buffers), (stop - start) // BLOCK_ROWS))

        def add_up(number: int) -> None:
            part = parts[number]
            self._buffers[number].add_up(rows, start + part.start, start + part.stop, self._shift)

        with one_blas_thread() if rows.n_features <= WIDE else nullcontext():
            in_threads(add_up, range(len(parts)))
        return np.asarray(np.sum([buffer.products() for buffer in self._buffers[: len(parts)]], axis=0))


class _Buffer:
    """Where one core multiplies rows, and the sums of their products.

    Parameters
    ----------
    size : int
        Rows at a time.
    d, k : int
        Columns of X and of Y.
    """

    def __init__(self, size: int, d: int, k: int) -> None:
        self.left, self.right = np.empty((size, d)), np.ones((size, k + 1))
        shapes = (d, d), (d, k + 1), (k + 1, k + 1)
        self.sums, self.scratch = ([np.zeros(shape) for shape in shapes] for _ in range(2))

    def fits(self, size: int, d: int, k: int) -> bool:
        """Whether it is large enough for that many rows of that many columns."""
        return len(self.left) >= size and (self.left.shape[1], self.right.shape[1]) == (d, k + 1)

    def add_up(self, rows: Rows, start: int, stop: int, shift: Array) -> None:
        """Set the sums to those of some rows less a shift."""
        d = self.left.shape[1]
        for total in self.sums:
            total[...] = 0.0
        with np.errstate(over="ignore", invalid="ignore"):
            for low in range(start, stop, BLOCK_ROWS):
                X, Y = rows.block(low, min(low + BLOCK_ROWS, stop))
                a, b = self.left[: len(X)], self.right[: len(Y)]
                np.subtract(X, shift[:d], out=a)
                np.subtract(Y, shift[d:], out=b[:, :-1])
                b[:, -1] = 1.0
                if rows.weights is not None:
                    root = np.sqrt(rows.weights[low : low + len(X), None])
                    a *= root
                    b *= root
                for (first, second), total, product in zip(
                    ((a, a), (a, b), (b, b)), self.sums, self.scratch, strict=True
                ):
                    total += np.matmul(first.T, second, out=product)

    def products(self) -> Array:
        """Return the sums as one matrix, X before Y before the ones."""
        inner, cross, outer = self.sums
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
            total, weight = np.zeros(rows.width), 0.0
            for low in range(start, stop, BLOCK_ROWS):
                block = np.concatenate(rows.block(low, min(low + BLOCK_ROWS, stop)), axis=1)
                some = None if rows.weights is None else rows.weights[low : low + len(block)]
                total += (block - mean).sum(axis=0) if some is None else some @ (block - mean)
                weight += len(block) if some is None else some.sum()
            mean += total / (weight or 1.0)
    return mean


def _is_far(products: Array, shift: Array) -> bool:
    """Whether taking the rest of the mean out of the products would lose more than two bits, or they overflowed."""
    count, squares = products[-1, -1], products.diagonal()[:-1]
    with np.errstate(over="ignore", invalid="ignore"):
        rest = products[-1, :-1] / count
        near = np.isfinite(squares) & (count * np.square(rest) <= 0.75 * squares)
    # A constant column is as near as its mean can be rounded.
    return not np.all(near | (np.abs(rest) <= 16 * EPS * np.abs(shift)))
