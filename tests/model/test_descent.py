"""Noisy gradient descent: its closed form is what its steps compose to, and its limits are the textbook's."""

import itertools
import math
import pickle

import mpmath
import numpy as np
import pytest
from bridge import dense
from numpy.testing import assert_allclose
from scipy.stats import ortho_group

import lingauss as lg
from lingauss.algebra.given import as_psd
from lingauss.algebra.psd import Diagonal
from lingauss.errors import (
    DomainError,
    NotFiniteError,
    OverflowingError,
    SingularGramError,
    UndefinedFloorError,
    UnstableStepError,
)
from lingauss.sweep.pointwise import quantities_of

NOISE = 0.5
SPECTRUM = np.array([9.0, 4.0, 1.0, 0.25])
SINGULAR = np.array([9.0, 4.0, 1.0, 0.0])


def gram(spectrum, seed=0):
    vectors = ortho_group.rvs(len(spectrum), random_state=seed)
    matrix = (vectors * spectrum) @ vectors.T
    return 0.5 * (matrix + matrix.T)


def composed(learner, G, label_noise):
    """The law t ↦ W of T steps from W = 0, one affine channel at a time."""
    d, h = len(G), learner.step_size
    sigma = label_noise if learner.noise is None else learner.noise
    shrink = np.eye(d) - h * (G + learner.penalty * np.eye(d))
    gain, cov = np.zeros((d, d)), np.zeros((d, d))
    for _ in range(int(learner.steps)):
        gain = gain @ shrink.T + h * np.eye(d)
        cov = shrink @ cov @ shrink.T + 2 * h * learner.temperature * sigma**2 * np.eye(d)
    return gain, cov


DESCENTS = [
    pytest.param(lg.NoisyGradientDescent(1, 0.1), id="one step"),
    pytest.param(lg.NoisyGradientDescent(7, 0.05, 0.3, 2.0), id="still learning"),
    pytest.param(lg.NoisyGradientDescent(400, 0.1, 0.3, 0.5, 2.0), id="converged"),
    pytest.param(lg.NoisyGradientDescent(9, 0.1, 0.0), id="no penalty"),
    pytest.param(lg.NoisyGradientDescent(10, 0.1, 1.0), id="one direction learned in one step"),
    pytest.param(lg.NoisyGradientDescent(11, 0.2, 1.0), id="one direction flips for ever, odd"),
    pytest.param(lg.NoisyGradientDescent(12, 0.2, 1.0), id="one direction flips for ever, even"),
    pytest.param(lg.NoisyGradientDescent(13, 0.19, 0.5), id="overshoots, odd"),
    pytest.param(lg.NoisyGradientDescent(14, 0.19, 0.5), id="overshoots, even"),
    pytest.param(lg.NoisyGradientDescent(9, 0.4, 0.5), id="diverges, odd"),
    pytest.param(lg.NoisyGradientDescent(10, 0.4, 0.5), id="diverges, even"),
    pytest.param(lg.NoisyGradientDescent(6, 0.1, 1.0, 0.0), id="deterministic"),
]


@pytest.mark.parametrize("learner", DESCENTS)
@pytest.mark.parametrize("spectrum", [SPECTRUM, SINGULAR], ids=["regular", "singular"])
def test_finite_time_law_is_the_composition_of_its_steps(learner, spectrum):
    for G in (Diagonal(spectrum[::-1]), as_psd(gram(spectrum), "G")):
        channel = learner.channel(G, NOISE)
        gain, cov = composed(learner, G.matrix, NOISE)
        assert_allclose(channel.A, gain, rtol=0, atol=1e-12 * np.abs(gain).max())
        assert_allclose(channel.cov, cov, rtol=0, atol=1e-12 * np.abs(cov).max())


