"""Files and folders that are complete, or not there at all."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def write(path: str | os.PathLike[str], content: bytes) -> None:
    """Replace a file by new content, whole or not at all.

    Raises
    ------
    OSError
        If the folder or the file cannot be written; the message names the file asked for.
    """
    with replacing(path) as partial:
        partial.write_bytes(content)


def check_writable(folder: str | os.PathLike[str]) -> None:
    """Refuse a folder in which no file can be made, before work is done whose results should go there.

    Raises
    ------
    OSError
        The message names the folder.
    """
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise type(error)(error.errno, error.strerror, str(folder)) from error


def check_makeable(folder: str | os.PathLike[str]) -> None:
    """Refuse a folder that cannot be made or written to, without making it.

    Raises
    ------
    OSError
        The message names the folder, or the nearest above it that exists.
    """
    path = Path(folder).absolute()
    check_writable(next(place for place in (path, *path.parents) if place.exists()))


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a path beside the target for its new content, and put that in place if all goes well.

    What was there before, a file or an empty folder, stays until then, and for good if anything fails.

    Parameters
    ----------
    path : path-like
        File or folder to write, in an existing folder.

    Yields
    ------
    Path
        Where to write a file, or to make a folder.

    Raises
    ------
    OSError
        If the target cannot be written; the message names it rather than the path beside it.
    """
    target = Path(path)
    partial = target.with_name(f".{target.name[:200]}.{uuid.uuid4().hex[:8]}.partial")
    try:
        yield partial
        if target.is_dir() and partial.is_dir():
            target.rmdir()
        os.replace(partial, target)
    except OSError as error:
        if error.filename is not None and Path(error.filename) == partial:
            raise type(error)(error.errno, error.strerror, str(target)) from error
        raise
    finally:
        # Nothing is left here after success.
        if partial.is_dir():
            shutil.rmtree(partial, ignore_errors=True)
        partial.unlink(missing_ok=True)
