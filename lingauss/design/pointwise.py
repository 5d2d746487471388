"""Sweeps of designs outside the eigenbasis: one exact evaluation per point, by the dense route."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence

import numpy as np

from lingauss.design.grid import Axes
from lingauss.model.distillation import Distillation
from lingauss.model.ledger import Ledger
from lingauss.progress import tracked
from lingauss.validation import Array


def evaluate_pointwise(
    case: Distillation,
    ranks: np.typing.NDArray[np.intp],
    axes: Axes,
    names: Sequence[str],
    out: Mapping[str, Array] | None = None,
) -> dict[str, Array]:
    """Return the named quantities at every rank and grid point, each (R, *grid); as :func:`evaluate` for any design."""
    shape = (len(ranks), *(len(values) for values in axes.values()))
    results = {name: np.empty(shape) if out is None else out[name] for name in names}
    for point in tracked(np.ndindex(*shape[1:]), math.prod(shape[1:]), "designs"):
        here = {name: values[i].item() for i, (name, values) in zip(point, axes.items(), strict=True)}
        for row, rank in enumerate(ranks):
            design = case.replace(**here) if rank == case.rank else case.replace(student_rank=int(rank), **here)
            for name, value in quantities_of(design, names).items():
                results[name][row, *point] = value
    return results


def quantities_of(case: Distillation, names: Sequence[str]) -> dict[str, float]:
    """Return the named quantities of one design."""
    values: dict[str, float] = {}
    own = [name for name in names if not name.startswith("prediction_")]
    if any(name not in RISKS for name in own):
        values |= _of_ledger(case.divergence(), "", case)
    if len(own) < len(names):
        values |= _of_ledger(case.prediction_divergence(), "prediction_", case)
    if "teacher_gap" in names or "student_gap" in names:
        gaps = case.gaps()
        values |= {"teacher_gap": gaps.teacher, "student_gap": gaps.student}
    if "teacher_excess_risk" in names or "student_excess_risk" in names:
        risk = case.excess_risk()
        values |= {"teacher_excess_risk": risk.teacher, "student_excess_risk": risk.student}
    return {name: values[name] for name in names}


RISKS = ("teacher_gap", "student_gap", "teacher_excess_risk", "student_excess_risk")


def _of_ledger(ledger: Ledger, prefix: str, case: Distillation) -> dict[str, float]:
    sides, sources = ("retained", "discarded"), ("mean", "noise", "spread")
    values = {
        "divergence": ledger.total,
        "bias": ledger.bias,
        "variance": ledger.variance,
        "rank_bottleneck": ledger.rank_bottleneck,
        "rank_irreducible": ledger.rank_irreducible,
        "divergence_per_weight": ledger.total / (case.problem.outputs * case.problem.n_features),
    }
    cells = itertools.product(enumerate(sides), enumerate(sources))
    values |= {f"{side}_{source}": float(ledger.cells[i, j]) for (i, side), (j, source) in cells}
    return {f"{prefix}{name}": value for name, value in values.items()}
