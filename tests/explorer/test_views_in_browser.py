"""What every view is made of, what its axes hold, and how its map is painted."""

from __future__ import annotations

import csv
import io
import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from pages import UNEQUAL, long, observed, put, settled

pytestmark = pytest.mark.browser


DIRECTIONS = range(13)  # ranks of the design of the tests


FIGURE = """(id) => { const view = ViewPanels.list.find((one) => one.id === id);
  const { x, y, layers, marks, scale } = view.figure(Explorer.scene());
  const plain = ({ heat, ...one }) => one;
  return { x, y, scale, layers: layers.map(plain), marks, title: view.title, about: view.about }; }"""


PINNED = {"colour": "A", "dash": "A", "legend": False, "kind": "line"}


MARK_OF_A = {"colour": "A", "face": "ground", "shape": "square", "label": "A"}


PRESENT = {"colour": "ink", "face": "ground"}


def band(face: str, formula: str) -> dict[str, Any]:
    return {"kind": "area", "face": face, "formula": formula}


def line(colour: str, formula: str | None, **more: Any) -> dict[str, Any]:
    return {"kind": "line", "colour": colour, "formula": formula, **more}


def points(colour: str, face: str | None, shape: str, size: float, formula: str) -> dict[str, Any]:
    look = {"colour": colour, "face": face, "shape": shape, "size": size, "formula": formula}
    return {"kind": "points", "width": 1, **look}


STAIR = {"step": True}


LOOKS: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "ledger": [
        ("variance", band("variance", "retained_spread") | STAIR),
        ("bias", band("bias", "retained_bias") | STAIR),
        ("rank bottleneck", band("bottleneck", "discarded_cost") | STAIR),
        ("divergence", line("ink", "retained_cost", width=1.2, step=True)),
        ("present rank", {"kind": "vertical", "colour": "ink", "width": 1, "dash": "guide", "legend": False}),
        ("A: Design A, curve", PINNED | STAIR | {"formula": "retained_cost"}),
        ("A: Design A", MARK_OF_A | {"formula": "retained_cost"}),
        ("best rank for student’s excess risk",
         {"colour": "ink", "face": "ink", "formula": "keep_direction_threshold"}),
        ("present design", PRESENT | {"formula": "retained_cost"}),
    ],
    "map": [
        ("best rank at each noise",
         line("#222222", "keep_direction_threshold", step=True, casing=True)),
        ("A: Design A", MARK_OF_A | {"face": "#ffffff", "halo": "#ffffff", "colour": "#a8447f",
                                     "formula": "retained_cost"}),
        ("present design", {"face": "#ffffff", "colour": "#222222", "formula": "retained_cost"}),
    ],
    "directions": [
        ("if kept", points("variance", None, "circle", 2.6, "retained_cost")),
        ("if dropped", points("dropped", None, "square", 2.6, "discarded_cost")),
        ("kept", points("ink", "variance", "circle", 3.2, "retained_cost")),
        ("dropped", points("ink", "dropped", "square", 3.2, "discarded_cost")),
        ("A: Design A", line("A", "retained_cost", dash="A", width=1.4)),
    ],
    "gaps": [
        ("within the variance proxy, √(2σ̄²K)", band("band", "universal_bound")),
        ("variance proxy", line("bias", "universal_bound", width=1.2, legend=True)),
        ("variance proxy", line("bias", "universal_bound", width=1.2, legend=False)),
        ("sharpness", line("variance", "gap_gradient", dash="long", width=1.2, legend=True)),
        ("sharpness", line("variance", "gap_gradient", dash="long", width=1.2, legend=False)),
        ("mutual information", line("ink", "weight_information", dash="dotted", width=1.2)),
        ("exact, teacher", line("ink", "gap_teacher", dash="guide", width=1.2)),
        ("exact, student", line("ink", "gap_student", width=2)),
        ("A: Design A, curve", PINNED | STAIR | {"formula": "gap_student"}),
        ("A: Design A", MARK_OF_A | {"formula": "gap_student"}),
        ("present design", PRESENT | {"formula": "gap_student"}),
    ],
    "risks": [
        ("within 7.5 % of the best", band("bottleneck", "student_risk")),
        ("teacher", line("ink", "teacher_risk", dash="guide", width=1.2)),
        ("student", line("bias", "student_risk", step=True)),
        ("teacher, unseen inputs", line("quiet", None, dash="dotted", width=1.2)),
        ("student, unseen inputs", line("bias", None, dash="long", step=True)),
        ("A: Design A, curve", PINNED | STAIR | {"formula": "student_risk"}),
        ("A: Design A", MARK_OF_A | {"formula": "student_risk"}),
        ("best rank", {"colour": "ink", "face": "ink", "formula": "student_risk"}),
        ("present design", PRESENT | {"formula": "student_risk"}),
    ],
    "axis": [
        ("present design’s curve", line("bias", "student_risk", width=2, legend=True)),
        ("A: Design A, curve", PINNED | {"formula": "student_risk"}),
        ("least", {"colour": "ink", "face": "ink", "shape": "triangle", "formula": "student_risk"}),
        ("least", {"colour": "A", "face": "A", "shape": "triangle", "formula": "student_risk"}),
        ("present design", PRESENT | {"formula": "student_risk"}),
        ("A: Design A", MARK_OF_A | {"formula": "student_risk"}),
    ],
}  # fmt: skip


