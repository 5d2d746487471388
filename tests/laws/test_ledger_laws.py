"""What makes the ledger a ledger: parts that add up, are never negative, and mean what they say."""

import numpy as np
import pytest
from bridge import dense
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.optimize import minimize_scalar

import lingauss as lg
from lingauss.model.bottleneck import complement
from lingauss.testing import distillations, gaussians, rotations

pytestmark = pytest.mark.filterwarnings("ignore::lingauss.errors.TiedSpectrumWarning")

ROUNDING = 1e-12


@st.composite
def law_pairs(draw, condition=1e3):
    """Two laws of one shape and an orthonormal basis of a subspace."""
    teacher = draw(gaussians(condition=condition))
    student = draw(gaussians(dim=teacher.dim, outputs=teacher.outputs, condition=condition))
    return student, teacher, draw(rotations(dim=teacher.dim))[:, : draw(st.integers(0, teacher.dim))]


@settings(max_examples=200)
@given(law_pairs())
def test_cells_of_bare_laws_add_up_to_their_divergence(pair):
    student, teacher, basis = pair
    ledger = lg.ledger(student, teacher, subspace=basis)
    assert_allclose(ledger.total, lg.kl(student, teacher), rtol=1e-10, atol=ROUNDING)
    assert ledger.cells[:, 1].sum() == 0
    assert np.all(ledger.cells >= 0)


@given(law_pairs())
def test_rank_cost_of_bare_laws_is_the_divergence_of_the_discarded_coordinates(pair):
    student, teacher, basis = pair
    dropped = complement(basis)
    if not dropped.shape[1]:
        return
    project = lg.Channel(dropped.T, np.zeros((dropped.shape[1],) * 2))
    expected = lg.kl(project.push(student), project.push(teacher))
    assert_allclose(lg.ledger(student, teacher, subspace=basis).rank_bottleneck, expected, rtol=1e-9, atol=ROUNDING)


@settings(max_examples=200)
@given(distillations(hard=True, singular=True))
def test_every_cell_is_at_least_zero_and_never_nan(case):
    for ledger in (case.divergence(), case.prediction_divergence()):
        assert np.all(ledger.cells >= 0)
        assert not np.any(np.isnan(ledger.cells))
        assert 0 <= ledger.rank_irreducible <= ledger.rank_bottleneck * (1 + 1e-9) + ROUNDING
        assert_allclose(ledger.bias + ledger.variance + ledger.rank_bottleneck, ledger.total)


@pytest.mark.parametrize("noise", [0.3, 3.0, 10.0])
def test_the_least_rank_cost_of_predictions_is_that_of_the_best_floor(noise):
    """Found by trying floors, of which the best is below 1, near it and above it."""
    rng = np.random.default_rng(4)
    X, W = rng.standard_normal((9, 4)), rng.standard_normal((2, 4))
    problem = lg.Problem.from_inputs(X, truth=W, label_noise=noise)
    basis = np.linalg.qr(rng.standard_normal((4, 2)))[0]
    case = lg.Distillation(problem, lg.Ridge(0.5), lg.Ridge(0.8), lg.Subspace(basis))

    def cost(log_floor):
        return case.replace(floor=float(np.exp(log_floor))).prediction_divergence().rank_bottleneck

    found = minimize_scalar(cost, bounds=(-12.0, 6.0), method="bounded", options={"xatol": 1e-7})
    assert case.prediction_divergence().rank_irreducible == pytest.approx(found.fun, rel=1e-9)


def test_no_floor_is_best_for_the_predictions_of_a_teacher_without_spread():
    rng = np.random.default_rng(4)
    X, W = rng.standard_normal((9, 4)), rng.standard_normal((2, 4))
    problem = lg.Problem.from_inputs(X, truth=W, label_noise=1.0)
    teacher, basis = lg.Ridge(0.5, temperature=0.0), np.linalg.qr(rng.standard_normal((4, 2)))[0]
    ledger = lg.Distillation(problem, teacher, lg.Ridge(0.8), lg.Subspace(basis), floor=1.0).prediction_divergence()
    assert ledger.rank_irreducible == pytest.approx(ledger.cells[1, 0] + ledger.cells[1, 1], rel=1e-12)
    assert ledger.cells[1, 2] > 0.1


def test_nearly_equal_predictors_keep_their_digits_in_any_basis_of_all_directions():
    problem = lg.Problem.from_spectrum([8.0, 3.0, 1.0], [1.0, 1.0, 1.0], n_samples=20, label_noise=0.5)
    here = lg.Distillation(problem, lg.Ridge(1.0), lg.Ridge(1.0 + 1e-8), mixing=0.0)
    turned = here.replace(bottleneck=lg.Subspace(np.linalg.qr(np.random.default_rng(6).standard_normal((3, 3)))[0]))
    ours, expected = turned.prediction_divergence(), here.prediction_divergence()
    assert 0.0 < expected.total < 1e-12
    assert_allclose(ours.total, expected.total, rtol=1e-10)


@settings(max_examples=200)
@given(distillations(hard=True, singular=True))
def test_predictions_never_diverge_more_than_weights(case):
    weights, predictions = case.divergence().total, case.prediction_divergence().total
    assert np.isfinite(predictions)
    assert predictions <= weights * (1 + 1e-9) + ROUNDING


