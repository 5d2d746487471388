"""Kullback–Leibler divergence: against 80 digits near equality, typed at singular laws, and the laws it obeys."""

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.linalg import hilbert
from scipy.stats import ortho_group

import lingauss as lg
from lingauss.errors import ShapeError
from lingauss.testing import channels, gaussians

SIZES = [1e-2, 1e-4, 1e-6, 1e-8, 1e-10]


def rotated(eigenvalues, seed):
    """A covariance with the given eigenvalues and their eigenvectors."""
    vectors = ortho_group.rvs(len(eigenvalues), random_state=seed)
    matrix = (vectors * eigenvalues) @ vectors.T
    return 0.5 * (matrix + matrix.T), vectors


def exact_kl(p, q):
    """KL of two regular laws from the stored float64 entries, in 80 digits."""
    with mpmath.workdps(80):
        A, B = (mpmath.matrix(law.cov.tolist()) for law in (p, q))
        precision = B**-1
        ratio = precision * A
        spread = sum(ratio[i, i] for i in range(p.dim)) - p.dim - mpmath.log(mpmath.det(ratio))
        total = p.outputs * spread
        for ours, theirs in zip(p.rows, q.rows, strict=True):
            step = mpmath.matrix(ours.tolist()) - mpmath.matrix(theirs.tolist())
            total += (step.T * precision * step)[0]
        return total / 2


def relative_error(ours, exact):
    with mpmath.workdps(80):
        return float(abs(mpmath.mpf(ours) - exact) / exact)


def centred(cov):
    return lg.Gaussian(np.zeros(len(cov)), cov)


# Accuracy


@pytest.mark.parametrize("size", SIZES)
def test_nearly_equal_diagonal_laws_keep_14_digits(size):
    variances = np.geomspace(1e-6, 1e6, 7)
    teacher = lg.Gaussian(np.zeros(7), lg.Diagonal(variances))
    student = lg.Gaussian(np.zeros(7), lg.Diagonal((1 + size) * variances))
    assert relative_error(lg.kl(student, teacher), exact_kl(student, teacher)) < 1e-14


@pytest.mark.parametrize("condition", [1e2, 1e4, 1e6, 1e8, 1e10])
@pytest.mark.parametrize("size", SIZES)
def test_nearly_equal_dense_laws_lose_digits_with_the_condition_alone(size, condition):
    for seed in range(3):
        cov, _ = rotated(np.geomspace(1.0, 1.0 / condition, 4), seed)
        student, teacher = centred((1 + size) * cov), centred(cov)
        assert relative_error(lg.kl(student, teacher), exact_kl(student, teacher)) < 1e-13 * condition / 100


@pytest.mark.parametrize("size", SIZES)
def test_nearly_equal_laws_that_differ_in_direction_keep_their_digits(size):
    rng = np.random.default_rng(0)
    cov, _ = rotated(np.geomspace(1.0, 1e-2, 4), 0)
    bump = rng.normal(size=(4, 4))
    student = lg.Gaussian(size * rng.normal(size=(2, 4)), cov + 1e-3 * size * (bump + bump.T))
    teacher = lg.Gaussian(np.zeros((2, 4)), cov)
    assert relative_error(lg.kl(student, teacher), exact_kl(student, teacher)) < 1e-13


@pytest.mark.parametrize("condition", [1e2, 1e6, 1e10, 1e12])
def test_distinct_ill_conditioned_laws_lose_digits_with_the_condition_alone(condition):
    for seed in range(5):
        eigenvalues = np.geomspace(1.0, 1.0 / condition, 5)
        student = lg.Gaussian(np.random.default_rng(seed).normal(size=5), rotated(eigenvalues, seed)[0])
        teacher = lg.Gaussian(np.zeros(5), rotated(eigenvalues, seed + 100)[0])
        # A factor of the teacher is backward stable: its smallest eigenvalue is good to condition · eps.
        assert relative_error(lg.kl(student, teacher), exact_kl(student, teacher)) < 1e-15 * condition


@pytest.mark.parametrize("shrink", [1e-3, 1e-9, 1e-15, 1e-100])
def test_student_far_narrower_than_the_teacher_keeps_its_digits(shrink):
    cov, _ = rotated([2.0, 1.0, 0.5], 1)
    student, teacher = centred(shrink * cov), centred(cov + np.diag([0.3, 0.0, 0.1]))
    assert relative_error(lg.kl(student, teacher), exact_kl(student, teacher)) < 1e-14
    assert relative_error(lg.kl(teacher, student), exact_kl(teacher, student)) < 1e-13


def test_large_common_mean_does_not_matter():
    cov, _ = rotated([2.0, 1.0, 0.5], 2)
    near, far = np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 3.0]) + 2.0**40
    step = np.array([0.5, 0.25, -0.5])  # exact at either place
    ours = lg.kl(lg.Gaussian(far + step, cov), lg.Gaussian(far, 2 * cov))
    assert ours == lg.kl(lg.Gaussian(near + step, cov), lg.Gaussian(near, 2 * cov))


