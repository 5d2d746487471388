"""The ledger of a ridge student against its ridge teacher on average over drawn rows (docs/theory.md §10.8).

Given the rows every cell is a sum over eigenvalues of their Gram matrix of a function that is analytic around them, and
so are its averages: integrals over loops around all eigenvalues and around those that the student sees.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np

from lingauss.equivalents.loops import Complex
from lingauss.equivalents.seen import Nodes, Seen
from lingauss.validation import Array


class Pair(NamedTuple):
    """A ridge teacher and a ridge student of it; penalties on the Gram matrix, variances.

    Attributes
    ----------
    teacher_penalty, student_penalty : float
        λ > 0.
    teacher_dispersion, student_dispersion : float
        τσ² > 0.
    mixing : float
    label_variance : float
        τν²/m of a soft label, averaged over draws.
    draws : int
    floor : float
        Variance of the student's weights where it sees nothing.
    """

    teacher_penalty: float
    student_penalty: float
    teacher_dispersion: float
    student_dispersion: float
    mixing: float
    label_variance: float
    draws: int
    floor: float

    @property
    def quadratic(self) -> Array:
        """Coefficients of (g + λ_S)² (g + λ_T) var_S, of falling power in g."""
        handed = self.mixing**2 * np.array([self.teacher_dispersion / self.draws, self.label_variance])
        own, both = self.student_dispersion, self.student_penalty + self.teacher_penalty
        product = self.student_penalty * self.teacher_penalty
        return np.array([own + handed.sum(), own * both + handed[1] * self.teacher_penalty, own * product])

    @property
    def roots(self) -> Complex:
        """The zeros −r of that, of negative real parts."""
        return np.roots(self.quadratic).astype(np.complex128)


@dataclass(frozen=True, eq=False)
class AveragedLedger:
    """What a student that sees principal directions of drawn rows costs.

    Attributes
    ----------
    seen : Seen
    pair : Pair
    outputs : int
    noise : float
        ν², the variance of a label.
    """

    seen: Seen
    pair: Pair
    outputs: int
    noise: float

    def cells(self) -> Array:
        """Return the six cells, (2, 3) nats."""
        return np.array(
            [[self._kept(cost, weight) for cost, weight in zip(self._retained, WEIGHTS, strict=True)],
             [self._dropped(cost, weight) for cost, weight in zip(self._discarded, WEIGHTS, strict=True)]]
        )  # fmt: skip

    def least_rank_cost(self) -> float:
        """Return the discarded costs at the floor of least spread, nats."""
        mean, noise, _ = (self._dropped(cost, weight) for cost, weight in zip(self._discarded, WEIGHTS, strict=True))
        outside = self._outside
        if not outside:
            return 0.0
        precision, log = self._dropped(self._precision, "alike"), self._dropped(self._log_precision, "alike")
        spread = outside * np.log(precision / outside) - log
        return float(mean + noise + 0.5 * self.outputs * spread)

    def fixed(self) -> float:
        """Return the costs of means and label noise, which no spread changes, nats."""
        kept, dropped = self._retained[:2], self._discarded[:2]
        sides = zip(kept, dropped, WEIGHTS[:2], strict=True)
        return float(sum(self._kept(near, weight) + self._dropped(far, weight) for near, far, weight in sides))

    @property
    def is_finite(self) -> bool:
        """Whether the student has some spread in every direction."""
        spreads = self.pair.quadratic[0] > 0.0 and (self.pair.student_dispersion > 0.0 or self.seen.all_vary)
        return (self.seen.rank == 0 or bool(spreads)) and (self._outside == 0 or self.pair.floor > 0.0)

    def spread(self) -> float:
        """Return the costs of spreads, nats."""
        return float(self._kept(self._retained[2], "alike") + self._dropped(self._discarded[2], "alike"))

    def spread_rates(self) -> Array:
        """Return derivatives of the trace in the costs of spreads by ω_S, label variance and floor, (3,)."""
        kept, dropped = self._kept(self._ratios, "alike"), self._dropped(self._precision, "alike")
        return np.asarray(0.5 * self.outputs * np.append(np.broadcast_to(kept, 2), dropped))

    def spread_derivatives(self) -> tuple[Array, Array]:
        """Return first (3,) and second (3, 3) derivatives of the costs of spreads by the same."""

        def relative(g: Complex) -> Complex:
            of_each = self._ratios(g) / self._ratio(g)
            return np.concatenate([of_each, (of_each[:, None] * of_each).reshape(4, -1)])

        half, kept = 0.5 * self.outputs, np.broadcast_to(self._kept(relative, "alike"), 6)
        first, second = np.append(kept[:2], 0.0), np.pad(kept[2:].reshape(2, 2), (0, 1))
        if self._outside:
            first[2], second[2, 2] = self._outside / self.pair.floor, self._outside / self.pair.floor**2
        return self.spread_rates() - half * first, half * second

    def spread_effects(self) -> Array:
        """Return what ω_S, label variance and floor add to ratios of variances, up to their scale, (m, 3)."""
        places = self.seen.n_samples * self.seen.s if self.seen.rank else np.zeros(0)
        kept = np.array([*self._ratios(places), np.zeros(len(places))]).T
        dropped = np.array([[0.0, 0.0, 1.0]] * bool(self._outside))
        return np.concatenate([kept, dropped.reshape(-1, 3)])

    def _ratio(self, g: Complex) -> Complex:
        """Return the variance of the student over that of the teacher where the eigenvalue is g."""
        scale = np.square(g + self.pair.student_penalty) * self.pair.teacher_dispersion
        return np.asarray(np.polyval(self.pair.quadratic, g) / scale)

    def _ratios(self, g: Complex | Array) -> Complex:
        """Return what ω_S and the label variance add to it, each per unit, (2, …)."""
        student, teacher = g + self.pair.student_penalty, g + self.pair.teacher_penalty
        own = teacher / student / self.pair.teacher_dispersion
        return np.array([own, own * self.pair.mixing**2 * g / student])

    @property
    def _retained(self) -> tuple[Cost, Cost, Cost]:
        """Costs of a retained direction of eigenvalue g: mean per squared weight, label noise, spread."""
        pair, half = self.pair, 0.5 * self.outputs

        def shift(g: Complex) -> Complex:
            student, teacher = 1.0 / (g + pair.student_penalty), 1.0 / (g + pair.teacher_penalty)
            moved = (pair.teacher_penalty - pair.student_penalty) - pair.mixing * pair.teacher_penalty
            return np.asarray(0.5 * np.square(moved * student) * teacher / pair.teacher_dispersion)

        def spread(g: Complex) -> Complex:
            logs = np.log(pair.quadratic[0] / pair.teacher_dispersion) - 2.0 * np.log(g + pair.student_penalty)
            return np.asarray(half * (self._ratio(g) - 1.0 - logs - sum(np.log(g - root) for root in pair.roots)))

        return (
            lambda g: np.square(g) * shift(g),
            lambda g: self.outputs * self.noise * g * shift(g),
            spread,
        )

    @property
    def _discarded(self) -> tuple[Cost, Cost, Cost]:
        """Costs of a discarded direction, which has the floor's variance and learns nothing."""
        pair, half = self.pair, 0.5 * self.outputs

        def leverage(g: Complex) -> Complex:
            return np.asarray(0.5 / (g + pair.teacher_penalty) / pair.teacher_dispersion)

        def spread(g: Complex) -> Complex:
            excess = pair.floor * self._precision(g) - 1.0 - np.log(pair.floor)
            return np.asarray(half * (excess - self._log_precision(g)))

        return (
            lambda g: np.square(g) * leverage(g),
            lambda g: self.outputs * self.noise * g * leverage(g),
            spread,
        )

    def _precision(self, g: Complex) -> Complex:
        return np.asarray((g + self.pair.teacher_penalty) / self.pair.teacher_dispersion)

    def _log_precision(self, g: Complex) -> Complex:
        return np.asarray(np.log(g + self.pair.teacher_penalty) - np.log(self.pair.teacher_dispersion))

    def _kept(self, cost: Cost, weight: Weight) -> Array:
        """Return the sums of costs (…, N) over the directions that the student sees."""
        if self.seen.rank == 0:
            return np.zeros(())
        if self.seen.inner is not None:
            return _around(self.seen.inner, cost, weight)
        whole = _around(self._around_kept, cost, weight)
        return whole - self._null(cost, weight) if self._outside else whole

    def _dropped(self, cost: Cost, weight: Weight) -> Array:
        """Return the sums of costs over the other directions."""
        if not self._outside:
            return np.zeros(())
        if self.seen.inner is not None:
            return np.asarray(_around(self.seen.all, cost, weight) - _around(self.seen.inner, cost, weight))
        return self._null(cost, weight)

    def _null(self, cost: Cost, weight: Weight) -> Array:
        """Return the sums of costs over directions that are not seen and in which the rows do not vary."""
        at_zero = cost(np.zeros(1, np.complex128))[..., 0].real
        return np.asarray(self._outside * at_zero if weight == "alike" else np.zeros_like(at_zero))

    @property
    def _outside(self) -> int:
        return len(self.seen.s) - self.seen.rank

    @cached_property
    def _around_kept(self) -> Nodes:
        """The loop around all eigenvalues, where the student sees all, and around no singularity of its costs."""
        roots = np.abs(self.pair.roots.real).tolist()
        nearest = min(self.pair.teacher_penalty, self.pair.student_penalty, *roots)
        if self.seen.apart is not None and self.seen.apart[1] > nearest:
            return self.seen.apart[0]
        return self.seen.outer(nearest)


def _around(nodes: Nodes, cost: Cost, weight: Weight) -> Array:
    """Return the sums of costs over eigenvalues in a loop, of which the lower half adds the conjugate of the upper."""
    return np.asarray(2.0 * np.sum((cost(nodes.points) * getattr(nodes, weight)).real, axis=-1))


Cost = Callable[[Complex], Complex]
Weight = Literal["alike", "by_signal"]
WEIGHTS: tuple[Weight, Weight, Weight] = ("by_signal", "alike", "alike")
