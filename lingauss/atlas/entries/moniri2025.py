"""Moniri & Hassani 2025: a student compensates for its teacher's want of regularisation."""

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

TEACHERS = (0.01, 0.1, 0.5)
PENALTIES = np.geomspace(0.01, 10.0, 43)


def compute(ratio: float, noise: float) -> xr.Dataset:
    """Return the student's risk by its penalty and its teacher's, the best of them, and the teacher's own."""
    rows = 200
    features = round(ratio * rows)
    problem = lg.Problem.from_population(
        np.ones(features), np.full(features, 1.0 / features), n_samples=rows, label_noise=math.sqrt(noise)
    )
    risks, best, teachers = [], [], []
    for penalty in TEACHERS:
        case = lg.Distillation(
            problem,
            lg.Ridge(rows * penalty, temperature=0.0),
            lg.Ridge(rows * 1.0, temperature=0.0),
            temperature=0.0,
            transfer=lg.FreshInputs(rows),
        )
        swept = case.sweep(student_penalty=rows * PENALTIES, quantities=["student_excess_risk"])
        risks.append(swept["student_excess_risk"].to_numpy())
        best.append(case.optimize(over=["student_penalty"], objective="excess_risk"))
        teachers.append(case.excess_risk().teacher)
    return xr.Dataset(
        {
            "student": (("teacher_penalty", "penalty"), risks),
            "teacher": ("teacher_penalty", teachers),
            "best": ("teacher_penalty", [found.value for found in best]),
            "best_penalty": ("teacher_penalty", [found.settings["student_penalty"] / rows for found in best]),
        },
        coords={"teacher_penalty": list(TEACHERS), "penalty": PENALTIES},
    )


def draw(results: xr.Dataset, ax: Axes) -> Sequence[xr.DataArray]:
    """Draw the student's risk over its penalty, one curve per teacher."""
    drawn = {f"student of λ = {penalty:g}": results.student.sel(teacher_penalty=penalty) for penalty in TEACHERS}
    guides = {f"teacher, λ = {penalty:g}": results.teacher.sel(teacher_penalty=penalty) for penalty in TEACHERS}
    return curves(ax, drawn, log="x", guides=guides)


ENTRY = Entry(
    paper=Paper(
        "Moniri & Hassani",
        2025,
        "On the Mechanisms of Weak-to-Strong Generalization: A Theoretical Perspective",
        """@inproceedings{moniri2025mechanisms,
  title = {On the Mechanisms of Weak-to-Strong Generalization: A Theoretical Perspective},
  author = {Moniri, Behrad and Hassani, Hamed},
  booktitle = {Advances in Neural Information Processing Systems},
  year = {2025}
}""",
    ),
    claim="a student can compensate for an under-regularised teacher, and cannot improve a well-regularised one",
    setting="Isotropic inputs, 200 rows for the ridge teacher and as many fresh ones, labelled by it without noise, "
    "for the ridge student; a truth of length 1; penalties on XᵀX/n.",
    evidence=Evidence.OURS,
    parameters=(
        Parameter("ratio", 0.5, "features per row p/n", 0.05, 0.95),
        Parameter("noise", 1.0, "variance σ² of the labels' noise", 1e-4, 1e3),
    ),
    targets=(
        Target("teacher", "0.927275", Origin.RECOMPUTED, {"teacher_penalty": 0.01}),
        Target("best", "0.558690", Origin.RECOMPUTED, {"teacher_penalty": 0.01}),
        Target("best_penalty", "0.7086", Origin.RECOMPUTED, {"teacher_penalty": 0.01}),
        Target("teacher", "0.603567", Origin.RECOMPUTED, {"teacher_penalty": 0.1}),
        Target("best", "0.486149", Origin.RECOMPUTED, {"teacher_penalty": 0.1}),
        Target("best_penalty", "0.2913", Origin.RECOMPUTED, {"teacher_penalty": 0.1}),
        Target("teacher", "0.4142136", Origin.CLOSED, {"teacher_penalty": 0.5}),
        Target("best", "0.4142136", Origin.RECOMPUTED, {"teacher_penalty": 0.5}),
    ),
    calculation=compute,
    drawing=draw,
    labels={
        "penalty": "the student's penalty",
        "teacher_penalty": "the teacher's penalty",
        "student": "excess risk of the student",
        "teacher": "excess risk of the teacher",
        "best": "least excess risk of the student",
        "best_penalty": "the student's best penalty",
    },
    notes=(
        "The best student of the worst teacher stays behind a well-regularised teacher: 0.559 against √2 − 1 = 0.414.",
        "A student of the optimally regularised teacher does best without a penalty, and is then that teacher itself.",
    ),
    turns={"ratio": (0.1, 0.9), "noise": (0.1,)},
)
