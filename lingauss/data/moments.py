"""All a linear-Gaussian model needs of the data: counts, means and centred scatters, in one pass."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from lingauss.data.rows import Rows, overflow
from lingauss.data.scatter import Pass, two_sum
from lingauss.errors import EmptyDataError, MissingLabelsError, ShapeError
from lingauss.guard import guarded
from lingauss.html_table import html_settings
from lingauss.validation import Array, Immutable, freeze


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
        """Summarise arrays that are in memory, memory-mapped (they are read in blocks) or Dask's (by their own chunks).

        Parameters
        ----------
        X : (n, d)
            Inputs, rows are samples.
        Y : (n, k) or (n,), optional
            Labels; one axis means one output. Chunked like X if either is a Dask array.
        center : bool
            Whether an intercept is fitted: scatters are about the mean.

        Raises
        ------
        ShapeError, EmptyDataError, NotNumericError, NotFiniteError, OverflowingError
        MissingDependencyError
            If the data are Dask's and the extra ``scale`` is incomplete.
        """
        return _of_batch(Pass(center), (X, Y))

    @classmethod
    def from_batches(cls, batches: Iterable[Any], center: bool = True) -> Moments:
        """Summarise an iterable of inputs X or pairs (X, Y), each let go before the next is asked for.

        Raises
        ------
        EmptyDataError
            If the iterable yields nothing.
        ShapeError, NotNumericError, NotFiniteError
            If a batch is malformed or does not fit its predecessors.
        """
        # Unlike a loop variable, map does not keep a batch alive while the next is made.
        return merged(map(functools.partial(_of_batch, Pass(center)), batches))

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
            mean, lost = two_sum(self.mean, step * share)
        if not np.isfinite(scatter).all():
            raise overflow(f"means {np.abs(step).max():.3g} apart, scatters up to {np.abs(self.scatter).max():.3g}")
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

    def part(self, features: Any, outputs: Any = None) -> Moments:
        """Return the moments of some of the variables, as if the others had never been read.

        Parameters
        ----------
        features, outputs : sequence of int
            Columns of X and of Y to keep, in that order; ``outputs`` None keeps all labels.
        """
        labels = np.arange(self.outputs) if outputs is None else np.asarray(outputs, dtype=np.intp)
        chosen = np.concatenate([np.asarray(features, dtype=np.intp), self.n_features + labels])
        return Moments(
            self.n_samples,
            freeze(self.mean[chosen]),
            freeze(self.scatter[np.ix_(chosen, chosen)]),
            len(chosen) - len(labels),
            self.centred,
            freeze(self.mean_tail[chosen]),
        )

    def scaled(self, features: Any, outputs: Any = 1.0) -> Moments:
        """Return the moments of the variables in other units: G becomes DGD, and no second pass is needed.

        Parameters
        ----------
        features : (d,) or float
            What each column of X is multiplied by.
        outputs : (k,) or float
            What each column of Y is multiplied by.
        """
        factor = np.concatenate(
            [np.broadcast_to(features, self.n_features), np.broadcast_to(outputs, self.outputs)]
        ).astype(np.float64)
        return Moments(
            self.n_samples,
            freeze(self.mean * factor),
            freeze(self.scatter * np.outer(factor, factor)),
            self.n_features,
            self.centred,
            freeze(self.mean_tail * factor),
        )

    def _need_labels(self) -> None:
        if not self.outputs:
            raise MissingLabelsError("moments with labels", "moments of inputs alone", "Pass Y to Moments.from_data.")

    def _repr_html_(self) -> str:
        return html_settings(
            "Moments",
            [
                ("samples n", f"{self.n_samples:,}"),
                ("features d", f"{self.n_features:,}"),
                ("outputs k", self.outputs or "none: inputs alone"),
                ("taken about", "the mean" if self.centred else "the origin"),
            ],
        )

    def __repr__(self) -> str:
        about = "about the mean" if self.centred else "about the origin"
        return f"Moments({self.n_samples} samples, {self.n_features} features, {self.outputs} outputs, {about})"


def _of_batch(one_pass: Pass, batch: Any) -> Moments:
    X, Y = batch if isinstance(batch, tuple) else (batch, None)
    if is_chunked(X) or is_chunked(Y):
        from lingauss.data.dask_blocks import moments_of_chunks

        return moments_of_chunks(X, Y, one_pass.center)
    return summarise(Rows.of(X, Y), one_pass)


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
        )
        for part in one_pass.stretches(rows)
    )


def merged(parts: Iterable[Moments]) -> Moments:
    """Add like a binary counter, so that rounding grows with the logarithm of the number of parts.

    Raises
    ------
    EmptyDataError
        If there are none.
    ShapeError
        If they are of different variables.
    """
    pending: list[tuple[int, Moments]] = []
    for part in parts:
        level, total = 0, part
        while pending and pending[-1][0] == level:
            total = pending.pop()[1] + total
            level += 1
        pending.append((level, total))
    if not pending:
        raise EmptyDataError("at least one batch", "none", "Pass a non-empty iterable of X or (X, Y).")
    total = pending[-1][1]
    for _, earlier in itertools.islice(reversed(pending), 1, None):
        total = earlier + total
    return total


def is_chunked(value: Any) -> bool:
    """Whether a value is one of Dask's lazy collections; asks without loading Dask."""
    graph = getattr(value, "__dask_graph__", None)
    return callable(graph) and graph() is not None
