"""The case study writes what it says, twice the same, and says what is in the numbers."""

import base64
import dataclasses
import functools
import io
import itertools
import re
from pathlib import Path

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from reproduce.page_reader import PageReader
from reproduce.summary_reader import assert_tells
from rich.console import Console

import lingauss as lg
from lingauss.charts import style
from lingauss.charts.end_names import EndName
from lingauss.errors import UnknownNameError
from lingauss.folders import RECORD, prepare_folder
from lingauss.reproduce import reproduce, run
from lingauss.reproduce.figures import FIGURES
from lingauss.reproduce.figures.ledger import ledger_by_rank
from lingauss.reproduce.figures.noise import rank_noise_map
from lingauss.reproduce.figures.temperature import temperature_curves
from lingauss.reproduce.findings import matching_temperature
from lingauss.reproduce.record import Record
from lingauss.reproduce.studies import FULL, QUICK, drawn, handwritten_digits, paper, power_law

pytest.importorskip("sklearn")


SLOW = {name for name in FIGURES if name.endswith("bounds-and-truth")}


@functools.cache
def figure(name):
    return FIGURES[name](QUICK)


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    directory = tmp_path_factory.mktemp("first")
    console = Console(record=True, width=110, height=55, file=io.StringIO())
    written = reproduce(directory, quick=True, console=console)
    return directory, written, console.export_text()


def test_every_figure_comes_with_images_numbers_and_caption(first):
    directory, written, _ = first
    expected = {f"{name}.{kind}" for name in FIGURES for kind in ("png", "svg", "csv", "nc", "txt")}
    assert {path.name for path in directory.iterdir()} == expected | {"report.html", "manifest.json", RECORD}
    assert {path.name for figure in written for path in figure.files} == expected


def test_a_second_run_writes_the_same_bytes(first, tmp_path):
    directory, _, _ = first
    again = reproduce(tmp_path, quick=True, only=sorted(set(FIGURES) - SLOW))
    for path in itertools.chain.from_iterable(figure.files for figure in again):
        assert path.read_bytes() == (directory / path.name).read_bytes(), path.name


def test_the_report_shows_every_figure_under_its_study_with_its_own_words(first):
    """Read back from the page: who stands where, and under which picture which words and numbers."""
    directory, written, _ = first
    page = PageReader((directory / "report.html").read_text(encoding="utf-8"))
    assert page.texts("h1") == ["What distillation costs: the case study"]
    assert page.texts("p.lead") == [
        "Exact bias, variance and rank-bottleneck costs of distilling a linear teacher into a smaller student, for "
        "real and synthetic data. Every number is exact unless it is called simulated, or averaged over drawn inputs."
    ]
    given = [paper(), handwritten_digits(), power_law()]
    studies = [*given, drawn()]
    titles = ["The paper's case", "Digits", "Power law", "Unseen inputs"]
    assert page.texts("h2") == [study.title for study in studies] == titles
    opening = ["paper-process-by-rank", "digits-ledger-by-rank", "power-law-ledger-by-rank", "unseen-double-descent"]
    assert page.texts("p.note") == [figure(name).finding for name in opening]
    questions = [
        text
        for text in page.texts("p.")
        if text.endswith("?") or text.startswith(("The same questions", "What does the decomposition"))
    ]
    assert questions == [study.question for study in studies]
    cards = [text for text in page.texts("p.") if text.startswith("Data: ")]
    for study, card in zip(studies, cards, strict=True):
        assert card.startswith(
            f"Data: {study.subject}. Settings: teacher's penalty λ_T = {study.case.teacher.penalty:,.0f}, "
        )
        if study in given:
            assert f"principal bottleneck of rank {study.case.rank}, floor at the student's prior." in card
        else:
            assert "Values are averages over drawn inputs and labels" in card
        assert card.endswith("Where a chart departs from this or sweeps a setting, it says so below.")
    assert page.texts("summary") == [
        word for study in studies
        for word in ["Settings shared by these figures"]
        + ["How to read it"] * sum(one.name.startswith(study.name) for one in written)
    ]  # fmt: skip
    for one, headline, image, caption in zip(
        written, page.texts("p.headline"), page.images, page.texts("figcaption"), strict=True
    ):
        shown = figure(one.name)
        assert headline == one.finding == shown.finding
        assert image["alt"] == f"{shown.title}. {shown.finding}"
        kind, _, data = image["src"].partition(";base64,")
        assert kind == "data:image/svg+xml"
        assert base64.b64decode(data) == (directory / f"{one.name}.svg").read_bytes()
        files = ", ".join(f"{one.name}.{suffix}" for suffix in ("png", "svg", "nc", "txt", "csv"))
        assert caption == " ".join([shown.what, shown.why, shown.settings, shown.source, f"Files: {files}."])


