"""Digits: every divergence against its definition in 80 digits on the same float64 numbers."""

import math
from fractions import Fraction

import high_precision as exact
import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.stats import ortho_group

import lingauss as lg

NEARBY = [1e-2, 1e-6, 1e-10]
CONDITIONS = [1e2, 1e6, 1e10]
FROM_SPECTRA = 1e-14


def allowed(condition):
    """Relative error granted to dense input: rounding of its entries alone moves the result by condition · eps."""
    return 1e-13 * condition / 100


def rotated(eigenvalues, seed):
    vectors = ortho_group.rvs(len(eigenvalues), random_state=seed)
    matrix = (vectors * eigenvalues) @ vectors.T
    return 0.5 * (matrix + matrix.T)


def worst(ledger, cells):
    errors = [exact.relative_error(ledger.cells[i, j], cells[i][j]) for i in range(2) for j in range(3)]
    return max(*errors, exact.relative_error(ledger.total, sum(map(sum, cells))))


@pytest.mark.parametrize("condition", CONDITIONS)
@pytest.mark.parametrize("size", NEARBY)
def test_every_cell_of_nearly_equal_laws_keeps_its_digits_in_any_subspace(size, condition):
    rng = np.random.default_rng(0)
    teacher = rotated(np.geomspace(1.0, 1.0 / condition, 4), 0)
    root, bump, basis = np.linalg.cholesky(teacher), rng.normal(size=(4, 4)), rng.normal(size=(4, 2))
    step = size * root @ rng.normal(size=4)
    for student in ((1 + size) * teacher, teacher + 0.1 * size * root @ (bump + bump.T) @ root.T):
        student = 0.5 * (student + student.T)
        ours = lg.ledger(lg.Gaussian(step, student), lg.Gaussian(np.zeros(4), teacher), subspace=basis)
        assert worst(ours, exact.ledger(step, student, np.zeros(4), teacher, basis)) < allowed(condition)


@pytest.mark.parametrize("condition", [1.0, *CONDITIONS])
def test_every_cell_of_unlike_laws_keeps_its_digits_in_any_subspace(condition):
    rng = np.random.default_rng(1)
    student, teacher = (rotated(np.geomspace(3.0, 1.0 / condition, 4), seed) for seed in (1, 2))
    step, basis = rng.normal(size=(2, 4)), rng.normal(size=(4, 3))
    ours = lg.ledger(lg.Gaussian(step, student), lg.Gaussian(0 * step, teacher), subspace=basis)
    assert worst(ours, exact.ledger(step, student, 0 * step, teacher, basis)) < allowed(max(condition, 100))


@pytest.mark.parametrize("rank", [0, 2, 4])
@pytest.mark.parametrize("condition", CONDITIONS)
@pytest.mark.parametrize("size", NEARBY)
def test_dense_students_that_are_nearly_the_teacher_keep_their_digits(size, condition, rank):
    rng = np.random.default_rng(2)
    gram, truth = rotated(np.geomspace(10.0, 10.0 / condition, 4), 3), rng.normal(size=(2, 4))
    basis = np.linalg.qr(rng.normal(size=(4, 4)))[0][:, :rank]
    penalty = 10.0 / condition
    teacher, student = lg.Ridge(penalty), lg.Ridge(penalty * (1 + size), 1 + size)
    problem = lg.Problem.from_gram(gram, n_samples=10, truth=truth, label_noise=0.5)
    for mixing in (0.0, size):
        case = lg.Distillation(problem, teacher, student, bottleneck=lg.Subspace(basis), mixing=mixing)
        cells = exact.distillation(
            gram,
            truth,
            label_noise=0.5,
            averaged=True,
            outputs=2,
            basis=basis,
            teacher=teacher,
            student=student,
            mixing=mixing,
        )
        assert worst(case.divergence(), cells) < allowed(condition)


