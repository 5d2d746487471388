"""Exact generalisation gap and excess risk of any channel linear in the labels (docs/theory.md §5 and §7)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lingauss.algebra.channel import Channel
from lingauss.model.problem import Problem
from lingauss.validation import Array


@dataclass(frozen=True)
class TeacherStudent:
    """One number for the teacher and one for the student.

    Attributes
    ----------
    teacher, student : float
        In units of squared labels, summed over outputs.
    """

    teacher: float
    student: float

    @property
    def difference(self) -> float:
        """Student minus teacher: negative where the student is better."""
        return self.student - self.teacher


def expected_gap(problem: Problem, channel: Channel) -> float:
    """Return E[test loss − training loss] of W drawn from a channel t ↦ W.

    tr(BQBᵀ) + kν² tr(AᵀQAG) + k tr(VQ) + (2kν²/n) tr(GA) with Q = Σ_x − G/n and B = W*(GAᵀ − I); with a fitted
    intercept 2kν²/n more.

    Raises
    ------
    MissingTruthError
        If Σ_x ≠ G/n and the problem knows no truth. At fixed design none is needed.
    """
    per_sample = problem.outputs * problem.label_noise**2 / problem.n_samples
    optimism = 2.0 * per_sample * float(np.sum(problem.gram * channel.A.T)) + intercept_gap(problem)
    shift = covariance_shift(problem)
    if shift is None:
        return optimism
    return optimism + expected_square(problem, channel, shift, "gaps under another test covariance")


def intercept_gap(problem: Problem) -> float:
    """Return what a fitted intercept adds to every gap: 2kν²/n, or 0 without one (docs/theory.md §1.2)."""
    return 2.0 * problem.intercept * problem.outputs * problem.label_noise**2 / problem.n_samples


def covariance_shift(problem: Problem) -> Array | None:
    """Return Q = Σ_x − G/n, (d, d), by which test inputs differ from the training inputs; None at fixed design."""
    if problem.test_covariance is None:
        return None
    return np.asarray(problem.test_covariance.matrix - problem.gram / problem.n_samples)


def error_rows(problem: Problem, channel: Channel, what: str) -> Array:
    """Return rows whose squared norms add up to those of E[W − W*] for W drawn from a channel t ↦ W, (m, d).

    Raises
    ------
    MissingTruthError
        If the problem knows no truth; ``what`` says what it was needed for.
    """
    truth = problem.need_truth(what)
    rows = truth.rows
    return truth.shifted(rows @ (problem.gram @ channel.A.T) - rows, channel.b)


def expected_excess_risk(problem: Problem, channel: Channel) -> float:
    """Return E tr((W − W*) Σ_x (W − W*)ᵀ) of W drawn from a channel t ↦ W; with an intercept kν²/n more.

    Raises
    ------
    MissingTruthError
        If the problem knows no truth.
    """
    test = problem.gram / problem.n_samples if problem.test_covariance is None else problem.test_covariance.matrix
    level = problem.intercept * problem.outputs * problem.label_noise**2 / problem.n_samples
    return level + expected_square(problem, channel, test, "excess risks")


def expected_square(problem: Problem, channel: Channel, weight: Array, what: str) -> float:
    """Return E tr((W − W*) M (W − W*)ᵀ) for a symmetric M: bias, label noise and spread of W in turn.

    Raises
    ------
    MissingTruthError
        If the problem knows no truth; ``what`` says what it was needed for.
    """
    error = error_rows(problem, channel, what)
    noise = problem.label_noise * problem.gramian.root.T @ channel.A.T
    return (
        float(np.sum((error @ weight) * error))
        + problem.outputs * float(np.sum((noise @ weight) * noise))
        + problem.outputs * float(np.sum(channel.cov * weight))
    )
