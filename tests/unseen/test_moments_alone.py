"""Errors on unseen rows from moments: leave-one-out of rows that weigh alike, and what literature says of it."""

import itertools
import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.linalg import hadamard

import lingauss as lg
from lingauss import symbolic
from lingauss.errors import (
    DomainError,
    InterpolationWarning,
    UnequalLeverageWarning,
    UnidentifiableNoiseWarning,
)
from lingauss.model.repeated_limit import RepeatedLimit
from lingauss.unseen.forms import losses
from lingauss.unseen.frames import Axes, Rows
from lingauss.unseen.interlacing import Interlaced
from lingauss.unseen.refits import refitted
from lingauss.unseen.reliability import interpolation_shortfall, leverage_shortfall, residual_freedom
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


def case_of(X, Y, center=True, noise=0.5, **changes):
    problem = lg.Problem.from_moments(lg.Moments.from_data(X, Y, center=center), label_noise=noise)
    return lg.Distillation(problem, **{"teacher": lg.Ridge(0.7), "student": lg.Ridge(0.2), "floor": 0.0} | changes)


def scattered(n=40, d=6, k=2, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, d)) * np.arange(1, d + 1) ** -0.5 + 1.0
    return X, X @ rng.standard_normal((d, k)) + 0.5 * rng.standard_normal((n, k))


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


# Where moments are wrong, and say so


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


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"teacher": lg.Ridge(1.0).channel(lg.Diagonal(np.ones(6)), 1.0)}, "learner as teacher"),
        ({"bottleneck": lg.Best(2)}, "not chosen on the same labels"),
        ({"bottleneck": lg.Subspace(np.eye(6)[:, :2]), "student": lg.GradientFlow(1.0)}, "Principal"),
        ({"transfer": lg.Moments.from_data(np.eye(6)), "teacher": lg.GradientFlow(1.0)}, "Ridge as teacher"),
    ],
)
def test_what_has_no_closed_form_is_refused_by_name(changes, message):
    X, Y = scattered()
    case = case_of(X, Y, **changes)
    for ask in (case.cross_validation, lambda: case.cross_validation(rows=(X, Y))):
        with pytest.raises(DomainError, match=message):
            ask()


def test_other_refusals_name_the_alternative():
    X, Y = scattered()
    shards = lg.Shards(lg.Ridge(1.0), [lg.Moments.from_data(X[:20]), lg.Moments.from_data(X[20:])])
    with pytest.raises(DomainError, match="teachers on shards"):
        case_of(X, Y, teacher=shards).cross_validation()
    moved = lg.Problem.from_data(X, Y, test_cov=np.eye(6))
    with pytest.raises(DomainError, match="test_cov"):
        lg.Distillation(moved).cross_validation()
    problem = lg.Problem.from_data(X, Y)
    law = lg.Ridge(1.0).channel(problem.gramian, problem.label_noise)
    with pytest.raises(DomainError, match="learner as student"):
        lg.Distillation.from_channels(problem, lg.Ridge(1.0), law).cross_validation()


def test_labels_shorter_than_what_inputs_explain_are_refused():
    X, Y = scattered(k=1)
    problem = lg.Problem.from_data(X, Y)
    short = problem.with_statistic(problem.observed, label_power=0.1)
    with pytest.raises(DomainError, match="label_power"):
        lg.Distillation(short).cross_validation()
    same = problem.with_statistic(problem.observed, label_power=problem.label_power)
    assert lg.Distillation(same).cross_validation().teacher == lg.Distillation(problem).cross_validation().teacher


# All at once


SWEPT = {
    "principal": {"bottleneck": lg.Principal(3)},
    "selected": {"bottleneck": lg.Selected((0, 5, 2))},
    "subspace": {"bottleneck": lg.Subspace(np.random.default_rng(4).standard_normal((6, 4)))},
    "everything": {},
    "flow": {"teacher": lg.GradientFlow(0.1), "bottleneck": lg.Principal(2)},
    "transfer": {"transfer": lg.Moments.from_data(np.random.default_rng(5).standard_normal((30, 6)))},
}


@pytest.mark.parametrize("name", SWEPT)
def test_sweeps_are_single_designs(name):
    X, Y = scattered()
    case = case_of(X, Y, **SWEPT[name])
    axes = {
        "student_penalty": [0.1, 3.0],
        "student_rank": [6] if case.bottleneck is None else [1, case.rank],
        "mixing": [1.0] if case.transfer else [-0.5, 0.3],
        "label_noise": [0.3, 0.5],
        "floor": [0.0, 1.0],
    } | ({} if name == "flow" else {"teacher_penalty": [0.2, 5.0]})
    names = ["student_cross_validation", "teacher_gap", "teacher_cross_validation"]
    found = case.sweep(quantities=names, **axes)
    assert list(found) == names
    for point in itertools.product(*axes.values()):
        here = dict(zip(axes, point, strict=True))
        single, cell = case.replace(**here).cross_validation(), found.sel(here)
        assert_allclose(
            [cell["teacher_cross_validation"], cell["student_cross_validation"]],
            [single.teacher, single.student],
            rtol=1e-12,
        )


