"""Sweeps of designs outside the eigenbasis by the dense route: all ranks at once where they nest, else one by one."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from lingauss.design.grid import Axes
from lingauss.design.nested import Nested
from lingauss.design.quantities import CELLS, RISKS
from lingauss.design.running_sum import Ranks
from lingauss.errors import OverflowingError
from lingauss.model.distillation import Distillation
from lingauss.model.gap import expected_excess_risk, expected_gap
from lingauss.model.learners import Ridge
from lingauss.model.ledger import Ledger
from lingauss.model.small_matrices import on_one_blas_thread
from lingauss.progress import tracked
from lingauss.validation import Array


@on_one_blas_thread
def evaluate_pointwise(
    case: Distillation,
    ranks: Ranks,
    axes: Axes,
    names: Sequence[str],
    out: Mapping[str, Array] | None = None,
) -> dict[str, Array]:
    """Return the named quantities at every rank and grid point, each (R, *grid); as :func:`evaluate` for any design."""
    shape = (len(ranks), *(len(values) for values in axes.values()))
    results = {name: np.empty(shape) if out is None else out[name] for name in names}
    for point in tracked(np.ndindex(*shape[1:]), math.prod(shape[1:]), "designs"):
        here = {name: values[i].item() for i, (name, values) in zip(point, axes.items(), strict=True)}
        together, reliable = _of_all_ranks(case, ranks, here, names)
        for name, values in together.items():
            results[name][:, *point] = values
        for row, rank in enumerate(ranks):
            left = [name for name in names if name not in together or not reliable[row]]
            if left:
                for name, value in quantities_of(_at_rank(case, rank, here), left).items():
                    results[name][row, *point] = value
    for name, values in results.items():
        if np.isnan(values).any():
            raise OverflowingError(f"values of {name} that fit in float64", "infinite ones that cancel", "Rescale.")
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


def _at_rank(case: Distillation, rank: np.intp, here: Mapping[str, float]) -> Distillation:
    """Return the design at one rank and grid point; its own rank needs no bottleneck that could be changed."""
    return case.replace(**here) if rank == case.rank else case.replace(student_rank=int(rank), **here)


def _of_all_ranks(
    case: Distillation, ranks: Ranks, here: Mapping[str, float], names: Sequence[str]
) -> tuple[dict[str, Array], npt.NDArray[np.bool_]]:
    """Return the named quantities that one set of factors gives at every rank, and the ranks at which they hold."""
    own = [name for name in names if not name.startswith("prediction_")]
    reliable = np.ones(len(ranks), np.bool_)
    if not own or len(ranks) == 1 or case.is_spectral or not isinstance(case.student, Ridge):
        return {}, reliable
    costs = any(name not in RISKS for name in own)
    largest = _at_rank(case, ranks[-1], here if costs else {"floor": 0.0, **here})  # which no risk depends on
    nested = Nested.of(largest)
    if nested is None:
        return {}, reliable
    values: dict[str, Array] = {}
    if costs:
        values |= _of_cells(np.moveaxis(nested.cells[ranks], 0, -1), nested.irreducible[ranks], case)
        reliable = nested.reliable[ranks]
    if "teacher_gap" in own:
        values["teacher_gap"] = np.asarray(expected_gap(largest.problem, largest.teacher_channel))
    if "student_gap" in own:
        values["student_gap"] = nested.student_gap[ranks]
    if "teacher_excess_risk" in own:
        values["teacher_excess_risk"] = np.asarray(expected_excess_risk(largest.problem, largest.teacher_channel))
    if "student_excess_risk" in own:
        values["student_excess_risk"] = nested.student_excess_risk[ranks]
    return {name: values[name] for name in own}, reliable


def _of_ledger(ledger: Ledger, prefix: str, case: Distillation) -> dict[str, float]:
    values = _of_cells(ledger.cells, np.asarray(ledger.rank_irreducible), case)
    return {f"{prefix}{name}": float(value) for name, value in values.items()}


def _of_cells(cells: Array, irreducible: Array, case: Distillation) -> dict[str, Array]:
    """Return a ledger's quantities from its cells (2, 3, ...), for any number of designs."""
    total = np.sum(cells, axis=(0, 1))
    (bias, *variance), discarded = cells
    values = {
        "divergence": total,
        "bias": bias,
        "variance": np.sum(variance, axis=0),
        "rank_bottleneck": np.sum(discarded, axis=0),
        "rank_irreducible": irreducible,
        "divergence_per_weight": total / (case.problem.outputs * case.problem.n_features),
    }
    return values | dict(zip(CELLS, cells.reshape(len(CELLS), *cells.shape[2:]), strict=True))
