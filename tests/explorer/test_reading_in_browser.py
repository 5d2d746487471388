"""What the page shows is read as a reader reads it, in designs whose two sides differ in every setting.

Readouts and table cells are read from the page; curves from the picture, through the numbers at the ticks and the
colours of the key. All of it is compared with the library.
"""

from __future__ import annotations

import csv
import dataclasses
import io
import math
import re
from typing import Any
from urllib.parse import parse_qsl
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.figure import Figure
from pages import CONTROLS, design, observed, settled, until

import lingauss as lg
from lingauss.explorer.meanings import MEANINGS
from lingauss.explorer.presets import presets

pytestmark = pytest.mark.browser

COUNT = 24  # designs, over all kinds of problems
KINDS = ("yours", "yours", "power-law", "observed", "digits", "lossless")


def of_preset(key: str) -> lg.Distillation:
    subject = presets()[key]
    given = dict(subject.design)
    problem = lg.Problem.from_spectrum(
        subject.eigenvalues, subject.signal, n_samples=subject.n_samples, label_noise=given["label_noise"],
        outputs=subject.outputs,
    )  # fmt: skip
    problem = dataclasses.replace(problem, intercept=subject.intercept)
    return lg.Distillation(problem, lg.Ridge(1.0), lg.Ridge(2.0), lg.Principal(1))


def drawn_state(number: int) -> tuple[str, dict[str, Any]]:
    """A kind of problem and settings, no two of which are equal."""
    rng, key = np.random.default_rng(100 + number), KINDS[number % len(KINDS)]
    directions, samples = {
        "yours": (12, 120),
        "observed": (5, 80),
        "power-law": (64, 1000),
        "lossless": (64, 1000),
    }.get(key, (64, 1797))
    penalty = {"digits": 1e4}.get(key, 20.0)

    def some(low: float, high: float) -> float:
        return float(f"{low * (high / low) ** rng.random():.3g}")

    return key, {
        "student_rank": int(rng.integers(1, directions)),
        "label_noise": some(0.1, 2.0),
        "temperature": some(0.3, 20.0),
        "mixing": float(f"{rng.uniform(-0.4, 1.4):.3g}"),
        "draws": int(rng.integers(2, 12)),
        "teacher_penalty": penalty * some(0.5, 3.0),
        "student_penalty": penalty * some(0.05, 0.4),
        "student_temperature": some(0.05, 0.6),
        "teacher_temperature": some(0.7, 3.0),
        "floor": some(1e-4, 1e-1) if number % 3 else None,
        "n_samples": samples if key == "observed" else int(samples * some(0.5, 4.0)),
    }


def case_of(key: str, settings: dict[str, Any]) -> lg.Distillation:
    made = {"yours": design, "observed": observed}
    case = made[key]() if key in made else of_preset(key)
    if key == "observed":
        settings = {name: value for name, value in settings.items() if name != "n_samples"}
    return case.replace(**settings)


def shown(page: Any, number: int) -> lg.Distillation:
    """Put the page to a design and return the library's."""
    key, settings = drawn_state(number)
    page.evaluate("([key, settings]) => { Explorer.select(key); Explorer.apply(settings); }", [key, settings])
    state = settled(page)
    assert {name: state[name] for name in settings} == settings
    return case_of(key, settings)


def on_drawn_inputs(key: str, case: lg.Distillation) -> lg.Distillation | None:
    """The same design on inputs drawn from the population whose covariance the problem's is; None if it has none."""
    if key not in ("power-law", "lossless"):
        return None
    subject, problem = presets()[key], case.problem
    population = lg.Problem.from_population(
        np.array(subject.eigenvalues) / subject.n_samples, subject.signal, n_samples=problem.n_samples,
        label_noise=problem.label_noise, outputs=subject.outputs,
    )  # fmt: skip
    return case.replace(problem=population, bottleneck=lg.Selected(tuple(range(case.rank))))


UNSEEN = ("teacher’s risk, unseen inputs", "student’s risk, unseen inputs")


def numbers(case: lg.Distillation, drawn: lg.Distillation | None = None) -> dict[str, float | None]:
    """The results of a design by the names under which the page tells them; None where it has none."""
    ledger, gaps = case.divergence(), case.gaps()
    risks = None if case.problem.mode == "observed" else case.excess_risk()
    pure = case.mixing == 1.0 and risks is not None
    return {
        "bias": ledger.bias,
        "variance": ledger.variance,
        "rank bottleneck": ledger.rank_bottleneck,
        "divergence": ledger.total,
        "divergence of predictions": case.prediction_divergence().total,
        "process": case.process_ledger().total if pure else None,
        "teacher’s gap": gaps.teacher,
        "student’s gap": gaps.student,
        "teacher’s excess risk": None if risks is None else risks.teacher,
        "student’s excess risk": None if risks is None else risks.student,
        UNSEEN[0]: None if drawn is None else drawn.excess_risk().teacher,
        UNSEEN[1]: None if drawn is None else drawn.excess_risk().student,
    }


NATS = ("bias", "variance", "rank bottleneck", "divergence", "divergence of predictions", "process")


