"""Curves beside each other read back: two ledgers, two bounds, errors on new rows, risks of several learners.

As in test_reading.py, every word is followed to what is drawn in its colour and dashes, and that to its numbers.
"""

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from charts.chart_reading import (
    BLUE,
    DASHED,
    GREEN,
    GREY,
    INK,
    LIGHT,
    ORANGE,
    RANK,
    assert_names_are_at_their_curves,
    assert_shades_run,
    assert_ticks_tell_where_they_stand,
    case,
    dashes_of,
    empty_axes,
    look,
    the_line,
    ticks,
    words,
)
from matplotlib.colors import to_hex, to_rgba
from numpy.testing import assert_allclose

import lingauss as lg
from lingauss import charts

COSTS = ("bias", "variance", "rank_bottleneck")
LEDGERS = (
    *("divergence", *COSTS),
    *(f"process_{cost}" for cost in ("total", *COSTS, "training")),
)
OF_WEIGHTS = {"total": "divergence", "bias": "bias", "variance": "variance", "rank bottleneck": "rank_bottleneck"}
COST_LINES = {"total": INK, "bias": BLUE, "variance": ORANGE, "rank bottleneck": GREY, "training": GREEN}


@pytest.fixture
def ax():
    with empty_axes() as ax:
        yield ax


def curve(ax, colour, dashes):
    """The numbers of the one curve of a colour and dashes."""
    (line,) = [
        one
        for one in ax.lines
        if to_hex(one.get_color()) == colour
        and one.get_linestyle() != "None"
        and dashes_of(one) == dashes
        and one.get_gid() != "edge"
    ]
    return line.get_xydata()


SOLID = (0, None)


@pytest.mark.parametrize("axis", ["student_rank", "temperature"])
def test_both_ledgers_have_the_colours_of_their_costs_and_the_dashes_of_their_kind(ax, axis):
    values = range(9) if axis == "student_rank" else np.geomspace(0.1, 100.0, 9)
    results = case(draws=8).sweep(**{axis: values}, quantities=LEDGERS)
    x = results[axis].to_numpy()
    best_process, best_weights = (float(results[name].idxmin()) for name in ("process_total", "divergence"))
    charts.process_and_weights(results, ax, best_process=best_process, best_weights=best_weights)
    key = words(ax)
    assert list(key) == [*COST_LINES, "of the process", "of the weights", "least total"]
    assert {name: look(key[name])[:2] for name in COST_LINES} == {
        name: (colour, SOLID) for name, colour in COST_LINES.items()
    }
    assert [look(key[word])[:2] for word in ("of the process", "of the weights")] == [(GREY, SOLID), (GREY, DASHED)]
    assert look(key["least total"])[3] == ("o", f"{INK}ff", f"{INK}ff")
    for name, colour in COST_LINES.items():
        process = results[f"process_{name.replace(' ', '_')}"]
        drawn = curve(ax, colour, SOLID)
        assert_allclose(drawn, np.column_stack([x, process.where(process > 0.0)]))
        if name in OF_WEIGHTS:
            weights = results[OF_WEIGHTS[name]]
            assert_allclose(curve(ax, colour, DASHED), np.column_stack([x, weights.where(weights > 0.0)]))
    marks = {to_hex(one.get_markerfacecolor()): one.get_xydata() for one in ax.lines if one.get_marker() == "o"}
    assert_allclose(marks.pop(INK), [[best_process, float(results["process_total"].min())]])
    assert_allclose(marks.pop("#ffffff"), [[best_weights, float(results["divergence"].min())]])
    assert not marks
    low, high = ax.get_ylim()
    drawn = np.array([results[name].where(results[name] > 0.0) for name in LEDGERS])
    top = float(results["process_total"].max())
    assert top < high < 10.0 * top
    assert low == pytest.approx(max(top * 1e-4, low))
    assert low <= np.nanmin(drawn) or low == pytest.approx(top * 1e-4)
    assert_allclose(ax.get_xlim(), (x[0], x[-1]))
    assert (ax.get_xscale(), ax.get_yscale()) == ("linear" if axis == "student_rank" else "log", "log")
    assert ax.get_xlabel() == (RANK if axis == "student_rank" else "soft-label temperature τ")
    assert ax.get_ylabel() == "cost (nats)"
    assert_ticks_tell_where_they_stand(ax.xaxis)
    assert_ticks_tell_where_they_stand(ax.yaxis)


