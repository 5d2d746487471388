"""Objectives that fall apart into eigen-directions: learners on the same inputs, a spectral bottleneck."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from lingauss.algebra.numerics import safe_ratio
from lingauss.model.bottleneck import Best, Selected
from lingauss.model.design import Design
from lingauss.optimum.convex import Minimum
from lingauss.optimum.direction_spreads import Chosen, DirectionSpreads
from lingauss.optimum.objective import (
    SEARCHED,
    SPREADS,
    Found,
    Objective,
    divergence_reasons,
    found_spreads,
    without_spread,
)

ENUMERATED_FEATURES = 10  # up to which every subset of eigen-directions is tried


@dataclass(frozen=True, eq=False)
class SpectralObjective(Objective):
    """What both objectives in the eigenbasis share."""

    @property
    def mixing_matters(self) -> bool:
        return _mixing_matters(self.case)

    @property
    def _chooses(self) -> bool:
        """Whether the kept directions are chosen too."""
        return isinstance(self.case.bottleneck, Best)

    def _keeping(self, kept: Chosen) -> dict[str, Any]:
        return {"bottleneck": Selected(tuple(kept.tolist()))} if self._chooses else {}


@dataclass(frozen=True, eq=False)
class SpectralDivergence(SpectralObjective):
    """The divergence of weights or of joint predictions.

    Attributes
    ----------
    predictions : bool
        Whether joint predictions are compared, else weights.
    """

    predictions: bool

    @property
    def claim(self) -> str:
        spreads = any(name in self.free for name in SPREADS)
        reasons = divergence_reasons(self.free)
        if self._chooses and not spreads:
            reasons.append("the best subset of each design keeps the directions that save most")
        elif self._chooses and not self._tries_all_subsets:
            return "local in the subset, which was improved in turns with the spreads; " + "; ".join(reasons)
        elif self._chooses:
            reasons.append("every subset of eigen-directions was tried")
        return "global: " + ("; ".join(reasons) or "every candidate was evaluated")

    def at(self, mixing: float) -> Found:
        minimum, kept = self._best(mixing)
        found = found_spreads(self.case, self._spreads.free, minimum)
        return dataclasses.replace(found, changes=found.changes | self._keeping(kept))

    def _best(self, mixing: float) -> tuple[Minimum, Chosen]:
        here = self._spreads.at_mixing(mixing)
        if self._chooses:
            return here.best_subset(self.case.rank, self._tries_all_subsets)
        return here.best(self.case.retained_directions), self.case.retained_directions

    @cached_property
    def _spreads(self) -> DirectionSpreads:
        return DirectionSpreads.of(self.case, self.free, self.predictions)

    @property
    def _tries_all_subsets(self) -> bool:
        return self.case.problem.n_features <= ENUMERATED_FEATURES and "mixing" not in self.free


@dataclass(frozen=True, eq=False)
class SpectralRisk(SpectralObjective):
    """The student's excess risk at fixed design (docs/theory.md §5.7)."""

    @property
    def claim(self) -> str:
        if self._chooses and "mixing" in self.free:
            return f"global: spread only adds risk; {SEARCHED}, each point with its best subset"
        parabola = ", and the risk is a parabola in the mixing" if "mixing" in self.free else ""
        return f"global: spread only adds risk{parabola}"

    def at(self, mixing: float) -> Found:
        case, problem = self.case, self.case.problem
        _, seen, unseen = dataclasses.replace(self._cold.directions, mixing=np.asarray(mixing)).squared_errors()
        kept = case.retained_directions
        if self._chooses:
            kept = np.sort(np.argsort(seen - unseen, kind="stable")[: case.rank])
        dropped = np.setdiff1d(np.arange(len(unseen)), kept)
        unit, level = problem.label_noise**2 / problem.n_samples, float(problem.intercept * problem.outputs)
        return Found(
            unit * float(np.sum(seen[kept]) + np.sum(unseen[dropped]) + level),
            without_spread(case, self.free) | self._keeping(kept),
            flat=("floor",) if "floor" in self.free else (),
        )

    def best_mixing(self) -> float:
        """Return the best share of soft labels: the vertex of a parabola unless directions are chosen.

        Where retained, p = b (1 − ξ m) with b the student's shrinkage and m = 1 − a, and the soft labels add spread in
        proportion to ξ².
        """
        if self._chooses:
            return super().best_mixing()
        d = self._cold.directions.part(self.case.retained_directions)
        signal, noise = safe_ratio(d.mean_power, d.s), safe_ratio(d.labels.noise_power, d.s)
        learned = d.s * d.student.gain
        share = learned * d.teacher.missed
        drawn = d.outputs * np.square(learned) * (d.s * d.sides.teacher_variance + d.temperature) / d.draws
        curvature = float(np.sum(np.square(share) * (signal + noise) + drawn))
        slope = float(np.sum(share * (learned * noise - d.student.missed * signal)))
        return slope / curvature

    @property
    def mixing_matters(self) -> bool:
        return _mixing_matters(self._cold)

    @cached_property
    def _cold(self) -> Design:
        return self.case.replace(**without_spread(self.case, self.free))


def _mixing_matters(case: Design) -> bool:
    d = case.directions
    return case.rank > 0 and bool(
        np.any(d.s * (np.abs(d.teacher.missed) + d.temperature + d.sides.teacher_variance) > 0)
    )
