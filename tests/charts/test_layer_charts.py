"""Charts of layers draw the numbers they are given."""

import numpy as np
import pytest
import xarray as xr
from matplotlib.figure import Figure
from numpy.testing import assert_allclose

from lingauss import charts
from lingauss.errors import DomainError, MissingResultError

COSTS = {"first": [9.0, 4.0, 1.0, 0.0], "second": [2.0, 0.5, 0.0]}


@pytest.fixture
def ax():
    with charts.style():
        yield Figure().add_subplot()


def test_layers_are_lines_over_rank_and_a_plans_ranks_are_marked(ax):
    artists = charts.layer_costs(COSTS, ax, chosen={"first": 2, "second": None})
    first, second, mark, *names = artists
    assert_allclose(first.get_xydata(), [[1, 4], [2, 1], [3, np.nan]])
    assert_allclose(second.get_ydata(), [0.5, np.nan])
    assert_allclose(mark.get_xydata(), [[2, 1]])
    assert [name.get_text() for name in names] == list(COSTS)
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")


def test_layers_that_cost_nothing_are_not_drawn(ax):
    with pytest.raises(MissingResultError, match=r"layer\.costs"):
        charts.layer_costs({}, ax)
    with pytest.raises(MissingResultError):
        charts.layer_costs({"a": [0.0]}, ax)
    with pytest.raises(DomainError):
        charts.layer_costs({"a": [0.0, 0.0]}, ax)
    drawn = charts.layer_costs({"a": [1.0, 1.0, 0.0], "b": [0.0, 0.0, 0.0]}, ax)
    assert np.isnan(drawn[1].get_ydata()).all()


def sizes(**variables):
    values = {name: ("keep", np.asarray(value, float)) for name, value in variables.items()}
    return xr.Dataset(values, coords={"keep": ("keep", [0.8, 0.2], {"long_name": "share of parameters kept"})})


def test_losses_stand_over_the_share_kept(ax):
    everything = sizes(cost=[0.1, 1.0], predicted=[0.2, 3.0], measured=[0.3, 2.5], measured_error=[0.01, 0.2])
    cost, predicted, *measured = charts.loss_by_size(everything, ax)
    assert_allclose(cost.get_xydata(), [[0.2, 1.0], [0.8, 0.1]])
    assert_allclose(predicted.get_ydata(), [3.0, 0.2])
    assert_allclose(measured[0].get_ydata(), [2.5, 0.3])
    bars = np.array(measured[-1].get_segments())
    assert_allclose(bars[:, :, 1], [[2.1, 2.9], [0.28, 0.32]])
    assert ax.get_xlabel() == "share of parameters kept"


def test_second_order_alone_is_enough_and_nothing_is_refused(ax):
    assert len(charts.loss_by_size(sizes(cost=[0.1, 1.0]), ax)) == 1
    with pytest.raises(MissingResultError, match=r"layers\.sweep"):
        charts.loss_by_size(sizes(other=[0.1, 1.0]), ax)
    with pytest.raises(MissingResultError, match="model="):
        charts.loss_by_size(sizes(cost=[0.1, 1.0], measured=[0.1, 1.0]), ax)
