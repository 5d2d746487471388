"""The dense route to the ledger: any two Gaussians, any subspace, discarded coordinates first (docs/theory.md §4)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lingauss.algebra.divergence import psi, psi_of_excess, same_range, whitened
from lingauss.algebra.gaussian import schur_reduce
from lingauss.algebra.psd import PSD, Dense, symmetrised
from lingauss.ledgers.ledger import Ledger
from lingauss.validation import Array


@dataclass(frozen=True, eq=False)
class Blocks:
    """A row covariance in coordinates (discarded b, retained a).

    Attributes
    ----------
    discarded : PSD of dimension d − r
    cross : (r, d − r)
        Covariance of retained with discarded coordinates.
    retained : PSD of dimension r
    rank : int or None
        Rank of the whole, where it is singular.
    """

    discarded: PSD
    cross: Array
    retained: PSD
    rank: int | None = None

    @classmethod
    def rotated(cls, covariance: PSD, kept: Array, dropped: Array, size: float | None = None) -> Blocks:
        """Express a covariance in an orthonormal basis.

        Its rank is judged against a standard deviation ``size``; default: that of the whole matrix, because a rotation
        spreads its rounding over all entries.
        """
        matrix = covariance.matrix
        if size is None:
            size = math.sqrt(float(np.abs(matrix).sum(axis=0).max()))

        def block(basis: Array) -> Dense:
            return Dense(symmetrised(basis.T @ matrix @ basis), np.full(basis.shape[1], size))

        rank = covariance.rank if covariance.is_singular else None
        return cls(block(dropped), kept.T @ matrix @ dropped, block(kept), rank)

    @cached_property
    def split(self) -> tuple[Array, Dense]:
        """Regression of the retained coordinates on the discarded ones, and their covariance given them."""
        return schur_reduce(self.discarded, self.cross, self.retained, self.rank)

    @property
    def conditional(self) -> Dense:
        """Covariance of the retained coordinates given the discarded ones."""
        return self.split[1]


@dataclass(frozen=True, eq=False)
class Difference:
    """Blocks of a difference of two row covariances, student minus teacher, as in :class:`Blocks`."""

    discarded: Array
    cross: Array
    retained: Array

    @classmethod
    def rotated(cls, matrix: Array, kept: Array, dropped: Array) -> Difference:
        """Express a symmetric (d, d) matrix in an orthonormal basis."""
        return cls(
            symmetrised(dropped.T @ matrix @ dropped), kept.T @ matrix @ dropped, symmetrised(kept.T @ matrix @ kept)
        )


@dataclass(frozen=True, eq=False)
class Shift:
    """A row stack of mean differences, student minus teacher, with the size of the numbers it was subtracted from."""

    rows: Array
    size: Array

    def rotated(self, kept: Array, dropped: Array) -> Offset:
        """Express the (m, d) rows in an orthonormal basis."""
        size = np.linalg.norm(self.size, axis=1, keepdims=True)
        return Offset(
            self.rows @ dropped,
            self.rows @ kept,
            np.broadcast_to(size, (len(self.rows), dropped.shape[1])),
            np.broadcast_to(size, (len(self.rows), kept.shape[1])),
        )


@dataclass(frozen=True, eq=False)
class Offset:
    """A :class:`Shift` in coordinates (discarded b, retained a)."""

    discarded: Array
    retained: Array
    magnitude_discarded: Array
    magnitude_retained: Array


def ledger_of_blocks(
    student: Blocks,
    teacher: Blocks,
    difference: Difference,
    mean: Offset,
    noise: Offset | None,
    outputs: int,
    *,
    level: str,
    mode: str,
    floor_shape: PSD | None = None,
    floor_base: float = 0.0,
) -> Ledger:
    """Return the ledger of two laws given in coordinates (discarded, retained).

    Parameters
    ----------
    student, teacher : Blocks
        Row covariances.
    difference : Difference
        Student's less the teacher's; however it was found, its digits are those of the result.
    mean, noise : Offset
        Rows whose squared whitened norms are twice the mean and the label-noise costs; no noise rows in observed mode.
    outputs : int
        k, the number of rows that share the covariances.
    level, mode : str
        As in :class:`Ledger`.
    floor_shape, floor_base
        The discarded covariance at floor f is f · floor_shape + floor_base · I; default f · I.
    """
    regression, given_b = teacher.split

    def costs(offset: Offset) -> tuple[float, float]:
        below = teacher.discarded.whiten(offset.discarded)
        residual = offset.retained - below @ regression.T
        return (
            0.5 * given_b.mahalanobis(residual, offset.magnitude_retained),
            0.5 * teacher.discarded.mahalanobis(offset.discarded, offset.magnitude_discarded),
        )

    mean_retained, mean_discarded = costs(mean)
    noise_retained, noise_discarded = costs(noise) if noise is not None else (0.0, 0.0)
    spread_retained = 0.5 * outputs * _retained_spread(student, teacher, difference, regression, given_b)
    spread_discarded = 0.5 * outputs * psi(student.discarded, teacher.discarded, difference.discarded)
    cells = np.array(
        [[mean_retained, noise_retained, spread_retained], [mean_discarded, noise_discarded, spread_discarded]]
    )
    irreducible = mean_discarded + noise_discarded
    irreducible += 0.5 * outputs * irreducible_spread(teacher.discarded, floor_shape, floor_base)
    return Ledger(cells, irreducible, level, mode)


def _retained_spread(
    student: Blocks, teacher: Blocks, difference: Difference, regression: Array, given_b: Dense
) -> float:
    """Return ψ(S_{a|b}, T_{a|b}) + tr(Λ_aa (B_S − B_T) S_bb (B_S − B_T)ᵀ) from the difference of the blocks.

    With D = S − T and B_T the teacher's regression on b, (B_S − B_T) S_bb = D_ab − B_T D_bb, and S_{a|b} − T_{a|b} is
    the congruence of D by [−B_T, I] less the regression term: nothing large is subtracted after factorisation.
    """
    below = teacher.discarded.whiten
    if not np.any(student.cross):  # as for every student that learns nothing outside its bottleneck
        regressed = below(student.discarded.root.T) @ regression.T
        return _conditional_psi(difference.retained + regression @ regression.T, student.retained, given_b, regressed)
    explained_bb = below(difference.discarded) @ regression.T  # D_bb B_Tᵀ
    shift = difference.cross - explained_bb.T
    crossed = below(difference.cross) @ regression.T  # D_ab B_Tᵀ
    joint = difference.retained - crossed - crossed.T + regression @ below(explained_bb.T).T
    regress_rows = student.discarded.whiten(shift).T
    excess = symmetrised(joint) - regress_rows.T @ regress_rows
    return _conditional_psi(excess, student.conditional, given_b, regress_rows)


def _conditional_psi(difference: Array, student: PSD, teacher: Dense, regressed: Array) -> float:
    """Return ψ of two conditional covariances, given their difference, plus what their unlike regressions on b cost.

    ``regressed`` holds the rows √S_bb (B_S − B_T)ᵀ.
    """
    size = np.broadcast_to(teacher.deviations, regressed.shape)
    cost = teacher.mahalanobis(regressed, size)
    if not math.isfinite(cost) or not same_range(student, teacher):
        return math.inf
    return psi_of_excess(whitened(difference, teacher), student, teacher) + cost


def irreducible_spread(teacher: PSD, shape: PSD | None, base: float) -> float:
    """Return the least ψ(f · shape + base · I, T) over floors f ≥ 0, a convex problem in one variable."""
    dim = teacher.dim
    if dim == 0 or teacher.rank == 0:
        return 0.0
    if teacher.is_singular:
        return math.inf
    root = np.eye(dim) if shape is None else shape.root.T
    trace = float(np.sum(np.square(teacher.whiten(root))))
    levels = np.ones(dim) if shape is None else np.linalg.eigvalsh(shape.matrix).clip(0.0)
    best = best_floor(trace, levels, base)
    matrix = best * (np.eye(dim) if shape is None else shape.matrix) + base * np.eye(dim)
    return psi(Dense(matrix), teacher)


def best_floor(trace: float, levels: Array, base: float) -> float:
    """Return the f ≥ 0 that minimises trace · f − Σ log(f · level + base) (docs/theory.md §5).

    Parameters
    ----------
    trace : float
        tr(T⁻¹K), the cost of one unit of floor.
    levels : (m,)
        Eigenvalues of K, the covariance that one unit of floor gives.
    base : float
        Variance already present in every coordinate; 0 at the level of weights.
    """
    positive = levels[levels > 0]
    if not len(positive) or trace <= 0:
        return 0.0
    if base == 0.0:
        return len(positive) / trace
    from scipy.optimize import brentq

    def slope(floor: float) -> float:
        return trace - float(np.sum(positive / (floor * positive + base)))

    if slope(0.0) >= 0:
        return 0.0
    unmixed = len(positive) / trace  # the floor if there were no base, which can only lower it
    return unmixed if slope(unmixed) <= 0 else float(brentq(slope, 0.0, unmixed, xtol=1e-300, rtol=4 * 2.3e-16))
