"""A report is one page that loads nothing, escapes everything and is the same every time."""

import base64
import re
from dataclasses import dataclass
from html.parser import HTMLParser

import pytest

from lingauss.errors import ShapeError, UnknownNameError
from lingauss.html_table import STYLE, html_fields, html_settings, html_table, text_settings
from lingauss.report import Code, Details, Figure, Gallery, Note, Report, Section, Table, Text
from lingauss.version import __version__

NASTY = "<script>alert('τ')</script> & \"quotes\""
VOID = {"meta", "img", "br"}


class Reader(HTMLParser):
    """Collects elements and their text, and checks that tags nest."""

    def __init__(self):
        super().__init__()
        self.open, self.elements, self.texts, self.places = [], [], [], []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            kind = dict(attrs).get("class")
            self.open.append(f"{tag}.{kind}" if kind else tag)

    def handle_endtag(self, tag):
        assert self.open.pop().partition(".")[0] == tag

    def handle_data(self, data):
        self.texts.append(data)
        if data.strip():
            self.places.append((data.strip(), " > ".join(self.open[2:])))


def read(html):
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert reader.open == []
    return reader


def everything(text):
    blocks = [
        Text(text),
        Note(text),
        Note(text, warning=True),
        Code(text),
        Table([text, text], [[text, text]], text),
        Figure(b"<svg/>", text, text),
        Gallery([Figure(b"<svg/>", text, text, headline=text)]),
        Details(text, [Text(text)]),
    ]
    sections = [Section(text, blocks, text)] * 3 + [Section(text, blocks, text, folded=True)]
    return Report(text, text, Table([text], [[text]]), sections)


def test_every_text_arrives_as_it_was_and_none_becomes_markup():
    plain, nasty = read(everything("x").to_html()), read(everything(NASTY).to_html())
    assert [tag for tag, _ in nasty.elements] == [tag for tag, _ in plain.elements]
    assert nasty.texts.count(NASTY) == plain.texts.count("x") > 60
    assert [attributes["alt"] for tag, attributes in nasty.elements if tag == "img"] == [NASTY] * 8


def test_characters_that_html_has_no_place_for_are_replaced():
    html = Text("a\x00b\udcffc\x1bd\te").html()
    assert html == "<p>a\ufffdb\ufffdc\ufffdd\te</p>"
    assert html.encode()


def test_nothing_is_loaded_from_anywhere():
    html = everything("x").to_html()
    for tag, attributes in read(html).elements:
        assert tag not in ("script", "link", "iframe", "object", "embed")
        assert attributes.get("src", "data:").startswith("data:")
        assert attributes.get("href", "#").startswith("#")
    style = html[html.index("<style>") : html.index("</style>")]
    assert not re.search(r"url\(|@import", style)
    assert "default-src 'none'" in html


def test_the_same_report_has_the_same_bytes_wherever_it_is_saved(tmp_path):
    everything("τ").save(tmp_path / "one.html")
    everything("τ").save(tmp_path / "two.html")
    assert (tmp_path / "one.html").read_bytes() == (tmp_path / "two.html").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.html", "two.html"]


def test_contents_link_to_every_section():
    elements = read(everything("x").to_html()).elements
    targets = [attributes["href"] for tag, attributes in elements if tag == "a"]
    assert targets == [f"#{attributes['id']}" for tag, attributes in elements if tag == "section"]
    assert len(targets) == 4


def test_columns_of_numbers_are_set_flush_right():
    table = Table(["rank", "cost", "kept"], [["rank 8", "1,234.5 nats", "yes"], ["rank 9", "−3e-5", "12"]])
    kinds = [attributes.get("class") for tag, attributes in read(table.html()).elements if tag in ("th", "td")]
    assert kinds == [None, "number", None] * 3


def test_rows_that_do_not_fit_the_header_are_refused():
    with pytest.raises(ShapeError, match="rows of 2 cells, one per column; got 1 in row 2"):
        Table(["a", "b"], [["1", "2"], ["3"]])


def test_unknown_kinds_of_image_name_the_closest():
    with pytest.raises(UnknownNameError, match="Did you mean png"):
        Figure(b"", "", "", kind="pgn")