@pytest.mark.parametrize("learner", DESCENTS)
def test_every_direction_keeps_its_digits(learner):
    """Each direction by itself against exact steps, so that small gains are not hidden behind large ones."""
    s = np.array([9.0, 4.0, 1.0, 0.25, 1e-6, 0.0])
    law = learner.spectral(s, np.asarray(NOISE))
    h, noise = learner.step_size, mpmath.mpf(float(learner.dispersion(NOISE))) / NOISE**2
    with mpmath.workdps(60):
        for i, eigenvalue in enumerate(s):
            shrink = 1 - mpmath.mpf(h) * (mpmath.mpf(eigenvalue) + mpmath.mpf(learner.penalty))
            gain, variance = mpmath.mpf(0), mpmath.mpf(0)
            for _ in range(int(learner.steps)):
                gain, variance = gain * shrink + h, variance * shrink**2 + 2 * h * noise
            # Where 1 − ha is close to −1 the gain is a difference, known up to the rounding of h·a.
            loose = 1e-13 * max(1.0, float(abs(h / (gain * (2 - h * (eigenvalue + learner.penalty) or 1e-16)))))
            if abs(shrink + 1) > 1e-12:
                assert_allclose(float(law.gain[i]), float(gain), rtol=loose)
            assert_allclose(float(law.variance[i]), float(variance), rtol=1e-13)
            assert_allclose(law.missed[i], float(1 - eigenvalue * gain), rtol=1e-12, atol=1e-13)


def test_effective_penalty_of_early_stopping_is_larger_where_it_has_not_converged():
    law = lg.NoisyGradientDescent(10, 0.05, penalty=0.5).spectral(SPECTRUM, np.asarray(NOISE))
    assert np.all(law.penalty > 0.5)
    assert np.all(np.diff(law.penalty) > 0)
    assert_allclose(law.gain, 1 / (SPECTRUM + law.penalty), rtol=1e-14)


@pytest.mark.parametrize("step_size", [0.05, 0.19])
def test_stationary_law_is_that_of_the_theory_and_the_limit_of_many_steps(step_size):
    G = gram(SPECTRUM)
    A = G + 1.0 * np.eye(4)
    learner = lg.NoisyGradientDescent(math.inf, step_size, 1.0, temperature=2.0)
    stationary = learner.channel(as_psd(G, "G"), NOISE)
    assert_allclose(stationary.A, np.linalg.inv(A), rtol=0, atol=1e-14)
    assert_allclose(stationary.cov, 2.0 * NOISE**2 * np.linalg.inv(A - step_size * A @ A / 2), rtol=0, atol=1e-13)
    late = lg.NoisyGradientDescent(2000, step_size, 1.0, temperature=2.0).channel(as_psd(G, "G"), NOISE)
    assert_allclose(late.A, stationary.A, rtol=0, atol=1e-14)
    assert_allclose(late.cov, stationary.cov, rtol=0, atol=1e-13)


def test_small_steps_at_a_fixed_time_are_gradient_flow():
    G = as_psd(gram(SPECTRUM), "G")
    fine = lg.NoisyGradientDescent(10**9, 0.3e-9, 0.5, temperature=2.0, noise=0.7)
    flow = fine.flow()
    assert_allclose(flow.time, 0.3, rtol=1e-15)
    for one, other in ((fine.channel(G, NOISE), flow.channel(G, NOISE)),):
        assert_allclose(one.A, other.A, rtol=0, atol=1e-8)
        assert_allclose(one.cov, other.cov, rtol=0, atol=1e-8)
    a = SPECTRUM + 0.5
    law = flow.spectral(SPECTRUM, np.asarray(NOISE))
    assert_allclose(law.gain, (1 - np.exp(-0.3 * a)) / a, rtol=1e-14)
    assert_allclose(NOISE**2 * law.variance, 2 * 0.49 * (1 - np.exp(-0.6 * a)) / a, rtol=1e-14)


