"""Where curves leave the axes and where their names stand: places that can be worked out by hand."""

import numpy as np
import pytest
from charts.chart_reading import INK
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox
from numpy.testing import assert_allclose

from lingauss import charts
from lingauss.charts.edge_marks import mark_edges
from lingauss.charts.end_names import name_ends


@pytest.fixture
def ax():
    """Axes of 10 by 5, on which a place is known by its numbers."""
    with charts.style():
        figure = Figure(figsize=(4.0, 3.0), layout="none")
        FigureCanvasAgg(figure)
        ax = figure.add_axes((0.25, 0.25, 0.5, 0.5))
        ax.set(xlim=(0.0, 10.0), ylim=(0.0, 5.0))
        yield ax


def marked(ax):
    """Triangles with their places in data coordinates of linear axes."""
    found = []
    for mark in mark_edges(ax):
        ((x, y),) = mark.get_xydata()
        found.append((mark.get_marker(), round(10.0 * x, 9), round(5.0 * y, 9)))
    return found


@pytest.mark.parametrize(
    ("x", "y", "marks"),
    [
        ([0, 10], [0, 5], []),
        ([0, 4], [1, 9], [("^", 2.0, 5.0)]),
        ([4, 0], [9, 1], [("^", 2.0, 5.0)]),
        ([0, 4], [3, -9], [("v", 1.0, 0.0)]),
        ([6, 14], [1, 3], [(">", 10.0, 2.0)]),
        ([2, -2], [1, 3], [("<", 0.0, 2.0)]),
        ([8, 18], [4.5, 9.5], [("^", 9.0, 5.0)]),
        ([1, 2, 3], [4, 6, 4], [("^", 1.5, 5.0), ("^", 2.5, 5.0)]),
        ([1, 2, 3, 4], [4, 6, 7, 3], [("^", 1.5, 5.0), ("^", 3.5, 5.0)]),
        ([1, 2, 3], [4, np.nan, 9], [("^", 1.4, 5.0)]),
        ([1, 2], [7, 8], [("^", 2.0, 5.0)]),
        ([1, 12], [7, 8], [("^", 10.0, 5.0)]),
        ([0, 5], [5 + 4e-6, 2.0], []),
        ([0, 5], [5 + 6e-6, 2.0], [("^", 0.0, 5.0)]),
        ([np.nan], [np.nan], []),
        ([], [], []),
    ],
)
def test_a_triangle_points_outwards_where_a_curve_crosses_the_edge(ax, x, y, marks):
    ax.plot(x, y, color="#0072b2", scalex=False, scaley=False)
    found = marked(ax)
    assert [mark[0] for mark in found] == [mark[0] for mark in marks]
    assert_allclose([mark[1:] for mark in found], [mark[1:] for mark in marks], atol=1e-5)
    triangles = [line for line in ax.lines if line.get_gid() == "edge"]
    assert [to_hex(line.get_color()) for line in triangles] == ["#0072b2"] * len(marks)
    assert not any(line.get_clip_on() for line in triangles)
    assert (ax.get_xlim(), ax.get_ylim()) == ((0.0, 10.0), (0.0, 5.0))


def test_rounding_turns_no_triangle_aside(ax):
    """Crossings that are computed a last bit inside the axes."""
    for start, low, high in ((1.5, 2.2, 7.6), (3.1, 1.2, 7.5), (3.8, 1.4, 7.9), (4.3, 0.6, 9.0), (3.2, 1.6, 8.0)):
        ax.plot([start, start + 2.0], [low, high], scalex=False, scaley=False)
    found = marked(ax)
    assert [(shape, height) for shape, _, height in found] == [("^", 5.0)] * 5


@pytest.mark.parametrize(
    ("x", "y", "shape"), [([2, 4], [1, 9], "^"), ([2, 4], [1, -9], "v"), ([4, 2, 1], [9, 4, 3], "^")]
)
def test_a_staircase_leaves_halfway_between_its_steps(ax, x, y, shape):
    ax.step(x, y, where="mid", scalex=False, scaley=False)
    assert marked(ax) == [(shape, 3.0, 0.0 if shape == "v" else 5.0)]


def test_points_outside_are_marked_one_by_one_and_points_on_the_edge_are_whole(ax):
    inside = ax.plot([0.0, 10.0, 3.0], [2.0, 5.0, 0.0], "o", scalex=False, scaley=False)[0]
    still = {"scalex": False, "scaley": False}
    beyond = [4.0, 12.0, 5.0, -1.0, 3.0], [7.0, 1.0, -2.0, 2.5, 3.0]
    outside = ax.plot(*beyond, "s", color="white", markeredgecolor="#009e73", **still)[0]
    assert marked(ax) == [("^", 4.0, 5.0), (">", 10.0, 1.0), ("v", 5.0, 0.0), ("<", 0.0, 2.5)]
    assert {to_hex(line.get_color()) for line in ax.lines if line.get_gid() == "edge"} == {"#009e73"}
    assert (inside.get_clip_on(), outside.get_clip_on()) == (False, True)


def test_a_curve_is_followed_as_it_is_drawn_on_logarithmic_axes_and_to_infinity(ax):
    ax.set(xscale="log", yscale="log", xlim=(1.0, 100.0), ylim=(1.0, 100.0))
    ax.plot([1.0, 100.0], [10.0, 1000.0])
    ax.plot([1.0, 100.0], [10.0, 0.0])
    ax.set(xlim=(1.0, 100.0), ylim=(1.0, 100.0))
    up, down = mark_edges(ax)
    assert (up.get_marker(), down.get_marker()) == ("^", "v")
    assert_allclose(up.get_xydata(), [[0.5, 1.0]])
    assert 0.0 <= down.get_xydata()[0, 0] < 0.01  # a curve to 0 falls from its last point


