"""Where the student predicts better than its teacher."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lingauss import charts
from lingauss.numerals import number, percent
from lingauss.reproduce.figures.base import Figure, settings
from lingauss.reproduce.findings import best_along, share
from lingauss.reproduce.studies import SHARES, Resolution, Study
from lingauss.sweep.baselines import Baselines

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

TUNED = "a tuned teacher, λ = {}"
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
    baselines = study.case.baselines()
    others = {
        "its teacher's mean predictions": baselines.mean_teacher,
        TUNED.format(number(baselines.tuned_penalty)): baselines.tuned_teacher,
    }

    def plot(ax: Axes) -> None:
        charts.student_beats_teacher(results, ax, best=best, baselines=others)

    return Figure(
        title=f"{study.title}: where the student beats its teacher",
        results=results.assign(best_mixing=best),
        what=(
            "Excess risk of the student's predictor as a multiple of the teacher's, over student rank and share of "
            "soft labels, the teacher being one draw of its posterior. Lines part who wins against that draw, against "
            "the teacher's mean predictions and against ridge at its best penalty; beads, the best share by rank. "
            "At ξ = 0 the student learns from hard labels alone; shares below 0 subtract the teacher's labels."
        ),
        finding=_finding(fine, baselines),
        why=_why(results, fine, best, baselines),
        settings=settings(study, study.case, "student_rank", "mixing"),
        source=SOURCE,
        plot=plot,
    )


def _finding(fine: xr.Dataset, baselines: Baselines) -> str:
    """Return by how much the best student wins or loses, against its teacher and what owes nothing to distillation."""
    risk = fine["student_excess_risk"]
    least = float(risk.min())
    rank, mixing = (risk.where(risk == least, drop=True)[name][0].item() for name in ("student_rank", "mixing"))
    hard = float(risk.sel(student_rank=rank).sel(mixing=0.0, method="nearest"))
    of_draw, of_mean, of_tuned = (
        percent(least / other) for other in (baselines.teacher, baselines.mean_teacher, baselines.tuned_teacher)
    )
    return (
        f"Best student (rank {rank}, ξ = {share(mixing)}): {of_draw} of the risk of its teacher's draw "
        f"({percent(hard / baselines.teacher)} on hard labels alone), {of_mean} of its mean predictions', {of_tuned} "
        "of a tuned teacher's."
    )


def _why(results: xr.Dataset, fine: xr.Dataset, best: xr.DataArray, baselines: Baselines) -> str:
    risk = results["student_excess_risk"]
    draw, mean, tuned = (
        percent(float((risk < other).mean()))
        for other in (baselines.teacher, baselines.mean_teacher, baselines.tuned_teacher)
    )
    hard = fine["student_excess_risk"].sel(mixing=0.0, method="nearest")
    gained = 1.0 - fine["student_excess_risk"].min("mixing") / hard
    most = int(gained.idxmax("student_rank"))
    return (
        f"The student wins on {draw} of the map against its teacher's draw, on {mean} against the mean predictions and "
        f"on {tuned} against a tuned teacher. It is colder than its teacher and shrinks less; both can be had without "
        f"one. What soft labels add at the same rank and penalty is at most {percent(float(gained.max()))} (rank "
        f"{most}): they correct the student's shrinkage at the price of their noise, which grows like ξ². The best "
        f"share goes from {share(float(best[0]))} at rank 1 to {share(float(best[-1]))} at full rank."
    )
