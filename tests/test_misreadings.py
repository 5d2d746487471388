"""What could be read in two ways is refused, or read in the one way that is meant; mistakes name their remedy."""

import itertools
import os
import subprocess
import sys
import time
from concurrent.futures import CancelledError

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

import lingauss as lg
from lingauss import errors
from lingauss.spreadsheets import STARTS, as_csv, as_text
from lingauss.sweep.store import naming_lost_blocks, save
from lingauss.tables.table import check_names, split_columns
from lingauss.validation import as_flag, as_indices, as_share

RNG = np.random.default_rng(0)
X, Y = RNG.standard_normal((20, 3)), RNG.standard_normal(20)
PROBLEM = lg.Problem.from_spectrum([4.0, 1.0, 0.25], [1.0, 1.0, 1.0], n_samples=10, label_noise=0.5)


def moments():
    return lg.Moments.from_data(X, Y)


# Indices

entries = st.one_of(st.integers(-4, 4), st.booleans(), st.floats(-2, 4), st.none(), st.text(max_size=1))


@given(st.lists(entries, max_size=4), st.integers(1, 4))
def test_only_distinct_whole_numbers_within_the_length_are_indices(listed, length):
    legal = all(type(entry) is int and 0 <= entry < length for entry in listed) and len(set(listed)) == len(listed)
    try:
        assert as_indices(listed, "columns", length).tolist() == listed
    except errors.LingaussError:
        assert not legal
    else:
        assert legal


@pytest.mark.parametrize("wrong", [[-1], [3], [0, 0], [0.7], [True, False, True], np.array([True, False, True]), None])
def test_moments_keep_features_that_are_named_by_their_numbers(wrong):
    assert_same = np.testing.assert_array_equal
    assert_same(moments().part([2, 0]).gram, moments().gram[np.ix_([2, 0], [2, 0])])
    with pytest.raises(errors.LingaussError):
        moments().part(wrong)
    with pytest.raises(errors.LingaussError):
        moments().part([0], wrong if wrong is not None else [-1])


def test_rounds_are_counted_from_1():
    chain = lg.Chain(lg.Distillation(PROBLEM), 3, mixing=[0.1, 0.2, 0.3])
    assert [chain.settings(number)["mixing"] for number in (1, 2, 3)] == [0.1, 0.2, 0.3]
    for number in (0, -1, 4, 1.5, "1", None):
        with pytest.raises(errors.LingaussError):
            chain.settings(number)


# Values

CLASSES = ("center", "no", 1, 0, np.nan, None, [], "True")


@given(st.one_of(st.none(), st.integers(), st.floats(), st.text(), st.lists(st.booleans())))
def test_only_true_and_false_are_flags(value):
    with pytest.raises(errors.DomainError):
        as_flag(value, "flag")


@pytest.mark.parametrize(
    "call",
    [
        lambda flag: lg.Moments.from_data(X, Y, center=flag),
        lambda flag: lg.Moments.from_batches([(X, Y)], center=flag),
        lambda flag: lg.Problem.from_data(X, Y, center=flag),
        lambda flag: lg.Chain(lg.Distillation(PROBLEM), 2).ledger(1, from_first=flag),
        lambda flag: lg.from_posterior([1.0], gram=[[1.0]], penalty=1.0, label_noise=1.0, n_samples=5, intercept=flag),
        *(
            lambda flag, name=name: lg.analyze(X, (Y > 0).astype(float), **{name: flag})
            for name in ("leave_one_out", "standardise", "scale_targets", "classes", "drop_missing", "drop_constant")
        ),
    ],
)
def test_every_public_flag_refuses_what_is_none(call):
    call(True)
    for value in ("no", 0, 1.0, np.nan):
        with pytest.raises(errors.DomainError, match="as True or False"):
            call(value)


@given(st.floats(0, 0.99))
def test_shares_are_the_same_as_fractions_and_as_percentages(share):
    assert as_share(share, "tolerance") == share
    assert as_share(str(share), "tolerance") == share
    assert as_share(f"{100 * share!r}%", "tolerance") == pytest.approx(share, rel=1e-12, abs=1e-300)