def test_every_word_stands_where_it_belongs():
    figure = Figure(b"<svg>1</svg>", "caption 1", "alt 1")
    blocks = [
        Text("text 1"), Note("note 1"), Note("warning 1", warning=True), Code("code 1"), figure,
        Table(["name", "cost"], [["a", "1.5 nats"], ["b", "2 %"]], "table 1"),
        Gallery([Figure(b"png", "caption 2", "alt 2", kind="png", headline="headline 2")]),
        Details("summary 1", [Text("text 2")]),
    ]  # fmt: skip
    sections = [
        Section("one", blocks, "finding 1"),
        Section("two", []),
        Section("three", [Text("text 3")], folded=True),
    ]
    reader = read(Report("title 1", "lead 1", Table(["what"], [["7"]]), sections).to_html())
    places = dict(reader.places)
    main, section = "main", "main > section"
    assert {word: places[word] for word in places if word not in ("a", "b") and "{" not in word} == {
        "lead 1": f"{main} > header > p.lead",
        "title 1": f"{main} > header > h1",
        "what": f"{main} > div.table > table > thead > tr > th.number",
        "7": f"{main} > div.table > table > tbody > tr > th.number",
        "one": f"{section} > h2",
        "finding 1": f"{section} > p.note",
        "text 1": f"{section} > p",
        "note 1": f"{section} > p.note",
        "warning 1": f"{section} > p.warning",
        "code 1": f"{section} > pre > code",
        "caption 1": f"{section} > figure > figcaption",
        "table 1": f"{section} > div.table > table > caption",
        "name": f"{section} > div.table > table > thead > tr > th",
        "cost": f"{section} > div.table > table > thead > tr > th.number",
        "1.5 nats": f"{section} > div.table > table > tbody > tr > td.number",
        "2 %": f"{section} > div.table > table > tbody > tr > td.number",
        "headline 2": f"{section} > div.gallery > figure > p.headline",
        "How to read it": f"{section} > div.gallery > figure > details > summary",
        "caption 2": f"{section} > div.gallery > figure > details > figcaption",
        "summary 1": f"{section} > details > summary",
        "text 2": f"{section} > details > p",
        "two": f"{section} > h2",
        "three": f"{section} > details > summary > h2",
        "text 3": f"{section} > details > p",
        f"Written by lingauss {__version__}. Divergences are in nats.": "footer",
    }
    images = [attributes for tag, attributes in reader.elements if tag == "img"]
    assert [image["alt"] for image in images] == ["alt 1", "alt 2"]
    assert [base64.b64decode(image["src"].partition(",")[2]) for image in images] == [b"<svg>1</svg>", b"png"]
    assert [image["src"].partition(";")[0] for image in images] == ["data:image/svg+xml", "data:image/png"]
    roles = [attributes.get("role") for tag, attributes in reader.elements if attributes.get("class") == "warning"]
    assert roles == ["alert"]
    assert [a["id"] for tag, a in reader.elements if tag == "section"] == ["section-1", "section-2", "section-3"]


def test_contents_are_listed_from_three_open_sections_on_with_what_they_found():
    few = [Section("one", [], "found 1"), Section("two", []), Section("folded", [], folded=True)]
    assert not [tag for tag, _ in read(Report("t", "l", None, few).to_html()).elements if tag == "nav"]
    many = [*few, Section("four", [], "found <4>")]
    reader = read(Report("t", "l", None, many).to_html())
    listed = [(word, place) for word, place in reader.places if "nav" in place]
    item = "main > nav > ol > li"
    assert listed == [
        ("one", f"{item} > a"), ("found 1", f"{item} > small"), ("two", f"{item} > a"), ("folded", f"{item} > a"),
        ("four", f"{item} > a"), ("found <4>", f"{item} > small"),
    ]  # fmt: skip


NUMBERS = [
    "12", "−3.5 %", "+4 nats", "1,234.5", "≤ 0.1", "≥ 2", "= 3", "1e-7", "1e+7", "1e−7", "2E5", "-8", "±0.3", "1 nat",
    "12 345", "∞", "+∞", "−∞", "-inf", "–", "—", "3×",
]  # fmt: skip
WORDS = [
    "12 directions", "rank 8", "", "1–2", "a", "3 nat per row", "5 bits", "2 ‰", "≤", "−", "1e", "1e+", "nats", "+–",
    "> 2", "5 %%",
]  # fmt: skip


@pytest.mark.parametrize(("cell", "right"), [*((cell, True) for cell in NUMBERS), *((cell, False) for cell in WORDS)])
def test_a_column_is_flush_right_if_all_of_it_is_numbers(cell, right):
    for table in (
        Table(["name", "x"], [["a", "1"], ["b", cell]]).html(),
        html_table("", [("name", "x"), ("a", "1"), ("b", cell)]),
    ):
        kinds = [dict(attributes).get("class") for tag, attributes in read(table).elements if tag in ("th", "td")]
        assert kinds == [None, "number" if right else None] * 3