ABOUT = {
    "ledger": ("Ledger by rank", "What each rank costs: bias, variance and rank bottleneck, stacked."),
    "map": ("Rank and label noise", "The divergence, by colour, over student rank and label noise."),
    "directions": ("Ledger by direction", "Both costs of every eigen-direction; filled is what the student pays. Click "
                   "one to keep or drop it."),
    "gaps": ("Generalisation gap and its bounds", "Test loss minus training loss, exactly, and what bounds say "
             "about the student’s."),
    "risks": ("Excess risk of teacher and student", "How far predictions are from the truth at the training inputs, "
              "averaged over labels and drawn weights; where inputs are drawn from a population, also at unseen ones."),
    "axis": ("Along an axis", "A quantity against any setting, by round of distillation, or by steps of training."),
}  # fmt: skip


def test_every_part_of_every_view_has_its_own_look_and_leads_to_its_formula(compared: Any) -> None:
    for view, looks in LOOKS.items():
        found = compared.evaluate(FIGURE, view)
        assert (found["title"], found["about"]) == ABOUT[view]
        parts = found["layers"] + found["marks"]
        assert [part["name"] for part in parts] == [name for name, _ in looks]
        for part, (name, look) in zip(parts, looks, strict=True):
            assert {key: part.get(key) for key in look} == look, (view, name)
            others = {"width", "dash", "step", "casing", "halo", "label", "shape", "size"} - look.keys()
            assert not any(part.get(key) for key in others), (view, name)


