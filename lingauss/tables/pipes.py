"""Pipes as input: they can be read once only, and a table is read several times."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lingauss.errors import FileFormatError


@contextmanager
def readable_again(data: Any) -> Iterator[Any]:
    """Give a pipe's content as a temporary file of its name, and anything else as it is.

    Raises
    ------
    FileFormatError
        For a device, of which nobody knows whether it ends.
    OSError
        If the content cannot be read, or finds no room on the disk.
    """
    if not isinstance(data, str | os.PathLike) or not _exists(Path(data)) or Path(data).is_dir():
        yield data
        return
    path = Path(data)
    if path.is_file():
        yield data
        return
    if not path.is_fifo():
        raise FileFormatError("a file or a pipe", f"{path}, which is neither", "Copy the data to a file first.")
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / path.name
        with path.open("rb") as source, copy.open("wb") as sink:
            shutil.copyfileobj(source, sink)
        yield copy


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except ValueError as error:  # a null character
        raise FileFormatError("the name of a file", f"{str(path)!r} ({error})", "Check it.") from error
