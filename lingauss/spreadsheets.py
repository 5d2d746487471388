"""Tables as CSV that people open in spreadsheets."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")  # of what a spreadsheet takes for a formula, or skips before one


def as_csv(table: pd.DataFrame) -> bytes:
    """Return a table as CSV with its index, in which no text is a formula.

    Text that a spreadsheet would evaluate, such as a column called ``=1+1``, gets an apostrophe in front.
    """
    whole = table.reset_index(names=table.index.name or "")
    inert = whole.copy()
    for place, dtype in enumerate(whole.dtypes):
        if not _is_plain(dtype):
            cells = [as_text(cell) if isinstance(cell, str) else cell for cell in whole.iloc[:, place]]
            inert.isetitem(place, cells)
    inert.columns = [as_text(str(name)) for name in whole.columns]
    return str(inert.to_csv(index=False, lineterminator="\n")).encode()


def _is_plain(dtype: object) -> bool:
    """Whether a column holds nothing but numbers."""
    return isinstance(dtype, np.dtype) and dtype.kind in "fiub"


def as_text(text: str) -> str:
    """Return text that a spreadsheet does not evaluate; numbers stay as they are."""
    # In some languages wide forms of the signs count as well.
    if not unicodedata.normalize("NFKC", text).startswith(STARTS) or _is_number(text):
        return text
    return f"'{text}"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
