"""Moments: those of the data whatever the batches, the layout or the distance from the origin."""

import functools
import operator
import pickle

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import lingauss as lg
from lingauss.data.scatter import BLOCK_ROWS
from lingauss.errors import (
    EmptyDataError,
    LingaussError,
    MissingLabelsError,
    NotFiniteError,
    NotNumericError,
    OverflowingError,
    ShapeError,
)

FAR = 2.0**20  # about 1e6; adding it to multiples of 2**-20 of order one is exact


def data(n=50, d=3, k=2, seed=0):
    """Inputs and labels of order one on a dyadic grid, so that shifting them by FAR rounds nothing."""
    rows = np.random.default_rng(seed).normal(size=(n, d + k))
    rows = np.round(rows * 2.0**20) / 2.0**20
    return rows[:, :d], rows[:, d:]


def direct(X, Y=None):
    """Joint scatter about the mean, in the plainest way."""
    joint = X if Y is None else np.column_stack([X, Y])
    centred = joint - joint.mean(axis=0)
    return centred.T @ centred


def assert_same_moments(a, b, tolerance=1e-12):
    """Entries of the scatter are compared in units of the two variables' own spreads."""
    assert (a.n_samples, a.n_features, a.outputs, a.centred) == (b.n_samples, b.n_features, b.outputs, b.centred)
    spread = np.sqrt(b.scatter.diagonal())
    assert_allclose(a.scatter / spread / spread[:, None], b.scatter / spread / spread[:, None], rtol=0, atol=tolerance)
    assert_allclose(a.mean, b.mean, rtol=tolerance, atol=tolerance)


# What they are


@pytest.mark.parametrize("n", [1, 2, 50, BLOCK_ROWS, BLOCK_ROWS + 1, 3 * BLOCK_ROWS + 7])
@pytest.mark.parametrize("offset", [0.0, FAR])
def test_moments_are_the_mean_and_the_centred_scatter(n, offset):
    X, Y = data(n)
    moments = lg.Moments.from_data(X + offset, Y - offset)
    assert (moments.n_samples, moments.n_features, moments.outputs, moments.centred) == (n, 3, 2, True)
    expected = direct(X, Y)
    assert_allclose(moments.scatter, expected, rtol=0, atol=1e-13 * n)
    assert_allclose(moments.input_mean, X.mean(axis=0) + offset, rtol=1e-15, atol=1e-13)
    assert_allclose(moments.label_mean, Y.mean(axis=0) - offset, rtol=1e-15, atol=1e-13)


def test_parts_of_the_scatter_have_their_names():
    X, Y = data()
    moments = lg.Moments.from_data(X, Y)
    Xc, Yc = X - X.mean(axis=0), Y - Y.mean(axis=0)
    assert_allclose(moments.gram, Xc.T @ Xc, atol=1e-12)
    assert_allclose(moments.statistic, Yc.T @ Xc, atol=1e-12)
    assert_allclose(moments.label_scatter, Yc.T @ Yc, atol=1e-12)
    assert repr(moments) == "Moments(50 samples, 3 features, 2 outputs, about the mean)"


def test_uncentred_moments_are_about_the_origin():
    X, Y = data()
    moments = lg.Moments.from_data(X, Y, center=False)
    joint = np.column_stack([X, Y])
    assert_allclose(moments.scatter, joint.T @ joint, atol=1e-12)
    assert_array_equal(moments.mean, np.zeros(5))
    assert repr(moments).endswith("about the origin)")


def test_one_axis_of_labels_is_one_output():
    X, Y = data()
    assert_array_equal(lg.Moments.from_data(X, Y[:, 0]).scatter, lg.Moments.from_data(X, Y[:, :1]).scatter)


def test_inputs_alone_have_no_statistic():
    moments = lg.Moments.from_data(data()[0])
    assert moments.outputs == 0
    for name in ("statistic", "label_scatter"):
        with pytest.raises(MissingLabelsError, match="Pass Y"):
            getattr(moments, name)


LAYOUTS = {
    "list": lambda X: X.tolist(),
    "tuple rows": lambda X: [tuple(row) for row in X],
    "Fortran order": np.asfortranarray,
    "strided": lambda X: np.repeat(X, 2, axis=1)[:, ::2],
    "reversed": lambda X: X[::-1].copy()[::-1],
    "big-endian": lambda X: X.astype(">f8"),
    "object": lambda X: X.astype(object),
    "DataFrame": lambda X: pd.DataFrame(X, columns=list("abc"[: X.shape[1]])),
    "unmasked masked array": np.ma.masked_array,
}


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS.keys())
def test_any_container_of_the_same_numbers_gives_the_same_moments(layout):
    X, Y = data()
    assert_same_moments(lg.Moments.from_data(layout(X), layout(Y)), lg.Moments.from_data(X, Y))