@pytest.mark.parametrize(
    "learner", [lg.GradientFlow(math.inf, 0.5, 2.0, 0.7), lg.NoisyGradientDescent(math.inf, 1e-14, 0.5, 2.0, 0.7)]
)
def test_small_steps_and_a_long_time_are_ridge(learner):
    for spectrum in (SPECTRUM, SINGULAR):
        ridge = lg.Ridge(0.5, 2.0, 0.7).spectral(spectrum, np.asarray(NOISE))
        ours = learner.spectral(spectrum, np.asarray(NOISE))
        for name in ("gain", "penalty", "dispersion"):
            one, other = (np.broadcast_to(getattr(law, name), 4) for law in (ours, ridge))
            assert_allclose(one, other, rtol=1e-12)


def case_of(teacher, student, **changes):
    problem = lg.Problem.from_gram(gram(SINGULAR), n_samples=9, truth=np.ones((2, 4)), label_noise=NOISE)
    return lg.Distillation(problem, teacher, student).replace(**changes)


PAIRS = {
    "descents": (lg.NoisyGradientDescent(30, 0.05, 0.5), lg.NoisyGradientDescent(8, 0.05, 0.5, 0.5)),
    "ridge and descent": (lg.Ridge(0.5), lg.NoisyGradientDescent(8, 0.1, 0.0)),
    "descent and ridge": (lg.NoisyGradientDescent(8, 0.1, 0.0), lg.Ridge(0.5)),
    "flows": (lg.GradientFlow(2.0, 0.0), lg.GradientFlow(0.3, 0.2)),
    "stationary": (lg.NoisyGradientDescent(math.inf, 0.1, 0.5), lg.NoisyGradientDescent(math.inf, 0.15, 0.3)),
    "diverging": (lg.NoisyGradientDescent(6, 0.3, 0.5), lg.NoisyGradientDescent(5, 0.35, 0.5)),
}


@pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS.keys())
@pytest.mark.parametrize("rank", [1, 3, 4])
def test_dense_and_eigenbasis_routes_agree(pair, rank):
    case = case_of(*pair, rank=rank, mixing=0.7, draws=2)
    plain = dense(case)
    for ours, theirs in (
        (case.divergence(), plain.divergence()),
        (case.prediction_divergence(), plain.prediction_divergence()),
    ):
        assert_allclose(theirs.cells, ours.cells, rtol=0, atol=1e-9 * ours.total)
    scale = case.excess_risk()
    assert_allclose(
        case.sweep(temperature=[1.0], quantities=["student_excess_risk", "teacher_gap", "student_gap"])
        .to_array()
        .values.ravel(),
        [scale.student, case.gaps().teacher, case.gaps().student],
        rtol=1e-9,
    )


@pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS.keys())
def test_gap_cumulants_by_direction_are_those_of_the_channel(pair):
    case = case_of(*pair)
    other = case.replace(teacher=case.teacher_channel, student=lg.Ridge(1.0))
    low, high = case.gap_cumulants.domain
    for lam in (0.3 * low, 0.3 * min(high, 100.0)):
        assert_allclose(case.gap_cgf(lam), other.gap_cgf(lam), rtol=1e-8)


@pytest.mark.parametrize("spectral", [True, False])
def test_steps_are_swept_as_they_are_replaced(spectral):
    case = case_of(lg.NoisyGradientDescent(5, 0.1), lg.NoisyGradientDescent(5, 0.1), rank=2, temperature=2.0)
    if not spectral:
        case = dense(case)
    names = ("divergence", "rank_bottleneck", "student_excess_risk", "teacher_excess_risk")
    axes = {"teacher_steps": [1, 20], "student_rank": [0, 2], "student_steps": [2, 7, 40]}
    dataset = case.sweep(quantities=names, **axes)
    assert dataset.student_steps.attrs["units"] == "1"
    for values in itertools.product(*axes.values()):
        point = dict(zip(axes, values, strict=True))
        expected = quantities_of(case.replace(**point), names)
        assert_allclose([dataset[name].sel(point).item() for name in names], list(expected.values()), rtol=1e-9)
    changed = case.replace(teacher_steps=3, student_steps=4)
    assert (changed.teacher.steps, changed.student.steps) == (3, 4)


