"""The student's error by number of directions, in the target's unit, with what is uncertain about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import MaxNLocator

from lingauss.charts.house import COST_COLOURS, GUIDE, INK, key, label, need

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes


def error_by_rank(results: xr.Dataset, ax: Axes, *, choices: Mapping[str, int] | None = None) -> list[Artist]:
    """Draw an error on new rows over the student's rank, a band of one standard error, and that at the training inputs.

    Parameters
    ----------
    results : Dataset
        Over student_rank alone, whose long name is that of the axis, with error, standard_error and error_at_inputs, as
        ``Analysis.errors()`` returns it.
    ax : Axes
    choices : mapping of name to int, optional
        Ranks to mark.

    Returns
    -------
    list of Artist
        The band, the line of new rows, that of the training inputs, and a marker per choice.

    Raises
    ------
    MissingResultError
        If the results hold something else.
    """
    results = need(results, ["student_rank"], ["error", "standard_error", "error_at_inputs"], "analysis.errors()")
    ranks, error = results["student_rank"].to_numpy(), results["error"].to_numpy()
    spread = results["standard_error"].to_numpy()
    artists: list[Artist] = [
        ax.fill_between(
            ranks, error - spread, error + spread, color=COST_COLOURS["bias"], alpha=0.2, linewidth=0, label="± 1 s.e."
        ),
        *ax.plot(ranks, error, color=COST_COLOURS["bias"], linewidth=1.2, label="new rows"),
        *ax.plot(
            ranks,
            results["error_at_inputs"],
            color=INK,
            linewidth=0.8,
            linestyle=GUIDE,
            label="training inputs, predicted",
        ),
    ]
    faces = iter(("white", COST_COLOURS["variance"], COST_COLOURS["rank_bottleneck"], INK))
    for name, rank in (choices or {}).items():
        height = float(error[np.searchsorted(ranks, rank)])
        face = next(faces, INK)
        artists.extend(
            ax.plot(
                [rank], [height], "o", color=face, markeredgecolor=INK, label=f"{name}: {rank}", zorder=5, clip_on=False
            )
        )
    ax.set_xlim(ranks[0], ranks[-1])
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlabel(results["student_rank"].attrs.get("long_name", "directions kept"))
    ax.set_ylabel(label(results["error"]))
    key(ax)
    return artists