@pytest.mark.parametrize("dearer", ["process_total", "divergence"])
def test_of_two_ledgers_four_decades_below_the_dearer_total_are_shown(ax, dearer):
    ranks = {"student_rank": np.arange(3)}
    values = {name: [2.0, 1.0, 3.0] for name in LEDGERS} | {"bias": [1e-7, 1.0, 1.0], dearer: [5.0, 700.0, 6.0]}
    results = xr.Dataset({name: ("student_rank", row) for name, row in values.items()}, ranks)
    results["process_training"] = 0.0 * results["bias"]
    charts.process_and_weights(results, ax)
    assert ax.get_ylim()[0] == pytest.approx(0.07)
    assert ax.get_ylim()[1] > 700.0
    assert list(words(ax)) == [*list(COST_LINES)[:4], "of the process", "of the weights"]
    (mark,) = [line for line in ax.lines if line.get_gid() == "edge"]
    assert (mark.get_marker(), to_hex(mark.get_color())) == ("v", BLUE)


def test_of_two_ledgers_no_more_than_what_costs_is_shown(ax):
    results = case(draws=8).sweep(temperature=[1.0, 3.0, 10.0], quantities=LEDGERS)
    charts.process_and_weights(results, ax)
    least = float(results[list(OF_WEIGHTS.values())].to_array().min())
    assert 0.3 * least < ax.get_ylim()[0] < least


PENALTIES = (6.0, 60.0)
TEMPERATURES = np.geomspace(0.1, 1000.0, 9)


@pytest.fixture(scope="module")
def regime():
    """Two students side by side, of which one comes within the radius."""
    curves = [lg.bound_curves(case(rank=8, student_penalty=p), "temperature", TEMPERATURES) for p in PENALTIES]
    beside = xr.DataArray(list(PENALTIES), dims="student_penalty", attrs={"symbol": "λ_S"})
    return xr.concat(curves, beside.rename("student_penalty"), combine_attrs="drop_conflicts")


def test_bounds_are_told_by_colour_and_students_by_dashes(ax, regime):
    charts.tightness_regime(regime, ax)
    key = words(ax)
    names = {"sub-Gaussian": BLUE, "sharpness-aware": ORANGE, "exact": INK}
    assert list(key) == [*names, "λ_S = 6", "λ_S = 60", "sharpness is tighter", "ϱ = ϱ₀"]
    assert {name: look(key[name])[:2] for name in names} == {name: (colour, SOLID) for name, colour in names.items()}
    assert curve(ax, BLUE, SOLID)[:, 1].tolist() == [1.0, 1.0]
    for penalty in PENALTIES:
        one = regime.sel(student_penalty=penalty)
        sample = key[f"λ_S = {penalty:g}"]
        assert to_hex(sample.get_color()) == INK
        width = one["value"].sel(bound="variance proxy upper") - one["teacher_gap"]
        sharp = (one["value"].sel(bound="sharpness upper") - one["teacher_gap"]) / width
        exact = np.abs(one["student_gap"] - one["teacher_gap"]) / width
        assert_allclose(curve(ax, ORANGE, dashes_of(sample)), np.column_stack([TEMPERATURES, sharp]))
        assert_allclose(curve(ax, INK, dashes_of(sample)), np.column_stack([TEMPERATURES, exact]))
    assert (ax.get_xlabel(), ax.get_xscale()) == ("soft-label temperature τ", "log")
    assert ax.get_ylabel() == "distance of the gaps\n(sub-Gaussian bound = 1)"
    assert_allclose(ax.get_xlim(), TEMPERATURES[[0, -1]])
    highest = max(1.0, *(line.get_ydata().max() for line in ax.lines if len(line.get_xdata()) > 2))
    assert_allclose(ax.get_ylim(), (0.0, 1.05 * highest))
    assert_ticks_tell_where_they_stand(ax.xaxis)
    assert_ticks_tell_where_they_stand(ax.yaxis)


