"""The whole case study: computed, drawn, written, and told in one screen."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from lingauss.charts.render import checked_formats
from lingauss.folders import prepare_folder, write_folder
from lingauss.reproduce import output
from lingauss.reproduce.figures import FIGURES
from lingauss.reproduce.studies import FULL, QUICK
from lingauss.vocabulary import unknown_name


@dataclass(frozen=True)
class Written:
    """A figure that is on disk.

    Attributes
    ----------
    name : str
    finding : str
        What it shows.
    files : tuple of Path
        Images, numbers (CSV, NetCDF) and caption.
    """

    name: str
    finding: str
    files: tuple[Path, ...]


def reproduce(
    out: str | Path = "figures",
    *,
    quick: bool = False,
    only: Sequence[str] = (),
    formats: Sequence[str] = ("png", "svg"),
    force: bool = False,
    console: Console | None = None,
) -> list[Written]:
    """Write every figure of the case study: images, the numbers behind them, captions computed from them, one report.

    Written twice in one environment the files have the same bytes. Nothing is written before everything is computed
    and drawn: an interrupted run leaves what was there.

    Parameters
    ----------
    out : path
        Directory to write to; made if it does not exist. What an earlier run wrote there is replaced, other files
        stay.
    quick : bool
        Coarser grids and images.
    only : sequence of str
        Names of figures; default all. The report, ``report.html``, is about all of them and only written with them.
    formats : sequence of str
        Among png, svg and pdf.
    force : bool
        Whether files of these names may be overwritten that lingauss did not write, or that were changed since.
    console : rich.console.Console, optional
        Where progress and summary go; default: nowhere.

    Raises
    ------
    UnknownNameError
        For a figure or format that does not exist; the closest are named.
    MissingDependencyError
        If the digits are asked for without the extra ``data``.
    ForeignFileError
        If a file would be overwritten and may not.
    OSError
        If the directory cannot be written, or a file in it is read-only.
    """
    names = _selected(only)
    kinds = checked_formats(formats)
    directory = Path(out)
    expected = [f"{name}.{suffix}" for name in names for suffix in (*kinds, *output.NUMBERS)]
    prepare_folder(directory, expected if only else [*expected, output.REPORT], force=force)
    screen = console if console is not None else Console(quiet=True)
    resolution = QUICK if quick else FULL
    start = time.perf_counter()
    done: dict[str, output.Drawn] = {}
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=screen, transient=True) as progress:
        task = progress.add_task("", total=len(names))
        for name in names:
            progress.update(task, description=name)
            done[name] = output.drawn(name, FIGURES[name](resolution), kinds, resolution.dpi)
            progress.advance(task)
    files = {file: content for drawn in done.values() for file, content in drawn.files.items()}
    if not only:
        files[output.REPORT] = output.page(done.values())
    write_folder(directory, files, kept=None if only else (), force=force)
    written = [
        Written(name, drawn.figure.finding, tuple(directory / file for file in drawn.files))
        for name, drawn in done.items()
    ]
    _tell(screen, written, directory, time.perf_counter() - start, report=not only)
    return written


def _selected(only: Sequence[str]) -> list[str]:
    for name in only:
        if name not in FIGURES:
            raise unknown_name("a figure", name, FIGURES)
    return [name for name in FIGURES if not only or name in only]


def _tell(screen: Console, written: Sequence[Written], directory: Path, seconds: float, *, report: bool) -> None:
    table = Table(title="What the figures show", title_justify="left", box=None, pad_edge=False)
    table.add_column("figure", style="bold", no_wrap=True)
    table.add_column("finding")
    for figure in written:
        table.add_row(figure.name, figure.finding)
    screen.print(table)
    count = sum(len(figure.files) for figure in written)
    told = f", all told in {directory / output.REPORT}" if report else ""
    screen.print(f"{count} files in {directory}{told} ({seconds:.1f} s)", highlight=False)
