"""Curves, areas, marks, keys and saved pictures: where things are put, and in what look.

A figure of ten by a hundred units over 500 by 200 pixels is drawn with a pen that writes down what it is told.
"""

from __future__ import annotations

import math
from typing import Any
from xml.etree import ElementTree

import pytest
from pages import settled
from recorder import BLUE, GREY, GROUND, INK, ORANGE, RECORDER, SVG, assert_told, close

pytestmark = pytest.mark.browser


BOX = {"x": 100, "y": 200, "width": 563, "height": 243}


LEFT, RIGHT, TOP, BOTTOM = 149.0, 649.0, 210.0, 410.0  # of the axes in it, with letters of 10 pixels and narrow ticks


ACROSS = {"label": "across", "low": 0, "high": 10}


UPRIGHT = {"label": "upright", "low": 0, "high": 100}


DRAW = f"""([figure, box]) => {{ {RECORDER}
  const {{ left, right, top, bottom }} = Plot.draw(pen, figure, box, Palette.LIGHT, 10);
  return [told, [left, right, top, bottom]]; }}"""


def figure(x: dict[str, Any] = ACROSS, y: dict[str, Any] = UPRIGHT, **parts: Any) -> list[Any]:
    return [{"x": x, "y": y, "layers": [], "marks": [], **parts}, BOX]


def px(x: float) -> float:
    return LEFT + 50 * x


def py(y: float) -> float:
    return BOTTOM - 2 * y


def test_axes_grid_and_ticks_stand_where_their_numbers_are(visit: Any) -> None:
    told, edges = visit.evaluate(DRAW, figure())
    assert edges == [LEFT, RIGHT, TOP, BOTTOM]
    name, edge = {"colour": INK, "size": 10, "align": "center"}, {"colour": INK, "width": 1}
    assert_told(
        told,
        *(["line", [[LEFT, py(y)], [RIGHT, py(y)]], {"colour": GREY}] for y in (0, 50, 100)),
        *(["line", [[px(x), TOP], [px(x), BOTTOM]], {"colour": GREY}] for x in range(0, 11, 2)),
        ["within", [LEFT, TOP, 500, 200]],
        ["out"],
        ["line", [[LEFT, TOP], [LEFT, BOTTOM], [RIGHT, BOTTOM]], edge],
        *(
            part
            for x in range(0, 11, 2)
            for part in (["line", [[px(x), BOTTOM], [px(x), BOTTOM + 4]], edge], ["text", [px(x), 425], str(x), name])
        ),
        *(
            part
            for y in (0, 50, 100)
            for part in (
                ["line", [[LEFT - 4, py(y)], [LEFT, py(y)]], edge],
                ["text", [LEFT - 7, py(y) + 3.5], str(y), name | {"align": "right"}],
            )
        ),
        ["text", [399, 439.5], "across", name],
        ["text", [110, 310], "upright", name | {"turned": True}],
    )


def test_wide_ticks_make_room_and_the_last_one_stays_inside(visit: Any) -> None:
    told, edges = visit.evaluate(DRAW, figure(ACROSS | {"high": 10000}, UPRIGHT | {"high": 100_000}))
    assert edges == [168, RIGHT, TOP, BOTTOM]  # 2.6 + 0.6 · 7 letters
    texts = {entry[2]: entry for entry in told if entry[0] == "text"}
    assert close(texts["10,000"], ["text", [662, 425], "10,000", {"align": "right"}])
    assert close(texts["8,000"], ["text", [168 + 0.8 * 481, 425], "8,000", {"align": "center"}])


def test_a_map_lies_over_its_axes_and_has_no_grid(visit: Any) -> None:
    told, _ = visit.evaluate(DRAW, figure(heat={"canvas": None, "x": [2, 4], "y": [25, 75]}))
    assert told[:3] == [["within", [LEFT, TOP, 500, 200]], ["picture", [px(2), py(75), 100, 100]], ["out"]]
    assert not [entry for entry in told if entry[0] == "line" and entry[2]["colour"] == GREY]


