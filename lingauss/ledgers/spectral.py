"""The spectral route: learners on the same inputs and whole eigen-directions, so that every number is a sum over them.

All ranks are cumulative sums (docs/theory.md §4.5); nothing of size d × d is formed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np
import numpy.typing as npt

from lingauss.algebra.numerics import safe_ratio
from lingauss.ledgers.least_spread import least_spreads
from lingauss.ledgers.risk import intercept_gap
from lingauss.ledgers.route import Level, Question, Ranks
from lingauss.model.bottleneck import Best, Selected
from lingauss.model.design import Design
from lingauss.model.directions import Directions
from lingauss.model.learners import Learner
from lingauss.model.sides import shrinkage
from lingauss.model.truth import need_truth
from lingauss.sums.costs import Costs
from lingauss.validation import Array


@dataclass(frozen=True, eq=False)
class Spectral:
    """One design in the eigenbasis of G, at its own rank and every smaller one.

    Attributes
    ----------
    design : Design
        Of a rank at which its student has a law in every direction that is kept.
    """

    design: Design

    @classmethod
    def of(cls, design: Design, question: Question, ranks: Ranks) -> Self | None:
        serves = design.is_spectral if question == "weights" else design.is_spectral_at_fixed_design
        if not serves or design.problem.population is not None:
            return None
        d, fewest, most = design.problem.n_features, int(ranks.min()), int(ranks.max())
        if most > design.prepared.student.seen or fewest == d != design.rank:
            design = design.replace(student_rank=most)
        if question != "generalisation" and fewest < d == design.rank:
            _check_floor(design)
        return cls(design)

    @cached_property
    def directions(self) -> Directions:
        """In the order in which ranks keep them."""
        return _in_order(self.design.directions, self.design)

    def cells(self, ranks: Ranks, level: Level) -> Array:
        predictions = level == "predictions"
        return _cells(self.directions.retained(predictions), self.directions.discarded(predictions), ranks)

    def least_rank_costs(self, ranks: Ranks, level: Level) -> Array:
        return _least_rank_costs(self.directions, ranks, level)

    def cells_from(self, reference: Learner, ranks: Ranks) -> tuple[Array, Array]:
        """Return cells and least rank costs against another learner's law than the teacher's."""
        noise = np.asarray(self.design.problem.label_noise)
        law = reference.spectral(self.design.problem.eigenbasis.eigenvalues, noise)
        other = replace(self.design.directions, reference=self.design.prepared.sides.against(law))
        directions = _in_order(other, self.design)
        return _cells(directions.retained(), directions.discarded(), ranks), _least_rank_costs(
            directions, ranks, "weights"
        )

    def reversed_cells(self, ranks: Ranks) -> Array:
        """Return the cells of the teacher's divergence from the student."""
        return _cells(*self.directions.reversed_costs(), ranks)

    def kernel_cells(self, ranks: Ranks) -> Array:
        """Return the cells of both learners' own kernels, given the soft statistic of pure distillation."""
        kernels = self.directions.kernels
        return _cells(kernels.retained(), kernels.discarded(), ranks)

    def gaps(self, ranks: Ranks) -> tuple[Array, Array]:
        design, problem = self.design, self.design.problem
        teacher, student = shrinkage(design.prepared.sides, np.asarray(design.mixing))
        scale = 2.0 * problem.outputs * problem.label_noise**2 / problem.n_samples
        level = intercept_gap(problem)
        return scale * _whole(teacher) + level, scale * _sums_before(student[design.ranking], ranks) + level

    def risks(self, ranks: Ranks) -> tuple[Array, Array]:
        problem = self.design.problem
        need_truth(problem, "excess risks")
        unit, level = problem.label_noise**2 / problem.n_samples, float(problem.intercept * problem.outputs)
        teacher, seen, unseen = self.directions.squared_errors()
        student = _sums_before(seen, ranks) + _sums_from(unseen, ranks)
        return unit * (_whole(teacher) + level), unit * (student + level)

    def reliable(self, ranks: Ranks) -> npt.NDArray[np.bool_]:
        return np.ones(len(ranks), np.bool_)

    def squared_distance(self) -> float:
        """Return E_D W₂² of the student's and the teacher's weights at the design's rank, in squared weight units.

        Σ D²(E|t|² + Var t) + k Σ (√V_S − √v)², the difference of roots from that of the variances.
        """
        d, rank, nu = self.directions, self.design.rank, self.design.problem.label_noise
        sides = d.sides
        kept = np.arange(len(d)) < rank
        moved = np.where(kept, d.offset, sides.teacher.gain)
        learned = sides.own_variance + d.mixing_variance
        variance = np.where(kept, learned, sides.floor_variance)
        excess = np.where(kept, sides.own_excess + d.mixing_variance, sides.floor_excess)
        roots = safe_ratio(np.abs(excess), np.sqrt(variance) + np.sqrt(sides.teacher_variance))
        mean = np.sum(np.square(moved) * (d.mean_power + d.labels.noise_power))
        return nu**2 * float(mean + d.outputs * np.sum(np.square(roots)))


def _check_floor(design: Design) -> None:
    """Refuse a design that sees everything at ranks that leave something unseen, if its spread there is unknown.

    Raises
    ------
    UndefinedFloorError
    """
    if design.floor is None and isinstance(design.student, Learner):
        design.student.prior_variance(design.problem.label_noise)


def _in_order(directions: Directions, design: Design) -> Directions:
    """Return directions in the order in which ranks keep them."""
    listed = isinstance(design.bottleneck, Best | Selected)  # all others keep the largest eigenvalues
    return directions.part(design.ranking) if listed else directions


def _cells(kept: Costs, dropped: Costs, ranks: Ranks) -> Array:
    """Add up the costs of directions in order, (R, 2, 3)."""
    if len(ranks) == 1:
        rank = int(ranks[0])
        return np.array([[kept.sums(0, rank), dropped.sums(rank, len(dropped.noise))]])
    sides = (_sums_before, kept), (_sums_from, dropped)
    cells = [[add(cost, ranks) for cost in costs.evaluated()] for add, costs in sides]
    return np.moveaxis(np.array(cells), -1, 0)


def _least_rank_costs(directions: Directions, ranks: Ranks, level: Level) -> Array:
    predictions = level == "predictions"
    shift = directions.discarded(predictions).shift
    spread = least_spreads(*directions.seen(predictions), ranks, predictions)
    return np.asarray(_sums_from(shift, ranks) + 0.5 * directions.outputs * spread)


def _sums_before(values: Array, ranks: Ranks) -> Array:
    """Return the sums of the first so many values, (R,)."""
    if len(ranks) == 1:
        return _whole(values[: ranks[0]])
    return np.concatenate([np.zeros(1), np.cumsum(values)])[ranks]


def _sums_from(values: Array, ranks: Ranks) -> Array:
    """Return the sums of all but the first so many values, (R,)."""
    if len(ranks) == 1:
        return _whole(values[ranks[0] :])
    return np.concatenate([np.cumsum(values[::-1])[::-1], np.zeros(1)])[ranks]


def _whole(values: Array) -> Array:
    return np.asarray(np.sum(values, keepdims=True))
