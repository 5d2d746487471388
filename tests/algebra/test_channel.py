"""Channels form a category that acts on laws: composition, identity, and what goes in must fit."""

import copy
import dataclasses
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

import lingauss as lg
from lingauss.errors import ShapeError
from lingauss.testing import channels, gaussians

A = np.array([[1.0, 2.0, 0.0], [0.0, -1.0, 0.5]])
S = np.array([[2.0, 0.5], [0.5, 1.0]])
B = np.array([3.0, -4.0])
Z = np.array([[1.0, 0.0, 2.0], [0.5, 1.0, -1.0]])
LAW = lg.Gaussian(Z, np.diag([1.0, 2.0, 3.0]) + 0.5)


def assert_same_channel(one, other):
    scale = 1.0 + max(np.abs(part).max() for part in (other.A, other.cov, other.b))
    for ours, theirs in ((one.A, other.A), (one.cov, other.cov), (one.b, other.b)):
        assert_allclose(ours, theirs, rtol=0, atol=1e-12 * scale)


def assert_same_law(one, other):
    scale = 1.0 + max(np.abs(part).max() for part in (other.mean, other.cov))
    assert_allclose(one.mean, other.mean, rtol=0, atol=1e-12 * scale)
    assert_allclose(one.cov, other.cov, rtol=0, atol=1e-12 * scale)


@st.composite
def chains(draw, length):
    """Channels that can be applied one after the other, first to last."""
    dims = [draw(st.integers(1, 3)) for _ in range(length + 1)]
    return [draw(channels(dim_in=dims[i], dim_out=dims[i + 1])) for i in range(length)]


def test_output_at_a_point_is_the_kernel():
    out = lg.Channel(A, S, B).at(Z)
    assert_allclose(out.mean, Z @ A.T + B)
    assert_array_equal(out.cov, S)
    assert lg.Channel(A, S, B).at(Z[0]).mean.shape == (2,)


def test_pushed_law_has_the_moments_of_the_mixture():
    out = lg.Channel(A, S, B).push(LAW)
    assert_allclose(out.mean, Z @ A.T + B)
    assert_allclose(out.cov, A @ LAW.cov @ A.T + S)


@settings(max_examples=25)
@given(chains(2))
def test_composition_follows_the_formula(pair):
    first, second = pair
    both = second @ first
    expected = lg.Channel(
        second.A @ first.A, second.A @ first.cov @ second.A.T + second.cov, second.A @ first.b + second.b
    )
    assert_same_channel(both, expected)


@settings(max_examples=25)
@given(chains(3))
def test_composition_is_associative(chain):
    first, second, third = chain
    assert_same_channel((third @ second) @ first, third @ (second @ first))


@settings(max_examples=25)
@given(channels())
def test_identity_is_neutral_on_both_sides(channel):
    for same in (channel @ lg.Channel.identity(channel.dim_in), lg.Channel.identity(channel.dim_out) @ channel):
        assert_same_channel(same, channel)


@settings(max_examples=25)
@given(chains(2), st.data())
def test_pushing_through_a_composition_is_pushing_twice(pair, data):
    first, second = pair
    law = data.draw(gaussians(dim=first.dim_in))
    assert_same_law((second @ first).push(law), second.push(first.push(law)))


@settings(max_examples=25)
@given(chains(2), st.data())
def test_composition_at_a_point_is_the_second_pushed_from_the_first(pair, data):
    first, second = pair
    z = data.draw(gaussians(dim=first.dim_in)).mean
    assert_same_law((second @ first).at(z), second.push(first.at(z)))


@settings(max_examples=25)
@given(channels())
def test_pushing_a_point_mass_is_evaluating(channel):
    z = np.ones(channel.dim_in)
    assert_same_law(channel.push(lg.Gaussian(z, lg.Diagonal(np.zeros(channel.dim_in)))), channel.at(z))


def test_deterministic_channel_moves_points_to_points():
    rotate = lg.Channel([[0.0, -1.0], [1.0, 0.0]], np.zeros((2, 2)))
    assert rotate.covariance.rank == 0
    out = (rotate @ rotate).at([1.0, 2.0])
    assert_array_equal(out.mean, [-1.0, -2.0])
    assert out.covariance.rank == 0


