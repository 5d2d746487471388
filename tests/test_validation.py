"""Bad input: one error class per kind of mistake, saying what was expected, what came and how to mend it."""

import copy
import datetime
import inspect
import pickle
import re

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal

import lingauss as lg
from lingauss import errors
from lingauss.validation import as_array, as_count, as_frozen, as_scalar, shape_of

EYE = np.eye(3)
GRAM = np.diag([4.0, 2.0, 1.0]) + 0.2
SINGULAR = np.diag([4.0, 2.0, 0.0])
RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(12, 3)), RNG.normal(size=(12, 2))


def problem(gram=GRAM, **changes):
    return lg.Problem.from_gram(gram, **{"n_samples": 12, "truth": np.ones(3), "label_noise": 0.5} | changes)


def case(gram=GRAM, **changes):
    return lg.Distillation(problem(gram), **changes)


def error_classes():
    return [
        cls
        for _, cls in inspect.getmembers(errors, inspect.isclass)
        if issubclass(cls, errors.LingaussError) and cls.__module__ == errors.__name__
    ]


# name: (call, error class, expected, got, remedy)
MISTAKES = {
    "mean and covariance of different size": (
        lambda: lg.Gaussian(np.zeros(2), EYE),
        errors.ShapeError,
        r"cov with shape \(features=2, features=2\)",
        r"shape \(3, 3\)",
        r"Axis 0 \(features\) must have length 2, not 3",
    ),
    "rectangular covariance": (
        lambda: lg.Gaussian(np.zeros(3), np.ones((3, 2))),
        errors.ShapeError,
        "cov",
        r"shape \(3, 2\)",
        r"Axis 1 \(features\) must have length 3, not 2",
    ),
    "rectangular Gram matrix": (
        lambda: problem(np.ones((3, 2))),
        errors.ShapeError,
        "a square G",
        r"shape \(3, 2\)",
        r"\(features, features\)",
    ),
    "too many axes": (
        lambda: lg.Gaussian(np.zeros((1, 1, 3)), EYE),
        errors.ShapeError,
        r"mean with shape \(outputs, features\)",
        r"shape \(1, 1, 3\)",
        "Reshape it to 2 axes",
    ),
    "truth with another number of features": (
        lambda: problem(truth=np.ones((2, 4))),
        errors.ShapeError,
        r"truth with shape \(outputs, features=3\)",
        r"shape \(2, 4\)",
        r"Axis 1 \(features\) must have length 3, not 4",
    ),
    "labels for other samples": (
        lambda: lg.Problem.from_data(X, Y[:5]),
        errors.ShapeError,
        "Y with one row for each of the 12 samples",
        "5 rows",
        r"Axis 0 \(samples\)",
    ),
    "array where a number belongs": (
        lambda: lg.Ridge(penalty=[1.0, 2.0]),
        errors.ShapeError,
        "penalty as one number",
        r"shape \(2,\)",
        "Reshape",
    ),
    "NaN in a covariance": (
        lambda: lg.Gaussian(np.zeros(2), [[1.0, np.nan], [np.nan, 1.0]]),
        errors.NotFiniteError,
        "finite cov",
        r"nan at index \(0, 1\) \(2 such in all\)",
        "impute",
    ),
    "infinite mean": (
        lambda: lg.Gaussian([0.0, np.inf], np.eye(2)),
        errors.NotFiniteError,
        "finite mean",
        r"inf at index \(1,\)",
        "impute",
    ),
    "NaN in data": (
        lambda: lg.Problem.from_data(np.where(EYE == 1, np.nan, 0.0), np.ones(3)),
        errors.NotFiniteError,
        "finite X",
        "nan in row 0, column 0",
        "impute",
    ),
    "infinite temperature": (
        lambda: case(temperature=np.inf),
        errors.NotFiniteError,
        "finite temperature",
        "inf",
        "missing",
    ),
    "no label noise": (
        lambda: problem(label_noise=0),
        errors.DomainError,
        "label_noise greater than 0",
        r"0\.0",
        "Pass a number greater than 0",
    ),
    "negative label noise": (
        lambda: problem(label_noise=-0.5),
        errors.DomainError,
        "label_noise greater than 0",
        r"-0\.5",
        "Pass a number greater than 0",
    ),
    "negative penalty": (
        lambda: lg.Ridge(penalty=-1),
        errors.DomainError,
        "penalty at least 0",
        r"-1\.0",
        "Pass a number at least 0",
    ),
    "negative floor": (lambda: case(floor=-1), errors.DomainError, "floor at least 0", r"-1\.0", "Pass a number"),
    "no draws": (
        lambda: case(draws=0),
        errors.DomainError,
        "draws, a whole number of at least 1",
        "0",
        "Pass a whole number",
    ),
    "rank above d": (
        lambda: case(bottleneck=lg.Principal(4)),
        errors.DomainError,
        "rank from 0 to 3",
        "4",
        "at most as many directions as features",
    ),
    "negative rank": (
        lambda: lg.Principal(-1),
        errors.DomainError,
        "rank, a whole number of at least 0",
        "-1",
        "Pass a whole number",
    ),
    "fractional rank": (
        lambda: lg.Best(1.5),
        errors.DomainError,
        "rank, a whole number",
        r"1\.5",
        "Pass a whole number",
    ),
    "dependent columns": (
        lambda: lg.Subspace([[1.0, 2.0], [1.0, 2.0], [0.0, 0.0]]),
        errors.SubspaceError,
        "linearly independent columns in subspace",
        "smallest singular value",
        "Drop dependent columns",
    ),
    "asymmetric covariance": (
        lambda: lg.Gaussian(np.zeros(2), [[1.0, 0.5], [0.0, 1.0]]),
        errors.CovarianceError,
        "a symmetric cov",
        r"differ from their transpose by 0\.5",
        r"\(C \+ C\.T\) / 2",
    ),
    "indefinite covariance": (
        lambda: lg.Channel(np.eye(2), [[1.0, 2.0], [2.0, 1.0]]),
        errors.CovarianceError,
        "a positive semidefinite cov",
        "eigenvalue -1",
        r"R @ R\.T",
    ),
    "indefinite test covariance": (
        lambda: problem(test_cov=-EYE),
        errors.CovarianceError,
        "a positive semidefinite test_cov",
        "variance of -1",
        r"R @ R\.T",
    ),
    "unpenalised teacher on a singular Gram matrix": (
        lambda: case(SINGULAR, teacher=lg.Ridge(0)),
        errors.SingularGramError,
        "a nonsingular Gram matrix, because the penalty is 0",
        "a singular one",
        "penalty > 0",
    ),
    "unpenalised student on a singular Gram matrix": (
        lambda: case(SINGULAR, student=lg.Ridge(0)),
        errors.SingularGramError,
        "a nonsingular Gram matrix, because the penalty is 0",
        "a singular one",
        "penalty > 0",
    ),
    "default floor without penalty": (
        lambda: case(student=lg.Ridge(0), bottleneck=lg.Principal(2)).divergence(),
        errors.UndefinedFloorError,
        "a student with a proper prior",
        "a Ridge of penalty 0",
        "Pass floor explicitly",
    ),
    "default floor without temperature": (
        lambda: case(student=lg.Ridge(1, temperature=0), bottleneck=lg.Subspace(EYE[:, :1])).divergence(),
        errors.UndefinedFloorError,
        "a student with a proper prior",
        "a Ridge of temperature 0",
        "Pass floor explicitly",
    ),
    "risk of observed data": (
        lambda: lg.Distillation(lg.Problem.from_data(X, Y)).excess_risk(),
        errors.MissingTruthError,
        "a problem with a truth: excess risks are averages over labels",
        "observed labels alone",
        r"with_truth\(W\), or problem\.plug_in\(\)",
    ),
    "divergence without truth or labels": (
        lambda: lg.Distillation(problem(truth=None)).divergence(),
        errors.MissingTruthError,
        "a problem with a truth",
        "neither truth nor labels",
        r"with_truth\(W\)",
    ),
    "noise from as many samples as coefficients": (
        lambda: lg.Problem.from_data(X[:4], Y[:4]),
        errors.NoiseEstimationError,
        "more samples than fitted coefficients",
        "0 residual degrees of freedom",
        "Pass label_noise",
    ),
    "noise from fewer samples than features": (
        lambda: lg.Problem.from_data(X[:2], Y[:2], center=False),
        errors.NoiseEstimationError,
        "more samples than fitted coefficients",
        "0 residual degrees of freedom",
        "Pass label_noise",
    ),
    "no samples": (
        lambda: lg.Problem.from_data(X[:0], Y[:0]),
        errors.EmptyDataError,
        "X with at least one sample",
        "none",
        "Pass some rows",
    ),
    "no features": (
        lambda: lg.Problem.from_inputs(X[:, :0], label_noise=1.0),
        errors.EmptyDataError,
        r"X with shape \(samples, features\)",
        r"shape \(12, 0\)",
        "at least one feature",
    ),
    "no spectrum": (
        lambda: lg.Problem.from_spectrum([], [], n_samples=3, label_noise=1.0),
        errors.EmptyDataError,
        "eigenvalues",
        r"shape \(0,\)",
        r"Axis 0 \(features\) must not be empty",
    ),
    "no batches": (
        lambda: lg.Moments.from_batches([]),
        errors.EmptyDataError,
        "at least one batch",
        "none",
        r"iterable of X or \(X, Y\)",
    ),
    "no labels": (
        lambda: lg.Problem.from_moments(lg.Moments.from_data(X)),
        errors.MissingLabelsError,
        "moments with labels",
        "moments of inputs alone",
        "Pass Y",
    ),
    "squares beyond float64": (
        lambda: lg.Problem.from_inputs(1e200 * X, label_noise=1.0),
        errors.OverflowingError,
        "data whose squares fit in float64",
        r"entries up to \d.*e\+200",
        "Rescale",
    ),
    "text for a number": (
        lambda: lg.Ridge(penalty="strong"),
        errors.NotNumericError,
        "penalty as an array of real numbers",
        "str",
        "Convert it to numbers",
    ),
    "misspelt setting": (
        lambda: case().replace(temprature=2.0),
        errors.UnknownNameError,
        "a setting, one of [0-9]+",
        "'temprature'",
        "Did you mean temperature",
    ),
}


