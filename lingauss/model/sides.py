"""What labels and learners are in every eigen-direction, before anything couples them (docs/theory.md §4.3–4.6)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from lingauss.algebra.numerics import difference_of_products
from lingauss.errors import UndefinedFloorError
from lingauss.model.learners import Law
from lingauss.validation import Array

Floor = Array | Law | UndefinedFloorError


class Labels(NamedTuple):
    """The law of the statistic t in every eigen-direction.

    Attributes
    ----------
    mean_square, precision
        Squared norm of E t_i in units of ν₀², some reference, and ν₀²/ν², of length 1 on the first axis.
    noise_power
        Variance of t_i summed over outputs (0 in observed mode), in units of ν².
    """

    mean_square: Array
    precision: Array
    noise_power: Array


@dataclass(frozen=True, eq=False)
class Sides:
    """What each learner makes of its labels, and how far their laws are apart before anything couples them.

    Attributes
    ----------
    s
        Eigenvalues of G.
    teacher, student : Law
        Of a learner that sees the direction.
    floor : Array, Law or UndefinedFloorError
        Variance of the student's weight where it does not see the direction; or its law without data, whose variance
        it then is; or why there is none, which what does not ask for it need not know.
    """

    s: Array
    teacher: Law
    student: Law
    floor: Floor

    def with_floor(self, floor: Floor) -> Sides:
        """Return the same learners with another floor; what does not depend on it goes along."""
        changed = Sides(self.s, self.teacher, self.student, floor)
        vars(changed).update({name: value for name, value in vars(self).items() if "floor" not in name})
        return changed

    def against(self, teacher: Law) -> Sides:
        """Return the same student beside another law."""
        return Sides(self.s, teacher, self.student, self.floor)

    @cached_property
    def teacher_variance(self) -> Array:
        """The teacher's variance v = ω_T/(s + ℓ_T)."""
        return self.teacher.variance

    @cached_property
    def own_variance(self) -> Array:
        """The student's variance given its labels, u = ω_S/(s + ℓ_S), where retained."""
        return self.student.variance

    @cached_property
    def own_excess(self) -> Array:
        """The difference u − v, from differences of parameters."""
        hotter = self.student.dispersion - self.teacher.dispersion
        hotter = hotter + (self.student.dispersion_tail - self.teacher.dispersion_tail)
        return self._difference(self.own_variance, self._excess(self.student, hotter))

    @cached_property
    def floor_variance(self) -> Array:
        """The student's variance where discarded.

        Raises
        ------
        UndefinedFloorError
            If there is none.
        """
        if isinstance(self.floor, UndefinedFloorError):
            raise UndefinedFloorError(self.floor.expected, self.floor.got, self.floor.remedy)
        return self.floor.variance if isinstance(self.floor, Law) else self.floor

    @property
    def floor_parameters(self) -> tuple[Array, ...]:
        """What the variance where discarded is computed from; nothing if there is none."""
        if isinstance(self.floor, UndefinedFloorError):
            return ()
        return self.floor if isinstance(self.floor, Law) else (self.floor,)

    @cached_property
    def floor_excess(self) -> Array:
        """The student's variance less the teacher's where discarded."""
        if not isinstance(self.floor, Law):
            return self.floor_variance - self.teacher_variance
        return self._difference(self.floor_variance, self._excess(self.floor, self.floor.dispersion))

    def gain_excess(self, mixed_away: Array) -> Array:
        """Return b − a − mixed_away · (1 − s a) b: the gain of a student on t less the teacher's, over s."""
        teacher, student = self.teacher, self.student
        kappa = (teacher.penalty - student.penalty) - mixed_away * teacher.penalty
        return self.unless_overshooting(
            kappa * (teacher.gain * student.gain),
            lambda: student.gain - teacher.gain - mixed_away * teacher.missed * student.gain,
        )

    def unless_overshooting(self, close: Array, direct: Callable[[], Array]) -> Array:
        """Return ``close``, made from effective penalties, but ``direct`` where those have lost digits as ℓ ≈ −s."""
        if not self._any_overshoots:
            return close
        return np.where(self._overshoots, direct(), close)

    def _excess(self, law: Law, slope: Array) -> Array:
        """Return (slope · s + ω ℓ_T − ω_T ℓ) αα_T of a law, with the digits of every difference of parameters."""
        teacher = self.teacher
        crossed = difference_of_products(law.dispersion, teacher.penalty, teacher.dispersion, law.penalty)
        crossed = crossed + (law.dispersion_tail * teacher.penalty - teacher.dispersion_tail * law.penalty)
        return (slope * self.s + crossed) * (law.gain * self.teacher.gain)

    def _difference(self, variance: Array, close: Array) -> Array:
        """Return variance − v: itself where they are far apart, else ``close``, which is exact as they meet."""
        direct = variance - self.teacher_variance
        far = np.where(np.abs(direct) > 0.25 * self.teacher_variance, direct, close)
        return self.unless_overshooting(far, lambda: direct)

    @cached_property
    def _overshoots(self) -> npt.NDArray[np.bool_]:
        """Where a learner recovers more than three times a weight, or less than minus one times it."""
        return (np.abs(self.teacher.missed) > 2.0) | (np.abs(self.student.missed) > 2.0)

    @cached_property
    def _any_overshoots(self) -> bool:
        return bool(np.any(self._overshoots))


def shrinkage(sides: Sides, mixing: Array) -> tuple[Array, Array]:
    """Return the expected share a and p of the true weight that the teacher and a student who sees it recover."""
    teacher = sides.s * sides.teacher.gain
    return teacher, sides.s * sides.student.gain * ((1.0 - mixing) + mixing * teacher)
