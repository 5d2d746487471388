"""A pen that writes down what it is told, the colours of the light palette, and what is equal."""

from __future__ import annotations

import math
from typing import Any

SVG = "{http://www.w3.org/2000/svg}"
INK, GREY, GROUND, BLUE, ORANGE = "#222222", "#e4e6e9", "#ffffff", "#0072b2", "#e69f00"

RECORDER = """const told = [];
  const pen = {
    line: (points, style) => told.push(["line", points, style]),
    area: (points, colour) => told.push(["area", points, colour]),
    marker: (x, y, style) => told.push(["marker", [x, y], style]),
    text: (x, y, words, style) => told.push(["text", [x, y], words, style]),
    picture: (_, ...place) => told.push(["picture", place]),
    within: (x, y, width, height, draw) => { told.push(["within", [x, y, width, height]]); draw();
      told.push(["out"]); },
  };"""


def close(found: Any, expected: Any) -> bool:
    """Equal, numbers to a billionth; of an object, those of its entries that are expected."""
    match expected:
        case dict():
            return all(close(found.get(name), value) for name, value in expected.items())
        case list() | tuple():
            return len(found) == len(expected) and all(map(close, found, expected))
        case float() | int():
            return found is not None and (
                found == expected or math.isclose(found, expected, rel_tol=1e-9, abs_tol=1e-9)
            )
    return bool(found == expected)


def assert_told(found: list[Any], *expected: Any) -> None:
    """A pen was told just this."""
    assert len(found) == len(expected), found
    for one, other in zip(found, expected, strict=True):
        assert close(one, list(other)), (one, other)
