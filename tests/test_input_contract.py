"""What callers may rely on: any container, any thread, any numpy error state; results that cannot change or be lost."""

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError, fields, is_dataclass

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import lingauss as lg

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(12, 3)), RNG.normal(size=(12, 2))
W, COV = RNG.normal(size=(2, 3)), np.cov(RNG.normal(size=(3, 9)))
BASIS = RNG.normal(size=(3, 2))


def design(**changes):
    problem = lg.Problem.from_inputs(X, truth=W, label_noise=0.5)
    return lg.Distillation(problem, lg.Ridge(0.5), lg.Ridge(1.0, 0.5), **({"mixing": 0.7} | changes))


# Containers

CONTAINERS = {
    "list": lambda values: np.asarray(values).tolist(),
    "DataFrame": lambda values: pd.DataFrame(values) if np.ndim(values) == 2 else pd.Series(values),
    "DataArray": lambda values: xr.DataArray(values),
    "Fortran order": np.asfortranarray,
    "read-only": lambda values: np.broadcast_to(values, np.shape(values)),
    "every other row of more": lambda values: np.repeat(values, 2, axis=0)[::2],
    "objects": lambda values: np.asarray(values).astype(object),
}
CALLS = {
    "kl": lambda w: lg.kl(lg.Gaussian(w(W), w(COV)), lg.Gaussian(w(0 * W), w(2 * COV))),
    "ledger": lambda w: (
        lg.ledger(lg.Gaussian(w(W), w(COV)), lg.Gaussian(w(0 * W), w(2 * COV)), subspace=w(BASIS)).total
    ),
    "Diagonal": lambda w: lg.Diagonal(w(COV.diagonal())).log_det,
    "Channel": lambda w: lg.Channel(w(COV), w(COV), w(W[0])).at(w(W)).mean.sum(),
    "condition": lambda w: lg.Gaussian(w(W), w(COV)).condition([0], w(W[:, :1])).mean.sum(),
    "from_data": lambda w: lg.Problem.from_data(w(X), w(Y), test_cov=w(COV)).label_noise,
    "from_batches": lambda w: lg.Moments.from_batches([(w(X), w(Y)), (w(X), w(Y))]).scatter.sum(),
    "from_inputs": lambda w: lg.Problem.from_inputs(w(X), truth=w(W), label_noise=0.5).gram.sum(),
    "from_gram": lambda w: lg.Problem.from_gram(w(COV), n_samples=9, truth=w(W[0]), label_noise=0.5).gram.sum(),
    "from_spectrum": lambda w: lg.Problem.from_spectrum(
        w(COV.diagonal()), w(W[0] ** 2), n_samples=9, label_noise=0.5
    ).gram.sum(),
    "with_statistic": lambda w: design().problem.with_statistic(w(W)).observed.sum(),
    "Subspace": lambda w: design(bottleneck=lg.Subspace(w(BASIS))).divergence().total,
    "predictions": lambda w: design().prediction_divergence(w(COV)).total,
    "gap_cgf": lambda w: design().gap_cgf(w(np.array([-0.1, 0.1]))).sum(),
    "rows of bounds": lambda w: design().bounds(rows=w(X))["individual-sample mutual information"].value,
    "sweep": lambda w: float(design().sweep(temperature=w(np.array([0.5, 1.0])))["divergence"].sum()),
}


@pytest.mark.parametrize("container", CONTAINERS.values(), ids=CONTAINERS.keys())
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_every_container_of_the_same_numbers_gives_the_same_result(call, container):
    assert call(container) == call(np.asarray)


# numpy's error state


def everything(case):
    """Return what a design says, exactly."""
    swept = case.sweep(student_rank=range(4), temperature=[0.0, 0.5], quantities=("divergence", "student_excess_risk"))
    best = case.optimize(over=("student_rank", "temperature"))
    dense = case.replace(bottleneck=lg.Subspace(BASIS))
    numbers = [
        *case.divergence().cells.flat,
        *case.replace(rank=1, floor=0.0).divergence().cells.flat,
        *case.replace(student_temperature=0.0, mixing=0.0, floor=0.3).divergence().cells.flat,
        *dense.divergence().cells.flat,
        *dense.reverse_divergence().cells.flat,
        *case.prediction_divergence().cells.flat,
        *swept["divergence"].values.flat,
        *swept["student_excess_risk"].values.flat,
        best.value,
        *(bound.value for bound in case.bounds()),
        *case.gap_cgf([-1e3, -0.1, 0.1, 1e3]),
        case.gaps().student,
        case.excess_risk().student,
        case.label_divergence().exact,
        case.mutual_information().student,
        lg.renyi(lg.Gaussian(W, COV), lg.Gaussian(0 * W, 3 * COV), 2.0),
    ]
    return [float(number).hex() for number in numbers]


@pytest.mark.parametrize("state", ["raise", "ignore", "warn"])
def test_results_do_not_depend_on_numpys_error_state(state):
    expected = everything(design(bottleneck=lg.Principal(2)))
    with np.errstate(all=state):
        assert everything(design(bottleneck=lg.Principal(2))) == expected


