"""The slack of every law of divergences, on given laws, against its definition."""

import numpy as np
import pytest

import lingauss as lg
from lingauss.testing import ADDITIVE, INVARIANT, NONNEGATIVE, POSITIVE, PROCESSED, ZERO_ON_ITSELF

P = lg.Gaussian([[1.0, -1.0]], [[2.0, 0.5], [0.5, 1.0]])
Q = lg.Gaussian([[0.0, 0.5]], [[1.0, 0.0], [0.0, 3.0]])
R = lg.Gaussian([[2.0]], [[4.0]])
S = lg.Gaussian([[-1.0]], [[0.5]])
MAP = lg.Channel([[1.0, 1.0], [0.0, 2.0]], np.zeros((2, 2)), [3.0, -1.0])
NOISY = lg.Channel([[1.0, 2.0]], [[1.5]], [0.25])


def uneven(p, q):
    """A function of two laws that no law of divergences fits, so that every place of every argument shows."""
    return float(p.mean.sum() * 2.0 + q.mean.sum() * 3.0 + np.trace(p.cov) * 5.0 + np.trace(q.cov) * 7.0)


def relative(difference, *numbers):
    return difference / max(1.0, *map(abs, numbers))


def test_no_divergence_is_negative():
    value = uneven(P, Q)
    assert NONNEGATIVE.slack(uneven, (P, Q)) == pytest.approx(relative(value, value))
    assert NONNEGATIVE.slack(lambda p, q: -0.125, (P, Q)) == -0.125


def test_a_divergence_is_zero_on_itself():
    assert ZERO_ON_ITSELF.slack(uneven, (P, Q)) == pytest.approx(-1.0)
    assert ZERO_ON_ITSELF.slack(lambda p, q: 0.125 * (p is q is P), (P, Q)) == -0.125
    assert ZERO_ON_ITSELF.slack(lg.kl, (P, Q)) == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("other", [lg.Gaussian([[1.5, -1.0]], P.cov), lg.Gaussian(P.rows, [[2.0, 0.5], [0.5, 1.5]]), Q])
def test_a_divergence_is_positive_between_laws_that_differ_anywhere(other):
    for value, slack in ((0.0, -1.0), (-2.0, -1.0), (1e-9, 0.0)):
        assert POSITIVE.slack(lambda p, q, value=value: value, (P, other)) == slack
    assert POSITIVE.slack(lambda p, q: 0.0, (P, lg.Gaussian(P.rows, P.cov))) == 0.0
    assert POSITIVE.slack(lambda p, q: float(p is P and q is other), (P, other)) == 0.0


def test_a_divergence_is_the_same_after_an_invertible_map():
    one, other = uneven(MAP.push(P), MAP.push(Q)), uneven(P, Q)
    assert INVARIANT.slack(uneven, (P, Q, MAP)) == pytest.approx(-relative(abs(one - other), one, other))
    small = INVARIANT.slack(lambda p, q: 0.25 * (p is P and q is Q), (P, Q, MAP))
    assert small == -0.25


def test_no_channel_increases_a_divergence():
    after, before = uneven(NOISY.push(P), NOISY.push(Q)), uneven(P, Q)
    assert after != before
    assert PROCESSED.slack(uneven, (P, Q, NOISY)) == pytest.approx(relative(before - after, before, after))
    assert PROCESSED.slack(lambda p, q: 0.25 * (p is P and q is Q), (P, Q, NOISY)) == 0.25


def test_divergences_of_independent_coordinates_add_up():
    together = [lg.Gaussian(np.hstack([a.rows, b.rows]), blocks(a.cov, b.cov)) for a, b in ((P, R), (Q, S))]
    joint, parts = cubed(*together), cubed(P, Q) + cubed(R, S)
    assert joint != pytest.approx(parts)
    assert ADDITIVE.slack(cubed, (P, Q, R, S)) == pytest.approx(-relative(abs(joint - parts), joint, parts))
    assert ADDITIVE.slack(lambda p, q: 0.25 * (p is R and q is S), (P, Q, R, S)) == -0.25


def cubed(p, q):
    """As uneven, but of which coordinate is which, and not additive."""
    weights = np.arange(1.0, p.dim + 1.0)
    return uneven(p, q) + float(np.sum(weights * p.mean) * np.sum(weights * np.diag(q.cov)) + p.cov[0, -1])


def blocks(a, b):
    return np.block([[a, np.zeros((len(a), len(b)))], [np.zeros((len(b), len(a))), b]])
