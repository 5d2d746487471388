"""An analysis as a page with charts, as files, and as a summary in a notebook."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lingauss import charts
from lingauss.analysis import tabulated, wording
from lingauss.analysis.choices import BEST, RECOMMENDED
from lingauss.analysis.findings import Findings
from lingauss.analysis.training import student_of
from lingauss.analysis.verdict import verdict
from lingauss.charts.render import render
from lingauss.folders import prepare_folder, write_folder
from lingauss.report import Figure, Report, Section
from lingauss.report.blocks import escaped
from lingauss.spreadsheets import as_csv

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


TEMPERATURES = (0.01, 100.0, 161)
MARKED = {RECOMMENDED, BEST}  # choices in the chart
FEW = 12  # features up to which the student is shown whole
NEAR = 1.5  # times the least error: what its chart shows
ROOM = 1.5  # of the ledger's height above the recommended rank
AFFORDABLE = 10.0  # times the least divergence: what the ledger shows
KINDS = ("svg", "png")
PAGE, STUDENT = "report.html", "student.npz"
TABLES: dict[str, Callable[[Findings], pd.DataFrame]] = {
    "choices": tabulated.choices,
    "by-rank": lambda found: found.advice.by_rank(),
    "alternatives": tabulated.alternatives,
    "settings": tabulated.settings,
    "projection": tabulated.projection,
    "coefficients": tabulated.coefficients,
}
Draw = Callable[["Axes"], object]


def page(found: Findings) -> str:
    """Return the report as HTML."""
    return _report(found, _images(found)).to_html()


def prepare(folder: Path, *, force: bool) -> None:
    """Refuse a folder to which an analysis cannot be saved, before minutes are spent on it.

    Raises
    ------
    ForeignFileError, OSError
    """
    prepare_folder(folder, FILES, force=force)


def save(found: Findings, folder: Path, *, force: bool) -> tuple[Path, ...]:
    """Write the report, the student, the charts and the tables; see :meth:`Analysis.save`."""
    prepare(folder, force=force)
    images = _images(found)
    contents = {f"{name}.{kind}": image for name, kinds in images.items() for kind, image in kinds.items()}
    contents |= {f"{name}.csv": as_csv(table(found)) for name, table in TABLES.items()}
    contents[PAGE] = _report(found, images).to_html().encode()
    if found.prepared is not None:
        contents[STUDENT] = student_of(found).to_bytes()
    return write_folder(folder, contents, force=force)


def summary(found: Findings) -> str:
    """Return the recommendation as an HTML fragment, for notebooks."""
    return f"<p>{escaped(verdict(found))}</p>{wording.choices(found).html()}"


def _report(found: Findings, images: Mapping[str, Mapping[str, bytes]]) -> Report:
    text = wording.written(found)
    student, *others = text.sections
    card = [section for section in others if section.title == wording.LEARNED]
    shown = [
        Section(student.title, [*_figures(("error-by-rank",), images), *student.blocks]),
        *(Section(each.title, each.blocks, folded=len(found.features) > FEW) for each in card),
        *(
            Section(each.title, [*each.blocks, *_figures(SHOWN.get(each.title, ()), images)], folded=True)
            for each in others
            if each not in card
        ),
    ]
    return Report(text.title, text.lead, text.summary, shown)


def _figures(names: Iterable[str], images: Mapping[str, Mapping[str, bytes]]) -> list[Figure]:
    return [Figure(images[name]["svg"], CAPTIONS[name], CAPTIONS[name]) for name in names if name in images]


CAPTIONS = {
    "error-by-rank": "Error on new rows by how much the student keeps, with one standard error, and the choices above.",
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
SHOWN = {wording.PREDICTIONS: ("risk-by-rank",), wording.UNCERTAINTY: ("ledger-by-rank", "temperature-curves")}
FILES = (*(f"{name}.{kind}" for name in CAPTIONS for kind in KINDS), *(f"{name}.csv" for name in TABLES), PAGE, STUDENT)


def _images(found: Findings) -> dict[str, dict[str, bytes]]:
    return {name: render(draw, KINDS) for name, draw in _drawings(found).items()}


def _drawings(found: Findings) -> dict[str, Draw]:
    advice, tolerance = found.advice, found.wishes.tolerance
    ranks = range(advice.directions + 1)
    risks = advice.widest.sweep(student_rank=ranks, quantities=("student_excess_risk", "teacher_excess_risk"))
    shaded = tolerance if found.wishes.objective == "excess_risk" else None

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

    known, errors = found.unseen is not None, tabulated.errors(found)

    def error(ax: Axes) -> None:
        told = {one.rank: [name for name in one.names if name in MARKED] for one in found.choices}
        marked = {", ".join(names): rank for rank, names in told.items() if names}
        seen = errors["error"].to_numpy()
        start = max(min(int(np.argmax(seen <= NEAR * seen.min())), *marked.values()) - 1, 0)
        charts.error_by_rank(errors.isel(student_rank=slice(start, None)), ax, choices=marked)

    drawings: dict[str, Draw] = {
        **({"error-by-rank": error} if known else {}),
        "risk-by-rank": risk,
        "ledger-by-rank": ledger,
    }
    shown = sorted({max(1, found.rank // 2), max(1, found.rank), advice.directions})
    wide = found.faithful.replace(bottleneck=advice.widest.bottleneck)
    curves = wide.sweep(student_rank=shown, temperature=np.geomspace(*TEMPERATURES))
    best = curves["divergence"].idxmin("temperature")

    def temperature(ax: Axes) -> None:
        charts.temperature_curves(curves, ax, best=best)

    return drawings | {"temperature-curves": temperature}
