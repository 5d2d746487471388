"""Covariances known through a root: the same algebra as of matrices, with the digits of the root."""

import math

import mpmath
import numpy as np
import pytest
from numpy.testing import assert_allclose

import lingauss as lg
from lingauss.algebra.factor import graded_svd
from lingauss.algebra.psd import Dense, Diagonal
from lingauss.algebra.rooted import Rooted

RNG = np.random.default_rng(0)
ROOT = RNG.standard_normal((4, 3))
A = RNG.standard_normal((2, 4))


def test_sums_images_blocks_and_multiples_are_those_of_the_matrices():
    law, matrix = Rooted(ROOT), ROOT @ ROOT.T
    other = Diagonal(np.array([1.0, 0.0, 2.0, 0.5]))
    assert_allclose((law + other).matrix, matrix + other.matrix, rtol=1e-14, atol=1e-14)
    assert_allclose((other + law).matrix, matrix + other.matrix, rtol=1e-14, atol=1e-14)
    assert_allclose((law + Dense(np.eye(4))).matrix, matrix + np.eye(4), rtol=1e-14, atol=1e-14)
    assert_allclose(law.congruence(A).matrix, A @ matrix @ A.T, rtol=1e-14)
    assert_allclose(law.scaled(0.3).matrix, 0.3 * matrix, rtol=1e-14)
    assert_allclose(law.block([2, 0]).matrix, matrix[np.ix_([2, 0], [2, 0])], rtol=1e-14)
    turn = np.linalg.qr(RNG.standard_normal((4, 4)))[0]
    assert_allclose(Rooted.rotated(law, turn).matrix, turn.T @ matrix @ turn, rtol=1e-13, atol=1e-14)
    assert Rooted.rotated(law, turn).rank == 3


@pytest.mark.parametrize("columns", [2, 4, 11])
def test_whitened_draws_are_standard_and_the_root_gives_back_the_matrix(columns):
    law = Rooted(RNG.standard_normal((4, columns)))
    assert law.rank == min(columns, 4)
    assert_allclose(law.whiten(law.root.T), np.eye(law.rank), atol=1e-13)
    assert_allclose(law.root @ law.root.T, law.matrix, rtol=1e-12, atol=1e-13)
    assert law.log_det == (-math.inf if columns < 4 else pytest.approx(np.linalg.slogdet(law.matrix)[1], rel=1e-12))
    assert law.contains(RNG.standard_normal((3, law.rank)) @ law.root.T, np.ones((3, 4)))
    assert law.contains(np.ones((1, 4)), np.ones((1, 4))) == (columns >= 4)


def test_ranks_are_those_of_roots_whose_squares_would_look_singular():
    root = np.array([[1.0, 0.0], [1.0, 1e-9]])
    assert Rooted(root).rank == 2
    assert Dense(root @ root.T).rank == 1
    assert Rooted(np.array([[1.0, 0.0], [0.0, 0.0]])).rank == 1


def test_divergences_of_laws_given_by_roots_keep_the_digits_of_the_roots():
    left, right = np.array([[1.0, 0.0], [1.0, 1e-7]]), np.array([[1.0, 0.0], [1.0, 3e-7]])
    p, q = (lg.Gaussian(np.zeros(2), Rooted(root)) for root in (left, right))
    assert lg.kl(p, q) == pytest.approx(0.5 * (1.0 / 9.0 - 1.0 + math.log(9.0)), rel=1e-8)


@pytest.mark.parametrize("shape", [(6, 3), (3, 6), (5, 5)])
def test_singular_values_of_graded_rows_keep_their_digits(shape):
    rows = np.geomspace(1.0, 1e-12, shape[0])[:, None]
    matrix = rows * np.linalg.qr(RNG.standard_normal((6, 6)))[0][: shape[0], : shape[1]]
    left, singular, right = graded_svd(matrix)
    with mpmath.workdps(50):
        exact = mpmath.svd_r(mpmath.matrix(matrix.tolist()), compute_uv=False)
        assert max(abs(mpmath.mpf(float(a)) / b - 1) for a, b in zip(singular, exact, strict=True)) < 1e-14
    assert_allclose((left * singular) @ right.T, matrix, atol=1e-15)
    assert np.array_equal(graded_svd(0.0 * matrix)[1], np.zeros(min(shape)))
