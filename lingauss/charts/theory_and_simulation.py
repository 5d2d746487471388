"""Exact costs as curves, simulated ones as points, and how many standard errors they are apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from lingauss.charts.edge_marks import mark_edges
from lingauss.charts.house import COST_COLOURS, COST_NAMES, INK, SOFT, count_axis, fit_axis, key, label, need
from lingauss.validation import Array

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

CURVES = {
    "bias": (COST_COLOURS["bias"], "o"),
    "variance": (COST_COLOURS["variance"], "s"),
    "rank_bottleneck": (SOFT, "^"),
}
OTHERS = ((INK, "D"), ("#009E73", "v"), ("#CC79A7", "P"))
BELOW, ROOM = 0.36, 0.08  # height of the lower panel and of the gap above it, as shares of the upper one
EXPECTED = 2.0  # standard errors within which 95 % of deviations lie if the closed forms are right
FARTHEST = 4.5  # standard errors that the lower panel shows
ROUNDING = 1e-9  # relative; what is simulated without scatter
SIDESTEP = 0.008  # of points that would hide each other, as a share of the axis


def theory_and_simulation(
    results: xr.Dataset, ax: Axes, *, quantities: Sequence[str] = ("bias", "variance", "rank_bottleneck")
) -> list[Artist]:
    """Draw exact and simulated quantities along one axis, and below them their differences in standard errors.

    Parameters
    ----------
    results : Dataset
        Over one axis, with every quantity, all in the same units, and its ``_simulated`` and ``_standard_error``.
    ax : Axes
        Gives up its lower part to a second panel.
    quantities : sequence of str
        At most six.

    Returns
    -------
    list of Artist
        Per quantity its curve, points, error bars and deviations; then the band of expected deviations.

    Raises
    ------
    MissingResultError
        If the results hold something else.
    """
    axis = str(next(iter(results.sizes), "student_rank"))
    wanted = [f"{name}{part}" for name in quantities for part in ("", "_simulated", "_standard_error")]
    call = f"simulated_sweep(case, {axis}=[…], quantities=({', '.join(map(repr, quantities))},))"
    results = need(results, [axis], wanted, call)
    below = _panel_below(ax)
    artists: list[Artist] = []
    spare = iter(OTHERS)
    x = results[axis].to_numpy()
    exact, found, errors = (
        np.array([results[f"{name}{part}"].to_numpy() for name in quantities])
        for part in ("", "_simulated", "_standard_error")
    )
    apart = _deviations(found - exact, errors, exact)
    for number, name in enumerate(quantities):
        colour, marker = CURVES[name] if name in CURVES else next(spare)
        artists.extend(ax.plot(x, exact[number], color=colour, linewidth=1.0))
        bars = ax.errorbar(
            x,
            found[number],
            errors[number],
            elinewidth=0.8,
        )
        beside = x + SIDESTEP * (x[-1] - x[0]) * (number - 0.5 * (len(quantities) - 1))
        points = [bars.lines[0], *below.plot(beside, apart[number], zorder=3)]
        for line in points:
            line.set(color=colour, marker=marker, linestyle="none", markersize=3.4)
            line.set(markeredgewidth=0.6, markeredgecolor=INK)
        for bar in bars.lines[2]:
            bar.set_color(colour)
        points[1].set_label(COST_NAMES.get(name, str(results[name].attrs.get("long_name", name))))
        artists.extend([*bars.get_children(), points[1]])
    artists.append(below.axhspan(-EXPECTED, EXPECTED, color=COST_COLOURS["rank_bottleneck"], linewidth=0, zorder=0))
    below.axhline(0.0, color=INK, linewidth=0.6, zorder=1)
    if axis == "student_rank":
        margin = 0.03 * float(x[-1] - x[0])
        ax.set_xlim(float(x[0]) - margin, float(x[-1]) + margin)
        count_axis(ax.xaxis)
    else:
        fit_axis(ax, "x", results[axis], below=0.03, above=0.03)
    fit_axis(ax, "y", np.concatenate([exact, found]), below=0.05, above=0.1)
    farthest = max(FARTHEST, float(np.abs(apart).max(where=np.isfinite(apart), initial=0.0)) + 0.5)
    below.set(ylim=(-farthest, farthest), yticks=[-4, -2, 0, 2, 4])
    artists.extend(mark_edges(below))
    ax.tick_params(labelbottom=False)
    ax.set_ylabel(f"cost ({results[quantities[0]].attrs.get('units', '1')})")
    below.set_xlabel(label(results[axis]))
    below.set_ylabel("deviation\n(std. errors)")
    key(below, ncols=3)
    return artists


def _deviations(difference: Array, errors: Array, exact: Array) -> Array:
    """Return differences in standard errors; where there is no scatter 0 up to rounding, infinity beyond."""
    scattered = errors > 0.0
    certain = np.where(np.abs(difference) <= ROUNDING * np.abs(exact), 0.0, np.copysign(np.inf, difference))
    return np.asarray(np.divide(difference, errors, out=certain, where=scattered))


def _panel_below(ax: Axes) -> Axes:
    """Return axes under the given ones, which share their horizontal axis and, in a grid of plots, their place."""
    place = ax.get_subplotspec()
    if place is None:
        return ax.inset_axes((0.0, -BELOW - ROOM, 1.0, BELOW), sharex=ax)
    rows = place.subgridspec(2, 1, height_ratios=(1.0, BELOW))
    ax.set_subplotspec(rows[0])
    return ax.figure.add_subplot(rows[1], sharex=ax)