def test_blocks_of_a_chunked_sweep_are_the_sweep():
    X, Y = scattered()
    case, axes = case_of(X, Y, bottleneck=lg.Principal(2)), {"student_rank": range(7), "mixing": [0.0, 0.5, 1.0]}
    whole = case.sweep(quantities=["student_cross_validation"], **axes)
    blocks = case.sweep(quantities=["student_cross_validation"], chunks={"student_rank": 3}, **axes)
    assert_allclose(blocks["student_cross_validation"], whole["student_cross_validation"], rtol=1e-12)


def test_the_best_mixing_is_the_vertex_of_the_errors_parabola():
    X, Y = scattered()
    case = case_of(X, Y, bottleneck=lg.Principal(3))
    best = case.optimize(over=["mixing"], objective="cross_validation")
    assert best.value == pytest.approx(best.design.cross_validation().student, rel=1e-12)
    for moved in (best.settings["mixing"] - 1e-3, best.settings["mixing"] + 1e-3):
        assert case.replace(mixing=moved).cross_validation().student > best.value
    assert best.evaluate(best.design) == pytest.approx(best.value, rel=1e-12)


def test_equal_penalties_have_the_one_shot_mixing_of_two_estimates():
    X, Y = scattered()
    learner = lg.Ridge(2.0, temperature=0.0)
    case = case_of(X, Y, teacher=learner, student=learner, temperature=0.0)
    nearly = case.replace(teacher_penalty=2.0 * (1 + 1e-6))
    stack = [case.optimize(over=["mixing"], objective="cross_validation").settings["mixing"] for case in (case, nearly)]
    assert_allclose(stack[0], stack[1], rtol=1e-4)


def test_the_best_rank_and_mixing_are_the_least_of_the_sweep():
    X, Y = scattered()
    case = case_of(X, Y, bottleneck=lg.Principal(3))
    best = case.optimize(over=["student_rank", "mixing"], objective="cross_validation")
    ranks = [case.replace(rank=rank).optimize(over=["mixing"], objective="cross_validation").value for rank in range(7)]
    assert_allclose(best.values, ranks, rtol=1e-12)
    assert best.settings["student_rank"] == np.argmin(ranks)
    small = case.optimize(over=["student_rank"], objective="cross_validation", tolerance=0.5)
    assert small.settings["student_rank"] <= best.settings["student_rank"]


@pytest.mark.parametrize("names", [("student_penalty",), ("student_penalty", "teacher_penalty")])
def test_the_best_penalties_are_no_worse_than_any_nearby(names):
    X, Y = scattered()
    case = case_of(X, Y, mixing=0.5)
    best = case.optimize(over=names, objective="cross_validation")
    for name, factor in itertools.product(names, (0.97, 1.03)):
        moved = best.design.replace(**{name: best.settings[name] * factor})
        assert moved.cross_validation().student >= best.value * (1.0 - 1e-9)
    swept = case.sweep(quantities=["student_cross_validation"], **{name: np.geomspace(1e-3, 1e3, 25) for name in names})
    assert float(swept["student_cross_validation"].min()) >= best.value * (1.0 - 1e-9)


def test_penalties_at_which_a_learner_has_no_law_are_passed_over():
    X, Y = scattered()
    descent = lg.NoisyGradientDescent(np.inf, step_size=0.01, penalty=1.0)
    case = case_of(X, Y, student=descent, bottleneck=lg.Principal(3))
    best = case.optimize(over=["student_penalty"], objective="cross_validation")
    assert best.value <= case.cross_validation().student
    with pytest.raises(DomainError, match="a learner with penalty"):
        case.replace(student=RepeatedLimit(lg.Ridge(1.0), 0.5, 0.0, 1)).optimize(over=["student_penalty"])


@pytest.mark.parametrize("objective", ["divergence", "excess_risk"])
def test_penalties_are_settings_of_every_objective(objective):
    X, Y = scattered()
    case = case_of(X, Y, bottleneck=lg.Principal(3), floor=0.1)
    case = case.replace(problem=case.problem.with_truth(np.ones((2, 6))))
    best = case.optimize(over=["student_penalty", "temperature"], objective=objective)
    assert best.settings.keys() == {"student_penalty", "temperature"}
    for factor in (0.9, 1.1):
        moved = case.replace(student_penalty=best.settings["student_penalty"] * factor)
        assert moved.optimize(over=["temperature"], objective=objective).value >= best.value * (1.0 - 1e-9)


def test_a_chain_of_best_mixing_gains_from_the_best_penalty():
    X, Y = scattered()
    problem = case_of(X, Y).problem.with_truth(np.ones((2, 6)))
    chain = lg.Chain(lg.Distillation(problem, lg.Ridge(0.5), lg.Ridge(0.2)), rounds=2)
    fixed, best = chain.best_mixing(), chain.best_mixing(over=["student_penalty"])
    assert best.value < fixed.value
    penalty = best.chain.case.student.penalty
    for factor in (0.9, 1.1):
        moved = lg.Chain(chain.case.replace(student_penalty=penalty * factor), rounds=2).best_mixing()
        assert moved.value >= best.value * (1.0 - 1e-9)
