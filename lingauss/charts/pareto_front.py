"""Divergence against risk of many designs, with those that no other design beats in rank, divergence and risk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lingauss.charts.house import SOFT, finite, fit_axis, label, need

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

OBJECTIVES = ("divergence", "student_excess_risk")


def pareto_front(results: xr.Dataset, ax: Axes, *, front: xr.DataArray, teacher: float | None = None) -> list[Artist]:
    """Draw every design by its excess risk and its divergence; the front in colour by rank, the others small.

    Parameters
    ----------
    results : Dataset
        Over student_rank and any other axes, with divergence and student_excess_risk.
    ax : Axes
        Its figure gets a colour bar.
    front : DataArray of bool
        Over the same axes: whether a design is on the front, as returned by ``lingauss.pareto_front``.
    teacher : float, optional
        The teacher's excess risk, marked by a vertical line.

    Returns
    -------
    list of Artist
        Points of the designs that are beaten, points of the front, then the vertical line if there is one.

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
    fit_axis(ax, "x", [*risk[chosen], *([teacher] if teacher is not None else [])], below=0.05, above=0.05)
    fit_axis(ax, "y", divergence[chosen], below=0.05, above=0.05)
    if teacher is not None:
        artists.append(ax.axvline(teacher, color=SOFT, linewidth=0.8, zorder=1, label="teacher"))
    ax.set_xlabel(label(results["student_excess_risk"]))
    ax.set_ylabel(label(results["divergence"]))
    if ax.figure is not None:
        bar = ax.figure.colorbar(points, ax=ax, pad=0.02)
        bar.set_label(label(results["student_rank"]))
        bar.outline.set_linewidth(0.4)
    if teacher is not None:
        ax.legend(loc="lower right")
    return artists
