"""Errors on unseen rows over ranks and grids of designs, from moments alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lingauss.model.design import Design
from lingauss.model.learners import Ridge
from lingauss.model.problem import Problem
from lingauss.sums.running import Ranks
from lingauss.sweep.grid import Axes as Grid
from lingauss.sweep.grid import directions_over
from lingauss.sweep.quantities import SQUARED_LABELS, Quantity
from lingauss.unseen.forms import check_student, check_teacher, losses, order_of, teacher_loss_of
from lingauss.unseen.frames import Axes
from lingauss.unseen.loss import Loss
from lingauss.unseen.reduced import Learners
from lingauss.unseen.samples import SampleSpace
from lingauss.unseen.spectral import RotatedOut
from lingauss.validation import Array

UNSEEN: Mapping[str, Quantity] = {
    "teacher_cross_validation": Quantity("squared error of the teacher on unseen rows", SQUARED_LABELS),
    "student_cross_validation": Quantity("squared error of the student on unseen rows", SQUARED_LABELS),
}
FREE = ("mixing", "floor")  # axes along which one evaluation gives every value


def errors_over(
    case: Design, ranks: Ranks, axes: Grid, names: Sequence[str], out: Mapping[str, Array] | None = None
) -> dict[str, Array]:
    """Return errors on unseen rows at every rank and grid point, each (R, *grid).

    Parameters
    ----------
    case : Design
    ranks : (R,) of int
        Increasing.
    axes : mapping of name to (m,) values
        Checked values of design axes other than ``student_rank``.
    names : sequence of str
        Among :data:`UNSEEN`.
    out : mapping of name to (R, *grid) arrays, optional
        Where to write. Without it, quantities that do not depend on an axis are read-only views that repeat along it.

    Raises
    ------
    MissingLabelsError, DomainError, SingularGramError
    """
    errors = UnseenErrors(case.problem)
    losses_of = {"teacher_cross_validation": errors.of_teacher, "student_cross_validation": errors.of_student}
    shape = (len(ranks), *(len(values) for values in axes.values()))
    results = {}
    for name in names:
        values = losses_of[name](case, ranks, axes).at(_along("mixing", axes, case.mixing))
        target = None if out is None else out.get(name)
        if target is None:
            results[name] = np.broadcast_to(values, shape)
        else:
            target[...] = values
            results[name] = target
    return results


@dataclass(frozen=True, eq=False)
class UnseenErrors:
    """Errors of designs that share a problem; what they share is found once."""

    problem: Problem

    @cached_property
    def axes(self) -> Axes:
        """The axes of the sample space."""
        return Axes(SampleSpace.of(self.problem))

    @cached_property
    def rotated(self) -> RotatedOut:
        """The sample space without an average row."""
        return RotatedOut.of(self.problem, self.axes.space)

    def of_student(self, case: Design, ranks: Ranks, grid: Grid) -> Loss:
        """Return a student's errors at every rank and grid point for every mixing: (R, *grid), of length 1 along it.

        In the eigenbasis of G one pass over d² numbers gives every rank of a pair of learners.
        """
        check_student(case)
        slow = {name: grid[name] for name in grid if name not in FREE}
        if case.is_spectral and not (_both_ridge(case) and ranks.min() == case.problem.n_features):
            reduced, learners = self._without_a_row(case, ranks, slow)
            noise = _along("label_noise", slow, case.problem.label_noise)
            loss = self.rotated.student_loss(learners, noise, order_of(reduced), ranks)
            return _among(loss, grid, slow, len(ranks))
        parts = np.empty((3, len(ranks), *(len(values) for values in slow.values())))
        for row, *point in np.ndindex(*parts.shape[1:]):
            here = {name: values[i].item() for i, (name, values) in zip(point, slow.items(), strict=True)}
            if ranks[row] != case.rank:
                here["student_rank"] = int(ranks[row])
            loss = losses(case.replace(**here), self.axes)[1]
            parts[:, row, *point] = [np.sum(part) for part in (loss.constant, loss.linear, loss.square)]
        return _among(Loss(*parts), grid, slow, len(ranks))

    def of_teacher(self, case: Design, ranks: Ranks, grid: Grid) -> Loss:
        """Return a teacher's errors at every grid point, (1, *grid), of length 1 along axes that do not concern it."""
        check_teacher(case)
        own = {name: grid[name] for name in grid if name in ("label_noise", "penalty") or name.startswith("teacher_")}
        alone = case.replace(bottleneck=None, transfer=None, floor=None, student=case.teacher)
        if not isinstance(case.teacher, Ridge):
            _, learners = self._without_a_row(alone, np.array([case.problem.n_features]), own)
            noise = _along("label_noise", own, case.problem.label_noise)
            loss = self.rotated.teacher_loss(learners.teacher, noise)
            return _among(Loss.fixed(loss.constant[None]), grid, own, 1)
        values = np.empty((1, *(len(values) for values in own.values())))
        for point in np.ndindex(*values.shape[1:]):
            here = {name: given[i].item() for i, (name, given) in zip(point, own.items(), strict=True)}
            values[0, *point] = teacher_loss_of(alone.replace(**here), self.axes).constant.item()
        return _among(Loss.fixed(values), grid, own, 1)

    def _without_a_row(self, case: Design, ranks: Ranks, grid: Grid) -> tuple[Design, Learners]:
        """Return the design on the spectrum that an average row leaves, and its learners over a grid."""
        reduced = case.replace(problem=self.rotated.problem, floor=0.0, student_rank=int(ranks.max()))
        found = directions_over(reduced, grid, ranks)
        return reduced, Learners(found.s, found.teacher, found.student, found.temperature, found.draws)


def _both_ridge(case: Design) -> bool:
    return isinstance(case.teacher, Ridge) and isinstance(case.student, Ridge)


def _along(name: str, grid: Grid, default: float) -> Array:
    """Return a setting's values along its own axis of a grid, (1, *grid)."""
    shape = [1, *(len(values) if axis == name else 1 for axis, values in grid.items())]
    return np.reshape(grid.get(name, np.array([default])), shape)


def _among(loss: Loss, grid: Grid, own: Grid, ranks: int) -> Loss:
    """Return a loss over some of a grid's axes, (R, *own), as one over all of them, of length 1 along the others."""
    inner = [len(values) for values in own.values()]
    shape = [ranks, *(len(values) if name in own else 1 for name, values in grid.items())]
    parts = (
        np.broadcast_to(part, (ranks, *inner)).reshape(shape) for part in (loss.constant, loss.linear, loss.square)
    )
    return Loss(*parts)
