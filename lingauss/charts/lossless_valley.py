"""The divergence over share of soft labels and student's penalty: a valley whose bottom is the lossless family."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.colors import LogNorm

from lingauss.charts.house import CASING, GUIDE, INK, fit_axis, label, need, plain_log_ticks

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

DECADES = 4  # resolved below the largest divergence
COLOURED = 0.97  # share of the map that the colours resolve at the upper end


def lossless_valley(results: xr.Dataset, ax: Axes, *, family: xr.DataArray | None = None) -> list[Artist]:
    """Draw the divergence as a map in logarithmic colour, share of soft labels across and student's penalty upwards.

    Parameters
    ----------
    results : Dataset
        Over mixing and student_penalty, with divergence in nats; 0 is legal.
    ax : Axes
        Its figure gets a colour bar.
    family : DataArray, optional
        Penalties over mixing where the divergence is 0, drawn as a path.

    Returns
    -------
    list of Artist
        The map, its contour lines at powers of ten, then the path if there is one.

    Raises
    ------
    MissingResultError
        If the results hold something else.
    """
    need(results, ["mixing", "student_penalty"], ["divergence"], "case.sweep(mixing=[…], student_penalty=[…])")
    divergence = results["divergence"].transpose("student_penalty", "mixing")
    shares, penalties = results["mixing"].to_numpy(), results["student_penalty"].to_numpy()
    values = divergence.to_numpy()
    top = float(np.quantile(values, COLOURED))
    bottom = top / 10.0**DECADES
    norm = LogNorm(bottom, top)
    shown = np.maximum(values, bottom)  # a logarithm has no colour for 0
    image = ax.pcolormesh(shares, penalties, shown, norm=norm, shading="nearest", rasterized=True)
    levels = 10.0 ** np.arange(np.ceil(np.log10(bottom)) + 1, np.floor(np.log10(top)) + 1)
    lines = ax.contour(shares, penalties, shown, levels=levels, colors="white", linewidths=0.35, alpha=0.7)
    artists: list[Artist] = [image, lines]
    fit_axis(ax, "x", results["mixing"])
    fit_axis(ax, "y", penalties)
    ax.set_xlabel(label(results["mixing"]))
    ax.set_ylabel(label(results["student_penalty"], lines=2))
    if family is not None:
        path = ax.plot(family["mixing"], family, color=INK, linewidth=0.9, linestyle=GUIDE, path_effects=CASING)
        path[0].set_label("lossless family")
        artists.extend(path)
        ax.legend(loc="lower left", frameon=True, framealpha=0.85, edgecolor="none", fancybox=False)
    if ax.figure is not None:
        bar = ax.figure.colorbar(image, ax=ax, pad=0.02, extend="both")
        bar.set_label(label(divergence))
        plain_log_ticks(bar.ax.yaxis)
        bar.outline.set_linewidth(0.4)
    return artists
