"""Bayes' rule as a round trip: marginal and reversed channel hold the same joint law as input and channel."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

import lingauss as lg
from lingauss.errors import ShapeError
from lingauss.testing import channels, gaussians


@st.composite
def laws_and_channels(draw, singular=True):
    """An input law and a channel that takes it."""
    law = draw(gaussians(condition=1e3))
    if singular and law.dim > 1 and draw(st.booleans()):
        law = draw(gaussians(dim=law.dim, outputs=law.outputs, condition=1e3, rank=law.dim - 1))
    return law, draw(channels(dim_in=law.dim, deterministic=None if singular else False))


@settings(max_examples=200)
@given(laws_and_channels())
def test_both_directions_describe_one_joint_law(pair):
    law, channel = pair
    marginal, back = channel.invert(law)
    assert_allclose(marginal.mean, channel.push(law).mean)
    returned = back.push(marginal)
    scale = 1 + np.abs(law.cov).max()
    assert_allclose(returned.mean, law.mean, atol=1e-9 * (1 + np.abs(law.mean).max()))
    assert_allclose(returned.cov, law.cov, atol=1e-8 * scale)
    # Cov(input, output) from either side
    assert_allclose(back.A @ marginal.cov, law.cov @ channel.A.T, atol=1e-8 * scale * (1 + np.abs(channel.A).max()))


@given(laws_and_channels(singular=False))
def test_inverting_twice_returns_the_channel(pair):
    law, channel = pair
    marginal, back = channel.invert(law)
    again, forth = back.invert(marginal)
    assert_allclose(again.cov, law.cov, rtol=1e-7, atol=1e-8 * np.abs(law.cov).max())
    assert_allclose(forth.A, channel.A, atol=1e-5)
    assert_allclose(forth.cov, channel.cov, rtol=1e-5, atol=1e-5 * np.abs(channel.cov).max())
    assert_allclose(np.broadcast_to(forth.b, law.mean.shape[:-1] + forth.b.shape[-1:]).mean(0), channel.b, atol=1e-4)


@given(laws_and_channels(), st.integers(0, 2**32 - 1))
def test_reversed_channel_is_the_conditional_of_the_joint_law(pair, seed):
    law, channel = pair
    marginal, back = channel.invert(law)
    A, S, C = channel.A, channel.cov, law.cov
    joint = lg.Gaussian(
        np.hstack([law.mean, law.mean @ A.T + channel.b]),
        np.block([[C, C @ A.T], [A @ C, A @ C @ A.T + S]]),
    )
    output = marginal.sample(1, seed)[0]
    expected = joint.condition(list(range(law.dim, law.dim + channel.dim_out)), output)
    scale = 1 + np.abs(law.cov).max()
    assert_allclose(back.at(output).mean, expected.mean, atol=1e-6 * (1 + np.abs(expected.mean).max()))
    assert_allclose(back.at(output).cov, expected.cov, atol=1e-8 * scale)


def test_reversing_a_labelling_gives_the_ridge_posterior():
    rng = np.random.default_rng(0)
    X, noise, penalty = rng.standard_normal((8, 3)), 0.6, 1.4
    prior = lg.Gaussian(np.zeros((2, 3)), noise**2 / penalty * np.eye(3))
    G = X.T @ X
    labelling = lg.Channel(G, noise**2 * G)
    evidence, posterior = labelling.invert(prior)
    ridge = lg.Ridge(penalty).channel(lg.Problem.from_inputs(X, label_noise=noise).gramian, noise)
    assert_allclose(posterior.A, ridge.A, atol=1e-12)
    assert_allclose(posterior.cov, ridge.cov, atol=1e-12)
    assert_allclose(evidence.cov, noise**2 * (G + G @ G / penalty), rtol=1e-12)


def test_a_law_of_another_dimension_is_refused():
    with pytest.raises(ShapeError, match="dimension 1"):
        lg.Channel([[1.0]], [[1.0]]).invert(lg.Gaussian([0.0, 0.0], np.eye(2)))
