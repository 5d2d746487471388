"""All a linear-Gaussian model needs of the data: counts, means and centred scatters, in one pass."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from lingauss.data.dask_blocks import summary_of_chunks
from lingauss.data.merging import merged
from lingauss.data.rows import Rows, is_chunked, overflow
from lingauss.data.scatter import Pass, two_sum
from lingauss.errors import DomainError, EmptyDataError, MissingLabelsError, ShapeError, SignatureError
from lingauss.guard import guarded
from lingauss.html_table import html_settings
from lingauss.validation import Array, Immutable, as_array, as_count, as_flag, as_indices, freeze, shape_of

ROUNDING = 1e-9  # of the squares that a scatter is a difference of


@guarded
@dataclass(frozen=True, eq=False)
class Moments(Immutable):
    """Sample count, means and scatters of inputs X (n, d) and labels Y (n, k) (docs/theory.md §1).

    Scatters are about the mean where ``centred``, about the origin otherwise. Two ``Moments`` add: the result is that
    of the concatenated data, merged by the formula of Chan, Golub and LeVeque, so nothing cancels however large the
    means are. Build with :meth:`from_data` or :meth:`from_batches`.

    Attributes
    ----------
    n_samples : int
        Rows, of those that have some weight.
    mean : (d + k,)
        Means of inputs and labels side by side; zeros unless ``centred``.
    scatter : (d + k, d + k)
        Joint scatter of inputs and labels.
    n_features : int
        d.
    centred : bool
    mean_tail : (d + k,)
        What of the mean lies below the last digit of ``mean``; it keeps the difference of two large means exact.
    total_weight : float
        Sum of the rows' weights; ``n_samples`` where all count alike.
    """

    n_samples: int
    mean: Array
    scatter: Array
    n_features: int
    centred: bool
    mean_tail: Array
    total_weight: float

    def __post_init__(self) -> None:
        as_count(self.n_samples, "n_samples", minimum=1)
        as_flag(self.centred, "centred")
        width = np.shape(self.mean)[0] if np.ndim(self.mean) else 0
        as_count(self.n_features, "n_features", minimum=1, maximum=max(width, 1))
        shapes = {"mean": (width,), "mean_tail": (width,), "scatter": (width, width)}
        for name, shape in shapes.items():
            part = getattr(self, name)
            if not isinstance(part, np.ndarray) or part.dtype != np.float64 or part.shape != shape:
                got = f"{type(part).__name__} with shape {np.shape(part)}"
                raise ShapeError(f"{name} as an array of float64 with shape {shape}", got, "Use Moments.from_data.")
        squares = self.scatter.diagonal()
        with np.errstate(over="ignore", invalid="ignore"):
            rounding = ROUNDING * (np.abs(squares).max() + self.n_samples * np.square(self.mean))
            if not np.all(squares >= -rounding):
                raise DomainError("a scatter of squares", f"{squares.min():.3g} on its diagonal", "Check for a sign.")

    @classmethod
    def from_data(cls, X: Any, Y: Any = None, center: bool = True, *, weights: Any = None) -> Moments:
        """Summarise arrays that are in memory, memory-mapped (they are read in blocks) or Dask's (by their own chunks).

        Parameters
        ----------
        X : (n, d)
            Inputs, rows are samples.
        Y : (n, k) or (n,), optional
            Labels; one axis means one output. Chunked like X if either is a Dask array.
        center : bool
            Whether an intercept is fitted: scatters are about the mean.
        weights : (n,), optional
            How much each row counts, at least 0: a label of weight w has noise of variance ν²/w. Means and scatters are
            weighted sums, so that every result is that of weighted least squares; rows of weight 0 do not exist.

        Raises
        ------
        ShapeError, EmptyDataError, NotNumericError, NotFiniteError, OverflowingError
        DomainError
            If a weight is negative or all are 0.
        MissingDependencyError
            If the data are Dask's and the extra ``scale`` is incomplete.
        """
        return _of_batch(Pass(as_flag(center, "center")), (X, Y, weights))

    @classmethod
    def from_batches(cls, batches: Iterable[Any], center: bool = True) -> Moments:
        """Summarise an iterable of inputs X, pairs (X, Y) or (X, Y, weights), each let go before the next is asked for.

        Raises
        ------
        EmptyDataError
            If the iterable yields nothing.
        ShapeError, NotNumericError, NotFiniteError
            If a batch is malformed or does not fit its predecessors.
        """
        if not isinstance(batches, Iterable) or getattr(batches, "ndim", 1) == 0:
            raise DomainError(
                "an iterable of batches", type(batches).__name__, "Pass, for example, [(X1, Y1), (X2, Y2)]."
            )
        # Unlike a loop variable, map does not keep a batch alive while the next is made.
        return merged(map(functools.partial(_of_batch, Pass(as_flag(center, "center"))), batches))

    def __add__(self, other: Moments) -> Moments:
        """Return the moments of both data sets together."""
        if not isinstance(other, Moments):
            raise SignatureError("Moments to add", type(other).__name__, "Build them with Moments.from_data.")
        if (self.n_features, len(self.mean), self.centred) != (other.n_features, len(other.mean), other.centred):
            raise ShapeError(
                f"moments with {self.n_features} features, {self.outputs} outputs, center={self.centred}",
                f"{other.n_features} features, {other.outputs} outputs, center={other.centred}",
                "Merge moments of the same variables, taken the same way.",
            )
        weight = self.total_weight + other.total_weight
        share = other.total_weight / weight
        with np.errstate(over="ignore", invalid="ignore"):
            step = (other.mean - self.mean) + (other.mean_tail - self.mean_tail)
            scatter = self.scatter + other.scatter + np.outer(step, step) * (self.total_weight * share)
            mean, lost = two_sum(self.mean, step * share)
        if not np.isfinite(scatter).all():
            raise overflow(f"means {np.abs(step).max():.3g} apart, scatters up to {np.abs(self.scatter).max():.3g}")
        tail = self.mean_tail + lost
        total = self.n_samples + other.n_samples
        return Moments(total, freeze(mean), freeze(scatter), self.n_features, self.centred, freeze(tail), weight)

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

    def part(self, features: Any, outputs: Any = None) -> Moments:
        """Return the moments of some of the variables, as if the others had never been read.

        Parameters
        ----------
        features, outputs : sequence of int
            Columns of X and of Y to keep, distinct and counted from 0, in that order; ``outputs`` None keeps all
            labels.

        Raises
        ------
        ShapeError, DomainError
            If there is no list of whole numbers, one repeats, or there is no such column; negative ones are none.
        EmptyDataError
            If no feature is left.
        """
        inputs = as_indices(features, "features", self.n_features)
        if not len(inputs):
            raise EmptyDataError("at least one feature", "none", "Keep some columns of X.")
        labels = np.arange(self.outputs) if outputs is None else as_indices(outputs, "outputs", self.outputs)
        chosen = np.concatenate([inputs, self.n_features + labels])
        return Moments(
            self.n_samples,
            freeze(self.mean[chosen]),
            freeze(self.scatter[np.ix_(chosen, chosen)]),
            len(chosen) - len(labels),
            self.centred,
            freeze(self.mean_tail[chosen]),
            self.total_weight,
        )

    def scaled(self, features: Any, outputs: Any = 1.0) -> Moments:
        """Return the moments of the variables in other units: G becomes DGD, and no second pass is needed.

        Parameters
        ----------
        features : (d,) or float
            What each column of X is multiplied by.
        outputs : (k,) or float
            What each column of Y is multiplied by.

        Raises
        ------
        ShapeError, NotNumericError, NotFiniteError, OverflowingError
        """
        factor = np.concatenate(
            [_factors(features, "features", self.n_features), _factors(outputs, "outputs", self.outputs)]
        )
        return Moments(
            self.n_samples,
            freeze(self.mean * factor),
            freeze(self.scatter * np.outer(factor, factor)),
            self.n_features,
            self.centred,
            freeze(self.mean_tail * factor),
            self.total_weight,
        )

    def _need_labels(self) -> None:
        if not self.outputs:
            raise MissingLabelsError("moments with labels", "moments of inputs alone", "Pass Y to Moments.from_data.")

    def _repr_html_(self) -> str:
        settings = [
            ("samples n", f"{self.n_samples:,}"),
            ("features d", f"{self.n_features:,}"),
            ("outputs k", self.outputs or "none: inputs alone"),
            ("taken about", "the mean" if self.centred else "the origin"),
        ]
        return html_settings("Moments", settings)

    def __repr__(self) -> str:
        about = "about the mean" if self.centred else "about the origin"
        return f"Moments({self.n_samples} samples, {self.n_features} features, {self.outputs} outputs, {about})"


def _factors(value: Any, name: str, length: int) -> Array:
    """Return one factor for each of so many columns."""
    if not length:
        return np.empty(0)
    axes = (("columns", length),) if len(shape_of(value, name)) else ()
    return np.broadcast_to(as_array(value, name, axes), length)


def _of_batch(one_pass: Pass, batch: Any) -> Moments:
    X, Y, weights = (*batch, None, None)[:3] if isinstance(batch, tuple) else (batch, None, None)
    if is_chunked(X) or is_chunked(Y) or is_chunked(weights):
        return summary_of_chunks(X, Y, weights, functools.partial(_of_chunk, center=one_pass.center), merged)
    return summarise(Rows.of(X, Y, weights), one_pass)


def _of_chunk(rows: Rows, center: bool) -> Moments:
    """Return the moments of rows that may be taken on another thread or machine than others."""
    return summarise(rows, Pass(center))


def summarise(rows: Rows, one_pass: Pass) -> Moments:
    """Return the moments of some rows.

    Raises
    ------
    NotNumericError, NotFiniteError, OverflowingError
    """
    return merged(
        Moments(
            part.count,
            freeze(part.mean),
            freeze(part.scatter),
            rows.n_features,
            one_pass.center,
            freeze(part.mean_tail),
            part.weight,
        )
        for part in one_pass.stretches(rows)
    )