def told(text: str) -> float | None:
    """A number as the page writes it."""
    if text == "–":
        return None
    found = re.fullmatch(r"(?:([\d.]+)·)?10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)", text)
    if found:
        return float(found[1] or 1) * 10.0 ** int(found[2].translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")))
    return float(text.replace("−", "-").replace(",", "").replace("∞", "inf"))


def assert_told(text: str, value: float | None, what: str) -> None:
    """Four digits of a number, or a dash for none."""
    found = told(text)
    if value is None or found is None:
        assert found is value, what
    else:
        assert math.isclose(found, value, rel_tol=5.1e-4, abs_tol=1e-12), f"{what}: {text}, {value}"


def numbered(value: Any) -> float:
    return float(str(value).replace("Infinity", "inf"))


# ---- readouts ----


ROWS = """(rows) => Array.from(document.querySelectorAll(rows),
  (row) => Array.from(row.children, (cell) => cell.textContent))"""


@pytest.mark.parametrize("number", range(COUNT))
def test_every_readout_is_the_librarys_under_its_own_name_and_unit(page: Any, number: int) -> None:
    case = shown(page, number)
    expected = numbers(case, on_drawn_inputs(drawn_state(number)[0], case))
    rows = page.evaluate(ROWS, "#readout tr")
    assert [row[0] for row in rows] == list(expected)
    for name, text, unit in rows:
        assert unit == ("nats" if name in NATS else "labels²")
        assert_told(text, expected[name], name)
    spoken = page.evaluate("Readouts.summary(Explorer.scene())")
    pattern = r"Rank (\d+): divergence (\S+) nats \(bias (\S+), variance (\S+), rank bottleneck (\S+)\)\. (.*)"
    rank, total, bias, variance, bottleneck, found = re.fullmatch(pattern, spoken).groups()
    assert int(rank) == case.rank
    for text, name in ((total, "divergence"), (bias, "bias"), (variance, "variance"), (bottleneck, "rank bottleneck")):
        assert_told(text, expected[name], name)
    best = case.sweep(student_rank=range(case.problem.n_features + 1))["divergence"]
    if float(best.min()) == expected["divergence"]:
        assert found == "This is the best rank."
    else:
        rank, value = re.fullmatch(r"The best rank is (\d+), with (\S+) nats\.", found).groups()
        assert_told(value, float(best.min()), "least")
        assert math.isclose(float(best.sel(student_rank=int(rank))), float(best.min()), rel_tol=1e-9)


# ---- tables ----


TABLES = """(views) => { for (const id of views) document.getElementById(`table-${id}`).open = true;
  ViewPanels.fillAll(Explorer.scene());
  return Object.fromEntries(views.map((id) => [id, Array.from(document.querySelectorAll(`#table-${id} tr`),
    (row) => Array.from(row.children, (cell) => cell.textContent))])); }"""
WHOLE = """(views) => Object.fromEntries(views.map((id) => { const view = ViewPanels.list.find((one) => one.id === id);
  return [id, Format.csv(view.table(Explorer.scene()))]; }))"""


def by_rank(case: lg.Distillation) -> dict[str, dict[str, Any]]:
    """Columns of the tables by rank, as their headers name them."""
    ranks = range(case.problem.n_features + 1)
    names = ["bias", "variance", "rank_bottleneck", "divergence", "student_gap", "teacher_gap"]
    known = case.problem.mode != "observed"
    risks = ["student_excess_risk", "teacher_excess_risk"] if known else []
    swept = case.sweep(student_rank=ranks, quantities=[*names, *risks])
    columns = {name: np.broadcast_to(swept[name].values, len(ranks)) for name in swept}
    found = {
        "ledger": {f"{name.replace('_', ' ')} (nats)": columns[name] for name in names[:4]},
        "gaps": {"student": columns["student_gap"], "teacher": columns["teacher_gap"]},
    }
    if known:
        unit = " (squared label units)"
        found["risks"] = {f"{who}{unit}": columns[f"{who}_excess_risk"] for who in ("student", "teacher")}
    return found


BOUNDS = ("variance proxy lower", "variance proxy upper", "sharpness lower", "sharpness upper")


@pytest.mark.parametrize("number", range(COUNT))
def test_every_column_of_every_table_holds_what_its_header_says(page: Any, number: int) -> None:
    case = shown(page, number)
    expected, views = by_rank(case), ["ledger", "gaps", "directions"]
    views += ["risks"] if "risks" in expected else []
    cells, files = page.evaluate(TABLES, views), page.evaluate(WHOLE, views)
    for view, columns in expected.items():
        header, *rows = cells[view]
        whole = list(csv.reader(io.StringIO(files[view])))
        assert header == whole[0]
        assert header[: 1 + len(columns)] == ["rank", *columns]
        assert [int(row[0]) for row in rows] == list(range(case.problem.n_features + 1))
        for place, (name, values) in enumerate(columns.items(), start=1):
            for row, exact, value in zip(rows, whole[1:], values, strict=True):
                assert_told(row[place], float(value), f"{view}, {name}")
                assert math.isclose(numbered(exact[place]), value, rel_tol=1e-8, abs_tol=1e-9 * max(values))
    drawn = on_drawn_inputs(drawn_state(number)[0], case)
    if drawn is not None:
        header, *rows = csv.reader(io.StringIO(files["risks"]))
        assert header[3:] == [f"{who}, unseen inputs (squared label units)" for who in ("student", "teacher")]
        told_there = [float(cell) for cell in rows[case.rank][3:]]
        assert told_there == pytest.approx([drawn.excess_risk().student, drawn.excess_risk().teacher], rel=1e-8)
    header, *rows = (line.split(",") for line in files["gaps"].strip().split("\n"))
    assert header[3:] == [*BOUNDS, "mutual information upper"]
    if case.problem.mode == "observed":
        assert all(cell == "" for row in rows for cell in row[3:])
    else:
        for rank in sorted({1, case.rank, case.problem.n_features}) if case.problem.n_features < 20 else [case.rank]:
            table = case.replace(rank=rank).bounds()
            wanted = [*(table[name].value for name in BOUNDS), table["mutual information"].value]
            np.testing.assert_allclose([numbered(cell) for cell in rows[rank][3:]], wanted, rtol=1e-7)
    header, *rows = (line.split(",") for line in files["directions"].strip().split("\n"))
    table = case.by_direction()
    assert header == [
        "direction", "eigenvalue", "kept", "bias if kept (nats)", "label noise if kept (nats)",
        "spread if kept (nats)", "cost if kept (nats)", "cost if dropped (nats)",
    ]  # fmt: skip
    assert [row[2] for row in rows] == ["yes" if kept else "no" for kept in table["kept"]]
    assert [int(row[0]) for row in rows] == list(table.index)
    for place, column in ((1, "eigenvalue"), (6, "retained_cost"), (7, "discarded_cost")):
        np.testing.assert_allclose([numbered(row[place]) for row in rows], table[column], rtol=1e-8, atol=1e-12)
    kept = np.array([[numbered(cell) for cell in row[3:6]] for row in rows])[table["kept"]]
    cells_of = case.divergence().cells[0]  # mean, label noise and spread of what is retained
    np.testing.assert_allclose(kept.sum(axis=0), cells_of, rtol=1e-8, atol=1e-10 * case.divergence().total)


@pytest.mark.parametrize("number", range(0, COUNT, 4))
def test_the_map_and_its_table_are_the_librarys_sweep(page: Any, number: int) -> None:
    case = shown(page, number)
    header, *rows = page.evaluate(TABLES, ["map"])["map"]
    assert header == ["label noise ν", "best rank", "divergence there (nats)"]
    noises = page.evaluate("Array.from(Explorer.scene().map.noises)")
    ranks = range(case.problem.n_features + 1)
    swept = case.sweep(student_rank=ranks, label_noise=noises)["divergence"]
    for row, noise, best in zip(rows, noises, swept.min("student_rank").values, strict=True):
        assert_told(row[0], noise, "noise")
        assert_told(row[2], float(best), "divergence")
        at_rank = swept.sel(student_rank=int(row[1])).sel(label_noise=noise, method="nearest")
        assert math.isclose(float(at_rank), best, rel_tol=1e-9)
    header, *rows = (line.split(",") for line in page.evaluate(WHOLE, ["map"])["map"].strip().split("\n"))
    assert header == ["rank", "label noise ν", "divergence (nats)", "best rank at this noise"]
    grid = np.array([[float(cell) for cell in row[:3]] for row in rows])
    np.testing.assert_array_equal(grid[:, 0], np.repeat(ranks, len(noises)))
    np.testing.assert_allclose(grid[:, 2], swept.transpose("student_rank", "label_noise").values.ravel(), rtol=1e-8)


QUANTITIES = {
    "divergence": "divergence (nats)", "bias": "bias (nats)", "variance": "variance (nats)",
    "rank_bottleneck": "rank bottleneck (nats)", "prediction_divergence": "divergence of predictions (nats)",
    "teacher_gap": "teacher’s gap (squared label units)", "student_gap": "student’s gap (squared label units)",
    "teacher_excess_risk": "teacher’s excess risk (squared label units)",
    "student_excess_risk": "student’s excess risk (squared label units)",
}  # fmt: skip
LABELS = {
    "student_rank": "student rank (directions)", "label_noise": "label noise (standard deviation)",
    "temperature": "temperature (of the soft labels)", "mixing": "mixing (share of soft labels)",
    "draws": "draws (teacher draws averaged)", "teacher_penalty": "teacher penalty (squared input units)",
    "student_penalty": "student penalty (squared input units)",
    "student_temperature": "student temperature (of its weights)",
    "teacher_temperature": "teacher temperature (of its weights)",
    "floor": "floor (variance where unlearned)", "n_samples": "samples (training samples)",
}  # fmt: skip


@pytest.mark.parametrize("place", range(len(LABELS)))
def test_the_sixth_view_is_the_quantity_and_the_axis_that_are_chosen(page: Any, place: int) -> None:
    case, axis = shown(page, 6 * (place % 4) + 1), list(LABELS)[place]
    for step, quantity in enumerate(list(QUANTITIES)[place % 3 :: 3]):
        page.locator("#axis-name").select_option(axis)
        page.locator("#axis-quantity").select_option(quantity)
        settled(page)
        chosen = page.evaluate(
            "['axis-quantity', 'axis-name'].map((id) => document.getElementById(id).selectedOptions[0].text)"
        )
        assert f"{chosen[0]} (" in f"{QUANTITIES[quantity]}"
        assert chosen[1] == LABELS[axis] or chosen[1].lower() in LABELS[axis]
        header, *rows = page.evaluate(TABLES, ["axis"])["axis"]
        assert header == [LABELS[axis], f"present: {QUANTITIES[quantity]}"]
        xs = page.evaluate("(axis) => Axes.byName[axis].points(Explorer.scene().subject)", axis)
        some = slice(step, None, 7)
        swept = case.sweep(**{axis: xs[some]}, quantities=[quantity])[quantity]
        for row, x, value in zip(rows[some], xs[some], np.broadcast_to(swept, len(xs[some])), strict=True):
            assert_told(row[0], x, axis)
            assert_told(row[1], float(value), quantity)
    page.evaluate("Explorer.state.axis = { name: 'temperature', quantity: 'divergence' }")


# ---- pictures, read through their ticks and their keys ----


PICTURE = """(id) => { const view = ViewPanels.list.find((one) => one.id === id); const pen = Pens.asSvg();
  const figure = view.figure(Explorer.scene());
  const { left, right, top, bottom } = Plot.draw(pen, figure, { x: 0, y: 0, width: 640, height: 420 }, Palette.LIGHT);
  return { svg: pen.document(640, 420), left, right, top, bottom }; }"""
KEYS = """(id) => Array.from(document.querySelectorAll(`#keys-${id} button`), (button) =>
  [button.textContent, button.querySelector("svg").outerHTML])"""
SVG = "{http://www.w3.org/2000/svg}"


@dataclasses.dataclass(frozen=True)
class Look:
    """How something is drawn."""

    fill: str
    stroke: str
    dash: str
    kind: str  # line, area, circle, or another marker


def look_of(node: ElementTree.Element) -> Look:
    fill, stroke, path = node.get("fill", "none"), node.get("stroke", "none"), node.get("d", "")
    if node.tag == f"{SVG}circle":
        kind = "circle"
    elif fill == "none" and not path.endswith("Z"):
        kind = "line"
    else:
        kind = "area" if stroke == "none" and node.get("stroke") is None else f"marker of {path.count('L') + 1}"
    return Look(fill, stroke, node.get("stroke-dasharray", ""), kind)


class Picture:
    """A figure as a reader sees it: scales from the ticks, curves by their look."""

    def __init__(self, page: Any, view: str, log_x: bool, log_y: bool) -> None:
        found = page.evaluate(PICTURE, view)
        root = ElementTree.fromstring(found["svg"])  # noqa: S314  (of our own page)
        self.nodes = [node for node in root.iter() if node.tag in (f"{SVG}path", f"{SVG}circle")]
        texts = [node for node in root.iter(f"{SVG}text") if node.get("font-weight") is None]
        plain = [node for node in texts if node.get("stroke") is None and node.get("transform") is None]
        self.y_label = next(node.text for node in texts if node.get("transform") is not None)
        lowest = max(float(node.get("y")) for node in plain)
        self.x_label = next(node.text for node in plain if float(node.get("y")) == lowest)
        across = [node for node in plain if abs(float(node.get("y")) - (found["bottom"] + 17)) < 0.1]
        upright = [node for node in plain if abs(float(node.get("x")) - (found["left"] - 7)) < 0.1]
        self.x = self._scale([(float(n.get("x")), n.text) for n in across if n.get("text-anchor") == "middle"], log_x)
        self.y = self._scale([(float(n.get("y")) - 4.2, n.text) for n in upright], log_y)

    @staticmethod
    def _scale(ticks: list[tuple[float, str]], log: bool) -> Any:
        """From pixels to numbers, by the two ticks farthest apart; all ticks between must agree."""
        assert len(ticks) >= 2, ticks
        pixels, values = np.array([pixel for pixel, _ in ticks]), np.array([told(text) for _, text in ticks])
        heights = np.log10(values) if log else values
        slope = (heights[-1] - heights[0]) / (pixels[-1] - pixels[0])
        np.testing.assert_allclose(heights, heights[0] + slope * (pixels - pixels[0]), atol=abs(slope) * 0.3)

        def read(pixel: Any) -> Any:
            found = heights[0] + slope * (np.asarray(pixel) - pixels[0])
            return 10.0**found if log else found

        read.pixel = abs(slope) * (math.log(10.0) if log else 1.0)  # what a pixel is, relative if log
        return read

    def all(self, look: Look, width: str | None = None) -> list[np.ndarray]:
        """Pixels of everything that looks so."""
        found = [node for node in self.nodes if look_of(node) == look and width in (None, node.get("stroke-width"))]
        if look.kind == "circle":
            return [np.array([[float(node.get("cx")), float(node.get("cy"))]]) for node in found]
        return [np.array(re.findall(r"(-?[\d.e+]+) (-?[\d.e+-]+)", node.get("d")), dtype=float) for node in found]


def steps(pixels: np.ndarray) -> np.ndarray:
    """One point of each step of a stair: two pixels belong to every rank."""
    return pixels[::2, 1]


def assert_read(picture: Picture, found: np.ndarray, truth: np.ndarray, log: bool) -> None:
    """Numbers read off the picture are the library's, to a pixel; far above it lines end somewhere."""
    inside = np.asarray(truth) < picture.y(-1000.0)
    value = picture.y(found)[inside]
    expected = np.asarray(truth)[inside]
    allowed = 0.6 * picture.y.pixel * (np.abs(expected) if log else 1.0)
    assert np.all(np.abs(value - expected) <= allowed), (value, expected)


BIAS, VARIANCE, GREY, DROPPED, INK = "#0072b2", "#e69f00", "#d9d9d9", "#767676", "#222222"


def keys(page: Any, view: str) -> dict[str, Look]:
    """Names of the key with the look of the sample before each; of a line on white, the line."""
    found = {}
    for name, svg in page.evaluate(KEYS, view):
        text = svg.replace(' xmlns="http://www.w3.org/2000/svg"', "")
        root = ElementTree.fromstring(text.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1))  # noqa: S314
        found[name] = look_of([node for node in root.iter() if node.tag in (f"{SVG}path", f"{SVG}circle")][-1])
    return found


