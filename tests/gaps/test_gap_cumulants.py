"""Both cumulant functions of the gap against direct log-determinants over the joint (label, weight) noise."""

import gap_oracles
import numpy as np
import oracles
import pytest
from gap_oracles import Experiment
from numpy.testing import assert_allclose

import lingauss as lg
from lingauss.errors import DomainError, MissingTruthError, NotFiniteError, NotNumericError

SETTINGS = [
    # n, d, rank of G, outputs, penalty, temperature, intercept, test covariance
    (7, 3, 3, 1, 0.7, 1.0, False, None),
    (7, 3, 3, 2, 0.7, 2.5, False, "wide"),
    (3, 3, 3, 2, 0.4, 1.0, False, None),  # n = rank G
    (3, 3, 3, 1, 0.4, 1.0, False, "wide"),
    (3, 3, 3, 1, 0.0, 1.0, False, None),
    (6, 3, 2, 1, 0.5, 1.5, False, None),  # singular G
    (6, 3, 2, 2, 0.5, 1.5, False, "wide"),
    (6, 2, 2, 1, 0.5, 0.0, False, None),  # deterministic
    (6, 2, 2, 2, 0.5, 0.0, False, "wide"),
    (2, 2, 2, 1, 0.3, 0.0, False, None),
    (7, 2, 2, 2, 0.6, 1.0, True, None),
    (7, 2, 2, 1, 0.6, 1.0, True, "narrow"),
    (3, 2, 2, 1, 0.6, 1.0, True, None),  # nothing left but the intercept
    (6, 2, 2, 1, 3.0, 1.0, False, "narrow"),
]


def build(n, d, rank, k, penalty, temperature, intercept, kind, seed=0):
    """One case, the same experiment in label space, and the case's teacher as a plain channel."""
    rng = np.random.default_rng(seed)
    X, W, noise = rng.standard_normal((n, rank)) @ rng.standard_normal((rank, d)), rng.standard_normal((k, d)), 0.8
    root = rng.standard_normal((d, d))
    wide = root @ root.T
    test_cov = {None: None, "wide": wide, "narrow": 0.01 * np.eye(d)}[kind]
    if intercept:
        problem = lg.Problem.from_data(X, X @ W.T, label_noise=noise, test_cov=test_cov).with_truth(W)
    else:
        problem = lg.Problem.from_inputs(X, truth=W, label_noise=noise, test_cov=test_cov)
    case = lg.Distillation(problem, teacher=lg.Ridge(penalty, temperature), student=lg.Ridge(1.0))
    centred = X - X.mean(axis=0) if intercept else X
    M, V = oracles.ridge_kernel(centred, penalty, noise, temperature)
    values, vectors = np.linalg.eigh(V)
    spread = vectors * np.sqrt(values.clip(0))
    seen = centred.T @ centred / n if test_cov is None else test_cov
    return case, Experiment(X, W, noise, M, spread, seen, intercept)


def points(domain):
    """Arguments on both sides of 0, close to the ends of the domain too."""
    low, high = (max(domain[0], -40.0), min(domain[1], 40.0))
    return [*(share * high for share in (1e-3, 0.3, 0.9, 0.99)), *(share * low for share in (1e-3, 0.3, 0.9, 0.99))]


@pytest.mark.parametrize("setting", SETTINGS)
def test_both_functions_equal_a_direct_log_determinant(setting):
    case, experiment = build(*setting)
    for ours, oracle in (
        (case.gap_cumulants, gap_oracles.joint_cgf),
        (case.conditional_gap_cumulants, gap_oracles.conditional_cgf),
    ):
        for lam in points(ours.domain):
            expected = oracle(experiment, lam)
            assert_allclose(ours(lam), expected, rtol=1e-10, atol=1e-10 * (1 + abs(lam * ours.mean)))


@pytest.mark.parametrize("setting", SETTINGS)
def test_values_are_infinite_exactly_outside_the_domain(setting):
    case, experiment = build(*setting)
    for ours, oracle in (
        (case.gap_cumulants, gap_oracles.joint_cgf),
        (case.conditional_gap_cumulants, gap_oracles.conditional_cgf),
    ):
        for end in ours.domain:
            if np.isinf(end):
                assert np.isfinite(ours(np.copysign(1e6, end)))
                continue
            assert np.isfinite(ours(end * (1 - 1e-9)))
            assert np.isfinite(oracle(experiment, end * (1 - 1e-9)))
            assert ours(end * (1 + 1e-9)) == np.inf
            assert oracle(experiment, end * (1 + 1e-9)) == np.inf
            assert ours(1e6 * end) == np.inf


