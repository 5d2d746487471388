"""The Pareto front is what a literal comparison of all pairs of designs leaves."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import lingauss as lg
from lingauss.errors import DomainError, EmptyDataError, NotFiniteError, UnknownNameError
from lingauss.sweep.pareto import _non_dominated, knee


@given(
    hnp.arrays(
        float, hnp.array_shapes(min_dims=2, max_dims=2, max_side=12), elements=st.sampled_from([0, 1, 2, np.inf])
    )
)
def test_a_design_is_on_the_front_iff_no_other_dominates_it(values):
    literal = [not any((b <= a).all() and (b < a).any() for b in values) for a in values]
    assert _non_dominated(values).tolist() == literal


@pytest.fixture
def sweep():
    problem = lg.Problem.from_spectrum([4.0, 1.0, 0.25], [1.0, 1.0, 0.25], n_samples=10, label_noise=0.5)
    quantities = ("divergence", "student_excess_risk")
    return lg.Distillation(problem).sweep(mixing=[0.0, 0.5, 1.0], student_rank=range(4), quantities=quantities)


def test_the_best_design_in_any_one_respect_is_on_the_front(sweep):
    front = lg.pareto_front(sweep, ["divergence", "student_excess_risk"])
    assert front.dims == ("mixing", "student_rank")
    for name in ("divergence", "student_excess_risk"):
        assert bool(front.where(sweep[name] == sweep[name].min()).max())


def test_another_objective_never_removes_a_design_that_was_alone_at_its_values(sweep):
    two = lg.pareto_front(sweep, ["divergence", "student_excess_risk"])
    three = lg.pareto_front(sweep, ["student_rank", "divergence", "student_excess_risk"])
    assert bool((three | ~two).all())
    assert int(three.sum()) > int(two.sum())


def test_bad_objectives_are_refused(sweep):
    with pytest.raises(EmptyDataError, match="at least one objective"):
        lg.pareto_front(sweep, [])
    with pytest.raises(UnknownNameError, match="Did you mean divergence"):
        lg.pareto_front(sweep, ["divergance"])
    with pytest.raises(NotFiniteError, match="NaN"):
        lg.pareto_front(xr.Dataset({"risk": ("rank", [1.0, np.nan])}), ["risk"])


def test_the_knee_is_the_design_of_the_front_farthest_below_the_line_between_its_ends():
    costs = xr.Dataset(
        {
            "first": ("student_rank", [1.0, 2.0, 3.0, 5.0, 9.0, 4.0, 0.5]),
            "second": ("student_rank", [9.0, 6.0, 2.0, 1.5, 1.0, 8.0, np.inf]),
        },
        coords={"student_rank": range(7)},
    )
    ends = np.array([[1.0, 9.0], [9.0, 1.0]])  # rank 5 is dominated, and 6 has no second cost
    along = (ends[1] - ends[0]) / np.linalg.norm(ends[1] - ends[0])
    points = np.stack([costs["first"], costs["second"]], axis=1)[:5] - ends[0]
    distances = np.linalg.norm(points - np.outer(points @ along, along), axis=1)
    assert knee(costs, ["first", "second"])["student_rank"] == np.argmax(distances) == 2
    with pytest.raises(DomainError, match="two objectives"):
        knee(costs, ["first"])
    with pytest.raises(DomainError, match="both objectives are finite"):
        knee(costs.isel(student_rank=[6]), ["first", "second"])
