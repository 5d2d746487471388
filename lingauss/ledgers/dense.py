"""The dense route from channels to ledgers: any bottleneck, any covariance, weights or predictions."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np

from lingauss.algebra.channel import Channel
from lingauss.algebra.factor import rounding
from lingauss.algebra.psd import PSD, Dense, Diagonal, symmetrised
from lingauss.errors import IllConditionedError
from lingauss.ledgers.chain_rule import Blocks, Difference, Shift, ledger_of_blocks
from lingauss.ledgers.gaussian_ledger import Laws, ledger_of_laws
from lingauss.ledgers.ledger import Ledger
from lingauss.model.bottleneck import complement
from lingauss.model.labels import mean_rows, noise_rows
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
        mean, noise = self._shifts(np.eye(len(self.kept)))
        outputs, mode = self.problem.outputs, self.problem.mode
        if self.inside is None or self.floor is None:
            student, teacher = self.student.covariance, self.teacher.covariance
            _check_regular(teacher, "teacher", self.spread_teacher)
            laws = Laws(student, teacher, self._spread_difference, mean, noise, outputs, mode)
            return ledger_of_laws(laws, self.kept)
        dropped = complement(self.kept)
        teacher_blocks = Blocks.rotated(self.teacher.covariance, self.kept, dropped)
        inside = Blocks.rotated(self.inside, self.kept, dropped)
        floor = Diagonal(np.full(dropped.shape[1], self.floor))
        _check_regular(teacher_blocks.discarded, "teacher", self.spread_teacher)
        _check_regular(teacher_blocks.conditional, "teacher", self.spread_teacher)
        _check_regular(inside.retained, "student", self.spread_student)
        # The floor stays out of the retained block, where a large one would drown the learned spread.
        learned = self.inside.matrix - self.teacher.covariance.matrix
        return ledger_of_blocks(
            Blocks(floor, np.zeros_like(inside.cross), inside.retained),
            teacher_blocks,
            Difference(
                floor.matrix - teacher_blocks.discarded.matrix,
                -teacher_blocks.cross,
                symmetrised(self.kept.T @ learned @ self.kept),
            ),
            mean.rotated(self.kept, dropped),
            None if noise is None else noise.rotated(self.kept, dropped),
            outputs,
            level="weights",
            mode=mode,
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
        mean, noise = self._shifts(root)
        unseen = complement(self.kept).T @ root @ dropped
        return ledger_of_blocks(
            Blocks.rotated((observe @ self.student).covariance, kept, dropped, noise_std),
            Blocks.rotated((observe @ self.teacher).covariance, kept, dropped, noise_std),
            Difference.rotated(root.T @ self._spread_difference @ root, kept, dropped),
            mean.rotated(kept, dropped),
            None if noise is None else noise.rotated(kept, dropped),
            self.problem.outputs,
            level="predictions",
            mode=self.problem.mode,
            floor_shape=Dense(symmetrised(unseen.T @ unseen)),
            floor_base=noise_std**2,
        )

    @property
    def _spread_difference(self) -> Array:
        return self.student.cov - self.teacher.cov

    def _shifts(self, view: Array) -> tuple[Shift, Shift | None]:
        """Rows of mean and label-noise differences, seen through W ↦ W view."""
        student, teacher = self.student, self.teacher

        def shift(difference: Array, student_part: Array, teacher_part: Array) -> Shift:
            return Shift(difference @ view, np.abs(student_part @ view) + np.abs(teacher_part @ view))

        mean = shift(
            mean_rows(self.problem, student.A - teacher.A, student.b - teacher.b),
            mean_rows(self.problem, student.A, student.b),
            mean_rows(self.problem, teacher.A, teacher.b),
        )
        if self.problem.observed is not None:
            return mean, None
        return mean, shift(*(noise_rows(self.problem, A) for A in (student.A - teacher.A, student.A, teacher.A)))


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
