"""Where the student predicts better than its teacher."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lingauss import charts
from lingauss.numerals import percent
from lingauss.reproduce.figures.base import Figure, settings
from lingauss.reproduce.findings import best_along, share
from lingauss.reproduce.studies import SHARES, Resolution, Study

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

FINE = 1201  # shares tried for the best one
SOURCE = "Both excess risks are exact at fixed design; they are derived in docs/theory.md §5.7."


def student_beats_teacher(study: Study, resolution: Resolution) -> Figure:
    """Return the ratio of excess risks over rank and share of soft labels."""
    results = study.case.sweep(
        student_rank=range(study.full_rank + 1),
        mixing=np.linspace(*SHARES, resolution.shares),
        quantities=("student_excess_risk", "teacher_excess_risk"),
    )
    fine = study.case.sweep(
        student_rank=range(1, study.full_rank + 1),
        mixing=np.linspace(*SHARES, FINE),
        quantities=("student_excess_risk",),
    )
    best = best_along(fine["student_excess_risk"], "mixing")

    def plot(ax: Axes) -> None:
        charts.student_beats_teacher(results, ax, best=best)

    multiple = results["student_excess_risk"] / results["teacher_excess_risk"]
    return Figure(
        title=f"{study.title}: where the student beats its teacher",
        results=results.assign(best_mixing=best),
        what=(
            "Excess risk of the student's predictor as a multiple of the teacher's, over student rank and share of "
            "soft labels; dotted, the best share at every rank. Shares below 0 subtract the teacher's labels."
        ),
        finding=_finding(multiple),
        why=_why(multiple, best),
        settings=settings(study, study.case, "student_rank", "mixing"),
        source=SOURCE,
        plot=plot,
    )


def _finding(multiple: xr.DataArray) -> str:
    least = float(multiple.min())
    if least >= 1.0:
        return "The student never beats its teacher here."
    at = multiple.stack(design=multiple.dims).idxmin("design").item()
    rank, mixing = (at[multiple.dims.index(name)] for name in ("student_rank", "mixing"))
    wins = (multiple < 1.0).any("mixing")
    first = int(multiple["student_rank"][wins.argmax("student_rank")])
    best = f"{percent(least)} of its risk at rank {rank}, ξ = {share(mixing)}"
    return f"From rank {first} on some students beat the teacher: {best}."


def _why(multiple: xr.DataArray, best: xr.DataArray) -> str:
    wins = float((multiple < 1.0).mean())
    return (
        f"The student wins on {percent(wins)} of the map. It is colder than its teacher and shrinks less, so that its "
        "own draws add less risk; soft labels correct its shrinkage at the price of their noise, which grows like ξ² "
        f"and decides against large shares. The best share goes from {share(float(best[0]))} at rank 1 to "
        f"{share(float(best[-1]))} at full rank."
    )
