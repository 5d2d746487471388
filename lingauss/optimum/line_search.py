"""Global minimisation of a smooth function of one variable."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from lingauss.validation import Array

Indices = npt.NDArray[np.intp]

CENTRE, REACH = 0.5, 2.0  # middle and half-width of the first grid
POINTS = 129  # of the first grid
FURTHER = 16  # added on either side at a time: farther out what varies is wider
MAX_DOUBLINGS = 60
SECTION = 0.5 * (5.0**0.5 - 1.0)
SECTIONS = 30  # golden ones, to 1e-6 of a spacing: at a minimum the value is off by the square of it


def global_minimum(function: Callable[[float], float], centre: float = CENTRE, reach: float = REACH) -> float:
    """Return the minimiser of a function that grows without bound on both sides.

    A grid is extended to twice its width until both ends lie above every inner point and rise outwards; every local
    minimum on it is refined. Global up to minima narrower than the grid's spacing.

    Parameters
    ----------
    function : callable
        Smooth on the real line but for points where it is +inf, growing without bound on both sides.
    centre, reach : float
        Middle and half-width of the first grid.

    Returns
    -------
    float
        The centre if the function is +inf all over the first grid.
    """
    from scipy.optimize import minimize_scalar

    grid = centre + reach * np.linspace(-1.0, 1.0, POINTS)
    values = _at(function, grid)
    if not np.isfinite(values).any():
        return centre
    for _ in range(MAX_DOUBLINGS):
        if _rises(values):
            break
        further = reach * np.linspace(1.0, 2.0, FURTHER + 1)[1:]
        below, above = centre - further[::-1], centre + further
        grid = np.concatenate([below, grid, above])
        values = np.concatenate([_at(function, below), values, _at(function, above)])
        reach *= 2.0
    inner = int(np.argmin(values))
    padded = np.concatenate(([np.inf], values, [np.inf]))
    local = np.flatnonzero(np.isfinite(values) & (values <= padded[:-2]) & (values <= padded[2:]))
    best = (float(grid[inner]), float(values[inner]))
    for index in local.tolist():
        low, high = grid[max(index - 1, 0)], grid[min(index + 1, len(grid) - 1)]
        refined = minimize_scalar(
            function, bounds=(low, high), method="bounded", options={"xatol": 1e-10 * (high - low)}
        )
        if refined.fun < best[1]:
            best = (float(refined.x), float(refined.fun))
    return best[0]


def global_minima(function: Callable[[Array, Indices], Array], count: int) -> Array:
    """Return the least values of several functions at once; as :func:`global_minimum` for each.

    Parameters
    ----------
    function : callable
        From points, one for all or one for each, and the numbers of some of the functions (increasing, with repeats) to
        their values there.
    count : int
        How many functions there are.

    Returns
    -------
    (count,) ndarray
        +inf where a function is that all over the first grid.
    """
    everyone = np.arange(count)
    grid = CENTRE + REACH * np.linspace(-1.0, 1.0, POINTS)
    values = np.array([function(np.array([point]), everyone) for point in grid.tolist()])
    reach, live = REACH, np.isfinite(values).any(axis=0)
    for _ in range(MAX_DOUBLINGS):
        rises = np.array([_rises(column) for column in values.T])
        if np.all(rises | ~live):
            break
        further = reach * np.linspace(1.0, 2.0, FURTHER + 1)[1:]
        below, above = CENTRE - further[::-1], CENTRE + further
        sides = (
            np.array([function(np.array([point]), everyone) for point in side.tolist()]) for side in (below, above)
        )
        left, right = sides
        grid, values, reach = np.concatenate([below, grid, above]), np.concatenate([left, values, right]), 2.0 * reach
    edge = np.full((1, count), np.inf)
    padded = np.concatenate([edge, values, edge])
    local = np.isfinite(values) & (values <= padded[:-2]) & (values <= padded[2:])
    owners, places = np.nonzero(local.T)
    low, high = grid[np.maximum(places - 1, 0)], grid[np.minimum(places + 1, len(grid) - 1)]
    least = np.min(values, axis=0)
    if len(owners):
        np.minimum.at(least, owners, _golden(lambda points: function(points, owners), low, high))
    return np.asarray(least)


def _golden(function: Callable[[Array], Array], low: Array, high: Array) -> Array:
    """Return the least values of several functions found between bounds by golden sections."""
    left, right = high - SECTION * (high - low), low + SECTION * (high - low)
    at_left, at_right = function(left), function(right)
    for _ in range(SECTIONS):
        down = at_left < at_right
        low, high = np.where(down, low, left), np.where(down, right, high)
        fresh = np.where(down, high - SECTION * (high - low), low + SECTION * (high - low))
        at_fresh = function(fresh)
        left, right = np.where(down, fresh, right), np.where(down, left, fresh)
        at_left, at_right = np.where(down, at_fresh, at_right), np.where(down, at_left, at_fresh)
    return np.minimum(at_left, at_right)


def _at(function: Callable[[float], float], points: Array) -> Array:
    return np.array([function(point) for point in points.tolist()])


def _rises(values: Array) -> bool:
    """Whether both ends lie above every finite inner point and rise outwards."""
    highest = np.max(values[1:-1], where=np.isfinite(values[1:-1]), initial=-np.inf)
    return bool(values[0] > values[1] and values[-1] > values[-2] and min(values[0], values[-1]) >= highest)
