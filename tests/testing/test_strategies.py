"""Strategies draw what they say, small by default, and shrink to examples one can read."""

import re
import subprocess
import sys

import hypothesis
import numpy as np
import pytest
from hypothesis import find, given
from hypothesis import strategies as st

import lingauss as lg
from lingauss.testing import (
    CI,
    bottlenecks,
    channels,
    descents,
    distillations,
    gaussians,
    learners,
    matrices,
    moments,
    numbers,
    problems,
    psd_matrices,
    ridges,
    rotations,
    spectra,
)

SHRINK = hypothesis.settings(CI, max_examples=500, phases=(hypothesis.Phase.generate, hypothesis.Phase.shrink))
QUICK = hypothesis.settings(CI, max_examples=60, phases=(hypothesis.Phase.generate,))
EVERYTHING = {"hard": True, "singular": True, "spectrum": None, "test_cov": None, "intercept": None}


def simplest(strategy, condition=lambda _: True):
    return find(strategy, condition, settings=SHRINK)


@pytest.mark.parametrize("condition", [1.0, 10.0, 1e4, 1e10])
def test_psd_matrices_have_the_condition_and_rank_asked_for(condition):
    @QUICK
    @given(st.data())
    def holds(data):
        d = data.draw(st.integers(1, 4))
        rank = data.draw(st.integers(0, d))
        matrix = data.draw(psd_matrices(dim=d, condition=condition, rank=rank))
        eigenvalues = np.linalg.eigvalsh(matrix)[::-1]
        assert np.array_equal(matrix, matrix.T)
        assert np.all(np.abs(eigenvalues[rank:]) <= 1e-14 * condition)
        assert np.all(eigenvalues[:rank] >= 1 - 1e-14 * condition)
        assert np.all(eigenvalues[:rank] <= condition * (1 + 1e-14))

    holds()


@QUICK
@given(spectra(dim=5, condition=100.0, rank=3))
def test_spectra_are_powers_of_two_and_zeros(eigenvalues):
    assert set(eigenvalues[:3]) <= {1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0}
    assert not eigenvalues[3:].any()


@QUICK
@given(rotations(dim=3))
def test_rotations_are_orthogonal(rotation):
    np.testing.assert_allclose(rotation.T @ rotation, np.eye(3), atol=1e-14)


@QUICK
@given(gaussians(dim=3, outputs=2, condition=64.0, rank=2))
def test_laws_have_the_shape_condition_and_rank_asked_for(law):
    assert law.mean.shape == (2, 3)
    assert law.covariance.rank == 2
    assert np.linalg.eigvalsh(law.cov)[-1] <= 64.0 * (1 + 1e-12)


@QUICK
@given(channels(dim_in=2, dim_out=3, deterministic=False, rank=1), channels(deterministic=True))
def test_channels_have_the_shape_and_noise_asked_for(noisy, silent):
    assert (noisy.dim_in, noisy.dim_out, noisy.covariance.rank) == (2, 3, 1)
    assert not silent.cov.any()


@QUICK
@given(moments(max_features=2, max_outputs=1, max_samples=4))
def test_moments_are_those_of_some_data(drawn):
    assert 1 <= drawn.n_features <= 2
    assert drawn.outputs <= 1
    assert drawn.n_samples <= 4
    assert np.all(np.linalg.eigvalsh(drawn.scatter) >= -1e-12)


@QUICK
@given(problems(features=2, outputs=3, modes=("observed",), intercept=True, test_cov=True))
def test_problems_are_of_the_kind_asked_for(problem):
    assert (problem.n_features, problem.outputs, problem.mode) == (2, 3, "observed")
    assert problem.intercept
    assert problem.test_covariance is not None
    assert problem.n_samples > problem.n_features


@QUICK
@given(problems(modes=("averaged",), spectrum=True))
def test_problems_by_spectrum_know_the_power_of_the_truth_alone(problem):
    assert problem.truth.mean is None
    assert isinstance(problem.gramian, lg.Diagonal)


def kinds(strategy, kind):
    """What kinds of things a strategy draws."""
    seen = set()

    @hypothesis.settings(QUICK, max_examples=100)
    @given(strategy)
    def collect(drawn):
        seen.add(kind(drawn))

    collect()
    return seen


