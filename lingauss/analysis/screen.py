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
    console.print(f"[bold]{escape(report.title)}[/]\n{escape(report.lead)}\n", highlight=False)
    if report.summary is not None:
        console.print(_grid(report.summary))
    for section in report.sections:
        console.print(f"\n[bold]{escape(section.title)}[/]", highlight=False)
        for block in section.blocks:
            if isinstance(block, Table):
                console.print(_grid(block))
            elif isinstance(block, Text | Note):
                console.print(escape(block.text), highlight=False)
            elif not isinstance(block, Code):
                raise TypeError(f"no way to show a {type(block).__name__} on the screen")


def _grid(table: Table) -> Grid:
    grid = Grid(title=escape(table.caption), title_justify="left", expand=False)
    for position, name in enumerate(table.header):
        grid.add_column(escape(name), style="bold" if position == 0 else "")
    for row in table.rows:
        grid.add_row(*map(escape, row))
    return grid
