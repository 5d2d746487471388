"""Lecoiu, Mukherjee & Sur 2026: s steps of self-distillation are as good as any shrinkage where s spikes matter."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr
from scipy.optimize import minimize_scalar

import lingauss as lg
from lingauss.atlas.drawing import curves
from lingauss.atlas.record import Entry, Evidence, Paper, Parameter
from lingauss.atlas.targets import Origin, Target

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BULK = 18
PENALTIES = np.union1d(np.geomspace(0.001, 100.0, 51), [4.0])


def compute(noise: float, third: float) -> xr.Dataset:
    """Return risks of 0 to 3 steps by penalty, the least over penalties, and that of the best shrinkage."""
    spikes, powers = ([50.0, 20.0], [1.0, 0.3]) if third == 0.0 else ([50.0, 20.0, third], [1.0, 0.3, 0.3])
    eigenvalues, signal = np.append(spikes, np.full(BULK, 5.0)), np.append(powers, np.full(BULK, 0.05))
    problem = lg.Problem.from_spectrum(eigenvalues, signal, n_samples=100, label_noise=math.sqrt(noise))

    def risk(penalty: float, steps: int) -> float:
        learner = lg.Ridge(penalty, temperature=0.0)
        case = lg.Distillation(problem, learner, learner, temperature=0.0)
        return lg.Chain(case, steps).best_mixing().value if steps else case.excess_risk().teacher

    def least(risks: np.ndarray, steps: int) -> float:
        place = int(np.argmin(risks))
        around = np.log(PENALTIES[[max(place - 1, 0), min(place + 1, len(PENALTIES) - 1)]])
        return float(minimize_scalar(lambda log: risk(math.exp(log), steps), bounds=tuple(around)).fun)

    risks = np.array([[risk(penalty, steps) for steps in range(4)] for penalty in PENALTIES])
    shrunk = np.sum(eigenvalues * signal * noise / (noise + eigenvalues * signal)) / 100.0
    return xr.Dataset(
        {
            "risk": (("penalty", "steps"), risks),
            "tuned": ("steps", [least(risks[:, steps], steps) for steps in range(4)]),
            "shrunk": shrunk,
        },
        coords={"penalty": PENALTIES, "steps": np.arange(4)},
    )


def draw(results: xr.Dataset, ax: Axes) -> Sequence[xr.DataArray]:
    """Draw the risk over the penalty, one curve per number of steps."""
    names = ("ridge", "1 step", "2 steps", "3 steps")
    drawn = {name: results.risk.sel(steps=steps) for steps, name in enumerate(names)}
    found = curves(ax, drawn, log="x", guides={"best shrinkage": results.shrunk})
    ax.set_ylim(0.97 * float(results.shrunk), 2.0 * float(results.shrunk))
    return found


ENTRY = Entry(
    paper=Paper(
        "Lecoiu, Mukherjee & Sur",
        2026,
        "Self-Distillation is Optimal Among Spectral Shrinkage Estimators in Spiked Covariance Models",
        """@misc{lecoiu2026self,
  title = {Self-Distillation is Optimal Among Spectral Shrinkage Estimators in Spiked Covariance Models},
  author = {Lecoiu, Radu and Mukherjee, Debarghya and Sur, Pragya},
  year = {2026}, eprint = {2605.17778}, archiveprefix = {arXiv}
}""",
    ),
    claim="as many steps as spikes reach the best shrinkage at a tuned penalty, and fewer do not",
    setting="Gram matrix of two spikes, 50 and 20, and 18 eigenvalues of 5, true weights of squares 1, 0.3 and 0.05, "
    "100 samples; risk at the training inputs, the best share of soft labels in every step. The theorem is about drawn "
    "inputs; here they are given.",
    evidence=Evidence.OURS,
    parameters=(
        Parameter("noise", 3.0, "variance ν² of the labels' noise", 1e-3, 1000.0),
        Parameter("third", 0.0, "eigenvalue of a third spike, of square 0.3; none at 0", 0.0, 1000.0),
    ),
    targets=(
        Target("tuned", "0.1242535", Origin.RECOMPUTED, {"steps": 0}),
        Target("tuned", "0.0914624", Origin.RECOMPUTED, {"steps": 1}),
        Target("tuned", "0.0898403", Origin.RECOMPUTED, {"steps": 2}),
        Target("risk", "0.0908630", Origin.RECOMPUTED, {"penalty": 4.0, "steps": 2}),
        Target("risk", "0.0898403", Origin.CLOSED, {"penalty": 4.0, "steps": 3}),
        Target("shrunk", "0.0898403", Origin.CLOSED),
    ),
    calculation=compute,
    drawing=draw,
    labels={
        "penalty": "penalty λ of every fit",
        "steps": "steps of self-distillation",
        "risk": "excess risk",
        "tuned": "least excess risk over penalties",
        "shrunk": "excess risk of the best shrinkage",
    },
    notes=(
        "A penalty to tune is worth one step: two spikes and a bulk are three shrinkages, for which three steps are "
        "needed at a fixed penalty, and two where it is tuned.",
    ),
    turns={"third": (10.0, 150.0), "noise": (0.3,)},
)
