"""Divergence against risk of many designs, with those that no other design beats in rank, divergence and risk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from lingauss.charts.edge_marks import mark_edges
from lingauss.charts.house import INK, SOFT, count_axis, finite, fit_axis, key, label, need
from lingauss.numerals import number

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

MARKERS = ("D", "s", "^", "o", "v", "P")
DASHES = ("solid", (0, (4, 3)), (0, (1, 1.2)))
OBJECTIVES = ("divergence", "student_excess_risk")


def pareto_front(
    results: xr.Dataset,
    ax: Axes,
    *,
    front: xr.DataArray,
    named: Mapping[str, xr.Dataset] | None = None,
    references: Mapping[str, float] | None = None,
) -> list[Artist]:
    """Draw every design by its excess risk and its divergence; the front in colour by rank, the others small.

    Parameters
    ----------
    results : Dataset
        Over student_rank and any other axes, with divergence and student_excess_risk.
    ax : Axes
        Its figure gets a colour bar.
    front : DataArray of bool
        Over the same axes: whether a design is on the front, as returned by ``lingauss.pareto_front``.
    named : mapping of str to Dataset, optional
        At most six designs out of the results, such as ``results.isel(student_rank=8, mixing=3)``; marked, and told
        with their settings in the key.
    references : mapping of str to float, optional
        At most three excess risks, such as the teacher's, each marked by a vertical line.

    Returns
    -------
    list of Artist
        Points of the designs that are beaten, points of the front, named designs, then the vertical lines.

    Raises
    ------
    MissingResultError
        If the results hold something else.
    """
    axes = [str(name) for name in results.dims]
    swept = ", ".join(f"{name}=[…]" for name in dict.fromkeys(["student_rank", *axes]))
    results = need(
        results,
        list(dict.fromkeys(["student_rank", *axes])),
        OBJECTIVES,
        f"case.sweep({swept}, quantities={OBJECTIVES})",
    )
    order = ["student_rank", *(name for name in axes if name != "student_rank")]
    divergence, risk = (finite(results[name].transpose(*order)).ravel() for name in OBJECTIVES)
    chosen = front.reindex_like(results).transpose(*order).to_numpy().ravel() & np.isfinite(divergence)
    ranks = np.broadcast_to(
        results["student_rank"].to_numpy().reshape((-1,) + (1,) * (len(order) - 1)),
        [results.sizes[name] for name in order],
    ).ravel()
    artists: list[Artist] = [
        ax.scatter(risk[~chosen], divergence[~chosen], s=1.5, color="#C9C9C9", linewidths=0.0, rasterized=True),
    ]
    points = ax.scatter(
        risk[chosen], divergence[chosen], c=ranks[chosen], s=5.0, linewidths=0.0, zorder=3, rasterized=True
    )
    artists.append(points)
    fit_axis(ax, "x", [*risk, *(references or {}).values()], below=0.05, above=0.05)
    fit_axis(ax, "y", divergence, below=0.05, above=0.05)
    for (name, design), marker in zip((named or {}).items(), MARKERS, strict=False):
        told = [
            (design[axis].attrs.get("symbol", axis), number(design[axis].item()).replace("-", "−")) for axis in order
        ]
        settings = ", ".join(f"{symbol} = {value}" for symbol, value in told)
        place = [[design[quantity].item()] for quantity in reversed(OBJECTIVES)]
        artists.extend(ax.plot(*place, marker, color="white", markersize=5.0, markeredgecolor=INK, zorder=5))
        artists[-1].set(linestyle="none", label=f"{name}: {settings}")
    for (name, value), dashes in zip((references or {}).items(), DASHES, strict=False):
        artists.append(ax.axvline(value, color=SOFT, linewidth=0.8, linestyle=dashes, zorder=1, label=name))
    ax.set_xlabel(label(results["student_excess_risk"]))
    ax.set_ylabel(label(results["divergence"]))
    bar = ax.figure.colorbar(points, ax=ax, pad=0.02)
    bar.set_label(label(results["student_rank"]))
    bar.outline.set_linewidth(0.4)
    count_axis(bar.ax.yaxis)
    if named or references:
        key(ax, artists[2:])
    return [*artists, *mark_edges(ax)]
