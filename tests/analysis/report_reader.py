"""A report read back: its sections with their texts, tables and images, and the numbers in its sentences."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

import pytest
from matplotlib.figure import Figure

AMOUNT = r"[+−-]?(?:\d[\d,]*)?(?:\.\d+)?(?:e[-+]\d+)?"
HOLE = re.compile(r"\{(\w+)\}")


@dataclass
class Part:
    """A section, or what stands above all of them."""

    title: str = ""
    texts: list[tuple[str, str]] = field(default_factory=list)  # a class or element, and the text
    tables: list[tuple[str, list[str], list[list[str]]]] = field(default_factory=list)  # caption, header, rows
    images: list[tuple[str, str, bytes]] = field(default_factory=list)  # alternative text, caption, content
    folded: bool = False

    def said(self, kind="p"):
        return [text for name, text in self.texts if name == kind]


class ReportReader(HTMLParser):
    """The parts of a report in order, the first being what stands above the sections."""

    def __init__(self, html):
        super().__init__()
        self.parts, self.open, self.text, self.cells = [Part()], [], "", []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if tag == "section":
            self.parts.append(Part())
        elif tag == "details" and self.open and self.open[-1][0] == "section":
            self.parts[-1].folded = True
        elif tag == "table":
            self.parts[-1].tables.append(("", [], []))
        elif tag == "tr":
            self.cells = []
        elif tag == "img":
            self.parts[-1].images.append(
                (attributes["alt"], "", base64.b64decode(attributes["src"].partition("base64,")[2]))
            )
        if tag not in ("meta", "img", "br"):
            self.open.append((tag, attributes.get("class", "")))
            self.text = ""

    def handle_data(self, data):
        self.text += data

    def handle_endtag(self, tag):
        opened, kind = self.open.pop()
        part, text = self.parts[-1], self.text
        if opened in ("th", "td"):
            self.cells.append(text)
        elif opened == "tr":
            head = self.open[-1][0] == "thead"
            caption, header, rows = part.tables[-1]
            part.tables[-1] = (caption, self.cells, rows) if head else (caption, header, [*rows, self.cells])
        elif opened == "caption":
            part.tables[-1] = (text, *part.tables[-1][1:])
        elif opened == "figcaption":
            part.images[-1] = (part.images[-1][0], text, part.images[-1][2])
        elif opened in ("h1", "h2"):
            part.title = text
        elif opened in ("p", "code", "title", "footer"):
            part.texts.append((kind or opened, text))


def amount(text):
    """Return the number that a text tells, and half a unit of its last digit."""
    plain = text.replace(",", "").replace("−", "-")
    mantissa, _, power = plain.partition("e")
    return float(plain), 0.5 * 10.0 ** (int(power or 0) - len(mantissa.partition(".")[2]))


def is_told(text, value):
    """Whether a text tells a value, to two digits at least; 0 is nothing but rounding, an R² starts with its point."""
    found, half = amount(text)
    if found == 0.0:
        return abs(value) < 5e-4
    least = 0.0051 if text.lstrip("−").startswith(".") else 0.051 * abs(value)
    return abs(found - value) <= min(half * (1.0 + 1e-3), least) + 1e-6 * abs(value)


def reads(text, template, **expected):
    """Check that a text is a template whose holes ``{name}`` hold what is expected: numbers as rounded, or words."""
    names = HOLE.findall(template)
    pattern = "".join(
        re.escape(part) if place % 2 == 0 else f"({AMOUNT if not isinstance(expected[part], str) else '.*?'})"
        for place, part in enumerate(HOLE.split(template))
    )
    found = re.fullmatch(pattern, text)
    assert found, f"not in these words:\n  {text}\n  {template}"
    assert set(names) == set(expected)
    for name, told in zip(names, found.groups(), strict=True):
        value = expected[name]
        assert told == value if isinstance(value, str) else is_told(told, value), f"{name} is {value}, told as {told}"


def saved_to_be_read(advice, folder, **options):
    """Save an analysis with its charts drawn where they can be read; return files and charts by name."""
    axes = []

    def draw(onto, kinds):
        axes.append(Figure().subplots())
        onto(axes[-1])
        return {kind: f"{len(axes) - 1}.{kind}".encode() for kind in kinds}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lingauss.analysis.report.render", draw)
        files = {path.name: path.read_bytes() for path in advice.save(folder, **options)}
    charts = {
        name.removesuffix(".svg"): axes[int(content.partition(b".")[0])]
        for name, content in files.items()
        if name.endswith(".svg")
    }
    assert {f"{name}.png" for name in charts} == {name for name in files if name.endswith(".png")}
    return files, charts


def drawn(ax, label):
    """Return the one artist that the legend calls so."""
    [artist] = [artist for artist in (*ax.lines, *ax.collections, *ax.patches) if artist.get_label() == label]
    return artist
