"""Gerstgrasser et al. 2024: risk grows for ever where data are replaced, and stays bounded where they accumulate."""

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

LEAST_SQUARES = lg.Ridge(0.0, temperature=0.0)


def risks(problem: lg.Problem, generations: int, *, accumulate: bool) -> list[float]:
    """Return the excess risk of every generation of least squares, each on labels of the one before."""
    case = lg.Distillation(problem, LEAST_SQUARES, LEAST_SQUARES)
    chain = lg.Chain(case, generations - 1, fresh="labels", accumulate=accumulate)
    later = chain.sweep(quantities=["excess_risk"])["excess_risk"]
    return [case.excess_risk().teacher, *later.to_numpy()]


def compute(features: int, rows: int, noise: float, generations: int) -> xr.Dataset:
    """Return excess risks by generation, on given and on drawn inputs."""
    silent, sd = np.zeros(features), math.sqrt(noise)
    given = lg.Problem.from_spectrum(np.full(features, float(rows)), silent, n_samples=rows, label_noise=sd)
    drawn = lg.Problem.from_population(np.ones(features), silent, n_samples=rows, label_noise=sd)
    return xr.Dataset(
        {
            "replace": ("generation", risks(given, generations, accumulate=False)),
            "accumulate": ("generation", risks(given, generations, accumulate=True)),
            "replace_drawn": ("generation", risks(drawn, generations, accumulate=False)),
            "accumulate_drawn": ("generation", risks(drawn, generations, accumulate=True)),
            "limit": noise * features / rows * math.pi**2 / 6.0,
        },
        coords={"generation": np.arange(1, generations + 1)},
    )


def draw(results: xr.Dataset, ax: Axes) -> Sequence[xr.DataArray]:
    """Draw the risks on given inputs over the generations."""
    drawn = {"data replaced": results.replace, "data accumulate": results.accumulate}
    return curves(ax, drawn, log="y", guides={"limit π²/6": results.limit})


ENTRY = Entry(
    paper=Paper(
        "Gerstgrasser et al.",
        2024,
        "Is Model Collapse Inevitable? Breaking the Curse of Recursion by Accumulating Real and Synthetic Data",
        """@misc{gerstgrasser2024is,
  title = {Is Model Collapse Inevitable? Breaking the Curse of Recursion by Accumulating Real and Synthetic Data},
  author = {Gerstgrasser, Matthias and Schaeffer, Rylan and Dey, Apratim and Rafailov, Rafael and others},
  year = {2024}, eprint = {2404.01413}, archiveprefix = {arXiv}
}""",
    ),
    claim="where every generation replaces the data the risk grows linearly, where data accumulate at most by π²/6",
    setting="Least squares on the same inputs in every generation, as in the authors' code, each generation on labels "
    "of the one before with fresh noise; of a truth that does not matter. Given inputs, and Gaussian ones on average.",
    evidence=Evidence.CODE,
    parameters=(
        Parameter("features", 100, "number of features d", 1, 500),
        Parameter("rows", 1000, "rows T of every generation", 10, 100_000),
        Parameter("noise", 1.0, "variance σ² of the labels' noise", 1e-6, 1e6),
        Parameter("generations", 100, "number of generations", 2, 200),
    ),
    targets=(
        Target("replace", "10", Origin.CLOSED, {"generation": 100}, within=1e-9),
        Target("accumulate", "0.1634984", Origin.CLOSED, {"generation": 100}),
        Target("replace_drawn", "11.1234705", Origin.CLOSED, {"generation": 100}, within=0.0125),
        Target("accumulate_drawn", "0.1818670", Origin.CLOSED, {"generation": 100}, within=0.00021),
        Target("limit", "0.1644934", Origin.CLOSED),
    ),
    calculation=compute,
    drawing=draw,
    labels={
        "generation": "generation",
        "replace": "excess risk",
        "accumulate": "excess risk where data accumulate",
        "replace_drawn": "excess risk on drawn inputs",
        "accumulate_drawn": "excess risk on drawn inputs where data accumulate",
        "limit": "limit where data accumulate",
    },
    notes=(
        "σ²d/T times n where data are replaced, times the sum of 1/i² where they accumulate. On Gaussian inputs the "
        "factor is σ²d/(T − d − 1); here it is σ²d/(T − d), which is 0.1 % off, the targets' tolerance.",
    ),
    turns={"rows": (200,), "features": (10,)},
)
