"""How the costs grow and fall with the number of samples, beside the laws they tend to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lingauss.charts.edge_marks import mark_edges
from lingauss.charts.end_names import name_ends
from lingauss.charts.house import (
    COST_COLOURS,
    COST_NAMES,
    GUIDE,
    INK,
    SOFT,
    key,
    label,
    need,
    plain_log_ticks,
    positive,
)

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

COLOURS = {**COST_COLOURS, "rank_bottleneck": SOFT, "divergence": INK}
NAMES = {**COST_NAMES, "divergence": "divergence"}
DECADES = 7.0  # shown below the largest value at most


def sample_size_scaling(results: xr.Dataset, ax: Axes, *, asymptotes: xr.Dataset | None = None) -> list[Artist]:
    """Draw the divergence and its three costs over the number of samples, both logarithmic.

    Parameters
    ----------
    results : Dataset
        Over n_samples alone, with divergence, bias, variance and rank_bottleneck in nats.
    ax : Axes
    asymptotes : Dataset, optional
        The same costs for large samples, as returned by ``lingauss.sweep.growth.large_sample_costs``; drawn dashed.

    Returns
    -------
    list of Artist
        A line per cost and one for their sum, the dashed lines, then the names.

    Raises
    ------
    MissingResultError
        If the results hold something else.
    """
    call = "case.sweep(n_samples=[…], quantities=('divergence', 'bias', 'variance', 'rank_bottleneck'))"
    results = need(results, ["n_samples"], list(NAMES), call)
    total = positive(results["divergence"])
    sizes = results["n_samples"].to_numpy()
    artists: list[Artist] = []
    for name, colour in COLOURS.items():
        whole = name == "divergence"
        artists.extend(ax.plot(sizes, results[name], color=colour, linewidth=1.6 if whole else 1.2, zorder=3 - whole))
    if asymptotes is not None:
        for name in COST_NAMES:
            law = asymptotes[name]
            artists.extend(ax.plot(law["n_samples"], law, color=COLOURS[name], linewidth=0.8, linestyle=GUIDE))
        artists[-1].set_label("large-sample law")
    top = float(np.nanmax(total))
    lowest = float(np.nanmin([results[name].where(results[name] > 0.0).min() for name in NAMES]))
    ax.set(xscale="log", yscale="log", xlim=(sizes.min(), sizes.max()))
    ax.set_ylim(max(0.5 * lowest, top / 10.0**DECADES), 2.0 * top)
    ax.set_xlabel(label(results["n_samples"]))
    ax.set_ylabel("cost (nats)")
    plain_log_ticks(ax.xaxis)
    plain_log_ticks(ax.yaxis)
    ends = [float(results[name][-1]) for name in NAMES]
    artists.extend(name_ends(ax, ends, list(NAMES.values()), list(COLOURS.values())))
    if asymptotes is not None:
        key(ax)
    return [*artists, *mark_edges(ax)]
