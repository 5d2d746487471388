"""Tables with named columns that are read a batch at a time, wherever they are kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from lingauss.errors import DomainError, EmptyDataError, UnknownNameError
from lingauss.validation import Array

BATCH_CELLS = 2**21  # numbers held at a time: 16 MB in float64
LISTED = 8  # names written out in a message
COMPARED = 10_000  # names among which a message looks for close ones, a second's work


class Batch(NamedTuple):
    """Some consecutive rows: inputs as numbers (b, d), and one raw array (b,) of numbers or text per target."""

    inputs: Array
    targets: tuple[np.typing.NDArray[Any], ...]


@dataclass(frozen=True, eq=False)
class Table:
    """Inputs and targets of a data set.

    Attributes
    ----------
    origin : str
        Where they come from, as messages call it.
    features, targets : tuple of str
        Names of the columns.
    read : callable
        Starts a pass over all rows.
    read_targets : callable
        Starts a pass over the targets alone.
    notes : tuple of str
        What was noticed on opening it, in sentences.
    """

    origin: str
    features: tuple[str, ...]
    targets: tuple[str, ...]
    read: Callable[[], Iterator[Batch]]
    read_targets: Callable[[], Iterator[tuple[np.typing.NDArray[Any], ...]]]
    notes: tuple[str, ...] = ()


def plain(column: np.typing.NDArray[Any]) -> np.typing.NDArray[Any]:
    """Return a column of objects as numbers if that is what they are, whatever is missing among them."""
    if any(isinstance(value, str | bytes) for value in column):
        return column
    try:
        return column.astype(np.float64)  # None becomes NaN
    except (TypeError, ValueError):
        return column


def rows_per_batch(columns: int) -> int:
    """Return how many rows to hold at a time."""
    return max(1, BATCH_CELLS // max(columns, 1))


def split_columns(
    names: Sequence[str], targets: Sequence[str], features: Sequence[str] | None, exclude: Sequence[str], origin: str
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names of features and of targets: all that is no target and not excluded, unless features are given.

    Raises
    ------
    UnknownNameError, DomainError, EmptyDataError
    """
    check_names(names, origin)
    legal = set(names)
    targets, exclude = expanded(targets, legal), expanded(exclude, legal)
    features = None if features is None else expanded(features, legal)
    for name in (*targets, *(features or ()), *exclude):
        if name not in legal:
            raise unknown_column(name, names, origin)
    check_names(targets, "the targets")
    check_names(features or (), "the features")
    left_out = {*(features or ()), *exclude}
    both = [name for name in targets if name in left_out]
    if both:
        raise DomainError(f"{quoted(both)} as a target alone", "a feature or an excluded column too", "Name it once.")
    left_out = {*targets, *exclude}
    inputs = tuple(name for name in (names if features is None else features) if name not in left_out)
    if not targets:
        raise EmptyDataError("at least one target", "none", f"Name one of the columns {listed(names)}.")
    if not inputs:
        raise EmptyDataError("at least one feature", f"only the columns {listed(names)}", "Leave a column for inputs.")
    return inputs, tuple(targets)


def expanded(wanted: Sequence[str], names: Collection[str]) -> list[str]:
    """Return names one by one, where some were given as one text with commas between them."""
    found = []
    for entry in wanted:
        found += [entry] if entry in names else [part.strip() for part in entry.split(",") if part.strip()]
    return found


def check_names(names: Sequence[str], origin: str) -> None:
    """Refuse a name that stands twice.

    Raises
    ------
    DomainError
    """
    repeated = sorted(name for name, count in Counter(names).items() if count > 1)
    if repeated:
        raise DomainError(f"distinct column names in {origin}", f"{quoted(repeated)} more than once", "Rename one.")


def unknown_column(name: str, names: Sequence[str], origin: str) -> UnknownNameError:
    """Return the error for a column that does not exist, the closest names in its remedy."""
    import difflib

    close = difflib.get_close_matches(name, names[:COMPARED], n=3, cutoff=0.4)
    remedy = f"Did you mean {' or '.join(map(repr, close))}?" if close else f"It has {listed(names)}."
    return UnknownNameError(f"a column of {origin} ({len(names)} columns)", repr(name), remedy)


def listed(names: Iterable[object]) -> str:
    """Write out the first few of some names."""
    all_names = [text if (text := str(name)).isprintable() else repr(text) for name in names]
    more = len(all_names) - LISTED
    return ", ".join(all_names[:LISTED]) + (f" and {more} more" if more > 0 else "")


def quoted(names: Iterable[object]) -> str:
    """Write out the first few of some names, in quotation marks."""
    return listed(map(repr, map(str, names)))
