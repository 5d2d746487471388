"""Roots of positive-semidefinite matrices: Cholesky where the rank is full, eigenvectors where it is not."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.linalg import lapack

from lingauss.algebra.numerics import solve_triangular
from lingauss.validation import Array, freeze

EPS = float(np.finfo(np.float64).eps)


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
    """C = D Q diag(λ) Qᵀ D on its range, D = diag(scale); coordinates of scale 0 are deterministic."""

    scale: Array
    range_basis: Array
    null_basis: Array
    eigenvalues: Array

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
        # A row y C is as far from the range of a C that carries rounding as y times that rounding.
        preimage = np.linalg.norm((scaled @ self.range_basis) / self.eigenvalues, axis=1)
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
