"""Plotters draw exactly the numbers they are given, in the house style, and say what they lack."""

import contextlib
import itertools
import re

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from numpy.testing import assert_allclose

import lingauss as lg
from lingauss import charts
from lingauss.charts.house import COST_COLOURS
from lingauss.errors import LingaussError, MissingResultError

RANKS = np.arange(4)
NATS = {"units": "nats"}


def coordinate(name, values, long_name, units):
    return (name, values, {"long_name": long_name, "units": units, "symbol": name[0]})


def ranked(values=RANKS):
    return coordinate("student_rank", values, "student rank", "directions")


@pytest.fixture
def ax():
    with charts.style():
        yield Figure().add_subplot()


@pytest.fixture
def ledger():
    costs = {
        "bias": [0.0, 1.0, 1.5, 1.75],
        "variance": [0.0, 2.0, 4.0, 9.0],
        "rank_bottleneck": [20.0, 6.0, 3.0, 0.0],
    }
    costs["divergence"] = np.sum(list(costs.values()), axis=0)
    data = {name: ("student_rank", values, NATS) for name, values in costs.items()}
    return xr.Dataset(data, coords={"student_rank": ranked()})


@pytest.fixture
def grid():
    noise = coordinate("label_noise", [0.1, 1.0, 10.0], "label noise", "standard deviation")
    values = np.outer([8.0, 4.0, 2.0, 3.0], [100.0, 10.0, 1.0])
    data = {"divergence": (("student_rank", "label_noise"), values, {"long_name": "divergence", **NATS})}
    return xr.Dataset(data, coords={"student_rank": ranked(), "label_noise": noise})


@pytest.fixture
def curves():
    temperature = coordinate("temperature", [0.5, 1.0, 2.0], "temperature", "variance ratio")
    values = [[9.0, 8.0, 8.5], [4.0, 3.0, 2.0]]
    data = {"divergence": (("student_rank", "temperature"), values, {"long_name": "divergence", **NATS})}
    return xr.Dataset(data, coords={"student_rank": ranked([2, 5]), "temperature": temperature})


def test_the_stack_of_costs_ends_at_the_divergence(ax, ledger):
    areas = charts.ledger_by_rank(ledger, ax)[:3]
    assert [area.get_label() for area in areas] == ["variance", "bias", "rank bottleneck"]
    for rank in RANKS[1:-1]:
        top = 0.0
        for area, cost in zip(areas, ("variance", "bias", "rank_bottleneck"), strict=True):
            bottom, top = top, top + float(ledger[cost][rank])
            inside = area.get_paths()[0].contains_points(
                [(rank, bottom + 1e-6), (rank, top - 1e-6), (rank, top + 1e-6)]
            )
            assert inside.tolist() == [True, True, False]
        assert top == float(ledger["divergence"][rank])


def test_marked_ranks_lie_on_the_divergence(ax, ledger):
    best, recommended = charts.ledger_by_rank(ledger, ax, best=2, recommended=1)[4:6]
    assert best.get_xydata().tolist() == [[2.0, 8.5]]
    assert recommended.get_xydata().tolist() == [[1.0, 9.0]]
    assert best.get_label() == "best: rank 2"


def test_the_map_shows_every_value_and_the_path_the_given_ranks(ax, grid):
    best = grid["divergence"].idxmin("student_rank")
    image, _, path, line = charts.rank_noise_map(grid.transpose("label_noise", "student_rank"), ax, best=best, at=0.5)
    assert_allclose(image.get_array(), grid["divergence"].to_numpy())
    assert image.norm.vmin == 2.0
    assert path.get_ydata().tolist() == [2, 2, 2]
    assert line.get_xdata() == [0.5, 0.5]


def test_curves_are_the_given_values_and_optima_lie_on_them(ax, curves):
    best = curves["divergence"].idxmin("temperature")
    first, second, optima, limit, *_ = charts.temperature_curves(curves, ax, best=best, limit=5.0)
    assert first.get_ydata().tolist() == [9.0, 8.0, 8.5]
    assert second.get_ydata().tolist() == [4.0, 3.0, 2.0]
    assert optima.get_xydata().tolist() == [[1.0, 8.0], [2.0, 2.0]]
    assert limit.get_xdata() == [5.0, 5.0]


