"""The ledger by student rank."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lingauss import charts
from lingauss.numerals import number, percent
from lingauss.reproduce.figures.base import SOURCE, Figure, settings
from lingauss.reproduce.findings import best_along, smallest_within
from lingauss.reproduce.studies import TOLERANCE, Resolution, Study

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes


def ledger_by_rank(study: Study, resolution: Resolution) -> Figure:
    """Return the stacked costs of every student rank, with the best and the recommended rank."""
    results = study.case.sweep(
        student_rank=range(study.full_rank + 1),
        quantities=("divergence", "bias", "variance", "rank_bottleneck"),
    )
    divergence = results["divergence"]
    best = int(best_along(divergence, "student_rank"))
    recommended = smallest_within(divergence, "student_rank", TOLERANCE)

    def plot(ax: Axes) -> None:
        charts.ledger_by_rank(results, ax, best=best, recommended=recommended)

    what = (
        "Exact divergence between student and teacher by student rank, stacked from its three costs. The vertical axis "
        f"is cut: at rank 0 the divergence is {number(float(divergence[0]))} nats."
    )
    return Figure(
        title=f"{study.title}: what each rank costs",
        results=results,
        what=what,
        finding=_finding(results, best, recommended),
        why=_why(results, best),
        settings=settings(study, study.case, "student_rank"),
        source=f"{SOURCE}; the exact split drawn here is derived in docs/theory.md §4.",
        plot=plot,
    )


def _finding(results: xr.Dataset, best: int, recommended: int) -> str:
    full = int(results["student_rank"][-1])
    least, last = float(results["divergence"].min()), float(results["divergence"][-1])
    text = f"Rank {best} of {full} is best ({number(least)} nats)"
    if recommended < best:
        text += f", rank {recommended} the smallest within {percent(TOLERANCE)} of it"
    return f"{text}; keeping all costs {percent(last / least - 1.0)} more." if best < full else f"{text}."


def _why(results: xr.Dataset, best: int) -> str:
    """Return what the best rank pays for, and why it is where it is."""
    at_best, full = results.sel(student_rank=best), int(results["student_rank"][-1])
    shares = [
        f"{name} {percent(float(at_best[key] / at_best['divergence']))}"
        for key, name in (("bias", "bias"), ("variance", "variance"), ("rank_bottleneck", "rank bottleneck"))
    ]
    paid = f"At the best rank the cost is {', '.join(shares)}."
    if best == full:
        return (
            f"{paid} The optimum is at full rank because even the weakest direction costs less retained than discarded "
            "(docs/theory.md §5.5)."
        )
    if best == 0:
        return (
            f"{paid} The optimum is at rank 0 because even the strongest direction costs less discarded than retained "
            "(docs/theory.md §5.5)."
        )
    return (
        f"{paid} The other {full - best} directions together cost more learned from noisy soft labels than left at the "
        "prior (docs/theory.md §5.5)."
    )