def test_student_near_its_teacher_keeps_the_digits_of_the_difference():
    problem = lg.Problem.from_spectrum([4.0, 1.0], [1.0, 1.0], n_samples=9, label_noise=1.0)
    h, eps = 0.1, 2.0**-30

    def total(penalty):
        learner = lg.NoisyGradientDescent(10**6, h, penalty)
        return lg.Distillation(problem, lg.NoisyGradientDescent(10**6, h, 1.0), learner, mixing=0.0).divergence().total

    stationary = lg.Distillation(
        problem,
        lg.NoisyGradientDescent(math.inf, h, 1.0),
        lg.NoisyGradientDescent(math.inf, h, 1.0 + eps),
        mixing=0.0,
    )
    assert total(1.0) == 0.0
    assert_allclose(total(1.0 + eps), stationary.divergence().total, rtol=1e-13)
    with mpmath.workdps(50):
        expected = mpmath.mpf(0)
        for s in (4, 1):
            a, b = mpmath.mpf(s + 1), mpmath.mpf(s + 1) + mpmath.mpf(eps)
            v, u = 1 / (a - h * a**2 / 2), 1 / (b - h * b**2 / 2)
            shift = 1 / b - 1 / a
            rho = u / v
            expected += (shift**2 * (s**2 + s) / v + rho - 1 - mpmath.log(rho)) / 2
    assert_allclose(stationary.divergence().total, float(expected), rtol=1e-7)


def test_default_floor_is_the_law_of_a_direction_without_data():
    for learner in (
        lg.NoisyGradientDescent(7, 0.1, 0.5, 2.0),
        lg.NoisyGradientDescent(7, 0.1, 0.0),
        lg.NoisyGradientDescent(math.inf, 0.1, 0.5),
        lg.GradientFlow(0.4, 0.5, 2.0, 0.7),
        lg.GradientFlow(0.4, 0.0),
    ):
        alone = learner.channel(Diagonal(np.zeros(1)), NOISE) if learner.penalty else None
        floor = case_of(lg.Ridge(1.0), learner, rank=2).resolved_floor
        assert floor == learner.prior_variance(NOISE)
        if alone is not None:
            assert floor == pytest.approx(alone.cov[0, 0], rel=1e-15)
    assert lg.NoisyGradientDescent(7, 0.1, 0.0).prior_variance(NOISE) == pytest.approx(2 * 0.7 * NOISE**2)
    assert lg.GradientFlow(0.4, 0.0).prior_variance(NOISE) == pytest.approx(0.8 * NOISE**2)
    assert lg.NoisyGradientDescent(10**6, 1e-3, 0.5).prior_variance(NOISE) == pytest.approx(NOISE**2 / 0.5, rel=1e-3)


def test_default_floor_needs_some_spread_and_a_law_without_data():
    for learner in (lg.NoisyGradientDescent(7, 0.1, temperature=0.0), lg.GradientFlow(math.inf, penalty=0.0)):
        with pytest.raises(UndefinedFloorError, match=r"default floor; got (NoisyGradientDescent|GradientFlow)\("):
            learner.prior_variance(NOISE)


def test_stationary_law_of_too_large_a_step_is_refused_with_the_limit():
    learner = lg.NoisyGradientDescent(math.inf, 0.21, 1.0)
    message = r"a step size below 0\.2 = 2/λ_max\(G \+ λI\).*got 0\.21\. Use step_size < 0\.2, or finitely many steps"
    for settings in ({"teacher": learner}, {"student": learner}, {"student": learner, "bottleneck": lg.Principal(2)}):
        with pytest.raises(UnstableStepError, match=message):
            case_of(lg.Ridge(1.0), lg.Ridge(1.0)).replace(**settings)
    small = lg.NoisyGradientDescent(math.inf, 0.199, 1.0)
    assert case_of(small, small).divergence().total > 0
    assert case_of(lg.NoisyGradientDescent(5, 0.2), lg.NoisyGradientDescent(5, 0.5)).divergence().total > 0


