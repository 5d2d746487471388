"""A student taken apart into what neither its mixing nor any spread changes (docs/theory.md §2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from lingauss.algebra.channel import Channel
from lingauss.algebra.psd import symmetrised
from lingauss.model.bottleneck import complement
from lingauss.model.coupling import Fit
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
        Orthonormal bases of what the student sees, U, turned to the eigenvectors of UᵀGU, and of the rest.
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
        """Take apart a design in its frame, whose student may be given at another temperature."""
        d, fit = case.problem.n_features, Fit.of(student, case.seen_gramian, case.basis, case.problem.label_noise)
        teachers = len(case.teacher) if isinstance(case.teacher, Shards) else 1
        soft = case.replace(mixing=1.0, temperature=0.0).mixed_statistic
        kept, nothing = fit.seen.directions, np.zeros((d, d))
        embedded, drawn = kept @ fit.gain, fit.gain @ soft.covariance.root
        return cls(
            kept,
            complement(kept),
            Channel(embedded, nothing),
            Channel(embedded @ (soft.A - np.eye(d)), nothing, soft.b @ embedded.T),
            np.diag(fit.variance),
            symmetrised(drawn @ drawn.T),
            np.diag(np.square(fit.seen.singular * fit.slope)) * (case.problem.label_noise**2 / (case.draws * teachers)),
        )
