"""Pareek, Du & Oh 2024, figure 4: the closer singular values are, the more extreme the best shares become."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

import lingauss as lg
from lingauss.atlas.drawing import curves
from lingauss.atlas.entries.pareek2024 import PAPER
from lingauss.atlas.record import Entry, Evidence, Parameter
from lingauss.atlas.targets import Origin, Target

if TYPE_CHECKING:
    from matplotlib.axes import Axes

GAPS = np.array([0.2, 0.15, 0.1, 0.07, 0.05, 0.03, 0.02, 0.01])
STEPS = np.arange(1, 4)


def compute(noise: float, penalty: float) -> xr.Dataset:
    """Return the best share of every step by the gap of singular values, its size, and the risk."""
    learner = lg.Ridge(penalty, temperature=0.0)
    shares, risks = [], []
    for gap in GAPS:
        singular = 1.0 - gap * np.arange(4)
        problem = lg.Problem.from_spectrum(
            np.square(singular), [1.0, 0.0, 0.0, 0.0], n_samples=1, label_noise=math.sqrt(noise)
        )
        best = lg.Chain(lg.Distillation(problem, learner, learner, temperature=0.0), len(STEPS)).best_mixing()
        shares.append(best.mixing)
        risks.append(best.value)
    return xr.Dataset(
        {
            "share": (("gap", "step"), shares),
            "size": (("gap", "step"), np.abs(shares)),
            "risk": ("gap", risks),
            "bound": noise / (1.0 + noise),
        },
        coords={"gap": GAPS, "step": STEPS},
    )


def draw(results: xr.Dataset, ax: Axes) -> Sequence[xr.DataArray]:
    """Draw the size of the shares over the gap, one curve per step."""
    return curves(ax, {f"step {step}": results["size"].sel(step=step) for step in STEPS.tolist()}, log="xy")


LAST = {0.2: "66.18145", 0.1: "1631.946", 0.05: "12138.93", 0.02: "102553.9", 0.01: "448670.2"}

ENTRY = Entry(
    paper=PAPER,
    claim="as singular values come closer the best share of soft labels in the last step grows without bound",
    setting="Four singular values 1, 1 − ε, 1 − 2ε, 1 − 3ε, truth along the first; three steps, each with its best "
    "share of soft labels.",
    evidence=Evidence.CAPTION,
    parameters=(
        Parameter("noise", 0.1, "variance γ² of the labels' noise", 1e-4, 100.0),
        Parameter("penalty", 0.125, "ridge penalty λ of every fit", 1e-3, 100.0),
    ),
    targets=(
        *(Target("size", value, Origin.RECOMPUTED, {"gap": gap, "step": 3}) for gap, value in LAST.items()),
        *(Target("share", f"-{value}", Origin.RECOMPUTED, {"gap": gap, "step": 3}) for gap, value in LAST.items()),
        Target("risk", "0.1198234", Origin.RECOMPUTED, {"gap": 0.2}),
        Target("risk", "0.0958314", Origin.RECOMPUTED, {"gap": 0.01}),
        Target("bound", "0.0909091", Origin.CLOSED),
    ),
    calculation=compute,
    drawing=draw,
    labels={
        "gap": "gap ε of singular values",
        "step": "step of self-distillation",
        "share": "best share of soft labels",
        "size": "size of the best share",
        "risk": "excess risk",
        "bound": "excess risk of the best shrinkage",
    },
    notes=(
        "The last share is −448,670 at ε = 0.01: every error in the labels of the step before is magnified as much. "
        "Three steps do not reach the bound of four singular values, but come closer to it the closer these are.",
    ),
    turns={"penalty": (1.0,), "noise": (0.01,)},
)
