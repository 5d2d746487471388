"""Phuong & Lampert 2019: a linear student recovers its teacher from as many points as there are dimensions."""

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

SHARES = np.array([0.15, 0.25, 0.4, 0.5, 0.6, 0.75, 0.85, 1.0, 1.25, 1.5, 2.0])


def compute(features: int) -> xr.Dataset:
    """Return the squared distance of the student's weights to the teacher's, over the teacher's, by transfer points."""
    problem = lg.Problem.from_population(
        np.ones(features), np.full(features, 1.0 / features), n_samples=10 * features, label_noise=1e-9
    )
    learner = lg.Ridge(0.0, temperature=0.0)  # with so many rows without noise the teacher is the truth
    points = np.array([round(share * features) for share in SHARES])
    cases = [lg.Distillation(problem, learner, learner, temperature=0.0, transfer=lg.FreshInputs(n)) for n in points]
    return xr.Dataset(
        {"distance": ("points", [case.excess_risk().student for case in cases])}, coords={"points": points}
    )


def draw(results: xr.Dataset, ax: Axes) -> Sequence[xr.DataArray]:
    """Draw the distance over the transfer points."""
    return curves(ax, {"student of minimum norm": results.distance})


ENTRY = Entry(
    paper=Paper(
        "Phuong & Lampert",
        2019,
        "Towards Understanding Knowledge Distillation",
        """@inproceedings{phuong2019towards,
  title = {Towards Understanding Knowledge Distillation},
  author = {Phuong, Mary and Lampert, Christoph H.},
  booktitle = {International Conference on Machine Learning},
  year = {2019}
}""",
    ),
    claim="a linear student is its teacher exactly from as many transfer points on as there are dimensions",
    setting="Squared loss in place of the paper's cross-entropy: the student of minimum norm on isotropic transfer "
    "points that a linear teacher labels without noise; squared distance of weights on average over the points.",
    evidence=Evidence.OURS,
    parameters=(Parameter("features", 20, "dimensions d", 20, 1000),),
    targets=(
        Target("distance", "0.75", Origin.CLOSED, {"points": 5}, within=1e-9),
        Target("distance", "0.5", Origin.CLOSED, {"points": 10}, within=1e-9),
        Target("distance", "0", Origin.CLOSED, {"points": 20}, within=1e-9),
        Target("distance", "0", Origin.CLOSED, {"points": 40}, within=1e-9),
    ),
    calculation=compute,
    drawing=draw,
    labels={"points": "transfer points N", "distance": "squared distance to the teacher"},
    notes=("The distance is 1 − N/d below d points: every point reveals one more dimension of the teacher.",),
    turns={"features": (100,)},
)