def test_it_is_shaded_and_ringed_where_the_student_is_within_the_radius(ax, regime):
    charts.tightness_regime(regime, ax)
    key = words(ax)
    one = regime.sel(student_penalty=60.0)
    inside = (one["distance"] < one["radius"]).to_numpy()
    assert 0 < inside.sum() < len(inside)
    outer, inner = ax.collections
    assert to_rgba(key["sharpness is tighter"].get_facecolor()) == to_rgba(LIGHT)
    assert len(outer.get_paths()) == 0
    assert to_rgba(inner.get_facecolor()[0]) == to_rgba(LIGHT)
    (area,) = inner.get_paths()
    width = one["value"].sel(bound="variance proxy upper") - one["teacher_gap"]
    sharp = ((one["value"].sel(bound="sharpness upper") - one["teacher_gap"]) / width).to_numpy()
    assert_allclose(area.vertices[:, 1].max(), 1.0)
    assert_allclose(area.vertices[:, 1].min(), sharp.min())
    for temperature, height, shaded in zip(TEMPERATURES[1:-1], sharp[1:-1], inside[1:-1], strict=True):
        assert area.contains_point((temperature, 0.5 * (1.0 + height))) == shaded
    (ring,) = [line for line in ax.lines if line.get_marker() == "o"]
    assert look(ring)[3] == look(key["ϱ = ϱ₀"])[3] == ("o", "#ffffffff", f"{INK}ff")
    ((at, height),) = ring.get_xydata()
    assert height == 1.0
    here = lg.bound_curves(case(rank=8, student_penalty=60.0), "temperature", [at])
    assert_allclose(here["distance"], here["radius"], rtol=5e-3)  # between points half a decade apart


def lopsided(**changes):
    """A bound of Chernoff's kind that reaches 4 above a teacher's gap of 3 and 2 below it, beside a sharper one."""
    axis = {"long_name": "student rank", "symbol": "r", "units": "directions"}
    value = {"Chernoff upper": 7.0, "Chernoff lower": 1.0, "sharpness upper": 3.0 + 4.0 * np.array([3.0, 0.5, 0.25])}
    value |= changes.pop("value", {})
    radius, distance = np.array([1.0, 2.0, 4.0]), np.array([3.0, 1.0, 1.0])
    data = {
        "value": (("bound", "student_rank"), np.array([np.broadcast_to(row, 3) for row in value.values()])),
        "holds": (("bound", "student_rank"), np.ones((len(value), 3), bool)),
        "teacher_gap": ("student_rank", [3.0] * 3),
        "student_gap": ("student_rank", [3.4, 2.2, 3.0]),
        "distance": ("student_rank", distance),
        "radius": ("student_rank", radius),
    }
    return xr.Dataset(data, coords={"bound": list(value), "student_rank": ("student_rank", [0, 1, 2], axis)})


def test_a_bound_with_unequal_sides_has_both_and_says_its_name(ax):
    charts.tightness_regime(lopsided(), ax)
    assert list(words(ax)) == ["Chernoff", "sharpness-aware", "exact", "sharpness is tighter", "ϱ = ϱ₀"]
    one, below = (line for line in ax.lines if to_hex(line.get_color()) == BLUE)
    assert list(one.get_ydata()) == [1.0, 1.0]
    assert_allclose(below.get_xydata(), [[0.0, 0.5], [1.0, 0.5], [2.0, 0.5]])
    assert below.get_linewidth() < one.get_linewidth()
    assert_allclose(curve(ax, ORANGE, SOLID)[:, 1], [3.0, 0.5, 0.25])
    assert_allclose(curve(ax, INK, SOLID)[:, 1], [0.1, 0.2, 0.0], atol=1e-12)
    (ring,) = [line for line in ax.lines if line.get_marker() == "o"]
    # The ratio of distance and radius falls from 3 to 1/2; rank 0 has no logarithm, and is gone from evenly.
    assert_allclose(ring.get_xydata(), [[np.log(3.0) / np.log(6.0), 1.0]])
    assert (ax.get_xlabel(), ax.get_xscale()) == (RANK, "linear")
    assert ax.get_ylabel() == "distance of the gaps\n(Chernoff bound = 1)"
    assert_allclose(ax.get_ylim(), (0.0, 1.05 * 3.0))
    assert ticks(ax.xaxis) == {0.0: "0", 1.0: "1", 2.0: "2"}