@pytest.mark.parametrize("state", ["raise", "ignore", "warn"])
def test_overflow_is_a_typed_error_in_every_error_state(state):
    with np.errstate(all=state), pytest.raises(lg.LingaussError):
        lg.kl(lg.Gaussian([1e200], [[1.0]]), lg.Gaussian([0.0], [[1.0]]))


# Threads


def test_results_do_not_depend_on_threads_that_share_an_object():
    expected = everything(design(bottleneck=lg.Principal(2)))
    case = design(bottleneck=lg.Principal(2))
    with ThreadPoolExecutor(8) as pool:
        assert all(found == expected for found in pool.map(everything, [case] * 16))


# Copies, pickles and immutability


def nouns():
    case = design(bottleneck=lg.Principal(2))
    halves = [lg.Moments.from_data(part, center=False) for part in (X[:6], X[6:])]
    return [
        case,
        design(bottleneck=lg.Subspace(BASIS)),
        case.problem,
        lg.Problem.from_data(X, Y),
        lg.Problem.from_data(X, Y).plug_in(0.5),
        lg.Moments.from_data(X, Y),
        lg.Gaussian(W, COV),
        lg.Gaussian(W, lg.Diagonal([1.0, 0.0, 2.0])),
        lg.Channel(COV, COV, W[0]),
        lg.Diagonal([1.0, 0.0]),
        lg.Ridge(0.5, 0.25, 1.5),
        lg.NoisyGradientDescent(5, 0.01, 0.5),
        lg.GradientFlow(2.0, 0.1),
        lg.Shards(lg.Ridge(0.5), halves),
        lg.Chain(case, 2),
        lg.from_posterior(W, COV, prior_variance=9.0, label_noise=0.5, n_samples=12),
        case.optimize(over=("student_rank",)),
        lg.Principal(2),
        lg.Best(1),
        lg.Selected((0, 2)),
        lg.Subspace(BASIS),
        case.divergence(),
        case.gaps(),
        case.gap_cumulants,
        case.bounds(),
        case.bounds()["Chernoff upper"],
        case.label_divergence(),
    ]


def content(noun):
    """Return everything an object holds, as plain comparable values."""
    if isinstance(noun, np.ndarray):
        return noun.shape, noun.tobytes()
    if isinstance(noun, lg.Ledger):  # which finds what is irreducible when it is first asked
        return "Ledger", content(noun.cells), content(noun.rank_irreducible), noun.level, noun.mode
    if is_dataclass(noun):
        return type(noun).__name__, [content(getattr(noun, field.name)) for field in fields(noun)]
    if isinstance(noun, list | tuple):
        return [content(part) for part in noun]
    if callable(noun):
        return getattr(noun, "func", noun), getattr(noun, "keywords", None)
    return repr(noun)


CLONES = {
    "pickle": lambda noun: pickle.loads(pickle.dumps(noun)),  # noqa: S301
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
}


@pytest.mark.parametrize("clone", CLONES.values(), ids=CLONES.keys())
@pytest.mark.parametrize("used", [False, True], ids=["fresh", "used"])
def test_every_public_object_survives_copying_and_pickling(clone, used):
    for noun in nouns():
        if used and isinstance(noun, lg.Distillation):
            everything(noun) if noun.is_spectral else noun.divergence()  # caches go along, or are found again
        again = clone(noun)
        assert type(again) is type(noun)
        assert content(again) == content(noun)
        assert not any(array.flags.writeable for array in arrays_in(again))
        assert repr(again) == repr(noun)
        if isinstance(noun, lg.Distillation):
            assert again.divergence().cells.tobytes() == noun.divergence().cells.tobytes()


@pytest.mark.parametrize("noun", nouns(), ids=lambda noun: type(noun).__name__)
def test_no_public_object_can_be_changed(noun):
    for field in fields(noun):
        with pytest.raises(FrozenInstanceError):
            setattr(noun, field.name, None)
        for array in arrays_in(getattr(noun, field.name)):
            assert not array.flags.writeable, field.name


def arrays_in(value):
    if isinstance(value, np.ndarray):
        yield value
    elif is_dataclass(value):
        for field in fields(value):
            yield from arrays_in(getattr(value, field.name))
    elif isinstance(value, list | tuple):
        for part in value:
            yield from arrays_in(part)


@pytest.mark.parametrize(
    "read",
    [
        lambda case: case.divergence().cells,
        lambda case: case.teacher_channel.A,
        lambda case: case.student_channel.cov,
        lambda case: case.basis,
        lambda case: case.problem.gram,
        lambda case: case.problem.eigenbasis.eigenvalues,
        lambda case: case.problem.eigenbasis.vectors,
    ],
)
def test_no_array_a_design_hands_out_can_be_written(read):
    array = read(design(bottleneck=lg.Principal(2)))
    with pytest.raises(ValueError, match="read-only"):
        array[...] = 0.0


def test_inputs_may_change_afterwards():
    X_own, W_own = X.copy(), W.copy()
    problem = lg.Problem.from_inputs(X_own, truth=W_own, label_noise=0.5)
    before = lg.Distillation(problem).divergence().total
    X_own[...], W_own[...] = 0.0, 0.0
    assert lg.Distillation(problem.with_label_noise(0.5)).divergence().total == before
