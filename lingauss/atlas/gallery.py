"""The atlas as pages of the documentation: one per entry, made of what the entry says and computes."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from lingauss.atlas import output
from lingauss.atlas.catalogue import entry, names
from lingauss.atlas.record import Entry
from lingauss.charts.house import style
from lingauss.files import write

DPI = 200
PANEL = (2.4, 3.1)  # inches of a small multiple


def write_pages(folder: Path) -> None:
    """Write a page and its images for every entry to a folder that exists."""
    for name in names():
        found = entry(name)
        drawn = output.drawn(found, {}, ["png"])
        write(folder / f"{name}.png", drawn.files[f"{name}.png"])
        if turned(found):
            write(folder / f"{name}-turned.png", panels(found))
        write(folder / f"{name}.md", page(found, drawn).encode())


def turned(found: Entry) -> list[Mapping[str, float]]:
    """Return the changes that the small multiples show."""
    return [{name: value} for name, values in found.turns.items() for value in values]


def panels(found: Entry) -> bytes:
    """Return an image of what changes when a parameter is turned: one small multiple per value."""
    changes = turned(found)
    with style():
        figure = Figure(figsize=(PANEL[0] * len(changes), PANEL[1]))
        FigureCanvasAgg(figure)
        for number, change in enumerate(changes):
            ax = figure.add_subplot(1, len(changes), number + 1)
            found.plot(ax, found.compute(**change))
            ax.set_title(", ".join(f"{name} = {value:g}" for name, value in change.items()))
        figure.draw_without_rendering()
        stream = io.BytesIO()
        figure.savefig(stream, format="png", dpi=DPI, metadata={"Software": None})
    return stream.getvalue()


def page(found: Entry, drawn: output.Drawn) -> str:
    """Return the page of an entry as Markdown."""
    parameters = [(f"`{each.name}`", f"{each.default:g}", each.range, each.meaning) for each in found.parameters]
    parts = [
        f"# {found.paper}",
        f"*{found.paper.title}*: {found.claim}.",
        f"![{found.claim}]({found.name}.png)",
        f"{found.setting} {found.evidence.sentence}",
        *(["## What is surprising", *(f"- {note}" for note in found.notes)] if found.notes else []),
        "## Targets and computed numbers",
        "A target is met if the computed number agrees to half a unit of its last digit, or within what its origin "
        "allows where that is simulated or rounded.",
        _table(output.HEADER, output.target_lines(drawn.comparisons)),
        "## Parameters",
        _table(("parameter", "own value", "legal", "meaning"), parameters),
    ]
    if turned(found):
        words = ", ".join(f"`{name}`" for name in found.turns)
        parts += [f"What changes when {words} is turned:", f"![Small multiples]({found.name}-turned.png)"]
    parts += [
        "## In Python",
        "Public calls alone, as `entry.to_python()` writes them:",
        f"```python\n{found.to_python()}\n```",
        "## Source",
        f"```bibtex\n{found.cite}\n```",
    ]
    return "\n\n".join(parts) + "\n"


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
