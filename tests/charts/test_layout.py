"""Nothing in a chart hides anything else, leaves the page or the axes unmarked, or counts in fractions.

Checked on the extents of what is drawn, for one and for many directions, at the width of one column and of two.
"""

import numpy as np
import pytest
from charts.every_chart import DRAWN, ledger_by_rank
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Annotation

from lingauss import charts
from lingauss.charts.end_names import EndName

SIZES = {"one column": (3.5, 2.8), "two columns": (7.2, 3.4)}
DIRECTIONS = (1, 2, 12, 64)
COUNTED = ("rank", "round")


def drawn(draw, d, size):
    with charts.style():
        figure = Figure(figsize=SIZES[size])
        canvas = FigureCanvasAgg(figure)
        ax = figure.add_subplot()
        draw(d, ax)
        ax.set_title("Title of a chart")
        figure.draw_without_rendering()
        canvas.draw()
        return figure, canvas.get_renderer()


def words_of(figure):
    """Texts that are read: in the key, in the axes and beside them, titles and labels."""
    for ax in figure.axes:
        yield from (text for text in ax.texts if text.get_text())
        yield from (child for child in ax.get_children() if isinstance(child, Annotation))
        yield from (text for text in (ax.xaxis.label, ax.yaxis.label, ax.title, ax._left_title) if text.get_text())
        for axis in (ax.xaxis, ax.yaxis):
            yield from (text for text in axis.get_ticklabels() if text.get_text() and _in_view(text, ax, axis))
        if ax.get_legend() is not None:
            yield from ax.get_legend().get_texts()


def _in_view(text, ax, axis):
    place = text.get_position()[0 if axis is ax.xaxis else 1]
    low, high = sorted(axis.get_view_interval())
    return low <= place <= high


def overlap(a, b, *, slack=1.0):
    """Pixels by which two boxes overlap in the direction in which they do so least, beyond some slack."""
    across = min(a.x1, b.x1) - max(a.x0, b.x0)
    up = min(a.y1, b.y1) - max(a.y0, b.y0)
    return min(across, up) - slack


@pytest.fixture(params=list(SIZES))
def size(request):
    return request.param


@pytest.mark.parametrize("d", DIRECTIONS)
@pytest.mark.parametrize("draw", DRAWN, ids=lambda draw: draw.__name__)
def test_nothing_hides_leaves_or_misleads(draw, d, size):
    with charts.style():  # which says how many ticks fit
        _check(*drawn(draw, d, size))


def _check(figure, renderer):
    words = list(dict.fromkeys(words_of(figure)))
    boxes = [text.get_window_extent(renderer) if not isinstance(text, EndName) else text.lettering(renderer)
             for text in words]  # fmt: skip
    page = figure.bbox
    for text, box in zip(words, boxes, strict=True):
        outside = max(page.x0 - box.x0, box.x1 - page.x1, page.y0 - box.y0, box.y1 - page.y1)
        assert outside <= 1.0, f"{text.get_text()!r} leaves the page"
    for number, (text, box) in enumerate(zip(words, boxes, strict=True)):
        for other, another in zip(words[:number], boxes[:number], strict=True):
            assert overlap(box, another) <= 0.0, f"{text.get_text()!r} hides {other.get_text()!r}"
    for ax in figure.axes:
        _check_key(ax, renderer)
        _check_marks(ax)
        _check_counts(ax)
        _check_names(ax)


def _check_key(ax, renderer):
    legend = ax.get_legend()
    if legend is not None:
        box = legend.get_window_extent(renderer)
        for other in ax.figure.axes:
            assert overlap(box, other.get_window_extent(renderer)) <= 0.0, "the key hides data"


def _check_marks(ax):
    """Every point that is drawn lies on the axes, or a triangle of its colour stands on the edge."""
    edges = [line for line in ax.lines if line.get_gid() == "edge"]
    for line in ax.lines:
        if line in edges or line.get_transform() != ax.transData or not len(line.get_xdata()):
            continue
        with np.errstate(divide="ignore", invalid="ignore"):
            places = ax.transAxes.inverted().transform(ax.transData.transform(line.get_xydata()))
        places = places[np.isfinite(places).all(axis=1)]
        if ((places < -1e-3) | (places > 1.0 + 1e-3)).any():
            colours = {line.get_color(), line.get_markeredgecolor()} if isinstance(line.get_color(), str) else None
            assert edges, f"{line.get_label()} leaves the axes unmarked"
            assert colours is None or any(edge.get_color() in colours for edge in edges)
    for points in ax.collections:
        if hasattr(points, "get_offsets") and type(points).__name__ == "PathCollection" and len(points.get_offsets()):
            places = ax.transAxes.inverted().transform(ax.transData.transform(points.get_offsets()))
            assert np.all((places > -1e-3) & (places < 1.0 + 1e-3))


def _check_counts(ax):
    for axis in (ax.xaxis, ax.yaxis):
        if any(word in axis.get_label_text() for word in COUNTED):
            ticks = [tick for tick in axis.get_majorticklocs() if axis.get_view_interval().min() <= tick]
            assert np.array_equal(ticks, np.round(ticks))


def _check_names(ax):
    """Every name stands in the order of the ends, and on its own or joined to it by a line that starts there."""
    names = [child for child in ax.get_children() if isinstance(child, EndName)]
    heights = [name.xyann[1] for name in names]
    assert [name.xy[1] for name in sorted(names, key=lambda name: name.xyann[1])] == sorted(n.xy[1] for n in names)
    assert len(set(heights)) == len(heights)
    for name in names:
        assert name.arrow_patch is not None
        assert 0.0 <= name.xy[1] <= 1.0


def test_the_check_notices_what_it_looks_for():
    def hidden(d, ax):
        ledger_by_rank(d, ax)
        ax.legend(loc="upper left")

    def off_axis(d, ax):
        ax.plot([0.0, 1.0], [0.0, 5.0], label="steep")
        ax.set_ylim(0.0, 1.0)

    def fractions(d, ax):
        ax.plot([11.0, 12.0], [0.0, 1.0])
        ax.set_xlabel("student rank")

    def crowded(d, ax):
        ax.text(0.5, 0.5, "one")
        ax.text(0.5, 0.5, "another")

    def beyond(d, ax):
        ax.text(1.5, 0.5, "far")

    for draw in (hidden, off_axis, fractions, crowded, beyond):
        with pytest.raises(AssertionError):
            test_nothing_hides_leaves_or_misleads(draw, 12, "one column")
