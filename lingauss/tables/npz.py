"""Tables in npz files: members by name, mapped or streamed; no other member is looked at, and nothing is unpickled."""

from __future__ import annotations

import math
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np

from lingauss.errors import DomainError
from lingauss.tables.arrays import AnyArray, as_rows, broken, check_plain, columns_of, table_of_arrays
from lingauss.tables.table import Batch, Table, listed, rows_per_batch, unknown_column
from lingauss.validation import to_float


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
            yield Batch(to_float(inputs_block, X.name), columns_of(as_rows(labels)))

    def read_targets() -> Iterator[tuple[AnyArray, ...]]:
        return (columns_of(as_rows(labels)) for labels in _blocks(path, Y, step))

    return Table(path.name, shape_only.features, shape_only.targets, read, read_targets)


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
        raise broken(path, error) from error


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
        raise broken(path, error) from error
    check_plain(found.dtype, f"{name} in {path.name}")
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
        raise broken(path, error) from error


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
