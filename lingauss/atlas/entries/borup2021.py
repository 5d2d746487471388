"""Borup & Andersen 2021, toy example: how true labels dampen what repeated self-distillation smooths away."""

from __future__ import annotations

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

LABELS = [
    0.38476636465198066, 1.2333967683416893, 1.33232242217057, 0.6920159488889518, -0.29756145531871736,
    -0.24189291901377769, -0.7964485769175675, -0.9616480167034174, -0.49672509509916934, -0.3469066003991437,
    0.5589512650600734,
]  # fmt: skip
WEIGHTS = (0.0, 0.25, 0.35)


def compute(sharpness: float, penalty: float, fits: int) -> xr.Dataset:
    """Return the distance of every fit to the sine, by the weight of the true labels."""
    features = lg.kernel_features(lambda a, b: np.exp(-sharpness * np.square(a - b.T)), np.linspace(0.0, 1.0, 11))
    problem = lg.Problem.from_data(features.rows, LABELS, label_noise=1.0, center=False)
    learner = lg.Ridge(penalty, temperature=0.0)
    grid = np.linspace(0.0, 1.0, 101)
    held_out = features.at(grid), np.sin(2.0 * np.pi * grid)
    losses, limits = [], []
    for weight in WEIGHTS:
        case = lg.Distillation(problem, learner, learner, temperature=0.0, mixing=1.0 - weight)
        chain = lg.Chain(case, fits - 1)
        students = [design.held_out_error(*held_out).student for design in chain.designs]
        losses.append([case.held_out_error(*held_out).teacher, *students])
        limits.append(chain.limit().held_out_error(*held_out).student)
    return xr.Dataset(
        {"loss": (("weight", "fit"), losses), "limit": ("weight", limits)},
        coords={"weight": list(WEIGHTS), "fit": np.arange(1, fits + 1)},
    )


def draw(results: xr.Dataset, ax: Axes) -> Sequence[xr.DataArray]:
    """Draw the distance over the fits, one curve per weight, and where they lead."""
    losses = {f"α = {weight:g}": results.loss.sel(weight=weight) for weight in WEIGHTS}
    return curves(
        ax, losses, guides={f"limit at α = {weight:g}": results.limit.sel(weight=weight) for weight in WEIGHTS[1:]}
    )


PAPER = Paper(
    "Borup & Andersen",
    2021,
    "Even your Teacher Needs Guidance: Ground-Truth Targets Dampen Regularization Imposed by Self-Distillation",
    """@inproceedings{borup2021even,
  title = {Even your Teacher Needs Guidance: Ground-Truth Targets Dampen Regularization Imposed by Self-Distillation},
  author = {Borup, Kenneth and Andersen, Lars N.},
  booktitle = {Advances in Neural Information Processing Systems},
  year = {2021}
}""",
)

LOSSES = {
    0.0: (".16477", ".15076", ".14915", ".15561", ".16735", ".18251"),
    0.25: (".16477", ".15309", ".14958", ".14903", ".14946", ".15011"),
    0.35: (".16477", ".15424", ".15089", ".14983", ".14954", ".14948"),
}
LIMITS = {0.0: ".49505", 0.25: ".15250", 0.35: ".14959"}

ENTRY = Entry(
    paper=PAPER,
    claim="a share of true labels in every round keeps repeated self-distillation from collapsing",
    setting="Kernel ridge regression of 11 noisy labels of a sine at 0, 0.1, …, 1 (the data of Mobahi et al. 2020, as "
    "printed in the authors' notebook), kernel exp(−80(x − x′)²), penalty 0.2 on the kernel matrix; mean squared "
    "distance of every fit to the sine on 0, 0.01, …, 1.",
    evidence=Evidence.CODE,
    parameters=(
        Parameter("sharpness", 80.0, "factor of the squared distance in the kernel's exponent", 1.0, 1000.0),
        Parameter("penalty", 0.2, "penalty λ added to the kernel matrix", 1e-6, 100.0),
        Parameter("fits", 6, "number of fits, the teacher's included", 2, 100),
    ),
    targets=(
        *(
            Target("loss", value, Origin.PRINTED, {"weight": weight, "fit": fit})
            for weight, values in LOSSES.items()
            for fit, value in enumerate(values, start=1)
        ),
        *(Target("limit", value, Origin.PRINTED, {"weight": weight}) for weight, value in LIMITS.items()),
    ),
    calculation=compute,
    drawing=draw,
    labels={
        "fit": "fit, from the teacher's",
        "weight": "weight α of the true labels",
        "loss": "mean squared distance to the sine",
        "limit": "distance in the limit of many fits",
    },
    notes=(
        "The README of the authors' repository prints the row of α = 0.35 under the heading α = 0.25; the run at 0.25 "
        "in its notebook is the middle row here.",
        "Without true labels the fits shrink to 0, whose distance 0.49505 is the mean of the squared sine on the grid.",
    ),
    turns={"penalty": (0.02, 1.0), "fits": (40,)},
)
