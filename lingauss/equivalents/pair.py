"""Errors on unseen rows of a teacher and a student trained on the same drawn rows (docs/theory.md §10.2–10.3).

One form serves equal and unequal penalties, ridgeless limits, and views that differ: the student's residuals respond
to the teacher's through the memory coefficient η = ξρ_T/(1 − γ_ST), and nothing is divided by a difference of
penalties.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from lingauss.equivalents.fit import no_posterior
from lingauss.equivalents.overlaps import Overlaps
from lingauss.validation import Array


class Settings(NamedTuple):
    """What of a design is no sum over directions; arrays that broadcast against one another.

    Attributes
    ----------
    noise
        kν², energy of a row's label noise.
    mixing, soft_noise
        ξ, and τ/m.
    teacher_spread, teacher_draws, student_spread
        kτσ² of the teacher's weights, the same over m, and that of the student's.
    """

    noise: Array
    mixing: Array
    soft_noise: Array
    teacher_spread: Array
    teacher_draws: Array
    student_spread: Array


class Generalisation(NamedTuple):
    """Gaps, test minus training loss, and excess risks, in squared label units."""

    teacher_gap: Array
    student_gap: Array
    teacher_excess_risk: Array
    student_excess_risk: Array


class Parabola(NamedTuple):
    """A number that is quadratic in the mixing ξ."""

    start: Array
    slope: Array
    curvature: Array

    def __call__(self, mixing: Array) -> Array:
        """Return its value at a mixing."""
        return self.start + mixing * (self.slope + mixing * self.curvature)

    @property
    def lowest(self) -> Array:
        """The mixing of its vertex, where there is one, else 0."""
        return -0.5 * ratio(self.slope, self.curvature)

    def over(self, divisor: Array) -> Parabola:
        """Return the parabola divided by a number, 0 where that is 0."""
        return Parabola(*(ratio(part, divisor) for part in self))

    def plus(self, curvature: Array) -> Parabola:
        """Return the parabola with more curvature."""
        return self._replace(curvature=self.curvature + curvature)


Rule = Callable[[Overlaps, Settings], tuple[Parabola, Parabola]]  # gap and excess risk of the student


def generalisation(overlaps: Overlaps, settings: Settings, rule: Rule) -> Generalisation:
    """Return what both learners do on unseen rows, and how much better they look on the teacher's training rows.

    +inf at the interpolation peak, 1 − γ = 0, but for a student that there repeats a teacher of finite risk.

    Raises
    ------
    SingularGramError
        If weights are drawn from a law that does not exist, because the penalty is 0 and rows are too few.
    """
    teacher = _teacher(overlaps, settings, settings.teacher_spread)
    student = tuple(number(settings.mixing) for number in rule(overlaps, settings))
    at_peak = overlaps.student_regular == 0.0
    if np.any(at_peak):
        repeated = _teacher(overlaps, settings, settings.teacher_draws)
        silent = settings.noise * settings.soft_noise == 0.0
        repeats = (overlaps.nested == 1.0) & (settings.mixing == 1.0) & silent
        peak = (np.where(repeats, again, np.inf) for again in repeated)
        student = tuple(np.where(at_peak, there, here) for there, here in zip(peak, student, strict=True))
    return Generalisation(teacher[0], student[0], teacher[1], student[1])


def student_parabolas(o: Overlaps, c: Settings) -> tuple[Parabola, Parabola]:
    """Return gap and excess risk of the student as functions of the mixing, away from its interpolation peak.

    A student's error is an innovation of variance S_SS, and η = ξη₁ times the teacher's of variance S_TT. Its test loss
    is S_SS + 2ηS_ST + η²S_TT, its training loss the same with ρ_S², ξρ_Sρ_T and ξ²ρ_T² as factors.
    """
    memory = ratio(o.teacher_residual, o.regular)
    squared = np.square(memory)
    teacher = teacher_loss(o, c)
    cross = ratio(c.noise + o.bias, o.regular)  # S_ST at mixing 0, and what it grows by
    growth = memory * ratio(o.carried_teacher - (1.0 - o.teacher_heavy) * teacher, o.regular)
    left = 1.0 - o.student_heavy
    innovation = Parabola(
        c.noise + o.student_bias,
        2.0 * memory * (o.carried_student - left * cross),
        squared * (o.carried - (1.0 - o.both_heavy) * teacher) - 2.0 * memory * left * growth,
    ).over(o.student_regular)
    own = drawn(c.student_spread, o.student_filling, o.student_residual)
    risk = Parabola(
        o.student_squared * innovation.start + o.student_bias + own,
        o.student_squared * innovation.slope + 2.0 * memory * (o.carried_student + o.student_heavy * cross),
        o.student_squared * innovation.curvature
        + squared * (o.carried + o.both_heavy * teacher)
        + 2.0 * memory * o.student_heavy * growth,
    )
    looks_better = o.student_filling * (1.0 + o.student_residual)
    filled = 2.0 * memory * (o.student_filling + o.student_residual * o.shared)
    gap = Parabola(
        looks_better * innovation.start + o.student_filling * own,
        looks_better * innovation.slope + filled * cross,
        looks_better * innovation.curvature + filled * growth + squared * (o.shared * (1.0 + o.regular) * teacher),
    )
    if np.any(c.soft_noise):
        unit = c.noise * c.soft_noise * ratio(np.ones(()), o.student_regular)
        gap = gap.plus(unit * (o.student_filling * (2.0 * o.student_squared - o.student_filling)))
        risk = risk.plus(unit * o.student_squared)
    if np.any(c.teacher_draws):
        test, train = _passed_on(o)
        gap, risk = gap.plus(c.teacher_draws * (test - train)), risk.plus(c.teacher_draws * test)
    return gap, risk


def teacher_loss(o: Overlaps, c: Settings) -> Array:
    """Return the teacher's test loss without spread, S_TT."""
    return ratio(c.noise + o.teacher_bias, o.teacher_regular)


