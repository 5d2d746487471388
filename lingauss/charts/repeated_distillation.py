"""The risk of every student in a chain: fixed mixings, the best ones, and where the fixed ones lead."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np

from lingauss.charts.edge_marks import mark_edges
from lingauss.charts.end_names import name_ends
from lingauss.charts.house import GUIDE, INK, SOFT, count_axis, fit_axis, key, label, need, upright
from lingauss.numerals import number

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

LEAST = "#0072B2"


def repeated_distillation(
    results: xr.Dataset,
    ax: Axes,
    *,
    quantity: str = "excess_risk",
    best: xr.DataArray | None = None,
    least_name: str = "best mixings",
) -> list[Artist]:
    """Draw one curve per mixing over the rounds, its limit as a guide, and the curve of the best mixings.

    A triangle on the edge, in a curve's colour, says that its limit lies farther off.

    Parameters
    ----------
    results : Dataset
        Over round and mixing, with the quantity, ``limit_…`` of it over mixing and ``least_…`` of it over round.
    ax : Axes
    quantity : str
        What is drawn.
    least_name : str
        What the curve of ``least_…`` is called.
    best : DataArray, optional
        The best round of some mixings, among those of the results; marked.

    Returns
    -------
    list of Artist
        For every mixing its curve and its limit, then the curve of the best mixings, the markers and the names.

    Raises
    ------
    MissingResultError
        If the results hold something else.
    """
    limit, least = f"limit_{quantity}", f"least_{quantity}"
    call = f"Chain(case, rounds).sweep(mixing=[…], quantities=[{quantity!r}]), its limits and best mixings"
    results = need(results, ["round", "mixing"], [quantity, limit, least], call, single=["mixing"])
    rounds = results["round"].to_numpy()
    values = results[quantity].transpose("mixing", "round")
    shades = mpl.colormaps["cividis"](np.linspace(0.0, 0.8, values.sizes["mixing"]))
    artists: list[Artist] = []
    for curve, end, shade in zip(values, results[limit], shades, strict=True):
        artists.extend(ax.plot(rounds, curve, color=shade))
        across, height = rounds[[0, -1]], float(end)
        artists.extend(ax.plot(across, [height, height], color=shade, linewidth=0.6, linestyle=GUIDE, zorder=1))
    artists.extend(ax.plot(rounds, results[least], ".-", color=LEAST, clip_on=False, label=least_name))
    if best is not None:
        lowest = values.sel(mixing=best["mixing"], round=best)
        artists.extend(ax.plot(best, lowest, "o", color="white", markeredgecolor=INK, zorder=5, label="best round"))
    artists.append(ax.plot([], [], color=SOFT, linewidth=0.6, linestyle=GUIDE, label="infinite rounds")[0])
    ax.set_xlim(rounds.min(), rounds.max())
    count_axis(ax.xaxis)
    fit_axis(ax, "y", np.concatenate([values.to_numpy().ravel(), results[least]]), below=0.08, above=0.08)
    ax.set_xlabel(label(results["round"]))
    ax.set_ylabel(upright(values))
    names = [f"ξ = {number(value)}" for value in results["mixing"].to_numpy()]
    artists.extend(name_ends(ax, list(values.isel(round=-1).to_numpy()), names, list(shades)))
    edges = mark_edges(ax)
    if edges:
        edges[0].set_label("farther off")
    key(ax)
    return [*artists, *edges]
