"""How far a teacher's soft labels are from fresh true labels (docs/theory.md §6.1)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from lingauss.algebra.numerics import safe_ratio, spread_cost
from lingauss.algebra.rooted import Rooted
from lingauss.errors import DomainError
from lingauss.ledgers.squares import error_rows
from lingauss.model.design import Design
from lingauss.model.directions import Directions
from lingauss.model.eigenbasis import Eigenbasis
from lingauss.model.labels import noise_rows
from lingauss.model.shards import Shards
from lingauss.model.truth import need_truth
from lingauss.validation import Array

Mask = npt.NDArray[np.bool_]


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
    costs = label_costs(design, draws=1)
    return LabelDivergence(
        exact=costs.exact,
        statistic=costs.statistic,
        squared_bias=costs.bias + costs.noise,
        variance=costs.spread,
        observation=costs.observation,
    )


class LabelCosts(NamedTuple):
    """What separates averaged soft labels from fresh true ones, in nats; the first four bound the exact divergence.

    Numbers, or arrays over a grid of designs.

    Attributes
    ----------
    bias, noise
        Of the teacher's mean weights: off the truth on average, and moved by the labels' noise.
    spread, observation
        Of the teacher's own spread, and of noisier or less noisy labels.
    statistic, exact
        The divergence of the labels' projection on the inputs, and of all the labels.
    """

    bias: Any
    noise: Any
    spread: Any
    observation: Any
    statistic: Any
    exact: Any


def label_costs(design: Design, draws: int) -> LabelCosts:
    """Compare the average of so many draws' labels with fresh true ones; errors as for :func:`label_divergence`."""
    problem = design.problem
    need_truth(problem, "label divergences")
    if design.transfer is not None and problem.intercept:
        raise DomainError(
            "labels of transfer inputs without an intercept",
            "a problem with one, which does not say how far apart the means of the two sets of inputs are",
            "Build the problem with center=False.",
        )
    if design.is_spectral:
        directions = replace(design.directions, draws=np.asarray(float(draws)))
        found = label_costs_over(directions, np.asarray(problem.n_samples), problem.intercept)
    else:
        found = _by_matrices(design, draws)
    return LabelCosts(*map(float, found))


def label_costs_over(d: Directions, n_samples: Array, intercept: bool) -> LabelCosts:
    """Return the costs of every design of a grid, arrays of the axes they depend on.

    Parameters
    ----------
    d : Directions
        Labels are averaged over their draws.
    n_samples : ndarray
        n, over the grid's axes.
    intercept : bool
        Whether one was fitted.
    """
    s, sides = d.s, d.sides
    bias = 0.5 * np.sum(np.square(sides.teacher.missed) * safe_ratio(d.mean_power, s), axis=0)
    noise = 0.5 * np.sum(s * np.square(sides.teacher.gain) * d.labels.noise_power, axis=0)
    spread = s * sides.teacher_variance / d.draws
    live = np.broadcast_to(s > 0, np.broadcast_shapes(s.shape, spread.shape))
    return _summed(bias, noise, spread, live, d.temperature / d.draws, n_samples, d.outputs, intercept)


def _summed(
    bias: Any, noise: Any, spread: Array, live: Mask, temperature: Array, n: Any, outputs: int, intercept: bool
) -> LabelCosts:
    """Add up the costs of labels: directions on the first axis of ``spread``, where ``live`` labels see them."""
    half, level = 0.5 * outputs, 0.5 * outputs * intercept
    excess, ratio = np.broadcast_arrays(spread + (temperature - 1.0), spread + temperature)
    fit = half * np.sum(np.where(live, spread_cost(excess, np.where(live, ratio, 1.0)), 0.0), axis=0)
    tau = np.squeeze(temperature, 0) if np.ndim(temperature) else np.asarray(temperature)
    each = half * spread_cost(tau - 1.0, tau)
    ranks = np.sum(live, axis=0)
    if np.any(ranks > n):
        raise DomainError(
            f"at least {np.max(ranks)} samples, the rank of their Gram matrix", f"{np.min(n):g}", "Pass the n it is of."
        )
    unseen = n - ranks
    off = np.where(unseen > 0, unseen * np.where(unseen > 0, each, 0.0), 0.0)
    statistic = bias + noise + fit
    return LabelCosts(bias, noise + level, half * np.sum(spread, axis=0), n * each, statistic, statistic + level + off)


def temperature_of_one_draw(design: Design) -> float:
    """Return τ of the labels of one teacher draw; where several teachers label, their noises are averaged."""
    return design.temperature / (len(design.teacher) if isinstance(design.teacher, Shards) else 1)


def _by_matrices(design: Design, draws: int) -> LabelCosts:
    """Return the costs of any teacher and any inputs of the student's."""
    here = design.framed
    problem, teacher, gramian = here.problem, here.teacher_predictor, here.seen_gramian
    power = problem.label_noise**2
    error = error_rows(problem, teacher, "label divergences")
    moved = noise_rows(problem, teacher.A)
    bias, noise = (0.5 * float(np.sum((rows @ gramian.matrix) * rows)) / power for rows in (error, moved))
    basis = Eigenbasis.of(gramian)
    live = basis.eigenvalues > 0
    root = basis.vectors[:, live] * np.sqrt(basis.eigenvalues[live])
    seen = Rooted(root.T @ teacher.covariance.root)
    spread = np.zeros(root.shape[1])  # of directions that are rounding exactly 0
    spread[: seen.rank] = np.square(np.linalg.svd(seen.root, compute_uv=False)) / power
    temperature = np.asarray(temperature_of_one_draw(design) / draws)
    n = problem.n_samples if design.transfer is None else design.transfer.n_samples
    everywhere = np.ones(len(spread), np.bool_)
    return _summed(
        bias, noise, np.asarray(spread / draws), everywhere, temperature, n, problem.outputs, problem.intercept
    )
