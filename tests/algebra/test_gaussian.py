"""Gaussian laws: marginals, conditionals and samples against the textbook; immutable, copyable."""

import copy
import dataclasses
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

import lingauss as lg
from lingauss.errors import DomainError, EmptyDataError, LingaussError, ShapeError
from lingauss.testing import gaussians

MEAN = np.array([[1.0, -2.0, 0.5], [0.0, 3.0, 1.0]])
COV = np.array([[2.0, 0.5, -0.3], [0.5, 1.0, 0.2], [-0.3, 0.2, 1.5]])
RANK_ONE = np.outer([1.0, 2.0, -1.0], [1.0, 2.0, -1.0])


def assert_same_law(a, b, tolerance=1e-12):
    assert a.mean.shape == b.mean.shape
    assert_allclose(a.mean, b.mean, rtol=0, atol=tolerance * (1 + np.abs(b.mean).max()))
    assert_allclose(a.cov, b.cov, rtol=0, atol=tolerance * (1 + np.abs(b.cov).max()))


def test_shapes_say_how_many_rows_and_coordinates():
    law = lg.Gaussian(MEAN, COV)
    assert (law.dim, law.outputs, law.rows.shape) == (3, 2, (2, 3))
    single = lg.Gaussian(MEAN[0], COV)
    assert (single.dim, single.outputs, single.mean.shape, single.rows.shape) == (3, 1, (3,), (1, 3))


def test_repr_names_shape_and_rank():
    assert repr(lg.Gaussian(MEAN, RANK_ONE)) == "Gaussian(mean (2, 3), cov rank 1 of 3)"


def test_marginal_takes_blocks_in_the_order_asked():
    marginal = lg.Gaussian(MEAN, COV).marginal([2, 0])
    assert_array_equal(marginal.mean, MEAN[:, [2, 0]])
    assert_array_equal(marginal.cov, COV[np.ix_([2, 0], [2, 0])])
    assert_array_equal(lg.Gaussian(MEAN[0], COV).marginal([1]).mean, MEAN[0, [1]])


@settings(max_examples=25)
@given(gaussians(max_dim=4), st.data())
def test_conditional_is_the_regression_of_the_textbook(law, data):
    if law.dim == 1:
        return
    known = data.draw(st.permutations(range(law.dim)))[: data.draw(st.integers(1, law.dim - 1))]
    rest = [i for i in range(law.dim) if i not in known]
    value = np.arange(law.outputs * len(known), dtype=float).reshape(law.outputs, len(known))
    inner, cross = law.cov[np.ix_(known, known)], law.cov[np.ix_(rest, known)]
    slope = np.linalg.solve(inner, cross.T).T
    expected = lg.Gaussian(law.rows[:, rest] + (value - law.rows[:, known]) @ slope.T, np.eye(len(rest)))
    ours = law.condition(known, value)
    tolerance = 1e-10 * (1 + np.abs(expected.mean).max() + np.abs(law.cov).max())  # condition 1e4
    assert_allclose(ours.mean, expected.mean, rtol=0, atol=tolerance)
    assert_allclose(ours.cov, law.cov[np.ix_(rest, rest)] - slope @ cross.T, rtol=0, atol=tolerance)


def test_one_value_row_serves_all_outputs():
    law = lg.Gaussian(MEAN, COV)
    assert_same_law(law.condition([1], [0.5]), law.condition([1], [[0.5], [0.5]]))


def test_conditioning_in_two_steps_is_conditioning_at_once():
    law = lg.Gaussian(MEAN[0], COV)
    assert_same_law(law.condition([0], [0.3]).condition([1], [0.7]), law.condition([0, 2], [0.3, 0.7]))


def test_conditioning_on_nothing_changes_nothing():
    law = lg.Gaussian(MEAN[0], COV)
    assert_same_law(law.condition([], []), law)


def test_conditioning_on_an_independent_coordinate_is_marginalising():
    law = lg.Gaussian(MEAN, lg.Diagonal([1.0, 2.0, 0.0]))
    assert_same_law(law.condition([0], [9.0]), law.marginal([1, 2]))


def test_conditioning_on_a_deterministic_coordinate_needs_its_value():
    law = lg.Gaussian([1.0, 2.0], lg.Diagonal([0.0, 3.0]))
    assert_same_law(law.condition([0], [1.0]), law.marginal([1]))
    with pytest.raises(DomainError, match="support of its singular covariance"):
        law.condition([0], [1.5])


def test_conditioning_a_singular_law_uses_the_pseudo_inverse():
    root = np.array([[1.0, 0.0], [1.0, 1.0], [2.0, 1.0], [0.5, -1.0]])  # third coordinate = first + second
    law = lg.Gaussian([0.0, 0.0, 0.0, 1.0], root @ root.T)
    conditional = law.condition([0, 1, 2], [0.3, 0.4, 0.7])
    known = law.cov[:3, :3]
    slope = law.cov[3:, :3] @ np.linalg.pinv(known, rcond=1e-12)
    assert_allclose(conditional.mean, [1.0 + (slope @ [0.3, 0.4, 0.7])[0]], atol=1e-12)
    assert conditional.covariance.rank == 0  # two factors are known, so everything is
    with pytest.raises(DomainError, match="Check the value"):
        law.condition([0, 1, 2], [0.3, 0.4, 0.8])