@pytest.mark.parametrize("dtype", [np.int8, np.int64, np.uint16, np.float16, np.float32, bool])
def test_narrow_types_are_computed_in_float64(dtype):
    X = np.random.default_rng(0).integers(0, 100, size=(5000, 2)).astype(dtype)
    moments = lg.Moments.from_data(X)
    assert moments.scatter.dtype == np.float64
    assert_same_moments(moments, lg.Moments.from_data(X.astype(np.float64)))


def test_pandas_series_and_integer_frames_are_labels_too():
    X, Y = data()
    series = pd.Series(Y[:, 0], index=np.arange(50)[::-1])
    assert_array_equal(lg.Moments.from_data(X, series).statistic, lg.Moments.from_data(X, Y[:, 0]).statistic)


def test_memory_mapped_inputs_are_read(tmp_path):
    X, _ = data(2 * BLOCK_ROWS)
    np.save(tmp_path / "X.npy", X)
    mapped = np.load(tmp_path / "X.npy", mmap_mode="r")
    assert_array_equal(lg.Moments.from_data(mapped).scatter, lg.Moments.from_data(X).scatter)


def test_data_are_neither_changed_nor_required_writable():
    X, Y = data()
    copies = X.copy(), Y.copy()
    for array in (X, Y):
        array.flags.writeable = False
    lg.Moments.from_data(X, Y)
    assert_array_equal(X, copies[0])
    assert_array_equal(Y, copies[1])


def test_results_are_read_only():
    X, Y = data()
    for moments in (lg.Moments.from_data(X, Y), lg.Moments.from_data(X, Y) + lg.Moments.from_data(X, Y)):
        for array in (moments.mean, moments.scatter, moments.gram, moments.statistic, moments.input_mean):
            with pytest.raises(ValueError, match="read-only"):
                array[...] = 0.0


# Merging


@pytest.mark.parametrize("offset", [0.0, FAR, 2.0**12 * FAR])
@pytest.mark.parametrize("cuts", [[10, 30], [1, 2], [48, 49], [3, 5]])
def test_merging_is_associative_and_commutative_and_gives_the_whole(cuts, offset):
    X, Y = data()
    parts = zip(np.split(X + offset, cuts), np.split(Y - offset, cuts), strict=True)
    a, b, c = (lg.Moments.from_data(*part) for part in parts)
    expected = lg.Moments.from_data(X + offset, Y - offset)
    assert_allclose(expected.scatter, direct(X, Y), rtol=0, atol=1e-12)
    for merged in ((a + b) + c, a + (b + c), (c + b) + a, b + (a + c)):
        assert_same_moments(merged, expected)


def test_merging_many_batches_far_from_the_origin_loses_nothing():
    X, Y = data(4000)
    batches = [lg.Moments.from_data(X[i : i + 7] + FAR, Y[i : i + 7] - FAR) for i in range(0, 4000, 7)]
    total = functools.reduce(operator.add, batches)
    assert_allclose(total.scatter, direct(X, Y), rtol=0, atol=1e-12 * 4000)


def test_merging_far_apart_batches_adds_the_distance_of_their_means():
    near, far = np.array([[1.0], [3.0]]), np.array([[1001.0], [1003.0], [1005.0], [1007.0]])
    merged = lg.Moments.from_data(near) + lg.Moments.from_data(far)
    assert_allclose(merged.scatter, direct(np.concatenate([near, far])), rtol=1e-15)


def test_uncentred_moments_just_add():
    X, Y = data()
    a, b = (lg.Moments.from_data(X[part], Y[part], center=False) for part in (slice(20), slice(20, None)))
    assert_array_equal((a + b).scatter, a.scatter + b.scatter)
    assert_array_equal((a + b).mean, np.zeros(5))


def test_augmented_assignment_accumulates_without_touching_the_old_value():
    X, Y = data()
    moments = first = lg.Moments.from_data(X[:20], Y[:20])
    before = first.scatter.copy()
    moments += lg.Moments.from_data(X[20:], Y[20:])
    assert_same_moments(moments, lg.Moments.from_data(X, Y))
    assert first.n_samples == 20
    assert_array_equal(first.scatter, before)


