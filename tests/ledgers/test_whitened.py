"""The ledger of a learner behind any subspace, from the teacher's precision (docs/theory.md §4.9)."""

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose
from row_space import RowSpace, relative_error

import lingauss as lg
from lingauss.ledgers.dense import Pair
from lingauss.ledgers.whitened import Whitened

RNG = np.random.default_rng(5)
X, W = RNG.standard_normal((6, 5)), RNG.standard_normal((2, 5))
PROBLEM = lg.Problem.from_inputs(X, truth=W, label_noise=0.5)
TOP = float(PROBLEM.eigenbasis.eigenvalues[0])
SUBSPACE = lg.Subspace(np.linalg.qr(RNG.standard_normal((5, 5)))[0][:, :3])


def pairs(size):
    ridge = lg.Ridge(TOP * size)
    flow, steps = lg.GradientFlow(1.0 / TOP / size, 1e-9), lg.NoisyGradientDescent(20, 0.05 / TOP / size, TOP / 100.0)
    return {
        "ridge": (ridge, ridge),
        "nearly equal ridge": (ridge, lg.Ridge(TOP * size * (1.0 + 1.0 / size), 1.0 + 1.0 / size)),
        "flow": (flow, flow),
        "steps": (steps, steps),
        "stationary": (lg.NoisyGradientDescent(math.inf, 0.1 / TOP / size, TOP * size),) * 2,
    }


@pytest.mark.parametrize("mixing", [0.0, 1.0])
@pytest.mark.parametrize("kind", pairs(1.0))
@pytest.mark.parametrize("size", [1e2, 1e4, 1e6])
def test_laws_that_are_nearly_their_common_prior_keep_their_digits(size, kind, mixing):
    teacher, student = pairs(size)[kind]
    case = lg.Distillation(PROBLEM, teacher, student, SUBSPACE, mixing=mixing)
    exact = [cell for row in RowSpace(case).cells() for cell in row]
    ours = case.divergence()
    assert relative_error(ours.total, sum(exact)) < 1e-13
    # Of other learners than ridge the difference of two precisions is one of rounded numbers.
    scale = 0.0 if "ridge" in kind else sum(exact)
    assert max(relative_error(a, b, scale) for a, b in zip(ours.cells.reshape(-1), exact, strict=True)) < 1e-13


@pytest.mark.parametrize(
    "teacher", [lg.Ridge(0.3, 0.8), lg.GradientFlow(0.4, 0.2), lg.NoisyGradientDescent(9, 0.02, 0.5)]
)
@pytest.mark.parametrize(
    "student", [lg.Ridge(0.7, 1.2), lg.GradientFlow(0.1, 0.9), lg.NoisyGradientDescent(3, 0.03, 0.1)]
)
@pytest.mark.parametrize("rank", [0, 2, 5])
def test_precisions_and_the_laws_themselves_give_the_same_ledger(teacher, student, rank):
    subspace = lg.Subspace(np.linalg.qr(np.random.default_rng(rank).standard_normal((5, 5)))[0][:, :rank])
    case = lg.Distillation(PROBLEM, teacher, student, subspace, temperature=1.3, mixing=0.8, draws=2)
    bare = Pair(case.problem, case.teacher_channel, case.student_channel, case.basis).weight_ledger()
    ours = case.divergence()
    assert_allclose(ours.cells, bare.cells, rtol=1e-10, atol=1e-12)
    assert_allclose(ours.rank_irreducible, bare.rank_irreducible, rtol=1e-10, atol=1e-12)


def test_a_teacher_may_be_any_law_of_full_rank_and_the_reference_another():
    case = lg.Distillation(PROBLEM, lg.Ridge(0.4), lg.Ridge(0.9), SUBSPACE)
    given = case.replace(teacher=case.teacher_channel)
    assert_allclose(given.divergence().cells, case.divergence().cells, rtol=1e-10)
    assert_allclose(case.divergence_from(lg.Ridge(0.4)).cells, case.divergence().cells, rtol=1e-10)
    other = case.divergence_from(lg.GradientFlow(0.3, 0.2))
    assert_allclose(
        case.divergence_from(case.replace(teacher=lg.GradientFlow(0.3, 0.2)).teacher_channel).cells,
        other.cells,
        rtol=1e-9,
    )


def test_laws_without_spread_everywhere_are_left_to_the_route_of_bare_laws():
    case = lg.Distillation(PROBLEM, lg.Ridge(0.4, 0.0), lg.Ridge(0.9), SUBSPACE)
    assert Whitened.of(case) is None
    assert case.divergence().total == math.inf
    hard = lg.Distillation(PROBLEM, lg.Ridge(0.4), lg.Ridge(0.9), SUBSPACE, floor=0.0)
    assert hard.divergence().cells[1, 2] == math.inf
    assert np.isfinite(hard.divergence().cells[0]).all()


def test_eigenvalues_that_were_given_are_taken_at_their_word():
    spectrum = np.array([1e9, 1.0, 1e-9])
    basis = np.linalg.qr(np.random.default_rng(3).standard_normal((3, 3)))[0][:, :2]
    problem = lg.Problem.from_spectrum(spectrum, np.ones(3), n_samples=9, label_noise=1.0)
    case = lg.Distillation(problem, lg.Ridge(1e-8), lg.Ridge(3e-8), lg.Subspace(basis))
    known = lg.Problem.from_spectrum(spectrum, np.ones(3), n_samples=9, label_noise=1.0).with_truth(np.eye(3))
    exact = RowSpace(case.replace(problem=known)).cells()
    ours = case.replace(problem=known).divergence()
    assert relative_error(ours.total, sum(map(sum, exact))) < 1e-12
    assert np.isfinite(case.divergence().total)
