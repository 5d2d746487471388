"""A figure is rewritten where its numbers or its code changed, and nowhere else."""

import io
import json
import sys
from pathlib import Path

import pandas as pd
import pytest
from rich.console import Console

from lingauss.reproduce import drawing_code, output, reproduce, run
from lingauss.reproduce.drawing_code import fingerprint
from lingauss.reproduce.figures import FIGURES
from lingauss.reproduce.record import Record, agree
from lingauss.reproduce.studies import FULL, QUICK

NAME, OTHER = "power-law-ledger-by-rank", "power-law-ledger-by-direction"
FIGURES_FOLDER = Path(__file__).parents[2] / "figures"


def written(folder, *names, formats=("svg",)):
    console = Console(record=True, width=300, file=io.StringIO())
    figures = reproduce(folder, quick=True, only=names, formats=formats, force=True, console=console)
    return {figure.name: figure.change for figure in figures}, console.export_text()


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def rewrite_numbers(table, factor):
    frame = pd.read_csv(table)
    frame["divergence"] *= factor
    frame.to_csv(table, index=False, float_format="%.12g")


def test_last_digits_rewrite_nothing(tmp_path):
    written(tmp_path, NAME)
    rewrite_numbers(tmp_path / f"{NAME}.csv", 1.0 + 5e-7)
    before = contents(tmp_path)
    changes, screen = written(tmp_path, NAME)
    assert changes == {NAME: ""}
    assert "1 of 1 figures stay as they were" in screen
    assert contents(tmp_path) == before


def test_a_number_that_changed_rewrites_its_figure_alone_and_is_told(tmp_path):
    written(tmp_path, NAME, OTHER)
    true = contents(tmp_path)
    rewrite_numbers(tmp_path / f"{NAME}.csv", 1.0 + 2e-6)
    for name in (NAME, OTHER):
        (tmp_path / f"{name}.svg").write_bytes(b"drawn elsewhere")
    changes, screen = written(tmp_path, NAME, OTHER)
    assert changes[OTHER] == ""
    assert f"rewritten because a number changed by more than 1e-06 of itself: {NAME}\n" in screen
    assert contents(tmp_path) == true | {f"{OTHER}.svg": b"drawn elsewhere"}


def test_other_drawing_code_rewrites_the_figure_and_is_told(tmp_path, monkeypatch):
    written(tmp_path, NAME)
    (tmp_path / f"{NAME}.svg").write_bytes(b"drawn by what was there before")
    monkeypatch.setattr(run, "fingerprint", lambda *parts: "other")
    assert f"rewritten because its code changed: {NAME}\n" in written(tmp_path, NAME)[1]
    assert (tmp_path / f"{NAME}.svg").read_bytes().startswith(b"<?xml")


def test_what_is_missing_is_written_and_the_rest_stays(tmp_path):
    written(tmp_path, NAME)
    (tmp_path / f"{NAME}.svg").write_bytes(b"drawn elsewhere")
    (tmp_path / f"{NAME}.nc").unlink()
    assert written(tmp_path, NAME, formats=("svg", "png"))[0] == {NAME: ""}
    assert {f"{NAME}.nc", f"{NAME}.png"} <= contents(tmp_path).keys()
    assert (tmp_path / f"{NAME}.svg").read_bytes() == b"drawn elsewhere"


def test_images_of_old_numbers_are_not_taken_for_those_of_new_ones(tmp_path):
    """The numbers change while only one format is asked for; the other is drawn anew when it is asked for next."""
    written(tmp_path, NAME, formats=("svg", "png"))
    rewrite_numbers(tmp_path / f"{NAME}.csv", 2.0)
    (tmp_path / f"{NAME}.svg").write_bytes(b"of the old numbers")
    written(tmp_path, NAME, formats=("png",))
    written(tmp_path, NAME, formats=("svg",))
    assert (tmp_path / f"{NAME}.svg").read_bytes().startswith(b"<?xml")


@pytest.mark.parametrize("broken", ["", "[1]", '{"a": 1}', "<<<<<<< HEAD"])
def test_an_illegible_manifest_vouches_for_nothing(tmp_path, broken):
    (tmp_path / "manifest.json").write_text(broken, encoding="utf-8")
    assert Record.read(tmp_path).entries == {}


