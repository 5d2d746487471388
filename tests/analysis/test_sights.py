"""What a student may be made to see, errors on rows held out, and the guard: each against refits by hand."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from sklearn.linear_model import Ridge
from sklearn.preprocessing import StandardScaler

import lingauss as lg
from lingauss.analysis.columns import forward_selection
from lingauss.analysis.preparation import FOLDS
from lingauss.analysis.rivals import most_directions
from lingauss.analysis.sight import SIGHTS
from lingauss.errors import DomainError, UnknownNameError


def table(n=100, d=6, k=1, seed=0):
    """Correlated columns of which two matter little."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d)) @ (np.eye(d) + 0.4 * rng.normal(size=(d, d)))
    W = rng.normal(size=(d, k)) * np.array([3, 2, 1, 0.7, 0.05, 0.02])[:d, None]
    frame = pd.DataFrame(X, columns=list("abcdef")[:d])
    return frame, X @ W + rng.normal(size=(n, k))


# Forward selection


def excess_risk(G, signal, columns, penalty, noise_power):
    """Return n times the excess risk of ridge on some columns, from its hat matrix alone."""
    inverse = np.linalg.inv(G[np.ix_(columns, columns)] + penalty * np.eye(len(columns)))
    P = np.zeros_like(G)
    P[np.ix_(columns, columns)] = inverse
    missed = np.eye(len(G)) - P @ G
    return np.trace(missed.T @ G @ missed @ signal) + noise_power * np.trace(P @ G @ P @ G)


@pytest.mark.parametrize("seed", range(5))
def test_each_column_is_the_one_that_lowers_the_excess_risk_most(seed):
    rng = np.random.default_rng(seed)
    d, penalty, noise_power = 6, float(rng.uniform(0.1, 20)), float(rng.uniform(0.1, 20))
    G = (lambda X: X.T @ X)(rng.normal(size=(30, d)) @ rng.normal(size=(d, d)))
    signal = (lambda W: W.T @ W)(rng.normal(size=(2, d)))
    order, risks = forward_selection(G, signal, penalty, noise_power)
    assert sorted(order) == list(range(d))
    for r in range(d + 1):
        kept = list(order[:r])
        assert_allclose(risks[r], excess_risk(G, signal, kept, penalty, noise_power), rtol=1e-9)
        others = [excess_risk(G, signal, [*kept, j], penalty, noise_power) for j in range(d) if j not in kept]
        assert r == d or risks[r + 1] <= min(others) * (1 + 1e-9)


# Errors on rows held out


def refitted(frame, Y, advice, rank, name):
    """Return the squared error on every fifth row of students trained by hand without it."""
    scaler = StandardScaler().fit(frame)
    Z, penalty = scaler.transform(frame), advice.recommended.student.penalty
    left = np.zeros_like(Y)
    for part in range(FOLDS):
        held = np.arange(len(Z)) % FOLDS == part
        mean, target = Z[~held].mean(axis=0), Y[~held].mean(axis=0)
        inside, labels = Z[~held] - mean, Y[~held] - target
        U = directions_of(inside, labels, advice, rank, name)
        model = Ridge(alpha=penalty, fit_intercept=False).fit(inside @ U, labels)
        left[held] = Y[held] - target - ((Z[held] - mean) @ U @ np.reshape(model.coef_, (Y.shape[1], -1)).T)
    return float(np.mean(np.sum(np.square(left), axis=1)))


def directions_of(Z, Y, advice, rank, name):
    """Return orthonormal directions by definition."""
    d, penalty = Z.shape[1], advice.recommended.teacher.penalty
    if name == "principal":
        return np.linalg.svd(Z, full_matrices=False)[2][:rank].T
    taught = Z @ np.linalg.solve(Z.T @ Z + penalty * np.eye(d), Z.T @ Y)
    if name == "aligned":
        right = np.linalg.svd(taught, full_matrices=False)[2][:rank]
        return np.linalg.qr(np.linalg.lstsq(Z, taught @ right.T, rcond=None)[0])[0]
    inverse = np.linalg.inv(Z.T @ Z + penalty * np.eye(d))
    noise_power = Y.shape[1] * advice.problem.label_noise**2
    weights = inverse @ Z.T @ Y
    order, _ = forward_selection(Z.T @ Z, weights @ weights.T + noise_power * inverse, penalty, noise_power)
    return np.eye(d)[:, order[:rank]]


@pytest.mark.parametrize("name", SIGHTS)
@pytest.mark.parametrize("rank", [1, 2])
def test_errors_on_held_out_rows_are_those_of_refits_that_find_their_directions_anew(name, rank):
    frame, Y = table(k=3)
    advice = lg.analyze(frame, Y, bottleneck=name, rank_budget=rank, tolerance=1e-9, scale_targets=False)
    assert advice.rank == rank
    rival = next(one for one in advice.rivals if one.name == name)
    assert_allclose(float(rival.unseen), refitted(frame, Y, advice, rank, name), rtol=1e-8)
    assert_allclose(float(advice.held_out.by_rank[rank]), float(rival.unseen), rtol=1e-12)


