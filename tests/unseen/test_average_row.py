"""Errors from moments: leave-one-out of rows that weigh alike, and on average the error on rows never seen."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.linalg import hadamard
from unseen.rows_at_hand import case_of, scattered

import lingauss as lg
from lingauss import symbolic
from lingauss.unseen.forms import losses
from lingauss.unseen.frames import Axes, Rows
from lingauss.unseen.interlacing import Interlaced
from lingauss.unseen.refits import refitted
from lingauss.unseen.rows import rows_of
from lingauss.unseen.samples import SampleSpace

LEARNERS = {
    "ridge": {},
    "principal": {"bottleneck": lg.Principal(3)},
    "selected": {"bottleneck": lg.Selected((0, 4, 2))},
    "flow": {"teacher": lg.GradientFlow(0.2, penalty=0.1)},
    "descent": {"student": lg.NoisyGradientDescent(9, step_size=0.02), "bottleneck": lg.Principal(4)},
}


def alike(n, d, center):
    """Return rows of equal leverage: columns of a Hadamard matrix, without that of ones where centred."""
    rng = np.random.default_rng(d)
    vectors = np.linalg.qr(rng.standard_normal((d, d)))[0]
    reached = min(n - center, d)
    left = hadamard(n)[:, int(center) : reached + center] / np.sqrt(n)
    X = (left * np.geomspace(9.0, 0.5, reached)) @ vectors[:, :reached].T
    Y = X @ rng.standard_normal((d, 2)) + 0.7 * rng.standard_normal((n, 2))
    return X, Y


@pytest.mark.parametrize("name", LEARNERS)
@pytest.mark.parametrize("center", [True, False], ids=["centred", "raw"])
@pytest.mark.parametrize(("n", "d"), [(16, 6), (8, 8), (8, 13)])
@pytest.mark.filterwarnings("ignore::lingauss.errors.InterpolationWarning")
@pytest.mark.filterwarnings("ignore::lingauss.errors.UnequalLeverageWarning")
def test_moments_say_what_leave_one_out_says_of_rows_that_weigh_alike(n, d, center, name):
    X, Y = alike(n, d, center)
    case = case_of(X, Y, center, mixing=0.6, **LEARNERS[name])
    averaged, exact = case.cross_validation(), case.cross_validation(rows=(X, Y))
    assert_allclose([averaged.teacher, averaged.student], [exact.teacher, exact.student], rtol=1e-10)


@pytest.mark.parametrize("temperature", [0.0, 1.0])
@pytest.mark.parametrize("center", [True, False], ids=["centred", "raw"])
@pytest.mark.parametrize("form", ["subspace", "transfer"])
@pytest.mark.filterwarnings("ignore::lingauss.errors.UnequalLeverageWarning")
def test_views_and_transfer_inputs_along_the_same_axes_weigh_alike_too(form, center, temperature):
    X, Y = alike(16, 6, center)
    case = case_of(
        X, Y, center, teacher=lg.Ridge(0.7, temperature), student=lg.Ridge(0.2, temperature), temperature=temperature
    )
    if form == "subspace":
        case = case.replace(bottleneck=lg.Subspace(case.problem.eigenbasis.vectors[:, [0, 2, 5]]), mixing=0.6, draws=2)
    else:
        inputs = np.concatenate([X, X, 0.3 * X])
        case = case.replace(transfer=lg.Moments.from_data(inputs, center=center), draws=2)
    averaged, exact = case.cross_validation(), case.cross_validation(rows=(X, Y))
    assert_allclose([averaged.teacher, averaged.student], [exact.teacher, exact.student], rtol=1e-10)


FORMS = {
    "everything": {"mixing": 0.7},
    "subspace": {"mixing": -0.5, "bottleneck": lg.Subspace(np.random.default_rng(6).standard_normal((40, 15)))},
    "principal": {"mixing": 0.7, "bottleneck": lg.Principal(12)},
    "descent": {"mixing": 0.7, "student": lg.GradientFlow(0.02, penalty=0.0, temperature=0.5)},
    "transfer": {"transfer": lg.Moments.from_data(np.random.default_rng(7).standard_normal((50, 40)))},
}


@pytest.mark.parametrize("form", FORMS)
def test_estimates_average_to_the_error_on_rows_that_were_never_seen(form):
    rng = np.random.default_rng(8)
    n, d, noise = 80, 40, 0.8
    cov = np.diag(np.arange(1, d + 1) ** -0.5)
    w, found = rng.standard_normal(d) * 0.4, []
    for _ in range(40):
        X = rng.standard_normal((n, d)) @ np.sqrt(cov)
        Y = X @ w + noise * rng.standard_normal(n)
        settings = {"teacher": lg.Ridge(4.0), "student": lg.Ridge(8.0), "draws": 2} | FORMS[form]
        case = case_of(X, Y, noise=noise, **settings)
        estimates = case.cross_validation()
        truth = []
        for law in (case.teacher_channel, case.student_predictor):
            weights = (case.problem.observed @ law.A.T)[0]
            offset = Y.mean() - X.mean(axis=0) @ weights
            away = weights - w
            truth.append(away @ cov @ away + offset**2 + noise**2 + np.sum(law.cov * cov))
        found.append([estimates.teacher, estimates.student, *truth])
    teacher, student, true_teacher, true_student = np.mean(found, axis=0)
    assert abs(teacher / true_teacher - 1.0) < 0.06
    assert abs(student / true_student - 1.0) < 0.06


def test_numbers_are_the_derived_ones():
    X, Y = scattered(k=1)
    case = case_of(X, Y, False, teacher=lg.Ridge(0.7, 0.0), student=lg.Ridge(0.2, 0.0), temperature=0.0, mixing=0.3)
    hats = [X @ np.linalg.solve(X.T @ X + penalty * np.eye(6), X.T) for penalty in (0.7, 0.2)]
    residual = Y - hats[0] @ Y
    rows = {
        "h_T": np.diag(hats[0]),
        "h_S": np.diag(hats[1]),
        "c": np.diag(hats[1] @ hats[0]),
        "r_T": residual[:, 0],
        "r_S": (Y - hats[1] @ (Y - 0.3 * residual))[:, 0],
    }
    error = symbolic.derivation("left_out_student").lambdify()(**rows, xi=0.3)
    found = case.cross_validation(rows=(X, Y))
    assert_allclose(found.student, np.mean(np.square(error)), rtol=1e-11)
    alone = symbolic.derivation("left_out_teacher").lambdify()(h_T=rows["h_T"], r_T=rows["r_T"])
    assert_allclose(found.teacher, np.mean(np.square(alone)), rtol=1e-11)


def test_a_distilled_student_is_the_derived_stack_of_two_fits():
    X, Y = scattered(k=1)
    case = case_of(X, Y, False, teacher=lg.Ridge(0.7, 0.0), student=lg.Ridge(0.2, 0.0), temperature=0.0, mixing=0.3)
    missed = symbolic.derivation("two_fit_stack").lambdify()(
        s=case.problem.eigenbasis.eigenvalues, lambda_S=0.2, lambda_T=0.7, xi=0.3
    )
    vectors = case.problem.eigenbasis.vectors
    learned = vectors.T @ case.problem.gram @ case.student_predictor.A @ vectors
    assert_allclose(1.0 - np.diag(learned), missed, rtol=1e-9)


@pytest.mark.parametrize("view", [None, lg.Subspace(np.random.default_rng(2).standard_normal((6, 3)))])
def test_moments_replace_leverages_by_their_means(view):
    X, Y = scattered()
    case = case_of(
        X, Y, bottleneck=view, teacher=lg.Ridge(0.7, 0.0), student=lg.Ridge(0.2, 0.0), temperature=0.0, mixing=0.3
    )
    n, U = len(X), np.eye(6) if view is None else view.basis
    Z, labels = X - X.mean(axis=0), Y - Y.mean(axis=0)
    teacher = Z @ np.linalg.solve(Z.T @ Z + 0.7 * np.eye(6), Z.T)
    student = Z @ U @ np.linalg.solve(U.T @ Z.T @ Z @ U + 0.2 * np.eye(U.shape[1]), U.T @ Z.T)
    h_T, h_S, common = ((np.trace(hat) + 1.0) / n for hat in (teacher, student, student @ teacher))
    residual = labels - teacher @ labels
    own = labels - student @ (labels - 0.3 * residual)
    error = (own + 0.3 * (common - h_S) * residual / (1 - h_T)) / (1 - h_S)
    assert_allclose(case.cross_validation().student, np.sum(error**2) / n, rtol=1e-12)
    assert_allclose(case.cross_validation().teacher, np.sum(residual**2) / n / (1 - h_T) ** 2, rtol=1e-12)


def test_a_ridge_fit_in_the_eigenbasis_is_generalised_cross_validation():
    X, Y = scattered()
    case = case_of(X, Y, mixing=0.4)
    ridge = losses(case, Axes(SampleSpace.of(case.problem)))
    flow = case.replace(teacher=lg.GradientFlow(np.inf, penalty=0.7), student=lg.GradientFlow(np.inf, penalty=0.2))
    interlaced = losses(flow, Axes(SampleSpace.of(case.problem)))
    for closed, rotated in zip(ridge, interlaced, strict=True):
        assert_allclose(closed.at(0.4).item(), rotated.at(0.4).item(), rtol=1e-12)


def test_refitting_in_the_eigenbasis_is_the_identity_of_two_ridge_fits():
    X, Y = scattered()
    case = case_of(X, Y)
    rows = rows_of(case.problem, SampleSpace.of(case.problem), (X, Y))
    assert isinstance(rows, Rows)
    for closed, again in zip(losses(case, rows), refitted(case, rows), strict=True):
        assert_allclose(closed.at(-0.3), again.at(-0.3), rtol=1e-10)


@pytest.mark.parametrize("ties", [False, True])
def test_interlaced_eigenvalues_are_those_of_the_compression(ties):
    rng = np.random.default_rng(0)
    points = np.sort(rng.exponential(size=9) ** 3)[::-1].copy()
    if ties:
        points[3], points[8] = points[4], points[7]
    weights = rng.dirichlet(np.ones(9))
    v = np.sqrt(weights)
    complement = np.linalg.qr(np.column_stack([v, rng.standard_normal((9, 8))]))[0][:, 1:]
    inner = complement.T @ (points[:, None] * complement)
    left = Interlaced.of(points, weights)
    # the reference knows its smallest eigenvalues only in relation to the largest
    assert_allclose(left.eigenvalues, np.linalg.eigvalsh(inner)[::-1], rtol=1e-12, atol=1e-13)
    fitted = complement @ np.linalg.solve(inner + np.eye(8), complement.T @ (points * v))
    assert_allclose(v * (left.response @ (1.0 / (left.eigenvalues + 1.0))), fitted, rtol=1e-12)
    assert_allclose(left.power.sum(), np.sum((complement.T @ (points * v)) ** 2), rtol=1e-12)


def test_roots_found_in_blocks_are_those_found_together(monkeypatch):
    points = np.geomspace(9.0, 0.1, 30)
    together = Interlaced.of(points, np.full(30, 1 / 30))
    monkeypatch.setattr("lingauss.unseen.interlacing.BLOCK", 90)
    apart = Interlaced.of(points, np.full(30, 1 / 30))
    assert_allclose(apart.response, together.response, rtol=1e-13)


def test_roots_next_to_their_neighbours_keep_their_distance():
    points = np.array([1.0, 1.0 - 1e-13, 1e-12, 0.0])
    left = Interlaced.of(points, np.array([1e-9, 0.4, 0.5, 0.1 - 1e-9]))
    assert np.all((left.eigenvalues >= points[1:]) & (left.eigenvalues <= points[:-1]))
    assert np.isfinite(left.response).all()


def test_residuals_over_freedom_misjudge_principal_students_and_rotation_does_not():
    rng = np.random.default_rng(3)
    n, d = 60, 60
    scale, w = np.arange(1, d + 1) ** -0.3, rng.standard_normal(d)
    learner, found = lg.Ridge(0.6, temperature=0.0), []
    for _ in range(60):
        X, noise = rng.standard_normal((n, d)) * scale, 0.3 * rng.standard_normal(n)
        case = case_of(X, X @ w + noise, False, teacher=learner, student=learner, temperature=0.0, mixing=0.0)
        case = case.replace(bottleneck=lg.Principal(20))
        weights = case.problem.observed[0] @ case.student_predictor.A.T
        freedom = 1.0 - np.trace(case.problem.gram @ case.student_predictor.A) / n
        naive = np.mean((X @ (w - weights) + noise) ** 2) / freedom**2
        found.append([np.sum(np.square(scale * (w - weights))) + 0.09, case.cross_validation().student, naive])
    truth, rotated, naive = np.mean(found, axis=0)
    assert abs(rotated / truth - 1.0) < 0.05
    assert naive / truth < 0.85


def test_a_mean_of_soft_and_true_fits_beats_the_naive_correction():
    """Dividing a distilled student's residual by 1 − tr(its map)/n is not the error: the stack of two fits is."""
    X, Y = scattered()
    learner = lg.Ridge(2.0, temperature=0.0)
    case = case_of(X, Y, teacher=learner, student=lg.Ridge(0.5, temperature=0.0), temperature=0.0, mixing=0.7)
    n, Z, labels = len(X), X - X.mean(axis=0), Y - Y.mean(axis=0)
    hats = [Z @ np.linalg.solve(Z.T @ Z + penalty * np.eye(6), Z.T) for penalty in (0.5, 2.0)]
    share = 0.7 * 2.0 / (2.0 - 0.5)
    stack = [(labels - hat @ labels) / (1.0 - (np.trace(hat) + 1.0) / n) for hat in hats]
    assert_allclose(
        case.cross_validation().student,
        np.sum(((1.0 - share) * stack[0] + share * stack[1]) ** 2) / n,
        rtol=1e-12,
    )
