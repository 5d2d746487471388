"""Ridge teachers and students without one row, from their fits of all rows (docs/theory.md §9.2).

A ridge fit without row i is the fit of all rows whose label y_i has been replaced by its own prediction. For a teacher
with hat matrix H_T this gives e_T = r_T/(1 − h_T). A student with hat matrix H_S, in a view of the inputs that does not
depend on the rows, whose labels are (1 − ξ) true + ξ soft, sees its other labels change as well:

    e = (r_S − ξ (H_S(I − H_T))_ii e_T) / (1 − h_S),    r_S = y − ŷ_S.

Weights that are drawn add variances that follow from G₋ = G − xxᵀ in the same way. Each is a function of diagonals of
products of the two hat matrices; with their means in place of the diagonals it is generalised cross-validation.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lingauss.algebra.factor import rounding
from lingauss.errors import SingularGramError
from lingauss.unseen.frames import Frame
from lingauss.unseen.loss import Loss
from lingauss.validation import Array


@dataclass(frozen=True, eq=False)
class RidgeFit:
    """Ridge regression of all rows on a view of the inputs, as the sample space sees it.

    Attributes
    ----------
    frame : Frame
        Where errors are taken.
    penalty : float
        λ.
    power : (r,)
        Eigenvalues of the Gram matrix of the view.
    axes : (q, r) or None
        Its left singular vectors, along those of X; None where the view is of everything.
    """

    frame: Frame
    penalty: float
    power: Array
    axes: Array | None = None

    @classmethod
    def of_view(cls, frame: Frame, penalty: float, basis: Array) -> RidgeFit:
        """Return the fit on inputs that are seen through orthonormal columns, (q, r) in the eigenbasis of G."""
        left, singular, _ = np.linalg.svd(np.sqrt(frame.space.eigenvalues)[:, None] * basis, full_matrices=False)
        return cls(frame, penalty, np.square(singular), left)

    @cached_property
    def shrinkage(self) -> Array:
        """Eigenvalues of the hat matrix H, (r,)."""
        return np.asarray(self.power / np.where(self.power > 0.0, self.power + self.penalty, 1.0))

    @cached_property
    def missed(self) -> Array:
        """1 − shrinkage, with its own digits."""
        live = self.power > 0.0
        return np.where(live, self.penalty / np.where(live, self.power + self.penalty, 1.0), 1.0)

    @cached_property
    def unseen(self) -> Array:
        """Squared length of each point outside of the view, (N,)."""
        if self.axes is None or self.axes.shape[0] == self.axes.shape[1]:
            return self.frame.outside
        inside = self.frame.product(self.axes, self.axes)
        return np.asarray(self.frame.outside + self.frame.diagonal(np.ones(len(self.axes))) - inside)

    @cached_property
    def left(self) -> Array:
        """1 − h, at every point or on average.

        Raises
        ------
        SingularGramError
            If without some row nothing determines a weight.
        """
        left = self.frame.level(self.unseen + self.diagonal(self.missed))
        lost = np.flatnonzero(np.atleast_1d(left) <= (rounding(len(self.power)) if self.penalty == 0.0 else 0.0))
        if len(lost):
            raise SingularGramError(
                "a nonsingular Gram matrix without any one row, because the penalty is 0",
                f"row {lost[0]}, without which it is singular" if np.ndim(left) else "as many features as samples",
                "Use penalty > 0, or drop the feature that only this row has.",
            )
        return left

    def diagonal(self, entries: Array) -> Array:
        """Return the diagonal of a function of the hat matrix within the view, given its eigenvalues, (N,)."""
        if self.axes is None:
            return self.frame.diagonal(entries)
        return self.frame.product(self.axes * entries, self.axes)

    def apply(self, entries: Array, coordinates: Array) -> Array:
        """Return a function of the hat matrix within the view, times coordinates (q, k)."""
        if self.axes is None:
            return np.asarray(entries[:, None] * coordinates)
        return np.asarray(self.axes @ (entries[:, None] * (self.axes.T @ coordinates)))

    def residual(self, coordinates: Array) -> Array:
        """Return (I − H) times coordinates, (q, k)."""
        if self.axes is None or self.axes.shape[0] == self.axes.shape[1]:
            return self.apply(self.missed, coordinates)
        return np.asarray(coordinates - self.apply(self.shrinkage, coordinates))

    @cached_property
    def drawn(self) -> Array:
        """Variance xᵀ(G₋ + λ)⁻¹x of a prediction with weights drawn at unit dispersion."""
        return np.asarray((1.0 - self.left) / self.left)

    @cached_property
    def relabelled(self) -> Array:
        """Variance xᵀC₋G₋C₋x, C = (G + λ)⁻¹, of a prediction that learned from labels with unit noise."""
        square = self.frame.level(self.unseen + self.diagonal(np.square(self.missed)))
        return np.asarray(square / np.square(self.left) - 1.0)


def teacher_loss(fit: RidgeFit, dispersion: float) -> Loss:
    """Return the loss of a teacher that sees everything, its weights drawn at dispersion ω."""
    frame, outputs = fit.frame, fit.frame.space.labels.shape[1]
    errors = teacher_residual(fit) / _each(fit.left)
    return Loss.fixed(frame.losses(errors, errors) + frame.spreads(outputs * dispersion * fit.drawn))


def teacher_residual(fit: RidgeFit) -> Array:
    """Return Y − ŷ of a teacher at every point, (N, k)."""
    return np.asarray(fit.frame.along(fit.residual(fit.frame.space.labels)) + fit.frame.beyond)


@dataclass(frozen=True)
class Spreads:
    """Variances, in squared label units per output.

    Attributes
    ----------
    teacher, student : float
        ω_T and ω_S, dispersions of drawn weights.
    labels : float
        τν², noise of the soft labels.
    draws : int
        m.
    """

    teacher: float
    student: float
    labels: float
    draws: int


def student_loss(teacher: RidgeFit, student: RidgeFit, spreads: Spreads) -> Loss:
    """Return the loss of a student on the teacher's inputs, for every share of soft labels."""
    frame, outputs = teacher.frame, teacher.frame.space.labels.shape[1]
    labels = frame.space.labels
    hidden = frame.level(_hidden(teacher, student))
    true = (frame.along(student.residual(labels)) + frame.beyond) / _each(student.left)
    seen = frame.along(student.apply(student.shrinkage, teacher.residual(labels)))
    soft = (seen - _each(hidden / teacher.left) * teacher_residual(teacher)) / _each(student.left)
    own = outputs * spreads.student * student.drawn
    copied = np.asarray(outputs * spreads.labels * student.relabelled)
    if spreads.teacher > 0.0:
        copied = copied + outputs * spreads.teacher * _taught(teacher, student, hidden)
    return Loss(
        frame.losses(true, true) + frame.spreads(own),
        2.0 * frame.losses(true, soft),
        frame.losses(soft, soft) + frame.spreads(copied / spreads.draws),
    )