@pytest.mark.parametrize("number", range(0, COUNT, 2))
def test_the_ledger_is_read_off_its_picture_by_colour(page: Any, number: int) -> None:
    case = shown(page, number)
    names = keys(page, "ledger")
    assert {name: names[name].fill for name in ("variance", "bias", "rank bottleneck")} == {
        "variance": VARIANCE, "bias": BIAS, "rank bottleneck": GREY,
    }  # fmt: skip
    picture = Picture(page, "ledger", False, False)
    assert (picture.x_label, picture.y_label) == ("student rank r (directions)", "divergence (nats)")
    ranks = range(case.problem.n_features + 1)
    swept = case.sweep(student_rank=ranks, quantities=["bias", "variance", "rank_bottleneck", "divergence"])
    floor = np.zeros(len(ranks))
    for name, quantity in (("variance", "variance"), ("bias", "bias"), ("rank bottleneck", "rank_bottleneck")):
        (outline,) = picture.all(names[name])
        half = len(outline) // 2
        assert_read(picture, steps(outline[:half]), floor + swept[quantity].values, False)
        assert_read(picture, steps(outline[half:][::-1]), floor, False)
        floor = floor + swept[quantity].values
    (line,) = picture.all(names["divergence"], "1.2")
    assert_read(picture, steps(line), swept["divergence"].values, False)
    middle = picture.x(line[2:-2:2, 0] + 0.5 * np.diff(line[2:-1, 0])[::2])
    np.testing.assert_allclose(middle, list(ranks)[1:-1], atol=0.02 * len(ranks))
    marks = picture.all(names["present design"], "2")
    assert any(
        abs(picture.x(mark[0, 0]) - case.rank) < 0.02 * len(ranks) for mark in marks
    ) or case.divergence().total > picture.y(0.0)


