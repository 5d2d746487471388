"""Axes by themselves: their ends, their ticks, and places for numbers and back."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

pytestmark = pytest.mark.browser


def test_ends_of_axes_are_round_and_hold_their_values(visit: Any) -> None:
    rng = np.random.default_rng(3)
    values = [float(10.0 ** rng.uniform(-9, 9)) for _ in range(200)] + [1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 1e-12]
    for value, found in zip(values, visit.evaluate("(values) => values.map(Scale.roundUp)", values), strict=True):
        size = 10.0 ** math.floor(math.log10(value))
        expected = min(step * size for step in (1, 1.5, 2, 3, 4, 6, 8, 10) if step * size >= value * (1 - 1e-9))
        assert found == pytest.approx(expected, rel=1e-12)
    assert visit.evaluate("[0, -3, NaN, Infinity, 5e-324].map(Scale.roundUp)") == [1, 1, 1, 1, 5e-324]
    ends = visit.evaluate(
        """[Scale.around([2, 12]), Scale.around([2, 12], 0.1), Scale.around([0, 0]), Scale.around([-4]),
            Scale.around([null, NaN, Infinity]), Scale.around([3, null]), Scale.logAround([1e-3, 1e3, 0, -1, null]),
            Scale.logAround([1e-9, 100], 4), Scale.logAround([2, 3]), Scale.logAround([]), Scale.logAround([1e-301])]"""
    )
    margin = 1e6**0.04
    expected = [
        [1.4, 12.6], [1, 13], [-1.12, 1.12], [-6.24, -1.76], [0, 1], [1.32, 4.68], [1e-3 / margin, 1e3 * margin],
        [0.01 / 1e4**0.04, 100 * 1e4**0.04], [1 / 6**0.04, 6 * 6**0.04], [0.1, 1], [0.1, 1],
    ]  # fmt: skip
    for one, other in zip(ends, expected, strict=True):
        assert one == pytest.approx(other, rel=1e-12)


TICKS = """(given) => given.map(({ from, to, ...axis }) => { const { ticks, at, value } = Scale.axis(axis, from, to);
  return [ticks.map(({ value }) => value), ticks.map((tick) => at(tick.value)), [from, to,
    (from + to) / 2].map(value)]; })"""


def test_linear_ticks_are_multiples_of_a_round_step_some_55_pixels_apart(visit: Any) -> None:
    rng = np.random.default_rng(4)
    axes = [
        {"low": low, "high": low + float(10.0 ** rng.uniform(-3, 6)), "from": 40, "to": 40 + int(rng.integers(60, 900))}
        for low in map(float, rng.uniform(-5, 5, 60))
    ]
    for axis in axes[::3]:
        axis |= {"low": 0, "high": 1 + abs(axis["high"]), "whole": True}
    axes += [{"low": 0, "high": 2, "whole": True, "from": 0, "to": 600}, {"low": 0, "high": 1, "from": 0, "to": 550}]
    for axis, (ticks, places, inverse) in zip(axes, visit.evaluate(TICKS, axes), strict=True):
        low, high, pixels = axis["low"], axis["high"], axis["to"] - axis["from"]
        wanted = (high - low) / max(2, pixels / 55)
        size = 10.0 ** math.floor(math.log10(wanted))
        step = next(one * size for one in (1, 2, 2.5, 5, 10) if one * size >= wanted * (1 - 1e-9))
        step = max(1, math.ceil(step)) if axis.get("whole") else step
        expected = [j * step for j in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]
        np.testing.assert_allclose(ticks, expected, atol=1e-9 * step)
        np.testing.assert_allclose(places, axis["from"] + (np.array(ticks) - low) / (high - low) * pixels)
        np.testing.assert_allclose(inverse, [low, high, (low + high) / 2])


def test_logarithmic_ticks_are_powers_of_ten_or_steps_between_where_there_is_room(visit: Any) -> None:
    rng = np.random.default_rng(5)
    axes = []
    for _ in range(80):
        low = float(10.0 ** rng.uniform(-9, 6))
        axes.append({"low": low, "high": low * float(10.0 ** rng.uniform(0.2, 14)), "from": 30, "log": True})
        axes[-1] |= {"to": 30 + int(rng.integers(60, 900))}
    axes += [{"low": 0.5, "high": 90, "from": 0, "to": 900, "log": True, "whole": True}]
    axes += [{"low": 1, "high": 100, "from": 0, "to": 300, "log": True}]
    for axis, (ticks, places, inverse) in zip(axes, visit.evaluate(TICKS, axes), strict=True):
        low, high, pixels = axis["low"], axis["high"], axis["to"] - axis["from"]
        decades, room = math.log10(high / low), max(2, pixels / 50)
        digits = [1, 2, 5] if decades * 3 <= room else [1]
        digits = [1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9] if decades < 0.6 else digits
        every = max(1, math.ceil(decades / room)) if len(digits) == 1 else 1
        exponents = [e for e in range(-12, 25) if e % every == 0]
        values = [float(f"{digit}e{exponent}") for exponent in exponents for digit in digits]
        expected = [v for v in values if low <= v <= high and (not axis.get("whole") or v == int(v))]
        np.testing.assert_allclose(ticks, expected, rtol=1e-12)
        heights = np.log(np.array(ticks) / low) / math.log(high / low)
        np.testing.assert_allclose(places, axis["from"] + heights * pixels)
        np.testing.assert_allclose(inverse, [low, high, math.sqrt(low * high)], rtol=1e-9)


def test_an_axis_may_run_backwards_and_one_of_no_length_has_some(visit: Any) -> None:
    backwards, none = visit.evaluate(
        """[Scale.axis({ low: 1, high: 100, log: true, reversed: true }, 0, 200), Scale.axis({ low: 3, high: 3 }, 0,
          200)]
           .map(({ at, value }) => [at(1), at(100), at(10), value(50), at(3), at(4)])"""
    )
    assert backwards[:4] == pytest.approx([200, 0, 100, 10**1.5])
    assert none[4:] == [0, 200]
