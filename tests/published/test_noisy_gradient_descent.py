"""Noisy gradient descent on two losses whose gradients differ, the setting of Chourasia et al. 2021 (theory §8)."""

import math

import pytest

import lingauss as lg

CURVATURE, STEP, OFFSET, NOISE, STEPS = 1.2, 0.3, 0.7, 0.5, 6
ENDLESSLY_MANY = 2**52  # draws, which leave nothing of the soft labels' randomness


def two_runs(steps):
    """Two runs at curvature 1.2 whose gradients differ by 0.7: a student on soft labels, averaged over all draws."""
    dispersion = NOISE**2 / (2 * STEP)  # each step injects a noise of standard deviation ½
    run = lg.NoisyGradientDescent(steps, STEP, penalty=CURVATURE - 1.0, noise=math.sqrt(dispersion))
    problem = lg.Problem.from_spectrum([1.0], [1.0], n_samples=1, label_noise=1.0).with_statistic([1.0])
    missed = 1.0 - run.channel(problem.gramian, 1.0).A[0, 0]
    return lg.Distillation(problem, run, run, mixing=OFFSET / missed, draws=ENDLESSLY_MANY)


def test_last_iterate_and_path_of_two_noisy_gradient_descents():
    case = two_runs(STEPS)
    assert case.divergence().total == pytest.approx(0.3501279, abs=5e-8)
    assert case.path_divergence().total == pytest.approx(0.5292, abs=1e-10)


def test_last_iterates_approach_their_limit():
    assert two_runs(math.inf).divergence().total == pytest.approx(0.4018, abs=5e-5)
    assert two_runs(400).divergence().total == pytest.approx(two_runs(math.inf).divergence().total, rel=1e-12)
