"""Errors at given rows: what weights drawn from each law miss there."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

import lingauss as lg
from lingauss.errors import DomainError, MissingLabelsError, MissingTruthError, NotAveragedError, ShapeError

RNG = np.random.default_rng(0)
X, W, Z = RNG.standard_normal((9, 4)), RNG.standard_normal((2, 4)), RNG.standard_normal((5, 4))
VALUES = RNG.standard_normal((5, 2))
TEACHER, STUDENT = lg.Ridge(0.5, temperature=0.7), lg.Ridge(1.5, temperature=0.3)


def of(problem, **settings):
    return lg.Distillation(problem, TEACHER, STUDENT, temperature=0.4, mixing=0.8, **settings)


def missed(rng, mean, cov, rows, values):
    draws = rng.multivariate_normal(np.zeros(4), cov, size=(4000, 2)) + mean
    each = np.mean(np.sum(np.square(values - np.einsum("ri,tki->trk", rows, draws)), axis=2), axis=1)
    return each.mean(), each.std(ddof=1) / np.sqrt(len(each))


def test_given_labels_it_is_the_mean_square_of_what_drawn_weights_miss():
    Y = RNG.standard_normal((9, 2))
    case = of(lg.Problem.from_data(X, Y, label_noise=0.6, center=False))
    found = case.held_out_error(Z, VALUES)
    for value, channel in ((found.teacher, case.teacher_channel), (found.student, case.student_predictor)):
        mean, error = missed(RNG, (Y.T @ X) @ channel.A.T, channel.cov, Z, VALUES)
        assert abs(value - mean) < 4 * error
    exact = np.mean(np.sum(np.square(VALUES - Z @ (case.teacher_channel.A @ X.T @ Y)), axis=1))
    assert_allclose(found.teacher - exact, 2 * np.mean(np.sum((Z @ case.teacher_channel.cov) * Z, axis=1)))


def test_with_a_truth_it_is_the_average_over_labels_of_that_given_them():
    problem = lg.Problem.from_inputs(X, truth=W, label_noise=0.6)
    found = of(problem).held_out_error(Z, VALUES)
    given = []
    for _ in range(500):
        noise = 0.6 * RNG.standard_normal((9, 2))
        pair = [
            of(lg.Problem.from_data(X, X @ W.T + sign * noise, label_noise=0.6, center=False)).held_out_error(Z, VALUES)
            for sign in (1, -1)
        ]
        given.append([np.mean([each.teacher for each in pair]), np.mean([each.student for each in pair])])
    error = np.std(given, axis=0, ddof=1) / np.sqrt(len(given))
    assert np.all(np.abs(np.mean(given, axis=0) - [found.teacher, found.student]) < 4 * error)


def test_at_the_training_inputs_and_the_true_values_it_is_the_excess_risk():
    case = of(lg.Problem.from_inputs(X, truth=W, label_noise=0.6))
    found, risk = case.held_out_error(X, X @ W.T), case.excess_risk()
    assert_allclose([found.teacher, found.student], [risk.teacher, risk.student], rtol=1e-12)


def test_rows_weigh_alike_and_a_single_output_may_be_flat():
    case = lg.Distillation(lg.Problem.from_data(X, X @ W[0], label_noise=0.6, center=False))
    values = VALUES[:, 0]
    alone = [case.held_out_error(Z[i : i + 1], values[i : i + 1]).student for i in range(5)]
    assert_allclose(case.held_out_error(Z, values).student, np.mean(alone), rtol=1e-12)
    assert_allclose(case.held_out_error(Z, values[:, None]).student, np.mean(alone), rtol=1e-12)


def test_a_student_behind_a_bottleneck_predicts_with_what_it_sees():
    case = of(lg.Problem.from_inputs(X, truth=W, label_noise=0.6), bottleneck=lg.Principal(0))
    assert_allclose(case.held_out_error(Z, VALUES).student, np.mean(np.sum(np.square(VALUES), axis=1)), rtol=1e-14)


@pytest.mark.parametrize(
    ("problem", "error"),
    [
        (lambda: lg.Problem.from_data(X, X @ W.T, label_noise=1.0), DomainError),
        (lambda: lg.Problem.from_inputs(X, label_noise=1.0), MissingTruthError),
        (lambda: lg.Problem.from_data(X, X @ W.T, label_noise=1.0, center=False).plug_in(1.0), MissingLabelsError),
        (lambda: lg.Problem.from_spectrum(np.ones(4), np.ones(4), n_samples=9, label_noise=1.0), MissingLabelsError),
        (lambda: lg.Problem.from_population(np.ones(4), np.ones(4), n_samples=9, label_noise=1.0), NotAveragedError),
    ],
)
def test_what_knows_no_predictions_is_refused(problem, error):
    found = problem()
    with pytest.raises(error):
        of(found).held_out_error(Z, VALUES[:, : found.outputs])


def test_rows_and_values_have_to_fit():
    case = of(lg.Problem.from_data(X, X @ W.T, label_noise=1.0, center=False))
    for rows, values in ((Z[:, :3], VALUES), (Z, VALUES[:4]), (Z, VALUES[:, :1]), (Z, VALUES[:, 0])):
        with pytest.raises(ShapeError):
            case.held_out_error(rows, values)
