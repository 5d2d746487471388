"""Where the sharpness-aware bound is tighter than the one through the divergence, along one design axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from lingauss.charts.edge_marks import mark_edges
from lingauss.charts.house import (
    COST_COLOURS,
    INK,
    count_axis,
    fit_axis,
    key,
    label,
    need,
)
from lingauss.numerals import number

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

    from lingauss.validation import Array

RIVALS = {"variance proxy": "sub-Gaussian", "Chernoff": "Chernoff"}
Dash = Literal["solid"] | tuple[float, tuple[float, ...]]
DASHES: Sequence[Dash] = ("solid", (0, (6, 2)), (0, (1, 1.2)), (0, (6, 2, 1, 2)))
ROOM = 1.05  # up to the top, of the highest curve


@dataclass(frozen=True)
class Crossing:
    """Where a student is as far from its teacher as the radius within which the sharpness-aware bound is tighter.

    Attributes
    ----------
    at : float
        On the axis, between two of its points.
    radius : float
        ϱ = ϱ₀ there, in units of the weights.
    """

    at: float
    radius: float


def tightness_regime(results: xr.Dataset, ax: Axes) -> list[Artist]:
    """Draw how far the student's gap can be from its teacher's, above or below, by two bounds, and how far it is.

    In widths of the bound through the divergence, whose own upper side is at 1. It is shaded where the sharpness-aware
    one is strictly tighter, that is where the student is within the radius ϱ₀ of its teacher; rings mark where it is as
    far as that.

    Parameters
    ----------
    results : Dataset
        As returned by ``lingauss.bound_curves`` over one axis; several of them may be joined along a dimension of the
        name of another axis, such as ``teacher_penalty``, and are then drawn beside each other.
    ax : Axes

    Returns
    -------
    list of Artist
        The bound through the divergence; for each of the joined the shade, the lower width of that bound where it is
        another, the width of the sharpness-aware bound and the exact distance; then the rings.

    Raises
    ------
    MissingResultError
        If the results hold something else.
    """
    held = results["radius"].dims if "radius" in results else ()
    axis = next((str(name) for name in held[::-1]), "temperature")
    beside = next((str(name) for name in results.dims if name not in ("bound", axis)), None)
    dims = ["bound", axis, *([] if beside is None else [beside])]
    call = f"lingauss.bound_curves(case, {axis!r}, […])"
    needed = ["value", "holds", "teacher_gap", "student_gap", "distance", "radius"]
    results = need(results, dims, needed, call, single=["bound", *dims[2:]])
    x = results[axis].to_numpy()
    rival = _rival(results)
    drawn: list[Artist] = [ax.axhline(1.0, color=COST_COLOURS["bias"], zorder=1.9)]
    rings: list[Artist] = []
    for place in range(1 if beside is None else results.sizes[beside]):
        one = results if beside is None else results.isel({beside: place})
        drawn.extend(_one(ax, x, one, rival, DASHES[place % len(DASHES)]))
        for crossing in crossings(one):
            rings.extend(ax.plot([crossing.at], [1.0], "o", color="white", markeredgecolor=INK, zorder=5))
    fit_axis(ax, "x", results[axis]) if axis != "student_rank" else count_axis(ax.xaxis)
    ax.set(xlim=(x[0], x[-1]), ylim=(0.0, ROOM * ax.dataLim.y1))
    ax.set_xlabel(label(results[axis]))
    ax.set_ylabel(f"distance of the gaps\n({RIVALS[rival]} bound = 1)")
    key(ax, _legend(results, rival, beside, bool(rings)))
    return [*drawn, *rings, *mark_edges(ax)]


def crossings(results: xr.Dataset) -> list[Crossing]:
    """Return where ϱ = ϱ₀ between the points of one curve, interpolated in logarithms."""
    axis = str(results["radius"].dims[-1])
    x = results[axis].to_numpy().astype(float)
    ratio = results["distance"].to_numpy() / results["radius"].to_numpy()
    radius = results["radius"].to_numpy()
    found = []
    for i in np.flatnonzero((ratio[1:] < 1.0) != (ratio[:-1] < 1.0)).tolist():
        share = float(np.log(ratio[i]) / (np.log(ratio[i]) - np.log(ratio[i + 1])))
        found.append(Crossing(*(_between(values[i], values[i + 1], share) for values in (x, radius))))
    return found


def _between(low: float, high: float, share: float) -> float:
    """Return the point at a share of the way, in logarithms where both ends have one."""
    if low > 0.0 and high > 0.0:
        return float(low * (high / low) ** share)
    return float(low + share * (high - low))


def _rival(results: xr.Dataset) -> str:
    """Return the bound through the divergence: the first that is there and whose hypothesis holds everywhere."""
    there = set(results["bound"].to_numpy().tolist())
    proxy = "variance proxy upper"
    return "variance proxy" if proxy in there and bool(results["holds"].sel(bound=proxy).all()) else "Chernoff"


def _one(ax: Axes, x: Array, results: xr.Dataset, rival: str, dash: Dash) -> list[Artist]:
    """Draw the curves of one design along the axis, in widths of the rival's upper side."""
    teacher, value = results["teacher_gap"], results["value"]
    unit = (value.sel(bound=f"{rival} upper") - teacher).to_numpy()
    others = value.sel(bound="sharpness upper"), value.sel(bound=f"{rival} lower"), results["student_gap"]
    with np.errstate(invalid="ignore"):  # of a bound of no width or of none that is finite
        sharp, below, exact = (np.abs((what - teacher).to_numpy()) / unit for what in others)
    shade = COST_COLOURS["rank_bottleneck"]
    artists: list[Artist] = [
        ax.fill_between(x, sharp, 1.0, where=sharp < 1.0, interpolate=True, color=shade, linewidth=0.0)
    ]
    if np.any(np.abs(below - 1.0) > 1e-6):
        artists.extend(ax.plot(x, below, color=COST_COLOURS["bias"], linestyle=dash, linewidth=0.8))
    artists.extend(ax.plot(x, sharp, color=COST_COLOURS["variance"], linestyle=dash))
    artists.extend(ax.plot(x, exact, color=INK, linestyle=dash))
    return artists


def _legend(results: xr.Dataset, rival: str, beside: str | None, rings: bool) -> list[Artist]:
    """Return what the colours, the dashes, the shade and the rings stand for."""
    words = (RIVALS[rival], COST_COLOURS["bias"]), ("sharpness-aware", COST_COLOURS["variance"]), ("exact", INK)
    handles: list[Artist] = [Line2D([], [], color=colour, label=text) for text, colour in words]
    if beside is not None:
        symbol = results[beside].attrs.get("symbol", beside)
        handles.extend(
            Line2D([], [], color=INK, linestyle=dash, linewidth=0.8, label=f"{symbol} = {number(value)}")
            for value, dash in zip(results[beside].to_numpy().tolist(), DASHES, strict=False)
        )
    handles.append(Patch(facecolor=COST_COLOURS["rank_bottleneck"], label="sharpness is tighter"))
    if rings:
        handles.append(Line2D([], [], color="white", markeredgecolor=INK, marker="o", linestyle="none", label="ϱ = ϱ₀"))
    return handles