def test_stationary_law_without_curvature_is_refused():
    for learner in (lg.NoisyGradientDescent(math.inf, 0.1, 0.0), lg.GradientFlow(math.inf, 0.0)):
        with pytest.raises(SingularGramError, match="finite number of steps"):
            case_of(learner, lg.Ridge(1.0))
        kept = case_of(lg.Ridge(1.0), lg.Ridge(1.0)).replace(student=learner, rank=3, floor=0.1)
        assert np.isfinite(kept.divergence().total)


def test_weights_beyond_float64_are_refused_with_the_longest_legal_time():
    with pytest.raises(OverflowingError, match=r"after 1000 steps.*2/λ_max.*at most (\d+) steps"):
        case_of(lg.NoisyGradientDescent(1000, 1.0), lg.Ridge(1.0))
    assert np.isfinite(case_of(lg.NoisyGradientDescent(70, 1.0), lg.Ridge(1.0)).divergence().total)


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"steps": 0}, DomainError, "steps, a whole number of at least 1; got 0"),
        ({"steps": -3}, DomainError, "at least 1"),
        ({"steps": 2.5}, DomainError, r"steps, a whole number of at least 1; got 2\.5"),
        ({"steps": -math.inf}, NotFiniteError, "finite steps"),
        ({"steps": math.nan}, NotFiniteError, "finite steps"),
        ({"step_size": 0.0}, DomainError, "step_size greater than 0"),
        ({"step_size": -1.0}, DomainError, "step_size greater than 0"),
        ({"step_size": math.inf}, NotFiniteError, "step_size"),
        ({"penalty": -1.0}, DomainError, "penalty at least 0"),
        ({"temperature": -1.0}, DomainError, "temperature at least 0"),
        ({"noise": 0.0}, DomainError, "noise greater than 0"),
    ],
    ids=str,
)
def test_settings_outside_their_range_are_refused(settings, error, message):
    with pytest.raises(error, match=message):
        lg.NoisyGradientDescent(**{"steps": 5, "step_size": 0.1} | settings)


def test_steps_need_a_learner_that_has_them():
    case = case_of(lg.Ridge(1.0), lg.NoisyGradientDescent(5, 0.1))
    for change in (lambda: case.replace(teacher_steps=3), lambda: case.sweep(teacher_steps=[3, 4])):
        with pytest.raises(DomainError, match=r"a learner with steps as teacher; got Ridge.*NoisyGradientDescent\("):
            change()
    with pytest.raises(DomainError, match="student_steps, a whole number of at least 1; got 0"):
        case.sweep(student_steps=[0, 1])


def test_time_of_flow_must_be_positive():
    for time in (0.0, -1.0):
        with pytest.raises(DomainError, match="time greater than 0"):
            lg.GradientFlow(time)


def test_descents_are_values():
    learner = lg.NoisyGradientDescent(np.int64(5), np.float32(0.5))
    assert learner == lg.NoisyGradientDescent(5, 0.5) == pickle.loads(pickle.dumps(learner))  # noqa: S301 (our own bytes)
    assert repr(learner) == "NoisyGradientDescent(steps=5, step_size=0.5, penalty=1.0, temperature=1.0, noise=None)"
    assert hash(learner) == hash(lg.NoisyGradientDescent(5, 0.5))
    assert repr(lg.NoisyGradientDescent(math.inf, 0.5)).startswith("NoisyGradientDescent(steps=inf")


def test_a_stationary_law_needs_a_step_strictly_below_the_limit():
    spectrum, limit = np.array([3.5, 1.0]), 2.0 / 4.0
    with pytest.raises(UnstableStepError, match=r"below 0\.5"):
        lg.NoisyGradientDescent(math.inf, limit, 0.5).spectral(spectrum, np.asarray(1.0))
    law = lg.NoisyGradientDescent(math.inf, np.nextafter(limit, 0.0), 0.5).spectral(spectrum, np.asarray(1.0))
    assert np.all(law.variance > 0.0)
