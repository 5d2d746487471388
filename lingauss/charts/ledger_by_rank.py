"""The ledger by student rank: three costs stacked up to the divergence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lingauss.charts.edge_marks import mark_edges
from lingauss.charts.house import COST_COLOURS, COST_NAMES, INK, count_axis, finite, key, label, need

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

STACK = ("variance", "bias", "rank_bottleneck")  # from below
HEADROOM = 1.1  # above the right-hand end


def ledger_by_rank(
    results: xr.Dataset, ax: Axes, *, best: int | None = None, recommended: int | None = None
) -> list[Artist]:
    """Draw bias, variance and rank-bottleneck cost as a stack over the student's rank, their total on top.

    Parameters
    ----------
    results : Dataset
        Over student_rank alone, with divergence, bias, variance and rank_bottleneck in nats.
    ax : Axes
    best, recommended : int, optional
        Ranks to mark.

    Returns
    -------
    list of Artist
        Three areas, the total, a marker per marked rank, and one where the total leaves the axes.

    Raises
    ------
    MissingResultError
        If the results hold something else.

    Notes
    -----
    The vertical range is that of the ranks around and above the best; the rank cost of far smaller ones leaves it at
    the top, which a triangle marks.
    """
    call = "case.sweep(student_rank=range(d + 1), quantities=('divergence', 'bias', 'variance', 'rank_bottleneck'))"
    results = need(results, ["student_rank"], ["divergence", *STACK], call)
    ranks = results["student_rank"].to_numpy()
    total = finite(results["divergence"])
    artists: list[Artist] = []
    below = np.zeros(len(ranks))
    for name in STACK:
        above = below + np.where(np.isfinite(total), results[name].to_numpy(), np.nan)
        artists.append(
            ax.fill_between(
                ranks, below, above, step="mid", color=COST_COLOURS[name], linewidth=0, label=COST_NAMES[name]
            )
        )
        below = above
    artists.extend(ax.step(ranks, total, where="mid", color=INK, linewidth=1.0, label="divergence"))
    for rank, word, face in ((best, "best", INK), (recommended, "recommended", "white")):
        if rank is not None:
            height = float(results["divergence"].sel(student_rank=rank))
            text = f"{word}: rank {rank}"
            artists.extend(ax.plot([rank], [height], "o", color=face, markeredgecolor=INK, label=text, zorder=5))
    top = float(np.fmax(total[-1], 1.5 * np.nanmin(total)))
    ax.set(xlim=(ranks[0], ranks[-1]), ylim=(0.0, HEADROOM * top or 1.0))
    ax.set_xlabel(label(results["student_rank"]))
    ax.set_ylabel(label(results["divergence"]))
    count_axis(ax.xaxis)
    key(ax, artists[::-1])
    return [*artists, *mark_edges(ax)]
