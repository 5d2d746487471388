"""Sweeps that ask the routes for all ranks of one design after the other."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from lingauss.errors import OverflowingError
from lingauss.ledgers import dispatch
from lingauss.ledgers.ledger import CELLS
from lingauss.ledgers.process_ledger import process_ledgers
from lingauss.ledgers.route import Level, Ranks
from lingauss.model.design import Design
from lingauss.progress import tracked
from lingauss.sweep.grid import Axes
from lingauss.sweep.quantities import COSTS, PROCESS, RISKS
from lingauss.validation import Array


def evaluate_pointwise(
    case: Design,
    ranks: Ranks,
    axes: Axes,
    names: Sequence[str],
    out: Mapping[str, Array] | None = None,
    ask: Callable[[Design, Ranks, Sequence[str]], dict[str, Array]] | None = None,
) -> dict[str, Array]:
    """Return the named quantities at every rank and grid point, each (R, *grid); as :func:`evaluate` for any design.

    They are asked for at all ranks of one design at a time, by :func:`at_ranks` unless told otherwise.
    """
    shape = (len(ranks), *(len(values) for values in axes.values()))
    targets, ask = {} if out is None else out, at_ranks if ask is None else ask
    results = {name: targets[name] if name in targets else np.empty(shape) for name in names}
    for point in tracked(np.ndindex(*shape[1:]), math.prod(shape[1:]), "designs") if axes else [()]:
        here = {name: values[i].item() for i, (name, values) in zip(point, axes.items(), strict=True)}
        for name, values in ask(_changed(case, int(ranks[-1]), here) if here else case, ranks, names).items():
            results[name][:, *point] = values
    for name, values in results.items():
        if np.isnan(values).any():
            raise OverflowingError(f"values of {name} that fit in float64", "infinite ones that cancel", "Rescale.")
    return results


def at_ranks(design: Design, ranks: Ranks, names: Sequence[str]) -> dict[str, Array]:
    """Return the named quantities of a design at several ranks in place of its own, (R or 1,) each."""
    values: dict[str, Array] = {}
    levels: tuple[tuple[Level, str], ...] = (("weights", ""), ("predictions", "prediction_"))
    for level, prefix in levels:
        wanted = [name.removeprefix(prefix) for name in names if _level_of(name) == level]
        if wanted:
            found = _of_cells(dispatch.cells(design, ranks, level), design)
            if "rank_irreducible" in wanted:
                found["rank_irreducible"] = dispatch.least_rank_costs(design, ranks, level)
            values |= {f"{prefix}{name}": value for name, value in found.items()}
    if PROCESS.keys() & {*names}:
        ledgers = process_ledgers(design, ranks)
        values |= {name: np.array([getattr(one, name.removeprefix("process_")) for one in ledgers]) for name in PROCESS}
    if "teacher_gap" in names or "student_gap" in names:
        values["teacher_gap"], values["student_gap"] = dispatch.gaps(design, ranks)
    if "teacher_excess_risk" in names or "student_excess_risk" in names:
        values["teacher_excess_risk"], values["student_excess_risk"] = dispatch.risks(design, ranks)
    return {name: values[name] for name in names}


def quantities_of(design: Design, names: Sequence[str]) -> dict[str, float]:
    """Return the named quantities of one design."""
    return {name: float(values[0]) for name, values in at_ranks(design, np.array([design.rank]), names).items()}


def _level_of(name: str) -> Level | None:
    """Return which divergence a quantity belongs to, None for gaps and risks."""
    if name in RISKS or name in PROCESS:
        return None
    return "predictions" if name.startswith("prediction_") else "weights"


def _changed(case: Design, rank: int, here: Mapping[str, float]) -> Design:
    """Return the design at a grid point, of the largest rank that is asked for: at its own it may not exist there."""
    return case.replace(**here) if rank == case.rank else case.replace(student_rank=rank, **here)


def _of_cells(cells: Array, design: Design) -> dict[str, Array]:
    """Return a ledger's quantities from its cells (R, 2, 3)."""
    by_cell = dict(zip(CELLS, cells.reshape(len(cells), -1).T, strict=True))
    values = {name: np.asarray(sum(by_cell[cell] for cell in parts)) for name, parts in COSTS.items()}
    return values | {
        "divergence_per_weight": values["divergence"] / (design.problem.outputs * design.problem.n_features)
    }
