"""Spread costs of every student rank at once, minimised in step (docs/theory.md §5.1).

Rank r pays the retained costs of the first r directions and the discarded costs of the others, so that all ranks
together are one triangle (ranks, directions).
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from lingauss.algebra.factor import EPS
from lingauss.algebra.numerics import spread_cost
from lingauss.ledgers.route import Ranks
from lingauss.model.directions import Directions
from lingauss.model.learners import Law
from lingauss.validation import Array

Mask = npt.NDArray[np.bool_]

MAX_STEPS = 100
MAX_HALVINGS = 60
CLOSE = 1e-14  # of 1 + value: violation of the optimality conditions at which a rank is done
ALIKE = 1e-13  # relative size of a second direction of curvature below which two spreads have the same effect


@dataclass(frozen=True, eq=False)
class Triangle:
    """Ratios of variances ρ = intercept + Σ_j slopes_j x_j in every direction, where retained and where discarded.

    Attributes
    ----------
    kept_intercept : (1 or R, d)
        Of length 1 where it is the same for every rank.
    kept_slopes : (p, 1 or R, d)
    dropped_intercept : (d,)
    dropped_slopes : (p, d)
    counts_dropped : bool
        Whether discarded directions are part of the sum; else their floor is optimised elsewhere.
    """

    kept_intercept: Array
    kept_slopes: Array
    dropped_intercept: Array
    dropped_slopes: Array
    counts_dropped: bool

    @classmethod
    def of(cls, directions: Directions, unit: Directions, free: Sequence[str], predictions: bool) -> Triangle:
        """Take designs apart into what their temperatures multiply and what not.

        Parameters
        ----------
        directions : Directions
            In the order in which ranks keep them, over a grid axis of length 1 or R.
        unit : Directions
            The same with a student of temperature 1 where that is free.
        free : sequence of str
            Among ``temperature``, ``student_temperature`` and ``floor``.
        predictions : bool
            Whether joint predictions are compared, else weights.
        """
        scale, base = directions.seen(predictions)
        seen, noise = scale / base, np.broadcast_to(float(predictions) / base, directions.s.shape)
        share, own = seen * directions.mixing_share, seen * unit.sides.own_variance
        floor = np.broadcast_to(seen * unit.sides.floor_variance, directions.s.shape)
        intercept, unseen = noise + share * directions.s * directions.sides.teacher_variance, noise
        kept, dropped = list[Array](), list[Array]()
        if "temperature" in free:
            kept.append(share)
            dropped.append(np.zeros_like(floor))
        else:
            intercept = intercept + share * directions.temperature
        follows = isinstance(directions.sides.floor, Law) and "student_temperature" in free and "floor" not in free
        if "student_temperature" in free:
            kept.append(np.broadcast_to(own, intercept.shape))
            dropped.append(floor if follows else np.zeros_like(floor))
        else:
            intercept = intercept + own
        if not follows:
            unseen = unseen + floor
        d, points = intercept.shape
        return cls(
            intercept.T,
            np.array(kept).reshape(-1, d, points).transpose(0, 2, 1),
            unseen[:, 0],
            np.array(dropped).reshape(-1, d),
            "floor" not in free,
        )

    def least(self, ranks: Ranks, weight: float) -> tuple[Array, Array]:
        """Return the least w Σ (ρ − 1 − log ρ) at every rank over x ≥ 0, and the KKT residual relative to 1 + value.

        The value is +inf where a variance is 0 whatever x is.
        """
        some = slice(None) if self.counts_dropped else slice(0, int(ranks[-1]))
        kept = np.arange(len(self.dropped_intercept))[some] < ranks[:, None]
        others = self.dropped_intercept[some] if self.counts_dropped else 1.0
        intercept = np.where(kept, self.kept_intercept[:, some], others)
        slopes = np.where(kept, self.kept_slopes[:, :, some], self.dropped_slopes[:, None, some])
        infinite = np.any((intercept == 0.0) & ~np.any(slopes, axis=0), axis=1)
        problem = _Spreads(weight, np.where(infinite[:, None], 1.0, intercept), slopes * ~infinite[:, None])
        x, residuals = problem.minimise()
        return np.where(infinite, np.inf, problem.values(x)), residuals

    def rows(self, some: slice) -> Triangle:
        """Return the triangle of some ranks."""
        if len(self.kept_intercept) == 1:
            return self
        return replace(self, kept_intercept=self.kept_intercept[some], kept_slopes=self.kept_slopes[:, some])


@dataclass(frozen=True, eq=False)
class _Spreads:
    """f_r(x_r) = w Σ_i (ρ − 1 − log ρ) with ρ = intercept + Σ_j slopes_j x_j, one problem for every row r.

    Attributes
    ----------
    weight : float
        w.
    intercept : (R, d)
    slopes : (p, R, d)
    """

    weight: float
    intercept: Array
    slopes: Array

    def rows(self, some: Mask) -> _Spreads:
        """Return some of the problems."""
        return self if some.all() else _Spreads(self.weight, self.intercept[some], self.slopes[:, some])

    def _shift(self, x: Array) -> Array:
        shift = np.zeros_like(self.intercept)
        for slope, value in zip(self.slopes, x.T, strict=True):
            shift += slope * value[:, None]
        return shift

    def values(self, x: Array) -> Array:
        """Return f to all its digits, (R,)."""
        shift = self._shift(x)
        return np.asarray(self.weight * np.sum(spread_cost((self.intercept - 1.0) + shift, self.intercept + shift), 1))

    def rough_values(self, x: Array) -> Array:
        """Return f to the digits of a sum of its terms' sizes, (R,)."""
        ratio = self.intercept + self._shift(x)
        with np.errstate(divide="ignore"):
            return np.asarray(self.weight * np.sum(ratio - 1.0 - np.log(ratio), axis=1))

    def derivatives(self, x: Array) -> tuple[Array, Array]:
        """Return first (R, p) and second derivatives (R, p, p)."""
        ratio = self.intercept + self._shift(x)
        relative = self.slopes / ratio
        gradient = self.weight * np.einsum("prd,rd->rp", relative, ratio - 1.0)
        hessian = np.empty((*x.shape, x.shape[1]))
        for i, j in itertools.combinations_with_replacement(range(x.shape[1]), 2):
            hessian[:, i, j] = hessian[:, j, i] = self.weight * np.einsum("rd,rd->r", relative[i], relative[j])
        return gradient, hessian

    def minimise(self) -> tuple[Array, Array]:
        """Return a minimiser of every problem (R, p), and the KKT residuals (R,).

        Newton steps on the variables that are not held at 0, as far as the first that reaches it, halved until the
        value falls; as :meth:`lingauss.optimum.convex.SpreadCost.minimise`, for all problems in step.
        """
        rates = self.weight * np.sum(self.slopes, axis=2).T
        total = self.weight * self.slopes.shape[2]
        start = np.divide(total, rates, out=np.zeros_like(rates), where=rates > 0.0)
        x, residuals, value = start.copy(), np.zeros(len(start)), self.rough_values(start)
        moving = np.any(rates > 0.0, axis=1)
        for _ in range(MAX_STEPS):
            if not moving.any():
                break
            problem, here = self.rows(moving), x[moving]
            gradient, hessian = problem.derivatives(here)
            violation = np.where(here > 0.0, np.abs(here * gradient), np.maximum(-start[moving] * gradient, 0.0))
            residuals[moving] = np.max(violation, axis=1) / (1.0 + value[moving])
            there, least, improved = problem.step(here, value[moving], gradient, hessian)
            again = improved & (residuals[moving] > CLOSE)
            x[moving] = np.where(again[:, None], there, here)
            value[moving] = np.where(again, least, value[moving])
            moving[moving] = again
        return x, residuals

    def step(self, x: Array, value: Array, gradient: Array, hessian: Array) -> tuple[Array, Array, Mask]:
        """Return a better point of every problem, its value, and where float64 found one."""
        free = (x > 0.0) | (gradient < 0.0)
        direction = _newton(gradient, hessian, free)
        while np.any(stuck := free & (x == 0.0) & (direction < 0.0)):  # at 0, and not on its own account: wait there
            free = free & ~stuck
            direction = _newton(gradient, hessian, free)
        reach = np.divide(x, -direction, out=np.full_like(x, np.inf), where=direction < 0.0)
        length = np.minimum(1.0, np.min(reach, axis=1))
        there = np.where(reach <= length[:, None], 0.0, x + length[:, None] * direction)
        total = self.weight * self.intercept.shape[1]
        # Too close for values to tell better from worse: the optimality conditions judge the rest.
        close = -np.sum(gradient * direction, axis=1) * length <= 16.0 * EPS * (total + value)
        least = self.rough_values(there)
        for _ in range(MAX_HALVINGS):
            worse = ~((least < value) | (close & np.isfinite(least)))
            if not worse.any():
                break
            length[worse] *= 0.5
            there[worse] = x[worse] + length[worse, None] * direction[worse]
            least[worse] = self.rows(worse).rough_values(there[worse])
        return there, least, (least < value) | (close & np.isfinite(least))


def _newton(gradient: Array, hessian: Array, free: Mask) -> Array:
    """Return the Newton steps of the free variables, the shortest where they are not unique, (R, p)."""
    size = np.sqrt(np.where(free, np.einsum("rpp->rp", hessian), 1.0))
    size = np.where(size > 0.0, size, 1.0)
    both = free[:, :, None] & free[:, None, :]
    scaled = np.where(both, hessian / size[:, :, None] / size[:, None, :], 0.0)
    inverse = np.linalg.pinv(scaled, rcond=ALIKE, hermitian=True)
    return np.asarray(-np.einsum("rpq,rq->rp", inverse, np.where(free, gradient, 0.0) / size) / size)
