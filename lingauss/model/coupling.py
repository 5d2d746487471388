"""The coupled process t → W_T → t̂ → t̃ → W_S, composed from channels (docs/theory.md §2).

All covariances are composed through their roots. Labels enter through a root R of the Gram matrix, t = y Rᵀ with y as
many independent labels as there are ranks, so that nothing is divided by a penalty where the inputs are null.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lingauss.algebra.channel import Channel
from lingauss.algebra.factor import graded_svd, rounding
from lingauss.algebra.psd import PSD, Diagonal
from lingauss.algebra.rooted import Rooted
from lingauss.model.bottleneck import complement
from lingauss.model.learners import Learner, gains_and_variances
from lingauss.model.problem import Problem
from lingauss.model.shards import Shards
from lingauss.model.weak_teacher import WeakTeacher
from lingauss.threads import whole_matrices
from lingauss.validation import Array


@dataclass(frozen=True)
class SoftLabels:
    """How a teacher's predictions become the student's labels.

    Attributes
    ----------
    temperature : float
        τ ≥ 0: the soft labels' observation noise has variance τν².
    mixing : float
        ξ: the student trains on (1 − ξ) t + ξ t̂.
    draws : int
        m ≥ 1: independent teacher draws, each labelling the whole set, that are averaged.
    """

    temperature: float = 1.0
    mixing: float = 1.0
    draws: int = 1


@dataclass(frozen=True, eq=False)
class Seen:
    """The inputs behind a bottleneck U: RᵀU = left diag(σ) rightᵀ for a root R of the Gram matrix, (d, q).

    Attributes
    ----------
    directions : (d, r)
        U right: the retained directions turned to the eigenvectors of UᵀGU.
    left : (q, r)
        What each is to the labels y; zeros where it is null.
    singular : (r,)
        σ, the roots of the eigenvalues of UᵀGU; rounding is exactly 0.
    """

    directions: Array
    left: Array
    singular: Array

    @classmethod
    def of(cls, root: Array, basis: Array) -> Seen:
        """Turn an orthonormal basis (d, r) to the eigen-directions of what it sees of the inputs."""
        whole_matrices(len(basis))
        r = basis.shape[1]
        left, singular, right = graded_svd(root.T @ basis)
        live = singular > rounding(len(basis)) * np.linalg.norm(root)
        padded = np.zeros((root.shape[1], r)), np.zeros(r)
        padded[0][:, : np.count_nonzero(live)] = left[:, live]
        padded[1][: np.count_nonzero(live)] = singular[live]
        inside = right[:, live]
        return cls(basis @ np.concatenate([inside, complement(inside)], axis=1), *padded)

    @property
    def eigenvalues(self) -> Array:
        """Eigenvalues of UᵀGU, (r,)."""
        return np.square(self.singular)


def mixture(teacher: Channel, gramian: PSD, soft: SoftLabels, label_noise: float) -> Channel:
    """Return the channel t ↦ t̃: the teacher labels, draws are averaged, true and soft labels are mixed."""
    drawn = gramian.matrix @ teacher.covariance.root
    observed = math.sqrt(soft.temperature) * label_noise * gramian.root
    share = soft.mixing / math.sqrt(soft.draws)
    return Channel(
        (1.0 - soft.mixing) * np.eye(gramian.dim) + soft.mixing * gramian.matrix @ teacher.A,
        Rooted(share * np.concatenate([drawn, observed], axis=1)),
        soft.mixing * teacher.b @ gramian.matrix,
    )


@dataclass(frozen=True, eq=False)
class Fit:
    """What a learner makes of labels of the inputs it sees: N(t̃ gainᵀ, diag(variance)) along ``seen.directions``.

    Attributes
    ----------
    seen : Seen
    gain : (r, d)
        From t̃ to the weights along each direction.
    slope : (r,)
        b, the gain within a direction, from its own statistic.
    variance : (r,)
    """

    seen: Seen
    gain: Array
    slope: Array
    variance: Array

    @classmethod
    def of(cls, student: Learner, gramian: PSD, basis: Array, label_noise: float) -> Fit:
        """Fit on the directions (d, r) of inputs with a Gram matrix."""
        seen = Seen.of(gramian.root, basis)
        if not basis.size:
            return cls(seen, np.zeros(basis.T.shape), np.zeros(0), np.zeros(0))
        slope, variance = gains_and_variances(student, seen.eigenvalues, label_noise)
        gain = (slope * seen.singular)[:, None] * (gramian.whiten(np.eye(gramian.dim)) @ seen.left).T
        return cls(seen, gain, slope, variance)


def predictor(student: Learner, gramian: PSD, basis: Array | None, label_noise: float) -> Channel:
    """Return the channel t̃ ↦ W of a student that sees only U: ridge on XU, embedded by Uᵀ, nothing outside U."""
    if basis is None and isinstance(gramian, Diagonal):
        return student.channel(gramian, label_noise)
    fit = Fit.of(student, gramian, np.eye(gramian.dim) if basis is None else basis, label_noise)
    directions = fit.seen.directions
    return Channel(directions @ fit.gain, Rooted(directions * np.sqrt(fit.variance)))


def law_of(side: Learner | Channel | Shards | WeakTeacher, problem: Problem) -> Channel:
    """Return any teacher's law t ↦ W on a problem, in its coordinates."""
    if isinstance(side, Channel):
        return side
    if isinstance(side, WeakTeacher):
        return with_floor(predictor_of(side, problem), side.resolved_floor(problem), side.basis(problem))
    if isinstance(side, Shards):
        return side.channel(problem)
    return side.channel(problem.gramian, problem.label_noise)


def predictor_of(weak: WeakTeacher, problem: Problem) -> Channel:
    """Return the law t ↦ W of what a weak teacher predicts and labels with: zero outside its bottleneck."""
    return predictor(weak.learner, problem.gramian, weak.basis(problem), problem.label_noise)


def mixture_of(teacher: Shards | Callable[[], Channel], problem: Problem, gramian: PSD, soft: SoftLabels) -> Channel:
    """Return :func:`mixture` for the law of a teacher's predictions, which is asked for here, or for shards."""
    if not isinstance(teacher, Shards):
        return mixture(teacher(), gramian, soft, problem.label_noise)
    # Which labels a shard saw is common to all draws of its teacher.
    each = SoftLabels(soft.temperature / (soft.draws * len(teacher)), soft.mixing)
    return mixture(teacher.channel(problem, soft.draws), gramian, each, problem.label_noise)


def with_floor(learned: Channel, floor: float | None, basis: Array) -> Channel:
    """Return a law that was learned in a subspace with unlearned spread of variance ``floor`` outside it."""
    if not floor:
        return learned
    outside = Rooted(math.sqrt(floor) * complement(basis))
    return Channel(learned.A, learned.covariance + outside, learned.b)
