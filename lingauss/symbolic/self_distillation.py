"""One-step and infinite self-distillation of a ridge estimate, in the eigenbasis of the Gram matrix."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

import sympy as sp

from lingauss.symbolic.assumptions import Assumption
from lingauss.symbolic.calculus import expectation, solve_linear
from lingauss.symbolic.derivation import Derivation
from lingauss.symbolic.factoring import factor
from lingauss.symbolic.normal_form import split_sums
from lingauss.symbolic.provenance import Source, Step
from lingauss.symbolic.student import gibbs, student_law
from lingauss.symbolic.symbols import (
    d,
    i,
    k,
    lam,
    lambda_S,
    lambda_T,
    nu,
    over_directions,
    positive,
    real,
    s,
    signal,
    signals,
    spectrum,
    t,
    w,
    xi,
)  # fmt: skip

SUBJECT = "Self-distillation"

PAREEK = Source("setting: Pareek, Du & Oh 2024, Das & Sanghavi 2023; this form: derived here")
BORUP = Source("result: Borup & Andersen 2021; this derivation: here")
DETERMINISTIC = Assumption(sp.true, "deterministic learners, equal penalties, full rank")

step = sp.Symbol("j", integer=True, nonnegative=True)
alpha = positive("alpha")
z = real("z")
s_i, signal_i = spectrum[i], signals[i]
SLOPE = sp.Symbol("R_lam", real=True)
SLOPE_IS = sp.Eq(SLOPE, 2 * sp.Sum(s_i**2 * (lam * signal_i - k * nu**2) / (s_i + lam) ** 3, (i, 1, d)))
CURVATURE = sp.Symbol("D", positive=True)
CURVATURE_IS = sp.Eq(CURVATURE, sp.Sum(s_i**2 * (k * nu**2 + s_i * signal_i) / (s_i + lam) ** 4, (i, 1, d)))


def _risk(gain: sp.Expr) -> sp.Expr:
    """Return n times the excess risk of the weight `gain`·t in one direction, averaged over labels, all outputs."""
    error = sp.sqrt(s) * (gain * (s * w + nu * sp.sqrt(s) * z) - w)
    one_output = expectation(sp.expand(error**2), z)
    return sp.cancel(sp.diff(one_output, w, 2) / 2) * signal + k * sp.cancel(one_output.subs(w, 0))


@cache
def _ridge_risk() -> sp.Expr:
    return over_directions(sp.cancel(sp.together(_risk(gibbs()[0] / t))))


@cache
def _student_risk() -> tuple[sp.Expr, sp.Expr, sp.Expr]:
    """Return risk of the distilled estimate, its slope at ξ = 0 and its second derivative: it is quadratic in ξ."""
    gain = student_law().gain.subs({lambda_T: lam, lambda_S: lam})
    term = sp.cancel(sp.together(_risk(gain)))
    slope, curvature = sp.diff(term, xi).subs(xi, 0), sp.diff(term, xi, 2)
    return over_directions(term), over_directions(factor(slope)), over_directions(factor(curvature))


def ridge_risk_slope() -> Derivation:
    """Sensitivity R′(λ) of the ridge risk to its penalty (theory §5)."""
    return Derivation(
        name="ridge_risk_slope",
        title="Sensitivity of the ridge risk to the penalty",
        statement=sp.Eq(sp.Derivative(sp.Symbol("R"), lam), SLOPE_IS.rhs),
        steps=(
            Step(_ridge_risk(), "n times the excess risk of ridge: bias and variance of the predictions"),
            Step(sp.diff(_ridge_risk(), lam), "differentiate"),
        ),
        assumptions=(DETERMINISTIC,),
    )


def self_distillation_slope() -> Derivation:
    """Distillation helps to first order iff the penalty is not stationary: dR/dξ = λR′(λ) at ξ = 0 (theory §5)."""
    risk, slope, _ = _student_risk()
    return Derivation(
        name="self_distillation_slope",
        title="First-order effect of self-distillation",
        statement=sp.Eq(sp.Derivative(sp.Symbol("R_xi"), xi), lam * SLOPE),
        where=(SLOPE_IS,),
        steps=(
            Step(risk, "n times the excess risk after one step of self-distillation with mixing ξ"),
            Step(slope, "its derivative in ξ at ξ = 0: λ times the derivative of the ridge risk in λ"),
        ),
        assumptions=(DETERMINISTIC,),
        source=PAREEK,
    )


def self_distillation_mixing() -> Derivation:
    """Best mixing ξ* of one-step self-distillation (theory §5)."""
    _, slope, curvature = _student_risk()
    optimum = solve_linear(split_sums(slope) + split_sums(curvature) * xi, xi)
    gain = sp.Sum(s_i**2 * (k * nu**2 - lam * signal_i) / (s_i + lam) ** 3, (i, 1, d))
    return Derivation(
        name="self_distillation_mixing",
        title="Best mixing of one-step self-distillation",
        statement=sp.Eq(sp.Symbol("xi_star"), gain / (lam * CURVATURE)),
        where=(CURVATURE_IS,),
        steps=(
            Step(slope, "derivative of the risk in ξ at ξ = 0"),
            Step(curvature, "its second derivative, positive and free of ξ"),
            Step(optimum, "solve for the zero of the derivative"),
        ),
        assumptions=(DETERMINISTIC,),
        source=PAREEK,
    )


def self_distillation_gain() -> Derivation:
    """Risk that the best mixing saves, (R′/2)² over a positive sum (theory §5)."""
    _, slope, curvature = _student_risk()
    first, second = split_sums(slope), split_sums(curvature)
    optimum = solve_linear(first + second * xi, xi)
    return Derivation(
        name="self_distillation_gain",
        title="What the best mixing saves",
        statement=sp.Eq(sp.Symbol("R") - sp.Symbol("R_star"), (SLOPE / 2) ** 2 / CURVATURE),
        where=(SLOPE_IS, CURVATURE_IS),
        steps=(
            Step(first * xi + second * xi**2 / 2, "risk at mixing ξ minus the ridge risk, exactly quadratic"),
            Step(-(first * optimum + second * optimum**2 / 2), "what is saved at the best ξ"),
        ),
        assumptions=(DETERMINISTIC,),
        source=PAREEK,
    )


def infinite_self_distillation() -> Derivation:
    """Self-distillation without end, weight α on the true labels, is ridge with penalty λ/α (theory §8)."""
    a = s / (s + lam)
    ratio = positive("u")  # a(1 − α) = 1/(1 + u), since 0 < a(1 − α) < 1
    gain = sp.Function("p")
    recursion = gain(step + 1) - a * alpha - gain(step) / (1 + ratio)
    solution = sp.rsolve(recursion, gain(step), {gain(0): a})
    limit = sp.limit(solution, step, sp.oo).subs(ratio, 1 / (a * (1 - alpha)) - 1)
    return Derivation(
        name="infinite_self_distillation",
        title="Infinite self-distillation is ridge",
        statement=sp.Eq(sp.Limit(gain(step), step, sp.oo), s / (s + lam / alpha)),
        steps=(
            Step(sp.Eq(gain(step + 1), a * (alpha + (1 - alpha) * gain(step))), "gain after one more student"),
            Step(solution, "solve the recursion from ridge; 1/(1 + u) = a(1 − α) < 1"),
            Step(limit, "j → ∞: what depends on the start dies out"),
        ),
        assumptions=(Assumption(alpha < 1, "some weight on the soft labels"), DETERMINISTIC),
        source=BORUP,
    )


DERIVATIONS: Mapping[str, Callable[[], Derivation]] = {
    build.__name__: build
    for build in (
        ridge_risk_slope,
        self_distillation_slope,
        self_distillation_mixing,
        self_distillation_gain,
        infinite_self_distillation,
    )
}
