"""A distilled student as a scikit-learn estimator; needs the extra ``data``."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from lingauss import extras
from lingauss.analysis.analyze import analyze
from lingauss.analysis.result import Analysis
from lingauss.analysis.student import Student, mean_of
from lingauss.analysis.training import trained
from lingauss.errors import ConstantColumnError, NoiseEstimationError, UnidentifiableNoiseWarning
from lingauss.notices import notify
from lingauss.validation import Array

extras.sklearn()  # says which extra brings it

from sklearn.base import (  # noqa: E402
    BaseEstimator,
    ClassNamePrefixFeaturesOutMixin,
    MultiOutputMixin,
    RegressorMixin,
    TransformerMixin,
)
from sklearn.utils.validation import check_is_fitted, validate_data  # noqa: E402


class DistilledRidge(
    ClassNamePrefixFeaturesOutMixin,  # type: ignore[misc]
    TransformerMixin,  # type: ignore[misc]
    MultiOutputMixin,  # type: ignore[misc]
    RegressorMixin,  # type: ignore[misc]
    BaseEstimator,  # type: ignore[misc]
):
    """Ridge regression on as few principal directions as the advice of :func:`lingauss.analyze` keeps.

    The teacher is ridge regression on all features, its penalty by marginal likelihood. The student is trained on true
    labels, with a share of the teacher's where that gains more than is uncertain. As a transformer it returns what the
    student sees of the rows.

    Parameters
    ----------
    n_directions : int, optional
        How many directions the student keeps; default: as few as the tolerance allows.
    tolerance : float
        Fraction of the least excess risk by which the student's may exceed it.
    bottleneck : str, optional
        What the student sees: ``principal`` directions, the default, ``aligned`` ones or ``features``; see
        :func:`lingauss.analyze`.
    penalty : float, optional
        Of both learners, in squared units of the (standardised) features; default: by marginal likelihood.
    mixing : float, optional
        Share of soft labels; default: as advised.
    standardise : bool
        Divide features by their standard deviations; they are centred in any case.

    Attributes
    ----------
    student_, teacher_ : Student
        Both as trained: weights in the units of the data, and ``predict``.
    coef_ : (d,) or (k, d)
    intercept_ : float or (k,)
    n_directions_ : int
        How many directions the student sees.
    advice_ : Analysis or None
        All that was found; None if no feature or no target varies, so that the mean is predicted.
    n_features_in_ : int
    feature_names_in_ : (d,), where X was a DataFrame

    Warns
    -----
    UnidentifiableNoiseWarning
        If the labels tell neither noise nor penalty; the penalty is then the number of rows, one half of the shrinkage
        of an average direction. Pass one.

    Examples
    --------
    >>> import numpy as np
    >>> from lingauss.sklearn import DistilledRidge
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(300, 10)) / np.arange(1, 11) ** 2
    >>> y = X @ np.ones(10) + 0.5 * rng.normal(size=300)
    >>> model = DistilledRidge(standardise=False).fit(X, y)
    >>> model.n_directions_ < 10, bool(model.score(X, y) > 0.7)
    (True, True)
    """

    def __init__(
        self,
        *,
        n_directions: int | None = None,
        tolerance: float = 0.05,
        bottleneck: str | None = None,
        penalty: float | None = None,
        mixing: float | None = None,
        standardise: bool = True,
    ) -> None:
        self.n_directions = n_directions
        self.tolerance = tolerance
        self.bottleneck = bottleneck
        self.penalty = penalty
        self.mixing = mixing
        self.standardise = standardise

    def fit(self, X: Any, y: Any) -> Self:
        """Train teacher and student on X (n, d) and y (n,) or (n, k).

        Raises
        ------
        LingaussError
            If a parameter is outside its range; a ``ValueError``.
        """
        X, y = validate_data(self, X, y, dtype=np.float64, multi_output=True, y_numeric=True, ensure_min_samples=2)
        try:
            self.advice_: Analysis | None = self._advised(X, np.asarray(y, dtype=np.float64))
        except ConstantColumnError:
            self.advice_ = None
        if self.advice_ is None:
            self.student_: Student = mean_of(X, np.asarray(y, dtype=np.float64))
            self.teacher_: Student = self.student_
        else:
            full = self.advice_.advice.directions
            rank = self.advice_.rank if self.n_directions is None else min(self.n_directions, full)
            self.student_ = trained(self.advice_, rank, self.advice_.recommended.mixing)
            self.teacher_ = trained(self.advice_, full, 0.0)
        self.n_directions_ = self.student_.rank
        single = np.ndim(y) == 1
        self.coef_, intercept = self._whole(self.student_, X.shape[1])
        self.intercept_ = float(intercept[0]) if single else intercept
        self.coef_ = self.coef_[0] if single else self.coef_
        return self

    def predict(self, X: Any) -> Array:
        """Return predictions, (n,) or (n, k), for X (n, d)."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        return np.asarray(X @ self.coef_.T + self.intercept_)

    def transform(self, X: Any) -> Array:
        """Return what the student sees of X (n, d), centred: one column per direction, (n, r)."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        used = self._columns(self.student_)
        return np.asarray((X[:, used] - self.student_.centre) @ self.student_.projection)

    @property
    def _n_features_out(self) -> int:
        return self.n_directions_

    def _advised(self, X: Array, y: Array) -> Analysis:
        options: dict[str, Any] = {
            "tolerance": self.tolerance,
            "bottleneck": self.bottleneck,
            "mixing": self.mixing,
            "standardise": self.standardise,
            "drop_constant": True,
        }
        if self.mixing == 0.0:
            options["student_temperature"] = 1.0  # of its law, which is of no concern here
        try:
            return analyze(X, y, penalty=self.penalty, **options)
        except NoiseEstimationError:
            notify(
                "the labels tell neither their noise nor a penalty; the penalty is the number of rows. Pass penalty.",
                UnidentifiableNoiseWarning,
            )
            scale = 1.0 if self.standardise else float(np.mean(np.var(X, axis=0)))
            penalty = len(X) * scale if self.penalty is None else self.penalty
            noise = float(np.sqrt(np.mean(np.var(y, axis=0)))) if np.ndim(y) == 1 else 1.0
            return analyze(X, y, penalty=penalty, label_noise=noise, **options)

    @staticmethod
    def _columns(student: Student) -> list[int]:
        """Return which columns the student uses, by their names x0, x1 and so on."""
        return [int(name[1:]) for name in student.features]

    @classmethod
    def _whole(cls, student: Student, width: int) -> tuple[Array, Array]:
        """Return weights of all columns, 0 for those that were left out, and the intercept."""
        weights = np.zeros((len(student.outputs), width))
        weights[:, cls._columns(student)] = student.weights
        return weights, student.intercept