@pytest.mark.parametrize("setting", SETTINGS)
def test_directions_and_the_joint_quadratic_form_agree(setting):
    """A teacher given as a bare channel takes the dense route."""
    case, _ = build(*setting)
    plain = case.replace(teacher=case.teacher_channel).gap_cumulants
    assert_allclose(plain.domain, case.gap_cumulants.domain, rtol=1e-9)
    for lam in points(plain.domain):
        assert_allclose(plain(lam), case.gap_cgf(lam), rtol=1e-10, atol=1e-11 * (1 + abs(lam)))
    for order in range(1, 6):
        assert_allclose(plain.cumulant(order), case.gap_cumulants.cumulant(order), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("setting", SETTINGS)
def test_domain_is_that_of_the_closed_form(setting):
    """θ± of docs/theory.md §7.5, with the noise no weight sees, and the intercept's."""
    case, experiment = build(*setting)
    if setting[-1] is not None:
        return
    problem, n, nu = case.problem, len(experiment.X), experiment.noise
    s = problem.eigenbasis.eigenvalues
    s = s[s > 0]
    a, v = s / (s + setting[4]), setting[5] * nu**2 / (s + setting[4])
    m = nu * (2 * a - 1)
    q = np.sqrt(m**2 + 4 * s * v)
    with np.errstate(divide="ignore"):
        high, low = np.min(n / nu / (q + m)), np.max(-n / nu / (q - m))
    if n > len(s) + problem.intercept:
        low = max(low, -n / (2 * nu**2))
    if problem.intercept:
        high = min(high, n / (2 * nu**2))
    assert_allclose(case.gap_cumulants.domain, (low, high), rtol=1e-9)


@pytest.mark.parametrize("setting", SETTINGS)
def test_mean_is_the_expected_gap_and_moments_match_the_quadratic_form(setting):
    case, experiment = build(*setting)
    n, r = experiment.sizes
    parts = [
        gap_oracles.quadratic(lambda z, j=j: experiment.gap(j, z[:n], z[n:]), n + r)
        for j in range(len(experiment.truth))
    ]
    mean = sum(value + np.trace(hessian) / 2 for value, _, hessian in parts)
    variance = sum(gradient @ gradient + np.sum(hessian**2) / 2 for _, gradient, hessian in parts)
    third = sum(
        3 * gradient @ hessian @ gradient + np.trace(hessian @ hessian @ hessian) for _, gradient, hessian in parts
    )
    assert_allclose(case.gaps().teacher, mean, rtol=1e-9, atol=1e-11)
    law = case.gap_cumulants
    assert_allclose([law.mean, law.variance, law.cumulant(3)], [mean, variance, third], rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("setting", [SETTINGS[i] for i in (0, 1, 5, 7, 10, 11)])
def test_unconditional_function_is_within_the_error_of_a_monte_carlo_mean(setting):
    case, experiment = build(*setting)
    draws = gap_oracles.sample_gaps(experiment, 200_000, np.random.default_rng(3))
    low, high = case.gap_cumulants.domain
    for lam in (0.2 * min(high, 10.0), 0.2 * max(low, -10.0)):  # the estimator's variance is finite up to half way
        weights = np.exp(lam * draws)
        error = weights.std() / np.sqrt(len(weights)) / weights.mean()
        assert abs(np.log(weights.mean()) - case.gap_cgf(lam)) < 4 * error


def test_conditional_function_is_within_the_error_of_a_nested_monte_carlo_mean():
    case, experiment = build(*SETTINGS[1])
    rng, lam = np.random.default_rng(5), 0.2 * case.conditional_gap_cumulants.domain[1]
    n, r = experiment.sizes
    logs = []
    for _ in range(400):
        total = 0.0
        for output in range(len(experiment.truth)):
            e = rng.standard_normal(n)
            value, gradient, hessian = gap_oracles.quadratic(lambda u, j=output, e=e: experiment.gap(j, e, u), r)
            u = rng.standard_normal((20_000, r))
            gaps = value + u @ gradient + np.einsum("si,ij,sj->s", u, hessian, u) / 2
            total += np.log(np.mean(np.exp(lam * gaps)))
        logs.append(total)
    error = np.std(logs, ddof=1) / np.sqrt(len(logs))
    assert abs(np.mean(logs) - case.conditional_gap_cumulants(lam)) < 4 * error


def test_fixed_design_conditional_function_is_a_parabola_with_the_variance_of_a_ridge_teacher():
    case, _ = build(*SETTINGS[0])
    gap, omega = case.gaps().teacher, case.problem.label_noise**2
    assert_allclose(case.variance_proxy(), 2 * omega * gap / 7, rtol=1e-12)
    assert_allclose(case.conditional_gap_cumulants(0.4), 0.4 * gap + 0.08 * case.variance_proxy(), rtol=1e-12)


@pytest.mark.parametrize("setting", SETTINGS)
def test_conditional_function_never_exceeds_the_unconditional_one(setting):
    case, _ = build(*setting)
    for lam in points(case.gap_cumulants.domain):
        joint = case.gap_cgf(lam)
        assert case.conditional_gap_cumulants(lam) <= joint + 1e-12 * abs(joint)


def test_plug_in_and_spectrum_only_truths_average_the_function_over_the_truth():
    rng = np.random.default_rng(0)
    s, power = np.array([4.0, 1.0, 0.25]), np.array([1.0, 2.0, 0.5])
    spectrum = lg.Distillation(lg.Problem.from_spectrum(s, power, n_samples=9, label_noise=0.5))
    signs = [
        spectrum.replace(
            problem=lg.Problem.from_gram(np.diag(s), n_samples=9, truth=np.sqrt(power) * flip, label_noise=0.5)
        )
        for flip in rng.choice([-1.0, 1.0], (4, 3))
    ]
    assert_allclose([case.gap_cgf(0.7) for case in signs], spectrum.gap_cgf(0.7))
    X = rng.standard_normal((9, 2))
    observed = lg.Problem.from_data(X, rng.standard_normal((9, 2)), label_noise=0.5, center=False, test_cov=np.eye(2))
    plug_in = observed.plug_in(penalty=1.0)
    case = lg.Distillation(plug_in)
    root = np.linalg.cholesky(plug_in.truth.spread.matrix / 2)  # of one output
    for function in ("gap_cumulants", "conditional_gap_cumulants"):
        values = []
        for output in range(2):
            for column in range(2):
                for sign in (1.0, -1.0):
                    truth = plug_in.truth.mean.copy()
                    truth[output] += sign * 2.0 * root[:, column]
                    values.append(getattr(case.replace(problem=plug_in.with_truth(truth)), function)(0.05))
        assert_allclose(getattr(case, function)(0.05), np.mean(values), rtol=1e-10)


def test_offsets_of_a_channel_enter_both_functions():
    _, experiment = build(*SETTINGS[1])
    shift = np.array([[0.5, -1.0, 0.2], [0.1, 0.4, -0.3]])
    X = experiment.X
    problem = lg.Problem.from_inputs(
        X, truth=experiment.truth, label_noise=experiment.noise, test_cov=experiment.test_cov
    )
    teacher = lg.Ridge(0.7, 2.5).channel(problem.gramian, experiment.noise)
    case = lg.Distillation(problem, lg.Channel(teacher.A, teacher.cov, shift))
    moved = Experiment(
        X, experiment.truth, experiment.noise, experiment.M, experiment.root, experiment.test_cov, shift=shift
    )
    for lam in points(case.gap_cumulants.domain):
        assert_allclose(case.gap_cgf(lam), gap_oracles.joint_cgf(moved, lam), rtol=1e-10, atol=1e-10)
        assert_allclose(
            case.conditional_gap_cumulants(lam), gap_oracles.conditional_cgf(moved, lam), rtol=1e-10, atol=1e-10
        )


def test_arguments_may_be_arrays_and_zero_costs_nothing():
    case, _ = build(*SETTINGS[0])
    grid = np.linspace(-60.0, 60.0, 6).reshape(2, 3)
    values = case.gap_cgf(grid)
    assert values.shape == grid.shape
    assert_allclose(values, [[case.gap_cgf(lam) for lam in row] for row in grid])
    assert isinstance(case.gap_cgf(0.1), float)
    assert case.gap_cgf(0.0) == 0.0
    assert values[0, 0] == values[1, 2] == np.inf


def test_bad_arguments_are_refused_with_the_reason():
    case, _ = build(*SETTINGS[0])
    with pytest.raises(NotFiniteError, match="lam"):
        case.gap_cgf(np.nan)
    with pytest.raises(NotNumericError, match="lam"):
        case.gap_cgf("small")
    observed = case.problem.with_statistic(np.ones((1, 3)))
    with pytest.raises(MissingTruthError, match="plug_in"):
        case.replace(problem=observed).gap_cgf(0.1)
    with pytest.raises(DomainError, match="at least 3 samples"):
        case.replace(n_samples=2).gap_cgf(0.1)
