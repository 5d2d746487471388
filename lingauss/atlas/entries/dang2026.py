"""Dang, Patil & Rinaldo 2026, figure 5: the best share of soft labels improves ridge regression at every penalty."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
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

ROWS, FEATURES = 400, 200
PENALTIES = np.union1d(np.geomspace(0.001, 200.0, 54), [0.1, 1.0, 50.0])


def compute(noise: float, correlation: float, share: float) -> xr.Dataset:
    """Return total risks of ridge, of its pure and of its best distillation, by penalty on the covariance."""
    place = np.arange(FEATURES)
    eigenvalues = np.linalg.eigvalsh(correlation ** np.abs(np.subtract.outer(place, place)))[::-1]
    signal = np.where(place < 20, share / 20.0, (1.0 - share) / (FEATURES - 20))
    problem = lg.Problem.from_population(eigenvalues, signal, n_samples=ROWS, label_noise=math.sqrt(noise))

    def design(penalty: float) -> lg.Distillation:
        learner = lg.Ridge(ROWS * penalty, temperature=0.0)
        return lg.Distillation(problem, learner, learner, temperature=0.0)

    def ridge(penalty: float) -> float:
        return noise + design(penalty).excess_risk().teacher

    def distilled(penalty: float) -> tuple[float, float]:
        best = design(penalty).optimize(over=["mixing"], objective="excess_risk")
        return noise + best.value, best.settings["mixing"]

    def least(risk: Callable[[float], float]) -> float:
        found = minimize_scalar(lambda log: risk(math.exp(log)), bounds=(-5.0, 4.0), options={"xatol": 1e-9})
        return float(found.fun)

    best = np.array([distilled(penalty) for penalty in PENALTIES])
    return xr.Dataset(
        {
            "ridge": ("penalty", [ridge(penalty) for penalty in PENALTIES]),
            "pure": ("penalty", [noise + design(penalty).excess_risk().student for penalty in PENALTIES]),
            "best": ("penalty", best[:, 0]),
            "mixing": ("penalty", best[:, 1]),
            "best_ridge": least(ridge),
            "best_of_all": least(lambda penalty: distilled(penalty)[0]),
        },
        coords={"penalty": PENALTIES},
    )


def draw(results: xr.Dataset, ax: Axes) -> Sequence[xr.DataArray]:
    """Draw the three risks over the penalty."""
    drawn = {"ridge": results.ridge, "soft labels alone": results.pure, "best share": results.best}
    return curves(ax, drawn, log="x", guides={"best ridge": results.best_ridge})


PAPER = Paper(
    "Dang, Patil & Rinaldo",
    2026,
    "Optimal Unconstrained Self-Distillation in Ridge Regression: Strict Improvements, Precise Asymptotics, and "
    "One-Shot Tuning",
    """@misc{dang2026optimal,
  title = {Optimal Unconstrained Self-Distillation in Ridge Regression: Strict Improvements, Precise Asymptotics, and
    One-Shot Tuning},
  author = {Dang, Hien and Patil, Pratik and Rinaldo, Alessandro},
  year = {2026}, eprint = {2602.17565}, archiveprefix = {arXiv}
}""",
)

ROWS_OF_TABLE = {
    0.1: ("1.5702580", "1.4185107", "2.043985", "1.3649513"),
    1.0: ("1.4485680", "1.7389227", "-.896605", "1.3650024"),
    50.0: ("2.4756156", "2.5664745", "-23.94157", "1.4102142"),
}

ENTRY = Entry(
    paper=PAPER,
    claim="with its best share of soft labels a student beats its ridge teacher at every penalty but the best",
    setting="400 rows, 200 features of covariance ρ^|i−j|, true weights of length 1 of which a share lies in the 20 "
    "leading directions; total risk on average over inputs, labels and the truth's directions, penalty on XᵀX/n. The "
    "authors' script draws one truth, whose rows are not reproduced here.",
    evidence=Evidence.CODE,
    parameters=(
        Parameter("noise", 1.0, "variance σ² of the labels' noise", 1e-3, 100.0),
        Parameter("correlation", 0.25, "correlation ρ of neighbouring features", 0.0, 0.95),
        Parameter("share", 0.9, "share of the signal in the 20 leading directions", 0.0, 1.0),
    ),
    targets=(
        *(
            Target(variable, value, Origin.RECOMPUTED, {"penalty": penalty})
            for penalty, values in ROWS_OF_TABLE.items()
            for variable, value in zip(("ridge", "pure", "mixing", "best"), values, strict=True)
        ),
        Target("best_ridge", "1.3770950", Origin.RECOMPUTED),
        Target("best_of_all", "1.3477865", Origin.RECOMPUTED),
    ),
    calculation=compute,
    drawing=draw,
    labels={
        "penalty": "penalty λ on the covariance",
        "ridge": "total risk",
        "pure": "total risk on soft labels alone",
        "best": "total risk at the best share",
        "mixing": "best share of soft labels",
        "best_ridge": "least total risk of ridge",
        "best_of_all": "least total risk at the best share",
    },
    notes=(
        "Distilling an over-regularised teacher, λ = 2.68, beats the best ridge regression: 1.3478 against 1.3771.",
        "The share changes its sign where the risk of ridge is least, and is −24 at λ = 50.",
    ),
    turns={"noise": (0.1,), "correlation": (0.9,), "share": (0.1,)},
)
