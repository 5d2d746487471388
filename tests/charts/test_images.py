"""Five charts look as they did; after a change that is meant, run ``python tests/charts/redraw.py`` and look.

Compared in tiles about as large as a short word: over a whole page one word, or one missing key, drowns.
"""

import io
import sys

import matplotlib.image
import numpy as np
import pytest
from charts import redraw
from charts.redraw import BASELINE, DRAWN, image
from matplotlib.text import Text
from scipy.ndimage import gaussian_filter

from lingauss.charts import house

TILE = 12, 24  # pixels, of a letter's height and a few letters' width
SOFT = 1.0  # pixels by which both are blurred: fonts differ a little between versions of FreeType
TOLERANCE = 0.06  # of the range from black to white, root mean square over the tile that differs most


def difference(one, other):
    """How much two PNG images differ in the tile where they do so most; infinite if they are of different size."""
    pixels = [matplotlib.image.imread(io.BytesIO(png))[..., :3].astype(float) for png in (one, other)]
    if pixels[0].shape != pixels[1].shape:
        return np.inf
    apart = np.square(gaussian_filter(pixels[0] - pixels[1], (SOFT, SOFT, 0.0))).mean(axis=2)
    height, width = (size // tile * tile for size, tile in zip(apart.shape, TILE, strict=True))
    tiles = apart[:height, :width].reshape(height // TILE[0], TILE[0], width // TILE[1], TILE[1])
    return float(np.sqrt(tiles.mean(axis=(1, 3)).max()))


@pytest.mark.parametrize("name", list(DRAWN))
def test_a_chart_looks_as_it_did(name):
    assert difference((BASELINE / f"{name}.png").read_bytes(), image(name)) <= TOLERANCE


def module(name):
    return sys.modules[f"lingauss.charts.{name.replace('-', '_')}"]


def another_word(monkeypatch):
    """One word of a label."""
    write = Text.set_text
    monkeypatch.setattr(Text, "set_text", lambda self, text: write(self, str(text).replace("cost", "risk")))


def no_key(monkeypatch):
    for name in DRAWN:
        monkeypatch.setattr(module(name), "key", lambda *args, **kwargs: None)


def other_numbers(monkeypatch):
    monkeypatch.setattr(redraw, "case", lambda case=redraw.case: case().replace(temperature=40.0))


def another_colour(monkeypatch):
    swapped = house.COST_COLOURS | {"bias": house.COST_COLOURS["variance"], "variance": house.COST_COLOURS["bias"]}
    monkeypatch.setattr(module("ledger-by-rank"), "COST_COLOURS", swapped)
    monkeypatch.setattr(module("ledger-by-direction"), "COST_COLOURS", swapped)


@pytest.mark.parametrize(
    ("change", "names"),
    [
        (another_word, ["ledger-by-direction", "sample-size-scaling"]),
        (no_key, list(DRAWN)),
        (other_numbers, list(DRAWN)),
        (another_colour, ["ledger-by-direction", "ledger-by-rank"]),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_the_tolerance_notices_a_word_a_key_a_number_and_a_colour(change, names, monkeypatch):
    change(monkeypatch)
    for name in names:
        assert difference((BASELINE / f"{name}.png").read_bytes(), image(name)) > 1.5 * TOLERANCE, name


def test_a_shift_by_part_of_a_pixel_is_forgiven():
    """As another version of FreeType may place letters."""

    def shifted(by):
        def draw(ax):
            redraw.curves(ax)
            ax.xaxis.label.set_x(0.5 + by / ax.bbox.width)

        return redraw.render(draw, ["png"], dpi=redraw.DPI)["png"]

    assert 0.0 < difference(shifted(0.0), shifted(0.25)) <= TOLERANCE
