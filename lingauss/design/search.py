"""Global minimisation of a smooth function of one variable."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lingauss.validation import Array

POINTS = 129  # of the first grid
FURTHER = 16  # added on either side at a time: farther out what varies is wider
MAX_DOUBLINGS = 60


def global_minimum(function: Callable[[float], float], centre: float = 0.5, reach: float = 2.0) -> float:
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


def _at(function: Callable[[float], float], points: Array) -> Array:
    return np.array([function(point) for point in points.tolist()])


def _rises(values: Array) -> bool:
    """Whether both ends lie above every finite inner point and rise outwards."""
    highest = np.max(values[1:-1], where=np.isfinite(values[1:-1]), initial=-np.inf)
    return bool(values[0] > values[1] and values[-1] > values[-2] and min(values[0], values[-1]) >= highest)
