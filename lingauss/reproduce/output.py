"""Everything that is written, as bytes."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lingauss import report
from lingauss.charts.render import render
from lingauss.reproduce.figures import Figure
from lingauss.reproduce.figures.base import settings
from lingauss.reproduce.studies import Study

if TYPE_CHECKING:
    import xarray as xr

REPORT = "report.html"
TABLE = "csv"
NUMBERS = (TABLE, "nc", "txt")  # what comes with the images of a figure
TITLE = "What distillation costs: the case study"
LEAD = (
    "Exact bias, variance and rank-bottleneck costs of distilling a linear teacher into a smaller student, for real "
    "and synthetic data. Every number is exact unless it is called simulated, or averaged over drawn inputs."
)


@dataclass(frozen=True)
class Drawn:
    """A figure as it is written.

    Attributes
    ----------
    figure : Figure
    vector : bytes
        As SVG, for the report.
    files : mapping of file name to bytes
        Images in the formats asked for, numbers (CSV, and NetCDF with units) and caption (text). The table vouches for
        the others and comes last, so that a run that is interrupted between them is noticed by the next.
    """

    figure: Figure
    vector: bytes
    files: Mapping[str, bytes]


def drawn(name: str, figure: Figure, formats: Sequence[str], dpi: int) -> Drawn:
    """Draw a figure; everything it is written as."""
    images = render(figure.draw, ["svg", *formats], dpi=dpi)
    files = {kind: images[kind] for kind in formats}
    files |= {
        "nc": netcdf(figure.results),
        "txt": f"{figure.caption}\n".encode(),
        TABLE: table(figure.results),
    }
    return Drawn(figure, images["svg"], {f"{name}.{suffix}": content for suffix, content in files.items()})


def table(results: xr.Dataset) -> bytes:
    """Return the numbers of a dataset as CSV, one row per grid point, ten significant digits."""
    frame = results.to_dataframe().reset_index()
    return str(frame.to_csv(index=False, float_format="%.10g", lineterminator="\n")).encode()


def netcdf(results: xr.Dataset) -> bytes:
    """Return a dataset as NetCDF, with all digits and units; xarray writes that to files only."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "results.nc"
        results.to_netcdf(path, engine="scipy")
        return path.read_bytes()


def page(studies: Mapping[Study, Sequence[Drawn]]) -> bytes:
    """Return the report: one section per study, what it asks and found first, then its figures beside each other."""
    sections = [_section(study, figures) for study, figures in studies.items()]
    return report.Report(TITLE, LEAD, None, sections).to_html().encode()


def _section(study: Study, drawn: Sequence[Drawn]) -> report.Section:
    case, shown = study.case, [_shown(each) for each in drawn]
    words = f"{settings(study, case)} Where a chart departs from this or sweeps a setting, it says so below."
    card = report.Details("Settings shared by these figures", [report.Text(words)])
    return report.Section(
        study.title, [report.Text(study.question), card, report.Gallery(shown)], drawn[0].figure.finding
    )


def _shown(drawn: Drawn) -> report.Figure:
    figure = drawn.figure
    told = (figure.what, figure.why, figure.settings, figure.source, f"Files: {', '.join(drawn.files)}.")
    return report.Figure(drawn.vector, " ".join(told), f"{figure.title}. {figure.finding}", headline=figure.finding)
