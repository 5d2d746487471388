"""Mobahi, Farajtabar & Bartlett 2020, constraint form: self-distillation at a fixed training error ends in 0."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr
from scipy.optimize import brentq

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
ROUNDS = 10


def fits(sharpness: float, error: float) -> tuple[list[float], list[float]]:
    """Return the penalty and the mean square of every fit, until labels are so small that 0 is near enough."""
    features = lg.kernel_features(lambda a, b: np.exp(-sharpness * np.square(a - b.T)), np.linspace(0.0, 1.0, 11))
    rows, labels, penalties, squares = features.rows, np.array(LABELS), list[float](), list[float]()

    def fitted(log: float, labels: np.ndarray) -> lg.Distillation:
        problem = lg.Problem.from_data(rows, labels, label_noise=1.0, center=False)
        learner = lg.Ridge(np.exp(log), temperature=0.0)
        return lg.Distillation(problem, learner, learner)

    def excess(log: float, labels: np.ndarray) -> float:
        return fitted(log, labels).held_out_error(rows, labels).teacher - error

    while np.mean(np.square(labels)) > error and len(penalties) < ROUNDS:
        log = float(brentq(excess, -20.0, 20.0, args=(labels,)))
        fit = fitted(log, labels)
        labels = rows @ fit.teacher_channel.at(fit.problem.observed).mean[0]
        penalties.append(float(np.exp(log)))
        squares.append(float(np.mean(np.square(labels))))
    return penalties, squares


def compute(sharpness: float, error: float) -> xr.Dataset:
    """Return penalties and mean squares by round, for the training error, 2.25 times and half of it."""
    errors = [2.25 * error, error, 0.5 * error]
    found = [fits(sharpness, each) for each in errors]
    padded = np.full((2, len(errors), ROUNDS), np.nan)
    for row, columns in enumerate(found):
        for kind, values in enumerate(columns):
            padded[kind, row, : len(values)] = values
    return xr.Dataset(
        {
            "penalty": (("error", "round"), padded[0]),
            "square": (("error", "round"), padded[1]),
            "rounds": ("error", [len(penalties) for penalties, _ in found]),
        },
        coords={"error": errors, "round": np.arange(1, ROUNDS + 1)},
    )


def draw(results: xr.Dataset, ax: Axes) -> Sequence[xr.DataArray]:
    """Draw the penalty over the rounds, one curve per training error."""
    penalties = {f"ε = {error:g}": results.penalty.sel(error=error) for error in results.error.to_numpy()}
    return curves(ax, penalties, log="y")


ENTRY = Entry(
    paper=Paper(
        "Mobahi, Farajtabar & Bartlett",
        2020,
        "Self-Distillation Amplifies Regularization in Hilbert Space",
        """@inproceedings{mobahi2020self,
  title = {Self-Distillation Amplifies Regularization in {Hilbert} Space},
  author = {Mobahi, Hossein and Farajtabar, Mehrdad and Bartlett, Peter L.},
  booktitle = {Advances in Neural Information Processing Systems},
  year = {2020}
}""",
    ),
    claim="self-distillation at a fixed training error needs ever larger penalties, and ends in the zero function",
    setting="Each fit learns from the predictions of the one before, with the penalty at which its mean squared "
    "training error is ε, until the labels' mean square is below ε. The paper's 11 labels of a sine, kernel "
    "exp(−80(x − x′)²); the paper's kernel is another.",
    evidence=Evidence.OURS,
    parameters=(
        Parameter("sharpness", 80.0, "factor of the squared distance in the kernel's exponent", 1.0, 1000.0),
        Parameter(
            "error", 0.02, "mean squared training error ε of every fit, beside 2.25 times and half of it", 1e-3, 0.2
        ),
    ),
    targets=(
        *(
            Target("penalty", value, Origin.RECOMPUTED, {"error": 0.02, "round": number})
            for number, value in enumerate(("0.309629", "0.450873", "0.668493", "1.141362", "3.423273"), start=1)
        ),
        *(
            Target("rounds", value, Origin.RECOMPUTED, {"error": error})
            for error, value in ((0.045, "3"), (0.02, "5"), (0.01, "7"))
        ),
    ),
    calculation=compute,
    drawing=draw,
    labels={
        "round": "fit",
        "error": "mean squared training error ε",
        "penalty": "penalty λ that leaves this error",
        "square": "mean square of the fit",
        "rounds": "fits before the collapse",
    },
    notes=(
        "With a fixed penalty in place of a fixed error the fits shrink for ever and never end; here the penalty grows "
        "without bound as the labels' mean square comes down to ε, below which there is no fit but 0.",
    ),
    turns={"error": (0.08,), "sharpness": (20.0, 300.0)},
)