def test_ways_to_see_are_compared_at_equal_rank_and_the_best_is_named():
    frame, Y = table(k=3, n=300)
    advice = lg.analyze(frame, Y, bottleneck="aligned", rank_budget=1, scale_targets=False)
    assert [one.name for one in advice.rivals] == ["principal", "aligned", "features"]
    assert {one.rank for one in advice.rivals} == {1}
    best = min(advice.rivals, key=lambda one: float(one.unseen)).name
    assert f"use {best}." in advice.verdict()
    risks = [one.at_inputs for one in advice.rivals]
    assert risks[1] == min(risks)


def test_nothing_is_compared_unless_it_was_asked_for():
    frame, Y = table()
    assert lg.analyze(frame, Y).rivals == ()


@pytest.mark.parametrize("name", ["principal", "aligned"])
def test_fewer_rows_than_features_are_held_out_too(name):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(30, 60))
    Y = X[:, :3] + 0.3 * rng.normal(size=(30, 3))
    advice = lg.analyze(X, Y, penalty=30.0, label_noise=0.5, bottleneck=name, scale_targets=False)
    assert advice.held_out.errors.shape == (5, 30)
    assert_allclose(advice.held_out.errors[:, 24:], advice.held_out.errors[:, [24]] * np.ones(6), rtol=1e-9)
    assert advice.student().predict(X).shape == (30, 3)


# Students


def test_a_student_of_columns_is_ridge_on_them_and_asks_for_no_others():
    frame, Y = table()
    advice = lg.analyze(frame, Y[:, 0], bottleneck="features", rank_budget=3, tolerance=1e-9)
    student = advice.student()
    assert len(student.features) == student.rank == advice.rank == 3
    chosen = frame[list(student.features)]
    scaler = StandardScaler().fit(chosen)
    model = Ridge(alpha=advice.recommended.student.penalty).fit(scaler.transform(chosen), Y[:, 0])
    assert_allclose(student.predict(chosen), model.predict(scaler.transform(chosen)), rtol=1e-9)
    assert all(name in advice.verdict() for name in student.features)


def test_an_aligned_student_predicts_along_its_directions():
    frame, Y = table(k=3)
    advice = lg.analyze(frame, Y, bottleneck="aligned", rank_budget=2, tolerance=1e-9)
    student = advice.student()
    seen = (frame.to_numpy() - student.centre) @ student.projection
    assert seen.shape[1] == 2
    with_constant = np.column_stack([np.ones(len(seen)), seen])
    found = student.decision(frame)
    assert_allclose(with_constant @ np.linalg.lstsq(with_constant, found, rcond=None)[0], found, atol=1e-9)


def test_the_excess_risk_of_every_rank_is_that_of_the_design():
    frame, Y = table(k=3)
    for name in SIGHTS:
        advice = lg.analyze(frame, Y, bottleneck=name)
        found = [advice.advice.widest.replace(rank=rank).excess_risk().student for rank in range(4)]
        assert_allclose(advice.by_rank()["excess_risk"][:4], found, rtol=1e-9)


# What is not offered


def test_aligned_directions_are_offered_below_what_the_teacher_needs_alone():
    frame, Y = table(k=3)
    advice = lg.analyze(frame, Y, bottleneck="aligned", tolerance=1e-9)
    assert most_directions(advice.sight, advice.observed) == 2
    assert advice.rank <= 2
    with pytest.raises(DomainError, match="at least two directions"):
        lg.analyze(frame, Y[:, 0], bottleneck="aligned")


def test_columns_are_not_chosen_among_more_than_there_are_rows():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(12, 30))
    with pytest.raises(DomainError, match="more rows than features"):
        lg.analyze(X, X[:, 0] + rng.normal(size=12), penalty=3.0, label_noise=1.0, bottleneck="features")


def test_an_unknown_way_to_see_is_refused():
    frame, Y = table()
    with pytest.raises(UnknownNameError, match=r"'alined'.*aligned"):
        lg.analyze(frame, Y, bottleneck="alined")


# The guard


def test_rows_held_out_overrule_directions_that_make_predictions_worse(monkeypatch):
    frame, Y = table(n=200)
    plain = lg.analyze(frame, Y)
    assert plain.guarded is None
    errors = plain.held_out.errors.copy()
    errors[:, plain.rank] += 10.0 * errors[:, plain.rank - 1]  # every part says that the last direction does harm
    real = lg.analysis.advising.hold_out

    def contradicting(parts, recipe):
        found = real(parts, recipe)
        return type(found)(errors, found.weights, found.models)

    monkeypatch.setattr("lingauss.analysis.advising.hold_out", contradicting)
    advice = lg.analyze(frame, Y)
    assert advice.guarded == plain.rank
    assert advice.rank < plain.rank
    assert "on rows held out the last" in advice.verdict()


@pytest.mark.parametrize("seed", range(6))
def test_rows_held_out_say_nothing_where_the_model_holds(seed):
    frame, Y = table(n=60, seed=seed)
    assert lg.analyze(frame, Y).guarded is None


@pytest.mark.parametrize("seed", range(4))
def test_an_error_that_held_out_rows_do_not_meet_is_told(seed):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(80, 5))
    Y = X.sum(axis=1) + rng.normal(size=80)
    assert not lg.analyze(X, Y).notices
    X[::16] *= 30.0  # five rows that weigh far more than all others
    Y[::16] += 60.0 * rng.normal(size=5)
    advice = lg.analyze(X, Y, standardise=False)
    times = advice.held_out.by_rank[advice.rank] / float(advice.chosen().unseen)
    assert times > 2.0
    assert any(f"{times:.1f} times the cross-validated one" in text for text in advice.notices)
