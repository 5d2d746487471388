"""Pareek, Du & Oh 2024, figure 2: what the best ridge regression loses to as many steps as there are directions."""

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

RANKS = np.array([2, 3, 4, 5, 7, 10, 14, 20, 30, 50, 70, 100, 200, 500, 1000, 2000])


def compute(noise: float, smallest: float) -> xr.Dataset:
    """Return the risk of the best ridge regression over that of the best shrinkage, by the number of directions."""
    best = noise / (1.0 + noise)  # of the one direction with truth and singular value 1, shrunk at its best
    gains = []
    for rank in RANKS:
        singular = np.arange(1.0, rank + 1.0) ** (math.log(smallest) / math.log(rank))
        truth = np.where(np.arange(rank) == 0, 1.0, 0.0)
        problem = lg.Problem.from_spectrum(np.square(singular), truth, n_samples=1, label_noise=math.sqrt(noise))
        gains.append(lg.Distillation(problem).baselines().tuned_teacher / best)
    line = gains[0] + (gains[1] - gains[0]) * (RANKS - RANKS[0])
    return xr.Dataset(
        {"gain": ("rank", gains), "line": ("rank", line), "most": (1.0 + noise) / noise}, coords={"rank": RANKS}
    )


def draw(results: xr.Dataset, ax: Axes) -> Sequence[xr.DataArray]:
    """Draw the gain over the rank, with the line through its first two points and the most it can be."""
    drawn = {"gain": results.gain, "straight line": results.line}
    found = curves(ax, drawn, log="xy", guides={"the most it can be": results.most})
    ax.set_ylim(1.0, 3.0 * float(results.most))
    return found


GAINS = {2: "1.9569", 5: "4.6608", 10: "8.6439", 20: "15.1947", 50: "28.6672", 100: "42.0685"}

ENTRY = Entry(
    paper=PAPER,
    claim="as many steps as directions gain over the best ridge regression in proportion to their number, at first",
    setting="Singular values falling from 1 by a power law, truth along the first; as many steps of self-distillation "
    "as singular values, which reach the best shrinkage of every direction, against ridge regression with its best "
    "penalty.",
    evidence=Evidence.CAPTION,
    parameters=(
        Parameter("noise", 0.01, "variance γ² of the labels' noise", 1e-4, 100.0),
        Parameter("smallest", 0.8, "smallest singular value", 0.05, 0.99),
    ),
    targets=(
        *(Target("gain", value, Origin.RECOMPUTED, {"rank": rank}) for rank, value in GAINS.items()),
        Target("most", "101", Origin.CLOSED, within=1e-9),
    ),
    calculation=compute,
    drawing=draw,
    labels={
        "rank": "number of directions, and of steps",
        "gain": "gain over the best ridge",
        "line": "straight line through the first two points",
        "most": "largest gain there is, (1 + γ²)/γ²",
    },
    notes=(
        "The caption describes the growth as linear. It cannot stay so: no best ridge regression is worse than the "
        "null fit, of risk 1, and the best shrinkage has risk γ²/(1 + γ²), so that the gain stays below (1 + γ²)/γ², "
        "101 here and 11 at γ² = 0.1. The straight line is the part of the curve where the number of directions times "
        "γ² is small.",
    ),
    turns={"noise": (0.1, 0.001), "smallest": (0.5,)},
)
