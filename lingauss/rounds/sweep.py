"""Quantities of repeated distillation over rounds and design axes: an array core, and labels around it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from lingauss.errors import DomainError, EmptyDataError
from lingauss.ledgers.laws import DenseWeights
from lingauss.ledgers.ledger import CELLS, Ledger
from lingauss.ledgers.risk import expected_excess_risk, expected_gap
from lingauss.model.axes import AXES
from lingauss.model.bottleneck import Selected
from lingauss.model.population import not_averaged
from lingauss.model.provenance import provenance
from lingauss.model.truth import need_truth
from lingauss.progress import tracked
from lingauss.rounds.arrays import FIRST, OWN, RoundSums, rounds_of
from lingauss.rounds.drawn import drawn_risks
from lingauss.rounds.ledger import ledger_of_round
from lingauss.rounds.record import PER_ROUND, Rounds
from lingauss.sweep.evaluation import check_size
from lingauss.sweep.grid import directions_over
from lingauss.sweep.labelled import checked_axes
from lingauss.sweep.quantities import COSTS
from lingauss.validation import Array
from lingauss.vocabulary import as_names

if TYPE_CHECKING:
    import xarray as xr

BLOCK = 2**17  # directions × grid points treated at a time: a few such arrays stay in a core's cache
UNITS: Mapping[str, tuple[str, str]] = {
    **{name: (f"{name.replace('_', ' ')}, student from its own teacher", "nats") for name in COSTS},
    **{f"{FIRST}{name}": (f"{name.replace('_', ' ')}, student from the first teacher", "nats") for name in COSTS},
    "gap": ("generalisation gap of the student", "squared label units"),
    "excess_risk": ("excess risk of the student", "squared label units"),
}
SUMMARY = ("divergence", "bias", "variance", "rank_bottleneck")


def chain_sweep(chain: Rounds[Any], axes: Mapping[str, Any], quantities: Sequence[str] | None) -> xr.Dataset:
    """Return quantities over rounds and design axes; see :meth:`lingauss.Chain.sweep`."""
    import xarray as xr

    names = _checked_quantities(chain, quantities)
    checked = _checked_axes(chain, axes)
    check_size({"round": chain.rounds, **{name: len(values) for name, values in checked.items()}}, names)
    values = chain_arrays(chain, checked, names)
    dims = ("round", *checked)
    return xr.Dataset(
        {name: (dims, values[name], dict(zip(("long_name", "units"), UNITS[name], strict=True))) for name in names},
        coords={
            "round": ("round", np.arange(1, chain.rounds + 1), {"long_name": "round of distillation", "units": "1"}),
            **{name: (name, points, AXES[name].attrs) for name, points in checked.items()},
        },
        attrs=provenance(chain.case, checked, chain, **chain.settings_told, **chain.redraws_told),
    )


def chain_arrays(chain: Rounds[Any], axes: Mapping[str, Array], names: Sequence[str]) -> dict[str, Array]:
    """Return quantities over rounds and checked axes as plain arrays, each (rounds, *grid)."""
    case = chain.case
    shape = (chain.rounds, *(len(values) for values in axes.values()))
    results = {name: np.empty(shape) for name in names}
    if not chain.is_chain_of_channels or not case.is_spectral_at_fixed_design or chain.penalty is not None:
        for point in tracked(np.ndindex(*shape[1:]), math.prod(shape[1:]), "chains"):
            here = {name: values[i].item() for i, (name, values) in zip(point, axes.items(), strict=True)}
            moved = replace(chain, case=case.replace(**here))
            for number, found in enumerate((_of_designs if chain.is_chain_of_channels else _drawn)(moved, names)):
                for name in names:
                    results[name][number, *point] = found[name]
        return results
    if "excess_risk" in names:
        need_truth(case.problem, "excess risks")
    directions = directions_over(case, axes, np.unique(chain.ranks()))
    if isinstance(case.bottleneck, Selected):
        directions = directions.part(case.bottleneck.ranking(np.empty(len(directions))))
    samples, noise = (_along(name, axes, getattr(case.problem, name)) for name in ("n_samples", "label_noise"))
    units = np.broadcast_to(np.square(noise) / samples, shape[1:])
    level = float(case.problem.intercept * case.problem.outputs)
    for index in _blocks(len(directions), shape[1:]):
        block = directions
        for axis, some in enumerate(index, start=1):
            block = block.part(some, axis)
        grid = units[index].shape
        for number, sums in enumerate(rounds_of(chain, block, cells=_ledgers_of(names))):
            for name in names:
                value = _quantity(name, sums, units[index].reshape(-1), level, block.outputs)
                results[name][number, ...][index] = value.reshape(grid) if value.size > 1 else value.reshape(-1)[0]
    return results


def _ledgers_of(names: Sequence[str]) -> tuple[str, ...]:
    """Return against which laws ledgers are needed."""
    return tuple(prefix for prefix in (OWN, FIRST) if any(_cost_of(name, prefix) for name in names))


def _cost_of(name: str, prefix: str) -> str | None:
    """Return the cost a quantity is against one law, None if it is another quantity."""
    cost = name.removeprefix(prefix)
    return cost if name.startswith(prefix) and cost in COSTS else None


def _quantity(name: str, sums: RoundSums, units: Array, level: float, outputs: int) -> Array:
    if name == "gap":
        return 2.0 * units * (outputs * sums.recovered + level)
    if name == "excess_risk":
        return units * (sums.squared_error + level)
    prefix = OWN if name in COSTS else FIRST
    cells = sums.cells[prefix]
    return np.asarray(sum(cells[cell] for cell in COSTS[name.removeprefix(prefix)]))


def _drawn(chain: Rounds[Any], names: Sequence[str]) -> Iterator[dict[str, float]]:
    """Yield the excess risk of every round that draws labels or inputs."""
    for risk in drawn_risks(chain).tolist():
        yield {"excess_risk": risk}


def _of_designs(chain: Rounds[Any], names: Sequence[str]) -> Iterator[dict[str, float]]:
    """Yield the quantities of every round of one chain by the dense route."""
    for number, design in enumerate(chain.framed.designs, start=1):
        row: dict[str, float] = {}
        for prefix in (OWN, FIRST):
            costs = {name[len(prefix) :]: name for name in names if name.startswith(prefix)}
            if COSTS.keys() & costs.keys():
                cells = _cells_of(ledger_of_round(chain, number, prefix == FIRST))
                row |= {full: sum(cells[cell] for cell in COSTS[name]) for name, full in costs.items() if name in COSTS}
        if "gap" in names:
            row["gap"] = expected_gap(DenseWeights(design.problem, design.student_predictor))
        if "excess_risk" in names:
            row["excess_risk"] = expected_excess_risk(DenseWeights(design.problem, design.student_predictor))
        yield row


def _cells_of(ledger: Ledger) -> dict[str, float]:
    return dict(zip(CELLS, ledger.cells.reshape(-1).tolist(), strict=True))


def _checked_quantities(chain: Rounds[Any], names: Sequence[str] | None) -> tuple[str, ...]:
    if not chain.is_chain_of_channels:
        return _checked_drawn(names)
    if names is None:
        risk = ("excess_risk",) if chain.case.problem.truth is not None else ()
        return (*SUMMARY, *(f"{FIRST}{name}" for name in SUMMARY), "gap", *risk)
    wanted = as_names(names, "a quantity of a chain", UNITS)
    if not wanted:
        raise EmptyDataError("at least one quantity", "none", f"Choose among {', '.join(UNITS)}.")
    return wanted


def _checked_drawn(names: Sequence[str] | None) -> tuple[str, ...]:
    """Return quantities of rounds that draw labels or inputs: excess risks alone are averages in closed form."""
    wanted = ("excess_risk",) if names is None else as_names(names, "a quantity of a chain", UNITS)
    for name in wanted:
        if name != "excess_risk":
            raise not_averaged(f"{name} of rounds that draw labels or inputs, where excess_risk has one")
    return wanted or ("excess_risk",)


def _checked_axes(chain: Rounds[Any], axes: Mapping[str, Any]) -> dict[str, Array]:
    for name in axes:
        setting = "penalty" if name == "student_penalty" else name
        if name == "student_rank" or (setting in PER_ROUND and getattr(chain, setting) is not None):
            raise DomainError(
                f"axes without {name}, which is set per round",
                name,
                f"Build one chain per {name.replace('_', ' ')}, or set it in the design.",
            )
    return checked_axes(chain.case, axes) if axes else {}


def _along(name: str, axes: Mapping[str, Array], default: float) -> Array:
    """Put a setting's values on its own axis of the grid."""
    shape = [len(values) if axis == name else 1 for axis, values in axes.items()]
    return np.reshape(axes.get(name, np.array([default])), shape)


def _blocks(directions: int, grid: tuple[int, ...]) -> Iterator[tuple[slice, ...]]:
    """Cut a grid along its axes so that no block has more than BLOCK directions × points."""
    lengths, cells = list(grid), max(1, BLOCK // directions)
    for axis in range(len(grid)):
        rest = math.prod(lengths[axis + 1 :])
        lengths[axis] = max(1, min(lengths[axis], cells // rest))
        cells = max(1, cells // lengths[axis])
    for start in np.ndindex(*(math.ceil(size / step) for size, step in zip(grid, lengths, strict=True))):
        yield tuple(slice(i * step, (i + 1) * step) for i, step in zip(start, lengths, strict=True))