@pytest.mark.parametrize("number", [number for number in range(COUNT) if KINDS[number % len(KINDS)] != "observed"][::2])
def test_risks_and_gaps_are_read_off_their_pictures_by_colour_and_dash(page: Any, number: int) -> None:
    case = shown(page, number)
    ranks = range(case.problem.n_features + 1)
    risks = ["student_excess_risk", "teacher_excess_risk"]
    swept = case.sweep(student_rank=ranks, quantities=[*risks, "student_gap", "teacher_gap"])
    names, picture = keys(page, "risks"), Picture(page, "risks", False, True)
    assert names["student"] == Look("none", BIAS, "", "line")
    assert names["teacher"] == Look("none", INK, "4 3", "line")
    assert picture.y_label == "excess risk (squared label units)"
    (student,) = picture.all(names["student"])
    assert_read(picture, steps(student), swept["student_excess_risk"].values, True)
    (teacher,) = picture.all(names["teacher"])
    teachers = np.full(2, float(np.ravel(swept["teacher_excess_risk"])[0]))
    assert_read(picture, teacher[:, 1], teachers, True)
    names, picture = keys(page, "gaps"), Picture(page, "gaps", False, False)
    assert picture.y_label == "gap (squared label units)"
    assert names["within the variance proxy, √(2σ̄²K)"].fill == GREY
    assert names["variance proxy"] == Look("none", BIAS, "", "line")
    assert names["sharpness"] == Look("none", VARIANCE, "6 2", "line")
    assert names["mutual information"] == Look("none", INK, "1.5 2", "line")
    (student,) = picture.all(names["exact, student"], "2")
    assert_read(picture, student[:, 1], swept["student_gap"].values, False)
    (teacher,) = picture.all(names["exact, teacher"])
    assert_read(picture, teacher[:, 1], np.full(2, case.gaps().teacher), False)
    table, rank = case.bounds(), case.rank
    expected = {
        "variance proxy": [table["variance proxy lower"].value, table["variance proxy upper"].value],
        "sharpness": [table["sharpness lower"].value, table["sharpness upper"].value],
        "mutual information": [table["mutual information"].value],
    }
    for name, values in expected.items():
        lines = picture.all(names[name], "1.2")
        assert len(lines) == len(values)
        heights = sorted(float(picture.y(line[rank, 1])) for line in lines)
        np.testing.assert_allclose(heights, sorted(values), atol=0.6 * picture.y.pixel)


