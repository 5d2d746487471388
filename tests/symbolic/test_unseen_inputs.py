"""Derived theory of unseen inputs against the numbers of the library, which come from other code and other forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose

import lingauss as lg
import lingauss.symbolic as sym
from lingauss.equivalents.effective_penalty import effective_penalties
from lingauss.equivalents.fit import Fits
from lingauss.equivalents.overlaps import overlaps
from lingauss.equivalents.pair import Settings, student_parabolas
from lingauss.equivalents.stages import Block, Stages

D, N, OWN, K, NU, TAU, DRAWS = 7, 25, 40, 3, 0.6, 0.7, 2
NOISE = K * NU**2
LABELS = {"k": K, "nu": NU, "tau": TAU, "m": DRAWS}
COLD = {"temperature": 0.0}
FIELDS = {
    "gamma_TT": "teacher_squared",
    "gamma_ST": "shared",
    "gamma_SS": "student_squared",
    "gamma_STT": "teacher_heavy",
    "gamma_SST": "student_heavy",
    "gamma_SSTT": "both_heavy",
    "residual_T": "teacher_residual",
    "bias_TT": "teacher_bias",
    "bias_ST": "bias",
    "bias_SS": "student_bias",
    "carried_T": "carried_teacher",
    "carried_S": "carried_student",
    "carried": "carried",
}


def drawn(seed):
    """Return a spectrum, a signal, and the penalties of both learners."""
    rng = np.random.default_rng(seed)
    return 10 ** rng.uniform(-1, 1, D), rng.uniform(0.1, 2.0, D), *(10 ** rng.uniform(-1, 1.5, 2))


def value(name, known):
    """Return what a formula says, given more than it needs."""
    found = sym.derivation(name)
    answer = found.lambdify()(**{argument.name: known[argument.name] for argument in found.arguments})
    return np.asarray(answer, dtype=float)


def fit(s, rows, penalty, seen):
    return Fits.of(s, np.array([float(rows)]), np.array([penalty]), np.atleast_2d(seen), np.array([0]))


def shared_rows(seed, student_rows=N, views=True):
    """Return eigenvalues, signal, views, penalties and overlaps, these also under the symbols' names."""
    s, signal, *penalties = drawn(seed)
    seen = np.ones((2, D), bool)
    if views:
        seen[0, seed % D], seen[1, (seed + 2) % D] = False, False
    fits = [fit(s, rows, *of) for rows, *of in zip((N, student_rows), penalties, seen, strict=True)]
    common = overlaps(s, signal, *fits)
    named = {name: getattr(common, field)[0] for name, field in FIELDS.items()}
    named["S_TT"] = (NOISE + named["bias_TT"]) / (1 - named["gamma_TT"])
    return s, signal, seen, penalties, common, {**LABELS, **named}


def case_of(seed, mixing, **settings):
    s, signal, *penalties = drawn(seed)
    problem = lg.Problem.from_population(s, signal, n_samples=N, label_noise=NU, outputs=K)
    teacher, student = (lg.Ridge(penalty, **COLD) for penalty in penalties)
    return lg.Distillation(problem, teacher, student, mixing=mixing, temperature=TAU, draws=DRAWS, **settings)


@pytest.mark.parametrize("seed", range(5))
def test_the_effective_penalty_residual_factor_and_drawn_spread_are_the_derived_ones(seed):
    s, signal, penalty, _ = drawn(seed)
    found = fit(s, N, penalty, np.ones(D, bool))
    known = {"spectrum": s, "d": D, "lam": penalty, "effective": found.kappa[0], "n": N, "k": K}
    assert_allclose(value("effective_penalty", known), N, rtol=1e-12)
    assert_allclose(value("residual_factor", known), found.residual, rtol=1e-12)
    assert_allclose(value("effective_penalty_slope", known), 1 / overlaps(s, signal, found, found).regular, rtol=1e-12)
    step = 1e-5 * penalty
    high, low = effective_penalties(s, np.full(2, float(N)), penalty + np.array([step, -step]))
    assert_allclose(value("effective_penalty_slope", known), (high - low) * N / (2 * step), rtol=1e-7)

    problem = lg.Problem.from_population(s, signal, n_samples=N, label_noise=NU, outputs=K)
    warm, cold = (
        lg.Distillation(problem, lg.Ridge(penalty, temperature, 1.3), lg.Ridge(1.0)).excess_risk().teacher
        for temperature in (0.8, 0.0)
    )
    assert_allclose(value("unseen_drawn_spread", {**known, "tau_T": 0.8, "sigma_T": 1.3}), warm - cold, rtol=1e-10)


