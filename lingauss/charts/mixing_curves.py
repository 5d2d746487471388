"""A cost or risk against the share of soft labels, also below 0 and beyond 1, one curve per value of another axis."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np

from lingauss.charts.edge_marks import mark_edges
from lingauss.charts.end_names import name_ends
from lingauss.charts.house import GUIDE, INK, finite, fit_axis, key, label, need, other_axis, upright
from lingauss.numerals import change, number

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

EXTRAPOLATION = "#F3F3F3"  # background where a share is below 0 or above 1


def mixing_curves(
    results: xr.Dataset,
    ax: Axes,
    *,
    quantity: str = "divergence",
    best: xr.DataArray | None = None,
    limit: float | None = None,
    gain: xr.DataArray | None = None,
    reference: tuple[float, str] | None = None,
    highest: float | None = None,
) -> list[Artist]:
    """Draw one curve per value of the other axis over the share of soft labels, with its optimum marked.

    Parameters
    ----------
    results : Dataset
        Over mixing and one other axis, with the quantity.
    ax : Axes
    quantity : str
        What is drawn, logarithmically if it spans a decade.
    best : DataArray, optional
        Mixings over the other axis, each among those of the results.
    limit : float, optional
        The mixing at which no direction is biased, marked by a vertical line.
    gain : DataArray, optional
        Over the other axis, by which share the optimum is more or less than what its long_name says; written behind
        each name.
    reference : (float, str), optional
        A value to hold the curves against and what it is, marked by a horizontal line.
    highest : float, optional
        Upper end of the vertical axis, where small effects matter: triangles mark where curves leave it,
        and their names stand in the key.

    Returns
    -------
    list of Artist
        The shades below 0 and beyond 1, one line per value, the markers, the vertical and the horizontal line, then the
        names and marks where curves leave the axes.

    Raises
    ------
    MissingResultError
        If the results hold something else.
    """
    axis = other_axis(results, "mixing", "student_rank")
    call = f"case.sweep({axis}=[…], mixing=[…], quantities=({quantity!r},))"
    results = need(results, ["mixing", axis], [quantity], call, single=[axis])
    values = results[quantity].transpose(axis, "mixing")
    heights = finite(values)
    shares = results["mixing"].to_numpy()
    ax.set_xlim(shares.min(), shares.max())
    artists: list[Artist] = [
        ax.axvspan(shares.min(), min(0.0, shares.max()), color=EXTRAPOLATION, linewidth=0.0, zorder=0),
        ax.axvspan(max(1.0, shares.min()), max(1.0, shares.max()), color=EXTRAPOLATION, linewidth=0.0, zorder=0),
    ]
    shades = mpl.colormaps["cividis"](np.linspace(0.0, 0.8, values.sizes[axis]))
    for curve, shade in zip(heights, shades, strict=True):
        artists.extend(ax.plot(shares, curve, color=shade))
    if best is not None:
        lowest = values.sel(mixing=best)
        artists.extend(ax.plot(best, lowest, "o", color="white", markeredgecolor=INK, zorder=5, label=_best(gain)))
    if limit is not None:
        text = f"no bias, ξ = {limit:.3g}"
        artists.append(ax.axvline(limit, color=INK, linewidth=0.6, linestyle=GUIDE, zorder=1, label=text))
    if reference is not None:
        height, text = reference
        artists.append(ax.axhline(height, color=INK, linewidth=0.8, linestyle=(0, (1, 1.2)), zorder=1, label=text))
    shown = heights if reference is None else np.append(heights, reference[0])
    fit_axis(ax, "y", shown if highest is None else shown[shown <= highest], below=0.06, above=0.06)
    ax.set_xlabel(label(results["mixing"]))
    ax.set_ylabel(upright(values))
    symbol, others = results[axis].attrs.get("symbol", axis), results[axis].to_numpy()
    changes = ["" if gain is None else f", {change(gain.sel({axis: value}).item())}" for value in others]
    names = [f"{symbol} = {number(value)}{text}" for value, text in zip(others, changes, strict=True)]
    if highest is None:
        artists.extend(name_ends(ax, list(heights[:, -1]), names, list(shades)))
    else:  # ends are out of sight
        for line, name in zip(artists[2:], names, strict=False):
            line.set_label(name)
    if highest is not None or best is not None or limit is not None or reference is not None:
        key(ax)
    return [*artists, *mark_edges(ax)]


def _best(gain: xr.DataArray | None) -> str:
    return "best, ξ*" if gain is None else f"best, ξ*; {gain.attrs['long_name']}"
