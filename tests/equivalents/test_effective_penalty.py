"""κ turns a penalty on drawn inputs into one on their population."""

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from lingauss.equivalents.effective_penalty import effective_penalties


def kappa(s, n, penalty):
    return effective_penalties(np.array(s, dtype=float), np.array([float(n)]), np.array([float(penalty)])).item()


@given(
    s=st.lists(st.floats(-12, 6), min_size=1, max_size=8),
    n=st.integers(1, 12),
    penalty=st.one_of(st.just(-np.inf), st.floats(-14, 8)),
)
def test_effective_penalty_solves_its_equation_to_all_digits_at_any_scale(s, n, penalty):
    values, lam = 10.0 ** np.array(s), 10.0**penalty
    found = kappa(values, n, lam)
    if lam == 0.0 and n >= len(values):
        assert found == 0.0
        return
    with mpmath.workdps(60):

        def excess(root):
            return n - mpmath.mpf(lam) / root - sum(mpmath.mpf(value) / (mpmath.mpf(value) + root) for value in values)

        assert excess(found * (1 - mpmath.mpf("1e-13"))) < 0 < excess(found * (1 + mpmath.mpf("1e-13")))


def test_isotropic_effective_penalty_is_the_root_of_a_quadratic():
    n, d, ell = 500, 1000, 0.4  # Bach 2023; Atanasov et al. 2024
    found = kappa(np.ones(d), n, ell * n)
    assert found == pytest.approx(1.643398, abs=5e-7)
    assert (ell / found) ** 2 == pytest.approx(0.059243, abs=5e-7)
    shift = 1.0 - d / n - ell
    assert found == pytest.approx(0.5 * (-shift + np.sqrt(shift**2 + 4 * ell)), rel=1e-14)


def test_many_effective_penalties_at_once_are_those_found_one_by_one():
    rng = np.random.default_rng(0)
    s, n, penalty = rng.random(30), rng.integers(1, 60, 200).astype(float), 10 ** rng.uniform(-6, 3, 200)
    penalty[::7] = 0.0
    assert_allclose(
        effective_penalties(s, n, penalty), [kappa(s, *pair) for pair in zip(n, penalty, strict=True)], rtol=2e-15
    )


def test_directions_without_variance_change_nothing():
    assert kappa([2.0, 0.0, 1.0, 0.0], 3, 0.5) == kappa([2.0, 1.0], 3, 0.5)
    assert kappa([0.0], 4, 2.0) == pytest.approx(0.5, rel=1e-15)
