"""The cumulant function of a Gaussian quadratic form, and what a change of measure of given cost can do."""

import itertools
import math

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.optimize import minimize_scalar

from lingauss import CumulantFunction
from lingauss.errors import DomainError
from lingauss.testing import numbers


@st.composite
def functions(draw):
    """Functions of up to four components of either sign, some of them without square or without line."""
    size = draw(st.integers(0, 4))

    def entries(low, high):
        return np.array(draw(st.lists(numbers(minimum=low, maximum=high), min_size=size, max_size=size)))

    return CumulantFunction(draw(numbers(minimum=-2, maximum=2)), entries(-2, 2), entries(0, 3), entries(0, 3))


divergences = st.sampled_from([1e-200, 1e-12, 1e-3, 0.5, 4.0, 60.0])


@given(functions(), divergences)
def test_deviation_is_the_least_over_all_tilts(law, divergence):
    found = law.deviation(divergence)
    end = min(law.domain[1], 1e12)

    def cost(share):
        lam = end * math.exp(share)
        return (divergence + float(law.centred(np.array(lam)))) / lam

    best = min(minimize_scalar(cost, bounds=(low, low + 6), method="bounded").fun for low in range(-60, 0, 5))
    assert found.excess <= best * (1 + 1e-9) + 1e-12
    if divergence >= 1e-12:
        assert found.excess >= best * (1 - 1e-6) - 1e-9
    if 0 < found.lam < 1e150:
        assert_allclose((divergence + float(law.centred(np.array(found.lam)))) / found.lam, found.excess, rtol=1e-12)


@given(functions())
def test_deviation_grows_from_zero_to_infinity_and_is_never_nan(law):
    values = [law.deviation(K).excess for K in (0.0, 1e-300, 1e-9, 1.0, 1e3, 1e6, math.inf)]
    assert values[0] == 0.0
    assert values[-1] == math.inf
    assert all(later >= earlier * (1 - 1e-9) for earlier, later in itertools.pairwise(values))


def test_a_variable_bounded_above_cannot_be_moved_past_its_bound():
    """−χ²/5 has mean −1/5 and supremum 0."""
    law = CumulantFunction(-0.2, np.array([-0.2]), np.array([1.0]), np.array([0.0]))
    assert_allclose([law.deviation(K).excess for K in (1e2, 1e5, 1e9)], 0.2, rtol=1e-12)


def test_a_gaussian_is_moved_by_the_root_of_twice_variance_times_divergence():
    law = CumulantFunction(3.0, np.zeros(1), np.zeros(1), np.array([2.0]))
    found = law.deviation(0.25)
    assert (found.excess, found.lam) == (1.0, 0.5)
    assert law.domain == (-math.inf, math.inf)


@given(functions())
def test_cumulants_are_the_derivatives_at_zero(law):
    mpmath.mp.dps = 40

    def exact(x):
        total = mpmath.mpf(law.mean) * x
        for weight, degree, linear in zip(law.weights, law.degrees, law.linear, strict=True):
            rest = 1 - 2 * x * mpmath.mpf(float(weight))
            total += -mpmath.mpf(float(degree)) / 2 * (mpmath.log(rest) + 2 * x * mpmath.mpf(float(weight)))
            total += x**2 * mpmath.mpf(float(linear)) / rest / 2
        return total

    coefficients = mpmath.taylor(exact, 0, 5)
    for order in range(1, 6):
        expected = float(coefficients[order] * mpmath.factorial(order))
        assert_allclose(law.cumulant(order), expected, rtol=1e-9, atol=1e-9)
    for lam in (0.01, -0.01):
        assert_allclose(law(lam), float(exact(mpmath.mpf(lam))), rtol=1e-13, atol=1e-16)
    assert law.variance == law.cumulant(2)


@given(functions())
def test_reflection_is_the_function_of_the_negative(law):
    for lam in (-0.3, 0.0, 0.2):
        assert law.reflected(lam) == law(-lam)
    low, high = law.domain
    assert law.reflected.domain == (-high, -low)


def test_components_that_do_nothing_do_not_limit_the_domain():
    law = CumulantFunction(1.0, np.array([5.0, -5.0]), np.zeros(2), np.zeros(2))
    assert law.domain == (-math.inf, math.inf)
    assert law(1e300) == 1e300


def test_cumulants_start_at_order_one():
    with pytest.raises(DomainError, match="order"):
        CumulantFunction(0.0, np.ones(1), np.ones(1), np.ones(1)).cumulant(0)


@pytest.mark.parametrize("divergence", [1e-12, 1e-9, 1e-8])
def test_small_divergences_move_a_skewed_mean_by_the_exact_minimum(divergence):
    law = CumulantFunction(0.0, np.array([0.3, -0.2]), np.array([1.0, 2.0]), np.array([0.5, 0.25]))
    with mpmath.workdps(60):
        K = mpmath.mpf(divergence)
        parts = [(mpmath.mpf(w), mpmath.mpf(h), mpmath.mpf(g)) for w, h, g in ((0.3, 1, 0.5), (-0.2, 2, 0.25))]

        def cumulants(lam):
            rest = [1 - 2 * lam * w for w, _, _ in parts]
            terms = zip(parts, rest, strict=True)
            return sum(-lam * w * h - h / 2 * mpmath.log(r) + lam**2 * g / 2 / r for (w, h, g), r in terms)

        def gain(lam):
            return lam * mpmath.diff(cumulants, lam) - cumulants(lam) - K

        start = mpmath.sqrt(2 * K / mpmath.mpf(law.variance))
        lam = mpmath.findroot(gain, (start, start * (1 + mpmath.mpf(10) ** -4)))
        exact = (K + cumulants(lam)) / lam
    found = law.deviation(divergence)
    assert found.excess == pytest.approx(float(exact), rel=1e-13)
    assert found.lam == pytest.approx(float(lam), rel=1e-6)
