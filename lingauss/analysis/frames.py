"""Tables of named columns: DataFrames, and CSV or TSV files that are read in pieces."""

from __future__ import annotations

import lzma
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lingauss.analysis.table import Batch, Table, plain, quoted, rows_per_batch, split_columns
from lingauss.errors import DomainError, EmptyDataError, FileFormatError, NotNumericError
from lingauss.validation import Array

if TYPE_CHECKING:
    import pandas as pd

SEPARATORS = {".csv": ",", ".tsv": "\t"}
COMPRESSIONS = (".gz", ".bz2", ".xz", ".zip")
TEXT_SIZE = 4  # how much more room text takes than the numbers it stands for
BROKEN = (zipfile.BadZipFile, zlib.error, lzma.LZMAError)  # what damaged compressed files raise


def table_of_frame(
    frame: pd.DataFrame,
    targets: Sequence[str],
    features: Sequence[str] | None = None,
    exclude: Sequence[str] = (),
    origin: str = "the DataFrame",
) -> Table:
    """Return the table in a DataFrame.

    Raises
    ------
    UnknownNameError, DomainError, EmptyDataError
    """
    named = frame.set_axis([str(name) for name in frame.columns], axis=1)
    inputs, outputs = split_columns(list(named.columns), targets, features, exclude, origin)
    if not len(named):
        raise EmptyDataError(f"{origin} with at least one row", "none", "Pass some rows.")
    step = rows_per_batch(len(named.columns))

    def pieces() -> Iterator[pd.DataFrame]:
        return (named.iloc[start : start + step] for start in range(0, len(named), step))

    return _table(origin, inputs, outputs, pieces, pieces)


def table_of_csv(
    path: Path,
    targets: Sequence[str],
    features: Sequence[str] | None = None,
    exclude: Sequence[str] = (),
    separator: str | None = None,
) -> Table:
    """Return the table in a text file with a header line, of which a piece at a time is in memory.

    Raises
    ------
    FileFormatError, UnknownNameError, DomainError, EmptyDataError
    OSError
        If the file cannot be opened.
    """
    origin = path.name
    sep = separator or SEPARATORS[text_suffix(path)]
    header = _header(path, sep)
    inputs, outputs = split_columns(header, targets, features, exclude, origin)

    def pieces(columns: Sequence[str]) -> Iterator[pd.DataFrame]:
        return _pieces(path, sep, header, columns)

    return _table(origin, inputs, outputs, lambda: pieces((*inputs, *outputs)), lambda: pieces(outputs))


def text_suffix(path: Path) -> str:
    """Return the ending of a file's name, without that of a compression."""
    name = Path(path.stem) if path.suffix.lower() in COMPRESSIONS else path
    return name.suffix.lower()


def _table(origin: str, inputs: tuple[str, ...], outputs: tuple[str, ...], pieces: Any, target_pieces: Any) -> Table:
    def read() -> Iterator[Batch]:
        first = 1
        for piece in pieces():
            yield Batch(_numbers(piece, inputs, first), _raw(piece, outputs))
            first += len(piece)

    def read_targets() -> Iterator[tuple[np.typing.NDArray[Any], ...]]:
        return (_raw(piece, outputs) for piece in target_pieces())

    return Table(origin, inputs, outputs, read, read_targets)


def _raw(piece: pd.DataFrame, names: Iterable[str]) -> tuple[np.typing.NDArray[Any], ...]:
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    columns = (piece[name] for name in names)
    return tuple(
        column.to_numpy(np.float64, na_value=np.nan)
        if is_numeric_dtype(column) or is_bool_dtype(column)
        else plain(column.to_numpy(object))
        for column in columns
    )


def _numbers(piece: pd.DataFrame, names: Sequence[str], first: int) -> Array:
    """Return columns as numbers; missing entries become NaN.

    Raises
    ------
    NotNumericError
        Naming the columns that hold anything else.
    """
    import pandas as pd
    from pandas.api.types import is_bool_dtype, is_complex_dtype, is_numeric_dtype

    chosen = piece[list(names)]
    bad = [
        name
        for name, dtype in chosen.dtypes.items()
        if is_complex_dtype(dtype) or not (is_numeric_dtype(dtype) or is_bool_dtype(dtype))
    ]
    bad = [name for name in bad if not chosen[name].isna().all()]
    if bad:
        column = chosen[bad[0]]
        wrong = column.notna() & pd.to_numeric(column.astype(str), errors="coerce").isna()
        row = int(np.argmax(wrong)) if wrong.any() else int(np.argmax(column.notna()))
        raise NotNumericError(
            f"features of numbers, but {quoted(bad)} {'is' if len(bad) == 1 else 'are'} not",
            f"{column.iloc[row]!r} in {bad[0]!r}, row {first + row}",
            "Leave such columns out (--exclude, exclude=), or encode them as numbers first.",
        )
    return np.ascontiguousarray(
        chosen.to_numpy(np.float64, na_value=np.nan) if len(set(chosen.dtypes)) == 1 else chosen.astype(np.float64)
    )


def _header(path: Path, separator: str) -> list[str]:
    """Return the names in the first line.

    Raises
    ------
    FileFormatError, EmptyDataError, DomainError
    """
    rows = list(_parsed(path, sep=separator, header=None, nrows=1, dtype=str, na_filter=False))
    if not rows or not len(rows[0]):
        raise EmptyDataError(f"{path.name} with a header line and rows", "an empty file", "Check the file.")
    names = [str(name) for name in rows[0].iloc[0]]
    if len(names) == 1 and any(other in names[0] for other in (",", ";", "\t")):
        raise FileFormatError(
            f"columns in {path.name} separated by {separator!r}",
            f"the one column {names[0][:60]!r}",
            "Name the separator (--separator, separator=).",
        )
    if all(_is_number(name) for name in names):
        raise FileFormatError(
            f"a header line with column names in {path.name}",
            f"the numbers {', '.join(names[:3])} …",
            "Put one name per column in the first line.",
        )
    return [name or f"Unnamed: {position}" for position, name in enumerate(names)]


def _pieces(path: Path, separator: str, header: list[str], columns: Sequence[str]) -> Iterator[pd.DataFrame]:
    unnamed = [name for name in columns if name.startswith("Unnamed: ")]
    if unnamed:
        raise DomainError(
            f"a name for every column of {path.name}",
            f"none for column {int(unnamed[0].split()[1]) + 1}",
            f"Name it in the header line, or leave it out (--exclude {unnamed[0]!r}) if it numbers the rows.",
        )
    # All columns are read, because pandas counts the fields of a line only then.
    step = max(1, rows_per_batch(len(header)) // TEXT_SIZE)
    empty = True
    for piece in _parsed(
        path, sep=separator, header=0, names=header, index_col=False, chunksize=step, low_memory=False
    ):
        empty = empty and not len(piece)
        yield piece[list(columns)]
    if empty:
        raise EmptyDataError(f"{path.name} with rows below its header line", "none", "Check the file.")


def _parsed(path: Path, **options: Any) -> Iterator[pd.DataFrame]:
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
    except (pd.errors.ParserError, pd.errors.ParserWarning, ValueError, EOFError, *BROKEN) as error:
        raise FileFormatError(
            f"{path.name} as a text table with equally many fields in every line",
            " ".join(str(error).split()).rstrip(".") or type(error).__name__,
            "Check the file, its separator and its encoding (UTF-8).",
        ) from error


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
