"""Squared error of teacher and student on unseen rows: from moments, or exactly by leaving every row out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from lingauss.errors import UnidentifiableNoiseWarning
from lingauss.ledgers.risk import TeacherStudent
from lingauss.model.design import Design
from lingauss.notices import notify
from lingauss.unseen.forms import check_student, losses
from lingauss.unseen.frames import Axes, Rows
from lingauss.unseen.loss import Loss
from lingauss.unseen.reliability import warn_of_interpolation, warn_of_unequal_leverages
from lingauss.unseen.rows import rows_of
from lingauss.unseen.samples import SampleSpace


class Estimate(float):
    """A squared error on unseen rows, in squared label units summed over outputs; a ``float``.

    Attributes
    ----------
    standard_error : float
        Of the estimate. From rows, that of their mean squared error; from moments, √(2/(kn)) of the value: how much a
        mean of n squared Gaussian errors of k independent outputs varies.
    """

    standard_error: float

    def __new__(cls, value: float, standard_error: float) -> Estimate:
        """Return an estimate with its standard error."""
        estimate = super().__new__(cls, value)
        estimate.standard_error = standard_error
        return estimate

    def __getnewargs__(self) -> tuple[float, float]:  # type: ignore[override]
        return float(self), self.standard_error

    def __repr__(self) -> str:
        return f"{float(self):.4g} ± {self.standard_error:.2g}"


@dataclass(frozen=True)
class CrossValidation:
    """Squared error of predictions for unseen rows like the training rows, label noise included (docs/unseen-rows.md).

    Attributes
    ----------
    teacher, student : Estimate
        In squared label units, summed over outputs; averaged over drawn weights.
    leaves_rows_out : bool
        Whether each row was left out, rather than an average one.
    noise : float or None
        kν², label noise estimated from residuals, summed over outputs; None where n leaves none.
    """

    teacher: Estimate
    student: Estimate
    leaves_rows_out: bool
    noise: float | None

    @property
    def difference(self) -> float:
        """Student minus teacher: negative where the student is better."""
        return float(self.student) - float(self.teacher)

    def excess_risk(self) -> TeacherStudent:
        """Return the errors without the label noise, as far as residuals tell it.

        Where they do not, because n leaves no residual degree of freedom, noise stays in, with an
        :class:`~lingauss.errors.UnidentifiableNoiseWarning`. As differences of estimates they may be negative.
        """
        if self.noise is None:
            notify(
                "the residuals of n samples tell nothing of the label noise; these are test errors, noise included.",
                UnidentifiableNoiseWarning,
            )
        return TeacherStudent(float(self.teacher) - (self.noise or 0.0), float(self.student) - (self.noise or 0.0))


def cross_validation(case: Design, rows: Any = None) -> CrossValidation:
    """Return the squared errors of teacher and student on unseen rows, estimated from the training data.

    Label noise and drawn weights included, summed over outputs. From moments alone, leaving out an average row:
    generalised cross-validation, in the form that two fits of the same labels need (docs/unseen-rows.md). With the
    rows at hand, exactly what training again without each of them would give.

    Parameters
    ----------
    rows : (X, Y) or (X, Y, weights), optional
        The training data, to leave out row by row.

    Returns
    -------
    CrossValidation
        ``.teacher`` and ``.student``, numbers with a ``standard_error`` each.

    Raises
    ------
    MissingLabelsError
        If the problem knows no labels, or nothing of them but t.
    DomainError
        If the rows are not those of the problem's moments; with ``test_cov``; or for what has no closed form:
        channels, teachers on shards, ``Best``, learners other than ridge behind a ``Subspace`` and teachers other
        than ridge of a student on transfer inputs.
    SingularGramError
        If a penalty is 0 and a learner has no law without some row.

    Warns
    -----
    UnequalLeverageWarning
        If the rows' leverages are so unequal that errors from moments, also those of sweeps and optima, are off.
    InterpolationWarning
        If a fit leaves so few residual degrees of freedom that its error is a ratio of small numbers.

    Examples
    --------
    >>> import numpy as np
    >>> import lingauss as lg
    >>> rng = np.random.default_rng(0)
    >>> X = rng.standard_normal((60, 20))
    >>> problem = lg.Problem.from_data(X, X[:, 0] + rng.standard_normal(60))
    >>> learner = lg.Ridge(10.0, temperature=0.0)
    >>> case = lg.Distillation(problem, teacher=learner, student=learner, temperature=0.0, mixing=0.5)
    >>> case.cross_validation().student
    1.296 ± 0.24
    """
    check_student(case)
    problem = case.problem
    space = SampleSpace.of(problem)
    frame = Axes(space) if rows is None else rows_of(problem, space, rows)
    teacher, student = losses(case, frame)
    if isinstance(frame, Rows):
        warn_of_unequal_leverages(case, frame)
    else:
        warn_of_interpolation(case, space)
    noise = space.noise_variance()
    return CrossValidation(
        _estimate(teacher, 0.0, case, rows is not None),
        _estimate(student, case.mixing, case, rows is not None),
        rows is not None,
        None if noise is None else problem.outputs * noise,
    )


def _estimate(loss: Loss, mixing: float, case: Design, from_rows: bool) -> Estimate:
    each = loss.at(mixing)
    value = float(np.mean(each))
    if from_rows:
        count = len(each)
        return Estimate(value, float(np.std(each, ddof=1)) / math.sqrt(count) if count > 1 else math.inf)
    return Estimate(value, value * math.sqrt(2.0 / (case.problem.outputs * case.problem.n_samples)))
