"""The convex core of the optimum: spread costs of variables x ≥ 0, minimised by Newton steps (docs/theory.md §5.1)."""

from __future__ import annotations

import itertools
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lingauss.algebra.factor import EPS
from lingauss.algebra.numerics import spread_cost
from lingauss.validation import Array

Mask = npt.NDArray[np.bool_]
MAX_STEPS = 200
ALIKE = 1e-12  # relative to the largest: what is left of an effect is rounding


@dataclass(frozen=True, eq=False)
class Minimum:
    """A global minimum over x ≥ 0 and its certificate.

    Attributes
    ----------
    x : (p,)
        The minimiser of smallest norm; exactly 0 where it is within rounding of 0.
    value : float
        The minimum, in the units of the weights.
    kkt_residual : float
        Violation of the optimality conditions, relative to 1 + value and whatever the units of x: |x ∂f/∂x| where
        x > 0; where x = 0, the negative part of x₁ ∂f/∂x, x₁ being where the variable's own arguments average 1.
        Because the problem is convex, 0 proves global optimality.
    flat : (p,) of bool
        Variables that can move without changing the value.
    """

    x: Array
    value: float
    kkt_residual: float
    flat: Mask


class SpreadCost(ABC):
    """A cost f(x) ≥ 0 of the form trace − constant − log-determinant, whose arguments are affine in x ≥ 0: convex."""

    @property
    @abstractmethod
    def weight(self) -> float:
        """What f loses where all arguments grow by the factor e, but for the trace; ≥ 0."""

    @property
    @abstractmethod
    def rates(self) -> Array:
        """What each variable adds to the trace, (p,), ≥ 0."""

    @property
    @abstractmethod
    def effects(self) -> Array:
        """Change of the arguments that count with each variable, (m, p); f is strictly convex in effects @ x."""

    @abstractmethod
    def value(self, x: Array) -> float:
        """Return f, +inf where an argument is singular."""

    @abstractmethod
    def derivatives(self, x: Array) -> tuple[Array, Array]:
        """Return ∂f/∂x (p,) and the second derivatives (p, p) where f is finite."""

    def minimise(self) -> Minimum:
        """Minimise over x ≥ 0 by Newton steps on the variables that are not held at 0."""
        live = np.any(self.effects != 0, axis=0)
        x = np.where(live, self._start(), 0.0)
        for _ in range(MAX_STEPS):
            gradient, hessian = self.derivatives(x)
            free = live & ((x > 0) | (gradient < 0))
            if not free.any():
                break
            moved = self._step(x, gradient, hessian, free)
            if moved is None:
                break
            x = moved
        x, flat = self._smallest(x, live)
        x = self._on_the_edge(x)
        return Minimum(x, self.value(x), self._residual(x), flat)

    def _start(self) -> Array:
        """Return a point of the right size in each variable: where its own arguments average 1."""
        return np.divide(self.weight, self.rates, out=np.zeros(len(self.rates)), where=self.rates > 0)

    def _on_the_edge(self, x: Array) -> Array:
        """Return a minimiser with 0 for each variable that rounding may have moved off it.

        At a minimum x ∂f/∂x = 0: what a variable adds to the trace is its share of the weight, Σ w ∂ log ρ/∂ log x.
        Where that share is rounding the arguments do not tell x from 0, and f changes by its square.
        """
        edge = np.where(x * self.rates <= ALIKE * self.weight, 0.0, x)
        return edge if np.isfinite(self.value(edge)) else x

    def _step(self, x: Array, gradient: Array, hessian: Array, free: Mask) -> Array | None:
        """Return a better point, or None where float64 finds none."""
        direction = _newton(gradient, hessian, free)
        while np.any(stuck := free & (x == 0) & (direction < 0)):  # at 0, and not on its own account: wait there
            free = free & ~stuck
            direction = _newton(gradient, hessian, free)
        # As far as the first variable that reaches 0. Clipping the others there instead can jam short of the minimum.
        reach = np.divide(x, -direction, out=np.full(len(x), np.inf), where=direction < 0)
        here, longest = self.value(x), min(1.0, float(np.min(reach)))
        full = np.where(reach <= longest, 0.0, x + longest * direction)
        if -gradient @ direction * longest <= 16 * EPS * (self.weight + here):
            # Too close for values to tell better from worse: what reaches 0 stays there, and the optimality conditions
            # judge the rest.
            better = np.isfinite(self.value(full)) and (longest < 1.0 or self._residual(full) < self._residual(x))
            return full if better else None
        there, length = full, longest
        while not self.value(there) < here:  # f is infinite where an argument is singular
            length /= 2.0
            if length <= EPS * longest:
                return None
            there = x + length * direction
        return there

    def _residual(self, x: Array) -> float:
        gradient, _ = self.derivatives(x)
        violation = np.where(x > 0, np.abs(x * gradient), np.maximum(-self._start() * gradient, 0.0))
        return float(np.max(violation, initial=0.0) / (1.0 + self.value(x)))

    def _smallest(self, x: Array, live: Mask) -> tuple[Array, Mask]:
        """Return the minimiser of smallest norm, and which variables are free to move along the minimisers.

        f is strictly convex in the arguments, so the minimisers are the x ≥ 0 that give the same arguments. With p ≤ 3
        variables every choice of those held at 0 is tried.
        """
        used = self.effects
        size = np.max(np.abs(used), axis=0, initial=0.0)
        scaled, target = used / np.where(size > 0, size, 1.0), used @ x
        singular = np.linalg.svd(scaled[:, live], compute_uv=False)
        if np.count_nonzero(singular > ALIKE * np.max(singular, initial=0.0)) == np.count_nonzero(live):
            return x, ~live
        best, flat = x, ~live
        for held in itertools.product([False, True], repeat=len(x)):
            kept = live & ~np.array(held)
            trial = np.zeros_like(x)
            trial[kept] = np.linalg.lstsq(used[:, kept], target, rcond=ALIKE)[0]
            reached = np.abs(used @ trial - target).max(initial=0.0) <= ALIKE * (1.0 + np.abs(target).max(initial=0.0))
            if reached and np.all(trial >= 0):
                flat = flat | (np.abs(trial - x) > 1e-9 * (1.0 + np.abs(x)))
                if np.linalg.norm(trial) < np.linalg.norm(best) * (1.0 - 1e-12):
                    best = trial
        return best, flat