def test_tables_of_notebooks_keep_their_cells_in_place():
    reader = read(html_table("cap <1>", [("who", "risk"), ("a & b", "0.5"), ("c", "7")], "first\nsecond"))
    words = [(word, place.rpartition(" > ")[2]) for word, place in reader.places if "{" not in word]
    assert [word for word, _ in words] == ["cap <1>", "who", "risk", "a & b", "0.5", "c", "7", "first", "second"]
    rows = [tag for tag, _ in reader.elements if tag in ("tr", "th", "td")]
    assert rows == ["tr", "th", "th", "tr", "th", "td", "tr", "th", "td"]
    settings = read(html_settings("design", [("penalty", 2.0), ("floor", None), ("rank", 3)]))
    assert [word for word, _ in settings.places if "{" not in word] == ["design", "penalty", "2.0", "rank", "3"]
    assert not [tag for tag, _ in settings.elements if tag == "thead"]


def test_a_header_may_leave_the_names_of_rows_without_a_name():
    words = [word for word, _ in read(html_table("risk", [("", "value"), ("teacher", "1")])).places if "{" not in word]
    assert words == ["risk", "value", "teacher", "1"]


def test_a_table_without_rows_has_no_columns_of_numbers():
    for table in (Table(["name", "x"], []).html(), html_table("", [("name", "x")])):
        assert [dict(attributes).get("class") for tag, attributes in read(table).elements if tag == "th"] == [None] * 2


@dataclass
class Kettle:
    """A record with two values alike in nothing."""

    litres: float
    lid: str | None = None
    colour: str = "<red>"


def test_a_record_is_shown_as_its_names_and_values():
    shown = read(html_fields(Kettle(1.5)))
    words = [(word, place.rpartition(" > ")[2]) for word, place in shown.places if "{" not in word]
    assert [word for word, _ in words] == ["Kettle", "litres", "1.5", "colour", "<red>"]
    assert [tag for tag, _ in shown.elements if tag in ("caption", "th", "td")] == ["caption", "th", "td", "th", "td"]
    assert "lid" in html_fields(Kettle(1.5, "on"))


def test_settings_on_a_terminal_stand_below_each_other():
    told = text_settings("Kettle", [("lid", "on"), ("litres", 1.5), ("colour", None), ("rank", 0)])
    caption, *lines = told.splitlines()
    assert caption == "Kettle"
    assert [line.split() for line in lines] == [["lid", "on"], ["litres", "1.5"], ["rank", "0"]]
    assert [line.index(value) for line, value in zip(lines, ("on", "1.5", "0"), strict=True)] == [10] * 3


def test_numbers_are_flush_right_and_words_flush_left_whatever_the_host_does():
    style = STYLE.removeprefix("<style>").removesuffix("</style>")
    rules = {
        selector: dict(rule.split(":", 1) for rule in body.split(";") if rule)
        for selector, body in re.findall(r"([^{}]+){([^{}]*)}", style)
    }
    assert all(part.startswith(".lingauss ") for selector in rules for part in selector.split(","))
    assert rules[".lingauss caption"]["text-align"] == rules[".lingauss th,.lingauss td"]["text-align"] == "left"
    assert rules[".lingauss .number"]["text-align"] == "right"
    assert rules[".lingauss caption"]["caption-side"] == "top"
    assert html_table("", [("a", "b"), ("c", "1")]).startswith(STYLE)
    assert "padding:.2em .8em .2em 0" in style  # flush left on the left: no room before the first letter


def test_a_figure_tells_what_it_shows_before_and_how_to_read_it_after():
    plain = read(Figure(b"<svg/>", "caption", "alt").html())
    assert [tag for tag, _ in plain.elements] == ["figure", "img", "figcaption"]
    told = read(Figure(b"<svg/>", "caption", "alt", headline="what").html())
    assert [tag for tag, _ in told.elements] == ["figure", "p", "img", "details", "summary", "figcaption"]
    folded = read(Details("more", [Text("one"), Text("two")]).html())
    assert folded.texts == ["more", "\n", "one", "\n", "two"]


def test_cells_are_tied_to_their_row_and_column_for_those_who_listen():
    elements = read(Table(["name", "cost"], [["a", "1"], ["b", "2"]]).html()).elements
    assert [attributes["scope"] for tag, attributes in elements if tag == "th"] == ["col", "col", "row", "row"]


def test_what_is_above_the_sections_comes_in_reading_order():
    summary = Table(["what"], [["seven"]])
    sections = [Section(title, [Text(f"text of {title}")], f"found by {title}") for title in ("one", "two", "three")]
    reader = read(Report("title 1", "lead 1", summary, sections).to_html())
    words = [word for word, place in reader.places if "{" not in word]
    assert words == [
        "title 1", "title 1", "lead 1", "what", "seven",
        "one", "found by one", "two", "found by two", "three", "found by three",
        "one", "found by one", "text of one", "two", "found by two", "text of two", "three", "found by three",
        "text of three", f"Written by lingauss {__version__}. Divergences are in nats.",
    ]  # fmt: skip
    assert "None" not in Report("t", "l", None, sections).to_html()