def test_marks_and_bands_stand_on_the_numbers_of_their_designs(compared: Any) -> None:
    answers = compared.evaluate(
        """(() => { const { answers, pins: [pin], best, map } = Explorer.scene();
          const list = (values) => Array.from(values);
             const of = ({ ledger, gaps, risks, unseen }) => ({ total: list(ledger.total), gap: list(gaps.student),
               risk: list(risks.student), unseen: list(unseen.student), teacher: [risks.teacher, unseen.teacher,
                 gaps.teacher],
               proxy: list(gaps.proxy), sharpness: list(gaps.sharpness), information: list(gaps.information),
               ledger: [list(ledger.bias), list(ledger.variance), list(ledger.bottleneck)] });
             return { here: of(answers), held: of(pin.answers), best, noises: list(map.noises) }; })()"""
    )
    here, held, best = answers["here"], answers["held"], answers["best"]
    least = min(here["risk"])
    assert best == next(rank for rank, risk in enumerate(here["risk"]) if risk <= 1.075 * least)
    marks = {view: compared.evaluate(FIGURE, view)["marks"] for view in LOOKS}
    placed = {view: [[mark["x"], mark["y"]] for mark in some] for view, some in marks.items()}
    assert placed["ledger"] == [[40, held["total"][40]], [best, here["total"][best]], [20, here["total"][20]]]
    assert placed["map"] == [[0.6, 40], [0.4, 20]]
    assert placed["gaps"] == [[40, held["gap"][40]], [20, here["gap"][20]]]
    assert placed["risks"] == [[40, held["risk"][40]], [best, here["risk"][best]], [20, here["risk"][20]]]
    layers = {view: compared.evaluate(FIGURE, view)["layers"] for view in LOOKS}
    bias, variance, bottleneck = map(np.array, here["ledger"])
    low, middle, high, total, upright, curve = layers["ledger"]
    for layer, values, under in ((low, variance, None), (middle, bias, variance), (high, bottleneck, bias + variance)):
        np.testing.assert_allclose(layer["values"], values, rtol=1e-12)
        np.testing.assert_allclose(layer["y"], values + (0 if under is None else under), rtol=1e-12)
        assert ("under" in layer) == (under is not None)
        if under is not None:
            np.testing.assert_allclose(layer["under"], under, rtol=1e-12)
    np.testing.assert_allclose(total["y"], here["total"])
    np.testing.assert_allclose(curve["y"], held["total"])
    assert upright["x"] == [20]
    area, proxy, minus, sharp, blunt, information, level, gap, other = layers["gaps"]
    teacher = here["teacher"][2]
    for layer, values in (
        (area | {"y": area["values"]}, np.array(here["proxy"])), (proxy, teacher + np.array(here["proxy"])),
        (minus, teacher - np.array(here["proxy"])), (sharp, teacher + np.array(here["sharpness"])),
        (blunt, teacher - np.array(here["sharpness"])), (information, np.array(here["information"])),
        (gap, np.array(here["gap"])), (other, np.array(held["gap"])), (level, np.array([teacher, teacher])),
        (area, teacher + np.array(here["proxy"])), (area | {"y": area["under"]}, teacher - np.array(here["proxy"])),
    ):  # fmt: skip
        np.testing.assert_allclose(layer["y"], values, rtol=1e-12)
    assert level["x"] == [0, 64]
    within, teachers, student, flat, unseen, curve = layers["risks"]
    assert (within["x"], within["under"]) == ([0, 64], [least, least])
    np.testing.assert_allclose(within["y"], 2 * [1.075 * least])
    assert (teachers["x"], teachers["y"], flat["x"]) == ([0, 64], 2 * [here["teacher"][0]], [0, 64])
    assert flat["y"] == 2 * [here["teacher"][1]]
    for layer, values in ((student, here["risk"]), (unseen, here["unseen"]), (curve, held["risk"])):
        assert (layer["x"], layer["y"]) == (list(range(65)), values)
    compared.evaluate("Explorer.state.wish = { objective: 'unseen_risk', tolerance: 0.5, budget: null }")
    settled(compared)
    found = compared.evaluate(FIGURE, "risks")
    limit = 1.5 * min(here["unseen"])
    assert found["layers"][0]["y"] == pytest.approx([limit, limit])
    best = next(rank for rank, risk in enumerate(here["unseen"]) if risk <= limit)
    assert [found["marks"][1]["x"], found["marks"][1]["y"]] == [best, here["unseen"][best]]
    assert found["marks"][1].get("formula") is None


def round_up(value: float) -> float:
    size = 10.0 ** math.floor(math.log10(value))
    return min(step * size for step in (1, 1.5, 2, 3, 4, 6, 8, 10) if step * size >= value * (1 - 1e-9))


def stretched(values: list[float], decades: float = math.inf) -> tuple[float, float]:
    """Ends of a logarithmic axis: a twenty-fifth of its length is left at both."""
    high = max(values)
    low = max(min(values), high / 10**decades)
    low, high = (low / 2, high * 2) if high / low < 2 else (low, high)
    return low / (high / low) ** 0.04, high * (high / low) ** 0.04


