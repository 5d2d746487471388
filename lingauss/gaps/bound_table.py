"""Bounds beside the truth: a row per bound, and the table of them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from textwrap import wrap
from typing import TYPE_CHECKING, Literal

from lingauss.html_table import html_table
from lingauss.vocabulary import unknown_name

if TYPE_CHECKING:
    import pandas as pd

WIDTH = 80  # columns of a terminal
HEADER = ("bound", "value", "exact gap", "slack", "holds", "why")


@dataclass(frozen=True)
class Bound:
    """One bound on an expected generalisation gap, with the gap itself.

    Attributes
    ----------
    name : str
        Unique in its table.
    learner : 'student' or 'teacher'
        Whose gap it bounds.
    side : 'lower', 'upper' or 'equal'
        On which side of the gap it must lie; 'equal' for an identity.
    value : float
        Squared labels; −inf (lower) or +inf where nothing is said.
    exact_gap : float
        The gap that is bounded. The student's is that of its weights, floor included (docs/theory.md §7.1).
    holds : bool
        Whether the hypothesis of the bound holds here.
    why : str
        Why it does or does not, with the constants used.
    source : str
        Who stated it, and where it is derived.
    """

    name: str
    learner: Literal["student", "teacher"]
    side: Literal["lower", "upper", "equal"]
    value: float
    exact_gap: float
    holds: bool
    why: str
    source: str

    @property
    def slack(self) -> float:
        """How far the gap is on the right side of the bound: never negative where the hypothesis holds.

        For an identity, value less gap.
        """
        return self.exact_gap - self.value if self.side == "lower" else self.value - self.exact_gap

    @property
    def is_vacuous(self) -> bool:
        """Whether the bound is infinite and says nothing."""
        return math.isinf(self.value)


@dataclass(frozen=True)
class BoundTable:
    """All bounds on the gaps of one design; indexable by a bound's name.

    Attributes
    ----------
    bounds : tuple of Bound
    divergence : float
        K_n in nats, which most bounds use.
    teacher_gap : float
        gen_T, which the student's bounds are drawn around.
    mode : str
        'averaged' over labels or 'plug-in' averaged.
    note : str
        What has to be known to compare the student's gap with its predictor's; empty at fixed design.
    """

    bounds: tuple[Bound, ...]
    divergence: float
    teacher_gap: float
    mode: str
    note: str = ""

    def __getitem__(self, name: str) -> Bound:
        """Return a bound by name.

        Raises
        ------
        UnknownNameError
            If there is none of that name; the legal ones are listed.
        """
        for bound in self.bounds:
            if bound.name == name:
                return bound
        raise unknown_name("a bound", name, self.names)

    def __iter__(self) -> Iterator[Bound]:
        return iter(self.bounds)

    def __len__(self) -> int:
        return len(self.bounds)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the bounds, in order."""
        return tuple(bound.name for bound in self.bounds)

    def to_frame(self) -> pd.DataFrame:
        """Return a pandas DataFrame, one row per bound.

        Columns bound, learner, side, value, exact_gap, slack, holds, why, source.
        """
        import pandas as pd

        columns = ["bound", "learner", "side", "value", "exact_gap", "slack", "holds", "why", "source"]
        rows = [{**asdict(bound), "bound": bound.name, "slack": bound.slack} for bound in self.bounds]
        return pd.DataFrame(rows, columns=columns)

    def _lines(self) -> list[tuple[str, ...]]:
        signs = {"lower": "≥ ", "upper": "≤ ", "equal": "= "}
        return [
            HEADER,
            *(
                (
                    bound.name,
                    signs[bound.side] + f"{bound.value:.6g}",
                    f"{bound.exact_gap:.6g}",
                    f"{bound.slack:.3g}",
                    "yes" if bound.holds else "no",
                    bound.why,
                )
                for bound in self.bounds
            ),
        ]

    @property
    def _caption(self) -> str:
        known = f"gen_T = {self.teacher_gap:.6g}, K_n = {self.divergence:.6g} nats"
        return f"Bounds on the expected generalisation gap, {self.mode} ({known})"

    def __repr__(self) -> str:
        lines = [(name, value, slack, holds) for name, value, _, slack, holds, _ in self._lines()]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        rows = (
            "  ".join([line[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(line[1:], widths[1:], strict=True))])
            for line in lines
        )
        gaps = ", ".join(f"gen_{learner[0].upper()} = {gap:.6g}" for learner, gap in self._exact_gaps().items())
        known = f"{gaps}, K_n = {self.divergence:.6g} nats"
        parts = [f"Bounds on the expected generalisation gap, {self.mode}", known, *rows, "Why they hold or do not:"]
        parts += [wrapped for reason in self._reasons() for wrapped in wrap(reason, WIDTH, subsequent_indent="  ")]
        return "\n".join([*parts, *wrap(self.note, WIDTH)])

    def _exact_gaps(self) -> dict[str, float]:
        return {bound.learner: bound.exact_gap for bound in self.bounds}

    def _reasons(self) -> list[str]:
        """Return each reason once, with the bounds it is of."""
        of: dict[str, list[str]] = {}
        for bound in self.bounds:
            of.setdefault(bound.why, []).append(bound.name)
        return [f"{', '.join(names)}: {why}" for why, names in of.items()]

    def _repr_html_(self) -> str:
        return html_table(self._caption, self._lines(), self.note)
