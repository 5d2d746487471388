"""What every layer of a net costs at every rank, with the ranks of a plan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np

from lingauss.charts.end_names import name_ends
from lingauss.charts.house import INK, plain_log_ticks
from lingauss.errors import DomainError, MissingResultError

if TYPE_CHECKING:
    import numpy.typing as npt
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

SHOWN = 1e-6  # of the largest cost; below it a layer as good as vanishes


def layer_costs(
    costs: Mapping[str, npt.ArrayLike], ax: Axes, *, chosen: Mapping[str, int | None] | None = None
) -> list[Artist]:
    """Draw the least cost of every layer over its rank, both logarithmic.

    Parameters
    ----------
    costs : mapping of name to (m,)
        In nats per row at rank 0, 1, and so on, as in ``{name: layer.costs for name, layer in layers.items()}``.
    ax : Axes
    chosen : mapping of name to int or None, optional
        Ranks to mark, such as ``plan.ranks``; None marks none.

    Returns
    -------
    list of Artist
        A line per layer, a marker per marked rank, then the names.

    Raises
    ------
    MissingResultError, DomainError
        If there is no layer of at least rank 1, or no cost above 0.
    """
    curves = {name: np.asarray(values, dtype=float)[1:] for name, values in costs.items() if np.size(values) > 1}
    if not curves:
        raise MissingResultError(
            "costs by rank of at least one layer", "none", "Pass {name: layer.costs for name, layer in layers.items()}."
        )
    top = max(float(values.max()) for values in curves.values())
    if not top > 0.0:
        raise DomainError("a cost above 0 somewhere", f"{top:g} at most", "These layers cost nothing at any rank.")
    palette = mpl.colormaps["viridis"](np.linspace(0.0, 0.9, len(curves)))
    lines: list[Artist] = []
    marks: list[Artist] = []
    ends = []
    for colour, (name, values) in zip(palette, curves.items(), strict=True):
        shown = np.where(values > SHOWN * top, values, np.nan)
        lines.extend(ax.plot(np.arange(1, len(values) + 1), shown, color=colour, linewidth=1.0))
        ends.append(float(shown[np.isfinite(shown)][-1]) if np.isfinite(shown).any() else SHOWN * top)
        rank = (chosen or {}).get(name)
        if rank is not None:
            marks.extend(ax.plot([rank], [values[rank - 1]], "o", color=colour, markeredgecolor=INK, zorder=5))
    ax.set(xscale="log", yscale="log", xlim=(1, max(map(len, curves.values()))), ylim=(SHOWN * top, 2 * top))
    plain_log_ticks(ax.xaxis, steps=(1.0, 2.0, 5.0))
    ax.set_xlabel("rank of the layer")
    ax.set_ylabel("cost (nats per row)")
    return [*lines, *marks, *name_ends(ax, ends, list(curves), list(palette))]
