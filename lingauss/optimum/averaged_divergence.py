"""The least divergence of weights on average over drawn inputs: convex in the spreads, as it is given them all."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lingauss.equivalents.divergence import AveragedLedger
from lingauss.ledgers.equivalents import averaged_ledger
from lingauss.model.design import Design
from lingauss.optimum.convex import SpreadCost
from lingauss.optimum.objective import (
    SPREADS,
    Found,
    Objective,
    divergence_reasons,
    found_spreads,
    infinite_for_student,
)
from lingauss.validation import Array


@dataclass(frozen=True, eq=False)
class AveragedSpreads(SpreadCost):
    """Costs of spreads on average over drawn rows.

    Attributes
    ----------
    ledger : AveragedLedger
        At any spreads.
    fixed : (3,)
        Student dispersion, label variance and floor at x = 0.
    slopes : (3, p)
        What each variable adds to them.
    """

    ledger: AveragedLedger
    fixed: Array
    slopes: Array

    @property
    def weight(self) -> float:
        return 0.5 * self.ledger.outputs * len(self.ledger.seen.s)

    @cached_property
    def rates(self) -> Array:
        return np.asarray(self.ledger.spread_rates() @ self.slopes)

    @cached_property
    def effects(self) -> Array:
        return np.asarray(self.ledger.spread_effects() @ self.slopes)

    def value(self, x: Array) -> float:
        there = self._at(x)
        return there.spread() if there.is_finite else math.inf

    def derivatives(self, x: Array) -> tuple[Array, Array]:
        first, second = self._at(x).spread_derivatives()
        return np.asarray(first @ self.slopes), np.asarray(self.slopes.T @ second @ self.slopes)

    def _at(self, x: Array) -> AveragedLedger:
        dispersion, label_variance, floor = (self.fixed + self.slopes @ x).tolist()
        pair = self.ledger.pair._replace(student_dispersion=dispersion, label_variance=label_variance, floor=floor)
        return dataclasses.replace(self.ledger, pair=pair)


@dataclass(frozen=True, eq=False)
class AveragedDivergence(Objective):
    """The divergence of weights where inputs are drawn from a population."""

    @property
    def claim(self) -> str:
        reasons = "; ".join(divergence_reasons(self.free)) or "every candidate was evaluated"
        return f"global minimum of the deterministic equivalent: {reasons}"

    @property
    def mixing_matters(self) -> bool:
        return self.case.rank > 0 and bool(np.any(self._unit.seen.s > 0.0))

    def at(self, mixing: float) -> Found:
        unit = dataclasses.replace(self._unit, pair=self._unit.pair._replace(mixing=mixing))
        spreads = AveragedSpreads(unit, *self._affine)
        if not unit.is_finite:
            raise infinite_for_student()
        return found_spreads(self.case, self._spreads, spreads.minimise(), unit.fixed())

    @property
    def _spreads(self) -> tuple[str, ...]:
        return tuple(name for name in SPREADS if name in self.free)

    @cached_property
    def _unit(self) -> AveragedLedger:
        """The ledger where every free spread is 1."""
        ones = {name: 1.0 for name in self._spreads if name != "floor" or self._hides}
        design: Design = self.case.replace(**ones)
        return averaged_ledger(design, design.rank)

    @property
    def _hides(self) -> bool:
        return self.case.rank < self.case.problem.n_features

    @property
    def _affine(self) -> tuple[Array, Array]:
        """Student dispersion, label variance and floor as affine functions of the free spreads."""
        pair = self._unit.pair
        unit = np.array([pair.student_dispersion, pair.label_variance, pair.floor if self._hides else 0.0])
        follows = self.case.floor is None and "floor" not in self.free
        moved = {
            "temperature": (False, True, False),
            "student_temperature": (True, False, follows),  # the default floor is the student's prior variance
            "floor": (False, False, True),
        }
        changed = np.array([moved[name] for name in self._spreads], dtype=np.bool_).reshape(-1, 3).T
        return np.where(changed.any(axis=1), 0.0, unit), changed * unit[:, None]
