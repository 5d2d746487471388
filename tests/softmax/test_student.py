"""Softmax distillation of linear students: the closed form against dense Newton steps, trained students and limits."""

import itertools
import re

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.optimize import minimize
from scipy.special import expit, log_softmax, softmax

import lingauss as lg
from lingauss.errors import (
    DomainError,
    EmptyDataError,
    LingaussError,
    MissingLabelsError,
    NotFiniteError,
    ShapeError,
    UnknownNameError,
)
from lingauss.softmax import student

RNG = np.random.default_rng(6)
N, D, K = 120, 6, 4
X = RNG.normal(size=(N, D)) * [3.0, 2.0, 1.0, 1.0, 0.5, 0.2]
LOGITS = X @ RNG.normal(size=(D, K)) + 0.3 * RNG.normal(size=(N, K))
Y = np.array([RNG.choice(K, p=p) for p in softmax(LOGITS, axis=1)])
SETTINGS = [(1.0, 1.0, 0.5), (2.0, 0.5, 1.0), (4.0, 1.0, 0.1), (20.0, 0.2, 3.0)]


def loss(W, X, y, teacher, temperature, alpha, penalty):
    """Hinton's loss, literally, with its penalty."""
    logits = X @ W.T
    hard = -np.sum(log_softmax(logits, axis=1)[np.arange(len(y)), y])
    soft = log_softmax(teacher / temperature, axis=1)
    own = log_softmax(logits / temperature, axis=1)
    kl = np.sum(np.exp(soft) * (soft - own))
    return (1 - alpha) * hard + alpha * temperature**2 * kl + penalty / 2 * np.sum(W**2)


def trained(X, y, teacher, temperature, alpha, penalty, start, directions=None):
    Z = X if directions is None else X @ directions
    k = teacher.shape[1]
    onehot, target = np.eye(k)[y], softmax(teacher / temperature, axis=1)

    def objective(flat):
        W = flat.reshape(k, -1)
        logits = Z @ W.T
        hard = softmax(logits, axis=1) - onehot
        soft = softmax(logits / temperature, axis=1) - target
        gradient = ((1 - alpha) * hard + alpha * temperature * soft).T @ Z + penalty * W
        return loss(W, Z, y, teacher, temperature, alpha, penalty), gradient.ravel()

    found = minimize(objective, start.ravel(), jac=True, method="L-BFGS-B", options={"maxiter": 3000, "gtol": 1e-7})
    W = found.x.reshape(k, -1)
    return W if directions is None else W @ directions.T


# The closed form


@pytest.mark.parametrize(("temperature", "alpha", "penalty"), SETTINGS)
@pytest.mark.parametrize("rank", [None, 2])
def test_the_student_is_one_newton_step_of_the_loss_written_out(temperature, alpha, penalty, rank):
    """Row by row, with full Hessians, without the basis of the bottleneck's choosing."""
    bottleneck = None if rank is None else lg.Principal(rank)
    found = student(X, Y, LOGITS, temperature, alpha, penalty, bottleneck)
    U = np.linalg.eigh(X.T @ X)[1][:, ::-1][:, : rank or D]
    r = U.shape[1]
    H, pull = penalty * np.eye(K * r), np.zeros(K * r)
    for x, f, y in zip(X @ U, LOGITS, Y, strict=True):
        p, q = softmax(f), softmax(f / temperature)
        M = (1 - alpha) * (np.diag(p) - np.outer(p, p)) + alpha * (np.diag(q) - np.outer(q, q))
        H += np.kron(M, np.outer(x, x))
        pull += np.kron(M @ f + (1 - alpha) * (np.eye(K)[y] - p), x)
    W = np.linalg.solve(H, pull).reshape(K, r) @ U.T
    assert_allclose(found.weights, W, rtol=1e-9, atol=1e-9 * np.abs(W).max())


