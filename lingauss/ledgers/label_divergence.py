"""How far a teacher's soft labels are from fresh true labels (docs/theory.md §6.1)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lingauss.algebra.channel import Channel
from lingauss.algebra.numerics import safe_ratio, spread_cost
from lingauss.errors import DomainError
from lingauss.ledgers.squares import expected_square
from lingauss.model.design import Design
from lingauss.model.eigenbasis import Eigenbasis
from lingauss.model.shards import Shards
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


def label_divergence(design: Design) -> LabelDivergence:
    """Return E_D KL(soft labels ‖ fresh true labels) of one teacher draw, exact and bounded (docs/theory.md §6.1).

    Both label the inputs the student is trained on. Of several teachers on shards, one draw of each is averaged. A
    fitted intercept, the labels' mean, adds k/2 to the mean part of both.

    Raises
    ------
    MissingTruthError
        If the problem knows no truth.
    DomainError
        If there are transfer inputs and an intercept.
    """
    problem, temperature = design.problem, temperature_of_one_draw(design)
    if design.transfer is not None and problem.intercept:
        raise DomainError(
            "labels of transfer inputs without an intercept",
            "a problem with one, which does not say how far apart the means of the two sets of inputs are",
            "Build the problem with center=False.",
        )
    k, n = problem.outputs, problem.n_samples if design.transfer is None else design.transfer.n_samples
    squared_bias, variance, spread = (_by_direction if design.is_spectral else _by_matrices)(design)
    fit = 0.5 * k * float(np.sum(spread_cost(spread + (temperature - 1.0), spread + temperature)))
    noise = 0.5 * k * float(spread_cost(np.array([temperature - 1.0]), np.array([temperature]))[0])
    statistic = squared_bias + fit
    level = 0.5 * k * problem.intercept
    unseen = n - len(spread)
    return LabelDivergence(
        exact=statistic + level + (unseen * noise if unseen else 0.0),
        statistic=statistic,
        squared_bias=squared_bias + level,
        variance=0.5 * k * variance,
        observation=n * noise,
    )


def temperature_of_one_draw(design: Design) -> float:
    """Return τ of the labels of one teacher draw; where several teachers label, their noises are averaged."""
    return design.temperature / (len(design.teacher) if isinstance(design.teacher, Shards) else 1)


def _by_direction(design: Design) -> tuple[float, float, Array]:
    """Return E‖(M_T − W*)Xᵀ‖²/(2ν²), tr(XV_TXᵀ)/ν² and the eigenvalues of XV_TXᵀ/ν² on the range of X."""
    design.problem.need_truth("label divergences")
    sides, k = design.prepared.sides, design.problem.outputs
    spread = sides.s * sides.teacher_variance
    signal = safe_ratio(design.directions.mean_power, sides.s)
    missed, learned = np.square(sides.teacher.missed), np.square(sides.s * sides.teacher.gain)
    live = sides.s > 0
    return 0.5 * float(np.sum(missed * signal + k * learned)), float(np.sum(spread)), spread[live]


def _by_matrices(design: Design) -> tuple[float, float, Array]:
    """Return the same of any teacher and any inputs of the student's."""
    problem, teacher, gramian = design.problem, design.teacher_channel, design.seen_gramian
    power = problem.label_noise**2
    mean = Channel(teacher.A, np.zeros_like(teacher.cov), teacher.b)
    squared_bias = 0.5 * expected_square(problem, mean, gramian.matrix, "label divergences") / power
    basis = Eigenbasis.of(gramian)
    live = basis.eigenvalues > 0
    root = basis.vectors[:, live] * np.sqrt(basis.eigenvalues[live])
    seen = teacher.covariance.congruence(root.T)
    spread = np.linalg.eigvalsh(seen.matrix).clip(0.0) / power
    spread[: len(spread) - seen.rank] = 0.0  # what is rounding is exactly 0
    return squared_bias, float(np.sum(gramian.matrix * teacher.cov)) / power, np.asarray(spread)
