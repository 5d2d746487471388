"""Sums of arrays that depend on some axes of a grid each, written over the whole grid in as few passes as possible."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from lingauss.sums.affine import pick
from lingauss.threads import cores, cut, in_threads
from lingauss.validation import Array

WRITTEN = 2**19  # array elements that are worth a thread

Shape = tuple[int, ...]


class Product(NamedTuple):
    """values · factor; both have length 1 along the axes they do not depend on."""

    values: Array
    factor: Array | None = None

    @classmethod
    def of(cls, values: Array, factor: Array) -> Product:
        """Multiply at once if that takes no more elements than the values have."""
        if factor.size == 1 and factor.ndim <= values.ndim:
            return cls(values * factor)
        product = cls(values, factor)
        return cls(product.whole()) if math.prod(product.shape) == values.size else product

    @property
    def shape(self) -> Shape:
        """Shape of the product."""
        return self.values.shape if self.factor is None else np.broadcast_shapes(self.values.shape, self.factor.shape)

    def whole(self) -> Array:
        """Multiply out."""
        return self.values if self.factor is None else self.values * self.factor

    def sides(self) -> tuple[Array, Array] | None:
        """Return a column and a row along the last two axes whose product it is, None if it is none."""
        other = np.ones((1,) * self.values.ndim) if self.factor is None else self.factor
        for column, row in ((self.values, other), (other, self.values)):
            if column.shape[-1] == row.shape[-2] == 1:
                return column, row
        return None


def sum_of_products(products: Sequence[Product], shape: Shape, out: Array | None = None) -> Array:
    """Return the sum of products over a grid, a read-only view where it depends on a part of the axes alone.

    Parameters
    ----------
    products : sequence of Product
        At least one; their arrays broadcast to ``shape``.
    shape : tuple of int
    out : ndarray of that shape, optional
        Where to write.
    """
    full = math.prod(shape)
    plain = _merged([product.values for product in products if product.factor is None], full)
    terms = [*map(Product, plain), *(product for product in products if product.factor is not None)]
    if len(shape) > 2 and len(terms) > 1 and np.broadcast_shapes(*(term.shape for term in terms)) == shape:
        sides = [pair for term in terms if (pair := term.sides()) is not None]
        if len(sides) == len(terms):
            return _sum_of_outer_products(sides, np.empty(shape) if out is None else out)
    arrays = _merged([term.whole() for term in terms], full)
    if len(arrays) == 1 and out is None:
        return np.broadcast_to(arrays[0], shape)
    whole = np.empty(shape) if out is None else out

    def write(rows: slice) -> None:
        first, *others = (pick(array, rows) for array in arrays)
        np.add(first, others[0] if others else 0.0, out=whole[rows])
        for array in others[1:]:
            whole[rows] += array

    _over_rows(write, whole)
    return whole


def add_products(products: Sequence[Product], whole: Array) -> Array:
    """Add products to an array of the whole grid, in place, and return it."""
    arrays = _merged([product.whole() for product in products], whole.size)

    def write(rows: slice) -> None:
        for array in arrays:
            whole[rows] += pick(array, rows)

    _over_rows(write, whole)
    return whole


def _merged(arrays: Sequence[Array], full: int) -> list[Array]:
    """Add arrays, small ones first, as long as their sum stays smaller than the grid."""
    merged: list[Array] = []
    for array in sorted(arrays, key=np.size):
        if merged and math.prod(np.broadcast_shapes(merged[-1].shape, array.shape)) < full:
            merged[-1] = merged[-1] + array
        else:
            merged.append(array)
    return merged


def _sum_of_outer_products(sides: Sequence[tuple[Array, Array]], out: Array) -> Array:
    """Write a sum of columns times rows as a matrix product, several times faster than broadcasting them."""
    columns, rows = zip(*sides, strict=True)

    def write(some: slice) -> None:
        left = _side_by_side([pick(column, some) for column in columns], -1)
        right = _side_by_side([pick(row, some) for row in rows], -2)
        np.matmul(left, right, out=out[some])

    with np.errstate(invalid="ignore"):  # infinite costs meet the zeros with which matrix products fill up blocks
        _over_rows(write, out)
    return out


def _side_by_side(arrays: Sequence[Array], axis: int) -> Array:
    """Broadcast arrays of length 1 along an axis against each other and put them side by side along it."""
    shape = list(np.broadcast_shapes(*(array.shape for array in arrays)))
    shape[axis] = len(arrays)
    whole = np.empty(shape)
    for place, array in zip(np.moveaxis(whole, axis, 0), arrays, strict=True):
        place[...] = np.squeeze(array, axis)
    return whole


def _over_rows(write: Callable[[slice], object], whole: Array) -> None:
    """Write an array by rows, on every core if that is worth it."""
    in_threads(write, cut(len(whole), min(cores(), whole.size // WRITTEN) if whole.size > WRITTEN else 1))
