"""Tables in arrays: in memory, memory-mapped from npy, or streamed from the members of npz. Nothing is unpickled."""

from __future__ import annotations

import math
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np

from lingauss.data.rows import Rows
from lingauss.errors import DomainError, EmptyDataError, FileFormatError, NotNumericError, ShapeError
from lingauss.tables.table import Batch, Table, expanded, listed, plain, rows_per_batch, split_columns, unknown_column
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
            yield Batch(to_float(rows.inputs[start : start + step], "X"), _columns(rows.labels[start : start + step]))

    def read_targets() -> Iterator[tuple[AnyArray, ...]]:
        return (_columns(rows.labels[start : start + step]) for start in range(0, len(rows), step))

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


def table_of_npz(path: Path, targets: Sequence[str], features: Sequence[str] | None = None) -> Table:
    """Return the table in an npz file: members by name, streamed whether they are compressed or not.

    Without ``features`` the inputs are the member X, or the only one that is no target.

    Raises
    ------
    FileFormatError, ShapeError, UnknownNameError, DomainError, OSError
    """
    names = list(_names(path))
    for what, given in (("targets", targets), ("features", ("",) if features is None else features)):
        if len(given) != 1:
            raise DomainError(
                f"one member of {path.name} with the {what}", listed(given) or "none", f"Name one of {listed(names)}."
            )
    for name in (*targets, *(features or ())):
        if name not in names:
            raise unknown_column(name, names, path.name)
    others = [name for name in names if name not in targets]
    inputs = features[0] if features else _only_inputs(path, others)
    if inputs is None or inputs == targets[0]:
        raise DomainError(
            f"the member of {path.name} that holds the features", listed(others) or "none", "Name it (--features)."
        )
    X, Y = (_checked_member(path, name) for name in (inputs, targets[0]))
    # Everything about shapes is checked on arrays that take no memory.
    shape_only = table_of_arrays(_hollow(X), _hollow(Y), path.name, targets[0])
    step = rows_per_batch(len(shape_only.features) + len(shape_only.targets))

    def read() -> Iterator[Batch]:
        for inputs_block, labels in zip(_blocks(path, X, step), _blocks(path, Y, step), strict=True):
            yield Batch(to_float(inputs_block, X.name), _columns(_as_rows(labels)))

    def read_targets() -> Iterator[tuple[AnyArray, ...]]:
        return (_columns(_as_rows(labels)) for labels in _blocks(path, Y, step))

    return Table(path.name, shape_only.features, shape_only.targets, read, read_targets)


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
        raise _broken(path, error) from error
    _check_plain(found.dtype, path.name)
    return found


@dataclass(frozen=True)
class _Member:
    """An array in an npz file, of which the header has been read.

    Attributes
    ----------
    name, entry : str
        As numpy and as the archive call it.
    shape, fortran, dtype
        Of the array.
    start : int
        Where its numbers begin in the unpacked member.
    offset : int or None
        Where they begin in the file, if the member is not compressed.
    """

    name: str
    entry: str
    shape: tuple[int, ...]
    fortran: bool
    dtype: np.dtype[Any]
    start: int
    offset: int | None


def _names(path: Path) -> dict[str, str]:
    """Return the names of the members of an npz file, and how the archive calls them; none of them is opened."""
    try:
        with zipfile.ZipFile(path) as archive:
            return {entry.filename.removesuffix(".npy"): entry.filename for entry in archive.infolist()}
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise _broken(path, error) from error


def _only_inputs(path: Path, others: Sequence[str]) -> str | None:
    """Return the member X, or the only one that can be features: an array with rows and columns of numbers."""
    if "X" in others or len(others) == 1:
        return "X" if "X" in others else others[0]
    tables = [name for name in others if (found := _found_member(path, name)) is not None and _is_table(found)]
    return tables[0] if len(tables) == 1 else None


def _is_table(member: _Member) -> bool:
    return len(member.shape) == 2 and member.dtype.kind in "biuf"


def _found_member(path: Path, name: str) -> _Member | None:
    """Return a member, or None for one that is no array."""
    try:
        with zipfile.ZipFile(path) as archive, path.open("rb") as raw:
            return _member(archive, raw, archive.getinfo(_names(path)[name]))
    except (zipfile.BadZipFile, ValueError, EOFError, zlib.error, NotImplementedError, RuntimeError):
        return None


