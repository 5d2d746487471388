"""A trained student to keep: weights, what it sees, names and expected error, in one npz file without a pickle."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lingauss.errors import FileFormatError, NotFiniteError, ShapeError
from lingauss.files import as_path, write
from lingauss.tables.opening import is_pandas
from lingauss.tables.table import quoted, unknown_column
from lingauss.validation import Array, to_float
from lingauss.version import __version__

FORMAT = "lingauss student 1"
TEXTS = ("features", "outputs", "classes", "error_name", "origin")
NUMBERS = ("weights", "intercept", "projection", "centre", "error", "explained")


@dataclass(frozen=True, eq=False)
class Student:
    """A linear predictor ŷ = b + Wx, trained by distillation; made by ``Analysis.student()`` or :func:`load_student`.

    Attributes
    ----------
    weights : (k, d)
        In the units of the data.
    intercept : (k,)
    projection : (d, r)
        The features, less their centre, times this are all that the student sees.
    centre : (d,)
        Means of the features.
    features, outputs : tuple of str
        Names of the columns.
    classes : tuple of str
        Classes, one for each output, if the target is one class; else empty.
    error_name : str
        What ``error`` is: RMSE, in the target's unit, or Brier score.
    error, explained : float
        Expected on rows like those it was trained on: the error, and R²; NaN where unknown.
    origin : str
        The data it was trained on.
    """

    weights: Array
    intercept: Array
    projection: Array
    centre: Array
    features: tuple[str, ...]
    outputs: tuple[str, ...]
    classes: tuple[str, ...]
    error_name: str
    error: float
    explained: float
    origin: str

    @property
    def rank(self) -> int:
        """Number of directions it sees."""
        return int(self.projection.shape[1])

    def decision(self, X: Any) -> Array:
        """Return what the outputs are predicted to be, (n, k); of classes their scores.

        Parameters
        ----------
        X : (n, d) array or DataFrame
            A DataFrame's columns are found by name, in any order; others are ignored.

        Raises
        ------
        ShapeError, UnknownNameError, NotNumericError, NotFiniteError
        """
        rows = self._rows(X)
        bad = np.logical_not(np.isfinite(rows))
        if bad.any():
            row, column = np.argwhere(bad)[0].tolist()
            raise NotFiniteError(
                "finite numbers in every feature",
                f"{rows[row, column]} in {self.features[column]!r}, row {row + 1}",
                "Impute it, or leave such rows out.",
            )
        return np.asarray(rows @ self.weights.T + self.intercept)

    def predict(self, X: Any) -> np.typing.NDArray[Any]:
        """Return predictions: numbers (n,) or (n, k), or one class per row; see :meth:`decision`."""
        found = self.decision(X)
        if self.classes:
            return np.asarray(np.array(self.classes, dtype=object)[found.argmax(axis=1)])
        return np.asarray(found[:, 0] if found.shape[1] == 1 else found)

    def expected(self) -> str:
        """Return in words how wrong predictions are expected to be."""
        if np.isnan(self.error):
            return "how wrong they are is unknown"
        r2 = f", R² {self.explained:.2f}" if np.isfinite(self.explained) else ""
        return f"expected {self.error_name} {_told(self.error)}{r2} on rows like those of {self.origin}"

    def to_bytes(self) -> bytes:
        """Return the student as the content of an npz file; the same student gives the same bytes."""
        stream = io.BytesIO()
        texts: dict[str, Any] = {name: np.array(getattr(self, name), dtype=np.str_) for name in TEXTS}
        numbers: dict[str, Any] = {name: np.asarray(getattr(self, name), dtype=np.float64) for name in NUMBERS}
        np.savez_compressed(stream, format=np.array(FORMAT), version=np.array(__version__), **texts, **numbers)
        return stream.getvalue()

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the student to an npz file, whole or not at all.

        Raises
        ------
        OSError
        """
        write(path, self.to_bytes())
        return Path(path)

    def _rows(self, X: Any) -> Array:
        if is_pandas(X):
            names = [str(name) for name in X.columns]
            for name in self.features:
                if name not in names:
                    raise unknown_column(name, names, "the data")
            return to_float(X[[X.columns[names.index(name)] for name in self.features]].to_numpy(), "X")
        rows = to_float(X, "X")
        if rows.ndim != 2 or rows.shape[1] != len(self.features):
            raise ShapeError(
                f"X with rows and the {len(self.features)} columns {quoted(self.features)}",
                f"shape {rows.shape}",
                "Pass the features the student was trained on, in that order.",
            )
        return rows

    def __repr__(self) -> str:
        expected = "" if np.isnan(self.error) else f", expected {self.error_name} {_told(self.error)}"
        return f"Student({len(self.features)} features, {self.rank} directions, {quoted(self.outputs)}{expected})"


