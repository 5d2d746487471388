"""Students that see the principal directions of the drawn rows themselves (docs/theory.md §10.7).

What such a student predicts with is a function of the Gram matrix, cut off below an eigenvalue: a sum of ridge
regressions over a loop around those it keeps.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from lingauss.equivalents.loops import Complex, Loop, both_halves
from lingauss.equivalents.pair import Parabola, Settings
from lingauss.validation import Array


class Pair(NamedTuple):
    """Penalties of a teacher that sees everything and of its student, per row: ℓ_T and ℓ_S."""

    teacher: float
    student: float


class Residual(NamedTuple):
    """What labels are left of: a number everywhere, and weights of ridge residuals on the upper half of a loop."""

    everywhere: float
    weights: Complex


@dataclass(frozen=True, eq=False)
class SampleDirections:
    """The r largest principal directions of n rows of a population.

    Attributes
    ----------
    s, signal : (d,)
        Eigenvalues of the covariance, and the squared norm of W*'s column in each direction.
    n_samples : float
    rank : int
        At least 1 and fewer than there are positive eigenvalues.
    """

    s: Array
    signal: Array
    n_samples: float
    rank: int

    @cached_property
    def loop(self) -> Loop:
        """The loop around what is kept."""
        return Loop.around(self.s[self.s > 0.0], self.n_samples, self.rank)

    def parabolas(self, penalties: Pair, c: Settings) -> tuple[Parabola, Parabola]:
        """Return gap and excess risk of the student as functions of the mixing; settings are numbers."""
        z, noise = self.loop.points, float(c.noise)
        once = 1.0 / (z + penalties.student)
        kept = z * once
        alone = Residual(1.0, -kept * self.loop.steps / z)
        taught = Residual(0.0, kept * penalties.teacher / (z + penalties.teacher) * self.loop.steps / z)
        pairs = (1.0, alone, alone), (2.0, alone, taught), (1.0, taught, taught)
        losses = np.array([factor * self._losses(noise, *pair) for factor, *pair in pairs])
        drawn = noise * float(c.soft_noise) * kept * once
        drawn = drawn + float(c.teacher_draws) * np.square(kept) / (z + penalties.teacher)
        own, passed = self._traces(float(c.student_spread) * once), self._traces(drawn)
        test, train = (losses[:, side] + [own[side], 0.0, passed[side]] for side in (0, 1))
        risk = Parabola(*map(np.asarray, test - [noise, 0.0, 0.0]))
        return Parabola(*map(np.asarray, test - train)), risk

    def _losses(self, noise: float, left: Residual, right: Residual) -> Array:
        """Return test and training loss, bilinear in residual filters, (2,)."""
        (apart, *products), overlaps = self._sums
        apart = apart + noise
        beside, conjugate = ((one + noise) / (1.0 - gamma) for one, gamma in zip(products, overlaps, strict=True))
        found = []
        for factor in (np.ones_like(self.loop.points), -self.loop.points / self.loop.kappa):
            first, second = factor * left.weights, factor * right.weights
            loss = left.everywhere * right.everywhere * (float(np.sum(self.s * self.signal)) + noise)
            loss += both_halves((left.everywhere * second + right.everywhere * first) * apart)
            loss += both_halves(first * (beside @ second)) + both_halves(first * (conjugate @ second.conj()))
            found.append(loss)
        return np.array(found)

    @cached_property
    def _sums(self) -> tuple[tuple[Complex, Complex, Complex], tuple[Complex, Complex]]:
        """Products of what is missed of the signal: with κ = ∞, others and their conjugates. Overlaps with these."""
        kappa = self.loop.kappa[:, None]
        lost, seen, energy = kappa / (self.s + kappa), self.s / (self.s + kappa), self.s * self.signal
        others = lost.T, lost.conj().T
        return (lost @ energy, *((lost * energy) @ other for other in others)), tuple(
            seen @ other / self.n_samples for other in (seen.T, seen.conj().T)
        )  # type: ignore[return-value]

    def _traces(self, filtered: Complex) -> tuple[float, float]:
        """Return tr Σ f(Ĝ)/n and tr Ĝ f(Ĝ)/n over what is kept."""
        z, kappa = self.loop.points, self.loop.kappa
        weights = -filtered * self.loop.steps
        filling = np.sum(kappa[:, None] / (self.s + kappa[:, None]), axis=1) / self.n_samples
        return both_halves(weights * (-kappa / z - 1.0)), both_halves(-weights * filling)
