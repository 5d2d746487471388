"""The ledger of a ridge student against its ridge teacher on average over drawn rows (docs/theory.md §10.8).

Given the rows every cell is a sum over eigenvalues of their Gram matrix of a function that is analytic around them, and
so are its averages: integrals over loops around all eigenvalues and around those that the student sees.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from lingauss.equivalents.effective_penalty import effective_penalties
from lingauss.equivalents.loops import Complex, Loop, both_halves
from lingauss.validation import Array

INSIDE = (
    0.5  # of the way from the eigenvalues to the nearest singularity, where loops around all of them cross the axis
)


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
    """What a student that sees the ``rank`` largest principal directions of n rows costs.

    Attributes
    ----------
    s, signal : (d,)
        Eigenvalues of the covariance, and the squared norm of W*'s column in each direction.
    n_samples : int
    rank : int
    pair : Pair
    outputs : int
    noise : float
        ν², the variance of a label.
    """

    s: Array
    signal: Array
    n_samples: int
    rank: int
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
        outside = len(self.s) - self.rank
        if not outside:
            return 0.0
        precision, log = self._dropped(self._precision, _alike), self._dropped(self._log_precision, _alike)
        spread = outside * float(np.log(precision / outside)) - log
        return mean + noise + 0.5 * self.outputs * spread

    @property
    def _retained(self) -> tuple[Cost, Cost, Cost]:
        """Costs of a retained direction of eigenvalue g: mean per squared weight, label noise, spread."""
        pair, half = self.pair, 0.5 * self.outputs

        def shift(g: Complex) -> Complex:
            student, teacher = 1.0 / (g + pair.student_penalty), 1.0 / (g + pair.teacher_penalty)
            moved = (pair.teacher_penalty - pair.student_penalty) - pair.mixing * pair.teacher_penalty
            return np.asarray(0.5 * np.square(moved * student) * teacher / pair.teacher_dispersion)

        def spread(g: Complex) -> Complex:
            ratio = np.polyval(pair.quadratic, g) / np.square(g + pair.student_penalty) / pair.teacher_dispersion
            logs = np.log(pair.quadratic[0] / pair.teacher_dispersion) - 2.0 * np.log(g + pair.student_penalty)
            return np.asarray(half * (ratio - 1.0 - logs - sum(np.log(g - root) for root in pair.roots)))

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

    def _kept(self, cost: Cost, weight: Weight) -> float:
        """Return the sum of a cost over the directions that the student sees."""
        if self._inner is not None:
            return self._around(self._inner, cost, weight)
        null = float(cost(np.zeros(1, np.complex128))[0].real) if weight is _alike else 0.0
        return self._around(self._outer, cost, weight) - (len(self.s) - self.rank) * null

    def _dropped(self, cost: Cost, weight: Weight) -> float:
        """Return the sum of a cost over the other directions."""
        if self.rank == len(self.s):
            return 0.0
        if self._inner is not None:
            return self._around(self._outer, cost, weight) - self._around(self._inner, cost, weight)
        null = float(cost(np.zeros(1, np.complex128))[0].real) if weight is _alike else 0.0
        return (len(self.s) - self.rank) * null

    def _around(self, loop: Loop, cost: Cost, weight: Weight) -> float:
        """Return the sum of a cost over eigenvalues in a loop, each with its direction's share of a weight."""
        kappa = loop.kappa[:, None]
        resolvent = (kappa / (self.s + kappa)) @ weight(self) / -loop.points
        return both_halves(-loop.steps * cost(self.n_samples * loop.points) * resolvent)

    @cached_property
    def _inner(self) -> Loop | None:
        """The loop around what the student sees, None if that is all in which the rows vary."""
        positive = self.s[self.s > 0.0]
        if self.rank >= min(self.n_samples, len(positive)):
            return None
        if self.rank == 0:
            return Loop(*(np.zeros(0, np.complex128) for _ in Loop._fields))
        return Loop.around(positive, float(self.n_samples), self.rank)

    @cached_property
    def _outer(self) -> Loop:
        """The loop around all eigenvalues, those that are 0 included, and around no singularity of a cost."""
        nearest = min(self.pair.teacher_penalty, self.pair.student_penalty, *np.abs(self.pair.roots.real).tolist())
        penalty = np.array([INSIDE * nearest])
        kappa = effective_penalties(self.s, np.array([float(self.n_samples)]), penalty)
        return Loop.through(self.s, float(self.n_samples), -float(kappa[0]))


Cost = Callable[[Complex], Complex]
Weight = Callable[[AveragedLedger], Array]


def _alike(ledger: AveragedLedger) -> Array:
    return np.ones(len(ledger.s))


def _by_signal(ledger: AveragedLedger) -> Array:
    return ledger.signal


WEIGHTS: tuple[Weight, Weight, Weight] = (_by_signal, _alike, _alike)
