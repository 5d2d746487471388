"""Which of the three costs is the largest, over student rank and one other design axis."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.colors import ListedColormap
from matplotlib.patches import Patch
from scipy.ndimage import distance_transform_edt
from scipy.ndimage import label as parts_of

from lingauss.charts.house import (
    CASING,
    COST_COLOURS,
    COST_NAMES,
    INK,
    count_axis,
    fit_axis,
    key,
    label,
    need,
    other_axis,
)

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

    from lingauss.validation import Array

COSTS = tuple(COST_COLOURS)
ROOM_FOR_NAME = 0.065  # smallest distance of a name in a region from the region's edge, in widths of the axes


def dominance_map(results: xr.Dataset, ax: Axes, *, best: xr.DataArray | None = None) -> list[Artist]:
    """Draw which cost is the largest: one colour per cost, its name in each of its regions that has room.

    Parameters
    ----------
    results : Dataset
        Over student_rank and one other axis, with bias, variance and rank_bottleneck in nats.
    ax : Axes
    best : DataArray, optional
        Ranks over the other axis, drawn as a path.

    Returns
    -------
    list of Artist
        The map, the names of the regions, then the path if there is one.

    Raises
    ------
    MissingResultError
        If the results hold something else.
    """
    axis = other_axis(results, "student_rank", "temperature")
    call = f"case.sweep(student_rank=range(d + 1), {axis}=[…], quantities=('bias', 'variance', 'rank_bottleneck'))"
    results = need(results, ["student_rank", axis], COSTS, call)
    across, ranks = results[axis].to_numpy(), results["student_rank"].to_numpy()
    costs = np.stack([results[name].transpose("student_rank", axis).to_numpy() for name in COSTS])
    largest = np.argmax(costs, axis=0)
    colours = ListedColormap(list(COST_COLOURS.values()))
    image = ax.pcolormesh(across, ranks, largest, cmap=colours, vmin=-0.5, vmax=2.5, shading="nearest", rasterized=True)
    artists: list[Artist] = [image]
    fit_axis(ax, "x", results[axis])
    count_axis(ax.yaxis)
    ax.set_xlabel(label(results[axis]))
    ax.set_ylabel(label(results["student_rank"]))
    path = None if best is None else best.sel({axis: across}).to_numpy()
    unnamed = []
    for number, name in enumerate(COSTS):
        regions, count = parts_of(largest == number)
        for part in range(1, count + 1):
            region = regions == part
            if path is not None:  # names keep clear of the path
                region = region & (ranks[:, None] != path)
            room, row, column = _widest_place(region)
            if room >= ROOM_FOR_NAME:
                where = (across[column], ranks[row])
                artists.append(ax.text(*where, COST_NAMES[name], ha="center", va="center", path_effects=CASING))
            elif name not in unnamed:
                unnamed.append(name)
    if path is not None:
        artists.extend(ax.step(across, path, where="mid", color=INK, path_effects=CASING, label="best rank"))
    handles: list[Artist] = [Patch(facecolor=COST_COLOURS[name], label=COST_NAMES[name]) for name in unnamed]
    handles += artists[-1:] if path is not None else []
    if handles:
        key(ax, handles, ncols=len(handles))
    return artists


def _widest_place(region: Array) -> tuple[float, int, int]:
    """Return the point farthest from a region's edge, and how far that is, in widths of the map."""
    height, width = region.shape
    framed = np.pad(region, 1)
    distance = distance_transform_edt(framed, sampling=(1.0 / height, 0.5 / width))[1:-1, 1:-1]
    row, column = np.unravel_index(np.argmax(distance), region.shape)
    return float(distance[row, column]), int(row), int(column)
