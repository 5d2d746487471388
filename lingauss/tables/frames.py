"""Tables in DataFrames, whole or a piece at a time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lingauss.errors import EmptyDataError, NotNumericError
from lingauss.tables.reading import MISSING_OPTION
from lingauss.tables.table import Batch, Table, plain, quoted, rows_per_batch, split_columns
from lingauss.validation import Array

if TYPE_CHECKING:
    import pandas as pd

DECIMAL_COMMA = re.compile(r"[-+]?\d+,\d+(?:[eE][-+]?\d+)?")
LONGEST_CODE = 4  # letters of what may stand for a missing entry


def table_of_frame(
    frame: pd.DataFrame,
    targets: Sequence[str],
    features: Sequence[str] | None = None,
    exclude: Sequence[str] = (),
    origin: str = "the DataFrame",
) -> Table:
    """Return the table in a DataFrame.

    Raises
    ------
    UnknownNameError, DomainError, EmptyDataError
    """
    named = frame.set_axis([str(name) for name in frame.columns], axis=1)
    inputs, outputs = split_columns(list(named.columns), targets, features, exclude, origin)
    if not len(named):
        raise EmptyDataError(f"{origin} with at least one row", "none", "Pass some rows.")
    step = rows_per_batch(len(named.columns))

    def pieces() -> Iterator[pd.DataFrame]:
        return (named.iloc[start : start + step] for start in range(0, len(named), step))

    return table_of_pieces(origin, inputs, outputs, pieces, pieces)


def table_of_pieces(
    origin: str,
    inputs: tuple[str, ...],
    outputs: tuple[str, ...],
    pieces: Callable[[], Iterator[pd.DataFrame]],
    target_pieces: Callable[[], Iterator[pd.DataFrame]],
    notes: tuple[str, ...] = (),
) -> Table:
    """Return the table in DataFrames that follow each other.

    Parameters
    ----------
    origin : str
        What messages call it.
    inputs, outputs : tuple of str
        Columns that are features and targets.
    pieces, target_pieces : callable
        Start a pass over all columns, and over the targets alone.
    notes : tuple of str
        What was noticed, in sentences.
    """

    def read() -> Iterator[Batch]:
        first = 1
        for piece in pieces():
            plain_batch = _plain_batch(piece, inputs, outputs)
            yield plain_batch or Batch(numbers_in(piece, inputs, first), _raw(piece, outputs))
            first += len(piece)

    def read_targets() -> Iterator[tuple[np.typing.NDArray[Any], ...]]:
        return (_raw(piece, outputs) for piece in target_pieces())

    return Table(origin, inputs, outputs, read, read_targets, notes)


def _plain_batch(piece: pd.DataFrame, inputs: tuple[str, ...], outputs: tuple[str, ...]) -> Batch | None:
    """Return the batch in one step where all columns are plain numbers, as asking pandas for each takes longer."""
    if not all(isinstance(dtype, np.dtype) and dtype.kind in "fiub" for dtype in set(piece.dtypes)):
        return None
    values = piece.to_numpy(np.float64)
    place = {name: number for number, name in enumerate(piece.columns)}
    chosen = [place[name] for name in inputs]
    first, last = chosen[0], chosen[-1] + 1
    whole = chosen == list(range(first, last))
    X = values[:, first:last] if whole else values[:, chosen]
    return Batch(np.ascontiguousarray(X), tuple(values[:, place[name]] for name in outputs))


def _raw(piece: pd.DataFrame, names: Iterable[str]) -> tuple[np.typing.NDArray[Any], ...]:
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    columns = (piece[name] for name in names)
    return tuple(
        column.to_numpy(np.float64, na_value=np.nan)
        if is_numeric_dtype(column) or is_bool_dtype(column)
        else plain(column.to_numpy(object))
        for column in columns
    )


def numbers_in(piece: pd.DataFrame, names: Sequence[str], first: int) -> Array:
    """Return columns as numbers; missing entries become NaN.

    Raises
    ------
    NotNumericError
        Naming the columns that hold anything else.
    """
    import pandas as pd
    from pandas.api.types import is_bool_dtype, is_complex_dtype, is_numeric_dtype

    chosen = piece[list(names)]
    bad = [
        name
        for name, dtype in chosen.dtypes.items()
        if is_complex_dtype(dtype) or not (is_numeric_dtype(dtype) or is_bool_dtype(dtype))
    ]
    bad = [name for name in bad if not chosen[name].isna().all()]
    if bad:
        column = chosen[bad[0]]
        wrong = column.notna() & pd.to_numeric(column.astype(str), errors="coerce").isna()
        row = int(np.argmax(wrong)) if wrong.any() else int(np.argmax(column.notna()))
        raise NotNumericError(
            f"features of numbers, but {quoted(bad)} {'is' if len(bad) == 1 else 'are'} not",
            f"{column.iloc[row]!r} in {bad[0]!r}, row {first + row}",
            _remedy(str(column.iloc[row])),
        )
    return np.ascontiguousarray(
        chosen.to_numpy(np.float64, na_value=np.nan) if len(set(chosen.dtypes)) == 1 else chosen.astype(np.float64)
    )


def _remedy(entry: str) -> str:
    """Return what to do about an entry that is no number."""
    if DECIMAL_COMMA.fullmatch(entry.strip()):
        return "Name the decimal mark (--decimal ',', decimal=',')."
    others = "Leave such columns out (--exclude, exclude=), or encode them as numbers first"
    if len(entry.strip()) <= LONGEST_CODE and not entry.strip().isdigit():
        return f"{others}; if it stands for a missing entry, name it ({MISSING_OPTION})."
    return f"{others}."
