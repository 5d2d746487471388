"""The Gram matrix's eigenbasis, in which learners and labels fall apart into independent directions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from lingauss.algebra.factor import rounding
from lingauss.algebra.psd import PSD, Diagonal, symmetrised
from lingauss.validation import Array, Immutable, freeze


@dataclass(frozen=True, eq=False)
class Eigenbasis(Immutable):
    """Eigenvalues of G, largest first, with their directions.

    Attributes
    ----------
    eigenvalues : (d,)
        s_i ≥ 0; those that are zero to working precision are exactly 0.
    order : (d,) of int or None
        Where G is diagonal: the coordinate that is direction i.
    rotation : (d, d) or None
        Otherwise: the directions as columns.
    """

    eigenvalues: Array
    order: npt.NDArray[np.intp] | None
    rotation: Array | None

    @classmethod
    def of(cls, gram: PSD) -> Eigenbasis:
        """Diagonalise a Gram matrix; a diagonal one is only sorted."""
        if isinstance(gram, Diagonal):
            order = np.argsort(-gram.variances, kind="stable")
            return cls(freeze(gram.variances[order]), order, None)
        eigenvalues, vectors = np.linalg.eigh(gram.matrix)
        eigenvalues, vectors = eigenvalues[::-1].copy(), vectors[:, ::-1].copy()
        eigenvalues[eigenvalues <= rounding(gram.dim) * max(eigenvalues[0], 0.0)] = 0.0
        return cls(freeze(eigenvalues), None, freeze(vectors))

    def scaled(self, factor: float) -> Eigenbasis:
        """Return the eigenbasis of a multiple of G."""
        changed = Eigenbasis(freeze(factor * self.eigenvalues), self.order, self.rotation)
        if "vectors" in vars(self):
            vars(changed)["vectors"] = self.vectors
        return changed

    @cached_property
    def vectors(self) -> Array:
        """The directions as columns, (d, d)."""
        if self.rotation is not None:
            return self.rotation
        return freeze(np.array(np.eye(len(self.eigenvalues))[:, self.order]))

    def with_eigenvalues(self, values: Array) -> Array:
        """Return the matrix that has other eigenvalues, (d,), on the same directions, (d, d); exactly symmetric."""
        return symmetrised((self.vectors * values) @ self.vectors.T)

    def rotate(self, rows: Array) -> Array:
        """Express row vectors in this basis, (m, d) to (m, d)."""
        return np.asarray(rows[:, self.order] if self.rotation is None else rows @ self.rotation)

    def power(self, rows: Array) -> Array:
        """Squared norm of each column of ``rows`` in this basis, (d,)."""
        return np.asarray(np.sum(np.square(self.rotate(rows)), axis=0))

    def variances(self, matrix: PSD) -> Array:
        """Diagonal of a covariance in this basis, (d,)."""
        if self.rotation is None:
            diagonal = matrix.variances if isinstance(matrix, Diagonal) else matrix.matrix.diagonal()
            return np.asarray(diagonal[self.order])
        return self.power(matrix.root.T)

    @cached_property
    def clusters(self) -> list[slice]:
        """Runs of at least two positive eigenvalues that cannot be told apart, as slices of directions.

        Eigenvalues that were given are compared exactly, computed ones up to the rounding of their computation.
        """
        s = self.eigenvalues
        width = 0.0 if self.rotation is None else rounding(len(s)) * s[0]
        joined = (s[:-1] - s[1:] <= width) & (s[1:] > 0)
        edges = np.flatnonzero(np.diff(np.concatenate(([False], joined, [False])).astype(int)))
        return [slice(int(first), int(last) + 1) for first, last in edges.reshape(-1, 2)]

    def cuts_cluster(self, rank: int) -> bool:
        """Whether keeping the first ``rank`` directions separates equal eigenvalues."""
        return any(run.start < rank < run.stop for run in self.clusters)

    def resolved(self, signal_rows: Callable[[], Array | None]) -> Eigenbasis:
        """Turn each cluster to the eigenvectors of the moment of some rows, largest first (docs/theory.md §4.8).

        Where eigenvalues tie, any rotation of their directions is an eigenbasis; this one orders them by signal.

        Parameters
        ----------
        signal_rows : callable
            Asked only where there are ties: the rows, (m, d), or None to leave the directions as they are.
        """
        rows = signal_rows() if self.clusters else None
        if rows is None:
            return self
        vectors = self.vectors.copy()
        for run in self.clusters:
            inside = vectors[:, run]
            seen = rows @ inside
            turn = np.linalg.eigh(seen.T @ seen)[1][:, ::-1]
            vectors[:, run] = inside @ turn
        return Eigenbasis(self.eigenvalues, None, freeze(vectors))
