"""The paper's decomposition as its reader will look for it, the ledger of the process, beside that of the weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from lingauss import charts
from lingauss.numerals import number, percent
from lingauss.reproduce.figures.base import Figure, settings
from lingauss.reproduce.findings import about
from lingauss.reproduce.studies import TEMPERATURES, Resolution, Study
from lingauss.sweep.quantities import PROCESS

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

QUANTITIES = (*PROCESS, "divergence", "bias", "variance", "rank_bottleneck")
WHAT = (
    "Costs of the process (solid) and of the weights (dashed) in the same colours. The process is soft labels, then "
    "weights: squared bias and variance of the labels by convexity of the divergence, and the rank bottleneck of the "
    "student's kernel. The weights' ledger is the exact split of the divergence of weights given the data."
)
SOURCE = (
    "That the divergence has these three costs is stated by Li and He (arXiv:2605.13143), the label channel and the "
    "convexity step are quoted from their text; that their decomposition is this ledger of the process is inferred. "
    "Both ledgers are derived in docs/theory.md, §6.4 and §4."
)


def process_by_rank(study: Study, resolution: Resolution) -> Figure:
    """Return both ledgers by student rank."""
    results = study.case.sweep(student_rank=range(study.full_rank + 1), quantities=QUANTITIES)
    at = results.sel(student_rank=study.case.rank)
    shares = [float(at[f"{prefix}rank_bottleneck"] / at[total]) for prefix, total in TOTALS]
    process, weights = _best(results)
    of_process, of_weights = map(percent, shares)
    finding = f"At rank {study.case.rank} the bottleneck is {of_process} of the process, {of_weights} of the weights."
    process, weights = _best(results)
    why = (
        "Soft labels do not know how small the student is, so that their bias and variance are the same at every rank; "
        "the student's kernel pays for what it does not see. In the weights' ledger directions that are learned pay "
        f"bias and variance instead. The process costs least at rank {process:.0f}, the weights at rank {weights:.0f}"
    )
    full = float(results["student_rank"][-1])
    why += _at_full_rank(process, weights, full)
    return _figure(study, results, "student_rank", "by rank", finding, why, mark=True)


def process_by_noise(study: Study, resolution: Resolution) -> Figure:
    """Return both ledgers by label noise."""
    results = study.case.sweep(label_noise=np.geomspace(*study.noises, resolution.noises), quantities=QUANTITIES)
    turns = _largest(results)
    finding = f"{turns}."
    why = (
        "Only squared biases follow the noise, as 1/ν², in either ledger (docs/theory.md §4.6): the process's bias and "
        "that part of its bottleneck which is missed signal. What noise and spread cost is the same at every ν."
    )
    return _figure(study, results, "label_noise", "by noise", finding, why)


def process_by_temperature(study: Study, resolution: Resolution) -> Figure:
    """Return both ledgers by the temperature of the soft labels, the least total of each marked."""
    results = study.case.sweep(temperature=np.geomspace(*TEMPERATURES, resolution.temperatures), quantities=QUANTITIES)
    process, weights = _best(results)
    finding = f"The process costs least at τ = {about(process)}, the weights at τ = {about(weights)}."
    why = (
        "Soft labels unlike the true ones in noise cost (nk/2)(τ/m − 1 − log τ/m), which binds the best temperature of "
        "the process to the number of draws (docs/theory.md §6.4). Weights know no such cost: soft-label noise enters "
        "them through the student's variance alone."
    )
    if weights == float(results["temperature"][0]):
        why += (
            " Their optimum lies at the low end of the range because a student as warm as its teacher has no room for "
            "more spread (docs/theory.md §5.3)."
        )
    return _figure(study, results, "temperature", "by temperature", finding, why, mark=True)


TOTALS = (("process_", "process_total"), ("", "divergence"))


def _figure(
    study: Study, results: xr.Dataset, axis: str, along: str, finding: str, why: str, *, mark: bool = False
) -> Figure:
    best = dict(zip(("best_process", "best_weights"), _best(results), strict=True)) if mark else {}
    slack = results["process_total"] - results["process_exact"]

    def plot(ax: Axes) -> None:
        charts.process_and_weights(results, ax, **best)

    least, most = number(float(slack.min())), number(float(slack.max()))
    span = least if least == most else f"{least} to {most}"
    price = f"Convexity leaves the process's total {span} nats above its exact divergence."
    return Figure(
        title=f"{study.title}: costs {along}",
        results=results,
        what=WHAT,
        finding=finding,
        why=f"{why} {price}",
        settings=settings(study, study.case, axis),
        source=SOURCE,
        plot=plot,
    )


def _best(results: xr.Dataset) -> tuple[float, float]:
    """Return where the process and where the weights cost least."""
    (axis,) = results.dims
    process, weights = (float(results[total].idxmin(axis)) for _, total in TOTALS)
    return process, weights


def _at_full_rank(process: float, weights: float, full: float) -> str:
    """Return why an optimum is at full rank, if one is."""
    if process < full and weights < full:
        return "."
    which = "both" if process == weights else "the process" if process == full else "the weights"
    return (
        f": {which} at full rank, because a student that learns as its teacher does pays less for a direction it sees "
        "than for one it does not."
    )


def _largest(results: xr.Dataset) -> str:
    """Return which of the process's costs is the largest between which points of the axis."""
    names: Sequence[str] = ("bias", "variance", "rank_bottleneck")
    costs = np.stack([results[f"process_{name}"].to_numpy() for name in names])
    largest, x = np.argmax(costs, axis=0), results["label_noise"].to_numpy()
    words = [names[largest[0]].replace("_", " ").capitalize() + " is the process's largest cost"]
    for i in np.flatnonzero(np.diff(largest)).tolist():
        words.append(f"from ν = {about(x[i + 1])} {names[largest[i + 1]].replace('_', ' ')}")
    return ", ".join(words)
