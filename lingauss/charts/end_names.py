"""Names of curves beside their ends, apart from each other and joined to the curve that each belongs to."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.text import Annotation, Text
from matplotlib.transforms import Bbox, ScaledTranslation

from lingauss.charts.house import INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.backend_bases import RendererBase

NAME_HEIGHT = 8.5  # points between names
NAME_GAP = 8.0  # points between a curve's end and its name: room for a line that joins them


@dataclass(frozen=True)
class Ends:
    """Where curves end at the right-hand edge of axes, in data coordinates."""

    ax: Axes
    heights: tuple[float, ...]

    def places(self, number: int) -> tuple[float, float]:
        """Return the height of one end and that of its name, in heights of the axes."""
        ends = self.ax.transData.transform([(self.ax.get_xlim()[1], height) for height in self.heights])
        heights = self.ax.transAxes.inverted().transform(ends)[:, 1]
        within = np.clip(heights, 0.0, 1.0)
        places, order = within.copy(), np.argsort(heights, kind="stable")
        apart = NAME_HEIGHT * self.ax.figure.dpi / 72.0 / self.ax.bbox.height
        for below, above in itertools.pairwise(order):
            places[above] = max(places[above], places[below] + apart)
        places[order[-1]] = min(places[order[-1]], 1.0 - 0.5 * apart)  # below the title
        for above, below in itertools.pairwise(order[::-1]):
            places[below] = min(places[below], places[above] - apart)
        return float(within[number]), float(places[number])


class EndName(Annotation):
    """The name of a curve beside its end, moved away from its neighbours and joined to the end where it had to move.

    Places are found when the chart is drawn, because only then the height of the axes is known.
    """

    def __init__(self, ax: Axes, ends: Ends, number: int, name: str, colour: Any) -> None:
        self._ends, self._number = ends, number
        away = ScaledTranslation(NAME_GAP / 72.0, 0.0, ax.figure.dpi_scale_trans)
        super().__init__(
            name,
            (0.0, 0.0),
            (0.0, 0.0),
            xycoords=ax.transAxes,
            textcoords=ax.transAxes + away,
            ha="left",
            va="center",
            annotation_clip=False,
            arrowprops={
                "arrowstyle": "-",
                "linewidth": 0.5,
                "color": colour,
                "shrinkA": 1.0,
                "shrinkB": 1.0,
                "relpos": (0.0, 0.5),
            },
        )
        ax.add_artist(self)
        self.set_clip_on(False)

    def update_positions(self, renderer: RendererBase) -> None:
        """Find the place of the name beside those of its neighbours."""
        end, place = self._ends.places(self._number)
        self.xy, self.xyann = (1.0, end), (1.0, place)
        super().update_positions(renderer)

    def lettering(self, renderer: RendererBase) -> Bbox:
        """Return the extent of the letters, without the line that joins them to their curve."""
        self.update_positions(renderer)
        return Text.get_window_extent(self, renderer)

    def get_tightbbox(self, renderer: RendererBase | None = None) -> Bbox:
        """Return the extent, so that a layout makes room for it."""
        return self.get_window_extent(renderer)


def name_ends(
    ax: Axes,
    heights: Sequence[float],
    names: Sequence[str],
    colours: Sequence[Any] | None = None,
) -> list[EndName]:
    """Write names of curves beside their ends, moved apart where they would overlap and then joined to their ends.

    Parameters
    ----------
    ax
        With its final limits.
    heights
        Where the curves end, in data coordinates. A name whose curve ends outside the axes gets an arrow there.
    names, colours
        One per curve; lines are in ink by default. Curves without an end get no name.
    """
    every = zip(heights, names, [INK] * len(names) if colours is None else colours, strict=True)
    curves = [(float(height), name, colour) for height, name, colour in every if np.isfinite(height)]
    low, high = sorted(ax.get_ylim())
    ends = Ends(ax, tuple(height for height, *_ in curves))
    arrows = ["" if low <= height <= high else " ↑" if height > high else " ↓" for height in ends.heights]
    return [
        EndName(ax, ends, number, f"{name}{arrow}", colour)
        for number, ((_, name, colour), arrow) in enumerate(zip(curves, arrows, strict=True))
    ]
