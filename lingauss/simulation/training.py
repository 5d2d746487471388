"""How learners are trained on inputs and labels; none of it knows the law that comes out (docs/simulation.md)."""

from __future__ import annotations

import math
from functools import singledispatch

import numpy as np

from lingauss.algebra.numerics import solve_triangular
from lingauss.errors import DomainError
from lingauss.model.descent import NoisyGradientDescent
from lingauss.model.learners import Learner, Ridge
from lingauss.simulation.stacks import through
from lingauss.validation import Array

NULL = 1e-7  # singular values of inputs, beside the largest, that count as none
FORGOTTEN = 1e-10  # what may be left of the start in a run that stands for one without end


@singledispatch
def train(learner: Learner, inputs: Array, labels: Array, label_noise: float, rng: np.random.Generator) -> Array:
    """Return weights trained once on each stack of labels; register the procedure of a learner of your own.

    Parameters
    ----------
    learner : Learner
    inputs : (n, d)
        Rows are samples.
    labels : (..., n)
        One row of labels per output and repetition.
    label_noise : float
        The problem's ν, a standard deviation.
    rng : numpy.random.Generator
        Drives the learner's own randomness.

    Returns
    -------
    (..., d) ndarray

    Raises
    ------
    DomainError
        If no procedure is known.
    """
    raise DomainError(
        "a learner whose training can be run",
        f"a {type(learner).__name__}",
        "Register its procedure: lingauss.simulation.training.train.register.",
    )


@train.register
def _(learner: Ridge, inputs: Array, labels: Array, label_noise: float, rng: np.random.Generator) -> Array:
    """Perturb and solve: least squares on labels with fresh noise, shrunk towards a draw from the prior.

    The minimiser of ‖Y + ε − XWᵀ‖² + λ‖W − W₀‖², ε ~ N(0, τσ²) and W₀ ~ N(0, τσ²/λ), is a draw from the learner.
    """
    if not learner.spreads_everywhere and learner.penalty == 0.0:  # the solution of minimum norm, where there are many
        return through(labels, np.asarray(np.linalg.pinv(inputs, rcond=NULL).T, dtype=np.float64))
    features = inputs.shape[1]
    spread = math.sqrt(learner.dispersion(label_noise))
    targets = labels + spread * rng.standard_normal(labels.shape)
    if learner.penalty > 0.0:
        inputs = np.concatenate([inputs, math.sqrt(learner.penalty) * np.eye(features)])
        towards = spread * rng.standard_normal((*labels.shape[:-1], features))
        targets = np.concatenate([targets, towards], axis=-1)
    q, r = np.linalg.qr(inputs)
    return through(targets, solve_triangular(r, q.T).T)


@train.register
def _(
    learner: NoisyGradientDescent, inputs: Array, labels: Array, label_noise: float, rng: np.random.Generator
) -> Array:
    """Take the steps, each down the gradient of half the penalised squared error, with fresh noise."""
    rate = learner.step_size
    kick = math.sqrt(2.0 * rate * learner.dispersion(label_noise))
    weights = np.zeros((*labels.shape[:-1], inputs.shape[1]))
    for _ in range(_steps(learner, inputs)):
        gradient = through(through(weights, inputs.T) - labels, inputs) + learner.penalty * weights
        weights = weights - rate * gradient + kick * rng.standard_normal(weights.shape)
    return weights


def _steps(learner: NoisyGradientDescent, inputs: Array) -> int:
    """Return the learner's steps; at stationarity as many as it takes to forget the start."""
    if math.isfinite(learner.steps):
        return int(learner.steps)
    curvature = np.linalg.eigvalsh(inputs.T @ inputs) + learner.penalty
    moving = curvature[curvature > NULL**2 * np.max(curvature)]  # without noise nothing else leaves the start
    slowest = float(np.max(np.abs(1.0 - learner.step_size * moving), initial=0.0))
    return math.ceil(math.log(FORGOTTEN) / math.log(slowest)) if slowest > 0.0 else 1
