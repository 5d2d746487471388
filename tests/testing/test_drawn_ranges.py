"""Strategies reach the whole of the ranges they say, and nothing outside them."""

import inspect
from pathlib import Path

import hypothesis
import numpy as np
import pytest
from hypothesis import find, given
from hypothesis import strategies as st

import lingauss as lg
from lingauss.cli import claims
from lingauss.testing import (
    ADDITIVE,
    CI,
    INVARIANT,
    NONNEGATIVE,
    POSITIVE,
    PROCESSED,
    ZERO_ON_ITSELF,
    assert_divergence,
    bottlenecks,
    channels,
    descents,
    distillations,
    falsify,
    gaussians,
    learners,
    matrices,
    moments,
    numbers,
    problems,
    psd_matrices,
    ridges,
    spectra,
)

BATCH = 20  # draws of one example, whose setting up takes longer
MANY = hypothesis.settings(CI, phases=(hypothesis.Phase.generate,), suppress_health_check=list(hypothesis.HealthCheck))
SHRINK = hypothesis.settings(CI, max_examples=500, phases=(hypothesis.Phase.generate, hypothesis.Phase.shrink))


def drawn(strategy, *, examples=400):
    """Return many draws, the same ones every time."""
    found = []

    @hypothesis.settings(MANY, max_examples=examples // BATCH)
    @given(st.lists(strategy, min_size=BATCH, max_size=BATCH))
    def collect(batch):
        found.extend(batch)

    collect()
    return found


def assert_spans(found, low, high):
    """Assert that numbers reach from one bound to the other."""
    values = [value for value in found if value is not None]
    assert (min(values), max(values)) == (low, high)


def eigenvalues(matrix):
    return np.linalg.eigvalsh(matrix)


def assert_conditions(found, largest):
    """Assert that positive-definite matrices have eigenvalues from 1 to the largest power of two allowed."""
    extremes = [eigenvalues(matrix)[[0, -1]] for matrix in found if len(matrix)]
    assert min(low for low, _ in extremes) == pytest.approx(1.0, rel=1e-9)
    assert max(high for _, high in extremes) == pytest.approx(largest, rel=1e-9)


@pytest.mark.parametrize(("low", "high"), [(-2.0, 1.5), (0.25, 3.0), (-3.0, -0.5), (0.0, 0.25)])
def test_numbers_are_all_multiples_of_a_quarter_between_their_bounds(low, high):
    found = drawn(numbers(minimum=low, maximum=high))
    assert set(found) == set(np.arange(4.0 * low, 4.0 * high + 1.0) / 4.0)
    nearest = min(max(0.0, low), high)
    assert find(numbers(minimum=low, maximum=high), lambda _: True, settings=SHRINK) == nearest


def test_numbers_between_bounds_off_the_grid_stay_inside():
    assert set(drawn(numbers(minimum=0.3, maximum=0.9), examples=50)) == {0.5, 0.75}


def test_entries_of_matrices_reach_their_bounds_in_the_shape_asked_for():
    found = drawn(matrices(rows=2, columns=3))
    assert {matrix.shape for matrix in found} == {(2, 3)}
    assert_spans(np.ravel(found), -2.0, 2.0)
    assert_spans(np.ravel(drawn(matrices(rows=1, columns=2, maximum=0.75))), -0.75, 0.75)


def test_spectra_and_matrices_have_all_powers_of_two_up_to_the_condition():
    default, small = drawn(spectra(dim=2)), drawn(spectra(dim=3, condition=100.0, rank=2))
    assert set(np.ravel(default)) == {2.0**power for power in range(14)}
    assert {len(values) for values in small} == {3}
    assert {tuple(values[2:]) for values in small} == {(0.0,)}
    assert {value for values in small for value in values[:2]} == {2.0**power for power in range(7)}
    assert_conditions(drawn(psd_matrices(dim=2)), 2.0**13)


def test_laws_and_channels_are_of_all_sizes_up_to_the_largest():
    laws = drawn(gaussians())
    assert {law.dim for law in laws} == {1, 2, 3, 4}
    assert {law.outputs for law in laws} == {1, 2, 3}
    assert_conditions([law.cov for law in laws], 2.0**13)
    assert_spans([entry for law in laws for entry in np.ravel(law.rows)], -2.0, 2.0)
    found = drawn(channels())
    assert {channel.dim_in for channel in found} == {channel.dim_out for channel in found} == {1, 2, 3, 4}
    assert {bool(channel.cov.any()) for channel in found} == {True, False}
    assert_conditions([channel.cov for channel in found if channel.cov.any()], 2.0**13)
    assert {channel.dim_out for channel in drawn(channels(max_dim=2), examples=60)} == {1, 2}
    for channel in drawn(channels(dim_in=1, dim_out=2, rank=1, deterministic=False), examples=40):
        assert (channel.dim_in, channel.dim_out, channel.covariance.rank) == (1, 2, 1)
    assert {law.dim for law in drawn(gaussians(max_dim=2), examples=60)} == {1, 2}


def test_moments_are_of_all_sizes_and_of_rows_within_the_bounds():
    found = drawn(moments())
    assert {one.n_features for one in found} == {1, 2, 3}
    assert {one.outputs for one in found} == {0, 1, 2}
    assert {one.n_samples for one in found} == set(range(1, 9))
    assert {one.centred for one in found} == {True, False}
    for centred in (True, False):
        assert {one.centred for one in drawn(moments(centred=centred), examples=20)} == {centred}


def test_problems_are_of_all_sizes_and_scales():
    found = drawn(problems(test_cov=True), examples=240)
    assert {one.n_features for one in found} == {one.outputs for one in found} == {1, 2, 3}
    assert {one.n_samples - one.n_features for one in found} == set(range(6))
    assert_spans([one.label_noise for one in found], 0.25, 2.0)
    assert_conditions([one.gram for one in found], 2.0**9)
    tests = [eigenvalues(one.test_covariance.values) for one in found]
    assert min(values[0] for values in tests) == pytest.approx(2.0**-3, rel=1e-9)
    assert max(values[-1] for values in tests) == pytest.approx(2.0**6, rel=1e-9)
    truths = [entry for one in found if one.mode == "averaged" for entry in np.ravel(one.truth.mean)]
    assert_spans(truths, -2.0, 2.0)
    spread = drawn(problems(modes=("averaged",), features=1, outputs=1, spectrum=True))
    assert_spans([float(np.sum(one.gramian.variances)) for one in spread], 1.0, 2.0**9)
    powers = [float(np.sum(one.truth.spread.variances)) for one in spread]
    assert_spans(powers, 0.0, 4.0)
    assert set(np.sqrt(powers)) <= set(np.arange(0.0, 2.25, 0.25))
    assert {one.n_features for one in drawn(problems(features=2), examples=20)} == {2}
    assert {one.outputs for one in drawn(problems(max_outputs=2), examples=60)} == {1, 2}
    assert {one.n_features for one in drawn(problems(max_features=2), examples=60)} == {1, 2}
    centred = drawn(problems(intercept=True), examples=100)
    assert {one.n_samples - one.n_features - 1 for one in centred} == set(range(6))


def test_singular_problems_lose_every_rank_but_the_first():
    found = drawn(problems(features=3, singular=True), examples=60)
    assert {one.gramian.rank for one in found} == {1, 2, 3}
    assert {one.gramian.rank for one in drawn(problems(features=3), examples=40)} == {3}


def test_observed_labels_are_the_truth_and_as_much_again():
    found = drawn(problems(modes=("observed",), features=1, outputs=1, condition=1.0))
    labels = [float(one.observed[0, 0]) for one in found]
    assert -4.0 <= min(labels) < -3.0
    assert 3.0 < max(labels) <= 4.0


def test_settings_of_learners_reach_their_bounds():
    found = drawn(ridges())
    assert_spans([one.penalty for one in found], 0.25, 8.0)
    assert_spans([one.temperature for one in found], 0.25, 4.0)
    assert_spans([one.noise for one in found], 0.25, 2.0)
    assert None in {one.noise for one in found}
    found = drawn(ridges(deterministic=True, unpenalised=True))
    assert_spans([one.penalty for one in found], 0.0, 8.0)
    assert_spans([one.temperature for one in found], 0.0, 4.0)
    found = [one for one in drawn(descents()) if isinstance(one, lg.NoisyGradientDescent)]
    assert {one.steps for one in found} == set(range(1, 9))
    assert {one.step_size for one in found} == {2.0**-power for power in range(3, 11)}
    assert_spans([one.penalty for one in found], 0.0, 4.0)
    assert_spans([one.temperature for one in found], 0.25, 4.0)
    assert_spans([one.noise for one in found], 0.25, 2.0)
    flows = [one for one in drawn(descents()) if isinstance(one, lg.GradientFlow)]
    assert {one.time for one in flows} <= {steps * 2.0**-power for steps in range(1, 9) for power in range(3, 11)}
    assert 0.0 in {one.temperature for one in drawn(descents(deterministic=True))}
    assert min(one.temperature for one in drawn(learners())) == 0.25
    assert min(one.temperature for one in drawn(learners(deterministic=True))) == 0.0


def test_the_simplest_learners_are_the_defaults():
    simplest = find(descents(), lambda _: True, settings=SHRINK)
    assert (simplest.steps, simplest.step_size) == (1, 2.0**-3)
    assert (simplest.penalty, simplest.temperature, simplest.noise) == (1.0, 1.0, None)
    noisy = find(ridges(), lambda ridge: ridge.noise is not None, settings=SHRINK)
    assert noisy == lg.Ridge(noise=1.0)
    floored = find(distillations(), lambda case: case.floor is not None, settings=SHRINK)
    assert floored.floor == 1.0


def test_bottlenecks_are_of_every_rank():
    for kind in (lg.Principal, lg.Best, lg.Selected, lg.Subspace):
        found = [one for one in drawn(bottlenecks(features=2)) if isinstance(one, kind)]
        assert {rank_of(one) for one in found} == {0, 1, 2}, kind


def rank_of(bottleneck):
    if isinstance(bottleneck, lg.Selected):
        return len(bottleneck.directions)
    return bottleneck.rank


@pytest.mark.parametrize(("hard", "least"), [(False, 0.25), (True, 0.0)])
def test_settings_of_distillations_reach_their_bounds(hard, least):
    found = drawn(distillations(max_features=1, max_outputs=1, hard=hard), examples=240)
    assert_spans([case.floor for case in found], least, 4.0)
    assert_spans([case.temperature for case in found], 0.0, 4.0)
    assert_spans([case.mixing for case in found], -0.5, 1.5)
    assert {case.draws for case in found} == {1, 2, 3, 4, 5}
    assert min(case.student.temperature for case in found) == least
    assert min(case.teacher.temperature for case in found) == 0.25


def test_designs_are_of_the_kinds_asked_for():
    found = drawn(distillations(), examples=120)
    assert {case.problem.n_features for case in found} == {case.problem.outputs for case in found} == {1, 2, 3}
    assert {case.problem.mode for case in found} == {"averaged", "observed", "plug-in"}
    assert {case.transfer for case in found} == {None}
    assert {(case.problem.intercept, case.problem.test_covariance is None) for case in found} == {(False, True)}
    assert all(case.problem.gramian.rank == case.problem.n_features for case in found)
    spectral = drawn(distillations(spectral=True, features=2, outputs=1), examples=40)
    assert not any(isinstance(case.bottleneck, lg.Subspace) for case in spectral)
    assert {(case.problem.n_features, case.problem.outputs) for case in spectral} == {(2, 1)}
    moved = drawn(distillations(transfer=True, intercept=None), examples=120)
    assert {case.transfer.n_samples for case in moved} == set(range(1, 7))
    assert {case.mixing for case in moved} == {1.0}
    assert all(case.transfer.centred == case.problem.intercept for case in moved)
    assert not any(isinstance(case.bottleneck, lg.Best) for case in moved)
    assert {type(case.bottleneck) for case in moved} == {type(None), lg.Principal, lg.Selected, lg.Subspace}


# What laws of divergences are about


def test_laws_of_divergences_are_put_to_laws_of_up_to_three_coordinates():
    for law in (NONNEGATIVE, ZERO_ON_ITSELF, POSITIVE):
        pairs = drawn(law.over, examples=100)
        assert {p.dim for p, _ in pairs} == {1, 2, 3}
        assert {p.outputs for p, _ in pairs} == {1, 2, 3}
        assert all((p.dim, p.outputs) == (q.dim, q.outputs) for p, q in pairs)
        for side in (0, 1):
            assert_conditions([pair[side].cov for pair in pairs], 2.0**6)


def test_data_processing_is_put_to_noisy_channels_into_up_to_three_coordinates():
    found = drawn(PROCESSED.over, examples=100)
    assert all(channel.dim_in == p.dim == q.dim for p, q, channel in found)
    assert {channel.dim_out for _, _, channel in found} == {1, 2, 3}
    assert_conditions([channel.cov for *_, channel in found], 2.0**6)


def test_invariance_is_put_to_invertible_maps_with_shifts():
    found = drawn(INVARIANT.over, examples=100)
    stretches = [np.linalg.svd(change.A, compute_uv=False) for *_, change in found]
    assert min(values[-1] for values in stretches) == pytest.approx(1.0, rel=1e-9)
    assert max(values[0] for values in stretches) == pytest.approx(16.0, rel=1e-9)
    assert not any(change.cov.any() for *_, change in found)
    assert any(change.b.any() for *_, change in found)
    assert any(np.linalg.det(change.A) < 0 for *_, change in found)


def test_additivity_is_put_to_blocks_of_up_to_two_coordinates():
    found = drawn(ADDITIVE.over, examples=100)
    assert {(p.dim, other.dim) for p, _, other, _ in found} == {(1, 1), (1, 2), (2, 1), (2, 2)}
    assert {p.outputs for p, *_ in found} == {1, 2}
    assert all(p.dim == q.dim and r.dim == s.dim for p, q, r, s in found)
    assert all(p.outputs == q.outputs == r.outputs == s.outputs for p, q, r, s in found)


# How much is tried


def test_as_many_cases_are_tried_as_the_documentation_says():
    calls = []

    def counted(p, q):
        calls.append(p)
        return lg.kl(p, q)

    assert_divergence(counted, laws=[NONNEGATIVE])
    assert len(calls) == 200
    assert (CI.max_examples, CI.derandomize, CI.deadline, CI.database, CI.print_blob) == (100, True, None, None, True)
    assert CI.suppress_health_check == (hypothesis.HealthCheck.too_slow,)
    searched, commanded = (inspect.signature(one).parameters for one in (falsify, claims.falsify))
    assert [searched[name].default for name in ("cases", "seed", "tolerance", "seconds")] == [
        commanded[name].default for name in ("cases", "seed", "tolerance", "seconds")
    ]
    told = (Path(__file__).parents[2] / "docs" / "testing.md").read_text(encoding="utf-8")
    assert f"`-tolerance` (default {searched['tolerance'].default:.0e})".replace("e-09", "e-9") in told
    assert f"`seconds` (default {searched['seconds'].default:g})" in told
