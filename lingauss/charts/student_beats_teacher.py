"""Where the student predicts better than its teacher, over student rank and one other design axis."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lingauss.charts.house import CASING, INK, finite, need, other_axis
from lingauss.charts.log_map import log_map

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

COLOURED = 0.97  # share of the map that the colours resolve


def student_beats_teacher(results: xr.Dataset, ax: Axes, *, best: xr.DataArray | None = None) -> list[Artist]:
    """Draw the student's excess risk as a multiple of the teacher's; a heavy line parts who wins.

    Parameters
    ----------
    results : Dataset
        Over student_rank and one other axis, with student_excess_risk and teacher_excess_risk.
    ax : Axes
        Its figure gets a colour bar.
    best : DataArray, optional
        Values of the other axis over student_rank, drawn as a path.

    Returns
    -------
    list of Artist
        The map, thin contour lines, the line where both are equal, then the path if there is one.

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
    multiple = (student / teacher).rename("student's excess risk / teacher's").assign_attrs(units="1")
    artists: list[Artist] = [*log_map(ax, multiple, coloured=COLOURED)]
    ranks = results["student_rank"]
    equal = ax.contour(results[axis], ranks, finite(multiple), levels=[1.0], colors=INK, linewidths=1.2)
    equal.set_path_effects(CASING)
    artists.append(equal)
    handles = [ax.plot([], [], color=INK, linewidth=1.2, label="student as good as teacher")[0]]
    if best is not None:
        line = ax.plot(best, best["student_rank"], ":", color=INK, linewidth=1.2, path_effects=CASING)
        line[0].set_label("least risk at each rank")
        artists.extend(line)
        handles.extend(line)
    ax.legend(handles=handles, loc="lower left", frameon=True, framealpha=0.85, edgecolor="none", fancybox=False)
    return artists
