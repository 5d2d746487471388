"""What every eigen-direction costs if kept and if dropped, against the spectrum."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lingauss.charts.edge_marks import mark_edges
from lingauss.charts.house import COST_COLOURS, INK, SOFT, key, plain_log_ticks
from lingauss.errors import MissingResultError

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

COLUMNS = ("eigenvalue", "kept", "retained_cost", "discarded_cost")
WRONG = "#D55E00"
NAMED = 6  # directions on the wrong side at most that the key names one by one
DECADES = 6.0  # shown below the largest cost at most


def ledger_by_direction(table: pd.DataFrame, ax: Axes) -> list[Artist]:
    """Draw both costs of every direction over its eigenvalue, both logarithmic, strong directions on the left.

    What the student pays is filled: the retained cost of directions it keeps, the discarded cost of the others. Where
    the other marker lies lower the direction is on the wrong side: a ring says so, and the key names it. Directions of
    eigenvalue 0 are left out.

    Parameters
    ----------
    table : DataFrame
        As returned by ``case.by_direction()``.
    ax : Axes

    Returns
    -------
    list of Artist
        Retained and discarded costs as points, paid and unpaid, then the rings, then marks of what leaves the axes.

    Raises
    ------
    MissingResultError
        If the table holds something else.
    """
    lacking = [name for name in COLUMNS if name not in table]
    if lacking:
        raise MissingResultError(
            f"a table with columns {', '.join(COLUMNS)}",
            f"one without {', '.join(lacking)}",
            "Make it with case.by_direction().",
        )
    shown = table[table["eigenvalue"] > 0.0]
    s, kept = shown["eigenvalue"].to_numpy(), shown["kept"].to_numpy(dtype=bool)
    artists: list[Artist] = []
    for column, colour, paid, marker, name in (
        ("retained_cost", COST_COLOURS["variance"], kept, "o", "kept"),
        ("discarded_cost", SOFT, ~kept, "s", "dropped"),
    ):
        cost = shown[column].to_numpy()
        artists.extend(
            ax.plot(s[paid], cost[paid], marker, color=colour, markersize=3.0, markeredgecolor=INK, label=f"{name}")
        )
        artists.extend(
            ax.plot(s[~paid], cost[~paid], marker, color="none", markersize=2.6, markeredgecolor=colour, zorder=1.5)
        )
        artists[-1].set_label(f"if {name}")
    highest = float(np.max([shown["retained_cost"].max(), shown["discarded_cost"].max()]))
    lowest = float(np.min([shown["retained_cost"].min(), shown["discarded_cost"].min()]))
    paid_cost = np.where(kept, shown["retained_cost"], shown["discarded_cost"])
    wrong = paid_cost > np.where(kept, shown["discarded_cost"], shown["retained_cost"])
    if wrong.any():
        artists.extend(ax.plot(s[wrong], paid_cost[wrong], "o", color="none", markersize=6.5, markeredgecolor=WRONG))
        artists[-1].set_label(f"wrong side: {_named(shown.index[wrong].tolist())}")
    margin = max((s.max() / s.min()) ** 0.03, 1.2)
    ax.set(xscale="log", yscale="log", xlim=(s.max() * margin, s.min() / margin))
    ax.set_ylim(max(0.6 * lowest, highest / 10.0**DECADES), 2.0 * highest)
    plain_log_ticks(ax.xaxis)
    plain_log_ticks(ax.yaxis)
    ax.set_xlabel("eigenvalue of the Gram matrix s (squared input units)")
    ax.set_ylabel("cost of the direction (nats)")
    order = [0, 2, 1, 3, *range(4, len(artists))]
    key(ax, [artists[place] for place in order], ncols=3)
    return [*artists, *mark_edges(ax)]


def _named(directions: list[int]) -> str:
    listed = ", ".join(map(str, directions[:NAMED]))
    more = len(directions) - NAMED
    return f"no. {listed}{f' and {more} more' if more > 0 else ''}"