@pytest.mark.parametrize("number", range(0, COUNT, 3))
def test_directions_are_read_off_their_picture_by_shape_and_fill(page: Any, number: int) -> None:
    case = shown(page, number)
    names, picture = keys(page, "directions"), Picture(page, "directions", True, True)
    assert picture.x_label == "eigenvalue s (squared input units)"
    assert picture.y_label == "cost of the direction (nats)"
    looks = {
        "if kept": Look("none", VARIANCE, "", "circle"), "if dropped": Look("none", DROPPED, "", "marker of 4"),
        "kept": Look(VARIANCE, INK, "", "circle"), "dropped": Look(DROPPED, INK, "", "marker of 4"),
    }  # fmt: skip
    assert names == looks
    table = case.by_direction()
    table = table[table["eigenvalue"] > 0.0]
    for name, column in (("kept", "retained_cost"), ("if kept", "retained_cost"), ("dropped", "discarded_cost"),
                         ("if dropped", "discarded_cost")):  # fmt: skip
        some = table[(table["kept"] == (name in ("kept", "if dropped"))) & (table[column] > 0.0)]
        found = np.array([points.mean(axis=0) for points in picture.all(looks[name], "1")]).reshape(-1, 2)
        assert len(found) == len(some)
        np.testing.assert_allclose(np.log(picture.x(found[:, 0]) / some["eigenvalue"]), 0.0, atol=picture.x.pixel)
        assert_read(picture, found[:, 1], some[column].to_numpy(), True)


def test_the_map_is_read_off_its_picture(page: Any) -> None:
    for number in (0, 7, 14):
        case = shown(page, number)
        names, picture = keys(page, "map"), Picture(page, "map", True, False)
        assert picture.x_label == "label noise ν (standard deviation, label units)"
        assert picture.y_label == "student rank r (directions)"
        path = next(line for line in picture.all(names["best rank at each noise"], "1.6") if len(line) > 3)
        noises = page.evaluate("Array.from(Explorer.scene().map.noises)")
        swept = case.sweep(student_rank=range(case.problem.n_features + 1), label_noise=noises)["divergence"]
        assert_read(picture, steps(path), swept.argmin("student_rank").values.astype(float), False)
        mark = picture.all(names["present design"], "2")[0][0]
        assert math.isclose(float(picture.x(mark[0])), case.problem.label_noise, rel_tol=2 * picture.x.pixel)
        assert abs(float(picture.y(mark[1])) - case.rank) < picture.y.pixel
        scale = page.evaluate(
            """() => { const pen = Pens.asSvg(); const { scale } = MapView.figure(Explorer.scene());
                 Legend.drawScale(pen, scale, { x: 60, y: 4, width: 500 }, Palette.LIGHT, 12);
                 return [pen.document(640, 60), scale.low, scale.high]; }"""
        )
        root = ElementTree.fromstring(scale[0])  # noqa: S314
        words = [(float(node.get("x")), node.text) for node in root.iter(f"{SVG}text")]
        assert words[-1][1] == "nats"
        for at, text in words[:-1]:
            expected = 60 + 500 * math.log(told(text) / scale[1]) / math.log(scale[2] / scale[1])
            assert abs(at - expected) < 0.5, text
        grey = [node.get("fill") for node in root.iter(f"{SVG}path") if node.get("fill", "").startswith("rgb")]
        assert (grey[0], grey[-1], len(grey)) == ("rgb(0,34,78)", "rgb(254,232,56)", 64)