@pytest.mark.parametrize(("call", "error", "expected", "got", "remedy"), MISTAKES.values(), ids=MISTAKES.keys())
def test_mistake_is_named_with_what_came_and_how_to_mend_it(call, error, expected, got, remedy):
    with pytest.raises(errors.LingaussError) as caught:
        call()
    assert type(caught.value) is error
    assert str(caught.value) == f"expected {caught.value.expected}; got {caught.value.got}. {caught.value.remedy}"
    for part, pattern in ((caught.value.expected, expected), (caught.value.got, got), (caught.value.remedy, remedy)):
        assert re.search(pattern, part)
    assert caught.value.remedy.endswith((".", "?"))


# Values that are no real numbers

NOT_NUMBERS = {
    "text": "abc",
    "digits as text": "1.5",
    "bytes": b"1",
    "list of text": ["1", "2"],
    "text among objects": np.array([1.0, "2"], dtype=object),
    "ragged list": [[1.0, 2.0], [3.0]],
    "ragged arrays": [np.ones(2), np.ones(3)],
    "complex": 1j,
    "complex array": np.array([1.0 + 0j]),
    "date": datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC),
    "datetime64": np.datetime64("2020-01-01"),
    "timedelta64": np.array([1, 2], dtype="m8[s]"),
    "timestamps": pd.Series(pd.to_datetime(["2020-01-01"])),
    "dictionary": {"a": 1.0},
    "set": {1.0, 2.0},
    "object": object(),
    "categories": pd.Series(["a", "b"], dtype="category"),
    "structured array": np.zeros(2, dtype=[("a", float), ("b", float)]),
}
DOORS = {
    "as_array": lambda value: as_array(value, "x", (("n", None),)),
    "as_frozen": lambda value: as_frozen(value, "x", (("n", None),)),
    "shape_of": lambda value: shape_of(value, "x"),
    "as_scalar": lambda value: as_scalar(value, "x"),
    "as_count": lambda value: as_count(value, "x"),
    "Gaussian mean": lambda value: lg.Gaussian(value, EYE),
    "Gaussian cov": lambda value: lg.Gaussian(np.zeros(3), value),
    "Diagonal": lambda value: lg.Diagonal(value),
    "Channel A": lambda value: lg.Channel(value, EYE),
    "Channel b": lambda value: lg.Channel(EYE, EYE, value),
    "Channel.at": lambda value: lg.Channel(EYE, EYE).at(value),
    "condition": lambda value: lg.Gaussian(np.zeros(3), EYE).condition([0], value),
    "Ridge": lambda value: lg.Ridge(value),
    "Principal": lambda value: lg.Principal(value),
    "temperature": lambda value: case(temperature=value),
    "Gram matrix": lambda value: problem(value),
    "label noise": lambda value: problem(label_noise=value),
    "spectrum": lambda value: lg.Problem.from_spectrum(value, [1.0], n_samples=1, label_noise=1.0),
    "test inputs": lambda value: case().prediction_divergence(value),
}


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS.keys())
@pytest.mark.parametrize("value", NOT_NUMBERS.values(), ids=NOT_NUMBERS.keys())
def test_values_that_are_no_real_numbers_are_refused_at_every_door(door, value):
    with pytest.raises(
        errors.NotNumericError, match=r"as an array of real numbers; got .*Convert it to numbers first\."
    ):
        door(value)


