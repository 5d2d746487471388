"""What a pass over a table notices about its columns: codes taken for numbers, and columns that number the rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lingauss.tables.reading import MISSING_OPTION
from lingauss.tables.table import quoted
from lingauss.validation import Array

ROUND = (9.0, 100.0)  # codes are nines (−9, −99, −999) or multiples of a hundred
REPEATED = 2  # rows with a code, at least
FAR = 1.0  # a code is at least this many times the range of all other values away from them
IDENTIFIERS = {"id", "index", "idx", "row", "rowid", "row_id", "no", "nr", "number", "key", "uid"}
FEWEST = 5  # rows from which on a run of whole numbers is no coincidence


class Survey:
    """Per column: its smallest value, how often it occurs, the next one, the largest, and whether it counts the rows.

    Parameters
    ----------
    features : sequence of str
        Names of the columns.
    """

    def __init__(self, features: Sequence[str]) -> None:
        d = len(features)
        self.features = tuple(features)
        self.rows = 0
        self.least, self.next, self.largest = (np.full(d, value) for value in (np.inf, np.inf, -np.inf))
        self.repeats = np.zeros(d, dtype=np.intp)
        self.last = np.full(d, np.nan)
        self.counts = np.ones(d, dtype=np.bool_)  # goes up by one from row to row

    def add(self, X: Array) -> None:
        """Take in some rows, finite numbers (b, d)."""
        if not len(X):
            return
        least = X.min(axis=0)
        suspect = np.flatnonzero((least < 0.0) & (least == np.floor(least)))
        following = np.full(len(least), np.inf)
        repeats = np.zeros(len(least), dtype=np.intp)
        if suspect.size:
            some = X[:, suspect]
            here = some == least[suspect]
            repeats[suspect] = here.sum(axis=0)
            following[suspect] = np.where(here, np.inf, some).min(axis=0)
        smaller = np.minimum(self.least, least)
        losers = np.where(self.least > smaller, self.least, np.where(least > smaller, least, np.inf))
        self.next = np.minimum(np.minimum(self.next, following), losers)
        self.repeats = np.where(self.least == smaller, self.repeats, 0) + np.where(least == smaller, repeats, 0)
        self.least, self.largest = smaller, np.maximum(self.largest, X.max(axis=0))
        candidates = np.flatnonzero(self.counts)
        steps = np.diff(X[: min(len(X), 50), candidates], axis=0)  # most columns are out after a few rows
        self.counts[candidates[(steps != 1.0).any(axis=0)]] = False
        candidates = np.flatnonzero(self.counts)
        if candidates.size:
            joined = np.vstack([self.last[candidates], X[:, candidates]]) if self.rows else X[:, candidates]
            self.counts[candidates[(np.diff(joined, axis=0) != 1.0).any(axis=0)]] = False
        self.last = X[-1].copy()
        self.rows += len(X)

    def notes(self) -> tuple[str, ...]:
        """Return one sentence for each kind of thing noticed."""
        found = []
        codes = self._codes()
        if codes:
            listed = ", ".join(
                f"{value:g} in {self.features[j]!r} ({self.repeats[j]:,} rows)" for j, value in codes[:4]
            )
            more = f" and {len(codes) - 4} more columns" if len(codes) > 4 else ""
            found.append(
                f"Perhaps codes for missing entries, taken as numbers: {listed}{more}. "
                f"If so, name them ({MISSING_OPTION})."
            )
        numbering = np.flatnonzero(self.counts if self.rows >= FEWEST else np.zeros_like(self.counts)).tolist()
        named = [j for j, name in enumerate(self.features) if name.strip().lower() in IDENTIFIERS]
        both = sorted({*numbering, *named})
        if both:
            many = len(both) > 1
            found.append(
                f"{quoted(self.features[j] for j in both)} seem{'' if many else 's'} to number the rows and "
                f"{'are' if many else 'is'} used as {'features' if many else 'a feature'}; leave "
                f"{'them' if many else 'it'} out (--exclude, exclude=) unless order carries meaning."
            )
        return tuple(found)

    def _codes(self) -> list[tuple[int, float]]:
        rounded = np.abs(self.least)
        nines = np.isin(rounded, [10.0**power - 1.0 for power in range(1, 7)])
        hundreds = (rounded >= ROUND[1]) & (np.mod(rounded, ROUND[1]) == 0.0)
        with np.errstate(invalid="ignore"):
            far = self.next - self.least > FAR * (self.largest - self.next)
        known = np.isfinite(self.next) & (self.least < 0.0) & (self.largest > self.next)
        chosen = (nines | hundreds) & (self.repeats >= REPEATED) & known & far
        return [(int(j), float(self.least[j])) for j in np.flatnonzero(chosen)]