@given(distillations(modes=("observed",)), st.integers(0, 2**32 - 1))
def test_rank_cost_is_the_least_divergence_over_students_with_the_same_discarded_law(case, seed):
    """Any joint law with the student's discarded marginal diverges at least by the rank cost; one attains it."""
    ledger, kept, dropped = case.divergence(), case.basis, complement(case.basis)
    t = case.problem.observed
    teacher, student = case.teacher_channel.at(t), case.student_channel.at(t)
    order = np.hstack([dropped, kept])
    free, fixed = kept.shape[1], dropped.shape[1]
    cov = order.T @ teacher.cov @ order
    regression = np.linalg.solve(cov[:fixed, :fixed], cov[:fixed, fixed:]).T
    residual = cov[fixed:, fixed:] - regression @ cov[:fixed, fixed:]
    drop_mean, drop_cov = student.mean @ dropped, dropped.T @ student.cov @ dropped

    def joint(regress, shift, spread):
        """Student with the given discarded law and any Gaussian kernel from it to the retained coordinates."""
        block = np.block(
            [[drop_cov, drop_cov @ regress.T], [regress @ drop_cov, spread + regress @ drop_cov @ regress.T]]
        )
        mean = np.hstack([drop_mean, drop_mean @ regress.T + shift])
        return lg.Gaussian(mean @ order.T, order @ (0.5 * (block + block.T)) @ order.T)

    best = joint(regression, teacher.mean @ kept - (teacher.mean @ dropped) @ regression.T, residual)
    scale = 1 + ledger.rank_bottleneck
    assert abs(lg.kl(best, teacher) - ledger.rank_bottleneck) <= 1e-8 * scale
    rng = np.random.default_rng(seed)
    root = rng.standard_normal((free, free + 1))
    other = joint(rng.standard_normal((free, fixed)), rng.standard_normal((len(t), free)), root @ root.T)
    assert lg.kl(other, teacher) >= ledger.rank_bottleneck - 1e-8 * scale


@given(distillations(modes=("averaged",)))
def test_averaged_ledger_is_the_mean_of_observed_ledgers(case):
    """Exactly so over symmetric points that carry the first two moments of the labels."""
    problem = case.problem
    mean = problem.truth.mean @ problem.gram
    root = problem.label_noise * np.linalg.cholesky(problem.gram)
    k, d = mean.shape
    cells = []
    for output in range(k):
        for column in range(d):
            for sign in (1.0, -1.0):
                t = mean.copy()
                t[output] += sign * np.sqrt(k * d) * root[:, column]
                observed = dense(case).replace(problem=problem.with_statistic(t))
                cells.append(observed.divergence().cells)
    observed, averaged = np.mean(cells, axis=0), case.divergence().cells
    assert_allclose(observed[:, 0], averaged[:, 0] + averaged[:, 1], rtol=1e-9, atol=1e-10 * averaged.sum())
    assert_allclose(observed[:, 2], averaged[:, 2], rtol=1e-9, atol=1e-10 * averaged.sum())


def test_averaged_divergence_is_within_the_error_of_a_monte_carlo_mean():
    rng = np.random.default_rng(7)
    X, W, noise = rng.standard_normal((15, 4)), rng.standard_normal((2, 4)), 0.8
    problem = lg.Problem.from_inputs(X, truth=W, label_noise=noise)
    case = lg.Distillation(problem, student=lg.Ridge(2.0), bottleneck=lg.Principal(2), mixing=0.7)
    draws = []
    for _ in range(400):
        labels = X @ W.T + noise * rng.standard_normal((15, 2))
        seen = lg.Problem.from_data(X, labels, label_noise=noise, center=False)
        draws.append(case.replace(problem=seen).divergence().total)
    error = np.std(draws, ddof=1) / np.sqrt(len(draws))
    assert abs(np.mean(draws) - case.divergence().total) < 4 * error


@given(distillations(modes=("averaged", "observed")), st.integers(0, 4))
def test_best_subset_is_never_worse_than_any_other_of_its_size(case, rank):
    d = case.problem.n_features
    rank = min(rank, d)
    best = case.replace(bottleneck=lg.Best(rank)).divergence().total
    vectors = case.problem.eigenbasis.vectors
    for bits in range(2**d):
        subset = [i for i in range(d) if bits >> i & 1]
        if len(subset) == rank:
            other = case.replace(bottleneck=lg.Subspace(vectors[:, subset])).divergence().total
            assert best <= other * (1 + 1e-9) + ROUNDING


@pytest.mark.parametrize("spread", [1.0, 1e4, 1e8])
def test_ledger_of_bare_laws_does_not_depend_on_the_units_of_coordinates(spread):
    base = np.array([[2.0, 0.5, 0.3], [0.5, 1.0, 0.2], [0.3, 0.2, 1.5]])
    unit = np.array([1 / spread, 1.0, spread])
    student = lg.Gaussian(np.zeros(3), base * np.outer(unit, unit))
    teacher = lg.Gaussian(np.zeros(3), (base + np.eye(3)) * np.outer(unit, unit))
    for subspace in (None, np.ones((3, 1)), np.eye(3)[:, 1:]):
        assert_allclose(lg.ledger(student, teacher, subspace).total, lg.kl(student, teacher), rtol=1e-12)


@pytest.mark.parametrize("floor", [1e-20, 1e-30, 1e-40])
def test_a_vanishing_floor_leaves_the_retained_cost_of_the_hard_bottleneck(floor):
    problem = lg.Problem.from_gram([[2.0, 0.5], [0.5, 1.0]], n_samples=9, truth=[1.0, 1.0], label_noise=1.0)
    case = lg.Distillation(problem, bottleneck=lg.Subspace([1.0, 0.0]), floor=0.0)
    hard, soft = case.divergence(), case.replace(floor=floor).divergence()
    assert_allclose(soft.cells[0], hard.cells[0], rtol=1e-9)
