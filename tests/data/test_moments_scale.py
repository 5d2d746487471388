"""Moments of data too long to be summed at once: in stretches, in batches, in Dask's chunks."""

import sys
import tracemalloc

import dask
import dask.array as da
import numpy as np
import pytest
import xarray as xr
from dask.callbacks import Callback
from numpy.testing import assert_allclose

import lingauss as lg
from lingauss.data.scatter import BLOCK_ROWS, STRETCH_ROWS
from lingauss.errors import (
    EmptyDataError,
    MissingDependencyError,
    NotFiniteError,
    NotNumericError,
    OverflowingError,
    ShapeError,
)

LONG = 2 * STRETCH_ROWS + BLOCK_ROWS + 7
FAR = 1e6
CHUNKS = [(1000, 3), (777, 2), ((5000, 1, 0, 999), 1)]


def data(n=6000, seed=0):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, 3)), rng.standard_normal((n, 2))


def direct(*columns):
    """Joint scatter about the mean by two plain passes."""
    joint = np.column_stack(columns)
    centred = joint - joint.mean(axis=0)
    centred -= centred.mean(axis=0)
    return centred.T @ centred


def assert_scatter(moments, expected, tolerance=1e-12):
    spread = np.sqrt(expected.diagonal())
    scale = np.where(spread > 0, spread, 1.0)
    assert_allclose(moments.scatter / scale / scale[:, None], expected / scale / scale[:, None], rtol=0, atol=tolerance)


def assert_same(moments, other):
    assert moments.n_samples == other.n_samples
    assert_scatter(moments, other.scatter)
    assert_allclose(moments.mean, other.mean, rtol=1e-12, atol=1e-12)


# One pass


@pytest.mark.parametrize("offset", [0.0, FAR])
def test_long_data_lose_nothing(offset):
    X, Y = data(LONG)
    moments = lg.Moments.from_data(X + offset, Y - offset)
    assert_scatter(moments, direct(X + offset, Y - offset))
    mean = np.r_[X.mean(axis=0) + offset, Y.mean(axis=0) - offset]
    assert_allclose(moments.mean, mean, rtol=3e-15, atol=1e-14)


@pytest.mark.parametrize("drift", [np.linspace(0, 1e6, LONG), np.repeat([0.0, 1e9], [LONG - 10, 10])])
def test_data_that_wander_away_from_their_first_rows_lose_nothing(drift):
    X, Y = data(LONG)
    X = X + drift[:, None]
    assert_scatter(lg.Moments.from_data(X, Y), direct(X, Y))


def test_jumps_between_stretches_lose_nothing_within_them():
    X = data(3 * STRETCH_ROWS)[0]
    apart = X + FAR * np.repeat([0.0, 1.0, -1.0], STRETCH_ROWS)[:, None]
    whole = lg.Moments.from_data(apart)
    assert_scatter(whole, direct(apart))
    middle = lg.Moments.from_data(apart[STRETCH_ROWS : 2 * STRETCH_ROWS])
    assert_scatter(middle, direct(apart[STRETCH_ROWS : 2 * STRETCH_ROWS]))


def test_constant_columns_have_no_scatter():
    X = np.full((LONG, 2), [0.1, 1e9 / 3])
    moments = lg.Moments.from_data(X)
    assert_allclose(moments.mean, X[0], rtol=1e-15)
    assert np.all(np.abs(moments.scatter) <= 1e-25 * LONG * X[0] ** 2)


def test_merging_is_associative_far_from_the_origin():
    X, Y = data(9000)
    a, b, c = (
        lg.Moments.from_data(*part) for part in zip(*(np.split(side, [10, 4000]) for side in (X + FAR, Y)), strict=True)
    )
    assert_same((a + b) + c, a + (b + c))
    assert_same((a + b) + c, lg.Moments.from_data(X + FAR, Y))


def test_rounding_does_not_grow_with_the_number_of_batches():
    X, Y = data(LONG)
    batches = ((X[i : i + 512], Y[i : i + 512]) for i in range(0, LONG, 512))
    assert_scatter(lg.Moments.from_batches(batches), direct(X, Y))


def test_batches_far_from_each_other_and_of_growing_size_lose_nothing():
    X, Y = data(7000)
    X = X + FAR * np.repeat([0.0, 1.0, -1.0, 3.0], [10, 90, 2900, 4000])[:, None]
    batches = zip(*(np.split(side, [10, 100, 3000]) for side in (X, Y)), strict=True)
    assert_scatter(lg.Moments.from_batches(batches), direct(X, Y))


def test_overflow_late_in_the_data_is_located():
    X = data(LONG)[0]
    X[-1, 1] = 1e200
    with pytest.raises(OverflowingError, match=r"1e\+200"):
        lg.Moments.from_data(X)
    X[-1, 1] = np.nan
    with pytest.raises(NotFiniteError, match=f"row {LONG - 1}, column 1"):
        lg.Moments.from_data(X)


# Memory


def test_batches_need_less_memory_than_three_of_them():
    def batches():
        for seed in range(5):
            yield data(40_000, seed)

    tracemalloc.start()
    try:
        lg.Moments.from_batches(batches())
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 3 * 40_000 * 5 * 8


