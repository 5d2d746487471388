"""Kernel ridge regression is ridge regression on the features of its kernel."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

import lingauss as lg
from lingauss.errors import CovarianceError, DomainError, ShapeError

RNG = np.random.default_rng(0)
X, Z = RNG.standard_normal((8, 2)), RNG.standard_normal((5, 2))


def gaussian(a, b):
    return np.exp(-np.sum(np.square(a[:, None] - b[None]), axis=2))


def linear(a, b):
    return a @ b.T


def test_inner_products_are_the_kernel():
    features = lg.kernel_features(gaussian, X)
    assert_allclose(features.rows @ features.rows.T, gaussian(X, X), atol=1e-14)
    assert_allclose(features.at(Z) @ features.rows.T, gaussian(Z, X), atol=1e-12)
    assert_allclose(features.at(X), features.rows, atol=1e-12)


@pytest.mark.parametrize("penalty", [1e-3, 1.0])
def test_predictions_are_those_of_kernel_ridge_regression(penalty):
    Y, values = RNG.standard_normal((8, 3)), RNG.standard_normal((5, 3))
    features = lg.kernel_features(gaussian, X)
    problem = lg.Problem.from_data(features.rows, Y, label_noise=1.0, center=False)
    learner = lg.Ridge(penalty, temperature=0.0)
    case = lg.Distillation(problem, learner, learner, temperature=0.0, mixing=0.5)
    solved = np.linalg.solve(gaussian(X, X) + penalty * np.eye(8), Y)
    again = np.linalg.solve(gaussian(X, X) + penalty * np.eye(8), 0.5 * Y + 0.5 * gaussian(X, X) @ solved)
    found = case.held_out_error(features.at(Z), values)
    for value, weights in ((found.teacher, solved), (found.student, again)):
        assert_allclose(value, np.mean(np.sum(np.square(values - gaussian(Z, X) @ weights), axis=1)), rtol=1e-10)


def test_a_kernel_of_low_rank_has_as_few_features():
    features = lg.kernel_features(linear, X)
    assert features.rows.shape == (8, 2)
    assert_allclose(features.at(Z) @ features.rows.T, Z @ X.T, atol=1e-13)


def test_points_on_a_line_may_be_flat():
    features = lg.kernel_features(lambda a, b: np.exp(-np.abs(a - b.T)), X[:, 0])
    assert_allclose(features.at(Z[:, 0]), features.at(Z[:, :1]))


def test_what_is_no_kernel_is_refused():
    with pytest.raises(CovarianceError):
        lg.kernel_features(lambda a, b: -linear(a, b), X)
    with pytest.raises(CovarianceError):
        lg.kernel_features(lambda a, b: np.arange(64.0).reshape(8, 8), X)
    with pytest.raises(ShapeError):
        lg.kernel_features(lambda a, b: np.ones(8), X)
    with pytest.raises(ShapeError):
        lg.kernel_features(gaussian, X).at(Z[:, :1])
    for nothing in ("rbf", lambda a, b: np.zeros((len(a), len(b)))):
        with pytest.raises(DomainError):
            lg.kernel_features(nothing, X)