def test_lines_across_all_of_the_axes_are_no_curves(ax):
    ax.axhline(7.0)
    ax.axvline(12.0)
    ax.plot([0.5], [1.5], "o", transform=ax.transAxes)
    assert mark_edges(ax) == []


def lettering(ax, names):
    ax.figure.canvas.draw()
    renderer = ax.figure.canvas.get_renderer()
    return [name.lettering(renderer) for name in names]


def middle(ax, box):
    """Height of the middle of letters in the axes' own units."""
    return (0.5 * (box.y0 + box.y1) - ax.bbox.y0) / ax.bbox.height


POINTS = 72.0 * 1.5  # high, the axes of these tests
STEP = 8.5 / POINTS  # between names, in heights of the axes


def places(ax, heights, **options):
    names = name_ends(ax, heights, [str(number) for number in range(len(heights))], **options)
    lettering(ax, names)
    return names, [name.xyann[1] for name in names]


@pytest.mark.parametrize(
    ("heights", "expected"),
    [
        ([1.0, 4.0], [0.2, 0.8]),
        ([4.0, 1.0], [0.8, 0.2]),
        ([2.5, 2.5], [0.5, 0.5 + STEP]),
        ([2.5, 2.5, 2.5], [0.5, 0.5 + STEP, 0.5 + 2.0 * STEP]),
        ([2.6, 2.5], [0.5 + STEP, 0.5]),
        ([2.5, 2.9], [0.5, 0.58]),
        ([5.0], [1.0 - 0.5 * STEP]),
        ([4.9, 5.0, 1.0], [1.0 - 1.5 * STEP, 1.0 - 0.5 * STEP, 0.2]),
        ([9.0, 8.0], [1.0 - 0.5 * STEP, 1.0 - 1.5 * STEP]),
        ([-3.0, 0.0], [0.0, STEP]),
    ],
)
def test_names_stand_at_their_ends_or_as_near_as_others_leave_room(ax, heights, expected):
    names, found = places(ax, heights)
    assert_allclose(found, expected, atol=1e-9)
    for name, height in zip(names, heights, strict=True):
        assert_allclose(name.xy, (1.0, np.clip(height / 5.0, 0.0, 1.0)))


def test_names_of_equal_ends_keep_their_order(ax):
    _, found = places(ax, [2.5] * 20)
    assert_allclose(np.diff(found), STEP)


def test_names_begin_8_points_right_of_the_axes_at_the_height_of_their_places(ax):
    names, found = places(ax, [1.0, 3.0])
    for name, box, place in zip(names, lettering(ax, names), found, strict=True):
        assert_allclose(box.x0, ax.bbox.x1 + 8.0 / 72.0 * ax.figure.dpi, atol=1.0)
        assert_allclose(middle(ax, box), place, atol=0.02)
        assert not name.get_clip_on()
        assert name.get_annotation_clip() is False


def test_a_name_that_had_to_move_is_joined_to_its_end_by_a_thin_line_of_its_colour(ax):
    names, _ = places(ax, [2.5, 2.5, 0.5], colours=["#0072b2", "#e69f00", "#009e73"])
    renderer = ax.figure.canvas.get_renderer()
    point = ax.figure.dpi / 72.0
    for name, colour in zip(names, ("#0072b2", "#e69f00", "#009e73"), strict=True):
        patch = name.arrow_patch
        assert to_hex(patch.get_edgecolor()) == colour
        assert patch.get_linewidth() == 0.5
        (start, *_, stop) = patch.get_transform().transform(patch.get_path().vertices)
        box = name.lettering(renderer)
        end = ax.transAxes.transform(name.xy)
        assert box.x0 - 4.0 * point < start[0] < box.x0  # a little before the letters, at half their height
        if name is not names[1]:  # which had to move
            assert start[1] == pytest.approx(0.5 * (box.y0 + box.y1), abs=0.5 * point)
        assert stop[0] > end[0]
        assert np.hypot(*(stop - end)) == pytest.approx(point, abs=0.3 * point)


def test_names_are_in_ink_and_those_of_curves_that_left_say_where(ax):
    names = name_ends(ax, [2.0, 7.0, -1.0, np.nan, np.inf, 5.0, 0.0], list("abcdefg"))
    assert [name.get_text() for name in names] == ["a", "b ↑", "c ↓", "f", "g"]
    assert {to_hex(name.arrow_patch.get_edgecolor()) for name in names} == {INK}
    assert {to_hex(name.get_color()) for name in names} == {INK}
    ax.set_ylim(5.0, 0.0)
    assert [name.get_text() for name in name_ends(ax, [2.0, 7.0, -1.0], list("abc"))] == ["a", "b ↑", "c ↓"]


def test_a_name_takes_room_on_the_page_with_the_line_that_joins_it(ax):
    (first, second), _ = places(ax, [2.5, 2.5])
    renderer = ax.figure.canvas.get_renderer()
    for name in (first, second):
        whole = name.get_tightbbox(renderer)
        letters = name.lettering(renderer)
        assert whole.x0 < letters.x0
        assert_allclose([whole.x1], [letters.x1], atol=0.5)
        assert Bbox.intersection(whole, letters) is not None
