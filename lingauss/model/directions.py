"""Teacher and student in every eigen-direction of G, and what each direction costs (docs/theory.md §4.3–4.6).

Variances are in units of ν² and weights in units of ν. Where assumed noises and floors follow ν, as they do by
default, no spread then depends on ν at all, and only the mean cost carries 1/ν².

A design is made of pieces that depend on few settings each, so that a changed design keeps the others:

| piece | depends on |
|---|---|
| :class:`~lingauss.model.sides.Labels` | inputs, truth or labels; ν as a factor of its own |
| :class:`~lingauss.model.sides.Sides` | inputs, both learners, floor; ν where one of these does not follow it |
| :class:`Directions` | all of these, and τ, ξ, m |

Every array has the directions on its first axis, or length 1 there; further axes, if any, are those of a grid of
designs. Each keeps length 1 along the axes it does not depend on, so that nothing is computed twice.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from lingauss.algebra.numerics import safe_ratio
from lingauss.model.learners import Law
from lingauss.model.sides import Labels, Sides, shrinkage
from lingauss.sums.affine import Affine
from lingauss.sums.costs import Costs, SpreadCosts
from lingauss.sums.outer import Product
from lingauss.validation import Array

Some = slice | npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class _Relative:
    """The map from variances of weights to what they are seen as, relative to a variance ``base``."""

    scale: Array
    base: Array

    @cached_property
    def _share(self) -> Array | None:
        """Their ratio, None if there is an infinite one."""
        with np.errstate(divide="ignore", over="ignore"):
            share = self.scale / self.base
        return share if np.max(share, initial=0.0) < np.inf else None

    def __call__(self, variance: Array) -> Array:
        if self._share is not None:
            return variance * self._share
        return safe_ratio(self.scale * variance, self.base)


@dataclass(frozen=True, eq=False)
class Directions:
    """Labels, teacher and student in every eigen-direction, for one design or a grid of them.

    Attributes
    ----------
    sides : Sides
    labels : Labels
    temperature, mixing, draws
        τ, ξ and m.
    outputs : int
        k.
    reference : Sides, optional
        The student beside another law than that of the teacher who labels, with which it is compared; default: beside
        that teacher.
    """

    sides: Sides
    labels: Labels
    temperature: Array
    mixing: Array
    draws: Array
    outputs: int
    reference: Sides | None = None

    def __len__(self) -> int:
        return len(self.s)

    @property
    def s(self) -> Array:
        """Eigenvalues of G."""
        return self.sides.s

    @property
    def teacher(self) -> Law:
        """The teacher's law."""
        return self.sides.teacher

    @property
    def student(self) -> Law:
        """The student's law where it sees a direction."""
        return self.sides.student

    def part(self, some: Some, axis: int = 0) -> Self:
        """Return some of the directions (axis 0), in any order, or of the points along another axis of the grid."""
        index = (slice(None),) * axis + (some,)

        def cut(value: Any) -> Any:
            if isinstance(value, tuple):
                return type(value)(*map(cut, value))
            if isinstance(value, Sides):
                return Sides(*(cut(getattr(value, field.name)) for field in dataclasses.fields(Sides)))
            return value[index] if np.ndim(value) > axis and value.shape[axis] > 1 else value

        return type(self)(*(cut(getattr(self, field.name)) for field in dataclasses.fields(self)))

    @cached_property
    def parameters_grid(self) -> tuple[int, ...]:
        """Like :attr:`grid`, of what :meth:`retained` and :meth:`discarded` compute before costs are evaluated."""
        floor = self.sides.floor_parameters
        arrays = [self.s, self.labels.mean_square, self.labels.noise_power, *self.teacher, *self.student, *floor]
        arrays += [self.mixing, self.draws]
        if not np.all(self.teacher.dispersion):
            arrays.append(self.temperature)
        return np.broadcast_shapes(*{np.shape(array) for array in arrays})[1:]

    @cached_property
    def grid(self) -> tuple[int, ...]:
        """Lengths of the grid's axes."""
        late = self.temperature, self.labels.precision
        return np.broadcast_shapes((1, *self.parameters_grid), *(np.shape(array) for array in late))[1:]

    @cached_property
    def mean_power(self) -> Array:
        """Squared norm of E t_i in units of ν²."""
        return self.labels.mean_square * self.labels.precision

    @cached_property
    def mixing_share(self) -> Array:
        """(ξ²/m) b²/s: the student's variance per unit of variance in the soft t̂."""
        return np.square(self.mixing) / self.draws * self.s * np.square(self.student.gain)

    @cached_property
    def mixing_variance(self) -> Array:
        """(ξ²/m) b² (v + τ/s): what sampled soft labels add to the student's spread."""
        return self.mixing_share * (self.s * self.sides.teacher_variance + self.temperature)

    @cached_property
    def _compared(self) -> Sides:
        return self.sides if self.reference is None else self.reference

    @cached_property
    def offset(self) -> Array:
        """(b g − a)/s = κ/((s + ℓ_T)(s + ℓ_S)), κ = (1 − ξ)ℓ_T − ℓ_S: the student's gain on t less the teacher's."""
        if self.reference is None:
            return self.sides.gain_excess(self.mixing)
        return self.reference.gain_excess(np.zeros(())) - self.mixing * self.teacher.missed * self.student.gain

    def seen(self, predictions: bool) -> tuple[Array, Array]:
        """Return scale and base: weights are seen as scale^½ W plus noise, where the teacher's variance is ``base``.

        For the weights themselves scale is 1 and there is no noise; for joint predictions at the training inputs
        scale is s and the noise is that of the labels, 1.
        """
        return self._seen(self._compared.teacher_variance, predictions)

    def _seen(self, variance: Array, predictions: bool) -> tuple[Array, Array]:
        return (self.s, self.s * variance + 1.0) if predictions else (np.ones_like(self.s), variance)

    @cached_property
    def _in_weights(self) -> _Relative:
        return _Relative(*self.seen(False))

    @cached_property
    def _in_predictions(self) -> _Relative:
        return _Relative(*self.seen(True))

    def retained(self, predictions: bool = False) -> Costs:
        """Return what each direction costs if the student keeps it."""
        relative = self._in_predictions if predictions else self._in_weights
        own = self._compared.own_excess, self.sides.own_variance
        excess, ratio = _excess_and_ratio(relative, *own, predictions)
        slope = relative(self.mixing_share)
        if np.max(slope, initial=0.0) == np.inf:  # a deterministic teacher, under which any spread costs +inf
            mixed = relative(self.mixing_variance)
            return self._costs(self.offset, excess + mixed, ratio + mixed, relative)
        drawn = slope * (self.s * self.sides.teacher_variance)
        return self._costs(
            self.offset,
            Affine(slope, self.temperature, excess + drawn),
            Affine(slope, self.temperature, ratio + drawn),
            relative,
        )

    def discarded(self, predictions: bool = False) -> Costs:
        """Return what each direction costs if the student does not see it."""
        relative = self._in_predictions if predictions else self._in_weights
        floor = self._compared.floor_excess, self.sides.floor_variance
        return self._costs(-self._compared.teacher.gain, *_excess_and_ratio(relative, *floor, predictions), relative)

    def reversed_costs(self) -> tuple[Costs, Costs]:
        """Return what directions cost in the divergence of the teacher from the student: retained, discarded."""
        sides = self._compared
        learned = self.sides.own_variance + self.mixing_variance
        floor = np.broadcast_to(self.sides.floor_variance, np.shape(self.s))
        return (
            self._reversed(self.offset, sides.own_excess + self.mixing_variance, learned),
            self._reversed(sides.teacher.gain, sides.floor_excess, floor),
        )

    def _reversed(self, offset: Array, excess: Array, base: Array) -> Costs:
        relative = _Relative(np.ones_like(self.s), base)
        teacher = -excess, self._compared.teacher_variance
        return self._costs(offset, *_excess_and_ratio(relative, *teacher, False), relative)

    @cached_property
    def kernels(self) -> Directions:
        """Both learners' own kernels beside each other, given the soft statistic t̂ of pure distillation (§6.2)."""
        recovered = np.square(self.s * self.teacher.gain)
        drawn = self.outputs * self.s * (self.s * self.sides.teacher_variance + self.temperature) / self.draws
        labels = Labels(
            recovered * self.labels.mean_square, self.labels.precision, recovered * self.labels.noise_power + drawn
        )
        return replace(self, labels=labels, mixing=np.zeros_like(self.mixing))

    def _costs(self, offset: Array, excess: Array | Affine, ratio: Array | Affine, relative: _Relative) -> Costs:
        leverage = 0.5 * np.square(offset)
        return Costs(
            Product.of(relative(leverage * self.labels.mean_square), self.labels.precision),
            relative(leverage * self.labels.noise_power),
            SpreadCosts(excess, ratio, 0.5 * self.outputs),
        )

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
        return shrinkage(self.sides, self.mixing)

    def squared_errors(self) -> tuple[Array, Array, Array]:
        """Return n/ν² times each direction's excess risk: teacher, student where retained, student where discarded.

        Each is s [(1 − p)² |w|²/ν² + k p²/s + k · variance] (docs/theory.md §5.7).
        """
        teacher_missed = self.teacher.missed
        student_missed = self.student.missed + self.mixing * self.s * teacher_missed * self.student.gain
        teacher, student = self.shrinkage()
        signal = safe_ratio(self.mean_power, self.s)
        noise = safe_ratio(self.labels.noise_power, self.s)
        own = self.outputs * self.s * self.sides.teacher_variance
        learned = self.outputs * self.s * (self.sides.own_variance + self.mixing_variance)
        return (
            np.square(teacher_missed) * signal + np.square(teacher) * noise + own,
            np.square(student_missed) * signal + np.square(student) * noise + learned,
            signal,
        )


def _excess_and_ratio(
    relative: _Relative, difference: Array, variance: Array, predictions: bool
) -> tuple[Array, Array]:
    """Return ρ − 1 and ρ of a variance and its difference from ``relative.base``; equal variances of 0 give 0 and 1."""
    base, excess, ratio = relative.base, relative(difference), relative(variance)
    if predictions:
        return excess, ratio + 1.0 / base
    return excess, ratio if np.all(base) else np.where(base == 0.0, 1.0 + excess, ratio)


def _finite_or_zero(costs: Array) -> Array:
    """Put 0 wherever a cost is infinite in some direction: it then cannot tell directions apart."""
    return np.where(np.all(np.isfinite(costs), axis=0, keepdims=True), costs, 0.0)
