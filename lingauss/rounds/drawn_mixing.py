"""The best mixing of every round where rounds draw labels or inputs (docs/theory.md §10.6).

The last student is linear in P_j = ξ_r ξ_{r−1} … ξ_{r−j+1}, the share of what it knows that went through j rounds of
soft labels, so that its excess risk is a quadratic in P_1 … P_r. That is found from its values.
"""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from lingauss.errors import DomainError
from lingauss.rounds.drawn import drawn_risks
from lingauss.rounds.record import Rounds
from lingauss.rounds.redraws import Pool
from lingauss.validation import Array

STEP = 0.5  # from P = 1: a quadratic is exact at any distance
MOST_ROUNDS = 30  # of which the quadratic has 500 coefficients
DETERMINED = 1e-10  # curvature, relative to the largest, from which on its direction counts


class Quadratic(NamedTuple):
    """A quadratic whose minimum is wanted: value at P = 1, gradient there, and curvature."""

    value: float
    gradient: Array
    curvature: Array


def best_products(chain: Rounds[Any]) -> tuple[Array, float, bool]:
    """Return the running products P_1 … P_r of the best mixings, the least risk, and whether they alone are best.

    Raises
    ------
    DomainError
        If the risk is no quadratic in them, or infinite.
    """
    if chain.accumulate or chain.pool is Pool.ROWS:
        raise DomainError(
            "rounds that mix in every label, whose data do not grow",
            "rounds that accumulate, or pool rows",
            "Sweep the mixing, or use best_stationary_mixing() where rounds settle.",
        )
    if chain.rounds > MOST_ROUNDS:
        raise DomainError(f"at most {MOST_ROUNDS} rounds", f"{chain.rounds}", "Optimise the mixing of fewer rounds.")
    found = _quadratic(chain)
    values, vectors = np.linalg.eigh(found.curvature)
    counts = values > DETERMINED * values[-1]
    slopes = vectors.T @ found.gradient
    steps = np.divide(slopes, values, out=np.zeros_like(values), where=counts)
    return 1.0 - vectors @ steps, found.value - 0.5 * float(slopes @ steps), bool(np.all(counts))


def _quadratic(chain: Rounds[Any]) -> Quadratic:
    count = chain.rounds

    def risk(*moved: tuple[int, float]) -> float:
        products = np.ones(count)
        for number, step in moved:
            products[number] += step
        mixing = products / np.concatenate([[1.0], products[:-1]])
        value = float(drawn_risks(replace(chain, mixing=mixing[::-1].tolist()))[-1])
        if not np.isfinite(value):
            raise DomainError("rounds away from their interpolation peak", "an infinite risk", "Raise the penalty.")
        return value

    start = risk()
    above, below = (np.array([risk((j, step)) for j in range(count)]) for step in (STEP, -STEP))
    curvature = np.diag((above + below - 2.0 * start) / STEP**2)
    for i, j in itertools.combinations(range(count), 2):
        both = risk((i, STEP), (j, STEP))
        curvature[i, j] = curvature[j, i] = (both - above[i] - above[j] + start) / STEP**2
    return Quadratic(start, 0.5 * (above - below) / STEP, curvature)
