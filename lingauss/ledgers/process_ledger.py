"""The ledger of the whole process, soft labels and then weights, bounded by convexity (docs/theory.md §6.4)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lingauss.errors import DomainError
from lingauss.html_table import html_table
from lingauss.ledgers.kernels import kernel_cells
from lingauss.ledgers.label_divergence import label_costs
from lingauss.ledgers.route import Ranks
from lingauss.model.design import Design
from lingauss.model.learners import Learner


@dataclass(frozen=True)
class ProcessLedger:
    """Where the divergence of soft labels and student from true labels and teacher comes from, in nats.

    The labels' part is bounded by convexity: a squared bias and a variance of the teacher's predictions. What the
    student's kernel adds is exact. (Li & He 2026 use that step; this reading of their case study is inferred.)

    Attributes
    ----------
    bias : float
        ‖(E M_T − W*)Xᵀ‖²/2ν², M_T the teacher's mean given the labels.
    label_noise : float
        What the true labels' noise moves the teacher's mean predictions by.
    spread : float
        k tr(XV_TXᵀ)/(2mν²), the teacher's own spread.
    observation : float
        (nk/2)(τ/m − 1 − log(τ/m)), soft labels noisier or less noisy than the true ones.
    rank_bottleneck : float
        Of the student's kernel: the directions it does not see.
    training : float
        Of the student's kernel: the directions it sees, 0 for a student that learns as its teacher does.
    exact : float
        The divergence itself: that of the labels' joint law, and the kernel's.
    """

    bias: float
    label_noise: float
    spread: float
    observation: float
    rank_bottleneck: float
    training: float
    exact: float

    @property
    def variance(self) -> float:
        """Label noise, spread and observation together."""
        return self.label_noise + self.spread + self.observation

    @property
    def total(self) -> float:
        """Sum of the four costs; at least :attr:`exact`."""
        return self.bias + self.variance + self.rank_bottleneck + self.training

    @property
    def slack(self) -> float:
        """How far convexity leaves :attr:`total` above :attr:`exact`, ≥ 0; 0 where both are infinite."""
        return 0.0 if self.exact == np.inf else self.total - self.exact

    def _lines(self) -> list[tuple[str, str]]:
        names = "bias", "label_noise", "spread", "observation", "variance", "rank_bottleneck", "training"
        rows = [(name.replace("_", " "), f"{getattr(self, name):.6g}") for name in (*names, "total", "exact", "slack")]
        return [("cost", "nats"), *rows]

    def __repr__(self) -> str:
        width = max(len(name) for name, _ in self._lines())
        return "\n".join(["Ledger of the process (nats)", *(f"{n.rjust(width)}  {v}" for n, v in self._lines()[1:])])

    def _repr_html_(self) -> str:
        return html_table("Ledger of the process (nats)", self._lines())


def process_ledger(design: Design) -> ProcessLedger:
    """Return the ledger of the process: labels and then weights, for pure distillation (docs/theory.md §6.4).

    Over m draws the soft labels' noise and the teacher's spread are divided by m. With transfer inputs the labels are
    theirs, and the teacher's kernel is its recipe fitted anew on them.

    Raises
    ------
    DomainError
        Unless the student is a learner and mixing is 1: the divergence of a mixture of true and soft labels is no sum
        of these costs. With transfer inputs, unless the teacher is one learner and there is no intercept.
    MissingTruthError
        If the problem knows no truth; ``problem.plug_in()`` lets the posterior stand in.
    """
    check_pure(design, design.mixing)
    return process_ledgers(design, np.array([design.rank]))[0]


def process_ledgers(design: Design, ranks: Ranks) -> list[ProcessLedger]:
    """Return the ledgers of several student ranks in place of the design's own."""
    check_pure(design, design.mixing)
    labels = label_costs(design, design.draws)
    return [
        ProcessLedger(
            bias=labels.bias,
            label_noise=labels.noise,
            spread=labels.spread,
            observation=labels.observation,
            rank_bottleneck=float(discarded),
            training=float(retained),
            exact=float(labels.exact + retained + discarded),
        )
        for retained, discarded in np.sum(kernel_cells(design, ranks), axis=2)
    ]


def check_pure(design: Design, mixing: float) -> None:
    """Refuse designs whose process has no such ledger.

    Raises
    ------
    DomainError
    """
    if mixing != 1.0:
        raise DomainError(
            "pure distillation (mixing=1), whose labels are all soft",
            f"mixing={mixing:g}, where true and soft labels share their noise",
            "Use divergence(), which exists for every mixing.",
        )
    if not isinstance(design.student, Learner):
        raise DomainError(
            "a student that learns from soft labels",
            "its whole law t ↦ W",
            "Pass a learner as student, or compare laws by divergence().",
        )
