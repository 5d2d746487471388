"""Folders of results: all old or all new, and nothing in them overwritten that lingauss did not write.

A new folder is filled under a hidden name and renamed. In a folder that is there, which may hold other things as well,
new files are first written to a hidden folder inside it. Renaming that to ``lingauss-unfinished`` decides that the
results are the new ones; its files are then moved to their places, a matter of milliseconds. A run that dies before
leaves all old; after one that dies while it moves, that name says so, and the next run begins by moving the rest.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from lingauss.errors import DomainError, ForeignFileError
from lingauss.files import (
    beside,
    check_makeable,
    check_replaceable,
    keep_permissions,
    lock,
    remove,
    remove_leftovers,
    write,
)
from lingauss.validation import as_flag

RECORD = ".lingauss.json"  # names and digests of the files of results in a folder
LISTED = "files written by lingauss, with their SHA-256"
UNFINISHED = "lingauss-unfinished"
ANY = "any"  # in the place of a digest


def prepare_folder(folder: str | os.PathLike[str], names: Iterable[str], *, force: bool = False) -> None:
    """Refuse a folder to which results cannot be written, before work is done whose results should go there.

    What a run that died has left there is finished or removed.

    Parameters
    ----------
    folder : path-like
        Need not exist.
    names : iterable of str
        Of the files to come.
    force : bool
        Whether they may take the place of files that are not lingauss's.

    Raises
    ------
    ForeignFileError
        If they would and may not.
    OSError
        If the folder cannot be made or written to, or a file in it is read-only.
    """
    place, force = Path(folder), as_flag(force, "force")
    check_makeable(place)
    if not place.exists():
        return
    with lock(place, wait=True):
        _finish(place)
    remove_leftovers(place / RECORD)
    recorded = _recorded(place)
    foreign = []
    for name in names:
        check_replaceable(place / name)
        if not force and os.path.lexists(place / name) and not _is_ours(place / name, recorded.get(name)):
            foreign.append(name)
    if foreign:
        more = f" and {len(foreign) - 3} more" if len(foreign) > 3 else ""
        raise ForeignFileError(
            f"a folder in which lingauss wrote what it would replace, unlike in {place}",
            f"{', '.join(foreign[:3])}{more}, which others wrote or changed",
            "Choose another folder, or overwrite with --force, force=True.",
        )


def write_folder(
    folder: str | os.PathLike[str],
    contents: Mapping[str, bytes],
    *,
    kept: Collection[str] | None = (),
    by_name: Collection[str] = (),
    force: bool = False,
) -> tuple[Path, ...]:
    """Write results to a folder: all of them, or none.

    Parameters
    ----------
    folder : path-like
        Made if it does not exist. Files in it that are not lingauss's stay.
    contents : mapping of name to bytes
    kept : collection of str, optional
        Earlier results that stay as they are if they are not among the new; None: all. The others are removed, unless
        they were changed.
    by_name : collection of str
        Results whose bytes follow the processor: the record keeps their names alone, so that it is the same everywhere.
        That one of them was changed is not noticed.
    force : bool
        Whether files that are not lingauss's may be overwritten.

    Returns
    -------
    tuple of Path
        The files, in the order given.

    Raises
    ------
    ForeignFileError
        If a file would be overwritten that lingauss did not write, or that was changed since.
    OSError
        If a file cannot be written.
    """
    place = Path(folder)
    for name in contents:
        if not _is_name(name) or name in (RECORD, UNFINISHED):
            raise DomainError("names of files", repr(name), "Leave out folders.")
    prepare_folder(place, contents, force=force)
    digests = {name: ANY if name in by_name else _digest(content) for name, content in contents.items()}
    try:
        if place.exists():
            earlier = _recorded(place)
            digests = {name: earlier[name] for name in earlier if kept is None or name in kept} | digests
            with beside(place / RECORD, folder=True) as fresh:
                _fill(fresh, {name: content for name, content in contents.items() if _differs(place / name, content)})
                _record(fresh, digests)
                with lock(place, wait=True):
                    _finish(place)
                    os.rename(fresh, place / UNFINISHED)
                    try:
                        _finish(place)
                    except BaseException:  # as much as an interruption allows
                        _finish(place)
                        raise
        else:
            place.parent.mkdir(parents=True, exist_ok=True)
            with beside(place, folder=True) as fresh:
                remove_leftovers(place)
                _fill(fresh, contents)
                _record(fresh, digests)
                os.rename(fresh, place)
    except OSError as error:
        if error.filename is None:
            raise type(error)(error.errno, error.strerror, str(place)) from error
        raise
    return tuple(place / name for name in contents)


def _fill(folder: Path, contents: Mapping[str, bytes]) -> None:
    for name, content in contents.items():
        (folder / name).write_bytes(content)


def _record(folder: Path, digests: Mapping[str, str]) -> None:
    text = json.dumps({LISTED: dict(sorted(digests.items()))}, indent=1)
    (folder / RECORD).write_text(text + "\n", encoding="utf-8")


def _recorded(folder: Path) -> dict[str, str]:
    """Return names and digests of the files that lingauss wrote to a folder; none if nobody can tell."""
    try:
        files = json.loads((folder / RECORD).read_text(encoding="utf-8"))[LISTED]
        return {name: str(digest) for name, digest in files.items() if _is_name(name)}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}


def _finish(folder: Path) -> None:
    """Move decided results to their places; remove those of earlier runs that are none any more."""
    decided = folder / UNFINISHED
    if not (decided / RECORD).exists():
        with suppress(OSError):
            decided.rmdir()
        return
    for path in sorted(decided.iterdir()):
        if path.name != RECORD:
            _place(path, folder / path.name)
    now = _recorded(decided)
    for name, digest in _recorded(folder).items():
        if name not in now and _is_ours(folder / name, digest):
            remove(folder / name)
    os.replace(decided / RECORD, folder / RECORD)
    decided.rmdir()


def _place(path: Path, target: Path) -> None:
    """Put a complete file in place."""
    if not os.path.lexists(target):
        os.replace(path, target)
    elif _is_plain(target):
        keep_permissions(target.stat(), path)
        os.replace(path, target)
    else:
        write(target, path.read_bytes())
        path.unlink()


def _is_name(name: str) -> bool:
    return name != "" and Path(name).name == name


def _is_ours(path: Path, digest: str | None) -> bool:
    return digest is not None and _is_plain(path) and digest in (ANY, _digest(path.read_bytes()))


def _differs(path: Path, content: bytes) -> bool:
    return not _is_plain(path) or path.read_bytes() != content


def _is_plain(path: Path) -> bool:
    """Whether it is a file, and neither a link nor a device nor a folder."""
    return os.path.lexists(path) and stat.S_ISREG(path.lstat().st_mode)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
