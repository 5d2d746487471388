"""Bounds and truth: every bound whose hypothesis holds is on its side of the exact gap, and the sharp ones touch it."""

import math

import numpy as np
import pytest
from bridge import dense
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from random_cases import draw_case

import lingauss as lg
from lingauss.testing import distillations

pytestmark = pytest.mark.filterwarnings("ignore::lingauss.errors.TiedSpectrumWarning")

ROUNDING = 1e-9  # relative to the larger of bound and gap
BLOCKS, PER_BLOCK = 4, 2500


def magnitude(table):
    return max(abs(bound.exact_gap) for bound in table)


def check_table(case, table):
    """Assert what has to be true of every table."""
    size = magnitude(table)
    for bound in table:
        assert not math.isnan(bound.value), bound
        if bound.holds:
            scale = size + (abs(bound.value) if math.isfinite(bound.value) else 0.0)
            off = abs(bound.slack) if bound.side == "equal" else -bound.slack
            assert off <= ROUNDING * scale, bound
    for side, sign in (("upper", 1), ("lower", -1)):
        sharp, plain = table[f"Chernoff {side}"].value, table[f"unconditional Chernoff {side}"].value
        assert sign * (plain - sharp) >= -ROUNDING * (size + abs(plain)) or math.isinf(plain), (sharp, plain)
        if case.problem.test_covariance is None:
            assert_allclose(table[f"variance proxy {side}"].value, sharp, rtol=1e-9, atol=ROUNDING * size)
    assert table["central condition"].value == table["Chernoff lower"].value
    label = case.label_divergence()
    assert label.exact <= label.bound * (1 + ROUNDING)


@pytest.mark.parametrize("block", range(BLOCKS))
def test_bounds_hold_on_ten_thousand_random_designs(block):
    """Half of them at fixed design, half under another test covariance."""
    for number in range(block * PER_BLOCK, (block + 1) * PER_BLOCK):
        rng = np.random.default_rng([2026, number])
        case, X = draw_case(rng, moved=number % 2 == 1)
        table = case.bounds(rows=X if number % 20 < 2 else None)
        check_table(case, table)
        if number % 8 < 2:
            assert case.prediction_divergence().total <= table.divergence * (1 + ROUNDING) + 1e-12


@settings(max_examples=200)
@given(distillations(modes=("averaged", "plug-in"), hard=True, singular=True))
def test_bounds_hold_on_designs_of_round_numbers(case):
    samples = max(case.problem.n_samples, case.problem.n_features)
    check_table(case, case.replace(n_samples=samples).bounds())


@given(distillations(modes=("averaged",)))
def test_bounds_do_not_depend_on_the_route(case):
    eigen, plain = case.bounds(), dense(case).bounds()
    for bound, other in zip(eigen, plain, strict=True):
        assert_allclose(other.value, bound.value, rtol=1e-8, atol=1e-10)
        assert other.holds == bound.holds


def tilted(case, lam):
    """The student that a change of measure by exp(λ gap) makes of the teacher: its channel is affine in t too."""
    problem, teacher = case.problem, case.teacher_channel
    n, W, G = problem.n_samples, problem.truth.mean, problem.gram
    seen = G / n if problem.test_covariance is None else problem.test_covariance.matrix
    Q, precision = seen - G / n, np.linalg.inv(teacher.cov)
    cov = np.linalg.inv(precision - 2 * lam * Q)
    gain = cov @ (precision @ teacher.A + 2 * lam / n * np.eye(len(G)))
    offset = -(2 * lam * W @ Q + 2 * lam / n * W @ G) @ cov
    return lg.Distillation.from_channels(problem, teacher, lg.Channel(gain, 0.5 * (cov + cov.T), offset))


@pytest.mark.parametrize("moved", [False, True])
@pytest.mark.parametrize("share", [-0.95, -0.5, -0.01, 0.01, 0.5, 0.95])
def test_exponentially_tilted_student_attains_the_chernoff_bound(moved, share):
    rng = np.random.default_rng(3)
    X, W = rng.standard_normal((9, 3)), rng.standard_normal((2, 3))
    test_cov = np.diag([2.0, 0.1, 1.0]) if moved else None
    problem = lg.Problem.from_inputs(X, truth=W, label_noise=0.6, test_cov=test_cov)
    case = lg.Distillation(problem, lg.Ridge(0.5, 2.0))
    low, high = case.conditional_gap_cumulants.domain
    lam = share * min(high if share > 0 else -low, 5.0)
    extreme = tilted(case, lam)
    bound = extreme.bounds()["Chernoff upper" if lam > 0 else "Chernoff lower"]
    moved_by = abs(bound.exact_gap - case.gaps().teacher)
    assert abs(bound.slack) <= 1e-8 * moved_by
    if not moved:
        proxy = math.sqrt(2 * extreme.variance_proxy() * extreme.divergence().total)
        assert moved_by / proxy > 0.999
        assert moved_by / proxy == pytest.approx(1.0, abs=1e-9)


