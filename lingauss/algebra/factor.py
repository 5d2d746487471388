"""Roots of positive-semidefinite matrices: Cholesky where the rank is full, eigenvectors where it is not.

A matrix that is known through some root is never squared: singular values of the root hold twice the digits.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.linalg import lapack

from lingauss.algebra.numerics import solve_triangular
from lingauss.validation import Array, freeze

EPS = float(np.finfo(np.float64).eps)
ALIKE = 1e-3  # ratio of two sizes up to which the rounding of the larger leaves the smaller its digits


def rounding(dim: int) -> float:
    """Return what a few products of d × d matrices leave in place of zero, relative to their size: 32·d·eps."""
    return 32 * max(dim, 1) * EPS


@dataclass(frozen=True, eq=False)
class Cholesky:
    """C = L Lᵀ of full rank."""

    root: Array

    @cached_property
    def log_det(self) -> float:
        return 2.0 * float(np.sum(np.log(self.root.diagonal())))

    def whiten(self, rows: Array) -> Array:
        return np.asarray(solve_triangular(self.root, rows.T, lower=True).T)

    def contains(self, rows: Array, magnitude: Array) -> bool:
        return True


@dataclass(frozen=True, eq=False)
class SpectralRoot:
    """C = D Q diag(λ) Qᵀ D on its range, D = diag(scale); coordinates of scale 0 are deterministic.

    ``of_root`` says whether what was rounded is some root of C, else C itself.
    """

    scale: Array
    range_basis: Array
    null_basis: Array
    eigenvalues: Array
    of_root: bool = False

    @cached_property
    def root(self) -> Array:
        return freeze(self.scale[:, None] * self.range_basis * np.sqrt(self.eigenvalues))

    @cached_property
    def log_det(self) -> float:
        if len(self.eigenvalues) < len(self.scale):
            return -math.inf
        return float(np.sum(np.log(self.eigenvalues)) + 2.0 * np.sum(np.log(self.scale)))

    @cached_property
    def _inverse_scale(self) -> Array:
        return np.divide(1.0, self.scale, out=np.zeros_like(self.scale), where=self.scale > 0)

    def whiten(self, rows: Array) -> Array:
        return (rows * self._inverse_scale) @ (self.range_basis / np.sqrt(self.eigenvalues))

    def contains(self, rows: Array, magnitude: Array) -> bool:
        forgiven = rounding(len(self.scale))
        if np.any(np.abs(rows[:, self.scale == 0]) > forgiven * magnitude[:, self.scale == 0]):
            return False
        scaled = rows * self._inverse_scale
        outside = np.linalg.norm(scaled @ self.null_basis, axis=1)
        # A row y C is as far from the range of a C that carries rounding as y times that rounding; so is y R of a root.
        steps = np.sqrt(self.eigenvalues) if self.of_root else self.eigenvalues
        preimage = np.linalg.norm((scaled @ self.range_basis) / steps, axis=1)
        size = np.linalg.norm(magnitude * self._inverse_scale, axis=1)
        return bool(np.all(outside <= forgiven * (size + preimage)))


def factorise(matrix: Array, scale: Array, rank: int | None = None) -> Cholesky | SpectralRoot:
    """Cholesky where the scaled matrix is safely of full rank, its eigenvectors otherwise; ``rank`` if it is known."""
    dim = len(matrix)
    live = scale > 0
    if live.all() and dim and rank in (None, dim):
        scaled = matrix / scale / scale[:, None]
        lower, failed = lapack.dpotrf(scaled, lower=1)
        if not failed:
            norm = float(np.abs(scaled).sum(axis=0).max())
            reciprocal_condition, _ = lapack.dpocon(lower, norm, uplo="L")
            if reciprocal_condition * norm > rounding(dim):
                return Cholesky(freeze(scale[:, None] * np.tril(lower)))
    index = np.flatnonzero(live)
    inner = matrix[np.ix_(index, index)] / scale[index] / scale[index, None]
    eigenvalues, vectors = np.linalg.eigh(inner)
    kept = eigenvalues > rounding(dim) if rank is None else np.arange(len(index)) >= len(index) - rank
    basis = np.zeros((dim, len(index)))
    basis[index] = vectors
    return SpectralRoot(scale, basis[:, kept], basis[:, ~kept], eigenvalues[kept])


def factorise_root(root: Array, scale: Array) -> Cholesky | SpectralRoot:
    """Return the factor of R Rᵀ for a root R (d, m) whose rows have the given norms; cheaply if they are far apart."""
    index = np.flatnonzero(scale)
    if 0 < len(root) == len(index) <= root.shape[1]:
        triangular = np.asarray(np.linalg.qr((root / scale[:, None]).T, mode="r"))
        reciprocal_condition, _ = lapack.dtrcon(triangular)
        if reciprocal_condition > ALIKE:
            signs = np.where(triangular.diagonal() < 0.0, -1.0, 1.0)
            return Cholesky(freeze(scale[:, None] * (triangular.T * signs)))
    left, singular, _ = graded_svd(root[index] / scale[index, None])
    live = singular > rounding(len(root))
    inside = left[:, live]
    outside = np.linalg.qr(inside, mode="complete")[0][:, inside.shape[1] :] if inside.size else np.eye(len(index))
    basis = np.zeros((len(root), len(index)))
    basis[index] = np.concatenate([inside, outside], axis=1)
    rank = int(np.count_nonzero(live))
    return SpectralRoot(scale, basis[:, :rank], basis[:, rank:], np.square(singular[live]), of_root=True)


def graded_svd(matrix: Array) -> tuple[Array, Array, Array]:
    """Return left (m, p), singular values (p,), largest first, and right (n, p), p = min(m, n), of matrix (m, n).

    Where rows or columns are of very different sizes small singular values keep their digits as well (one-sided Jacobi
    after a pivoted QR; Drmač & Veselić 2008).
    """
    m, n = matrix.shape
    if m < n:
        right, singular, left = graded_svd(matrix.T)
        return left, singular, right
    if not np.any(matrix):
        return np.eye(m)[:, :n], np.zeros(n), np.eye(n)
    left, singular, turned = np.linalg.svd(matrix, full_matrices=False)
    live = singular[singular > rounding(m) * singular[0]]
    if live[-1] > ALIKE * singular[0]:
        return left, singular, turned.T
    scaled, left, right, work, _, failed = lapack.dgejsv(matrix, joba=2)
    if failed:
        raise np.linalg.LinAlgError("singular values did not converge")
    return left, scaled * (work[0] / work[1]), right
