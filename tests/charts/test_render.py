"""Charts are the same bytes for the same numbers, in formats that allow it."""

import pytest

from lingauss.charts.render import FORMATS, checked_formats, render
from lingauss.errors import UnknownNameError


@pytest.mark.parametrize("kind", FORMATS)
def test_an_image_drawn_twice_has_the_same_bytes(kind):
    def draw(ax):
        ax.plot([1, 2, 3], label="τ*")
        ax.legend()

    assert render(draw, [kind], dpi=50) == render(draw, [kind], dpi=50)


def test_unknown_formats_name_the_closest():
    with pytest.raises(UnknownNameError, match="Did you mean svg"):
        checked_formats(["svgz"])
