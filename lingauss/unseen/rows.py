"""Rows of the data as points of the sample space."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lingauss.algebra.factor import EPS
from lingauss.data.moments import Moments
from lingauss.data.rows import Rows as Table
from lingauss.errors import DomainError, ShapeError
from lingauss.model.problem import Problem
from lingauss.unseen.frames import Rows
from lingauss.unseen.samples import SampleSpace
from lingauss.validation import Array


def rows_of(problem: Problem, space: SampleSpace, given: Any) -> Rows:
    """Return the rows that a problem's moments were taken of.

    Parameters
    ----------
    problem : Problem
    space : SampleSpace
        The problem's.
    given : tuple of (n, d) and (n, k) or (n,), and weights (n,) if there were any

    Raises
    ------
    ShapeError, EmptyDataError, NotNumericError, NotFiniteError
    DomainError
        If they have other moments.
    """
    if not isinstance(given, tuple | list) or len(given) not in (2, 3):
        raise ShapeError(
            "rows as (X, Y) or (X, Y, weights)", type(given).__name__, "Pass the training data, rows=(X, Y)."
        )
    table = Table.of(*given)
    moments = Moments.from_data(given[0], given[1], problem.intercept, weights=table.weights)
    _check_same(problem, moments)
    X, Y = table.block(0, len(table))
    weights = np.ones(len(X)) if table.weights is None else table.weights
    some = weights > 0.0
    X, Y, weights = X[some], Y[some], weights[some]
    inflation = np.ones(len(X))
    if problem.intercept:
        mean = moments.mean + moments.mean_tail
        X, Y = X - mean[: X.shape[1]], Y - mean[X.shape[1] :]
        inflation = moments.total_weight / _others(weights)
    root = np.sqrt(weights * inflation)[:, None]
    reached = problem.eigenbasis.rotate(X)[:, : len(space.eigenvalues)]
    return Rows(space, root * reached / np.sqrt(space.eigenvalues), root * Y, inflation)


def _others(weights: Array) -> Array:
    """Return the sum of all other weights, for every row."""
    before = np.cumsum(np.append(0.0, weights))
    after = np.cumsum(np.append(0.0, weights[::-1]))[::-1]
    return np.asarray(before[:-1] + after[1:])


def _check_same(problem: Problem, moments: Moments) -> None:
    expected = f"the rows of the problem's moments: {problem.n_samples} samples, {problem.n_features} features"
    got = f"{moments.n_samples} samples, {moments.n_features} features, {moments.outputs} outputs"
    sizes = problem.n_samples, problem.n_features, problem.outputs
    remedy = "Pass the data the problem was built from, rows=(X, Y), with its weights if it had any."
    if (moments.n_samples, moments.n_features, moments.outputs) != sizes:
        raise DomainError(f"{expected}, {problem.outputs} outputs", got, remedy)
    scales = np.sqrt(np.diag(moments.scatter))
    joint = np.block([[problem.gram, problem.observed.T], [problem.observed, moments.label_scatter]])  # type: ignore[union-attr]
    apart = np.abs(moments.scatter - joint) > math.sqrt(EPS) * np.outer(scales, scales)
    power = float(np.trace(moments.label_scatter))
    if apart.any() or abs(power - (problem.label_power or 0.0)) > math.sqrt(EPS) * power:
        raise DomainError(expected, f"{got}, but other moments", remedy)
