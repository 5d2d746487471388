"""Text tables, read in pieces: whatever separates their columns, marks their decimals and encodes their letters."""

from __future__ import annotations

import bz2
import gzip
import lzma
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

from lingauss.errors import DomainError, EmptyDataError, FileFormatError
from lingauss.tables.frames import table_of_pieces
from lingauss.tables.reading import Reading
from lingauss.tables.table import Table, rows_per_batch, split_columns

if TYPE_CHECKING:
    import pandas as pd

SEPARATORS = {".csv": ",", ".tsv": "\t"}
COMPRESSIONS = (".gz", ".bz2", ".xz", ".zip")
TEXT_SIZE = 1.5  # how much more room text takes than the numbers it stands for
BROKEN = (zipfile.BadZipFile, zlib.error, lzma.LZMAError)  # what damaged compressed files raise
START = 64  # bytes that show how a file is encoded, and a line with its separator
ROW_NAMES = "row names"  # the name of a first column that has none
MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8-sig"}


@dataclass(frozen=True)
class Layout:
    """How a text file is laid out.

    Attributes
    ----------
    path : Path
    separator, decimal, encoding : str
    skipped : int
        Lines before the first row.
    names : tuple of str
        Of all columns.
    missing : tuple of str
        Codes that stand for a missing entry, beside the usual ones.
    """

    path: Path
    separator: str
    decimal: str
    encoding: str
    skipped: int
    names: tuple[str, ...]
    missing: tuple[str, ...]

    def pieces(self, columns: Sequence[str]) -> Iterator[pd.DataFrame]:
        """Yield some columns, distinct and in any order, a piece of the rows at a time."""
        unnamed = [name for name in columns if name.startswith("Unnamed: ")]
        if unnamed:
            raise DomainError(
                f"a name for every column of {self.path.name}",
                f"none for column {int(unnamed[0].split()[1]) + 1}",
                f"Name it in the header line, or leave it out (--exclude {unnamed[0]!r}).",
            )
        # All columns are read, because pandas counts the fields of a line only then.
        step = max(1, int(rows_per_batch(len(self.names)) / TEXT_SIZE))
        empty = True
        for piece in parsed(
            self.path,
            sep=self.separator,
            decimal=self.decimal,
            encoding=self.encoding,
            skiprows=self.skipped,
            header=None,
            names=list(self.names),
            na_values=list(self.missing) or None,
            index_col=False,
            chunksize=step,
            low_memory=False,
        ):
            empty = empty and not len(piece)
            yield piece if len(columns) == len(self.names) else piece[list(columns)]
        if empty:
            raise EmptyDataError(f"{self.path.name} with rows below its header line", "none", "Check the file.")


def table_of_csv(path: Path, targets: Sequence[str], reading: Reading) -> Table:
    """Return the table in a text file, of which a piece at a time is in memory.

    Raises
    ------
    FileFormatError, UnknownNameError, DomainError, EmptyDataError
    OSError
        If the file cannot be opened.
    """
    layout = layout_of(path, reading)
    notes: tuple[str, ...] = ()
    exclude = tuple(reading.exclude)
    named = {*targets, *(reading.features or ()), *exclude}
    if layout.names[0] == ROW_NAMES and ROW_NAMES not in named and len(layout.names) > 1:
        exclude = (*exclude, ROW_NAMES)
        notes = ("The first column has no name: it was taken for the names of the rows and left out.",)
    inputs, outputs = split_columns(list(layout.names), targets, reading.features, exclude, path.name)
    return table_of_pieces(
        path.name,
        inputs,
        outputs,
        lambda: layout.pieces((*inputs, *outputs)),
        lambda: layout.pieces(outputs),
        notes,
    )


def text_suffix(path: Path) -> str:
    """Return the ending of a file's name, without that of a compression."""
    name = Path(path.stem) if path.suffix.lower() in COMPRESSIONS else path
    return name.suffix.lower()


