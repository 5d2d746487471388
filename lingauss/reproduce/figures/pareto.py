"""Designs that no other beats in rank, divergence and risk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lingauss import charts
from lingauss.numerals import number, percent
from lingauss.reproduce.figures.base import Figure, settings
from lingauss.reproduce.findings import share
from lingauss.reproduce.studies import AVERAGED_DRAWS, MATCHED, Resolution, Study
from lingauss.sweep.pareto import pareto_front as front_of

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

MIXED = (-0.5, 1.5)  # shares of soft labels
OBJECTIVES = ("student_rank", "divergence", "student_excess_risk")


def pareto_front(study: Study, resolution: Resolution) -> Figure:
    """Return divergence and risk of designs over rank and share of soft labels, with the front of all three."""
    case = study.case.replace(draws=AVERAGED_DRAWS, temperature=MATCHED)
    results = case.sweep(
        student_rank=range(study.full_rank + 1),
        mixing=np.linspace(*MIXED, resolution.shares),
        quantities=("divergence", "student_excess_risk", "teacher_excess_risk"),
    )
    teacher = float(results["teacher_excess_risk"][0, 0])
    front = front_of(results, OBJECTIVES)

    def plot(ax: Axes) -> None:
        charts.pareto_front(results, ax, front=front, teacher=teacher)

    return Figure(
        title=f"{study.title}: rank, divergence and risk",
        results=results.assign(front=front),
        what=(
            f"Every design of {results.sizes['student_rank']} ranks and {results.sizes['mixing']} shares of soft "
            "labels from −0.5 to 1.5, by excess risk and divergence; in colour those that no other design beats in "
            "rank, divergence and risk at once, in grey the rest."
        ),
        finding=_finding(results, front),
        why=_why(results),
        settings=settings(study, case, "student_rank", "mixing"),
        source=(
            "The divergence is that of Li and He (arXiv:2605.13143); the excess risk is derived in docs/theory.md §5.7."
        ),
        plot=plot,
    )


def _finding(results: xr.Dataset, front: xr.DataArray) -> str:
    shares = results["mixing"].where(front & (results["student_rank"] > 0))
    return (
        f"{int(front.sum())} of {front.size} designs are on the front, with ξ from "
        f"{share(float(shares.min()))} to {share(float(shares.max()))}."
    )


def _why(results: xr.Dataset) -> str:
    full = results.isel(student_rank=-1)
    closest, safest = (full.isel(mixing=full[name].argmin("mixing")) for name in OBJECTIVES[1:])
    more = float(closest["student_excess_risk"] / safest["student_excess_risk"]) - 1.0
    return (
        f"At full rank the student closest to its teacher ({_told(closest)}) has {percent(more)} more risk than the "
        f"one that predicts best ({_told(safest)}): imitating the teacher and predicting well are different aims. "
        "Neither names a rank: along the front, lower risk or divergence is bought with directions."
    )


def _told(design: xr.Dataset) -> str:
    return f"ξ = {share(float(design['mixing']))}, {number(float(design['divergence']))} nats"
