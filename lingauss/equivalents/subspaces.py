"""Overlaps of ridge regressions whose views are any subspaces, which share no directions (docs/theory.md §10.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from lingauss.algebra.factor import rounding
from lingauss.equivalents.effective_penalty import effective_penalties
from lingauss.equivalents.fit import Index, residual_factors
from lingauss.equivalents.overlaps import Overlaps
from lingauss.validation import Array


@dataclass(frozen=True, eq=False)
class View:
    """What of a population a subspace shows: B = Σ^½ U Uᵀ Σ^½ = Q diag(b) Qᵀ.

    Attributes
    ----------
    basis : (d, r)
        U, orthonormal, in the population's principal directions.
    s : (d,)
        Eigenvalues of Σ.
    theta : (m, d)
        Rows of the whitened signal, W* Σ^½.
    """

    basis: Array
    s: Array
    theta: Array

    @cached_property
    def _decomposition(self) -> tuple[Array, Array, Array]:
        left, singular, right = np.linalg.svd(np.sqrt(self.s)[:, None] * self.basis, full_matrices=False)
        live = singular > rounding(len(self.s)) * singular.max(initial=0.0)
        return left[:, live], np.square(singular[live]), self.basis @ right[live].T

    @property
    def directions(self) -> Array:
        """Q, (d, r)."""
        return self._decomposition[0]

    @property
    def values(self) -> Array:
        """b, (r,)."""
        return self._decomposition[1]

    @property
    def axes(self) -> Array:
        """Σ^½ and these, orthonormal columns in U, make Q diag(b)^½, (d, r)."""
        return self._decomposition[2]

    @cached_property
    def coordinates(self) -> Array:
        """The signal in the view, (m, r)."""
        return np.asarray(self.theta @ self.directions)

    @cached_property
    def hidden(self) -> Array:
        """The signal outside the view, (m, d)."""
        return np.asarray(self.theta - self.coordinates @ self.directions.T)

    def contains(self, other: View) -> bool:
        """Whether all that another view shows is in this one."""
        outside = other.basis - self.basis @ (self.basis.T @ other.basis)
        return bool(np.abs(outside).max(initial=0.0) <= rounding(len(self.s)) ** 0.5)


class Regressions(NamedTuple):
    """Ridge regressions at P points.

    Attributes
    ----------
    n_samples, penalty : (P,)
    views : sequence of View
    view : (P,) of int
        The number of the view.
    """

    n_samples: Array
    penalty: Array
    views: Sequence[View]
    view: Index


def subspace_overlaps(teacher: Regressions, student: Regressions) -> Overlaps:
    """Return the overlaps of regressions through any views."""
    sides = []
    for fits in (teacher, student):
        kappa, residual = np.empty(len(fits.view)), np.empty(len(fits.view))
        for number, view in enumerate(fits.views):
            here = fits.view == number
            n, penalty = fits.n_samples[here], fits.penalty[here]
            kappa[here] = effective_penalties(view.values, n, penalty)
            residual[here] = residual_factors(n, penalty, kappa[here], len(view.values))
        sides.append((kappa, residual))
    points = [
        _overlaps(
            n, rows, *(_Side.of(fits.views[fits.view[p]], kappa[p], residual[p]) for fits, (kappa, residual) in found)
        )
        for found in [list(zip((teacher, student), sides, strict=True))]
        for p, (n, rows) in enumerate(zip(teacher.n_samples.tolist(), student.n_samples.tolist(), strict=True))
    ]
    return Overlaps(*(np.array(field) for field in zip(*points, strict=True)))


class _Side(NamedTuple):
    """One regression: its view, H and 1 − H along Q, ρ, and what is missed of the signal, (m, d)."""

    view: View
    seen: Array
    missed: Array
    residual: float
    bias: Array

    @classmethod
    def of(cls, view: View, kappa: float, residual: float) -> _Side:
        seen, missed = view.values / (view.values + kappa), kappa / (view.values + kappa)
        return cls(view, seen, missed, residual, view.hidden + (view.coordinates * missed) @ view.directions.T)


def _overlaps(n: float, rows: float, teacher: _Side, student: _Side) -> Overlaps:
    shared = np.square(teacher.view.directions.T @ student.view.directions)
    hidden = 1.0 - np.sum(shared, axis=0)  # of the student's directions, to the teacher
    hidden[np.abs(hidden) <= rounding(len(teacher.view.s))] = 0.0
    seen_t, seen_s = teacher.seen, student.seen
    across = seen_t @ shared
    twice = np.square(seen_t) @ shared
    carried = ((teacher.bias @ student.view.directions) * seen_s) @ student.view.directions.T
    return Overlaps(
        teacher_samples=np.asarray(n),
        student_samples=np.asarray(rows),
        teacher_residual=np.asarray(teacher.residual),
        student_residual=np.asarray(student.residual),
        teacher_filling=_sum(seen_t) / n,
        student_filling=_sum(seen_s) / rows,
        teacher_squared=seen_t @ seen_t / n,
        student_squared=seen_s @ seen_s / rows,
        shared=across @ seen_s / n,
        teacher_regular=teacher.residual + seen_t @ teacher.missed / n,
        student_regular=student.residual + seen_s @ student.missed / rows,
        regular=student.residual + (hidden + teacher.missed @ shared) @ seen_s / n,
        student_heavy=across @ np.square(seen_s) / n,
        teacher_heavy=twice @ seen_s / n,
        both_heavy=twice @ np.square(seen_s) / n,
        teacher_bias=_sum(np.square(teacher.bias)),
        student_bias=_sum(np.square(student.bias)),
        bias=_sum(student.bias * teacher.bias),
        carried_teacher=_sum(carried * teacher.bias),
        carried_student=_sum(carried * student.bias),
        carried=_sum(np.square(carried)),
        nested=np.asarray(float(student.view.contains(teacher.view))),
    )


def _sum(values: Array) -> Array:
    return np.asarray(np.sum(values))
