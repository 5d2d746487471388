"""Sums over the leading or the trailing part of vectors and matrices, for all lengths of it at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.linalg import blas

from lingauss.validation import Array


def heads(values: Array) -> Array:
    """Return the sums of the first r values for every r from 0."""
    return np.concatenate([[0.0], np.cumsum(values)])


def tails(values: Array, largest: int) -> Array:
    """Return the sums of all but the first r values for every r up to ``largest``."""
    return np.concatenate([np.cumsum(values[::-1])[::-1], [0.0]])[: largest + 1]


def leading_sums(matrix: Array, less: Array | float = 0.0) -> Array:
    """Return the sum of every leading block of a symmetric matrix, less a value for each of its rows."""
    return heads(2.0 * np.tril(matrix, -1).sum(axis=1) + matrix.diagonal() - less)


def squared_norms(start: Array, left: Array, right: Array, widths: Sequence[int]) -> Array:
    """Return ‖start + Σ_{i≤r} left_i right_i‖² over the first widths[r] columns, for every r from 0.

    The sums are formed themselves, because expanding the square would cancel where start and sum nearly do.

    Parameters
    ----------
    start : (n, c)
    left : (n, m)
    right : (m, c)
        Row i − 1, which rank i adds, is zero beyond widths[i].
    widths : sequence of m + 1 int
    """
    result = np.zeros(len(widths))
    current, left = np.array(start, order="F"), np.asfortranarray(left)
    if not current.size:
        return result
    for rank, width in enumerate(widths):
        if not width:
            continue
        seen = current[:, :width]
        if rank:
            blas.dger(1.0, left[:, rank - 1], right[rank - 1, :width], a=seen, overwrite_a=True)
        flat = seen.ravel(order="F")  # a view, as columns are contiguous
        result[rank] = blas.ddot(flat, flat)  # of the library of dger: another's threads would fight over the cores
    return result
