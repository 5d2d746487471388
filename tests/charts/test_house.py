"""What all charts share: labels, ranges, ticks, keys, and what they refuse."""

import math

import numpy as np
import pytest
import xarray as xr
from charts.chart_reading import assert_ticks_tell_where_they_stand, empty_axes, ticks
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.testing import assert_allclose

from lingauss import charts
from lingauss.charts import house
from lingauss.errors import DomainError, MissingResultError, NotFiniteError


@pytest.fixture
def ax():
    with empty_axes() as ax:
        yield ax


def told(**attrs):
    return xr.DataArray([1.0, 2.0], dims="x", name="penalty", attrs=attrs)


def test_a_label_is_the_name_the_symbol_and_the_unit_of_a_variable():
    assert house.label(told()) == "penalty"
    assert house.label(told(long_name="noise", symbol="ν")) == "noise ν"
    assert house.label(told(long_name="noise", symbol="ν", units="1")) == "noise ν"
    assert house.label(told(long_name="noise", symbol="ν", units="nats")) == "noise ν (nats)"
    assert house.label(told(long_name="noise", units="nats"), lines=2) == "noise\n(nats)"
    assert house.label(told(long_name="noise", symbol="ν"), lines=2) == "noise ν"
    assert house.label(told(long_name="penalty", symbol="λ_eff")) == r"penalty λ$_\mathrm{eff}$"


def test_an_upright_label_has_its_unit_on_a_second_line_where_it_is_longer_than_36_letters():
    assert house.upright(told(long_name=26 * "a", units="letters")) == 26 * "a" + " (letters)"
    assert house.upright(told(long_name=27 * "a", units="letters")) == 27 * "a" + "\n(letters)"


@pytest.mark.parametrize(("high", "powers"), [(9.9e4, False), (1e5, True), (1.5e5, True)])
def test_an_axis_that_reaches_a_hundred_thousand_is_labelled_in_powers_of_ten(ax, high, powers):
    ax.set(xscale="log", xlim=(0.05, high))
    house.plain_log_ticks(ax.xaxis, steps=(1.0, 2.0))
    found = ticks(ax.xaxis)
    if powers:
        assert found == {10.0**e: f"10{str(e).translate(house.SUPERSCRIPTS)}" for e in range(-1, 6)}
        assert list(found.values())[0::6] == ["10⁻¹", "10⁵"]
    else:
        assert set(found) == {0.1, 0.2, *(step * 10.0**e for e in range(5) for step in (1.0, 2.0))}
        assert_ticks_tell_where_they_stand(ax.xaxis)
        assert {"0.1", "10,000", "20,000"} <= set(found.values())


def test_powers_that_rounding_has_moved_are_told(ax):
    ax.set(yscale="log", ylim=(1e-12, 1e6))
    house.plain_log_ticks(ax.yaxis)
    write = ax.yaxis.get_major_formatter()
    powers = [write(10.0**e * wobble, 0) for e in range(-12, 7) for wobble in (1.0 - 1e-12, 1.0 + 1e-12)]
    assert len(set(powers)) == 19
    assert all(text.startswith("10") for text in powers)
    assert [write(value, 0) for value in (2.0, 5.0, 11.0, 0.9)] == [""] * 4


@pytest.mark.parametrize(("decades", "apart"), [(11, 1), (12, 2), (23, 2)])
def test_every_decade_has_its_number_until_there_are_too_many(ax, decades, apart):
    ax.set(yscale="log", ylim=(1.0, 10.0**decades))
    house.plain_log_ticks(ax.yaxis)
    exponents = [round(math.log10(place)) for place in ticks(ax.yaxis)]
    assert set(np.diff(exponents)) == {apart}


def test_between_powers_of_ten_stand_eight_small_ticks_without_numbers(ax):
    ax.set(xscale="log", xlim=(1.0, 100.0))
    house.plain_log_ticks(ax.xaxis)
    small = [place for place in ax.xaxis.get_minorticklocs() if 1.0 < place < 100.0]
    assert_allclose(small, [*range(2, 10), *range(20, 100, 10)])
    ax.figure.draw_without_rendering()
    assert {label.get_text() for label in ax.xaxis.get_minorticklabels()} == {""}


@pytest.mark.parametrize("which", ["x", "y"])
@pytest.mark.parametrize(
    ("values", "scale"),
    [
        ([0.25, 2.5], "log"),
        ([0.25, 2.499], "linear"),
        ([0.0, 100.0], "linear"),
        ([-1.0, 100.0], "linear"),
        ([0.5, np.nan, 30.0, 3.0], "log"),
        ([2.0, 15.0], "linear"),
    ],
)
def test_an_axis_is_logarithmic_where_positive_values_span_a_decade(ax, which, values, scale):
    house.fit_axis(ax, which, values, below=0.25, above=0.5)
    other = "y" if which == "x" else "x"
    assert (getattr(ax, f"get_{which}scale")(), getattr(ax, f"get_{other}scale")()) == (scale, "linear")
    low, high = np.nanmin(values), np.nanmax(values)
    through = (np.log, np.exp) if scale == "log" else (np.asarray, np.asarray)
    start, stop = through[0]([low, high])
    room = [start - 0.25 * (stop - start), stop + 0.5 * (stop - start)]
    assert_allclose(getattr(ax, f"get_{which}lim")(), through[1](room))
    assert getattr(ax, f"get_{other}lim")() == (0.0, 1.0)


