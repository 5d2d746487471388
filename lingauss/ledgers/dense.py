"""The dense route from channels to ledgers: any bottleneck, any covariance, weights or predictions."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np

from lingauss.algebra.channel import Channel
from lingauss.algebra.factor import rounding
from lingauss.algebra.psd import PSD, Dense, symmetrised
from lingauss.algebra.rooted import Rooted
from lingauss.ledgers.chain_rule import Shift, irreducible_spread
from lingauss.ledgers.gaussian_ledger import Laws, ledger_of_laws
from lingauss.ledgers.ledger import Ledger
from lingauss.model.bottleneck import complement
from lingauss.model.labels import mean_rows, noise_rows
from lingauss.model.problem import Problem
from lingauss.validation import Array


@dataclass(frozen=True, eq=False)
class Apart:
    """Student less teacher.

    Attributes
    ----------
    gain : (d, d)
        Difference of the maps t ↦ E W.
    spread : (d, d)
        Difference of the covariances.
    """

    gain: Array
    spread: Array

    def __neg__(self) -> Apart:
        return Apart(-self.gain, -self.spread)


@dataclass(frozen=True, eq=False)
class Pair:
    """Two channels t ↦ W on a problem, and the directions the student retains.

    Attributes
    ----------
    problem : Problem
    teacher, student : Channel
    kept : (d, r)
        Orthonormal basis of the retained directions.
    apart : Apart, optional
        The difference of the laws, where it is known to more digits than subtraction leaves.
    """

    problem: Problem
    teacher: Channel
    student: Channel
    kept: Array
    apart: Apart | None = None

    def against(self, teacher: Channel) -> Pair:
        """Return the same student beside another teacher."""
        return dataclasses.replace(self, teacher=teacher, apart=None)

    @property
    def reversed(self) -> Pair:
        """The same laws with their roles exchanged."""
        return Pair(self.problem, self.student, self.teacher, self.kept, None if self.apart is None else -self.apart)

    def weight_ledger(self) -> Ledger:
        """Return the ledger of the weights' laws."""
        mean, noise = self._shifts(np.eye(len(self.kept)))
        difference = self.student.cov - self.teacher.cov if self.apart is None else self.apart.spread
        own, other = self.student.covariance, self.teacher.covariance
        laws = Laws(own, other, difference, mean, noise, self.problem.outputs, self.problem.mode)
        return ledger_of_laws(laws, self.kept)

    def prediction_ledger(self, gram: PSD) -> Ledger:
        """Return the ledger of the joint predictive laws at test inputs with this Gram matrix (docs/theory.md §3.4).

        Both laws are pushed through W ↦ WR + noise, R Rᵀ the Gram matrix. What the student's predictor can reach
        there is the range of RᵀU; the complement depends on discarded weights alone.
        """
        root = _root(gram)
        if root.shape[1] == 0:
            return Ledger(np.zeros((2, 3)), 0.0, "predictions", self.problem.mode)
        noise_std = self.problem.label_noise
        student, teacher = (root.T @ _root(law.covariance) for law in (self.student, self.teacher))
        observe = noise_std * np.eye(root.shape[1])
        own, other = (Rooted(np.concatenate([seen, observe], axis=1)) for seen in (student, teacher))
        mean, noise = self._shifts(root)
        outputs, mode = self.problem.outputs, self.problem.mode
        if self.apart is None:
            difference = student @ student.T - teacher @ teacher.T
        else:
            difference = symmetrised(root.T @ self.apart.spread @ root)
        joint = Laws(own, other, difference, mean, noise, outputs, mode)
        kept = _range(root.T @ self.kept, float(np.linalg.norm(root, 2)))
        dropped = complement(kept)
        cells = ledger_of_laws(joint, kept).cells
        unseen = complement(self.kept).T @ root @ dropped
        below = Rooted(dropped.T @ np.concatenate([teacher, observe], axis=1))
        least = irreducible_spread(below, Dense(symmetrised(unseen.T @ unseen)), noise_std**2)
        return Ledger(cells, cells[1, 0] + cells[1, 1] + 0.5 * outputs * least, "predictions", mode)

    def _shifts(self, view: Array) -> tuple[Shift, Shift | None]:
        """Rows of mean and label-noise differences, seen through W ↦ W view."""
        student, teacher = self.student, self.teacher
        gain = student.A - teacher.A if self.apart is None else self.apart.gain

        def shift(difference: Array, student_part: Array, teacher_part: Array) -> Shift:
            return Shift(difference @ view, np.abs(student_part @ view) + np.abs(teacher_part @ view))

        mean = shift(
            mean_rows(self.problem, gain, student.b - teacher.b),
            mean_rows(self.problem, student.A, student.b),
            mean_rows(self.problem, teacher.A, teacher.b),
        )
        if self.problem.observed is not None:
            return mean, None
        return mean, shift(*(noise_rows(self.problem, A) for A in (gain, student.A, teacher.A)))


def _root(covariance: PSD) -> Array:
    return covariance.given if isinstance(covariance, Rooted) else covariance.root


def _range(matrix: Array, size: float) -> Array:
    """Return an orthonormal basis of a matrix's range, up to rounding of numbers of the given size."""
    if 0 in matrix.shape:
        return np.zeros((len(matrix), 0))
    basis, singular, _ = np.linalg.svd(matrix, full_matrices=False)
    return np.asarray(basis[:, singular > rounding(max(matrix.shape)) * size])