@pytest.mark.parametrize("seed", range(5))
def test_the_teachers_loss_is_the_derived_one(seed):
    s, signal, penalty, _ = drawn(seed)
    kappa = effective_penalties(s, np.array([float(N)]), np.array([penalty]))[0]
    known = {"spectrum": s, "signals": signal, "d": D, "effective": kappa, "n": N, **LABELS}
    risk = case_of(seed, 0.0).excess_risk().teacher
    assert_allclose(value("unseen_teacher_loss", known), risk + NOISE, rtol=1e-12)


@pytest.mark.parametrize(("name", "n"), [("unseen_least_squares_loss", 31), ("unseen_interpolator_loss", 12)])
def test_losses_without_a_penalty_are_the_derived_ones_on_both_sides_of_the_peak(name, n):
    problem = lg.Problem.from_population(np.full(20, 1.7), np.full(20, 0.4), n_samples=n, label_noise=NU, outputs=K)
    risk = lg.Distillation(problem, lg.Ridge(0.0, **COLD), lg.Ridge(1.0)).excess_risk().teacher
    known = {"d": 20, "n": n, "s": 1.7, "signal": 0.4, **LABELS}
    assert_allclose(value(name, known), risk + NOISE, rtol=1e-12)


@pytest.mark.parametrize("seed", range(8))
def test_the_loss_of_a_student_of_another_view_is_the_derived_one(seed):
    """By its parabola in ξ, and for one ξ from the equations of any number of learners on shared rows."""
    s, signal, seen, penalties, common, known = shared_rows(seed)
    known["eta_1"] = known["residual_T"] / (1 - known["gamma_ST"])
    powers = value("unseen_student_loss", known)
    settings = Settings(*map(np.array, (NOISE, 0.0, TAU / DRAWS, 0.0, 0.0, 0.0)))
    _, risk = student_parabolas(common, settings)
    assert_allclose(powers, np.ravel([risk.start + NOISE, risk.slope, risk.curvature]), rtol=1e-11)

    known["xi"] = xi = 1.3 - 0.3 * seed
    known["eta"] = value("student_memory", known)
    known["S_ST"] = value("unseen_cross_moment", known)
    known["S_SS"] = value("unseen_innovation", known)
    pull, silent = np.array([[1.0, 0.0], [-xi, 1.0]]), xi**2 * TAU * NOISE / DRAWS
    labels = NOISE * pull @ np.ones((2, 2)) @ pull.T + np.diag([0.0, silent])
    moments = NOISE + Stages(s, signal, seen, np.array(penalties), [Block(N, pull, labels)], np.zeros(2)).errors()
    eta, teacher = known["eta"], known["S_TT"]
    assert_allclose(moments[0, 0], teacher, rtol=1e-11)
    assert_allclose(moments[1, 0], known["S_ST"] + eta * teacher, rtol=1e-11)
    assert_allclose(moments[1, 1], known["S_SS"] - silent + 2 * eta * known["S_ST"] + eta**2 * teacher, rtol=1e-11)
    assert_allclose(moments[1, 1], np.polyval(powers[::-1], xi), rtol=1e-11)


@pytest.mark.parametrize("seed", range(5))
def test_the_risk_of_a_student_on_rows_of_its_own_is_the_derived_one(seed):
    *_, known = shared_rows(seed, OWN, views=False)
    known["xi"] = xi = 1.2 - 0.4 * seed
    known["S_SS"] = value("fresh_innovation", known)
    risk = case_of(seed, xi, transfer=lg.FreshInputs(OWN)).excess_risk().student
    assert_allclose(value("fresh_excess_risk", known), risk, rtol=1e-11)


