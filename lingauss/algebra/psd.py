"""Positive-semidefinite matrices in a dense and a diagonal form under one interface.

Rows are vectors throughout: a stack of m vectors is an (m, d) array, and a covariance C acts on it from the right.
Both forms keep the matrix they were given, so that near-equal matrices can be subtracted before anything is
factorised, and add a lazy factor on first use.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from lingauss.algebra.factor import Cholesky, SpectralRoot, factorise
from lingauss.errors import CovarianceError
from lingauss.guard import guarded
from lingauss.memory import check_memory
from lingauss.threads import whole_matrices
from lingauss.validation import Array, Immutable, as_frozen, freeze, shape_of


class PSD(Immutable, ABC):
    """A symmetric positive-semidefinite (d, d) matrix C = R Rᵀ with a left inverse R⁺ of its root."""

    @property
    @abstractmethod
    def dim(self) -> int:
        """Number of rows and columns, d."""

    @property
    @abstractmethod
    def matrix(self) -> Array:
        """The matrix itself, (d, d)."""

    @property
    @abstractmethod
    def rank(self) -> int:
        """Numerical rank: eigenvalues above 32·d·eps relative to the scale count."""

    @property
    @abstractmethod
    def deviations(self) -> Array:
        """Standard deviations that the rounding of each coordinate is relative to, (d,)."""

    @property
    @abstractmethod
    def root(self) -> Array:
        """R, (d, rank), with R Rᵀ equal to the matrix."""

    @property
    @abstractmethod
    def log_det(self) -> float:
        """Logarithm of the determinant; −inf if singular."""

    @abstractmethod
    def whiten(self, rows: Array) -> Array:
        """Return rows R⁺ᵀ, (m, rank): unit covariance for vectors drawn from N(0, C)."""

    @abstractmethod
    def contains(self, rows: Array, magnitude: Array) -> bool:
        """Whether every row lies in the range of C, up to rounding of entries of the given magnitude."""

    @abstractmethod
    def block(self, index: Any) -> PSD:
        """Return the principal submatrix on the coordinates in ``index``."""

    @abstractmethod
    def scaled(self, factor: float) -> PSD:
        """Return factor · C for a factor ≥ 0."""

    @abstractmethod
    def __add__(self, other: PSD) -> PSD: ...

    @property
    def trace(self) -> float:
        """Sum of the variances."""
        return float(np.sum(self.matrix.diagonal()))

    @property
    def is_singular(self) -> bool:
        """Whether the rank is below d."""
        return self.rank < self.dim

    @property
    def span(self) -> tuple[Array, Array]:
        """Rows that span the range, (m, d), and the magnitude of the numbers they were computed from."""
        return self.matrix, np.outer(self.deviations, self.deviations)

    def congruence(self, A: Array) -> PSD:
        """Return A C Aᵀ for A (c, d)."""
        return Dense(symmetrised(A @ self.matrix @ A.T))

    def mahalanobis(self, rows: Array, magnitude: Array | None = None) -> float:
        """Return Σ z C⁻¹ zᵀ over the rows z; +inf if one lies outside the range of C.

        Parameters
        ----------
        rows : (m, d)
            The vectors.
        magnitude : (m, d), optional
            Size of the numbers the rows were computed from, which sets the rounding that is forgiven outside the range.
        """
        if self.is_singular and not self.contains(rows, np.abs(rows) if magnitude is None else magnitude):
            return math.inf
        total = float(np.sum(np.square(self.whiten(rows))))
        if not math.isfinite(total):  # LAPACK overflows without a word
            raise FloatingPointError("overflow in whitening")
        return total


@guarded
@dataclass(frozen=True, eq=False)
class Diagonal(PSD):
    """Covariance of independent coordinates.

    Parameters
    ----------
    variances : (d,)
        Non-negative; zeros are deterministic coordinates, decided exactly.
    """

    variances: Array

    def __post_init__(self) -> None:
        shape = shape_of(self.variances, "variances")
        variances = as_frozen(self.variances, "variances", (("features", shape[0] if len(shape) == 1 else None),))
        if variances.min(initial=0.0) < 0:
            raise CovarianceError(
                "non-negative variances", f"{variances.min():.3g}", "Variances are squares; check for a sign."
            )
        object.__setattr__(self, "variances", freeze(variances + 0.0))  # no negative zeros

    @property
    def dim(self) -> int:
        return len(self.variances)

    @cached_property
    def matrix(self) -> Array:
        check_memory(8 * self.dim**2, "a dense matrix", "Keep to what needs the eigenvalues alone.")
        return freeze(np.diag(self.variances))

    @property
    def trace(self) -> float:
        return float(np.sum(self.variances))

    @cached_property
    def _support(self) -> npt.NDArray[np.intp]:
        return np.flatnonzero(self.variances)

    @property
    def rank(self) -> int:
        return len(self._support)

    @cached_property
    def deviations(self) -> Array:
        return freeze(np.sqrt(self.variances))

    @cached_property
    def root(self) -> Array:
        return freeze(np.diag(self.deviations)[:, self._support])

    @cached_property
    def log_det(self) -> float:
        return -math.inf if self.is_singular else float(np.sum(np.log(self.variances)))

    def whiten(self, rows: Array) -> Array:
        return np.asarray(rows[:, self._support] / self.deviations[self._support])

    def contains(self, rows: Array, magnitude: Array) -> bool:
        return not np.any(rows[:, self.variances == 0.0])

    def block(self, index: Any) -> Diagonal:
        return Diagonal(self.variances[index])

    def scaled(self, factor: float) -> Diagonal:
        return Diagonal(factor * self.variances)

    def __add__(self, other: PSD) -> PSD:
        if isinstance(other, Diagonal):
            return Diagonal(self.variances + other.variances)
        return other + self


class Factored(PSD):
    """A covariance of which a lazy factor knows the rank."""

    @property
    @abstractmethod
    def _factor(self) -> Cholesky | SpectralRoot:
        """What it is factorised into on first use."""

    @property
    def rank(self) -> int:
        return len(self._factor.root.T)

    @property
    def root(self) -> Array:
        return self._factor.root

    @property
    def log_det(self) -> float:
        return self._factor.log_det

    def whiten(self, rows: Array) -> Array:
        whole_matrices(self.dim)
        return self._factor.whiten(rows)

    def contains(self, rows: Array, magnitude: Array) -> bool:
        return self._factor.contains(rows, magnitude)


@dataclass(frozen=True, eq=False)
class Dense(Factored):
    """Any covariance matrix.

    Parameters
    ----------
    values : (d, d)
        Symmetric positive semidefinite.
    scale : (d,), optional
        Standard deviations that set what counts as zero when the rank is decided: a direction is null where its
        variance is below 32·d·eps after division by the scale. Default: the matrix's own, which makes the decision
        independent of the units of each coordinate. A rotated matrix needs the size of what it was rotated from.
    known_rank : int, optional
        The rank, where it is known from elsewhere and below d; default: decided from the matrix.
    """

    values: Array
    scale: Array | None = None
    known_rank: int | None = None

    def __post_init__(self) -> None:
        freeze(self.values)

    @property
    def dim(self) -> int:
        return len(self.values)

    @property
    def matrix(self) -> Array:
        whole_matrices(len(self.values))
        return self.values

    @cached_property
    def _factor(self) -> Cholesky | SpectralRoot:
        whole_matrices(len(self.values))
        return factorise(self.values, self.deviations, self.known_rank)

    @cached_property
    def deviations(self) -> Array:
        return np.sqrt(np.clip(self.values.diagonal(), 0.0, None)) if self.scale is None else self.scale

    def block(self, index: Any) -> Dense:
        return Dense(self.values[np.ix_(index, index)], None if self.scale is None else self.scale[index])

    def scaled(self, factor: float) -> Dense:
        return Dense(factor * self.values, None if self.scale is None else np.sqrt(factor) * self.scale)

    def __add__(self, other: PSD) -> Dense:
        return Dense(self.values + other.matrix)


def symmetrised(matrix: Array) -> Array:
    """Return (C + Cᵀ) / 2, which removes the rounding a product leaves."""
    return 0.5 * (matrix + matrix.T)
