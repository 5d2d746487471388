"""Divergence of the student's whole process, labels and weights, from the teacher's (docs/theory.md §6.2)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lingauss.algebra.channel import Channel
from lingauss.algebra.divergence import psi
from lingauss.model.coupling import SoftLabels, mixture
from lingauss.model.label_divergence import label_divergence
from lingauss.model.labels import mean_rows, noise_rows
from lingauss.model.problem import Problem


@dataclass(frozen=True)
class ProcessDivergence:
    """KL of (soft statistic, student's weights) from (true statistic, teacher's weights), in nats, by the chain rule.

    Attributes
    ----------
    statistic : float
        E_D KL(t̂ ‖ t): what the learners are shown.
    weights : float
        E KL(q_S(·|t̂) ‖ q_T(·|t̂)): what the learners make of it.
    """

    statistic: float
    weights: float

    @property
    def total(self) -> float:
        """Sum of the two; at least the divergence of the weights' marginal laws given the data."""
        return self.statistic + self.weights


def process_divergence(problem: Problem, teacher: Channel, student: Channel, temperature: float) -> ProcessDivergence:
    """Compare the two processes for pure distillation from one teacher draw (ξ = 1, m = 1).

    Parameters
    ----------
    teacher, student : Channel
        The learners' own channels from a statistic to weights, the student's with its floor.
    temperature : float
        τ of the soft labels.

    Raises
    ------
    MissingTruthError
        If the problem knows no truth.
    """
    statistic = label_divergence(problem, teacher, temperature, problem.gramian, problem.n_samples).statistic
    soft = mixture(teacher, problem.gramian, SoftLabels(temperature), problem.label_noise)
    gain, offset = student.A - teacher.A, student.b - teacher.b
    through = soft.b @ gain.T + offset
    shifts = np.concatenate(
        [
            mean_rows(problem, gain @ soft.A, through),
            noise_rows(problem, gain @ soft.A),
            np.sqrt(problem.outputs) * soft.covariance.root.T @ gain.T,
        ]
    )
    cost = teacher.covariance.mahalanobis(shifts)
    return ProcessDivergence(statistic, 0.5 * (cost + problem.outputs * psi(student.covariance, teacher.covariance)))