@pytest.mark.parametrize("temperature", [1.0, 3.0])
def test_its_hessian_and_gradient_are_those_of_hintons_loss_at_the_teacher(temperature):
    """By finite differences of the literal loss of one row as a function of its logits."""
    f, y, alpha, step = LOGITS[:1], Y[:1], 0.3, 1e-4

    def at(delta):
        return loss((f + delta).T, np.ones((1, 1)), y, f, temperature, alpha, 0.0)

    p, q = softmax(f[0]), softmax(f[0] / temperature)
    M = (1 - alpha) * (np.diag(p) - np.outer(p, p)) + alpha * (np.diag(q) - np.outer(q, q))
    E = step * np.eye(K)
    gradient = [(at(e) - at(-e)) / (2 * step) for e in E]
    hessian = [[(at(a + b) - at(a - b) - at(b - a) + at(-a - b)) / (4 * step**2) for b in E] for a in E]
    assert_allclose(gradient, (1 - alpha) * (p - np.eye(K)[y[0]]), atol=1e-6)
    assert_allclose(hessian, M, atol=1e-5)


def test_at_high_temperature_it_is_ridge_on_centred_logits_with_k_times_the_penalty():
    centred = LOGITS - LOGITS.mean(axis=1, keepdims=True)
    ridge = np.linalg.solve(X.T @ X + K * 0.5 * np.eye(D), X.T @ centred).T
    off = [
        np.linalg.norm(student(X, None, LOGITS, T, 1.0, 0.5).weights - ridge) / np.linalg.norm(ridge)
        for T in (20.0, 200.0, 2000.0)
    ]
    assert off[0] < 0.05
    assert off[2] < 1e-3
    assert off[0] > off[1] > off[2]


def test_a_shift_of_a_rows_logits_changes_nothing():
    shifted = LOGITS + RNG.normal(size=(N, 1)) * 10
    assert_allclose(
        student(X, Y, shifted, 2.0, 0.5).weights, student(X, Y, LOGITS, 2.0, 0.5).weights, rtol=1e-9, atol=1e-10
    )
    assert_allclose(student(X, Y, LOGITS, 2.0, 0.5).weights.sum(axis=0), 0.0, atol=1e-10)


# Two classes


def logistic_teacher(penalty, X=X, y=None):
    """Newton's method on the penalised logistic loss, to its optimum."""
    y = (Y > 1) if y is None else y
    w = np.zeros(X.shape[1])
    for _ in range(50):
        p = expit(X @ w)
        w = w - np.linalg.solve((X.T * (p * (1 - p))) @ X + penalty * np.eye(len(w)), X.T @ (p - y) + penalty * w)
    return w


BINARY = (Y > 1).astype(int)
TEACHER = logistic_teacher(0.7)


@pytest.mark.parametrize(("temperature", "alpha", "penalty"), SETTINGS)
@pytest.mark.parametrize("rank", [None, 3])
def test_two_classes_equal_a_dense_newton_step_and_the_softmax_form_at_twice_the_penalty(
    temperature, alpha, penalty, rank
):
    f = X @ TEACHER
    bottleneck = None if rank is None else lg.Subspace(np.eye(D)[:, :rank])
    found = student(X, BINARY, f, temperature, alpha, penalty, bottleneck)
    Z = X[:, : rank or D]
    p, q = expit(f), expit(f / temperature)
    h = (1 - alpha) * p * (1 - p) + alpha * q * (1 - q)
    w = np.linalg.solve((Z.T * h) @ Z + penalty * np.eye(Z.shape[1]), Z.T @ (h * f + (1 - alpha) * (BINARY - p)))
    assert_allclose(found.weights[0, : rank or D], w, rtol=1e-9)
    both = student(X, BINARY, np.column_stack([0 * f, f]), temperature, alpha, 2 * penalty, bottleneck)
    assert_allclose(both.weights[1] - both.weights[0], found.weights[0], rtol=1e-9, atol=1e-12)
    assert_allclose(both.divergence(X, np.column_stack([-f, 0 * f])), found.divergence(X, f), rtol=1e-9)


