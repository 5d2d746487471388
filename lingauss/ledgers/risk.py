"""Exact generalisation gap and excess risk of any law of weights (docs/theory.md §5 and §7)."""

from __future__ import annotations

from dataclasses import dataclass

from lingauss.html_table import html_table
from lingauss.ledgers.laws import DenseWeights, Weights
from lingauss.ledgers.squares import covariance_shift, expected_square
from lingauss.model.problem import Problem


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

    def _repr_html_(self) -> str:
        rows = [("teacher", self.teacher), ("student", self.student), ("student less teacher", self.difference)]
        return html_table("Teacher and student", [("", "value"), *((name, f"{value:.6g}") for name, value in rows)])


def expected_gap(weights: Weights) -> float:
    """Return E[test loss − training loss] of weights drawn from a law t ↦ W.

    tr(BQBᵀ) + kν² tr(AᵀQAG) + k tr(VQ) + (2kν²/n) tr(GA) with Q = Σ_x − G/n and B = W*(GAᵀ − I); with a fitted
    intercept 2kν²/n more.

    Raises
    ------
    MissingTruthError
        If Σ_x ≠ G/n and the problem knows no truth. At fixed design none is needed.
    """
    problem = weights.problem
    optimism = 2.0 * _noise_per_sample(problem) * weights.recovered + intercept_gap(problem)
    shift = covariance_shift(problem)
    if shift is None or not isinstance(weights, DenseWeights):
        return optimism
    return optimism + expected_square(problem, weights.channel, shift, "gaps under another test covariance")


def intercept_gap(problem: Problem) -> float:
    """Return what a fitted intercept adds to every gap: 2kν²/n, or 0 without one (docs/theory.md §1.2)."""
    return 2.0 * problem.intercept * _noise_per_sample(problem)


def expected_excess_risk(weights: Weights) -> float:
    """Return E tr((W − W*) Σ_x (W − W*)ᵀ) of weights drawn from a law t ↦ W; with an intercept kν²/n more.

    Raises
    ------
    MissingTruthError
        If the problem knows no truth.
    """
    problem, what = weights.problem, "excess risks"
    level = problem.intercept * _noise_per_sample(problem)
    if problem.test_covariance is None or not isinstance(weights, DenseWeights):
        return level + weights.squared_error(what) / problem.n_samples
    return level + expected_square(problem, weights.channel, problem.test_covariance.matrix, what)


def _noise_per_sample(problem: Problem) -> float:
    return problem.outputs * problem.label_noise**2 / problem.n_samples