@pytest.mark.parametrize("averaged", [True, False])
@pytest.mark.parametrize("condition", [1e2, 1e6, 1e10])
def test_dense_distillation_keeps_its_digits_at_tiny_penalties(condition, averaged):
    rng = np.random.default_rng(4)
    gram, rows = rotated(np.geomspace(10.0, 10.0 / condition, 4), 5), rng.normal(size=(2, 4))
    basis = np.linalg.qr(rng.normal(size=(4, 2)))[0]
    if not averaged:
        rows = rows @ gram
    settings = {"floor": 0.3, "temperature": 2.0, "mixing": 0.7, "draws": 3}
    teacher, student = lg.Ridge(1e-9, 1.5), lg.Ridge(3e-9, 0.5, noise=0.7)
    problem = lg.Problem.from_gram(gram, n_samples=10, truth=rows, label_noise=0.5)
    if not averaged:
        problem = problem.with_statistic(rows)
    ours = lg.Distillation(problem, teacher, student, bottleneck=lg.Subspace(basis), **settings).divergence()
    cells = exact.distillation(
        gram,
        rows,
        label_noise=0.5,
        averaged=averaged,
        outputs=2,
        basis=basis,
        teacher=teacher,
        student=student,
        **settings,
    )
    assert worst(ours, cells) < allowed(condition)


@pytest.mark.parametrize("size", [1e-1, *NEARBY])
def test_spectra_keep_14_digits_however_ill_conditioned(size):
    spectrum, signal = np.geomspace(1e6, 1e-6, 5), np.array([1.0, 0.5, 2.0, 0.25, 1.0])
    problem = lg.Problem.from_spectrum(spectrum, signal, n_samples=9, label_noise=0.5, outputs=2)
    teacher, student = lg.Ridge(0.5, 1.5), lg.Ridge(0.5 * (1 + size), 1.5 * (1 + size))
    case = lg.Distillation(problem, teacher, student, bottleneck=lg.Principal(3), mixing=0.0)
    truth = np.diag(np.sqrt(signal))
    cells = exact.distillation(
        np.diag(spectrum),
        truth,
        label_noise=0.5,
        averaged=True,
        outputs=2,
        basis=np.eye(5)[:, :3],
        teacher=teacher,
        student=student,
        mixing=0.0,
    )
    assert worst(case.divergence(), cells) < FROM_SPECTRA
    swept = case.sweep(student_rank=[0, 3, 5], quantities=("divergence", "bias"))
    assert exact.relative_error(float(swept["divergence"].sel(student_rank=3)), sum(map(sum, cells))) < FROM_SPECTRA
    assert exact.relative_error(float(swept["bias"].sel(student_rank=3)), cells[0][0]) < FROM_SPECTRA


def integers(rng, *shape):
    return rng.integers(-3, 4, size=shape).astype(float)


def rational_rank(matrix):
    rows = [[Fraction(int(entry)) for entry in row] for row in np.atleast_2d(matrix)]
    rank = 0
    for column in range(len(rows[0])):
        pivot = next((i for i in range(rank, len(rows)) if rows[i][column] != 0), None)
        if pivot is None:
            continue
        rows[rank], rows[pivot] = rows[pivot], rows[rank]
        for i in range(rank + 1, len(rows)):
            factor = rows[i][column] / rows[rank][column]
            rows[i] = [a - factor * b for a, b in zip(rows[i], rows[rank], strict=True)]
        rank += 1
    return rank


def test_ledgers_of_singular_laws_are_infinite_exactly_where_rational_arithmetic_says_so():
    finite = 0
    for seed in range(400):
        rng = np.random.default_rng(seed)
        d = int(rng.integers(2, 5))
        root = integers(rng, d, int(rng.integers(1, d)))
        inner = integers(rng, root.shape[1], root.shape[1])
        other = root @ inner if rng.random() < 0.8 else integers(rng, *root.shape)
        mean = root @ integers(rng, root.shape[1]) if rng.random() < 0.8 else integers(rng, d)
        rank = rational_rank(root)
        same = rank == rational_rank(other) == rational_rank(np.column_stack([root, other, mean]))
        basis = integers(rng, d, int(rng.integers(0, d + 1)))
        if basis.size and rational_rank(basis) < basis.shape[1]:
            continue
        student, teacher = lg.Gaussian(mean, other @ other.T), lg.Gaussian(np.zeros(d), root @ root.T)
        ours = lg.ledger(student, teacher, subspace=basis)
        assert math.isfinite(lg.kl(student, teacher)) == math.isfinite(ours.total) == same, seed
        if same:
            finite += 1
            assert ours.total == pytest.approx(lg.kl(student, teacher), rel=1e-9)
    assert finite > 100


