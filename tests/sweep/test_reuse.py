"""Sweeps written into the memory of earlier ones: the values of a fresh sweep, in the same buffers."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

import lingauss as lg
from lingauss.errors import DomainError, ShapeError
from lingauss.sweep.quantities import PROCESS, QUANTITIES
from lingauss.testing import distillations

pytestmark = pytest.mark.filterwarnings("ignore::lingauss.errors.TiedSpectrumWarning")

FULL = ("divergence", "bias", "rank_bottleneck", "student_gap", "student_excess_risk", "divergence_per_weight")
AXES = {"student_rank": range(4), "temperature": [0.0, 1.0], "label_noise": [0.5, 1.0, 2.0]}


def design(**changes):
    problem = lg.Problem.from_spectrum([4.0, 2.0, 1.0], [1.0, 0.5, 0.25], n_samples=9, label_noise=0.5)
    return lg.Distillation(problem, bottleneck=lg.Principal(2)).replace(**changes)


def with_labels():
    """A design that knows labels, and the truth only through them."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((9, 3))
    problem = lg.Problem.from_data(X, X @ [[1.0], [0.5], [0.2]] + 0.3 * rng.standard_normal((9, 1)))
    return lg.Distillation(problem.plug_in(), bottleneck=lg.Principal(2))


def dense():
    return design(bottleneck=lg.Subspace(np.linalg.qr(np.arange(9.0).reshape(3, 3) ** 2 + np.eye(3))[0]))


def address(array):
    return array.variable.data.__array_interface__["data"][0]


@pytest.mark.parametrize(
    "case",
    [design(), with_labels(), design(bottleneck=lg.Best(2)), dense()],
    ids=["spectrum", "labels", "Best", "dense"],
)
@pytest.mark.parametrize("order", [list(AXES), list(AXES)[::-1]], ids=["rank first", "rank last"])
def test_values_are_those_of_a_fresh_sweep_in_the_memory_of_the_earlier_one(case, order):
    names = [name for name in FULL if case.problem.truth is not None or "risk" not in name]
    axes = {name: AXES[name] for name in order}
    earlier = case.replace(mixing=0.5).sweep(quantities=names, **axes)
    full = [name for name in names if earlier[name].values.flags.writeable]
    assert {"divergence", "student_excess_risk"} & set(names) <= set(full)
    buffers = {name: address(earlier[name]) for name in full}
    returned = case.sweep(quantities=names, out=earlier, **axes)
    assert returned is earlier
    xr.testing.assert_identical(earlier, case.sweep(quantities=names, **axes))
    assert {name: address(earlier[name]) for name in full} == buffers


@settings(max_examples=25, deadline=None)
@given(distillations(max_features=3), st.data())
def test_every_quantity_may_be_rewritten_any_number_of_times(case, data):
    known = case.problem.truth is not None
    names = [name for name in QUANTITIES if name not in PROCESS and (known or not name.endswith("excess_risk"))]
    names = data.draw(st.lists(st.sampled_from(names), min_size=1, max_size=5, unique=True))
    ranks = sorted({0, case.largest_rank})
    kept = case.sweep(quantities=names, student_rank=ranks, temperature=[0.0, 0.5])
    for mixing in (0.25, 1.0):
        other = case.replace(mixing=mixing)
        axes = {"student_rank": ranks, "temperature": [0.5, 2.0]}
        xr.testing.assert_identical(
            other.sweep(quantities=names, out=kept, **axes), other.sweep(quantities=names, **axes)
        )


def test_coordinates_and_settings_are_those_of_the_later_sweep():
    kept = design().sweep(temperature=[0.0, 1.0, 2.0])
    later = design(mixing=0.5).sweep(temperature=[3.0, 0.5, 1.0], out=kept)
    assert later.temperature.values.tolist() == [3.0, 0.5, 1.0]
    told = (xr.Dataset(attrs=one.attrs) for one in (later, design(mixing=0.5).sweep(temperature=[3.0])))
    xr.testing.assert_identical(*told)
    assert later.divergence.sel(temperature=0.5) == design(mixing=0.5, temperature=0.5).divergence().total


def test_quantities_that_repeat_keep_taking_no_memory():
    kept = design().sweep(quantities=("bias", "divergence"), temperature=np.arange(100.0))
    again = design(mixing=0.5).sweep(quantities=("bias", "divergence"), temperature=np.arange(100.0), out=kept)
    assert again.bias.values.strides == (0,)
    assert again.bias.values[0] == design(mixing=0.5, temperature=0.0).divergence().bias


def test_a_part_of_a_larger_result_may_be_rewritten():
    whole = design().sweep(student_rank=range(4), temperature=[0.0, 1.0])
    before = whole.copy(deep=True)
    part = whole.isel(temperature=slice(1, 2))
    design(mixing=0.5).sweep(student_rank=range(4), temperature=[5.0], out=part)
    assert np.array_equal(whole.divergence.values[:, 1:], part.divergence.values)
    assert np.array_equal(whole.divergence.values[:, 0], before.divergence.values[:, 0])


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda kept: kept.isel(temperature=[0]), ShapeError, r"temperature \(2\).*temperature \(1\)"),
        (lambda kept: kept.transpose("temperature", "student_rank"), ShapeError, "over student_rank"),
        (lambda kept: kept.rename(temperature="mixing"), DomainError, "also mixing"),
        (lambda kept: kept.drop_vars("bias"), DomainError, "quantities divergence, bias"),
        (lambda kept: kept.assign(variance=kept.bias), DomainError, "variance"),
        (lambda kept: kept.assign(bias=kept.divergence), DomainError, "memory of their own"),
        (lambda kept: kept.astype(np.float32), DomainError, "float32"),
        (lambda kept: kept.chunk(), DomainError, r"compute\(\)"),
        (lambda kept: kept.divergence, DomainError, "DataArray"),
        (lambda kept: {"divergence": kept.divergence.values}, DomainError, "dict"),
    ],
)
def test_datasets_that_do_not_fit_are_refused_and_left_as_they_are(change, error, message):
    axes = {"student_rank": range(4), "temperature": [0.0, 1.0]}
    kept = design().sweep(quantities=("divergence", "bias"), **axes)
    before = kept.copy(deep=True)
    with pytest.raises(error, match=message):
        design(mixing=0.5).sweep(quantities=("divergence", "bias"), out=change(kept), **axes)
    xr.testing.assert_identical(kept, before)


def test_a_chunked_sweep_has_no_memory_to_reuse():
    kept = design().sweep(temperature=[0.0, 1.0])
    with pytest.raises(DomainError, match="either chunks or out"):
        design().sweep(temperature=[0.0, 1.0], chunks={"temperature": 1}, out=kept)