def test_axes_are_labelled_with_units(ax, curves):
    charts.temperature_curves(curves, ax)
    assert ax.get_xlabel() == "temperature t (variance ratio)"
    assert ax.get_ylabel() == "divergence (nats)"


def swept(axes, **quantities):
    """A Dataset over named axes, as a sweep returns it."""
    shape = [len(values) for values in axes.values()]
    data = {name: (tuple(axes), np.reshape(values, shape), NATS) for name, values in quantities.items()}
    return xr.Dataset(data, coords={name: coordinate(name, values, name, "1") for name, values in axes.items()})


RANKS_BY_TEMPERATURE = {"student_rank": [0, 1, 2], "temperature": [0.1, 1.0, 10.0]}


def test_the_largest_cost_of_every_cell_is_drawn(ax):
    costs = {
        "bias": [1, 1, 1, 5, 5, 1, 1, 1, 1],
        "variance": [2, 2, 9, 1, 1, 9, 0, 0, 9],
        "rank_bottleneck": [9, 9, 1, 1, 1, 1, 0, 0, 0],
    }
    results = swept(RANKS_BY_TEMPERATURE, **costs)
    best = results["bias"].idxmin("student_rank")
    image, *_, path = charts.dominance_map(results.transpose("temperature", ...), ax, best=best)
    assert image.get_array().tolist() == [[2, 2, 1], [0, 0, 1], [0, 0, 1]]
    assert path.get_ydata().tolist() == [0, 0, 0]
    assert ax.get_xscale() == "log"


def test_regions_of_the_dominance_map_carry_their_names_inside(ax):
    ranks, temperatures = np.arange(20), np.geomspace(0.1, 10.0, 20)
    colder = np.broadcast_to(temperatures < 1.0, (20, 20)).astype(float)
    results = swept(
        {"student_rank": ranks, "temperature": temperatures},
        bias=colder,
        variance=1.0 - colder,
        rank_bottleneck=0 * colder,
    )
    _, bias, variance = charts.dominance_map(results, ax)
    assert [bias.get_text(), variance.get_text()] == ["bias", "variance"]
    assert bias.get_position()[0] < 1.0 < variance.get_position()[0]


@pytest.fixture
def scaling():
    costs = {
        "bias": [1.0, 0.5, 0.05],
        "variance": [5.0, 6.0, 6.0],
        "rank_bottleneck": [0.1, 2.0, 30.0],
        "divergence": [6.1, 8.5, 36.05],
    }
    return swept({"n_samples": [10, 100, 1000]}, **costs)


def test_costs_over_samples_are_the_given_ones_beside_their_laws(ax, scaling):
    lines = charts.sample_size_scaling(scaling, ax, asymptotes=2.0 * scaling)
    order = ("bias", "variance", "rank_bottleneck", "divergence")
    assert [line.get_ydata().tolist() for line in lines[:4]] == [scaling[name].values.tolist() for name in order]
    assert [line.get_ydata().tolist() for line in lines[4:7]] == [
        (2 * scaling[name]).values.tolist() for name in order[:3]
    ]
    assert [name.get_text() for name in lines[7:]] == ["bias", "variance", "rank bottleneck", "divergence"]


def test_names_at_the_ends_of_curves_keep_their_order_and_their_distance(ax, scaling):
    names = charts.sample_size_scaling(scaling, ax)[4:8]
    canvas = FigureCanvasAgg(ax.figure)
    canvas.draw()
    boxes = [name.get_window_extent(canvas.get_renderer()) for name in names]
    assert [name.get_text() for name in names] == ["bias", "variance", "rank bottleneck", "divergence"]
    for below, above in itertools.pairwise(boxes):
        assert below.y1 <= above.y0 + 1.0


@pytest.fixture
def table():
    columns = {
        "eigenvalue": [100.0, 10.0, 1.0, 0.0],
        "kept": [True, True, False, False],
        "retained_cost": [1.0, 2.0, 3.0, 1.0],
        "discarded_cost": [50.0, 5.0, 0.5, 1.0],
    }
    return pd.DataFrame(columns)