def _teacher(o: Overlaps, c: Settings, spread: Array) -> tuple[Array, Array]:
    """Return gap and excess risk of a teacher whose weights spread by so much."""
    added = drawn(spread, o.teacher_filling, o.teacher_residual)
    gap = o.teacher_filling * ((1.0 + o.teacher_residual) * teacher_loss(o, c) + added)
    risk = ratio(o.teacher_squared * c.noise + o.teacher_bias, o.teacher_regular) + added
    finite = o.teacher_regular > 0.0
    return np.where(finite, gap, np.inf), np.where(finite, risk, np.inf)


def _passed_on(o: Overlaps) -> tuple[Array, Array]:
    """Return tr(Σ C_S G V_T G C_S) and the same with G/n for Σ, per unit of τσ² (docs/theory.md §10.3)."""
    memory = ratio(o.teacher_residual, o.regular)
    across = ratio(np.ones(()), o.regular)
    own = ratio(1.0 - memory * across * (1.0 - o.student_heavy), o.student_regular)
    test = o.student_squared * own + memory * o.student_heavy * across
    response = ratio(o.student_residual, o.student_regular)
    common = memory * o.student_residual
    train = 1.0 - 2.0 * o.student_residual + o.student_residual * response - o.teacher_residual
    return test, train + common * (2.0 - response * (1.0 - o.student_heavy) * across)


def drawn(spread: Array, filling: Array, residual: Array) -> Array:
    """Return what a draw from a posterior adds to the loss, (1 − ρ)/ρ times its spread."""
    if not np.any(spread):
        return np.zeros(())
    if np.any((spread > 0.0) & (residual == 0.0)):
        raise no_posterior()
    return spread * ratio(filling, residual)


def ratio(numerator: Array, denominator: Array) -> Array:
    """Return a quotient, 0 where the denominator is 0: those points are told apart by who asks."""
    shape = np.broadcast_shapes(np.shape(numerator), np.shape(denominator))
    return np.divide(numerator, denominator, out=np.zeros(shape), where=np.asarray(denominator) != 0.0)
