"""Errors on unseen rows over ranks and grids of designs, from moments alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from lingauss.design.grid import Axes as Grid
from lingauss.design.grid import directions_over
from lingauss.design.quantities import SQUARED_LABELS, Quantity
from lingauss.design.running_sum import Ranks
from lingauss.model.distillation import Distillation
from lingauss.model.learners import Ridge
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
    case: Distillation, ranks: Ranks, axes: Grid, names: Sequence[str], out: Mapping[str, Array] | None = None
) -> dict[str, Array]:
    """Return errors on unseen rows at every rank and grid point, each (R, *grid).

    Parameters
    ----------
    case : Distillation
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
    losses_of = {"teacher_cross_validation": teacher_losses, "student_cross_validation": student_losses}
    shape = (len(ranks), *(len(values) for values in axes.values()))
    results = {}
    for name in names:
        values = losses_of[name](case, ranks, axes).at(_mixing(case, axes))
        if out is None:
            results[name] = np.broadcast_to(values, shape)
        else:
            out[name][...] = values
            results[name] = out[name]
    return results


def student_losses(case: Distillation, ranks: Ranks, axes: Grid) -> Loss:
    """Return a student's errors at every rank and grid point for every mixing: (R, *grid), of length 1 along it.

    In the eigenbasis of G one pass over d² numbers gives every rank of a pair of learners.
    """
    check_student(case)
    space, slow = SampleSpace.of(case.problem), {name: axes[name] for name in axes if name not in FREE}
    if case.is_spectral and not (_both_ridge(case) and ranks.min() == case.problem.n_features):
        rotated = RotatedOut.of(case.problem, space)
        reduced, learners = _without_a_row(case, rotated, ranks, slow)
        loss = rotated.student_loss(learners, _noise(case, slow), order_of(reduced), ranks)
        return _among(loss, axes, slow, len(ranks))
    parts = np.empty((3, len(ranks), *(len(values) for values in slow.values())))
    for row, *point in np.ndindex(*parts.shape[1:]):
        here = {name: values[i].item() for i, (name, values) in zip(point, slow.items(), strict=True)}
        if ranks[row] != case.rank:
            here["student_rank"] = int(ranks[row])
        loss = losses(case.replace(**here), Axes(space))[1]
        parts[:, row, *point] = [np.sum(part) for part in (loss.constant, loss.linear, loss.square)]
    return _among(Loss(*parts), axes, slow, len(ranks))


def teacher_losses(case: Distillation, ranks: Ranks, axes: Grid) -> Loss:
    """Return a teacher's errors at every grid point, (1, *grid), of length 1 along axes that do not concern it."""
    check_teacher(case)
    space = SampleSpace.of(case.problem)
    own = {name: axes[name] for name in axes if name in ("label_noise", "penalty") or name.startswith("teacher_")}
    alone = case.replace(bottleneck=None, transfer=None, floor=None, student=case.teacher)
    if not isinstance(case.teacher, Ridge):
        rotated = RotatedOut.of(case.problem, space)
        whole = np.array([case.problem.n_features])
        _, learners = _without_a_row(alone, rotated, whole, own)
        loss = rotated.teacher_loss(learners.teacher, _noise(case, own))
        return _among(Loss.fixed(loss.constant[None]), axes, own, 1)
    values = np.empty((1, *(len(values) for values in own.values())))
    for point in np.ndindex(*values.shape[1:]):
        here = {name: given[i].item() for i, (name, given) in zip(point, own.items(), strict=True)}
        values[0, *point] = teacher_loss_of(alone.replace(**here), Axes(space)).constant.item()
    return _among(Loss.fixed(values), axes, own, 1)


def _both_ridge(case: Distillation) -> bool:
    return isinstance(case.teacher, Ridge) and isinstance(case.student, Ridge)


def _without_a_row(
    case: Distillation, rotated: RotatedOut, ranks: Ranks, axes: Grid
) -> tuple[Distillation, Learners]:
    """Return the design on the spectrum that an average row leaves, and its learners over a grid."""
    reduced = case.replace(problem=rotated.problem, floor=0.0, student_rank=int(ranks.max()))
    found = directions_over(reduced, axes, ranks)
    return reduced, Learners(found.s, found.teacher, found.student, found.temperature, found.draws)


def _noise(case: Distillation, axes: Grid) -> Array:
    """Return ν over a grid, (1, *grid)."""
    shape = [1, *(len(values) if name == "label_noise" else 1 for name, values in axes.items())]
    return np.reshape(axes.get("label_noise", np.array([case.problem.label_noise])), shape)


def _mixing(case: Distillation, axes: Grid) -> Array:
    """Return ξ over a grid, (1, *grid)."""
    shape = [1, *(len(values) if name == "mixing" else 1 for name, values in axes.items())]
    return np.reshape(axes.get("mixing", np.array([case.mixing])), shape)


def _among(loss: Loss, axes: Grid, own: Grid, ranks: int) -> Loss:
    """Return a loss over some of a grid's axes, (R, *own), as one over all of them, of length 1 along the others."""
    inner = [len(values) for values in own.values()]
    shape = [ranks, *(len(values) if name in own else 1 for name, values in axes.items())]
    parts = (np.broadcast_to(part, (ranks, *inner)).reshape(shape) for part in (loss.constant, loss.linear, loss.square))
    return Loss(*parts)
