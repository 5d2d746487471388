"""A report is one page that loads nothing, escapes everything and is the same every time."""

import re
from html.parser import HTMLParser

import pytest

from lingauss.errors import ShapeError, UnknownNameError
from lingauss.report import Code, Figure, Note, Report, Section, Table, Text

NASTY = "<script>alert('τ')</script> & \"quotes\""
VOID = {"meta", "img", "br"}


class Reader(HTMLParser):
    """Collects elements and their text, and checks that tags nest."""

    def __init__(self):
        super().__init__()
        self.open, self.elements, self.texts = [], [], []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


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
    ]
    return Report(text, text, Table([text], [[text]]), [Section(text, blocks)] * 3)


def test_every_text_arrives_as_it_was_and_none_becomes_markup():
    plain, nasty = read(everything("x").to_html()), read(everything(NASTY).to_html())
    assert [tag for tag, _ in nasty.elements] == [tag for tag, _ in plain.elements]
    assert nasty.texts.count(NASTY) == plain.texts.count("x") > 20
    assert [attributes["alt"] for tag, attributes in nasty.elements if tag == "img"] == [NASTY] * 3


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
    assert len(targets) == 3


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
