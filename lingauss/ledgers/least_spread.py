"""The least that the unlearned spread of dropped directions can cost, over its one variance (docs/theory.md §5.2)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from lingauss.algebra.numerics import spread_cost
from lingauss.ledgers.route import Ranks
from lingauss.validation import Array

EVALUATED = 2**20  # array elements at a time
STEPS = 100
CLOSE = 1e-14  # of a floor: at a minimum the cost is off by the square of it


def least_spreads(scale: Array, base: Array, ranks: Ranks, predictions: bool) -> Array:
    """Return 2/k times the spread cost of the directions from each rank on, at their best common floor.

    Parameters
    ----------
    scale, base : (d, *grid)
        As returned by :meth:`lingauss.model.directions.Directions.seen`, in the order in which ranks keep directions.
    ranks : (R,) of int
    predictions : bool
        Whether labels' noise of variance 1 is seen beside the weights.

    Returns
    -------
    (R, *grid) ndarray
        0 where no dropped direction has any spread, +inf where only some have.
    """
    scale, base = np.broadcast_arrays(scale, base)
    shape, scale, base = base.shape[1:], scale.reshape(len(base), -1), base.reshape(len(base), -1)
    spreads = np.zeros((len(ranks), base.shape[1]))
    size = max(1, EVALUATED // max(base.size, 1))
    for start in range(0, len(ranks), size):
        some = slice(start, start + size)
        dropped = np.arange(len(base)) >= ranks[some, None]
        with np.errstate(divide="ignore", invalid="ignore"):
            spreads[some] = _least(scale, base, dropped[..., None], predictions)
    return spreads.reshape(len(ranks), *shape)


def _least(scale: Array, base: Array, dropped: npt.NDArray[np.bool_], predictions: bool) -> Array:
    """Return the least spread of the directions that are dropped, (R, points), for masks (R, d, 1)."""
    some = np.any(dropped & (base > 0.0), axis=1)
    regular = ~np.any(dropped & (base == 0.0), axis=1)
    share = np.where(dropped & (base > 0.0), scale / base, 0.0)
    trace = np.sum(share, axis=1)
    if predictions:
        floor = _balanced(np.where(dropped, scale, 0.0), trace)
    else:
        floor = np.sum(dropped, axis=1) / np.where(trace > 0.0, trace, np.inf)
    ratio = np.where(dropped & (base > 0.0), (floor[:, None] * scale + float(predictions)) / base, 1.0)
    return np.where(some, np.where(regular, np.sum(spread_cost(ratio - 1.0, ratio), axis=1), np.inf), 0.0)


def _balanced(scale: Array, trace: Array) -> Array:
    """Return the f ≥ 0 with Σ s/(f s + 1) = trace, 0 where the sum is no larger at 0, for s (R, d, points).

    The sum is replaced by the a/(f + c) of the same value and slope, which it lies above: steps grow towards f.
    """
    floor = np.zeros(trace.shape)
    for _ in range(STEPS):
        each = scale / (floor[:, None] * scale + 1.0)
        total, slope = np.sum(each, axis=1), np.sum(np.square(each), axis=1)
        step = np.where(trace > 0.0, total / np.where(slope > 0.0, slope, np.inf) * (total / trace - 1.0), 0.0)
        moved = np.maximum(floor + step, 0.0)
        if np.all(np.abs(moved - floor) <= CLOSE * moved):
            return moved
        floor = moved
    return floor
