"""Spread costs of whole covariances, whose eigenvectors move with the spreads (docs/theory.md §5.1)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.linalg import lapack

from lingauss.algebra.numerics import solve_triangular
from lingauss.algebra.psd import Dense, symmetrised
from lingauss.optimum.convex import SpreadCost
from lingauss.validation import Array


def matrix_spread(weight: float, intercept: Array, slopes: Array) -> SpreadCost | None:
    """Return w ψ(intercept + Σ_j x_j slopes_j), ψ(M) = tr M − n − log det M, as a function of x ≥ 0.

    Parameters
    ----------
    weight : float
        w > 0.
    intercept : (n, n)
        Positive semidefinite.
    slopes : (p, n, n)
        Each positive semidefinite.

    Returns
    -------
    SpreadCost or None
        None if the cost is +inf everywhere.
    """
    n, traces = len(intercept), np.trace(slopes, axis1=1, axis2=2)
    size = max(float(np.trace(intercept)), float(n), 1.0)
    scales = np.divide(size, traces, out=np.zeros(len(slopes)), where=traces > 0)
    moved = np.tensordot(scales, slopes, 1)
    middle = Dense(symmetrised(intercept + moved))
    if n and middle.is_singular:
        return None
    if np.count_nonzero(traces) > 1:
        return MatrixSpread(weight, intercept, slopes)
    shares = np.zeros(n)
    if n and np.any(traces):
        shares = np.clip(np.linalg.eigvalsh(symmetrised(middle.whiten(middle.whiten(moved).T))), 0.0, 1.0)
    constant = float(np.trace(intercept)) - n - middle.log_det
    return PencilSpread(weight, constant, traces, 1.0 - shares, shares[:, None] * (traces / size))


@dataclass(frozen=True, eq=False)
class MatrixSpread(SpreadCost):
    """f(x) = w ψ(M) with M = intercept + Σ_j x_j slopes_j; parameters as for :func:`matrix_spread`."""

    weight_each: float
    intercept: Array
    slopes: Array

    @property
    def weight(self) -> float:
        return self.weight_each * len(self.intercept)

    @property
    def rates(self) -> Array:
        return np.asarray(self.weight_each * np.trace(self.slopes, axis1=1, axis2=2))

    @property
    def effects(self) -> Array:
        return self.slopes.reshape(len(self.slopes), self.intercept.size).T

    def _factor(self, x: Array) -> tuple[Array, Array | None]:
        """Return M and its lower Cholesky factor, None if it has none."""
        matrix = self.intercept + np.tensordot(x, self.slopes, 1)
        lower, failed = lapack.dpotrf(matrix, lower=1, clean=1) if len(matrix) else (matrix, 0)
        return matrix, None if failed else lower

    def value(self, x: Array) -> float:
        matrix, lower = self._factor(x)
        if lower is None:
            return math.inf
        log_det = 2.0 * float(np.sum(np.log(lower.diagonal())))
        return self.weight_each * (float(np.sum(matrix.diagonal() - 1.0)) - log_det)

    def derivatives(self, x: Array) -> tuple[Array, Array]:
        _, lower = self._factor(x)
        if lower is None:
            raise FloatingPointError("derivatives of an infinite cost")
        n, p = len(lower), len(self.slopes)
        if not n * p:
            return np.zeros(p), np.zeros((p, p))
        # L⁻¹ M_j L⁻ᵀ, all j side by side; as M_j is symmetric, whitening columns twice needs one transposition.
        half = solve_triangular(lower, self.slopes.transpose(1, 0, 2).reshape(n, -1), lower=True)
        turned = half.reshape(n, p, n).transpose(2, 1, 0).reshape(n, -1)
        white = solve_triangular(lower, turned, lower=True).reshape(n, p, n)
        relative = np.einsum("iji->j", white)
        hessian = np.einsum("ajb,alb->jl", white, white, optimize=True)
        return self.rates - self.weight_each * relative, self.weight_each * hessian


@dataclass(frozen=True, eq=False)
class PencilSpread(SpreadCost):
    """The same where at most one variable counts, so that intercept and slope become diagonal together.

    Attributes
    ----------
    weight_each : float
        w.
    constant : float
        What f / w is at x = 0, but for the logarithms.
    traces : (p,)
        What each variable adds to tr M.
    start : (n,)
    slopes : (n, p)
        log det M is a constant plus Σ log(start + slopes · x).
    """

    weight_each: float
    constant: float
    traces: Array
    start: Array
    slopes: Array

    @property
    def weight(self) -> float:
        return self.weight_each * len(self.start)

    @property
    def rates(self) -> Array:
        return self.weight_each * self.traces

    @property
    def effects(self) -> Array:
        return self.slopes

    def value(self, x: Array) -> float:
        arguments = self.start + self.slopes @ x
        if not np.all(arguments > 0):
            return math.inf
        return self.weight_each * (self.constant + float(self.traces @ x) - float(np.sum(np.log(arguments))))

    def derivatives(self, x: Array) -> tuple[Array, Array]:
        relative = self.slopes / (self.start + self.slopes @ x)[:, None]
        return self.rates - self.weight_each * relative.sum(axis=0), self.weight_each * (relative.T @ relative)
