"""Which cost is the largest at every rank and temperature."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lingauss import charts
from lingauss.charts.house import COST_NAMES
from lingauss.numerals import percent
from lingauss.reproduce.figures.base import SOURCE, Figure, settings
from lingauss.reproduce.findings import best_along, edges
from lingauss.reproduce.studies import AVERAGED_DRAWS, TEMPERATURES, Resolution, Study

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes


def dominance_map(study: Study, resolution: Resolution) -> Figure:
    """Return which cost rules over rank and soft-label temperature, with the best rank at every temperature."""
    case = study.case.replace(draws=AVERAGED_DRAWS)
    results = case.sweep(
        student_rank=range(study.full_rank + 1),
        temperature=np.geomspace(*TEMPERATURES, resolution.shares),
        quantities=("divergence", *COST_NAMES),
    )
    best = best_along(results["divergence"], "student_rank")

    def plot(ax: Axes) -> None:
        charts.dominance_map(results, ax, best=best)

    return Figure(
        title=f"{study.title}: which cost rules where",
        results=results.assign(best_rank=best),
        what=(
            "The largest of the three costs at every student rank and soft-label temperature; the path marks the best "
            "rank at every temperature."
        ),
        finding=_finding(results),
        why=_why(results, best),
        settings=settings(study, case, "student_rank", "temperature"),
        source=f"{SOURCE}; the exact split compared here is derived in docs/theory.md §4.",
        plot=plot,
    )


def _finding(results: xr.Dataset) -> str:
    costs = np.stack([results[name].to_numpy() for name in COST_NAMES])
    shares = np.bincount(np.argmax(costs, axis=0).ravel(), minlength=len(costs)) / costs[0].size
    told = [f"{name} {percent(share)}" for name, share in zip(COST_NAMES.values(), shares, strict=True) if share]
    return f"Shares of the map ruled: {', '.join(told)}."


def _why(results: xr.Dataset, best: xr.DataArray) -> str:
    text = (
        "Small students pay for what they cannot see; large ones pay for spread where soft labels are too hot for the "
        "student's variance to match the teacher's, and for shrinking less than the teacher (bias) where spread is "
        "cheap. Only the variance depends on the temperature (docs/theory.md §4.3)."
    )
    coldest = results.isel(student_rank=-1, temperature=0)
    if coldest["variance"] > max(coldest["bias"], coldest["rank_bottleneck"]):
        text += " At the cold end spread rules again: there the student's variance falls short of the teacher's."
    low, high = edges(best, results["student_rank"])
    for count, rank, word in ((high, "full rank", "even the weakest"), (low, "rank 0", "not even the strongest")):
        if count:
            text += (
                f" The best rank is {rank} at {count} of {best.size} temperatures: {word} direction is worth learning "
                "there."
            )
    return text
