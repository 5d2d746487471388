"""Where the student predicts better than its teacher, over student rank and one other design axis."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.colors import LogNorm

from lingauss.charts.house import CASING, INK, fit_axis, label, need, other_axis, plain_log_ticks

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
    need(results, ["student_rank", axis], risks, call)
    across, ranks = results[axis].to_numpy(), results["student_rank"].to_numpy()
    student, teacher = (results[name].transpose("student_rank", axis).to_numpy() for name in risks)
    multiple = student / teacher
    norm = LogNorm(float(multiple.min()), float(np.quantile(multiple, COLOURED)))
    image = ax.pcolormesh(across, ranks, multiple, norm=norm, shading="nearest", rasterized=True)
    levels = [0.1, 0.2, 0.5, 2.0, 5.0, 10.0, 20.0, 50.0]
    thin = ax.contour(across, ranks, multiple, levels=levels, colors="white", linewidths=0.35, alpha=0.7)
    artists: list[Artist] = [image, thin]
    fit_axis(ax, "x", results[axis])
    ax.set_xlabel(label(results[axis]))
    ax.set_ylabel(label(results["student_rank"]))
    equal = ax.contour(across, ranks, multiple, levels=[1.0], colors=INK, linewidths=1.2)
    equal.set_path_effects(CASING)
    artists.append(equal)
    handles = [ax.plot([], [], color=INK, linewidth=1.2, label="student as good as teacher")[0]]
    if best is not None:
        line = ax.plot(best, best["student_rank"], ":", color=INK, linewidth=1.2, path_effects=CASING)
        line[0].set_label("least risk at each rank")
        artists.extend(line)
        handles.extend(line)
    ax.legend(handles=handles, loc="lower left", frameon=True, framealpha=0.85, edgecolor="none", fancybox=False)
    if ax.figure is not None:
        bar = ax.figure.colorbar(image, ax=ax, pad=0.02, extend="max")
        bar.set_label("student's excess risk / teacher's")
        plain_log_ticks(bar.ax.yaxis, steps=(1.0, 2.0, 5.0))
        bar.outline.set_linewidth(0.4)
    return artists
