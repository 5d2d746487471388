"""Divergence of the student's whole process, labels and weights, from the teacher's (docs/theory.md §6.2)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lingauss.algebra.divergence import psi
from lingauss.algebra.numerics import safe_ratio, spread_cost
from lingauss.errors import DomainError
from lingauss.ledgers.label_divergence import label_divergence, temperature_of_one_draw
from lingauss.model.coupling import labelling
from lingauss.model.design import Design
from lingauss.model.labels import mean_rows, noise_rows
from lingauss.model.learners import Learner


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


def process_divergence(design: Design) -> ProcessDivergence:
    """Return the divergence of (soft statistic, student's weights) from the teacher's pair (docs/theory.md §6.2).

    Raises
    ------
    DomainError
        Unless the student is a learner, mixing is 1, draws is 1 and both are trained on the same inputs.
    MissingTruthError
        If the problem knows no truth.
    """
    if design.mixing != 1.0 or design.draws != 1 or not isinstance(design.student, Learner):
        raise DomainError(
            "pure distillation of a learner from one draw (mixing=1, draws=1)",
            f"mixing={design.mixing:g}, draws={design.draws}, student {type(design.student).__name__}",
            "Use divergence(), which exists for every coupling.",
        )
    if design.transfer is not None:
        raise DomainError(
            "teacher and student on the same inputs, whose statistics are compared",
            "transfer inputs",
            "Use divergence(), which exists for every coupling.",
        )
    weights = (_by_direction if design.is_spectral else _by_matrices)(design)
    return ProcessDivergence(label_divergence(design).statistic, weights)


def _by_direction(design: Design) -> float:
    """Return E KL(q_S(·|t̂) ‖ q_T(·|t̂)) of learners on the same eigen-directions."""
    d, sides = design.directions, design.prepared.sides
    s, v, kept = sides.s, sides.teacher_variance, design.keeps
    offset = np.where(kept, sides.gain_excess(np.zeros(())), -sides.teacher.gain)
    excess = np.where(kept, sides.own_excess, sides.floor_excess)
    variance = np.where(kept, sides.own_variance, sides.floor_variance)
    # E|t̂|²/ν²: the teacher's labels of its mean weights, of their label noise, and of its draw and τ
    power = np.square(s * sides.teacher.gain) * (d.mean_power + d.labels.noise_power)
    power = power + d.outputs * s * (s * v + design.temperature)
    same = (variance == 0.0) & (v == 0.0)
    ratio, gap = (np.where(same, one, safe_ratio(part, v)) for part, one in ((variance, 1.0), (excess, 0.0)))
    spread = d.outputs * np.sum(spread_cost(gap, ratio))
    return 0.5 * float(np.sum(safe_ratio(np.square(offset) * power, v)) + spread)


def _by_matrices(design: Design) -> float:
    """Return the same of any teacher and any bottleneck."""
    problem, teacher, student = design.problem, design.teacher_channel, design.own_student_channel
    noise = temperature_of_one_draw(design) * problem.label_noise**2
    soft = labelling(problem.gramian, noise) @ teacher
    gain, offset = student.A - teacher.A, student.b - teacher.b
    shifts = np.concatenate(
        [
            mean_rows(problem, gain @ soft.A, soft.b @ gain.T + offset),
            noise_rows(problem, gain @ soft.A),
            np.sqrt(problem.outputs) * soft.covariance.root.T @ gain.T,
        ]
    )
    cost = teacher.covariance.mahalanobis(shifts)
    return 0.5 * (cost + problem.outputs * psi(student.covariance, teacher.covariance))
