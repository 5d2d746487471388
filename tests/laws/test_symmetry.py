"""Scatters and covariances are symmetric to the last bit, whatever the processor rounds: no product is left as it came.

Only a triangle of them is factorised, so that an asymmetry shows nowhere else.
"""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from random_cases import draw_case

import lingauss as lg

SIZES = [(20, 3, 1), (700, 9, 2), (3_000, 33, 5)]  # rows, features, outputs: kernels round sizes differently


def data(rows, features, outputs):
    rng = np.random.default_rng(rows)
    mixed = rng.standard_normal((rows, features)) @ rng.standard_normal((features, features))
    return mixed + 1e3 * rng.standard_normal(features), rng.standard_normal((rows, outputs)) + 7.0


def assert_symmetric(*matrices):
    for matrix in matrices:
        assert_array_equal(matrix, matrix.T)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("center", [True, False])
def test_scatters_are_symmetric_however_the_rows_come(size, center):
    X, Y = data(*size)
    whole = lg.Moments.from_data(X, Y, center=center)
    batches = lg.Moments.from_batches(((X[i : i + 7], Y[i : i + 7]) for i in range(0, len(X), 7)), center=center)
    units = np.linspace(0.1, 3.0, X.shape[1])
    parts = (whole, batches, whole + batches, whole.scaled(units, 0.3), whole.part(range(X.shape[1] - 1)))
    assert_symmetric(*(moments.scatter for moments in parts))
    assert_symmetric(*(moments.gram for moments in parts))


LEARNERS = [
    lg.Ridge(0.7),
    lg.Ridge(1e-14),
    lg.NoisyGradientDescent(20, 1e-9, penalty=0.1, temperature=0.4),
    lg.GradientFlow(1e-6, penalty=0.1),
]


@pytest.mark.parametrize("learner", LEARNERS)
@pytest.mark.parametrize("size", SIZES)
def test_laws_of_learners_and_posteriors_are_symmetric(learner, size):
    X, Y = data(*size)
    X = np.column_stack([X, X[:, 0]])  # a direction that the inputs do not tell
    problem = lg.Problem.from_data(X, Y, label_noise=0.5)
    law = learner.channel(problem.gramian, problem.label_noise)
    assert_symmetric(problem.gram, problem.plug_in(penalty=1.0).truth.spread.matrix, law.A, law.cov)


@pytest.mark.parametrize("seed", range(60))
def test_covariances_of_teachers_and_students_are_symmetric(seed):
    case, _ = draw_case(np.random.default_rng(seed), moved=seed % 2 == 0)
    problem, teacher, student = case.problem, case.teacher_channel, case.student_channel
    statistic = np.ones((1, problem.n_features))
    joint = student.push(lg.Gaussian(statistic, teacher.cov + np.eye(problem.n_features)))
    prior = lg.Gaussian(statistic, np.eye(problem.n_features))
    assert_symmetric(problem.gram, teacher.cov, student.cov, (student @ teacher).cov, joint.cov)
    assert_symmetric(*(side.cov for side in teacher.invert(prior)))
