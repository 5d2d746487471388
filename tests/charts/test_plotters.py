"""Plotters draw exactly the numbers they are given, in the house style, and say what they lack."""

import matplotlib as mpl
import numpy as np
import pytest
import xarray as xr
from matplotlib.figure import Figure
from numpy.testing import assert_allclose

from lingauss import charts
from lingauss.errors import MissingResultError

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
    *_, best, recommended = charts.ledger_by_rank(ledger, ax, best=2, recommended=1)
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
    first, _, second, _, optima, limit = charts.temperature_curves(curves, ax, best=best, limit=5.0)
    assert first.get_ydata().tolist() == [9.0, 8.0, 8.5]
    assert second.get_ydata().tolist() == [4.0, 3.0, 2.0]
    assert optima.get_xydata().tolist() == [[1.0, 8.0], [2.0, 2.0]]
    assert limit.get_xdata() == [5.0, 5.0]


def test_axes_are_labelled_with_units(ax, curves):
    charts.temperature_curves(curves, ax)
    assert ax.get_xlabel() == "temperature t (variance ratio)"
    assert ax.get_ylabel() == "divergence (nats)"


@pytest.mark.parametrize(
    ("plotter", "lacking", "call"),
    [
        (charts.ledger_by_rank, "bias", "quantities="),
        (charts.rank_noise_map, "divergence", "label_noise="),
        (charts.temperature_curves, "divergence", "temperature="),
    ],
)
def test_results_without_what_a_chart_draws_name_the_sweep_that_makes_it(ax, ledger, plotter, lacking, call):
    with pytest.raises(MissingResultError, match=lacking) as error:
        plotter(ledger.drop_vars(lacking), ax)
    assert "case.sweep(" in error.value.remedy
    assert call in error.value.remedy


def test_results_with_another_axis_are_refused(ax, grid):
    with pytest.raises(MissingResultError, match="got axes student_rank, label_noise"):
        charts.temperature_curves(grid, ax)


def test_the_style_ends_with_its_block():
    before = dict(mpl.rcParams)
    with charts.style():
        assert mpl.rcParams["figure.figsize"] == [3.5, 2.5]
    assert dict(mpl.rcParams) == before


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