def test_rounding_of_a_possible_value_is_forgiven():
    direction = np.array([0.1, 0.3, -0.7])
    law = lg.Gaussian([1e3, 1e3, 1e3], np.outer(direction, direction))
    value = 1e3 + 0.123456789 * direction
    assert_allclose(law.condition([0, 1], value[:2]).mean, value[2:], rtol=1e-12)


@settings(max_examples=25)
@given(gaussians(max_dim=3))
def test_all_but_one_known_leaves_the_inverse_of_a_precision(law):
    if law.dim > 1:
        conditional = law.condition(range(1, law.dim), np.zeros(law.dim - 1))
        assert_allclose(conditional.cov[0, 0], 1 / np.linalg.inv(law.cov)[0, 0], rtol=1e-9)


@pytest.mark.parametrize("index", [[0, 0], [3], [-1]])
def test_index_must_name_distinct_coordinates(index):
    law = lg.Gaussian(MEAN, COV)
    with pytest.raises(DomainError, match="distinct coordinates from 0 to 2"):
        law.marginal(index)
    with pytest.raises(DomainError, match="distinct coordinates from 0 to 2"):
        law.condition(index, np.zeros(len(index)))


@pytest.mark.parametrize("index", [[0.5], [True, False, True], [[0, 1]]])
def test_index_must_be_a_list_of_whole_numbers(index):
    with pytest.raises(ShapeError, match="coordinates as whole numbers"):
        lg.Gaussian(MEAN, COV).marginal(index)


def test_something_must_remain():
    with pytest.raises(DomainError, match="at least one coordinate left"):
        lg.Gaussian(MEAN, COV).condition([0, 1, 2], np.zeros(3))
    with pytest.raises(EmptyDataError):
        lg.Gaussian(MEAN, COV).marginal([])


@pytest.mark.parametrize("value", [[1.0, 2.0], [[1.0]], [[1.0], [2.0], [3.0]]])
def test_value_must_have_one_number_per_known_coordinate_and_output(value):
    with pytest.raises(ShapeError, match="value"):
        lg.Gaussian(MEAN, COV).condition([0], value)


def test_samples_have_the_moments_of_the_law():
    size = 200_000
    draws = lg.Gaussian(MEAN, COV).sample(size, seed=0)
    assert draws.shape == (size, 2, 3)
    errors = (draws.mean(axis=0) - MEAN) / np.sqrt(COV.diagonal() / size)
    assert np.abs(errors).max() < 4.5  # standard errors
    joint = np.cov(draws.reshape(size, 6).T)
    assert_allclose(joint, np.kron(np.eye(2), COV), rtol=0, atol=4.5 * 2.0 * np.sqrt(2 / size))  # rows independent


def test_samples_of_a_singular_law_stay_on_its_support():
    draws = lg.Gaussian([1.0, 1.0, 1.0], RANK_ONE).sample(50, seed=1) - 1.0
    assert draws.shape == (50, 3)
    assert_allclose(draws, draws[:, :1] * [1.0, 2.0, -1.0], atol=1e-12)


def test_samples_are_reproducible_and_accept_a_generator():
    law = lg.Gaussian(MEAN, COV)
    assert_array_equal(law.sample(3, seed=7), law.sample(3, seed=np.random.default_rng(7)))
    assert law.sample(0, seed=0).shape == (0, 2, 3)
    with pytest.raises(DomainError, match=r"size.*at least 0"):
        law.sample(-1, seed=0)


def test_laws_are_immutable_and_own_their_arrays():
    mean, cov = MEAN.copy(), COV.copy()
    law = lg.Gaussian(mean, cov)
    mean[0, 0], cov[0, 0] = 99.0, 99.0
    assert_array_equal(law.mean, MEAN)
    assert_array_equal(law.cov, COV)
    with pytest.raises(dataclasses.FrozenInstanceError):
        law.mean = mean
    for derived in (
        law,
        law.marginal([0, 1]),
        law.condition([0], [0.0]),
        lg.Gaussian(mean[0], lg.Diagonal(np.ones(3))),
    ):
        for array in (derived.mean, derived.cov):
            with pytest.raises(ValueError, match="read-only"):
                array[...] = 0.0


@pytest.mark.parametrize("clone", [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])  # noqa: S301
@pytest.mark.parametrize("cov", [COV, RANK_ONE, lg.Diagonal([1.0, 0.0, 2.0])], ids=["dense", "singular", "diagonal"])
def test_copies_are_the_same_law(clone, cov):
    law = lg.Gaussian(MEAN, cov)
    twin = clone(law)
    assert_array_equal(twin.mean, law.mean)
    assert_array_equal(twin.cov, law.cov)
    assert lg.kl(twin, law) == 0.0


@pytest.mark.parametrize(
    ("mean", "cov"),
    [(0.0, [[1.0]]), ([[[0.0]]], [[1.0]]), ([0.0, 0.0], [[1.0]]), ([0.0], [1.0]), ([], np.zeros((0, 0)))],
)
def test_shapes_that_do_not_fit_are_refused(mean, cov):
    with pytest.raises(LingaussError) as caught:
        lg.Gaussian(mean, cov)
    assert isinstance(caught.value, ShapeError)
