"""A design in the eigenbasis of its Gram matrix, where null directions are null exactly.

No divergence, gap or risk depends on the coordinates of the weights. In any others than these, rounding of the size of
the largest eigenvalue stands in the null directions of G, and every learner divides it by its penalty.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from lingauss.algebra.channel import Channel
from lingauss.algebra.psd import PSD, Diagonal
from lingauss.algebra.rooted import Rooted
from lingauss.data.moments import Moments
from lingauss.model.bottleneck import Spectral, Subspace
from lingauss.model.eigenbasis import Eigenbasis
from lingauss.model.labels import seen_rows
from lingauss.model.problem import Problem
from lingauss.model.shards import Shards
from lingauss.model.truth import Truth
from lingauss.model.weak_teacher import WeakTeacher
from lingauss.validation import Array, freeze

View = TypeVar("View", bound=Spectral | Subspace | None)


@dataclass(frozen=True, eq=False)
class Frame:
    """The change of coordinates from those of a design to the eigenbasis of G.

    Attributes
    ----------
    basis : Eigenbasis
    """

    basis: Eigenbasis

    def rows(self, rows: Array) -> Array:
        """Rotate row vectors, (m, d)."""
        return self.basis.rotate(rows)

    def covariance(self, covariance: PSD) -> Rooted:
        """Rotate a covariance through its root."""
        return Rooted.rotated(covariance, self.basis.vectors)

    def channel(self, channel: Channel) -> Channel:
        """Rotate a channel t ↦ W on both of its sides."""
        return Channel(
            self.rows(self.rows(channel.A).T).T,
            self.covariance(channel.covariance),
            self.rows(np.atleast_2d(channel.b)).reshape(channel.b.shape),
        )

    def back(self, channel: Channel) -> Channel:
        """Rotate a channel to the coordinates of the design."""
        vectors = self.basis.vectors
        covariance = Rooted.rotated(channel.covariance, vectors.T)
        return Channel(vectors @ channel.A @ vectors.T, covariance, channel.b @ vectors.T)

    def moments(self, moments: Moments, of_training: bool) -> Moments:
        """Rotate inputs; those of training are null where all training inputs are."""
        d = moments.n_features
        vectors, null = self.basis.vectors, np.flatnonzero(self.basis.eigenvalues == 0.0)
        turn = np.eye(len(moments.mean))
        turn[:d, :d] = vectors
        scatter = turn.T @ moments.scatter @ turn
        if of_training:
            scatter[null] = scatter[:, null] = 0.0
        return dataclasses.replace(
            moments,
            mean=freeze(moments.mean @ turn),
            scatter=freeze(0.5 * (scatter + scatter.T)),
            mean_tail=freeze(moments.mean_tail @ turn),
        )

    def problem(self, problem: Problem) -> Problem:
        """Rotate a problem whose eigenbasis this is."""
        truth, observed, test = problem.truth, problem.observed, problem.test_covariance
        if truth is not None:
            mean = None if truth.mean is None else freeze(self.rows(truth.mean))
            spread = None if truth.spread is None else self.covariance(truth.spread)
            truth = Truth(mean, spread, truth.plug_in)
        return dataclasses.replace(
            problem,
            gramian=Diagonal(self.basis.eigenvalues),
            truth=truth,
            observed=None if observed is None else freeze(seen_rows(observed, self.basis)),
            test_covariance=None if test is None else self.covariance(test),
        )

    def fields(self, design: Mapping[str, Any]) -> dict[str, Any]:
        """Rotate the parts of a design, by name."""
        transfer = design["transfer"]
        return {
            "problem": self.problem(design["problem"]),
            "teacher": rotated(self, design["teacher"]),
            "student": rotated(self, design["student"]),
            "bottleneck": self.bottleneck(design["bottleneck"]),
            "teacher_bottleneck": self.bottleneck(design["teacher_bottleneck"]),
            "transfer": self.moments(transfer, of_training=False) if isinstance(transfer, Moments) else transfer,
        }

    def bottleneck(self, bottleneck: View) -> View | Subspace:
        """Rotate a bottleneck; one that keeps eigen-directions is the same in any coordinates."""
        return Subspace(self.rows(bottleneck.basis.T).T) if isinstance(bottleneck, Subspace) else bottleneck

    def shards(self, shards: Shards) -> Shards:
        """Rotate the inputs of every shard."""
        return Shards(shards.learner, [self.moments(part, of_training=True) for part in shards.inputs])


def rotated(frame: Frame | None, side: Any) -> Any:
    """Return a teacher or student in a frame, if there is one; a learner is the same in any coordinates."""
    if frame is not None and isinstance(side, Channel):
        return frame.channel(side)
    if frame is not None and isinstance(side, WeakTeacher):
        return dataclasses.replace(side, bottleneck=frame.bottleneck(side.bottleneck))
    return frame.shards(side) if frame is not None and isinstance(side, Shards) else side