def mean_of(X: Array, Y: Array) -> Student:
    """Return the student that sees nothing and predicts the mean of labels Y (n,) or (n, k)."""
    labels = Y[:, None] if Y.ndim == 1 else Y
    d, k = X.shape[1], labels.shape[1]
    error = float(np.sqrt(np.mean(np.var(labels, axis=0))))
    return Student(
        np.zeros((k, d)),
        labels.mean(axis=0),
        np.zeros((d, 0)),
        X.mean(axis=0),
        tuple(f"x{j}" for j in range(d)),
        ("y",) if k == 1 else tuple(f"y{j}" for j in range(k)),
        (),
        "RMSE",
        error,
        0.0,
        "the arrays",
    )


def load_student(path: str | os.PathLike[str]) -> Student:
    """Read a student that ``lingauss analyze`` or :meth:`Student.save` has written; nothing is unpickled.

    Parameters
    ----------
    path : path-like
        An npz file.

    Raises
    ------
    FileFormatError
        If it is no student, or damaged.
    DomainError
        If it is no path.
    OSError

    Examples
    --------
    >>> import numpy as np
    >>> import lingauss as lg
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(100, 5))
    >>> student = lg.analyze(X, X[:, 0] + rng.normal(size=100)).student()
    >>> path = student.save("student.npz")
    >>> bool(np.allclose(lg.load_student(path).predict(X), student.predict(X)))
    True
    >>> path.unlink()
    """
    place = as_path(path)
    try:
        with np.load(place, allow_pickle=False) as archive:
            held = {name: archive[name] for name in archive.files}
        if str(held.pop("format", "")) != FORMAT:
            raise KeyError("its format is another one")
        numbers = {name: held[name].astype(np.float64) for name in NUMBERS}
        texts: dict[str, Any] = {name: held[name] for name in TEXTS}
        student = Student(
            numbers["weights"],
            numbers["intercept"],
            numbers["projection"],
            numbers["centre"],
            _texts(texts["features"]),
            _texts(texts["outputs"]),
            _texts(texts["classes"]),
            str(texts["error_name"]),
            float(numbers["error"]),
            float(numbers["explained"]),
            str(texts["origin"]),
        )
    except (ValueError, KeyError, TypeError, EOFError, AttributeError, zipfile.BadZipFile) as error:
        why = " ".join(str(error).split()).rstrip(".") or type(error).__name__
        raise FileFormatError(
            f"{place.name} as a student written by lingauss analyze",
            "no npz file, or one with pickled objects" if "pickle" in why else why,
            "Write it anew with lingauss analyze, or advice.student().save(path).",
        ) from error
    k, d = student.weights.shape if student.weights.ndim == 2 else (-1, -1)
    if (len(student.outputs), len(student.features)) != (k, d) or student.intercept.shape != (k,):
        raise FileFormatError(f"{place.name} as a whole student", "parts that do not fit each other", "Write it anew.")
    return student


def _told(error: float) -> str:
    return f"{error:,.0f}" if error >= 9999.5 else f"{error:.4g}"


def _texts(values: Sequence[Any] | np.typing.NDArray[Any]) -> tuple[str, ...]:
    return tuple(str(value) for value in np.atleast_1d(values).tolist()) if np.size(values) else ()
