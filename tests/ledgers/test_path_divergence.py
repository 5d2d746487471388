"""Paths of noisy gradient descent: sums over steps are the divergence of one joint Gaussian of dimension T·d."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

import lingauss as lg
from lingauss.errors import DomainError
from lingauss.model.labels import mean_rows, noise_rows
from lingauss.testing import bottlenecks, numbers, problems


def path_kernel(learner, G, seen, t_map, t_cov, label_noise):
    """Map and covariance of (W_1, …, W_T) given t for a learner whose labels have this map and covariance given t."""
    d, T, h = len(G), int(learner.steps), learner.step_size
    step = np.eye(d) - h * (seen @ G @ seen + learner.penalty * np.eye(d))
    powers = [np.linalg.matrix_power(step, j) for j in range(T)]
    runs = np.block([[powers[i - j] if i >= j else np.zeros((d, d)) for j in range(T)] for i in range(T)])
    noise = 2 * h * float(learner.dispersion(label_noise)) * np.eye(T * d)
    shared = np.kron(np.ones((T, T)), h**2 * seen @ t_cov @ seen)
    return runs @ np.tile(h * seen @ t_map, (T, 1)), runs @ (noise + shared) @ runs.T


def joint_divergence(case):
    """The textbook KL between the two path laws, averaged over labels as the problem is."""
    problem, d = case.problem, case.problem.n_features
    mixed = case.mixed_statistic
    A, V = path_kernel(case.teacher, problem.gram, np.eye(d), np.eye(d), np.zeros((d, d)), problem.label_noise)
    B, U = path_kernel(
        case.student, case.seen_gramian.matrix, case.basis @ case.basis.T, mixed.A, mixed.cov, problem.label_noise
    )
    rows = mean_rows(problem, np.eye(d), np.zeros(d))
    if problem.observed is None:
        rows = np.concatenate([rows, noise_rows(problem, np.eye(d))])
    shift = rows @ (B - A).T
    precision = np.linalg.inv(V)
    logs = np.linalg.slogdet(U)[1] - np.linalg.slogdet(V)[1]
    spread = np.trace(precision @ U) - len(V) - logs
    return 0.5 * np.trace(shift @ precision @ shift.T) + 0.5 * problem.outputs * spread


@st.composite
def cases(draw):
    problem = draw(problems(max_features=3, condition=10.0, singular=True))
    steps = draw(st.integers(1, 6))

    def learner():
        return lg.NoisyGradientDescent(
            steps,
            draw(numbers(minimum=0.25, maximum=1.0)) / 8,
            draw(numbers(minimum=0.0, maximum=4.0)),
            draw(numbers(minimum=0.25, maximum=2.0)),
            draw(st.none() | numbers(minimum=0.5, maximum=2.0)),
        )

    return lg.Distillation(
        problem,
        learner(),
        learner(),
        draw(bottlenecks(features=problem.n_features)),
        temperature=draw(numbers(minimum=0.0, maximum=4.0)),
        mixing=draw(numbers(minimum=-0.5, maximum=1.5)),
        draws=draw(st.integers(1, 3)),
    )


pytestmark = pytest.mark.filterwarnings("ignore::lingauss.errors.TiedSpectrumWarning")


@settings(max_examples=100, deadline=None)
@given(cases())
def test_path_divergence_is_that_of_the_joint_gaussian_and_never_below_the_last_iterates(case):
    paths, expected = case.path_divergence(), joint_divergence(case)
    assert_allclose(paths.total, expected, rtol=1e-9, atol=1e-10)
    assert min(paths.mean, paths.noise) >= 0
    assert paths.last_iterate <= paths.total * (1 + 1e-9) + 1e-12
    assert paths.last_iterate == case.divergence().total
    assert paths.steps == case.teacher.steps
    if case.teacher.steps == 1:
        assert_allclose(paths.total, paths.last_iterate, rtol=1e-9, atol=1e-11)


@settings(max_examples=50, deadline=None)
@given(cases())
def test_both_routes_to_the_path_divergence_agree(case):
    plain = case.replace(bottleneck=lg.Subspace(case.basis)).path_divergence()
    ours = case.path_divergence()
    for name in ("mean", "noise", "spread", "total"):
        assert_allclose(getattr(plain, name), getattr(ours, name), rtol=0, atol=1e-10 * ours.total + 1e-11)


def simple(teacher=None, student=None, **changes):
    run = lg.NoisyGradientDescent(6, 0.1, 0.5)
    problem = lg.Problem.from_gram(np.diag([4.0, 2.0, 1.0]) + 0.2, n_samples=20, truth=np.ones(3), label_noise=0.5)
    return lg.Distillation(problem, teacher or run, student or run).replace(**changes)


def test_paths_of_transfer_students_are_compared_on_their_own_inputs():
    moments = lg.Moments.from_data(np.random.default_rng(0).standard_normal((9, 3)), center=False)
    case = simple(student=lg.NoisyGradientDescent(6, 0.05, 0.2), transfer=moments)
    assert_allclose(case.path_divergence().total, joint_divergence(case), rtol=1e-10)


def test_equal_runs_on_the_same_labels_do_not_diverge():
    for bottleneck in (None, lg.Subspace(np.eye(3))):
        paths = simple(mixing=0.0, bottleneck=bottleneck).path_divergence()
        assert paths.mean == paths.noise == paths.spread == paths.total == 0.0


def test_long_runs_are_summed_in_blocks(monkeypatch):
    case = simple(lg.NoisyGradientDescent(500, 0.1, 0.5), lg.NoisyGradientDescent(500, 0.12, 0.4))
    whole = case.path_divergence()
    monkeypatch.setattr("lingauss.ledgers.path_divergence.EVALUATED", 21)
    assert_allclose(case.path_divergence().total, whole.total, rtol=1e-13)


@pytest.mark.parametrize(
    ("teacher", "student", "expected"), [(0.0, 1.0, math.inf), (1.0, 0.0, math.inf), (0.0, 0.0, math.inf)]
)
def test_deterministic_runs_diverge_infinitely_unless_they_are_the_same(teacher, student, expected):
    run = lg.NoisyGradientDescent(6, 0.1, 0.5)
    cold = [lg.NoisyGradientDescent(6, 0.1, 0.5, temperature) for temperature in (teacher, student)]
    assert simple(*cold).path_divergence().total == expected
    same = lg.NoisyGradientDescent(6, 0.1, 0.5, 0.0)
    assert simple(same, same, mixing=0.0).path_divergence().total == 0.0
    assert simple(run, run).path_divergence().total > 0.0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"student": lg.NoisyGradientDescent(7, 0.1)}, r"same number of steps.*got 6 and 7\. Use.*student_steps=6"),
        ({"student": lg.Ridge(1.0)}, "a student that takes finitely many steps; got Ridge"),
        ({"teacher": lg.GradientFlow(1.0)}, "a teacher that takes finitely many steps; got GradientFlow"),
        ({"teacher": lg.NoisyGradientDescent(math.inf, 0.1)}, "got a stationary law"),
        ({"rank": 1, "floor": 0.5}, r"no floor, so that unseen weights.*got floor=0\.5"),
    ],
    ids=str,
)
def test_paths_that_cannot_be_compared_are_refused(changes, message):
    with pytest.raises(DomainError, match=message):
        simple().replace(**changes).path_divergence()
