"""What an entry is written as: images, numbers, targets, words and a script, as bytes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lingauss import report
from lingauss.atlas.record import Entry
from lingauss.atlas.targets import Comparison
from lingauss.charts.render import render
from lingauss.report.blocks import Block
from lingauss.reproduce.output import netcdf

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr
    from matplotlib.axes import Axes

REPORT = "atlas.html"
NUMBERS = ("csv", "nc", "txt", "py")  # what comes with the images of an entry, beside its targets
TITLE = "The atlas"
LEAD = (
    "Published results on learning from a model's labels, each computed anew by public calls of lingauss and held "
    "against numbers that are printed in its source or known otherwise."
)
HEADER = ("quantity", "target", "computed", "difference", "origin", "")


@dataclass(frozen=True)
class Drawn:
    """An entry as it is written.

    Attributes
    ----------
    entry : Entry
    settings : mapping of str to number
        Its parameters.
    comparisons : tuple of Comparison
    vector : bytes
        The figure as SVG, for the report.
    files : mapping of file name to bytes
    """

    entry: Entry
    settings: Mapping[str, float]
    comparisons: tuple[Comparison, ...]
    vector: bytes
    files: Mapping[str, bytes]

    @property
    def is_own(self) -> bool:
        """Whether these are the entry's own parameters, where its targets hold."""
        return self.entry.is_own(**self.settings)

    @property
    def missed(self) -> int:
        """How many targets the computed numbers miss; none where targets do not hold."""
        return sum(not comparison.met for comparison in self.comparisons) if self.is_own else 0


def drawn(entry: Entry, changes: Mapping[str, float], formats: Sequence[str]) -> Drawn:
    """Compute an entry and draw it; everything it is written as.

    Raises
    ------
    UnknownNameError, DomainError
    """
    settings = entry.settings(**changes)
    results = entry.compute(**changes)
    comparisons = entry.compare(results)
    images = render(lambda ax: titled(entry, ax, results), ["svg", *formats])
    contents = {f".{kind}": images[kind] for kind in formats} | {
        ".csv": table(results),
        ".nc": netcdf(results),
        ".txt": f"{caption(entry, settings)}\n".encode(),
        ".py": f"{entry.to_python(**changes)}\n".encode(),
    }
    if entry.is_own(**changes):
        contents["-targets.csv"] = as_bytes(target_table(comparisons))
    files = {f"{entry.name}{suffix}": content for suffix, content in contents.items()}
    return Drawn(entry, settings, comparisons, images["svg"], files)


def file_names(entry: Entry, formats: Sequence[str]) -> list[str]:
    """Return the names of the files to come."""
    return [*(f"{entry.name}.{suffix}" for suffix in (*formats, *NUMBERS)), f"{entry.name}-targets.csv"]


def titled(entry: Entry, ax: Axes, results: xr.Dataset) -> None:
    """Draw an entry under the name of its source."""
    entry.plot(ax, results)
    ax.set_title(str(entry.paper))


def caption(entry: Entry, settings: Mapping[str, float]) -> str:
    """Return what an entry shows, in one paragraph."""
    told = ", ".join(f"{name} = {value:g}" for name, value in settings.items())
    sentences = (
        f"{entry.paper}, {entry.paper.title}: {entry.claim}.",
        entry.setting,
        f"Parameters: {told}.",
        entry.evidence.sentence,
        *entry.notes,
    )
    return " ".join(sentences)


def table(results: xr.Dataset) -> bytes:
    """Return the numbers of a dataset as CSV: one row per number, its variable and coordinates in front."""
    import pandas as pd

    frames = []
    for name, array in results.data_vars.items():
        values = array.to_dataframe(name="value") if array.dims else pd.DataFrame({"value": [array.item()]})
        frames.append(values.reset_index(drop=not array.dims).assign(variable=str(name)))
    columns = ["variable", *map(str, results.sizes), "value"]
    return as_bytes(pd.concat(frames, ignore_index=True).reindex(columns=columns))


def as_bytes(frame: pd.DataFrame) -> bytes:
    """Return a table as CSV, ten significant digits."""
    return str(frame.to_csv(index=False, float_format="%.10g", lineterminator="\n")).encode()


def target_table(comparisons: Sequence[Comparison]) -> pd.DataFrame:
    """Return targets beside computed numbers."""
    import pandas as pd

    rows = [
        {
            "quantity": each.target.variable,
            "where": each.target.place,
            "target": each.target.value,
            "computed": each.computed,
            "difference": each.difference,
            "tolerance": each.target.tolerance,
            "origin": str(each.target.origin),
            "met": each.met,
        }
        for each in comparisons
    ]
    return pd.DataFrame(rows)


def target_lines(comparisons: Sequence[Comparison]) -> list[tuple[str, ...]]:
    """Return targets beside computed numbers as people read them, in the columns of :data:`HEADER`."""
    return [
        (
            each.target.told,
            each.target.value,
            "–" if math.isnan(each.computed) else f"{each.computed:.8g}",
            f"{each.difference:+.1e}",
            str(each.target.origin),
            "met" if each.met else "MISSED",
        )
        for each in comparisons
    ]


def page(entries: Sequence[Drawn]) -> bytes:
    """Return the report of several entries: each with its claim, figure, targets and script."""
    sections = [_section(each) for each in entries]
    return report.Report(TITLE, LEAD, None, sections).to_html().encode()


def _section(drawn: Drawn) -> report.Section:
    entry = drawn.entry
    parameters = [(each.name, f"{drawn.settings[each.name]:g}", each.range, each.meaning) for each in entry.parameters]
    blocks: list[Block] = [
        report.Text(f"{entry.setting} {entry.evidence.sentence}"),
        report.Gallery([report.Figure(drawn.vector, caption(entry, drawn.settings), entry.claim)]),
        *(report.Note(note) for note in entry.notes),
        report.Details("Targets and computed numbers", [report.Table(HEADER, target_lines(drawn.comparisons))]),
        report.Details("Parameters", [report.Table(("parameter", "value", "legal", "meaning"), parameters)]),
        report.Details("Python", [report.Code(entry.to_python(**drawn.settings))]),
    ]
    return report.Section(str(entry.paper), blocks, f"{entry.claim[0].upper()}{entry.claim[1:]}.")