def drawn(visit: Any, layer: dict[str, Any], y: dict[str, Any] = UPRIGHT) -> list[Any]:
    told, _ = visit.evaluate(DRAW, figure(y=y, layers=[layer]))
    names = [entry[0] for entry in told]
    return list(told[names.index("within") + 1 : names.index("out")])


LINE = {"kind": "line", "x": [0, 4, 10], "y": [0, 100, 50], "colour": "bias"}


def test_curves_go_through_their_points_and_stairs_change_between_them(visit: Any) -> None:
    points, look = [[px(0), py(0)], [px(4), py(100)], [px(10), py(50)]], {"colour": BLUE, "width": 1.6, "dash": []}
    assert_told(drawn(visit, LINE), ["line", points, look])
    stairs = [[px(0), py(0)], [px(2), py(0)], [px(2), py(100)], [px(7), py(100)], [px(7), py(50)], [px(10), py(50)]]
    assert_told(drawn(visit, LINE | {"step": True}), ["line", stairs, look])
    own = {"colour": "#123456", "width": 3, "dash": "guide"}
    assert_told(drawn(visit, LINE | own), ["line", points, {"colour": "#123456", "width": 3, "dash": [4, 3]}])
    halo = ["line", points, {"colour": GROUND, "width": 4.0, "dash": []}]
    assert_told(drawn(visit, LINE | {"casing": True, "dash": "long"}), halo, ["line", points, {"dash": [6, 2]}])
    dots = (["marker", point, {"face": BLUE, "colour": BLUE, "size": 2.2}] for point in points)
    assert_told(drawn(visit, LINE | {"dots": True}), ["line", points, look], *dots)
    for gap in (None, math.nan):
        ((_, broken, _),) = drawn(visit, LINE | {"y": [0, gap, 50]})
        assert math.isnan(broken[1][1])
        assert (broken[0], broken[2]) == (points[0], points[2])
    ((_, far, _),) = drawn(visit, LINE | {"y": [0, 1e9, -1e9]})
    assert [y for _, y in far] == [py(0), -1e5, 1e5]
    logarithmic = {"label": "upright", "low": 1, "high": 100, "log": True}
    ((_, found, _),) = drawn(visit, LINE | {"y": [10, 0, 100]}, logarithmic)
    assert found[0][1] == pytest.approx(310)
    assert math.isnan(found[1][1])


def test_areas_lie_between_their_curves(visit: Any) -> None:
    area = {"kind": "area", "x": [0, 4, 10], "y": [20, 100, 50], "face": "variance"}
    upper, lower = [[px(0), py(20)], [px(4), py(100)], [px(10), py(50)]], [[px(10), BOTTOM], [px(4), BOTTOM]]
    assert_told(drawn(visit, area), ["area", [*upper, *lower, [px(0), BOTTOM]], ORANGE])
    under = [[px(10), py(3)], [px(4), py(2)], [px(0), py(1)]]
    assert_told(drawn(visit, area | {"under": [1, 2, 3]}), ["area", [*upper, *under], ORANGE])
    pieces = [upper[0], upper[2], under[0], under[2]]
    assert_told(drawn(visit, area | {"under": [1, None, 3]}), ["area", pieces, ORANGE])
    assert_told(drawn(visit, area | {"y": [None, None, None]}))


def test_points_and_uprights_stand_at_their_numbers(visit: Any) -> None:
    points = LINE | {"kind": "points", "y": [0, None, 50], "face": "ground", "shape": "square"}
    look = {"colour": BLUE, "face": GROUND, "shape": "square", "size": 2.6, "width": 1.6}
    ends = [["marker", [px(0), py(0)], look], ["marker", [px(10), py(50)], look]]
    assert_told(drawn(visit, points), *ends)
    assert_told(drawn(visit, points | {"size": 7, "y": [None, None, 50]}), ["marker", [px(10), py(50)], {"size": 7}])
    upright = {"kind": "vertical", "x": [3], "colour": "ink"}
    assert_told(drawn(visit, upright), ["line", [[px(3), TOP], [px(3), BOTTOM]], {"colour": INK}])


