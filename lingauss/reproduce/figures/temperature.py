"""The divergence against the temperature of the soft labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lingauss import charts
from lingauss.numerals import number, percent
from lingauss.reproduce.figures.base import Figure, settings
from lingauss.reproduce.findings import about, best_along, edges, gain_at, matching_temperature
from lingauss.reproduce.studies import AVERAGED_DRAWS, TEMPERATURES, Resolution, Study

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

CHANGE = f"change from τ = {TEMPERATURES[0]:g}"
SOURCE = (
    "The divergence is that of Li and He (arXiv:2605.13143); the best temperature and the matching law are derived in "
    "docs/theory.md §5.3."
)


def temperature_curves(study: Study, resolution: Resolution) -> Figure:
    """Return the divergence over temperature at several ranks, with the best temperature of each."""
    case = study.case.replace(draws=AVERAGED_DRAWS)
    results = case.sweep(
        student_rank=study.ranks,
        temperature=np.geomspace(*TEMPERATURES, resolution.temperatures),
        quantities=("divergence",),
    )
    best = best_along(results["divergence"], "temperature")
    gain = gain_at(results["divergence"], "temperature", results["temperature"].to_numpy()[0], CHANGE)
    limit = matching_temperature(case)

    def plot(ax: Axes) -> None:
        charts.temperature_curves(results, ax, best=best, limit=limit, gain=gain)

    grid = results["temperature"].to_numpy()
    what = (
        "Exact divergence against soft-label temperature at several student ranks; circles mark each optimum τ*, found "
        f"on a grid with steps of {percent(grid[1] / grid[0] - 1.0)}. Behind each rank, how much less τ* costs than "
        f"nearly noiseless soft labels (τ = {grid[0]:g})."
    )
    return Figure(
        title=f"{study.title}: best temperature by rank",
        results=results.assign(best_temperature=best, gain=gain),
        what=what,
        finding=_finding(best, gain),
        why=_why(results, best, limit),
        settings=settings(study, case, "student_rank", "temperature"),
        source=SOURCE,
        plot=plot,
    )


def _finding(best: xr.DataArray, gain: xr.DataArray) -> str:
    ranks = best["student_rank"].to_numpy()
    first, last = (f"{about(float(best[place]))} at rank {ranks[place]}" for place in (0, -1))
    less = percent(0.0 - float(gain[-1]))
    return f"τ* goes from {first} to {last}, {less} cheaper than τ = {TEMPERATURES[0]:g}."


def _why(results: xr.Dataset, best: xr.DataArray, limit: float | None) -> str:
    """Return what a wrong temperature costs, the law for strong directions, and why an optimum is at an edge."""
    divergence = results["divergence"]
    ranks, coldest = results["student_rank"].to_numpy(), float(results["temperature"][0])
    excess = (divergence.isel(temperature=0) / divergence.min("temperature") - 1.0).to_numpy()
    text = (
        f"Nearly noiseless soft labels (τ = {coldest:g}) cost {percent(excess[-1])} more than τ* at rank {ranks[-1]} "
        f"and {percent(excess[0])} more at rank {ranks[0]}; the rank bottleneck does not depend on τ."
    )
    if limit is not None:
        text += f" As eigenvalues grow, τ* tends to {number(limit)}, the matching law (dashed)."
    low, high = edges(best, results["temperature"])
    if low:
        text += (
            f" {low} of {len(ranks)} optima lie at the low end of the range: on the whole the student's retained "
            "variances are no smaller than the teacher's even there, and soft-label noise only widens them "
            "(docs/theory.md §5.3)."
        )
    if high:
        text += (
            f" {high} of {len(ranks)} optima lie at the high end of the range: on the whole the student's retained "
            "variances are still smaller than the teacher's there (docs/theory.md §5.3)."
        )
    return text
