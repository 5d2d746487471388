"""Inputs that a student has for itself: not given, but drawn anew."""

from __future__ import annotations

from dataclasses import dataclass

from lingauss.guard import hinted
from lingauss.html_table import html_fields
from lingauss.validation import as_count


@hinted
@dataclass(frozen=True)
class FreshInputs:
    """Inputs drawn anew for the student, from the population or from the law of the test inputs.

    The student learns on these alone, from (1 − ξ) true + ξ soft labels, whose true part has label noise of its own.
    Results are averages over them (docs/unseen.md). The ``transfer`` of a :class:`Distillation`.

    Parameters
    ----------
    n_samples : int
        How many, at least 1.

    Raises
    ------
    DomainError
    """

    n_samples: int

    _repr_html_ = html_fields

    def __post_init__(self) -> None:
        object.__setattr__(self, "n_samples", as_count(self.n_samples, "n_samples", minimum=1))