def test_the_text_beside_a_figure_is_its_whole_caption(first):
    directory, written, _ = first
    for one in written:
        assert (directory / f"{one.name}.txt").read_text(encoding="utf-8") == f"{figure(one.name).caption}\n"


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


def test_the_summary_takes_less_than_two_lines_a_figure_and_tells_every_finding_beside_it(first):
    directory, written, screen = first
    assert screen.count("\n") < 2 * len(FIGURES)
    assert [one.name for one in written] == list(FIGURES)
    assert_tells(screen, directory, written, files_each=5)


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


INTERIOR = (
    "rank-noise-map",
    "temperature-curves",
    "mixing-curves",
    "student-beats-teacher",
    "self-distillation",
    "repeated-distillation",
)


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


NOT_IN_THE_PAPER = ("student-beats-teacher", "self-distillation", "repeated-distillation", "double-descent",
    "fixed-and-new", "weak-teacher", "collapse")  # fmt: skip


@pytest.mark.parametrize("name", list(FIGURES))
def test_captions_say_whether_the_truth_is_estimated_and_what_the_paper_states(name):
    caption = figure(name).caption
    assert ("plug-in" in caption) == name.startswith("digits")
    assert ("arXiv:2605.13143" in caption) != name.endswith(NOT_IN_THE_PAPER)
    assert "derived in docs/theory.md" in caption


def test_the_readme_says_under_each_chart_what_is_found():
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    shown = set(re.findall(r"\(figures/([a-z-]+)\.png\)", readme)) & set(FIGURES)
    assert len(shown) == 3
    for name in shown:
        assert FIGURES[name](FULL).finding in readme
    measured = (Path(__file__).parents[2] / "figures" / "validity.txt").read_text(encoding="utf-8")
    assert "1.05 in the median" in readme
    assert "median 1.05" in measured


def test_noise_sweeps_over_data_say_that_the_posterior_stays():
    caption = figure("digits-rank-noise-map").caption
    assert "held fixed along the axis" in caption


def varied(**changes):
    study = power_law()
    return dataclasses.replace(study, case=study.case.replace(**changes))


def test_captions_explain_a_best_rank_at_either_end():
    learnable = varied(temperature=5.0, draws=8, label_noise=0.01)
    assert (
        "full rank because even the weakest direction costs less retained" in ledger_by_rank(learnable, QUICK).caption
    )
    assert "full rank at" in rank_noise_map(learnable, QUICK).caption
    hopeless = varied(temperature=1000.0, label_noise=10.0)
    assert "rank 0 because even the strongest direction costs less discarded" in ledger_by_rank(hopeless, QUICK).caption
    assert "rank 0 at" in rank_noise_map(hopeless, QUICK).caption


def test_captions_explain_a_best_temperature_at_either_end():
    hot = varied(student_temperature=4.0)
    assert "5 of 5 optima lie at the low end" in temperature_curves(hot, QUICK).caption
    cold = varied(mixing=0.02)
    assert "optima lie at the high end" in temperature_curves(cold, QUICK).caption


def test_the_matching_temperature_is_where_strong_directions_lose_no_spread():
    problem = lg.Problem.from_spectrum([1e9], [1.0], n_samples=10, label_noise=0.5)
    case = lg.Distillation(problem, student=lg.Ridge(temperature=0.25, noise=0.75), mixing=0.8, draws=3)
    matched = case.replace(temperature=matching_temperature(case))
    assert matched.divergence().cells[0, 2] < 1e-15
    assert matched.replace(temperature=1.01 * matched.temperature).divergence().cells[0, 2] > 1e-6
    assert matching_temperature(case.replace(student_temperature=4.0)) is None


def test_one_figure_alone(tmp_path):
    (written,) = reproduce(tmp_path / "new" / "place", quick=True, only=["power-law-ledger-by-rank"], formats=["svg"])
    assert sorted(path.suffix for path in written.files) == [".csv", ".nc", ".svg", ".txt"]
    assert "Rank" in written.finding


def test_unknown_figures_name_the_closest(tmp_path):
    with pytest.raises(UnknownNameError, match="Did you mean digits-ledger-by-rank"):
        reproduce(tmp_path, only=["digit-ledger-by-rank"])


def test_grids_are_finer_in_a_full_run():
    assert np.all(np.array([QUICK.noises, QUICK.temperatures, QUICK.dpi]) < [81, 241, 300])
