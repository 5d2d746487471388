"""Tables in arrays: in memory, or memory-mapped from npy. Nothing is unpickled."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lingauss.data.rows import Rows
from lingauss.errors import DomainError, EmptyDataError, FileFormatError, NotNumericError, ShapeError
from lingauss.tables.table import Batch, Table, expanded, listed, plain, rows_per_batch, split_columns
from lingauss.validation import to_float

AnyArray = np.typing.NDArray[Any]


def table_of_arrays(X: Any, Y: Any, origin: str = "the arrays", target_name: str = "y") -> Table:
    """Return the table in inputs X (n, d) and targets Y (n,) or (n, k), of numbers or text, possibly memory-mapped.

    Raises
    ------
    ShapeError, EmptyDataError
    """
    rows = Rows.of(X, _plain(Y))
    d, k = rows.n_features, rows.width - rows.n_features
    if not k:
        raise EmptyDataError("at least one target", f"Y with shape {np.shape(Y)}", "Pass at least one column.")
    step = rows_per_batch(rows.width)

    def read() -> Iterator[Batch]:
        for start in range(0, len(rows), step):
            yield Batch(to_float(rows.inputs[start : start + step], "X"), columns_of(rows.labels[start : start + step]))

    def read_targets() -> Iterator[tuple[AnyArray, ...]]:
        return (columns_of(rows.labels[start : start + step]) for start in range(0, len(rows), step))

    targets = (target_name,) if k == 1 else tuple(f"{target_name}{j}" for j in range(k))
    return Table(origin, tuple(f"x{j}" for j in range(d)), targets, read, read_targets)


def table_of_npy(path: Path, targets: Sequence[str], exclude: Sequence[str] = ()) -> Table:
    """Return the table in an npy file, which is memory-mapped: targets are column numbers, or a second npy file.

    Raises
    ------
    FileFormatError, ShapeError, UnknownNameError, DomainError, EmptyDataError, OSError
    """
    data = mapped(path)
    if len(targets) == 1 and targets[0].endswith(".npy"):
        if exclude:
            raise DomainError("no excluded columns with targets in a file of their own", listed(exclude), "Drop them.")
        second = Path(targets[0])
        return table_of_arrays(data, mapped(second), path.name, second.stem)
    if data.ndim != 2:
        raise ShapeError(f"{path.name} with rows and columns", f"shape {data.shape}", "Give one row per sample.")
    names = [str(number) for number in range(data.shape[1])]
    wanted, left_out = ([_counted(name, names) for name in expanded(given, names)] for given in (targets, exclude))
    inputs, outputs = split_columns(names, wanted, None, left_out, path.name)
    if not len(data):
        raise EmptyDataError(f"{path.name} with at least one row", "none", "Check the file.")
    step, which = rows_per_batch(len(names)), ([int(name) for name in inputs], [int(name) for name in outputs])

    def read() -> Iterator[Batch]:
        for start in range(0, len(data), step):
            block = to_float(data[start : start + step], path.name)
            yield Batch(np.delete(block, _others(which[0], len(names)), axis=1), tuple(block[:, which[1]].T))

    def read_targets() -> Iterator[tuple[AnyArray, ...]]:
        return (tuple(np.asarray(data[start : start + step, which[1]]).T) for start in range(0, len(data), step))

    return Table(
        path.name, tuple(f"column {name}" for name in inputs), tuple(f"column {name}" for name in outputs), read,
        read_targets,
    )  # fmt: skip


def mapped(path: Path) -> AnyArray:
    """Memory-map an npy file.

    Raises
    ------
    FileFormatError
        If it is none, is truncated, or holds pickled objects.
    OSError
    """
    try:
        if not path.is_file() and path.exists():
            raise ValueError("it is no plain file")
        if path.stat().st_size == 0:
            raise EOFError("the file is empty")
        with np.errstate(over="raise"):  # sizes beyond any file
            found = np.load(path, mmap_mode="r", allow_pickle=False)
        if not isinstance(found, np.ndarray):
            raise ValueError("it is an npz archive")
    except (ValueError, EOFError, TypeError, SyntaxError, ArithmeticError) as error:
        raise broken(path, error) from error
    check_plain(found.dtype, path.name)
    return found


def as_rows(labels: AnyArray) -> AnyArray:
    """Return labels with one column each."""
    return labels[:, None] if labels.ndim == 1 else labels


def _plain(Y: Any) -> Any:
    """Return targets of which text stays text; a list of strings becomes an array of objects."""
    array = np.asarray(Y) if not isinstance(Y, np.ma.MaskedArray) else Y
    if array.dtype.kind in "mMc":
        raise NotNumericError("targets as numbers or text", f"dtype {array.dtype}", "Convert them first.")
    return array


def columns_of(labels: AnyArray) -> tuple[AnyArray, ...]:
    """Return one raw array per column: numbers, or text as objects."""
    if labels.dtype.kind in "SUO":
        texts = labels.astype(str) if labels.dtype.kind == "S" else labels
        return tuple(plain(column) for column in texts.astype(object).T)
    return tuple(to_float(labels, "Y").T)


def check_plain(dtype: np.dtype[Any], what: str) -> None:
    """Refuse what is neither numbers nor text.

    Raises
    ------
    FileFormatError
    """
    if dtype.kind in "OVmMc":
        raise FileFormatError(
            f"{what} as a plain array of numbers or text",
            f"dtype {dtype}" + (", which would have to be unpickled" if dtype.kind == "O" else ""),
            "Save numbers; pickled objects can run code when they are read and never are.",
        )


def broken(path: Path, error: Exception) -> FileFormatError:
    """Return the error for a file that numpy cannot read."""
    kind = path.suffix.lower().lstrip(".")
    if "allow_pickle" in str(error) or "Python objects" in str(error):
        return FileFormatError(
            f"{path.name} as a plain array of numbers or text",
            "pickled objects",
            "Save numbers; pickled objects can run code when they are read and never are.",
        )
    why = " ".join(str(error).split()).rstrip(".") or type(error).__name__
    return FileFormatError(f"{path.name} as a complete {kind} file", why, "Write or copy the file anew.")


def _counted(name: str, names: Sequence[str]) -> str:
    """Return a column number as it is counted from 0; negative ones count from the end, as in numpy."""
    try:
        number = int(name)
    except ValueError as error:
        raise DomainError(
            "a column number, or a second file ending in .npy", repr(name), f"Number columns 0 to {len(names) - 1}."
        ) from error
    if not -len(names) <= number < len(names):
        raise DomainError(f"a column number from 0 to {len(names) - 1}", str(number), "Count from 0.")
    return str(number % len(names))


def _others(kept: Sequence[int], count: int) -> list[int]:
    return sorted(set(range(count)).difference(kept))
