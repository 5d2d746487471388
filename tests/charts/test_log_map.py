"""Maps in logarithmic colour: what their colours, contour lines, numbers and bars say of any array."""

import numpy as np
import pytest
import xarray as xr
from charts.chart_reading import empty_axes, told
from matplotlib.colors import to_hex
from numpy.testing import assert_allclose

from lingauss.charts.log_map import log_map

ATTRS = {
    "student_rank": {"long_name": "student rank", "symbol": "r", "units": "directions"},
    "temperature": {"long_name": "soft-label temperature", "symbol": "τ", "units": "1"},
}
EDGE, ENOUGH = 0.08, 0.12  # heights of the axes; half as much again across counts for one


@pytest.fixture
def ax():
    with empty_axes() as ax:
        yield ax


def grid(values, up="temperature", across="student_rank"):
    values = np.asarray(values, float)
    coordinates = {}
    for name, size in zip((up, across), values.shape, strict=True):
        points = np.arange(size) if name == "student_rank" else np.geomspace(0.1, 100.0, size)
        coordinates[name] = (name, points, ATTRS[name])
    return xr.DataArray(values, coordinates, (up, across), "cost", {"long_name": "cost", "units": "nats"})


def hills(decades, up="temperature", size=21):
    """A smooth array with a valley and a ridge, over some decades above 1."""
    y, x = np.meshgrid(np.linspace(-1.0, 1.0, size), np.linspace(-1.0, 1.0, size), indexing="ij")
    shape = x - 0.6 * y**2 + 0.5 * np.sin(2.0 * y)
    across = "student_rank" if up == "temperature" else "temperature"
    return grid(10.0 ** (decades * (shape - shape.min()) / np.ptp(shape)), up, across)


def bar(ax):
    return ax.figure.axes[-1]


def told_on_the_bar(ax):
    ax.figure.draw_without_rendering()
    axis = bar(ax).yaxis
    low, high = axis.get_view_interval()
    places = zip(axis.get_majorticklocs(), axis.get_majorticklabels(), strict=True)
    return {told(text.get_text()) for place, text in places if low <= place <= high and text.get_text()}


@pytest.mark.parametrize("up", ["temperature", "student_rank"])
def test_either_axis_counts_ranks_and_only_an_upright_one_shows_whole_cells(ax, up):
    array = hills(2.0, up)
    log_map(ax, array, coloured=1.0)
    (ranks, temperature) = (ax.xaxis, ax.yaxis) if up == "temperature" else (ax.yaxis, ax.xaxis)
    assert ranks.get_label_text() == "student rank r (directions)"
    assert temperature.get_label_text() == "soft-label temperature τ"
    assert (ranks.get_scale(), temperature.get_scale()) == ("linear", "log")
    margin = 0.5 if up == "student_rank" else 0.0
    assert_allclose(ranks.get_view_interval(), [0.0 - margin, 20.0 + margin])
    assert_allclose(temperature.get_view_interval(), [0.1, 100.0])
    ax.figure.draw_without_rendering()
    assert [place for place in ranks.get_majorticklocs() if 0 <= place <= 20] == [0, 5, 10, 15, 20]
    assert len(ranks.get_minorticklocs()) == 0


@pytest.mark.parametrize(("low", "coloured"), [(1.0, 1.0), (1e-9, 1.0), (1.0, 0.9), (1e-9, 0.9), (0.0, 0.9)])
def test_the_bar_is_pointed_where_values_lie_beyond_its_colours(ax, low, coloured):
    array = hills(2.0)
    array[0, 0] = low
    image, _ = log_map(ax, array, coloured=coloured)
    top = np.quantile(array.values[array.values > 0.0], coloured)
    bottom = max(array.values[array.values > 0.0].min(), top / 1e4)
    assert_allclose([image.norm.vmin, image.norm.vmax], [bottom, top])
    pointed = {(False, False): "neither", (True, False): "min", (False, True): "max", (True, True): "both"}
    assert image.colorbar.extend == pointed[low < bottom, coloured < 1.0]
    assert_allclose(image.get_array().min(), bottom)
    assert_allclose(image.get_array().max(), array.max())


def test_infinite_values_are_left_white_and_a_constant_has_one_colour(ax):
    array = hills(1.0)
    array[3, 4] = np.inf
    image, _ = log_map(ax, array, coloured=1.0)
    assert np.argwhere(np.ma.getmaskarray(image.get_array()).reshape(array.shape)).tolist() == [[3, 4]]
    for value in (0.02, 7.0):
        constant, lines = log_map(ax.figure.add_subplot(), grid(np.full((4, 4), value)), coloured=1.0)
        assert constant.norm.vmin == value < constant.norm.vmax < 1.02 * value
        assert len(lines.levels) == 0