def test_axes_of_views_hold_what_is_to_be_seen_and_no_more(page: Any) -> None:
    for settings in (UNEQUAL, UNEQUAL | {"student_rank": 0}, UNEQUAL | {"label_noise": 0.05}):
        case = put(page, **settings)
        names = ["divergence", "student_gap", "student_excess_risk"]
        swept = case.sweep(student_rank=DIRECTIONS, quantities=names)
        total, gap, risk = (np.broadcast_to(swept[name], 13).tolist() for name in names)
        rank = case.rank
        found = {view: page.evaluate(FIGURE, view) for view in LOOKS}
        ends = {view: [found[view][axis][end] for axis in "xy" for end in ("low", "high")] for view in LOOKS}
        top = round_up(1.5 * max(1.5 * min(total), total[-1]))
        raised = max(top, min(4 * top, round_up(1.1 * max(min(total), total[rank]))))
        assert ends["ledger"] == pytest.approx([0, 12, 0, raised])
        for view in ("ledger", "gaps", "risks"):
            assert found[view]["x"]["label"] == "student rank r (directions)"
            assert found[view]["x"]["whole"]
        teacher = case.gaps().teacher
        bounds = case.bounds()["variance proxy upper"].value - teacher
        least, most = min(*gap, teacher), max(*gap, teacher)
        reach = min(1.2 * bounds if math.isfinite(bounds) else 0.0, 6 * (most - min(0, least)))
        low, high = min(least, teacher - reach, 0), max(most, teacher + reach)
        margin = 0.08 * (high - low)
        assert ends["gaps"] == pytest.approx([0, 12, low - margin, high + margin])
        risks = [*risk, case.excess_risk().teacher]
        assert ends["risks"] == pytest.approx([0, 12, *stretched(risks, 6)])
        table = case.by_direction()
        costs = [*table["retained_cost"], *table["discarded_cost"]]
        across = stretched(list(table["eigenvalue"]))
        assert ends["directions"] == pytest.approx([*across, *stretched([cost for cost in costs if cost > 0], 6)])
        assert found["directions"]["x"]["reversed"]
        assert ends["map"] == pytest.approx([0.01, 25, -0.5, 12.5])
        curve = found["axis"]["layers"][0]["y"]
        if max(curve) > 20 * min(curve):
            assert found["axis"]["y"]["log"]
            assert ends["axis"] == pytest.approx([0.01, 1000, *stretched(curve, 8)])
        else:
            assert not found["axis"]["y"]["log"]
            assert ends["axis"] == pytest.approx([0.01, 1000, -0.06 * max(curve), 1.06 * max(curve)])


def test_the_axis_of_the_sixth_view_is_logarithmic_where_its_curve_spans_much(page: Any) -> None:
    seen = set()
    chosen = {"mixing": "student_excess_risk", "student_rank": "bias"}
    for name in ("mixing", "student_penalty", "draws", "label_noise", "student_rank", "rounds"):
        quantity = chosen.get(name, "divergence")
        page.evaluate("([name, quantity]) => { Explorer.state.axis = { name, quantity }; }", [name, quantity])
        settled(page)
        found = page.evaluate(FIGURE, "axis")
        (curve,) = found["layers"]
        values = np.array(curve["y"])
        log = bool(values.min() > 0 and values.max() > 20 * values.min())
        assert found["y"]["log"] == log, (name, quantity)
        expected = stretched(values.tolist(), 8) if log else (-0.06 * values.max(), 1.06 * values.max())
        assert (found["y"]["low"], found["y"]["high"]) == pytest.approx(expected)
        assert bool(curve["dots"]) == (name in ("student_rank", "rounds"))
        least = found["marks"][0]
        assert (least["x"], least["y"]) == (curve["x"][int(values.argmin())], values.min())
        here = {"mixing": 1, "student_penalty": 5, "draws": 2, "label_noise": 0.5, "student_rank": 6, "rounds": 1}[name]
        assert found["marks"][1]["x"] == here
        seen.add(log)
    assert seen == {True, False}
    page.evaluate("Explorer.state.axis = { name: 'temperature', quantity: 'divergence' }")
    page.evaluate("Explorer.apply({ temperature: 0 })")  # which a logarithmic axis does not hold
    settled(page)
    assert [mark["name"] for mark in page.evaluate(FIGURE, "axis")["marks"]] == ["least"]


def test_quantities_along_an_axis_lead_to_their_formulas(visit: Any) -> None:
    assert visit.evaluate("AxisView.FORMULAS") == {
        "divergence": "retained_cost", "bias": "retained_bias", "variance": "retained_spread",
        "rank_bottleneck": "discarded_cost", "prediction_divergence": "retained_cost",
        "process_total": "kernel_retained", "process_bias": "soft_label_bias", "process_variance": "soft_label_spread",
        "process_rank_bottleneck": "kernel_discarded", "process_training": "kernel_retained",
        "teacher_gap": "gap_teacher", "student_gap": "gap_student", "teacher_excess_risk": "teacher_risk",
        "student_excess_risk": "student_risk",
    }  # fmt: skip


