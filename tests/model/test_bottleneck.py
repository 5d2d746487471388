"""Bottlenecks: only the span of a subspace matters, every rank from 0 to d is legal, and errors say what is wrong."""

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

import lingauss as lg
from lingauss.errors import (
    DomainError,
    LingaussError,
    NotFiniteError,
    NotNumericError,
    ShapeError,
    SubspaceError,
    TiedSpectrumWarning,
)
from lingauss.model.bottleneck import complement
from lingauss.testing import rotations

GRAM = np.diag([4.0, 2.0, 1.0, 0.5]) + 0.3
PROBLEM = lg.Problem.from_gram(GRAM, n_samples=10, truth=[[1.0, -1.0, 0.5, 2.0]], label_noise=0.5)
OBLIQUE = np.array([[1.0, 1.0], [0.0, 1.0], [2.0, 0.0], [0.0, 3.0]])


def projector(basis):
    return basis @ basis.T


def test_columns_are_made_orthonormal_and_their_span_is_kept():
    basis = lg.Subspace(OBLIQUE).basis
    assert_allclose(basis.T @ basis, np.eye(2), atol=1e-14)
    assert_allclose(projector(basis) @ OBLIQUE, OBLIQUE, atol=1e-14)


def test_orthonormal_columns_are_kept_as_they_are():
    frame = np.linalg.qr(OBLIQUE)[0]
    assert_array_equal(lg.Subspace(frame).basis, frame)
    assert_array_equal(lg.Subspace(-frame).basis, -frame)


def test_each_leading_span_is_that_of_the_leading_columns():
    basis = lg.Subspace(OBLIQUE).basis
    assert_allclose(basis[:, 0], OBLIQUE[:, 0] / np.sqrt(5.0), atol=1e-15)  # orientation too
    assert_allclose(lg.Subspace(OBLIQUE).leading(1).basis, lg.Subspace(OBLIQUE[:, :1]).basis, atol=1e-15)
    assert lg.Subspace(OBLIQUE).leading(0).rank == 0
    with pytest.raises(DomainError, match="rank, a whole number from 0 to 2; got 3"):
        lg.Subspace(OBLIQUE).leading(3)


@pytest.mark.parametrize("scale", [1e-8, 1.0, 1e8])
@pytest.mark.parametrize("mix", [[[1.0, 0.0], [5.0, 1.0]], [[0.0, 2.0], [-1.0, 3.0]]])
def test_only_the_span_matters(scale, mix):
    one, other = (lg.Distillation(PROBLEM, bottleneck=lg.Subspace(U)) for U in (OBLIQUE, scale * OBLIQUE @ mix))
    assert_allclose(projector(other.basis), projector(one.basis), atol=1e-13)
    assert_allclose(other.divergence().cells, one.divergence().cells, rtol=1e-11)
    assert other.excess_risk().student == pytest.approx(one.excess_risk().student, rel=1e-11)


def test_columns_of_very_different_length_are_independent():
    assert lg.Subspace(OBLIQUE * [1e-12, 1e12]).rank == 2


def test_one_axis_is_one_direction():
    assert_allclose(lg.Subspace([3.0, 0.0, 4.0, 0.0]).basis, [[0.6], [0.0], [0.8], [0.0]], rtol=1e-15)


@settings(max_examples=25)
@given(st.integers(1, 5).flatmap(lambda d: rotations(dim=d)), st.data())
def test_complement_completes_an_orthonormal_basis(rotation, data):
    d = len(rotation)
    kept = rotation[:, : data.draw(st.integers(0, d))]
    rest = complement(kept)
    assert rest.shape == (d, d - kept.shape[1])
    whole = np.column_stack([kept, rest])
    assert_allclose(whole.T @ whole, np.eye(d), atol=1e-12)


@pytest.mark.parametrize(
    "columns",
    [
        [[1.0, 2.0], [2.0, 4.0], [0.0, 0.0]],
        [[1.0, 0.0], [2.0, 0.0], [0.0, 0.0]],
        [[1.0, 0.0, 1.0], [0.0, 1.0, 1.0], [0.0, 0.0, 0.0]],
        [[1.0, 1.0], [1.0, 1.0 + 1e-15], [0.0, 0.0]],
        [[1e-9, 1e9], [2e-9, 2e9], [0.0, 0.0]],
        np.zeros((3, 1)),
    ],
    ids=["parallel", "zero column", "sum of two", "parallel up to rounding", "parallel, other lengths", "zero"],
)
def test_dependent_columns_are_refused(columns):
    with pytest.raises(SubspaceError, match=r"linearly independent columns in subspace.*Drop dependent columns"):
        lg.Subspace(columns)
    with pytest.raises(SubspaceError):
        lg.ledger(*[lg.Gaussian(np.zeros(3), np.eye(3))] * 2, subspace=columns)


@pytest.mark.parametrize(
    ("basis", "error", "message"),
    [
        (np.ones((2, 3)), ShapeError, "at most 2 directions in subspace; got 3"),
        (np.ones((2, 2, 2)), ShapeError, r"subspace with shape \(features, directions\)"),
        (1.0, ShapeError, "subspace"),
        (np.zeros((0, 0)), ShapeError, "subspace"),
        ([[1.0], [np.nan]], NotFiniteError, r"nan at index \(1, 0\)"),
        ([["a"], ["b"]], NotNumericError, "subspace"),
        ([[1j], [0.0]], NotNumericError, "complex"),
        (None, LingaussError, "subspace"),
    ],
)
def test_basis_that_is_none_is_refused(basis, error, message):
    with pytest.raises(error, match=message):
        lg.Subspace(basis)