NONE_IS_A_DEFAULT = {"Channel b", "test inputs", "shape_of"}


@pytest.mark.parametrize("name", sorted(DOORS.keys() - NONE_IS_A_DEFAULT))
def test_none_is_refused_where_it_is_no_default(name):
    with pytest.raises(errors.LingaussError):
        DOORS[name](None)


RAGGED_DOORS = {
    "truth": lambda value: problem(truth=value),
    "with_truth": lambda value: problem().with_truth(value),
    "with_statistic": lambda value: problem().with_statistic(value),
    "Subspace": lambda value: lg.Subspace(value),
    "ledger": lambda value: lg.ledger(*[lg.Gaussian(np.zeros(3), EYE)] * 2, subspace=value),
}


@pytest.mark.parametrize("door", RAGGED_DOORS.values(), ids=RAGGED_DOORS.keys())
@pytest.mark.parametrize("value", [v for n, v in NOT_NUMBERS.items() if "ragged" not in n])
def test_weights_and_bases_that_are_no_real_numbers_are_refused(door, value):
    with pytest.raises(errors.LingaussError):
        door(value)


@pytest.mark.parametrize("door", RAGGED_DOORS.values(), ids=RAGGED_DOORS.keys())
def test_ragged_weights_and_bases_are_a_typed_error(door):
    with pytest.raises(errors.NotNumericError):
        door([[1.0, 2.0], [3.0]])


