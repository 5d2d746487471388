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
    """Return the errors of a design at given rows; see :meth:`lingauss.Distillation.held_out_error`."""
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
        _error(case, case.teacher_channel, rows, values), _error(case, case.student_predictor, rows, values)
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
