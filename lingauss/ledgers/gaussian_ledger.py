"""The ledger of any two Gaussians and a subspace, with no data or learner behind them (docs/theory.md §4).

On a shared support everything is read off in the teacher's own units. Whitened by a root of its covariance, the
teacher's law is standard normal and what is discarded depends on an orthogonal projection of it alone: its regression
on the discarded coordinates vanishes, and the blocks of one whitened difference S − T hold all there is.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np

from lingauss.algebra.divergence import psi, psi_of_eigenvalues, same_range, whitened
from lingauss.algebra.factor import rounding
from lingauss.algebra.gaussian import Gaussian, check_comparable
from lingauss.algebra.numerics import solve_triangular, spread_cost
from lingauss.algebra.psd import PSD, Dense, symmetrised
from lingauss.algebra.rooted import Rooted
from lingauss.errors import IllConditionedError
from lingauss.guard import guarded
from lingauss.ledgers.chain_rule import Blocks, Difference, Offset, Shift, ledger_of_blocks
from lingauss.ledgers.ledger import Ledger
from lingauss.model.bottleneck import complement, orthonormal
from lingauss.validation import Array

NEAR = 0.25  # largest relative difference of two spreads that is known better as a difference than through their roots


@guarded
def ledger(student: Gaussian, teacher: Gaussian, subspace: Any = None) -> Ledger:
    """Split KL(student ‖ teacher) of two Gaussian laws by a subspace (docs/theory.md §4).

    Parameters
    ----------
    student, teacher : Gaussian
        Laws of the same shape, k rows in R^d.
    subspace : (d, r), optional
        Directions the student retains, linearly independent; default: all of them (no bottleneck).

    Returns
    -------
    Ledger
        In nats. No labels are averaged over, so the label-noise column is 0. ``rank_irreducible`` is the rank cost if
        the student's discarded coordinates had their best isotropic spread.

    Raises
    ------
    ShapeError, SubspaceError, NotFiniteError, NotNumericError
    IllConditionedError
        If the subspace mixes coordinates of such unlike spreads that float64 cannot tell the costs apart.

    Examples
    --------
    >>> import lingauss as lg
    >>> student = lg.Gaussian([1.0, 0.0], [[1.0, 0.0], [0.0, 2.0]])
    >>> teacher = lg.Gaussian([0.0, 0.0], [[1.0, 0.0], [0.0, 2.0]])
    >>> lg.ledger(student, teacher, subspace=[[1.0], [0.0]]).bias
    0.5
    """
    check_comparable(student, teacher)
    kept = np.eye(student.dim) if subspace is None else orthonormal(subspace, "subspace", student.dim)
    mean = Shift(student.rows - teacher.rows, np.abs(student.rows) + np.abs(teacher.rows))
    own, other = student.covariance, teacher.covariance
    return ledger_of_laws(Laws(own, other, own.matrix - other.matrix, mean, None, student.outputs, "given"), kept)


@dataclasses.dataclass(frozen=True, eq=False)
class Laws:
    """Two laws of weights: their covariances and what separates their means.

    Attributes
    ----------
    student, teacher : PSD of dimension d
        Row covariances.
    difference : (d, d)
        Student's covariance less the teacher's; however it was found, its digits are those of the ledger.
    mean, noise : Shift
        (m, d) rows whose squared whitened norms are twice the mean and the label-noise costs; no noise in observed
        mode.
    outputs : int
        k, the number of rows that share the covariances.
    mode : str
        As in :class:`Ledger`.
    """

    student: PSD
    teacher: PSD
    difference: Array
    mean: Shift
    noise: Shift | None
    outputs: int
    mode: str

    @property
    def shifts(self) -> list[Shift]:
        """What separates the means, by source."""
        return [self.mean] if self.noise is None else [self.mean, self.noise]

    def share_support(self) -> bool:
        """Whether the student's law lives where the teacher's does, and is spread over all of it."""
        teacher = self.teacher
        inside = not teacher.is_singular or all(teacher.contains(shift.rows, shift.size) for shift in self.shifts)
        return inside and same_range(self.student, teacher)


def ledger_of_laws(laws: Laws, kept: Array) -> Ledger:
    """Return the ledger of two laws, split by an orthonormal basis (d, r) of the retained directions."""
    if not laws.share_support():
        return _on_unlike_supports(laws, kept)
    student, teacher, difference = laws.student, laws.teacher, laws.difference
    view = _discarded_view(teacher, complement(kept))
    basis, triangular = np.linalg.qr(view) if view.size else (view, np.zeros((view.shape[1],) * 2))
    split = int(basis.shape[1])
    turn = np.hstack([basis, complement(basis)])
    cells = np.zeros((2, 3))
    for column, shift in enumerate(laws.shifts):
        costs = 0.5 * np.sum(np.square(teacher.whiten(shift.rows) @ turn), axis=0)
        cells[:, column] = np.sum(costs[split:]), np.sum(costs[:split])
    spreads = _spreads(student, teacher, difference, turn, split)
    _check_sum(float(np.sum(spreads)), psi(student, teacher, difference))
    cells[:, 2] = 0.5 * laws.outputs * spreads
    least = _least_spread(triangular, split < len(kept) - kept.shape[1])
    return Ledger(cells, cells[1, 0] + cells[1, 1] + 0.5 * laws.outputs * least, "weights", laws.mode)


def _check_sum(found: float, whole: float) -> None:
    """Refuse a split whose parts do not add up to the divergence, which needs no subspace and keeps its digits.

    Raises
    ------
    IllConditionedError
    """
    allowed = 1e-6 if whole > 1e-3 else 1e-3  # of nearly equal, ill-conditioned laws fewer digits are left
    if abs(found - whole) > allowed * whole:
        raise IllConditionedError(
            "a subspace of coordinates whose spreads are within about 10¹⁵ of each other",
            f"parts that add up to {found:.6g} nats of {whole:.6g}",
            "Standardise the coordinates, or retain whole coordinates.",
        )


def _spreads(student: PSD, teacher: PSD, difference: Array, turn: Array, split: int) -> Array:
    """Return twice the spread costs of one row, retained and discarded, the latter the first ``split`` of ``turn``."""
    excess = turn.T @ whitened(difference, teacher) @ turn
    if not np.any(excess):
        return np.zeros(2)
    rows = teacher.whiten(student.root.T) @ turn
    far = isinstance(student, Rooted) and np.abs(np.linalg.eigvalsh(excess)).max() > NEAR
    if far:  # roots hold more digits than the difference of their squares
        excess = rows.T @ rows - np.eye(rows.shape[1])
    rows = rows[np.argsort(-np.linalg.norm(rows, axis=1))]  # large rows first, so that small ones keep their digits
    root = np.asarray(np.linalg.qr(rows, mode="r"), dtype=np.float64)  # rootᵀ root is S in these coordinates
    discarded, retained = root[:split, :split], root[split:, split:]
    below = np.linalg.eigvalsh(excess[:split, :split])
    regressed = root[:split, split:]  # √S_bb B_Sᵀ
    if regressed.size and below[0] > -0.5 and not far:  # close to the teacher its digits are those of the difference
        regressed = np.asarray(solve_triangular(discarded, excess[:split, split:], transposed=True))
    crossed = regressed.T @ regressed
    given = np.linalg.eigvalsh(excess[split:, split:] - crossed)
    cost = psi_of_eigenvalues(given, lambda: _log_det(retained)) + float(np.trace(crossed))
    return np.array([cost, psi_of_eigenvalues(below, lambda: _log_det(discarded))])


def _discarded_view(teacher: PSD, dropped: Array) -> Array:
    """Return the map from whitened weights to the discarded coordinates, on its range: (rank, rank of T_bb)."""
    view = teacher.root.T @ dropped
    if not teacher.is_singular or not view.size:
        return view
    # The rank is one of angles between two subspaces, both in units of each coordinate's own spread.
    units = np.where(teacher.deviations > 0.0, teacher.deviations, 1.0)[:, None]
    support, _ = np.linalg.qr(teacher.root / units)
    outside, _ = np.linalg.qr(units * dropped)
    directions, cosines, _ = np.linalg.svd(outside.T @ support)
    singular = np.linalg.svd(teacher.root / units, compute_uv=False)
    forgiven = rounding(len(units)) * float(singular[0] / singular[-1]) ** 2
    seen = directions[:, : int(np.count_nonzero(cosines > forgiven))]
    # A basis of the discarded coordinates that carry variance, back in the units of the root.
    return np.asarray((teacher.root / units).T @ outside @ seen)


def _least_spread(triangular: Array, lost: bool) -> float:
    """Return the least ψ(f · I, T_bb) over floors f, for T_bb = RᵀR; +inf where T_bb is singular but not 0."""
    variances = np.square(np.linalg.svd(triangular, compute_uv=False))
    if not np.any(variances):
        return 0.0
    if lost or not np.all(variances):
        return math.inf
    ratio = len(variances) / float(np.sum(1.0 / variances)) / variances
    return float(np.sum(spread_cost(ratio - 1.0, ratio)))


def _log_det(triangular: Array) -> float:
    """Return log det(RᵀR)."""
    diagonal = np.abs(triangular.diagonal())
    return 2.0 * float(np.sum(np.log(diagonal))) if np.all(diagonal) else -math.inf


def _on_unlike_supports(laws: Laws, kept: Array) -> Ledger:
    """Say which cells are infinite, at least one; the others keep their values."""
    # Coordinates in units of their own spread: ranks are then judged whatever the units, and no divergence changes.
    # The wider law says what that spread is: of the narrower one it may be rounding in place of 0.
    # It matters only what the discarded coordinates are, not how the retained ones complete them.
    deviations = np.maximum(laws.teacher.deviations, laws.student.deviations)
    units = np.where(deviations > 0, deviations, 1.0)
    dropped, triangular = np.linalg.qr(units[:, None] * complement(kept))
    kept = complement(dropped)
    unit = solve_triangular(triangular, np.eye(dropped.shape[1]), transposed=True)

    def blocks(covariance: PSD) -> Blocks:
        return Blocks.rotated(Dense(symmetrised(covariance.matrix / units / units[:, None])), kept, dropped)

    def offset(shift: Shift) -> Offset:
        return Shift(shift.rows / units, shift.size / units).rotated(kept, dropped)

    found = ledger_of_blocks(
        blocks(laws.student),
        blocks(laws.teacher),
        Difference.rotated(laws.difference / units / units[:, None], kept, dropped),
        offset(laws.mean),
        None if laws.noise is None else offset(laws.noise),
        laws.outputs,
        level="weights",
        mode=laws.mode,
        floor_shape=Dense(symmetrised(unit @ unit.T)),
    )
    if math.isinf(found.total):
        return found
    cells = found.cells.copy()
    cells[0, 2] = math.inf
    return dataclasses.replace(found, cells=cells)
