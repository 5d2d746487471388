"""Squared error of teacher and student at given rows: a held-out set, or a known function on a grid."""

from __future__ import annotations

from typing import Any

import numpy as np

from lingauss.algebra.channel import Channel
from lingauss.errors import DomainError, MissingLabelsError, ShapeError
from lingauss.ledgers.risk import TeacherStudent
from lingauss.model.design import Design
from lingauss.model.truth import need_truth
from lingauss.validation import Array, as_array, shape_of


def held_out_error(case: Design, X: Any, Y: Any) -> TeacherStudent:
    """Return the mean squared errors of teacher and student at given rows: held-out data, or a known function.

    Averaged over drawn weights; over training labels too where a truth stands in for them. The values given are
    taken as they are, with whatever noise they have.

    Parameters
    ----------
    X : (m, d)
        Inputs, used as given.
    Y : (m, k) or (m,)
        What the predictions are held against: labels, or the values of a function.

    Returns
    -------
    TeacherStudent
        ``.teacher`` and ``.student``, in squared label units, summed over outputs, per row.

    Raises
    ------
    ShapeError, EmptyDataError, NotNumericError, NotFiniteError
    DomainError
        If the problem has an intercept, which the moments of its labels do not tell.
    MissingTruthError
        If the problem knows neither labels nor true weights.
    MissingLabelsError
        If it knows true weights through their squares alone, or is plug-in.

    Examples
    --------
    >>> import lingauss as lg
    >>> problem = lg.Problem.from_data([[1.0], [2.0]], [1.0, 2.0], label_noise=1.0, center=False)
    >>> case = lg.Distillation(problem, lg.Ridge(0.0, temperature=0.0), lg.Ridge(5.0, temperature=0.0))
    >>> case.held_out_error([[4.0]], [3.0]).teacher
    1.0
    """
    problem = case.problem
    if problem.intercept:
        raise DomainError(
            "a problem without an intercept, whose predictions are W x",
            "one with centred inputs and labels",
            "Build it with center=False, with a column of ones for an intercept.",
        )
    rows = as_array(X, "X", (("rows", None), ("features", problem.n_features)))
    values = as_array(
        Y, "Y", (("rows", len(rows)),) if len(shape_of(Y, "Y")) == 1 else (("rows", len(rows)), ("outputs", None))
    )
    values = values.reshape(len(rows), -1)
    if values.shape[1] != problem.outputs:
        raise ShapeError(
            f"Y of {problem.outputs} outputs, as the problem's labels", f"{values.shape[1]}", "Pass (m, k)."
        )
    return TeacherStudent(
        _error(case, case.teacher_predictor, rows, values), _error(case, case.student_predictor, rows, values)
    )


def _error(case: Design, channel: Channel, rows: Array, values: Array) -> float:
    """Return the mean squared distance of the predictions of weights drawn from t ↦ W to values, over rows."""
    problem = case.problem
    if problem.observed is not None:
        mean, noise = channel.at(problem.observed).mean, 0.0
    else:
        truth = need_truth(problem, "errors at given rows")
        if truth.mean is None or truth.spread is not None:
            raise MissingLabelsError(
                "observed labels, or true weights with their signs",
                "a truth known through squares or a posterior",
                "Build the problem with from_data, from_inputs or from_gram.",
            )
        mean = channel.at(truth.mean @ problem.gram).mean
        noise = problem.label_noise**2 * float(np.sum(np.square(rows @ channel.A @ problem.gramian.root)))
    spread = float(np.sum((rows @ channel.cov) * rows))
    misses = float(np.sum(np.square(values - rows @ mean.T)))
    return (misses + problem.outputs * (noise + spread)) / len(rows)
