"""Summaries of data that Dask holds in chunks of rows: one task per chunk, merged as a tree."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np

from lingauss.data.rows import Rows, as_table, check_axes, is_chunked
from lingauss.errors import EmptyDataError, NotNumericError, ShapeError
from lingauss.extras import dask_array

Summary = TypeVar("Summary")

FAN_IN = 8  # partial results merged by one task


def summary_of_chunks(
    X: Any, Y: Any, weights: Any, summarise: Callable[[Rows], Summary], merge: Callable[[Sequence[Summary]], Summary]
) -> Summary:
    """Return the summary of data of which at least one part is a Dask array; see :meth:`Moments.from_data`.

    ``summarise`` and ``merge`` are functions of a module, which reach other processes by name. Runs on whatever
    scheduler Dask is set to: threads, or the cluster that a ``distributed.Client`` connects to.

    Raises
    ------
    ShapeError, EmptyDataError, NotNumericError, NotFiniteError, OverflowingError, DomainError, MissingDependencyError
    """
    dask_array()
    from dask.delayed import delayed

    inputs, labels, counted = _aligned(X, Y, weights)
    summary, together = delayed(_of_chunk), delayed(_merged)
    pieces = inputs.to_delayed().ravel()
    beside = [[None] * len(pieces) if part is None else part.to_delayed().ravel() for part in (labels, counted)]
    firsts = np.cumsum([0, *inputs.chunks[0][:-1]]).tolist()
    parts = [summary(x, y, w, summarise, first) for x, y, w, first in zip(pieces, *beside, firsts, strict=True)]
    while len(parts) > 1:
        parts = [together(parts[i : i + FAN_IN], merge) for i in range(0, len(parts), FAN_IN)]
    total: Summary | None = parts[0].compute()
    if total is None:
        raise EmptyDataError("X with at least one sample of some weight", "none", "Pass some rows.")
    return total


def _of_chunk(
    inputs: Any, labels: Any, weights: Any, summarise: Callable[[Rows], Summary], first: float
) -> Summary | None:
    """Return the summary of one chunk, or None if no row of it counts, as after a selection."""
    if not len(inputs) and (labels is None or not len(labels)):
        return None
    counted = None if weights is None else np.ravel(weights)
    if counted is not None and len(counted) == len(inputs) and not np.any(counted):
        return None
    # Behind chunks of unknown size, rows are numbered within their own.
    return summarise(Rows.of(inputs, labels, counted, 0 if np.isnan(first) else int(first)))


def _merged(parts: Sequence[Summary | None], merge: Callable[[Sequence[Summary]], Summary]) -> Summary | None:
    present = [part for part in parts if part is not None]
    return merge(present) if present else None


def _aligned(X: Any, Y: Any, weights: Any) -> tuple[Any, Any, Any]:
    """Return inputs, labels and weights as Dask arrays of whole columns with the same chunks of rows."""
    inputs = _table(X, "X")
    given = [(value, name) for value, name in ((Y, "Y"), (weights, "weights")) if value is not None]
    beside = {name: _table(value, name) for value, name in given}
    for name, table in beside.items():
        lengths = inputs.shape[0], table.shape[0]
        if np.isnan(lengths).any() and inputs.numblocks[0] != table.numblocks[0]:
            raise ShapeError(
                f"X and {name} in as many chunks of rows, because their sizes are unknown",
                f"{inputs.numblocks[0]} and {table.numblocks[0]} chunks",
                "Call compute_chunk_sizes() on both, so that their rows can be paired.",
            )
        if not np.isnan(lengths).any() and lengths[0] != lengths[1]:
            raise ShapeError(
                f"{name} with one row for each of the {lengths[0]} samples in X",
                f"{lengths[1]} rows",
                f"Axis 0 (samples) of X and {name} must agree.",
            )
    tables = [inputs, *beside.values()]
    if not np.isnan([table.shape[0] for table in tables]).any():
        lazy = (
            table for value, table in zip((X, *(value for value, _ in given)), tables, strict=True) if is_chunked(value)
        )
        chunks = next(lazy).chunks[0]
        inputs, *others = (table.rechunk({0: chunks}) for table in tables)
        beside = dict(zip(beside, others, strict=True))
    return inputs, beside.get("Y"), beside.get("weights")


def _table(value: Any, name: str) -> Any:
    """Return a Dask array of rows and whole columns; what is in memory becomes one chunk."""
    da = dask_array()
    if not is_chunked(value):
        value = np.reshape(value, (-1, 1)) if name == "weights" else as_table(value, name)
        value = da.from_array(value, chunks=-1, name=False)
    if not isinstance(value, da.Array):
        raise NotNumericError(
            f"{name} as a Dask array",
            f"a {type(value).__name__} of {type(value).__module__.partition('.')[0]}",
            "Pass x.data of a labelled array, or frame.to_dask_array(lengths=True) of a DataFrame.",
        )
    if name != "X" and value.ndim == 1:
        value = value[:, None]
    check_axes(value.shape, name)
    return value.rechunk({1: -1})
