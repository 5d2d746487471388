"""Least squares in a vector and its images under powers of one map, however nearly dependent they are.

Powers of a map whose eigenvalues lie ε apart differ from each other by ε, ε², …, of which float64 columns keep nothing.
The basis is therefore grown by the map itself (Arnoldi 1951): a new direction is the image of the last one without what
is known already, so that ε is lost once and not to the power of the rounds. The columns in this basis are a triangle
whose rows are as small as their direction is rare, each with all its digits; Householder reflections with rows in
decreasing order and columns by size keep them (Cox and Higham 1998).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from lingauss.algebra.factor import EPS
from lingauss.validation import Array

VANISHING = 1e-100  # weight that chooses the least of many solutions without a digit of influence on what they reach


class Powers(NamedTuple):
    """Columns c₁ … c_r, of which the first few are images of each other: c_{j+1} = (shift + turn) c_j.

    Attributes
    ----------
    columns : sequence of (…) arrays
    regular : int
        How many, from the first, are such images.
    shift : float
    turn : callable
        Linear; the map is split so that ``turn`` is small where the map is close to the identity.
    view : callable
        Linear, to the (m,) vector whose norm counts.
    """

    columns: Sequence[Array]
    regular: int
    shift: float
    turn: Callable[[Array], Array]
    view: Callable[[Array], Array]


class Triangle(NamedTuple):
    """Viewed columns as orthonormal ``basis`` (m, q) times ``coefficients`` (q, r), upper triangular."""

    basis: Array
    coefficients: Array


def triangle(powers: Powers, negligible: float) -> Triangle:
    """Return the viewed columns in an orthonormal basis of their span.

    Parameters
    ----------
    powers : Powers
    negligible : float
        What is left of a vector, relative to its length, that counts as its rounding and hence as nothing.
    """
    count = len(powers.columns)
    images: list[Array] = []
    basis = np.empty((len(powers.view(powers.columns[0])), 0))
    coefficients, turned = np.zeros((count, count)), np.zeros((count, count))

    def split(image: Array) -> Array:
        """Return a vector's coefficients, (count,), after adding the direction it has to itself, if any."""
        nonlocal basis
        found, length = np.zeros(count), float(np.linalg.norm(powers.view(image)))
        for _ in range(2):  # once more for what the first subtraction left by rounding
            shares = basis.T @ powers.view(image)
            found[: len(shares)] += shares
            for share, known in zip(shares, images, strict=True):
                image = image - share * known
        left = float(np.linalg.norm(powers.view(image)))
        if left > negligible * length:
            found[len(images)] = left
            images.append(image / left)
            basis = np.column_stack([basis, powers.view(images[-1])])
        return found

    for j, column in enumerate(powers.columns):
        if 0 < j < powers.regular:
            if len(images) == j:
                turned[:, j - 1] = split(powers.turn(images[-1]))
            coefficients[:, j] = powers.shift * coefficients[:, j - 1] + turned @ coefficients[:, j - 1]
        else:
            coefficients[:, j] = split(column)
    return Triangle(basis, coefficients[: len(images)])


class Least(NamedTuple):
    """The minimiser and the minimum of ‖coefficients · P − wanted‖² + Σ (spread_j + guard² · size_j²) P_j²."""

    minimiser: Array
    minimum: float


def least(coefficients: Array, wanted: Array, spread: Array, guard: float) -> Least:
    """Minimise a sum of squares whose rows may be of very different size; of many minimisers take that of least norm.

    Parameters
    ----------
    coefficients : (q, r)
    wanted : (q,)
    spread : (r,)
        At least 0.
    guard : float
        At least :data:`VANISHING`; norms are in units of each column's length, ``size``.
    """
    from scipy.linalg import qr, solve_triangular

    sizes = np.sqrt(np.sum(np.square(coefficients), axis=0) + spread)
    sizes = np.where(sizes > 0.0, sizes, 1.0)
    rows = np.concatenate([coefficients / sizes, np.diag(np.hypot(np.sqrt(spread) / sizes, guard))])
    goal = np.concatenate([wanted, np.zeros(len(sizes))])
    order = np.argsort(-np.max(np.abs(rows), axis=1), kind="stable")
    reflected, within, pivots = qr(rows[order], pivoting=True)
    turned = reflected.T @ goal[order]
    found = np.empty(len(sizes))
    found[pivots] = solve_triangular(within[: len(sizes)], turned[: len(sizes)])
    return Least(found / sizes, float(np.sum(np.square(turned[len(sizes) :]))))


def determined(coefficients: Array, spread: Array) -> bool:
    """Whether only one P minimises: no combination of columns without a spread of their own vanishes."""
    free = coefficients[:, spread == 0.0]
    if len(coefficients) == coefficients.shape[1] or not free.shape[1]:
        return True
    level = np.linalg.norm(free, axis=1, keepdims=True)
    return bool(np.linalg.matrix_rank(free / np.where(level > 0.0, level, 1.0), tol=len(level) * EPS) == free.shape[1])
