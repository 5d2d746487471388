"""An analysis as a page with charts, as files, and as a summary in a notebook."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lingauss import charts
from lingauss.analysis import wording
from lingauss.charts.render import render
from lingauss.folders import prepare_folder, write_folder
from lingauss.report import Figure, Report, Section
from lingauss.report.blocks import escaped
from lingauss.spreadsheets import as_csv

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from lingauss.analysis.result import Analysis
    from lingauss.report.blocks import Block

TEMPERATURES = (0.01, 100.0, 161)
ROOM = 1.5  # of the ledger's height above the recommended rank
AFFORDABLE = 10.0  # times the least divergence: what the ledger shows
KINDS = ("svg", "png")
PAGE = "report.html"
TABLES: dict[str, Callable[[Analysis], pd.DataFrame]] = {
    "by-rank": lambda analysis: analysis.by_rank(),
    "alternatives": lambda analysis: analysis.alternatives(),
    "settings": lambda analysis: analysis.settings(),
    "projection": lambda analysis: analysis.projection(),
    "coefficients": lambda analysis: analysis.coefficients(),
}
Draw = Callable[["Axes"], object]


def page(analysis: Analysis) -> str:
    """Return the report as HTML."""
    return _report(analysis, _images(analysis)).to_html()


def prepare(folder: Path, *, force: bool) -> None:
    """Refuse a folder to which an analysis cannot be saved, before minutes are spent on it.

    Raises
    ------
    ForeignFileError, OSError
    """
    prepare_folder(folder, FILES, force=force)


def save(analysis: Analysis, folder: Path, *, force: bool) -> tuple[Path, ...]:
    """Write the report, the charts and the tables; see :meth:`Analysis.save`."""
    prepare(folder, force=force)
    images = _images(analysis)
    contents = {f"{name}.{kind}": image for name, kinds in images.items() for kind, image in kinds.items()}
    contents |= {f"{name}.csv": as_csv(table(analysis)) for name, table in TABLES.items()}
    contents[PAGE] = _report(analysis, images).to_html().encode()
    return write_folder(folder, contents, force=force)


def summary(analysis: Analysis) -> str:
    """Return the recommendation as an HTML fragment, for notebooks."""
    return f"<p>{escaped(wording.lead(analysis))}</p>{wording.summary(analysis).html()}"


def _report(analysis: Analysis, images: Mapping[str, Mapping[str, bytes]]) -> Report:
    text = wording.written(analysis)
    figures: dict[int, list[Block]] = {
        place: [Figure(images[name]["svg"], CAPTIONS[name], CAPTIONS[name]) for name in names if name in images]
        for place, names in enumerate((("risk-by-rank",), ("ledger-by-rank", "temperature-curves")))
    }
    sections = [
        Section(section.title, [*section.blocks, *figures.get(place, [])])
        for place, section in enumerate(text.sections)
    ]
    return Report(text.title, text.lead, text.summary, sections)


CAPTIONS = {
    "risk-by-rank": "Excess risk of the student's predictions by rank, at the recommended mixing; plug-in.",
    "ledger-by-rank": (
        "Divergence of the student's weights from the teacher's posterior by rank, stacked from its three costs, at "
        "the recommended temperature and floor; plug-in."
    ),
    "temperature-curves": (
        "Divergence against the temperature of the soft labels at several ranks, at the recommended floor; circles "
        "mark the best temperature of each rank on the grid; plug-in."
    ),
}
FILES = (*(f"{name}.{kind}" for name in CAPTIONS for kind in KINDS), *(f"{name}.csv" for name in TABLES), PAGE)


def _images(analysis: Analysis) -> dict[str, dict[str, bytes]]:
    return {name: render(draw, KINDS) for name, draw in _drawings(analysis).items()}


def _drawings(analysis: Analysis) -> dict[str, Draw]:
    advice, tolerance = analysis.advice, analysis.wishes.tolerance
    ranks = range(advice.directions + 1)
    risks = analysis.recommended.sweep(student_rank=ranks, quantities=("student_excess_risk", "teacher_excess_risk"))
    shaded = tolerance if analysis.wishes.objective == "excess_risk" else None

    def risk(ax: Axes) -> None:
        charts.risk_by_rank(risks, ax, best=advice.best_rank, recommended=advice.rank, tolerance=shaded)

    costs = advice.ledger_by_rank()
    total = costs["divergence"].to_numpy()
    cheapest = int(np.argmax(total <= AFFORDABLE * total.min()))
    first = max(min(cheapest, advice.rank - 1, advice.directions - 1), 0)
    near = costs.isel(student_rank=slice(first, None))

    def ledger(ax: Axes) -> None:
        charts.ledger_by_rank(near, ax, recommended=advice.rank)
        ax.set_ylim(top=max(ax.get_ylim()[1], ROOM * total[advice.rank]))
        legend = ax.get_legend()
        if legend is not None:  # the rank cost of small ranks lies below it
            legend.set_frame_on(True)
            legend.get_frame().set(alpha=0.9, edgecolor="none")

    drawings: dict[str, Draw] = {"risk-by-rank": risk, "ledger-by-rank": ledger}
    shown = sorted({max(1, analysis.rank // 2), max(1, analysis.rank), advice.directions})
    curves = analysis.faithful.sweep(student_rank=shown, temperature=np.geomspace(*TEMPERATURES))
    best = curves["divergence"].idxmin("temperature")

    def temperature(ax: Axes) -> None:
        charts.temperature_curves(curves, ax, best=best)

    return drawings | {"temperature-curves": temperature}
