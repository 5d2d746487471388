"""slope · x + intercept over a grid, evaluated for some rows at a time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lingauss.validation import Array

Index = tuple[slice, ...]


def pick(values: Array, index: Index) -> Array:
    """Index the first axes of an array that has length 1 along those it does not depend on: these stay as they are."""
    return values[tuple(some if n > 1 else slice(None) for some, n in zip(index, values.shape, strict=False))]


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

    def at(self, index: Index, out: Array | None = None) -> Array:
        """Return some rows, or a part of them, written into ``out`` if given."""
        if self._sides is None:
            products = np.multiply(pick(self.slope, index), pick(self.x, index), out=out)
            return np.asarray(np.add(products, pick(self.intercept, index), out=out))
        left, right = self._sides
        last = left.ndim - 1
        return np.matmul(pick(left, index[:last]), pick(right, (slice(None), *index[last:])), out=out)

    @cached_property
    def _sides(self) -> tuple[Array, Array] | None:
        if self.x.ndim < 2 or not self.x.shape[-1] == self.x.size > 1:
            return None
        if not self.slope.shape[-1] == self.intercept.shape[-1] == 1:
            return None
        slope, intercept = np.broadcast_arrays(self.slope, self.intercept)
        return np.concatenate([slope, intercept], axis=-1), np.stack([self.x.reshape(-1), np.ones(self.x.size)])
