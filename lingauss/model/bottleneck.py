"""Rank bottlenecks: which directions of the inputs the student sees."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from lingauss.algebra.factor import rounding
from lingauss.errors import DomainError, ShapeError, SubspaceError
from lingauss.guard import guarded, hinted
from lingauss.html_table import html_fields, html_settings
from lingauss.threads import whole_matrices
from lingauss.validation import Array, Immutable, as_array, as_count, as_items, freeze, shape_of


class Spectral(ABC):
    """A bottleneck that keeps whole eigen-directions of the Gram matrix."""

    rank: int

    @abstractmethod
    def ranking(self, advantage: Array) -> npt.NDArray[np.intp]:
        """Return all directions, most worth keeping first; those of larger eigenvalue have smaller numbers.

        Parameters
        ----------
        advantage : (d,)
            What keeping each direction saves, in nats.
        """


@hinted
@dataclass(frozen=True)
class Principal(Spectral):
    """Keep the ``rank`` directions of largest eigenvalue.

    Parameters
    ----------
    rank : int
        r from 0 (the student learns nothing) to d.
    """

    rank: int

    _repr_html_ = html_fields

    def __post_init__(self) -> None:
        object.__setattr__(self, "rank", as_count(self.rank, "rank"))

    def ranking(self, advantage: Array) -> npt.NDArray[np.intp]:
        return np.arange(len(advantage))


@hinted
@dataclass(frozen=True)
class Best(Spectral):
    """Keep the ``rank`` eigen-directions whose retention saves the most divergence (docs/theory.md §4.5).

    This is the best subset of eigenvectors at fixed parameters; a general subspace can do better still.

    Parameters
    ----------
    rank : int
        r from 0 to d.
    """

    rank: int

    _repr_html_ = html_fields

    def __post_init__(self) -> None:
        object.__setattr__(self, "rank", as_count(self.rank, "rank"))

    def ranking(self, advantage: Array) -> npt.NDArray[np.intp]:
        return np.argsort(-advantage, kind="stable")


@hinted
@dataclass(frozen=True)
class Selected(Spectral):
    """Keep listed eigen-directions, numbered from 0 in order of decreasing eigenvalue.

    Parameters
    ----------
    directions : sequence of int
        Distinct; the first r of them are kept when the rank is swept.

    Raises
    ------
    DomainError, ShapeError, NotNumericError
        If a number repeats or is negative, or if there is no list of numbers.
    """

    directions: tuple[int, ...]

    _repr_html_ = html_fields

    def __post_init__(self) -> None:
        numbers = tuple(as_count(number, "direction") for number in as_items(self.directions, "directions"))
        if len(set(numbers)) != len(numbers):
            raise DomainError("distinct directions", f"{numbers}", "Remove repeats.")
        object.__setattr__(self, "directions", numbers)

    @property
    def rank(self) -> int:  # type: ignore[override]
        """Number of directions kept, r."""
        return len(self.directions)

    def leading(self, rank: int) -> Selected:
        """Return the bottleneck that keeps the first ``rank`` of the listed directions."""
        return Selected(self.directions[: as_count(rank, "rank", maximum=self.rank)])

    def ranking(self, advantage: Array) -> npt.NDArray[np.intp]:
        chosen = np.array(self.directions, dtype=np.intp)
        return np.concatenate([chosen, np.setdiff1d(np.arange(len(advantage)), chosen)])


@guarded
@dataclass(frozen=True, eq=False)
class Subspace(Immutable):
    """Keep the span of given directions; any orientation, the dense route.

    Parameters
    ----------
    basis : (d, r) or (d,)
        Linearly independent columns. Only their span matters; they are made orthonormal unless they are already.

    Raises
    ------
    ShapeError
        If there are more columns than rows.
    SubspaceError
        If the columns are linearly dependent.
    """

    basis: Array

    def __post_init__(self) -> None:
        object.__setattr__(self, "basis", freeze(orthonormal(self.basis, "subspace")))

    @property
    def rank(self) -> int:
        """Number of directions kept, r."""
        return int(self.basis.shape[1])

    def leading(self, rank: int) -> Subspace:
        """Return the span of the first ``rank`` columns."""
        return Subspace(self.basis[:, : as_count(rank, "rank", maximum=self.rank)])

    def __repr__(self) -> str:
        return f"Subspace({self.basis.shape[0]} features, rank {self.rank})"

    def _repr_html_(self) -> str:
        return html_settings("Subspace", [("features", self.basis.shape[0]), ("rank", self.rank)])


def orthonormal(value: Any, name: str, dim: int | None = None) -> Array:
    """Check a basis from outside and return it with orthonormal columns, (d, r).

    Raises
    ------
    ShapeError, NotNumericError, NotFiniteError, SubspaceError
    """
    shape = shape_of(value, name)
    directions = shape[1] if len(shape) == 2 and shape[1] == 0 else None  # a basis of nothing is legal
    axes = (("features", dim),) if len(shape) == 1 else (("features", dim), ("directions", directions))
    raw = as_array(value, name, axes)
    basis = np.array(raw if raw.ndim == 2 else raw[:, None])
    d, r = basis.shape
    if r > d:
        raise ShapeError(
            f"at most {d} directions in {name}", f"{r}", "A subspace has no more directions than features."
        )
    whole_matrices(d)
    if np.abs(basis.T @ basis - np.eye(r)).max(initial=0.0) <= rounding(d):
        return basis
    norms = np.linalg.norm(basis, axis=0)
    unit = basis / np.where(norms > 0, norms, 1.0)
    smallest = np.linalg.svd(unit, compute_uv=False)[-1]
    if smallest <= rounding(d):
        raise SubspaceError(
            f"linearly independent columns in {name}",
            f"columns whose smallest singular value is {smallest:.1e} after normalisation",
            "Drop dependent columns, or pass an orthonormal basis of the span.",
        )
    q, triangular = np.linalg.qr(unit)
    return np.asarray(q * np.sign(triangular.diagonal()))


def complement(basis: Array) -> Array:
    """Return orthonormal columns that complete an orthonormal (d, r) basis, (d, d − r)."""
    d, r = basis.shape
    if r in (0, d):
        return np.eye(d)[:, r:]
    whole_matrices(d)
    return np.linalg.qr(basis, mode="complete")[0][:, r:]
