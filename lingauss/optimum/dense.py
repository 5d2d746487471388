"""Objectives outside the eigenbasis: any subspace, teacher, training inputs and test inputs (docs/theory.md §5.1)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lingauss.algebra.factor import rounding
from lingauss.algebra.psd import symmetrised
from lingauss.ledgers.precision import looks_singular
from lingauss.model.bottleneck import Subspace
from lingauss.model.design import Design
from lingauss.model.labels import mean_rows, noise_rows
from lingauss.model.learners import Learner
from lingauss.model.truth import need_truth
from lingauss.optimum.convex import SpreadCost, SpreadSum, Together
from lingauss.optimum.dense_view import View
from lingauss.optimum.learned import Learned, Line
from lingauss.optimum.matrix_spread import matrix_spread
from lingauss.optimum.objective import (
    SPREADS,
    Found,
    Objective,
    divergence_reasons,
    found_spreads,
    infinite_for_student,
    pointwise,
    without_spread,
)
from lingauss.validation import Array


@dataclass(frozen=True, eq=False)
class DenseObjective(Objective):
    """What both objectives outside the eigenbasis share."""

    @property
    def _here(self) -> Design:
        """The design in its frame."""
        return self.case.framed

    def _claim(self, reasons: list[str]) -> str:
        given = " for the given basis, no other being tried" if isinstance(self.case.view, Subspace) else ""
        return f"global{given}: " + ("; ".join(reasons) or "every candidate was evaluated")


@dataclass(frozen=True, eq=False)
class DenseDivergence(DenseObjective):
    """The divergence of weights or of joint predictions, whose covariance is affine in the spreads.

    Attributes
    ----------
    predictions : bool
        Whether joint predictions are compared, else weights.
    """

    predictions: bool

    @cached_property
    def _learned(self) -> Learned:
        unit = self._here.replace(student_temperature=1.0) if "student_temperature" in self.free else self._here
        return Learned.of(self._here, unit.student)  # type: ignore[arg-type]

    @property
    def mixing_matters(self) -> bool:
        return _mixing_matters(self._here, self._learned, self._view.units)

    @property
    def claim(self) -> str:
        return self._claim(divergence_reasons(self.free))

    def at(self, mixing: float) -> Found:
        half = 0.5 * self.case.problem.outputs
        fixed = 0.5 * float(np.sum(np.square(self._shift.at(mixing)))) + half * self._view.constant
        return found_spreads(self.case, self._spreads, self._cost(mixing).minimise(), fixed)

    def value(self, design: Design, found: Found) -> float:
        """Return the objective as the design's own method gives it, which subtracts before it squares.

        Raises
        ------
        IllConditionedError
            If that cannot tell a finite divergence from an infinite one.
        """
        value = pointwise(design, "prediction_divergence" if self.predictions else "divergence")
        if math.isinf(value):
            raise looks_singular("laws", f"a divergence of about {found.value:.3g} nats that comes out as +inf")
        return value

    @property
    def _spreads(self) -> tuple[str, ...]:
        return tuple(name for name in SPREADS if name in self.free)

    @cached_property
    def _view(self) -> View:
        if not self.predictions:
            return View.of_weights(self._here, self._learned)
        problem = self._here.problem
        test = problem.test_covariance
        gram = problem.gramian if test is None else test.scaled(problem.n_samples)
        return View.of_predictions(self._here, self._learned, gram)

    @cached_property
    def _shift(self) -> Line:
        """Rows whose squared norms add up to twice the mean and label-noise costs."""
        problem, teacher, learned = self._here.problem, self._here.teacher_channel, self._learned
        start, step = (learned.start.A - teacher.A, -teacher.b), (learned.step.A, learned.step.b)
        parts = [(mean_rows(problem, *start), mean_rows(problem, *step))]
        if problem.observed is None:
            parts.append((noise_rows(problem, start[0]), noise_rows(problem, step[0])))
        return Line(*(np.concatenate(rows) @ self._view.units for rows in zip(*parts, strict=True)))

    @cached_property
    def _seen(self) -> tuple[Array, Array]:
        """What the teacher's draws add per ξ², (n, n), and each of :data:`SPREADS` per unit, (3, n, n)."""
        view, learned = self._view, self._learned
        drawn, observed, own = (
            symmetrised(view.retained @ part @ view.retained.T)
            for part in (learned.drawn, learned.observed, learned.own)
        )
        return drawn, np.stack([observed, own, view.floor])

    @cached_property
    def _settings(self) -> tuple[Array, Array]:
        """The :data:`SPREADS` as an affine function of the free ones: their values at 0, (3,), and slopes, (3, p).

        Where the student temperature is not free its unit is the design's own.
        """
        case, free = self.case, self._spreads
        slopes = np.array([[float(name == variable) for variable in free] for name in SPREADS]).reshape(3, len(free))
        floor = case.resolved_floor if case.rank < case.problem.n_features else 0.0
        start = np.array([case.temperature, 1.0, floor or 0.0])
        if case.floor is None and "floor" not in free and "student_temperature" in free and start[2]:
            slopes[2] = slopes[1] * start[2] / case.student.temperature  # type: ignore[union-attr]
            start[2] = 0.0
        return np.where([name in free for name in SPREADS], 0.0, start), slopes

    def _cost(self, mixing: float) -> SpreadCost:
        """Return the spread cost as a function of the free spreads.

        Raises
        ------
        DomainError
            If it is +inf whatever they are.
        IllConditionedError
            If it only looks so in float64.
        """
        half, view = 0.5 * self.case.problem.outputs, self._view
        (drawn, units), (start, slopes) = self._seen, self._settings
        units = units * np.array([mixing**2, 1.0, 1.0])[:, None, None]
        intercept = view.base + mixing**2 * drawn + np.tensordot(start, units, 1)
        retained = matrix_spread(half, intercept, np.tensordot(slopes.T, units, 1))
        if retained is None:
            student = self.case.student
            if "student_temperature" in self.free or (isinstance(student, Learner) and student.spreads_everywhere):
                raise looks_singular("a student", "a retained covariance that is singular in float64")
            raise infinite_for_student()
        if not view.apart:
            return retained
        if not start[2] and not np.any(slopes[2]):
            raise infinite_for_student()
        ratio = 1.0 / view.best_floor
        discarded = SpreadSum(np.array([half * view.apart]), start[2:] * ratio, slopes[2:] * ratio)
        return Together((retained, discarded))


