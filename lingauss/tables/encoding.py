"""From raw targets to label columns: numbers as they are, classes one-hot; and what becomes of missing entries."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lingauss.errors import DomainError, EmptyDataError, NotFiniteError, NotNumericError
from lingauss.tables.survey import Survey
from lingauss.tables.table import Batch, Table, quoted
from lingauss.validation import Array

MOST_CLASSES = 1000
# Numbers that float() cannot read: with a decimal comma, marks between thousands, a currency or a percent sign.
FORMATTED = re.compile(r"(?=.*[,'$€£¥%])[$€£¥]?\s*[-+−]?\d+(?:[.,'\s]\d+)*\s*[$€£¥%]?")
AnyArray = np.typing.NDArray[Any]


@dataclass(frozen=True)
class Coding:
    """How one target becomes columns.

    Attributes
    ----------
    name : str
    classes : tuple of str
        The classes of a one-hot coding, sorted; empty for numbers.
    """

    name: str
    classes: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns it becomes."""
        return tuple(f"{self.name} = {value}" for value in self.classes) or (self.name,)


def codings_of(table: Table, as_classes: bool) -> tuple[Coding, ...]:
    """Return how to code every target: text as classes, numbers as they are unless ``as_classes``.

    Raises
    ------
    DomainError
        If there is a single class, or too many to be classes.
    NotNumericError
        If a target is numbers, but for a few entries.
    EmptyDataError
    """
    first = next(table.read_targets(), None)
    if first is None:
        raise EmptyDataError(f"{table.origin} with at least one row", "none", "Check the data.")
    textual = [as_classes or column.dtype.kind == "O" for column in first]
    if not any(textual):
        return tuple(Coding(name) for name in table.targets)
    found: list[set[str]] = [set() for _ in table.targets]
    rows = 0
    for columns in table.read_targets():
        rows += len(columns[0])
        for values, column, wanted in zip(found, columns, textual, strict=True):
            if wanted and len(values) <= MOST_CLASSES:
                values.update(_texts(column[~missing(column)]))
    return tuple(
        Coding(name, _checked_classes(name, values, rows, as_classes) if wanted else ())
        for name, values, wanted in zip(table.targets, found, textual, strict=True)
    )


