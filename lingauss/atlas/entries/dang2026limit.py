"""Dang, Patil & Rinaldo 2026, figure 6: the gain of the best distillation when the penalty grows without bound."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

import lingauss as lg
from lingauss.atlas.drawing import curves
from lingauss.atlas.entries.dang2026 import PAPER
from lingauss.atlas.record import Entry, Evidence, Parameter
from lingauss.atlas.targets import Origin, Target

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROWS = 1000
RATIOS = (0.1, 0.5, 1.0)
STRENGTHS = np.union1d(np.geomspace(0.1, 100.0, 31), [1.0, 10.0])


def compute(penalty: float) -> xr.Dataset:
    """Return total risks of the best student over those of the best ridge, by features per row and signal to noise."""
    quotients = []
    for ratio in RATIOS:
        features = round(ratio * ROWS)
        for strength in STRENGTHS:
            problem = lg.Problem.from_population(
                np.ones(features), np.full(features, strength / features), n_samples=ROWS, label_noise=1.0
            )
            learner = lg.Ridge(ROWS * penalty, temperature=0.0)
            case = lg.Distillation(problem, learner, learner, temperature=0.0)
            tuned = case.replace(teacher=lg.Ridge(features / strength, temperature=0.0)).excess_risk().teacher
            distilled = case.optimize(over=["mixing"], objective="excess_risk").value
            quotients.append((1.0 + distilled) / (1.0 + tuned))
    shape = len(RATIOS), len(STRENGTHS)
    return xr.Dataset(
        {"quotient": (("ratio", "strength"), np.reshape(quotients, shape))},
        coords={"ratio": list(RATIOS), "strength": STRENGTHS},
    )


def draw(results: xr.Dataset, ax: Axes) -> Sequence[xr.DataArray]:
    """Draw the quotient over the signal-to-noise ratio."""
    drawn = {f"γ = {ratio:g}": results.quotient.sel(ratio=ratio) for ratio in RATIOS}
    return curves(ax, drawn, log="xy", guides={"as good as the best ridge": xr.DataArray(1.0)})


ENTRY = Entry(
    paper=PAPER,
    claim="distilled at its best, a teacher with a huge penalty comes close to the best ridge if the signal is weak",
    setting="Isotropic inputs, 1,000 rows; teacher and student at the same huge penalty on XᵀX/n, the best share of "
    "soft labels; total risk over that of ridge at its best penalty.",
    evidence=Evidence.CODE,
    parameters=(Parameter("penalty", 1e8, "penalty λ on the covariance", 1e-3, 1e10),),
    targets=(
        Target("quotient", "1.030057", Origin.CLOSED, {"ratio": 1.0, "strength": 1.0}),
        Target("quotient", "1.794077", Origin.CLOSED, {"ratio": 0.1, "strength": 10.0}),
        Target("quotient", "1.060660", Origin.CLOSED, {"ratio": 0.5, "strength": 1.0}),
    ),
    calculation=compute,
    drawing=draw,
    labels={
        "ratio": "features per row γ = p/n",
        "strength": "signal-to-noise ratio r²/σ²",
        "quotient": "risk over that of the best ridge",
    },
    notes=(
        "In the limit the student's risk is σ² + r²γ(r² + σ²)/(r²(1 + γ) + γσ²), while its teacher's is that of the "
        "null fit, σ² + r².",
        "The authors' script loses digits at λ = 10⁶: 1.792965 in place of 1.794074 at γ = 0.1, r²/σ² = 10.",
    ),
    turns={"penalty": (0.001, 1.0, 10.0)},
)
