"""Excess risks over the number of training samples, through the peak where there are as many as directions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np

from lingauss.charts.edge_marks import mark_edges
from lingauss.charts.end_names import name_ends
from lingauss.charts.house import GUIDE, SOFT, key, label, need, plain_log_ticks, positive, upright

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

DECADES = 3.0  # shown above the least risk at most


def risk_by_samples(results: xr.Dataset, ax: Axes, *, directions: int | None = None) -> list[Artist]:
    """Draw one curve per learner over the number of samples, both logarithmic; a peak to infinity leaves the axes.

    Parameters
    ----------
    results : Dataset
        Over n_samples and learner, whose values are the curves' names, with excess_risk.
    ax : Axes
    directions : int, optional
        As many samples as directions, marked by a vertical line.

    Returns
    -------
    list of Artist
        A line per learner, the vertical one, then the names.

    Raises
    ------
    MissingResultError
        If the results hold something else.
    """
    call = "case.sweep(n_samples=[…], quantities=['student_excess_risk']) for each learner, side by side"
    results = need(results, ["n_samples", "learner"], ["excess_risk"], call, single=["learner"])
    risks = results["excess_risk"].transpose("learner", "n_samples")
    values, sizes = positive(risks), results["n_samples"].to_numpy()
    shades = list(mpl.colormaps["cividis"](np.linspace(0.0, 0.8, len(values))))
    low = float(np.nanmin(values))
    high = min(float(np.nanmax(values)), low * 10.0**DECADES)
    artists: list[Artist] = []
    for curve, shade in zip(np.where(np.isfinite(values), values, 1e3 * high), shades, strict=True):
        artists.extend(ax.plot(sizes, curve, color=shade))
    if directions is not None:
        line = ax.axvline(directions, color=SOFT, linewidth=0.6, linestyle=GUIDE, zorder=1, label="n = directions")
        artists.append(line)
    ax.set(xscale="log", yscale="log", xlim=(sizes.min(), sizes.max()), ylim=(0.8 * low, 1.25 * high))
    plain_log_ticks(ax.xaxis)
    plain_log_ticks(ax.yaxis, steps=(1.0,) if high > 100.0 * low else (1.0, 2.0, 5.0))
    ax.set_xlabel(label(results["n_samples"]))
    ax.set_ylabel(upright(risks))
    names = [str(name) for name in results["learner"].to_numpy()]
    artists.extend(name_ends(ax, [float(end) for end in risks.isel(n_samples=-1)], names, shades))
    if directions is not None:
        key(ax)
    return [*artists, *mark_edges(ax)]
