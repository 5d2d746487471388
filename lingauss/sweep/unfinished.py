"""Blocks of a sweep that was interrupted, and what they are blocks of."""

from __future__ import annotations

import hashlib
import json
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lingauss.errors import DomainError
from lingauss.files import lock, remove, remove_leftovers, write

if TYPE_CHECKING:
    import xarray as xr

KIND = "sweep.json"  # what the finished blocks beside it are blocks of


def unfinished_of(target: Path) -> Path:
    """Return where the finished blocks of a folder are until all are."""
    return target.with_name(f"{target.name}.unfinished")


@contextmanager
def taken_up(dataset: xr.Dataset, target: Path) -> Iterator[Path]:
    """Give the folder of finished blocks, new or left by an earlier call, and put it in place if all goes well.

    Parameters
    ----------
    dataset : xarray.Dataset
        The chunked sweep.
    target : Path
        New or an empty folder, in an existing one.

    Raises
    ------
    DomainError
        If the blocks are those of another sweep, or computed by other versions, or another process is at them.
    """
    folder = unfinished_of(target)
    folder.mkdir(exist_ok=True)
    with lock(folder) as is_held:
        if is_held is False:
            raise DomainError("a sweep that no other process saves", str(target), "Wait for it, or choose another.")
        try:
            _check_kind(dataset, folder)
            yield folder
        except BaseException:
            if {path.name for path in folder.iterdir()} <= {KIND}:  # no block
                remove(folder)
            raise
        os.replace(folder, target)
        (target / KIND).unlink()


def _check_kind(dataset: xr.Dataset, folder: Path) -> None:
    """Refuse blocks of another sweep; note what these are blocks of."""
    remove_leftovers(folder / KIND)
    kind = _kind_of(dataset)
    found = _read(folder / KIND) if any(folder.iterdir()) else kind
    different = [name for name in kind if found.get(name) != kind[name]]
    if different:
        raise DomainError(
            f"unfinished blocks of the same sweep in {folder}",
            f"those of one with other {', '.join(different)}",
            "Save that sweep first, remove the folder, or choose another.",
        )
    write(folder / KIND, json.dumps(kind, indent=1, ensure_ascii=False).encode())


def _read(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def _kind_of(dataset: xr.Dataset) -> dict[str, Any]:
    """Return all that decides the numbers in the blocks of a sweep, as it is read back from JSON."""
    coordinates = hashlib.sha256()
    for name, values in dataset.coords.items():
        coordinates.update(f"{name} {values.dtype.str} {values.shape}".encode() + values.values.tobytes())
    return {
        "design": str(dataset.attrs.get("fingerprint", uuid.uuid4().hex)),  # one that cannot be told is no other's
        "versions": str(dataset.attrs.get("versions", "")),
        "quantities": [str(name) for name in dataset.data_vars],
        "chunks": {str(name): list(lengths) for name, lengths in dataset.chunks.items()},
        "coordinates": coordinates.hexdigest(),
    }