DOTTED = """(d) => { const ones = Array(d).fill(1);
  const subject = { ...Explorer.subjects.yours, eigenvalues: ones, signal: ones };
  const state = { key: "few", design: { ...subject.design, order: null }, pins: [],
    wish: { objective: "divergence", tolerance: 0, budget: null }, axis: { name: "student_rank", quantity: "bias" } };
  return AxisView.figure(Scene.of(state, { few: subject })).layers[0].dots; }"""


def test_whole_numbers_are_dots_where_they_are_fewer_than_thirty(visit: Any) -> None:
    assert [visit.evaluate(DOTTED, d) for d in (28, 29)] == [True, False]


def test_long_curves_are_drawn_at_some_400_places_with_those_that_matter(visit: Any) -> None:
    for count, needed in ((5, [2]), (799, []), (800, [3, 501]), (1300, [1299, 7]), (4000, [])):
        stride = max(1, count // 400)
        expected = sorted({*range(0, count, stride), count - 1, *needed})
        assert visit.evaluate("([count, needed]) => Parts.drawnPlaces(count, needed)", [count, needed]) == expected


DOTS = """(d) => { const subject = { ...Explorer.subjects.yours, eigenvalues: Array.from({ length: d }, (_,
  i) => d - i),
    signal: Array(d).fill(1) };
  const state = { key: "many", design: { ...subject.design, n_samples: 10 * d, order: null }, pins: [],
    wish: { objective: "divergence", tolerance: 0, budget: null }, axis: { name: "draws", quantity: "bias" } };
  return DirectionsView.figure(Scene.of(state, { many: subject })).layers.map(
    ({ kind, name, colour, dash, width }) => [kind, name, colour, dash ?? null, width]); }"""


def test_beyond_512_directions_costs_are_lines(visit: Any) -> None:
    assert {kind for kind, *_ in visit.evaluate(DOTS, 512)} == {"points"}
    assert visit.evaluate(DOTS, 513) == [
        ["line", "if kept", "variance", "dotted", 1.4], ["line", "if dropped", "dropped", "dotted", 1.4],
        ["line", "kept", "variance", "solid", 1.4], ["line", "dropped", "dropped", "solid", 1.4],
    ]  # fmt: skip


MAP = """() => { const { map } = Explorer.scene(); const { width, height } = map.picture;
  const { heat, scale } = MapView.figure(Explorer.scene());
  const { data } = map.picture.getContext("2d").getImageData(0, 0, width, height);
  const shades = Array.from({ length: 256 }, (_, i) => Palette.shade(i / 255));
  return { noises: [...map.noises], shown: map.shown, step: map.step, low: map.low, high: map.high, shades, scale,
    rows: map.rowsShown.map((row) => [...row].map(String)), heat: [heat.x, heat.y], size: [width, height],
    pixels: [...data] }; }"""


def read_map(page: Any) -> tuple[dict[str, Any], np.ndarray, np.ndarray]:
    found = page.evaluate(MAP)
    rows = np.array([[float(value.replace("Infinity", "inf")) for value in row] for row in found["rows"]])
    width, height = found["size"]
    assert rows.shape == (height, width) == (len(found["shown"]), 41)
    return found, rows, np.reshape(found["pixels"], (height, width, 4))[::-1]


@pytest.mark.parametrize("floor", [0.01, 0.0])
def test_colours_of_the_map_are_logarithms_of_its_numbers_and_infinite_ones_have_none(page: Any, floor: float) -> None:
    put(page, floor=floor)
    found, rows, pixels = read_map(page)
    assert found["noises"] == pytest.approx(np.geomspace(0.01, 25, 41).tolist())
    assert (found["shown"], found["step"]) == (list(range(13)), 1)
    finite = np.sort(rows[np.isfinite(rows) & (rows > 0)])
    high = finite[math.floor(0.95 * (len(finite) - 1))]
    low = max(finite[0], high / 1e4)
    assert (found["low"], found["high"]) == pytest.approx((low, high))
    assert found["scale"] == {"low": found["low"], "high": found["high"], "unit": "nats"}
    assert np.array_equal(pixels[..., 3], np.where(np.isfinite(rows), 255, 0))
    share = np.clip(np.log(np.maximum(rows, low) / low) / math.log(high / low), 0, 1)
    shade = np.array(found["shades"])[np.round(255 * np.where(np.isfinite(rows), share, 0)).astype(int)]
    assert np.all(np.abs(pixels[..., :3] - shade)[np.isfinite(rows)] <= 3)  # a half is rounded either way
    ratio = (25 / 0.01) ** (1 / 80)
    assert found["heat"][0] == pytest.approx([0.01 / ratio, 25 * ratio])
    assert found["heat"][1] == [-0.5, 12.5]
    if floor == 0.0:
        assert np.isinf(rows).any()


def test_the_map_of_a_long_spectrum_shows_every_so_manieth_rank(page: Any) -> None:
    page.evaluate("Explorer.select('long')")
    settled(page)
    found, rows, _ = read_map(page)
    assert (found["step"], found["shown"]) == (39, list(range(0, 5001, 39)))
    assert found["heat"][1] == [-19.5, 128.5 * 39]
    at = "([x, y]) => MapView.at(Explorer.scene(), x, y)"
    noises = found["noises"]
    for place, row in ((0, 0), (7, 3), (40, 128)):
        for x, y in ((1.0, 0), (1.05, 19), (0.95, -19)):
            told = page.evaluate(at, [noises[place] * x, row * 39 + y])
            assert told == {"noise": noises[place], "rank": row * 39, "value": pytest.approx(rows[row, place])}
    for x, y in ((noises[0] / 1.2, 0), (noises[40] * 1.2, 0), (noises[3], -20), (noises[3], 129 * 39)):
        assert page.evaluate(at, [x, y]) is None


def test_the_scale_of_the_maps_colours_lies_above_it(page: Any) -> None:
    boxes = page.evaluate(
        """async () => { const { drawScale } = Legend, { draw } = Plot; const seen = [];
             Legend.drawScale = (pen, scale, place, ...rest) => { seen.push([place.x, place.y, place.width, rest[1]]);
               return drawScale(pen, scale, place, ...rest); };
             Plot.draw = (pen, figure, box, ...rest) => { if (figure.heat) seen.push([box.x, box.y, box.width,
               box.height]);
               return draw(pen, figure, box, ...rest); };
             await Explorer.redraw(); Object.assign(Legend, { drawScale }); Object.assign(Plot, { draw });
             const { width, height } = Figures.drawn.get("map").size; return [seen, width, height]; }"""
    )
    seen, width, height = boxes
    assert seen == [[62, 4, width - 130, 12], [0, 34, width, height - 34]]
    assert page.evaluate("Figures.drawn.get('map').axes.top") == 44
    assert page.evaluate("Figures.drawn.get('ledger').axes.top") == 10


def test_notes_of_observed_labels_say_what_is_missing(page: Any) -> None:
    page.evaluate("Explorer.select('observed')")
    settled(page)
    truth = "The data come without true weights, which {} over labels needs."
    assert page.locator("#note-risks").text_content() == truth.format("this average")
    told = f"{truth.format('the bounds’ average')} The gaps themselves are exact."
    assert page.locator("#note-gaps").text_content() == told
    assert [layer["name"] for layer in page.evaluate(FIGURE, "gaps")["layers"]] == ["exact, teacher", "exact, student"]
    gaps = observed().sweep(student_rank=range(6), quantities=["student_gap", "teacher_gap"])
    values = [*np.broadcast_to(gaps["student_gap"], 6), float(np.ravel(gaps["teacher_gap"])[0])]
    low, high = min(*values, 0), max(values)
    y = page.evaluate(FIGURE, "gaps")["y"]
    assert (y["low"], y["high"]) == pytest.approx((low - 0.08 * (high - low), high + 0.08 * (high - low)))


def test_a_map_of_one_number_still_has_a_scale(visit: Any) -> None:
    """Of a student that is its teacher, but for what its only direction costs if dropped: the same at all noises."""
    low, high = visit.evaluate(
        """(() => { const { yours } = Explorer.subjects; const subject = { ...yours, eigenvalues: [4], signal: [0] };
             const design = { ...yours.design, student_penalty: 20, student_temperature: 1, mixing: 0, floor: null };
             const { low, high } = MapView.compute(subject, design); return [low, high]; })()"""
    )
    assert high == pytest.approx(1.01 * low, rel=1e-12)


def test_directions_of_a_long_spectrum_are_told_by_bins(page: Any) -> None:
    page.evaluate("Explorer.select('long')")
    settled(page)
    header, *rows = csv.reader(io.StringIO(page.evaluate("Format.csv(DirectionsView.table(Explorer.scene()))")))
    ranks = page.evaluate("Explorer.subjects.long.bins.ranks")
    expected = [f"{a + 1} to {b}" if b > a + 1 else str(b) for a, b in pairwise(ranks)]
    assert [row[0] for row in rows] == expected
    table = long().by_direction()
    costs = {name: table[name].to_numpy() for name in ("eigenvalue", "retained_cost", "discarded_cost")}
    for name, head in (("eigenvalue", "eigenvalue"), ("retained_cost", "cost if kept (nats)"),
                       ("discarded_cost", "cost if dropped (nats)")):  # fmt: skip
        column = np.array([float(row[header.index(head)]) for row in rows])
        means = [costs[name][a:b].mean() for a, b in pairwise(ranks)]
        np.testing.assert_allclose(column, means, rtol=1e-8)
    assert [row[2] for row in rows] == ["yes" if b <= 1700 else "no" for _, b in pairwise(ranks)]
    caption = page.evaluate("(name) => { FormulaPanel.show('retained_cost', '', 400); return FormulaValues.of("
                            "Explorer.scene(), 400, 'retained_cost').direction; }", "")  # fmt: skip
    assert caption is None


CANVAS = """async () => { const canvas = document.querySelector("#figure-gaps canvas"),
  context = canvas.getContext("2d");
  const found = [];
  for (const ratio of [2, 1]) {
    Object.defineProperty(window, "devicePixelRatio", { value: ratio, configurable: true });
    await Explorer.redraw();
    context.save(); context.resetTransform(); context.fillStyle = "#ff0000"; context.fillRect(0, 0, 5000, 5000);
    context.restore();
    await Explorer.redraw();
    const { a, b, c, d, e, f } = context.getTransform(), { width, height } = canvas;
    const copy = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
    copy.drawImage(canvas, 0, 0);
    const seen = [[0, 0], [width - 1, 0], [0, height - 1], [width - 1, height - 1]].map(
      ([x, y]) => copy.getImageData(x, y, 1, 1).data[3]);
    const { size } = Figures.drawn.get("gaps");
    found.push([[a, b, c, d, e, f], width / size.width, height / size.height, seen]);
  }
  return found; }"""


def test_pictures_have_the_pixels_of_the_screen_and_nothing_of_the_last_one(page: Any) -> None:
    for ratio, (transform, across, down, corners) in zip((2, 1), page.evaluate(CANVAS), strict=True):
        assert transform == [ratio, 0, 0, ratio, 0, 0]
        assert (across, down) == (pytest.approx(ratio, abs=2e-3), pytest.approx(ratio, abs=2e-3))
        assert corners == [0, 0, 0, 0]


HELP = {
    "ledger": "Left and right arrow keys move the rank.",
    "map": "Left and right arrow keys move the label noise, up and down the rank.",
    "directions": "Left and right arrow keys choose a direction; space keeps or drops it.",
}


def test_figures_say_how_they_are_read_and_worked(visit: Any) -> None:
    for view, (title, about) in ABOUT.items():
        names = ("aria-label", "role", "tabindex", "aria-roledescription")
        found = [visit.locator(f"#figure-{view}").get_attribute(name) for name in names]
        words = f"{title}. {about} {HELP.get(view, '')} The table below holds its numbers."
        worked = ["application", "0", "chart"] if view in HELP else ["img", None, None]
        assert found == [words, *worked]
        shown = visit.evaluate("(id) => document.querySelector(`#view-${id} h2`).textContent", view)
        told = visit.evaluate("(id) => document.querySelector(`#view-${id} .about`).textContent", view)
        assert (shown, told) == (title, about)
        tools = visit.locator(f"#view-{view} .tools button")
        labels = [tools.nth(place).get_attribute("aria-label") for place in range(4)]
        acts = ("download the data as CSV", "download the picture as SVG", "download the picture as PNG",
                "copy code that draws it with matplotlib")  # fmt: skip
        assert labels == [f"{title}: {act}" for act in acts]
        assert tools.all_text_contents() == ["CSV", "SVG", "PNG", "Code"]
    hidden = "Array.from(document.querySelectorAll('.figure canvas, .key span, .control label i'))"
    assert visit.evaluate(f"{hidden}.every((node) => node.getAttribute('aria-hidden') === 'true')")
    assert visit.locator(".choices label").all_text_contents() == ["Draw", "against"]
