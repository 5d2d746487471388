"""The one door for data: a path, arrays or frames become a table."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lingauss.data.rows import as_table, check_same_rows
from lingauss.errors import DomainError, EmptyDataError, FileFormatError, ShapeError
from lingauss.tables.arrays import table_of_arrays, table_of_npy
from lingauss.tables.frames import table_of_frame
from lingauss.tables.npz import table_of_npz
from lingauss.tables.reading import Reading
from lingauss.tables.table import Table
from lingauss.tables.text import SEPARATORS, table_of_csv, text_suffix

if TYPE_CHECKING:
    import pandas as pd


def table_of(data: Any, targets: Any, reading: Reading) -> Table:
    """Return the table in a file, a DataFrame or arrays; see :func:`lingauss.analyze` for what targets may be.

    Raises
    ------
    LingaussError, OSError
    """
    if targets is None:
        raise EmptyDataError("targets", "none", "Name target columns, or pass an array of targets.")
    if isinstance(data, str | os.PathLike):
        return _table_of_file(Path(data), _as_names(targets), reading)
    if is_pandas(data) or is_pandas(targets):
        frame, names = _joined(data, targets)
        return table_of_frame(frame, names, reading.features, reading.exclude)
    if reading.features is not None or reading.exclude:
        raise DomainError("features by name in a DataFrame or a file", "an array", "Select columns of the array.")
    return table_of_arrays(data, targets)


def _table_of_file(path: Path, targets: list[str], reading: Reading) -> Table:
    if path.is_dir():
        raise FileFormatError("a file", f"the folder {path}", "Name a file in it.")
    suffix = text_suffix(path)
    if reading.separator is not None or suffix in SEPARATORS:
        if not path.exists():
            raise FileNotFoundError(f"there is no file {path}")
        return table_of_csv(path, targets, reading)
    suffix = path.suffix.lower()
    if suffix == ".npy":
        if reading.features is not None:
            raise DomainError("no features by name for .npy", "some", "Leave columns out by number (exclude).")
        return table_of_npy(path, targets, reading.exclude)
    if suffix == ".npz":
        if reading.exclude:
            raise DomainError("no excluded columns for .npz", "some", "Save the members without them.")
        return table_of_npz(path, targets, reading.features)
    raise FileFormatError(
        "a file ending in .csv, .tsv, .npy or .npz",
        repr(path.name),
        "Convert it, or, if it is a text table, name its separator (--separator, separator=).",
    )


def _as_names(targets: Any) -> list[str]:
    if isinstance(targets, str | int | os.PathLike | np.integer):
        return [str(targets)]
    return [str(name) for name in targets]


def _columns_in(targets: Any) -> list[str] | None:
    """Return column labels, of which there may be one; None for anything that cannot be a list of them."""
    if isinstance(targets, str | int | np.integer):
        return [str(targets)]
    if isinstance(targets, Sequence) and all(isinstance(name, str | int | np.integer) for name in targets):
        return [str(name) for name in targets]
    return None


def _joined(data: Any, targets: Any) -> tuple[pd.DataFrame, list[str]]:
    """Put inputs and targets side by side, row by row."""
    import pandas as pd

    frame = data if isinstance(data, pd.DataFrame) else pd.DataFrame(np.asarray(data)).add_prefix("x")
    frame = frame.set_axis([str(name) for name in frame.columns], axis=1)
    names = _columns_in(targets)
    if names is not None and (len(names) != len(frame) or all(name in frame.columns for name in names)):
        return frame, names
    check_same_rows(data, targets)
    beside = targets if isinstance(targets, pd.Series | pd.DataFrame) else as_table(targets, "Y")
    if isinstance(beside, pd.Series):
        beside = beside.to_frame("y" if beside.name is None else beside.name)
    elif not isinstance(beside, pd.DataFrame):
        beside = pd.DataFrame(beside)
        beside.columns = ["y"] if beside.shape[1] == 1 else [f"y{j}" for j in range(beside.shape[1])]
    if len(beside) != len(frame):
        raise ShapeError(
            f"one target for each of the {len(frame)} rows", f"{len(beside)}", "Rows of inputs and targets must agree."
        )
    beside = beside.set_axis([str(name) for name in beside.columns], axis=1)
    if set(beside.columns) & set(frame.columns):  # numbered columns on both sides
        beside = beside.add_prefix("y")
    both = pd.concat([frame.reset_index(drop=True), beside.reset_index(drop=True)], axis=1)
    return both, list(beside.columns)


def is_pandas(value: Any) -> bool:
    """Whether a value is one of pandas'; asks without loading pandas."""
    return type(value).__module__.partition(".")[0] == "pandas"
