"""Bottlenecks that follow from the teacher's predictions, and those that drop columns."""

import itertools

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import lingauss as lg
from lingauss.errors import DomainError, MissingTruthError, UnknownNameError


def problem(seed=0, n=60, d=7, k=3, observed=True):
    """Correlated inputs with their labels, or with their true weights."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d)) @ rng.normal(size=(d, d))
    W = rng.normal(size=(k, d))
    Y = X @ W.T + rng.normal(size=(n, k))
    if observed:
        return lg.Problem.from_data(X, Y, label_noise=1.0, center=False), X, Y
    return lg.Problem.from_inputs(X, truth=W, label_noise=1.0), X, W


def predictions(X, Y, penalty):
    """Return what ridge regression on all features predicts at its inputs."""
    return X @ np.linalg.solve(X.T @ X + penalty * np.eye(X.shape[1]), X.T @ Y)


def misfit(X, basis, target):
    """Return the least squared error of predicting targets from the inputs along a basis."""
    seen = X @ basis
    return float(np.sum(np.square(target - seen @ np.linalg.lstsq(seen, target, rcond=None)[0])))


@pytest.mark.parametrize("rank", [0, 1, 2, 3, 5])
@pytest.mark.parametrize("penalty", [0.5, 40.0])
def test_what_aligned_directions_miss_of_the_teacher_is_the_discarded_singular_values(rank, penalty):
    here, X, Y = problem()
    case = lg.Distillation(here, lg.Ridge(penalty), lg.Ridge(1.0), lg.Aligned(rank))
    taught = predictions(X, Y, penalty)
    sizes = np.linalg.svd(taught, compute_uv=False)
    assert_allclose(misfit(X, case.basis, taught), np.sum(np.square(sizes[rank:])), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_no_other_directions_fit_the_teacher_better(seed):
    here, X, Y = problem(seed)
    taught = predictions(X, Y, 2.0)
    best = misfit(X, lg.Distillation(here, lg.Ridge(2.0), lg.Ridge(1.0), lg.Aligned(2)).basis, taught)
    rng = np.random.default_rng(seed)
    others = [lg.Subspace(rng.normal(size=(7, 2))).basis for _ in range(20)]
    principal = lg.Distillation(here, lg.Ridge(2.0), lg.Ridge(1.0), lg.Principal(2)).basis
    assert best <= min(misfit(X, basis, taught) for basis in (*others, principal)) + 1e-9


def test_a_student_without_penalty_that_sees_aligned_directions_reaches_that_fit():
    here, X, Y = problem()
    case = lg.Distillation(
        here, lg.Ridge(2.0, temperature=0.0), lg.Ridge(0.0, temperature=0.0), lg.Aligned(2), floor=0.0, temperature=0.0
    )
    weights = case.student_predictor.at(here.observed).mean
    taught = predictions(X, Y, 2.0)
    sizes = np.linalg.svd(taught, compute_uv=False)
    assert_allclose(np.sum(np.square(taught - X @ weights.T)), np.sum(np.square(sizes[2:])), rtol=1e-9)


def test_smaller_ranks_keep_the_first_of_the_directions():
    here, _, _ = problem()
    bases = [lg.Distillation(here, lg.Ridge(2.0), lg.Ridge(1.0), lg.Aligned(rank)).basis for rank in range(8)]
    for small, large in itertools.pairwise(bases):
        assert_allclose(np.abs(small.T @ large), np.eye(*(small.T @ large).shape), atol=1e-9)
    assert_allclose(bases[-1].T @ bases[-1], np.eye(7), atol=1e-12)


def test_on_average_over_labels_directions_follow_from_the_average_teacher():
    here, X, W = problem(observed=False)
    taught = predictions(X, X @ W.T, 2.0)
    sizes = np.linalg.svd(taught, compute_uv=False)
    case = lg.Distillation(here, lg.Ridge(2.0), lg.Ridge(1.0), lg.Aligned(1))
    assert_allclose(misfit(X, case.basis, taught), np.sum(np.square(sizes[1:])), rtol=1e-9)


def test_directions_are_found_where_inputs_do_not_span_all_features():
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(5, 9)), rng.normal(size=(5, 2))
    here = lg.Problem.from_data(X, Y, label_noise=1.0, center=False)
    case = lg.Distillation(here, lg.Ridge(2.0), lg.Ridge(1.0), lg.Aligned(2))
    assert_allclose(misfit(X, case.basis, predictions(X, Y, 2.0)), 0.0, atol=1e-18)


@pytest.mark.parametrize("bottleneck", [lg.Aligned(2), lg.Features((4, 1))])
@pytest.mark.parametrize("observed", [True, False])
def test_every_number_is_that_of_the_subspace(bottleneck, observed):
    here, _, _ = problem(observed=observed)
    case = lg.Distillation(here, lg.Ridge(2.0), lg.Ridge(1.0, temperature=0.5), bottleneck, temperature=0.3)
    same = case.replace(bottleneck=lg.Subspace(case.basis))
    assert_allclose(case.divergence().cells, same.divergence().cells, rtol=1e-9)
    assert_allclose(case.prediction_divergence().total, same.prediction_divergence().total, rtol=1e-9)
    if not observed:
        assert_allclose(case.excess_risk().student, same.excess_risk().student, rtol=1e-9)
        assert_allclose(case.gaps().student, same.gaps().student, rtol=1e-9)


@pytest.mark.parametrize("bottleneck", [lg.Aligned(3), lg.Features((4, 1, 0))])
def test_ranks_are_swept_and_optimised_as_designs_of_their_own(bottleneck):
    here, _, _ = problem(observed=False)
    case = lg.Distillation(here, lg.Ridge(2.0), lg.Ridge(1.0), bottleneck)
    swept = case.sweep(student_rank=[0, 1, 3])["divergence"].to_numpy()
    assert_allclose(swept, [case.replace(rank=rank).divergence().total for rank in (0, 1, 3)], rtol=1e-9)
    best = case.optimize(over=("student_rank", "temperature"), objective="divergence")
    assert best.value <= swept.min() * (1 + 1e-12)


def test_directions_are_found_anew_for_another_teacher():
    here, _, _ = problem()
    case = lg.Distillation(here, lg.Ridge(2.0), lg.Ridge(1.0), lg.Aligned(2))
    other = case.replace(teacher_penalty=500.0)
    fresh = lg.Distillation(here, lg.Ridge(500.0), lg.Ridge(1.0), lg.Aligned(2))
    assert_allclose(other.basis, fresh.basis)
    assert not np.allclose(np.abs(other.basis.T @ case.basis), np.eye(2), atol=1e-3)


def test_features_keep_their_columns():
    here, _, _ = problem()
    case = lg.Distillation(here, lg.Ridge(2.0), lg.Ridge(1.0), lg.Features((4, 1)))
    assert_array_equal(case.basis, np.eye(7)[:, [4, 1]])
    assert lg.Features(("b", "a")).numbered(["a", "b", "c"]) == lg.Features((1, 0))


@pytest.mark.parametrize("bottleneck", [lg.Aligned(2), lg.Features((4, 1))])
def test_designs_with_them_are_rebuilt_exactly(bottleneck):
    here, _, _ = problem()
    case = lg.Distillation(here, lg.Ridge(2.0), lg.Ridge(1.0), bottleneck)
    again = lg.case_of(case.sweep(temperature=[0.5, 1.0]))
    assert again.bottleneck == bottleneck
    names = {}
    exec(case.to_python(), names)  # noqa: S102
    assert any(isinstance(one, lg.Distillation) and one.bottleneck == bottleneck for one in names.values())


def test_what_cannot_be_is_refused():
    here, _, _ = problem()
    with pytest.raises(DomainError, match="distinct features"):
        lg.Features((1, 1))
    with pytest.raises(DomainError, match="features from 0 to 6"):
        lg.Distillation(here, lg.Ridge(), lg.Ridge(), lg.Features((7,)))
    with pytest.raises(DomainError, match="features by number"):
        lg.Distillation(here, lg.Ridge(), lg.Ridge(), lg.Features(("age",)))
    with pytest.raises(UnknownNameError, match="'agee'"):
        lg.Features(("agee",)).numbered(["age"])
    with pytest.raises(DomainError, match="rank from 0 to 7"):
        lg.Distillation(here, lg.Ridge(), lg.Ridge(), lg.Aligned(8))
    powers = lg.Problem.from_spectrum([2.0, 1.0], [1.0, 1.0], n_samples=10, label_noise=1.0)
    with pytest.raises(MissingTruthError, match="a truth with signs"):
        lg.Distillation(powers, lg.Ridge(), lg.Ridge(), lg.Aligned(1)).divergence()
    drawn = lg.Problem.from_population([2.0, 1.0], [1.0, 1.0], n_samples=10, label_noise=1.0)
    with pytest.raises(DomainError, match="inputs are given"):
        lg.Distillation(drawn, lg.Ridge(), lg.Ridge(), lg.Aligned(1))
    with pytest.raises(DomainError, match="not chosen on the same labels"):
        lg.Distillation(here, lg.Ridge(), lg.Ridge(), lg.Aligned(1)).cross_validation()


def test_unseen_rows_with_features_are_those_of_ridge_on_these_columns():
    here, X, Y = problem(k=1)
    case = lg.Distillation(
        here, lg.Ridge(2.0, temperature=0.0), lg.Ridge(3.0, temperature=0.0), lg.Features((4, 1)), mixing=0.0, floor=0.0
    )
    chosen = X[:, [4, 1]]
    hat = chosen @ np.linalg.solve(chosen.T @ chosen + 3.0 * np.eye(2), chosen.T)
    left = (Y - hat @ Y)[:, 0] / (1 - np.diag(hat))
    assert_allclose(float(case.cross_validation(rows=(X, Y)).student), np.mean(np.square(left)), rtol=1e-9)
