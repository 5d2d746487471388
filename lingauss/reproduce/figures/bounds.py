"""The student's exact generalisation gap and its bounds against the temperature of the soft labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lingauss import charts
from lingauss.gaps.curves import bound_curves
from lingauss.numerals import number, percent
from lingauss.reproduce.figures.base import Figure, settings
from lingauss.reproduce.findings import about
from lingauss.reproduce.studies import AVERAGED_DRAWS, TEMPERATURES, Resolution, Study

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

POINTS = 41
FAMILIES = ("variance proxy", "sharpness", "mutual information")
SOURCE = (
    "That a sub-Gaussian bound of this form holds is stated by Li and He (arXiv:2605.13143), as is the idea of a "
    "sharpness-aware one; the constants, exact here at fixed design, are derived in docs/theory.md §7."
)


def bounds_and_truth(study: Study, resolution: Resolution) -> Figure:
    """Return upper and lower bounds on the student's gap beside the exact gap, over temperature, at the middle rank."""
    rank = study.ranks[len(study.ranks) // 2]
    case = study.case.replace(draws=AVERAGED_DRAWS, student_rank=rank)
    temperatures = np.geomspace(*TEMPERATURES, min(POINTS, resolution.temperatures // 2))
    results = bound_curves(case, "temperature", temperatures)
    names = [name for name in results["bound"].to_numpy() if name.startswith(FAMILIES)]
    shown = results.sel(bound=names)

    def plot(ax: Axes) -> None:
        charts.bounds_and_truth(shown, ax, families=FAMILIES)

    what = (
        f"Exact generalisation gap of the student of rank {rank}, which soft-label noise leaves as it is, with upper "
        "and lower bounds on it: from the divergence (variance proxy, shaded), from the distance of student and "
        "teacher (sharpness), and from the information the student holds about the labels."
    )
    return Figure(
        title=f"{study.title}: bounds and truth",
        results=shown,
        what=what,
        finding=_finding(shown),
        why=_why(shown),
        settings=settings(study, case, "temperature"),
        source=SOURCE,
        plot=plot,
    )


def _finding(results: xr.Dataset) -> str:
    upper, gap = results["value"].sel(bound="variance proxy upper"), results["student_gap"]
    best = int(upper.argmin("temperature"))
    ratio, where = float(upper[best] / gap[best]), float(upper["temperature"][best])
    return f"The divergence's bound is closest at τ = {about(where)}: {number(ratio)} times the exact gap."


def _why(results: xr.Dataset) -> str:
    value = results["value"]
    proxy, information = value.sel(bound="variance proxy upper"), value.sel(bound="mutual information")
    if not bool(np.all(results["holds"])):
        raise AssertionError("a study at its training inputs, where every hypothesis holds")
    best = int(proxy.argmin("temperature"))
    edge = "" if 0 < best < proxy.size - 1 else ", at the edge of the range"
    share = float((information < proxy).mean("temperature"))
    return (
        f"Every hypothesis holds. The divergence's bound is tightest where the divergence is least{edge}. The "
        f"information bound is the tighter one over {percent(share)} of the temperatures: noisier soft labels tell the "
        "student less about the labels, while they drive it away from its teacher."
    )
