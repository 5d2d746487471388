"""Quadratic forms of the error of any channel linear in the labels (docs/theory.md §5 and §7)."""

from __future__ import annotations

import numpy as np

from lingauss.algebra.channel import Channel
from lingauss.model.problem import Problem
from lingauss.model.truth import need_truth
from lingauss.validation import Array


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
    truth = need_truth(problem, what)
    rows = truth.rows
    return truth.shifted(rows @ (problem.gram @ channel.A.T) - rows, channel.b)


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