@pytest.mark.parametrize(
    "other",
    [
        lambda X, Y: lg.Moments.from_data(X[:, :2], Y),
        lambda X, Y: lg.Moments.from_data(X, Y[:, :1]),
        lambda X, Y: lg.Moments.from_data(X),
        lambda X, Y: lg.Moments.from_data(X, Y, center=False),
        lambda X, Y: lg.Moments.from_data(np.column_stack([X, Y[:, :1]]), Y[:, 1:]),
    ],
    ids=["features", "outputs", "no labels", "uncentred", "same width, other split"],
)
def test_moments_of_other_variables_do_not_merge(other):
    X, Y = data()
    with pytest.raises(ShapeError, match=r"moments with 3 features, 2 outputs, center=True; got"):
        lg.Moments.from_data(X, Y) + other(X, Y)


def test_moments_add_to_moments_only():
    with pytest.raises(TypeError):
        lg.Moments.from_data(data()[0]) + 1


def test_moments_survive_a_pickle():
    X, Y = data()
    moments = lg.Moments.from_data(X + FAR, Y)
    again = pickle.loads(pickle.dumps(moments))  # noqa: S301 (our own bytes)
    assert_same_moments(again + again, moments + moments, tolerance=0)


# Batches


@pytest.mark.parametrize("size", [1, 7, 50])
@pytest.mark.parametrize("center", [True, False])
def test_batches_of_pairs_give_the_moments_of_the_whole(size, center):
    X, Y = data()
    pairs = ((X[i : i + size], Y[i : i + size]) for i in range(0, 50, size))
    assert_same_moments(lg.Moments.from_batches(pairs, center=center), lg.Moments.from_data(X, Y, center=center))


def test_batches_of_inputs_alone_give_the_moments_of_the_whole():
    X, _ = data()
    batches = (X[i : i + 9] for i in range(0, 50, 9))
    assert_same_moments(lg.Moments.from_batches(batches), lg.Moments.from_data(X))


def test_batches_may_be_lists_or_frames_and_differ_in_kind():
    X, Y = data(30)
    batches = [(X[:10].tolist(), Y[:10].tolist()), (pd.DataFrame(X[10:20]), pd.DataFrame(Y[10:20])), (X[20:], Y[20:])]
    assert_same_moments(lg.Moments.from_batches(batches), lg.Moments.from_data(X, Y))


def test_batches_are_held_one_at_a_time():
    alive = []

    def batches():
        for i in range(20):
            yield data(5, seed=i)
            alive.append(i)

    lg.Moments.from_batches(batches())
    assert alive == list(range(20))  # each is done with before the next is asked for


def test_batches_that_do_not_fit_each_other_are_refused():
    X, Y = data()
    for batches in ([X, X[:, :2]], [(X, Y), X], [(X, Y), (X, Y[:, 0])]):
        with pytest.raises(ShapeError, match="Merge moments of the same variables"):
            lg.Moments.from_batches(batches)


# Bad input


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("row", [0, 13, BLOCK_ROWS + 5])
def test_missing_value_is_located_by_row_and_column(bad, row):
    X, Y = data(BLOCK_ROWS + 10)
    broken = X.copy()
    broken[row, 1] = bad
    with pytest.raises(NotFiniteError, match=f"finite X; got {bad} in row {row}, column 1.*impute"):
        lg.Moments.from_data(broken, Y)
    broken = Y.copy()
    broken[row, 0] = bad
    with pytest.raises(NotFiniteError, match=f"finite Y; got {bad} in row {row}, column 0"):
        lg.Moments.from_data(X, broken)


@pytest.mark.parametrize("container", [pd.DataFrame, np.ndarray.tolist, lambda X: X.astype(object)])
def test_missing_value_is_located_in_any_container(container):
    X, _ = data()
    X[7, 2] = np.nan
    with pytest.raises(NotFiniteError, match="nan in row 7, column 2"):
        lg.Moments.from_data(container(X))


def test_none_counts_as_missing():
    with pytest.raises(NotFiniteError, match="nan in row 1, column 0"):
        lg.Moments.from_data([[1.0, 2.0], [None, 3.0]])


@pytest.mark.parametrize("dtype", [np.float64, object])
@pytest.mark.parametrize("center", [True, False])
def test_squares_beyond_float64_are_a_typed_error(dtype, center):
    small, large = np.array([[1.0], [2.0]]), np.array([[1e200], [2.0]], dtype=dtype)
    for X, Y in ((large, small), (small, large)):
        with pytest.raises(OverflowingError, match=r"squares fit in float64; got entries up to 1e\+200.*Rescale"):
            lg.Moments.from_data(X, Y, center=center)


