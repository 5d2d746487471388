"""The convex core of the optimum: sums of ρ − 1 − log ρ, ρ affine in variables ≥ 0 (docs/theory.md §5.1)."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lingauss.algebra.factor import EPS
from lingauss.algebra.numerics import spread_cost
from lingauss.validation import Array

Mask = npt.NDArray[np.bool_]
MAX_STEPS = 200


@dataclass(frozen=True, eq=False)
class Minimum:
    """A global minimum over x ≥ 0 and its certificate.

    Attributes
    ----------
    x : (p,)
        The minimiser of smallest norm.
    value : float
        The minimum, in the units of the weights.
    kkt_residual : float
        Violation of the optimality conditions, relative to 1 + value: |x ∂f/∂x| where x > 0, the negative part of
        ∂f/∂x where x = 0. Because the problem is convex, 0 proves global optimality.
    flat : (p,) of bool
        Variables that can move without changing the value.
    """

    x: Array
    value: float
    kkt_residual: float
    flat: Mask


@dataclass(frozen=True, eq=False)
class SpreadSum:
    """f(x) = Σ w (ρ − 1 − log ρ) with ρ = intercept + slopes · x.

    Attributes
    ----------
    weights, intercept : (m,)
        w ≥ 0 and ρ at x = 0, ≥ 0.
    slopes : (m, p)
        ≥ 0.
    """

    weights: Array
    intercept: Array
    slopes: Array

    def ratio(self, x: Array) -> Array:
        """Return ρ."""
        return np.asarray(self.intercept + self.slopes @ x)

    def value(self, x: Array) -> float:
        """Return f."""
        ratio = self.ratio(x)
        return float(np.sum(self.weights * spread_cost((self.intercept - 1.0) + self.slopes @ x, ratio)))

    def gradient(self, x: Array) -> Array:
        """Return ∂f/∂x, (p,)."""
        ratio = self.ratio(x)
        return np.asarray(self.slopes.T @ (self.weights * (ratio - 1.0) / ratio))

    def hessian(self, x: Array) -> Array:
        """Return the second derivatives, (p, p)."""
        scaled = self.slopes * (np.sqrt(self.weights) / self.ratio(x))[:, None]
        return np.asarray(scaled.T @ scaled)

    def minimise(self) -> Minimum:
        """Minimise over x ≥ 0 by Newton steps on the variables that are not held at 0."""
        live = np.any(self.slopes * self.weights[:, None] > 0, axis=0)
        x = np.where(live, _start(self), 0.0)
        for _ in range(MAX_STEPS):
            gradient = self.gradient(x)
            free = live & ((x > 0) | (gradient < 0))
            if not free.any():
                break
            moved = self._step(x, gradient, free)
            if moved is None:
                break
            x = moved
        x, flat = self._smallest(x, live)
        return Minimum(x, self.value(x), self._residual(x), flat)

    def _step(self, x: Array, gradient: Array, free: Mask) -> Array | None:
        """Return a better point, or None where float64 finds none."""
        hessian = self.hessian(x)[np.ix_(free, free)]
        size = np.sqrt(hessian.diagonal())
        direction = np.zeros_like(x)
        scaled = np.linalg.lstsq(hessian / size / size[:, None], gradient[free] / size, rcond=1e-13)[0]
        direction[free] = -scaled / size
        here, length = self.value(x), 1.0
        while length > EPS:
            there = np.maximum(x + length * direction, 0.0)
            # A bounded variable may be heading for a point where some ρ is 0, where f is infinite.
            if np.all(self.ratio(there)[self.weights > 0] > 0) and self.value(there) < here:
                return there
            length /= 2.0
        full = np.maximum(x + direction, 0.0)
        better = np.all(self.ratio(full)[self.weights > 0] > 0) and self._residual(full) < self._residual(x)
        return full if better else None

    def _residual(self, x: Array) -> float:
        gradient = self.gradient(x)
        violation = np.where(x > 0, np.abs(x * gradient), np.maximum(-gradient, 0.0))
        return float(np.max(violation, initial=0.0) / (1.0 + self.value(x)))

    def _smallest(self, x: Array, live: Mask) -> tuple[Array, Mask]:
        """Return the minimiser of smallest norm, and which variables are free to move along the minimisers.

        f is strictly convex in ρ, so the minimisers are the x ≥ 0 that give the same ρ. With p ≤ 3 variables every
        choice of those held at 0 is tried.
        """
        used = self.slopes[self.weights > 0]
        size = np.max(used, axis=0, initial=0.0)
        unit = np.where(size > 0, size, 1.0)
        scaled, target = used / unit, used @ x
        if np.linalg.matrix_rank(scaled[:, live]) == np.count_nonzero(live):
            return x, ~live
        best, flat = x, ~live
        for held in itertools.product([False, True], repeat=len(x)):
            kept = live & ~np.array(held)
            trial = np.zeros_like(x)
            trial[kept] = np.linalg.lstsq(used[:, kept], target, rcond=1e-12)[0]
            reached = np.abs(used @ trial - target).max(initial=0.0) <= 1e-12 * (1.0 + np.abs(target).max(initial=0.0))
            if reached and np.all(trial >= 0):
                flat = flat | (np.abs(trial - x) > 1e-9 * (1.0 + np.abs(x)))
                if np.linalg.norm(trial) < np.linalg.norm(best) * (1.0 - 1e-12):
                    best = trial
        return best, flat


def _start(problem: SpreadSum) -> Array:
    """Return a point of the right size in each variable: where its own ρ average 1."""
    total = np.sum(problem.weights[:, None] * problem.slopes, axis=0)
    with np.errstate(divide="ignore"):
        return np.where(total > 0, np.sum(problem.weights) / np.where(total > 0, total, 1.0), 0.0)