def layout_of(path: Path, reading: Reading) -> Layout:
    """Return how a text file is laid out, from what the reader was told and its first lines.

    Raises
    ------
    FileFormatError, EmptyDataError, OSError
    """
    start = _start(path)
    marked = next((name for mark, name in MARKS.items() if start.startswith(mark)), "utf-8")
    encoding = reading.encoding or marked
    separator = reading.separator or SEPARATORS[text_suffix(path)]
    head = start.decode(encoding, errors="replace")
    skipped = len(head.splitlines()) - len(head.lstrip("\r\n").splitlines())
    first = head.lstrip("\r\n").partition("\n")[0].strip()
    if first.lower().startswith("sep=") and len(first) == 5:  # a line that spreadsheets write for each other
        separator, skipped = reading.separator or first[4], skipped + 1
    layout = Layout(path, separator, reading.decimal, encoding, skipped, (), tuple(reading.texts))
    rows = list(_fields(layout, 2))
    if not rows:
        raise EmptyDataError(f"{path.name} with a header line and rows", "an empty file", "Check the file.")
    names = rows[0]
    if len(names) == 1 and any(other in names[0] for other in {",", ";", "\t", "|"} - {separator}):
        raise FileFormatError(
            f"columns in {path.name} separated by {separator!r}",
            f"the one column {names[0][:60]!r}",
            "Name the separator (--separator, separator=).",
        )
    if not reading.header:
        named = tuple(str(number) for number in range(len(names)))
        return Layout(path, separator, reading.decimal, encoding, skipped, named, layout.missing)
    counted = names == [str(number) for number in range(len(names))]  # as pandas writes a frame of an array
    if all(_is_number(name, reading.decimal) for name in names) and not (counted and len(names) > 1):
        raise FileFormatError(
            f"a header line with column names in {path.name}",
            f"the numbers {', '.join(names[:3])} …",
            "Put one name per column in the first line, or say that there is none (--no-header, header=False).",
        )
    if len(rows) > 1 and len(rows[1]) == len(names) + 1:  # R names the rows, and not their column
        names = ["", *names]
    found = tuple(name or (ROW_NAMES if not place else f"Unnamed: {place}") for place, name in enumerate(names))
    return Layout(path, separator, reading.decimal, encoding, skipped + 1, found, layout.missing)


def _fields(layout: Layout, count: int) -> Iterator[list[str]]:
    """Yield the fields of the first rows, which may be of different lengths."""
    for number in range(count):
        options: dict[str, Any] = {
            "sep": layout.separator,
            "encoding": layout.encoding,
            "header": None,
            "nrows": 1,
            "dtype": str,
            "na_filter": False,
            "skiprows": layout.skipped + number,
        }
        try:
            found = list(parsed(layout.path, **options))
        except EmptyDataError:
            if not number:
                raise
            return
        if not found or not len(found[0]):
            return
        yield [str(field) for field in found[0].iloc[0]]


def _start(path: Path) -> bytes:
    """Return the first bytes of a text file, unpacked."""
    kind = path.suffix.lower()
    try:
        if kind == ".zip":
            with zipfile.ZipFile(path) as archive, archive.open(archive.namelist()[0]) as stream:
                return stream.read(START)
        opener: Any = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}.get(kind, open)
        with cast(IO[bytes], opener(path, "rb")) as stream:
            return stream.read(START)
    except (*BROKEN, EOFError, IndexError, gzip.BadGzipFile) as error:
        raise _broken(path, error) from error


def parsed(path: Path, **options: Any) -> Iterator[pd.DataFrame]:
    """Read a text file with pandas; whatever it complains about becomes one typed error.

    Raises
    ------
    FileFormatError, EmptyDataError
    """
    import pandas as pd

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            found = pd.read_csv(path, **options)
            yield from [found] if isinstance(found, pd.DataFrame) else found
    except pd.errors.EmptyDataError as error:
        raise EmptyDataError(f"{path.name} with a header line and rows", "an empty file", "Check the file.") from error
    except UnicodeError as error:
        raise FileFormatError(
            f"{path.name} in the encoding {options.get('encoding') or 'UTF-8'}".replace("utf-8", "UTF-8"),
            " ".join(str(error).split()).rstrip("."),
            "Name its encoding, often latin-1 or cp1252 (--encoding, encoding=).",
        ) from error
    except (pd.errors.ParserError, pd.errors.ParserWarning, ValueError, EOFError, *BROKEN) as error:
        raise _broken(path, error) from error


def _broken(path: Path, error: Exception) -> FileFormatError:
    return FileFormatError(
        f"{path.name} as a text table with equally many fields in every line",
        " ".join(str(error).split()).rstrip(".") or type(error).__name__,
        "Check the file, its separator (--separator) and its encoding (--encoding).",
    )


def _is_number(text: str, decimal: str) -> bool:
    try:
        float(text.replace(decimal, "."))
    except ValueError:
        return False
    return True