def test_published_value():
    p = lg.Gaussian([1.0, -1.0], [[2.0, 0.5], [0.5, 1.0]])
    q = lg.Gaussian([0.0, 0.0], [[1.0, -0.3], [-0.3, 1.5]])
    assert lg.kl(p, q) == pytest.approx(1.0905685, abs=5e-8)  # docs/theory.md §8


# Identical laws

ZERO_CASES = {
    "regular": rotated([3.0, 2.0, 1.0], 0)[0],
    "singular": rotated([3.0, 2.0, 0.0], 0)[0],
    "deterministic": np.zeros((3, 3)),
    "condition 1e14": rotated(np.geomspace(1.0, 1e-14, 5), 0)[0],
    "Hilbert matrix": hilbert(11),
    "one deterministic coordinate": np.diag([1.0, 0.0, 2.0]),
    "tiny": 1e-300 * np.eye(2),
}


@pytest.mark.parametrize("cov", ZERO_CASES.values(), ids=ZERO_CASES.keys())
def test_identical_laws_diverge_by_exactly_zero(cov):
    mean = np.arange(2.0 * len(cov)).reshape(2, -1)
    assert lg.kl(lg.Gaussian(mean, cov), lg.Gaussian(mean.copy(), cov.copy())) == 0.0


def test_identical_laws_in_either_form_diverge_by_exactly_zero():
    thin, full = lg.Diagonal([1.0, 0.0, 1e-12]), np.diag([1.0, 0.0, 1e-12])
    for a in (thin, full):
        for b in (thin, full):
            assert lg.kl(lg.Gaussian(np.ones(3), a), lg.Gaussian(np.ones(3), b)) == 0.0


# Singular laws


def lines(angle):
    """A law on a line through the origin of the plane."""
    direction = np.array([np.cos(angle), np.sin(angle)])
    return centred(np.outer(direction, direction))


@pytest.mark.parametrize(
    ("p", "q"),
    [
        (centred(np.diag([1.0, 0.0])), centred(np.eye(2))),
        (centred(np.eye(2)), centred(np.diag([1.0, 0.0]))),
        (centred(np.diag([1.0, 0.0])), centred(np.diag([0.0, 1.0]))),
        (lines(0.3), lines(0.4)),
        (lines(0.3), lines(0.3 + 1e-9)),
        (lines(0.3), centred(np.eye(2))),
        (centred(np.zeros((2, 2))), centred(np.eye(2))),
        (centred(np.eye(2)), centred(np.zeros((2, 2)))),
    ],
    ids=["p ⊂ q", "p ⊃ q", "axes", "lines", "near lines", "line ⊂ plane", "point ⊂ plane", "plane ⊃ point"],
)
def test_laws_with_different_ranges_diverge_infinitely(p, q):
    assert lg.kl(p, q) == np.inf


@pytest.mark.parametrize("p", [[1.0, 0.0], [0.0, 1.0]])
@pytest.mark.parametrize("q", [[1.0, 1.0], [2.0, 1e-300]])
def test_diagonal_forms_with_different_ranges_diverge_infinitely(p, q):
    p, q = lg.Gaussian(np.zeros(2), lg.Diagonal(p)), lg.Gaussian(np.zeros(2), lg.Diagonal(q))
    assert lg.kl(p, q) == lg.kl(q, p) == np.inf


def test_mean_outside_the_shared_range_diverges_infinitely():
    cov, vectors = rotated([2.0, 1.0, 0.0], 3)
    for leak in (1.0, 1e-6, 1e-10):
        assert lg.kl(lg.Gaussian(leak * vectors[:, 2], cov), centred(cov)) == np.inf
    inside = lg.Gaussian(vectors[:, 0], cov)
    assert lg.kl(inside, centred(cov)) == pytest.approx(0.25, rel=1e-13)
    point = np.zeros((3, 3))
    assert lg.kl(lg.Gaussian([1.0, 0.0, 0.0], point), centred(point)) == np.inf


@pytest.mark.parametrize("smallest", [1.0, 1e-2, 1e-4, 1e-6, 1e-8])
def test_laws_on_a_shared_range_diverge_as_their_restrictions(smallest):
    for seed in range(20):
        student = np.array([1.0, (seed % 2) + smallest, 0.5, 0.0])
        teacher = np.array([0.7, 2.0 * smallest, 1.3, 0.0])
        cov_s, vectors = rotated(student, seed)
        cov_t, _ = rotated(teacher, seed)
        mean = vectors @ [1.0, np.sqrt(smallest), -1.0, 0.0]
        inside = slice(0, 3)
        restricted = [
            lg.Gaussian(m, lg.Diagonal(v[inside]))
            for m, v in ((vectors[:, inside].T @ mean, student), (np.zeros(3), teacher))
        ]
        ours = lg.kl(lg.Gaussian(mean, cov_s), lg.Gaussian(np.zeros(4), cov_t))
        assert ours == pytest.approx(lg.kl(*restricted), rel=2e-14 / smallest)  # rounding in the entries, amplified


