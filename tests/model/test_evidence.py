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
