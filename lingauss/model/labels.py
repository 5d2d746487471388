"""The law of the sufficient statistic t = YᵀX, averaged over labels or as observed (docs/theory.md §3.2)."""

from __future__ import annotations

import math

import numpy as np

from lingauss.algebra.factor import rounding
from lingauss.model.eigenbasis import Eigenbasis
from lingauss.model.problem import Problem
from lingauss.model.sides import Labels
from lingauss.model.truth import need_truth
from lingauss.validation import Array


def mean_rows(problem: Problem, A: Array, offset: Array) -> Array:
    """Return rows whose squared norms add up to those of E[t] Aᵀ + offset, in expectation over the truth.

    Parameters
    ----------
    A : (d, d)
        Linear part of a channel t ↦ W, or a difference of two.
    offset : (d,) or (k, d)

    Returns
    -------
    (m, d) ndarray
        In observed mode m = k and the rows are exactly t Aᵀ + offset.

    Raises
    ------
    MissingTruthError
    """
    if problem.observed is not None:
        return np.asarray(problem.observed @ A.T + offset)
    truth = need_truth(problem, "divergences")
    return truth.shifted(truth.rows @ problem.gram @ A.T, offset)


def noise_rows(problem: Problem, A: Array) -> Array:
    """Return rows N with NᵀN = kν² A G Aᵀ, the label noise of t Aᵀ summed over outputs, for averages over labels."""
    return np.asarray(math.sqrt(problem.outputs) * problem.label_noise * problem.gramian.root.T @ A.T)


def seen_rows(observed: Array, basis: Eigenbasis) -> Array:
    """Return t = YᵀX in the eigenbasis of G, (k, d): what rounding has left of it in null directions is 0."""
    rows = basis.rotate(observed)
    size = np.linalg.norm(rows, axis=1, keepdims=True)
    lost = (basis.eigenvalues == 0.0) & (np.abs(rows) <= rounding(rows.shape[1]) * size)
    return np.where(lost, 0.0, rows)


def eigen_powers(problem: Problem) -> tuple[Array, Array]:
    """Return per eigen-direction the squared norm of t's mean, and the variance of t over ν² summed over outputs, (d,).

    Raises
    ------
    MissingTruthError
    """
    basis = problem.eigenbasis
    if problem.observed is not None:
        return np.sum(np.square(seen_rows(problem.observed, basis)), axis=0), np.zeros_like(basis.eigenvalues)
    return np.square(basis.eigenvalues) * problem.signal, problem.outputs * basis.eigenvalues


def eigen_labels(problem: Problem) -> Labels:
    """Return the law of t in every eigen-direction, in units of ν.

    Raises
    ------
    MissingTruthError
    """
    mean_square, noise_power = eigen_powers(problem)
    return Labels(mean_square, np.array([1.0 / problem.label_noise**2]), noise_power)
