"""Bounds on plain numbers: the formulas, the radius at which the sharper bound changes, and what is refused."""

import math

import numpy as np
import pytest
from hypothesis import given
from numpy.testing import assert_allclose

import lingauss as lg
from lingauss.errors import DomainError, NotFiniteError, NotNumericError
from lingauss.testing import numbers


def test_sub_gaussian_bound_is_the_mean_and_a_root():
    assert_allclose(lg.sub_gaussian_bound(0.5, 2.0, 0.25), (-0.5, 1.5))
    assert lg.sub_gaussian_bound(0.5, 0.0, 0.25) == (0.5, 0.5)
    assert lg.sub_gaussian_bound(0.5, math.inf, 0.25) == (-math.inf, math.inf)


def test_central_condition_bound_is_linear_in_the_divergence():
    assert_allclose(lg.central_condition_bound(2.0, 0.3, 0.5, 0.9), (1.2, math.inf))
    assert lg.central_condition_bound(2.0, math.inf, 0.5, 1.0).lower == -math.inf


def test_bounded_losses_have_a_gap_in_an_interval_of_twice_their_range():
    """Hoeffding's lemma, against the extreme gap ±M with equal probability; M²/(4n) would be refuted by it."""
    proxy = lg.bounded_loss_proxy(2.0)
    assert proxy == 4.0
    for lam in (0.1, 1.0, 5.0):
        assert math.log(math.cosh(2.0 * lam)) <= 0.5 * lam**2 * proxy
        assert math.log(math.cosh(2.0 * lam)) > 0.5 * lam**2 * proxy / (4 * 10)


def test_constants_of_a_case_reproduce_its_table():
    problem = lg.Problem.from_spectrum([4.0, 1.0], [1.0, 2.0], n_samples=9, label_noise=0.5)
    case = lg.Distillation(problem, student=lg.Ridge(0.9), mixing=0.2)
    table, gap, divergence = case.bounds(eta=2.0), case.gaps().teacher, case.divergence().total
    interval = lg.sub_gaussian_bound(gap, divergence, case.variance_proxy())
    assert_allclose(interval, (table["variance proxy lower"].value, table["variance proxy upper"].value))
    c = -case.conditional_gap_cumulants(-2.0) / (2.0 * gap)
    lower = lg.central_condition_bound(gap, divergence, 2.0, c).lower
    assert_allclose(lower, table["central condition"].value)
    found = case.sharpness()
    interval = lg.sharpness_bound(gap, found.distance, found.gradient, found.curvature)
    assert_allclose(interval, (table["sharpness lower"].value, table["sharpness upper"].value))


@given(numbers(minimum=0.25, maximum=9), numbers(minimum=0, maximum=5), numbers(minimum=0, maximum=5))
def test_radius_is_where_the_two_bounds_meet(width, gradient, curvature):
    """On both sides of ϱ₀ the winner is the one the theory says."""
    radius = lg.sharpness_radius(width, gradient, curvature)
    if gradient == curvature == 0:
        assert radius == math.inf
        return
    assert_allclose(gradient * radius + 0.5 * curvature * radius**2, width, rtol=1e-12)
    for share in (1e-3, 0.5, 0.999):
        assert lg.sharpness_bound(0.0, share * radius, gradient, curvature).upper < width
    for share in (1.001, 2.0, 1e3):
        assert lg.sharpness_bound(0.0, share * radius, gradient, curvature).upper > width


def test_radius_on_plain_numbers():
    assert lg.sharpness_radius(3.0, 2.0, 2.0) == 1.0  # 2ϱ + ϱ² = 3
    assert lg.sharpness_radius(3.0, 2.0, 0.0) == 1.5
    assert lg.sharpness_radius(2.0, 0.0, 1.0) == pytest.approx(2.0)
    assert lg.sharpness_radius(math.inf, 1.0, 1.0) == math.inf
    assert lg.sharpness_radius(0.0, 1.0, 1.0) == 0.0
    flat, steep = lg.sharpness_radius(1.0, 0.1, 0.1), lg.sharpness_radius(1.0, 2.0, 0.1)
    assert flat > steep
    assert_allclose(lg.sharpness_radius(1e-300, 1e-200, 1.0), math.sqrt(2e-300), rtol=1e-9)


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: lg.sub_gaussian_bound(1.0, 1.0, 0.0), "variance_proxy greater than 0"),
        (lambda: lg.sub_gaussian_bound(1.0, 1.0, -2.0), "variance_proxy"),
        (lambda: lg.sub_gaussian_bound(1.0, -1.0, 1.0), "divergence at least 0"),
        (lambda: lg.central_condition_bound(1.0, 1.0, 0.0, 0.5), "eta greater than 0"),
        (lambda: lg.central_condition_bound(1.0, 1.0, -1.0, 0.5), "eta"),
        (lambda: lg.central_condition_bound(1.0, 1.0, 1.0, 0.0), "c greater than 0"),
        (lambda: lg.central_condition_bound(1.0, 1.0, 1.0, 1.2), r"c in \(0, 1\]"),
        (lambda: lg.central_condition_bound(-1.0, 1.0, 1.0, 0.5), "teacher_gap at least 0"),
        (lambda: lg.bounded_loss_proxy(0.0), "largest"),
        (lambda: lg.sharpness_bound(1.0, -1.0, 1.0, 1.0), "distance"),
        (lambda: lg.sharpness_bound(1.0, 1.0, -1.0, 1.0), "gradient"),
        (lambda: lg.sharpness_radius(1.0, 1.0, -1.0), "curvature"),
        (lambda: lg.sharpness_radius(-1.0, 1.0, 1.0), "width"),
        (lambda: lg.sharpness_radius(0.0, 0.0, 0.0), "a positive width"),
    ],
)
def test_impossible_constants_are_refused(call, match):
    with pytest.raises(DomainError, match=match):
        call()


def test_numbers_that_are_none_are_refused():
    with pytest.raises(NotFiniteError):
        lg.sub_gaussian_bound(np.nan, 1.0, 1.0)
    with pytest.raises(NotFiniteError):
        lg.sub_gaussian_bound(1.0, np.nan, 1.0)
    with pytest.raises(NotNumericError):
        lg.sub_gaussian_bound(1.0, "large", 1.0)


def test_a_gap_of_losses_up_to_three_has_proxy_nine():
    assert lg.bounded_loss_proxy(3.0) == 9.0
