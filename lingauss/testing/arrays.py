"""Strategies for numbers and matrices: round, so that shrunk examples read well and sums of them are exact."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from hypothesis import strategies as st

from lingauss.algebra.psd import symmetrised
from lingauss.validation import Array

QUARTERS = 4  # drawn numbers are multiples of 1/4


@lru_cache  # a strategy checks itself once, which takes longer than a draw
def numbers(*, minimum: float, maximum: float, simplest: float | None = None) -> st.SearchStrategy[float]:
    """Draw multiples of ¼ between two bounds.

    Parameters
    ----------
    minimum, maximum : float
    simplest : float, optional
        What they shrink towards; default: zero, or the bound nearest to it.
    """
    low, high = math.ceil(minimum * QUARTERS), math.floor(maximum * QUARTERS)
    origin = min(max(0, low), high) if simplest is None else round(simplest * QUARTERS)
    return st.integers(low - origin, high - origin).map(lambda steps: (origin + steps) / QUARTERS)


@st.composite
def matrices(draw: st.DrawFn, *, rows: int, columns: int, maximum: float = 2.0) -> Array:
    """Draw a (rows, columns) array of round numbers between −``maximum`` and ``maximum``."""
    steps = draw(_whole_numbers(rows * columns, round(-maximum * QUARTERS), round(maximum * QUARTERS)))
    return np.array(steps, dtype=np.float64).reshape(rows, columns) / QUARTERS


@lru_cache
def _whole_numbers(count: int, minimum: int, maximum: int) -> st.SearchStrategy[list[int]]:
    return st.lists(st.integers(minimum, maximum), min_size=count, max_size=count)


@st.composite
def rotations(draw: st.DrawFn, *, dim: int) -> Array:
    """Draw an orthogonal (dim, dim) matrix, a product of up to two reflections; it shrinks to the identity."""
    rotation = np.eye(dim)
    for _ in range(draw(st.integers(0, 2))):
        normal = draw(matrices(rows=1, columns=dim))
        length = float(np.sum(np.square(normal)))
        if length > 0:
            rotation = rotation - (2.0 / length) * (rotation @ normal.T) @ normal
    return rotation


@st.composite
def spectra(draw: st.DrawFn, *, dim: int, condition: float = 1e4, rank: int | None = None) -> Array:
    """Draw eigenvalues (dim,), positive ones first: powers of two between 1 and ``condition``, ties included.

    Parameters
    ----------
    dim : int
    condition : float
        At least 1; bounds the ratio of the positive ones.
    rank : int, optional
        How many are positive; default: all.
    """
    live = dim if rank is None else rank
    exponents = draw(_whole_numbers(live, 0, octaves(condition)))
    return np.concatenate([2.0 ** np.array(exponents), np.zeros(dim - live)])


def octaves(condition: float) -> int:
    """Return the largest exponent of two within a condition number."""
    return int(math.log2(condition))


@st.composite
def psd_matrices(draw: st.DrawFn, *, dim: int, condition: float = 1e4, rank: int | None = None) -> Array:
    """Draw a positive-semidefinite (dim, dim) matrix of the given condition number (at most) and rank.

    Parameters
    ----------
    dim : int
    condition : float
        Largest ratio of its positive eigenvalues, which are powers of two between 1 and ``condition``.
    rank : int, optional
        Number of positive eigenvalues; default ``dim``.
    """
    eigenvalues = draw(spectra(dim=dim, condition=condition, rank=rank))
    return rotated(eigenvalues, draw(rotations(dim=dim)))


def rotated(eigenvalues: Array, rotation: Array) -> Array:
    """Return the matrix of given eigenvalues (d,) and eigenvectors, the columns of a rotation (d, d)."""
    return symmetrised((rotation * eigenvalues) @ rotation.T)
