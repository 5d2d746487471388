"""Every number of a design in 60 digits, in the row space of the very float64 Gram matrix that lingauss is given.

G is diagonalised in 60 digits; eigenvalues that lingauss takes for rounding are exactly 0. Everything then follows from
definitions (docs/theory.md §§2–7), with covariances as matrices, which so many digits can afford.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import high_precision as exact
import mpmath
import numpy as np
from mpmath import mpf

import lingauss as lg

DIGITS = 60
Matrix = Any  # mpmath has no types


def in_digits(function: Any) -> Any:
    def inside(*args: Any) -> Any:
        with mpmath.workdps(DIGITS):
            return function(*args)

    return inside


def diagonal(values: Any) -> Matrix:
    return mpmath.diag(list(values)) if len(values) else mpmath.matrix(0, 0)


def beside(*parts: Matrix) -> Matrix:
    """Join matrices of as many rows."""
    columns = [part[:, j] for part in parts for j in range(part.cols)]
    joined = mpmath.matrix(parts[0].rows, len(columns))
    for j, column in enumerate(columns):
        joined[:, j] = column
    return joined


def eigen(values: Matrix) -> tuple[list[Any], Matrix]:
    if not values.rows:
        return [], mpmath.matrix(0, 0)
    found, vectors = mpmath.eigsy((values + values.T) / 2)
    return list(found), vectors


def law_of(learner: Any, s: Any, nu2: Any) -> tuple[Any, Any]:
    """Return gain and variance of a weight in a direction of eigenvalue s (docs/theory.md §1.4)."""
    penalty = mpf(learner.penalty)
    power = mpf(learner.temperature) * (nu2 if learner.noise is None else mpf(learner.noise) ** 2)
    a = s + penalty
    if isinstance(learner, lg.Ridge):
        return 1 / a, power / a
    if isinstance(learner, lg.GradientFlow):
        left = mpf(0) if math.isinf(learner.time) else mpmath.exp(-a * mpf(learner.time))
        return (1 - left) / a, power * (1 - left**2) / a
    h = mpf(learner.step_size)
    left = mpf(0) if math.isinf(learner.steps) else (1 - h * a) ** int(learner.steps)
    return (1 - left) / a, power * (1 - left**2) / (a - h * a**2 / 2)


@dataclass(frozen=True, eq=False)
class Weights:
    """A law t ↦ N(t Aᵀ, V) in the eigenbasis of G."""

    A: Matrix
    V: Matrix


@dataclass(frozen=True, eq=False)
class RowSpace:
    """A design with learners on both sides and a truth, its rows W*, or observed labels, in the eigenbasis of G.

    ``teacher`` is an earlier student's predictor where rounds are chained.
    """

    case: lg.Distillation
    earlier: Weights | None = None

    @cached_property
    @in_digits
    def basis(self) -> tuple[list[Any], Matrix]:
        values, vectors = eigen(exact.matrix(self.case.problem.gram))
        order = sorted(range(len(values)), key=lambda i: -values[i])
        live = int(np.count_nonzero(self.case.problem.eigenbasis.eigenvalues))
        turned = beside(*(vectors[:, i] for i in order))
        return [values[i] if j < live else mpf(0) for j, i in enumerate(order)], turned

    @property
    def s(self) -> list[Any]:
        return self.basis[0]

    @property
    def G(self) -> Matrix:
        return diagonal(self.s)

    @property
    def nu2(self) -> Any:
        return mpf(self.case.problem.label_noise) ** 2

    @cached_property
    @in_digits
    def kept_and_dropped(self) -> tuple[Matrix, Matrix]:
        bottleneck, d = self.case.bottleneck, len(self.s)
        if not isinstance(bottleneck, lg.Subspace):
            eye = mpmath.eye(d)
            kept = list(self.case.retained_directions)
            pick = [
                beside(mpmath.matrix(d, 0), *(eye[:, int(j)] for j in some))
                for some in (kept, set(range(d)) - set(kept))
            ]
            return pick[0], pick[1]
        kept, dropped = exact.rotation(bottleneck.basis, d)
        return self.basis[1].T * kept, self.basis[1].T * dropped

    def of_learner(self, learner: Any) -> Weights:
        pairs = [law_of(learner, s, self.nu2) for s in self.s]
        return Weights(diagonal([gain for gain, _ in pairs]), diagonal([variance for _, variance in pairs]))

    @cached_property
    @in_digits
    def teacher(self) -> Weights:
        return self.of_learner(self.case.teacher) if self.earlier is None else self.earlier

    @cached_property
    @in_digits
    def predictor(self) -> Weights:
        case, (kept, _) = self.case, self.kept_and_dropped
        values, vectors = eigen(kept.T * self.G * kept)
        pairs = [law_of(case.student, abs(value), self.nu2) for value in values]
        turned = kept * vectors if kept.cols else kept
        C = turned * diagonal([gain for gain, _ in pairs]) * turned.T if kept.cols else 0 * self.G
        own = turned * diagonal([variance for _, variance in pairs]) * turned.T if kept.cols else 0 * self.G
        xi, G, T = mpf(case.mixing), self.G, self.teacher
        soft = xi**2 / case.draws * (G * T.V * G + mpf(case.temperature) * self.nu2 * G)
        return Weights(C * ((1 - xi) * mpmath.eye(len(self.s)) + xi * G * T.A), own + C * soft * C.T)

    @cached_property
    @in_digits
    def student(self) -> Weights:
        dropped = self.kept_and_dropped[1]
        if not dropped.cols:
            return self.predictor
        floor = self.case.floor
        value = law_of(self.case.student, mpf(0), self.nu2)[1] if floor is None else mpf(floor)
        return Weights(self.predictor.A, self.predictor.V + value * dropped * dropped.T)

    @cached_property
    @in_digits
    def labels(self) -> tuple[Matrix, Matrix]:
        """Rows of E t and of its noise; W* Vs and none of noise where labels were observed."""
        problem, d = self.case.problem, len(self.s)
        if problem.observed is not None:
            rows = exact.matrix(problem.observed) * self.basis[1]
            for j in range(d):
                if not self.s[j]:
                    rows[:, j] = mpmath.matrix(rows.rows, 1)
            return rows, mpmath.matrix(1, d)
        noise = mpmath.sqrt(problem.outputs * self.nu2) * diagonal([mpmath.sqrt(s) for s in self.s])
        return self.truth * self.G, noise

    @cached_property
    @in_digits
    def truth(self) -> Matrix:
        return exact.matrix(self.case.problem.truth.mean) * self.basis[1]

    @in_digits
    def cells(self, reference: Weights | None = None) -> Any:
        """Return the six cells of the weights' divergence from the teacher, or from another law."""
        teacher, (kept, dropped) = reference or self.teacher, self.kept_and_dropped
        step, (mean, noise) = (self.student.A - teacher.A).T, self.labels
        return exact.cells(
            mean * step, noise * step, self.student.V, teacher.V, kept, dropped, self.case.problem.outputs
        )

    @in_digits
    def cells_in_range(self, reference: Weights | None = None) -> Any:
        """The same of laws that live, both of full rank, on the range of G alone, without a bottleneck."""
        live = [i for i, s in enumerate(self.s) if s]
        teacher = reference or self.teacher
        pick = beside(*(mpmath.eye(len(self.s))[:, i] for i in live))
        step, (mean, noise) = (self.student.A - teacher.A).T * pick, self.labels
        laws = (pick.T * law.V * pick for law in (self.student, teacher))
        nothing = mpmath.matrix(len(live), 0)
        return exact.cells(mean * step, noise * step, *laws, mpmath.eye(len(live)), nothing, self.case.problem.outputs)

    @cached_property
    def test(self) -> Matrix:
        test = self.case.problem.test_covariance
        if test is None:
            return self.G / self.case.problem.n_samples
        return self.basis[1].T * exact.matrix(test.matrix) * self.basis[1]

    def _square(self, law: Weights, weight: Matrix) -> Any:
        problem = self.case.problem
        error = self.truth * (self.G * law.A.T - mpmath.eye(len(self.s)))
        noise = self.labels[1] * law.A.T
        return sum(exact.trace(rows * weight * rows.T) for rows in (error, noise)) + problem.outputs * exact.trace(
            law.V * weight
        )

    @in_digits
    def gap(self, law: Weights) -> Any:
        problem = self.case.problem
        unit = problem.outputs * self.nu2 / problem.n_samples
        optimism = 2 * unit * (exact.trace(self.G * law.A) + problem.intercept)
        if problem.test_covariance is None:
            return optimism
        return optimism + self._square(law, self.test - self.G / problem.n_samples)

    @in_digits
    def risk(self, law: Weights) -> Any:
        problem = self.case.problem
        return problem.intercept * problem.outputs * self.nu2 / problem.n_samples + self._square(law, self.test)

    @in_digits
    def information(self, law: Weights) -> Any:
        """(k/2) log det(I + ν²√s AᵀV⁻¹A√s), V on its range; +inf where label noise leaves it."""
        values, vectors = eigen(law.V)
        moved = mpmath.sqrt(self.nu2) * diagonal([mpmath.sqrt(s) for s in self.s]) * law.A.T * vectors
        largest = max(values)
        live = [i for i, value in enumerate(values) if value > largest * mpf(10) ** -40]
        size = mpmath.norm(moved)
        for i in set(range(len(values))) - set(live):
            if mpmath.norm(moved[:, i]) > size * mpf(10) ** -18:
                return mpmath.inf
        white = beside(mpmath.matrix(len(values), 0), *(moved[:, i] / mpmath.sqrt(values[i]) for i in live))
        return mpf(self.case.problem.outputs) / 2 * exact.log_det(mpmath.eye(len(values)) + white * white.T)

    @in_digits
    def distance(self, student: Weights, teacher: Weights) -> Any:
        """Root mean square Wasserstein-2 distance of two laws, over labels."""
        step, (mean, noise) = (student.A - teacher.A).T, self.labels
        moved = sum(exact.trace(rows * step * (rows * step).T) for rows in (mean, noise))
        values, vectors = eigen(student.V)
        root = vectors * diagonal([mpmath.sqrt(abs(value)) for value in values])
        overlap = mpmath.fsum(mpmath.sqrt(abs(value)) for value in eigen(root.T * teacher.V * root)[0])
        apart = exact.trace(student.V) + exact.trace(teacher.V) - 2 * overlap
        return mpmath.sqrt(moved + self.case.problem.outputs * apart)

    @in_digits
    def predictions(self) -> Any:
        """Return the six cells of the joint predictions at the problem's own inputs, or at n test inputs."""
        problem, kept = self.case.problem, self.kept_and_dropped[0]
        values, vectors = eigen(problem.n_samples * self.test)
        live = [i for i, value in enumerate(values) if value > max(values) * mpf(10) ** -13]
        root = beside(*(vectors[:, i] * mpmath.sqrt(values[i]) for i in live))
        seen, unseen = _range(root.T * kept)
        step, (mean, noise) = (self.student.A - self.teacher.A).T * root, self.labels
        laws = (root.T * law.V * root + self.nu2 * mpmath.eye(len(live)) for law in (self.student, self.teacher))
        return exact.cells(mean * step, noise * step, *laws, seen, unseen, problem.outputs)


def _range(columns: Matrix) -> tuple[Matrix, Matrix]:
    """Return orthonormal bases of a matrix's range and of its complement."""
    values, vectors = (
        eigen(columns * columns.T) if columns.cols else ([mpf(0)] * columns.rows, mpmath.eye(columns.rows))
    )
    live = [i for i, value in enumerate(values) if value > max(values) * mpf(10) ** -26]
    nothing = mpmath.matrix(columns.rows, 0)
    return tuple(  # type: ignore[return-value]
        beside(nothing, *(vectors[:, i] for i in some)) for some in (live, sorted(set(range(columns.rows)) - set(live)))
    )


def relative_error(ours: float, theirs: Any, scale: Any = 0.0) -> float:
    """Return |ours − theirs| relative to the larger of theirs and a scale; 0 where both are infinite or both 0."""
    if math.isinf(ours) or mpmath.isinf(theirs):
        return 0.0 if math.isinf(ours) and mpmath.isinf(theirs) else math.inf
    with mpmath.workdps(DIGITS):
        size = max(abs(theirs), mpf(scale))
        if size < mpf(10) ** -45:
            return 0.0 if abs(ours) < 1e-25 else math.inf
        return float(abs(mpf(float(ours)) - theirs) / size)