@pytest.mark.parametrize("door", [DOORS["as_array"], DOORS["Gaussian mean"], DOORS["Diagonal"], DOORS["Ridge"]])
def test_masked_entries_are_refused(door):
    with pytest.raises(errors.NotFiniteError, match=r"without masked entries; got a masked array.*Fill or drop"):
        door(np.ma.masked_array([1.0, 2.0, 3.0], [False, True, False]))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, [1.0, np.nan], np.float32("inf"), None])
def test_infinite_and_missing_values_are_refused(value):
    with pytest.raises(errors.NotFiniteError, match="finite x"):
        as_array(value, "x", (("n", None),) * np.ndim(value))


def test_numbers_too_large_for_float64_are_refused():
    with pytest.raises(errors.NotNumericError, match="too large"):
        as_scalar(10**400, "x")
    if np.finfo(np.longdouble).max > np.finfo(np.float64).max:
        with pytest.raises(errors.NotFiniteError):
            as_scalar(np.longdouble("1e400"), "x")


# Values that are


GOOD = {
    "integers": [1, 2, 3],
    "mixed list": [1, 2.0, np.float32(3)],
    "tuple": (1.0, 2.0, 3.0),
    "range": range(1, 4),
    "float16": np.array([1, 2, 3], dtype=np.float16),
    "float32": np.array([1, 2, 3], dtype=np.float32),
    "int8": np.array([1, 2, 3], dtype=np.int8),
    "uint64": np.array([1, 2, 3], dtype=np.uint64),
    "big-endian": np.array([1, 2, 3], dtype=">f8"),
    "object": np.array([1, 2.0, np.int64(3)], dtype=object),
    "strided": np.arange(6.0)[::2] / 2 + 1,
    "reversed": np.array([3.0, 2.0, 1.0])[::-1],
    "Series": pd.Series([1, 2, 3], index=[5, 6, 7]),
    "nullable Series": pd.Series([1, 2, 3], dtype="Int64"),
    "unmasked masked array": np.ma.masked_array([1.0, 2.0, 3.0]),
    "subclass": np.array([1.0, 2.0, 3.0]).view(np.recarray),
}


@pytest.mark.parametrize("value", GOOD.values(), ids=GOOD.keys())
def test_any_container_of_real_numbers_becomes_float64(value):
    array = as_array(value, "x", (("n", 3),))
    assert type(array) is np.ndarray
    assert array.dtype == np.float64
    assert array.dtype.isnative
    assert_array_equal(array, [1.0, 2.0, 3.0])
    assert_array_equal(lg.Gaussian(value, EYE).mean, [1.0, 2.0, 3.0])
    assert_array_equal(lg.Channel(EYE, EYE, value).at(value).mean, [2.0, 4.0, 6.0])
    assert lg.Problem.from_spectrum(value, value, n_samples=5, label_noise=1).gram.dtype == np.float64


