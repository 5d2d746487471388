"""All that an analysis can be told: one record behind the keywords of ``lingauss.analyze`` and the command line."""

from __future__ import annotations

from dataclasses import dataclass

from lingauss.analysis.advice import Wishes
from lingauss.tables.reading import Reading
from lingauss.validation import as_flag


@dataclass(frozen=True)
class Scaling:
    """In which units columns are compared; they are centred in any case.

    Attributes
    ----------
    standardise : bool
        Whether features are divided by their standard deviations.
    scale_targets : bool or None
        Whether targets are; None where there are several numeric ones.
    drop_constant : bool
        Whether constant features are left out, else they are an error.
    """

    standardise: bool = True
    scale_targets: bool | None = None
    drop_constant: bool = False

    def __post_init__(self) -> None:
        optional = () if self.scale_targets is None else ("scale_targets",)
        for name in ("standardise", "drop_constant", *optional):
            object.__setattr__(self, name, as_flag(getattr(self, name), name))


@dataclass(frozen=True)
class Teaching:
    """What is known of the teacher instead of measured.

    Attributes
    ----------
    penalty, label_noise : float or None
        λ and ν; None to measure them.
    leave_one_out : bool
        Whether the penalty is the one of least exact leave-one-out error.
    """

    penalty: float | None = None
    label_noise: float | None = None
    leave_one_out: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "leave_one_out", as_flag(self.leave_one_out, "leave_one_out"))


@dataclass(frozen=True)
class Options:
    """How data are read and scaled, what the teacher is, and what the student shall be."""

    reading: Reading
    scaling: Scaling
    teaching: Teaching
    wishes: Wishes