def test_an_axis_without_room_ends_at_its_values(ax):
    house.fit_axis(ax, "x", [3.0, 5.0])
    house.fit_axis(ax, "y", [3.0, 500.0])
    assert_allclose([*ax.get_xlim(), *ax.get_ylim()], [3.0, 5.0, 3.0, 500.0])


def test_shares_of_soft_labels_are_never_logarithmic_and_a_single_value_fits_any_axis(ax):
    house.fit_axis(ax, "x", xr.DataArray([0.01, 1.0], dims="mixing", name="mixing"))
    house.fit_axis(ax, "y", [7.0, 7.0])
    assert (ax.get_xscale(), ax.get_xlim()) == ("linear", (0.01, 1.0))
    assert (ax.get_yscale(), ax.get_ylim()) == ("linear", (0.0, 1.0))


@pytest.mark.parametrize(("which", "decades"), [("x", 2), ("y", 3)])
@pytest.mark.parametrize("low", [0.25])
def test_twos_and_fives_are_told_on_short_axes_and_powers_of_ten_on_long_ones(ax, which, decades, low):
    axis = ax.xaxis if which == "x" else ax.yaxis
    for share in (0.99, 1.0):
        house.fit_axis(ax, which, [low, share * low * 10.0**decades])
        mantissas = {f"{place:e}"[0] for place in ticks(axis)}
        assert mantissas == ({"1"} if share == 1.0 else {"1", "2", "5"})


