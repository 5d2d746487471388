"""Dohmatob, Feng & Kempe 2024: every generation of fake data adds the same, and with few rows knowledge halves."""

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

GENERATIONS = np.arange(11)


def compute(rows: int, noise: float, penalty: float, ratio: float) -> xr.Dataset:
    """Return risks by the number of generations: with ridge in the end, and of minimum norm without noise."""
    features, none = 100, lg.Ridge(0.0, temperature=0.0)
    signal, last = np.full(features, 1.0 / features), rows * penalty
    problem = lg.Problem.from_population(np.ones(features), signal, n_samples=rows, label_noise=math.sqrt(noise))
    clean = lg.Distillation(problem, lg.Ridge(last, temperature=0.0), none).excess_risk().teacher
    case = lg.Distillation(problem, none, lg.Ridge(last, temperature=0.0))
    collapsing = [clean]
    for count in GENERATIONS[1:].tolist():
        chain = lg.Chain(case, count, fresh="inputs", penalty=[*[0.0] * (count - 1), last])
        collapsing.append(float(chain.sweep(quantities=["excess_risk"])["excess_risk"][-1]))
    few = lg.Problem.from_population(np.ones(features), signal, n_samples=round(ratio * features), label_noise=1e-9)
    bare = lg.Distillation(few, none, none, temperature=0.0)
    later = lg.Chain(bare, len(GENERATIONS) - 1, fresh="inputs").sweep(quantities=["excess_risk"])["excess_risk"]
    return xr.Dataset(
        {
            "risk": ("generation", collapsing),
            "forgetting": ("generation", [bare.excess_risk().teacher, *later.to_numpy()]),
            "slope": (collapsing[-1] - clean) / GENERATIONS[-1],
        },
        coords={"generation": GENERATIONS},
    )


def draw(results: xr.Dataset, ax: Axes) -> Sequence[xr.DataArray]:
    """Draw both risks over the generations."""
    drawn = {"noisy, many rows, ridge": results.risk, "noiseless, few rows": results.forgetting}
    return curves(ax, drawn, guides={"null fit": xr.DataArray(1.0)})


ENTRY = Entry(
    paper=Paper(
        "Dohmatob, Feng & Kempe",
        2024,
        "Model Collapse Demystified: The Case of Regression",
        """@inproceedings{dohmatob2024model,
  title = {Model Collapse Demystified: The Case of Regression},
  author = {Dohmatob, Elvis and Feng, Yunzhen and Kempe, Julia},
  booktitle = {Advances in Neural Information Processing Systems},
  year = {2024}
}""",
    ),
    claim="the test error grows linearly in the generations, and without noise on few rows exponentially towards the "
    "null",
    setting="Isotropic inputs, 100 features, a truth of length 1; every generation is fitted on fresh rows labelled "
    "by the one before, by least squares, and the last by ridge with a penalty on XᵀX/T. Without noise, on fewer rows "
    "than features, all by minimum norm.",
    evidence=Evidence.OURS,
    parameters=(
        Parameter("rows", 400, "rows T of every generation", 110, 10_000),
        Parameter("noise", 0.25, "variance σ² of the labels' noise", 1e-6, 1e3),
        Parameter("penalty", 0.1, "ridge penalty of the last fit", 1e-6, 1e3),
        Parameter("ratio", 0.5, "rows per feature where there are few", 0.05, 0.95),
    ),
    targets=(
        Target("risk", "0.0771939", Origin.RECOMPUTED, {"generation": 0}),
        Target("risk", "0.1428982", Origin.RECOMPUTED, {"generation": 1}),
        Target("risk", "0.7342377", Origin.RECOMPUTED, {"generation": 10}),
        Target("slope", "0.0657044", Origin.RECOMPUTED),
        *(
            Target("forgetting", value, Origin.CLOSED, {"generation": count}, within=1e-9)
            for count, value in enumerate(("0.5", "0.75", "0.875", "0.9375", "0.96875"))
        ),
    ),
    calculation=compute,
    drawing=draw,
    labels={
        "generation": "generations of fake data",
        "risk": "excess risk",
        "forgetting": "excess risk without noise on few rows",
        "slope": "excess risk that a generation adds",
    },
    notes=(
        "Without noise on a share η of rows per feature what is known shrinks by η in every generation: the risk is "
        "1 − η to the power of the number of fits.",
    ),
    turns={"penalty": (1.0,), "noise": (1.0,), "ratio": (0.9,)},
)
