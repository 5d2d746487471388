"""An analysis on the screen."""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table as Grid

from lingauss.analysis.findings import Findings
from lingauss.analysis.wording import written
from lingauss.html_table import NUMERIC
from lingauss.report import Code, Note, Table, Text

WIDEST_WORD = 16  # longer ones are broken


def show(found: Findings, console: Console, details: bool = False) -> None:
    """Print the first screen, or the whole report without charts and code."""
    report = written(found)
    console.print(f"[bold]{_safe(report.title)}[/]\n{_safe(report.lead)}\n", highlight=False)
    if report.summary is not None:
        _print_table(report.summary, console)
    for section in report.sections if details else report.sections[:1]:
        console.print(f"\n[bold]{_safe(section.title)}[/]" if details else "", highlight=False)
        for block in section.blocks:
            if isinstance(block, Table):
                _print_table(block, console)
            elif isinstance(block, Text | Note):
                console.print(_safe(block.text), highlight=False)
            elif not isinstance(block, Code):
                raise TypeError(f"no way to show a {type(block).__name__} on the screen")


def _print_table(table: Table, console: Console) -> None:
    """Print the caption in full width, and a table in which columns of text give way to columns of numbers."""
    console.print(_safe(table.caption), style="italic", highlight=False)
    grid = Grid(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0))
    for name, *cells in zip(table.header, *table.rows, strict=True):
        numeric = all(map(NUMERIC.fullmatch, cells))
        widest = max(map(len, (*name.split(), *(cells if numeric else " ".join(cells).split()))), default=1)
        grid.add_column(
            _safe(name),
            style="" if grid.columns else "bold",
            justify="right" if numeric else "left",
            overflow="fold",
            width=widest if numeric else None,
            min_width=None if numeric else min(widest, WIDEST_WORD),
        )
    for row in table.rows:
        grid.add_row(*map(_safe, row))
    console.print(grid)


def _safe(text: str) -> str:
    """Return text without markup and without characters that steer a terminal, which names of columns may hold."""
    return escape("".join(mark if mark.isprintable() else repr(mark)[1:-1] for mark in text))
