"""Kronecker factors from outside: checked, damped, and the roots that whiten a layer's inputs."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from lingauss.algebra.given import as_psd
from lingauss.algebra.psd import PSD, Dense, Diagonal, symmetrised
from lingauss.data.moments import Moments
from lingauss.errors import DomainError, FewInputsWarning, ShapeError
from lingauss.validation import Array, as_scalar, freeze, shape_of, to_float

DAMPING = 1e-3  # of a factor's mean eigenvalue
INPUTS_PER_FEATURE = 4  # below it, factors are too noisy to be used as they are


class Root(Protocol):
    """R (d, m) of an input factor C = R Rᵀ of rank m, applied to rows."""

    def colour(self, rows: Array) -> Array:
        """Return rows R, (r, m) of (r, d)."""

    def bring_back(self, rows: Array) -> Array:
        """Return rows R⁺, (r, d) of (r, m)."""


@dataclass(frozen=True, eq=False)
class DenseRoot:
    """Of any input factor."""

    factor: PSD

    @cached_property
    def _inverse(self) -> Array:
        return self.factor.whiten(np.eye(self.factor.dim)).T

    def colour(self, rows: Array) -> Array:
        """Return rows R."""
        return np.asarray(rows @ self.factor.root)

    def bring_back(self, rows: Array) -> Array:
        """Return rows R⁺."""
        return np.asarray(rows @ self._inverse)


class DiagonalRoot:
    """Of independent inputs, such as one-hot tokens: nothing of size d × d is formed."""

    def __init__(self, factor: Diagonal) -> None:
        self._seen = np.flatnonzero(factor.variances)
        self._deviations = factor.deviations[self._seen]
        self._dim = factor.dim

    def colour(self, rows: Array) -> Array:
        """Return rows R."""
        return np.asarray(rows[:, self._seen] * self._deviations)

    def bring_back(self, rows: Array) -> Array:
        """Return rows R⁺."""
        back = np.zeros((len(rows), self._dim))
        back[:, self._seen] = rows / self._deviations
        return back


def root_of(factor: PSD) -> Root:
    """Return the root of an input factor."""
    return DiagonalRoot(factor) if isinstance(factor, Diagonal) else DenseRoot(factor)


def factor_of(inputs: Moments | Diagonal, d: int, bias: bool) -> PSD:
    """Return the mean of aaᵀ: about ā where a bias takes the mean up (C), else about the origin (A).

    Raises
    ------
    DomainError, ShapeError
        If the inputs are of another kind or size than a layer with d inputs needs.
    """
    if not isinstance(inputs, Moments | Diagonal):
        raise DomainError(
            "inputs as lg.Moments, or lg.Diagonal of token frequencies",
            type(inputs).__name__,
            "Summarise them with lg.Moments.from_data(a), or use Layer.from_factors.",
        )
    found = inputs.dim if isinstance(inputs, Diagonal) else inputs.n_features
    if found != d:
        raise ShapeError(f"inputs of {d} features, one per column of the weight", f"{found}", "Use this layer's own.")
    if isinstance(inputs, Diagonal):
        if bias:
            raise DomainError("an embedding without bias", "a bias", "Let the next layer have it.")
        return inputs
    if bias and not inputs.centred:
        raise DomainError(
            "centred inputs for a layer with a bias", "moments about the origin", "Take them with center=True."
        )
    factor = inputs.gram / inputs.n_samples
    return Dense(freeze(factor if bias else factor + np.outer(inputs.input_mean, inputs.input_mean)))


def as_factor(value: Any, name: str, dim: int) -> PSD:
    """Check a Kronecker factor from outside.

    One in float32 is symmetric and positive semidefinite only to seven digits; that rounding is taken out, anything
    larger is refused.

    Parameters
    ----------
    value : (dim, dim) array or PSD
    name
        What to call it in an error message.
    dim

    Raises
    ------
    ShapeError, NotFiniteError, NotNumericError, CovarianceError
    """
    if getattr(value, "dtype", None) == np.float32 and shape_of(value, name) == (dim, dim):
        raw = to_float(value, name)
        rounding = dim * float(np.finfo(np.float32).eps) * float(np.abs(raw).max(initial=0.0))
        if np.isfinite(raw).all() and np.abs(raw - raw.T).max() <= rounding:
            value = symmetrised(raw)
            variances, vectors = np.linalg.eigh(value)
            if -rounding <= variances[0] < 0.0:
                root = vectors[:, variances > 0.0] * np.sqrt(variances[variances > 0.0])
                return Dense(freeze(root @ root.T))
    return as_psd(value, name, dim)


def resolved_damping(inputs: Moments | Diagonal, factor: PSD, damping: Any) -> float:
    """Return the damping that was asked for, or what the inputs need, and warn of too few that go undamped.

    Raises
    ------
    DomainError, NotNumericError, ShapeError, NotFiniteError
    """
    count, needed = (inputs.n_samples, INPUTS_PER_FEATURE * factor.dim) if isinstance(inputs, Moments) else (1, 0)
    poor = count < needed or (isinstance(inputs, Moments) and factor.is_singular)
    found = as_scalar((DAMPING if poor else 0.0) if damping is None else damping, "damping", minimum=0.0)
    if count < needed and not damping:
        warnings.warn(
            f"{count} input vectors for {factor.dim} features, fewer than {INPUTS_PER_FEATURE} each: the "
            f"factors are noisy. They are damped by {found:g} of their mean eigenvalue.",
            FewInputsWarning,
            stacklevel=5,  # the call that makes the layer, above what checks it, its constructor and the guard
        )
    return found


def damped(factor: PSD, damping: float) -> PSD:
    """Return C + damping · (tr C / d) · I."""
    if damping == 0.0:
        return factor
    if isinstance(factor, Diagonal):
        return Diagonal(factor.variances + damping * np.mean(factor.variances))
    matrix = factor.matrix
    return Dense(freeze(matrix + damping * np.mean(matrix.diagonal()) * np.eye(factor.dim)))