def test_what_is_paid_in_each_direction_is_told_from_the_alternative(ax, table):
    kept, if_kept, dropped, if_dropped = charts.ledger_by_direction(table, ax)
    assert kept.get_xydata().tolist() == [[100.0, 1.0], [10.0, 2.0]]
    assert if_kept.get_xydata().tolist() == [[1.0, 3.0]]
    assert dropped.get_xydata().tolist() == [[1.0, 0.5]]
    assert if_dropped.get_xydata().tolist() == [[100.0, 50.0], [10.0, 5.0]]
    assert ax.get_xlim()[0] > ax.get_xlim()[1]


def test_a_table_without_costs_names_the_call_that_makes_it(ax, table):
    with pytest.raises(MissingResultError, match=r"without discarded_cost. Make it with case.by_direction\(\)"):
        charts.ledger_by_direction(table.drop(columns="discarded_cost"), ax)


def test_the_map_of_risks_shows_their_ratio_and_where_it_is_one(ax):
    student = [[4.0, 2.0, 4.0], [1.0, 0.5, 1.0], [0.5, 0.25, 2.0]]
    axes = {"student_rank": [0, 1, 2], "mixing": [-0.5, 0.5, 1.5]}
    results = swept(axes, student_excess_risk=student, teacher_excess_risk=np.full((3, 3), 2.0))
    best = results["student_excess_risk"].idxmin("mixing")
    image, _, equal, path = charts.student_beats_teacher(results, ax, best=best)
    assert_allclose(image.get_array(), np.divide(student, 2.0))
    assert equal.levels.tolist() == [1.0]
    for _, rank in equal.get_paths()[0].vertices:
        assert 0.0 <= rank <= 2.0
    assert path.get_xydata().tolist() == [[0.5, 0], [0.5, 1], [0.5, 2]]


def test_mixing_curves_are_the_given_values_shaded_where_shares_are_not_between_0_and_1(ax):
    axes = {"penalty": [1.0, 2.0], "mixing": [-1.0, 0.0, 1.0, 2.0]}
    results = swept(axes, student_excess_risk=[[4.0, 1.0, 2.0, 5.0], [9.0, 3.0, 2.0, 8.0]])
    best = results["student_excess_risk"].idxmin("mixing")
    below, beyond, one, two, optima, limit, *names = charts.mixing_curves(
        results, ax, quantity="student_excess_risk", best=best, limit=0.5
    )
    assert (below.get_x(), below.get_width()) == (-1.0, 1.0)
    assert (beyond.get_x(), beyond.get_width()) == (1.0, 1.0)
    assert one.get_ydata().tolist() == [4.0, 1.0, 2.0, 5.0]
    assert two.get_ydata().tolist() == [9.0, 3.0, 2.0, 8.0]
    assert optima.get_xydata().tolist() == [[0.0, 1.0], [1.0, 2.0]]
    assert limit.get_xdata() == [0.5, 0.5]
    assert [name.get_text() for name in names] == ["p = 1", "p = 2"]
    assert ax.get_xscale() == "linear"


def test_designs_on_the_front_are_coloured_by_rank_and_the_others_are_not(ax):
    axes = {"mixing": [0.0, 1.0], "student_rank": [1, 2]}
    results = swept(axes, divergence=[8.0, 4.0, 9.0, 2.0], student_excess_risk=[3.0, 2.0, 4.0, 5.0])
    front = lg.pareto_front(results, ["student_rank", "divergence", "student_excess_risk"])
    beaten, chosen, line = charts.pareto_front(results, ax, front=front, references={"teacher": 2.5})
    assert beaten.get_offsets().tolist() == [[4.0, 9.0]]
    assert chosen.get_offsets().tolist() == [[3.0, 8.0], [2.0, 4.0], [5.0, 2.0]]
    assert chosen.get_array().tolist() == [1, 2, 2]
    assert line.get_xdata() == [2.5, 2.5]


def test_the_bottom_of_the_valley_may_be_zero(ax):
    axes = {"mixing": [0.2, 0.5, 0.8], "student_penalty": [1.0, 10.0, 100.0]}
    results = swept(axes, divergence=[0.0, 1.0, 100.0, 1.0, 0.0, 10.0, 10.0, 1.0, 0.0])
    family = xr.DataArray([1.0, 10.0, 100.0], coords={"mixing": axes["mixing"]}, dims="mixing")
    image, _, path = charts.lossless_valley(results, ax, family=family)
    values = image.get_array()
    assert values.min() > 0.0
    assert values[0, 0] == values[1, 1] == values[2, 2] == values.min()
    assert_allclose(values[2, 0], 100.0)
    assert path.get_xydata().tolist() == [[0.2, 1.0], [0.5, 10.0], [0.8, 100.0]]


