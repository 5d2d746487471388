"""The dense route from channels to ledgers: any bottleneck, any covariance, weights or predictions."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np

from lingauss.algebra.channel import Channel
from lingauss.algebra.factor import rounding
from lingauss.algebra.psd import PSD, Dense, Diagonal, symmetrised
from lingauss.errors import IllConditionedError
from lingauss.model.bottleneck import complement
from lingauss.model.chain_rule import Blocks, Offset, ledger_of_blocks
from lingauss.model.labels import mean_rows, noise_rows
from lingauss.model.ledger import Ledger
from lingauss.model.problem import Problem
from lingauss.validation import Array


@dataclass(frozen=True, eq=False)
class Pair:
    """Two channels t ↦ W on a problem, and the directions the student retains.

    Attributes
    ----------
    problem : Problem
    teacher, student : Channel
    kept : (d, r)
        Orthonormal basis of the retained directions.
    inside : PSD or None
        The student's covariance without its unlearned spread; None if its law has any other form.
    floor : float or None
        Variance of the student's weights outside the retained directions; None if there is no such form.
    spread_teacher, spread_student : bool
        Whether the teacher's law is known to be nonsingular, and the student's among the retained directions.
    """

    problem: Problem
    teacher: Channel
    student: Channel
    kept: Array
    inside: PSD | None = None
    floor: float | None = None
    spread_teacher: bool = False
    spread_student: bool = False

    def against(self, teacher: Channel) -> Pair:
        """Return the same student beside another teacher."""
        return dataclasses.replace(self, teacher=teacher, spread_teacher=False)

    def weight_ledger(self) -> Ledger:
        """Return the ledger of the weights' laws.

        Raises
        ------
        IllConditionedError
            If a law known to be nonsingular looks singular in float64, where its divergence would come out as +inf.
        """
        dropped = complement(self.kept)
        student = self._student_blocks(dropped)
        teacher = Blocks.rotated(self.teacher.covariance, self.kept, dropped)
        _check_regular(teacher.discarded, "teacher", self.spread_teacher)
        _check_regular(teacher.conditional, "teacher", self.spread_teacher)
        _check_regular(student.retained, "student", self.spread_student)
        mean, noise = self._offsets(np.eye(len(self.kept)), self.kept, dropped)
        return ledger_of_blocks(
            student,
            teacher,
            mean,
            noise,
            self.problem.outputs,
            level="weights",
            mode=self.problem.mode,
        )

    def prediction_ledger(self, gram: PSD) -> Ledger:
        """Return the ledger of the joint predictive laws at test inputs with this Gram matrix (docs/theory.md §3.4).

        Both laws are pushed through W ↦ WR + noise, R Rᵀ the Gram matrix. What the student's predictor can reach
        there is the range of RᵀU; the complement depends on discarded weights alone.
        """
        root = gram.root
        if root.shape[1] == 0:
            return Ledger(np.zeros((2, 3)), 0.0, "predictions", self.problem.mode)
        noise_std = self.problem.label_noise
        observe = Channel(root.T, Diagonal(np.full(root.shape[1], noise_std**2)))
        kept = _range(root.T @ self.kept, float(np.linalg.norm(root, 2)))
        dropped = complement(kept)
        mean, noise = self._offsets(root, kept, dropped)
        unseen = complement(self.kept).T @ root @ dropped
        return ledger_of_blocks(
            Blocks.rotated((observe @ self.student).covariance, kept, dropped, noise_std),
            Blocks.rotated((observe @ self.teacher).covariance, kept, dropped, noise_std),
            mean,
            noise,
            self.problem.outputs,
            level="predictions",
            mode=self.problem.mode,
            floor_shape=Dense(symmetrised(unseen.T @ unseen)),
            floor_base=noise_std**2,
        )

    def _student_blocks(self, dropped: Array) -> Blocks:
        if self.inside is None or self.floor is None:
            return Blocks.rotated(self.student.covariance, self.kept, dropped)
        inside = Blocks.rotated(self.inside, self.kept, dropped)
        return Blocks(Diagonal(np.full(dropped.shape[1], self.floor)), np.zeros_like(inside.cross), inside.retained)

    def _offsets(self, view: Array, kept: Array, dropped: Array) -> tuple[Offset, Offset | None]:
        """Rows of mean and label-noise differences, seen through W ↦ W view."""
        student, teacher = self.student, self.teacher

        def offset(difference: Array, student_part: Array, teacher_part: Array) -> Offset:
            size = np.abs(student_part @ view) + np.abs(teacher_part @ view)
            return Offset.rotated(difference @ view, size, kept, dropped)

        mean = offset(
            mean_rows(self.problem, student.A - teacher.A, student.b - teacher.b),
            mean_rows(self.problem, student.A, student.b),
            mean_rows(self.problem, teacher.A, teacher.b),
        )
        if self.problem.observed is not None:
            return mean, None
        noise = offset(*(noise_rows(self.problem, A) for A in (student.A - teacher.A, student.A, teacher.A)))
        return mean, noise


def _check_regular(law: PSD, owner: str, known_regular: bool) -> None:
    if known_regular and law.is_singular:
        raise IllConditionedError(
            f"a {owner} whose weights have variances within about 10¹² of each other",
            f"a covariance of numerical rank {law.rank} of {law.dim}",
            "Standardise the features or raise the penalty; Principal and Best keep their digits.",
        )


def _range(matrix: Array, size: float) -> Array:
    """Return an orthonormal basis of a matrix's range, up to rounding of numbers of the given size."""
    if 0 in matrix.shape:
        return np.zeros((len(matrix), 0))
    basis, singular, _ = np.linalg.svd(matrix, full_matrices=False)
    return np.asarray(basis[:, singular > rounding(max(matrix.shape)) * size])