def marked(visit: Any, axis: dict[str, Any] = UPRIGHT, **mark: Any) -> list[Any]:
    given = {"x": 2, "y": 50, "colour": "ink", "face": "bias", "label": "A", "shape": "square"} | mark
    told, _ = visit.evaluate(DRAW, figure(y=axis, marks=[given]))
    last = next(place for place, entry in enumerate(told) if entry[0] == "text" and entry[2] == "upright")
    return list(told[last + 1 :])


def test_a_mark_stands_on_its_number_with_its_letter_beside_it(visit: Any) -> None:
    look = {"colour": INK, "face": BLUE, "width": 2, "size": 5, "shape": "square"}
    halo = look | {"colour": GROUND, "width": 6}
    letter = {"colour": INK, "size": 10, "bold": True, "align": "left", "halo": GROUND}
    place = [px(2), py(50)]
    beside = ["text", [px(2) + 9, py(50) - 6], "A", letter]
    assert_told(marked(visit), ["marker", place, halo], ["marker", place, look], beside)
    assert_told(marked(visit, label=None), ["marker", place, halo], ["marker", place, look])
    first, _, text = marked(visit, halo="#abcdef")
    assert (first[2]["colour"], text[3]["halo"]) == ("#abcdef", "#abcdef")
    for x, side, align in ((9.5, 9, "left"), (9.54, -9, "right")):
        assert close(marked(visit, x=x)[2], ["text", [px(x) + side, py(50) - 6], "A", {"align": align}])
    for y, height in ((None, BOTTOM), (math.nan, BOTTOM)):
        assert close(marked(visit, y=y)[0], ["marker", [px(2), height], halo])


@pytest.mark.parametrize(
    ("x", "y", "tip", "base", "text", "words", "align"),
    [
        (2, 1000, (249, 212), [(242, 222.5), (256, 222.5)], (260, 222), "A: 1000", "left"),
        (8, 1000, (549, 212), [(542, 222.5), (556, 222.5)], (538, 222), "A: 1000", "right"),
        (2, math.inf, (249, 212), [(242, 222.5), (256, 222.5)], (260, 222), "A: ∞", "left"),
        (2, -50, (249, 408), [(256, 397.5), (242, 397.5)], (260, 405), "A: −50", "left"),
        (12, 50, (647, 310), [(636.5, 317), (636.5, 303)], (638, 305), "A: 12", "right"),
        (-1, 50, (151, 310), [(161.5, 303), (161.5, 317)], (160, 305), "A: −1", "left"),
    ],
)
def test_a_mark_beyond_the_axes_is_an_arrow_with_its_number(
    visit: Any, x: float, y: float, tip: Any, base: Any, text: Any, words: str, align: str
) -> None:
    corners = [list(tip), *map(list, base)]
    assert_told(
        marked(visit, x=x, y=y),
        ["area", corners, BLUE],
        ["line", [*corners, corners[0]], {"colour": INK, "width": 1.5, "dash": []}],
        ["text", list(text), words, {"colour": INK, "size": 10, "align": align, "halo": GROUND}],
    )


def test_half_a_pixel_is_not_beyond_and_zero_is_below_every_logarithm(visit: Any) -> None:
    assert [entry[0] for entry in marked(visit, x=10.009)] == ["marker", "marker", "text"]
    assert [entry[0] for entry in marked(visit, x=10.011)] == ["area", "line", "text"]
    assert [entry[0] for entry in marked(visit, y=-0.24)] == ["marker", "marker", "text"]
    assert [entry[0] for entry in marked(visit, y=-0.26)] == ["area", "line", "text"]
    logarithmic = {"label": "upright", "low": 1, "high": 100, "log": True}
    for y in (0, -3):
        area, _, text = marked(visit, logarithmic, y=y, label=None)
        assert close(area[1][0], [px(2), BOTTOM - 2])
        assert text[2] == str(y).replace("-", "−")


UNDER = """([figure, box, places]) => { const at = Plot.draw(Pens.asSvg(), figure, box, Palette.LIGHT, 10);
  return places.map(([x, y]) => { const found = Plot.under(figure, at, x, y);
    return found && [found.name, found.x, found.value]; }); }"""


