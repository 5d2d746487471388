"""The divergence over student rank and label noise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lingauss import charts
from lingauss.numerals import number
from lingauss.reproduce.figures.base import Figure, settings
from lingauss.reproduce.findings import best_along, edges
from lingauss.reproduce.studies import Resolution, Study

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

SOURCE = (
    "The divergence is that of Li and He (arXiv:2605.13143); its dependence on rank and noise is derived in "
    "docs/theory.md §4."
)


def rank_noise_map(study: Study, resolution: Resolution) -> Figure:
    """Return the divergence over rank and label noise, with the best rank at every noise."""
    results = study.case.sweep(
        student_rank=range(study.full_rank + 1),
        label_noise=np.geomspace(*study.noises, resolution.noises),
        quantities=("divergence",),
    )
    best = best_along(results["divergence"], "student_rank")

    def plot(ax: Axes) -> None:
        charts.rank_noise_map(results, ax, best=best, at=study.case.problem.label_noise)

    what = (
        "Exact divergence over student rank and label noise, in logarithmic colour with contour lines at 1, 2 and 5 "
        "times powers of ten; the path marks the best rank at every noise, the dashed line the noise of the other "
        "charts."
    )
    return Figure(
        title=f"{study.title}: best rank against label noise",
        results=results.assign(best_rank=best),
        what=what,
        finding=_finding(results, best),
        why=_why(results, best),
        settings=settings(study, study.case, "student_rank", "label_noise"),
        source=SOURCE,
        plot=plot,
    )


def _finding(results: xr.Dataset, best: xr.DataArray) -> str:
    noise = results["label_noise"].to_numpy()
    return (
        f"The best rank goes from {int(best[0])} of {int(results['student_rank'][-1])} at ν = {number(noise[0])} to "
        f"{int(best[-1])} at ν = {number(noise[-1])}."
    )


def _why(results: xr.Dataset, best: xr.DataArray) -> str:
    """Return the law behind the path, and what happens where it runs along an edge."""
    noises = results.sizes["label_noise"]
    low, high = edges(best, results["student_rank"])
    text = (
        "The cost of wrong means falls like 1/ν², while label noise and spread cost the same at every ν "
        "(docs/theory.md §4.6)."
    )
    if np.all(np.diff(best) <= 0):
        text += " The noisier the labels, the fewer directions are worth learning."
    if low:
        text += (
            f" It is rank 0 at {low} of {noises} noises, where even the strongest direction costs less discarded than "
            "retained."
        )
    if high:
        text += (
            f" It is full rank at {high} of {noises} noises, where even the weakest direction costs less retained than "
            "discarded."
        )
    return text
