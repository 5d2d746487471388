"""Information that weights carry about labels, exact for channels t ↦ W (docs/theory.md §7)."""

from __future__ import annotations

import math

import numpy as np

from lingauss.algebra.channel import Channel
from lingauss.algebra.factor import rounding
from lingauss.algebra.rooted import Rooted
from lingauss.model.problem import Problem
from lingauss.validation import Array


def signal_to_spread(problem: Problem, channel: Channel) -> Array | None:
    """Return the eigenvalues x of V⁻¹ ν²AGAᵀ, label noise in the weights against their spread, (rank V,).

    None where label noise moves the weights in a direction without spread: then they reveal it without error.
    """
    moved = problem.label_noise * problem.gramian.root.T @ channel.A.T
    size = np.linalg.norm(moved, axis=1, keepdims=True)
    if not channel.covariance.contains(moved, np.broadcast_to(size, moved.shape)):
        return None
    return np.asarray(np.square(np.linalg.svd(channel.covariance.whiten(moved), compute_uv=False)))


def mutual_information(problem: Problem, channel: Channel) -> float:
    """Return I(D; W) = (k/2) log det(I + V⁻¹ ν²AGAᵀ) in nats; +inf if a linear image of the labels is revealed."""
    x = signal_to_spread(problem, channel)
    return math.inf if x is None else 0.5 * problem.outputs * float(np.sum(np.log1p(x)))


def lautum_information(problem: Problem, channel: Channel) -> float:
    """Return L(D; W), the divergence of the product of the marginals from the joint law, in nats.

    (Palomar & Verdú 2008.)
    """
    x = signal_to_spread(problem, channel)
    return math.inf if x is None else 0.5 * problem.outputs * float(np.sum(2.0 * x - np.log1p(x)))


def symmetrised_information(problem: Problem, channel: Channel) -> float:
    """Return I_SKL(D; W) = I + L = k tr(V⁻¹ ν²AGAᵀ) in nats (Aminian et al. 2021)."""
    x = signal_to_spread(problem, channel)
    return math.inf if x is None else problem.outputs * float(np.sum(x))


def individual_information(problem: Problem, channel: Channel, rows: Array) -> Array:
    """Return I(y_i; W) for every sample, the mutual information of weights and one label vector, (n,) nats.

    −(k/2) log(1 − ν² x_iᵀAᵀC⁻¹Ax_i), C = V + ν²AGAᵀ the weights' covariance; with a fitted intercept, of weights and
    intercept together (Bu, Zou & Veeravalli 2020).

    Parameters
    ----------
    rows : (n, d)
        Inputs X, centred if an intercept was fitted.
    """
    nu = problem.label_noise
    moved = nu * problem.gramian.root.T @ channel.A.T
    total = channel.covariance + Rooted(moved.T)
    leverage = np.sum(np.square(total.whiten(nu * rows @ channel.A.T)), axis=1) + problem.intercept / problem.n_samples
    seen = leverage >= 1.0 - rounding(problem.n_features)
    return np.where(seen, np.inf, -0.5 * problem.outputs * np.log1p(-np.where(seen, 0.0, leverage)))