@pytest.mark.parametrize("seed", range(5))
def test_a_student_of_its_teachers_view_is_the_derived_stack_and_its_best_mixing_the_derived_one(seed):
    s, signal, *penalties = drawn(seed)
    kappa = effective_penalties(s, np.full(2, float(N)), np.array(penalties))
    H = s / (s + kappa[:, None])
    missed = (1 - H) * np.sqrt(s * signal)
    E = (NOISE + missed @ missed.T) / (1 - H @ H.T / N)  # Bach 2023
    known = {"E_TT": E[0, 0], "E_ST": E[0, 1], "E_SS": E[1, 1], "ell_T": penalties[0] / N, "ell_S": penalties[1] / N}
    best, saved = value("unseen_mixing", known)
    for xi in (-0.5, 0.8, float(best)):
        risk = case_of(seed, xi).replace(temperature=0.0).excess_risk().student
        assert_allclose(value("unseen_stack_loss", {**known, "xi": xi}), risk + NOISE, rtol=1e-9)
    assert_allclose(E[1, 1] - NOISE - risk, saved, rtol=1e-9, atol=1e-12 * risk)

    without = effective_penalties(s, np.array([float(N)]), np.array([0.0]))
    assert without == 0.0  # least squares: E_SS and E_ST have no bias of the student's
    bare = {**known, "E_SS": NOISE / (1 - D / N), "E_ST": NOISE / (1 - H[0].sum() / N), "xi": 0.7}
    risk = case_of(seed, 0.7).replace(temperature=0.0, student_penalty=0.0).excess_risk().student
    assert_allclose(value("unseen_ridgeless_student", bare), risk + NOISE, rtol=1e-11)


@pytest.mark.parametrize("seed", range(5))
def test_effects_of_distillation_at_equal_penalties_are_the_derived_ones(seed):
    s, signal, penalty, _ = drawn(seed)
    one = fit(s, N, penalty, np.ones(D, bool))
    _, risk = student_parabolas(overlaps(s, signal, one, one), Settings(*map(np.array, (NOISE, *[0.0] * 5))))
    known = {"spectrum": s, "signals": signal, "d": D, "effective": one.kappa[0], "n": N, **LABELS}
    first, second = value("unseen_mixing_slope", known), value("unseen_mixing_curvature", known)
    assert_allclose(2 * penalty / N * first, risk.slope[0], rtol=1e-9)
    assert_allclose((penalty / N) ** 2 * second, risk.curvature[0], rtol=1e-9)


@pytest.mark.parametrize("xi", [0.4, 0.8, -0.5])
def test_rounds_on_new_rows_settle_where_they_are_derived_to(xi):
    s, signal, penalty, _ = drawn(3)
    case = case_of(3, xi).replace(teacher_penalty=penalty, student_penalty=penalty, draws=1)
    kappa = effective_penalties(s, np.array([float(N)]), np.array([penalty]))
    H, theta = s / (s + kappa), np.sqrt(s * signal)

    def settled(S):
        mean, v = value("redrawn_rows_law", {"H": H, "theta": theta, "S": S, "xi": xi, "n": N, "drawn_spread": 0.0})
        target = (1 - xi) * theta + xi * mean
        labels = NOISE * ((1 - xi) ** 2 + xi**2 * TAU)
        made = (labels + np.sum((1 - H) ** 2 * (target**2 + xi**2 * v))) / (1 - H @ H / N)
        return made, np.sum((mean - theta) ** 2 + v)

    start, end = settled(0.0)[0], settled(1.0)[0]
    _, risk = settled(start / (1 - (end - start)))  # S is what it makes of itself, linearly
    rounds = lg.Chain(case, 120, xi, fresh="inputs").sweep()["excess_risk"]
    assert_allclose(risk, rounds[-1], rtol=1e-10)


@pytest.mark.parametrize(("temperature", "draws"), [(1.0, 1), (2.0, 2), (0.5, 1), (3.0, 1)])
def test_rounds_on_new_labels_have_the_derived_best_share_of_true_ones(temperature, draws):
    problem = lg.Problem.from_population(drawn(0)[0], np.zeros(D), n_samples=N, label_noise=NU, outputs=K)
    learner = lg.Ridge(0.0, **COLD)
    case = lg.Distillation(problem, learner, learner, temperature=temperature, draws=draws)
    found = lg.Chain(case, 1, fresh="labels").best_stationary_mixing()
    share, variance = value("redrawn_labels_share", {"tau": temperature, "m": draws})
    assert_allclose(1 - found.mixing, share, atol=1e-6)
    assert_allclose(found.value, variance * case.excess_risk().teacher, rtol=1e-10)
    settled = value("redrawn_labels_variance", {"xi": 1 - share, "tau": temperature, "m": draws})
    assert_allclose(settled, variance, rtol=1e-12)
    if temperature == draws:
        assert_allclose(share, (math.sqrt(5) - 1) / 2, rtol=1e-14)
