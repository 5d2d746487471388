"""Both forms of a positive-semidefinite matrix: one set of laws, whatever the rank, the units or the condition."""

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import ortho_group

from lingauss.algebra.given import as_psd
from lingauss.algebra.psd import Dense, Diagonal
from lingauss.errors import CovarianceError, ShapeError
from lingauss.testing import psd_matrices


def rotated(eigenvalues, seed=0):
    """A dense matrix with the given eigenvalues, and its eigenvectors."""
    dim = len(eigenvalues)
    vectors = ortho_group.rvs(dim, random_state=seed) if dim > 1 else np.eye(1)
    matrix = (vectors * eigenvalues) @ vectors.T
    return 0.5 * (matrix + matrix.T), vectors


@st.composite
def covariances(draw):
    """A Dense or Diagonal covariance of any rank in up to four coordinates."""
    dim = draw(st.integers(1, 4))
    if draw(st.booleans()):
        return Diagonal(draw(st.lists(st.sampled_from([0.0, 0.5, 1.0, 1e4]), min_size=dim, max_size=dim)))
    return as_psd(draw(psd_matrices(dim=dim, rank=draw(st.integers(0, dim)))), "C")


@settings(max_examples=40)
@given(covariances())
def test_root_times_its_transpose_is_the_matrix(cov):
    assert cov.root.shape == (cov.dim, cov.rank)
    assert_allclose(cov.root @ cov.root.T, cov.matrix, rtol=0, atol=1e-13 * np.abs(cov.matrix).max(initial=1.0))


@settings(max_examples=40)
@given(covariances())
def test_whitening_is_a_left_inverse_of_the_root(cov):
    assert_allclose(cov.whiten(cov.root.T), np.eye(cov.rank), rtol=0, atol=1e-11)


@settings(max_examples=40)
@given(covariances())
def test_rank_log_determinant_and_singularity_tell_the_same_story(cov):
    assert cov.rank == np.linalg.matrix_rank(cov.matrix, hermitian=True)
    assert cov.is_singular == (cov.rank < cov.dim) == (cov.log_det == -np.inf)
    if not cov.is_singular:
        assert_allclose(cov.log_det, np.linalg.slogdet(cov.matrix)[1], rtol=0, atol=1e-10)


@settings(max_examples=40)
@given(covariances(), st.data())
def test_mahalanobis_is_the_squared_norm_in_the_pseudo_inverse(cov, data):
    weights = np.array(data.draw(st.lists(st.integers(-3, 3), min_size=cov.dim, max_size=cov.dim)), dtype=float)
    row = weights[None] @ cov.matrix  # in the range
    assert_allclose(cov.mahalanobis(row), weights @ cov.matrix @ weights, rtol=1e-9, atol=1e-9)


@settings(max_examples=40)
@given(covariances(), covariances())
def test_sums_add_the_matrices(a, b):
    if a.dim == b.dim:
        assert_array_equal((a + b).matrix, a.matrix + b.matrix)


def test_diagonal_and_full_matrices_add_up_in_either_order():
    diagonal, full = Diagonal(np.array([1.0, 2.0])), Dense(np.array([[3.0, 1.0], [1.0, 4.0]]))
    for total in (diagonal + full, full + diagonal):
        assert total.matrix.tolist() == [[4.0, 1.0], [1.0, 6.0]]


@settings(max_examples=40)
@given(covariances(), st.sampled_from([0.0, 0.25, 3.0]))
def test_scaling_multiplies_the_matrix(cov, factor):
    assert_array_equal(cov.scaled(factor).matrix, factor * cov.matrix)
    assert cov.scaled(factor).rank == (cov.rank if factor else 0)


@settings(max_examples=40)
@given(covariances(), st.data())
def test_block_is_the_principal_submatrix(cov, data):
    index = np.array(data.draw(st.permutations(range(cov.dim)))[: data.draw(st.integers(1, cov.dim))])
    assert_array_equal(cov.block(index).matrix, cov.matrix[np.ix_(index, index)])


@settings(max_examples=40)
@given(covariances())
def test_congruence_is_the_triple_product_and_symmetric(cov):
    A = np.arange(2.0 * cov.dim).reshape(2, cov.dim) - 1.5
    result = cov.congruence(A).matrix
    assert_allclose(result, A @ cov.matrix @ A.T, rtol=1e-12, atol=1e-12)
    assert_array_equal(result, result.T)


@pytest.mark.parametrize("variances", [[1.0, 4.0], [2.0, 0.0, 3.0], [0.0, 0.0], [1e-300, 1.0, 1e300]])
def test_diagonal_and_dense_forms_agree(variances):
    thin, full = Diagonal(variances), Dense(np.diag(np.array(variances)))
    rows = np.ones((2, 1)) * np.sqrt(variances)
    assert thin.rank == full.rank
    assert_allclose(thin.log_det, full.log_det, rtol=1e-14)
    assert_allclose(thin.mahalanobis(rows), full.mahalanobis(rows), rtol=1e-13)
    assert thin.mahalanobis(rows + 1.0) == pytest.approx(full.mahalanobis(rows + 1.0), rel=1e-13)


@pytest.mark.parametrize("units", [1e-150, 1e-9, 1e9, 1e150])
def test_rank_does_not_depend_on_the_units_of_a_coordinate(units):
    regular, _ = rotated([1.0, 0.1, 0.01])
    singular, _ = rotated([1.0, 0.1, 0.0])
    scale = np.array([1.0, units, 1.0])
    for matrix, rank in ((regular, 3), (singular, 2)):
        assert Dense(matrix * scale * scale[:, None]).rank == rank


