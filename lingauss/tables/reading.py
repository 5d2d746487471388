"""How data are read: which columns, which entries are missing, and how a text file is written."""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from dataclasses import dataclass

from lingauss.errors import DomainError
from lingauss.validation import as_flag, as_items

SPELLED = {"\\t": "\t", "tab": "\t", "space": r"\s+", " ": r"\s+", "comma": ",", "semicolon": ";"}
MISSING_OPTION = "--missing CODE, missing=[…]"


@dataclass(frozen=True)
class Reading:
    """What the reader of a table has to be told.

    Attributes
    ----------
    features : sequence of str or None
        Columns to use; None for all that are no targets.
    exclude : sequence of str
        Columns to leave out.
    classes : bool
        Whether numeric targets are classes too.
    drop_missing : bool
        Whether rows with a missing entry are left out; otherwise they are an error.
    missing : sequence of str or float
        Codes that stand for a missing entry, such as -999 or '?'.
    separator : str or None
        Between the columns of a text file; None goes by the file's ending. A tab may be written ``tab``;
        ``space`` is any white space.
    decimal : str
        The decimal mark of a text file.
    encoding : str or None
        Of a text file; None is UTF-8, or UTF-16 where the file says so.
    header : bool
        Whether the first line of a text file names the columns; otherwise they are called 0, 1, …
    """

    features: Sequence[str] | None = None
    exclude: Sequence[str] = ()
    classes: bool = False
    drop_missing: bool = False
    missing: Sequence[str | float] = ()
    separator: str | None = None
    decimal: str = "."
    encoding: str | None = None
    header: bool = True

    def __post_init__(self) -> None:
        for name in ("classes", "drop_missing", "header"):
            object.__setattr__(self, name, as_flag(getattr(self, name), name))
        codes = (self.missing,) if isinstance(self.missing, str | int | float) else as_items(self.missing, "missing")
        object.__setattr__(self, "missing", codes)
        for name in ("features", "exclude"):
            given = getattr(self, name)
            if isinstance(given, str | int):
                object.__setattr__(self, name, (str(given),))
            elif given is not None:
                object.__setattr__(self, name, tuple(map(str, as_items(given, name))))
        for name in ("separator", "decimal", "encoding"):
            if not isinstance(getattr(self, name), str | None):
                raise DomainError(f"{name}, a text", type(getattr(self, name)).__name__, "Pass a str.")
        if self.separator is not None:
            if not self.separator:
                raise DomainError("a separator", "an empty text", "Name it, such as ; or tab (--separator, separator=)")
            object.__setattr__(self, "separator", SPELLED.get(self.separator, self.separator))
        if self.decimal not in (".", ","):
            raise DomainError("the decimal mark . or ,", repr(self.decimal), "Pass one of them (--decimal, decimal=).")
        if self.encoding is not None:
            try:
                codecs.lookup(self.encoding)
            except LookupError as error:
                raise DomainError(
                    "the name of an encoding", repr(self.encoding), "Try utf-8, latin-1 or cp1252 (--encoding)."
                ) from error

    @property
    def texts(self) -> list[str]:
        """The missing codes as they stand in a text file."""
        return [str(code) for code in self.missing]

    @property
    def numbers(self) -> list[float]:
        """The missing codes that are numbers."""
        found = []
        for code in self.missing:
            try:
                found.append(float(code))
            except ValueError:
                continue
        return found
