"""Two ledgers of one design beside each other: of the process, and of the weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.lines import Line2D

from lingauss.charts.edge_marks import mark_edges
from lingauss.charts.house import (
    COST_COLOURS,
    GUIDE,
    INK,
    SOFT,
    count_axis,
    fit_axis,
    key,
    label,
    need,
    plain_log_ticks,
    positive,
)

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

# A grey that is read as a line; the areas of other charts are lighter.
COLOURS = {"total": INK, **COST_COLOURS, "rank_bottleneck": SOFT, "training": "#009E73"}
NAMES = {"total": "total", "bias": "bias", "variance": "variance", "rank_bottleneck": "rank bottleneck"}
WEIGHTS = {"total": "divergence", "bias": "bias", "variance": "variance", "rank_bottleneck": "rank_bottleneck"}
MOST_DECADES = 4.0  # below the largest total; what costs less leaves the axes


def process_and_weights(
    results: xr.Dataset, ax: Axes, *, best_process: float | None = None, best_weights: float | None = None
) -> list[Artist]:
    """Draw total and costs of the process (solid) and of the weights (dashed) along one axis, in the same colours.

    Parameters
    ----------
    results : Dataset
        Over one axis, with process_total, process_bias, process_variance, process_rank_bottleneck and
        process_training, and divergence, bias, variance and rank_bottleneck, in nats.
    ax : Axes
    best_process, best_weights : float, optional
        Points of the axis at which the totals are least, to mark.

    Returns
    -------
    list of Artist
        Lines of the process, then of the weights, then the marks.

    Raises
    ------
    MissingResultError
        If the results hold something else.
    """
    axis = next(map(str, results.dims), "student_rank")
    costs = ("total", "bias", "variance", "rank_bottleneck", "training")
    names = [*(f"process_{cost}" for cost in costs), *WEIGHTS.values()]
    call = f"case.sweep({axis}=[…], quantities=({', '.join(map(repr, names))}))"
    results = need(results, [axis], names, call)
    x = results[axis].to_numpy()
    trained = bool((results["process_training"] > 0.0).any())
    ledgers = (
        ({cost: f"process_{cost}" for cost in costs if cost != "training" or trained}, "solid", best_process, INK),
        (WEIGHTS, GUIDE, best_weights, "white"),
    )
    artists: list[Artist] = []
    marks: list[Artist] = []
    for quantities, dash, best, face in ledgers:
        for cost, name in quantities.items():
            if not (results[name] > 0.0).any():
                continue
            width = 1.6 if cost == "total" else 1.0
            artists.extend(ax.plot(x, positive(results[name]), color=COLOURS[cost], linestyle=dash, linewidth=width))
        if best is not None:
            height = float(results[quantities["total"]].sel({axis: best}))
            marks.extend(ax.plot([best], [height], "o", color=face, markeredgecolor=INK, zorder=5))
    fit_axis(ax, "x", results[axis]) if axis != "student_rank" else count_axis(ax.xaxis)
    top = max(float(np.nanmax(positive(results[total]))) for total in ("process_total", "divergence"))
    ax.set(yscale="log", xlim=(x[0], x[-1]))
    low, high = ax.get_ylim()
    ax.set_ylim(max(low, top / 10.0**MOST_DECADES), high)
    ax.set_xlabel(label(results[axis]))
    ax.set_ylabel("cost (nats)")
    plain_log_ticks(ax.yaxis)
    key(ax, _legend(trained, marks))
    return [*artists, *marks, *mark_edges(ax)]


def _legend(trained: bool, marks: list[Artist]) -> list[Artist]:
    """Return what colours, dashes and marks stand for."""
    named = NAMES | ({"training": "training"} if trained else {})
    handles: list[Artist] = [Line2D([], [], color=COLOURS[cost], label=name) for cost, name in named.items()]
    handles.append(Line2D([], [], color=SOFT, label="of the process"))
    handles.append(Line2D([], [], color=SOFT, linestyle=GUIDE, label="of the weights"))
    if marks:
        handles.append(Line2D([], [], color=INK, marker="o", linestyle="none", label="least total"))
    return handles
