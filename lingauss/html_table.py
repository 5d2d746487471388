"""Tables for notebooks, in one house style that follows the page it stands on, light or dark, and for terminals."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import fields
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

# Numbers, with a relation before or a unit after them: columns of nothing else are set flush right.
NUMERIC = re.compile(r"[≤≥=]?\s*(?:[-+−±]?[\d,.\s]*\d(?:[eE][-+−]?\d+)?\s*(?:%|nats?|×)?|[-+−]?(?:∞|inf)|–|—)")
# No colour but the page's own; a host's rules for tables (stripes, right-aligned cells) are overruled.
STYLE = (
    "<style>.lingauss table{border-collapse:collapse;font-size:.92em;font-variant-numeric:tabular-nums}"
    ".lingauss caption{caption-side:top;text-align:left;padding:0 0 .35em;font-weight:600;color:inherit}"
    ".lingauss th,.lingauss td{padding:.2em .8em .2em 0;text-align:left;vertical-align:top;background:none;"
    "border:0;border-bottom:1px solid rgba(128,128,128,.35);color:inherit;white-space:normal;max-width:38em}"
    ".lingauss .number{text-align:right;white-space:nowrap}"
    ".lingauss p{margin:.4em 0;opacity:.8}</style>"
)


def html_table(caption: str, lines: Sequence[Sequence[str]], note: str = "") -> str:
    """Return a table whose first line is its header and whose first column names the rows; all text is escaped.

    Columns of numbers are set flush right, words flush left; a note may stand below.
    """
    head, *body = lines
    kinds = [
        ' class="number"' if body and all(NUMERIC.fullmatch(line[place].strip()) for line in body) else ""
        for place in range(len(head))
    ]
    header = (
        "".join(f"<th{kind}>{escape(cell)}</th>" for kind, cell in zip(kinds, head, strict=True)) if any(head) else ""
    )
    rows = "".join(
        f"<tr><th>{escape(line[0])}</th>"
        + "".join(f"<td{kind}>{escape(cell)}</td>" for kind, cell in zip(kinds[1:], line[1:], strict=True))
        + "</tr>"
        for line in body
    )
    top = f"<thead><tr>{header}</tr></thead>" if header else ""
    below = f"<p>{escape(note).replace(chr(10), '<br>')}</p>" if note else ""
    table = f"<table><caption>{escape(caption)}</caption>{top}<tbody>{rows}</tbody></table>"
    return f'{STYLE}<div class="lingauss">{table}{below}</div>'


def html_settings(caption: str, settings: Iterable[tuple[str, object]], note: str = "") -> str:
    """Return named values as a table without a header; None is left out."""
    told = [(name, str(value)) for name, value in settings if value is not None]
    return html_table(caption, [("", ""), *told], note)


def text_settings(caption: str, settings: Iterable[tuple[str, object]]) -> str:
    """Return named values as lines for a terminal."""
    told = [(name, str(value)) for name, value in settings if value is not None]
    width = max(len(name) for name, _ in told)
    return "\n".join([caption, *(f"  {name.ljust(width)}  {value}" for name, value in told)])


def html_fields(record: DataclassInstance) -> str:
    """Return the fields of a dataclass as a table named after it; those that are None are left out."""
    return html_settings(type(record).__name__, [(field.name, getattr(record, field.name)) for field in fields(record)])