def test_a_memory_mapped_file_is_read_in_batches(tmp_path):
    X, Y = data(LONG)
    np.save(tmp_path / "X.npy", X)
    mapped = np.load(tmp_path / "X.npy", mmap_mode="r")
    batches = ((mapped[i : i + 10_000], Y[i : i + 10_000]) for i in range(0, LONG, 10_000))
    assert_same(lg.Moments.from_batches(batches), lg.Moments.from_data(X, Y))


# Dask


@pytest.mark.parametrize("chunks", CHUNKS)
@pytest.mark.parametrize("offset", [0.0, FAR])
@pytest.mark.parametrize("center", [True, False])
def test_dask_arrays_give_the_moments_of_the_data_in_memory(chunks, offset, center):
    X, Y = data()
    X, Y = X + offset, Y + offset
    expected = lg.Moments.from_data(X, Y, center=center)
    lazy = da.from_array(X, chunks=chunks), da.from_array(Y, chunks=(1500, 1))
    for pair in (lazy, (lazy[0], Y), (X, lazy[1])):
        assert_same(lg.Moments.from_data(*pair, center=center), expected)
    assert_same(lg.Moments.from_data(lazy[0], center=center), lg.Moments.from_data(X, center=center))


def test_dask_labels_of_one_axis_are_one_output():
    X, Y = data()
    lazy = lg.Moments.from_data(da.from_array(X, chunks=(1000, 3)), da.from_array(Y[:, 0], chunks=700))
    assert_same(lazy, lg.Moments.from_data(X, Y[:, 0]))


def test_dask_arrays_of_unknown_length_are_paired_by_chunk():
    X, Y = data()
    keep = X[:, 0] > 1.5
    keep[2000:4000] = False  # leaves whole chunks empty
    lazy = da.from_array(X, chunks=(1000, 3)), da.from_array(Y, chunks=(1000, 2)), da.from_array(keep, chunks=1000)
    moments = lg.Moments.from_data(lazy[0][lazy[2]], lazy[1][lazy[2]])
    assert_same(moments, lg.Moments.from_data(X[keep], Y[keep]))
    with pytest.raises(ShapeError, match="compute_chunk_sizes"):
        lg.Moments.from_data(lazy[0][lazy[2]], lazy[1].rechunk((500, 2)))
    with pytest.raises(EmptyDataError, match="at least one sample"):
        lg.Moments.from_data(lazy[0][lazy[0][:, 0] > 100])


def test_dask_batches_and_problems():
    X, Y = data()
    lazy = da.from_array(X, chunks=(1000, 3)), da.from_array(Y, chunks=(1000, 2))
    assert_same(
        lg.Moments.from_batches([(lazy[0][:3000], lazy[1][:3000]), (X[3000:], Y[3000:])]), lg.Moments.from_data(X, Y)
    )
    here, there = lg.Problem.from_data(X, Y), lg.Problem.from_data(*lazy)
    assert_allclose(there.label_noise, here.label_noise, rtol=1e-12)


@pytest.mark.parametrize(
    ("X", "Y", "error", "message"),
    [
        (lambda X, Y: X[:5000], lambda X, Y: Y, ShapeError, "each of the 5000 samples in X; got 6000 rows"),
        (lambda X, Y: X[:, 0], lambda X, Y: Y, ShapeError, r"X with shape \(samples, features\)"),
        (lambda X, Y: X, lambda X, Y: Y[:, :, None], ShapeError, r"Y with shape \(samples, outputs\)"),
        (lambda X, Y: X.astype(complex), lambda X, Y: Y, NotNumericError, "complex"),
        (lambda X, Y: X[:0], lambda X, Y: None, EmptyDataError, "at least one sample"),
        (lambda X, Y: X[:, :0], lambda X, Y: None, EmptyDataError, "at least one feature"),
        (lambda X, Y: xr.DataArray(X), lambda X, Y: Y, NotNumericError, "a DataArray of xarray.*x.data"),
    ],
)
def test_dask_data_that_are_no_table_of_numbers_are_refused(X, Y, error, message):
    lazy = tuple(da.from_array(part, chunks=(1000, 1)) for part in data())
    with pytest.raises(error, match=message):
        lg.Moments.from_data(X(*lazy), Y(*lazy))


def test_missing_values_in_dask_arrays_are_located_in_the_whole():
    X, _ = data()
    X[4321, 2] = np.nan
    with pytest.raises(NotFiniteError, match="row 4321, column 2"):
        lg.Moments.from_data(da.from_array(X, chunks=(1000, 3)))


def test_chunks_are_merged_as_a_tree():
    X = da.zeros((64, 2), chunks=(1, 2))
    finished = []
    recorder = Callback(posttask=lambda key, *_: finished.append(str(key)))
    with dask.config.set(scheduler="synchronous"), recorder:
        lg.Moments.from_data(X)
    assert sum(key.startswith("_merged") for key in finished) == 8 + 1


def test_without_dask_the_error_names_the_extra(monkeypatch):
    lazy = da.zeros((4, 2), chunks=(2, 2))
    monkeypatch.setitem(sys.modules, "dask.array", None)
    with pytest.raises(MissingDependencyError, match=r"lingauss\[scale\]"):
        lg.Moments.from_data(lazy)
