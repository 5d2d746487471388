"""The route of inputs that are drawn: risks and gaps on average over them, as deterministic equivalents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from lingauss.equivalents.averages import averages
from lingauss.equivalents.divergence import AveragedLedger, Pair
from lingauss.equivalents.rank_costs import RankCosts, Rows
from lingauss.equivalents.seen import Seen
from lingauss.ledgers.fresh import TaughtAfresh, basis_seen
from lingauss.ledgers.risk import TeacherStudent
from lingauss.ledgers.route import Level, Question, Ranks
from lingauss.model.bottleneck import Principal
from lingauss.model.design import Design
from lingauss.model.learners import Ridge
from lingauss.model.population import not_averaged
from lingauss.model.truth import need_truth
from lingauss.validation import Array


@dataclass(frozen=True, eq=False)
class Equivalents:
    """One design of which some inputs are drawn: all, from a population, or those of the student alone.

    Attributes
    ----------
    design : Design
        Of any rank.
    """

    design: Design

    @classmethod
    def of(cls, design: Design, question: Question, ranks: Ranks) -> Self | None:
        if not design.averages_over_inputs:
            return None
        if question == "predictions":
            raise not_averaged("a divergence of predictions, where that of weights may have one")
        return cls(design)

    def cells(self, ranks: Ranks, level: Level) -> Array:
        return np.array([finite_ledger(self.design, rank).cells() for rank in ranks.tolist()])

    def least_rank_costs(self, ranks: Ranks, level: Level) -> Array:
        return np.array([finite_ledger(self.design, rank).least_rank_cost() for rank in ranks.tolist()])

    def gaps(self, ranks: Ranks) -> tuple[Array, Array]:
        if self.design.problem.population is not None:
            found = averages(self.design, ranks, {})
            return found.teacher_gap[:1], found.student_gap
        return _together([one.gaps for one in self._at(ranks)])

    def risks(self, ranks: Ranks) -> tuple[Array, Array]:
        if self.design.problem.population is not None:
            found = averages(self.design, ranks, {})
            return found.teacher_excess_risk[:1], found.student_excess_risk
        return _together([one.risks for one in self._at(ranks)])

    def reliable(self, ranks: Ranks) -> npt.NDArray[np.bool_]:
        return np.ones(len(ranks), np.bool_)

    def _at(self, ranks: Ranks) -> list[TaughtAfresh]:
        """Return the design at several ranks, where the teacher's inputs are given."""
        own = self.design.rank
        return [
            TaughtAfresh(self.design if rank == own else self.design.replace(student_rank=rank))
            for rank in ranks.tolist()
        ]


def averaged_ledger(design: Design, rank: int) -> AveragedLedger:
    """Return the ledger of the weights of a population's design, whose student sees principal directions of its rows.

    Raises
    ------
    NotAveragedError
        If the design has none in closed form; the message names why.
    MissingTruthError, UndefinedFloorError
    """
    problem, population = design.problem, design.problem.population
    views = design.teacher_bottleneck, design.transfer
    if population is None or views != (None, None) or not isinstance(design.bottleneck, Principal | None):
        raise not_averaged(
            "a divergence of weights through other views than Principal, or on FreshInputs, beyond rank costs"
        )
    sides = [("teacher", design.teacher), ("student", design.student)]
    for role, learner in sides:
        if type(learner) is not Ridge:
            raise not_averaged(f"a divergence of a {type(learner).__name__} as {role}, where Ridge has one")
        if learner.penalty == 0.0 or (learner.temperature == 0.0 and role == "teacher"):
            raise not_averaged(f"a divergence of a {role} without penalty or temperature, where others have one")
    teacher, student = design.teacher, design.student
    floor = design.floor
    if floor is None:
        hides = rank < problem.n_features
        floor = student.prior_variance(problem.label_noise) if hides else 0.0  # type: ignore[union-attr]
    pair = Pair(
        teacher.penalty,  # type: ignore[union-attr]
        student.penalty,  # type: ignore[union-attr]
        teacher.dispersion(problem.label_noise),  # type: ignore[union-attr]
        student.dispersion(problem.label_noise),  # type: ignore[union-attr]
        design.mixing,
        design.temperature * problem.label_noise**2 / design.draws,
        design.draws,
        floor,
    )
    signal = need_truth(problem, "divergences").power(population.axes)
    s, noise = population.axes.eigenvalues, problem.label_noise**2
    return AveragedLedger(Seen(s, signal, problem.n_samples, rank, pair.teacher_penalty), pair, problem.outputs, noise)


def rank_costs(design: Design, rank: int) -> RankCosts:
    """Return what a student of a fixed view loses for what it does not see, whatever it learns elsewhere.

    Raises
    ------
    NotAveragedError
        Unless the teacher is a ridge learner of positive penalty and temperature that sees all of a population.
    MissingTruthError
    """
    problem, population, teacher = design.problem, design.problem.population, design.teacher
    if population is None or type(teacher) is not Ridge or design.teacher_bottleneck is not None:
        raise not_averaged("rank costs against a teacher that is not Ridge, or does not see all of a population")
    if teacher.penalty == 0.0 or teacher.temperature == 0.0:
        raise not_averaged("rank costs against a teacher without penalty or temperature")
    here = design if rank == design.rank else design.replace(student_rank=rank)
    rows = Rows(
        population.axes.eigenvalues,
        population.axes.rotate(need_truth(problem, "divergences").rows),
        problem.n_samples,
        problem.outputs,
        problem.label_noise**2,
        teacher.penalty,
        teacher.dispersion(problem.label_noise),
    )
    return RankCosts.of(rows, basis_seen(here.view, population.axes))


def finite_ledger(design: Design, rank: int) -> AveragedLedger:
    """Return the same, refusing one that is +inf.

    Raises
    ------
    NotAveragedError
    """
    ledger = averaged_ledger(design, rank)
    if not ledger.is_finite:
        hard = ledger.pair.floor == 0.0 and rank < design.problem.n_features
        which = "hard bottleneck" if hard else "student without temperature where nothing else spreads it"
        raise not_averaged(f"a {which}, which costs +inf whatever the rows are")
    return ledger


def _together(sides: list[TeacherStudent]) -> tuple[Array, Array]:
    return np.array([sides[0].teacher]), np.array([side.student for side in sides])
