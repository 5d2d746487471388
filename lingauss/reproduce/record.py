"""What lies in the folder of figures already, and how much of it still holds.

The last digits of a number are the processor's, and those of a coordinate or a compressed pixel follow them. A figure
that is there stays, byte for byte, as long as its numbers agree with the new ones and the same code draws it. The code
that drew it is kept in a manifest beside it.
"""

from __future__ import annotations

import dataclasses
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

MANIFEST = "manifest.json"
AGREEMENT = 1e-6  # relative; numbers that differ by no more are the same
NEW = "not known here"
ROUNDING = 1e-12  # relative to the largest of a column: what is left of numbers that cancel


@dataclass(frozen=True)
class Entry:
    """Files that belong together.

    Attributes
    ----------
    code : str
        Fingerprint of the code that drew them.
    files : tuple of str
        Their names.
    """

    code: str
    files: tuple[str, ...]


@dataclass(frozen=True)
class Record:
    """The manifest of a folder.

    Attributes
    ----------
    directory : Path
    entries : mapping of str to Entry
        By name of figure.
    """

    directory: Path
    entries: Mapping[str, Entry]

    @classmethod
    def read(cls, directory: Path) -> Self:
        """Read a folder's manifest; without a legible one nothing is known of the files in it."""
        try:
            kept = json.loads((directory / MANIFEST).read_text(encoding="utf-8"))
            entries = {name: Entry(str(entry["code"]), tuple(entry["files"])) for name, entry in kept.items()}
        except (FileNotFoundError, ValueError, TypeError, KeyError, AttributeError):
            entries = {}
        return cls(directory, entries)

    def change(self, name: str, code: str, table: str, numbers: bytes) -> str:
        """Say why the files of a figure no longer hold; nothing if they do.

        Parameters
        ----------
        name : str
            The figure's.
        code : str
            Fingerprint of the code that draws it now.
        table, numbers : str, bytes
            Name of the file with its numbers, and what would be written to it.
        """
        entry = self.entries.get(name)
        if entry is None or not (self.directory / table).exists():
            return NEW
        if not agree((self.directory / table).read_bytes(), numbers):
            return f"a number changed by more than {AGREEMENT:.0e} of itself"
        return "" if entry.code == code else "its code changed"

    def held(self, name: str) -> frozenset[str]:
        """Return the files that are recorded of a figure and still there."""
        entry = self.entries.get(name)
        return frozenset(file for file in entry.files if (self.directory / file).exists()) if entry else frozenset()


def manifest(entries: Mapping[str, Entry]) -> bytes:
    """Return what says of a folder which code drew the files in it."""
    listed = {name: dataclasses.asdict(entries[name]) for name in sorted(entries)}
    return f"{json.dumps(listed, indent=1)}\n".encode()


def agree(kept: bytes, fresh: bytes) -> bool:
    """Whether two CSV tables hold the same words and, to :data:`AGREEMENT`, the same numbers."""
    import pandas as pd

    try:
        old, new = (pd.read_csv(io.BytesIO(table)) for table in (kept, fresh))
    except ValueError:  # what is there is no table
        return False
    return list(old) == list(new) and len(old) == len(new) and all(_alike(old[name], new[name]) for name in new)


def _alike(old: pd.Series[float], new: pd.Series[float]) -> bool:
    if not {old.dtype.kind, new.dtype.kind} <= set("iuf"):
        return bool(old.equals(new))
    a, b = old.to_numpy(np.float64), new.to_numpy(np.float64)
    largest = float(np.max(np.abs(b), where=np.isfinite(b), initial=0.0))
    return bool(np.allclose(a, b, rtol=AGREEMENT, atol=ROUNDING * largest, equal_nan=True))