def test_shares_that_may_be_percentages_are_refused():
    case = lg.Distillation(PROBLEM, bottleneck=lg.Principal(1))
    for call in (
        lambda tolerance: lg.analyze(X, Y, tolerance=tolerance).wishes.tolerance,
        lambda tolerance: case.optimize(over="student_rank", tolerance=tolerance).value,
    ):
        assert call("5%") == call(0.05) == call("0.05")
        assert call("500%") >= 0
        for wrong in (5, 1, "5", "x%", "%", -0.1, "-5%", np.nan):
            with pytest.raises(errors.LingaussError):
                call(wrong)


@pytest.mark.parametrize("factor", [np.nan, np.inf, "2", [1.0, 2.0], [[1.0, 2.0, 3.0]], None])
def test_units_are_changed_by_numbers(factor):
    for arguments in ((factor,), (1.0, factor)):
        if arguments == (1.0, [1.0, 2.0]) or factor is not None:
            with pytest.raises(errors.LingaussError):
                moments().scaled(*arguments)


def test_a_negative_scatter_is_none():
    good = moments()
    for scatter in (-good.scatter, good.scatter[:2], good.scatter.astype(int), None):
        with pytest.raises(errors.LingaussError):
            lg.Moments(good.n_samples, good.mean, scatter, good.n_features, True, good.mean_tail)
    constant = lg.Moments.from_data(np.full((7, 2), 1e8 / 3), np.arange(7.0))  # whose scatter is rounding alone
    assert (constant + constant).part([0]).scaled(1e-8).n_samples == 14


# Rows

ORDER = np.arange(20)[::-1]
PANDAS = {
    "moments": lg.Moments.from_data,
    "problem": lg.Problem.from_data,
    "batches": lambda x, y: lg.Moments.from_batches([(x, y)]),
    "analysis": lg.analyze,
    "plain inputs": lambda x, y: lg.Moments.from_data(x, y.to_frame()),
}


@pytest.mark.parametrize("call", PANDAS.values(), ids=PANDAS.keys())
def test_rows_of_pandas_that_belong_to_other_samples_are_not_joined(call):
    inputs, targets = pd.DataFrame(X, columns=list("abc")), pd.Series(Y, name="y")
    call(inputs, targets)
    call(inputs, targets.to_numpy()) if call is not PANDAS["plain inputs"] else None
    for other in (targets.iloc[::-1], targets.set_axis(range(1, 21)), targets.set_axis(list("abcdefghijklmnopqrst"))):
        with pytest.raises(errors.MisalignedError, match=r"Y\.loc\[X\.index\]"):
            call(inputs, other)
        with pytest.raises(errors.MisalignedError):
            call(inputs.set_axis(other.index), targets)


def test_rows_of_xarray_that_belong_to_other_samples_are_not_joined():
    inputs = xr.DataArray(X, dims=("time", "feature"), coords={"time": np.arange(20)})
    targets = xr.DataArray(Y, dims="time", coords={"time": np.arange(20)})
    lg.Moments.from_data(inputs, targets)
    lg.Moments.from_data(inputs, targets.drop_vars("time"))
    with pytest.raises(errors.MisalignedError):
        lg.Moments.from_data(inputs, targets.assign_coords(time=np.arange(20) + 1))


def test_columns_are_named_by_whole_numbers_too():
    frame = pd.DataFrame(np.column_stack([X, Y]))
    expected = lg.analyze(X, Y).coefficients().to_numpy()
    for targets in (3, [3], np.int64(3)):
        np.testing.assert_allclose(lg.analyze(frame, targets).coefficients().to_numpy(), expected)
    assert lg.analyze(frame, 3, features=[0, 2]).features == ("0", "2")
    assert lg.analyze(frame, 3, exclude=[1]).features == ("0", "2")
    with pytest.raises(errors.UnknownNameError):
        lg.analyze(frame, 7)


# Calls