def test_overflow_while_merging_is_a_typed_error():
    apart = [lg.Moments.from_data(np.full((3, 1), value)) for value in (-1e200, 1e200)]
    with pytest.raises(OverflowingError, match=r"means 2e\+200 apart"):
        apart[0] + apart[1]
    full = lg.Moments.from_data([[1e154]], center=False)
    with pytest.raises(OverflowingError, match=r"scatters up to 1e\+308"):
        full + full


@pytest.mark.parametrize(
    ("X", "Y", "error", "message"),
    [
        (np.empty((0, 3)), None, EmptyDataError, "at least one sample"),
        (np.empty((3, 0)), None, EmptyDataError, "at least one feature"),
        ([], None, ShapeError, r"\(samples, features\)"),
        (np.ones((3, 2)), np.ones(2), ShapeError, r"each of the 3 samples.*2 rows.*Axis 0"),
        (np.ones((3, 2)), [], EmptyDataError, "Y with at least one sample"),
        (np.ones(3), None, ShapeError, r"X with shape \(samples, features\); got shape \(3,\)"),
        (np.ones((2, 2, 2)), None, ShapeError, r"got shape \(2, 2, 2\)"),
        (np.ones((2, 2)), np.ones((2, 1, 1)), ShapeError, r"Y with shape \(samples, outputs\)"),
        (None, None, ShapeError, "X"),
        (1.0, None, ShapeError, "X"),
        ([[1.0, 2.0], [3.0]], None, ShapeError, "X as a rectangular array.*same length"),
        ([["a", "b"]], None, NotNumericError, "X as an array of real numbers"),
        (np.array([["1", 2.0]], dtype=object), None, NotNumericError, "text"),
        (pd.DataFrame({"x": ["1", "2"]}), None, NotNumericError, "X"),
        ([[1j]], None, NotNumericError, "complex"),
        (np.array([["2020-01-01"]], dtype="M8[D]"), None, NotNumericError, "datetime64"),
        (pd.DataFrame({"x": pd.to_datetime(["2020-01-01"])}), None, NotNumericError, "X"),
        (np.ma.masked_array([[1.0], [2.0]], [[False], [True]]), None, NotFiniteError, "without masked entries"),
        (np.ones((2, 1)), np.ma.masked_array([1.0, 2.0], [True, False]), NotFiniteError, "Y without masked"),
    ],
)
def test_data_that_are_no_table_of_numbers_are_refused(X, Y, error, message):
    with pytest.raises(LingaussError, match=message) as caught:
        lg.Moments.from_data(X, Y)
    assert type(caught.value) is error


def test_no_batches_are_no_data():
    with pytest.raises(EmptyDataError, match="at least one batch"):
        lg.Moments.from_batches(iter([]))


# In other units, and of fewer variables


def test_scaled_moments_are_those_of_scaled_data():
    X, Y = data()
    a, b = np.array([2.0, 0.5, -4.0]), np.array([0.25, 8.0])
    assert_same_moments(lg.Moments.from_data(X, Y).scaled(a, b), lg.Moments.from_data(X * a, Y * b))


def test_a_part_of_the_moments_is_the_moments_of_a_part():
    X, Y = data()
    moments = lg.Moments.from_data(X, Y)
    assert_same_moments(moments.part([2, 0]), lg.Moments.from_data(X[:, [2, 0]], Y))
    assert_same_moments(moments.part([1], [1]), lg.Moments.from_data(X[:, [1]], Y[:, [1]]))


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("center", [True, False])
def test_moments_do_not_depend_on_the_number_of_cores(count, center, monkeypatch):
    monkeypatch.setattr("lingauss.data.scatter.cores", lambda: count)
    rng = np.random.default_rng(0)
    X, Y = rng.standard_normal((5_000, 3)) + 1e6 * center, rng.standard_normal((5_000, 2))
    moments = lg.Moments.from_batches([(X[:1_000], Y[:1_000]), (X[1_000:], Y[1_000:])], center=center)
    both = np.concatenate([X, Y], axis=1)
    expected = both - both.mean(axis=0) if center else both
    assert_allclose(moments.scatter, expected.T @ expected, rtol=1e-12, atol=1e-9)
    assert_array_equal(moments.scatter, moments.scatter.T)
