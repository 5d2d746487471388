"""A divergence in the eigenbasis as a function of its spreads: ratios of variances, affine in them."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from lingauss.algebra.numerics import spread_cost
from lingauss.model.design import Design
from lingauss.model.directions import Directions
from lingauss.model.learners import Law
from lingauss.optimum.convex import Minimum, SpreadSum
from lingauss.optimum.objective import SPREADS, infinite_for_student, infinite_for_teacher
from lingauss.validation import Array

Chosen = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class DirectionSpreads:
    """A divergence as a function of temperature, student temperature and floor, for any set of kept directions.

    Attributes
    ----------
    directions : Directions
        Gives everything that is not optimised.
    unit : Directions
        The same with a student of temperature 1, whose spreads are the slopes of the student temperature.
    free : tuple of str
        Among :data:`~lingauss.optimum.objective.SPREADS`.
    predictions : bool
        Whether joint predictions are compared, else weights.
    label_noise : float
        ν, the unit in which the directions' floor is the square root of a variance.
    """

    directions: Directions
    unit: Directions
    free: tuple[str, ...]
    predictions: bool
    label_noise: float

    @classmethod
    def of(cls, case: Design, free: Sequence[str], predictions: bool) -> DirectionSpreads:
        """Return the divergence of a design; settings that are not free keep its values."""
        spreads = tuple(name for name in SPREADS if name in free)
        unit = case.replace(student_temperature=1.0) if "student_temperature" in spreads else case
        return cls(case.directions, unit.directions, spreads, predictions, case.problem.label_noise)

    def at_mixing(self, mixing: float) -> DirectionSpreads:
        """Return the divergence at another share of soft labels."""
        value = np.asarray(mixing)
        return dataclasses.replace(
            self,
            directions=dataclasses.replace(self.directions, mixing=value),
            unit=dataclasses.replace(self.unit, mixing=value),
        )

    def best(self, kept: Chosen) -> Minimum:
        """Return the minimum over the free spreads when the given directions are kept, in nats.

        Raises
        ------
        DomainError
            If it is +inf whatever the free spreads are.
        """
        dropped = np.setdiff1d(np.arange(len(self.directions)), kept)
        retained_fixed, discarded_fixed = self._fixed
        fixed = float(np.sum(retained_fixed[kept]) + np.sum(discarded_fixed[dropped]))
        (intercept, slopes), (floor_intercept, floor_slopes) = self._retained, self._discarded
        spreads = SpreadSum(
            np.full(len(self.directions), 0.5 * self.directions.outputs),
            np.concatenate([intercept[kept], floor_intercept[dropped]]),
            np.concatenate([slopes[kept], floor_slopes[dropped]]),
        )
        if np.any((spreads.intercept == 0) & ~np.any(spreads.slopes, axis=1)):
            raise infinite_for_student()
        minimum = spreads.minimise()
        return dataclasses.replace(minimum, value=minimum.value + fixed)

    def best_subset(self, rank: int, enumerate_all: bool) -> tuple[Minimum, Chosen]:
        """Return the minimum over the free spreads and the kept directions.

        Parameters
        ----------
        rank : int
            How many directions are kept.
        enumerate_all : bool
            Whether every subset is tried, which proves global optimality; else subset and spreads are improved in
            turns.
        """
        if enumerate_all and self.free:
            subsets = (
                np.array(kept, dtype=np.intp) for kept in itertools.combinations(range(len(self.directions)), rank)
            )
            return min(((self.best(kept), kept) for kept in subsets), key=lambda found: found[0].value)
        kept = self._worthiest(rank, None)
        minimum = self.best(kept)
        while self.free:
            better = self._worthiest(rank, minimum.x)
            found = self.best(better)
            if not found.value < minimum.value * (1.0 - 1e-12):
                break
            minimum, kept = found, better
        return minimum, kept

    def _worthiest(self, rank: int, x: Array | None) -> Chosen:
        """Return the directions whose retention saves most at given spreads, or at the design's own."""
        if x is None:
            sides = self.directions.retained(self.predictions), self.directions.discarded(self.predictions)
            kept, dropped = (np.asarray(sum(costs.evaluated())) for costs in sides)
            dropped = np.where(np.isfinite(dropped), dropped, 0.0)  # a hard bottleneck, whatever it drops
        else:
            rows = ((*self._retained, self._fixed[0]), (*self._discarded, self._fixed[1]))
            kept, dropped = (self._costs(intercept + slopes @ x, fixed) for intercept, slopes, fixed in rows)
        return np.sort(np.argsort(kept - dropped, kind="stable")[:rank])

    def _costs(self, ratio: Array, fixed: Array) -> Array:
        return fixed + 0.5 * self.directions.outputs * spread_cost(ratio - 1.0, ratio)

    @cached_property
    def _seen(self) -> tuple[Array, Array]:
        scale, base = (
            np.broadcast_to(part, self.directions.s.shape) for part in self.directions.seen(self.predictions)
        )
        if not np.all(base > 0):
            raise infinite_for_teacher()
        return scale, base

    @cached_property
    def _fixed(self) -> tuple[Array, Array]:
        """Mean and label-noise costs of each direction, retained and discarded."""
        directions = self.directions
        sides = directions.retained(self.predictions), directions.discarded(self.predictions)
        kept, dropped = (np.broadcast_to(costs.shift, directions.s.shape) for costs in sides)
        return kept, dropped

    @cached_property
    def _retained(self) -> tuple[Array, Array]:
        """Intercept (d,) and slopes (d, p) of ρ where retained."""
        directions, (scale, base) = self.directions, self._seen
        share, own = scale * directions.mixing_share / base, scale * self.unit.sides.own_variance / base
        intercept = share * directions.s * directions.sides.teacher_variance + float(self.predictions) / base
        if "temperature" not in self.free:
            intercept = intercept + share * directions.temperature
        if "student_temperature" not in self.free:
            intercept = intercept + own
        return intercept, self._columns({"temperature": share, "student_temperature": own})

    @cached_property
    def _discarded(self) -> tuple[Array, Array]:
        """Intercept (d,) and slopes (d, p) of ρ where discarded."""
        scale, base = self._seen
        intercept = float(self.predictions) / base
        if "floor" in self.free:
            return intercept, self._columns({"floor": scale / (base * self.label_noise**2)})
        spread = np.broadcast_to(scale * self.unit.sides.floor_variance / base, base.shape)
        if isinstance(self.directions.sides.floor, Law) and "student_temperature" in self.free:
            return intercept, self._columns({"student_temperature": spread})
        return intercept + spread, self._columns({})

    def _columns(self, slopes: Mapping[str, Array]) -> Array:
        """Put one column per free spread side by side, 0 where ρ does not depend on it."""
        columns = np.zeros((len(self.directions), len(self.free)))
        for position, name in enumerate(self.free):
            if name in slopes:
                columns[:, position] = slopes[name]
        return columns