def _newton(gradient: Array, hessian: Array, free: Mask) -> Array:
    """Return the Newton step of the free variables, the shortest where it is not unique."""
    size = np.sqrt(hessian.diagonal()[free])
    step = np.zeros_like(gradient)
    scaled = hessian[np.ix_(free, free)] / size / size[:, None]
    step[free] = -np.linalg.lstsq(scaled, gradient[free] / size, rcond=1e-13)[0] / size
    return step


@dataclass(frozen=True, eq=False)
class SpreadSum(SpreadCost):
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

    @property
    def weight(self) -> float:
        return float(np.sum(self.weights))

    @property
    def rates(self) -> Array:
        return np.asarray(self.weights @ self.slopes)

    @property
    def effects(self) -> Array:
        return self.slopes[self.weights > 0]

    def value(self, x: Array) -> float:
        shift = self.slopes @ x
        costs = spread_cost((self.intercept - 1.0) + shift, np.asarray(self.intercept + shift))
        return float(np.sum(self.weights * costs))

    def derivatives(self, x: Array) -> tuple[Array, Array]:
        ratio = self.intercept + self.slopes @ x
        scaled = self.slopes * (np.sqrt(self.weights) / ratio)[:, None]
        return np.asarray(self.slopes.T @ (self.weights * (ratio - 1.0) / ratio)), np.asarray(scaled.T @ scaled)


@dataclass(frozen=True, eq=False)
class Together(SpreadCost):
    """The sum of several spread costs of the same variables."""

    parts: Sequence[SpreadCost]

    @property
    def weight(self) -> float:
        return sum(part.weight for part in self.parts)

    @property
    def rates(self) -> Array:
        return np.asarray(np.sum([part.rates for part in self.parts], axis=0))

    @property
    def effects(self) -> Array:
        return np.concatenate([part.effects for part in self.parts])

    def value(self, x: Array) -> float:
        return sum(part.value(x) for part in self.parts)

    def derivatives(self, x: Array) -> tuple[Array, Array]:
        gradients, hessians = zip(*(part.derivatives(x) for part in self.parts), strict=True)
        return np.sum(gradients, axis=0), np.sum(hessians, axis=0)
