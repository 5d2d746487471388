"""Global minimisation of a smooth function of one variable."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

POINTS = 129
MAX_DOUBLINGS = 60


def global_minimum(function: Callable[[float], float], centre: float = 0.5, reach: float = 2.0) -> float:
    """Return the minimiser of a function that grows without bound on both sides.

    The bracket doubles until both ends lie above every inner point and rise outwards; every local minimum of a grid
    over it is refined. Global up to minima narrower than the grid's spacing.

    Parameters
    ----------
    function : callable
        Smooth on the real line, growing without bound on both sides.
    centre, reach : float
        Middle and half-width of the first bracket.
    """
    from scipy.optimize import minimize_scalar

    for _ in range(MAX_DOUBLINGS):
        grid = centre + reach * np.linspace(-1.0, 1.0, POINTS)
        values = np.array([function(float(x)) for x in grid])
        inner = int(np.argmin(values))
        if POINTS // 8 <= inner < POINTS - POINTS // 8:
            break
        reach *= 2.0
    padded = np.concatenate(([np.inf], values, [np.inf]))
    local = np.flatnonzero((values <= padded[:-2]) & (values <= padded[2:]))
    best = (float(grid[inner]), float(values[inner]))
    for index in local.tolist():
        low, high = grid[max(index - 1, 0)], grid[min(index + 1, POINTS - 1)]
        refined = minimize_scalar(function, bounds=(low, high), method="bounded", options={"xatol": 1e-12 * reach})
        if refined.fun < best[1]:
            best = (float(refined.x), float(refined.fun))
    return best[0]