def test_every_kind_of_bottleneck_and_learner_is_drawn():
    drawn = kinds(bottlenecks(features=2), type)
    assert drawn == {type(None), lg.Principal, lg.Best, lg.Selected, lg.Subspace}
    assert kinds(bottlenecks(features=2, spectral=True), type) == drawn - {lg.Subspace}
    assert kinds(bottlenecks(features=2, spectral=False), type) == {lg.Subspace}
    assert kinds(learners(), type) == {lg.Ridge, lg.NoisyGradientDescent, lg.GradientFlow}
    assert 0.0 in kinds(ridges(deterministic=True), lambda ridge: ridge.temperature)
    assert 0.0 in kinds(ridges(unpenalised=True), lambda ridge: ridge.penalty)
    assert kinds(descents(), lambda descent: descent.temperature > 0) == {True}


def test_open_questions_are_drawn_both_ways():
    def answers(problem):
        return problem.truth.mean is None, problem.test_covariance is None, problem.intercept

    drawn = problems(modes=("averaged",), spectrum=None, test_cov=None, intercept=None)
    assert len(kinds(drawn, answers)) == 8
    assert kinds(problems(), lambda problem: problem.mode) == {"averaged", "observed", "plug-in"}
    assert kinds(distillations(transfer=None), lambda case: case.transfer is None) == {True, False}


def test_every_setting_of_a_distillation_is_drawn():
    drawn = kinds(
        distillations(max_features=1, hard=True),
        lambda case: (case.floor, case.temperature, case.mixing, case.draws, case.student.temperature),
    )
    for values in zip(*drawn, strict=True):
        assert len(set(values)) > 4
    assert None in {floor for floor, *_ in drawn}


@hypothesis.settings(QUICK, max_examples=80)
@given(distillations(**EVERYTHING, teacher=learners(), student=learners(deterministic=True), transfer=None))
def test_whatever_is_drawn_is_legal(case):
    assert case.divergence().total >= 0


@QUICK
@given(distillations(features=2, teacher=channels(dim_in=2, dim_out=2), student=channels(dim_in=2, dim_out=2)))
def test_teacher_and_student_may_be_channels(case):
    assert isinstance(case.student, lg.Channel)


def test_the_simplest_of_everything_is_the_default():
    case = simplest(distillations(**EVERYTHING))
    assert case.to_python() == (
        "import lingauss as lg\n\n"
        "problem = lg.Problem.from_gram([[1.0]], truth=[0.0], n_samples=1, label_noise=1.0)\n"
        "case = lg.Distillation(problem)"
    )
    assert simplest(ridges()) == lg.Ridge()
    assert simplest(bottlenecks(features=3)) is None
    assert np.array_equal(simplest(psd_matrices(dim=2)), np.eye(2))
    assert np.array_equal(simplest(matrices(rows=1, columns=2)), [[0.0, 0.0]])
    assert simplest(numbers(minimum=-3.0, maximum=3.0, simplest=2.0)) == 2.0
    assert simplest(numbers(minimum=0.3, maximum=3.0)) == 0.5
    law = simplest(gaussians())
    assert (law.mean.tolist(), law.cov.tolist()) == ([[0.0]], [[1.0]])


@pytest.mark.parametrize(
    "condition",
    [
        lambda case: case.divergence().bias > 0.1,
        lambda case: case.gaps().student > 3.0,
        lambda case: case.rank < case.problem.n_features,
    ],
)
def test_what_has_a_simple_example_shrinks_to_one(condition):
    case = simplest(distillations(modes=("averaged",)), condition)
    assert case.problem.n_features == 1
    written = case.to_python()
    assert len(written) < 250
    numerals = [float(numeral) for numeral in re.findall(r"-?\d+\.\d+", written)]
    assert len(numerals) > 1
    assert all((4.0 * numeral).is_integer() for numeral in numerals)


def test_two_features_are_kept_where_they_are_needed():
    case = simplest(distillations(), lambda case: 0 < case.rank < case.problem.n_features)
    assert case.problem.n_features == 2
    assert case.to_python().count("1.0, 0.0") == 1


def test_importing_registers_the_profile_and_loads_nothing_else():
    code = (
        "from hypothesis import settings; import lingauss.testing; "
        "settings.load_profile('lingauss-ci'); found = settings.default; "
        "print(found.derandomize, found.deadline, found.database, found.max_examples)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "None", "None", "100"]


def test_without_hypothesis_the_extra_is_named():
    code = (
        "import sys; sys.modules['hypothesis'] = None\n"
        "import lingauss\n"
        "try:\n    import lingauss.testing\n"
        "except lingauss.LingaussError as error:\n    print(type(error).__name__, error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("MissingDependencyError")
    assert "pip install 'lingauss[testing]'" in done.stdout
