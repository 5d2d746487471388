"""Sentences read back: the words as they must stand, the numbers in them held against numbers found elsewhere."""

import math
import re

NUMBER = r"[−-]?\d[\d,]*(?:\.\d+)?(?:e[-+]\d+)?"
HOLE = re.compile(r"\{(\w+):(n|p|d|f2|g2|f1)\}")


def says(text, template, **expected):
    """Check that a text is a template whose holes ``{name:kind}`` are filled with the numbers expected.

    Kinds: n, three significant digits or a whole number; p, a share in per cent to two significant digits, printed
    before its sign; d, a whole number; f1, f2, one or two decimals; g2, two significant digits.
    """
    holes = HOLE.findall(template)
    pattern = "".join(
        f"({NUMBER})" if place % 3 == 1 else "" if place % 3 == 2 else re.escape(part)
        for place, part in enumerate(HOLE.split(template))
    )
    found = re.fullmatch(pattern, text)
    assert found, f"not in these words:\n  {text}\n  {template}"
    assert {name for name, _ in holes} == set(expected)
    for (name, kind), told in zip(holes, found.groups(), strict=True):
        value = float(told.replace(",", "").replace("−", "-"))
        true = float(expected[name]) * (100.0 if kind == "p" else 1.0)
        assert abs(value - true) <= rounding(true, kind), f"{name} is {true:.6g}, told as {told}: {text}"


def rounding(value, kind):
    """Half a unit of the last digit that is printed of a number."""
    size = abs(value)
    fixed = {"d": 1e-6, "f1": 0.05, "f2": 0.005}
    whole = {"n": 999.5, "p": 9.95, "g2": math.inf}
    if kind in fixed:
        return fixed[kind] * (1.0 + 1e-6)
    if size >= whole[kind]:
        return 0.5 + 1e-6 * size
    if size < 1e-12:
        return 1e-12
    return 0.5 * 10.0 ** (math.floor(math.log10(size)) - (2 if kind == "n" else 1)) * (1.0 + 1e-4)


def listed(words):
    return ", ".join(words)
