"""Sweeps: every cell is the pointwise result, in the memory and with the labels it promises."""

import itertools
import json
import warnings

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

import lingauss as lg
from lingauss import errors
from lingauss.sweep.evaluation import sweep_arrays
from lingauss.sweep.labelled import checked_axes
from lingauss.sweep.pointwise import quantities_of
from lingauss.sweep.quantities import PROCESS, QUANTITIES
from lingauss.testing import distillations

pytestmark = pytest.mark.filterwarnings("ignore::lingauss.errors.TiedSpectrumWarning")

VALUES = {
    "label_noise": [0.25, 1.0, 1.75],
    "temperature": [0.0, 1.0, 2.5],
    "mixing": [-0.5, 0.0, 1.25],
    "draws": [1, 4],
    "floor": [0.25, 2.0],
    "n_samples": [10, 40],
    "penalty": [0.5, 3.0],
    "teacher_penalty": [0.25, 4.0],
    "student_penalty": [0.25, 4.0],
    "teacher_temperature": [0.5, 2.0],
    "student_temperature": [0.5, 2.0],
}


def names_for(case, axes):
    known = case.problem.truth is not None
    pure = known and case.mixing == 1.0 and "mixing" not in axes
    return [
        name for name in QUANTITIES if (known or not name.endswith("excess_risk")) and (pure or name not in PROCESS)
    ]


def assert_cells_are_pointwise(case, axes):
    names = names_for(case, axes)
    dataset = case.sweep(quantities=names, **axes)
    assert list(dataset.dims) == list(axes)
    for index in itertools.product(*(range(len(dataset[name])) for name in axes)):
        point = {name: dataset[name].values[i].item() for name, i in zip(axes, index, strict=True)}
        expected = quantities_of(case.replace(**point), names)
        for name in names:
            value = float(dataset[name].values[index])
            total = "prediction_divergence" if name.startswith("prediction") else "divergence"
            scale = expected[name] if name.endswith(("gap", "risk")) or name in PROCESS else expected[total]
            assert abs(value - expected[name]) <= 1e-10 * abs(scale) + 1e-15, (name, point)


@settings(max_examples=40)
@given(distillations(max_features=4, spectral=True), st.data())
def test_every_cell_equals_the_pointwise_result(case, data):
    legal = [name for name in VALUES if case.problem.mode != "observed" or name != "n_samples"]
    chosen = data.draw(st.lists(st.sampled_from(legal), max_size=2, unique=True))
    axes = {name: VALUES[name] for name in chosen}
    if not chosen or data.draw(st.booleans()):
        axes["student_rank"] = range(case.largest_rank + 1)
    assert_cells_are_pointwise(case, axes)


@settings(max_examples=10)
@given(distillations(max_features=3, spectral=False, modes=("averaged",)))
def test_general_subspaces_are_swept_point_by_point(case):
    assert_cells_are_pointwise(case, {"mixing": [0.0, 1.0], "student_rank": range(case.rank + 1)})


def test_every_axis_is_swept_at_a_size_that_is_evaluated_in_blocks():
    rng = np.random.default_rng(0)
    problem = lg.Problem.from_spectrum(
        10 ** rng.uniform(-1, 3, 40), rng.uniform(0, 2, 40), n_samples=100, label_noise=0.7, outputs=3
    )
    case = lg.Distillation(
        problem, lg.Ridge(1.0, noise=0.5), lg.Ridge(2.0, 0.25, noise=0.9), lg.Principal(9), floor=0.3, draws=8
    )
    axes = {
        "label_noise": np.geomspace(0.1, 3, 30),
        "student_rank": [0, 3, 17, 40],
        "temperature": np.linspace(0, 6, 60),
    }
    dataset = case.sweep(quantities=("divergence", "variance"), **axes)
    for _ in range(60):
        point = {name: rng.choice(np.asarray(values)).item() for name, values in axes.items()}
        ledger = case.replace(**point).divergence()
        assert_allclose(dataset.divergence.sel(point).item(), ledger.total, rtol=1e-10)
        assert_allclose(dataset.variance.sel(point).item(), ledger.variance, atol=1e-10 * ledger.total)


def test_results_do_not_depend_on_the_number_of_threads(monkeypatch):
    problem = lg.Problem.from_spectrum(
        np.geomspace(100, 0.1, 40), np.ones(40), n_samples=100, label_noise=0.7, outputs=3
    )
    case = lg.Distillation(
        problem, lg.Ridge(1.0, noise=0.5), lg.Ridge(2.0, 0.25, noise=0.9), lg.Principal(9), floor=0.3, draws=8
    )
    axes = {"student_rank": range(41), "label_noise": np.geomspace(0.1, 3, 90), "temperature": np.linspace(0, 6, 180)}
    swept = []
    for count in (1, 2, 3):
        monkeypatch.setattr("lingauss.sums.outer.cores", lambda count=count: count)
        swept.append(case.sweep(**axes)["divergence"].values)
    assert_allclose(swept[1], swept[0], rtol=1e-14)
    assert_allclose(swept[2], swept[0], rtol=1e-14)


