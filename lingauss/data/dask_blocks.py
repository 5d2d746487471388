"""Moments of data that Dask holds in chunks of rows: one task per chunk, merged as a tree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lingauss.data.moments import Moments, is_chunked, merged, summarise
from lingauss.data.rows import Rows, as_table, check_axes
from lingauss.data.scatter import Pass
from lingauss.errors import EmptyDataError, NotNumericError, ShapeError
from lingauss.extras import dask_array

FAN_IN = 8  # partial results merged by one task


def moments_of_chunks(X: Any, Y: Any, center: bool) -> Moments:
    """Return the moments of data of which at least one side is a Dask array; see :meth:`Moments.from_data`.

    Runs on whatever scheduler Dask is set to: threads, or the cluster that a ``distributed.Client`` connects to.

    Raises
    ------
    ShapeError, EmptyDataError, NotNumericError, NotFiniteError, OverflowingError, MissingDependencyError
    """
    dask_array()
    from dask.delayed import delayed

    inputs, labels = _aligned(X, Y)
    summary, merge = delayed(_of_chunk), delayed(_merged)
    pieces = inputs.to_delayed().ravel()
    beside = [None] * len(pieces) if labels is None else labels.to_delayed().ravel()
    firsts = np.cumsum([0, *inputs.chunks[0][:-1]]).tolist()
    parts = [summary(x, y, center, first) for x, y, first in zip(pieces, beside, firsts, strict=True)]
    while len(parts) > 1:
        parts = [merge(parts[i : i + FAN_IN]) for i in range(0, len(parts), FAN_IN)]
    total: Moments | None = parts[0].compute()
    if total is None:
        raise EmptyDataError("X with at least one sample", "none", "Pass some rows.")
    return total


def _of_chunk(inputs: Any, labels: Any, center: bool, first: float) -> Moments | None:
    """Return the moments of one chunk, or None if it has no rows, as after a selection."""
    if not len(inputs) and (labels is None or not len(labels)):
        return None
    # Behind chunks of unknown size, rows are numbered within their own.
    return summarise(Rows.of(inputs, labels, 0 if np.isnan(first) else int(first)), Pass(center))


def _merged(parts: Sequence[Moments | None]) -> Moments | None:
    present = [part for part in parts if part is not None]
    return merged(present) if present else None


def _aligned(X: Any, Y: Any) -> tuple[Any, Any]:
    """Return inputs and labels as Dask arrays of whole columns with the same chunks of rows."""
    inputs = _table(X, "X")
    if Y is None:
        return inputs, None
    labels = _table(Y, "Y")
    lengths = inputs.shape[0], labels.shape[0]
    if not np.isnan(lengths).any():
        if lengths[0] != lengths[1]:
            raise ShapeError(
                f"Y with one row for each of the {lengths[0]} samples in X",
                f"{lengths[1]} rows",
                "Axis 0 (samples) of X and Y must agree.",
            )
        chunks = inputs.chunks[0] if is_chunked(X) else labels.chunks[0]
        return inputs.rechunk({0: chunks}), labels.rechunk({0: chunks})
    if inputs.numblocks[0] != labels.numblocks[0]:
        raise ShapeError(
            "X and Y in as many chunks of rows, because their sizes are unknown",
            f"{inputs.numblocks[0]} and {labels.numblocks[0]} chunks",
            "Call compute_chunk_sizes() on both, so that their rows can be paired.",
        )
    return inputs, labels


def _table(value: Any, name: str) -> Any:
    """Return a Dask array of rows and whole columns; what is in memory becomes one chunk."""
    da = dask_array()
    if not is_chunked(value):
        value = da.from_array(as_table(value, name), chunks=-1, name=False)
    if not isinstance(value, da.Array):
        raise NotNumericError(
            f"{name} as a Dask array",
            f"a {type(value).__name__} of {type(value).__module__.partition('.')[0]}",
            "Pass x.data of a labelled array, or frame.to_dask_array(lengths=True) of a DataFrame.",
        )
    if name == "Y" and value.ndim == 1:
        value = value[:, None]
    check_axes(value.shape, name)
    return value.rechunk({1: -1})