@pytest.mark.parametrize("fails", [False, True])
def test_the_unit_is_the_variance_proxy_where_its_hypothesis_holds_everywhere(ax, fails):
    proxy = {"variance proxy upper": 5.0, "variance proxy lower": 1.0}
    results = lopsided(value=proxy)
    results["holds"].loc[{"bound": "variance proxy upper", "student_rank": 1}] = not fails
    charts.tightness_regime(results, ax)
    assert next(iter(words(ax))) == ("Chernoff" if fails else "sub-Gaussian")
    assert_allclose(curve(ax, ORANGE, SOLID)[:, 1], np.array([3.0, 0.5, 0.25]) * (1.0 if fails else 2.0))


ERROR = {"long_name": "RMSE of price", "units": "thousand dollars"}


def errors():
    told = {"long_name": "directions of 9 features kept"}
    columns = {
        "error": [9.0, 5.0, 6.0, 3.5, 4.0, 3.9],
        "standard_error": [0.5, 0.25, 0.125, 0.75, 1.0, 0.375],
        "error_at_inputs": [8.0, 5.5, 3.0, 3.25, 2.0, 2.5],
    }
    data = {name: ("student_rank", np.array(values), ERROR) for name, values in columns.items()}
    return xr.Dataset(data, {"student_rank": ("student_rank", np.arange(2, 8), told)})


def test_errors_on_new_rows_stand_in_a_band_of_one_standard_error(ax):
    results = errors()
    choices = {"recommended": 5, "best on new rows": 7, "fewest": 2, "median": 4, "last": 6}
    charts.error_by_rank(results[{"student_rank": slice(None, None, -1)}], ax, choices=choices)
    key = words(ax)
    told = {f"{name}: {rank}": rank for name, rank in choices.items()}
    assert list(key) == ["± 1 s.e.", "new rows", "training inputs, predicted", *told]
    ranks = np.arange(2, 8)
    assert look(key["new rows"])[:2] == (BLUE, SOLID)
    assert_allclose(the_line(ax, "new rows").get_xydata(), np.column_stack([ranks, results["error"]]))
    assert look(key["training inputs, predicted"])[:2] == (INK, DASHED)
    (inputs,) = [line for line in ax.lines if line.get_label() == "training inputs, predicted"]
    assert_allclose(inputs.get_xydata(), np.column_stack([ranks, results["error_at_inputs"]]))
    assert look(inputs) == look(key["training inputs, predicted"])
    (band,) = ax.collections
    assert to_rgba(band.get_facecolor()[0]) == to_rgba(key["± 1 s.e."].get_facecolor()) == to_rgba(BLUE, 0.2)
    for rank, middle, spread in zip(ranks[1:-1], results["error"][1:], results["standard_error"][1:], strict=False):
        edges = [float(middle + sign * share * spread) for sign in (-1, 1) for share in (0.99, 1.01)]
        inside = band.get_paths()[0].contains_points([(rank, height) for height in edges])
        assert inside.tolist() == [True, False, True, False]
    faces = iter(("#ffffff", ORANGE, LIGHT, INK, INK))
    drawn = {line.get_label(): line for line in ax.lines}
    for word, rank in told.items():
        assert look(drawn[word])[3] == look(key[word])[3] == ("o", f"{next(faces)}ff", f"{INK}ff")
        assert_allclose(drawn[word].get_xydata(), [[rank, float(results["error"].sel(student_rank=rank))]])
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("directions of 9 features kept", "RMSE of price (thousand dollars)")
    assert_allclose(ax.get_xlim(), (2, 7))
    assert ticks(ax.xaxis) == {float(rank): str(rank) for rank in range(2, 8)}


