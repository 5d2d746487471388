"""Errors on unseen rows of a teacher and a student trained on the same drawn rows (docs/theory.md §12.2–12.3).

One form serves equal and unequal penalties, ridgeless limits, and views that differ: the student's residuals respond
to the teacher's through the memory coefficient η = ξρ_T/(1 − γ_ST), and nothing is divided by a difference of
penalties.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lingauss.equivalents.overlaps import Overlaps
from lingauss.errors import SingularGramError
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


class _Means(NamedTuple):
    """Covariances S of what the teacher and the student get wrong on average over spread, and the memory η.

    A student's error is its innovation, of variance S_SS, and η times the teacher's.
    """

    teacher: Array
    cross: Array
    student: Array
    memory: Array


def generalisation(overlaps: Overlaps, settings: Settings) -> Generalisation:
    """Return what both learners do on unseen rows, and how much better they look on their own.

    +inf at the interpolation peak, 1 − γ = 0, but for a student that there repeats a teacher of finite risk.

    Raises
    ------
    SingularGramError
        If weights are drawn from a law that does not exist, because the penalty is 0 and rows are too few.
    """
    o, c = overlaps, settings
    means = _means(o, c)
    teacher = _teacher(o, c, means, c.teacher_spread)
    student = _student(o, c, means)
    at_peak = o.student_regular == 0.0
    if np.any(at_peak):
        repeated = _teacher(o, c, means, c.teacher_draws)
        repeats = (o.nested == 1.0) & (c.mixing == 1.0) & (c.noise * c.soft_noise == 0.0)
        peak = (np.where(repeats, again, np.inf) for again in repeated)
        student = tuple(np.where(at_peak, there, here) for there, here in zip(peak, student, strict=True))
    return Generalisation(teacher[0], student[0], teacher[1], student[1])


def _means(o: Overlaps, c: Settings) -> _Means:
    memory = c.mixing * _ratio(o.teacher_residual, o.regular)
    teacher = _ratio(c.noise + o.teacher_bias, o.teacher_regular)
    bias = o.bias + memory * o.carried_teacher
    cross = _ratio(c.noise + bias - memory * ((1.0 - o.teacher_heavy) * teacher), o.regular)
    student = c.noise + _student_bias(o, memory) - 2.0 * memory * ((1.0 - o.student_heavy) * cross)
    student = student - np.square(memory) * ((1.0 - o.both_heavy) * teacher)
    return _Means(teacher, cross, _ratio(student, o.student_regular), memory)


def _student_bias(o: Overlaps, memory: Array) -> Array:
    return o.student_bias + memory * (2.0 * o.carried_student + memory * o.carried)


def _teacher(o: Overlaps, c: Settings, means: _Means, spread: Array) -> tuple[Array, Array]:
    """Return gap and excess risk of a teacher whose weights spread by so much."""
    drawn = _drawn(spread, o.teacher_filling, o.teacher_residual)
    gap = o.teacher_filling * ((1.0 + o.teacher_residual) * means.teacher + drawn)
    risk = _ratio(o.teacher_squared * c.noise + o.teacher_bias, o.teacher_regular) + drawn
    finite = o.teacher_regular > 0.0
    return np.where(finite, gap, np.inf), np.where(finite, risk, np.inf)


def _student(o: Overlaps, c: Settings, means: _Means) -> tuple[Array, Array]:
    """Return gap and excess risk of the student away from its interpolation peak."""
    memory, mixed = means.memory, np.square(c.mixing)
    taken = _student_bias(o, memory) + memory * (
        2.0 * o.student_heavy * means.cross + memory * (o.both_heavy * means.teacher)
    )
    risk = o.student_squared * means.student + taken
    # The test loss is S_SS + 2ηS_ST + η²S_TT, the training loss the same with ρ_S², ξρ_Sρ_T and ξ²ρ_T².
    filled = o.student_filling + o.student_residual * o.shared
    gap = o.student_filling * (1.0 + o.student_residual) * means.student
    gap = gap + 2.0 * memory * (filled * means.cross)
    gap = gap + np.square(memory) * (o.shared * (1.0 + o.regular) * means.teacher)
    own = _drawn(c.student_spread, o.student_filling, o.student_residual)
    gap, risk = gap + o.student_filling * own, risk + own
    if np.any(c.soft_noise):
        unit = mixed * (c.noise * c.soft_noise)
        risk = risk + unit * _ratio(o.student_squared, o.student_regular)
        lost = o.student_filling * (2.0 * o.student_squared - o.student_filling)
        gap = gap + unit * _ratio(lost, o.student_regular)
    if np.any(c.teacher_draws):
        test, train = _passed_on(o)
        gap, risk = gap + mixed * (c.teacher_draws * (test - train)), risk + mixed * (c.teacher_draws * test)
    return gap, risk


def _passed_on(o: Overlaps) -> tuple[Array, Array]:
    """Return tr(Σ C_S G V_T G C_S) and the same with G/n for Σ, per unit of τσ² (docs/theory.md §12.3)."""
    memory = _ratio(o.teacher_residual, o.regular)
    across = _ratio(np.ones(()), o.regular)
    own = _ratio(1.0 - memory * across * (1.0 - o.student_heavy), o.student_regular)
    test = o.student_squared * own + memory * o.student_heavy * across
    response = _ratio(o.student_residual, o.student_regular)
    common = memory * o.student_residual
    train = 1.0 - 2.0 * o.student_residual + o.student_residual * response - o.teacher_residual
    return test, train + common * (2.0 - response * (1.0 - o.student_heavy) * across)


def _drawn(spread: Array, filling: Array, residual: Array) -> Array:
    """Return what a draw from a posterior adds to the loss, (1 − ρ)/ρ times its spread."""
    if not np.any(spread):
        return np.zeros(())
    if np.any((spread > 0.0) & (residual == 0.0)):
        raise SingularGramError(
            "more samples than directions seen, because a penalty is 0 and its posterior is drawn from",
            "as many or fewer",
            "Use penalty > 0, or temperature 0 for the minimum-norm interpolator.",
        )
    return spread * _ratio(filling, residual)


def _ratio(numerator: Array, denominator: Array) -> Array:
    """Return a quotient, 0 where the denominator is 0: those points are told apart by who asks."""
    shape = np.broadcast_shapes(np.shape(numerator), np.shape(denominator))
    return np.divide(numerator, denominator, out=np.zeros(shape), where=np.asarray(denominator) != 0.0)
