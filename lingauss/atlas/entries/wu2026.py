"""Wu, Yang & Sun 2026: self-training on fresh inputs first removes noise, then forgets."""

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


def compute(spike: float, noise: float, fits: int) -> xr.Dataset:
    """Return the risk of every fit of minimum norm, each on fresh rows labelled by the one before."""
    eigenvalues = np.append(np.full(5, spike), np.ones(195))
    signal = np.append(np.full(5, 0.004), np.full(195, 0.0005))
    problem = lg.Problem.from_population(eigenvalues, signal, n_samples=100, label_noise=math.sqrt(noise))
    learner = lg.Ridge(0.0, temperature=0.0)
    case = lg.Distillation(problem, learner, learner, temperature=0.0)
    later = lg.Chain(case, fits - 1, fresh="inputs").sweep(quantities=["excess_risk"])["excess_risk"]
    risks = np.array([case.excess_risk().teacher, *later.to_numpy()])
    return xr.Dataset(
        {"risk": ("fit", risks), "best_fit": 1 + int(np.argmin(risks)), "null": float(np.sum(eigenvalues * signal))},
        coords={"fit": np.arange(1, fits + 1)},
    )


def draw(results: xr.Dataset, ax: Axes) -> Sequence[xr.DataArray]:
    """Draw the risk over the fits."""
    return curves(ax, {"minimum norm": results.risk}, guides={"null fit": results.null})


RISKS = (
    "1.101566", "0.661862", "0.446100", "0.339886", "0.287469", "0.261668",
    "0.249216", "0.243629", "0.241726", "0.241936", "0.243474", "0.245937",
)  # fmt: skip

ENTRY = Entry(
    paper=Paper(
        "Wu, Yang & Sun",
        2026,
        "Why Self-Training Helps and Hurts: Denoising vs. Signal Forgetting",
        """@misc{wu2026why,
  title = {Why Self-Training Helps and Hurts: Denoising vs. Signal Forgetting},
  author = {Wu, Mingqi and Yang, Archer Y. and Sun, Qiang},
  year = {2026}, eprint = {2602.14029}, archiveprefix = {arXiv}
}""",
    ),
    claim="the risk of iterated self-training is U-shaped: noise is removed first, then the signal is forgotten",
    setting="200 features, 5 of them spikes, true weights of squares 0.004 on spikes and 0.0005 elsewhere; the first "
    "fit of minimum norm on 100 rows of noisy labels, every later one on 100 fresh rows labelled by the one before.",
    evidence=Evidence.OURS,
    parameters=(
        Parameter("spike", 50.0, "eigenvalue of the five spikes, beside 195 of 1", 1.0, 1e4),
        Parameter("noise", 1.0, "variance σ² of the labels' noise", 1e-6, 1e3),
        Parameter("fits", 40, "number of fits", 2, 200),
    ),
    targets=(
        *(Target("risk", value, Origin.RECOMPUTED, {"fit": fit}) for fit, value in enumerate(RISKS, start=1)),
        Target("best_fit", "9", Origin.RECOMPUTED),
        Target("null", "1.0975", Origin.CLOSED, within=1e-9),
    ),
    calculation=compute,
    drawing=draw,
    labels={
        "fit": "fit",
        "risk": "excess risk",
        "best_fit": "fit of least risk",
        "null": "excess risk of the null fit",
    },
    notes=(
        "Without spikes there is no U here: isotropic weak signal is forgotten as fast as the noise, and the risk "
        "falls towards that of the null fit.",
    ),
    turns={"spike": (1.0, 10.0), "noise": (4.0,)},
)