def test_what_lies_within_reach_of_the_pointer_is_read_off(visit: Any) -> None:
    layers = [
        {"kind": "area", "x": [0, 5, 10], "y": [40, 40, 40], "name": "low", "values": [1, 2, 3]},
        {"kind": "area", "x": [0, 5, 10], "y": [80, 80, None], "under": [40, 40, 40], "name": "high"},
        {"kind": "line", "x": [0, 5, 10], "y": [95, 95, None], "name": "line"},
        {"kind": "points", "x": [1, 9], "y": [95, 10], "name": "points", "values": [7, 8]},
        {"kind": "vertical", "x": [5], "name": "upright"},
    ]
    marks = [{"x": 9, "y": 60, "name": "mark", "colour": "ink"}]
    reach = {
        (px(5), py(20)): ["low", 5, 2],
        (px(7.4), py(20)): ["low", 5, 2],
        (px(7.6), py(20)): ["low", 10, 3],
        (px(5), py(60)): ["high", 5, 80],
        (px(5), py(88)): None,
        (px(5), py(95) + 8.9): ["line", 5, 95],
        (px(5), py(95) + 9.1): None,
        (px(5), py(95) - 8.9): ["line", 5, 95],
        (px(9), py(95)): ["line", 5, 95],  # the nearest of its points that there is
        (px(9) + 8.9, py(10)): ["points", 9, 8],
        (px(9) + 9.1, py(10)): ["low", 10, 3],
        (px(9) + 11.9, py(60)): ["mark", 9, 60],
        (px(9) + 12.1, py(60)): ["high", 5, 80],
        (px(9), py(60)): ["mark", 9, 60],
    }
    given, box = figure(layers=layers, marks=marks)
    assert dict(zip(reach, visit.evaluate(UNDER, [given, box, [list(place) for place in reach]]), strict=True)) == reach


LEGEND = f"""([figure, width]) => {{ {RECORDER}
  const height = Legend.draw(pen, figure, {{ x: 100, y: 200, width }}, Palette.LIGHT, 10);
  return [told, height, Legend.entries(figure).map(({{ name }}) => name)]; }}"""


def test_a_key_shows_every_name_once_beside_what_it_looks_like(visit: Any) -> None:
    layers = [
        {"kind": "area", "face": "variance", "name": "area"},
        {"kind": "line", "colour": "bias", "dash": "guide", "width": 2, "name": "line"},
        {"kind": "line", "colour": "bias", "name": "line"},
        {"kind": "line", "colour": "ink", "name": "hidden", "legend": False},
        {"kind": "vertical", "colour": "#123456", "casing": True, "name": "cased"},
        {"kind": "points", "colour": "ink", "face": "bias", "shape": "square", "name": "points"},
        {"kind": "line", "colour": "ink"},
    ]
    marks = [{"colour": "A", "face": "ground", "shape": "diamond", "name": "mark"}]
    told, height, names = visit.evaluate(LEGEND, [{"layers": layers, "marks": marks}, 250])
    assert names == ["area", "line", "cased", "points", "mark"]
    wide = {name: 42 + 5.8 * len(name) for name in names}  # a sample of 22, 6 between, and 14 after the letters
    assert wide["area"] + wide["line"] + wide["cased"] <= 250 < sum(wide[name] for name in names[:4])
    x, y = dict.fromkeys(names, 100.0), {"area": 200, "line": 200, "cased": 200, "points": 216, "mark": 216}
    x["line"], x["mark"] = 100 + wide["area"], 100 + wide["points"]
    x["cased"] = x["line"] + wide["line"]
    assert height == pytest.approx(32)

    def text(name: str) -> list[Any]:
        return ["text", [x[name] + 28, y[name] + 10.5], name, {"colour": INK, "size": 10}]

    def line(name: str, **look: Any) -> list[Any]:
        return ["line", [[x[name], y[name] + 7], [x[name] + 22, y[name] + 7]], look]

    def marker(name: str, **look: Any) -> list[Any]:
        return ["marker", [x[name] + 11, y[name] + 7], look]

    assert_told(
        told,
        ["area", [[100, 202], [122, 202], [122, 212], [100, 212]], ORANGE],
        text("area"),
        line("line", colour=BLUE, width=2, dash=[4, 3]),
        text("line"),
        line("cased", colour=GROUND, width=5),
        line("cased", colour="#123456", width=1.6, dash=[]),
        text("cased"),
        marker("points", colour=INK, face=BLUE, width=1, shape="square", size=3.6),
        text("points"),
        marker("mark", colour="#a8447f", face=GROUND, width=2, shape="diamond", size=5),
        text("mark"),
    )
    _, nothing, _ = visit.evaluate(LEGEND, [{"layers": [], "marks": []}, 250])
    assert nothing == 0
    _, one, _ = visit.evaluate(LEGEND, [{"layers": layers[:1], "marks": []}, 20])
    assert one == pytest.approx(16)