def test_ragged_basis_is_a_typed_error():
    with pytest.raises(NotNumericError, match="subspace"):
        lg.Subspace([[1.0, 2.0], [3.0]])


@pytest.mark.parametrize(
    "empty", [lg.Principal(0), lg.Best(0), lg.Subspace(np.zeros((4, 0))), lg.Subspace([[], [], [], []])], ids=repr
)
def test_student_of_rank_zero_learns_nothing(empty):
    case = lg.Distillation(PROBLEM, bottleneck=empty)
    ledger = case.divergence()
    assert case.rank == 0
    assert case.basis.shape == (4, 0)
    assert_array_equal(ledger.cells[0], np.zeros(3))
    assert ledger.rank_bottleneck == ledger.total > 0
    assert_array_equal(case.student_predictor.A, np.zeros((4, 4)))
    truth = PROBLEM.truth.mean
    assert case.excess_risk().student == pytest.approx(np.trace(truth @ GRAM @ truth.T) / 10, rel=1e-13)
    assert case.gaps().student == 0.0


@pytest.mark.parametrize("full", [lg.Principal(4), lg.Best(4), lg.Subspace(np.eye(4)), lg.Subspace(GRAM)], ids=repr)
def test_student_of_full_rank_has_no_bottleneck(full):
    case, free = lg.Distillation(PROBLEM, bottleneck=full), lg.Distillation(PROBLEM)
    assert_allclose(case.divergence().cells, free.divergence().cells, rtol=1e-10, atol=1e-14)
    assert case.divergence().rank_bottleneck == 0.0
    assert case.divergence().rank_irreducible == 0.0


@pytest.mark.parametrize("kind", [lg.Principal, lg.Best])
def test_rank_is_a_whole_number_from_zero_to_the_number_of_features(kind):
    for rank in (-1, 2.5):
        with pytest.raises(DomainError, match=f"rank, a whole number of at least 0; got {rank}"):
            kind(rank)
    with pytest.raises(DomainError, match=r"rank from 0 to 4; got 5.*at most as many directions as features"):
        lg.Distillation(PROBLEM, bottleneck=kind(5))
    with pytest.raises(NotNumericError):
        kind("2")
    assert kind(np.int64(2)) == kind(2.0) == kind(2)


def test_subspace_must_lie_in_the_space_of_the_features():
    with pytest.raises(ShapeError, match=r"a subspace of R\^4; got one of R\^3.*one row per feature"):
        lg.Distillation(PROBLEM, bottleneck=lg.Subspace(np.eye(3)))
    law = lg.Gaussian(np.zeros(4), np.eye(4))
    with pytest.raises(ShapeError, match=r"subspace with shape \(features=4, directions\)"):
        lg.ledger(law, law, subspace=np.eye(3))


@pytest.mark.parametrize("bottleneck", ["principal", 2, np.eye(4)], ids=["text", "number", "array"])
def test_bottleneck_is_one_of_three_kinds(bottleneck):
    with pytest.raises(DomainError, match=r"Principal, Best, .*, Subspace or None.*Principal\(rank=8\)"):
        lg.Distillation(PROBLEM, bottleneck=bottleneck)


def test_principal_keeps_the_largest_eigenvalues():
    for rank in range(5):
        case = lg.Distillation(PROBLEM, bottleneck=lg.Principal(rank))
        assert_array_equal(case.retained_directions, np.arange(rank))
        values = np.linalg.eigvalsh(GRAM)[::-1]
        assert_allclose(case.basis.T @ GRAM @ case.basis, np.diag(values[:rank]), atol=1e-13)


def test_best_is_no_worse_than_any_other_set_of_eigenvectors():
    case = lg.Distillation(PROBLEM, student=lg.Ridge(3.0), mixing=0.5, bottleneck=lg.Best(2))
    vectors = PROBLEM.eigenbasis.vectors
    costs = {
        (i, j): case.replace(bottleneck=lg.Subspace(vectors[:, [i, j]])).divergence().total
        for i in range(4)
        for j in range(i + 1, 4)
    }
    assert tuple(case.retained_directions) == min(costs, key=costs.get)
    assert case.divergence().total == pytest.approx(min(costs.values()), rel=1e-11)


def test_general_subspace_keeps_no_eigen_directions():
    with pytest.raises(DomainError, match=r"general subspace.*bottleneck\.basis"):
        _ = lg.Distillation(PROBLEM, bottleneck=lg.Subspace(OBLIQUE)).retained_directions


def test_rank_that_cuts_equal_eigenvalues_warns_and_keeps_the_strongest_signal():
    tied = lg.Problem.from_gram(2.0 * np.eye(3), n_samples=5, truth=[[3.0, 0.0, 4.0]], label_noise=1.0)
    case = lg.Distillation(tied, bottleneck=lg.Principal(1))
    with pytest.warns(TiedSpectrumWarning, match="rank 1 cuts through equal eigenvalues") as caught:
        case.divergence()
    assert caught[0].filename == __file__
    assert_allclose(projector(case.basis), projector(np.array([[0.6], [0.0], [0.8]])), atol=1e-14)
    case.replace(rank=3).divergence()  # cuts nothing: no warning
    case.replace(rank=0).divergence()


def test_bases_are_read_only_own_their_array_and_survive_a_pickle():
    frame = np.eye(4)[:, :2].copy()
    subspace = lg.Subspace(frame)
    frame[0, 0] = 9.0
    assert_array_equal(subspace.basis, np.eye(4)[:, :2])
    with pytest.raises(ValueError, match="read-only"):
        subspace.basis[0, 0] = 9.0
    assert_array_equal(pickle.loads(pickle.dumps(subspace)).basis, subspace.basis)  # noqa: S301 (our own bytes)
    assert repr(subspace) == "Subspace(4 features, rank 2)"
