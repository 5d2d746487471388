"""The route of inputs that are drawn: risks and gaps on average over them, as deterministic equivalents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from lingauss.equivalents.averages import averages
from lingauss.ledgers.fresh import TaughtAfresh
from lingauss.ledgers.risk import TeacherStudent
from lingauss.ledgers.route import Level, Question, Ranks
from lingauss.model.design import Design
from lingauss.model.population import not_averaged
from lingauss.validation import Array


@dataclass(frozen=True, eq=False)
class Equivalents:
    """One design of which some inputs are drawn: all, from a population, or those of the student alone.

    Attributes
    ----------
    design : Design
        Of any rank.
    """

    design: Design

    @classmethod
    def of(cls, design: Design, question: Question, ranks: Ranks) -> Self | None:
        if not design.averages_over_inputs:
            return None
        if question != "generalisation":
            raise not_averaged(f"a divergence of {question}")
        return cls(design)

    def cells(self, ranks: Ranks, level: Level) -> Array:
        raise not_averaged(f"a divergence of {level}")

    def least_rank_costs(self, ranks: Ranks, level: Level) -> Array:
        raise not_averaged(f"a divergence of {level}")

    def gaps(self, ranks: Ranks) -> tuple[Array, Array]:
        if self.design.problem.population is not None:
            found = averages(self.design, ranks, {})
            return found.teacher_gap[:1], found.student_gap
        return _together([one.gaps for one in self._at(ranks)])

    def risks(self, ranks: Ranks) -> tuple[Array, Array]:
        if self.design.problem.population is not None:
            found = averages(self.design, ranks, {})
            return found.teacher_excess_risk[:1], found.student_excess_risk
        return _together([one.risks for one in self._at(ranks)])

    def reliable(self, ranks: Ranks) -> npt.NDArray[np.bool_]:
        return np.ones(len(ranks), np.bool_)

    def _at(self, ranks: Ranks) -> list[TaughtAfresh]:
        """Return the design at several ranks, where the teacher's inputs are given."""
        own = self.design.rank
        return [
            TaughtAfresh(self.design if rank == own else self.design.replace(student_rank=rank))
            for rank in ranks.tolist()
        ]


def _together(sides: list[TeacherStudent]) -> tuple[Array, Array]:
    return np.array([sides[0].teacher]), np.array([side.student for side in sides])