def test_a_sample_on_the_page_is_a_small_picture(visit: Any) -> None:
    svg = visit.evaluate("Legend.asSvg({ kind: 'line', colour: 'bias' }, Palette.LIGHT)")
    root = ElementTree.fromstring(svg)  # noqa: S314
    assert (root.get("width"), root.get("height")) == ("24", "14")
    assert root[0].get("d") == "M1 7L23 7"


SCALE = f"""() => {{ {RECORDER}
  const place = {{ x: 100, y: 200, width: 320 }};
  const height = Legend.drawScale(pen, {{ low: 1, high: 1e4, unit: "nats" }}, place, Palette.LIGHT, 10);
  return [told, height, Array.from({{ length: 64 }}, (_, i) => Palette.shade(i / 63))]; }}"""


def test_the_scale_of_a_map_runs_through_its_colours_with_ticks_below(visit: Any) -> None:
    told, height, shades = visit.evaluate(SCALE)
    assert height == 26
    areas = told[:64]
    for i, (kind, corners, colour) in enumerate(areas):
        left, right = 100 + 5 * i, 105 + 5 * i + 0.5  # which the next one covers
        assert kind == "area"
        assert close(corners, [[left, 200], [right, 200], [right, 209], [left, 209]])
        assert colour == "rgb({},{},{})".format(*shades[i])
    ticks = []
    for exponent in range(5):
        x = 100 + 80 * exponent
        text = f"{10**exponent:,}"
        ticks += [["line", [[x, 209], [x, 212]], {"colour": INK}]]
        ticks += [["text", [x, 223], text, {"colour": INK, "size": 10, "align": "center"}]]
    assert_told(told[64:], *ticks, ["text", [426, 209], "nats", {"colour": INK, "size": 10}])


CROWDED = f"""([low, high, width]) => {{ {RECORDER}
  Legend.drawScale(pen, {{ low, high, unit: "nats" }}, {{ x: 0, y: 0, width }}, Palette.LIGHT, 10);
  return told.filter(([kind]) => kind === "text").map(([, [x], text]) => [x, text]).slice(0, -1); }}"""


def test_numbers_under_a_scale_of_colours_keep_apart(visit: Any) -> None:
    """Each tick in turn has its number unless the one before reaches to within 4 pixels of it."""
    axis = "([low, high, width]) => Scale.axis({ low, high, log: true }, 0, width).ticks"
    for given in ([100.0, 300.0, 150.0], [1e-5, 1e3, 100.0], [0.5, 2.0, 400.0], [1000.0, 3000.0, 241.0]):
        expected, free = [], -math.inf
        for tick in visit.evaluate(axis, given):
            x = given[2] * math.log(tick["value"] / given[0]) / math.log(given[1] / given[0])
            half = 2.9 * len(tick["text"])
            if x - half >= free:
                expected.append([pytest.approx(x), tick["text"]])
                free = x + half + 4
        assert visit.evaluate(CROWDED, given) == expected


SAVED = """([id, inches]) => new Promise((resolve) => {
  const { createObjectURL } = URL, { click } = HTMLAnchorElement.prototype;
  URL.createObjectURL = (blob) => { blob.text().then(resolve); return "#"; };
  HTMLAnchorElement.prototype.click = () => {};
  Downloads.picture(ViewPanels.list.find((view) => view.id === id), Explorer.scene(), "svg", inches);
  URL.createObjectURL = createObjectURL;
  HTMLAnchorElement.prototype.click = click; })"""