@pytest.mark.parametrize("size", NEARBY)
def test_noises_that_learners_assume_keep_their_digits(size):
    rng = np.random.default_rng(6)
    gram, truth = rotated(np.geomspace(10.0, 0.1, 4), 7), rng.normal(size=(2, 4))
    teacher, student = lg.Ridge(0.3, 1.1, 0.37), lg.Ridge(0.3, 1.1 * (1 + size), 0.37 * (1 + size / 3))
    given = {"label_noise": 0.3, "averaged": True, "outputs": 2, "teacher": teacher, "student": student, "mixing": 0.0}
    problem = lg.Problem.from_gram(gram, n_samples=10, truth=truth, label_noise=0.3)
    basis = np.linalg.qr(rng.normal(size=(4, 4)))[0][:, :2]
    dense = lg.Distillation(problem, teacher, student, bottleneck=lg.Subspace(basis), mixing=0.0)
    assert worst(dense.divergence(), exact.distillation(gram, truth, basis=basis, **given)) < allowed(1e2)
    spectrum, signal = np.array([4.0, 1.0, 0.2, 0.05]), np.array([1.0, 2.0, 0.5, 1.0])
    problem = lg.Problem.from_spectrum(spectrum, signal, n_samples=10, label_noise=0.3, outputs=2)
    plain = lg.Distillation(problem, teacher, student, bottleneck=lg.Principal(2), mixing=0.0)
    cells = exact.distillation(np.diag(spectrum), np.diag(np.sqrt(signal)), basis=np.eye(4)[:, :2], **given)
    assert worst(plain.divergence(), cells) < FROM_SPECTRA
    swept = plain.sweep(student_rank=[2], label_noise=[0.3, 0.4])["divergence"].sel(label_noise=0.3, student_rank=2)
    assert exact.relative_error(float(swept), sum(map(sum, cells))) < FROM_SPECTRA


@pytest.mark.parametrize("condition", CONDITIONS)
@pytest.mark.parametrize("size", NEARBY)
def test_sweeps_over_the_ranks_of_any_basis_keep_the_digits_of_the_divergence(size, condition):
    rng = np.random.default_rng(8)
    gram, truth = rotated(np.geomspace(10.0, 10.0 / condition, 4), 9), rng.normal(size=(2, 4))
    basis = np.linalg.qr(rng.normal(size=(4, 4)))[0]
    teacher, student = lg.Ridge(10.0 / condition), lg.Ridge(10.0 / condition * (1 + size), 1 + size)
    problem = lg.Problem.from_gram(gram, n_samples=10, truth=truth, label_noise=0.5)
    case = lg.Distillation(problem, teacher, student, bottleneck=lg.Subspace(basis), mixing=size)
    swept = case.sweep(student_rank=range(5))["divergence"].values
    for rank in range(5):
        cells = exact.distillation(
            gram,
            truth,
            label_noise=0.5,
            averaged=True,
            outputs=2,
            basis=basis[:, :rank],
            teacher=teacher,
            student=student,
            mixing=size,
        )
        assert exact.relative_error(swept[rank], sum(map(sum, cells))) < allowed(condition)


