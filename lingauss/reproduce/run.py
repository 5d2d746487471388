"""The whole case study: computed, drawn, written, and told in one screen."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from lingauss.charts.render import checked_formats
from lingauss.files import as_path
from lingauss.folders import prepare_folder, write_folder
from lingauss.reproduce import output
from lingauss.reproduce.drawing_code import fingerprint
from lingauss.reproduce.figures import FIGURES
from lingauss.reproduce.record import MANIFEST, NEW, Entry, Record, manifest
from lingauss.reproduce.studies import FULL, QUICK, Study
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
    change : str
        Why its files were replaced; empty if those that were there still hold.
    """

    name: str
    finding: str
    files: tuple[Path, ...]
    change: str


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

    A figure that is there stays as it is, byte for byte, unless a number behind it changed by more than 1e-6 of itself
    or the code that draws it did; ``manifest.json`` keeps which code that was. Written twice in one environment the
    files have the same bytes. Nothing is written before everything is computed and drawn: an interrupted run leaves
    what was there.

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
        Image formats among png, svg and pdf.
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
    directory = as_path(out, "out")
    expected = [f"{name}.{suffix}" for name in names for suffix in (*kinds, *output.NUMBERS)]
    prepare_folder(directory, [*expected, MANIFEST] if only else [*expected, MANIFEST, output.REPORT], force=force)
    screen = console if console is not None else Console(quiet=True)
    resolution = QUICK if quick else FULL
    start = time.perf_counter()
    done: dict[str, output.Drawn] = {}
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    screen.print(f"Drawing {len(names)} figures for {directory}", highlight=False)  # at once, in a pipe too
    with Progress(*columns, console=screen, transient=True) as progress:
        task = progress.add_task("", total=len(names))
        for name in names:
            progress.update(task, description=name)
            done[name] = output.drawn(name, FIGURES[name](resolution), kinds, resolution.dpi)
            progress.advance(task)
    record = Record.read(directory)
    entries, written, contents = dict(record.entries), list[Written](), dict[str, bytes]()
    for name, drawn in done.items():
        code = fingerprint(FIGURES[name].chart.__module__, resolution.dpi)
        change, replaced, entries[name] = _replaced(record, name, code, drawn)
        contents |= replaced
        files = tuple(directory / file for file in drawn.files)
        written.append(Written(name, drawn.figure.finding, files, change))
    changed = entries != record.entries or any(figure.change for figure in written)
    contents |= _report(record, entries, done, contents, changed=changed, whole=not only)
    kept = {MANIFEST, *(file for entry in entries.values() for file in entry.files)}
    if entries != record.entries:
        contents[MANIFEST] = manifest(entries)
    arrays = [file for file in contents if file.endswith(".nc")]
    write_folder(directory, contents, kept=None if only else kept, by_name=arrays, force=force)
    _tell(screen, written, directory, time.perf_counter() - start, report=not only)
    return written


def _replaced(record: Record, name: str, code: str, drawn: output.Drawn) -> tuple[str, dict[str, bytes], Entry]:
    """Return why what is there of a figure no longer holds, the files to write, and what is there then."""
    table = f"{name}.{output.TABLE}"
    change = record.change(name, code, table, drawn.files[table])
    held = frozenset() if change else record.held(name)
    fresh = {file: content for file, content in drawn.files.items() if file not in held}
    return change, fresh, Entry(code, tuple(sorted(held | drawn.files.keys())))


def _report(
    record: Record,
    entries: dict[str, Entry],
    done: Mapping[str, output.Drawn],
    fresh: Mapping[str, bytes],
    *,
    changed: bool,
    whole: bool,
) -> dict[str, bytes]:
    """Return the report of the whole case study where it is not there or not of these figures, and enter it."""
    entry = Entry(fingerprint(output.__name__), (output.REPORT,))
    if not changed and record.entries.get(output.REPORT) == entry and record.held(output.REPORT):
        return {}
    entries.pop(output.REPORT, None)  # figures have changed that it does not show
    if not whole:
        return {}
    entries[output.REPORT] = entry
    return {output.REPORT: output.page(_by_study(record.directory, entries, done, fresh))}


def _by_study(
    directory: Path, entries: Mapping[str, Entry], done: Mapping[str, output.Drawn], fresh: Mapping[str, bytes]
) -> dict[Study, list[output.Drawn]]:
    """Return figures with the pictures that stay in the folder, so that the report shows the same."""
    studies: dict[Study, list[output.Drawn]] = {}
    for name, drawn in done.items():
        picture = f"{name}.svg"
        kept = picture in entries[name].files and picture not in fresh
        shown = dataclasses.replace(drawn, vector=(directory / picture).read_bytes()) if kept else drawn
        studies.setdefault(FIGURES[name].study(), []).append(shown)
    return studies


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
    for change in sorted({figure.change for figure in written} - {"", NEW}):
        names = [figure.name for figure in written if figure.change == change]
        screen.print(f"rewritten because {change}: {', '.join(names)}", highlight=False)
    count = sum(len(figure.files) for figure in written)
    kept = sum(not figure.change for figure in written)
    told = f", all told in {directory / output.REPORT}" if report else ""
    screen.print(
        f"{count} files in {directory}{told}; {kept} of {len(written)} figures stay as they were ({seconds:.1f} s)",
        highlight=False,
    )
