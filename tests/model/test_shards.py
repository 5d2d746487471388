"""Teachers trained on disjoint shards of the data (docs/theory.md §2.5)."""

import math
import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose

import lingauss as lg
from lingauss.errors import DomainError, EmptyDataError, ShapeError, SingularGramError
from tests import oracles

RNG = np.random.default_rng(21)
X = RNG.standard_normal((12, 3)) * [2.0, 1.0, 0.5] + [1.0, 0.0, -0.5]
PARTS = np.split(X, [5, 8])  # the second shard alone does not determine the weights
W = RNG.standard_normal((2, 3))
NOISE = 0.6
TEACHER = lg.Ridge(0.8, 0.7)
STUDENT = lg.Ridge(1.3, 0.9)


def problem(center):
    return lg.Problem.from_data(X, X @ W.T, label_noise=NOISE, center=center).with_truth(W)


def shards(center, learner=TEACHER):
    return lg.Shards(learner, [lg.Moments.from_data(part, center=center) for part in PARTS])


def case(center, **settings):
    return lg.Distillation(problem(center), shards(center), STUDENT, temperature=1.7, **settings)


def centring(n, center):
    return np.eye(n) - center * np.full((n, n), 1 / n)


def ensemble(center, draws):
    """Mean of all teachers' weights as a kernel from the n labels, and given their projection on the inputs alone."""
    n, m = len(X), len(PARTS)
    seen = centring(n, center) @ X
    onto = seen @ np.linalg.pinv(seen)
    M, V = np.zeros((n, 3)), np.zeros((3, 3))
    start = 0
    for part in PARTS:
        H = centring(len(part), center)
        gain, cov = oracles.ridge_kernel(H @ part, TEACHER.penalty, NOISE, TEACHER.temperature)
        M[start : start + len(part)] = H @ gain / m
        V += cov / (draws * m**2)
        start += len(part)
    hidden = (np.eye(n) - onto) @ M
    return onto @ M, V + NOISE**2 * hidden.T @ hidden


@pytest.mark.parametrize("center", [False, True])
@pytest.mark.parametrize("draws", [1, 3])
def test_the_ensemble_and_its_student_are_the_label_space_kernels_given_the_statistic_of_all_labels(center, draws):
    here, n = case(center, draws=draws), len(X)
    inputs, other = centring(n, center) @ X, RNG.standard_normal((6, 3))
    teacher = ensemble(center, 1)
    M, V = ensemble(center, draws)
    for transfer, rows in ((None, inputs), (other, centring(6, center) @ other)):
        soft = rows @ V @ rows.T + 1.7 * NOISE**2 / (draws * 3) * centring(len(rows), center)
        gain, cov = oracles.ridge_kernel(rows, STUDENT.penalty, NOISE, STUDENT.temperature)
        student = M @ rows.T @ gain, cov + gain.T @ soft @ gain
        moments = None if transfer is None else lg.Moments.from_data(transfer, center=center)
        found = here.replace(transfer=moments)
        expected = oracles.expected_kl(student, teacher, W @ inputs.T, NOISE)
        assert_allclose(found.divergence().total, expected, rtol=1e-9)
        reference = oracles.ridge_kernel(inputs, 0.4, NOISE, 1.0)
        expected = oracles.expected_kl(student, reference, W @ inputs.T, NOISE)
        assert_allclose(found.divergence_from(lg.Ridge(0.4)).total, expected, rtol=1e-9)


def test_one_shard_is_an_ordinary_teacher():
    whole = lg.Shards(TEACHER, [lg.Moments.from_data(X)])
    one = case(True).replace(teacher=whole, draws=2, student_rank=2)
    plain = one.replace(teacher=TEACHER)
    assert_allclose(one.divergence().cells, plain.divergence().cells, rtol=1e-9)
    assert_allclose(one.excess_risk().student, plain.excess_risk().student, rtol=1e-12)
    assert_allclose(one.label_divergence().exact, plain.label_divergence().exact, rtol=1e-9)
    assert_allclose(
        one.replace(draws=1).process_divergence().total, plain.replace(draws=1).process_divergence().total, rtol=1e-9
    )


