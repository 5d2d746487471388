"""What the figures of the atlas share: curves of results, and the targets that lie on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lingauss.atlas.targets import Origin, Target
from lingauss.charts.house import GUIDE, INK, SOFT, count_axis, key, plain_log_ticks

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

COLOURS = ("#0072B2", "#D55E00", "#222222", "#E69F00", "#56B4E9", "#009E73", "#CC79A7")
DASHES: tuple[Any, ...] = ("-", (0, (5, 1.5)), (0, (1, 1)), (0, (5, 1, 1, 1)), "-", (0, (5, 1.5)), (0, (1, 1)))
GUIDES: tuple[Any, ...] = (GUIDE, (0, (1, 1.2)), (0, (6, 1, 1, 1)))
LEAST_PLAIN = 1e-4
FEW = 16  # points up to which each is marked


def curves(
    ax: Axes, arrays: Mapping[str, xr.DataArray], *, log: str = "", guides: Mapping[str, xr.DataArray] | None = None
) -> list[xr.DataArray]:
    """Draw arrays of one dimension as curves, and numbers as horizontal guides.

    Parameters
    ----------
    ax
    arrays
        By the name in the key; their dimension is the horizontal axis.
    log
        The axes that are logarithmic: "", "x", "y" or "xy".
    guides
        Numbers, by the name in the key.

    Returns
    -------
    list of DataArray
        The curves.
    """
    for (name, array), colour, dash in zip(arrays.items(), COLOURS, DASHES, strict=False):
        across = array[array.dims[0]]
        ax.plot(across, array, color=colour, linestyle=dash, marker="." if array.size <= FEW else "", label=name)
    for (name, value), dash in zip((guides or {}).items(), GUIDES, strict=False):
        ax.axhline(float(value), color=SOFT, linewidth=0.8, linestyle=dash, zorder=1, label=name)
    first = next(iter(arrays.values()))
    axis = first[first.dims[0]]
    ax.set_xlabel(axis.attrs["long_name"])
    ax.set_ylabel(first.attrs["long_name"])
    for which, part in (("x", ax.xaxis), ("y", ax.yaxis)):
        if which in log:
            ax.set(**{f"{which}scale": "log"})
            low, high = part.get_view_interval()
            if low >= LEAST_PLAIN:  # smaller numbers are read as powers of ten
                plain_log_ticks(part, steps=(1.0,) if high >= 100.0 * low else (1.0, 2.0, 5.0))
    if "x" not in log and np.issubdtype(axis.dtype, np.integer):
        count_axis(ax.xaxis)
    return list(arrays.values())


def mark(ax: Axes, drawn: Sequence[xr.DataArray], targets: Sequence[Target]) -> None:
    """Mark the targets that lie on curves: diamonds what is printed in the source, rings what is known otherwise."""
    places: dict[bool, list[tuple[float, float]]] = {True: [], False: []}
    for target in targets:
        for array in drawn:
            across = array.dims[0]
            fixed = {name: value for name, value in target.at.items() if name != across}
            here = {str(name): part.item() for name, part in array.coords.items() if not part.dims}
            if array.name == target.variable and across in target.at and fixed == here:
                places[target.origin is Origin.PRINTED].append((float(target.at[str(across)]), target.number))
    for printed, name, sign in ((True, "printed in the source", "D"), (False, "known otherwise", "o")):
        if places[printed]:
            x, y = zip(*places[printed], strict=True)
            ax.plot(x, y, sign, markersize=5.5, color="none", markeredgecolor=INK, zorder=5, label=name)


def finish(ax: Axes) -> None:
    """Explain the curves below the axes."""
    key(ax)