@pytest.mark.parametrize(("temperature", "alpha", "penalty"), SETTINGS)
@pytest.mark.parametrize("rank", [None, 3])
def test_the_case_of_two_classes_has_the_students_weights_and_laplace_spreads(temperature, alpha, penalty, rank):
    f = X @ TEACHER
    bottleneck = None if rank is None else lg.Principal(rank)
    found = student(X, BINARY, f, temperature, alpha, penalty, bottleneck)
    case = found.case
    p, q = expit(f), expit(f / temperature)
    own = (X.T * (p * (1 - p))) @ X
    t = TEACHER @ (own + 0.7 * np.eye(D))
    assert_allclose(case.teacher_channel.at(t).mean, TEACHER, rtol=1e-8)
    assert_allclose(case.teacher_channel.cov, np.linalg.inv(own + 0.7 * np.eye(D)), rtol=1e-8)
    assert_allclose(case.student_channel.at(t).mean, found.weights[0], rtol=1e-8, atol=1e-10)
    weighted = (1 - alpha) * own + alpha * (X.T * (q * (1 - q))) @ X
    U = np.linalg.eigh(X.T @ X)[1][:, ::-1][:, : rank or D]
    laplace = U @ np.linalg.inv(U.T @ weighted @ U + penalty * np.eye(U.shape[1])) @ U.T
    laplace += (np.eye(D) - U @ U.T) / penalty
    assert_allclose(case.student_channel.cov, laplace, rtol=1e-7, atol=1e-12)
    cells = case.divergence().cells
    assert np.all(cells[0] > 0)
    assert (rank is None) == (not cells[1].any())
    assert rank is None or np.all(cells[1] > 0)
    both = student(X, BINARY, np.column_stack([0 * f, f]), temperature, alpha, 2 * penalty, bottleneck)
    assert_allclose(both.case.divergence().cells, cells, rtol=1e-8, atol=1e-12)


def test_a_student_of_the_teachers_own_loss_at_full_rank_is_the_teacher():
    found = student(X, BINARY, X @ TEACHER, temperature=1.0, alpha=0.0, penalty=0.7)
    assert_allclose(found.weights[0], TEACHER, rtol=1e-9)
    assert found.case.divergence().total == pytest.approx(0.0, abs=1e-9)


def test_only_a_linear_teacher_at_its_optimum_makes_a_case():
    with pytest.raises(DomainError, match="linear in X"):
        _ = student(X, BINARY, X @ TEACHER + np.sin(X[:, 0]), alpha=1.0).case
    with pytest.raises(DomainError, match="optimum"):
        _ = student(X, BINARY, X @ (2 * TEACHER)).case
    with pytest.raises(DomainError, match="4 classes"):
        _ = student(X, Y, LOGITS).case
    with pytest.raises(MissingLabelsError):
        _ = student(X, None, X @ TEACHER).case


# Really trained students


def data_sets():
    from sklearn.datasets import load_breast_cancer, load_digits, load_wine

    for name, load in (("digits", load_digits), ("wine", load_wine), ("breast cancer", load_breast_cancer)):
        inputs, classes = load(return_X_y=True)
        inputs = (inputs - inputs.mean(axis=0)) / (inputs.std(axis=0) + 1e-9)
        inputs = inputs @ np.linalg.svd(inputs, full_matrices=False)[2][:10].T
        inputs = np.column_stack([inputs, np.ones(len(inputs))])
        order = np.random.default_rng(0).permutation(len(inputs))[:500]
        yield name, (inputs[order], classes[order])


AXES = {"temperature": [1.0, 2.0, 8.0], "alpha": [0.5, 1.0]}


@pytest.fixture(scope="module")
def distilled():
    """Per data set and rank: closed forms and trained students, scored on rows held out, over the grid of AXES."""
    return {name: list(distilled_at_ranks(*data)) for name, data in data_sets()}