SWEEPS = {
    charts.ledger_by_rank: ("bias", {"student_rank": [0, 1]}, ["divergence", "bias", "variance", "rank_bottleneck"]),
    charts.rank_noise_map: ("divergence", {"student_rank": [0, 1], "label_noise": [1.0, 2.0]}, ["divergence"]),
    charts.temperature_curves: ("divergence", {"student_rank": [0, 1], "temperature": [1.0, 2.0]}, ["divergence"]),
    charts.dominance_map: (
        "bias", {"student_rank": [0, 1], "floor": [1.0, 2.0]}, ["bias", "variance", "rank_bottleneck"]
    ),
    charts.sample_size_scaling: (
        "variance", {"n_samples": [10, 20]}, ["divergence", "bias", "variance", "rank_bottleneck"]
    ),
    charts.risk_by_rank: (
        "student_excess_risk", {"student_rank": [0, 1]}, ["student_excess_risk", "teacher_excess_risk"]
    ),
    charts.student_beats_teacher: (
        "teacher_excess_risk",
        {"student_rank": [0, 1], "mixing": [0.0, 1.0]},
        ["student_excess_risk", "teacher_excess_risk"],
    ),
    charts.mixing_curves: ("divergence", {"penalty": [1.0, 2.0], "mixing": [0.0, 1.0]}, ["divergence"]),
    charts.lossless_valley: ("divergence", {"mixing": [0.2, 0.5], "student_penalty": [1.0, 2.0]}, ["divergence"]),
    charts.pareto_front: (
        "student_excess_risk", {"student_rank": [0, 1], "mixing": [0.0, 1.0]}, ["divergence", "student_excess_risk"]
    ),
}  # fmt: skip


@pytest.mark.parametrize("plotter", list(SWEEPS), ids=lambda plotter: plotter.__name__)
def test_what_a_chart_lacks_is_named_with_the_sweep_that_makes_it(ax, plotter):
    lacking, axes, quantities = SWEEPS[plotter]
    problem = lg.Problem.from_spectrum([4.0, 1.0], [1.0, 1.0], n_samples=10, label_noise=0.5)
    case = lg.Distillation(problem)
    results = case.sweep(**axes, quantities=quantities)
    extra = {"front": lg.pareto_front(results, ["divergence"])} if plotter is charts.pareto_front else {}
    with pytest.raises(MissingResultError, match=lacking) as error:
        plotter(results.drop_vars(lacking), ax, **extra)
    call = error.value.remedy.removeprefix("Make them with ").removesuffix(".")
    for name, values in axes.items():
        call = re.sub(rf"{name}=(range\(d \+ 1\)|\[…\])", f"{name}={values}", call)
    made = eval(call, {"case": case})  # noqa: S307
    assert set(made.sizes) == set(axes)
    assert lacking in made
    plotter(made, ax, **extra)


HARD_TO_DRAW = {
    "not in order": ({}, slice(None, None, -1)),
    "two points": ({}, slice(2)),
    "one point": ({}, slice(1)),
    "a hard bottleneck": ({"floor": 0.0}, slice(None)),
    "a deterministic student": ({"floor": 0.0, "student": lg.Ridge(1.0, temperature=0.0)}, slice(None)),
    "no difference": ({"mixing": 0.0, "student": lg.Ridge(1.0)}, slice(None)),
}


@pytest.mark.parametrize("hard", list(HARD_TO_DRAW))
@pytest.mark.parametrize("plotter", list(SWEEPS), ids=lambda plotter: plotter.__name__)
def test_any_sweep_is_drawn_or_refused_in_one_line(plotter, hard):
    settings, some = HARD_TO_DRAW[hard]
    _, names, quantities = SWEEPS[plotter]
    values = {"student_rank": [0, 1, 2], "mixing": [-1.0, 2.0, 0.5], "n_samples": [10, 1000, 100]}
    axes = {name: values.get(name, [5.0, 0.1, 1.0])[some] for name in names}
    problem = lg.Problem.from_spectrum([4.0, 1.0], [1.0, 1.0], n_samples=10, label_noise=0.5)
    case = lg.Distillation(problem, student=lg.Ridge(0.5, temperature=0.5), draws=4).replace(**settings)
    results = case.sweep(**axes, quantities=quantities)
    extra = {"front": lg.pareto_front(results, ["divergence"])} if plotter is charts.pareto_front else {}
    with charts.style():
        page = Figure()
        canvas = FigureCanvasAgg(page)
        with contextlib.suppress(LingaussError):
            plotter(results, page.add_subplot(), **extra)
            assert hard != "one point"
            canvas.draw()
            return
    assert hard != "not in order"


