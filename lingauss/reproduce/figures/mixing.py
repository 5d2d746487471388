"""The share of soft labels: what it does to the divergence, and to the risk of self-distillation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lingauss import charts
from lingauss.distillation import Distillation
from lingauss.model.examples import COLDNESS
from lingauss.model.learners import Ridge
from lingauss.numerals import number, percent
from lingauss.reproduce.figures.base import Figure, settings
from lingauss.reproduce.findings import best_along, dearer, edges, gain_at, share
from lingauss.reproduce.studies import AVERAGED_DRAWS, MATCHED, SHARES, Resolution, Study

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

AROUND = (0.4, 0.63, 1.0, 1.26, 1.6)  # penalties, in units of the one of least risk
SAME = 0.05  # per cent
CLOSE_UP = 1.6  # of the largest excess without distillation: where effects of some per cent are seen


def mixing_curves(study: Study, resolution: Resolution) -> Figure:
    """Return the divergence over the share of soft labels at several ranks."""
    case = study.case.replace(draws=AVERAGED_DRAWS, temperature=MATCHED)
    ranks = study.ranks
    results = case.sweep(student_rank=ranks, mixing=np.linspace(*SHARES, 4 * (resolution.shares - 1) + 1))
    divergence = results["divergence"]
    best, gain = best_along(divergence, "mixing"), gain_at(divergence, "mixing", 1.0, "change from ξ = 1")
    unbiased = 1.0 - COLDNESS

    def plot(ax: Axes) -> None:
        charts.mixing_curves(results, ax, best=best, limit=unbiased, gain=gain)

    alone = (divergence.sel(mixing=1.0, method="nearest") / divergence.min("mixing")).to_numpy()
    ends = f"{share(float(best[0]))} at rank {ranks[0]} to {share(float(best[-1]))} at rank {ranks[-1]}"
    return Figure(
        title=f"{study.title}: best share of soft labels by rank",
        results=results.assign(best_mixing=best, gain=gain),
        what=(
            "Exact divergence over the share ξ of soft labels at several student ranks; circles mark each optimum ξ*. "
            "Shaded, shares below 0 and beyond 1. Behind each rank, how much less ξ* costs than soft labels alone."
        ),
        finding=f"ξ* goes from {ends}; bias vanishes at ξ° = {unbiased:g}.",
        why=(
            f"Bias and label noise vanish in all directions at once at ξ° = 1 − λ_S/λ_T = {unbiased:g} (docs/theory.md "
            "§5.4): true labels make up for a student that shrinks less than its teacher. Away from it the mismatch "
            f"costs like (ξ − ξ°)². Soft labels alone (ξ = 1) cost {dearer(alone[0])} ξ* at rank {ranks[0]} and "
            f"{dearer(alone[-1])} ξ* at rank {ranks[-1]}.{_at_edges(best, divergence['mixing'])} Close to its "
            f"teacher is not the same as good: {_in_risk(case.replace(rank=ranks[-1], mixing=float(best[-1])))}"
        ),
        settings=settings(study, case, "student_rank", "mixing"),
        source=(
            "The divergence is that of Li and He (arXiv:2605.13143); the share without bias is derived in "
            "docs/theory.md §5.4."
        ),
        plot=plot,
    )


def self_distillation(study: Study, resolution: Resolution) -> Figure:
    """Return the risk of ridge distilled into itself over the share of soft labels, at several penalties."""
    optimal = least_risky_penalty(study)
    case = self_distilling(study)
    results = case.sweep(
        penalty=optimal * np.array(AROUND),
        mixing=np.linspace(*SHARES, 4 * (resolution.shares - 1) + 1),
        quantities=("student_excess_risk",),
    )
    tuned = case.baselines().tuned_teacher
    relative = 100.0 * (results["student_excess_risk"] / tuned - 1.0)
    relative.attrs = {"long_name": "risk above tuned ridge's", "units": "%"}
    best = best_along(relative, "mixing")
    gain = gain_at(results["student_excess_risk"], "mixing", 0.0, "change from ξ = 0")
    results = results.assign(relative_risk=relative)
    alone = relative.sel(mixing=0.0, method="nearest")
    highest = CLOSE_UP * float(alone.max())

    def plot(ax: Axes) -> None:
        told = (0.0, "tuned ridge, not distilled")
        charts.mixing_curves(
            results, ax, quantity="relative_risk", best=best, gain=gain, reference=told, highest=highest
        )

    ends = [f"{share(float(one))} at λ = {number(float(one['penalty']))}" for one in (best[0], best[-1])]
    gains, least = np.abs(gain.to_numpy()), float(relative.min())
    return Figure(
        title=f"{study.title}: self-distillation",
        results=results.assign(best_mixing=best, gain=gain),
        what=(
            "Excess risk of a ridge estimate distilled into itself over the share ξ of soft labels, in per cent above "
            "that of ridge at its best penalty without distillation (dotted), at penalties around that one; circles "
            "mark each optimum ξ*. Behind each penalty, how much less ξ* risks than hard labels (ξ = 0). Teacher and "
            "student predict with their means, and at ξ = 0 the student is its teacher: no other baseline is hidden. "
            "The vertical axis is cut; triangles mark where curves leave it."
        ),
        finding=(
            f"From ξ* = {' to '.join(ends)} distilling gains {percent(float(gains.min()))} to "
            f"{percent(float(gains.max()))}; the best student has {_against_tuned(least)} tuned ridge."
        ),
        why=(
            "Distilling shrinks once more: it helps an estimate that shrinks too little, with ξ > 0, and reversed, "
            "with ξ < 0, one that shrinks too much. It cannot help, to first order, where the penalty already has the "
            f"least risk (docs/theory.md §5.9). Gains here are {', '.join(percent(gain) for gain in gains)}."
            + _at_edges(best, relative["mixing"])
        ),
        settings=settings(study, case, "penalty", "mixing"),
        source=(
            "That the best share can be negative or above 1 is known from Das and Sanghavi (2023) and from Pareek, Du "
            "and Oh (2024); the formula is derived in docs/theory.md §5.9."
        ),
        plot=plot,
    )


def self_distilling(study: Study) -> Distillation:
    """Return deterministic self-distillation of the study's problem: same learner twice, noiseless soft labels."""
    ridge = Ridge(temperature=0.0)
    return Distillation(study.case.problem, teacher=ridge, student=ridge, temperature=0.0)


def least_risky_penalty(study: Study) -> float:
    """Return the penalty at which ridge regression alone has the least risk."""
    return study.case.baselines().tuned_penalty


def _against_tuned(least: float) -> str:
    """Write by how much the best student, never worse than the teacher at its penalty, falls short in per cent."""
    return "as much risk as" if -least < SAME else f"{percent(-least / 100.0)} less risk than"


def _in_risk(case: Distillation) -> str:
    found = case.baselines()
    return (
        f"at rank {case.rank} and ξ* its excess risk is {number(found.student)}, on hard labels (ξ = 0) "
        f"{number(found.hard_labels or 0.0)}, that of its teacher's draws {number(found.teacher)}, of the teacher's "
        f"mean predictions {number(found.mean_teacher)}, of a tuned teacher {number(found.tuned_teacher)} (λ = "
        f"{number(found.tuned_penalty)})."
    )


def _at_edges(best: xr.DataArray, shares: xr.DataArray) -> str:
    count = sum(edges(best, shares))
    where = "lie at the edge of the range drawn; the true ones are beyond it"
    return f" {count} of {best.size} optima {where}." if count else ""
