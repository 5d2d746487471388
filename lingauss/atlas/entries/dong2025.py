"""Dong et al. 2025: a strong student discards what its weak teacher got wrong where their subspaces differ."""

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

OVERLAPS = (0, 5, 10)
SAMPLES = np.array([20, 30, 50, 100, 200, 500, 1000, 2000])
WEAK, STRONG = 10, 10


def compute(rows: int, noise: float) -> xr.Dataset:
    """Return the student's risk by pseudo-labelled rows and overlap of the subspaces, and the teacher's."""
    features = WEAK + STRONG
    directions = np.eye(features)
    problem = lg.Problem.from_spectrum(
        np.full(features, float(rows)), np.zeros(features), n_samples=rows, label_noise=math.sqrt(noise),
        test_cov=np.eye(features),
    )  # fmt: skip
    weak = directions[:, :WEAK]
    teacher = lg.Channel(weak @ weak.T / rows, np.zeros((features, features)))
    student = lg.Ridge(0.0, temperature=0.0)
    risks = []
    for overlap in OVERLAPS:
        strong = lg.Subspace(directions[:, WEAK - overlap : WEAK - overlap + STRONG])
        case = lg.Distillation(
            problem, teacher, student, strong, floor=0.0, temperature=0.0, transfer=lg.FreshInputs(100)
        )
        found = case.sweep(transfer_samples=SAMPLES.tolist(), quantities=["student_excess_risk"])
        risks.append(found["student_excess_risk"].to_numpy())
    return xr.Dataset(
        {"student": (("overlap", "samples"), risks), "teacher": case.excess_risk().teacher},
        coords={"overlap": list(OVERLAPS), "samples": SAMPLES},
    )


def draw(results: xr.Dataset, ax: Axes) -> Sequence[xr.DataArray]:
    """Draw the student's risk over the rows, one curve per overlap."""
    drawn = {f"{overlap} of 10 shared": results.student.sel(overlap=overlap) for overlap in OVERLAPS}
    return curves(ax, drawn, log="xy", guides={"teacher": results.teacher})


ENTRY = Entry(
    paper=Paper(
        "Dong et al.",
        2025,
        "Discrepancies are Virtue: Weak-to-Strong Generalization through Lens of Intrinsic Dimension",
        """@inproceedings{dong2025discrepancies,
  title = {Discrepancies are Virtue: Weak-to-Strong Generalization through Lens of Intrinsic Dimension},
  author = {Dong, Yijun and Li, Yicheng and Li, Yunai and Lee, Jason D. and Lei, Qi},
  booktitle = {International Conference on Machine Learning},
  year = {2025}
}""",
    ),
    claim="a student inherits its teacher's variance where their subspaces meet, and a share of it elsewhere",
    setting="Least squares of a weak teacher in 10 directions on n orthogonal rows, of a strong student in 10 "
    "directions on N drawn rows that the teacher labels; the truth lies in both, and only variance remains.",
    evidence=Evidence.OURS,
    parameters=(
        Parameter("rows", 100, "rows n of the teacher", 10, 100_000),
        Parameter("noise", 1.0, "variance σ² of the labels' noise", 1e-6, 1e6),
    ),
    targets=(
        Target("teacher", "0.1", Origin.CLOSED, within=1e-9),
        Target("student", "0.0505", Origin.CLOSED, {"overlap": 5, "samples": 1000}),
        Target("student", "0.1", Origin.CLOSED, {"overlap": 10, "samples": 1000}, within=1e-9),
        Target("student", "0.0010", Origin.CLOSED, {"overlap": 0, "samples": 1000}),
    ),
    calculation=compute,
    drawing=draw,
    labels={
        "samples": "pseudo-labelled rows N",
        "overlap": "directions that both see",
        "student": "excess risk of the student",
        "teacher": "excess risk of the teacher",
    },
    notes=(
        "The paper's factor dim(V_s)/N of the discrepancy is that of many rows. On average over drawn rows it is "
        "dim(V_s)/(N − dim(V_s)), as computed here: with few rows more than the student has directions, discrepancy is "
        "no virtue at all.",
    ),
    turns={"rows": (1000,), "noise": (4.0,)},
)
