"""Hastie, Montanari, Rosset & Tibshirani 2022: the second descent of least squares of minimum norm."""

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

ROWS = 1000
FEATURES = np.array(
    [*range(100, 1000, 50), 970, 985, 1015, 1030, *range(1050, 1500, 50), *range(1500, 4001, 100), 1809, 6000, 10000]
)


def compute(signal: float, noise: float, penalty: float) -> xr.Dataset:
    """Return excess risks of least norm and of the best ridge, by features per row."""
    risks: dict[str, list[float]] = {"least_norm": [], "best_ridge": []}
    features = np.unique(FEATURES)
    for d in features:
        problem = lg.Problem.from_population(
            np.ones(d), np.full(d, signal / d), n_samples=ROWS, label_noise=math.sqrt(noise)
        )
        for name, lam in (("least_norm", penalty), ("best_ridge", d * noise / signal)):
            learner = lg.Ridge(lam, temperature=0.0)
            risks[name].append(lg.Distillation(problem, learner, learner).excess_risk().teacher)
    found = {name: ("ratio", values) for name, values in risks.items()}
    return xr.Dataset({**found, "null": signal}, coords={"ratio": features / ROWS})


def draw(results: xr.Dataset, ax: Axes) -> Sequence[xr.DataArray]:
    """Draw both risks over the features per row."""
    drawn = {"minimum norm": results.least_norm, "best ridge": results.best_ridge}
    found = curves(ax, drawn, log="x", guides={"null fit": results.null})
    ax.set_ylim(0.0, 2.5 * float(results.null))
    return found


ENTRY = Entry(
    paper=Paper(
        "Hastie, Montanari, Rosset & Tibshirani",
        2022,
        "Surprises in high-dimensional ridgeless least squares interpolation",
        """@article{hastie2022surprises,
  title = {Surprises in high-dimensional ridgeless least squares interpolation},
  author = {Hastie, Trevor and Montanari, Andrea and Rosset, Saharon and Tibshirani, Ryan J.},
  journal = {The Annals of Statistics}, volume = {50}, number = {2}, pages = {949--986}, year = {2022}
}""",
    ),
    claim="with a strong signal the risk of the interpolator of minimum norm descends twice",
    setting="Isotropic inputs, 1,000 rows, features from a tenth of that to ten times; the excess risk on average over "
    "inputs, labels and directions of the truth.",
    evidence=Evidence.FORMULA,
    parameters=(
        Parameter("signal", 5.0, "squared length r² of the true weights", 0.01, 1000.0),
        Parameter("noise", 1.0, "variance σ² of the labels' noise", 0.001, 1000.0),
        Parameter("penalty", 0.0, "ridge penalty in place of minimum norm", 0.0, 1e6),
    ),
    targets=(
        Target("least_norm", "1", Origin.CLOSED, {"ratio": 0.5}, within=1e-9),
        Target("least_norm", "10.4545455", Origin.CLOSED, {"ratio": 1.1}),
        Target("least_norm", "3.4721360", Origin.CLOSED, {"ratio": 1.809}),
        Target("least_norm", "4.0833333", Origin.CLOSED, {"ratio": 4.0}),
    ),
    calculation=compute,
    drawing=draw,
    labels={
        "ratio": "features per row γ = d/n",
        "least_norm": "excess risk",
        "best_ridge": "excess risk of the best ridge",
        "null": "excess risk of the null fit",
    },
    notes=(
        "σ²γ/(1 − γ) below γ = 1 and r²(1 − 1/γ) + σ²/(γ − 1) above, least at γ = r/(r − σ) = 1.809, where it is "
        "2rσ − σ² = 3.472 for r² = 5, σ² = 1. It is below the null fit and above the risk with few features.",
        "With its best penalty, dσ²/r², ridge regression has no second descent at all.",
    ),
    turns={"signal": (1.0, 20.0), "penalty": (100.0,)},
)
