"""Penalties and noises that maximise the marginal likelihood, against that likelihood written out."""

import math

import numpy as np
import pytest
from scipy.optimize import minimize, minimize_scalar

from lingauss.errors import NoiseEstimationError
from lingauss.model.evidence import evidence_penalty, joint_evidence


def likelihood(X, Y, penalty, noise):
    """−2 log p(Y) up to a constant, for weights N(0, (ν²/λ) I)."""
    cov = noise**2 * (np.eye(len(X)) + X @ X.T / penalty)
    return Y.shape[1] * np.linalg.slogdet(cov)[1] + float(np.sum(Y * np.linalg.solve(cov, Y)))


def drawn(seed=0, n=14, d=3, k=2, scale=1.0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d)) * [3.0, 1.0, 0.3]
    Y = X @ (scale * rng.normal(size=(d, k))) + 0.7 * rng.normal(size=(n, k))
    s, V = np.linalg.eigh(X.T @ X)
    return X, Y, s, np.sum(np.square(Y.T @ X @ V), axis=0)


def test_evidence_penalty_minimises_the_likelihood_at_the_given_noise():
    X, Y, s, power = drawn()
    ours = evidence_penalty(s, power, 2, 0.7)
    found = minimize_scalar(lambda x: likelihood(X, Y, math.exp(x), 0.7), bracket=(-2.0, 2.0), tol=1e-12)
    assert ours == pytest.approx(math.exp(found.x), rel=1e-5)


@pytest.mark.parametrize("scale", [1.0, 0.3])
def test_joint_evidence_minimises_the_likelihood_over_penalty_and_noise(scale):
    X, Y, s, power = drawn(3, scale=scale)
    penalty, noise = joint_evidence(s, power, float(np.sum(np.square(Y))), len(X), 2)
    found = minimize(
        lambda x: likelihood(X, Y, *np.exp(x)),
        [0.0, 0.0],
        method="Nelder-Mead",
        options={"xatol": 1e-9, "fatol": 1e-12},
    )
    assert [penalty, noise] == pytest.approx(np.exp(found.x), rel=1e-5)


def test_joint_evidence_does_not_see_directions_without_inputs():
    X, Y, s, power = drawn(3)
    whole = float(np.sum(np.square(Y)))
    padded = joint_evidence(np.append(s, 0.0), np.append(power, 0.0), whole, len(X), 2)
    assert padded == pytest.approx(joint_evidence(s, power, whole, len(X), 2), rel=1e-12)


def test_penalties_are_found_far_above_the_weakest_direction():
    s = np.array([1e-30, 1e10, 2e10])
    power = np.array([0.0, 1.0, 1.0]) * (s + s**2 / 3e9)  # of weights whose variance is ν²/3e9
    assert 1e9 < evidence_penalty(s, power, 1, 1.0) < 1e10


def test_inputs_that_do_not_vary_have_no_evidence():
    with pytest.raises(NoiseEstimationError, match="flat"):
        evidence_penalty(np.zeros(2), np.zeros(2), 1, 1.0)


def rows_fewer_than_features(seed, n=20, d=60, noise=0.5):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, d))
    return X, X @ rng.standard_normal((d, 1)) / math.sqrt(d) + noise * rng.standard_normal((n, 1))


def of_rows(X, Y):
    """Eigenvalues and powers as G gives them, zeros included."""
    s, V = np.linalg.eigh(X.T @ X)
    s = np.where(s > 1e-10 * s[-1], s, 0.0)
    return s, np.sum(np.square(Y.T @ X @ V), axis=0), float(np.sum(np.square(Y))), len(X), Y.shape[1]


@pytest.mark.parametrize("seed", range(30))
def test_an_estimate_of_noise_and_penalty_is_likelier_than_no_penalty_and_any_other(seed):
    """Where features fit any labels the likelihood levels off towards penalty 0, and often nowhere exceeds that."""
    X, Y = rows_fewer_than_features(seed)
    kernel, U = np.linalg.eigh(X @ X.T)
    squares = np.sum(np.square(U.T @ Y), axis=1)

    def profile(penalty):
        """−2 log p at the best noise, from the n × n covariance of the labels; finite at penalty 0, too."""
        return len(X) * math.log(np.sum(squares / (kernel + penalty)) / len(X)) + np.sum(np.log(kernel + penalty))

    ends = profile(0.0), len(X) * math.log(np.mean(np.square(Y)))
    least = min(profile(penalty) for penalty in np.geomspace(1e-3, 1e5, 400))
    assert abs(least - min(ends)) > 1e-4 or least >= min(ends)  # no seed is too close to call
    if least >= min(ends):
        with pytest.raises(NoiseEstimationError, match=r"towards penalty 0|penalty infinity"):
            joint_evidence(*of_rows(X, Y))
    else:
        penalty, noise = joint_evidence(*of_rows(X, Y))
        assert profile(penalty) <= least + 1e-12 * abs(least)
        assert noise**2 == pytest.approx(penalty * np.sum(squares / (kernel + penalty)) / len(X), rel=1e-10)


def estimate(X, Y):
    try:
        return joint_evidence(*of_rows(X, Y))
    except NoiseEstimationError as error:
        return str(error)


@pytest.mark.parametrize("seed", range(20))
def test_the_order_of_rows_never_matters(seed):
    X, Y = rows_fewer_than_features(seed)
    order = np.random.default_rng(seed).permutation(len(X))
    one, other = estimate(X, Y), estimate(X[order], Y[order])
    assert one == (other if isinstance(one, str) else pytest.approx(other, rel=1e-9))


def test_labels_that_fewer_features_than_rows_fit_exactly_peak_at_penalty_0():
    X, _ = rows_fewer_than_features(0, n=20, d=5)
    with pytest.raises(NoiseEstimationError, match=r"towards penalty 0.*Pass penalty or label_noise"):
        joint_evidence(*of_rows(X, X @ np.ones((5, 1))))
    _, noise = joint_evidence(*of_rows(X, X @ np.ones((5, 1))), penalty=1e-9)
    assert 0.0 < noise < 1e-4


def test_labels_of_zeros_have_no_noise_to_estimate():
    X, Y = rows_fewer_than_features(0)
    with pytest.raises(NoiseEstimationError, match="labels that vary"):
        joint_evidence(*of_rows(X, 0.0 * Y))


def test_best_penalties_are_known_to_more_digits_than_their_likelihood_tells():
    s, power = np.array([1.0, 1.0]), np.array([7.0, 7.0])  # t² = ν²s(1 + s/λ) in every direction: λ = 1/6
    assert evidence_penalty(s, power, 1, 1.0) == pytest.approx(1 / 6, rel=1e-13)