@pytest.mark.parametrize("dim", [2, 5, 20, 60])
@pytest.mark.parametrize("rank", [1, 2])
def test_rank_of_an_outer_product_is_found(dim, rank):
    for seed in range(20):
        columns = np.random.default_rng(seed).normal(size=(dim, rank)) + 3.0
        assert Dense(columns @ columns.T).rank == rank


@pytest.mark.parametrize("smallest", [1.0, 1e-2, 1e-4, 1e-6, 1e-8, 1e-10])
def test_range_is_recognised_however_small_its_smallest_eigenvalue(smallest):
    # Null directions are known to rounding / smallest only; a row along the smallest eigenvector must still count.
    for seed in range(20):
        matrix, vectors = rotated([1.0, 0.5, smallest, 0.0], seed)
        inside = vectors[:, :3].T
        assert Dense(matrix).contains(inside, np.abs(inside))


@pytest.mark.parametrize("leak", [1e-9, 1e-4, 1.0])
def test_row_that_leaves_the_range_is_recognised(leak):
    for seed in range(20):
        matrix, vectors = rotated([1.0, 0.5, 0.1, 0.0], seed)
        row = (vectors[:, 0] + leak * vectors[:, 3])[None]
        assert not Dense(matrix).contains(row, np.abs(row))
        assert Dense(matrix).mahalanobis(row) == np.inf


def test_only_an_exact_zero_lies_in_the_range_of_a_deterministic_coordinate():
    cov = Diagonal([1.0, 0.0])
    assert cov.mahalanobis(np.array([[2.0, 0.0]])) == 4.0
    assert cov.mahalanobis(np.array([[2.0, 1e-300]])) == np.inf


def test_zero_matrix_has_rank_zero_and_contains_zero_alone():
    for cov in (Diagonal(np.zeros(2)), as_psd(np.zeros((2, 2)), "C")):
        assert cov.rank == 0
        assert cov.mahalanobis(np.zeros((3, 2))) == 0.0
        assert cov.mahalanobis(np.array([[0.0, 1.0]])) == np.inf


def test_dimension_zero_is_legal():
    for cov in (Diagonal(np.zeros(0)), Dense(np.zeros((0, 0)))):
        assert (cov.dim, cov.rank, cov.log_det, cov.mahalanobis(np.zeros((2, 0)))) == (0, 0, 0.0, 0.0)


def test_rounding_asymmetry_is_symmetrised_and_real_asymmetry_refused():
    slight = np.array([[1.0, 0.5 + 1e-10], [0.5, 1.0]])
    matrix = as_psd(slight, "C").matrix
    assert_array_equal(matrix, matrix.T)
    with pytest.raises(CovarianceError, match=r"symmetric C.*differ from their transpose by 0\.1.*C \+ C\.T"):
        as_psd(slight + np.array([[0.0, 0.1], [0.0, 0.0]]), "C")


@pytest.mark.parametrize(
    ("matrix", "complaint"),
    [
        ([[1.0, 2.0], [2.0, 1.0]], "eigenvalue -1"),
        ([[-1.0, 0.0], [0.0, 1.0]], "variance of -1"),
        ([[0.0, 1.0], [1.0, 1.0]], "variance 0 and a covariance other than 0"),
        ([[1.0, 1.001e-8], [1.001e-8, 1e-16]], "eigenvalue -0.001"),
    ],
    ids=["indefinite", "negative variance", "covariance without variance", "indefinite in small units"],
)
def test_matrix_that_is_no_covariance_is_refused(matrix, complaint):
    with pytest.raises(CovarianceError, match=f"positive semidefinite C.*{complaint}"):
        as_psd(matrix, "C")


def test_negative_variances_are_refused():
    with pytest.raises(CovarianceError, match=r"non-negative variances.*-2"):
        Diagonal([1.0, -2.0])


@pytest.mark.parametrize("shape", [(2,), (2, 3), (2, 2, 2)])
def test_covariance_of_another_shape_is_refused(shape):
    with pytest.raises(ShapeError, match="C"):
        as_psd(np.ones(shape), "C")


def test_finished_psd_passes_through_but_must_fit():
    cov = Diagonal([1.0, 2.0])
    assert as_psd(cov, "C", 2) is cov
    with pytest.raises(ShapeError, match=r"C of dimension 3.*dimension 2"):
        as_psd(cov, "C", 3)


@pytest.mark.parametrize(
    "make", [lambda x: as_psd(x, "C"), lambda x: Diagonal(x.diagonal())], ids=["dense", "diagonal"]
)
def test_arrays_are_read_only_and_not_those_of_the_caller(make):
    source = np.array([[2.0, 0.0], [0.0, 3.0]])
    cov = make(source)
    source[0, 0] = -1.0
    assert source.flags.writeable
    for kept in (cov, cov.scaled(2.0), cov + cov, cov.congruence(np.eye(2)), cov.block(np.array([0, 1]))):
        assert kept.matrix[0, 0] > 0
        assert not kept.matrix.flags.writeable
        assert not kept.root.flags.writeable


def test_pickle_preserves_matrix_and_rank_decision():
    cov = Dense(np.diag([1.0, 1e-20]), np.ones(2))
    again = pickle.loads(pickle.dumps(cov))  # noqa: S301 (our own bytes)
    assert_array_equal(again.matrix, cov.matrix)
    assert again.rank == cov.rank == 1
