"""Charts read back: from the key and the words beside curves to what is drawn in their colours, and its numbers."""

from contextlib import contextmanager

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from numpy.testing import assert_allclose

import lingauss as lg
from lingauss import charts
from lingauss.charts.end_names import EndName

BLUE, ORANGE, LIGHT, GREY, INK = "#0072b2", "#e69f00", "#d9d9d9", "#767676", "#222222"
RED, GREEN = "#d55e00", "#009e73"
DASHED, DOTTED = (0, (4, 3)), (0, (1, 1.2))
RANK, NATS = "student rank r (directions)", "distillation divergence (nats)"
SIGNAL = [0.5, 0.1, 0.9, 0.02, 0.3, 0.05, 0.2, 0.4]


def case(**changes):
    problem = lg.Problem.from_spectrum(90.0 / np.arange(1, 9) ** 1.5, SIGNAL, n_samples=60, label_noise=0.4, outputs=2)
    design = lg.Distillation(problem, lg.Ridge(6.0), lg.Ridge(1.5, temperature=0.25), lg.Principal(4), temperature=10.0)
    return design.replace(**changes)


@contextmanager
def empty_axes():
    """Axes in the house style, on a figure that can be drawn and moves nothing of itself."""
    with charts.style():
        figure = Figure(layout="none")
        FigureCanvasAgg(figure)
        yield figure.add_subplot()


def words(ax):
    """The key, in its order: each word with what stands before it."""
    legend = ax.get_legend()
    return dict(zip([text.get_text() for text in legend.get_texts()], legend.legend_handles, strict=True))


def look(line):
    """How a line or its sample in the key looks: colour, dashes, marker with face and edge; None for what is not there.

    Two lines that look alike are the same to a reader.
    """
    dashes = line._unscaled_dash_pattern if line.get_linestyle() != "None" else None
    marker = line.get_marker()
    mark = None
    if marker not in ("None", "", None):
        mark = marker, to_hex(line.get_markerfacecolor(), True), to_hex(line.get_markeredgecolor(), True)
    return to_hex(line.get_color()) if dashes else None, dashes, line.get_linewidth() if dashes else None, mark


def lines_like(ax, sample):
    """Lines in the axes that look like a sample of the key, marks on the edge aside."""
    return [
        line for line in ax.lines if line.get_gid() != "edge" and len(line.get_xdata()) and look(line) == look(sample)
    ]


def the_line(ax, word):
    (line,) = lines_like(ax, words(ax)[word])
    return line


def dashes_of(line):
    return line._unscaled_dash_pattern


def ends(ax):
    """The names beside ends of curves, with their colours and where they point to, in data coordinates."""
    ax.figure.draw_without_rendering()
    found = {}
    for name in ax.get_children():
        if isinstance(name, EndName):
            x, y = ax.transData.inverted().transform(ax.transAxes.transform(name.xy))
            found[name.get_text()] = (to_hex(name.arrow_patch.get_edgecolor()), x, y)
    return found


def assert_names_are_at_their_curves(ax, heights):
    """Each name has the colour of a curve, points to its end, and the curve ends where the number named does."""
    named = ends(ax)
    assert list(named) == list(heights)
    low, high = ax.get_ylim()
    for word, height in heights.items():
        colour, x, y = named[word]
        assert_allclose(x, ax.get_xlim()[1], rtol=1e-9)
        assert_allclose(y, np.clip(height, low, high), rtol=1e-6)
        drawn = [
            line for line in ax.lines
            if to_hex(line.get_color()) == colour and line.get_linestyle() == "-" and line.get_gid() != "edge"
        ]  # fmt: skip
        assert any(np.isclose(line.get_ydata()[-1], height, rtol=1e-12) for line in drawn), word


def ticks(axis):
    axis.axes.figure.draw_without_rendering()
    low, high = sorted(axis.get_view_interval())
    return {
        float(place): label.get_text()
        for place, label in zip(axis.get_majorticklocs(), axis.get_majorticklabels(), strict=True)
        if low <= place <= high and label.get_text()
    }


def told(number):
    return float(number.replace(",", "").replace("−", "-"))


def assert_ticks_tell_where_they_stand(axis, *, least=2):
    found = ticks(axis)
    assert len(found) >= least
    for place, text in found.items():
        assert_allclose(told(text.replace("$\\mathdefault{", "").replace("}$", "")), place, rtol=1e-9, atol=1e-12)


def assert_colours_tell_values(ax, array, coloured):
    """The colour bar beside a map has the map's colours at the values its ticks tell, and says their unit."""
    (image,) = [one for one in ax.collections if type(one).__name__ == "QuadMesh"]
    values = array.to_numpy()
    top = np.nanquantile(values[values > 0.0], coloured) if coloured < 1 else values.max()
    bottom = max(values[values > 0.0].min(), top * 1e-4)
    assert_allclose([image.norm.vmin, image.norm.vmax], [bottom, top])
    assert_allclose(np.asarray(image.get_array()), np.maximum(values, bottom))
    assert image.get_cmap().name == mpl.rcParams["image.cmap"] == "cividis"
    corners = image.get_coordinates()
    centres = 0.25 * (corners[1:, 1:] + corners[1:, :-1] + corners[:-1, 1:] + corners[:-1, :-1])
    up, across = (array[name].to_numpy() for name in array.dims)
    for found, true in ((centres[:, 0, 1], up), (centres[0, :, 0], across)):  # cells are as wide as their neighbours
        assert np.all(np.diff(found) > 0.0)
        assert np.all(found[1:] > 0.5 * (true[:-1] + true[1:]))
        assert np.all(found[:-1] < 0.5 * (true[:-1] + true[1:]))
    bar = ax.figure.axes[-1]
    units = array.attrs["units"]
    name = array.attrs.get("long_name", array.name)
    assert bar.get_ylabel() == (name if units == "1" else f"{name} ({units})")
    assert_ticks_tell_where_they_stand(bar.yaxis, least=1)
    return image


def assert_contours_bear_their_values(ax, array, steps, without=None):
    (lines,) = [one for one in ax.collections if type(one).__name__ == "QuadContourSet" and len(one.levels) != 1] or [
        None
    ]
    for level in lines.levels:
        mantissa = level / 10.0 ** np.floor(np.log10(level) + 1e-9)
        assert any(np.isclose(mantissa, step) for step in steps)
        assert level != without
    written = [text for text in ax.texts if text.get_text()]
    assert written
    for text in written:
        level = told(text.get_text())
        place = np.argmin(np.abs(lines.levels - level))
        assert_allclose(lines.levels[place], level)
        away = lines.get_paths()[place].vertices - np.array(text.get_position())
        assert np.abs(away).sum(axis=1).min() < 1e-9


def assert_shades_run(ax, names, palette, last):
    """Named curves go through a palette from its dark end to a share of it, in equal steps."""
    found = ends(ax)
    shares = np.linspace(0.0, last, len(names))
    assert [found[name][0] for name in names] == [to_hex(mpl.colormaps[palette](share)) for share in shares]


def assert_numbers_keep_clear_of(ax, *curves):
    """No number on a contour line is nearer to a curve than 0.08 of the axes' height, across twice as much."""
    to_axes = ax.transData - ax.transAxes
    numbers = [text for text in ax.texts if text.get_text()]
    assert numbers
    for x, y in curves:
        curve = to_axes.transform(np.column_stack([x, y]))
        for text in numbers:
            away = (curve - to_axes.transform(text.get_position())) * [0.5, 1.0]
            assert np.hypot(*away.T).min() >= 0.08
