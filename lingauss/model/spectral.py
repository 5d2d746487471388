"""The eigenbasis route: everything per direction, so that all ranks are cumulative sums (docs/theory.md §4.3–4.6).

Variances are in units of ν² and weights in units of ν. Where assumed noises and floors follow ν, as they do by
default, no spread then depends on ν at all, and only the mean cost carries 1/ν².
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from lingauss.algebra.affine import Affine
from lingauss.algebra.numerics import difference_of_products, safe_ratio, spread_cost
from lingauss.algebra.outer import Product
from lingauss.errors import UndefinedFloorError
from lingauss.model.chain_rule import best_floor
from lingauss.model.costs import Costs, SpreadCosts
from lingauss.model.learners import Law
from lingauss.model.ledger import Ledger
from lingauss.validation import Array

Floor = Array | Law | UndefinedFloorError


@dataclass(frozen=True, eq=False)
class Directions:
    """Labels, teacher and student in every eigen-direction, for one design or a grid of them.

    Every array has the directions on its first axis, or length 1 there; further axes, if any, are those of a grid.
    Each keeps length 1 along the axes it does not depend on, so that nothing is computed twice.

    Attributes
    ----------
    s
        Eigenvalues of G.
    mean_square, precision
        Squared norm of E t_i in units of ν₀², some reference, and ν₀²/ν², of length 1 on the first axis.
    noise_power
        Variance of t_i summed over outputs (0 in observed mode), in units of ν².
    teacher, student : Law
        What each learner makes of its labels.
    floor : Array, Law or UndefinedFloorError
        Variance of discarded weights in units of ν²; or the student's law where it sees no data, whose variance it is;
        or why there is none, which what does not ask for it need not know.
    temperature, mixing, draws
        τ, ξ and m.
    outputs : int
        k.
    """

    s: Array
    mean_square: Array
    precision: Array
    noise_power: Array
    teacher: Law
    student: Law
    floor: Floor
    temperature: Array
    mixing: Array
    draws: Array
    outputs: int

    def __len__(self) -> int:
        return len(self.s)

    def part(self, some: slice | npt.NDArray[np.intp], axis: int = 0) -> Directions:
        """Return some of the directions (axis 0), in any order, or of the points along another axis of the grid."""
        index = (slice(None),) * axis + (some,)

        def cut(value: Array) -> Array:
            return value[index] if np.ndim(value) > axis and value.shape[axis] > 1 else value

        parts: dict[str, Any] = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        for name, value in parts.items():
            parts[name] = Law(*map(cut, value)) if isinstance(value, Law) else cut(value)
        return Directions(**parts)

    @cached_property
    def parameters_grid(self) -> tuple[int, ...]:
        """Like :attr:`grid`, of what :meth:`retained` and :meth:`discarded` compute before costs are evaluated."""
        floor = self.floor if isinstance(self.floor, Law) else (0.0 if self._has_no_floor else self.floor,)
        arrays = [self.s, self.mean_square, self.noise_power, *self.teacher, *self.student, *floor]
        arrays += [self.mixing, self.draws]
        if not np.all(self.teacher.dispersion):
            arrays.append(self.temperature)
        return np.broadcast_shapes(*{np.shape(array) for array in arrays})[1:]

    @cached_property
    def grid(self) -> tuple[int, ...]:
        """Lengths of the grid's axes."""
        late = self.temperature, self.precision
        return np.broadcast_shapes((1, *self.parameters_grid), *(np.shape(array) for array in late))[1:]

    @cached_property
    def mean_power(self) -> Array:
        """Squared norm of E t_i in units of ν²."""
        return self.mean_square * self.precision

    @cached_property
    def teacher_variance(self) -> Array:
        """The teacher's variance v = ω_T/(s + ℓ_T)."""
        return self.teacher.variance

    @cached_property
    def own_variance(self) -> Array:
        """The student's variance given its labels, u = ω_S/(s + ℓ_S), where retained."""
        return self.student.variance

    @cached_property
    def mixing_share(self) -> Array:
        """(ξ²/m) b²/s: the student's variance per unit of variance in the soft t̂."""
        return np.square(self.mixing) / self.draws * self.s * np.square(self.student.gain)

    @cached_property
    def mixing_variance(self) -> Array:
        """(ξ²/m) b² (v + τ/s): what sampled soft labels add to the student's spread."""
        return self.mixing_share * (self.s * self.teacher_variance + self.temperature)

    @cached_property
    def offset(self) -> Array:
        """(b g − a)/s = κ/((s + ℓ_T)(s + ℓ_S)), κ = (1 − ξ)ℓ_T − ℓ_S: the student's gain on t less the teacher's."""
        teacher, student = self.teacher, self.student
        kappa = (teacher.penalty - student.penalty) - self.mixing * teacher.penalty
        close = kappa * (teacher.gain * student.gain)
        return self._unless_overshooting(
            close, lambda: student.gain - teacher.gain - self.mixing * teacher.missed * student.gain
        )

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
    def _has_no_floor(self) -> bool:
        return isinstance(self.floor, UndefinedFloorError)

    @cached_property
    def floor_excess(self) -> Array:
        """The student's variance less the teacher's where discarded."""
        if not isinstance(self.floor, Law):
            return self.floor_variance - self.teacher_variance
        return self._difference(self.floor_variance, self._excess(self.floor, self.floor.dispersion))

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
        return self._unless_overshooting(far, lambda: direct)

    def _unless_overshooting(self, close: Array, direct: Callable[[], Array]) -> Array:
        """Return ``close``, made from effective penalties, but ``direct`` where those have lost digits as ℓ ≈ −s."""
        if not np.any(self._overshoots):
            return close
        return np.where(self._overshoots, direct(), close)

    @cached_property
    def _overshoots(self) -> npt.NDArray[np.bool_]:
        """Where a learner recovers more than three times a weight, or less than minus one times it."""
        return (np.abs(self.teacher.missed) > 2.0) | (np.abs(self.student.missed) > 2.0)

    def seen(self, predictions: bool) -> tuple[Array, Array]:
        """Return scale and base: weights are seen as scale^½ W plus noise, where the teacher's variance is ``base``.

        For the weights themselves scale is 1 and there is no noise; for joint predictions at the training inputs
        scale is s and the noise is that of the labels, 1.
        """
        if predictions:
            return self.s, self.s * self.teacher_variance + 1.0
        return np.ones_like(self.s), self.teacher_variance

    def _relative(self, predictions: bool) -> Callable[[Array], Array]:
        """Return the map from variances of weights to what they are seen as, relative to the teacher's."""
        scale, base = self.seen(predictions)
        with np.errstate(divide="ignore", over="ignore"):
            share = scale / base
        if np.max(share, initial=0.0) < np.inf:
            return lambda variance: variance * share
        return lambda variance: safe_ratio(scale * variance, base)

    def _excess_and_ratio(
        self, relative: Callable[[Array], Array], difference: Array, variance: Array, predictions: bool
    ) -> tuple[Array, Array]:
        """Return ρ − 1 and ρ of a variance and its difference from the teacher's; equal variances of 0 give 0 and 1."""
        excess, ratio = relative(difference), relative(variance)
        _, base = self.seen(predictions)
        if predictions:
            return excess, ratio + 1.0 / base
        return excess, ratio if np.all(base) else np.where(base == 0.0, 1.0 + excess, ratio)

    def retained(self, predictions: bool = False) -> Costs:
        """Return what each direction costs if the student keeps it."""
        relative = self._relative(predictions)
        excess, ratio = self._excess_and_ratio(relative, self.own_excess, self.own_variance, predictions)
        slope = relative(self.mixing_share)
        if np.max(slope, initial=0.0) == np.inf:  # a deterministic teacher, under which any spread costs +inf
            mixed = relative(self.mixing_variance)
            return self._costs(self.offset, excess + mixed, ratio + mixed, relative)
        drawn = slope * (self.s * self.teacher_variance)
        return self._costs(
            self.offset,
            Affine(slope, self.temperature, excess + drawn),
            Affine(slope, self.temperature, ratio + drawn),
            relative,
        )

    def discarded(self, predictions: bool = False) -> Costs:
        """Return what each direction costs if the student does not see it."""
        relative = self._relative(predictions)
        excess, ratio = self._excess_and_ratio(relative, self.floor_excess, self.floor_variance, predictions)
        return self._costs(-self.teacher.gain, excess, ratio, relative)

    def _costs(
        self, offset: Array, excess: Array | Affine, ratio: Array | Affine, relative: Callable[[Array], Array]
    ) -> Costs:
        leverage = 0.5 * np.square(offset)
        return Costs(
            Product.of(relative(leverage * self.mean_square), self.precision),
            relative(leverage * self.noise_power),
            SpreadCosts(excess, ratio, 0.5 * self.outputs),
        )

    def ledger(self, kept: npt.NDArray[np.intp], level: str, mode: str) -> Ledger:
        """Return the ledger of one design that keeps the given directions; ``level`` and ``mode`` as in ``Ledger``."""
        predictions = level == "predictions"
        dropped = np.setdiff1d(np.arange(len(self)), kept)
        cells = np.array(
            [
                [np.sum(np.broadcast_to(cost, self.s.shape)[some]) for cost in costs.evaluated()]
                for costs, some in ((self.retained(predictions), kept), (self.discarded(predictions), dropped))
            ]
        )
        scale, base = (part[dropped] for part in self.seen(predictions))
        spread = 0.5 * self.outputs * best_spread(scale, base, predictions)
        return Ledger(cells, float(cells[1, 0] + cells[1, 1] + spread), level, mode)

    def advantage(self) -> Array:
        """Return what retaining each direction saves, e_i − c_i.

        Costs that are infinite whatever is kept are left out: a hard bottleneck ranks by c_i alone, a deterministic
        student by its finite cells.
        """
        kept = sum(_finite_or_zero(cost) for cost in self.retained().evaluated())
        dropped = sum(self.discarded().evaluated())
        return np.asarray(np.broadcast_to(_finite_or_zero(np.asarray(dropped)) - kept, (len(self), *self.grid)))

    def shrinkage(self) -> tuple[Array, Array]:
        """Return the expected share a and p of the true weight that the teacher and a student who sees it recover."""
        teacher = self.s * self.teacher.gain
        return teacher, self.s * self.student.gain * ((1.0 - self.mixing) + self.mixing * teacher)

    def squared_errors(self) -> tuple[Array, Array, Array]:
        """Return n/ν² times each direction's excess risk: teacher, student where retained, student where discarded.

        Each is s [(1 − p)² |w|²/ν² + k p²/s + k · variance] (docs/theory.md §5.7).
        """
        teacher_missed = self.teacher.missed
        student_missed = self.student.missed + self.mixing * self.s * teacher_missed * self.student.gain
        teacher, student = self.shrinkage()
        signal = safe_ratio(self.mean_power, self.s)
        noise = safe_ratio(self.noise_power, self.s)
        own = self.outputs * self.s * self.teacher_variance
        learned = self.outputs * self.s * (self.own_variance + self.mixing_variance)
        return (
            np.square(teacher_missed) * signal + np.square(teacher) * noise + own,
            np.square(student_missed) * signal + np.square(student) * noise + learned,
            signal,
        )


def best_spread(scale: Array, base: Array, predictions: bool) -> float:
    """Return 2/k times the spread cost of dropped directions at their best common floor.

    Parameters
    ----------
    scale, base : (m,)
        As returned by :meth:`Directions.seen`, for the dropped directions.
    """
    if not np.any(base):
        return 0.0
    if not np.all(base):
        return np.inf
    floor = best_floor(float(np.sum(scale / base)), scale, float(predictions))
    ratio = (scale * floor + predictions) / base
    return float(np.sum(spread_cost(ratio - 1.0, ratio)))


def _finite_or_zero(costs: Array) -> Array:
    """Put 0 wherever a cost is infinite in some direction: it then cannot tell directions apart."""
    return np.where(np.all(np.isfinite(costs), axis=0, keepdims=True), costs, 0.0)