def test_projection_of_a_regular_law_has_the_rank_of_the_projection():
    basis = np.linalg.qr(np.random.default_rng(0).normal(size=(5, 2)))[0]
    project = lg.Channel(basis @ basis.T, np.zeros((5, 5)))
    assert project.push(lg.Gaussian(np.zeros(5), np.diag([1.0, 2.0, 3.0, 4.0, 5.0]))).covariance.rank == 2


def test_offset_of_every_row_or_of_each():
    each = np.array([[1.0, 2.0], [3.0, 4.0]])
    assert_allclose(lg.Channel(A, S, each).at(Z).mean, Z @ A.T + each)
    assert_allclose(lg.Channel(A, S, each).push(LAW).mean, Z @ A.T + each)
    assert_allclose(lg.Channel(A, S, B).at(Z).mean - lg.Channel(A, S).at(Z).mean, np.tile(B, (2, 1)))
    assert_array_equal(lg.Channel(A, S).b, np.zeros(2))


def test_row_offsets_compose_with_shared_ones():
    each, shared = lg.Channel(A, S, [[1.0, 2.0], [3.0, 4.0]]), lg.Channel(np.eye(2), S, [1.0, 1.0])
    assert_allclose((shared @ each).b, [[2.0, 3.0], [4.0, 5.0]])
    back = lg.Channel(A.T, np.eye(3), [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    assert_allclose((back @ shared).b, [1.0, 1.0] @ A + back.b)


def test_row_offsets_for_another_number_of_outputs_are_refused():
    three = lg.Channel(np.eye(3), np.eye(3), np.ones((3, 3)))
    for attempt in (lambda: three.at(Z), lambda: three.push(LAW), lambda: three @ lg.Channel(np.eye(3), np.eye(3), Z)):
        with pytest.raises(ShapeError, match=r"3 outputs, one for each row of b.*got 2"):
            attempt()


@pytest.mark.parametrize(
    "attempt",
    [
        lambda c: c @ c,
        lambda c: c.push(lg.Gaussian(np.zeros(2), S)),
        lambda c: c.at(np.zeros(2)),
        lambda c: c.at(np.zeros((4, 2))),
        lambda c: c.at(0.0),
        lambda c: lg.Channel(A, np.eye(3)),
        lambda c: lg.Channel(A, S, np.zeros(3)),
        lambda c: lg.Channel(A, S, np.zeros((2, 3))),
        lambda c: lg.Channel(A, S, 0.0),
        lambda c: lg.Channel(A[0], S),
        lambda c: lg.Channel(np.zeros((0, 3)), np.zeros((0, 0))),
    ],
    ids=["@", "push", "at row", "at rows", "at number", "cov", "b", "b rows", "b number", "A 1-D", "A empty"],
)
def test_sizes_that_do_not_fit_are_refused(attempt):
    with pytest.raises(ShapeError):
        attempt(lg.Channel(A, S, B))


def test_composing_says_which_sizes_clash():
    with pytest.raises(ShapeError, match=r"earlier channel's output of dimension 3; got dimension 2"):
        lg.Channel(A, S) @ lg.Channel(A, S)


def test_channels_are_immutable_and_own_their_arrays():
    parts = [A.copy(), S.copy(), B.copy()]
    channel = lg.Channel(*parts)
    for part in parts:
        part[...] = 99.0
    assert_array_equal(channel.A, A)
    assert_array_equal(channel.cov, S)
    assert_array_equal(channel.b, B)
    with pytest.raises(dataclasses.FrozenInstanceError):
        channel.A = A
    composed = channel @ lg.Channel.identity(3)
    for array in (composed.A, composed.cov, composed.b, channel.push(LAW).cov, channel.at(Z).mean):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0.0


@pytest.mark.parametrize("clone", [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])  # noqa: S301
def test_copies_are_the_same_channel(clone):
    channel = lg.Channel(A, S, B)
    assert_same_channel(clone(channel), channel)


def test_repr_names_sizes_and_rank():
    assert repr(lg.Channel(A, S)) == "Channel(3 → 2, cov rank 2)"
