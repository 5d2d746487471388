"""Fewer rows than features: every dense number is that of the row space, and finite where it is finite.

``benchmarks/fewer_rows_than_features.py`` asks the same of a thousand designs.
"""

import few_rows
import numpy as np
import pytest
from numpy.testing import assert_allclose
from row_space import RowSpace, relative_error

import lingauss as lg

PROMISED = 1e-10


@pytest.mark.parametrize("number", range(40))
def test_numbers_are_those_of_the_row_space_of_the_same_gram_matrix(number):
    case = few_rows.draw(number)
    for name, error in few_rows.errors(case).items():
        assert error is not None, name
        assert error < PROMISED, name


def test_deterministic_rounds_keep_their_rank():
    X = np.random.default_rng(0).standard_normal((2, 6))
    problem = lg.Problem.from_inputs(X, truth=np.ones(6), label_noise=0.5)
    for penalty in (1e-1, 1e-4, 1e-8):
        learner = lg.Ridge(penalty, temperature=0.0)
        chain = lg.Chain(lg.Distillation(problem, learner, learner), rounds=3)
        for number in (2, 3):
            swept = chain.sweep(quantities=["divergence"])["divergence"].sel(round=number)
            assert_allclose(chain.ledger(number).total, float(swept), rtol=1e-10)
            assert np.isfinite(chain.designs[number - 1].mutual_information().student)


def test_deterministic_students_reveal_no_more_than_their_labels_say():
    X = np.random.default_rng(1).standard_normal((3, 8))
    problem = lg.Problem.from_inputs(X, truth=np.ones(8), label_noise=0.5)
    case = lg.Distillation(problem, lg.Ridge(1e-6, 0.0), lg.Ridge(1e-6, 0.0), temperature=2.0)
    # Each of three labels reaches the student as the sum of itself, shrunk, and twice as much noise.
    s = problem.eigenbasis.eigenvalues[:3]
    exact = 0.5 * np.sum(np.log1p(np.square(s / (s + 1e-6)) / 2.0))
    assert_allclose(case.mutual_information().student, exact, rtol=1e-12)
    assert np.isfinite(case.bounds()["mutual information"].value)


@pytest.mark.parametrize(
    "bottleneck", [None, lg.Principal(2), lg.Subspace(np.linalg.qr(np.ones((6, 2)) + np.eye(6, 2))[0])]
)
@pytest.mark.parametrize("penalty", [1e-2, 1e-6, 1e-9])
def test_observed_labels_say_nothing_of_directions_without_inputs(bottleneck, penalty):
    rng = np.random.default_rng(4)
    problem = lg.Problem.from_data(rng.standard_normal((4, 6)), rng.standard_normal((4, 2)), label_noise=0.5)
    case = lg.Distillation(problem, lg.Ridge(penalty), lg.Ridge(3.0 * penalty), bottleneck)
    exact = [cell for row in RowSpace(case).cells() for cell in row]
    scale = sum(exact)
    for ours, cell in zip(case.divergence().cells.reshape(-1), exact, strict=True):
        assert relative_error(ours, cell, scale) < PROMISED


def embedded(kind):
    """A design whose inputs lie in the span of four of seven directions, and the same in coordinates of these."""
    rng = np.random.default_rng(2)
    X, W = rng.standard_normal((4, 4)) * 2.0, rng.standard_normal((2, 4))
    span = np.linalg.qr(rng.standard_normal((7, 4)))[0]
    learner, gain, root = lg.Ridge(1e-9, 0.7), rng.standard_normal((4, 4)), rng.standard_normal((4, 3))
    for inputs, truth, onto in ((X @ span.T, W @ span.T, span), (X, W, np.eye(4))):
        if kind == "shards":
            teacher = lg.Shards(learner, [lg.Moments.from_data(part, center=False) for part in np.split(inputs, 2)])
        else:
            teacher = lg.Channel(onto @ gain @ onto.T, onto @ root @ root.T @ onto.T)
        problem = lg.Problem.from_inputs(inputs, truth=truth, label_noise=0.5)
        yield lg.Distillation(problem, teacher, lg.Ridge(1e-9, 0.9), draws=2)


@pytest.mark.parametrize("kind", ["shards", "channel"])
def test_shards_and_given_channels_say_the_same_in_coordinates_of_the_row_space(kind):
    whole, inside = embedded(kind)
    assert whole.problem.eigenbasis.eigenvalues[4] == 0.0
    for number in (
        lambda case: case.gaps().student,
        lambda case: case.gaps().teacher,
        lambda case: case.excess_risk().student,
        lambda case: case.mutual_information().student,
        lambda case: case.prediction_divergence().total,
        lambda case: case.label_divergence().statistic,
        lambda case: case.conditional_gap_cumulants.variance,
        lambda case: case.gap_cumulants.variance,
    ):
        assert_allclose(number(whole), number(inside), rtol=1e-10)
