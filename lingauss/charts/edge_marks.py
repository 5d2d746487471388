"""Marks on the edge of the axes where what is drawn leaves them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from lingauss.validation import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

EDGE = 1e-6  # of the axes' width, by which something must leave them to be outside


def mark_edges(ax: Axes) -> list[Line2D]:
    """Mark with triangles on the edge of the axes where curves leave them, and points that lie outside.

    Parameters
    ----------
    ax
        With its final limits and everything drawn in data coordinates.
    """
    marks = []
    for line in list(ax.lines):
        points = np.asarray(line.get_xydata())
        if line.get_transform() != ax.transData or not len(points):
            continue
        with np.errstate(divide="ignore", invalid="ignore"):
            places = ax.transAxes.inverted().transform(ax.transData.transform(points))
        places = places[~np.isnan(places).any(axis=1)]
        joined = str(line.get_linestyle()) != "None"
        if not joined and not _outside(places).any():
            line.set_clip_on(False)  # whole marks on the edge
        for x, y in _left_at(places, line.get_drawstyle() == "steps-mid") if joined else places[_outside(places)]:
            colour = line.get_color() if joined else line.get_markeredgecolor()
            shape = "^" if y >= 1.0 else "v" if y <= 0.0 else ">" if x >= 1.0 else "<"
            marks += ax.plot(
                np.clip(x, 0.0, 1.0), np.clip(y, 0.0, 1.0), shape, color=colour, markersize=3.4, markeredgewidth=0.0,
                transform=ax.transAxes, clip_on=False, zorder=6, gid="edge", scalex=False, scaley=False,
            )  # fmt: skip
    return marks


def _outside(places: Array) -> npt.NDArray[np.bool_]:
    return np.asarray(((places < -EDGE) | (places > 1.0 + EDGE)).any(axis=1))


def _left_at(places: Array, steps: bool) -> list[Array]:
    """Return where a curve through places leaves the axes; one place outside if it never is inside."""
    out = _outside(places)
    if out.all():
        return [*places[-1:]]
    found = []
    for first in np.flatnonzero(out[1:] != out[:-1]).tolist():
        inside, outside = (places[first], places[first + 1]) if out[first + 1] else (places[first + 1], places[first])
        edge = np.clip(outside, 0.0, 1.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            shares = np.where(np.abs(outside - edge) > EDGE, (edge - inside) / (outside - inside), np.inf)
            side = int(np.argmin(shares))
            crossing = inside + shares[side] * (outside - inside)
        crossing[side] = edge[side]  # which rounding would miss
        if steps:  # upright halfway between the two
            crossing = np.array([0.5 * (inside[0] + outside[0]), edge[1]])
        found.append(crossing)
    return found
