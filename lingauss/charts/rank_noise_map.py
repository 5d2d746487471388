"""The divergence over student rank and label noise, with the best rank at every noise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lingauss.charts.house import CASING, GUIDE, INK, key, need
from lingauss.charts.log_map import log_map

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

COLOURED = 0.95  # share of the map that the colours resolve; the dearest corner is drawn in the last one


def rank_noise_map(
    results: xr.Dataset, ax: Axes, *, best: xr.DataArray | None = None, at: float | None = None
) -> list[Artist]:
    """Draw the divergence as a map in logarithmic colour, label noise across and student rank upwards.

    Parameters
    ----------
    results : Dataset
        Over student_rank and label_noise, with divergence in nats.
    ax : Axes
        Its figure gets a colour bar.
    best : DataArray, optional
        Ranks over label_noise, drawn as a path.
    at : float, optional
        A label noise to mark by a vertical line, such as the one estimated from data.

    Returns
    -------
    list of Artist
        The map, its contour lines, then the path and the vertical line if there are any.

    Raises
    ------
    MissingResultError
        If the results hold something else.
    """
    call = "case.sweep(student_rank=range(d + 1), label_noise=[…])"
    results = need(results, ["student_rank", "label_noise"], ["divergence"], call)
    divergence = results["divergence"].transpose("student_rank", "label_noise")
    curves, ranks = [], results["student_rank"].to_numpy()
    if best is not None:
        best = best.sortby("label_noise")
        x, y = best["label_noise"].to_numpy(), best.to_numpy()
        curves.append((x, y))
    if at is not None:
        curves.append((np.full(len(ranks), at), ranks))
    artists: list[Artist] = [*log_map(ax, divergence, coloured=COLOURED, clear_of=curves)]
    if best is not None:
        artists.extend(ax.step(x, y, where="mid", color=INK, path_effects=CASING, label="best rank"))
    if at is not None:
        text = f"ν = {at:.3g}"
        artists.append(ax.axvline(at, color=INK, linewidth=0.8, linestyle=GUIDE, path_effects=CASING, label=text))
    if best is not None or at is not None:
        key(ax)
    return artists
