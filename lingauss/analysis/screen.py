"""An analysis on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table as Grid

from lingauss.analysis.wording import written
from lingauss.report import Code, Note, Table, Text

if TYPE_CHECKING:
    from lingauss.analysis.result import Analysis


def show(analysis: Analysis, console: Console) -> None:
    """Print the report without charts and code."""
    report = written(analysis)
    console.print(f"[bold]{_safe(report.title)}[/]\n{_safe(report.lead)}\n", highlight=False)
    if report.summary is not None:
        console.print(_grid(report.summary))
    for section in report.sections:
        console.print(f"\n[bold]{_safe(section.title)}[/]", highlight=False)
        for block in section.blocks:
            if isinstance(block, Table):
                console.print(_grid(block))
            elif isinstance(block, Text | Note):
                console.print(_safe(block.text), highlight=False)
            elif not isinstance(block, Code):
                raise TypeError(f"no way to show a {type(block).__name__} on the screen")


def _grid(table: Table) -> Grid:
    grid = Grid(title=_safe(table.caption), title_justify="left", expand=False)
    for position, name in enumerate(table.header):
        grid.add_column(_safe(name), style="bold" if position == 0 else "")
    for row in table.rows:
        grid.add_row(*map(_safe, row))
    return grid


def _safe(text: str) -> str:
    """Return text without markup and without characters that steer a terminal, which names of columns may hold."""
    return escape("".join(mark if mark.isprintable() else repr(mark)[1:-1] for mark in text))
