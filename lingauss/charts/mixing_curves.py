"""A cost or risk against the share of soft labels, also below 0 and beyond 1, one curve per value of another axis."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np

from lingauss.charts.house import CASING, GUIDE, INK, finite, fit_axis, label, name_ends, need, other_axis
from lingauss.numerals import number

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

    from lingauss.validation import Array

BELOW_LEGEND = 0.84  # share of the height
EXTRAPOLATION = "#F3F3F3"  # background where a share is below 0 or above 1


def mixing_curves(
    results: xr.Dataset,
    ax: Axes,
    *,
    quantity: str = "divergence",
    best: xr.DataArray | None = None,
    limit: float | None = None,
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

    Returns
    -------
    list of Artist
        The shades below 0 and beyond 1, one line per value, the markers, the vertical line, then the names.

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
        artists.extend(ax.plot(best, lowest, "o", color="white", markeredgecolor=INK, zorder=5, label="best, ξ*"))
    if limit is not None:
        text = f"no bias, ξ = {limit:.3g}"
        artists.append(
            ax.axvline(limit, color=INK, linewidth=0.6, linestyle=GUIDE, ymax=BELOW_LEGEND, zorder=1, label=text)
        )
    marked = best is not None or limit is not None
    fit_axis(ax, "y", heights, below=0.05, above=0.3 if marked else 0.05)
    ax.set_xlabel(label(results["mixing"]))
    ax.set_ylabel(label(values))
    symbol = results[axis].attrs.get("symbol", axis)
    names = [f"{symbol} = {number(value)}" for value in results[axis].to_numpy()]
    if best is not None and _closest(ax, lowest.to_numpy()) > _closest(ax, heights[:, -1]):
        for x, y, name in zip(best.to_numpy(), lowest.to_numpy(), names, strict=True):
            beside = ax.annotate(name, (x, y), (4, 2), textcoords="offset points", path_effects=CASING, zorder=6)
            artists.append(beside)
    else:
        artists.extend(name_ends(ax, list(heights[:, -1]), names))
    if marked:
        ax.legend(loc="upper left", ncols=2)
    return artists


def _closest(ax: Axes, heights: Array) -> float:
    """Return how close two heights come, in heights of the axes."""
    places = ax.transAxes.inverted().transform(ax.transData.transform([(0.0, height) for height in heights]))[:, 1]
    return float(np.min(np.diff(np.sort(places)), initial=1.0))