@pytest.mark.parametrize(
    ("call", "hint"),
    [
        (lambda: lg.Ridge(alpha=1), "Did you mean penalty?"),
        (lambda: lg.Ridge(penalti=1), "Did you mean penalty?"),
        (lambda: lg.Distillation(PROBLEM, rank=2), "bottleneck=lg.Principal"),
        (lambda: lg.Distillation(PROBLEM, tau=2), "Did you mean temperature?"),
        (lambda: lg.Distillation(PROBLEM).replace(tau=2), "Did you mean temperature?"),
        (lambda: lg.Distillation(PROBLEM).sweep(xi=[2]), "Did you mean mixing?"),
        (lambda: lg.analyze(X, Y, tolerence=0.1), "Did you mean tolerance?"),
        (lambda: lg.Principal(rnk=1), "Did you mean rank?"),
        (lambda: lg.bound_curves(lg.Distillation(PROBLEM), 3.0), "missing a required argument: 'values'"),
        (lambda: lg.Chain(), "missing a required argument: 'case'"),
    ],
)
def test_a_call_that_does_not_fit_names_what_may_have_been_meant(call, hint):
    with pytest.raises(errors.LingaussError) as found:
        call()
    assert hint in str(found.value)


def test_a_fitted_model_as_a_teacher_is_pointed_to_its_door():
    class Fitted:
        coef_ = np.ones(3)

    with pytest.raises(errors.DomainError, match="from_posterior"):
        lg.Distillation(PROBLEM, Fitted())


class Tensor:
    """A tensor that requires a gradient: numpy may not have it."""

    def detach(self):
        raise NotImplementedError

    def __array__(self, *_, **__):
        raise RuntimeError("Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.")


@pytest.mark.parametrize(
    "call",
    [
        lambda t: lg.Gaussian(t, np.eye(2)),
        lambda t: lg.Moments.from_data(t),
        lambda t: lg.Moments.from_data(X, t),
        lambda t: lg.analyze(t, Y),
        lambda t: lg.from_posterior(t, np.eye(2), label_noise=1.0, n_samples=5, prior_variance=1.0),
        lambda t: PROBLEM.with_truth(t),
    ],
)
def test_a_tensor_with_a_gradient_is_to_be_detached(call):
    with pytest.raises(errors.NotNumericError, match=r"tensor\.detach\(\)\.cpu\(\)"):
        call(Tensor())


# Work without end


def test_names_are_compared_in_linear_time():
    names = [f"column {number}" for number in range(300_000)]
    start = time.perf_counter()
    check_names(names, "a table")
    inputs, _ = split_columns(names, names[:1000], None, names[1000:2000], "a table")
    assert len(inputs) == 298_000
    with pytest.raises(errors.UnknownNameError):
        split_columns(names, ["colum 7"], None, (), "a table")
    assert time.perf_counter() - start < 10


@pytest.mark.parametrize(
    "call",
    [
        lambda: lg.Channel.identity(10**6),
        lambda: lg.Gaussian([0.0], [[1.0]]).sample(10**12, 0),
        lambda: lg.Diagonal(np.ones(10**6)).matrix,
        lambda: lg.Chain(lg.Distillation(PROBLEM), 2).with_rounds(10**6),
        lambda: lg.Chain(lg.Distillation(PROBLEM), 10**15, mixing=0.5),
        lambda: lg.Distillation(PROBLEM).gap_cumulants.cumulant(10**6),
        lambda: lg.Distillation(PROBLEM).sweep(student_rank=range(10**12)),
    ],
)
def test_sizes_that_no_machine_can_serve_are_refused_at_once(call):
    start = time.perf_counter()
    with pytest.raises((errors.GridTooLargeError, errors.DomainError)):
        call()
    assert time.perf_counter() - start < 5


# Files


def table(path):
    pd.DataFrame(np.column_stack([X, Y]), columns=["a", "b", "c", "y"]).to_csv(path, index=False)


def test_a_pipe_is_read_once(tmp_path):
    table(tmp_path / "file.csv")
    expected = lg.analyze(tmp_path / "file.csv", "y", leave_one_out=True).coefficients()
    os.mkfifo(tmp_path / "pipe.csv")
    script = "import shutil, sys; shutil.copyfileobj(open(sys.argv[1]), open(sys.argv[2], 'w'))"
    with subprocess.Popen([sys.executable, "-c", script, tmp_path / "file.csv", tmp_path / "pipe.csv"]):
        found = lg.analyze(tmp_path / "pipe.csv", "y", leave_one_out=True)
    assert found.origin == "pipe.csv"
    pd.testing.assert_frame_equal(found.coefficients(), expected)


