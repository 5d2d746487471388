"""Rows that count more or less than others: every statistic is a weighted sum."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

import lingauss as lg
from lingauss.data import scatter
from lingauss.errors import DomainError, LingaussError, NotFiniteError, ShapeError

RNG = np.random.default_rng(0)
X, Y, W = RNG.standard_normal((50, 3)) + 5.0, RNG.standard_normal((50, 2)) - 2.0, RNG.exponential(size=50)


def same(moments, expected):
    assert_allclose(moments.total_weight, expected.total_weight, rtol=1e-14)
    assert_allclose(moments.mean + moments.mean_tail, expected.mean + expected.mean_tail, rtol=1e-14, atol=1e-14)
    assert_allclose(moments.scatter, expected.scatter, rtol=1e-12, atol=1e-10)
    assert moments.centred == expected.centred


@pytest.mark.parametrize("center", [True, False])
def test_moments_are_weighted_sums(center):
    moments = lg.Moments.from_data(X, Y, center=center, weights=W)
    both = np.concatenate([X, Y], axis=1)
    mean = W @ both / W.sum() if center else np.zeros(5)
    assert_allclose(moments.mean, mean, rtol=1e-14)
    assert_allclose(moments.scatter, (both - mean).T @ (W[:, None] * (both - mean)), rtol=1e-12, atol=1e-10)
    assert moments.n_samples == 50
    assert_allclose(moments.total_weight, W.sum())


@pytest.mark.parametrize("center", [True, False])
def test_whole_weights_are_rows_repeated_but_for_the_count_of_samples(center):
    counts = RNG.integers(0, 4, 50)
    weighted = lg.Moments.from_data(X, Y, center=center, weights=counts)
    same(weighted, lg.Moments.from_data(np.repeat(X, counts, axis=0), np.repeat(Y, counts, axis=0), center=center))
    assert weighted.n_samples == np.count_nonzero(counts)


def test_equal_weights_are_none_but_for_units():
    plain = lg.Moments.from_data(X, Y)
    same(lg.Moments.from_data(X, Y, weights=np.ones(50)), plain)
    assert plain.total_weight == plain.n_samples
    assert_allclose(lg.Moments.from_data(X, Y, weights=np.full(50, 4.0)).gram, 4.0 * plain.gram, rtol=1e-13)


@pytest.mark.parametrize("center", [True, False])
def test_weights_go_through_merges_batches_and_parts(center):
    whole = lg.Moments.from_data(X, Y, center=center, weights=W)
    parts = [lg.Moments.from_data(X[s], Y[s], center=center, weights=W[s]) for s in (slice(20), slice(20, None))]
    same(parts[0] + parts[1], whole)
    same(lg.Moments.from_batches(((X[i : i + 7], Y[i : i + 7], W[i : i + 7]) for i in range(0, 50, 7)), center), whole)
    same(whole.part([0, 2], [1]), lg.Moments.from_data(X[:, [0, 2]], Y[:, [1]], center=center, weights=W))
    same(whole.scaled(2.0, 3.0), lg.Moments.from_data(2.0 * X, 3.0 * Y, center=center, weights=W))


def test_weighted_and_plain_batches_mix():
    mixed = lg.Moments.from_batches([(X[:20], Y[:20], W[:20]), (X[20:], Y[20:])])
    same(mixed, lg.Moments.from_data(X, Y, weights=np.concatenate([W[:20], np.ones(30)])))


def test_weights_go_through_dasks_chunks():
    da = pytest.importorskip("dask.array")
    whole = lg.Moments.from_data(X, Y, weights=W)
    lazy = [da.from_array(part, chunks=(7, *part.shape[1:])) for part in (X, Y, W)]
    same(lg.Moments.from_data(lazy[0], lazy[1], weights=lazy[2]), whole)
    same(lg.Moments.from_data(lazy[0], Y, weights=W), whole)
    same(lg.Moments.from_data(X, Y, weights=lazy[2]), whole)
    idle = np.where(np.arange(50) < 21, 0.0, W)
    same(lg.Moments.from_data(*lazy[:2], weights=idle), lg.Moments.from_data(X, Y, weights=idle))
    with pytest.raises(ShapeError, match="weights with one row"):
        lg.Moments.from_data(*lazy[:2], weights=W[:-1])


def test_stretches_without_weight_are_passed_over(monkeypatch):
    monkeypatch.setattr(scatter, "STRETCH_ROWS", 8)
    monkeypatch.setattr(scatter, "BLOCK_ROWS", 4)
    idle = np.where(np.arange(50) < 21, 0.0, W)
    same(lg.Moments.from_data(X, Y, weights=idle), lg.Moments.from_data(X[21:], Y[21:], weights=W[21:]))


def test_heavy_rows_far_from_the_others_lose_no_digits():
    far = np.concatenate([X[:30], X[30:] + 1e8])
    weights = np.repeat([1e-6, 1.0], [30, 20])
    moments = lg.Moments.from_data(far[:, :1], weights=weights)
    exact = far[:, 0].astype(np.longdouble)
    mean = np.sum(weights * exact) / weights.sum()
    assert_allclose(moments.scatter[0, 0], float(np.sum(weights * (exact - mean) ** 2)), rtol=1e-13)


def test_a_weighted_problem_is_that_of_rows_times_the_root_of_their_weight():
    root = np.sqrt(W)[:, None]
    weighted = lg.Problem.from_data(X, Y, center=False, weights=W)
    scaled = lg.Problem.from_data(root * X, root * Y, center=False)
    assert_allclose(weighted.label_noise, scaled.label_noise, rtol=1e-12)
    case, other = (lg.Distillation(problem, bottleneck=lg.Principal(1)) for problem in (weighted, scaled))
    assert_allclose(case.divergence().total, other.divergence().total, rtol=1e-10)


def test_weighted_labels_of_unequal_noise_tell_the_noise():
    rng = np.random.default_rng(1)
    weights = rng.exponential(size=4000) + 0.2
    inputs = rng.standard_normal((4000, 3))
    labels = inputs[:, 0] + 0.5 / np.sqrt(weights) * rng.standard_normal(4000)
    assert abs(lg.Problem.from_data(inputs, labels, weights=weights).label_noise / 0.5 - 1.0) < 0.03


def test_shards_of_weighted_rows_make_up_the_problem():
    moments = [lg.Moments.from_data(X[s], Y[s], weights=W[s]) for s in (slice(20), slice(20, None))]
    problem = lg.Problem.from_data(X, Y, weights=W)
    case = lg.Distillation(problem, lg.Shards(lg.Ridge(1.0), moments), lg.Ridge(1.0))
    assert np.isfinite(case.divergence().total)


@pytest.mark.parametrize(
    ("weights", "error", "message"),
    [
        (-W, DomainError, "weights of at least 0"),
        (np.zeros(50), DomainError, "positive weight"),
        (W[:-1], ShapeError, "samples=50"),
        (W[:, None], ShapeError, "weights"),
        (np.where(np.arange(50) == 3, np.nan, W), NotFiniteError, "index"),
        (["a"] * 50, LingaussError, "weights"),
    ],
)
def test_weights_that_are_none_are_refused(weights, error, message):
    for ask in (lg.Moments.from_data, lg.Problem.from_data):
        with pytest.raises(error, match=message):
            ask(X, Y, weights=weights)
