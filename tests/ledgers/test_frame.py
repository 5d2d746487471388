"""No number depends on the coordinates of the weights, and none comes from any but the eigenbasis of G."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

import lingauss as lg
from lingauss.algebra.psd import Diagonal

RNG = np.random.default_rng(6)
X, W, OTHER = RNG.standard_normal((7, 4)), RNG.standard_normal((2, 4)), RNG.standard_normal((9, 4))
TURN = np.linalg.qr(RNG.standard_normal((4, 4)))[0]
BASIS = np.linalg.qr(RNG.standard_normal((4, 4)))[0][:, :2]


def designs(turn):
    """One design of every kind with its inputs, weights, subspace, shards and channels in turned coordinates."""
    inputs, test = X @ turn, turn.T @ OTHER.T @ OTHER @ turn
    problem = lg.Problem.from_inputs(inputs, truth=W @ turn, label_noise=0.6, test_cov=test)
    subspace = lg.Subspace(turn.T @ BASIS)
    plain = lg.Distillation(problem, lg.Ridge(0.3), lg.Ridge(0.8), subspace, mixing=0.7)
    observed = lg.Problem.from_data(inputs, X @ W.T, label_noise=0.6)
    halves = [lg.Moments.from_data(part, center=False) for part in np.split(inputs, [4])]
    return {
        "subspace": plain,
        "observed": plain.replace(problem=observed),
        "posterior": plain.replace(problem=observed.plug_in(penalty=0.5)),
        "shards": plain.replace(teacher=lg.Shards(lg.Ridge(0.5), halves)),
        "transfer": plain.replace(transfer=lg.Moments.from_data(OTHER @ turn, center=False), mixing=1.0),
        "channel": plain.replace(teacher=lg.Channel(turn.T @ np.diag(W[0] ** 2) @ turn, np.eye(4), 0.1 * W[1] @ turn)),
    }


@pytest.mark.parametrize("kind", designs(np.eye(4)))
def test_no_number_depends_on_the_coordinates_of_the_weights(kind):
    here, turned = designs(np.eye(4))[kind], designs(TURN)[kind]
    assert_allclose(turned.divergence().cells, here.divergence().cells, rtol=1e-10)
    assert_allclose(turned.prediction_divergence().cells, here.prediction_divergence().cells, rtol=1e-10, atol=1e-14)
    assert_allclose(turned.reverse_divergence().cells, here.reverse_divergence().cells, rtol=1e-9)
    assert_allclose(turned.mutual_information().student, here.mutual_information().student, rtol=1e-10)
    if kind != "observed":
        assert_allclose(turned.gaps().student, here.gaps().student, rtol=1e-10)
        assert_allclose(turned.excess_risk().teacher, here.excess_risk().teacher, rtol=1e-10)
        assert_allclose(turned.sharpness().distance, here.sharpness().distance, rtol=1e-10)


@pytest.mark.parametrize("kind", designs(np.eye(4)))
def test_channels_of_a_design_are_in_its_own_coordinates(kind):
    here, turned = designs(np.eye(4))[kind], designs(TURN)[kind]
    for name in ("teacher_channel", "student_predictor", "student_channel", "mixed_statistic", "own_student_channel"):
        ours, theirs = getattr(turned, name), getattr(here, name)
        assert_allclose(ours.A, TURN.T @ theirs.A @ TURN, rtol=1e-9, atol=1e-12)
        assert_allclose(ours.cov, TURN.T @ theirs.cov @ TURN, rtol=1e-9, atol=1e-12)
        assert_allclose(ours.b, theirs.b @ TURN, atol=1e-13)


def test_null_directions_are_null_exactly():
    problem = lg.Problem.from_inputs(X[:2], truth=W, label_noise=0.6)
    case = lg.Distillation(problem, lg.Ridge(1e-9), lg.Ridge(1e-9))
    assert isinstance(case.framed.problem.gramian, Diagonal)
    assert np.count_nonzero(case.framed.problem.gramian.variances) == 2
    assert case.framed.framed is case.framed
    assert not case.framed.student_predictor.A[:, 2:].any()