class Reader:
    """A table as batches (X, Y) of finite numbers; may be read again, and counts what it leaves out.

    Parameters
    ----------
    table : Table
    codings : tuple of Coding
        One per target.
    drop_missing : bool
        Whether rows with a missing entry are left out, else they are an error.
    codes : sequence of float
        Numbers that stand for a missing entry.

    Attributes
    ----------
    rows, dropped : int
        Rows seen and left out in the last pass.
    survey : Survey
        What the last pass noticed about the inputs.
    """

    def __init__(
        self, table: Table, codings: tuple[Coding, ...], drop_missing: bool, codes: Sequence[float] = ()
    ) -> None:
        self.table = table
        self.codings = codings
        self.drop_missing = drop_missing
        self.codes = tuple(codes)
        self.rows = self.dropped = 0
        self.survey = Survey(table.features)

    def __iter__(self) -> Iterator[tuple[Array, Array]]:
        """Yield the batches.

        Raises
        ------
        NotFiniteError
            For missing entries that are not to be dropped, and infinite ones.
        NotNumericError, EmptyDataError
        """
        self.rows = self.dropped = 0
        self.survey = Survey(self.table.features)
        for X, targets in self._decoded():
            unknown = np.isnan(X).any(axis=1)
            for column in targets:
                unknown |= missing(column)
            if unknown.any() and not self.drop_missing:
                raise self._missing(X, targets, int(np.argmax(unknown)), int(unknown.sum()))
            first, self.rows, self.dropped = self.rows, self.rows + len(X), self.dropped + int(unknown.sum())
            kept = np.logical_not(unknown)
            labels = np.column_stack(
                [
                    self._labels(coding, column, kept, first)
                    for coding, column in zip(self.codings, targets, strict=True)
                ]
            )
            inputs = X if kept.all() else X[kept]
            self._check_finite(inputs, labels)
            if len(inputs):
                self.survey.add(inputs)
                yield inputs, labels
        if self.rows == self.dropped:
            raise EmptyDataError(
                f"{self.table.origin} with at least one complete row",
                f"{self.rows} rows, each with a missing entry" if self.rows else "no rows",
                "Impute missing values, or leave out the columns that lack most.",
            )

    def _decoded(self) -> Iterator[Batch]:
        """Yield the raw batches, codes for missing entries replaced."""
        for batch in self.table.read():
            if not self.codes:
                yield batch
                continue
            yield Batch(
                np.where(np.isin(batch.inputs, self.codes), np.nan, batch.inputs),
                tuple(
                    column if column.dtype.kind == "O" else np.where(np.isin(column, self.codes), np.nan, column)
                    for column in batch.targets
                ),
            )

    def _labels(self, coding: Coding, column: AnyArray, kept: AnyArray, first: int) -> Array:
        values = column[kept]
        if coding.classes:
            found = np.array(_texts(values), dtype=object)
            return np.asarray(found[:, None] == np.array(coding.classes, dtype=object), dtype=np.float64)
        if values.dtype.kind == "O":
            bad = next(i for i in np.flatnonzero(kept) if not _is_number(column[i]))
            raise NotNumericError(
                f"numbers in target {coding.name!r}",
                f"{column[bad]!r} in row {first + int(bad) + 1}",
                "Mend or remove that row; if the target is a class, say so (--classes, classes=True).",
            )
        return np.asarray(values, dtype=np.float64)[:, None]

    def _missing(self, X: Array, targets: tuple[AnyArray, ...], row: int, count: int) -> NotFiniteError:
        names = [name for name, value in zip(self.table.features, X[row], strict=True) if np.isnan(value)]
        names += [name for name, column in zip(self.table.targets, targets, strict=True) if missing(column)[row]]
        return NotFiniteError(
            f"{self.table.origin} without missing entries",
            f"row {self.rows + row + 1} without {quoted(names)} ({count} such rows among the first "
            f"{self.rows + len(X)})",
            "Impute them, or leave such rows out (--drop-missing, drop_missing=True).",
        )

    def _check_finite(self, X: Array, Y: Array) -> None:
        if np.isfinite(X).all() and np.isfinite(Y).all():
            return
        names = (*self.table.features, *(name for coding in self.codings for name in coding.columns))
        bad = np.logical_not(np.isfinite(np.column_stack([X, Y])).all(axis=0)).tolist()
        culprits = [name for name, wrong in zip(names, bad, strict=True) if wrong]
        raise NotFiniteError(f"finite numbers in {quoted(culprits)}", "infinite ones", "Clip or remove them first.")


def missing(column: AnyArray) -> AnyArray:
    """Return which entries of a raw column are missing."""
    if column.dtype.kind != "O":
        return np.isnan(column)
    import pandas as pd

    return np.asarray(pd.isna(column))


def _texts(values: AnyArray) -> list[str]:
    """Return class names: text as it is, numbers as short as they can be written."""
    if values.dtype.kind == "O":
        return [str(value) for value in values]
    return [str(int(value)) if value.is_integer() else repr(value) for value in values.tolist()]


def _checked_classes(name: str, values: set[str], rows: int, as_classes: bool) -> tuple[str, ...]:
    numeric = [value for value in values if _is_number(value)]
    if not as_classes and 2 * len(numeric) >= len(values) > 0:
        others = sorted(values.difference(numeric))
        raise NotNumericError(
            f"numbers in target {name!r}, as most of its entries are",
            f"the text {quoted(others or numeric)}",
            "Mend those rows or mark them as missing; if the target is a class, say so (--classes, classes=True).",
        )
    formatted = [value for value in values if FORMATTED.fullmatch(value.strip())]
    if not as_classes and 2 * (len(numeric) + len(formatted)) >= len(values) > 0:
        raise NotNumericError(
            f"numbers in target {name!r} written like 1234.5",
            f"the text {quoted(sorted(formatted)[:3])}",
            "Name the decimal mark (--decimal ','), or convert them first; if the target is a class, say so (--classes,"
            " classes=True).",
        )
    if len(values) == 1:
        raise DomainError(
            f"at least two classes in target {name!r}", f"{next(iter(values))!r} alone", "Choose another target."
        )
    if len(values) > min(MOST_CLASSES, max(rows // 2, 2)):
        raise DomainError(
            f"at most {MOST_CLASSES} classes in target {name!r}, each with two rows on average",
            f"more, such as {quoted(sorted(values)[:3])}",
            "Choose another target, or convert it to numbers.",
        )
    return tuple(
        sorted(values, key=lambda value: (not _is_number(value), float(value) if _is_number(value) else 0.0, value))
    )


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return True