def distilled_at_ranks(inputs, classes):
    half, k, d = len(inputs) // 2, classes.max() + 1, inputs.shape[1]
    old = np.zeros((half, k))
    teacher = trained(inputs[:half], classes[:half], old, 1.0, 0.0, 1.0, np.zeros((k, d)))
    logits = inputs @ teacher.T
    for rank in (d // 3, 2 * d // 3, d):
        given = student(inputs[:half], classes[:half], logits[:half], bottleneck=lg.Principal(rank))
        selection = given.sweep(**AXES, held_out=(inputs[half:], classes[half:], logits[half:]))
        U = np.linalg.eigh(inputs[:half].T @ inputs[:half])[1][:, ::-1][:, :rank]
        measured = np.empty((3, 2))
        for place, setting in zip(np.ndindex(3, 2), itertools.product(*AXES.values()), strict=True):
            W = trained(inputs[:half], classes[:half], logits[:half], *setting, 1.0, np.zeros((k, rank)), U)
            old, new = log_softmax(logits[half:], axis=1), log_softmax(inputs[half:] @ W.T, axis=1)
            measured[place] = np.mean(np.sum(np.exp(old) * (old - new), axis=1))
        yield selection, measured


def test_trained_students_are_as_far_from_the_teacher_as_the_closed_form_says_in_the_median(distilled):
    factors = np.array(
        [
            np.exp(np.abs(np.log(measured / selection.results["divergence"].squeeze().to_numpy())))
            for pairs in distilled.values()
            for selection, measured in pairs
        ]
    )
    assert np.median(factors[:, 1:]) < 1.1  # T ≥ 2
    assert np.max(factors[:, 1:]) < 3.0
    assert np.max(factors) < 15.0  # at T = 1 the teacher's curvature is not that of the student


@pytest.mark.parametrize("name", ["digits", "wine", "breast cancer"])
def test_the_recommended_setting_is_near_the_best_trained_one_in_the_median_of_ranks(distilled, name):
    excess = []
    for selection, measured in distilled[name]:
        best = selection.recommended.settings
        place = tuple(AXES[axis].index(getattr(best, axis)) for axis in AXES)
        excess.append(measured[place] / measured.min())
    assert np.median(excess) <= 1.05


# Sweeps


def test_a_sweep_scores_students_distilled_without_the_rows_they_are_scored_on():
    given = student(X, Y, LOGITS, 2.0, 0.5, 1.0)
    selection = given.sweep(temperature=[1.0, 4.0], alpha=[0.3], penalty=[0.5, 2.0], student_rank=[2, 0], folds=3)
    results = selection.results
    assert dict(results.sizes) == {"temperature": 2, "alpha": 1, "penalty": 2, "student_rank": 2}
    assert results["student_rank"].to_numpy().tolist() == [0, 2]
    part = np.random.default_rng(0).permutation(N) % 3
    divergence = loss_of_classes = 0.0
    for fold in range(3):
        train, test = part != fold, part == fold
        U = np.linalg.eigh(X.T @ X)[1][:, ::-1][:, :2]
        W = student(X[train], Y[train], LOGITS[train], 4.0, 0.3, 2.0, lg.Subspace(U)).weights
        old, new = log_softmax(LOGITS[test], axis=1), log_softmax(X[test] @ W.T, axis=1)
        divergence += np.sum(np.exp(old) * (old - new)) / N
        loss_of_classes -= np.sum(new[np.arange(test.sum()), Y[test]]) / N
    cell = results.sel(temperature=4.0, alpha=0.3, penalty=2.0, student_rank=2)
    assert_allclose([cell["divergence"], cell["log_loss"]], [divergence, loss_of_classes], rtol=1e-9)
    best = results["divergence"].stack(cell=results.dims).idxmin().item()
    settings = selection.recommended.settings
    assert (settings.temperature, settings.alpha, settings.penalty, settings.rank) == best
    assert_allclose(
        selection.recommended.weights, student(X, Y, LOGITS, *best[:3], bottleneck=lg.Principal(best[3])).weights
    )
    least = r"least divergence (\S+) nats per row with .*rank (\d), temperature=(\S+), alpha=(\S+), penalty=(\S+)\)\)$"
    told = re.search(least, repr(selection))
    assert [float(one) for one in told.groups()[1:]] == [best[3], best[0], best[1], best[2]]
    assert float(told[1]) == pytest.approx(float(results["divergence"].min()), rel=1e-3)


def test_a_sweep_keeps_leading_directions_of_what_the_student_sees():
    order = lg.Selected((4, 1, 2))
    given = student(X, Y, LOGITS, 2.0, bottleneck=order)
    held = (X[:40], None, LOGITS[:40])
    selection = given.sweep(student_rank=[1, 2], held_out=held)
    assert list(selection.results.data_vars) == ["divergence"]
    expected = student(X, Y, LOGITS, 2.0, bottleneck=lg.Selected((4, 1)))
    assert_allclose(
        selection.results["divergence"].sel(student_rank=2).item(), expected.divergence(X[:40], LOGITS[:40])
    )
    with pytest.raises(DomainError, match="from 0 to 3"):
        given.sweep(student_rank=[4])


def test_log_loss_may_choose_another_setting_than_the_divergence():
    noisy = student(X, Y, 0.3 * LOGITS, 1.0, 0.5)  # a teacher that is too unsure
    axes = {"alpha": [0.0, 0.5, 1.0]}
    assert noisy.sweep(**axes).recommended.settings.alpha == 1.0
    assert noisy.sweep(**axes, objective="log_loss").recommended.settings.alpha == 0.0


# Bad input


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"temperature": 0.0}, DomainError, "temperature greater than 0"),
        ({"temperature": -1.0}, DomainError, "temperature"),
        ({"alpha": 1.2}, DomainError, "alpha from 0 to 1"),
        ({"alpha": -0.1}, DomainError, "alpha"),
        ({"penalty": 0.0}, DomainError, "penalty"),
        ({"y": Y + 1}, DomainError, "classes from 0 to 3"),
        ({"y": Y + 0.5}, DomainError, "classes from 0 to 3"),
        ({"y": Y[:-1]}, ShapeError, "y"),
        ({"y": None}, MissingLabelsError, "alpha"),
        ({"teacher_logits": LOGITS[:-1]}, ShapeError, "teacher_logits"),
        ({"teacher_logits": np.where(LOGITS > 2, np.inf, LOGITS)}, NotFiniteError, "teacher_logits"),
        ({"teacher_logits": LOGITS[:, :2]}, DomainError, "classes from 0 to 1"),
        ({"X": X[:, 0]}, ShapeError, "X"),
        ({"bottleneck": lg.Best(2)}, DomainError, "Principal"),
        ({"bottleneck": lg.Principal(9)}, DomainError, "at most 6"),
        ({"bottleneck": lg.Selected((7,))}, DomainError, "at most 6"),
        ({"bottleneck": lg.Subspace(np.eye(4)[:, :2])}, ShapeError, "subspace"),
    ],
)
def test_bad_input_is_refused(change, error, words):
    given = {"X": X, "y": Y, "teacher_logits": LOGITS, "temperature": 2.0, "alpha": 0.5}
    with pytest.raises(error, match=words):
        student(**(given | change))


