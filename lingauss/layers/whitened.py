"""A weight between whitened inputs and outputs, where the best weight of a rank is a truncated SVD."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lingauss.algebra.factor import EPS
from lingauss.errors import DomainError
from lingauss.layers.roots import Root
from lingauss.validation import Array, freeze


@dataclass(frozen=True, eq=False)
class Whitened:
    """M = LᵀWR = P Σ Vᵀ with S = L Lᵀ and C = R Rᵀ: what W′ costs is half the squared distance of LᵀW′R from M.

    Attributes
    ----------
    weight : (k, d)
        W.
    output_root : (k, s)
        L.
    input_root : Root
        R, (d, m).
    """

    weight: Array
    output_root: Array
    input_root: Root

    @cached_property
    def coloured(self) -> Array:
        """W R, (k, m)."""
        return self.input_root.colour(self.weight)

    @cached_property
    def _svd(self) -> tuple[Array, Array]:
        _, values, right = np.linalg.svd(self.output_root.T @ self.coloured, full_matrices=False)
        return values, right

    @cached_property
    def tails(self) -> Array:
        """½ Σ_{j>r} σ_j² for r from 0 to min(k, d)."""
        halves = 0.5 * np.square(self._svd[0])
        tails = np.zeros(min(self.weight.shape) + 1)
        tails[: len(halves)] = np.cumsum(halves[::-1])[::-1]
        return freeze(tails)

    def best(self, rank: int) -> tuple[Array, Array]:
        """Return left (k, r) and right (r, d) of the best weight: W′ = (W R V_r)(V_rᵀ R⁺), which inverts no S."""
        k, d = self.weight.shape
        if rank == min(k, d):
            return (self.weight, np.eye(d)) if d <= k else (np.eye(k), self.weight)
        directions = self._directions(rank)
        return self.coloured @ directions.T, self.input_root.bring_back(directions)

    def refitted(self, rows: Array) -> Array:
        """Return the best left factor (k, r) for given right rows (r, d): W C U (Uᵀ C U)⁻¹."""
        left, *_ = np.linalg.lstsq(self.input_root.colour(rows).T, self.coloured.T, rcond=None)
        return np.asarray(left.T)

    def excess(self, new: Array, rows: Array, rank: int) -> tuple[float, float]:
        """Return what a new weight costs beyond the best of a rank, through its row space and within it.

        Half the energy of M that the row space misses, less the tail, would cancel. With m_j the share of the j-th
        singular direction that lies in the row space, and Σ m_j its dimension q ≤ r, the difference is

            ½ [Σ_{j≤r} (σ_j² − σ_r²)(1 − m_j) + Σ_{j>r} (σ_r² − σ_j²) m_j + σ_r² (r − q)],

        term by term at least 0.

        Parameters
        ----------
        new : (k, d)
            W′.
        rows : (q, d)
            A basis of its row space.
        rank : int
            r.
        """
        values, right = self._svd
        squares = np.square(values)
        threshold = squares[rank - 1] if 0 < rank <= len(squares) else 0.0
        basis = span(self.input_root.colour(rows))
        inside = right @ basis.T
        caught = np.sum(np.square(inside), axis=1)
        missed = np.sum(np.square(right - inside @ basis), axis=1)
        beyond = float(np.sum(np.square(basis - inside.T @ right)))  # of directions on which M is 0
        subspace = (
            np.sum((squares[:rank] - threshold) * missed[:rank])
            + np.sum((threshold - squares[rank:]) * caught[rank:])
            + threshold * (beyond + rank - len(basis))
        )
        change = self.output_root.T @ self.input_root.colour(new - self.weight) @ basis.T
        return 0.5 * float(subspace), 0.5 * float(np.sum(np.square(change)))

    def _directions(self, rank: int) -> Array:
        """Return orthonormal rows (rank, m), best first.

        A singular S tells fewer than ``rank`` directions apart; among the others the plain error of outputs decides.
        """
        first = self._svd[1][:rank]
        if len(first) == rank:
            return first
        _, _, rest = np.linalg.svd(self.coloured - self.coloured @ first.T @ first, full_matrices=False)
        found = np.linalg.qr(np.vstack([first, rest]).T)[0].T[:rank]
        return np.vstack([found, np.zeros((rank - len(found), found.shape[1]))])


def span(rows: Array, precision: float = EPS) -> Array:
    """Return orthonormal rows that span given ones, whose entries have a given relative precision."""
    _, values, found = np.linalg.svd(rows, full_matrices=False)
    return np.asarray(found[values > precision * max(rows.shape) * values.max(initial=0.0)])


def row_space(weight: Array, single: bool, most: int | None) -> Array:
    """Return orthonormal rows (r, d) that span those of a weight, whose digits may be those of a single float.

    Raises
    ------
    DomainError
        If there are more than ``most``.
    """
    found = span(weight, float(np.finfo(np.float32).eps) if single else EPS)
    if most is not None and len(found) > most:
        raise DomainError(
            f"a weight of rank at most {most}", f"rank {len(found)}", "Pass left @ right, multiplied in float64."
        )
    return found
