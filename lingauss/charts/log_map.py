"""A map in logarithmic colour with contour lines and a colour bar, as several charts draw one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.colors import LogNorm

from lingauss.charts.house import fit_axis, label, plain_log_ticks, positive

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.collections import QuadMesh
    from matplotlib.contour import QuadContourSet

DECADES = 4.0  # resolved below the largest value that is
LONG = 36  # characters of a vertical label that fit beside a chart of one column


def log_map(
    ax: Axes, array: xr.DataArray, *, coloured: float, steps: tuple[float, ...] = (1.0, 2.0, 5.0)
) -> tuple[QuadMesh, QuadContourSet]:
    """Draw values over two axes, with axis labels, contour lines and a colour bar beside the axes.

    Infinite values are left white. Values below the range of the colours, 0 among them, have its last colour.

    Parameters
    ----------
    ax : Axes
    array : DataArray
        Vertical axis first.
    coloured : float
        Share of the map whose values the colours resolve at the upper end.
    steps : tuple of float
        Contour lines and ticks stand at these multiples of powers of ten.

    Raises
    ------
    NotFiniteError, DomainError
        If no value can be drawn.
    """
    up, across = (array[name] for name in array.dims)
    values = positive(array)
    low, top = float(np.nanmin(values)), float(np.nanquantile(values, coloured))
    bottom = max(low, top / 10.0**DECADES)
    shown = np.where(np.isinf(array), np.nan, np.maximum(array.to_numpy(), bottom))
    norm = LogNorm(bottom, top if top > bottom else 1.01 * bottom)
    image = ax.pcolormesh(across, up, np.ma.masked_invalid(shown), norm=norm, shading="nearest", rasterized=True)
    exponents = range(int(np.floor(np.log10(bottom))), int(np.ceil(np.log10(np.nanmax(values)))) + 1)
    levels = [step * 10.0**exponent for exponent in exponents for step in steps]
    within = [level for level in levels if np.nanmin(shown) < level < np.nanmax(shown)]
    lines = ax.contour(across, up, shown, levels=within, colors="white", linewidths=0.35, alpha=0.7)
    fit_axis(ax, "x", across)
    half_cell = 0.5 / (up.size - 1) if up.name == "student_rank" else 0.0
    fit_axis(ax, "y", up, below=half_cell, above=half_cell)
    ax.set_xlabel(label(across))
    ax.set_ylabel(label(up, lines=2 if len(label(up)) > LONG else 1))
    if ax.figure is not None:
        ends = {(True, True): "both", (True, False): "min", (False, True): "max", (False, False): "neither"}
        cut = ends[bool(np.nanmin(array) < bottom), bool(np.nanmax(values) > top)]
        bar = ax.figure.colorbar(image, ax=ax, pad=0.02, extend=cut)
        bar.set_label(label(array))
        plain_log_ticks(bar.ax.yaxis, steps=steps if top < 1000.0 * bottom else (1.0,))
        bar.outline.set_linewidth(0.4)
    return image, lines
