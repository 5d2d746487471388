"""Where moments mislead and say so, and what an estimate says of itself."""

import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose
from unseen.rows_at_hand import case_of, scattered

import lingauss as lg
from lingauss.errors import InterpolationWarning, UnequalLeverageWarning, UnidentifiableNoiseWarning
from lingauss.unseen.reliability import interpolation_shortfall, leverage_shortfall, residual_freedom


def elliptical(rng, n, d, scales):
    return scales[:, None] * rng.standard_normal((n, d))


@pytest.mark.parametrize("rows", ["two scales", "heavy tails"])
def test_rows_of_unequal_scale_mislead_moments_and_not_leave_one_out(rows):
    rng = np.random.default_rng(1)
    n, d = 100, 100
    found = []
    for _ in range(12):
        scales = rng.choice([0.5, 1.32], n + 2000) if rows == "two scales" else np.sqrt(3 / rng.chisquare(3, n + 2000))
        X, w = elliptical(rng, n + 2000, d, scales), np.ones(d) / np.sqrt(d)
        Y = X @ w + 0.3 * rng.standard_normal(n + 2000)
        learner = lg.Ridge(0.1 * n, temperature=0.0)
        case = case_of(X[:n], Y[:n], False, teacher=learner, student=learner, temperature=0.0)
        weights = case.teacher_channel.A @ case.problem.observed[0]
        with pytest.warns(UnequalLeverageWarning, match="leave-one-out is right"):
            exact = case.cross_validation(rows=(X[:n], Y[:n])).teacher
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", InterpolationWarning)
            averaged = case.cross_validation().teacher
        found.append([np.mean((Y[n:] - X[n:] @ weights) ** 2), averaged, exact])
    truth, averaged, exact = np.mean(found, axis=0)
    assert averaged / truth < 0.85
    assert abs(exact / truth - 1.0) < 0.15


def test_warnings_point_to_the_call():
    X, Y = scattered(12, 10, 1)
    case = case_of(X, Y, teacher=lg.Ridge(1e-3), student=lg.Ridge(1e-3))
    with pytest.warns(InterpolationWarning) as caught:
        case.cross_validation()
    assert {warning.filename for warning in caught} == {__file__}


def test_gaussian_rows_give_no_warning():
    for seed in range(5):
        X, Y = scattered(200, 100, 1, seed)
        case = case_of(X, Y, teacher=lg.Ridge(20.0), student=lg.Ridge(20.0))
        case.cross_validation(rows=(X, Y))
        case.cross_validation()


def test_labels_that_chose_the_subspace_make_its_error_look_small():
    rng = np.random.default_rng(0)
    found = []
    for _ in range(30):
        X, Y = rng.standard_normal((60, 40)), rng.standard_normal((60, 1))
        chosen = np.argsort(-np.abs(X.T @ Y[:, 0]))[:5]
        learner = lg.Ridge(1.0, temperature=0.0)
        view = lg.Subspace(np.eye(40)[:, chosen])
        case = case_of(X, Y, False, student=learner, bottleneck=view, mixing=0.0, temperature=0.0)
        weights = case.student_predictor.A @ case.problem.observed[0]
        found.append([case.cross_validation().student, 1.0 + weights @ weights])
    estimated, truth = np.mean(found, axis=0)
    assert estimated / truth < 0.8


def test_moments_underestimate_least_squares_of_gaussian_rows_by_what_the_warning_says():
    rng = np.random.default_rng(0)
    n, d = 20, 16
    least_squares = lg.Ridge(0.0, temperature=0.0)
    estimates = []
    for _ in range(300):
        X = rng.standard_normal((n, d))
        case = case_of(X, rng.standard_normal(n), False, teacher=least_squares, student=lg.Ridge(50.0))
        with pytest.warns(InterpolationWarning, match="4 residual"):
            estimates.append(case.cross_validation().teacher)
    truth = (n - 1) / (n - d - 1)
    assert_allclose(np.mean(estimates), truth * (1.0 - interpolation_shortfall(n - d, n)), rtol=0.1)
    assert interpolation_shortfall(n - d, n) == pytest.approx(1.0 - n / (n - d) / truth)


def test_residual_freedom_counts_what_a_fit_leaves():
    assert residual_freedom(np.array([0.0, 0.0, 1.0]), np.array([1.0, 1.0, 7.0])) == 7.0
    assert residual_freedom(np.array([0.3, 0.3]), np.array([1.0, 1.0])) == pytest.approx(2.0)
    assert residual_freedom(np.zeros(2), np.ones(2)) == 0.0


def test_equal_leverages_fall_short_of_nothing():
    assert leverage_shortfall(np.full(5, 0.3), np.full(5, 0.7)) == pytest.approx(0.0, abs=1e-15)
    assert leverage_shortfall(np.zeros(5), np.ones(5)) == 0.0


def test_excess_is_error_less_residual_noise_where_residuals_tell_it():
    X, Y = scattered()
    found = case_of(X, Y, noise=None).cross_validation()
    noise = 2.0 * lg.Problem.from_data(X, Y).label_noise ** 2
    assert_allclose(found.noise, noise, rtol=1e-12)
    assert_allclose(found.excess_risk().teacher, found.teacher - noise, rtol=1e-12)
    assert found.difference == found.student - found.teacher
    X, Y = scattered(6, 9)
    few = case_of(X, Y, teacher=lg.Ridge(9.0), student=lg.Ridge(9.0)).cross_validation()
    assert few.noise is None
    with pytest.warns(UnidentifiableNoiseWarning, match="test errors"):
        assert few.excess_risk().teacher == few.teacher


def test_estimates_from_moments_carry_the_error_of_a_mean_of_gaussian_squares():
    X, Y = scattered()
    student = case_of(X, Y).cross_validation().student
    assert student.standard_error == pytest.approx(student * np.sqrt(2.0 / (2 * 40)))
    assert repr(student) == f"{float(student):.4g} ± {student.standard_error:.2g}"
