"""A map in logarithmic colour with contour lines and a colour bar, as several charts draw one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from matplotlib.colors import LogNorm

from lingauss.charts.house import CASING, INK, count_axis, fit_axis, label, plain_log_ticks, positive, upright
from lingauss.validation import Array

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.collections import QuadMesh
    from matplotlib.contour import QuadContourSet

DECADES = 4.0  # resolved below the largest value that is
CLEAR = 0.08  # distance of a value on a contour line from curves, other values and the edge; in heights of the axes
WIDE = 0.5  # how much a distance across counts: values are wider than high
ENOUGH = 0.12  # distance beyond which more is no better
CLOSE = 4  # points per point of a curve that is kept clear


def log_map(
    ax: Axes,
    array: xr.DataArray,
    *,
    coloured: float,
    steps: tuple[float, ...] = (1.0, 2.0, 5.0),
    clear_of: Sequence[tuple[npt.ArrayLike, npt.ArrayLike]] = (),
    without: float | None = None,
) -> tuple[QuadMesh, QuadContourSet]:
    """Draw values over two axes, with axis labels, contour lines that bear their values, and a colour bar.

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
    clear_of : sequence of (x, y)
        Curves that the values on contour lines must not hide.
    without : float, optional
        A value whose contour line the caller draws.

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
    within = [level for level in levels if np.nanmin(shown) < level < np.nanmax(shown) and level != without]
    lines = ax.contour(across, up, shown, levels=within, colors="white", linewidths=0.35, alpha=0.7)
    fit_axis(ax, "x", across)
    half_cell = 0.5 / (up.size - 1) if up.name == "student_rank" else 0.0
    fit_axis(ax, "y", up, below=half_cell, above=half_cell)
    for name, axis in ((across.name, ax.xaxis), (up.name, ax.yaxis)):
        if name == "student_rank":
            count_axis(axis)
    _write_values(ax, lines, clear_of)
    ax.set_xlabel(label(across))
    ax.set_ylabel(upright(up))
    ends = {(True, True): "both", (True, False): "min", (False, True): "max", (False, False): "neither"}
    cut = ends[bool(np.nanmin(array) < bottom), bool(np.nanmax(values) > top)]
    bar = ax.figure.colorbar(image, ax=ax, pad=0.02, extend=cut)
    bar.set_label(label(array))
    plain_log_ticks(bar.ax.yaxis, steps=steps if top < 1000.0 * bottom else (1.0,))
    bar.outline.set_linewidth(0.4)
    return image, lines


def _write_values(ax: Axes, lines: QuadContourSet, clear_of: Sequence[tuple[npt.ArrayLike, npt.ArrayLike]]) -> None:
    """Write its value on each contour line, in a place inside the axes that is clear of curves and other values."""
    taken = [_places(ax, x, y) for x, y in clear_of]
    for level, path in zip(lines.levels, lines.get_paths(), strict=True):
        points = np.asarray(path.vertices)
        if not len(points):
            continue
        where = ax.transAxes.inverted().transform(ax.transData.transform(points))
        room = np.min((0.5 - np.abs(where - 0.5)) * (WIDE, 1.0), axis=1)
        for other in taken:
            away = np.linalg.norm((where[:, None] - other) * (WIDE, 1.0), axis=2)
            room = np.minimum(room, np.min(away, axis=1))
        best = int(np.argmax(np.minimum(room, ENOUGH)))
        if room[best] >= CLEAR:
            taken.append(where[best : best + 1])
            ax.text(
                points[best, 0],
                points[best, 1], f"{level:,.6g}", fontsize=6.0, color=INK, ha="center", va="center",
                path_effects=CASING, zorder=2.5,
            )  # fmt: skip


def _places(ax: Axes, x: npt.ArrayLike, y: npt.ArrayLike) -> Array:
    """Return points of a curve, close to each other, in widths and heights of the axes."""
    places = ax.transAxes.inverted().transform(ax.transData.transform(np.column_stack([x, y])))
    along = np.linspace(0.0, len(places) - 1.0, CLOSE * len(places))
    return np.column_stack([np.interp(along, np.arange(len(places)), column) for column in places.T])
