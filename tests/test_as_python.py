"""Objects written as Python: running the script rebuilds them to the last bit."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings

import lingauss as lg
from lingauss.algebra.psd import Dense
from lingauss.as_python import to_python
from lingauss.testing import channels, distillations, gaussians

pytestmark = pytest.mark.filterwarnings("ignore::lingauss.errors.TiedSpectrumWarning")


@dataclasses.dataclass(frozen=True)
class Damped(lg.Ridge):
    """A learner of a user's own."""

    factors: tuple[float, ...] = (1.0,)


def rebuilt(value, **given):
    namespace = dict(given)
    exec(to_python(value, "copy", given), namespace)  # noqa: S102
    return namespace["copy"]


def assert_same(one, other):
    """Assert that two values agree in type and in every field, to the last bit."""
    assert type(one) is type(other)
    if dataclasses.is_dataclass(one):
        for field in dataclasses.fields(one):
            assert_same(getattr(one, field.name), getattr(other, field.name))
    elif isinstance(one, np.ndarray):
        assert one.dtype == other.dtype
        assert np.array_equal(one, other)
        assert np.array_equal(np.signbit(one), np.signbit(other))
    elif isinstance(one, tuple | list):
        assert len(one) == len(other)
        for first, second in zip(one, other, strict=True):
            assert_same(first, second)
    else:
        assert one == other


@settings(max_examples=100)
@given(distillations(hard=True, singular=True))
def test_designs_are_rebuilt_exactly(case):
    copy = rebuilt(case)
    assert_same(case, copy)
    assert np.array_equal(case.divergence().cells, copy.divergence().cells)


@given(gaussians(), channels())
def test_laws_and_channels_are_rebuilt_exactly(law, channel):
    assert_same(law, rebuilt(law))
    assert_same(channel, rebuilt(channel))


def random_data(seed=0, n=30, d=5, k=2):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, d)), rng.standard_normal((n, k))


def problems():
    """One problem of every kind there is."""
    X, Y = random_data()
    spectrum = lg.Problem.from_spectrum([4.0, 0.1], [1.0, 0.0], n_samples=9, label_noise=0.3)
    observed = lg.Problem.from_data(X, Y)
    gram = np.diag([2.0, 1.0, 0.0])
    return {
        "inputs": lg.Problem.from_inputs(X, truth=Y[:5].T, label_noise=0.1),
        "no truth": lg.Problem.from_inputs(X, label_noise=0.1),
        "no truth, several outputs": dataclasses.replace(lg.Problem.from_inputs(X, label_noise=0.1), outputs=3),
        "test covariance": lg.Problem.from_inputs(X, truth=X[0], label_noise=0.1, test_cov=np.eye(5)),
        "diagonal test covariance": lg.Problem.from_inputs(X, label_noise=0.1, test_cov=lg.Diagonal([1, 2, 3, 4, 0])),
        "spectrum": spectrum,
        "spectrum of several outputs": dataclasses.replace(spectrum, outputs=3),
        "spectrum with weights": spectrum.with_truth([[1.0, -2.0], [0.5, -0.0]]),
        "spectrum with labels": spectrum.with_statistic([1 / 3, -1e-300]),
        "labels of known length": spectrum.with_statistic([1 / 3, -1e-300], label_power=1 / 7),
        "more samples": spectrum.with_samples(7),
        "more samples, dense": lg.Problem.from_inputs(X, truth=X[0], label_noise=0.1).with_samples(7),
        "data": observed,
        "data not centred": lg.Problem.from_data(X, Y, center=False),
        "plug-in": observed.plug_in(penalty=0.7),
        "known rank": dataclasses.replace(
            lg.Problem.from_gram(gram, n_samples=4, truth=[1.0, 1.0, 0.0], label_noise=1.0),
            gramian=Dense(gram, np.ones(3), 2),
        ),
    }


@pytest.mark.parametrize("kind", problems())
def test_problems_of_every_kind_are_rebuilt_exactly(kind):
    problem = problems()[kind]
    assert_same(problem, rebuilt(problem))
    case = lg.Distillation(problem, teacher=lg.Ridge(0.1), student=lg.Ridge(1 / 3), bottleneck=lg.Principal(1))
    assert_same(case, rebuilt(case))


BOTTLENECKS = [
    None,
    lg.Best(0),
    lg.Principal(2),
    lg.Selected((4, 0)),
    lg.Selected(()),
    lg.Subspace(np.ones((5, 1)) / 3),
    lg.Subspace(random_data()[0][:5, :3]),
    lg.Subspace(np.zeros((5, 0))),
]


@pytest.mark.parametrize("bottleneck", BOTTLENECKS, ids=str)
def test_bottlenecks_of_every_kind_are_rebuilt_exactly(bottleneck):
    X, _ = random_data()
    case = lg.Distillation(lg.Problem.from_inputs(X, truth=X[0], label_noise=0.2), bottleneck=bottleneck)
    assert_same(case, rebuilt(case))


def test_designs_given_as_channels_are_rebuilt_exactly():
    X, _ = random_data()
    case = lg.Distillation(lg.Problem.from_inputs(X, truth=X[0], label_noise=0.2))
    offset = lg.Channel(np.eye(5), lg.Diagonal(np.ones(5)), np.ones((1, 5)))
    pair = lg.Distillation.from_channels(case.problem, case.teacher_channel, offset, np.eye(5)[:, :2])
    assert_same(pair, rebuilt(pair))


def test_learners_of_a_user_are_imported_from_where_they_are_defined():
    learner = Damped(2.0, factors=(0.1, 1e-300))
    assert to_python(learner, "learner") == (
        f"from {__name__} import Damped\n\nlearner = Damped(penalty=2.0, factors=(0.1, 1e-300))"
    )
    assert_same(learner, rebuilt(learner))


def test_a_problem_the_reader_has_is_named_instead_of_written():
    X, _ = random_data()
    case = lg.Distillation(lg.Problem.from_inputs(X, truth=X[0], label_noise=0.2), mixing=0.5, draws=3)
    assert case.to_python(problem="digits") == (
        "import lingauss as lg\n\ncase = lg.Distillation(digits, mixing=0.5, draws=3)"
    )
    assert rebuilt(case, digits=case.problem).problem is case.problem


def test_what_cannot_be_written_is_refused():
    class Local(lg.Ridge):
        """Nobody can import this."""

    for value in (Local(), {"penalty": 1.0}):
        with pytest.raises(lg.LingaussError):
            to_python(value, "value")


@pytest.mark.parametrize("number", [0.1, 1 / 3, -0.0, 5e-324, 1.7976931348623157e308, np.inf, -np.inf])
def test_numbers_read_back_as_themselves(number):
    assert_same(np.array([number]), rebuilt(np.array([number])))
    assert_same(number, rebuilt(number))


def test_long_expressions_are_broken_into_lines():
    X, Y = random_data(d=12, k=3)
    script = lg.Distillation(lg.Problem.from_data(X, Y), bottleneck=lg.Subspace(X[:12, :3])).to_python()
    assert max(map(len, script.splitlines())) <= 100
