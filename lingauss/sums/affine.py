"""slope · x + intercept over a grid, evaluated for some rows at a time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lingauss.validation import Array


def pick(values: Array, rows: slice) -> Array:
    """Return some rows of an array; one of length 1 there does not depend on the row and stays as it is."""
    return values[rows] if len(values) > 1 else values


@dataclass(frozen=True, eq=False)
class Affine:
    """Rows of slope · x + intercept, for arrays that broadcast against each other.

    Where x runs along the last axis alone and the others do not, every row is made of outer products, which a matrix
    product fills several times faster than broadcasting does.

    Attributes
    ----------
    slope, intercept : ndarray
        Rows on the first axis, of equal length there.
    x : ndarray
        Of length 1 on the first axis.
    """

    slope: Array
    x: Array
    intercept: Array

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of all rows together."""
        return np.broadcast_shapes(self.slope.shape, self.x.shape, self.intercept.shape)

    def at(self, rows: slice, out: Array | None = None) -> Array:
        """Return some rows, written into ``out`` if given."""
        if self._sides is None:
            products = np.multiply(pick(self.slope, rows), self.x, out=out)
            return np.asarray(np.add(products, pick(self.intercept, rows), out=out))
        left, right = self._sides
        with np.errstate(invalid="ignore"):  # infinite intercepts meet zeros with which matrix products fill up blocks
            return np.matmul(pick(left, rows), right, out=out)

    @cached_property
    def _sides(self) -> tuple[Array, Array] | None:
        if self.x.ndim < 2 or not self.x.shape[-1] == self.x.size > 1:
            return None
        if not self.slope.shape[-1] == self.intercept.shape[-1] == 1:
            return None
        slope, intercept = np.broadcast_arrays(self.slope, self.intercept)
        return np.concatenate([slope, intercept], axis=-1), np.stack([self.x.reshape(-1), np.ones(self.x.size)])