@pytest.mark.parametrize("units", [(1.0, 1.0, 1.0), (1e-6, 1.0, 1e4)])
def test_bare_ledgers_of_several_rows_are_those_of_the_definition_in_any_units(units):
    rng = np.random.default_rng(10)
    scale, step = np.array(units), rng.normal(size=(3, 3))
    student, teacher = (rotated([2.0, 1.0, 0.5], seed) * scale * scale[:, None] for seed in (11, 12))
    step, basis = step * scale, rng.normal(size=(3, 1)) / scale[:, None]
    ours = lg.ledger(lg.Gaussian(step, student), lg.Gaussian(0.0 * step, teacher), subspace=basis)
    assert worst(ours, exact.ledger(step, student, 0.0 * step, teacher, basis)) < 1e-11
    dropped = np.linalg.qr(basis, mode="complete")[0][:, 1:]
    precisions = np.linalg.eigvalsh(np.linalg.inv(dropped.T @ teacher @ dropped))
    ratio = 2.0 * precisions / precisions.sum()  # of the best floor to each variance
    best = ours.cells[1, 0] + 1.5 * float(np.sum(ratio - 1.0 - np.log(ratio)))
    assert ours.rank_irreducible == pytest.approx(best, rel=1e-9)


def test_a_student_far_narrower_than_the_teacher_splits_like_any_other():
    student, teacher = 1e-30 * np.array([[3.0, -1.0], [-1.0, 6.0]]), np.array([[6.0, 3.0], [3.0, 6.0]])
    laws = lg.Gaussian([1.0, -1.0], student), lg.Gaussian([0.0, 0.0], teacher)
    ours = lg.ledger(*laws, subspace=[[1.0], [2.0]])
    cells = exact.ledger([1.0, -1.0], student, [0.0, 0.0], teacher, np.array([[1.0], [2.0]]))
    assert worst(ours, cells) < 1e-13
    assert ours.total == pytest.approx(lg.kl(*laws), rel=1e-14)


def test_a_subspace_across_units_that_float64_cannot_tell_apart_is_refused():
    teacher = np.array([[3e-172, -2e-140], [-2e-140, 5e-108]])
    with pytest.raises(lg.LingaussError, match="parts that add up to"):
        lg.ledger(lg.Gaussian([0.0, 0.0], np.eye(2)), lg.Gaussian([0.0, 0.0], teacher), subspace=[[1.0], [2.0]])


def test_unlike_supports_are_judged_in_the_units_of_the_coordinates():
    scale = np.array([1e-6, 1.0, 1e6])
    root = np.array([[1.0, 0.0], [2.0, 1.0], [0.0, 1.0]])
    line = scale[:, None] * (root[:, :1] @ root[:, :1].T) * scale
    plane = scale[:, None] * (root @ root.T) * scale
    ours = lg.ledger(lg.Gaussian(scale * root[:, 0], line), lg.Gaussian(0.0 * scale, plane), subspace=np.eye(3)[:, :1])
    assert ours.total == np.inf
    assert np.isfinite(ours.cells[:, :2]).all()
    assert ours.cells[:, 0].sum() == pytest.approx(0.5, rel=1e-9)


@pytest.mark.parametrize("noise", [0.123, 0.37, 0.7])
@pytest.mark.parametrize("size", [1e-6, 1e-9, 1e-10])
def test_both_routes_keep_the_digits_in_which_two_assumed_noises_differ(noise, size):
    problem = lg.Problem.from_spectrum([4.0, 2.0, 1.0], [1.0, 0.5, 0.25], n_samples=9, label_noise=0.3)
    rotation = np.linalg.qr(np.random.default_rng(0).standard_normal((3, 3)))[0]
    spectral, dense = (
        lg.Distillation(problem, lg.Ridge(noise=noise), lg.Ridge(noise=noise * (1.0 + size)), basis, mixing=0.0)
        for basis in (lg.Principal(3), lg.Subspace(rotation))
    )
    spread = spectral.divergence().cells[0, 2]
    assert spread == pytest.approx(3.0 * size**2, rel=1e-5)
    assert_allclose(dense.divergence().cells[0, 2], spread, rtol=1e-13)