@pytest.mark.parametrize("names", [("divergence", "variance"), ("divergence", "rank_bottleneck"), ("divergence",)])
def test_two_costs_that_fill_the_grid_do_not_overwrite_each_other(names):
    """With fixed noises both the retained and the discarded spread depend on every axis."""
    case = simple(teacher=lg.Ridge(1.0, noise=0.5), student=lg.Ridge(2.0, noise=0.75))
    axes = checked_axes(case, {"student_rank": range(4), "student_temperature": [0.5, 2.0], "label_noise": [0.5, 1.0]})
    out = {name: np.empty((4, 2, 2)) for name in names}
    for results in (sweep_arrays(case, axes, names), sweep_arrays(case, axes, names, out)):
        for r, i, j in np.ndindex(4, 2, 2):
            point = {"rank": r, "student_temperature": [0.5, 2.0][i], "label_noise": [0.5, 1.0][j]}
            expected = quantities_of(case.replace(**point), names)
            assert_allclose([results[name][r, i, j] for name in names], list(expected.values()), rtol=1e-12, atol=1e-15)


def simple(**changes):
    problem = lg.Problem.from_spectrum([4.0, 2.0, 1.0], [1.0, 0.5, 0.25], n_samples=9, label_noise=0.5)
    return lg.Distillation(problem, bottleneck=lg.Principal(2)).replace(**changes)


def test_output_arrays_are_filled_in_place():
    case, names = simple(), ("divergence", "bias", "rank_irreducible", "student_gap")
    axes = checked_axes(case, {"temperature": [0.0, 1.0], "student_rank": [0, 1, 3]})
    out = {name: np.full((2, 3), np.nan) for name in names}
    results = sweep_arrays(case, axes, names, out)
    for name, value in sweep_arrays(case, axes, names).items():
        assert results[name] is out[name]
        assert_allclose(out[name], value)


def test_quantities_that_ignore_an_axis_take_no_memory_along_it():
    dataset = simple().sweep(quantities=("bias",), student_rank=[1, 2], temperature=np.arange(1000.0))
    assert dataset.bias.values.strides[1] == 0


def test_infinite_costs_stay_infinite_and_finite_ranks_finite():
    dataset = simple(floor=0.0).sweep(student_rank=range(4))
    assert_array_equal(np.isinf(dataset.divergence), [True, True, True, False])


def test_coordinates_variables_and_settings_are_labelled():
    dataset = simple().sweep(quantities=("divergence", "student_gap"), label_noise=[0.5, 1.0])
    assert dataset.label_noise.attrs["units"] == "label units"
    assert dataset.divergence.attrs == {"long_name": "distillation divergence", "units": "nats"}
    assert json.loads(dataset.attrs["settings"])["bottleneck"] == "Principal(rank=2)"


def test_a_netcdf_round_trip_loses_nothing(tmp_path):
    dataset = simple().sweep(quantities=("divergence", "bias"), student_rank=[0, 2], temperature=[0.0, 1.0])
    dataset.to_netcdf(tmp_path / "sweep.nc", engine="scipy")
    with xr.open_dataset(tmp_path / "sweep.nc", engine="scipy") as back:
        xr.testing.assert_identical(back.load(), dataset)


def test_every_quantity_has_a_name_and_a_unit():
    names = {quantity.long_name for quantity in QUANTITIES.values()}
    assert len(names) == len(QUANTITIES)
    assert {quantity.units for quantity in QUANTITIES.values()} == {"nats", "nats per weight", "squared label units"}


@pytest.mark.parametrize(
    ("axes", "error", "message"),
    [
        ({}, errors.EmptyDataError, "at least one axis"),
        ({"temperature": []}, errors.EmptyDataError, "must not be empty"),
        ({"temperature": [1.0, 1.0]}, errors.DomainError, "Remove duplicates"),
        ({"temperature": [np.nan]}, errors.NotFiniteError, "temperature"),
        ({"temperature": [-1.0]}, errors.DomainError, "at least 0"),
        ({"label_noise": [0.0]}, errors.DomainError, "greater than 0"),
        ({"draws": [1.5]}, errors.DomainError, "whole number"),
        ({"draws": [1.0, 1.5]}, errors.DomainError, "whole number"),
        ({"student_rank": [4]}, errors.DomainError, "from 0 to 3"),
        ({"temprature": [1.0]}, errors.UnknownNameError, "Did you mean temperature"),
        ({"temperature": [[1.0]]}, errors.ShapeError, "temperature"),
    ],
)
def test_bad_axes_are_refused(axes, error, message):
    with pytest.raises(error, match=message):
        simple().sweep(**axes)


