"""The array core of a sweep: quantities at every rank and every point of a grid, without labels."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from lingauss.ledgers.label_divergence import label_costs_over
from lingauss.ledgers.least_spread import least_spreads
from lingauss.ledgers.process_ledger import check_pure
from lingauss.model.bottleneck import Best, Selected
from lingauss.model.design import Design
from lingauss.model.directions import Directions
from lingauss.model.truth import need_truth
from lingauss.progress import tracked
from lingauss.sums.ranks import Term, rank_sums
from lingauss.sums.running import Ranks
from lingauss.sweep.grid import Axes, directions_over
from lingauss.sweep.quantities import PROCESS, QUANTITIES, SOURCES
from lingauss.validation import Array


def evaluate(
    case: Design,
    ranks: Ranks,
    axes: Axes,
    names: Sequence[str],
    out: Mapping[str, Array] | None = None,
) -> dict[str, Array]:
    """Return the named quantities at every rank and grid point, each (R, *grid).

    Parameters
    ----------
    case : Design
        Learners on both sides, spectral bottleneck, fixed design.
    ranks : (R,) of int
        Increasing.
    axes : mapping of name to (m,) values
        Checked values of design axes other than ``student_rank``.
    names : sequence of str
        Among :data:`~lingauss.sweep.quantities.QUANTITIES`.
    out : mapping of name to (R, *grid) arrays, optional
        Where to write all or some. Other quantities that do not depend on an axis are read-only views that repeat along
        it.
    """
    out = {} if out is None else out
    directions = directions_over(case, axes, ranks)
    if isinstance(case.bottleneck, Best):
        return _per_point(case, directions, ranks, axes, names, out)
    if isinstance(case.bottleneck, Selected):
        directions = directions.part(case.bottleneck.ranking(np.empty(len(directions))))
    return _ordered(case, directions, ranks, axes, names, out)


def _ordered(
    case: Design,
    directions: Directions,
    ranks: Ranks,
    axes: Axes,
    names: Sequence[str],
    out: Mapping[str, Array],
) -> dict[str, Array]:
    """Evaluate where every point of the grid keeps directions in the given order."""
    sums = {name: QUANTITIES[name].terms for name in names if QUANTITIES[name].terms}
    results = rank_sums(directions, ranks, SOURCES, sums, out) if sums else {}
    for name in names:
        if name not in results:
            target, shape = out.get(name), (len(ranks), *directions.grid)
            value = _other(name, case, directions, ranks, axes, results, target)
            if target is None:
                results[name] = value if value.shape == shape else np.broadcast_to(value, shape)
            else:
                if value is not target:
                    target[...] = value
                results[name] = target
    return results


def _other(
    name: str,
    case: Design,
    directions: Directions,
    ranks: Ranks,
    axes: Axes,
    sums: Mapping[str, Array],
    target: Array | None,
) -> Array:
    """Return a quantity that is no plain sum of per-direction costs, (R or 1, *grid), given the sums that were found.

    It is written to ``target`` where a sum is written on the way anyway.
    """

    def summed(terms: Sequence[Term]) -> Array:
        return rank_sums(directions, ranks, SOURCES, {name: terms}, None if target is None else {name: target})[name]

    if name == "divergence_per_weight":
        weights = directions.outputs * len(directions)
        if "divergence" in sums:
            return np.asarray(sums["divergence"] / weights)
        return _scaled(summed(QUANTITIES["divergence"].terms), 0.0, np.array(1.0 / weights))
    if name.endswith("rank_irreducible"):
        return _irreducible(directions, ranks, predictions=name.startswith("prediction"))
    if name in PROCESS:
        return _process(name, case, directions, ranks, axes)
    samples = _row(axes, "n_samples", case.problem.n_samples)
    unit = np.square(_row(axes, "label_noise", case.problem.label_noise)) / samples
    level = float(case.problem.intercept * directions.outputs)
    if name == "teacher_gap":
        recovered = np.sum(directions.shrinkage()[0], axis=0, keepdims=True)
        return np.asarray(2.0 * unit * (directions.outputs * recovered + level))
    if name == "student_gap":
        k = directions.outputs
        return _scaled(summed([Term("kept_shrinkage", 0)]), level / k, 2.0 * k * unit)
    need_truth(case.problem, "excess risks")
    if name == "teacher_excess_risk":
        return np.asarray(unit * (np.sum(directions.squared_errors()[0], axis=0, keepdims=True) + level))
    return _scaled(summed([Term("kept_error", 0), Term("dropped_error", 0)]), level, unit)


def _process(name: str, case: Design, directions: Directions, ranks: Ranks, axes: Axes) -> Array:
    """Return a part of the ledger of the process, (R or 1, *grid)."""
    for mixing in axes.get("mixing", np.array([case.mixing])).tolist():
        check_pure(case, mixing)
    kernel = {
        part: [Term(f"kernel_{side}", place) for place in range(3)]
        for part, side in (("process_rank_bottleneck", "discarded"), ("process_training", "retained"))
    }
    if name in kernel:
        return rank_sums(directions, ranks, SOURCES, {name: kernel[name]})[name]
    labels = label_costs_over(directions, _row(axes, "n_samples", case.problem.n_samples)[0], case.problem.intercept)
    alone = {
        "process_bias": labels.bias,
        "process_variance": labels.noise + labels.spread + labels.observation,
        "process_exact": labels.exact,
    }
    if name in ("process_bias", "process_variance"):
        return np.asarray(alone[name])[None]
    sums = rank_sums(
        directions, ranks, SOURCES, {"kernel": [*kernel["process_rank_bottleneck"], *kernel["process_training"]]}
    )
    label = alone.get(name, alone["process_bias"] + alone["process_variance"])
    return np.asarray(sums["kernel"] + np.asarray(label)[None])


def _scaled(sums: Array, level: float, unit: Array) -> Array:
    """Return (sums + level) · unit, in place where the sums are an array of the whole grid, else as small as it is."""
    sums = sums[tuple(slice(0, 1) if step == 0 else slice(None) for step in sums.strides)]
    in_place = sums.flags.writeable and np.broadcast_shapes(sums.shape, unit.shape) == sums.shape
    total = np.add(sums, level, out=sums if in_place else None)
    return np.multiply(total, unit, out=total if in_place else None)


def _row(axes: Axes, name: str, default: float) -> Array:
    """Return a setting along its own grid axis, with length 1 for ranks."""
    shape = [1] + [len(values) if axis == name else 1 for axis, values in axes.items()]
    return np.reshape(axes.get(name, np.array([default])), shape)


def _irreducible(directions: Directions, ranks: Ranks, predictions: bool) -> Array:
    """Return the rank cost at the best floor of each rank and grid point, (R, *grid)."""
    prefix = "prediction_" if predictions else ""
    terms = {"fixed": [Term(f"{prefix}discarded", 0), Term(f"{prefix}discarded", 1)]}
    fixed = rank_sums(directions, ranks, SOURCES, terms)["fixed"]
    spread = least_spreads(*directions.seen(predictions), ranks, predictions)
    return np.asarray(fixed + 0.5 * directions.outputs * spread)


def _per_point(
    case: Design,
    directions: Directions,
    ranks: Ranks,
    axes: Axes,
    names: Sequence[str],
    out: Mapping[str, Array],
) -> dict[str, Array]:
    """Evaluate where every point of the grid ranks the directions for itself."""
    shape = (len(ranks), *directions.grid)
    results = {name: out[name] if name in out else np.empty(shape) for name in names}
    for point in tracked(np.ndindex(*directions.grid), math.prod(directions.grid), "designs"):
        here = directions
        for axis, index in enumerate(point, start=1):
            here = here.part(slice(index, index + 1), axis)
        order = np.argsort(-here.advantage().reshape(-1), kind="stable")
        own = {name: values[i : i + 1] for i, (name, values) in zip(point, axes.items(), strict=True)}
        for name, value in _ordered(case, here.part(order), ranks, own, names, {}).items():
            results[name][:, *point] = value.reshape(-1)
    return results
