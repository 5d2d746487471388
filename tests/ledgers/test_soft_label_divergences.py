"""Label and process divergence against the laws of n labels written out (docs/theory.md §6)."""

import math

import numpy as np
import oracles
import pytest
import scipy.linalg
from numpy.testing import assert_allclose

import lingauss as lg
from lingauss.errors import DomainError, MissingTruthError

NOISE = 0.8


def sigma_points(mean, root):
    """Rows over which a quadratic function of N(mean, root rootᵀ) per output has its exact average."""
    k, d = mean.shape
    for output in range(k):
        for column in range(d):
            for sign in (1.0, -1.0):
                point = mean.copy()
                point[output] += sign * math.sqrt(k * d) * root[:, column]
                yield point


def label_oracle(X, W, penalty, temperature, tau, intercept=False):
    """E_D KL of soft from fresh labels, in the space of n labels (§6.1)."""
    n = len(X)
    centring = np.eye(n) - intercept / n * np.ones((n, n))
    M, V = oracles.ridge_kernel(centring @ X, penalty, NOISE, temperature)
    hat = (centring @ M @ X.T @ centring) + intercept / n * np.ones((n, n))
    cov = tau * NOISE**2 * np.eye(n) + centring @ X @ V @ X.T @ centring
    values = []
    for Y in sigma_points(W @ X.T, NOISE * np.eye(n)):
        values.append(
            sum(oracles.gaussian_kl(y @ hat, cov, X @ w, NOISE**2 * np.eye(n)) for y, w in zip(Y, W, strict=True))
        )
    return float(np.mean(values))


@pytest.mark.parametrize(
    ("n", "d", "rank", "k", "tau", "temperature", "intercept"),
    [
        (7, 3, 3, 2, 1.0, 1.0, False),
        (7, 3, 2, 1, 0.3, 2.0, False),
        (3, 3, 3, 2, 2.0, 1.0, False),
        (3, 3, 3, 1, 0.0, 1.0, False),
        (6, 2, 2, 1, 0.7, 0.0, False),
        (6, 2, 2, 2, 1.7, 0.5, True),
    ],
)
def test_label_divergence_equals_that_of_n_labels(n, d, rank, k, tau, temperature, intercept):
    rng = np.random.default_rng(2)
    X, W = rng.standard_normal((n, rank)) @ rng.standard_normal((rank, d)), rng.standard_normal((k, d))
    problem = lg.Problem.from_inputs(X, truth=W, label_noise=NOISE)
    if intercept:
        problem = lg.Problem.from_data(X, X @ W.T, label_noise=NOISE).with_truth(W)
    case = lg.Distillation(problem, lg.Ridge(0.6, temperature), temperature=tau)
    label = case.label_divergence()
    assert_allclose(label.exact, label_oracle(X, W, 0.6, temperature, tau, intercept), rtol=1e-9)
    centred = X - X.mean(axis=0) if intercept else X
    V = case.teacher_channel.cov
    assert_allclose(label.variance, k * np.trace(centred @ V @ centred.T) / (2 * NOISE**2))
    risk = case.replace(teacher=lg.Ridge(0.6, 0.0)).excess_risk().teacher
    assert_allclose(label.squared_bias, n * risk / (2 * NOISE**2))
    assert label.observation == (math.inf if tau == 0 else pytest.approx(n * k / 2 * (tau - 1 - math.log(tau))))
    assert label.exact <= label.bound


def test_noiseless_soft_labels_are_infinitely_far_unless_the_teachers_spread_covers_all_samples():
    rng = np.random.default_rng(3)
    X, W = rng.standard_normal((3, 3)), rng.standard_normal((1, 3))
    square = lg.Distillation(lg.Problem.from_inputs(X, truth=W, label_noise=NOISE), temperature=0.0)
    tall = lg.Problem.from_inputs(rng.standard_normal((4, 3)), truth=W, label_noise=NOISE)
    assert math.isfinite(square.label_divergence().exact)
    assert square.replace(problem=tall).label_divergence().exact == math.inf
    assert square.replace(teacher=lg.Ridge(1.0, 0.0)).label_divergence().exact == math.inf
    flat = lg.Channel(np.eye(3), lg.Diagonal([1.0, 1.0, 0.0]))
    assert square.replace(teacher=flat).label_divergence().exact == math.inf


