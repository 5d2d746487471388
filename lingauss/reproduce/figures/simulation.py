"""Teachers and students really trained, beside what the formulas say."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import norm

from lingauss import charts
from lingauss.numerals import percent
from lingauss.reproduce.figures.base import Figure, settings
from lingauss.reproduce.studies import Resolution, Study
from lingauss.simulation.sweep import simulated_sweep
from lingauss.validation import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COSTS = ("bias", "variance", "rank_bottleneck")
SEED = 0
SOURCE = (
    "The three costs are stated by Li and He (arXiv:2605.13143); their closed forms are derived in docs/theory.md §4, "
    "the estimates in docs/simulation.md."
)


def theory_and_simulation(study: Study, resolution: Resolution) -> Figure:
    """Return exact and simulated costs over student rank."""
    ranks = np.linspace(4, study.full_rank - 4, resolution.simulations).round().astype(int)
    trials = resolution.trials
    results = simulated_sweep(study.case, quantities=COSTS, trials=trials, seed=SEED, student_rank=ranks)

    def plot(ax: Axes) -> None:
        charts.theory_and_simulation(results, ax)

    deviations = np.array([(results[f"{name}_simulated"] - results[name]) / results[f"{name}_standard_error"]
                           for name in COSTS])  # fmt: skip
    return Figure(
        title=f"{study.title}: theory and simulation",
        results=results,
        what=(
            "Costs by student rank. Curves join closed forms; points are estimates "
            f"from {trials:,} draws of labels per rank, on each of which everything was trained four times, with "
            "one standard error either way. Below, the differences in standard errors; 95 % of them are expected "
            "in the band."
        ),
        finding=_finding(deviations),
        why=_why(deviations),
        settings=settings(study, study.case, "student_rank"),
        source=SOURCE,
        plot=plot,
    )


def _finding(deviations: Array) -> str:
    inside = float(np.mean(np.abs(deviations) <= 2.0))
    return f"{percent(inside)} of {deviations.size} simulated costs lie within two standard errors of the formulas."


def _why(deviations: Array) -> str:
    farthest = float(np.abs(deviations).max())
    chance = -math.expm1(deviations.size * math.log1p(-2.0 * float(norm.sf(farthest))))
    size = float(np.sqrt(np.mean(np.square(deviations))))
    return (
        f"The farthest is {farthest:.1f} standard errors away; among as many independent numbers one at least as far "
        f"has a chance of {percent(chance)} if the formulas are right. Their root mean square is {size:.2f}, 1 being "
        "expected. Estimates are unbiased and use nothing but trained weights; that of the rank cost uses those which "
        "the student does not see."
    )