def test_divergence_from_its_own_teacher_is_the_divergence():
    here = case(False)
    assert_allclose(here.divergence_from(here.teacher).cells, here.divergence().cells, rtol=1e-12)


def test_unpenalised_means_of_equal_shards_lose_nothing_but_the_draws():
    halves = lg.Shards(lg.Ridge(0.0, 0.0), [lg.Moments.from_data(X, center=False)] * 2)
    doubled = lg.Problem.from_inputs(np.concatenate([X, X]), truth=W, label_noise=NOISE)
    together = lg.Distillation(doubled, lg.Ridge(0.0, 0.0), STUDENT)
    assert_allclose(halves.channel(doubled).A, together.teacher_channel.A, rtol=1e-10, atol=1e-12)
    assert_allclose(halves.channel(doubled).cov, 0.0, atol=1e-15)
    drawn = lg.Shards(lg.Ridge(0.0, 1.0), halves.inputs).channel(doubled)
    assert_allclose(drawn.cov, together.replace(teacher_temperature=1.0).teacher_channel.cov, rtol=1e-10)


def test_teacher_axes_reach_the_learner_of_the_shards():
    here = case(True, bottleneck=lg.Principal(2))
    grid = here.sweep(teacher_penalty=[0.8, 2.0], student_rank=[1, 2], quantities=("divergence", "teacher_excess_risk"))
    changed = here.replace(teacher=lg.Shards(lg.Ridge(2.0, 0.7), here.teacher.inputs))
    assert_allclose(grid["divergence"].sel(teacher_penalty=2.0, student_rank=2), changed.divergence().total, rtol=1e-9)
    assert_allclose(grid["teacher_excess_risk"][1, 0], changed.excess_risk().teacher, rtol=1e-12)


def test_shards_are_small_to_describe_and_survive_pickling():
    again = pickle.loads(pickle.dumps(case(True)))  # noqa: S301 (our own bytes)
    assert again.divergence().total == case(True).divergence().total
    script: dict[str, lg.Distillation] = {}
    exec(case(True).to_python(), script)  # noqa: S102 (our own text)
    assert script["case"].divergence().total == case(True).divergence().total
    assert repr(again.teacher) == "Shards(Ridge(penalty=0.8, temperature=0.7, noise=None), 3 shards of 5, 3, 4 samples)"
    assert math.isfinite(case(True).bounds().to_frame()["value"].iloc[0])


def test_what_shards_cannot_be_is_said():
    with pytest.raises(EmptyDataError, match="at least one shard"):
        lg.Shards(TEACHER, [])
    with pytest.raises(DomainError, match="the Moments of each shard; got ndarray"):
        lg.Shards(TEACHER, PARTS)
    with pytest.raises(DomainError, match="12 samples of 3 features, center=True; got 8 samples"):
        case(True).replace(teacher=lg.Shards(TEACHER, shards(True).inputs[:2]))
    with pytest.raises(DomainError, match="with another Gram matrix"):
        case(False).replace(teacher=lg.Shards(TEACHER, [lg.Moments.from_data(2.0 * X, center=False)]))
    with pytest.raises(DomainError, match="together are the training inputs"):
        case(True).replace(n_samples=24)
    with pytest.raises(ShapeError, match="Merge moments of the same variables"):
        case(True).replace(teacher=lg.Shards(TEACHER, [*shards(True).inputs[:2], shards(False).inputs[2]]))
    with pytest.raises(SingularGramError):
        case(True).replace(teacher_penalty=0.0)
    with pytest.raises(DomainError, match="got Shards"):
        case(True, bottleneck=lg.Best(2)).divergence()
    with pytest.raises(DomainError, match="student as a learner or a Channel; got Shards"):
        case(True).replace(student=shards(True))
