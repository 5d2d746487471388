"""Designs that no other beats in rank, divergence and risk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from lingauss import charts
from lingauss.numerals import number, percent
from lingauss.reproduce.figures.base import Figure, settings
from lingauss.reproduce.findings import share
from lingauss.reproduce.studies import AVERAGED_DRAWS, MATCHED, Resolution, Study
from lingauss.sweep.baselines import Baselines
from lingauss.sweep.pareto import knee
from lingauss.sweep.pareto import pareto_front as front_of

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

MIXED = (-0.5, 1.5)  # shares of soft labels
SLACK = 0.1  # of the least risk, that a smaller student may exceed it by
OBJECTIVES = ("divergence", "student_excess_risk")


def pareto_front(study: Study, resolution: Resolution) -> Figure:
    """Return divergence and risk of designs over rank and share of soft labels, their front and designs to choose."""
    case = study.case.replace(draws=AVERAGED_DRAWS, temperature=MATCHED)
    results = case.sweep(
        student_rank=range(study.full_rank + 1),
        mixing=np.linspace(*MIXED, 2 * resolution.shares - 1),
        quantities=OBJECTIVES,
    )
    front, named, baselines = front_of(results, OBJECTIVES), _named(results), case.baselines()

    def plot(ax: Axes) -> None:
        told = {"teacher's draw": baselines.teacher, "tuned teacher": baselines.tuned_teacher}
        charts.pareto_front(results, ax, front=front, named=named, references=told)

    return Figure(
        title=f"{study.title}: close to the teacher, or right?",
        results=results.assign(front=front),
        what=(
            f"Every design of {results.sizes['student_rank']} ranks and {results.sizes['mixing']} shares of soft "
            "labels from −0.5 to 1.5, by excess risk and divergence; in colour, by rank, those that no other beats in "
            "both. Marked, the closest student, the knee of that front, and the smallest student "
            f"within {percent(SLACK)} of the least risk."
        ),
        finding=" ".join(_told(name, design) for name, design in named.items()),
        why=_why(results, named, baselines),
        settings=settings(study, case, "student_rank", "mixing"),
        source=(
            "The divergence is that of Li and He (arXiv:2605.13143); the excess risk is derived in docs/theory.md §5.7."
        ),
        plot=plot,
    )


def _named(results: xr.Dataset) -> dict[str, xr.Dataset]:
    """Return the designs one would choose among, by the aim each is best at."""
    divergence, risk = (results[name] for name in OBJECTIVES)
    small = results["student_rank"].where((risk <= (1.0 + SLACK) * risk.min()).any("mixing"), drop=True)[0].item()
    smallest = results.sel(student_rank=small)
    return {
        "closest": results.isel(divergence.argmin(...)),
        "knee": knee(results, OBJECTIVES),
        f"smallest within {percent(SLACK)}": smallest.isel(smallest[OBJECTIVES[1]].argmin(...)),
    }


def _told(name: str, design: xr.Dataset) -> str:
    return f"{name.capitalize()}: rank {int(design['student_rank'])}, ξ = {share(float(design['mixing']))}."


def _why(results: xr.Dataset, named: Mapping[str, xr.Dataset], baselines: Baselines) -> str:
    closest, bend, _ = named.values()
    least = float(results[OBJECTIVES[1]].min())
    more, bent = (float(design[OBJECTIVES[1]] / least) - 1.0 for design in (closest, bend))
    times = float(bend[OBJECTIVES[0]] / closest[OBJECTIVES[0]])
    return (
        f"Imitating the teacher and predicting well are different aims: the closest student has {percent(more)} more "
        f"risk than the safest, at {number(least)}. The knee, the design on the front farthest from the line between "
        f"its ends, has {number(times)} times the least divergence and {percent(bent)} more than the least risk. For "
        f"comparison, the teacher's draws risk {number(baselines.teacher)}, its mean predictions "
        f"{number(baselines.mean_teacher)}, a tuned teacher (λ = {number(baselines.tuned_penalty)}) "
        f"{number(baselines.tuned_teacher)}."
    )