@pytest.mark.parametrize("make", [np.asfortranarray, np.ndarray.tolist, pd.DataFrame, lambda C: C.astype(np.float32)])
def test_matrices_of_any_layout_are_the_same(make):
    cov = np.array([[2.0, 0.5, 0.25], [0.5, 1.0, 0.0], [0.25, 0.0, 4.0]])
    source = make(cov)
    if isinstance(source, np.ndarray):
        source.flags.writeable = False
    law = lg.Gaussian(np.zeros(3), source)
    assert law.cov.dtype == np.float64
    assert_array_equal(law.cov, cov)
    assert_array_equal(lg.Channel(source, source).A, cov)
    assert_array_equal(problem(source).gram, cov)
    assert lg.Channel(source, source).A.flags.c_contiguous


def test_frozen_copies_do_not_follow_their_source():
    source = np.array([[1.0, 2.0], [3.0, 4.0]], order="F")
    kept = as_frozen(source, "x", (("n", None), ("m", 2)))
    source[...] = 0.0
    assert_array_equal(kept, [[1.0, 2.0], [3.0, 4.0]])
    assert kept.flags.c_contiguous
    assert not kept.flags.writeable
    assert source.flags.writeable


@pytest.mark.parametrize("value", [2, 2.0, np.int8(2), np.float32(2), np.array(2), True + 1])
def test_any_number_is_a_scalar(value):
    number = as_scalar(value, "x")
    assert type(number) is float
    assert number == 2.0
    count = as_count(value, "x")
    assert type(count) is int
    assert count == 2


def test_scalar_bounds_are_inclusive_unless_strict():
    assert as_scalar(0.0, "x", minimum=0.0) == 0.0
    for minimum, strict, legal in (
        (0.0, False, "at least 0"),
        (0.0, True, "greater than 0"),
        (1.5, False, "at least 1.5"),
    ):
        with pytest.raises(errors.DomainError, match=f"x {legal}; got -1.0. Pass a number {legal}"):
            as_scalar(-1.0, "x", minimum=minimum, strict=strict)
    with pytest.raises(errors.DomainError):
        as_scalar(0.0, "x", minimum=0.0, strict=True)


def test_count_bounds_are_inclusive():
    assert [as_count(n, "x", minimum=1, maximum=3) for n in (1, 2, 3)] == [1, 2, 3]
    assert as_count(1e9, "x") == 10**9
    for value in (0, 4, 2.5, -1):
        with pytest.raises(errors.DomainError, match=r"x, a whole number from 1 to 3"):
            as_count(value, "x", minimum=1, maximum=3)


@pytest.mark.parametrize(
    ("value", "axes", "message"),
    [
        (np.ones((2, 3)), (("a", 2), ("b", 4)), r"x with shape \(a=2, b=4\); got shape \(2, 3\). Axis 1 \(b\)"),
        (np.ones((2, 3)), (("a", 5), ("b", 3)), r"Axis 0 \(a\) must have length 5, not 2"),
        (np.ones(2), (("a", None), ("b", 4)), r"x with shape \(a, b=4\); got shape \(2,\). Reshape it to 2 axes"),
        (np.ones(2), (), r"x as one number; got shape \(2,\)"),
    ],
)
def test_wrong_axis_is_named(value, axes, message):
    with pytest.raises(errors.ShapeError, match=message):
        as_array(value, "x", axes)


def test_empty_axis_is_named_unless_asked_for():
    with pytest.raises(errors.EmptyDataError, match=r"Axis 1 \(b\) must not be empty"):
        as_array(np.ones((2, 0)), "x", (("a", None), ("b", None)))
    assert as_array(np.ones((2, 0)), "x", (("a", None), ("b", 0))).shape == (2, 0)


# The family


@pytest.mark.parametrize("cls", error_classes(), ids=lambda cls: cls.__name__)
@pytest.mark.parametrize("clone", [lambda e: pickle.loads(pickle.dumps(e)), copy.copy, copy.deepcopy])  # noqa: S301
def test_errors_survive_pickling_and_copying(cls, clone):
    error = cls("a cat", "a dog", "Adopt a cat.")
    again = clone(error)
    assert type(again) is cls
    assert (again.expected, again.got, again.remedy) == ("a cat", "a dog", "Adopt a cat.")
    assert str(again) == str(error) == "expected a cat; got a dog. Adopt a cat."


def test_errors_are_value_errors():
    assert all(issubclass(cls, ValueError) for cls in error_classes())
    assert issubclass(errors.EmptyDataError, errors.ShapeError)
    assert issubclass(errors.TiedSpectrumWarning, UserWarning)
    assert lg.LingaussError is errors.LingaussError
