"""Students on fresh inputs of teachers whose inputs are given: gaps and risks on average over the fresh ones.

The teacher is any law t ↦ W on the given inputs; to fresh rows it is a random target (docs/theory.md §10.4).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lingauss.algebra.channel import Channel
from lingauss.equivalents.models import Labels, Model, RidgeOnRows
from lingauss.equivalents.subspaces import View
from lingauss.ledgers.laws import DenseWeights
from lingauss.ledgers.risk import TeacherStudent, expected_excess_risk, expected_gap
from lingauss.ledgers.squares import covariance_shift
from lingauss.model.bottleneck import Selected, Spectral, Subspace
from lingauss.model.design import Design
from lingauss.model.eigenbasis import Eigenbasis
from lingauss.model.labels import noise_rows
from lingauss.model.learners import Ridge
from lingauss.model.population import not_averaged
from lingauss.model.problem import Problem
from lingauss.model.truth import need_truth
from lingauss.validation import Array


def basis_seen(bottleneck: Spectral | Subspace | None, axes: Eigenbasis) -> Array:
    """Return what a bottleneck shows, in the population's principal directions, (d, r).

    Raises
    ------
    NotAveragedError
        If that depends on the drawn inputs.
    """
    everything = np.eye(len(axes.eigenvalues))
    if bottleneck is None:
        return everything
    if isinstance(bottleneck, Selected):
        return everything[:, np.array(bottleneck.directions, dtype=np.intp)]
    if isinstance(bottleneck, Subspace):
        return np.asarray(axes.rotate(bottleneck.basis.T).T)
    raise not_averaged(f"{bottleneck}, which depends on the drawn inputs, where Selected and Subspace have one")


def ridge_on_rows(
    learner: object, role: str, problem: Problem, bottleneck: Spectral | Subspace | None, n_samples: int
) -> RidgeOnRows:
    """Return a ridge learner on so many rows of the law of a problem's test inputs.

    Raises
    ------
    NotAveragedError, SingularGramError
    """
    if type(learner) is not Ridge:
        raise not_averaged(f"a {type(learner).__name__} as {role}, where Ridge has one")
    axes = Eigenbasis.of(problem.test_covariance)  # type: ignore[arg-type]
    s = axes.eigenvalues
    view = View(basis_seen(bottleneck, axes), s, np.zeros((1, len(s))))
    dispersion = problem.outputs * learner.dispersion(problem.label_noise)
    return RidgeOnRows.of(view, n_samples, learner.penalty, dispersion)


@dataclass(frozen=True, eq=False)
class TaughtAfresh:
    """A teacher given its inputs, and its student on inputs of its own."""

    design: Design

    @property
    def gaps(self) -> TeacherStudent:
        """Test minus training loss on the teacher's rows."""
        problem = self.design.problem
        shift = covariance_shift(problem)
        if shift is None:
            raise AssertionError("fresh inputs have a law")
        optimism = 2.0 * problem.outputs * problem.label_noise**2 / problem.n_samples
        learned = float(np.sum(problem.gram * (self.design.mixing * self._onto @ self._teacher.A).T))
        return TeacherStudent(
            expected_gap(DenseWeights(problem, self._teacher)), optimism * learned + self._square(shift, "gaps")
        )

    @property
    def risks(self) -> TeacherStudent:
        """Excess risks on rows of the law that inputs are drawn from."""
        problem = self.design.problem
        covariance = problem.test_covariance.matrix  # type: ignore[union-attr]
        return TeacherStudent(
            expected_excess_risk(DenseWeights(problem, self._teacher)), self._square(covariance, "excess risks")
        )

    @cached_property
    def _axes(self) -> Eigenbasis:
        return Eigenbasis.of(self.design.problem.test_covariance)  # type: ignore[arg-type]

    @cached_property
    def _teacher(self) -> Channel:
        return self.design.teacher_predictor

    @cached_property
    def _fit(self) -> RidgeOnRows:
        design = self.design
        rows = design.transfer.n_samples  # type: ignore[union-attr]
        return ridge_on_rows(design.student, "student", design.problem, design.view, rows)

    @cached_property
    def _onto(self) -> Array:
        """From target weights to the student's on average, in the problem's coordinates, (d, d)."""
        return np.asarray(self._axes.vectors @ self._fit.transfer @ self._axes.vectors.T)

    def _square(self, weight: Array, what: str) -> float:
        """Return E tr((W − W*) M (W − W*)ᵀ) of the student."""
        truth = need_truth(self.design.problem, what).rows
        student, axes = self._student, self._axes
        error = (student.mean - axes.rotate(truth)) @ axes.vectors.T
        inside = axes.rotate(axes.rotate(weight).T)
        spread = float(np.sum(inside * (student.covariance + student.spread)))
        return float(np.sum((error @ weight) * error)) + spread

    @cached_property
    def _student(self) -> Model:
        design, axes = self.design, self._axes
        problem = design.problem
        shares = (1.0 - design.mixing) ** 2 + design.mixing**2 * design.temperature / design.draws
        labels = Labels(
            axes.rotate(need_truth(problem, "averages over inputs").rows),
            model_of(self._teacher, problem, axes),
            design.mixing,
            design.draws,
            problem.outputs * problem.label_noise**2 * shares,
        )
        return self._fit.learned(labels)


def model_of(channel: Channel, problem: Problem, axes: Eigenbasis) -> Model:
    """Return the law over labels of what a channel t ↦ W makes of given inputs, in other axes."""
    truth = need_truth(problem, "averages over inputs")
    mean = truth.shifted(truth.rows @ problem.gram @ channel.A.T, channel.b)
    noise = axes.rotate(noise_rows(problem, channel.A))
    spread = axes.rotate(axes.rotate(channel.cov).T)
    return Model(axes.rotate(mean), noise.T @ noise, problem.outputs * spread)
