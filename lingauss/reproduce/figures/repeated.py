"""Repeated distillation: how many rounds are worth it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from lingauss import charts
from lingauss.chain import Chain
from lingauss.numerals import number, percent
from lingauss.reproduce.figures.base import Figure, settings
from lingauss.reproduce.figures.mixing import least_risky_penalty, self_distilling
from lingauss.reproduce.findings import best_along
from lingauss.reproduce.studies import Resolution, Study

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROUNDS = 16  # enough for soft labels alone to shrink too much
WEAKER = 0.1  # of the best penalty: what a chain of students makes up for
MIXINGS = (0.7, 0.9, 0.97, 1.0)  # the second leads to the best penalty, later ones beyond it


def repeated_distillation(study: Study, resolution: Resolution) -> Figure:
    """Return the excess risk of ridge distilled into itself again and again, by round."""
    optimal = least_risky_penalty(study)
    case = self_distilling(study).replace(penalty=WEAKER * optimal)
    alone = case.excess_risk().teacher
    swept = Chain(case, ROUNDS).sweep(mixing=MIXINGS, quantities=["excess_risk"])
    relative = swept["excess_risk"] / alone
    relative.attrs = {"long_name": "excess risk relative to no distillation", "units": "1"}
    chains = [Chain(case.replace(mixing=mixing), 1) for mixing in MIXINGS]
    limits = np.array([chain.limit().excess_risk().student for chain in chains]) / alone
    least = np.array([Chain(case, count).best_mixing().value for count in range(1, ROUNDS + 1)]) / alone
    best = best_along(relative, "round")
    results = xr.Dataset(
        {
            "relative_risk": relative,
            "limit_relative_risk": ("mixing", limits, relative.attrs),
            "least_relative_risk": ("round", least, relative.attrs),
        },
        attrs=swept.attrs,
    ).assign(best_round=best)

    inside = best[(best > 1) & (best < ROUNDS)]

    def plot(ax: Axes) -> None:
        charts.repeated_distillation(results, ax, quantity="relative_risk", best=inside)

    passed = "ξ = " + ", ".join(number(mixing) for mixing in inside["mixing"].to_numpy())
    pure = int(best.sel(mixing=1.0))
    return Figure(
        title=f"{study.title}: repeated distillation by round",
        results=results,
        what=(
            "Excess risk of a ridge estimate distilled into itself again and again, relative to no distillation, by "
            "round: with the same share ξ of soft labels in every round, and with the shares of least risk for each "
            "number of rounds. Circles mark the best round; dashed lines, where infinitely many lead."
        ),
        finding=(
            f"Of soft labels alone {pure} rounds are best; with the best shares one round gains "
            f"{percent(1.0 - least[0])}, {ROUNDS} rounds {percent(1.0 - least[-1])}."
        ),
        why=(
            f"The penalty is {percent(WEAKER)} of the one of least risk, and every round shrinks once more. A share ξ "
            "leads to ridge of penalty λ/(1 − ξ), which is the best one at ξ = 0.9 and too large beyond: there the "
            f"rounds pass through a minimum ({passed}). Soft labels alone forget the labels in the end. With "
            "shares chosen for the last student the risk never rises with the rounds, since a first student that "
            "ignores its teacher restarts the chain (docs/theory.md §5.10)."
        ),
        settings=settings(study, case, "mixing"),
        source=(
            "The limit is that of Borup and Andersen (2021), the gain of one round that of Das and Sanghavi (2023) and "
            "of Pareek, Du and Oh (2024); the least risk of several rounds is derived in docs/theory.md §5.10."
        ),
        plot=plot,
    )