def test_teacher_that_relabels_like_nature_is_at_distance_zero():
    """A teacher that always draws W* and labels with the true noise."""
    W = np.array([[1.0, -2.0]])
    problem = lg.Problem.from_gram(np.diag([3.0, 1.0]), n_samples=5, truth=W, label_noise=NOISE)
    oracle = lg.Channel(np.zeros((2, 2)), lg.Diagonal([0.0, 0.0]), W)
    label = lg.Distillation(problem, teacher=oracle).label_divergence()
    assert (label.exact, label.bound) == (0.0, 0.0)


@pytest.mark.parametrize("rank", [None, 2, 0])
def test_process_divergence_equals_that_of_the_joint_law_of_statistic_and_weights(rank):
    rng = np.random.default_rng(4)
    X, W = rng.standard_normal((9, 3)), rng.standard_normal((2, 3))
    problem = lg.Problem.from_inputs(X, truth=W, label_noise=NOISE)
    bottleneck = None if rank is None else lg.Principal(rank)
    case = lg.Distillation(problem, lg.Ridge(0.6, 1.3), lg.Ridge(0.9, 0.7), bottleneck, floor=0.4, temperature=1.6)
    G, teacher, own = problem.gram, case.teacher_channel, case.own_student_channel

    def joint(mean, cov, channel):
        """Law of (t, W) when t ~ N(mean, cov) per output and W follows the channel."""
        A, S = channel.A, channel.cov
        block = np.block([[cov, cov @ A.T], [A @ cov, A @ cov @ A.T + S]])
        return lg.Gaussian(np.hstack([mean, mean @ A.T + channel.b]), block)

    values = []
    for t in sigma_points(W @ G, NOISE * scipy.linalg.sqrtm(G).real):
        soft = joint(t @ teacher.A.T @ G, G @ teacher.cov @ G + 1.6 * NOISE**2 * G, own)
        true = joint(W @ G, NOISE**2 * G, teacher)
        values.append(lg.kl(soft, true))
    process = case.process_divergence()
    assert_allclose(process.total, np.mean(values), rtol=1e-8)
    assert_allclose(process.statistic, case.label_divergence().statistic)
    assert min(process.statistic, process.weights) >= 0


def test_own_channel_after_relabelling_is_the_students_law():
    problem = lg.Problem.from_spectrum([4.0, 1.0, 0.5], [1.0, 2.0, 0.3], n_samples=9, label_noise=NOISE)
    case = lg.Distillation(problem, bottleneck=lg.Principal(2), mixing=0.0)
    assert_allclose(case.own_student_channel.A, case.student_channel.A)
    assert_allclose(case.own_student_channel.cov, case.student_channel.cov)


def test_process_divergence_is_infinite_for_a_hard_student():
    problem = lg.Problem.from_spectrum([4.0, 1.0], [1.0, 2.0], n_samples=9, label_noise=NOISE)
    hard = lg.Distillation(problem, bottleneck=lg.Principal(1), floor=0.0)
    assert hard.process_divergence().total == math.inf
    assert math.isfinite(hard.process_divergence().statistic)


def test_unsuitable_questions_are_refused():
    problem = lg.Problem.from_spectrum([4.0, 1.0], [1.0, 2.0], n_samples=9, label_noise=NOISE)
    case = lg.Distillation(problem)
    for other in (case.replace(mixing=0.5), case.replace(draws=2)):
        with pytest.raises(DomainError, match="mixing=1, draws=1"):
            other.process_divergence()
    channels = lg.Distillation.from_channels(problem, case.teacher_channel, case.student_channel)
    with pytest.raises(DomainError, match="student Channel"):
        channels.process_divergence()
    observed = case.replace(problem=problem.with_statistic([1.0, 2.0]))
    for question in (observed.label_divergence, observed.process_divergence):
        with pytest.raises(MissingTruthError, match="label divergences"):
            question()


def test_offsets_need_a_truth_with_signs():
    problem = lg.Problem.from_spectrum([4.0, 1.0], [1.0, 2.0], n_samples=9, label_noise=NOISE)
    shifted = lg.Channel(np.eye(2), np.eye(2), [1.0, 0.0])
    with pytest.raises(MissingTruthError, match="signs"):
        lg.Distillation(problem, teacher=shifted).label_divergence()
