"""A teacher behind a bottleneck of its own, on inputs that are given (docs/theory.md §2.6)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lingauss.model.bottleneck import Spectral, Subspace
from lingauss.model.learners import Learner
from lingauss.model.problem import Problem
from lingauss.validation import Array


@dataclass(frozen=True, eq=False)
class WeakTeacher:
    """What a design makes of its ``teacher`` where it has a ``teacher_bottleneck``; shown as the learner that it is.

    Attributes
    ----------
    learner : Learner
    bottleneck : Principal, Selected or Subspace
    floor : float or None
        Variance of its weights outside the bottleneck; None is the prior variance.
    """

    learner: Learner
    bottleneck: Spectral | Subspace
    floor: float | None

    def basis(self, problem: Problem) -> Array:
        """Return an orthonormal basis of what it sees, (d, r)."""
        if isinstance(self.bottleneck, Subspace):
            return self.bottleneck.basis
        order = self.bottleneck.ranking(np.empty(problem.n_features))[: self.bottleneck.rank]
        return np.asarray(problem.eigenbasis.vectors[:, np.sort(order)])

    def resolved_floor(self, problem: Problem) -> float:
        """Return the variance outside the bottleneck, 0 where there is nothing outside.

        Raises
        ------
        UndefinedFloorError
            If the learner has no prior variance to default to.
        """
        if self.bottleneck.rank == problem.n_features:
            return 0.0
        return self.learner.prior_variance(problem.label_noise) if self.floor is None else self.floor

    def __repr__(self) -> str:
        return repr(self.learner)
