"""The atlas as pages of the documentation: one per entry, made of what the entry says and computes."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from lingauss.atlas import output
from lingauss.atlas.catalogue import entry, names
from lingauss.atlas.record import Entry
from lingauss.atlas.targets import Comparison
from lingauss.charts.house import style
from lingauss.files import write

if TYPE_CHECKING:
    import xarray as xr

DPI = 200
PANEL = (2.4, 3.1)  # inches of a small multiple
FEW = 4  # numbers that are told at every turn


def write_pages(folder: Path) -> None:
    """Write a page and its images for every entry to a folder that exists."""
    for name in names():
        found = entry(name)
        drawn = output.drawn(found, {}, ["png"])
        turns = turned(found)
        write(folder / f"{name}.png", drawn.files[f"{name}.png"])
        write(folder / f"{name}-turned.png", panels(found, turns))
        write(folder / f"{name}.md", page(found, drawn, turns).encode())


def turned(found: Entry) -> dict[str, xr.Dataset]:
    """Return what comes of every turn of a parameter, by the turn in words."""
    return {
        f"{name} = {value:g}": found.compute(**{name: value})
        for name, values in found.turns.items()
        for value in values
    }


def panels(found: Entry, turns: Mapping[str, xr.Dataset]) -> bytes:
    """Return an image of what changes when a parameter is turned: one small multiple per turn."""
    with style():
        figure = Figure(figsize=(PANEL[0] * len(turns), PANEL[1]))
        FigureCanvasAgg(figure)
        for number, (words, results) in enumerate(turns.items(), start=1):
            ax = figure.add_subplot(1, len(turns), number)
            found.plot(ax, results)
            ax.set_title(words)
        figure.draw_without_rendering()
        stream = io.BytesIO()
        figure.savefig(stream, format="png", dpi=DPI, metadata={"Software": None})
    return stream.getvalue()


def page(found: Entry, drawn: output.Drawn, turns: Mapping[str, xr.Dataset]) -> str:
    """Return the page of an entry as Markdown."""
    parameters = [(f"`{each.name}`", f"{each.default:g}", each.range, each.meaning) for each in found.parameters]
    parts = [
        f"# {found.paper} (`{found.name}`)",
        f"*{found.paper.title}*: {found.claim}.",
        f"![{found.claim}]({found.name}.png)",
        f"{found.setting} {found.evidence.sentence}",
        *(f"- {note}" for note in found.notes),
        "## Targets and computed numbers",
        "A target is met if the computed number agrees to half a unit of its last digit, or within what its origin "
        "allows where that is simulated or rounded.",
        _table(output.HEADER, output.target_lines(drawn.comparisons)),
        "## Turning parameters",
        _table(("parameter", "own value", "legal", "meaning"), parameters),
        f"![What comes of {', '.join(turns)}]({found.name}-turned.png)",
        _turn_table(drawn.comparisons, turns),
        "## In Python",
        "Public calls alone, as `entry.to_python()` writes them:",
        f"```python\n{found.to_python()}\n```",
        "## Source",
        f"```bibtex\n{found.cite}\n```",
    ]
    return "\n\n".join(parts) + "\n"


def _turn_table(comparisons: Sequence[Comparison], turns: Mapping[str, xr.Dataset]) -> str:
    """Return some numbers at the entry's own parameters and at every turn, evenly chosen among its targets."""
    places = {each.target.told: each for each in comparisons}
    chosen = list(places.values())[:: -(-len(places) // FEW)]
    lines = []
    for each in chosen:
        there = [each.target.found_in(results) for results in turns.values()]
        lines.append((each.target.told, *("–" if math.isnan(x) else f"{x:.6g}" for x in (each.computed, *there))))
    return _table(("quantity", "own parameters", *turns), lines)


def overview() -> str:
    """Return the table of all entries as Markdown, with links to their pages."""
    lines = [
        (f"[`{name}`](atlas/{name}.md)", str(found.paper), found.claim, str(found.evidence), str(len(found.targets)))
        for name, found in ((name, entry(name)) for name in names())
    ]
    return _table(("entry", "source", "claim", "setting", "targets"), lines)


def _table(header: tuple[str, ...], lines: Sequence[tuple[str, ...]]) -> str:
    rows: list[tuple[str, ...]] = [header, ("---",) * len(header), *lines]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows)
