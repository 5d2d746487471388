"""The case study of the real data sets: optima lie where captions say, all letters can be read, files are safe."""

import functools
import itertools
import re
from pathlib import Path

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from lingauss.charts import style
from lingauss.charts.end_names import EndName
from lingauss.errors import UnknownNameError
from lingauss.folders import prepare_folder
from lingauss.reproduce import reproduce, run
from lingauss.reproduce.figures import FIGURES
from lingauss.reproduce.record import Record
from lingauss.reproduce.studies import QUICK

pytest.importorskip("sklearn")


@functools.cache
def figure(name):
    return FIGURES[name](QUICK)


def test_the_readme_says_under_each_chart_what_is_found():
    """The captions in the folder are read against their tables elsewhere."""
    root = Path(__file__).parents[2]
    readme = (root / "README.md").read_text(encoding="utf-8").splitlines()
    found = {}
    for line, below in itertools.pairwise(readme):
        charts = re.findall(r"!\[[^]]*\]\(figures/([a-z-]+)\.png\)", line)
        found |= dict(zip(charts, below.strip("| ").split(" | ") if charts else [], strict=False))
    shown = found.keys() & FIGURES.keys()
    assert shown == {"digits-ledger-by-rank", "digits-temperature-curves", "digits-student-beats-teacher"}
    for name in shown:
        told = re.fullmatch(r"\*\*[^*]+\?\*\* (?:Hardly\. )?(.+)", found[name])[1]
        caption = (root / "figures" / f"{name}.txt").read_text(encoding="utf-8")
        assert f" {told} " in caption
        assert told.startswith(("Rank ", "τ* goes ", "Best student "))


def test_the_case_study_in_the_repository_is_one_that_a_run_may_replace():
    figures = Path(__file__).parents[2] / "figures"
    drawn = [file for entry in Record.read(figures).entries.values() for file in entry.files]
    assert len(drawn) > 100
    prepare_folder(figures, drawn)


@pytest.mark.parametrize("stop", [KeyboardInterrupt, MemoryError])
def test_an_interrupted_run_leaves_what_was_there(tmp_path, monkeypatch, stop):
    names = ["power-law-ledger-by-rank", "power-law-ledger-by-direction"]
    reproduce(tmp_path, quick=True, only=names[:1], formats=["svg"])
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def stopped(resolution):
        raise stop

    monkeypatch.setitem(run.FIGURES, names[1], stopped)
    with pytest.raises(stop):
        reproduce(tmp_path, only=names, formats=["svg"])
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


AXIS_OF = {"best_rank": "student_rank", "best_temperature": "temperature", "best_mixing": "mixing"}
ADMITS_AN_EDGE = re.compile("is full rank|full rank at|rank 0 at|at the edge|(low|high) end of the range")


@pytest.mark.parametrize("name", list(FIGURES))
def test_an_optimum_at_an_edge_of_its_range_is_admitted(name):
    results, why = figure(name).results, figure(name).why
    optima = {variable: axis for variable, axis in AXIS_OF.items() if variable in results and axis in results}
    for variable, axis in optima.items():
        best = results[variable].to_numpy()
        best = best[~np.isnan(best)]  # there is none where the setting has no effect
        inside = float(results[axis].min()) < best.min() and best.max() < float(results[axis].max())
        assert inside or ADMITS_AN_EDGE.search(why), variable


@pytest.mark.parametrize("study", ["digits", "power-law"])
def test_the_main_charts_have_their_optimum_inside(study):
    divergence = figure(f"{study}-ledger-by-rank").results["divergence"]
    assert 0 < int(divergence.idxmin("student_rank")) < int(divergence["student_rank"][-1])
    for chart in (
        "rank-noise-map",
        "temperature-curves",
        "mixing-curves",
        "self-distillation",
        "student-beats-teacher",
    ):
        assert not ADMITS_AN_EDGE.search(figure(f"{study}-{chart}").why), chart
    tightest = figure(f"{study}-bounds-and-truth").results["value"].sel(bound="variance proxy upper")
    assert 0 < int(tightest.argmin("temperature")) < tightest.size - 1


@pytest.mark.parametrize("study", ["digits", "power-law"])
def test_shares_of_soft_labels_below_0_and_beyond_1_are_best_somewhere(study):
    best = figure(f"{study}-self-distillation").results["best_mixing"]
    assert float(best.min()) < 0.0
    assert float(best.max()) > 1.0


def shown_texts(axes):
    """Every text that is drawn: tick labels lie within the axis, whatever else the locator offers."""
    for axis, (low, high), place in ((axes.xaxis, axes.get_xlim(), 0), (axes.yaxis, axes.get_ylim(), 1)):
        yield axis.label
        yield from (tick for tick in axis.get_ticklabels(which="both") if low <= tick.get_position()[place] <= high)
    yield from axes.texts
    yield axes.title
    yield axes._left_title
    if axes.get_legend():
        yield from axes.get_legend().get_texts()


COLUMNS = {"single column": (3.5, 2.5), "double column": (7.0, 3.5)}


@pytest.mark.parametrize("size", COLUMNS.values(), ids=COLUMNS.keys())
@pytest.mark.parametrize("name", list(FIGURES))
def test_all_text_is_inside_the_figure_and_none_overlaps(name, size):
    with style():
        page = Figure(figsize=size)
        canvas = FigureCanvasAgg(page)
        figure(name).draw(page.add_subplot())
        canvas.draw()
        texts = [text for axes in page.axes for text in shown_texts(axes) if text.get_text()]
        letters = canvas.get_renderer()
        boxes = [each.lettering(letters) if isinstance(each, EndName) else each.get_window_extent() for each in texts]
    assert len(texts) > 10
    for text, box in zip(texts, boxes, strict=True):
        assert page.bbox.contains(*box.min), text
        assert page.bbox.contains(*box.max), text
    for one, another in itertools.combinations(range(len(texts)), 2):
        assert not boxes[one].overlaps(boxes[another]), f"{texts[one]} over {texts[another]}"


def test_one_figure_alone(tmp_path):
    (written,) = reproduce(tmp_path / "new" / "place", quick=True, only=["power-law-ledger-by-rank"], formats=["svg"])
    assert sorted(path.suffix for path in written.files) == [".csv", ".nc", ".svg", ".txt"]
    assert written.finding == figure("power-law-ledger-by-rank").finding
    assert written.finding in (tmp_path / "new" / "place" / "power-law-ledger-by-rank.txt").read_text(encoding="utf-8")


def test_unknown_figures_name_the_closest(tmp_path):
    with pytest.raises(UnknownNameError, match="Did you mean digits-ledger-by-rank"):
        reproduce(tmp_path, only=["digit-ledger-by-rank"])