def test_mean_shift_along_the_noise_attains_the_variance_proxy_bound_on_both_sides():
    """V_S = V_T and the shift ε(t − W*G)V_T of docs/theory.md §7.3."""
    rng = np.random.default_rng(8)
    for _ in range(50):
        d, k = rng.integers(1, 5), rng.integers(1, 4)
        X, W = rng.standard_normal((d + 4, d)), rng.standard_normal((k, d))
        problem = lg.Problem.from_inputs(X, truth=W, label_noise=0.7)
        teacher = lg.Ridge(0.3, 1.7).channel(problem.gramian, 0.7)
        for eps in (0.3, -0.3, 1e-5):
            student = lg.Channel(teacher.A + eps * teacher.cov, teacher.cov, -eps * W @ problem.gram @ teacher.cov)
            case = lg.Distillation.from_channels(problem, teacher, student)
            table = case.bounds()
            touched = table["variance proxy upper" if eps > 0 else "variance proxy lower"]
            assert abs(touched.slack) <= 1e-6 * abs(case.gaps().difference)
            width = math.sqrt(2 * case.variance_proxy() * case.divergence().total)
            assert abs(case.gaps().difference) / width > 0.999


def test_shift_along_the_gradient_attains_the_sharpness_bound():
    rng = np.random.default_rng(9)
    X, W = rng.standard_normal((8, 3)), rng.standard_normal((2, 3))
    problem = lg.Problem.from_inputs(X, truth=W, label_noise=0.7)
    teacher = lg.Ridge(0.3).channel(problem.gramian, 0.7)
    student = lg.Channel(teacher.A + 0.2 * np.eye(3), teacher.cov, -0.2 * W @ problem.gram)
    table = lg.Distillation.from_channels(problem, teacher, student).bounds()
    assert abs(table["sharpness upper"].slack) <= 1e-12 * table["sharpness upper"].value


@given(distillations(modes=("averaged",)), st.booleans())
def test_best_central_condition_is_the_chernoff_lower_bound(case, moved):
    """Best c, then best η: an identity; and no other η does better."""
    if moved:
        case = case.replace(
            problem=lg.Problem.from_gram(
                case.problem.gram,
                n_samples=case.problem.n_samples,
                truth=case.problem.truth.mean,
                label_noise=case.problem.label_noise,
                test_cov=0.5 * np.eye(case.problem.n_features) + case.problem.gram / case.problem.n_samples,
            )
        )
    table, divergence = case.bounds(), case.divergence().total
    for prefix, law in (("", case.conditional_gap_cumulants), ("unconditional ", case.gap_cumulants)):
        chernoff = table[f"{prefix}Chernoff lower"].value
        assert table[f"{prefix}central condition"].value == chernoff
        if divergence < 1e-6:
            continue
        best = law.reflected.deviation(divergence).lam
        at_best = case.bounds(eta=best)[f"{prefix}central condition"].value
        assert_allclose(at_best, chernoff, rtol=1e-9, atol=1e-12)
        for eta in (0.5 * best, 0.99 * best, 1.01 * best, 1.1 * best):
            assert case.bounds(eta=eta)[f"{prefix}central condition"].value <= chernoff + 1e-12 * (1 + abs(chernoff))


@given(distillations(modes=("averaged",), hard=True, singular=True))
def test_label_divergence_never_exceeds_its_convexity_bound(case):
    label = case.label_divergence()
    assert label.exact <= label.bound * (1 + ROUNDING)
    assert min(label.squared_bias, label.variance, label.observation, label.statistic) >= 0


@given(distillations(modes=("averaged", "plug-in")))
def test_jeffreys_divergence_adds_both_directions(case):
    forward, backward = case.divergence(), case.reverse_divergence()
    assert np.all(backward.cells >= 0)
    assert_allclose(case.jeffreys_divergence(), forward.total + backward.total)
    swapped = lg.Distillation.from_channels(
        case.problem, case.student_channel, case.teacher_channel, case.basis if case.rank > 0 else None
    )
    assert_allclose(swapped.divergence().total, backward.total, rtol=1e-8, atol=1e-10)
