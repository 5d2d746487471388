"""The best ridge penalties, around whatever else is optimised: a grid of logarithms, refined where it is least."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from lingauss.errors import LingaussError
from lingauss.model.design import Design
from lingauss.model.eigenbasis import Eigenbasis
from lingauss.model.fresh import FreshInputs
from lingauss.optimum.result import Case, Optimum

PENALTIES = ("student_penalty", "teacher_penalty")
SPAN = (1e-8, 1e4)  # searched, in units of the largest eigenvalue of the Gram matrix
POINTS = {1: 33, 2: 13}  # per penalty, by how many are optimised
CLOSE = 1e-4  # of the logarithm, where refining stops
FURTHER = 200  # evaluations of refining two at once


def best_at_penalties(
    case: Case,
    names: Sequence[str],
    best: Callable[[Case, float | None], Optimum[Case]],
    slack: float | None,
) -> Optimum[Case]:
    """Return the optimum at the penalties where it is least.

    Parameters
    ----------
    case : Design
    names : sequence of str
        Among :data:`PENALTIES`.
    best : callable
        Optimum over everything else of the design at some penalties, of the smallest rank within a fraction of the best
        if one is given.
    slack : float or None
        That fraction, at the penalties that are best without it.

    Raises
    ------
    DomainError
        If a side is no learner with a penalty.
    """
    penalties, edges = search_penalties(case, names, lambda design: best(design, None).value)
    found = best(case.replace(**penalties), slack)
    proof, tried = found.certificate, POINTS[len(names)] ** len(names)
    return dataclasses.replace(
        found,
        settings=found.settings | penalties,
        certificate=dataclasses.replace(
            proof,
            claim=f"local in {' and '.join(names)}: the best of {tried} values on a logarithmic grid, refined; "
            f"at these {proof.claim}",
            active=(*proof.active, *edges),
        ),
    )


def _largest(case: Design) -> float:
    """Return the largest eigenvalue of the Gram matrix that the student sees, on average where it is drawn."""
    if not case.averages_over_inputs:
        return float(case.seen_eigenbasis.eigenvalues[0])
    drawn = case.transfer if isinstance(case.transfer, FreshInputs) else case.problem
    return drawn.n_samples * float(Eigenbasis.of(case.problem.test_covariance).eigenvalues[0])  # type: ignore[arg-type]


def search_penalties(
    case: Case, names: Sequence[str], cost: Callable[[Case], float]
) -> tuple[dict[str, float], list[str]]:
    """Return the best penalties by name, and a sentence about each that lies at an edge of what was searched.

    Parameters
    ----------
    case, names
        As for :func:`best_at_penalties`.
    cost : callable
        What is to be least; +inf where it raises.

    Raises
    ------
    LingaussError
        If no penalty is legal.
    """
    from scipy.optimize import minimize, minimize_scalar

    unit = _largest(case) or 1.0
    low, high = (math.log(end * unit) for end in SPAN)
    grid = np.linspace(low, high, POINTS[len(names)])
    step = float(grid[1] - grid[0])

    refusals: list[LingaussError] = []

    def at(logarithms: Iterable[float]) -> float:
        try:
            return cost(case.replace(**{name: math.exp(x) for name, x in zip(names, logarithms, strict=True)}))
        except LingaussError as error:  # such as a descent that is unstable at large penalties
            refusals.append(error)
            return math.inf

    points = list(itertools.product(grid.tolist(), repeat=len(names)))
    values = [at(point) for point in points]
    best, least = points[int(np.argmin(values))], min(values)
    if math.isinf(least) and refusals:
        raise refusals[-1]
    ends = [(max(x - step, low), min(x + step, high)) for x in best]
    if len(names) == 1:
        line = minimize_scalar(lambda x: at([x]), bounds=ends[0], method="bounded", options={"xatol": CLOSE})
        refined, value = [float(line.x)], float(line.fun)
    else:
        limits: Any = {"xatol": CLOSE, "maxfev": FURTHER}
        plane = minimize(at, np.array(best), method="Nelder-Mead", bounds=ends, options=limits)
        refined, value = plane.x.tolist(), float(plane.fun)
    best = tuple(refined) if value < least else best
    penalties = {name: math.exp(x) for name, x in zip(names, best, strict=True)}
    edges = [
        f"{name} = {penalties[name]:.3g}, the {'smallest' if x < high - step else 'largest'} searched"
        for name, x in zip(names, best, strict=True)
        if min(x - low, high - x) < 1e-3 * step
    ]
    return penalties, edges
