"""The divergence against the temperature of the soft labels, one curve per student rank."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np

from lingauss.charts.edge_marks import mark_edges
from lingauss.charts.end_names import name_ends
from lingauss.charts.house import GUIDE, INK, key, label, need, plain_log_ticks, positive
from lingauss.numerals import change

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes


def temperature_curves(
    results: xr.Dataset,
    ax: Axes,
    *,
    best: xr.DataArray | None = None,
    limit: float | None = None,
    gain: xr.DataArray | None = None,
) -> list[Artist]:
    """Draw the divergence over temperature, both logarithmic, one curve per rank with its optimum marked.

    Parameters
    ----------
    results : Dataset
        Over student_rank and temperature > 0, with divergence in nats.
    ax : Axes
    best : DataArray, optional
        Temperatures over student_rank, each among those of the results.
    limit : float, optional
        The temperature of the matching law, marked by a vertical line.
    gain : DataArray, optional
        Over student_rank, by which share the optimum costs more or less than what its long_name says; written behind
        each rank.

    Returns
    -------
    list of Artist
        One line per rank, the markers, the vertical line, then the names.

    Raises
    ------
    MissingResultError
        If the results hold something else.
    """
    call = "case.sweep(student_rank=[…], temperature=[…])"
    results = need(results, ["student_rank", "temperature"], ["divergence"], call, single=["student_rank"])
    positive(results["divergence"])
    temperatures, ranks = results["temperature"].to_numpy(), results["student_rank"].to_numpy()
    shades = mpl.colormaps["cividis"](np.linspace(0.0, 0.8, len(ranks)))
    artists: list[Artist] = []
    for rank, shade in zip(ranks, shades, strict=True):
        curve = results["divergence"].sel(student_rank=rank).to_numpy()
        artists.extend(ax.plot(temperatures, curve, color=shade))
    if best is not None:
        lowest = results["divergence"].sel(temperature=best)
        artists.extend(ax.plot(best, lowest, "o", color="white", markeredgecolor=INK, zorder=5, label=_best(gain)))
    if limit is not None:
        artists.append(ax.axvline(limit, color=INK, linewidth=0.6, linestyle=GUIDE, zorder=0, label="matching law"))
    ax.set(xscale="log", yscale="log", xlim=(temperatures[0], temperatures[-1]))
    ax.set_xlabel(label(results["temperature"]))
    ax.set_ylabel(label(results["divergence"]))
    plain_log_ticks(ax.xaxis)
    plain_log_ticks(ax.yaxis, steps=(1.0, 2.0, 5.0))
    names = [f"r = {rank}{'' if gain is None else f', {change(gain.sel(student_rank=rank).item())}'}" for rank in ranks]
    ends = results["divergence"].transpose("student_rank", "temperature").to_numpy()[:, -1]
    artists.extend(name_ends(ax, ends.tolist(), names, list(shades)))
    if best is not None or limit is not None:
        key(ax)
    return [*artists, *mark_edges(ax)]


def _best(gain: xr.DataArray | None) -> str:
    return "best, τ*" if gain is None else f"best, τ*; {gain.attrs['long_name']}"