@pytest.mark.parametrize(("view", "inches"), [("ledger", 3.5), ("map", 7), ("directions", 3.5), ("risks", 7)])
def test_a_saved_picture_has_title_key_figure_and_settings_below_each_other(
    page: Any, view: str, inches: float
) -> None:
    page.get_by_role("button", name="Pin this design").click()
    page.evaluate("Explorer.apply({ student_rank: 4, mixing: 0.3 })")
    settled(page)
    root = ElementTree.fromstring(page.evaluate(SAVED, [view, inches]))  # noqa: S314
    title, shown = page.evaluate(
        """(id) => { const view = ViewPanels.list.find((one) => one.id === id);
          const figure = view.figure(Explorer.scene());
             return [view.title, Legend.entries(figure).map(({ name }) => name)]; }""",
        view,
    )
    width, height = float(root.get("width", "")), float(root.get("height", ""))
    assert width == 96 * inches
    assert root[0].attrib == {"d": f"M0 0L{width:g} 0L{width:g} {height:g}L0 {height:g}Z", "fill": GROUND}
    texts = [(float(node.get("x", "")), float(node.get("y", "")), float(node.get("font-size", "")), node)
             for node in root.iter(f"{SVG}text")]  # fmt: skip
    letters, inner = 9.33, width - 16
    x, y, size, node = texts[0]
    assert (x, y, size, node.text, node.get("font-weight")) == (
        8, pytest.approx(8 + letters, abs=0.01), pytest.approx(letters + 1.3), title, "bold",
    )  # fmt: skip
    start = 8 + 1.9 * letters
    named = texts[1 : 1 + len(shown)]
    assert [node.text for *_, node in named] == shown
    across, down = 0.0, 0.0
    for x, y, size, node in named:
        needed = 42 + 0.58 * letters * len(node.text or "")
        if across > 0 and across + needed > inner:
            across, down = 0.0, down + 1.6 * letters
        assert (x, y) == pytest.approx((8 + across + 28, start + down + 1.05 * letters), abs=0.01)
        assert size == letters
        across += needed
    top = start + down + 1.6 * letters
    rest = texts[1 + len(shown) :]
    if view == "map":
        unit = next(place for place, text in enumerate(rest) if text[3].text == "nats")
        assert rest[unit][:2] == pytest.approx((8 + 0.8 * inner + 6, top + 2 + 9), abs=0.01)
        colours = [node.get("d") for node in root.iter(f"{SVG}path") if node.get("fill", "").startswith("rgb")]
        assert colours[0].startswith(f"M8 {round(top + 2, 2):g}L")
        rest, top = rest[unit + 1 :], top + 16 + letters + 4
    bottom = top + {3.5: 240, 7: 336}[inches]
    (clip,) = root.iter(f"{SVG}rect")
    assert float(clip.get("y", "")) == pytest.approx(top + 10)
    assert float(clip.get("y", "")) + float(clip.get("height", "")) == pytest.approx(bottom - 3.3 * letters)
    assert float(clip.get("x", "")) + float(clip.get("width", "")) == pytest.approx(8 + inner - 14)
    small = [text for text in rest if text[3].get("fill") == "#555555"]
    assert small == rest[-len(small) :]
    below = bottom + 0.6 * letters
    for x, y, size, _ in small:
        below += 1.25 * letters
        assert (x, y, size) == pytest.approx((8, below, letters - 1.5), abs=0.01)
    assert height == math.ceil(below + 8)
    lines = [node.text or "" for *_, node in small]
    room = inner / (0.56 * (letters - 1.5))
    assert all(len(line) <= room for line in lines)
    ends = [line.endswith(".") for line in lines]
    for line, after, last in zip(lines, lines[1:], ends, strict=False):
        assert last or len(line) + 1 + len(after.split(" ")[0]) > room  # as much as fits
    told = " ".join(lines)
    assert "d = 12, k = 2, r = 4" in told
    assert "A, Design A: d = 12, k = 2, r = 6" in told
    assert told.count("ξ = 0.3") == 1
