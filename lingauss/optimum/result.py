"""What an optimisation returns: a design, its value and the reason to believe it is the best."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from lingauss.html_table import html_settings
from lingauss.model.design import Design
from lingauss.model.views import Bottleneck
from lingauss.validation import Array, Immutable, freeze

if TYPE_CHECKING:
    import pandas as pd

Case = TypeVar("Case", bound=Design)

WIDTH = 80  # columns of a terminal
ROUNDING = 1e-12  # a residual below it is zero in float64, and its digits are those of the processor


@dataclass(frozen=True)
class Certificate:
    """Why an optimum is one.

    Attributes
    ----------
    kkt_residual : float
        Violation of the optimality conditions of the convex part, relative to 1 + value; 0 if nothing convex was
        optimised.
    claim : str
        Which optimality is claimed, and why.
    enumerated : str
        What was tried one by one.
    active : tuple of str
        Settings whose optimum lies at the edge of their range, with the edge.
    flat : tuple of str
        Settings that could move without changing the value; the smallest was returned.
    """

    kkt_residual: float
    claim: str
    enumerated: str
    active: tuple[str, ...]
    flat: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Optimum(Immutable, Generic[Case]):
    """The best design found.

    Attributes
    ----------
    design : Design
        With the optimal settings.
    objective : str
        What was minimised.
    value : float
        The objective at the design; nats, or squared label units for a risk.
    settings : dict of str to float
        The settings that were optimised and their values.
    ranks, values : (R,)
        The candidate ranks, and the best value at each.
    certificate : Certificate
    evaluate : callable
        The objective of any design.
    bottleneck : bottleneck or None
        As it was before its rank was optimised: where a moved rank takes its directions from.
    """

    design: Case
    objective: str
    value: float
    settings: dict[str, float]
    ranks: Array
    values: Array
    certificate: Certificate
    evaluate: Callable[[Case], float]
    bottleneck: Bottleneck | None = None

    def __post_init__(self) -> None:
        freeze(self.ranks)
        freeze(self.values)

    def sensitivities(self, change: float = 0.1) -> dict[str, tuple[float, float]]:
        """Return what moving each optimised setting down and up costs, other settings fixed.

        Parameters
        ----------
        change : float
            Relative size of the move, default 10 %; ranks move by at least 1, as far as the bottleneck allows.

        Returns
        -------
        dict of str to (float, float)
            Increase of the objective for the smaller and the larger value; 0 where the setting cannot move that way.
        """
        costs = {}
        for name, value in self.settings.items():
            moves = []
            for sign in (-1.0, 1.0):
                moved = value * (1.0 + sign * change)
                if name == "student_rank":
                    step = max(1, round(abs(value) * change))
                    moved = min(max(int(value + sign * step), 0), self._grown.largest_rank)
                moves.append(self.evaluate(self._moved(name, moved)) - self.value if moved != value else 0.0)
            costs[name] = (moves[0], moves[1])
        return costs

    @property
    def _grown(self) -> Case:
        return self.design.replace(bottleneck=self.bottleneck)

    def _moved(self, name: str, value: float) -> Case:
        if name == "student_rank":
            return self._grown.replace(student_rank=int(value))
        return self.design.replace(**{name: value})

    def by_rank(self) -> pd.DataFrame:
        """Return the best value at each candidate rank, as a table."""
        import pandas as pd

        return pd.DataFrame({"student_rank": self.ranks, self.objective: self.values})

    def __repr__(self) -> str:
        settings = ", ".join(f"{name}={value:.6g}" for name, value in self.settings.items())
        told = (f"{name}: {text}" if name else text for name, text in self._reasons)
        indented = (textwrap.fill(line, WIDTH, initial_indent="  ", subsequent_indent="    ") for line in told)
        return "\n".join([f"Optimum of {self.objective}: {self.value:.6g} at {settings}", *indented])

    def _repr_html_(self) -> str:
        settings = [(name, f"{value:.6g}") for name, value in self.settings.items()]
        reasons = [(name or "certificate", text) for name, text in self._reasons]
        return html_settings(f"Optimum of {self.objective}: {self.value:.6g}", [*settings, *reasons])

    @property
    def _reasons(self) -> list[tuple[str, str]]:
        """What the certificate says, with a word before each."""
        proof = self.certificate
        told = [
            ("", f"{proof.claim} (KKT residual {_residual(proof.kkt_residual)})"),
            ("enumerated", proof.enumerated),
            ("at the edge", "; ".join(proof.active)),
            ("flat", f"{', '.join(proof.flat)}; the smallest is returned" if proof.flat else ""),
        ]
        return [(name, text) for name, text in told if text]


def _residual(residual: float) -> str:
    return f"{residual:.1e}" if residual >= ROUNDING else f"below {ROUNDING:.0e}"
