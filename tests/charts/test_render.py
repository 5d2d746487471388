"""Charts are the same bytes for the same numbers, in formats that allow it."""

import io
import re

import matplotlib as mpl
import matplotlib.image
import pytest

from lingauss.charts.render import FORMATS, checked_formats, render
from lingauss.errors import DomainError, UnknownNameError


@pytest.mark.parametrize("kind", FORMATS)
def test_an_image_drawn_twice_has_the_same_bytes(kind):
    def draw(ax):
        ax.plot([1, 2, 3], label="τ*")
        ax.legend()

    assert render(draw, [kind], dpi=50) == render(draw, [kind], dpi=50)


def test_unknown_formats_name_the_closest():
    with pytest.raises(UnknownNameError, match="Did you mean svg"):
        checked_formats(["svgz"])


def test_an_image_is_as_large_as_asked_in_the_house_style_and_tells_nothing_of_its_making():
    def draw(ax):
        fonts.append(mpl.rcParams["font.size"])
        ax.plot([1, 2, 3])

    fonts = []
    column = render(draw, FORMATS)
    width, height = 3.5, 2.8
    assert matplotlib.image.imread(io.BytesIO(column["png"])).shape[:2] == (round(300 * height), round(300 * width))
    assert re.search(rb'width="([\d.]+)pt" height="([\d.]+)pt"', column["svg"]).groups() == (b"252", b"201.6")
    assert b"/MediaBox [ 0 0 252 201.6 ]" in column["pdf"]
    asked = render(draw, ["png"], size=(2.0, 3.0), dpi=50)["png"]
    assert matplotlib.image.imread(io.BytesIO(asked)).shape[:2] == (150, 100)
    assert fonts == [7.0, 7.0]
    for told in (b"Matplotlib", b"matplotlib.org", b"CreationDate", b"Producer", b"dc:date"):
        assert not any(told in image for image in column.values())


def test_formats_are_those_asked_for_once_each_and_none_is_refused():
    assert checked_formats(["svg", "png", "svg"]) == ("svg", "png")
    assert list(render(lambda ax: ax.plot([1, 2]), ["svg", "png", "svg"], dpi=20)) == ["svg", "png"]
    with pytest.raises(DomainError, match=r"one image format; got none\. Choose among png, svg, pdf, separated"):
        checked_formats([])
