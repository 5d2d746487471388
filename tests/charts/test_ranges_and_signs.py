"""What charts show and leave out at the ends of their axes, and the signs that tell many things of one kind apart."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from charts.chart_reading import (
    BLUE,
    DASHED,
    DOTTED,
    GREEN,
    GREY,
    INK,
    LIGHT,
    ORANGE,
    case,
    dashes_of,
    empty_axes,
    ends,
    look,
    ticks,
    words,
)
from matplotlib.colors import to_hex, to_rgba
from numpy.testing import assert_allclose

import lingauss as lg
from lingauss import charts

COSTS = ("bias", "variance", "rank_bottleneck")
SOLID, LONG, DASH_DOT, LONGER = (0, None), (0, (6, 2)), (0, (6, 2, 1, 2)), (0, (8, 3))
PINK = "#cc79a7"


@pytest.fixture
def ax():
    with empty_axes() as ax:
        yield ax


def edges(ax):
    return [line for line in ax.lines if line.get_gid() == "edge"]


def by_rank(**rows):
    size = len(next(iter(rows.values())))
    return xr.Dataset({name: ("student_rank", np.array(row, float)) for name, row in rows.items()},
                      {"student_rank": np.arange(size)})  # fmt: skip


@pytest.mark.parametrize(
    ("total", "top"),
    [([9.0, 2.0, 4.0], 4.0), ([9.0, 2.0, 2.5], 3.0), ([np.inf, 2.0, 2.5], 3.0), ([9.0, 2.0, np.inf], 3.0)],
)
def test_the_stack_is_shown_up_to_its_end_or_one_and_a_half_times_its_least(ax, total, top):
    variance = [1.0, 0.5, 0.25]
    rest = np.array(total) - variance
    charts.ledger_by_rank(by_rank(divergence=total, variance=variance, bias=rest, rank_bottleneck=[0.0] * 3), ax)
    assert_allclose(ax.get_ylim(), (0.0, 1.1 * top))
    assert_allclose(ax.get_xlim(), (0.0, 2.0))
    line = next(line for line in ax.lines if line.get_label() == "divergence")
    assert_allclose(line.get_ydata(), np.where(np.isfinite(total), total, np.nan))
    for area in ax.collections:
        assert np.isfinite(area.get_paths()[0].vertices).all()
    assert len(ax.collections[0].get_paths()) == 1


def test_an_empty_stack_has_an_axis_all_the_same(ax):
    charts.ledger_by_rank(by_rank(divergence=[0, 0], variance=[0, 0], bias=[0, 0], rank_bottleneck=[0, 0]), ax)
    assert ax.get_ylim() == (0.0, 1.0)


def directions(eigenvalues, retained, discarded, kept):
    columns = {"eigenvalue": eigenvalues, "kept": kept, "retained_cost": retained, "discarded_cost": discarded}
    return pd.DataFrame(columns, index=pd.Index(range(1, len(kept) + 1), name="direction"))


@pytest.mark.parametrize(("least", "margin"), [(10.0, 1.2), (1e-3, 1e6**0.03)])
def test_strong_directions_stand_on_the_left_with_a_margin_of_three_hundredths_of_the_decades(ax, least, margin):
    table = directions([1000.0, 500.0, least], [1.0, 2.0, 3.0], [2.0, 3.0, 1.0], [True, True, False])
    charts.ledger_by_direction(table, ax)
    assert_allclose(ax.get_xlim(), (1000.0 * margin, least / margin))
    assert_allclose(ax.get_ylim(), (0.6, 6.0))
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")


@pytest.mark.parametrize("dear", ["retained", "discarded"])
def test_six_decades_below_the_dearest_direction_are_shown(ax, dear):
    costs = {"retained": [2.0, 3e-8], "discarded": [1.0, 2e-9]} | {dear: [50.0, 1e-7]}
    charts.ledger_by_direction(directions([2.0, 1.0], *costs.values(), [True, False]), ax)
    assert_allclose(ax.get_ylim(), (50.0 / 1e6, 100.0))
    assert {mark.get_marker() for mark in edges(ax)} == {"v"}


def test_a_direction_that_costs_the_same_either_way_is_on_no_wrong_side(ax):
    table = directions([4.0, 3.0, 2.0, 1.0], [1.0, 5.0, 2.0, 2.0], [1.0, 6.0, 2.0, 1.0], [True, True, False, False])
    charts.ledger_by_direction(table, ax)
    assert list(words(ax)) == ["kept", "dropped", "if kept", "if dropped"]


def test_seven_wrong_directions_are_told_as_six_and_one_more(ax):
    charts.ledger_by_direction(directions([8.0 - i for i in range(7)], [2.0] * 7, [1.0] * 7, [True] * 7), ax)
    assert list(words(ax))[-1] == "wrong side: no. 1, 2, 3, 4, 5, 6 and 1 more"


@pytest.mark.parametrize(("shares", "shaded"), [
    ([0.2, 0.8], [(0.2, 0.2), (1.0, 1.0)]),
    ([-1.0, 0.5], [(-1.0, 0.0), (1.0, 1.0)]),
    ([-2.0, -1.0], [(-2.0, -1.0), (1.0, 1.0)]),
    ([0.5, 3.0], [(0.5, 0.0), (1.0, 3.0)]),
    ([2.0, 3.0], [(2.0, 0.0), (2.0, 3.0)]),
])  # fmt: skip
def test_shares_beyond_teaching_are_shaded_where_they_are_shown(ax, shares, shaded):
    values = xr.DataArray([[1.0, 2.0]], {"penalty": [1.0], "mixing": shares}, ("penalty", "mixing"))
    charts.mixing_curves(values.to_dataset(name="divergence"), ax)
    low, high = shares
    for patch, (start, stop) in zip(ax.patches, shaded, strict=True):
        found = np.clip(sorted([patch.get_x(), patch.get_x() + patch.get_width()]), low, high)
        assert_allclose(np.ptp(found), max(min(stop, high) - max(start, low), 0.0), atol=1e-12)
    assert ax.get_xlim() == (low, high)


def risks(**more):
    shares, penalties = [-1.0, 0.0, 1.0, 2.0], ("penalty", [1.0, 2.0], {"symbol": "λ"})
    data = {"student_excess_risk": (("penalty", "mixing"), [[4.0, 1.0, 2.0, 5.0], [9.0, 3.0, 2.5, 8.0]])}
    return xr.Dataset(data, {"mixing": shares, "penalty": penalties})


@pytest.mark.parametrize(
    ("options", "low", "high"),
    [({}, 1.0, 9.0), ({"reference": (0.95, "r")}, 0.95, 9.0), ({"highest": 4.5}, 1.0, 4.0),
     ({"reference": (0.95, "r"), "highest": 4.0}, 0.95, 4.0)],
)  # fmt: skip
def test_risks_fill_the_height_with_six_hundredths_of_room(ax, options, low, high):
    charts.mixing_curves(risks(), ax, quantity="student_excess_risk", **options)
    room = 0.06 * (high - low)
    assert_allclose(ax.get_ylim(), (low - room, high + room))
    if "highest" in options:
        assert {mark.get_marker() for mark in edges(ax)} == {"^"}
    if "reference" in options:
        line = next(line for line in ax.lines if line.get_label() == "r")
        assert look(line)[:2] == (INK, DOTTED)
        assert list(line.get_ydata()) == [0.95, 0.95]


def test_costs_over_samples_are_shown_from_half_the_least_to_twice_the_dearest_over_seven_decades_at_most(ax):
    def sized(**rows):
        return xr.Dataset({name: ("n_samples", row) for name, row in rows.items()}, {"n_samples": [10, 100, 1000]})

    costs = {"bias": [0.0, 0.5, 0.25], "variance": [3.0, 4.0, 5.0], "rank_bottleneck": [1.0] * 3}
    results = sized(divergence=[4.0, 9.0, 8.0], **costs)
    charts.sample_size_scaling(results, ax)
    assert_allclose([*ax.get_xlim(), *ax.get_ylim()], [10.0, 1000.0, 0.125, 18.0])
    assert ticks(ax.xaxis) == {10.0: "10", 100.0: "100", 1000.0: "1,000"}
    assert ticks(ax.yaxis) == {1.0: "1", 10.0: "10"}
    assert ax.get_legend() is None
    results["bias"] = ("n_samples", [1e-3, 1e-6, 1e-9])
    other = ax.figure.add_subplot()
    charts.sample_size_scaling(results, other)
    assert_allclose(other.get_ylim(), (9e-7, 18.0))
    assert list(ends(other)) == ["bias ↓", "variance", "rank bottleneck", "divergence"]


def test_layers_are_shown_over_six_decades_and_named_where_they_vanish(ax):
    costs = {"one": [9.0, 4.0, 1e-3], "two": [9.0, 2.0, 1e-7, 0.0, 0.0], "none": [1.0, 0.0], "bare": [3.0]}
    charts.layer_costs(costs, ax, chosen={"one": 1})
    assert_allclose([*ax.get_xlim(), *ax.get_ylim()], [1.0, 4.0, 4e-6, 8.0])
    assert ticks(ax.xaxis) == {1.0: "1", 2.0: "2"}
    named = ends(ax)
    assert {name: round(height, 9) for name, (_, _, height) in named.items()} == {"one": 1e-3, "two": 2.0, "none": 4e-6}
    (mark,) = [line for line in ax.lines if line.get_marker() == "o"]
    assert_allclose(mark.get_xydata(), [[1.0, 4.0]])
    assert look(mark)[3][2] == f"{INK}ff"
    drawn = [line.get_ydata() for line in ax.lines if line is not mark]
    for found, expected in zip(drawn, ([4.0, 1e-3], [2.0, *[np.nan] * 3], [np.nan]), strict=True):
        assert_allclose(found, expected)


def test_losses_are_explained_where_few_are_and_told_at_powers_of_ten(ax):
    rows = {"cost": [1.0, 100.0], "measured": [0.5, 50.0], "measured_error": [0.1, 5.0]}
    data = {name: ("keep", row) for name, row in rows.items()}
    charts.loss_by_size(xr.Dataset(data, {"keep": [0.8, 0.2]}), ax)
    assert list(words(ax)) == ["at second order", "measured"]
    assert ax.get_legend()._get_loc() == 1  # upper right: what keeps most loses least
    assert set(ticks(ax.yaxis).values()) == {"1", "10", "100"}
    (bars,) = ax.collections
    assert to_hex(bars.get_color()[0]) == INK
    assert_allclose(sorted(np.ptp(segment[:, 1]) for segment in bars.get_segments()), [4.0 * 0.1, 4.0 * 5.0])


@pytest.mark.parametrize(("length", "apart"), [(1, 1), (29, 1), (30, 2), (61, 4)])
def test_of_a_path_on_a_map_about_fifteen_beads_are_drawn(ax, length, apart):
    shares = np.linspace(0.1, 0.9, max(length, 2))
    axes = {"mixing": shares, "student_penalty": [1.0, 10.0]}
    results = xr.Dataset({"divergence": (tuple(axes), np.ones((len(shares), 2)), {"units": "nats"})}, axes)
    family = xr.DataArray(np.full(length, 3.0), {"mixing": shares[:length]})
    charts.lossless_valley(results, ax, family=family)
    path = next(line for line in ax.lines if line.get_label() == "lossless family")
    assert path.get_markevery() == apart
    assert look(path)[3] == ("o", "#ffffffff", f"{INK}ff")
    risky = xr.Dataset(
        {name: (("mixing", "student_rank"), factor * np.ones((2, max(length, 2))))
         for name, factor in (("student_excess_risk", 1.0), ("teacher_excess_risk", 2.0))},
        {"mixing": [0.0, 1.0], "student_rank": np.arange(max(length, 2))},
    )  # fmt: skip
    best = xr.DataArray(np.full(length, 0.5), {"student_rank": np.arange(length)})
    other = ax.figure.add_subplot()
    charts.student_beats_teacher(risky, other, best=best)
    beads = next(line for line in other.lines if line.get_label() == "least risk at each rank")
    assert beads.get_markevery() == apart
    assert look(beads)[3] == (".", "#ffffffff", f"{INK}ff")


def test_four_baselines_have_dashes_of_their_own_on_the_map_and_in_the_key(ax):
    risk = np.add.outer(np.linspace(1.0, 2.0, 9), np.linspace(0.0, 3.0, 9))
    axes = {"student_rank": np.arange(9), "mixing": np.linspace(0.0, 1.0, 9)}
    names = tuple(axes)
    results = xr.Dataset(
        {"student_excess_risk": (names, risk), "teacher_excess_risk": (names, np.full((9, 9), 2.0))}, axes
    )
    by_rank = xr.DataArray(np.linspace(3.8, 4.2, 9), {"student_rank": np.arange(9)})
    others = {"one": 2.5, "two": 3.0, "three": 3.5, "four": by_rank}
    charts.student_beats_teacher(results, ax, baselines=others | {"fifth": 4.6})
    key = words(ax)
    patterns = (SOLID, DASHED, DOTTED, DASH_DOT, LONGER)
    assert list(key) == ["as good as its teacher's draw", *(f"as good as {name}" for name in others)]
    assert [(look(sample)[0], dashes_of(sample)) for sample in key.values()] == [(INK, dashes) for dashes in patterns]
    drawn = [lines for lines in ax.collections if type(lines).__name__ == "QuadContourSet"][1:]
    assert len(drawn) == 5
    for lines, (_, pattern) in zip(drawn, patterns, strict=True):
        (_, dashes) = lines.get_linestyles()[0]
        width = lines.get_linewidths()[0]
        assert dashes is None if pattern is None else np.allclose(dashes, np.array(pattern) * width)
        assert to_hex(lines.get_edgecolor()[0]) == INK


@pytest.mark.parametrize(("level", "never"), [(0.9, "never"), (1.0, "never"), (4.0, "always"), (5.0, "always")])
def test_what_is_reached_nowhere_or_everywhere_is_told_so(ax, level, never):
    axes = {"student_rank": [0, 1], "mixing": [0.0, 1.0]}
    student, teacher = ((tuple(axes), rows) for rows in ([[1.0, 2.0], [3.0, 4.0]], [[2.5, 2.5], [2.5, 2.5]]))
    results = xr.Dataset({"student_excess_risk": student, "teacher_excess_risk": teacher}, axes)
    charts.student_beats_teacher(results, ax, baselines={"a level": level})
    assert list(words(ax))[1] == f"as good as a level ({never})"
    assert len([one for one in ax.collections if type(one).__name__ == "QuadContourSet"]) == 2


def test_six_designs_and_three_references_have_signs_of_their_own(ax):
    aims = ["divergence", "student_excess_risk"]
    results = case(draws=8).sweep(student_rank=range(1, 4), mixing=[0.0, 0.5, 1.0], quantities=aims)
    places = [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]
    named = {f"no. {i}": results.isel(student_rank=a, mixing=b) for i, (a, b) in enumerate(places)}
    lowest, highest = (float(results["student_excess_risk"].min()), float(results["student_excess_risk"].max()))
    references = {"one": 0.9 * lowest, "two": 0.95 * lowest, "three": 1.1 * highest}
    charts.pareto_front(results, ax, front=lg.pareto_front(results, aims), named=named, references=references)
    key = list(words(ax).values())
    assert [look(sample)[3] for sample in key[:6]] == [(sign, "#ffffffff", f"{INK}ff") for sign in "Ds^ovP"]
    assert [look(sample)[:2] for sample in key[6:]] == [(GREY, dashes) for dashes in (SOLID, DASHED, DOTTED)]
    divergence = results["divergence"]
    across, up = (0.9 * lowest, 1.1 * highest), (float(divergence.min()), float(divergence.max()))
    for (low, high), limits in ((across, ax.get_xlim()), (up, ax.get_ylim())):
        through = np.log if high >= 10.0 * low else np.asarray
        start, stop = through([low, high])
        assert_allclose(through(limits), [start - 0.05 * (stop - start), stop + 0.05 * (stop - start)])


def test_infinitely_far_designs_are_on_no_front_that_is_drawn(ax):
    axes = {"student_rank": [1, 2, 3]}
    rows = {"divergence": [np.inf, 2.0, 1.0], "student_excess_risk": [0.5, 1.0, 2.0]}
    results = xr.Dataset({name: ("student_rank", row) for name, row in rows.items()}, axes)
    charts.pareto_front(results, ax, front=xr.DataArray([True, True, False], axes))
    beaten, chosen = (one for one in ax.collections if type(one).__name__ == "PathCollection")
    assert chosen.get_offsets().tolist() == [[1.0, 2.0]]
    assert np.asarray(beaten.get_offsets()).tolist()[1:] == [[2.0, 1.0]]


def bounded(*names):
    rows = {f"{name}{side}": [height, height + 1.0] for height, (name, side) in enumerate(names, start=1)}
    data = {
        "value": (("bound", "temperature"), list(rows.values())),
        "student_gap": ("temperature", [0.5, 0.6]),
        "teacher_gap": ("temperature", [0.7, 0.4]),
    }
    return xr.Dataset(data, {"bound": list(rows), "temperature": [10.0, 1000.0]})


def test_families_of_bounds_have_dashes_and_colours_of_their_own_and_only_two_sides_are_shaded(ax):
    names = [("a", ""), ("b", " upper"), ("b", " lower"), ("c", ""), ("d", ""), ("e", "")]
    charts.bounds_and_truth(bounded(*names), ax, families=tuple("abcde"))
    key = words(ax)
    assert list(key) == [*(f"bound: {name}" for name in "abcde"), "exact, student", "exact, teacher"]
    looks = [look(sample)[:2] for sample in key.values()]
    assert looks == [
        (BLUE, SOLID), (ORANGE, LONG), (INK, DOTTED), (INK, DASH_DOT), (INK, SOLID), (INK, SOLID), (INK, DASHED),
    ]  # fmt: skip
    assert len(ax.collections) == 0
    assert (ax.get_xlim(), ax.get_xscale(), ax.get_yscale()) == ((10.0, 1000.0), "log", "linear")
    assert ticks(ax.xaxis) == {10.0: "10", 100.0: "100", 1000.0: "1,000"}
    other = ax.figure.add_subplot()
    charts.bounds_and_truth(bounded(("b", " upper"), ("b", " lower")), other, families=("b",))
    (area,) = other.collections
    assert to_rgba(area.get_facecolor()[0]) == to_rgba(LIGHT)
    assert list(area.get_paths()[0].contains_points([(100.0, 1.0), (100.0, 1.6), (100.0, 2.2)])) == [False, True, False]


def test_four_students_side_by_side_have_dashes_of_their_own(ax):
    names = ["variance proxy upper", "variance proxy lower", "sharpness upper"]
    data = {
        "value": (("penalty", "bound", "temperature"), np.tile([[3.0], [1.0], [5.0]], (4, 1, 2))),
        "holds": (("penalty", "bound", "temperature"), np.ones((4, 3, 2), bool)),
        "student_gap": (("penalty", "temperature"), np.full((4, 2), 2.5)),
        "teacher_gap": (("penalty", "temperature"), np.full((4, 2), 2.0)),
        "distance": (("penalty", "temperature"), np.full((4, 2), 3.0)),
        "radius": (("penalty", "temperature"), np.ones((4, 2))),
    }
    results = xr.Dataset(data, {"bound": names, "temperature": [1.0, 50.0], "penalty": [1.0, 2.0, 3.0, 4.0]})
    charts.tightness_regime(results, ax)
    samples = [words(ax)[f"penalty = {value}"] for value in (1, 2, 3, 4)]
    assert [look(sample)[:2] for sample in samples] == [(INK, dashes) for dashes in (SOLID, LONG, DOTTED, DASH_DOT)]
    drawn = [dashes_of(line) for line in ax.lines if to_hex(line.get_color()) == ORANGE]
    assert drawn == [SOLID, LONG, DOTTED, DASH_DOT]


def simulated(axis="student_rank", points=(1, 2, 5), **rows):
    rows = rows or {"bias": [1.0, 2.0, 3.0]}
    data, told = {}, {"units": "nats"}
    for number, (name, exact) in enumerate(rows.items()):
        exact = np.array(exact)
        data[name] = (axis, exact, told | {"long_name": f"the {name}"})
        data[f"{name}_simulated"] = (axis, exact + 0.1 * np.array([1.0, -2.0, 0.5]) * (number + 1))
        data[f"{name}_standard_error"] = (axis, [0.1, 0.1, 0.1])
    return xr.Dataset(data, {axis: list(points)})


def test_other_quantities_have_colours_and_markers_of_their_own_and_the_names_they_bring(ax):
    names = ("bias", "alpha", "beta", "gamma")
    results = simulated(**{name: [10.0 * i, 20.0 * i, 15.0 * i] for i, name in enumerate(names, start=1)})
    charts.theory_and_simulation(results, ax, quantities=names)
    below = ax.figure.axes[1]
    expected = {"bias": (BLUE, "o"), "the alpha": (INK, "D"), "the beta": (GREEN, "v"), "the gamma": (PINK, "P")}
    for name, (colour, marker) in expected.items():
        assert look(words(below)[name])[3] == (marker, f"{colour}ff", f"{INK}ff")
    assert list(words(below)) == list(expected)
    lines = [line for line in below.lines if line.get_label() in expected]
    for number, line in enumerate(lines):  # beside each other by eight thousandths of the axis
        assert_allclose(line.get_xdata(), np.array([1, 2, 5]) + 0.008 * 4.0 * (number - 1.5))
        assert_allclose(line.get_ydata(), np.array([1.0, -2.0, 0.5]) * (number + 1))
    zero = next(line for line in below.lines if len(line.get_xdata()) == 2)
    assert list(zero.get_ydata()) == [0.0, 0.0]
    assert to_hex(zero.get_color()) == INK
    assert_allclose(below.get_ylim(), (-8.5, 8.5))
    assert below.get_yticks().tolist() == [-4.0, -2.0, 0.0, 2.0, 4.0]
    assert_allclose(ax.get_xlim(), (1 - 0.12, 5 + 0.12))
    assert ticks(below.xaxis).keys() <= {1.0, 2.0, 3.0, 4.0, 5.0}
    assert ax.xaxis.get_tick_params()["labelbottom"] is False
    assert to_rgba(below.patches[0].get_facecolor()) == to_rgba(LIGHT)
    exact = np.array([results[name] for name in names])
    found = np.array([results[f"{name}_simulated"] for name in names])
    low, high = min(exact.min(), found.min()), max(exact.max(), found.max())
    assert high < 10.0 * low
    assert_allclose(ax.get_ylim(), (low - 0.05 * (high - low), high + 0.1 * (high - low)))


def test_the_panel_of_deviations_is_36_hundredths_as_high_as_that_of_costs(ax):
    charts.theory_and_simulation(simulated(), ax, quantities=("bias",))
    below = ax.figure.axes[1]
    assert_allclose(ax.get_subplotspec().get_gridspec().get_height_ratios(), (1.0, 0.36))
    assert below.get_shared_x_axes().joined(ax, below)
    assert below.get_ylim() == (-4.5, 4.5)
    free = ax.figure.add_axes((0.2, 0.5, 0.6, 0.4))
    charts.theory_and_simulation(simulated(), free, quantities=("bias",))
    (inset,) = free.child_axes
    inset.apply_aspect(inset.get_axes_locator()(inset, None))
    high = free.bbox.height
    assert_allclose([inset.bbox.height, free.bbox.y0 - inset.bbox.y1], [0.36 * high, 0.08 * high])
    assert_allclose([inset.bbox.x0, inset.bbox.x1], [free.bbox.x0, free.bbox.x1])


def test_over_another_axis_simulations_are_fitted_like_any_chart_and_what_has_no_scatter_must_agree(ax):
    results = simulated("temperature", (1.0, 10.0, 100.0))
    results["bias_standard_error"][:] = [0.0, 0.0, 0.1]
    results["bias_simulated"][0] = 1.0 + 5e-10
    charts.theory_and_simulation(results, ax, quantities=("bias",))
    below = ax.figure.axes[1]
    (apart,) = [line for line in below.lines if line.get_label() == "bias"]
    assert_allclose(apart.get_ydata(), [0.0, -np.inf, 0.5])
    assert (ax.get_xscale(), below.get_ylim()) == ("log", (-4.5, 4.5))
    assert_allclose(ax.get_xlim(), (1.0 / 100.0**0.03, 100.0 * 100.0**0.03))
    results["bias_simulated"][0] = 1.0 + 2e-9
    other = ax.figure.add_subplot()
    charts.theory_and_simulation(results, other, quantities=("bias",))
    (apart,) = [line for line in ax.figure.axes[-1].lines if line.get_label() == "bias"]
    assert_allclose(apart.get_ydata(), [np.inf, -np.inf, 0.5])


def rounds(limits):
    told = {"long_name": "risk", "units": "1"}
    data = {
        "risk": (("round", "mixing"), [[4.0, 3.0], [3.0, 2.0], [2.5, 3.0]], told),
        "limit_risk": ("mixing", limits),
        "least_risk": ("round", [3.0, 1.5, 1.25]),
    }
    return xr.Dataset(data, {"round": ("round", [1, 2, 3], {"long_name": "round"}), "mixing": [0.5, 1.0]})


@pytest.mark.parametrize("limits", [[2.4, 2.6], [2.4, 50.0], [0.01, 50.0]])
def test_limits_beyond_the_axes_are_marked_and_explained_once(ax, limits):
    charts.repeated_distillation(rounds(limits), ax, quantity="risk", least_name="the best there are")
    room = 0.08 * (4.0 - 1.25)
    assert_allclose(ax.get_ylim(), (1.25 - room, 4.0 + room))
    outside = sum(not 1.0 < limit < 5.0 for limit in limits)
    key = list(words(ax))
    assert key == ["the best there are", "infinite rounds", *["farther off"] * bool(outside)]
    assert len(edges(ax)) == outside
    assert {line.get_marker() for line in edges(ax)} <= {"^", "v"}
    assert ticks(ax.xaxis) == {1.0: "1", 2.0: "2", 3.0: "3"}
    best = next(line for line in ax.lines if line.get_label() == "the best there are")
    assert look(best)[0] == BLUE
    assert look(best)[3][0] == "."
    assert not best.get_clip_on()
    guide = words(ax)["infinite rounds"]
    assert look(guide)[:3] == (GREY, DASHED, 0.6)


def test_risks_over_rank_are_steps_between_the_first_rank_and_the_last(ax):
    results = by_rank(student_excess_risk=[3.0, 1.0, 2.0], teacher_excess_risk=[2.0, 2.5, 2.5])
    charts.risk_by_rank(results, ax, best=1, recommended=0)
    student, teacher, *marks = ax.lines
    assert student.get_drawstyle() == "steps-mid"
    assert_allclose(teacher.get_ydata(), 2.5)
    assert to_hex(teacher.get_color()) == INK
    assert_allclose(ax.get_xlim(), (0.0, 2.0))
    assert not any(mark.get_clip_on() for mark in marks)
    assert ticks(ax.xaxis) == {0.0: "0", 1.0: "1", 2.0: "2"}
    assert ticks(ax.yaxis) == {1.0: "1", 2.0: "2"}


def test_ranks_that_span_a_decade_are_counted_all_the_same(ax):
    ranks, ledger = np.arange(1, 21), ("total", "bias", "variance", "rank_bottleneck", "training")
    names = [*(f"process_{cost}" for cost in ledger), "divergence", *COSTS]
    both = xr.Dataset({name: ("student_rank", np.linspace(2.0, 5.0, 20)) for name in names}, {"student_rank": ranks})
    charts.process_and_weights(both, ax)
    values = dict.fromkeys(("variance proxy upper", "variance proxy lower", "sharpness upper"), np.ones(20))
    rows = dict.fromkeys(("student_gap", "teacher_gap", "distance", "radius"), ("student_rank", 0.5 * np.ones(20)))
    along = ("bound", "student_rank")
    regime = xr.Dataset(
        rows | {"value": (along, list(values.values())), "holds": (along, np.ones((3, 20), bool))},
        {"bound": list(values), "student_rank": ranks},
    )
    regime["value"].loc[{"bound": "sharpness upper"}] = 2.0
    charts.tightness_regime(regime, ax.figure.add_subplot())
    charts.theory_and_simulation(
        simulated("student_rank", (1, 10, 20)), ax.figure.add_axes((0.2, 0.5, 0.6, 0.4)), quantities=("bias",)
    )
    for one in ax.figure.axes:
        assert one.get_xscale() == "linear"
        assert {place for place in one.xaxis.get_majorticklocs() if 1 <= place <= 20} <= {5.0, 10.0, 15.0, 20.0}
