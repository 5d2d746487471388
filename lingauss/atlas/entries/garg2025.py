"""Garg, Bhattacharya & Sur 2025: the golden ratio of interpolators, and what a penalty changes of it."""

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

GOLDEN = (math.sqrt(5.0) - 1.0) / 2.0
ROWS = 500
PENALTIES = (0.0, 0.1, 1.0)
WEIGHTS = np.union1d(np.linspace(0.1, 1.0, 37), [0.25, 0.5, GOLDEN])


def compute(ratio: float, signal: float, noise: float) -> xr.Dataset:
    """Return risks where rounds settle, by the weight of real labels and the penalty, and the best weights."""
    features = round(ratio * ROWS)
    problem = lg.Problem.from_population(
        np.ones(features), np.full(features, signal / features), n_samples=ROWS, label_noise=math.sqrt(noise)
    )
    settled, best = [], []
    for penalty in PENALTIES:
        learner = lg.Ridge(ROWS * penalty, temperature=0.0)
        case = lg.Distillation(problem, learner, learner)
        chains = [lg.Chain(case, 1, mixing=1.0 - weight, fresh="labels") for weight in WEIGHTS]
        settled.append([chain.stationary_excess_risk() for chain in chains])
        best.append(lg.Chain(case, 1, fresh="labels").best_stationary_mixing())
    return xr.Dataset(
        {
            "risk": (("penalty", "weight"), settled),
            "best_weight": ("penalty", [1.0 - found.mixing for found in best]),
            "best_risk": ("penalty", [found.value for found in best]),
        },
        coords={"penalty": list(PENALTIES), "weight": WEIGHTS},
    )


def draw(results: xr.Dataset, ax: Axes) -> Sequence[xr.DataArray]:
    """Draw the risk over the weight, one curve per penalty."""
    names = {0.0: "minimum norm", 0.1: "λ = 0.1", 1.0: "λ = 1"}
    found = curves(ax, {name: results.risk.sel(penalty=penalty) for penalty, name in names.items()})
    ax.axvline(GOLDEN, color="#767676", linewidth=0.8, linestyle=(0, (1, 1.2)), zorder=1, label="1/golden ratio")
    best = float(results.best_risk.min())
    ax.set_ylim(0.8 * best, 3.0 * best)
    return found


ENTRY = Entry(
    paper=Paper(
        "Garg, Bhattacharya & Sur",
        2025,
        "Preventing Model Collapse Under Overparametrization: Optimal Mixing Ratios for Interpolation Learning and "
        "Ridge Regression",
        """@misc{garg2025preventing,
  title = {Preventing Model Collapse Under Overparametrization: Optimal Mixing Ratios for Interpolation Learning and
    Ridge Regression},
  author = {Garg, Anvit and Bhattacharya, Sohom and Sur, Pragya},
  year = {2025}, eprint = {2509.22341}, archiveprefix = {arXiv}
}""",
    ),
    claim="the best real share is the golden ratio's reciprocal for interpolators too, and at least one half for ridge",
    setting="Isotropic inputs, the same in every round, with fresh real labels and labels of the round before, whose "
    "noise is that of the real ones; the risk where rounds settle, on average over inputs. Penalty on XᵀX/n.",
    evidence=Evidence.OURS,
    parameters=(
        Parameter("ratio", 2.0, "features per row p/n", 0.1, 10.0),
        Parameter("signal", 1.0, "squared length of the true weights", 1e-3, 1e3),
        Parameter("noise", 1.0, "variance of the labels' noise", 1e-3, 1e3),
    ),
    targets=(
        Target("risk", "1.5", Origin.CLOSED, {"penalty": 0.0, "weight": 1.0}, within=1e-9),
        Target("risk", "1.1180340", Origin.CLOSED, {"penalty": 0.0, "weight": GOLDEN}),
        Target("risk", "1.1666667", Origin.CLOSED, {"penalty": 0.0, "weight": 0.5}),
        Target("risk", "1.9285714", Origin.CLOSED, {"penalty": 0.0, "weight": 0.25}),
        Target("best_weight", "0.618034", Origin.CLOSED, {"penalty": 0.0}),
        Target("risk", "1.227707", Origin.RECOMPUTED, {"penalty": 0.1, "weight": 1.0}),
        Target("best_weight", "0.600063", Origin.RECOMPUTED, {"penalty": 0.1}),
        Target("best_risk", "0.940397", Origin.RECOMPUTED, {"penalty": 0.1}),
        Target("risk", "0.810660", Origin.RECOMPUTED, {"penalty": 1.0, "weight": 1.0}),
        Target("best_weight", "0.703682", Origin.RECOMPUTED, {"penalty": 1.0}),
        Target("best_risk", "0.761954", Origin.RECOMPUTED, {"penalty": 1.0}),
    ),
    calculation=compute,
    drawing=draw,
    labels={
        "weight": "weight w of the real labels",
        "penalty": "penalty λ on the covariance",
        "risk": "excess risk where rounds settle",
        "best_weight": "best weight of the real labels",
        "best_risk": "excess risk at the best weight",
    },
    notes=("A penalty moves the best weight either way: 0.600 at λ = 0.1, 0.704 at λ = 1, for unit signal and noise.",),
    turns={"ratio": (0.5, 4.0), "noise": (0.1,)},
)