@pytest.mark.parametrize("limits", [(0, 1), (0, 7), (0, 8), (0, 14), (0, 28), (0, 36), (3, 340)])
def test_counts_are_told_at_ones_twos_or_fives_with_at_most_seven_steps(ax, limits):
    ax.set_xlim(*limits)
    house.count_axis(ax.xaxis)
    low, high = limits
    widths = [step * 10**power for power in range(4) for step in (1, 2, 5)]
    width = next(step for step in widths if math.ceil(high / step) - low // step <= 7)
    assert list(ticks(ax.xaxis)) == [value for value in range(low, high + 1) if value % width == 0]
    assert len(ax.xaxis.get_minorticklocs()) == 0
    assert_ticks_tell_where_they_stand(ax.xaxis)


def entries(ax, words):
    return [ax.plot([0.0, 1.0], [0.0, 1.0], label=word)[0] for word in words]


def columns(legend):
    """Explanations by column, from their places on the page."""
    by_place = {}
    for text in legend.get_texts():
        by_place.setdefault(round(text.get_window_extent().x0), []).append(text.get_text())
    return [by_place[place] for place in sorted(by_place)]


def drawn_key(ax, *args, **options):
    ax.set_xlabel("label")
    legend = house.key(ax, *args, **options)
    ax.figure.canvas.draw()
    return legend


def test_a_key_starts_29_points_below_the_left_edge_of_the_axes(ax):
    entries(ax, ["one", "two", "three"])
    legend = drawn_key(ax)
    box, inch = legend.get_window_extent(), ax.figure.dpi
    assert_allclose([box.x0, box.y1], [ax.bbox.x0, ax.bbox.y0 - 29.0 / 72.0 * inch], atol=0.01)
    assert box.y1 < ax.xaxis.label.get_window_extent().y0
    assert columns(legend) == [["one", "two"], ["three"]]
    first = max(text.get_window_extent().x1 for text in legend.get_texts()[:2])
    assert_allclose(legend.legend_handles[2].get_window_extent().x0 - first, 1.2 * 7.0 / 72.0 * inch, atol=1.0)


def test_a_key_explains_what_it_is_given_in_that_order_or_else_everything_with_a_name(ax):
    one, two, three = entries(ax, ["one", "two", "three"])
    ax.plot([0.0], [0.0])
    assert [text.get_text() for text in drawn_key(ax).get_texts()] == ["one", "two", "three"]
    legend = drawn_key(ax, (three, one), ncols=3)
    assert columns(legend) == [["three"], ["one"]]
    assert columns(drawn_key(ax, [one, two, three], ncols=1)) == [["one", "two", "three"]]


@pytest.mark.parametrize(
    ("letters", "beside"),
    [((22, 22), 2), ((23, 22), 1), ((22, 10, 22, 10), 2), ((34, 10), 2), ((35, 10), 1), ((10, 35), 1), ((60,), 1)],
)
def test_a_key_has_as_many_columns_as_its_words_leave_room_for(ax, letters, beside):
    """A column of a journal is 252 points wide, of which 40 are left of the axes; 3.7 a letter and 24 a sign."""
    words = [f"{number}{(length - 1) * 'n'}" for number, length in enumerate(letters)]
    entries(ax, words)
    legend = drawn_key(ax)
    assert len(columns(legend)) == min(beside, len(letters))
    room = 3.7 * max(letters) + 24.0
    if len(letters) == 2 and letters[0] == letters[1]:
        assert (2.0 * room <= 252.0 - 40.0) == (beside == 2)


def test_words_beside_each_other_do_not_leave_a_page_of_two_charts():
    with charts.style():
        figure = Figure(figsize=(7.0, 2.8), layout="none")
        FigureCanvasAgg(figure)
        left, _ = figure.subplots(1, 2)
        entries(left, [22 * "n", 22 * "o"])
        assert [len(column) for column in columns(drawn_key(left))] == [1, 1]
        entries(left, [23 * "n"])
        assert [len(column) for column in columns(drawn_key(left))] == [3]
        free = figure.add_axes((0.1, 0.3, 0.8, 0.6))  # in no grid: the page is its own
        entries(free, [68 * "n", 40 * "o"])
        assert [len(column) for column in columns(drawn_key(free))] == [1, 1]
        entries(free, [69 * "n"])
        assert [len(column) for column in columns(drawn_key(free))] == [3]


def swept(**sizes):
    values = np.arange(float(np.prod(list(sizes.values())))).reshape(tuple(sizes.values()))
    return xr.Dataset({"cost": (tuple(sizes), values)}, {name: np.arange(size)[::-1] for name, size in sizes.items()})


def test_results_are_drawn_in_ascending_order_along_their_axes():
    results = house.need(swept(a=3, b=2), ["a", "b"], ["cost"], "call")
    assert results["cost"].values.tolist() == [[5.0, 4.0], [3.0, 2.0], [1.0, 0.0]]
    named = house.need(swept(a=3, b=1), ["a", "b"], ["cost"], "call", single=["b"])
    assert named["a"].values.tolist() == [0, 1, 2]
    assert house.need(swept(a=3, b=2), ["a", "b"], ["cost"], "call", single=["b"])["b"].values.tolist() == [1, 0]


def test_what_results_lack_is_said_beside_what_is_needed_and_how_it_is_made():
    def refusal(*args, **options):
        with pytest.raises(MissingResultError) as error:
            house.need(*args, "case.sweep()", **options)
        return error.value.expected, error.value.got, error.value.remedy

    remedy = "Make them with case.sweep()."
    assert refusal(swept(a=3), ["a", "b"], ["cost"]) == ("results over a, b holding cost", "axes a", remedy)
    wanted = "results over a, b holding cost, bias, risk"
    assert refusal(swept(a=3, b=2), ["a", "b"], ["cost", "bias", "risk"]) == (
        wanted, "axes a, b without bias, risk", remedy,
    )  # fmt: skip
    alone = xr.Dataset({"cost": 1.0})
    assert refusal(alone, ["a"], ["cost"]) == ("results over a holding cost", "axes none", remedy)
    assert refusal(swept(a=3, b=1), ["a", "b"], ["cost"]) == ("at least two values of b", "1", remedy)
    assert refusal(swept(a=1, b=1), ["a", "b"], ["cost"], single=["b"])[0] == "at least two values of a"


def test_what_is_infinite_or_not_positive_is_left_out_unless_nothing_remains():
    def array(*values):
        return xr.DataArray(list(values), dims="x", name="divergence")

    assert_allclose(house.finite(array(1, np.inf, -2, -np.inf)), [1.0, np.nan, -2.0, np.nan])
    assert_allclose(house.positive(array(3.0, np.inf, 0.0, -1.0)), [3.0, np.nan, np.nan, np.nan])
    for refuse in (house.finite, house.positive):
        with pytest.raises(NotFiniteError, match="a finite divergence to draw"):
            refuse(array(np.inf, np.nan))
    with pytest.raises(DomainError, match="a divergence above 0 somewhere, to draw it logarithmically; got -1 at most"):
        house.positive(array(-1.0, -5.0, np.inf))
    with pytest.raises(DomainError, match="0 at most"):
        house.positive(array(0.0, -5.0))


def test_the_other_axis_is_the_one_that_is_there_or_the_one_that_is_meant():
    assert house.other_axis(swept(a=2, b=2), "a", "c") == "b"
    assert house.other_axis(swept(a=2, b=2), "b", "c") == "a"
    assert house.other_axis(swept(a=2), "a", "c") == "c"
