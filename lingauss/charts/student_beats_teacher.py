"""Where the student predicts better than its teacher, over student rank and one other design axis."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from lingauss.charts.house import CASING, GUIDE, INK, finite, key, need, other_axis
from lingauss.charts.log_map import log_map

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

DASHES = (GUIDE, (0, (1, 1.2)), (0, (6, 2, 1, 2)), (0, (8, 3)))  # of baselines, in their order
BEADS = 15
COLOURED = 0.97  # share of the map that the colours resolve


def student_beats_teacher(
    results: xr.Dataset,
    ax: Axes,
    *,
    best: xr.DataArray | None = None,
    baselines: Mapping[str, float | xr.DataArray] | None = None,
) -> list[Artist]:
    """Draw the student's excess risk as a multiple of the teacher's; a heavy line parts who wins.

    A teacher that is one noisy draw is easily beaten: pass what else the student is held against.

    Parameters
    ----------
    results : Dataset
        Over student_rank and one other axis, with student_excess_risk and teacher_excess_risk.
    ax : Axes
        Its figure gets a colour bar.
    best : DataArray, optional
        Values of the other axis over student_rank, drawn as a path.
    baselines : mapping of str to float or DataArray, optional
        At most four more excess risks, one for all designs or one per rank, such as those of ``case.baselines()``; a
        line each where the student is as good. The key says which are never reached.

    Returns
    -------
    list of Artist
        The map, thin contour lines, the line where both are equal and one per baseline that is reached, then the path.

    Raises
    ------
    MissingResultError
        If the results hold something else.
    """
    axis = other_axis(results, "student_rank", "mixing")
    risks = ("student_excess_risk", "teacher_excess_risk")
    call = f"case.sweep(student_rank=range(d + 1), {axis}=[…], quantities={risks})"
    results = need(results, ["student_rank", axis], risks, call)
    student, teacher = (results[name].transpose("student_rank", axis) for name in risks)
    multiple = (student / teacher).rename("student's risk / teacher's").assign_attrs(units="1")
    ranks, across = results["student_rank"], results[axis]
    shares: list[tuple[xr.DataArray, str, Any]] = [(multiple, "as good as its teacher's draw", "solid")]
    for (name, risk), dashes in zip((baselines or {}).items(), DASHES, strict=False):
        shares.append(((student / risk).transpose(*student.dims), f"as good as {name}", dashes))
    curves = [] if best is None else [(best, best["student_rank"])]
    artists: list[Artist] = [*log_map(ax, multiple, coloured=COLOURED, clear_of=curves, without=1.0)]
    handles = []
    for number, (share, text, dashes) in enumerate(shares):
        values = finite(share)
        reached = bool(np.nanmin(values) < 1.0 < np.nanmax(values))
        width = 1.4 if number == 0 else 0.9
        if reached or number == 0:
            lines = ax.contour(across, ranks, values, levels=[1.0], colors=INK, linewidths=width, linestyles=[dashes])
            lines.set_path_effects(CASING)
            artists.append(lines)
        never = "" if reached else " (always)" if np.nanmax(values) <= 1.0 else " (never)"
        handles += ax.plot([], [], color=INK, linewidth=width, linestyle=dashes, label=f"{text}{never}")
    if best is not None:
        line = ax.plot(best, best["student_rank"], ".", color="white", markeredgecolor=INK, markersize=4.0)
        line[0].set(markeredgewidth=0.5, markevery=max(1, best.size // BEADS), label="least risk at each rank")
        artists.extend(line)
        handles.extend(line)
    key(ax, handles)
    return artists