@dataclass(frozen=True, eq=False)
class DenseRisk(DenseObjective):
    """The student's excess risk, a parabola in the mixing at any test covariance (docs/theory.md §5.7)."""

    @property
    def claim(self) -> str:
        parabola = ", and the risk is a parabola in the mixing" if "mixing" in self.free else ""
        return self._claim([f"spread only adds risk{parabola}"])

    @property
    def mixing_matters(self) -> bool:
        return _mixing_matters(self._cold, self._learned, self._test_root)

    def at(self, mixing: float) -> Found:
        problem = self._here.problem
        level = problem.intercept * problem.outputs * problem.label_noise**2 / problem.n_samples
        own, mixed = self._spread
        return Found(
            level + float(np.sum(np.square(self._error.at(mixing)))) + own + mixing**2 * mixed,
            without_spread(self._here, self.free),
            flat=("floor",) if "floor" in self.free else (),
        )

    def best_mixing(self) -> float:
        """Return the vertex of the parabola."""
        error, (_, mixed) = self._error, self._spread
        return -float(np.sum(error.start * error.step)) / (float(np.sum(np.square(error.step))) + mixed)

    @cached_property
    def _cold(self) -> Design:
        return self._here.replace(**without_spread(self._here, self.free))

    @cached_property
    def _learned(self) -> Learned:
        return Learned.of(self._cold, self._cold.student)  # type: ignore[arg-type]

    @property
    def _test_root(self) -> Array:
        """R, (d, c), with RRᵀ the covariance of test inputs."""
        problem = self._here.problem
        test = problem.test_covariance
        return problem.gramian.root / math.sqrt(problem.n_samples) if test is None else test.root

    @cached_property
    def _error(self) -> Line:
        """Rows whose squared norms add up to the risk without spread: bias, then label noise."""
        problem, learned = self._here.problem, self._learned
        truth = need_truth(problem, "excess risks")
        noise = Line(noise_rows(problem, learned.start.A), noise_rows(problem, learned.step.A))
        start = truth.rows @ (problem.gram @ learned.start.A.T) - truth.rows
        step = truth.shifted(truth.rows @ (problem.gram @ learned.step.A.T), learned.step.b)
        root = self._test_root
        return Line(np.concatenate([start, noise.start]) @ root, np.concatenate([step, noise.step]) @ root)

    @cached_property
    def _spread(self) -> tuple[float, float]:
        """What the student's own spread adds to the risk, and that of its labels per ξ²."""
        learned = self._learned
        seen = self._test_root.T @ learned.kept
        weight = self._here.problem.outputs * (seen.T @ seen)
        mixed = learned.drawn + self._cold.temperature * learned.observed
        return float(np.sum(weight * learned.own)), float(np.sum(weight * mixed))


def _mixing_matters(case: Design, learned: Learned, view: Array) -> bool:
    """Whether the law of W @ view, for a view (d, c) of the student's weights W, changes with the mixing."""
    forgiven = rounding(case.problem.n_features)
    if float(np.linalg.norm(view.T @ learned.kept)) <= forgiven * float(np.linalg.norm(view)):
        return False
    size, turned = (
        float(np.linalg.norm(noise_rows(case.problem, A) @ view)) for A in (learned.start.A, learned.step.A)
    )
    moved = turned > forgiven * size or bool(np.any(learned.step.b @ view))
    return moved or bool(np.any(learned.drawn + case.temperature * learned.observed))
