"""Excess risks of rounds that draw new true labels at given inputs, exactly (docs/theory.md §10.6)."""

from __future__ import annotations

from typing import Any

import numpy as np

from lingauss.algebra.channel import Channel
from lingauss.model.coupling import predictor
from lingauss.model.design import Design
from lingauss.model.truth import need_truth
from lingauss.rounds.record import Rounds
from lingauss.validation import Array


def on_given_rows(chain: Rounds[Any]) -> Array:
    """Return the excess risk of every round's student, (rounds,).

    The statistic that a round is trained on is linear in that of the round before: its mean, as what became of the
    rows of the truth, and its covariance summed over outputs are carried along.
    """
    case, problem = chain.case, chain.case.problem
    truth, k, gram = need_truth(problem, "excess risks"), problem.outputs, problem.gram
    unit = k * problem.label_noise**2
    mean, covariance = truth.rows @ gram, unit * gram
    channel, test, risks = case.teacher_predictor, test_covariance(case), []
    for number in range(1, chain.rounds + 1):
        design = chain.round(number)
        xi, onto = design.mixing, design.mixing * gram @ channel.A
        spread = xi**2 / design.draws * gram @ (k * channel.cov) @ gram
        noise = unit * ((1.0 - xi) ** 2 + xi**2 * design.temperature / design.draws) * gram
        taught = truth.shifted(mean @ onto.T + (1.0 - xi) * truth.rows @ gram, xi * channel.b @ gram)
        moved = onto @ covariance @ onto.T + spread + noise
        if chain.accumulate:
            moved = moved + covariance + onto @ covariance + covariance @ onto.T
            taught = taught + mean
        mean, covariance = taught, moved
        channel = learner_of_round(design, number + 1 if chain.accumulate else 1)
        error = mean @ channel.A.T - truth.rows
        scatter = channel.A @ covariance @ channel.A.T + k * channel.cov
        risks.append(float(np.sum((error @ test) * error) + np.sum(scatter * test)))
    return np.array(risks)


def learner_of_round(design: Design, sets: int) -> Channel:
    """Return the student's law given the statistic of so many sets of labels at the given inputs."""
    basis = None if design.rank == design.problem.n_features else design.basis
    gramian = design.problem.gramian.scaled(float(sets))
    return predictor(design.student, gramian, basis, design.problem.label_noise)  # type: ignore[arg-type]


def test_covariance(design: Design) -> Array:
    """Return the covariance of test inputs, (d, d)."""
    problem = design.problem
    if problem.test_covariance is None:
        return np.asarray(problem.gram / problem.n_samples)
    return np.asarray(problem.test_covariance.matrix)
