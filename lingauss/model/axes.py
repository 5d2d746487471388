"""The vocabulary of design axes: one set of names for replacing, sweeping, optimising, commands (docs/designs.md)."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lingauss.errors import DomainError
from lingauss.model.bottleneck import Principal, Selected, Subspace
from lingauss.model.fresh import FreshInputs
from lingauss.model.shards import Shards
from lingauss.model.views import Features
from lingauss.model.weak_teacher import WeakTeacher
from lingauss.validation import as_count, as_scalar
from lingauss.vocabulary import unknown_name

Fields = dict[str, Any]
DESCENT = "NoisyGradientDescent(steps=100, step_size=0.01)"


@dataclass(frozen=True)
class Axis:
    """A design axis.

    Attributes
    ----------
    symbol : str
        As written in docs/theory.md.
    meaning, unit : str
        What it is, and in what it is measured.
    change : callable
        Puts a value into a design's fields.
    minimum : float
        Smallest legal value (``strict``: the value itself is illegal).
    whole : bool
        Whether values are counts.
    """

    symbol: str
    meaning: str
    unit: str
    change: Callable[[Fields, Any], None]
    minimum: float = 0.0
    strict: bool = False
    whole: bool = False

    @property
    def attrs(self) -> dict[str, str]:
        """Labels of the axis as a coordinate of an xarray object."""
        return {"long_name": self.meaning, "units": self.unit, "symbol": self.symbol}

    def check(self, value: Any, name: str) -> float:
        """Return a legal value as a number.

        Raises
        ------
        DomainError, NotFiniteError, NotNumericError, ShapeError
        """
        if self.whole:
            return as_count(value, name, minimum=int(self.minimum))
        return as_scalar(value, name, minimum=self.minimum, strict=self.strict)


def changed(fields: Fields, changes: Mapping[str, Any]) -> Fields:
    """Return a design's fields with some of them and some axes changed, all at once; see :meth:`Design.replace`."""
    fields = dict(fields)
    if "rank" in changes and "student_rank" in changes:
        raise DomainError("rank or student_rank", "both", "They are the same setting.")
    wanted = {"student_rank" if name == "rank" else name: value for name, value in changes.items()}
    for name in wanted:
        if name not in fields and name not in AXES:
            raise unknown_name("a setting", name, [*fields, "rank", *AXES])
    fields.update((name, value) for name, value in wanted.items() if name in fields)
    for name, axis in AXES.items():  # in this order: what concerns both learners before what concerns one
        if name in wanted and name not in fields:
            axis.change(fields, wanted[name])
    return fields


def _set_field(name: str) -> Callable[[Fields, Any], None]:
    def change(fields: Fields, value: Any) -> None:
        fields[name] = value

    return change


def _set_rank(fields: Fields, value: Any) -> None:
    current = fields["bottleneck"]
    if isinstance(current, Subspace | Selected | Features):
        fields["bottleneck"] = current.leading(value)
    else:
        fields["bottleneck"] = Principal(value) if current is None else dataclasses.replace(current, rank=value)


def _set_teacher_rank(fields: Fields, value: Any) -> None:
    current = fields["teacher_bottleneck"]
    if current is None:
        raise DomainError("a teacher behind a bottleneck", "none", "Pass teacher_bottleneck=Selected(range(r)).")
    principal = isinstance(current, Principal)
    fields["teacher_bottleneck"] = dataclasses.replace(current, rank=value) if principal else current.leading(value)


def _set_learners(attribute: str, *roles: str, example: str = "Ridge(penalty=1.0)") -> Callable[[Fields, Any], None]:
    def change(fields: Fields, value: Any) -> None:
        for role in roles:
            shards = fields[role] if isinstance(fields[role], Shards) else None
            learner = fields[role].learner if isinstance(fields[role], Shards | WeakTeacher) else fields[role]
            if attribute not in getattr(learner, "__dataclass_fields__", {}):
                raise DomainError(
                    f"a learner with {attribute} as {role}",
                    type(learner).__name__,
                    f"Pass {role}=… with the setting you want, such as {example}.",
                )
            changed = dataclasses.replace(learner, **{attribute: value})
            fields[role] = changed if shards is None else dataclasses.replace(shards, learner=changed)

    return change


def _set_label_noise(fields: Fields, value: Any) -> None:
    fields["problem"] = fields["problem"].with_label_noise(value)


def _set_samples(fields: Fields, value: Any) -> None:
    fields["problem"] = fields["problem"].with_samples(value)


def _set_transfer_samples(fields: Fields, value: Any) -> None:
    if not isinstance(fields["transfer"], FreshInputs):
        raise DomainError("a student with fresh inputs", f"{fields['transfer']!r}", "Pass transfer=FreshInputs(m).")
    fields["transfer"] = FreshInputs(value)


AXES: Mapping[str, Axis] = {
    "student_rank": Axis("r", "student rank", "directions", _set_rank, whole=True),
    "teacher_rank": Axis("r_T", "teacher rank", "directions", _set_teacher_rank, whole=True),
    "label_noise": Axis("ν", "label noise, standard deviation", "label units", _set_label_noise, strict=True),
    "temperature": Axis("τ", "soft-label temperature", "1", _set_field("temperature")),
    "mixing": Axis("ξ", "share of soft labels", "1", _set_field("mixing"), minimum=-math.inf),
    "draws": Axis("m", "teacher draws averaged", "1", _set_field("draws"), minimum=1, whole=True),
    "floor": Axis("φ", "unlearned spread, variance", "squared weight units", _set_field("floor")),
    "n_samples": Axis("n", "training samples", "1", _set_samples, minimum=1, whole=True),
    "transfer_samples": Axis("n′", "fresh inputs of the student", "1", _set_transfer_samples, minimum=1, whole=True),
    "penalty": Axis(
        "λ", "ridge penalty of both", "squared input units", _set_learners("penalty", "teacher", "student")
    ),
    "teacher_penalty": Axis(
        "λ_T", "teacher's ridge penalty", "squared input units", _set_learners("penalty", "teacher")
    ),
    "student_penalty": Axis(
        "λ_S", "student's ridge penalty", "squared input units", _set_learners("penalty", "student")
    ),
    "teacher_temperature": Axis("τ_T", "teacher's temperature", "1", _set_learners("temperature", "teacher")),
    "student_temperature": Axis("τ_S", "student's temperature", "1", _set_learners("temperature", "student")),
    "teacher_steps": Axis(
        "T_T",
        "teacher's steps of noisy gradient descent",
        "1",
        _set_learners("steps", "teacher", example=DESCENT),
        minimum=1,
        whole=True,
    ),
    "student_steps": Axis(
        "T_S",
        "student's steps of noisy gradient descent",
        "1",
        _set_learners("steps", "student", example=DESCENT),
        minimum=1,
        whole=True,
    ),
}