def test_tables_agree_up_to_the_last_digits_alone():
    table = b"rank,cost,name\n0,1.0,a\n1,inf,b\n2,0.0,c\n"
    for alike in (table, table.replace(b"1.0", b"1.0000009"), table.replace(b"0.0,c", b"1e-17,c")):
        assert agree(table, alike)
    for other in (b"", table[:-1] + b"\n3,1,d\n", table.replace(b"1.0", b"1.000002"), table.replace(b"inf", b"nan")):
        assert not agree(other, table)
    large = b"cost\n1e9\n1e-4\n"  # what is left of numbers that cancel is measured by the largest of them
    assert agree(large.replace(b"1e-4", b"5e-4"), large)
    assert not agree(large.replace(b"1e-4", b"5e-3"), large)
    for word in ((b",a", b",z"), (b"cost", b"price"), (b"inf", b"high")):
        assert not agree(table.replace(*word), table)


def test_the_code_of_a_figure_is_what_draws_it_and_no_other_figures(monkeypatch):
    used = drawing_code._reached({FIGURES[NAME].chart.__module__})
    assert {"lingauss.charts.ledger_by_rank", "lingauss.charts.house", "lingauss.reproduce.figures.base"} <= used
    assert not any("dominance" in name for name in used)
    before = fingerprint(FIGURES[NAME].chart.__module__, 300)
    assert before == fingerprint(FIGURES[NAME].chart.__module__, 300) != fingerprint(FIGURES[NAME].chart.__module__, 72)
    source = drawing_code.inspect.getsource
    monkeypatch.setattr(
        drawing_code.inspect, "getsource", lambda module: source(module) + "\n" * (module.__name__.endswith("house"))
    )
    assert fingerprint(FIGURES[NAME].chart.__module__, 300) != before


def test_all_drawing_code_that_runs_for_a_figure_is_in_its_fingerprint():
    """Which modules run is seen by a profiler, which knows nothing of imports."""
    ran = set()

    def watch(frame, event, argument):
        if event == "call":
            ran.add(frame.f_globals.get("__name__", ""))

    chart = FIGURES[NAME].chart
    sys.setprofile(watch)
    try:
        output.render(FIGURES[NAME](QUICK).draw, ["svg"], dpi=50)
    finally:
        sys.setprofile(None)
    drawing = {name for name in ran if name.startswith(("lingauss.charts", "lingauss.reproduce", "lingauss.numerals"))}
    assert len(drawing) >= 8
    used = drawing_code._reached({chart.__module__, "lingauss.charts.render"})
    assert drawing - {"lingauss.reproduce.figures"} <= used  # the table of figures holds nothing of its own


@pytest.mark.parametrize(("package", "suffix"), [("lingauss.charts", ".mplstyle"), ("lingauss.report", ".css")])
def test_a_sheet_of_looks_counts_as_code_where_it_is_used(package, suffix, monkeypatch, tmp_path):
    module = {".mplstyle": FIGURES[NAME].chart.__module__, ".css": output.__name__}[suffix]
    before = fingerprint(module)
    found = drawing_code.files(package)
    for sheet in found.iterdir():
        if sheet.name.endswith((".mplstyle", ".css")):
            text = sheet.read_text(encoding="utf-8")
            (tmp_path / sheet.name).write_text(text + "\n" * sheet.name.endswith(suffix), encoding="utf-8")
    files = drawing_code.files
    monkeypatch.setattr(drawing_code, "files", lambda name: tmp_path if name == package else files(name))
    assert fingerprint(module) != before
    assert (fingerprint(FIGURES[NAME].chart.__module__) == fingerprint(module)) == (suffix == ".mplstyle")


@pytest.mark.skipif(not FIGURES_FOLDER.exists(), reason="not in a clone")
def test_committed_figures_are_of_the_code_that_is_there():
    """Else they would be rewritten in every fresh clone: run ``lingauss reproduce`` and commit ``figures/``."""
    entries = json.loads((FIGURES_FOLDER / "manifest.json").read_text(encoding="utf-8"))
    expected = {name: fingerprint(recipe.chart.__module__, FULL.dpi) for name, recipe in FIGURES.items()}
    assert {name: entry["code"] for name, entry in entries.items()} == expected | {
        output.REPORT: fingerprint(output.__name__)
    }
