"""The ledger of the process: labels bounded by convexity, and the student's kernel."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose

import lingauss as lg
from lingauss.errors import DomainError, MissingTruthError
from lingauss.sweep.quantities import PROCESS


def random_designs(count, seed):
    """Yield designs of two ridge learners with the inputs they are trained on: any rank, n < d and intercepts too."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        n, d, k = (int(rng.integers(*span)) for span in ((1, 9), (1, 6), (1, 4)))
        X = rng.normal(size=(n, d))
        intercept = bool(n > 1 and rng.random() < 0.4)
        X -= X.mean(axis=0) if intercept else 0.0
        problem = lg.Problem.from_inputs(X, truth=rng.normal(size=(k, d)), label_noise=10 ** rng.uniform(-1, 0.5))
        problem = replace(problem, intercept=intercept)
        teacher, student = (lg.Ridge(10 ** rng.uniform(-1, 1), 10 ** rng.uniform(-1, 0.5)) for _ in range(2))
        rank = int(rng.integers(0, d + 1))
        bottleneck = lg.Subspace(rng.normal(size=(d, rank))) if rank and rng.random() < 0.5 else lg.Principal(rank)
        settings = {"temperature": 10 ** rng.uniform(-1, 1), "draws": int(rng.integers(1, 4))}
        yield lg.Distillation(problem, teacher, student, bottleneck, **settings), X


def kl(mean, cov, other):
    """KL(N(·, cov) ‖ N(·, other)) of means that differ by a row, per row of ``mean``."""
    ratio = np.linalg.solve(other, cov)
    size = len(cov)
    shift = np.sum((mean @ np.linalg.inv(other)) * mean)
    return 0.5 * shift + 0.5 * len(mean) * (np.trace(ratio) - size - np.linalg.slogdet(ratio)[1])


def in_label_space(case, X):
    """The parts of the ledger as a textbook has them, from (n, n) and (d, d) matrices of the inputs X."""
    problem, teacher, student, m = case.problem, case.teacher, case.student, case.draws
    nu2, W, k, (n, d) = problem.label_noise**2, problem.truth.mean, problem.outputs, X.shape
    G, tau = X.T @ X, case.temperature / m
    R = np.linalg.inv(G + teacher.penalty * np.eye(d))
    V = teacher.temperature * nu2 * R
    missed, noise_root = (W @ G @ R - W) @ X.T, X @ R @ X.T + problem.intercept / n  # whose labels' mean is the level
    labels = tau * nu2 * np.eye(n) + X @ V @ X.T / m
    noise = 0.5 * k * np.sum(noise_root**2)
    U = case.basis
    C = U @ np.linalg.inv(U.T @ G @ U + student.penalty * np.eye(case.rank)) @ U.T
    floor = case.resolved_floor if case.rank < d else 0.0
    own = student.temperature * nu2 * C + floor * (np.eye(d) - U @ U.T)
    soft = (W @ G @ R @ G).T @ (W @ G @ R @ G)
    soft = soft + k * nu2 * (G @ R @ G @ R @ G + teacher.temperature * G @ R @ G / m + tau * G)
    eigenvalues, turn = np.linalg.eigh(soft)
    shift = (turn * np.sqrt(np.clip(eigenvalues, 0, None))).T @ (C - R)
    kernel = 0.5 * np.sum((shift @ np.linalg.inv(V)) * shift) + kl(np.zeros((k, d)), own, V)
    return {
        "bias": 0.5 * np.sum(missed**2) / nu2,
        "label_noise": noise,
        "spread": 0.5 * k * np.trace(X @ V @ X.T) / (m * nu2),
        "observation": 0.5 * n * k * (tau - 1 - np.log(tau)),
        "kernel": kernel,
        "exact": kl(missed, labels, nu2 * np.eye(n)) + noise + kernel,
    }


def test_each_part_is_what_it_is_in_label_space_and_convexity_never_undercuts_the_divergence():
    for case, X in random_designs(300, seed=7):
        found, expected = case.process_ledger(), in_label_space(case, X)
        for name in ("bias", "label_noise", "spread", "observation", "exact"):
            assert_allclose(getattr(found, name), expected[name], rtol=1e-10, atol=1e-11, err_msg=name)
        assert_allclose(found.training + found.rank_bottleneck, expected["kernel"], rtol=1e-10, atol=1e-11)
        assert min(found.training, found.rank_bottleneck) > -1e-12
        assert found.slack > -1e-11 * (1.0 + found.total)