def test_bad_sweeps_are_refused():
    given = student(X, None, LOGITS)
    for axes, error in [
        ({"temperature": [0.0, 1.0]}, DomainError),
        ({"alpha": [0.5, 1.5]}, DomainError),
        ({"alpha": [0.5]}, MissingLabelsError),
        ({"objective": "accuracy"}, UnknownNameError),
        ({"objective": "log_loss"}, MissingLabelsError),
        ({"folds": 1}, DomainError),
        ({"folds": N}, EmptyDataError),
        ({"temperature": []}, EmptyDataError),
        ({"held_out": (X, LOGITS)}, ShapeError),
        ({"held_out": (X[:, 1:], None, LOGITS)}, ShapeError),
        ({"student_rank": [1.5]}, LingaussError),
    ]:
        with pytest.raises(error):
            given.sweep(**axes)
    with pytest.raises(ShapeError):
        given.divergence(X, LOGITS[:, :2])
    with pytest.raises(ShapeError):
        given.logits(X[:, 1:])


def test_logits_have_the_shape_of_the_teachers():
    assert student(X, Y, LOGITS).logits(X).shape == (N, K)
    assert student(X, BINARY, X @ TEACHER).logits(X).shape == (N,)
    assert repr(student(X, Y, LOGITS, 2.0)).startswith("Student(4 logits, 6 features, rank 6, temperature=2")
