"""A run from numbers to pages, on studies of a few directions: every file, the report and the screen, read back.

Of every kind of study one: with a known truth, with a posterior in its place, of learners alike, of drawn inputs.
"""

import base64
import io
import json
import re

import pandas as pd
import pytest
from reproduce.page_reader import PageReader
from reproduce.sentences import says
from reproduce.small_studies import CHART, PLAIN, SMALL, figure, study
from reproduce.summary_reader import assert_tells
from reproduce.told_settings import settings
from rich.console import Console

from lingauss.folders import RECORD
from lingauss.reproduce import output, run
from lingauss.reproduce.drawing_code import fingerprint
from lingauss.reproduce.figures import Recipe

SHOWN = {
    "alike": ("process-by-rank",),
    "uneven": ("ledger-by-rank", "rank-noise-map", "ledger-by-direction"),
    "observed": ("ledger-by-rank", "temperature-curves"),
    "unseen": ("fixed-and-new",),
}
FIGURES = {
    f"{name}-{chart}": Recipe(lambda name=name: study(name), CHART[chart])
    for name, charts in SHOWN.items()
    for chart in charts
}
FORMATS = ("svg",)


def shown_by(name):
    problem, _, chart = name.partition("-")
    return figure(problem, chart)


def run_into(directory):
    console = Console(record=True, width=110, height=45, file=io.StringIO())
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(run, "FIGURES", FIGURES)
        patched.setattr(run, "QUICK", SMALL)
        written = run.reproduce(directory, quick=True, formats=FORMATS, console=console)
    return directory, written, console.export_text()


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    return run_into(tmp_path_factory.mktemp("small"))


def test_every_figure_has_its_files_and_the_record_names_them(first):
    directory, written, _ = first
    expected = {f"{name}.{kind}" for name in FIGURES for kind in (*FORMATS, "csv", "nc", "txt")}
    assert {path.name for path in directory.iterdir()} == expected | {"report.html", "manifest.json", RECORD}
    assert [one.name for one in written] == list(FIGURES)
    assert {path for one in written for path in one.files} == {directory / name for name in expected}
    entries = json.loads((directory / "manifest.json").read_text(encoding="utf-8"))
    assert entries.keys() == {*FIGURES, "report.html"}
    for name, recipe in FIGURES.items():
        assert sorted(entries[name]["files"]) == sorted(f"{name}.{kind}" for kind in (*FORMATS, "csv", "nc", "txt"))
        assert entries[name]["code"] == fingerprint(recipe.chart.__module__, SMALL.dpi)
    for one in written:
        assert (directory / f"{one.name}.csv").read_bytes() == output.table(shown_by(one.name).results)


def test_the_report_shows_every_figure_under_its_study_with_its_own_words(first):
    """Read back from the page: who stands where, and under which picture which words and numbers."""
    directory, written, _ = first
    page = PageReader((directory / "report.html").read_text(encoding="utf-8"))
    assert page.texts("h1") == ["What distillation costs: the case study"]
    assert page.texts("p.lead") == [
        "Exact bias, variance and rank-bottleneck costs of distilling a linear teacher into a smaller student, for "
        "real and synthetic data. Every number is exact unless it is called simulated, or averaged over drawn inputs."
    ]
    studies = [study(name) for name in SHOWN]
    assert page.texts("h2") == [one.title for one in studies] == ["Alike", "Uneven", "Observed", "Unseen inputs"]
    assert page.texts("p.note") == [figure(name, charts[0]).finding for name, charts in SHOWN.items()]
    assert [text for text in page.texts("p.") if text.endswith("?")] == [one.question for one in studies]
    cards = [text for text in page.texts("p.") if text.startswith("Data: ")]
    for one, card in zip(studies, cards, strict=True):
        words, numbers = settings(one, "card", pd.DataFrame())
        says(card, f"{words} Where a chart departs from this or sweeps a setting, it says so below.", **numbers)
    assert page.texts("summary") == [
        word
        for charts in SHOWN.values()
        for word in ["Settings shared by these figures"] + ["How to read it"] * len(charts)
    ]
    for one, headline, image, caption in zip(
        written, page.texts("p.headline"), page.images, page.texts("figcaption"), strict=True
    ):
        shown = shown_by(one.name)
        assert headline == one.finding == shown.finding
        assert image["alt"] == f"{shown.title}. {shown.finding}"
        kind, _, data = image["src"].partition(";base64,")
        assert kind == "data:image/svg+xml"
        assert base64.b64decode(data) == (directory / f"{one.name}.svg").read_bytes()
        files = ", ".join(f"{one.name}.{suffix}" for suffix in (*FORMATS, "nc", "txt", "csv"))
        assert caption == " ".join([shown.what, shown.why, shown.settings, shown.source, f"Files: {files}."])


def test_the_text_beside_a_figure_is_its_whole_caption(first):
    directory, written, _ = first
    for one in written:
        assert (directory / f"{one.name}.txt").read_text(encoding="utf-8") == f"{shown_by(one.name).caption}\n"


def test_the_summary_tells_every_finding_beside_its_figure(first):
    directory, written, screen = first
    assert screen.count("\n") <= 55
    assert [one.name for one in written] == list(FIGURES)
    assert_tells(screen, directory, written, files_each=4)


def test_a_second_run_writes_the_same_bytes(first, tmp_path):
    directory, _, _ = first
    run_into(tmp_path)
    files = {path.name: path for path in tmp_path.iterdir()}
    assert files.keys() == {path.name for path in directory.iterdir()}
    for name, path in files.items():
        assert path.read_bytes() == (directory / name).read_bytes(), name


def test_a_terminal_sees_which_figure_is_being_drawn_and_how_many_are_done(tmp_path, monkeypatch):
    monkeypatch.setattr(run, "FIGURES", FIGURES)
    monkeypatch.setattr(run, "QUICK", SMALL)
    terminal = Console(force_terminal=True, width=110, file=io.StringIO())
    name = "unseen-fixed-and-new"
    run.reproduce(tmp_path, quick=True, only=[name], formats=["svg"], console=terminal)
    shown = re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", terminal.file.getvalue())
    assert shown.startswith(f"Drawing 1 figures for {tmp_path}")
    assert re.search(rf"{name} [━╸╺ ]+ 0/1 0:00:\d\d", shown)


@pytest.mark.parametrize("chart", list(CHART))
def test_every_figure_computed_twice_has_the_same_numbers_and_words(chart):
    once, again = figure(PLAIN[chart], chart), CHART[chart](study(PLAIN[chart]), SMALL)
    assert output.table(again.results) == output.table(once.results)
    assert output.netcdf(again.results) == output.netcdf(once.results)
    assert (again.title, again.caption) == (once.title, once.caption)
