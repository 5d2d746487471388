"""A student taken apart into what neither its mixing nor any spread changes (docs/theory.md §2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from lingauss.algebra.channel import Channel
from lingauss.algebra.psd import Dense, symmetrised
from lingauss.model.bottleneck import complement
from lingauss.model.design import Design
from lingauss.model.learners import Learner
from lingauss.model.shards import Shards
from lingauss.validation import Array


@dataclass(frozen=True, eq=False)
class Line:
    """Rows that are affine in the mixing ξ: start + ξ · step, (m, d) each."""

    start: Array
    step: Array

    def at(self, mixing: float) -> Array:
        """Return the rows at a mixing."""
        return np.asarray(self.start + mixing * self.step)


@dataclass(frozen=True, eq=False)
class Learned:
    """What a student learns from t: E[W_S | t] = t (start + ξ step)ᵀ, UᵀCov[W_S | t]U = own + ξ² (drawn + τ observed).

    Attributes
    ----------
    kept, dropped : (d, r), (d, d − r)
        Orthonormal bases of what the student sees, U, and of the rest.
    start, step : Channel
        The student's mean at ξ = 0 and its change with ξ, offset included; without covariances.
    own, drawn, observed : (r, r)
        Covariance given the labels; and what the teacher's draws and the soft labels' observation noise add.
    """

    kept: Array
    dropped: Array
    start: Channel
    step: Channel
    own: Array
    drawn: Array
    observed: Array

    @classmethod
    def of(cls, case: Design, student: Learner) -> Self:
        """Take apart a design, whose student may be given at another temperature."""
        d, kept = case.problem.n_features, case.basis
        seen = symmetrised(kept.T @ case.seen_gramian.matrix @ kept)
        gain, own = np.zeros((0, 0)), np.zeros((0, 0))
        if len(seen):
            inner = student.channel(Dense(seen), case.problem.label_noise)
            gain, own = inner.A, inner.cov
        teachers = len(case.teacher) if isinstance(case.teacher, Shards) else 1
        soft = case.replace(mixing=1.0, temperature=0.0).mixed_statistic
        onto, nothing = gain @ kept.T, np.zeros((d, d))  # t̃ ↦ weights in coordinates of U
        embedded = kept @ onto
        return cls(
            kept,
            complement(kept),
            Channel(embedded, nothing),
            Channel(embedded @ (soft.A - np.eye(d)), nothing, soft.b @ embedded.T),
            own,
            symmetrised(onto @ soft.cov @ onto.T),
            symmetrised(gain @ seen @ gain.T) * (case.problem.label_noise**2 / (case.draws * teachers)),
        )
