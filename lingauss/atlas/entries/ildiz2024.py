"""Ildiz et al. 2024, figure 1: labels of the right weak model teach better than the truth."""

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

FEATURES = 500
SAMPLES = np.array([50, 100, 200, 300, 400])


def kept_shares(eigenvalues: np.ndarray, rows: int) -> np.ndarray:
    """Return what minimum norm on so many drawn rows keeps of every direction, s/(s + τ) with Σ s/(s + τ) = n."""
    level = brentq(lambda log: np.sum(1.0 / (1.0 + np.exp(log) / eigenvalues)) - rows, -60.0, 20.0, xtol=1e-13)
    return np.asarray(1.0 / (1.0 + np.exp(level) / eigenvalues))


def compute(decay: float, source: float, noise: float) -> xr.Dataset:
    """Return risks of students of the truth, of the best surrogate and of the best mask, by rows."""
    index = np.arange(1.0, FEATURES + 1.0)
    eigenvalues = index**-decay
    truth = np.sqrt(index**-source / eigenvalues)
    none, silent = np.zeros((FEATURES, FEATURES)), lg.Diagonal(np.zeros(FEATURES))
    student = lg.Ridge(0.0, temperature=0.0)
    found: dict[str, list[float]] = {name: [] for name in ("true", "surrogate", "mask", "kept", "amplified", "largest")}
    for rows in SAMPLES.tolist():
        kept = kept_shares(eigenvalues, rows)
        missed, overlap = 1.0 - kept, np.sum(np.square(kept)) / rows
        gain = kept / (np.square(kept) + np.square(missed) * overlap / (1.0 - overlap))
        mask = np.where(np.square(missed) < 1.0 - overlap, 1.0, 0.0)
        problem = lg.Problem.from_gram(
            lg.Diagonal(rows * eigenvalues),
            n_samples=rows,
            truth=truth,
            label_noise=math.sqrt(noise) or 1e-9,
            test_cov=lg.Diagonal(eigenvalues),
        )
        for name, gains in (("true", np.ones(FEATURES)), ("surrogate", gain), ("mask", mask)):
            teacher = lg.Channel(none, silent, b=[gains * truth])
            case = lg.Distillation(problem, teacher, student, transfer=lg.FreshInputs(rows))
            found[name].append(case.excess_risk().student)
        found["kept"].append(float(np.sum(mask)))
        found["amplified"].append(float(np.sum(gain > 1.0)))
        found["largest"].append(float(np.max(gain)))
    return xr.Dataset({name: ("rows", values) for name, values in found.items()}, coords={"rows": SAMPLES})


def draw(results: xr.Dataset, ax: Axes) -> Sequence[xr.DataArray]:
    """Draw the three risks over the rows."""
    drawn = {"true labels": results.true, "best surrogate": results.surrogate, "best mask": results["mask"]}
    return curves(ax, drawn, log="xy")


RISKS = {
    100: ("0.2424707", "0.1612299", "0.1702463"),
    200: ("0.1193670", "0.0832510", "0.0896624"),
    300: ("0.0621752", "0.0463792", "0.0516673"),
}

ENTRY = Entry(
    paper=Paper(
        "Ildiz et al.",
        2024,
        "High-dimensional Analysis of Knowledge Distillation: Weak-to-Strong Generalization and Scaling Laws",
        """@misc{ildiz2024high,
  title = {High-dimensional Analysis of Knowledge Distillation: Weak-to-Strong Generalization and Scaling Laws},
  author = {Ildiz, M. Emrullah and Gozeten, Halil Alperen and Taga, Ege Onur and Mondelli, Marco and Oymak, Samet},
  year = {2024}, eprint = {2410.18837}, archiveprefix = {arXiv}
}""",
    ),
    claim="a student of minimum norm learns more from a well-chosen wrong model's labels than from the truth's",
    setting="500 features, covariance eigenvalues i⁻ᵃ, signal energies i⁻ᵇ; the student of minimum norm is trained on "
    "n drawn rows labelled by fixed weights: the truth, the truth times the best gain of every direction, or the "
    "truth in the directions of the best mask alone.",
    evidence=Evidence.CAPTION,
    parameters=(
        Parameter("decay", 2.0, "exponent a of the covariance's eigenvalues", 0.5, 3.0),
        Parameter("source", 1.5, "exponent b of the signal's energies", 0.1, 4.0),
        Parameter("noise", 0.0, "variance of the labels' noise", 0.0, 10.0),
    ),
    targets=(
        *(
            Target(name, value, Origin.RECOMPUTED, {"rows": rows})
            for rows, values in RISKS.items()
            for name, value in zip(("true", "surrogate", "mask"), values, strict=True)
        ),
        Target("kept", "203", Origin.RECOMPUTED, {"rows": 200}),
        Target("amplified", "126", Origin.RECOMPUTED, {"rows": 200}),
        Target("largest", "1.1386083", Origin.RECOMPUTED, {"rows": 200}),
    ),
    calculation=compute,
    drawing=draw,
    labels={
        "rows": "rows n",
        "true": "excess risk",
        "surrogate": "excess risk with the best surrogate",
        "mask": "excess risk with the best mask",
        "kept": "directions that the best mask keeps",
        "amplified": "directions that the best surrogate amplifies",
        "largest": "largest gain of the best surrogate",
    },
    notes=(
        "At n = 200 the best mask keeps 203 directions, more than there are rows, and the best surrogate amplifies "
        "126: a good teacher here is no small model.",
    ),
    turns={"noise": (0.1,), "source": (1.1,)},
)