def test_a_device_as_input_is_refused():
    with pytest.raises(errors.FileFormatError, match="a file or a pipe"):
        lg.analyze("/dev/zero", "y", separator=",")


HEADER = "{'descr': '<f8', 'fortran_order': False, 'shape': %s, }"
SHAPES = ["(-5, 3)", "(5, -3)", "(100000000000000000000000000000, 3)", "(4611686018427387904, 4)", "(1e3, 2)", "('a',)"]


@pytest.mark.parametrize("shape", SHAPES)
def test_an_npy_file_of_an_impossible_shape_is_refused(shape, tmp_path):
    header = (HEADER % shape).ljust(117).encode() + b"\n"
    content = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + bytes(800)
    (tmp_path / "x.npy").write_bytes(content)
    import zipfile

    with zipfile.ZipFile(tmp_path / "x.npz", "w") as archive:
        for name in ("X.npy", "y.npy"):
            archive.writestr(name, content)
    for name, target in (("x.npy", "0"), ("x.npz", "y")):
        with pytest.raises(errors.FileFormatError):
            lg.analyze(tmp_path / name, target)


def test_whole_numbers_beyond_the_format_are_refused_with_the_remedy(tmp_path):
    case = lg.Distillation(PROBLEM)
    for size in (1e10, 2**40):
        dataset = case.sweep(n_samples=[10, size])
        with pytest.raises(errors.DomainError, match="astype"):
            save(dataset, tmp_path / "sweep.nc")
        save(dataset.assign_coords(n_samples=dataset["n_samples"].astype(float)), tmp_path / "sweep.nc")


def test_a_result_that_was_cancelled_is_named_by_its_block():
    grid = lg.Distillation(PROBLEM).sweep(temperature=[0.5, 1.0, 2.0], chunks={"temperature": 2})
    error = CancelledError()
    error.key = ("getitem", 1)
    with (
        pytest.raises(errors.BlockError, match=r"block temperature 2; got no answer.*restarted"),
        naming_lost_blocks(grid),
    ):
        raise error
    with pytest.raises(errors.BlockError, match=r"temperature 0\.5 to 2;"), naming_lost_blocks(grid):
        raise CancelledError


def test_the_task_of_a_block_says_of_what_it_is_a_block():
    grid = lg.Distillation(PROBLEM).sweep(temperature=[0.5, 1.0], student_rank=[1, 2], chunks={"temperature": 1})
    assert any("sweep-temperature-student_rank-" in str(key) for key in grid.divergence.__dask_graph__())


# Spreadsheets


@given(st.text(max_size=6))
def test_no_text_of_a_table_is_a_formula(text):
    import unicodedata

    safe = as_text(text)
    assert safe in (text, f"'{text}")
    if safe == text and unicodedata.normalize("NFKC", text).startswith(STARTS):
        float(text)


def test_all_text_of_a_table_is_looked_at():
    frame = pd.DataFrame({"=1": [1.5, -2.0], "+b": ["@x", "-2"]}, index=pd.Index(["-a", "ok"], name="=name"))
    assert as_csv(frame).decode().splitlines() == ["'=name,'=1,'+b", "'-a,1.5,'@x", "ok,-2.0,-2"]


def test_results_of_a_falsification_travel(tmp_path, monkeypatch):
    import pickle

    from lingauss.testing import falsify

    monkeypatch.chdir(tmp_path)
    result = falsify(lambda case: case.divergence().total < 1.0, cases=40)
    assert list(itertools.islice(tmp_path.iterdir(), 1)) == []
    again = pickle.loads(pickle.dumps(result))  # noqa: S301 (our own bytes)
    assert repr(again) == repr(result)
    assert again.to_python() == result.to_python()
    with pytest.raises(errors.ClaimError, match="from a pickle"):
        again.claim(result.case)