def _hidden(teacher: RidgeFit, student: RidgeFit) -> Array:
    """Return the diagonal of H_S(I − H_T), (N,)."""
    if student.axes is None:
        return student.frame.diagonal(student.shrinkage * teacher.missed)
    return student.frame.product(student.axes * student.shrinkage, teacher.missed[:, None] * student.axes)


def _taught(teacher: RidgeFit, student: RidgeFit, hidden: Array) -> Array:
    """Return xᵀC₋G₋(G₋ + λ_T)⁻¹G₋C₋x: the variance that teacher's weights, drawn at unit dispersion, pass on.

    With g = GCx − h_S x, which is (1 − h_S)G₋C₋x, it is [gᵀRg + (xᵀRg)²/(1 − h_T)]/(1 − h_S)², R = (G + λ_T)⁻¹.
    """
    frame = student.frame
    if student.axes is None:
        sandwich = frame.level(frame.diagonal(np.square(student.shrinkage) * teacher.shrinkage))
    else:
        half = (student.axes * student.shrinkage) @ (student.axes.T * np.sqrt(teacher.shrinkage))
        sandwich = frame.level(frame.product(half, half))
    seen, known = 1.0 - student.left, 1.0 - teacher.left
    square = sandwich - 2.0 * seen * (seen - hidden) + np.square(seen) * known
    crossed = seen * teacher.left - hidden
    return np.asarray((square + np.square(crossed) / teacher.left) / np.square(student.left))


def _each(level: Array) -> Array:
    """Return a level as a factor of errors (N, k)."""
    return level[:, None] if np.ndim(level) else level
