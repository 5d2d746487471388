"""Files that are complete, or not there at all; what is no plain file is written through."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from lingauss.errors import DomainError

if sys.platform != "win32":
    import fcntl

STANDARD_STREAMS = (1, 2)  # descriptors
NAME_BYTES = 200  # of a target's name that the name beside it repeats


def as_path(value: Any, name: str = "path") -> Path:
    """Return where a file or folder is, or is to be.

    Raises
    ------
    DomainError
    """
    try:
        return Path(value)
    except TypeError:
        raise DomainError(f"{name}, a path", type(value).__name__, "Pass a str or a pathlib.Path.") from None


def write(path: str | os.PathLike[str], content: bytes) -> None:
    """Replace a file by new content, whole or not at all; see :func:`replacing`.

    Raises
    ------
    OSError
        If the folder or the file cannot be written; the message names the file asked for.
    """
    with replacing(path) as partial:
        partial.write_bytes(content)


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a file beside the target for its new content, and put that in place if all goes well.

    What was there before stays until then, and for good if anything fails. A link is followed, a file keeps its mode
    and its owner, and one that may not be written is refused. Devices, pipes and the process's own output are written
    through: they get the content when it is complete. What processes that died have left beside the target goes.

    Parameters
    ----------
    path : path-like
        File to write, in an existing folder.

    Yields
    ------
    Path
        An empty file to write to.

    Raises
    ------
    OSError
        If the target cannot be written; the message names it rather than the file beside it.
    """
    asked = as_path(path)
    found = check_replaceable(asked)
    partial = None
    try:
        if found is not None and _is_stream(found):
            with tempfile.TemporaryDirectory() as folder:
                partial = Path(folder) / "content"
                partial.touch()
                yield partial
                _pour(partial, asked, found)
            return
        target = asked.resolve()
        remove_leftovers(target)
        with beside(target) as partial:
            if found is not None:
                keep_permissions(found, partial)
            yield partial
            os.replace(partial, target)
    except OSError as error:
        if error.filename is None or partial is None or Path(error.filename) == partial:
            raise type(error)(error.errno, error.strerror, str(asked)) from error
        raise


def check_replaceable(path: Path) -> os.stat_result | None:
    """Return what is known of the file a path leads to, None if there is none yet; refuse what may not be written.

    Raises
    ------
    OSError
        If it is a folder or may not be written, or if links lead in a circle; the message names the path.
    """
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    except ValueError as error:  # a null character
        raise OSError(errno.EINVAL, f"no name of a file ({error})", repr(str(path))) from error
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    read_only = not found.st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH)  # root may write these, and should not
    if read_only or not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, "the file is read-only", str(path))
    return found


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


def keep_permissions(found: os.stat_result, path: Path) -> None:
    """Give a file the mode and, as far as this user may, the owner of the one whose place it takes."""
    if sys.platform != "win32":
        with suppress(PermissionError):
            os.chown(path, found.st_uid, found.st_gid)
    path.chmod(stat.S_IMODE(found.st_mode))


@contextmanager
def beside(target: Path, *, folder: bool = False) -> Iterator[Path]:
    """Make an empty hidden file or folder beside a target; remove it in the end unless it has been moved.

    It is locked as long as this process lives, so that others can tell it from a leftover.
    """
    while True:
        partial = target.with_name(f"{_prefix(target)}{uuid.uuid4().hex[:8]}.partial")
        if folder:
            partial.mkdir()
        else:
            partial.touch(exist_ok=False)
        with lock(partial, wait=True):
            if not partial.exists():  # taken for a leftover before it was locked
                continue
            try:
                yield partial
            finally:
                remove(partial)
            return


def remove_leftovers(target: Path) -> None:
    """Remove what processes that died while they wrote have left beside a target."""
    with suppress(OSError):
        left = [path for path in target.parent.iterdir() if path.name.startswith(_prefix(target))]
        for path in left:
            if path.name.endswith(".partial"):
                with lock(path) as is_held:
                    if is_held:
                        remove(path)


def remove(path: Path) -> None:
    """Remove a file or a folder, if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


@contextmanager
def lock(path: Path, *, wait: bool = False) -> Iterator[bool | None]:
    """Lock a file or folder until the end of the context or of the process.

    Yields
    ------
    bool or None
        False if another holds it and there is no waiting, None where nothing can be locked.
    """
    if sys.platform == "win32":
        yield None
        return
    held, descriptor = None, None
    try:
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            held = True
        except BlockingIOError:
            held = False
        except OSError:  # it is gone, or on a file system without locks
            pass
        yield held
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _prefix(target: Path) -> str:
    return f".{os.fsdecode(os.fsencode(target.name)[:NAME_BYTES])}."


def _is_stream(found: os.stat_result) -> bool:
    return not stat.S_ISREG(found.st_mode) or _standard_stream(found) is not None


def _standard_stream(found: os.stat_result) -> int | None:
    """Return the descriptor of this process's output that a file is, if it is one."""
    for descriptor in STANDARD_STREAMS:
        with suppress(OSError):
            if os.path.samestat(os.fstat(descriptor), found):
                return descriptor
    return None


def _pour(content: Path, target: Path, found: os.stat_result) -> None:
    """Write a complete file into what is none."""
    stream = _standard_stream(found)
    # Another descriptor of a file that is our output would start at its beginning.
    descriptor = os.open(target, os.O_WRONLY) if stream is None else os.dup(stream)
    with content.open("rb") as source, os.fdopen(descriptor, "wb") as sink:
        shutil.copyfileobj(source, sink)