def test_results_with_another_axis_are_refused(ax, grid):
    with pytest.raises(MissingResultError, match="got axes student_rank, label_noise"):
        charts.temperature_curves(grid, ax)


def test_the_style_ends_with_its_block():
    before = dict(mpl.rcParams)
    with charts.style():
        assert mpl.rcParams["figure.figsize"] == [3.5, 2.8]
    assert dict(mpl.rcParams) == before


def luminance(colour):
    """Relative luminance as of the sRGB standard, which a greyscale print shows."""
    channels = np.asarray(to_rgb(colour))
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def test_costs_and_ranks_are_told_apart_in_grey():
    costs = sorted(luminance(colour) for colour in COST_COLOURS.values())
    assert np.all(np.diff(costs) > 0.15)
    shades = [luminance(shade) for shade in mpl.colormaps["cividis"](np.linspace(0.0, 0.8, 5))]
    assert np.all(np.diff(shades) > 0.04)


def test_bounds_enclose_what_they_are_drawn_around(ax):
    names = ["variance proxy upper", "variance proxy lower", "mutual information"]
    data = {
        "value": (("bound", "temperature"), [[3.0, 2.0], [0.5, 0.75], [4.0, 1.5]]),
        "student_gap": ("temperature", [1.0, 1.0]),
        "teacher_gap": ("temperature", [2.0, 2.0]),
    }
    temperature = coordinate("temperature", [1.0, 10.0], "soft-label temperature", "1")
    results = xr.Dataset(data, coords={"bound": names, "temperature": temperature})
    _, *lines = charts.bounds_and_truth(results, ax, families=("variance proxy", "mutual information"))
    drawn = [line.get_ydata().tolist() for line in lines]
    assert drawn == [[3.0, 2.0], [0.5, 0.75], [4.0, 1.5], [1.0, 1.0], [2.0, 2.0]]
    with pytest.raises(MissingResultError, match="bound_curves"):
        charts.bounds_and_truth(results.drop_vars("student_gap"), ax, families=("variance proxy",))


def tightness(sharp, exact, lower=(-2.0, -2.0, -2.0)):
    """Bounds whose width through the divergence is 4 around a teacher's gap of 2, at three temperatures."""
    names = ["variance proxy upper", "variance proxy lower", "sharpness upper"]
    radius = np.array([1.0, 1.5, 2.0])
    data = {
        "value": (("bound", "temperature"), [[6.0] * 3, lower, 2.0 + 4.0 * np.asarray(sharp)]),
        "holds": (("bound", "temperature"), np.ones((3, 3), bool)),
        "student_gap": ("temperature", 2.0 - 4.0 * np.asarray(exact)),
        "teacher_gap": ("temperature", [2.0] * 3),
        "distance": ("temperature", radius * np.asarray(sharp)),
        "radius": ("temperature", radius),
    }
    temperature = coordinate("temperature", [1.0, 10.0, 100.0], "soft-label temperature", "1")
    return xr.Dataset(data, coords={"bound": names, "temperature": temperature})


def test_the_regime_is_drawn_in_widths_of_the_bound_through_the_divergence_and_ringed_where_it_ends(ax):
    results = tightness([0.5, 2.0, 4.0], [0.1, 0.2, 0.3])
    one, shade, sharp, exact, ring = charts.tightness_regime(results, ax)
    assert one.get_ydata() == [1.0, 1.0]
    assert_allclose(sharp.get_ydata(), [0.5, 2.0, 4.0])
    assert_allclose(exact.get_ydata(), [0.1, 0.2, 0.3])
    assert_allclose(ring.get_xydata(), [[np.sqrt(10.0), 1.0]])  # half-way between ½ and 2, in logarithms
    (inside,) = shade.get_paths()
    assert inside.get_extents().x1 < 10.0
    assert inside.get_extents().y0 == 0.5


