"""Repeated distillation as one record: a design, and what every round changes of it (docs/theory.md §5.10)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import Any, Generic, Literal, Self, TypeVar

import numpy as np

from lingauss.errors import DomainError, ShapeError
from lingauss.guard import guarded
from lingauss.html_table import html_settings
from lingauss.model.bottleneck import Best
from lingauss.model.checks import check_fresh
from lingauss.model.design import Design
from lingauss.model.fresh import FreshInputs
from lingauss.model.learners import Learner
from lingauss.model.repeated_limit import RepeatedLimit
from lingauss.rounds.redraws import Fresh, Pool
from lingauss.validation import Immutable, as_count, as_flag, shape_of
from lingauss.vocabulary import unknown_name

Case = TypeVar("Case", bound=Design)
Kind = TypeVar("Kind", bound=StrEnum)
PER_ROUND = ("mixing", "rank", "temperature", "penalty")
MOST_ROUNDS = 10_000  # each is work; where more of them lead, Chain.limit() says


@guarded
@dataclass(frozen=True, eq=False)
class Rounds(Immutable, Generic[Case]):
    """A design, and how often its student becomes the next teacher; parameters as for :class:`lingauss.Chain`."""

    case: Case
    rounds: int
    mixing: float | Sequence[float] | None = None
    rank: int | Sequence[int] | None = None
    temperature: float | Sequence[float] | None = None
    penalty: float | Sequence[float] | None = None
    fresh: Fresh | Literal["none", "labels", "inputs"] = Fresh.NONE
    accumulate: bool = False
    pool: Pool | Literal["labels", "rows"] = Pool.LABELS

    def __post_init__(self) -> None:
        if not isinstance(self.case, Design):
            raise DomainError("a Distillation, round 1", type(self.case).__name__, "Build one, then repeat it.")
        object.__setattr__(self, "rounds", as_count(self.rounds, "rounds", minimum=1, maximum=MOST_ROUNDS))
        if not isinstance(self.case.student, Learner):
            raise DomainError(
                "a student that learns anew in every round",
                type(self.case.student).__name__,
                "Pass a learner as student; a teacher may be any channel.",
            )
        if isinstance(self.case.bottleneck, Best):
            raise DomainError(
                "a bottleneck that keeps the same directions in every round",
                "Best, which chooses them by their cost",
                "Use Principal, Selected or Subspace.",
            )
        for name, kind in (("fresh", Fresh), ("pool", Pool)):
            object.__setattr__(self, name, _one_of(kind, getattr(self, name), name))
        as_flag(self.accumulate, "accumulate")
        for name in PER_ROUND:
            if getattr(self, name) is not None:
                object.__setattr__(self, name, self._one_per_round(name))
        for values in {tuple(self.settings(number).items()) for number in range(1, self.rounds + 1)}:
            self.case.replace(**dict(values))
        self._check_redraws()

    def _check_redraws(self) -> None:
        """Refuse rounds that would draw from nothing, or mix in a way that they have no room for."""
        given, transfer = self.case.problem.population is None, self.case.transfer
        if self.fresh is Fresh.INPUTS and given:
            check_fresh(self.case.problem)
        if (
            transfer is not None
            and self.redraws
            and not (self.fresh is Fresh.INPUTS and isinstance(transfer, FreshInputs))
        ):
            raise DomainError(
                "fresh='inputs' with FreshInputs(m), or rounds without transfer inputs",
                f"fresh={str(self.fresh)!r} with {transfer!r}",
                "Leave transfer at None.",
            )
        if isinstance(transfer, FreshInputs) and not self.redraws:
            raise DomainError("fresh='inputs' with FreshInputs(m)", "fresh='none'", "Every round draws inputs.")
        if self.fresh is Fresh.LABELS and self.case.problem.intercept:
            raise DomainError(
                "a problem without a fitted intercept, for fresh labels", "one with", "Take moments with center=False."
            )
        if self.accumulate and not self.redraws:
            raise DomainError(
                "fresh labels or inputs, which can accumulate", "the labels of one data set", "Pass fresh='inputs'."
            )
        if self.accumulate and self.fresh is Fresh.INPUTS and given:
            raise DomainError(
                "a problem of Problem.from_population, for fresh inputs that accumulate",
                "a first teacher whose inputs are given",
                "Leave accumulate at False, or draw the first inputs too.",
            )
        if self.pool is Pool.ROWS:
            if self.fresh is not Fresh.INPUTS:
                raise DomainError(
                    "fresh='inputs' for pool='rows', whose rows have true or soft labels",
                    f"fresh={str(self.fresh)!r}",
                    "Pass fresh='inputs', or pool='labels'.",
                )
            for number in range(1, self.rounds + 1):
                share = self.round(number).mixing
                if not 0.0 <= share <= 1.0:
                    raise DomainError("mixing from 0 to 1, a share of rows", f"{share:g}", "Or pass pool='labels'.")

    @property
    def redraws(self) -> bool:
        """Whether rounds draw true labels of their own."""
        return self.fresh is not Fresh.NONE

    @property
    def is_chain_of_channels(self) -> bool:
        """Whether every round's law follows from the labels of the first teacher, t ↦ W."""
        return not self.redraws and not self.case.averages_over_inputs

    def round(self, number: int) -> Case:
        """Return the design with what a round sets otherwise; its teacher is the first one."""
        return self.case.replace(**self.settings(number))

    def _repr_html_(self) -> str:
        told = [
            (f"{name} by round", ", ".join(f"{value:g}" for value in values))
            for name, values in self.settings_told.items()
        ]
        rows = [("rounds", self.rounds), *self.redraws_told.items(), *told, ("first round", self.case)]
        return html_settings(type(self).__name__, rows)

    def _one_per_round(self, name: str) -> tuple[Any, ...]:
        given = getattr(self, name)
        shape = shape_of(given, name)
        if shape not in ((), (self.rounds,)):
            raise ShapeError(f"{name} as one value, or {self.rounds}, one per round", f"shape {shape}", "Pass either.")
        values = np.asarray(given).tolist()
        return tuple(values) if shape else (values,) * self.rounds

    def settings(self, number: int) -> dict[str, Any]:
        """Return what a round, counted from 1, sets otherwise than the design.

        Raises
        ------
        DomainError
            If there is no such round.
        """
        number = as_count(number, "number", minimum=1, maximum=self.rounds)
        return {
            "student_penalty" if name == "penalty" else name: getattr(self, name)[number - 1]
            for name in PER_ROUND
            if getattr(self, name) is not None
        }

    @property
    def settings_told(self) -> dict[str, Any]:
        """What is set per round, one value for each."""
        return {name: getattr(self, name) for name in PER_ROUND if getattr(self, name) is not None}

    @property
    def redraws_told(self) -> dict[str, Any]:
        """What is drawn anew and how it comes together, where anything is."""
        if not self.redraws:
            return {}
        return {"fresh": str(self.fresh), "accumulate": self.accumulate, "pool": str(self.pool)}

    def ranks(self) -> tuple[int, ...]:
        """Return the student's rank in every round."""
        return tuple(self.settings(number).get("rank", self.case.rank) for number in range(1, self.rounds + 1))

    def with_rounds(self, rounds: int) -> Self:
        """Return the first so many rounds of this chain, or more of them where no setting differs between rounds.

        Raises
        ------
        DomainError
            If settings of further rounds are unknown.
        """
        count = as_count(rounds, "rounds", minimum=1, maximum=MOST_ROUNDS)
        changes: dict[str, Any] = {}
        for name in PER_ROUND:
            values = getattr(self, name)
            if values is not None and count > self.rounds and len(set(values)) > 1:
                raise DomainError(
                    f"at most {self.rounds} rounds, because {name} differs between rounds",
                    f"{count}",
                    f"Pass {name} for every round.",
                )
            changes[name] = (
                None if values is None else (values * count)[:count] if len(set(values)) == 1 else values[:count]
            )
        return replace(self, rounds=count, **changes)

    def repeated(self) -> Case:
        """Return the design that all rounds repeat.

        Raises
        ------
        DomainError
            If settings differ between rounds.
        """
        for name in PER_ROUND:
            if getattr(self, name) is not None and len(set(getattr(self, name))) > 1:
                raise DomainError(
                    f"the same {name} in every round", f"{getattr(self, name)}", "Limits need settings that repeat."
                )
        return self.round(1)

    @cached_property
    def designs(self) -> tuple[Case, ...]:
        """Every round as a design of its own, whose teacher is the law the labels were drawn from."""
        rounds = [self.case.replace(**self.settings(1))]
        for number in range(2, self.rounds + 1):
            teacher = rounds[-1].student_predictor
            rounds.append(self.case.replace(teacher=teacher, teacher_bottleneck=None, **self.settings(number)))
            if self.framed is not self:  # where the rounds' laws keep what a rotation to and fro would round
                vars(rounds[-1])["framed"] = self.framed.designs[number - 1]
        return tuple(rounds)

    @cached_property
    def framed(self) -> Self:
        """The same rounds in the eigenbasis of G, where laws of earlier ones are null exactly where the inputs are."""
        return self if self.case.framed is self.case else replace(self, case=self.case.framed)

    def limit(self) -> Case:
        """Return where infinitely many rounds lead, as one student of the first teacher's problem.

        Its effective penalty is ℓ/(1 − ξ) (docs/theory.md §5.10): for ridge, ridge with penalty λ/(1 − ξ) (Borup &
        Andersen 2021). The design's student is a :class:`~lingauss.model.repeated_limit.RepeatedLimit` that learns from
        the true labels alone; what it says about divergence is against the first teacher.

        Raises
        ------
        DomainError
            If settings differ between rounds, with transfer inputs, or if the rounds drift apart.
        """
        if self.redraws:
            raise DomainError(
                "rounds that reuse the labels of the first teacher, whose limit is one student of them",
                f"fresh={str(self.fresh)!r}",
                "Use stationary_excess_risk().",
            )
        case = self.repeated()
        if case.transfer is not None or not isinstance(case.student, Learner):
            raise DomainError("students on the training inputs", "transfer inputs", "Without true labels all is lost.")
        student = RepeatedLimit(case.student, case.mixing, case.temperature, case.draws)
        return case.replace(student=student, mixing=0.0, temperature=0.0, draws=1)

    def __repr__(self) -> str:
        changes = "".join(f", {name}={getattr(self, name)}" for name in PER_ROUND if getattr(self, name) is not None)
        anew = "" if not self.redraws else f", fresh {self.fresh}" + ", accumulating" * self.accumulate
        pooled = ", pooled by rows" * (self.pool is Pool.ROWS)
        return f"{type(self).__name__}({self.rounds} rounds{changes}{anew}{pooled})"


def _one_of(kind: type[Kind], value: Any, name: str) -> Kind:
    """Return what a word stands for."""
    words = [str(each) for each in kind]
    if not isinstance(value, str) or value not in words:
        raise unknown_name(f"{name}", value, words)
    return kind(value)