def test_ranks_without_a_name_are_directions_kept(ax):
    results = errors()
    results["student_rank"].attrs.clear()
    charts.error_by_rank(results, ax)
    assert ax.get_xlabel() == "directions kept"
    assert list(words(ax)) == ["± 1 s.e.", "new rows", "training inputs, predicted"]


RISKS = {
    "true labels": [2.0, 9.0, np.inf, 0.7, 0.3],
    "soft labels": [1.5, 5.0, 8.0, 0.5, 0.4],
    "best mixture": [1.0, 3.0, 0.9, 0.2, 0.25],
}


def risks(**changed):
    rows = np.array(list((RISKS | changed).values()))
    told = {"long_name": "excess risk of the student", "units": "squared label units"}
    sizes = ("n_samples", [10, 30, 100, 300, 1000], {"long_name": "training samples", "symbol": "n"})
    data = {"excess_risk": (("learner", "n_samples"), rows, told)}
    return xr.Dataset(data, {"learner": list(RISKS), "n_samples": sizes})


@pytest.mark.parametrize("wide", [False, True])
def test_learners_bear_their_names_at_their_risks_and_a_peak_to_infinity_leaves_the_axes(ax, wide):
    results = risks(**({"best mixture": [1.0, 3.0, 0.9, 0.05, 0.06]} if wide else {}))
    charts.risk_by_samples(results, ax, directions=100)
    lowest = float(results["excess_risk"].min())
    heights = {name: float(results["excess_risk"].sel(learner=name)[-1]) for name in RISKS}
    assert_names_are_at_their_curves(ax, heights)
    assert_shades_run(ax, list(heights), "cividis", 0.8)
    colours = []
    for name in RISKS:
        (line,) = [one for one in ax.lines if one.get_ydata()[-1] == heights[name] and one.get_gid() != "edge"]
        values = results["excess_risk"].sel(learner=name).to_numpy()
        finite = np.isfinite(values)
        assert_allclose(line.get_xydata()[finite], np.column_stack([results["n_samples"], values])[finite])
        assert np.all(line.get_ydata()[~finite] > 100.0 * ax.get_ylim()[1])  # upright on the page
        colours.append(line.get_color())
    assert len({to_hex(colour) for colour in colours}) == 3
    marks = [line for line in ax.lines if line.get_gid() == "edge"]
    assert [(line.get_marker(), to_hex(line.get_color())) for line in marks] == [("^", to_hex(colours[0]))] * 2
    assert list(words(ax)) == ["n = directions"]
    (guide,) = [line for line in ax.lines if line.get_label() == "n = directions"]
    assert list(guide.get_xdata()) == [100, 100]
    assert look(guide)[:2] == (GREY, DASHED)
    assert (ax.get_xlabel(), ax.get_ylabel()) == (
        "training samples n",
        "excess risk of the student\n(squared label units)",
    )
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    assert_allclose([*ax.get_xlim(), *ax.get_ylim()], [10, 1000, 0.8 * lowest, 1.25 * 9.0])
    assert ticks(ax.xaxis) == {10.0: "10", 100.0: "100", 1000.0: "1,000"}
    assert set(ticks(ax.yaxis)) == ({0.1, 1.0, 10.0} if wide else {0.2, 0.5, 1.0, 2.0, 5.0, 10.0})


def test_three_decades_above_the_least_risk_are_shown_at_most(ax):
    charts.risk_by_samples(risks(**{"best mixture": [1.0, 3.0, 0.9, 0.001, 0.25]}), ax)
    assert_allclose(ax.get_ylim(), (0.8 * 0.001, 1.25 * 1.0))
    assert ax.get_legend() is None
    assert list(pd.unique(np.array([line.get_gid() == "edge" for line in ax.lines[3:]]))) == [True]
