"""Tables as HTML, for notebooks."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape


def html_table(caption: str, lines: Sequence[Sequence[str]]) -> str:
    """Return a table whose first line is its header and whose first column names the rows; all text is escaped."""
    head, *body = lines
    header = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    rows = "".join(
        f"<tr><th>{escape(line[0])}</th>" + "".join(f"<td>{escape(cell)}</td>" for cell in line[1:]) + "</tr>"
        for line in body
    )
    return f"<table><caption>{escape(caption)}</caption><thead><tr>{header}</tr></thead><tbody>{rows}</tbody></table>"
