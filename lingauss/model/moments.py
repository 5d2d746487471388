"""All a linear-Gaussian model needs of the data: counts, means and centred scatters, in one pass."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np

from lingauss.errors import EmptyDataError, MissingLabelsError, NotFiniteError, OverflowingError, ShapeError
from lingauss.validation import Array, freeze, to_float

BLOCK_ROWS = 4096


@dataclass(frozen=True, eq=False)
class Moments:
    """Sample count, means and scatters of inputs X (n, d) and labels Y (n, k) (docs/theory.md §1).

    Scatters are about the mean where ``centred``, about the origin otherwise. Two ``Moments`` add: the result is that
    of the concatenated data, merged by the formula of Chan, Golub and LeVeque, so nothing cancels however large the
    means are. Build with :meth:`from_data` or :meth:`from_batches`.

    Attributes
    ----------
    n_samples : int
    mean : (d + k,)
        Means of inputs and labels side by side; zeros unless ``centred``.
    scatter : (d + k, d + k)
        Joint scatter of inputs and labels.
    n_features : int
        d.
    centred : bool
    mean_tail : (d + k,)
        What of the mean lies below the last digit of ``mean``; it keeps the difference of two large means exact.
    """

    n_samples: int
    mean: Array
    scatter: Array
    n_features: int
    centred: bool
    mean_tail: Array

    @classmethod
    def from_data(cls, X: Any, Y: Any = None, center: bool = True) -> Moments:
        """Summarise arrays that are in memory (or memory-mapped; they are read in blocks).

        Parameters
        ----------
        X : (n, d)
            Inputs, rows are samples.
        Y : (n, k) or (n,), optional
            Labels; one axis means one output.
        center : bool
            Whether an intercept is fitted: scatters are about the mean.

        Raises
        ------
        ShapeError, EmptyDataError, NotNumericError, NotFiniteError, OverflowingError
        """
        inputs, labels = _as_rows(X, Y)
        blocks = (
            _summary(inputs[start : start + BLOCK_ROWS], labels[start : start + BLOCK_ROWS], center, start)
            for start in range(0, len(inputs), BLOCK_ROWS)
        )
        return _merge_pairwise(blocks)

    @classmethod
    def from_batches(cls, batches: Iterable[Any], center: bool = True) -> Moments:
        """Summarise an iterable of inputs X or pairs (X, Y), holding one batch at a time.

        Raises
        ------
        EmptyDataError
            If the iterable yields nothing.
        ShapeError, NotNumericError, NotFiniteError
            If a batch is malformed or does not fit its predecessors.
        """
        pairs = (batch if isinstance(batch, tuple) else (batch, None) for batch in batches)
        return _merge_pairwise(cls.from_data(X, Y, center=center) for X, Y in pairs)

    def __add__(self, other: Moments) -> Moments:
        """Return the moments of both data sets together."""
        if not isinstance(other, Moments):
            return NotImplemented
        if (self.n_features, len(self.mean), self.centred) != (other.n_features, len(other.mean), other.centred):
            raise ShapeError(
                f"moments with {self.n_features} features, {self.outputs} outputs, center={self.centred}",
                f"{other.n_features} features, {other.outputs} outputs, center={other.centred}",
                "Merge moments of the same variables, taken the same way.",
            )
        total = self.n_samples + other.n_samples
        share = other.n_samples / total
        with np.errstate(over="ignore", invalid="ignore"):
            step = (other.mean - self.mean) + (other.mean_tail - self.mean_tail)
            scatter = self.scatter + other.scatter + np.outer(step, step) * (self.n_samples * share)
            mean, lost = _two_sum(self.mean, step * share)
        if not np.isfinite(scatter).all():
            raise _overflow(f"means {np.abs(step).max():.3g} apart, scatters up to {np.abs(self.scatter).max():.3g}")
        tail = self.mean_tail + lost
        return Moments(total, freeze(mean), freeze(scatter), self.n_features, self.centred, freeze(tail))

    @property
    def outputs(self) -> int:
        """Number of label columns, k; 0 without labels."""
        return len(self.mean) - self.n_features

    @property
    def input_mean(self) -> Array:
        """Mean of the inputs, (d,); zeros unless centred."""
        return self.mean[: self.n_features]

    @property
    def label_mean(self) -> Array:
        """Mean of the labels, (k,); zeros unless centred."""
        return self.mean[self.n_features :]

    @property
    def gram(self) -> Array:
        """G = XᵀX of the (centred) inputs, (d, d)."""
        return self.scatter[: self.n_features, : self.n_features]

    @property
    def statistic(self) -> Array:
        """T = YᵀX of the (centred) data, (k, d).

        Raises
        ------
        MissingLabelsError
            If the moments were taken without labels.
        """
        self._need_labels()
        return self.scatter[self.n_features :, : self.n_features]

    @property
    def label_scatter(self) -> Array:
        """YᵀY of the (centred) labels, (k, k).

        Raises
        ------
        MissingLabelsError
            If the moments were taken without labels.
        """
        self._need_labels()
        return self.scatter[self.n_features :, self.n_features :]

    def _need_labels(self) -> None:
        if not self.outputs:
            raise MissingLabelsError("moments with labels", "moments of inputs alone", "Pass Y to Moments.from_data.")

    def __repr__(self) -> str:
        about = "about the mean" if self.centred else "about the origin"
        return f"Moments({self.n_samples} samples, {self.n_features} features, {self.outputs} outputs, {about})"


def _as_rows(X: Any, Y: Any) -> tuple[Array, Array]:
    inputs = _rows_of(X, "X", "features")
    if not inputs.shape[1]:
        raise EmptyDataError("X with shape (samples, features)", f"shape {inputs.shape}", "Pass at least one feature.")
    if Y is None:
        return inputs, np.empty((len(inputs), 0))
    labels = _rows_of(Y, "Y", "outputs", one_column=True)
    if len(labels) != len(inputs):
        raise ShapeError(
            f"Y with one row for each of the {len(inputs)} samples in X",
            f"{len(labels)} rows",
            "Axis 0 (samples) of X and Y must agree.",
        )
    return inputs, labels


def _rows_of(value: Any, name: str, columns: str, one_column: bool = False) -> Array:
    """Return a 2-D array as it is (it may be memory-mapped); blocks are converted one at a time."""
    raw = value if isinstance(value, np.ndarray) else _as_array_like(value, name)
    if one_column and raw.ndim == 1:
        raw = raw[:, None]
    if raw.ndim != 2:
        raise ShapeError(
            f"{name} with shape (samples, {columns})", f"shape {raw.shape}", "Pass one row per sample, one column each."
        )
    if not len(raw):
        raise EmptyDataError(f"{name} with at least one sample", "none", "Pass some rows.")
    return raw


def _as_array_like(value: Any, name: str) -> Array:
    """Read lists and DataFrames as an array whose entries are checked later, block by block."""
    try:
        return np.asarray(value)
    except ValueError as error:
        raise ShapeError(f"{name} as a rectangular array", f"{error}", "Give every row the same length.") from error


def _summary(inputs: Array, labels: Array, center: bool, start: int) -> Moments:
    """Moments of one block, small enough to be copied."""
    d = inputs.shape[1]
    joint = np.concatenate([to_float(inputs, "X"), to_float(labels, "Y")], axis=1)
    mean, tail = np.zeros((2, joint.shape[1]))
    with np.errstate(over="ignore", invalid="ignore"):
        if center:
            first = joint.mean(axis=0)
            joint -= first
            rest = joint.mean(axis=0)
            joint -= rest
            mean, tail = _two_sum(first, rest)
        scatter = joint.T @ joint
    if not np.isfinite(scatter).all():
        _explain(to_float(inputs, "X"), to_float(labels, "Y"), start)
    return Moments(len(joint), freeze(mean), freeze(scatter), d, center, freeze(tail))


def _explain(inputs: Array, labels: Array, start: int) -> NoReturn:
    """Say which entry spoiled a block's scatter."""
    for name, block in (("X", inputs), ("Y", labels)):
        finite = np.isfinite(block)
        if not finite.all():
            row, column = (int(i) for i in np.argwhere(~finite)[0])
            raise NotFiniteError(
                f"finite {name}",
                f"{block[row, column]} in row {start + row}, column {column}",
                "Remove or impute missing values first.",
            )
    raise _overflow(f"entries up to {max(np.abs(inputs).max(), np.abs(labels).max(initial=0.0)):.3g}")


def _overflow(got: str) -> OverflowingError:
    return OverflowingError("data whose squares fit in float64", got, "Rescale the data.")


def _two_sum(a: Array, b: Array) -> tuple[Array, Array]:
    """Return a + b as rounded and what the rounding lost, exactly."""
    total = a + b
    part = total - a
    return total, (a - (total - part)) + (b - part)


def _merge_pairwise(parts: Iterator[Moments] | Iterable[Moments]) -> Moments:
    """Add like a binary counter, so that rounding grows with the logarithm of the number of parts."""
    pending: list[tuple[int, Moments]] = []
    for moments in parts:
        level = 0
        merged = moments
        while pending and pending[-1][0] == level:
            merged = pending.pop()[1] + merged
            level += 1
        pending.append((level, merged))
    if not pending:
        raise EmptyDataError("at least one batch", "none", "Pass a non-empty iterable of X or (X, Y).")
    total = pending[-1][1]
    for _, earlier in itertools.islice(reversed(pending), 1, None):
        total = earlier + total
    return total