def test_the_kernel_of_matched_learners_on_eigenvectors_trains_for_nothing_and_full_rank_has_no_bottleneck():
    for case, _ in random_designs(20, seed=8):
        matched = case.replace(student=case.teacher, bottleneck=lg.Principal(case.rank))
        assert matched.process_ledger().training == 0.0
        assert case.replace(bottleneck=None).process_ledger().rank_bottleneck == 0.0


def test_convexity_is_exact_for_the_labels_of_a_deterministic_teacher():
    case, _ = next(random_designs(1, seed=9))
    certain = case.replace(teacher_temperature=0.0)
    assert certain.process_ledger().exact == np.inf  # no other kernel has its support
    labels = certain.label_divergence()
    assert_allclose(labels.bound, labels.exact, rtol=1e-12)


def drawn_costs(case, X, trials, rng):
    """Costs of labels that are drawn by teachers that are drawn, and of what a student makes of them, one a trial."""
    problem, m, (n, d) = case.problem, case.draws, X.shape
    nu, W, k, U = problem.label_noise, problem.truth.mean, problem.outputs, case.basis
    R = np.linalg.inv(X.T @ X + case.teacher.penalty * np.eye(d))
    V = case.teacher.temperature * nu**2 * R
    Y = X @ W.T + nu * rng.normal(size=(trials, n, k))
    means = R @ (X.T @ Y)
    weights = means + np.linalg.cholesky(V) @ rng.normal(size=(trials, d, k)) / np.sqrt(m)  # average of m draws
    level = Y.mean(axis=1, keepdims=True) if problem.intercept else 0.0  # the true one is 0
    labels = 0.5 * np.sum(np.square(X @ (weights - W.T) + level), axis=(1, 2)) / nu**2
    soft = X @ weights + np.sqrt(case.temperature / m) * nu * rng.normal(size=(trials, n, k))
    C = U @ np.linalg.inv(U.T @ X.T @ X @ U + case.student.penalty * np.eye(case.rank)) @ U.T
    shift = (C - R) @ (X.T @ soft)
    floor = case.resolved_floor if case.rank < d else 0.0
    own = case.student.temperature * nu**2 * C + floor * (np.eye(d) - U @ U.T)
    kernel = 0.5 * np.sum((np.linalg.inv(V) @ shift) * shift, axis=(1, 2)) + kl(np.zeros((k, d)), own, V)
    return labels, kernel


def test_labels_and_students_that_are_drawn_cost_what_the_ledger_says_on_average_over_300_designs():
    rng, scores = np.random.default_rng(0), []
    for case, X in random_designs(300, seed=11):
        found = case.process_ledger()
        expected = found.bias + found.label_noise + found.spread, found.training + found.rank_bottleneck
        for drawn, mean in zip(drawn_costs(case, X, 400, rng), expected, strict=True):
            error = drawn.std() / np.sqrt(len(drawn))
            if error > 1e-12 * mean:  # kernels that agree, or shift nothing, cost the same in every trial
                scores.append((drawn.mean() - mean) / error)
            else:
                assert_allclose(drawn.mean(), mean, rtol=1e-9, atol=1e-12)
    assert len(scores) > 500
    assert abs(np.mean(scores)) < 4.0 / np.sqrt(len(scores)) + 0.05  # means of 400 squares lean a little
    assert 0.8 < np.std(scores) < 1.2
    assert np.max(np.abs(scores)) < 5.0


def test_an_intercept_adds_half_a_nat_per_output_to_the_label_noise():
    X, Y = np.random.default_rng(1).normal(size=(2, 12, 3))
    with_level, without = (
        lg.Distillation(lg.Problem.from_data(data, Y - Y.mean(0), 0.5, center=center).plug_in(1.0))
        for data, center in ((X, True), (X - X.mean(0), False))
    )
    added = with_level.process_ledger().label_noise - without.process_ledger().label_noise
    assert_allclose(added, 0.5 * 3, rtol=1e-12)


