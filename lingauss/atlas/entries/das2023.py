"""Das & Sanghavi 2023: the noisier the labels, the more a student should trust its teacher, even beyond fully."""

from __future__ import annotations

import math
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

SHOWN = np.union1d(np.geomspace(0.05, 100.0, 67), [0.3, 2.0, 20.0])


def best_mixing(noise: float, penalty: float, weakest: float) -> float:
    """Return the share of soft labels at which the student's excess risk is least."""
    eigenvalues, signal = [4.0, 1.0, weakest], [1.0, 1.0, 0.25]
    problem = lg.Problem.from_spectrum(eigenvalues, signal, n_samples=10, label_noise=math.sqrt(noise))
    learner = lg.Ridge(penalty, temperature=0.0)
    case = lg.Distillation(problem, learner, learner, temperature=0.0)
    return float(case.optimize(over=["mixing"], objective="excess_risk").settings["mixing"])


def compute(penalty: float, weakest: float) -> xr.Dataset:
    """Return the best share of soft labels by noise, and the noise at which it is none and all."""

    def noise_of(share: float) -> float:
        return float(brentq(lambda noise: best_mixing(noise, penalty, weakest) - share, 1e-6, 1e4, xtol=1e-12))

    limit = best_mixing(1e10, penalty, weakest)
    return xr.Dataset(
        {
            "mixing": ("noise", [best_mixing(noise, penalty, weakest) for noise in SHOWN]),
            "limit": limit,
            "noise_of_none": noise_of(0.0),
            "noise_of_all": noise_of(1.0) if limit > 1.0 else math.inf,
        },
        coords={"noise": SHOWN},
    )


def draw(results: xr.Dataset, ax: Axes) -> Sequence[xr.DataArray]:
    """Draw the best share over the noise."""
    ax.axhspan(1.0, max(1.0, float(results.limit)), color="#F3F3F3", linewidth=0.0, zorder=0)
    guides = {"soft labels alone": xr.DataArray(1.0), "limit of much noise": results.limit}
    return curves(ax, {"best share": results.mixing}, log="x", guides=guides)


PAPER = Paper(
    "Das & Sanghavi",
    2023,
    "Understanding Self-Distillation in the Presence of Label Noise",
    """@inproceedings{das2023understanding,
  title = {Understanding Self-Distillation in the Presence of Label Noise},
  author = {Das, Rudrajit and Sanghavi, Sujay},
  booktitle = {International Conference on Machine Learning},
  year = {2023}
}""",
)

ENTRY = Entry(
    paper=PAPER,
    claim="in high noise the best share of soft labels exceeds 1",
    setting="Ridge regression distilled once into ridge regression with the same penalty on the same inputs: Gram "
    "matrix of eigenvalues 4, 1 and the weakest, true weights of squares 1, 1 and 1/4.",
    evidence=Evidence.OURS,
    parameters=(
        Parameter("penalty", 0.5, "ridge penalty λ of teacher and student", 1e-3, 100.0),
        Parameter("weakest", 0.25, "smallest eigenvalue of the Gram matrix", 1e-3, 4.0),
    ),
    targets=(
        Target("mixing", "-0.2759108", Origin.CLOSED, {"noise": 0.3}),
        Target("mixing", "1.5972582", Origin.CLOSED, {"noise": 2.0}),
        Target("mixing", "2.6849447", Origin.CLOSED, {"noise": 20.0}),
        Target("noise_of_none", "0.4103982", Origin.CLOSED),
        Target("noise_of_all", "1.0854766", Origin.CLOSED),
        Target("limit", "2.8567416", Origin.CLOSED),
    ),
    calculation=compute,
    drawing=draw,
    labels={
        "noise": "variance of the labels' noise ν²",
        "mixing": "best share of soft labels ξ*",
        "limit": "best share in the limit of much noise",
        "noise_of_none": "noise at which the best share is 0",
        "noise_of_all": "noise at which the best share is 1",
    },
    notes=(
        "Below a noise of 0.41 the best share is negative: the student should move away from its teacher, because the "
        "penalty shrinks too much.",
        "The share stays finite however noisy the labels are; its limit depends on the spectrum and the penalty alone.",
    ),
    turns={"penalty": (0.1, 2.0), "weakest": (0.01,)},
)
