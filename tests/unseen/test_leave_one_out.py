"""Errors of rows left out, from the fit of all rows, are those of training again."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from unseen.refitting import without_each_row

import lingauss as lg
from lingauss.errors import DomainError, MissingLabelsError, ShapeError, SingularGramError

RNG = np.random.default_rng(5)
SIZES = {"n > d": (20, 5, 2), "n = d": (9, 9, 1), "n < d": (8, 12, 2)}


def data(n, d, k, weighted=False):
    rng = np.random.default_rng(n)
    X = rng.standard_normal((n, d)) * np.arange(1, d + 1) ** -0.5 + 1.0
    Y = X @ rng.standard_normal((d, k)) + 0.5 * rng.standard_normal((n, k)) - 2.0
    return X, Y, rng.exponential(size=n) + 0.1 if weighted else None


def problem_of(X, Y, weights=None, center=True):
    return lg.Problem.from_moments(lg.Moments.from_data(X, Y, center=center, weights=weights), label_noise=0.5)


def assert_left_out(case, X, Y, weights=None):
    rows = (X, Y) if weights is None else (X, Y, weights)
    found = case.cross_validation(rows=rows)
    assert found.leaves_rows_out
    assert_allclose([found.teacher, found.student], without_each_row(case, X, Y, weights), rtol=1e-11)


pytestmark = pytest.mark.filterwarnings("ignore::lingauss.errors.UnequalLeverageWarning")


@pytest.mark.parametrize("mixing", [-0.4, 0.5, 1.3])
@pytest.mark.parametrize("temperature", [0.0, 1.0])
@pytest.mark.parametrize("view", [None, lg.Subspace(RNG.standard_normal((5, 2)))], ids=["everything", "subspace"])
@pytest.mark.parametrize("center", [True, False], ids=["centred", "raw"])
def test_leaving_a_row_out_of_two_ridge_fits_is_training_both_again(center, view, temperature, mixing):
    X, Y, weights = data(20, 5, 2, weighted=mixing == 0.5)
    case = lg.Distillation(
        problem_of(X, Y, weights, center),
        lg.Ridge(0.7, temperature),
        lg.Ridge(0.2, temperature),
        view,
        floor=0.0,
        temperature=temperature,
        mixing=mixing,
        draws=2,
    )
    assert_left_out(case, X, Y, weights)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("center", [True, False], ids=["centred", "raw"])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"bottleneck": lg.Principal(3)},
        {"bottleneck": lg.Selected((0, 3, 4))},
        {"teacher": lg.GradientFlow(0.3, penalty=0.3)},
        {"student": lg.NoisyGradientDescent(20, step_size=0.01, penalty=0.3)},
    ],
    ids=["everything", "principal", "selected", "flow", "descent"],
)
def test_leaving_a_row_out_holds_whatever_the_learners_and_sizes(size, center, changes):
    X, Y, _ = data(*SIZES[size])
    settings = {"teacher": lg.Ridge(0.7), "student": lg.Ridge(0.2), "floor": 0.0, "mixing": 0.6} | changes
    assert_left_out(lg.Distillation(problem_of(X, Y, center=center), **settings), X, Y)


@pytest.mark.parametrize("center", [True, False], ids=["centred", "raw"])
@pytest.mark.parametrize("rank", [0, 3, 10])
def test_fewer_rows_than_features_change_nothing(rank, center):
    X, Y, weights = data(8, 12, 2, weighted=rank == 3)
    view = lg.Subspace(np.random.default_rng(rank).standard_normal((12, rank)))
    problem = problem_of(X, Y, weights, center)
    case = lg.Distillation(problem, lg.Ridge(0.7), lg.Ridge(0.2), view, floor=0.0, mixing=1.3)
    assert_left_out(case, X, Y, weights)
    inputs = lg.Moments.from_data(np.random.default_rng(1).standard_normal((30, 12)), center=center)
    assert_left_out(case.replace(mixing=1.0, transfer=inputs), X, Y, weights)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("student", [lg.Ridge(0.2), lg.GradientFlow(0.5)], ids=["ridge", "flow"])
@pytest.mark.parametrize("view", [None, lg.Principal(2), lg.Subspace(RNG.standard_normal((5, 3)))])
@pytest.mark.parametrize("center", [True, False], ids=["centred", "raw"])
def test_students_on_transfer_inputs_change_only_with_their_teacher(center, view, student, weighted):
    X, Y, weights = data(20, 5, 2, weighted)
    inputs = lg.Moments.from_data(RNG.standard_normal((9, 5)) @ RNG.standard_normal((5, 5)) + 3.0, center=center)
    problem = problem_of(X, Y, weights, center)
    case = lg.Distillation(problem, lg.Ridge(0.7), student, view, floor=0.0, draws=2, transfer=inputs)
    assert_left_out(case, X, Y, weights)


def test_least_squares_without_a_row_is_the_press_statistic():
    X, Y, _ = data(20, 5, 2)
    case = lg.Distillation(problem_of(X, Y), lg.Ridge(0.0, temperature=0.0), lg.Ridge(1.0))
    inputs = np.column_stack([np.ones(20), X])
    hat = inputs @ np.linalg.pinv(inputs)
    press = np.sum(np.square((Y - hat @ Y) / (1.0 - np.diag(hat))[:, None]), axis=1)
    found = case.cross_validation(rows=(X, Y)).teacher
    assert_allclose(found, press.mean(), rtol=1e-12)
    assert_allclose(found.standard_error, press.std(ddof=1) / np.sqrt(20), rtol=1e-12)


def test_nearly_interpolating_fits_keep_their_digits():
    X, Y, _ = data(8, 12, 2)
    case = lg.Distillation(problem_of(X, Y, center=False), lg.Ridge(1e-9, temperature=0.0), lg.Ridge(1.0))
    inverse = np.linalg.inv(X @ X.T + 1e-9 * np.eye(8))
    exact = np.mean(np.sum(np.square(inverse @ Y / np.diag(inverse)[:, None]), axis=1))
    assert_allclose(case.cross_validation(rows=(X, Y)).teacher, exact, rtol=1e-9)


def test_rows_of_weight_0_do_not_exist():
    X, Y, _ = data(20, 5, 2)
    weights = np.repeat([2.0, 0.0], [15, 5])
    case = lg.Distillation(problem_of(X, Y, weights), lg.Ridge(1.0), lg.Ridge(1.0))
    fewer = lg.Distillation(problem_of(X[:15], Y[:15], weights[:15]), lg.Ridge(1.0), lg.Ridge(1.0))
    rows, some = (X, Y, weights), (X[:15], Y[:15], weights[:15])
    assert_allclose(case.cross_validation(rows=rows).student, fewer.cross_validation(rows=some).student, rtol=1e-12)
    assert_allclose(case.cross_validation().student, fewer.cross_validation().student, rtol=1e-12)


def test_a_row_that_alone_determines_a_weight_is_named():
    X = np.array([[1.0, 0.0], [2.0, 0.0], [3.0, 1.0], [4.0, 0.0]])
    problem = lg.Problem.from_data(X, X[:, 0] + [0.1, -0.2, 0.1, 0.3], label_noise=0.1, center=False)
    case = lg.Distillation(problem, lg.Ridge(0.0, temperature=0.0), lg.Ridge(1.0))
    with pytest.raises(SingularGramError, match="row 2"):
        case.cross_validation(rows=(X, X[:, 0] + [0.1, -0.2, 0.1, 0.3]))


@pytest.mark.parametrize(
    ("rows", "error", "message"),
    [
        (lambda X, Y: (X[:-1], Y[:-1]), DomainError, "20 samples"),
        (lambda X, Y: (X[:, :-1], Y), DomainError, "4 features"),
        (lambda X, Y: (X, Y[::-1]), DomainError, "other moments"),
        (lambda X, Y: (X[::-1], Y + 0.1 * X), DomainError, "5 outputs"),
        (lambda X, Y: (X, Y, np.arange(20.0)), DomainError, "19 samples"),
        (lambda X, Y: (X, Y, np.linspace(0.5, 1.5, 20)), DomainError, "other moments"),
        (lambda X, Y: (X, Y[:-1]), ShapeError, "19 rows"),
        (lambda X, Y: X, ShapeError, "rows as"),
    ],
)
def test_rows_that_do_not_belong_to_the_moments_are_refused(rows, error, message):
    X, Y, _ = data(20, 5, 1)
    case = lg.Distillation(problem_of(X, Y), lg.Ridge(1.0), lg.Ridge(1.0))
    with pytest.raises(error, match=message):
        case.cross_validation(rows=rows(X, Y))


def test_a_problem_without_labels_has_no_error_on_unseen_rows():
    X, Y, _ = data(20, 5, 1)
    truth = lg.Problem.from_inputs(X, truth=np.ones(5), label_noise=0.5)
    bare = problem_of(X, Y).with_statistic(np.ones(5))
    for problem in (truth, bare, problem_of(X, Y).plug_in()):
        with pytest.raises(MissingLabelsError):
            lg.Distillation(problem).cross_validation()