def test_where_the_sharpness_aware_bound_is_never_tighter_nothing_is_shaded_or_ringed(ax):
    drawn = charts.tightness_regime(tightness([1.5, 2.0, 4.0], [0.1, 0.2, 0.3], lower=[0.0, 0.0, 0.0]), ax)
    assert drawn[1].get_paths() == []
    assert_allclose(drawn[2].get_ydata(), 0.5)  # the lower side, where it is another
    assert "ϱ = ϱ₀" not in [text.get_text() for text in ax.get_legend().get_texts()]
    with pytest.raises(MissingResultError, match="bound_curves"):
        charts.tightness_regime(tightness([1.0, 2.0, 4.0], [0.1, 0.2, 0.3]).drop_vars("radius"), ax)


def test_both_ledgers_are_drawn_as_they_are_with_costs_of_0_left_out(ax, ledger):
    names = {"divergence": "total", "bias": "bias", "variance": "variance", "rank_bottleneck": "rank_bottleneck"}
    results = ledger.assign({f"process_{other}": 3.0 * ledger[name] for name, other in names.items()})
    results = results.assign(process_training=0.0 * results["process_total"])
    lines = charts.process_and_weights(results, ax, best_process=2, best_weights=2)
    for line, name in zip(lines, [*(f"process_{other}" for other in names.values()), *names], strict=False):
        expected = np.where(results[name] > 0.0, results[name], np.nan)
        np.testing.assert_array_equal(line.get_ydata(), expected)
    process, weights = lines[8:10]
    assert process.get_xydata().tolist() == [[2.0, 3.0 * float(ledger["divergence"][2])]]
    assert weights.get_xydata().tolist() == [[2.0, float(ledger["divergence"][2])]]
    assert "training" not in [text.get_text() for text in ax.get_legend().get_texts()]
    with pytest.raises(MissingResultError, match="process_total"):
        charts.process_and_weights(ledger, ax)


def test_simulated_costs_stand_beside_exact_ones_with_their_deviations_below(ax, ledger):
    costs = ("bias", "variance", "rank_bottleneck")
    results = ledger.isel(student_rank=slice(1, 3))
    for name in costs:
        results[f"{name}_simulated"] = results[name] + 0.5
        results[f"{name}_standard_error"] = 0.25 * xr.ones_like(results[name])
    charts.theory_and_simulation(results, ax)
    below = ax.figure.axes[1]
    for number, name in enumerate(costs):
        assert_allclose(ax.lines[2 * number].get_ydata(), results[name])
        assert_allclose(ax.lines[2 * number + 1].get_ydata(), results[name] + 0.5)
        assert_allclose(below.lines[number].get_ydata(), 2.0)
    assert [text.get_text() for text in below.get_legend().get_texts()] == ["bias", "variance", "rank bottleneck"]
    assert "student rank" in below.get_xlabel()
    with pytest.raises(MissingResultError, match=r"without bias_simulated.*simulated_sweep"):
        charts.theory_and_simulation(ledger, ax)


def test_rounds_are_drawn_with_their_limits_and_the_best_mixings(ax):
    results = swept({"round": [1, 2, 3], "mixing": [0.5, 1.0]}, risk=[4.0, 3.0, 3.0, 2.0, 2.5, 3.0])
    results["limit_risk"] = ("mixing", [2.4, 5.0])
    results["least_risk"] = ("round", [3.0, 1.5, 1.25])
    best = results["risk"].idxmin("round").astype(int).sel(mixing=[1.0])
    first, limit, second, other, least, marker, *_ = charts.repeated_distillation(
        results, ax, quantity="risk", best=best
    )
    assert first.get_ydata().tolist() == [4.0, 3.0, 2.5]
    assert second.get_ydata().tolist() == [3.0, 2.0, 3.0]
    assert [line.get_ydata().tolist() for line in (limit, other)] == [[2.4, 2.4], [5.0, 5.0]]
    assert least.get_ydata().tolist() == [3.0, 1.5, 1.25]
    assert marker.get_xydata().tolist() == [[2.0, 2.0]]
    with pytest.raises(MissingResultError, match=r"without limit_risk.*Chain\(case, rounds\)\.sweep"):
        charts.repeated_distillation(results.drop_vars("limit_risk"), ax, quantity="risk")
