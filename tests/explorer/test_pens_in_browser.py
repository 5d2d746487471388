"""Two pens that draw the same, on a canvas and as SVG, and the colours and dashes they draw with."""

from __future__ import annotations

import math
import re
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib import colormaps
from recorder import BLUE, GREY, GROUND, INK, ORANGE, SVG, assert_told

pytestmark = pytest.mark.browser


STROKES = """(() => {
  const told = [];
  const context = new Proxy({}, { get: (_, name) => (...given) => told.push([name, ...given]),
                                  set: (_, name, value) => told.push([name, value]) });
  const on = Pens.onCanvas(context), svg = Pens.asSvg(), all = {};
  const draw = (name, act) => { told.length = 0; act(on); act(svg); all[name] = [...told]; };
  const marker = (shape) => ({ shape, size: 10, colour: "#0072b2", face: "#d9d9d9", width: 2 });
  draw("line", (pen) => pen.line([[1, 2.5], [3.006, 4], [5, NaN], [6, 7], [8, 9]], { colour: "#222222" }));
  draw("dashed", (pen) => pen.line([[1, 2], [3, 4]], { colour: "#222222", width: 3, dash: [4, 3] }));
  draw("unseen", (pen) => pen.line([[1, 2], [3, 4]], {}));
  draw("area", (pen) => pen.area([[1, 2], [3, 4], [5, 2]], "#e69f00"));
  for (const shape of ["square", "diamond", "triangle", "circle"])
    draw(shape, (pen) => pen.marker(50, 60, marker(shape)));
  draw("hollow", (pen) => pen.marker(50, 60, { size: 4, colour: "#222222" }));
  draw("text", (pen) => pen.text(7, 8, 'a<b & "c"', { colour: "#222222" }));
  draw("turned", (pen) => pen.text(7, 8, "up", { colour: "#222222", size: 9, align: "right", turned: true, bold: true,
                                                 halo: "#ffffff" }));
  draw("middle", (pen) => pen.text(7, 8, "up", { colour: "#222222", align: "center" }));
  draw("within", (pen) => pen.within(1, 2, 30, 40, () => pen.area([[0, 0], [1, 1]], "#e69f00")));
  const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 });
  draw("picture", (pen) => pen.picture(canvas, 1, 2, 30, 40));
  all.picture = all.picture.map(([name, ...rest]) => [name, ...rest.filter((value) => value !== canvas)]);
  return [all, svg.document(200, 100)];
})()"""


STROKED = [["lineWidth", 2], ["lineJoin", "round"], ["setLineDash", []], ["stroke"]]


CORNERS = {
    "square": [(41.5, 51.5), (58.5, 51.5), (58.5, 68.5), (41.5, 68.5)],
    "diamond": [(50, 48), (62, 60), (50, 72), (38, 60)],
    "triangle": [(50, 49), (60, 68), (40, 68)],
}


def path_of(points: list[tuple[float, float]]) -> list[list[Any]]:
    (first, *rest) = points
    return [["beginPath"], ["moveTo", *first], *(["lineTo", *point] for point in rest)]


def test_both_pens_draw_the_same(visit: Any) -> None:
    canvas, document = visit.evaluate(STROKES)
    root = ElementTree.fromstring(document)  # noqa: S314  (of our own page)
    assert (root.get("width"), root.get("height"), root.get("viewBox")) == ("200", "100", "0 0 200 100")
    assert root.get("font-family", "").startswith("DejaVu Sans, ")
    svg = [node for node in root.iter() if node.tag != f"{SVG}clipPath" and node is not root]
    look = [["strokeStyle", INK], ["lineWidth", 1], ["lineJoin", "round"], ["setLineDash", []], ["stroke"]]
    broken = [*path_of([(1, 2.5), (3.006, 4)]), ["moveTo", 6, 7], ["lineTo", 8, 9]]
    assert canvas["line"] == [*broken, *look]
    assert svg[0].attrib == {
        "d": "M1 2.5L3.01 4M6 7L8 9", "fill": "none", "stroke": INK, "stroke-width": "1", "stroke-linejoin": "round",
    }  # fmt: skip
    dashed = [["strokeStyle", INK], ["lineWidth", 3], ["lineJoin", "round"], ["setLineDash", [4, 3]], ["stroke"]]
    assert canvas["dashed"] == [*path_of([(1, 2), (3, 4)]), *dashed]
    assert (svg[1].get("stroke-dasharray"), svg[1].get("stroke-width")) == ("4 3", "3")
    assert canvas["unseen"] == path_of([(1, 2), (3, 4)])
    assert svg[2].get("stroke") == "none"
    assert canvas["area"] == [*path_of([(1, 2), (3, 4), (5, 2)]), ["closePath"], ["fillStyle", ORANGE], ["fill"]]
    assert svg[3].attrib == {"d": "M1 2L3 4L5 2Z", "fill": ORANGE}
    filled = [["fillStyle", "#d9d9d9"], ["fill"], ["strokeStyle", BLUE], *STROKED]
    for node, (shape, corners) in zip(svg[4:7], CORNERS.items(), strict=True):
        assert_told(canvas[shape], *path_of(corners), ["closePath"], *filled)
        found = [tuple(map(float, pair)) for pair in re.findall(r"[ML]([\d.]+) ([\d.]+)", node.get("d", ""))]
        assert found == corners
        assert node.get("d", "").endswith("Z")
        assert [node.get(name) for name in ("fill", "stroke", "stroke-width")] == ["#d9d9d9", BLUE, "2"]
    circle = ["arc", 50, 60, 10, 0, 2 * math.pi]
    assert_told(canvas["circle"], ["beginPath"], circle, *filled)
    assert [svg[7].get(name) for name in ("cx", "cy", "r", "fill")] == ["50", "60", "10", "#d9d9d9"]
    assert "fillStyle" not in dict(entry[:2] for entry in canvas["hollow"] if len(entry) > 1)
    assert svg[8].get("fill") == "none"