def test_pinned_designs_are_read_by_their_letter_and_colour(page: Any) -> None:
    cases = {}
    for letter, number in zip("ABC", (0, 1, 6), strict=True):
        cases[letter] = shown(page, number)
        page.get_by_role("button", name="Pin this design").click()
        settled(page)
    here = shown(page, 7)
    names, picture = keys(page, "ledger"), Picture(page, "ledger", False, False)
    colours = {"A": "#a8447f", "B": "#00785a", "C": "#5b3fa0"}
    shapes = {"A": "marker of 4", "B": "marker of 4", "C": "marker of 3"}
    ranks = range(here.problem.n_features + 1)
    for letter, case in cases.items():
        look = names[f"{letter}: Design {letter}"]
        assert (look.stroke, look.kind) == (colours[letter], shapes[letter])
        dash = {"A": "7 2", "B": "3 2", "C": "7 2 2 2"}[letter]
        (line,) = picture.all(Look("none", colours[letter], dash, "line"))
        swept = case.sweep(student_rank=ranks)["divergence"].values
        assert_read(picture, steps(line), swept, False)
    header, *rows = page.evaluate(ROWS, "#comparison tr")
    assert header == ["value (minus present)", "present", "A Design A", "B Design B", "C Design C"]
    owners = zip((7, 0, 1, 6), (here, *cases.values()), strict=True)
    found = [numbers(one, on_drawn_inputs(drawn_state(number)[0], one)) for number, one in owners]
    results = {name: [one[name] for one in found] for name in found[0]}
    symbols = {"Label noise ν": "label_noise", "Temperature τ": "temperature", "Mixing ξ": "mixing", "Draws m": "draws"}
    checked = set()
    for label, *cells in rows:
        name = label.removesuffix(" nats").removesuffix(" labels²")
        if name in results:
            expected = results[name]
            assert label.endswith(" nats" if name in NATS else " labels²")
        elif name in symbols:
            values = [getattr(one, symbols[name], None) for one in (here, *cases.values())]
            expected = [one.problem.label_noise if name.startswith("Label") else value
                        for one, value in zip((here, *cases.values()), values, strict=True)]  # fmt: skip
        else:
            continue
        checked.add(name)
        assert_told(cells[0], expected[0], name)
        for cell, value in zip(cells[1:], expected[1:], strict=True):
            if value is None or expected[0] is None:
                assert_told(cell, value, name)
                continue
            text, difference = re.fullmatch(r"(\S+) \((\S+)\)", cell).groups()
            assert_told(text, value, name)
            assert_told(difference.removeprefix("+"), value - expected[0], name)
            assert difference.startswith("+") == (value > expected[0])
    assert checked == {*results, *symbols}


# ---- formulas, files, scripts and the address ----


SETTINGS_OF = {
    "student's penalty": "student_penalty", "teacher's penalty": "teacher_penalty", "samples": "n_samples",
    "student's temperature": "student_temperature", "teacher's temperature": "teacher_temperature",
    "label noise, standard deviation": "label_noise", "temperature of the soft labels": "temperature",
    "mixing: share of soft labels": "mixing", "teacher draws averaged": "draws", "student's rank": "student_rank",
    "floor: variance of unlearned weights": "floor", "student's assumed label noise": "label_noise",
    "teacher's assumed label noise": "label_noise",
}  # fmt: skip


def test_every_symbol_of_every_formula_has_the_designs_own_number(page: Any) -> None:
    page.set_viewport_size({"width": 1440, "height": 1000})
    case = shown(page, 1)  # a floor of its own
    settings = drawn_state(1)[1]
    table, kept = case.by_direction(), case.rank - 1
    alone = case.replace(bottleneck=lg.Selected([kept])).divergence().cells[0]
    pure = case.replace(bottleneck=lg.Selected([kept]), mixing=1.0).process_ledger()
    teacher, student = case.teacher_channel, case.student_channel
    s = float(table["eigenvalue"].iloc[kept])
    results = {
        "divergence, summed over directions, nats": case.divergence().total,
        "outputs": 2, "directions": 12, "directions dropped": 12 - case.rank,
        "teacher's generalisation gap": case.gaps().teacher, "student's generalisation gap": case.gaps().student,
        "eigenvalue of the Gram matrix": s,
        "cost of one direction if kept, nats": float(table["retained_cost"].iloc[kept]),
        "bias of one direction, nats": alone[0], "label noise's part of one direction, nats": alone[1],
        "spread's part of one direction, nats": alone[2],
        "cost of the student's kernel if kept, one direction, nats": pure.training,
        "share of the truth that the teacher learns": s * teacher.A[kept, kept],
        "teacher's variance": teacher.cov[kept, kept],
        "student's mean weight per unit of the statistic": student.A[kept, kept],
        "share of the truth that is learned": s * student.A[kept, kept],
        "share of the truth that is missed": 1.0 - s * student.A[kept, kept],
        "ratio of the student's variance to the teacher's": student.cov[kept, kept] / teacher.cov[kept, kept],
    }  # fmt: skip
    assert MEANINGS["lambda_S"] in SETTINGS_OF
    names = page.evaluate("Object.keys(JSON.parse(document.getElementById('formulas').textContent))")
    met = set()
    for name in names:
        page.evaluate("(name) => FormulaPanel.show(name, '')", name)
        found = page.evaluate(ROWS, "#formula-symbols tr")
        caption = page.locator("#formula-symbols caption").inner_text()
        for _, meaning, text in found:
            if meaning in SETTINGS_OF:
                assert_told(text, settings[SETTINGS_OF[meaning]], f"{name}: {meaning}")
                met.add(meaning)
            elif name == "teacher_risk":
                continue  # whose shares are the teacher's own
            elif meaning in results and f"direction {kept + 1}, which is kept" in caption:
                assert_told(text, results[meaning], f"{name}: {meaning}")
                met.add(meaning)
    assert met >= set(SETTINGS_OF) - {"student's rank", "student's assumed label noise"}
    assert len(met & set(results)) >= 11