def test_unknown_quantities_are_refused_with_the_legal_ones():
    with pytest.raises(errors.UnknownNameError, match="Did you mean divergence"):
        simple().sweep(quantities=("divergense",), temperature=[1.0])


@pytest.mark.parametrize("chunks", [None, {"student_rank": 2}])
def test_ranks_that_cut_ties_are_named_in_one_warning(chunks):
    problem = lg.Problem.from_spectrum([4, 2, 2, 2, 1], np.ones(5), n_samples=9, label_noise=0.5)
    case = lg.Distillation(problem, bottleneck=lg.Principal(1))
    with pytest.warns(errors.TiedSpectrumWarning, match="ranks 2, 3 cut") as caught:
        case.sweep(student_rank=range(6), chunks=chunks).compute()
    assert [warning.filename for warning in caught] == [__file__]


def test_ranks_beside_ties_warn_of_nothing():
    problem = lg.Problem.from_spectrum([4, 2, 2, 2, 1], np.ones(5), n_samples=9, label_noise=0.5)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # inside, because the filter of this module would go before a mark's
        lg.Distillation(problem, bottleneck=lg.Principal(2)).sweep(student_rank=[0, 1, 4, 5])
        with pytest.raises(errors.TiedSpectrumWarning):
            lg.Distillation(problem, bottleneck=lg.Principal(2)).sweep(student_rank=[0, 1, 2, 5])


def test_other_sample_sizes_need_a_truth():
    observed = simple(problem=simple().problem.with_statistic([[1.0, 0.5, 0.0]]))
    with pytest.raises(errors.MissingTruthError, match="sample sizes"):
        observed.sweep(n_samples=[10, 20])


def test_a_default_floor_that_does_not_exist_is_refused_only_where_it_is_needed():
    case = simple(bottleneck=None, student=lg.Ridge(1.0))
    assert np.isfinite(case.sweep(student_temperature=[0.5, 1.0]).divergence).all()
    with pytest.raises(errors.UndefinedFloorError):
        case.sweep(student_rank=[1], student_temperature=[0.0, 1.0])


def test_a_grid_larger_than_memory_is_refused_with_its_size():
    with pytest.raises(errors.GridTooLargeError, match="GB"):
        simple().sweep(student_rank=range(4), temperature=np.arange(1e5), label_noise=np.arange(1, 1e6))


def test_shared_and_single_penalties_apply_in_one_order_however_they_are_named():
    case = simple()
    one = case.sweep(student_penalty=[0.25], penalty=[2.0]).divergence.item()
    other = case.sweep(penalty=[2.0], student_penalty=[0.25]).divergence.item()
    assert one == other == pytest.approx(case.replace(penalty=2.0, student_penalty=0.25).divergence().total, rel=1e-12)


def test_every_cell_at_other_sample_sizes_is_that_of_the_design():
    problem = lg.Problem.from_spectrum([4.0, 1.0, 0.25], [1.0, 2.0, 0.5], n_samples=6, label_noise=0.5, outputs=2)
    case = lg.Distillation(problem, lg.Ridge(0.5), lg.Ridge(2.0, 0.5), bottleneck=lg.Principal(2), mixing=0.7)
    names = [f"{side}_{source}" for side in ("retained", "discarded") for source in ("mean", "noise", "spread")]
    swept = case.sweep(n_samples=[6, 60], label_noise=[0.5, 0.75], quantities=names)
    for n in (6, 60):
        for noise in (0.5, 0.75):
            cells = case.replace(n_samples=n, label_noise=noise).divergence().cells
            here = swept.sel(n_samples=n, label_noise=noise)
            np.testing.assert_allclose([float(here[name]) for name in names], cells.flat, rtol=1e-13)


def test_directions_cost_what_keeping_or_dropping_all_of_them_does():
    problem = lg.Problem.from_spectrum([4.0, 1.0, 0.25], [1.0, 2.0, 0.5], n_samples=6, label_noise=0.5)
    case = lg.Distillation(problem, lg.Ridge(0.5), lg.Ridge(2.0, 0.5), bottleneck=lg.Principal(2), mixing=0.7)
    table = case.by_direction()
    assert table["retained_cost"].sum() == pytest.approx(case.replace(rank=3).divergence().total, rel=1e-13)
    assert table["discarded_cost"].sum() == pytest.approx(case.replace(rank=0).divergence().total, rel=1e-13)
    assert (table["worth_keeping"] == (table["retained_cost"] < table["discarded_cost"])).all()


