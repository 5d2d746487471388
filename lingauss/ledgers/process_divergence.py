"""Divergence of the student's whole process, labels and weights, from the teacher's (docs/theory.md §6.2)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lingauss.errors import DomainError
from lingauss.html_table import html_settings, text_settings
from lingauss.ledgers.kernels import kernel_cells
from lingauss.ledgers.label_divergence import label_divergence
from lingauss.model.design import Design
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

    def _told(self) -> list[tuple[str, str]]:
        return [
            ("statistic", f"{self.statistic:.6g}"),
            ("weights", f"{self.weights:.6g}"),
            ("total", f"{self.total:.6g}"),
        ]

    def __repr__(self) -> str:
        return text_settings("Divergence of the process (nats)", self._told())

    def _repr_html_(self) -> str:
        return html_settings("Divergence of the process (nats)", self._told())


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
    return ProcessDivergence(
        label_divergence(design).statistic, float(np.sum(kernel_cells(design, np.array([design.rank]))))
    )