def test_the_line_under_a_saved_picture_tells_every_setting(page: Any) -> None:
    """As it stands in the SVG that is downloaded."""
    for number in (1, 9, 15):
        shown(page, number)
        settings = drawn_state(number)[1]
        with page.expect_download() as waiting:
            page.get_by_role("button", name="Ledger by rank: download the picture as SVG").click()
        svg = waiting.value.path().read_text(encoding="utf-8")
        root = ElementTree.fromstring(svg)  # noqa: S314
        words = " ".join(node.text for node in root.iter(f"{SVG}text") if node.get("fill") == "#555555")
        told_of = dict(re.findall(r"([^\s,:.][^,:]*?) = ([^\s,]*[^\s,.])", words))
        symbols = {
            "r": "student_rank", "ν": "label_noise", "τ": "temperature", "ξ": "mixing", "m": "draws", "φ": "floor",
            "n": "n_samples", "λ of teacher": "teacher_penalty", "λ of student": "student_penalty",
            "τ of teacher": "teacher_temperature", "τ of student": "student_temperature",
        }  # fmt: skip
        assert told_of.keys() >= symbols.keys()
        for symbol, name in symbols.items():
            if settings[name] is None:
                assert told_of[symbol] == "prior"
            else:
                assert_told(told_of[symbol], settings[name], symbol)


def executed(code: str) -> dict[str, Any]:
    names: dict[str, Any] = {"print": lambda *_: None}
    exec(compile(code, "copied", "exec"), names)  # noqa: S102
    return names


def settings_of(case: lg.Distillation) -> dict[str, Any]:
    return {
        "student_rank": case.rank, "label_noise": case.problem.label_noise, "temperature": case.temperature,
        "mixing": case.mixing, "draws": case.draws, "teacher_penalty": case.teacher.penalty,
        "student_penalty": case.student.penalty, "student_temperature": case.student.temperature,
        "teacher_temperature": case.teacher.temperature, "floor": case.floor, "n_samples": case.problem.n_samples,
    }  # fmt: skip


@pytest.mark.parametrize("number", range(COUNT))
def test_copied_python_has_every_setting_on_its_own_side(page: Any, number: int) -> None:
    case = shown(page, number)
    page.get_by_role("button", name="Copy as Python").click()
    until(page, "document.getElementById('copied').textContent !== ''")
    code = page.locator("#python-code").text_content()
    found = executed(code)["case"]
    assert settings_of(found) == drawn_state(number)[1]
    assert found.teacher.noise is found.student.noise is None
    expected = numbers(case)
    for name, value in numbers(found).items():
        assert (value is expected[name] is None) or value == pytest.approx(expected[name], rel=1e-7), name


@pytest.mark.parametrize("view", ["ledger", "map", "directions", "gaps", "risks", "axis"])
def test_copied_charts_have_every_setting_and_draw_the_view(page: Any, view: str, monkeypatch: Any) -> None:
    case = shown(page, 7)
    saved = []
    monkeypatch.setattr(Figure, "savefig", lambda self, name, **_: saved.append((self, name)))
    page.evaluate("Explorer.state.axis = { name: 'mixing', quantity: 'student_gap' }; Explorer.redraw()")
    settled(page)
    code = page.evaluate("(view) => Python.chart(view, Explorer.scene(), 3.5)", view)
    found = executed(code)
    assert settings_of(found["case"]) == drawn_state(7)[1]
    ((figure, name),) = saved
    assert name == f"lingauss-{view}.pdf"
    assert tuple(figure.get_size_inches()) == (3.5, 2.5)
    heights = [np.asarray(line.get_ydata(), float) for line in figure.axes[0].lines if len(line.get_xdata())]
    ranks = range(case.problem.n_features + 1)
    expected = {
        "ledger": lambda: case.sweep(student_rank=ranks)["divergence"].values,
        "risks": lambda: case.sweep(student_rank=ranks, quantities=["student_excess_risk"])["student_excess_risk"],
        "gaps": lambda: case.sweep(student_rank=ranks[1:], quantities=["student_gap"])["student_gap"],
        "axis": lambda: case.sweep(mixing=found["xs"], quantities=["student_gap"])["student_gap"],
    }.get(view)
    if view == "map":
        swept = case.sweep(student_rank=ranks, label_noise=found["noises"])["divergence"]
        assert any(np.array_equal(one, swept.argmin("student_rank")) for one in heights)
    elif view == "directions":
        kept = case.by_direction().query("kept")["retained_cost"]
        assert any(len(one) == len(kept) and np.allclose(one, kept) for one in heights)
    else:
        values = np.asarray(expected(), float)
        assert any(one.size == values.size and np.allclose(one, values, rtol=1e-8) for one in heights)
    page.evaluate("Explorer.state.axis = { name: 'temperature', quantity: 'divergence' }")


