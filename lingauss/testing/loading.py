"""Claims and strategies by reference to a file of the user's, ``FILE.py:NAME``."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from runpy import run_path
from typing import Any

from lingauss.errors import ClaimError, DomainError
from lingauss.testing.claims import one_line
from lingauss.vocabulary import unknown_name


@dataclass(frozen=True)
class UserFile:
    """What a Python file defines.

    Attributes
    ----------
    path : Path
    names : dict of str to object
    """

    path: Path
    names: dict[str, Any]

    @classmethod
    def run(cls, path: Path) -> UserFile:
        """Run a file, which may import its neighbours.

        Raises
        ------
        DomainError
            If it is no ``.py`` file, or does not exist.
        ClaimError
            If it raises.
        """
        if path.suffix != ".py" or not path.is_file():
            got = f"{path}, which {'is no such file' if path.exists() else 'does not exist'}"
            raise DomainError("an existing Python file", got, "Write FILE.py:FUNCTION, for example my_bound.py:bound.")
        sys.path.insert(0, str(path.resolve().parent))
        try:
            return cls(path, run_path(str(path)))
        except (Exception, SystemExit) as error:
            raise ClaimError(f"{path} to run without an error", one_line(error), "Mend the file first.") from error

    def get(self, name: str) -> Any:
        """Return what the file calls ``name``.

        Raises
        ------
        UnknownNameError
            If there is nothing of that name; those there are are listed.
        """
        if name not in self.names:
            own = [key for key in self.names if not key.startswith("_")]
            raise unknown_name(f"a name defined in {self.path}", name, own or ["(none)"])
        return self.names[name]

    def statements(self, name: str) -> tuple[str, ...]:
        """Return the statements by which a script gets hold of ``name``."""
        return "from runpy import run_path", f'{name} = run_path("{self.path.as_posix()}")["{name}"]'


def split(reference: str) -> tuple[Path, str]:
    """Return the file and the name in ``FILE.py:NAME``.

    Raises
    ------
    DomainError
        If it is not of this form.
    """
    file, _, name = reference.rpartition(":")
    if not file or not name.isidentifier():
        raise DomainError("FILE.py:FUNCTION", f"{reference!r}", "Write, for example, my_bound.py:bound.")
    return Path(file), name
