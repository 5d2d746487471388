"""Entries of the atlas computed, drawn, held against their targets, written and told."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from lingauss.atlas import output
from lingauss.atlas.catalogue import entry, names
from lingauss.charts.render import checked_formats
from lingauss.errors import DomainError
from lingauss.files import as_path
from lingauss.folders import prepare_folder, write_folder


def listed(console: Console) -> None:
    """Print all entries: source and claim, how sure the setting is, and how many numbers it is held against."""
    table = Table(title="The atlas", title_justify="left", box=None, pad_edge=False)
    table.add_column("entry", style="bold", no_wrap=True)
    table.add_column("result")
    table.add_column("setting", no_wrap=True)
    table.add_column("targets", justify="right")
    for name in names():
        found = entry(name)
        table.add_row(name, f"{found.paper}: {found.claim}", str(found.evidence), str(len(found.targets)))
    console.print(table, highlight=False)
    console.print("lingauss atlas NAME draws one and compares it; lingauss atlas --all draws all.", highlight=False)


def write_atlas(
    wanted: Sequence[str],
    out: str | Path = "atlas",
    *,
    changes: Mapping[str, float] | None = None,
    formats: Sequence[str] = ("png", "svg"),
    force: bool = False,
    console: Console | None = None,
) -> int:
    """Compute entries, draw them and write figure, numbers, targets, caption and script of each.

    Parameters
    ----------
    wanted : sequence of str
        Names of entries; all of them also get one page, ``atlas.html``.
    out : path
        Directory to write to; made if it does not exist. Entries that were written there earlier stay.
    changes : mapping of str to number, optional
        Parameters that differ from the entry's own; for one entry only. Targets are then told, but not judged.
    formats : sequence of str
        Image formats among png, svg and pdf.
    force : bool
        Whether files of these names may be overwritten that lingauss did not write, or that were changed since.
    console : rich.console.Console, optional
        Where progress and targets go; default: nowhere.

    Returns
    -------
    int
        How many targets were missed.

    Raises
    ------
    UnknownNameError
        For an entry, parameter or format that does not exist; the closest are named.
    DomainError
        For a value outside its parameter's range, or changes to several entries.
    ForeignFileError
        If a file would be overwritten and may not.
    OSError
        If the directory cannot be written, or a file in it is read-only.
    """
    entries, changed = [entry(name) for name in wanted], changes or {}
    kinds, directory = checked_formats(formats), as_path(out, "out")
    if changed and len(entries) != 1:
        raise DomainError("changed parameters of one entry", f"{len(entries)} entries", "Name the entry to change.")
    for each in entries:
        each.settings(**changed)
    whole = tuple(wanted) == names()
    expected = [name for each in entries for name in output.file_names(each, kinds)]
    prepare_folder(directory, [*expected, *([output.REPORT] if whole else [])], force=force)
    screen = console if console is not None else Console(quiet=True)
    start = time.perf_counter()
    done = []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=screen, transient=True) as progress:
        task = progress.add_task("", total=len(entries))
        for each in entries:
            progress.update(task, description=each.name)
            done.append(output.drawn(each, changed, kinds))
            progress.advance(task)
            if len(entries) > 1:
                _tell_briefly(progress.console, done[-1])
    contents = {name: content for each in done for name, content in each.files.items()}
    if whole:
        contents[output.REPORT] = output.page(done)
    files = write_folder(directory, contents, kept=None, force=force)
    if len(done) == 1:
        _tell(screen, done[0])
    missed, seconds = sum(each.missed for each in done), time.perf_counter() - start
    told = f", all told in {directory / output.REPORT}" if whole else ""
    screen.print(f"{len(files)} files in {escape(str(directory))}{escape(told)} ({seconds:.1f} s)", highlight=False)
    if missed:
        screen.print(f"[bold red]{missed} targets missed[/]", highlight=False)
    return missed


def _tell_briefly(screen: Console, drawn: output.Drawn) -> None:
    count = len(drawn.comparisons)
    mark = "[bold red]MISSED[/]" if drawn.missed else "[green]met[/]"
    screen.print(f"{drawn.entry.name:17} {count - drawn.missed:3d} of {count:3d} targets {mark}", highlight=False)


def _tell(screen: Console, drawn: output.Drawn) -> None:
    """Print what an entry is, its parameters, and its targets beside the computed numbers."""
    found = drawn.entry
    told = [
        f"{found.paper}, {found.paper.title}: {found.claim}.",
        f"{found.setting} {found.evidence.sentence}",
        *(f"  {each.name} = {drawn.settings[each.name]:g}: {each.meaning} ({each.range})" for each in found.parameters),
    ]
    if not drawn.is_own:
        told.append("Targets hold at the entry's own parameters alone; computed are the numbers at those set here.")
    for line in told:
        screen.print(escape(line), highlight=False)
    header = output.HEADER if drawn.is_own else output.HEADER[:3]
    table = Table(box=None, pad_edge=False)
    for column in header:
        table.add_column(column, justify="right" if column in ("target", "computed", "difference") else "left")
    for row in output.target_lines(drawn.comparisons):
        table.add_row(*row[: len(header)])
    screen.print(table, highlight=False)
    for note in found.notes if drawn.is_own else ():
        screen.print(escape(f"* {note}"), highlight=False)
