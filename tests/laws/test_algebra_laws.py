"""Laws of Gaussians, channels and their divergence that hold whatever is drawn."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

import lingauss as lg
from lingauss.testing import channels, gaussians, rotations

ROUNDING = 1e-10


@st.composite
def pairs(draw, max_dim=4, condition=1e3):
    p = draw(gaussians(max_dim=max_dim, condition=condition))
    return p, draw(gaussians(dim=p.dim, outputs=p.outputs, condition=condition))


def assert_same_law(p, q):
    assert_allclose(p.mean, q.mean, rtol=1e-9, atol=1e-9 * (1 + np.abs(q.mean).max()))
    assert_allclose(p.cov, q.cov, rtol=1e-9, atol=1e-9 * (1 + np.abs(q.cov).max()))


@given(st.data())
def test_channels_compose_associatively_and_the_identity_changes_nothing(data):
    d = [data.draw(st.integers(1, 3)) for _ in range(4)]
    first, second, third = (data.draw(channels(dim_in=d[i], dim_out=d[i + 1])) for i in range(3))
    law = data.draw(gaussians(dim=d[0]))
    assert_same_law(((third @ second) @ first).push(law), (third @ (second @ first)).push(law))
    assert_same_law((second @ first).push(law), second.push(first.push(law)))
    assert_same_law((lg.Channel.identity(d[1]) @ first).push(law), (first @ lg.Channel.identity(d[0])).push(law))


@given(pairs())
def test_divergence_is_at_least_zero_and_exactly_zero_for_identical_laws(pair):
    p, q = pair
    assert lg.kl(p, q) >= 0
    assert lg.kl(p, p) == 0.0
    assert lg.kl(lg.Gaussian(p.mean, p.cov), lg.Gaussian(p.mean, p.cov)) == 0.0


@given(pairs(), st.data())
def test_divergence_is_invariant_under_invertible_affine_maps(pair, data):
    p, q = pair
    turn = data.draw(rotations(dim=p.dim)) * 2.0 ** np.arange(p.dim)
    move = lg.Channel(turn, np.zeros((p.dim, p.dim)), b=np.arange(float(p.dim)))
    assert_allclose(lg.kl(move.push(p), move.push(q)), lg.kl(p, q), rtol=1e-8, atol=ROUNDING)


@given(pairs(), st.data())
def test_no_channel_increases_a_divergence(pair, data):
    p, q = pair
    channel = data.draw(channels(dim_in=p.dim, deterministic=False))
    assert lg.kl(channel.push(p), channel.push(q)) <= lg.kl(p, q) * (1 + 1e-9) + ROUNDING


@given(pairs(max_dim=3), st.integers(0, 2))
def test_divergence_obeys_the_chain_rule_of_marginal_and_conditional(pair, index):
    """KL(p‖q) = KL of one coordinate + expected KL of the rest given it, by quadrature over that coordinate."""
    p, q = pair
    if p.dim < 2 or p.outputs > 1:
        return
    known = [index % p.dim]
    centre, width = p.marginal(known).mean[0, 0], np.sqrt(p.marginal(known).cov[0, 0])
    nodes, weights = np.polynomial.hermite_e.hermegauss(3)  # exact: the conditional divergence is quadratic in it
    inner = [lg.kl(p.condition(known, [x]), q.condition(known, [x])) for x in centre + width * nodes]
    expected = lg.kl(p.marginal(known), q.marginal(known)) + np.dot(weights, inner) / weights.sum()
    assert_allclose(lg.kl(p, q), expected, rtol=1e-7, atol=ROUNDING)
