"""Tables of samples as they are given: checked, converted and located in messages block by block."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np

from lingauss.errors import (
    DomainError,
    EmptyDataError,
    MisalignedError,
    NotFiniteError,
    NotNumericError,
    OverflowingError,
    ShapeError,
)
from lingauss.validation import Array, as_array, plain_array, to_float

FLOAT64 = np.dtype(np.float64)


@dataclass(frozen=True, eq=False)
class Rows:
    """Inputs X (n, d) and labels Y (n, k) side by side, of any dtype and possibly memory-mapped.

    Attributes
    ----------
    inputs, labels : (n, d), (n, k)
    weights : (n,) or None
        How much each row counts; None where all count alike.
    first : int
        Number of the first row in the data set the rows were cut from; messages count from there.
    """

    inputs: Array
    labels: Array
    weights: Array | None = None
    first: int = 0

    @classmethod
    def of(cls, X: Any, Y: Any = None, weights: Any = None, first: int = 0) -> Rows:
        """Read data whose entries are checked later, when they are used; weights are checked at once.

        Raises
        ------
        ShapeError, EmptyDataError, MisalignedError, NotNumericError, NotFiniteError, DomainError
        """
        inputs = as_table(X, "X")
        if not inputs.shape[1]:
            raise EmptyDataError(
                "X with shape (samples, features)", f"shape {inputs.shape}", "Pass at least one feature."
            )
        counted = None if weights is None else _as_weights(weights, len(inputs))
        if Y is None:
            return cls(inputs, np.empty((len(inputs), 0)), counted, first)
        labels = as_table(Y, "Y")
        check_same_rows(X, Y)
        if len(labels) != len(inputs):
            raise ShapeError(
                f"Y with one row for each of the {len(inputs)} samples in X",
                f"{len(labels)} rows",
                "Axis 0 (samples) of X and Y must agree.",
            )
        return cls(inputs, labels, counted, first)

    def __len__(self) -> int:
        return len(self.inputs)

    @property
    def n_features(self) -> int:
        """Number of input columns, d."""
        return int(self.inputs.shape[1])

    @property
    def width(self) -> int:
        """Number of columns, d + k."""
        return self.n_features + int(self.labels.shape[1])

    def block(self, start: int, stop: int) -> tuple[Array, Array]:
        """Return some inputs and their labels in float64, not checked to be finite.

        Raises
        ------
        NotNumericError
        NotFiniteError
            For masked entries.
        """
        return _floats(self.inputs[start:stop], "X"), _floats(self.labels[start:stop], "Y")

    def explain(self, start: int, stop: int) -> NoReturn:
        """Say which entry of some rows makes their scatter infinite or NaN.

        Raises
        ------
        NotFiniteError, OverflowingError
        """
        inputs, labels = self.block(start, stop)
        for name, block in (("X", inputs), ("Y", labels)):
            finite = np.isfinite(block)
            if not finite.all():
                row, column = (int(i) for i in np.argwhere(~finite)[0])
                raise NotFiniteError(
                    f"finite {name}",
                    f"{block[row, column]} in row {self.first + start + row}, column {column}",
                    "Remove or impute missing values first.",
                )
        raise overflow(f"entries up to {max(np.abs(inputs).max(), np.abs(labels).max(initial=0.0)):.3g}")


def check_same_rows(X: Any, Y: Any) -> None:
    """Refuse rows that their own labels, such as the indices of pandas, say belong to different samples.

    Raises
    ------
    MisalignedError
    """
    first, second = labels_of_rows(X), labels_of_rows(Y)
    if first is None or second is None or len(first) != len(second) or first.equals(second):
        return
    place = int(np.argmax(~np.equal(np.asarray(first, dtype=object), np.asarray(second, dtype=object))))
    raise MisalignedError(
        "inputs and targets whose rows have the same labels",
        f"{first[place]!r} and {second[place]!r} in row {place}",
        "Align them, for example with Y.loc[X.index], or pass Y.to_numpy() to go by position.",
    )


def labels_of_rows(value: Any) -> Any:
    """Return the labels that a pandas or xarray object gives its rows; None without any. Loads neither."""
    kind = type(value).__module__.partition(".")[0]
    if kind == "pandas":
        return getattr(value, "index", None)
    return value.indexes.get(value.dims[0]) if kind == "xarray" and getattr(value, "dims", None) else None


def overflow(got: str) -> OverflowingError:
    """Return the error for data whose scatter leaves the range of float64."""
    return OverflowingError("data whose squares fit in float64", got, "Rescale the data.")


def as_table(value: Any, name: str) -> Array:
    """Return inputs "X" or labels "Y" as a 2-D array, without reading the entries of one that is memory-mapped.

    Raises
    ------
    ShapeError, EmptyDataError
    """
    raw = value if isinstance(value, np.ma.MaskedArray) else _rectangular(value, name)
    if name == "Y" and raw.ndim == 1:
        raw = raw[:, None]
    check_axes(raw.shape, name)
    if not len(raw):
        raise EmptyDataError(f"{name} with at least one sample", "none", "Pass some rows.")
    return raw


def check_axes(shape: tuple[int, ...], name: str) -> None:
    """Refuse anything but rows and columns.

    Raises
    ------
    ShapeError
    """
    if len(shape) != 2:
        raise ShapeError(
            f"{name} with shape (samples, {'features' if name == 'X' else 'outputs'})",
            f"shape {shape}",
            "Pass one row per sample, one column each.",
        )


def _as_weights(value: Any, samples: int) -> Array:
    weights = as_array(value, "weights", (("samples", samples),))
    if weights.min() < 0:
        row = int(np.argmin(weights))
        raise DomainError("weights of at least 0", f"{weights[row]:g} in row {row}", "Check for a sign.")
    if not weights.any():
        raise DomainError("some positive weight", "zeros alone", "Rows of weight 0 count as if they were not there.")
    return weights


def _floats(part: Array, name: str) -> Array:
    return part if type(part) is np.ndarray and part.dtype == FLOAT64 else to_float(part, name)


def _rectangular(value: Any, name: str) -> Array:
    """Return an array, or a list or a DataFrame as one, of whatever it holds."""
    try:
        return plain_array(value, name)
    except NotNumericError:
        raise
    except (TypeError, ValueError, OverflowError) as error:
        raise ShapeError(f"{name} as a rectangular array", f"{error}", "Give every row the same length.") from error


def is_chunked(value: Any) -> bool:
    """Whether a value is one of Dask's lazy collections; asks without loading Dask."""
    graph = getattr(value, "__dask_graph__", None)
    return callable(graph) and graph() is not None
