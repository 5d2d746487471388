"""What every eigen-direction costs if kept and if dropped, against the spectrum."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lingauss.charts.house import COST_COLOURS, INK, SOFT, plain_log_ticks
from lingauss.errors import MissingResultError

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

COLUMNS = ("eigenvalue", "kept", "retained_cost", "discarded_cost")
DECADES = 6.0  # shown below the largest cost at most


def ledger_by_direction(table: pd.DataFrame, ax: Axes) -> list[Artist]:
    """Draw both costs of every direction over its eigenvalue, both logarithmic, strong directions on the left.

    What the student pays is filled: the retained cost of directions it keeps, the discarded cost of the others. Where
    the other marker lies lower, the bottleneck is in the wrong place. Directions of eigenvalue 0 are left out.

    Parameters
    ----------
    table : DataFrame
        As returned by ``case.by_direction()``.
    ax : Axes

    Returns
    -------
    list of Artist
        Retained and discarded costs as points, paid and unpaid, then the shaded range of what is kept if it is one.

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
    margin = (s.max() / s.min()) ** 0.03
    ax.set(xscale="log", yscale="log", xlim=(s.max() * margin, s.min() / margin))
    ax.set_ylim(max(0.6 * lowest, highest / 10.0**DECADES), 2.0 * highest)
    plain_log_ticks(ax.xaxis)
    plain_log_ticks(ax.yaxis)
    ax.set_xlabel("eigenvalue of the Gram matrix s (squared input units)")
    ax.set_ylabel("cost of the direction (nats)")
    ax.legend(ncols=2)
    return artists
