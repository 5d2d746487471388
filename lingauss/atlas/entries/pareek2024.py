"""Pareek, Du & Oh 2024, figure 3: every round of self-distillation helps once more, if eigenvalues differ."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

import lingauss as lg
from lingauss.atlas.drawing import curves
from lingauss.atlas.record import Entry, Evidence, Paper, Parameter
from lingauss.atlas.targets import Origin, Target

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def settings_of(rank: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return singular values of the inputs and squares of the true weights, by panel of the figure."""
    distinct = 1.0 / np.arange(1, rank + 1)
    tied = np.append(1.0, distinct[:-1])
    first, even = np.eye(rank)[0], np.full(rank, 1.0 / rank)
    return {"distinct": (distinct, first), "tied": (tied, first), "spread": (distinct, even)}


def compute(noise: float, penalty: float, rank: int) -> xr.Dataset:
    """Return the excess risk after 0 to ``rank`` steps of the best self-distillation, and its bound."""
    risks, bounds = [], []
    learner = lg.Ridge(penalty, temperature=0.0)
    for singular, signal in settings_of(rank).values():
        power = np.square(singular)
        problem = lg.Problem.from_spectrum(power, signal, n_samples=1, label_noise=math.sqrt(noise))
        case = lg.Distillation(problem, learner, learner, temperature=0.0)
        steps = [lg.Chain(case, rounds).best_mixing().value for rounds in range(1, rank + 1)]
        risks.append([case.excess_risk().teacher, *steps])
        bounds.append(np.sum(noise * power * signal / (power * signal + noise)))  # every direction shrunk at its best
    return xr.Dataset(
        {"excess_risk": (("panel", "steps"), risks), "bound": ("panel", bounds)},
        coords={"panel": list(settings_of(rank)), "steps": np.arange(rank + 1)},
    )


def draw(results: xr.Dataset, ax: Axes) -> Sequence[xr.DataArray]:
    """Draw the risk over the steps, one curve per panel."""
    names = {"distinct": "(a) distinct", "tied": "(b) two tied", "spread": "(c) truth spread"}
    risks = {name: results.excess_risk.sel(panel=panel) for panel, name in names.items()}
    bounds = {"bound of (a)": results.bound.sel(panel="distinct"), "bound of (c)": results.bound.sel(panel="spread")}
    return curves(ax, risks, guides=bounds)


PAPER = Paper(
    "Pareek, Du & Oh",
    2024,
    "Understanding the Gains from Repeated Self-Distillation",
    """@inproceedings{pareek2024understanding,
  title = {Understanding the Gains from Repeated Self-Distillation},
  author = {Pareek, Divyansh and Du, Simon S. and Oh, Sewoong},
  booktitle = {Advances in Neural Information Processing Systems},
  year = {2024}
}""",
)

RISKS = {
    "distinct": ("0.1690589", "0.1314601", "0.1146600", "0.0949216", "0.0909091"),
    "tied": ("0.2369601", "0.1889464", "0.1779240", "0.1666667", "0.1666667"),
    "spread": ("0.1814740", "0.1470710", "0.1452344", "0.1451449", "0.1451428"),
}

ENTRY = Entry(
    paper=PAPER,
    claim="every step of self-distillation lowers the risk, down to a bound where singular values differ",
    setting="Ridge regression distilled into itself again and again on the same inputs, every step with its best share "
    "of soft labels. Singular values 1, 1/2, 1/3, …: (a) truth along the first, (b) the first two tied, (c) truth "
    "spread evenly. The bound shrinks every direction at its best.",
    evidence=Evidence.CAPTION,
    parameters=(
        Parameter("noise", 0.1, "variance γ² of the labels' noise", 1e-4, 100.0),
        Parameter("penalty", 0.125, "ridge penalty λ of every fit", 1e-3, 100.0),
        Parameter("rank", 4, "number of singular values, and of steps", 2, 12),
    ),
    targets=(
        *(
            Target("excess_risk", value, Origin.RECOMPUTED, {"panel": panel, "steps": steps})
            for panel, values in RISKS.items()
            for steps, value in enumerate(values)
        ),
        Target("bound", "0.0909091", Origin.CLOSED, {"panel": "distinct"}),
        Target("bound", "0.0909091", Origin.CLOSED, {"panel": "tied"}),
        Target("bound", "0.1451428", Origin.CLOSED, {"panel": "spread"}),
    ),
    calculation=compute,
    drawing=draw,
    labels={
        "steps": "steps of self-distillation",
        "panel": "panel of the figure",
        "excess_risk": "excess risk",
        "bound": "excess risk of the best shrinkage",
    },
    notes=(
        "The caption gives γ = 0.1 without saying whether that is the variance; here it is the variance.",
        "Two tied singular values act as one: the best shrinkage of the direction that carries the truth is out of "
        "reach however many steps are taken, as the caption says.",
    ),
    turns={"noise": (0.01,), "penalty": (1.0,), "rank": (8,)},
)
