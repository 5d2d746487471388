"""What ranks are judged by, and which are within a tolerance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lingauss.distillation import Distillation
from lingauss.optimum.best import best_design
from lingauss.optimum.result import Optimum
from lingauss.validation import Array

SPREADS = ("temperature", "floor")


@dataclass(frozen=True, eq=False)
class Judged:
    """What every rank costs, and what is allowed.

    Attributes
    ----------
    values : (m + 1,)
        Costs at ranks 0 to m, the budget.
    least : float
        The least cost of any of these ranks, at any mixing unless one was given.
    base : float
        What the tolerance is a share of beside the least cost: the label noise of a squared error, say.
    """

    values: Array
    least: float
    base: float = 0.0

    def rank(self, tolerance: float) -> int:
        """Return the smallest rank within a tolerance of the least cost; if there is none, the best rank."""
        within = self.values <= self.least + tolerance * (self.least + self.base)
        return int(np.argmax(within) if within.any() else np.argmin(self.values))


def judged_by(
    means: Distillation,
    laws: Distillation,
    objective: str,
    tolerance: float,
    mixing: float | None,
    budget: int,
    seen: int,
    noiseless: bool,
) -> tuple[Judged, Optimum[Distillation]]:
    """Return what ranks are judged by, and the excess risk at every rank, at the mixing of the designs."""
    risks = best_design(means, ("student_rank",), "excess_risk", rank_budget=seen)
    if objective not in ("excess_risk", "squared_error"):
        found = best_design(laws, ("student_rank", *SPREADS), objective, tolerance, budget)
        return Judged(found.values, float(np.min(found.values))), risks
    # The tolerance is of the least risk at any mixing, also where soft labels are not worth their uncertainty.
    free = ("student_rank",) if mixing is not None else ("student_rank", "mixing")
    least = best_design(means, free, "excess_risk", rank_budget=budget).value
    base = 0.0
    if noiseless:
        base = float(np.max(risks.values)) - least
    elif objective == "squared_error":
        base = means.problem.outputs * means.problem.label_noise**2
    return Judged(risks.values[: budget + 1], least, base), risks
