"""The dense route, one rank at a time: any learners, any subspace, any inputs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from lingauss.algebra.channel import Channel
from lingauss.algebra.numerics import scaled_square
from lingauss.algebra.psd import PSD
from lingauss.ledgers.dense import Pair
from lingauss.ledgers.laws import DenseWeights, Weights
from lingauss.ledgers.ledger import Ledger
from lingauss.ledgers.ridge_pair import RidgeLaw, RidgePair
from lingauss.ledgers.risk import expected_excess_risk, expected_gap
from lingauss.ledgers.route import Level, Question, Ranks
from lingauss.model.bottleneck import complement
from lingauss.model.design import Design
from lingauss.model.labels import mean_rows, noise_rows
from lingauss.model.learners import Learner, Ridge
from lingauss.model.shards import Shards
from lingauss.validation import Array


@dataclass(frozen=True, eq=False)
class Matrices:
    """One design as two channels of whole matrices.

    Attributes
    ----------
    design : Design
        Of the largest rank that is wanted.
    """

    design: Design

    @classmethod
    def of(cls, design: Design, question: Question, ranks: Ranks) -> Self | None:
        return cls(design)

    def cells(self, ranks: Ranks, level: Level) -> Array:
        return np.array([ledger.cells for ledger in self._ledgers(ranks, level)])

    def least_rank_costs(self, ranks: Ranks, level: Level) -> Array:
        return np.array([ledger.rank_irreducible for ledger in self._ledgers(ranks, level)])

    def _ledgers(self, ranks: Ranks, level: Level) -> Iterator[Ledger]:
        for design in self._designs(ranks):
            yield weight_ledger(design) if level == "weights" else prediction_ledger(design, test_gramian(design))

    def _designs(self, ranks: Ranks) -> Iterator[Design]:
        for rank in ranks.tolist():
            yield self.design if rank == self.design.rank else self.design.replace(student_rank=rank)

    def gaps(self, ranks: Ranks) -> tuple[Array, Array]:
        return self._of_predictors(expected_gap, ranks)

    def risks(self, ranks: Ranks) -> tuple[Array, Array]:
        return self._of_predictors(expected_excess_risk, ranks)

    def _of_predictors(self, number: Callable[[Weights], float], ranks: Ranks) -> tuple[Array, Array]:
        problem = self.design.problem
        channels = self.design.teacher_channel, *(design.student_predictor for design in self._designs(ranks))
        teacher, *students = (number(DenseWeights(problem, channel)) for channel in channels)
        return np.array([teacher]), np.array(students)

    def reliable(self, ranks: Ranks) -> npt.NDArray[np.bool_]:
        return np.ones(len(ranks), np.bool_)


def test_gramian(design: Design) -> PSD:
    """Return n Σ_x, the Gram matrix of as many test inputs as there are training inputs; at fixed design G."""
    problem = design.problem
    if problem.test_covariance is None:
        return problem.gramian
    return problem.test_covariance.scaled(problem.n_samples)


def weight_ledger(design: Design) -> Ledger:
    """Return the ledger of the weights' laws."""
    pair = _ridge_pair(design)
    if pair is None:
        return channel_pair(design).weight_ledger()
    identity, problem = np.eye(design.problem.n_features), design.problem
    noise = None if problem.observed is not None else noise_rows(problem, identity)
    rows = mean_rows(problem, identity, np.zeros(problem.n_features))
    return pair.ledger(rows, noise, problem.outputs, problem.mode)


def prediction_ledger(design: Design, gram: PSD) -> Ledger:
    """Return the ledger of the joint predictive laws at test inputs with a Gram matrix."""
    return channel_pair(design).prediction_ledger(gram)


def channel_pair(design: Design) -> Pair:
    """Return both channels of a design beside each other."""
    return Pair(
        design.problem,
        design.teacher_channel,
        design.student_channel,
        design.basis,
        None if isinstance(design.student, Channel) else design.student_predictor.covariance,
        design.resolved_floor,
        _spreads_everywhere(design.teacher),
        _spreads_everywhere(design.student),
    )


def _ridge_pair(design: Design) -> RidgePair | None:
    """Return both learners as ridge regressions on the same inputs; None if they are not, or not regular."""
    if design.transfer is not None:
        return None
    teacher, student = (_ridge_law(side, design.problem.label_noise) for side in (design.teacher, design.student))
    if teacher is None or student is None:
        return None
    pair = RidgePair(
        design.problem.gramian,
        design.basis,
        complement(design.basis),
        teacher,
        student,
        design.floor,
        design.soft,
        design.problem.label_noise,
    )
    return pair if pair.is_regular else None


def _spreads_everywhere(side: Learner | Channel | Shards) -> bool:
    learner = side.learner if isinstance(side, Shards) else side
    return isinstance(learner, Learner) and learner.spreads_everywhere


def _ridge_law(side: Learner | Channel | Shards, label_noise: float) -> RidgeLaw | None:
    """Return what a learner does if it is ridge and leaves some spread."""
    if not isinstance(side, Ridge) or not side.spreads_everywhere:
        return None
    noise = label_noise if side.noise is None else side.noise
    dispersion, tail = scaled_square(np.asarray(side.temperature), np.asarray(noise), np.ones(()))
    return RidgeLaw(side.penalty, float(dispersion), float(tail))