def test_both_pens_write_the_same(visit: Any) -> None:
    canvas, document = visit.evaluate(STROKES)
    root = ElementTree.fromstring(document)  # noqa: S314
    plain, turned, middle = root.iter(f"{SVG}text")
    start = [["save"], ["translate", 7, 8]]
    written = {"fillStyle": INK, "textAlign": "left", "textBaseline": "alphabetic"}
    family = root.get("font-family")
    assert canvas["text"] == [
        *start, *map(list, written.items()), ["font", f"12px {family}"], ["fillText", 'a<b & "c"', 0, 0], ["restore"],
    ]  # fmt: skip
    assert plain.text == 'a<b & "c"'
    assert plain.attrib == {"x": "7", "y": "8", "fill": INK, "font-size": "12", "text-anchor": "start"}
    assert_told(
        canvas["turned"], *start, ["rotate", -math.pi / 2], ["fillStyle", INK], ["textAlign", "right"],
        ["textBaseline", "alphabetic"], ["font", f"bold 9px {family}"], ["strokeStyle", GROUND], ["lineWidth", 3],
        ["lineJoin", "round"], ["setLineDash", []], ["strokeText", "up", 0, 0], ["fillText", "up", 0, 0], ["restore"],
    )  # fmt: skip
    assert turned.attrib == {
        "x": "7", "y": "8", "fill": INK, "font-size": "9", "text-anchor": "end", "font-weight": "bold",
        "stroke": GROUND, "stroke-width": "3", "paint-order": "stroke", "transform": "rotate(-90 7 8)",
    }  # fmt: skip
    assert (["textAlign", "center"] in canvas["middle"], middle.get("text-anchor")) == (True, "middle")
    clip = [["save"], ["beginPath"], ["rect", 1, 2, 30, 40], ["clip"]]
    assert canvas["within"] == [
        *clip, *path_of([(0, 0), (1, 1)]), ["closePath"], ["fillStyle", ORANGE], ["fill"], ["restore"],
    ]  # fmt: skip
    group = next(root.iter(f"{SVG}g"))
    rect = next(root.iter(f"{SVG}rect"))
    assert group.get("clip-path") == "url(#clip0)"
    assert rect.attrib == {"x": "1", "y": "2", "width": "30", "height": "40"}
    assert len(group) == 1
    assert canvas["picture"] == [["imageSmoothingEnabled", False], ["drawImage", 1, 2, 30, 40]]
    image = next(root.iter(f"{SVG}image"))
    assert [image.get(name) for name in ("x", "y", "width", "height")] == ["1", "2", "30", "40"]
    assert image.get("href", "").startswith("data:image/png;base64,")
    assert (image.get("preserveAspectRatio"), image.get("style")) == ("none", "image-rendering:pixelated")


def test_shades_are_cividis_from_dark_to_light(visit: Any) -> None:
    found = np.array(visit.evaluate("Array.from({ length: 256 }, (_, i) => Palette.shade(i / 255))"))
    truth = 255 * np.array(colormaps["cividis"](np.arange(256)))[:, :3]
    knots = np.round(np.linspace(0, 255, 10)).astype(int)
    np.testing.assert_allclose(found[knots], truth[knots], atol=2.0)
    share = np.linspace(0, 9, 256)  # straight lines between ten of its colours
    exact = np.round(truth[knots])
    between = np.transpose([np.interp(share, range(10), channel) for channel in exact.T])
    np.testing.assert_allclose(found, between, atol=1.6)
    assert visit.evaluate("[-1, 0, 0.499 / 255, 1, 2].map((share) => Palette.shade(share))") == [
        found[0].tolist(), found[0].tolist(), found[0].tolist(), found[255].tolist(), found[255].tolist(),
    ]  # fmt: skip


def test_both_palettes_have_all_colours_and_dashes_differ(visit: Any) -> None:
    light, dark, dashes = visit.evaluate("[Palette.LIGHT, Palette.DARK, Palette.DASHES]")
    assert light == {
        "ink": INK, "quiet": "#555555", "ground": GROUND, "grid": GREY, "bias": BLUE, "variance": ORANGE,
        "bottleneck": "#d9d9d9", "dropped": "#767676", "band": "#d9d9d9",
        "A": "#a8447f", "B": "#00785a", "C": "#5b3fa0",
    }  # fmt: skip
    assert list(dark) == list(light)

    def lightness(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    def contrast(colours: dict[str, str], name: str) -> float:
        low, high = sorted([lightness(colours[name]), lightness(colours["ground"])])
        return (high + 0.05) / (low + 0.05)

    for name in light:
        if name not in ("variance", "ground"):
            assert (lightness(dark[name]) > lightness(light[name])) == (name not in ("bottleneck", "band", "grid")), (
                name
            )
    assert dark["variance"] == light["variance"]
    for colours in (light, dark):
        assert min(contrast(colours, name) for name in ("ink", "quiet")) > 7
        assert min(contrast(colours, name) for name in ("bias", "dropped", "A", "B", "C")) > 4.5
        assert all(1 < contrast(colours, name) < 2.6 for name in ("grid", "bottleneck", "band"))
    assert {name: tuple(dash) for name, dash in dashes.items()} == {
        "solid": (), "guide": (4, 3), "long": (6, 2), "dotted": (1.5, 2), "A": (7, 2), "B": (3, 2), "C": (7, 2, 2, 2),
    }  # fmt: skip
