"""Divergence of whole training runs against runs that were recorded step by step (docs/theory.md §6.3)."""

import math

import numpy as np
import pytest

import lingauss as lg
from lingauss.simulation.experiment import Experiment
from lingauss.simulation.unbiased import Sample, ledger_estimates, pooled
from tests.simulation.designs import KNOWN, NOISE, SPECTRUM, TRANSFER, case

STEPS = 3
TEACHER = lg.NoisyGradientDescent(STEPS, 0.02, 0.5, 0.8)
STUDENT = lg.NoisyGradientDescent(STEPS, 0.03, 0.2, 1.3)


def recorded(learner, inputs, labels, rng):
    """Weights after every step of a run, side by side."""
    weights, path = np.zeros((*labels.shape[:-1], inputs.shape[1])), []
    for _ in range(STEPS):
        slope = (weights @ inputs.T - labels) @ inputs + learner.penalty * weights
        kick = math.sqrt(2.0 * learner.step_size * learner.temperature) * NOISE
        weights = weights - learner.step_size * slope + kick * rng.standard_normal(weights.shape)
        path.append(weights)
    return np.concatenate(path, axis=-1)


@pytest.mark.parametrize(
    ("problem", "settings"),
    [
        (KNOWN, {"mixing": 0.7, "temperature": 2.0}),
        (SPECTRUM, {"draws": 2}),
        (KNOWN, {"bottleneck": lg.Principal(2)}),
        (KNOWN, {"transfer": TRANSFER[False]}),
    ],
)
def test_divergence_of_paths_is_that_of_recorded_runs(problem, settings):
    design, rng = case(problem, TEACHER, STUDENT, **settings), np.random.default_rng(8)
    experiment = Experiment(design, rng)
    labels = experiment.draw_labels((200, 30)).reached
    mixed = design.mixing * experiment.soft_labels(labels, design.draws)
    if design.transfer is None:
        mixed = mixed + (1.0 - design.mixing) * labels
    seen = experiment.student_inputs @ design.basis @ design.basis.T  # what is not seen moves without labels
    student, teacher = recorded(STUDENT, seen, mixed, rng), recorded(TEACHER, experiment.inputs, labels, rng)
    everything = np.eye(STEPS * 3)
    cells = ledger_estimates(Sample.of(student), Sample.of(teacher), everything, everything[:, :0])
    exact = design.path_divergence()
    for column, expected in enumerate((exact.mean, exact.noise, exact.spread)):
        value, error = pooled(cells[:, 0, column])
        assert abs(value - expected) <= 4.0 * error
        assert error < 0.05 * exact.total