@pytest.mark.parametrize("size", SIZES)
def test_nearly_equal_singular_laws_keep_their_digits(size):
    root = np.array([[1.0, 0.0], [0.5, 1.0], [1.5, 1.0]])  # dyadic, so that both ranges are exactly the same
    step = 2.0 ** np.floor(np.log2(size))
    student, teacher = centred((1 + step) * (root @ root.T)), centred(root @ root.T)
    with mpmath.workdps(50):
        exact = mpmath.mpf(step) - mpmath.log1p(mpmath.mpf(step))  # (rank / 2) · 2-fold
    assert relative_error(lg.kl(student, teacher), exact) < 1e-13


# Laws


@settings(max_examples=40)
@given(gaussians(), st.data())
def test_divergence_is_never_negative(p, data):
    q = data.draw(gaussians(dim=p.dim, outputs=p.outputs, condition=1e8))
    assert lg.kl(p, q) >= 0.0
    assert lg.kl(q, p) >= 0.0


@pytest.mark.parametrize("condition", [1e2, 1e8, 1e14])
@pytest.mark.parametrize("size", [1e-3, 1e-8, 1e-12, 1e-16])
def test_divergence_of_nearly_equal_laws_is_never_negative(size, condition):
    for seed in range(20):
        rng = np.random.default_rng(seed)
        scale = np.geomspace(1.0, 1.0 / np.sqrt(condition), 4)
        root = np.linalg.qr(rng.normal(size=(4, 4)))[0] * scale
        nudged = root * (1 + size * rng.normal(size=4))
        assert lg.kl(centred(nudged @ nudged.T), centred(root @ root.T)) >= 0.0


@settings(max_examples=40)
@given(gaussians(outputs=3), st.data())
def test_divergence_of_many_rows_is_the_sum_over_rows(p, data):
    q = data.draw(gaussians(dim=p.dim, outputs=3))
    rows = [lg.kl(lg.Gaussian(a, p.cov), lg.Gaussian(b, q.cov)) for a, b in zip(p.mean, q.mean, strict=True)]
    assert_allclose(lg.kl(p, q), sum(rows), rtol=1e-12, atol=1e-14)


@settings(max_examples=40)
@given(gaussians(), st.data())
def test_processing_both_laws_alike_never_increases_their_divergence(p, data):
    q = data.draw(gaussians(dim=p.dim, outputs=p.outputs))
    channel = data.draw(channels(dim_in=p.dim, deterministic=False))
    assert lg.kl(channel.push(p), channel.push(q)) <= lg.kl(p, q) * (1 + 1e-9) + 1e-12


@settings(max_examples=40)
@given(gaussians(condition=1e2), st.data())
def test_divergence_does_not_depend_on_units(p, data):
    q = data.draw(gaussians(dim=p.dim, outputs=p.outputs, condition=1e2))
    units = lg.Channel(np.diag(10.0 ** np.arange(-8, 8, 4)[: p.dim]), np.zeros((p.dim, p.dim)))
    assert_allclose(lg.kl(units.push(p), units.push(q)), lg.kl(p, q), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("zero", [False, True], ids=["regular", "singular"])
def test_diagonal_and_dense_forms_agree_and_mix(zero):
    rng = np.random.default_rng(4)
    a, b = rng.uniform(0.1, 10.0, size=(2, 5))
    if zero:
        a[2] = b[2] = 0.0
    step = rng.normal(size=(3, 5)) * (a > 0)
    values = [
        lg.kl(lg.Gaussian(step, student), lg.Gaussian(np.zeros((3, 5)), teacher))
        for student in (lg.Diagonal(a), np.diag(a))
        for teacher in (lg.Diagonal(b), np.diag(b))
    ]
    live = a > 0
    ratio = a[live] / b[live]
    expected = 0.5 * np.sum(step[:, live] ** 2 / b[live]) + 1.5 * np.sum(ratio - 1 - np.log(ratio))
    assert_allclose(values, expected, rtol=1e-13)


def test_one_row_is_the_same_law_with_or_without_an_axis():
    p, q = lg.Gaussian([1.0, 2.0], np.eye(2)), lg.Gaussian([[0.0, 0.0]], 2 * np.eye(2))
    assert lg.kl(p, q) == lg.kl(lg.Gaussian([[1.0, 2.0]], np.eye(2)), q)


@pytest.mark.parametrize("q", [np.zeros(3), np.zeros((2, 2)), np.zeros((1, 3))])
def test_laws_of_different_shape_are_refused(q):
    with pytest.raises(ShapeError, match=r"two laws of shape .*got shape \(1, 2\)"):
        lg.kl(lg.Gaussian(np.zeros(2), np.eye(2)), lg.Gaussian(q, np.eye(q.shape[-1])))
