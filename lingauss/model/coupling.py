"""The coupled process t → W_T → t̂ → t̃ → W_S, composed from channels (docs/theory.md §2)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lingauss.algebra.channel import Channel
from lingauss.algebra.psd import PSD, Dense, Diagonal, symmetrised
from lingauss.model.learners import Learner
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


def labelling(gramian: PSD, noise_variance: float) -> Channel:
    """Return the channel W ↦ t of labelling the inputs with noise of the given variance."""
    return Channel(gramian.matrix, gramian.scaled(noise_variance))


def mixture(teacher: Channel, gramian: PSD, soft: SoftLabels, label_noise: float) -> Channel:
    """Return the channel t ↦ t̃: the teacher labels, draws are averaged, true and soft labels are mixed."""
    relabel = labelling(gramian, soft.temperature * label_noise**2) @ teacher
    return Channel(
        (1.0 - soft.mixing) * np.eye(gramian.dim) + soft.mixing * relabel.A,
        relabel.covariance.scaled(soft.mixing**2 / soft.draws),
        soft.mixing * relabel.b,
    )


def predictor(student: Learner, gramian: PSD, basis: Array | None, label_noise: float) -> Channel:
    """Return the channel t̃ ↦ W of a student that sees only U: ridge on XU, embedded by Uᵀ, nothing outside U."""
    if basis is None:
        return student.channel(gramian, label_noise)
    d, r = basis.shape
    if r == 0:
        return Channel(np.zeros((d, d)), Diagonal(np.zeros(d)))
    projected = Dense(symmetrised(basis.T @ gramian.matrix @ basis))
    inner = student.channel(projected, label_noise)
    return Channel(basis @ inner.A @ basis.T, inner.covariance.congruence(basis))
