"""The least risk on average over drawn inputs: a parabola in the mixing (docs/theory.md §10)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lingauss.equivalents.averages import overlaps_of, rule_of, sees_sample_directions, settings_of
from lingauss.equivalents.overlaps import Overlaps
from lingauss.equivalents.pair import Parabola
from lingauss.model.design import Design
from lingauss.optimum.objective import Found, Objective, pointwise


@dataclass(frozen=True, eq=False)
class AveragedRisk(Objective):
    """The student's excess risk where inputs are drawn from a population."""

    @property
    def claim(self) -> str:
        parabola = ", and the risk is a parabola in the mixing" if "mixing" in self.free else ""
        return f"global minimum of the deterministic equivalent: spread only adds risk{parabola}"

    @property
    def mixing_matters(self) -> bool:
        return self._at_peak or bool(self._parabola.slope or self._parabola.curvature)

    def at(self, mixing: float) -> Found:
        cold = self._cold.replace(mixing=mixing)
        return Found(
            pointwise(cold, "excess_risk"), self._without_spread, flat=("floor",) if "floor" in self.free else ()
        )

    def best_mixing(self) -> float:
        """Return the vertex of the parabola, or the only mixing of finite risk at the interpolation peak."""
        return 1.0 if self._at_peak else float(self._parabola.lowest)

    @property
    def _without_spread(self) -> dict[str, float]:
        return {name: 0.0 for name in ("temperature", "student_temperature") if name in self.free}

    @cached_property
    def _cold(self) -> Design:
        return self.case.replace(**self._without_spread)

    @cached_property
    def _shared(self) -> Overlaps:
        return overlaps_of(self._cold, np.array([self._cold.rank]), {})

    @cached_property
    def _is_shared(self) -> bool:
        """Whether the risk follows from sums over directions of a population."""
        case = self._cold
        return case.problem.population is not None and not sees_sample_directions(case, np.array([case.rank]))

    @cached_property
    def _at_peak(self) -> bool:
        case = self._cold
        if not self._is_shared:
            return math.isinf(pointwise(case.replace(mixing=0.0), "excess_risk"))
        return self._shared.student_regular.item() == 0.0

    @cached_property
    def _parabola(self) -> Parabola:
        if not self._is_shared:
            below, start, above = (pointwise(self._cold.replace(mixing=share), "excess_risk") for share in (-1, 0, 1))
            return Parabola(*map(np.asarray, (start, 0.5 * (above - below), 0.5 * (above + below) - start)))
        risk = rule_of(self._cold)(self._shared, settings_of(self._cold, {}))[1]
        return Parabola(*(part.reshape(()) for part in risk))
