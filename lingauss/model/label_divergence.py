"""How far a teacher's soft labels are from fresh true labels (docs/theory.md §6.1)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lingauss.algebra.channel import Channel
from lingauss.algebra.numerics import spread_cost
from lingauss.algebra.psd import PSD
from lingauss.errors import DomainError
from lingauss.model.eigenbasis import Eigenbasis
from lingauss.model.gap import expected_square
from lingauss.model.problem import Problem
from lingauss.validation import Array


@dataclass(frozen=True)
class LabelDivergence:
    """E_D KL(soft labels ‖ fresh true labels) and its upper bound by convexity, in nats.

    Attributes
    ----------
    exact : float
        The divergence of the labels' joint law; +inf for noiseless soft labels unless n = rank G and the teacher has
        spread wherever the inputs do.
    statistic : float
        The part of ``exact`` that concerns what a learner looks at, the labels' projection on the inputs.
    squared_bias : float
        ‖(M_T − W*)Xᵀ‖²/(2ν²), M_T the teacher's mean given the labels: of the bound.
    variance : float
        k tr(XV_TXᵀ)/(2ν²), the teacher's spread: of the bound.
    observation : float
        (nk/2)(τ − 1 − log τ), labels noisier or less noisy than the true ones: of the bound.
    """

    exact: float
    statistic: float
    squared_bias: float
    variance: float
    observation: float

    @property
    def bound(self) -> float:
        """What convexity gives: squared bias plus variance plus observation, at least :attr:`exact`."""
        return self.squared_bias + self.variance + self.observation


def label_divergence(
    problem: Problem, teacher: Channel, temperature: float, gramian: PSD, n_samples: int
) -> LabelDivergence:
    """Compare the labels of one teacher draw, of observation noise τν², with fresh labels of the same inputs.

    A fitted intercept, the labels' mean, adds k/2 to the mean part of both.

    Parameters
    ----------
    teacher : Channel
        t ↦ W_T.
    temperature : float
        τ ≥ 0.
    gramian : PSD
        Gram matrix (d, d) of the inputs that are labelled.
    n_samples : int
        How many they are.

    Raises
    ------
    MissingTruthError
        If the problem knows no truth.
    DomainError
        If there are fewer samples than the Gram matrix has ranks.
    """
    k, n, power = problem.outputs, n_samples, problem.label_noise**2
    squared_bias = _squared_bias(problem, teacher, gramian)
    spread = _relabelled_spread(problem, teacher, gramian)
    fit = 0.5 * k * float(np.sum(spread_cost(spread + (temperature - 1.0), spread + temperature)))
    noise = 0.5 * k * float(spread_cost(np.array([temperature - 1.0]), np.array([temperature]))[0])
    statistic = squared_bias + fit
    level = 0.5 * k * problem.intercept
    unseen = n - len(spread)
    if unseen < 0:
        raise DomainError(
            f"at least {len(spread)} samples, the rank of their Gram matrix", f"{n}", "Pass the n the matrix is of."
        )
    return LabelDivergence(
        exact=statistic + level + (unseen * noise if unseen else 0.0),
        statistic=statistic,
        squared_bias=squared_bias + level,
        variance=0.5 * k * float(np.sum(gramian.matrix * teacher.cov)) / power,
        observation=n * noise,
    )


def _squared_bias(problem: Problem, teacher: Channel, gramian: PSD) -> float:
    """Return E‖(M_T − W*)Xᵀ‖²/(2ν²), bias and label noise of the teacher's mean together."""
    mean = Channel(teacher.A, np.zeros_like(teacher.cov), teacher.b)
    return 0.5 * expected_square(problem, mean, gramian.matrix, "label divergences") / problem.label_noise**2


def _relabelled_spread(problem: Problem, teacher: Channel, gramian: PSD) -> Array:
    """Return the eigenvalues of XV_TXᵀ/ν² on the range of X, those that are rounding exactly 0: (rank G,)."""
    basis = Eigenbasis.of(gramian)
    live = basis.eigenvalues > 0
    root = basis.vectors[:, live] * np.sqrt(basis.eigenvalues[live])
    seen = teacher.covariance.congruence(root.T)
    spread = np.linalg.eigvalsh(seen.matrix).clip(0.0) / problem.label_noise**2
    spread[: len(spread) - seen.rank] = 0.0
    return np.asarray(spread)
