"""The ledger: a Gaussian divergence split exactly into bias, variance and rank-bottleneck costs."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from lingauss.errors import OverflowingError
from lingauss.html_table import html_table
from lingauss.validation import Array, Immutable

if TYPE_CHECKING:
    import pandas as pd

ROWS = ("retained", "discarded")
COLUMNS = ("mean", "label noise", "spread")
CELLS = tuple(f"{row}_{source}" for row in ROWS for source in ("mean", "noise", "spread"))  # in the order of the array
# Which cells make up which cost (docs/theory.md §4.2).
COSTS: Mapping[str, tuple[str, ...]] = {
    "divergence": CELLS,
    "bias": ("retained_mean",),
    "variance": ("retained_noise", "retained_spread"),
    "rank_bottleneck": ("discarded_mean", "discarded_noise", "discarded_spread"),
}


OWNERS = tuple(
    next(name.replace("_", " ") for name, cells in COSTS.items() if cell in cells and name != "divergence")
    for cell in CELLS
)


@dataclass(frozen=True, eq=False)
class Ledger(Immutable):
    """Where a divergence KL(student ‖ teacher) comes from, in nats (docs/theory.md §4).

    Six non-negative cells add up to the divergence: discarded directions first (the rank bottleneck's cost, the least
    any student with this law on them can pay), then the retained directions given the discarded ones.

    Attributes
    ----------
    cells : (2, 3)
        Rows retained, discarded; columns mean, label noise, spread.
    least_rank_cost : float or callable
        :attr:`rank_irreducible`, or what finds it.
    level : str
        'weights', or 'predictions' for the joint predictive laws.
    mode : str
        'averaged' over labels, 'plug-in' averaged, 'observed', or 'given' for two bare laws.
    """

    cells: Array
    least_rank_cost: float | Callable[[], float]
    level: str
    mode: str

    def __post_init__(self) -> None:
        if np.isnan(self.cells).any():
            raise OverflowingError(
                "costs that fit in float64", "infinite ones that cancel", "Rescale the data, the floor or the noise."
            )
        self.cells.setflags(write=False)

    def __getstate__(self) -> dict[str, Any]:
        return vars(self) | {"least_rank_cost": self.rank_irreducible}

    @cached_property
    def rank_irreducible(self) -> float:
        """The rank cost at its best floor: what no choice of the unlearned spread can remove."""
        least = self.least_rank_cost
        return float(least() if callable(least) else least)

    @property
    def bias(self) -> float:
        """Retained directions, mean: what a shift of the student's expected weights costs."""
        return self._cost("bias")

    @property
    def variance(self) -> float:
        """Retained directions, label noise and spread."""
        return self._cost("variance")

    @property
    def rank_bottleneck(self) -> float:
        """Discarded directions, all three cells."""
        return self._cost("rank_bottleneck")

    @property
    def total(self) -> float:
        """The divergence itself: the sum of the six cells."""
        return self._cost("divergence")

    def _cost(self, name: str) -> float:
        return float(sum(self.cells.reshape(-1)[CELLS.index(cell)] for cell in COSTS[name]))

    @property
    def advice(self) -> str:
        """What to do about an infinite total; empty where the total is finite."""
        if math.isfinite(self.total):
            return ""
        return (
            "total is +inf because the student's and the teacher's weights do not share their support "
            "(a hard bottleneck, or a deterministic student or teacher); "
            "prediction_divergence() compares their predictions and is finite."
        )

    @cached_property
    def _lines(self) -> list[tuple[str, ...]]:
        body = [
            (row, *(f"{value:.6g}" for value in cells), f"{np.sum(cells):.6g}")
            for row, cells in zip(ROWS, self.cells, strict=True)
        ]
        sums = np.sum(self.cells, axis=0)
        return [("", *COLUMNS, "sum"), *body, ("sum", *(f"{value:.6g}" for value in sums), f"{self.total:.6g}")]

    @property
    def _costs(self) -> str:
        return (
            f"bias {self.bias:.6g} + variance {self.variance:.6g} + rank bottleneck {self.rank_bottleneck:.6g} "
            f"= {self.total:.6g} nats\n(of the rank bottleneck {self.rank_irreducible:.6g} nats are irreducible)"
        )

    @property
    def _caption(self) -> str:
        return f"Ledger of {self.level}, {self.mode} (nats)"

    def to_frame(self) -> pd.DataFrame:
        """Return one row per cell with columns direction, source, cost and nats, as a pandas DataFrame."""
        import pandas as pd

        return pd.DataFrame(
            [
                (direction, source, OWNERS[i * len(COLUMNS) + j], float(self.cells[i, j]))
                for i, direction in enumerate(ROWS)
                for j, source in enumerate(COLUMNS)
            ],
            columns=["direction", "source", "cost", "nats"],
        )

    def __repr__(self) -> str:
        widths = [max(len(line[i]) for line in self._lines) for i in range(5)]
        table = "\n".join(
            "  ".join(cell.rjust(w) for cell, w in zip(line, widths, strict=True)) for line in self._lines
        )
        return "\n".join(part for part in (self._caption, table, self._costs, self.advice) if part)

    def _repr_html_(self) -> str:
        return html_table(self._caption, self._lines, "\n".join(filter(None, (self._costs, self.advice))))