@pytest.mark.parametrize("bottleneck", [lg.Principal(3), lg.Best(2), lg.Subspace(np.eye(5)[:, :3] + 0.2)])
def test_sweeps_and_optima_know_every_part(bottleneck):
    X = np.random.default_rng(2).normal(size=(4, 5))
    problem = lg.Problem.from_inputs(X, truth=np.ones((2, 5)), label_noise=0.7)
    case = lg.Distillation(problem, lg.Ridge(0.5), lg.Ridge(1.0, temperature=0.5), bottleneck)
    axes = {"temperature": [0.5, 3.0], "draws": [1, 3], "label_noise": [0.3, 1.0]}
    table = case.sweep(student_rank=[1, 2], quantities=tuple(PROCESS), **axes)
    for rank, tau, draws, noise in ((1, 0.5, 3, 0.3), (2, 3.0, 1, 1.0)):
        here = {"temperature": tau, "draws": draws, "label_noise": noise}
        one = case.replace(student_rank=rank, **here).process_ledger()
        cell = table.sel(student_rank=rank, **here)
        for name in PROCESS:
            assert_allclose(cell[name], getattr(one, name.removeprefix("process_")), rtol=1e-10, atol=1e-12)
    if not isinstance(bottleneck, lg.Best):
        best = case.optimize(over=("student_rank", "temperature"), objective="process")
        grid = case.sweep(student_rank=range(4), temperature=np.linspace(0.05, 4, 80), quantities=["process_total"])
        assert best.value <= float(grid["process_total"].min()) + 1e-12
        assert_allclose(best.design.process_ledger().total, best.value, rtol=1e-12)


def test_transfer_inputs_refit_the_teachers_recipe():
    X, other = np.random.default_rng(3).normal(size=(2, 7, 3))
    problem = lg.Problem.from_inputs(X, truth=[1.0, -1.0, 0.5], label_noise=0.5)
    case = lg.Distillation(problem, lg.Ridge(0.5), lg.Ridge(0.5), transfer=lg.Moments.from_data(other, center=False))
    assert_allclose(case.process_ledger().training, 0.0, atol=1e-13)  # the same recipe on the same inputs
    own = case.replace(transfer=lg.Moments.from_data(X, center=False)).process_ledger()
    assert_allclose(own.total, case.replace(transfer=None).process_ledger().total, rtol=1e-11)


def test_designs_whose_process_has_no_such_ledger_are_refused():
    problem = lg.Problem.from_spectrum([4.0, 1.0], [1.0, 0.5], n_samples=10, label_noise=0.5)
    case = lg.Distillation(problem)
    with pytest.raises(DomainError, match="pure distillation"):
        case.replace(mixing=0.5).process_ledger()
    with pytest.raises(DomainError, match="pure distillation"):
        case.sweep(mixing=[0.5, 1.0], quantities=["process_total"])
    with pytest.raises(DomainError, match="minimise the divergence"):
        case.optimize(over=("floor",), objective="process")
    with pytest.raises(MissingTruthError):
        case.replace(problem=problem.with_statistic([1.0, 1.0])).process_ledger()
    assert case.replace(temperature=0.0).process_ledger().total == np.inf


def test_every_split_adds_up_to_the_divergence_and_answers_its_question():
    for case, _ in random_designs(40, seed=10):
        table, ledger = case.splits(), case.divergence()
        assert_allclose(table["total"], ledger.total, rtol=1e-8)
        assert (table[["first", "second"]] > -1e-9).all(axis=None)
        assert_allclose(table.loc["discarded first", "first"], ledger.rank_bottleneck)
        assert_allclose(table.loc["means and covariances", "second"], ledger.cells[:, 2].sum())
        U, dense = case.basis, (case.teacher_channel, case.student_channel)
        G, nu, W = case.problem.gram, case.problem.label_noise, case.problem.truth.mean
        gain = dense[1].A - dense[0].A
        rows = np.concatenate([W @ G @ gain.T, np.sqrt(len(W)) * nu * case.problem.gramian.root.T @ gain.T]) @ U
        own, base = (U.T @ channel.cov @ U for channel in dense[::-1])
        if case.rank:
            alone = 0.5 * np.sum((rows @ np.linalg.inv(base)) * rows) + kl(np.zeros((len(W), case.rank)), own, base)
            assert_allclose(table.loc["retained first", "first"], alone, rtol=1e-7, atol=1e-10)
