"""The costs over the number of samples."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lingauss import charts
from lingauss.charts.house import COST_NAMES
from lingauss.numerals import number, percent
from lingauss.reproduce.figures.base import SOURCE, Figure, settings
from lingauss.reproduce.findings import best_along
from lingauss.reproduce.studies import Resolution, Study
from lingauss.sweep.growth import large_sample_costs

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

REACH = (0.1, 1000.0)  # sample sizes, in units of the study's own


def sample_size_scaling(study: Study, resolution: Resolution) -> Figure:
    """Return the costs at the middle rank over the number of samples, with the laws they tend to."""
    case = study.case.replace(student_rank=study.ranks[len(study.ranks) // 2])
    sizes = np.unique(np.round(case.problem.n_samples * np.geomspace(*REACH, resolution.sizes)).astype(int))
    results = case.sweep(n_samples=sizes, quantities=("divergence", *COST_NAMES))
    laws = large_sample_costs(case, sizes)
    every_rank = case.sweep(student_rank=range(study.full_rank + 1), n_samples=sizes)
    best = best_along(every_rank["divergence"], "student_rank")

    def plot(ax: Axes) -> None:
        charts.sample_size_scaling(results, ax, asymptotes=laws)

    return Figure(
        title=f"{study.title}: rank {case.rank} as samples grow",
        results=results.assign({f"{name}_law": laws[name] for name in laws} | {"best_rank": best}),
        what=(
            f"Divergence of the student of rank {case.rank} and its three costs over the number of samples, inputs of "
            "the same distribution; dashed, what each cost tends to."
        ),
        finding=_finding(results, best),
        why=_why(results, laws) + _edge(best, study.full_rank),
        settings=settings(study, case, "n_samples"),
        source=f"{SOURCE}; the laws of growth are derived in docs/theory.md §5.6.",
        plot=plot,
    )


def _finding(results: xr.Dataset, best: xr.DataArray) -> str:
    sizes = results["n_samples"].to_numpy()
    rules = (results["rank_bottleneck"] > results["bias"] + results["variance"]).to_numpy()
    ranks = f"best rank {int(best[0])} to {int(best[-1])}"
    if not rules.any() or rules[0]:
        return f"From n = {number(sizes[0])} to {number(sizes[-1])} {ranks}."
    start = number(sizes[np.argmax(rules)])
    return f"From n = {start} on the bottleneck costs more than the rest; {ranks}."


def _why(results: xr.Dataset, laws: xr.Dataset) -> str:
    last = {name: float(results[name][-1] / laws[name][-1]) for name in laws}
    sizes, least = results["n_samples"].to_numpy(), int(results["divergence"].argmin("n_samples"))
    text = (
        "The bias falls like 1/n, the variance tends to a constant and the rank cost grows like n, because the teacher "
        "becomes certain of what the student cannot say (docs/theory.md §5.6); at the right-hand end they are within "
        f"{percent(max(abs(ratio - 1.0) for ratio in last.values()))} of these laws."
    )
    if least == 0:
        return (
            f"{text} At a fixed rank more samples only add divergence: a teacher of few samples knows little that "
            "could be lost. The trade-off is in the rank, which has to grow with n."
        )
    return f"{text} At this rank the divergence is least at n = {number(sizes[least])}."


def _edge(best: xr.DataArray, full: int) -> str:
    at_full = best == full
    if not bool(at_full.any()):
        return ""
    first = int(best["n_samples"][at_full.argmax("n_samples")])
    return f" From n = {number(first)} on the best rank is full rank: every direction is worth learning."