def _checked_member(path: Path, name: str) -> _Member:
    try:
        with zipfile.ZipFile(path) as archive, path.open("rb") as raw:
            found = _member(archive, raw, archive.getinfo(_names(path)[name]))
    except (zipfile.BadZipFile, ValueError, EOFError, zlib.error, NotImplementedError, RuntimeError) as error:
        raise _broken(path, error) from error
    _check_plain(found.dtype, f"{name} in {path.name}")
    return found


def _member(archive: zipfile.ZipFile, raw: IO[bytes], entry: zipfile.ZipInfo) -> _Member:
    with archive.open(entry) as stream:
        version = np.lib.format.read_magic(stream)
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, fortran, dtype = read(stream)
        start = stream.tell()
    if min(shape, default=0) < 0 or math.prod(shape) * dtype.itemsize > entry.file_size - start:
        raise EOFError(f"{entry.filename} holds less than its shape {shape} says")
    offset = None
    if entry.compress_type == zipfile.ZIP_STORED:
        raw.seek(entry.header_offset + 26)
        lengths = raw.read(4)  # of the name and of the extra field that precede the content
        offset = raw.tell() + sum(int.from_bytes(part, "little") for part in (lengths[:2], lengths[2:])) + start
    return _Member(entry.filename.removesuffix(".npy"), entry.filename, shape, fortran, dtype, start, offset)


def _blocks(path: Path, member: _Member, step: int) -> Iterator[AnyArray]:
    """Yield rows of an array in an npz file: mapped where they are stored as they are, else as they are unpacked."""
    whole = None
    try:
        if member.offset is not None and all(member.shape):
            order: Any = "F" if member.fortran else "C"
            whole = np.memmap(path, member.dtype, "r", member.offset, member.shape, order)
        elif member.fortran and len(member.shape) > 1:
            with np.load(path, allow_pickle=False) as archive:  # rows are scattered over all of it
                whole = archive[member.name]
        if whole is None:
            yield from _unpacked(path, member, step)
        else:
            yield from (whole[start : start + step] for start in range(0, len(whole), step))
    except (zipfile.BadZipFile, EOFError, zlib.error, ValueError) as error:
        raise _broken(path, error) from error


def _unpacked(path: Path, member: _Member, step: int) -> Iterator[AnyArray]:
    width = member.dtype.itemsize * math.prod(member.shape[1:])
    with zipfile.ZipFile(path) as archive, archive.open(member.entry) as stream:
        stream.read(member.start)
        for start in range(0, member.shape[0], step):
            rows = min(step, member.shape[0] - start)
            content = stream.read(rows * width)
            if len(content) < rows * width:
                raise EOFError(f"it ends in row {start + len(content) // max(width, 1)} of {member.shape[0]}")
            yield np.frombuffer(content, member.dtype).reshape(rows, *member.shape[1:])


def _hollow(member: _Member) -> AnyArray:
    return np.broadcast_to(np.empty((), member.dtype), member.shape)


def _as_rows(labels: AnyArray) -> AnyArray:
    return labels[:, None] if labels.ndim == 1 else labels


def _plain(Y: Any) -> Any:
    """Return targets of which text stays text; a list of strings becomes an array of objects."""
    array = np.asarray(Y) if not isinstance(Y, np.ma.MaskedArray) else Y
    if array.dtype.kind in "mMc":
        raise NotNumericError("targets as numbers or text", f"dtype {array.dtype}", "Convert them first.")
    return array


def _columns(labels: AnyArray) -> tuple[AnyArray, ...]:
    if labels.dtype.kind in "SUO":
        texts = labels.astype(str) if labels.dtype.kind == "S" else labels
        return tuple(plain(column) for column in texts.astype(object).T)
    return tuple(to_float(labels, "Y").T)


def _check_plain(dtype: np.dtype[Any], what: str) -> None:
    if dtype.kind in "OVmMc":
        raise FileFormatError(
            f"{what} as a plain array of numbers or text",
            f"dtype {dtype}" + (", which would have to be unpickled" if dtype.kind == "O" else ""),
            "Save numbers; pickled objects can run code when they are read and never are.",
        )


def _broken(path: Path, error: Exception) -> FileFormatError:
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
