"""The route of inputs that are drawn: risks and gaps on average over them, as deterministic equivalents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from lingauss.equivalents.averages import averages
from lingauss.ledgers.route import Level, Question, Ranks
from lingauss.model.design import Design
from lingauss.model.population import not_averaged
from lingauss.validation import Array


@dataclass(frozen=True, eq=False)
class Equivalents:
    """One design whose inputs are drawn from a population.

    Attributes
    ----------
    design : Design
        Of the largest rank that is wanted.
    """

    design: Design

    @classmethod
    def of(cls, design: Design, question: Question, ranks: Ranks) -> Self | None:
        if design.problem.population is None:
            return None
        if question != "generalisation":
            raise not_averaged(f"a divergence of {question}")
        return cls(design)

    def cells(self, ranks: Ranks, level: Level) -> Array:
        raise not_averaged(f"a divergence of {level}")

    def least_rank_costs(self, ranks: Ranks, level: Level) -> Array:
        raise not_averaged(f"a divergence of {level}")

    def gaps(self, ranks: Ranks) -> tuple[Array, Array]:
        found = averages(self.design, ranks, {})
        return found.teacher_gap[:1], found.student_gap

    def risks(self, ranks: Ranks) -> tuple[Array, Array]:
        found = averages(self.design, ranks, {})
        return found.teacher_excess_risk[:1], found.student_excess_risk

    def reliable(self, ranks: Ranks) -> npt.NDArray[np.bool_]:
        return np.ones(len(ranks), np.bool_)
