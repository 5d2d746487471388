"""The dense route, one rank at a time: any learners, any subspace, any inputs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from lingauss.algebra.channel import Channel
from lingauss.algebra.psd import PSD
from lingauss.ledgers.dense import Apart, Pair
from lingauss.ledgers.laws import DenseWeights, Weights
from lingauss.ledgers.ledger import Ledger
from lingauss.ledgers.risk import expected_excess_risk, expected_gap
from lingauss.ledgers.route import Level, Question, Ranks
from lingauss.ledgers.whitened import Whitened
from lingauss.model.bottleneck import Subspace
from lingauss.model.coupling import law_of
from lingauss.model.design import Design
from lingauss.model.frame import rotated
from lingauss.model.learners import Learner
from lingauss.model.shards import Shards
from lingauss.validation import Array


@dataclass(frozen=True, eq=False)
class Matrices:
    """One design as two channels of whole matrices.

    Attributes
    ----------
    design : Design
        Of any rank.
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
            yield weight_ledger(design) if level == "weights" else prediction_ledger(design)

    def _designs(self, ranks: Ranks) -> Iterator[Design]:
        for rank in ranks.tolist():
            yield self.design if rank == self.design.rank else self.design.replace(student_rank=rank)

    def gaps(self, ranks: Ranks) -> tuple[Array, Array]:
        return self._of_predictors(expected_gap, ranks)

    def risks(self, ranks: Ranks) -> tuple[Array, Array]:
        return self._of_predictors(expected_excess_risk, ranks)

    def _of_predictors(self, number: Callable[[Weights], float], ranks: Ranks) -> tuple[Array, Array]:
        problem = self.design.framed.problem
        channels = self.design.framed.teacher_predictor, *(one.framed.student_predictor for one in self._designs(ranks))
        teacher, *students = (number(DenseWeights(problem, channel)) for channel in channels)
        return np.array([teacher]), np.array(students)

    def reliable(self, ranks: Ranks) -> npt.NDArray[np.bool_]:
        return np.ones(len(ranks), np.bool_)


def weight_ledger(design: Design, reference: Learner | Channel | Shards | None = None) -> Ledger:
    """Return the ledger of the weights' laws, the teacher's replaced by another's if one is given.

    By precisions where the reference law is spread in every direction, else by covariances.
    """
    whitened = Whitened.of(design, reference)
    if whitened is not None:
        return whitened.ledger()
    pair, here = channel_pair(design), design.framed
    if reference is not None:
        pair = pair.against(law_of(rotated(design.frame, reference), here.problem))
    return pair.weight_ledger()


def prediction_ledger(design: Design, gram: PSD | None = None) -> Ledger:
    """Return the ledger of the joint predictive laws at test inputs with a Gram matrix, by default n Σ_x.

    Parameters
    ----------
    gram : PSD of dimension d, optional
        In the design's own coordinates.
    """
    problem = design.framed.problem
    if gram is not None:
        seen: PSD = gram if design.frame is None else design.frame.covariance(gram)
    else:
        test = problem.test_covariance
        seen = problem.gramian if test is None else test.scaled(problem.n_samples)
    return channel_pair(design).prediction_ledger(seen)


def channel_pair(design: Design) -> Pair:
    """Return both channels of a design beside each other, in its frame."""
    here = design.framed
    return Pair(here.problem, here.teacher_channel, here.student_channel, here.basis, apart(here))


def apart(design: Design) -> Apart | None:
    """Return what separates two learners in the eigenbasis of G, from their parameters; None elsewhere."""
    learners = isinstance(design.teacher, Learner) and isinstance(design.student, Learner) and design.transfer is None
    unseen = design.rank < design.problem.n_features
    if not learners or (isinstance(design.view, Subspace) and unseen):
        return None
    directions, sides, vectors = design.directions, design.prepared.sides, design.problem.eigenbasis.vectors
    kept = design.keeps if unseen else np.ones(len(directions), np.bool_)
    gain = np.where(kept, directions.offset, -sides.teacher.gain)
    spread = np.where(kept, sides.own_excess + directions.mixing_variance, sides.floor_excess)
    power = design.problem.label_noise**2
    return Apart((vectors * gain) @ vectors.T, power * (vectors * spread) @ vectors.T)