def test_many_ranks_that_cut_ties_are_named_by_the_first_and_the_last():
    problem = lg.Problem.from_spectrum(np.ones(9), np.ones(9), n_samples=12, label_noise=0.5)
    case = lg.Distillation(problem, bottleneck=lg.Principal(9))
    with pytest.warns(errors.TiedSpectrumWarning, match=r"ranks 1, 2, 3, …, 8 cut through"):
        case.sweep(student_rank=range(10))
    with pytest.warns(errors.TiedSpectrumWarning, match=r"ranks 1, 2, 3, 4, 5, 6 cut through"):
        case.sweep(student_rank=range(7))


def test_a_teacher_without_spread_costs_infinity_along_any_axis():
    """Without soft labels the student's spread has slope 0 in the temperature and, relative to none, no finite size."""
    case = simple(teacher=lg.Ridge(1.0, temperature=0.0), mixing=0.0)
    dataset = case.sweep(student_rank=range(4), teacher_penalty=[0.5, 1.0], temperature=[0.0, 1.0, 2.0])
    assert_array_equal(dataset.divergence, np.inf)


def test_gaps_and_risks_keep_their_digits_where_teacher_and_student_recover_different_shares():
    problem = lg.Problem.from_spectrum([1.0], [1.0], n_samples=9, label_noise=0.5)
    for teacher, student in ((1e-6, 1e10), (1e-6, 1.0), (1e10, 1e-6), (1e10, 1e10)):
        case = lg.Distillation(problem, lg.Ridge(teacher), lg.Ridge(student), mixing=0.5)
        swept = case.sweep(quantities=("student_gap", "student_excess_risk"), temperature=[0.5])
        point = case.replace(temperature=0.5)
        assert_allclose(swept.student_gap, point.gaps().student, rtol=1e-14)
        assert_allclose(swept.student_excess_risk, point.excess_risk().student, rtol=1e-14)


def test_gaps_and_risks_of_a_student_survive_a_teacher_that_diverges():
    problem = lg.Problem.from_spectrum([1.0], [1.0], n_samples=9, label_noise=0.5)
    case = lg.Distillation(problem, lg.NoisyGradientDescent(40, 10.0), lg.Ridge(1.0), mixing=0.0)
    swept = case.sweep(quantities=("student_gap", "student_excess_risk"), student_penalty=[2.0])
    point = case.replace(student_penalty=2.0)
    assert_allclose(swept.student_gap, point.gaps().student, rtol=1e-14)
    assert_allclose(swept.student_excess_risk, point.excess_risk().student, rtol=1e-14)


@pytest.mark.parametrize("bottleneck", [None, lg.Principal(1), lg.Principal(3)])
@pytest.mark.parametrize("student", [lg.Ridge(0.0), lg.Ridge(1.0, temperature=0.0)])
@pytest.mark.parametrize("test_cov", [None, np.diag([1.0, 2.0, 3.0])])
def test_no_rank_goes_without_a_floor_that_does_not_exist(bottleneck, student, test_cov):
    problem = lg.Problem.from_spectrum([4.0, 2.0, 1.0], np.ones(3), n_samples=9, label_noise=0.5, test_cov=test_cov)
    case = lg.Distillation(problem, student=student, bottleneck=bottleneck, temperature=0.5)
    assert np.isfinite(case.sweep(student_rank=[3]).divergence).all()
    with pytest.raises(errors.UndefinedFloorError):
        case.sweep(student_rank=[1, 2, 3])


@pytest.mark.parametrize("bottleneck", [None, lg.Principal(2), lg.Best(1), lg.Selected((2, 0, 1))])
@pytest.mark.parametrize("student", [lg.Ridge(3.0, 0.25), lg.Ridge(0.0), lg.NoisyGradientDescent(9, 0.05)])
def test_ranks_alone_and_on_a_grid_agree(bottleneck, student):
    problem = lg.Problem.from_spectrum([4.0, 2.0, 1.0, 0.5], np.ones(4), n_samples=9, label_noise=0.5, outputs=2)
    case = lg.Distillation(problem, lg.Ridge(2.0), student, bottleneck, floor=0.3)
    ranks = range(case.largest_rank + 1)
    names = names_for(case, {"student_rank": ranks})
    alone = case.sweep(student_rank=ranks, quantities=names)
    on_a_grid = case.sweep(student_rank=ranks, temperature=[case.temperature], quantities=names)
    for name in names:
        scale = float(np.max(np.abs(alone[name])))
        assert_allclose(alone[name], on_a_grid[name].isel(temperature=0), rtol=1e-12, atol=1e-15 * scale, err_msg=name)
