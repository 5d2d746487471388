"""He, Xu & Cheng 2025: of fresh real data the best weight is the reciprocal of the golden ratio."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np
import xarray as xr

import lingauss as lg
from lingauss.atlas.drawing import curves
from lingauss.atlas.record import Entry, Evidence, Paper, Parameter
from lingauss.atlas.targets import Origin, Target

if TYPE_CHECKING:
    from matplotlib.axes import Axes

GOLDEN = (math.sqrt(5.0) - 1.0) / 2.0
SUPPLIES = np.union1d(np.geomspace(0.1, 10.0, 17), [0.25, 0.5, 1.0, 2.0, 4.0])
SHARES = np.union1d(np.linspace(0.1, 1.0, 46), [GOLDEN])


def compute(supply: float, features: int) -> xr.Dataset:
    """Return where rounds settle by the weight of real labels, and the best weight by their supply."""
    learner = lg.Ridge(0.0, temperature=0.0)
    problem = lg.Problem.from_spectrum(np.ones(features), np.zeros(features), n_samples=10, label_noise=1.0)
    case = lg.Distillation(problem, learner, learner)
    fit = case.excess_risk().teacher

    def settled(share: float, fresh: Literal["none", "labels"]) -> float:
        chain = lg.Chain(case.replace(temperature=supply), 1, mixing=1.0 - share, fresh=fresh)
        return chain.stationary_excess_risk() / fit

    best = [lg.Chain(case.replace(temperature=k), 1, fresh="labels").best_stationary_mixing() for k in SUPPLIES]
    return xr.Dataset(
        {
            "fresh": ("weight", [settled(share, "labels") for share in SHARES]),
            "reused": ("weight", [settled(share, "none") for share in SHARES]),
            "best_weight": ("supply", [1.0 - found.mixing for found in best]),
            "best_risk": ("supply", [found.value / fit for found in best]),
        },
        coords={"weight": SHARES, "supply": SUPPLIES},
    )


def draw(results: xr.Dataset, ax: Axes) -> Sequence[xr.DataArray]:
    """Draw where rounds settle over the weight of real labels."""
    drawn = {"fresh real labels": results.fresh, "the same ones reused": results.reused}
    found = curves(ax, drawn, guides={"one fit of real labels": xr.DataArray(1.0)})
    ax.axvline(GOLDEN, color="#767676", linewidth=0.8, linestyle=(0, (1, 1.2)), zorder=1, label="1/golden ratio")
    ax.set_ylim(0.8 * float(results.fresh.min()), 2.0)
    return found


ENTRY = Entry(
    paper=Paper(
        "He, Xu & Cheng",
        2025,
        "Recursive Learning Without Collapse: A Weighting-Based Stabilization Framework",
        """@misc{he2025recursive,
  title = {Recursive Learning Without Collapse: A Weighting-Based Stabilization Framework},
  author = {He, Hengzhi and Xu, Shirong and Cheng, Guang},
  year = {2025}, eprint = {2502.18049}, archiveprefix = {arXiv}
}""",
    ),
    claim="the best weight of fresh real data is the reciprocal of the golden ratio, 0.618",
    setting="Every round fits w times fresh real labels and 1 − w times labels of the round before, by least squares "
    "on the same inputs; where that settles, over the risk of one fit of real labels. The supply k is the number of "
    "real rows per synthetic one, as noise of the synthetic labels.",
    evidence=Evidence.OURS,
    parameters=(
        Parameter("supply", 1.0, "real rows k per synthetic row, in the curves over the weight", 0.01, 100.0),
        Parameter("features", 4, "number of features", 1, 10),
    ),
    targets=(
        *(
            Target("best_weight", value, Origin.CLOSED, {"supply": supply}, within=2e-7)
            for supply, value in (
                (0.25, "0.3903882"),
                (0.5, "0.5"),
                (1.0, "0.6180340"),
                (2.0, "0.7320508"),
                (4.0, "0.8284271"),
            )
        ),
        Target("best_risk", "0.6180340", Origin.CLOSED, {"supply": 1.0}),
        Target("fresh", "0.6180340", Origin.CLOSED, {"weight": GOLDEN}),
        Target("reused", "1.1708204", Origin.CLOSED, {"weight": GOLDEN}),
    ),
    calculation=compute,
    drawing=draw,
    labels={
        "weight": "weight w of the real labels",
        "supply": "real rows k per synthetic row",
        "fresh": "risk where rounds settle",
        "reused": "risk where rounds settle with real labels used again",
        "best_weight": "best weight of the real labels",
        "best_risk": "risk at the best weight",
    },
    notes=(
        "The best weight is (√(k² + 4k) − k)/2, and the risk at it, over that of one fit, is the weight itself.",
        "The golden ratio belongs to real labels that are fresh in every round: with the same ones used again the risk "
        "at that weight is 1.17 of one fit, and the best weight is 1, no synthetic labels at all.",
    ),
    turns={"supply": (0.25, 4.0)},
)
