"""The whole case study: computed, drawn, written, and told in one screen."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from lingauss.model.settings import unknown_name
from lingauss.reproduce import output
from lingauss.reproduce.figures import FIGURES, Figure
from lingauss.reproduce.studies import FULL, QUICK, Resolution


@dataclass(frozen=True)
class Written:
    """A figure that is on disk.

    Attributes
    ----------
    name : str
    finding : str
        What it shows.
    files : tuple of Path
        Images, numbers (CSV) and caption.
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
    console: Console | None = None,
) -> list[Written]:
    """Write every figure of the case study: images, the numbers behind them and a caption computed from them.

    Written twice in one environment the files have the same bytes. Each file is replaced whole, so that an interrupted
    run leaves none half-written.

    Parameters
    ----------
    out : path
        Directory to write to; made if it does not exist.
    quick : bool
        Coarser grids and images.
    only : sequence of str
        Names of figures; default all.
    formats : sequence of str
        Among png, svg and pdf.
    console : rich.console.Console, optional
        Where progress and summary go; default: nowhere.

    Raises
    ------
    UnknownNameError
        For a figure or format that does not exist; the closest are named.
    MissingDependencyError
        If the digits are asked for without the extra ``data``.
    OSError
        If the directory cannot be written.
    """
    names = _selected(only)
    kinds = tuple(dict.fromkeys(formats))
    output.check_formats(kinds)
    directory = Path(out)
    directory.mkdir(parents=True, exist_ok=True)
    screen = console if console is not None else Console(quiet=True)
    resolution = QUICK if quick else FULL
    start = time.perf_counter()
    written = []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=screen, transient=True) as progress:
        task = progress.add_task("", total=len(names))
        for name in names:
            progress.update(task, description=name)
            figure = FIGURES[name](resolution)
            files = _write(directory, name, figure, kinds, resolution)
            written.append(Written(name, figure.finding, files))
            progress.advance(task)
    _tell(screen, written, directory, time.perf_counter() - start)
    return written


def _selected(only: Sequence[str]) -> list[str]:
    for name in only:
        if name not in FIGURES:
            raise unknown_name("a figure", name, FIGURES)
    return [name for name in FIGURES if not only or name in only]


def _write(
    directory: Path, name: str, figure: Figure, formats: tuple[str, ...], resolution: Resolution
) -> tuple[Path, ...]:
    contents = output.images(figure.draw, formats, resolution.dpi)
    contents |= {"csv": output.table(figure.results), "txt": f"{figure.caption}\n".encode()}
    paths = []
    for suffix, content in contents.items():
        path = directory / f"{name}.{suffix}"
        output.write(path, content)
        paths.append(path)
    return tuple(paths)


def _tell(screen: Console, written: Sequence[Written], directory: Path, seconds: float) -> None:
    table = Table(title="What the figures show", title_justify="left", show_lines=True, expand=False)
    table.add_column("figure", style="bold", no_wrap=True)
    table.add_column("finding")
    for figure in written:
        table.add_row(figure.name, figure.finding)
    screen.print(table)
    count = sum(len(figure.files) for figure in written)
    screen.print(f"{count} files in {directory} ({seconds:.1f} s)", highlight=False)
