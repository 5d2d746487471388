"""Inputs without targets: what a student that is already trained is given."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from lingauss.errors import FileFormatError, NotFiniteError, ShapeError
from lingauss.tables.arrays import mapped
from lingauss.tables.frames import numbers_in
from lingauss.tables.reading import Reading
from lingauss.tables.table import quoted, rows_per_batch, unknown_column
from lingauss.tables.text import SEPARATORS, layout_of, text_suffix
from lingauss.validation import Array, to_float


def inputs_of(path: Path, features: Sequence[str], reading: Reading) -> Iterator[Array]:
    """Yield the named columns of a file as finite numbers, (b, d) each, in the order of the names.

    Parameters
    ----------
    path : Path
        A text table, in which columns are found by name, or an npy file with exactly these columns.
    features : sequence of str
    reading : Reading
        Columns need not be told.

    Raises
    ------
    FileFormatError, UnknownNameError, ShapeError, NotNumericError, NotFiniteError, OSError
    """
    first = 0
    for block in _blocks(path, features, reading):
        rows = np.where(np.isin(block, reading.numbers), np.nan, block) if reading.numbers else block
        bad = np.logical_not(np.isfinite(rows))
        if bad.any():
            row, column = np.argwhere(bad)[0].tolist()
            raise NotFiniteError(
                f"finite numbers in {features[column]!r}",
                f"{'none' if np.isnan(rows[row, column]) else 'an infinite one'} in row {first + row + 1}",
                "Impute it, or remove that row.",
            )
        first += len(rows)
        yield rows


def _blocks(path: Path, features: Sequence[str], reading: Reading) -> Iterator[Array]:
    if reading.separator is not None or text_suffix(path) in SEPARATORS:
        layout = layout_of(path, reading)
        for name in features:
            if name not in layout.names:
                raise unknown_column(name, layout.names, path.name)
        first = 1
        for piece in layout.pieces(features):
            yield numbers_in(piece, features, first)
            first += len(piece)
        return
    if path.suffix.lower() != ".npy":
        raise FileFormatError(
            "a file ending in .csv, .tsv or .npy",
            repr(path.name),
            "Convert it, or, if it is a text table, name its separator (--separator).",
        )
    data = mapped(path)
    if data.ndim != 2 or data.shape[1] != len(features):
        raise ShapeError(
            f"{path.name} with the {len(features)} columns {quoted(features)}",
            f"shape {data.shape}",
            "Give the features the student was trained on, in that order.",
        )
    step = rows_per_batch(data.shape[1])
    for start in range(0, len(data), step):
        yield to_float(data[start : start + step], path.name)