STATE = """(() => { const { key, design, wish, axis, pins } = Explorer.state;
  const plain = (one) => ({ ...one, order: one.order ? Array.from(one.order) : null });
  return { key, design: plain(design), wish, axis,
           pins: pins.map((pin) => ({ letter: pin.letter, name: pin.name, key: pin.key, design: plain(pin.design) })) };
})()"""
REST = """Explorer.redraw().then(() => document.getElementById("python").dispatchEvent(new Event("toggle")))"""
AFRESH = """Object.assign(Explorer.state, { pins: [], wish: { objective: "divergence", tolerance: 0, budget: null },
  axis: { name: "temperature", quantity: "divergence" } })"""


def through_the_address(page: Any) -> tuple[dict[str, str], dict[str, Any], dict[str, Any]]:
    """The parameters of the address at rest, the state, and the state after it is opened from that address anew."""
    page.evaluate(REST)
    fragment, before = page.evaluate("location.hash"), page.evaluate(STATE)
    page.evaluate(f"{AFRESH}; Explorer.select('power-law')")
    page.evaluate(REST)
    page.evaluate("(fragment) => { location.hash = fragment; }", fragment)
    until(page, f"Explorer.state.key === '{before['key']}'")
    settled(page)
    assert page.locator("#objection").text_content() == ""
    return dict(parse_qsl(fragment.removeprefix("#"))), before, page.evaluate(STATE)


@pytest.mark.parametrize("name", [*CONTROLS, "prior"])
def test_every_control_goes_through_the_address_and_back(page: Any, name: str) -> None:
    if name == "prior":
        page.get_by_label("the student’s prior variance").check()
        expected: Any = None
    else:
        page.locator(f"#set-{name}").focus()
        for _ in range(3):
            page.keyboard.press("ArrowRight")
        expected = settled(page)[name]
        assert expected != getattr(design(), name, None)
    written, before, after = through_the_address(page)
    assert before == after
    setting = "floor" if name == "prior" else name
    assert before["design"][setting] == expected
    assert written == {"subject": "yours", setting: "prior" if name == "prior" else repr(expected).removesuffix(".0")}


def test_everything_at_once_goes_through_the_address_and_back(page: Any) -> None:
    shown(page, 6)
    page.get_by_role("button", name="Pin this design").click()
    shown(page, 1)
    page.get_by_label("Objective").select_option("excess_risk")
    for label, value in (("Tolerance", "7.5"), ("Rank budget", "9")):
        field = page.get_by_label(label)
        field.fill(value)
        field.press("Enter")
    page.locator("#axis-name").select_option("student_penalty")
    page.locator("#axis-quantity").select_option("teacher_gap")
    settled(page)
    page.locator("#figure-directions").focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Space")
    assert settled(page)["order"] is not None
    written, before, after = through_the_address(page)
    assert before == after
    assert before["wish"] == {"objective": "excess_risk", "tolerance": 0.075, "budget": 9}
    assert before["axis"] == {"name": "student_penalty", "quantity": "teacher_gap"}
    assert len(before["pins"]) == 1
    assert before["pins"][0]["design"]["student_penalty"] == drawn_state(6)[1]["student_penalty"]
    assert {name: before["design"][name] for name in drawn_state(1)[1] if name != "student_rank"} == {
        name: value for name, value in drawn_state(1)[1].items() if name != "student_rank"
    }
    assert written["axis"] == "student_penalty"
    page.evaluate(AFRESH)


def test_noises_that_learners_assume_stay_on_their_own_side(page: Any) -> None:
    """They have no control; a design brings them along."""
    shown(page, 1)
    page.evaluate("Explorer.apply({ teacher_noise: 0.31, student_noise: 0.83 })")
    settled(page)
    code = page.evaluate("Python.snippet(Explorer.scene().subject, Explorer.state.design)")
    case, settings = executed(code)["case"], drawn_state(1)[1]
    teacher = lg.Ridge(settings["teacher_penalty"], settings["teacher_temperature"], 0.31)
    student = lg.Ridge(settings["student_penalty"], settings["student_temperature"], 0.83)
    assert (case.teacher, case.student) == (teacher, student)
    expected = numbers(case_of("yours", settings).replace(teacher=teacher, student=student))
    for name, text, _ in page.evaluate(ROWS, "#readout tr"):
        assert_told(text, expected[name], name)


SPANS = [(1e-9, 1e-2), (1e-4, 1e9), (0.2, 0.9), (3.0, 7e6), (1e-300, 1e-290), (0.5, 400.0), (2e6, 9e6), (1e-4, 9e-4)]


@pytest.mark.parametrize(("low", "high"), SPANS)
def test_ticks_of_logarithmic_axes_tell_where_they_stand(page: Any, low: float, high: float) -> None:
    found = page.evaluate(
        """([low, high]) => { const axis = Scale.axis({ low, high, log: true }, 0, 600);
             return axis.ticks.map(({ value, text }) => [text, axis.at(value)]); }""",
        [low, high],
    )
    assert len(found) >= 2
    for text, pixel in found:
        assert not text.startswith(("0.", "10·", "1·")) or "10" not in text[2:], text  # one digit before the point
        expected = 600 * math.log(told(text) / low) / math.log(high / low)
        assert abs(pixel - expected) < 0.5, text


@pytest.mark.parametrize(("low", "high"), [(0.0, 7e6), (-3.0, 12.0), (0.0, 1e-5), (0.013, 0.014), (-40000.0, 250.0)])
def test_ticks_of_linear_axes_tell_where_they_stand(page: Any, low: float, high: float) -> None:
    found = page.evaluate(
        """([low, high]) => { const axis = Scale.axis({ low, high }, 0, 600);
             return axis.ticks.map(({ value, text }) => [text, axis.at(value)]); }""",
        [low, high],
    )
    assert len(found) >= 2
    for text, pixel in found:
        plain = text.replace("e−", "e-").replace("−", "-").replace(",", "")
        assert abs(pixel - 600 * (float(plain) - low) / (high - low)) < 0.5, text
