"""The ledger of the process as an objective: its temperature has a best value in closed form (docs/theory.md §6.4)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lingauss.errors import DomainError
from lingauss.ledgers.kernels import kernel_cells
from lingauss.ledgers.label_divergence import label_costs
from lingauss.ledgers.process_ledger import check_pure
from lingauss.ledgers.route import Ranks
from lingauss.optimum.objective import Found, Objective, infinite_for_student
from lingauss.validation import Array

FREE = ("student_rank", "temperature")


@dataclass(frozen=True, eq=False)
class Process(Objective):
    """The divergence of the whole process, bounded by convexity, over rank and temperature."""

    def __post_init__(self) -> None:
        check_pure(self.case, self.case.mixing)
        others = [name for name in self.free if name not in FREE]
        if others:
            raise DomainError(
                f"the process optimised over {' and '.join(FREE)}",
                ", ".join(others),
                "Set it in the design, or minimise the divergence.",
            )

    @property
    def claim(self) -> str:
        """Which optimality is claimed, and why."""
        convex = "temperature" in self.free
        return (
            f"global: {'the process is strictly convex in temperature' if convex else 'every candidate was evaluated'}"
        )

    @property
    def mixing_matters(self) -> bool:
        """The mixing is 1 and stays so."""
        return False

    def at(self, mixing: float) -> Found:
        """Return the best design; the mixing is 1."""
        values, temperatures = self.least(np.array([self.case.rank]))
        if not np.isfinite(values[0]):
            raise infinite_for_student()
        changes = {"temperature": float(temperatures[0])} if "temperature" in self.free else {}
        return Found(float(values[0]), changes)

    def least(self, ranks: Ranks) -> tuple[Array, Array]:
        """Return the least value at every rank, the last of them the design's own, and the temperature it is at.

        The kernel's cost is affine in τ and the labels pay (nk/2)(τ/m − 1 − log(τ/m)), so that
        τ* = nk / (nk/m + 2 · slope).
        """
        case = self.case
        cold, warm = (np.sum(kernel_cells(case.replace(temperature=tau), ranks), axis=(1, 2)) for tau in (0.0, 1.0))
        labels = label_costs(case.replace(temperature=1.0), case.draws)
        n = case.problem.n_samples if case.transfer is None else case.transfer.n_samples
        seen = float(n * case.problem.outputs)
        with np.errstate(invalid="ignore"):  # of a kernel whose cost is +inf whatever the temperature is
            slope = np.where(np.isfinite(cold), warm - cold, 0.0)
        if "temperature" in self.free:
            temperature = seen / (seen / case.draws + 2.0 * slope)
        else:
            temperature = np.full(len(ranks), case.temperature)
        share = temperature / case.draws
        with np.errstate(divide="ignore"):
            observation = 0.5 * seen * (share - 1.0 - np.log(share))
        return labels.bias + labels.noise + labels.spread + observation + cold + slope * temperature, temperature