@pytest.mark.parametrize(
    ("decades", "unit", "steps"),
    [(2.9, 1.0, (1.0, 2.0, 5.0)), (3.4, 10.0, (1.0, 2.0, 5.0)), (2.5, 1e-3, (1.0,)), (2.5, 1e-3, (1.0, 2.0, 5.0))],
)
def test_contour_lines_stand_at_round_numbers_and_the_bar_tells_them_up_to_three_decades(ax, decades, unit, steps):
    array = 1.1 * unit * hills(decades)
    array.attrs, array.name = {"long_name": "cost", "units": "nats"}, "cost"
    _, lines = log_map(ax, array, coloured=1.0, steps=steps)
    low, high = float(array.min()), float(array.max())
    everything = sorted(step * 10.0**power for power in range(-6, 9) for step in steps)
    within = [level for level in everything if low < level < high]
    assert_allclose(lines.levels, within)
    shown = [level for level in within if decades < 3.0 or np.isclose(np.log10(level) % 1.0, (0.0, 1.0)).any()]
    if high < 1e5:
        assert_allclose(sorted(told_on_the_bar(ax)), shown)
    assert bar(ax).get_ylabel() == "cost (nats)"


def test_a_line_that_the_caller_draws_is_left_out(ax):
    _, lines = log_map(ax, hills(2.0), coloured=1.0, without=10.0)
    assert_allclose(lines.levels, [2.0, 5.0, 20.0, 50.0])


def test_the_deepest_four_decades_have_lines_also_beyond_the_colours_upper_end(ax):
    array = hills(7.0)
    _, lines = log_map(ax, array, coloured=0.8, steps=(1.0,))
    bottom = np.quantile(array, 0.8) / 1e4
    assert_allclose(lines.levels, [10.0**power for power in range(8) if bottom < 10.0**power < array.max()])


def distance(ax, points, others):
    """How far points are from others on the page, in heights of the axes, across half as much."""
    places = [
        ax.transAxes.inverted().transform(ax.transData.transform(np.atleast_2d(some))) for some in (points, others)
    ]
    apart = (places[0][:, None] - places[1]) * [0.5, 1.0]
    return np.hypot(apart[..., 0], apart[..., 1]).min(axis=1)


def room(ax, points, taken):
    """How far points are from the edge and everything that is taken."""
    x, y = (ax.transData - ax.transAxes).transform(points).T
    return np.min([0.5 * x, 0.5 * (1.0 - x), y, 1.0 - y, *(distance(ax, points, one) for one in taken)], axis=0)


def some_curves(where):
    """Curves on the hills: none, one along their middle, a crossing, or several close to each other."""
    t = np.linspace(0.0, 1.0, 201)
    rank, temperature = 20.0 * t, 10.0 ** (-1.0 + 3.0 * t)
    middle = np.full(201, 10.0**0.5)
    flat = [(rank, 10.0 ** (-1.0 + 3.0 * np.full(201, height))) for height in (0.12, 0.3, 0.52, 0.7, 0.88)]
    return {"none": [], "middle": [(rank, middle)], "crossing": [(rank, temperature), (20.0 - rank, temperature)],
            "many": flat}[where]  # fmt: skip


@pytest.mark.parametrize("where", ["none", "middle", "crossing", "many"])
@pytest.mark.parametrize("decades", [1.5, 3.5])
def test_numbers_stand_on_their_lines_clear_of_edges_curves_and_each_other(ax, where, decades):
    curves = some_curves(where)
    _, lines = log_map(ax, hills(decades), coloured=1.0, clear_of=curves)
    written = {text.get_text(): text for text in ax.texts}
    taken, numbered = [np.column_stack(curve) for curve in curves], 0
    for level, path in zip(lines.levels, lines.get_paths(), strict=True):
        roomy = room(ax, path.vertices, taken)
        text = written.get(f"{level:,.6g}")
        assert (text is not None) == (roomy.max() >= EDGE), level
        if text is not None:
            here = int(np.argmin(np.abs(path.vertices - text.get_position()).sum(axis=1)))
            assert_allclose(text.get_position(), path.vertices[here])
            assert roomy[here] >= min(ENOUGH, roomy.max()) - 1e-9
            taken.append(path.vertices[here])
            numbered += 1
    assert numbered == len(written)
    if where == "none":
        assert numbered >= len(lines.levels) - 2


def test_numbers_are_small_centred_in_ink_and_cased(ax):
    _, lines = log_map(ax, 1000.0 * hills(2.0), coloured=1.0)
    assert {"2,000", "50,000"} <= {text.get_text() for text in ax.texts}
    for text in ax.texts:
        assert (text.get_fontsize(), text.get_ha(), text.get_va(), text.get_zorder()) == (6.0, "center", "center", 2.5)
        assert to_hex(text.get_color()) == "#222222"
        (casing,) = text.get_path_effects()
        assert casing._gc == {"linewidth": 2.6, "foreground": "white"}
    assert to_hex(lines.get_edgecolor()[0]) == "#ffffff"
    assert lines.get_zorder() < 2.5
