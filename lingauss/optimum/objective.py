"""What an optimum minimises: one small interface, in the eigenbasis or outside it."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from lingauss.errors import DomainError, IllConditionedError
from lingauss.model.design import Design
from lingauss.optimum.convex import Minimum
from lingauss.optimum.line_search import global_minimum
from lingauss.sweep.pointwise import quantities_of

SPREADS = ("temperature", "student_temperature", "floor")
VARIABLES = ("student_rank", *SPREADS, "mixing")
OBJECTIVES = {
    "divergence": "divergence",
    "prediction_divergence": "prediction_divergence",
    "excess_risk": "student_excess_risk",
    "process": "process_total",
}
CONVEX = "the divergence is jointly convex in temperature, student temperature and floor"
SEARCHED = "mixing was searched over the whole line on a refined grid"


@dataclass(frozen=True, eq=False)
class Found:
    """The best design at one mixing.

    Attributes
    ----------
    value : float
        Of the objective.
    changes : dict
        What to replace in the design to get there.
    kkt_residual : float
        As in :class:`Minimum`; 0 if nothing convex was optimised.
    flat : tuple of str
        Settings that could move without changing the value.
    """

    value: float
    changes: dict[str, Any] = field(default_factory=dict)
    kkt_residual: float = 0.0
    flat: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Objective(ABC):
    """What is minimised at one student rank, as a function of the mixing.

    Attributes
    ----------
    case : Design
        Gives everything that is not optimised; its student is a learner.
    free : tuple of str
        The settings that are.
    """

    case: Design
    free: tuple[str, ...]

    @property
    @abstractmethod
    def claim(self) -> str:
        """Which optimality is claimed, and why."""

    @property
    @abstractmethod
    def mixing_matters(self) -> bool:
        """Whether the share of soft labels changes anything the student sees."""

    @abstractmethod
    def at(self, mixing: float) -> Found:
        """Return the best design at a share of soft labels.

        Raises
        ------
        DomainError
            If the objective is +inf whatever the free settings are.
        """

    def best_mixing(self) -> float:
        """Return the best share of soft labels, if it matters."""

        def value(share: float) -> float:
            try:
                return self.at(share).value
            except DomainError:  # +inf, as without soft labels for a student with no spread of its own
                return math.inf

        return global_minimum(value)

    def value(self, design: Design, found: Found) -> float:
        """Return the objective of what was found, with all the digits there are."""
        return found.value


def pointwise(design: Design, objective: str) -> float:
    """Return the named objective of a design as its own method gives it.

    Raises
    ------
    DomainError
        If it is no design.
    """
    if not isinstance(design, Design):
        raise DomainError("a Distillation", type(design).__name__, "Pass a design.")
    name = OBJECTIVES[objective]
    return quantities_of(design, (name,))[name]


def found_spreads(case: Design, free: Sequence[str], minimum: Minimum, constant: float = 0.0) -> Found:
    """Return a minimum over the free spreads of a design as what changes in it; ``constant`` is added to the value."""
    changes: dict[str, Any] = dict(zip(free, minimum.x.tolist(), strict=True))
    if case.rank == case.problem.n_features:
        changes.pop("floor", None)
    elif case.floor is None and changes.get("student_temperature") == 0.0:
        changes.setdefault("floor", 0.0)  # the prior variance at temperature 0, which a design must be told
    flat = tuple(name for name, loose in zip(free, minimum.flat, strict=True) if loose)
    return Found(minimum.value + constant, changes, minimum.kkt_residual, flat)


def without_spread(case: Design, free: Sequence[str]) -> dict[str, float]:
    """Return what to change for the least risk at any mixing: spread only adds to it (docs/theory.md §5.7).

    The floor is outside of what the student predicts with, and stays as it is.
    """
    changes: dict[str, float] = {name: 0.0 for name in ("temperature", "student_temperature") if name in free}
    if "student_temperature" in changes and case.floor is None and case.rank < case.problem.n_features:
        floor = case.resolved_floor
        changes["floor"] = 0.0 if floor is None else floor
    return changes


def divergence_reasons(free: Sequence[str]) -> list[str]:
    """Return why a divergence is as small as it can be in the given spreads and the mixing."""
    reasons = [CONVEX] if any(name in free for name in SPREADS) else []
    if "mixing" in free:
        reasons.append(f"{SEARCHED} (the divergence is not convex in it)")
    return reasons


def infinite_for_student() -> DomainError:
    """Return the error of a student whose divergence is +inf whatever the free settings are."""
    return DomainError(
        "a student with some spread in every direction",
        "a deterministic one or a hard bottleneck, whose divergence is +inf",
        "Optimise the floor or the student temperature too, or minimise the prediction divergence.",
    )


def infinite_for_teacher() -> DomainError:
    """Return the error of a teacher from which every other law diverges infinitely."""
    return DomainError(
        "a teacher with some spread in every direction",
        "a deterministic one, from which every other law diverges infinitely",
        "Give the teacher a positive temperature, or minimise the prediction divergence.",
    )


def looks_singular(whose: str, got: str) -> IllConditionedError:
    """Return the error of a law that float64 cannot tell from a singular one."""
    return IllConditionedError(
        f"{whose} whose weights have variances within about 10¹² of each other",
        got,
        "Standardise the features or raise the penalty; Principal and Best keep their digits.",
    )
