"""What to choose: temperature, mixing, which directions to keep, and when distillation loses nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

import sympy as sp

from lingauss.symbolic.assumptions import Assumption
from lingauss.symbolic.calculus import leading_order, solve_linear
from lingauss.symbolic.cells import EXCESS_IS, FLOOR_IS, discarded, retained, x_a, x_b
from lingauss.symbolic.chain_rule import condition
from lingauss.symbolic.derivation import Derivation
from lingauss.symbolic.gaussian import kl
from lingauss.symbolic.normal_form import split_logs
from lingauss.symbolic.primitives import ExcessLog
from lingauss.symbolic.provenance import Step
from lingauss.symbolic.student import student_law
from lingauss.symbolic.symbols import (
    covariance,
    draws,
    i,
    k,
    lambda_S,
    lambda_T,
    nu,
    p,
    positive,
    q,
    rank,
    real,
    rho,
    s,
    scale_S,
    scale_T,
    sigma_S,
    signal,
    tau,
    tau_S,
    v,
    xi,
)  # fmt: skip

SUBJECT = "Design guidance"

slope_of_rho = sp.Symbol("rho_tau", nonnegative=True)
SLOPE_IS = sp.Eq(slope_of_rho, xi**2 * nu**2 * s * (s + lambda_T) / (draws * scale_T * (s + lambda_S) ** 2))


def _ratio() -> sp.Expr:
    law = student_law()
    return law.variance / law.teacher_variance


def temperature_slope() -> Derivation:
    """Sensitivity of a retained direction's cost to the temperature: ½k (∂ρ/∂τ)(1 − 1/ρ) (theory §5)."""
    return Derivation(
        name="temperature_slope",
        title="Sensitivity to the temperature",
        statement=sp.Eq(sp.Derivative(sp.Symbol("c"), tau), k * slope_of_rho * x_a / (2 * (1 + x_a))),
        where=(SLOPE_IS, EXCESS_IS),
        steps=(
            Step(retained().total, "cost c of a retained direction"),
            Step(sp.diff(retained().total, tau), "differentiate; ρ = 1 + x_a is affine in τ"),
        ),
    )


def temperature_curvature() -> Derivation:
    """Second derivative in the temperature, a square: the cost is convex and its minimiser unique (theory §5)."""
    return Derivation(
        name="temperature_curvature",
        title="Convexity in the temperature",
        statement=sp.Eq(sp.Derivative(sp.Symbol("c"), tau, 2), k * slope_of_rho**2 / (2 * (1 + x_a) ** 2)),
        where=(SLOPE_IS, EXCESS_IS),
        steps=(
            Step(sp.diff(retained().total, tau), "first derivative of the cost of a retained direction"),
            Step(sp.diff(retained().total, tau, 2), "second derivative"),
        ),
    )


def spread_hessian() -> Derivation:
    """Hessian of a retained direction's cost in (τ, τ_S), of rank one and nonnegative: joint convexity (theory §5)."""
    slope_S = positive("rho_S")
    spread = retained().spread
    closed = (slope_of_rho**2, slope_of_rho * slope_S, slope_S**2)
    pairs = ((tau, tau), (tau, tau_S), (tau_S, tau_S))
    c = sp.Symbol("c")
    return Derivation(
        name="spread_hessian",
        title="Joint convexity in both temperatures",
        statement=sp.Eq(
            sp.Tuple(*(sp.Derivative(c, a, b) for a, b in pairs)),
            sp.Tuple(*(k * entry / (2 * (1 + x_a) ** 2) for entry in closed)),
            evaluate=False,
        ),
        where=(SLOPE_IS, sp.Eq(slope_S, sigma_S**2 * (s + lambda_T) / (scale_T * (s + lambda_S))), EXCESS_IS),
        steps=(
            Step(sp.Tuple(*(sp.cancel(sp.diff(_ratio(), a, b)) for a, b in pairs)), "ρ is affine in τ and τ_S"),
            Step(sp.Tuple(*(sp.diff(spread, a, b) for a, b in pairs)), "second derivatives of the cost"),
        ),
    )


def temperature_condition() -> Derivation:
    """Stationarity of the divergence of a rank-r student in the temperature; its root is τ* (theory §5)."""
    excess, slopes = sp.IndexedBase("excess", real=True), sp.IndexedBase("slopes", nonnegative=True)
    x = excess[i] + slopes[i] * tau
    spread = sp.Sum(split_logs(k * kl(0, (1 + x) * v, 0, v)), (i, 1, rank))
    return Derivation(
        name="temperature_condition",
        title="Condition on the best temperature",
        statement=sp.Eq(sp.Derivative(sp.Symbol("K_n"), tau), sp.Sum(k * slopes[i] * x / (2 * (1 + x)), (i, 1, rank))),
        steps=(
            Step(
                sp.cancel(sp.diff(_ratio(), tau, 2)), "second derivative of ρ in τ: ρ − 1 = x₀ + x′τ in every direction"
            ),
            Step(spread, "spread of the r retained directions, the only part with the temperature in it"),
            Step(sp.diff(spread, tau), "differentiate; τ* is the root if positive, else 0"),
        ),
    )


def temperature_star() -> Derivation:
    """Best temperature for one retained direction: where the variances agree (theory §5)."""
    slope = sp.numer(sp.together(sp.diff(retained().total, tau)))
    (root,) = sp.solve(slope, tau)
    room = scale_T * (s + lambda_S) - scale_S * (s + lambda_T)
    closed = (draws * (s + lambda_S) * room / (xi**2 * s) - s * scale_T) / (nu**2 * (s + lambda_T))
    return Derivation(
        name="temperature_star",
        title="Best temperature for one direction",
        statement=sp.Eq(sp.Symbol("tau_star"), closed),
        steps=(
            Step(sp.diff(retained().total, tau), "derivative of the cost"),
            Step(root, "solve for its zero; where it is negative, τ* = 0"),
        ),
        assumptions=(Assumption(sp.Ne(xi, 0), "the student sees soft labels"),),
    )


def keep_direction_threshold() -> Derivation:
    """Signal above which a direction is worth keeping, c < e (theory §5)."""
    margin = discarded().total - retained().total
    threshold = solve_linear(margin, signal)
    gain = sp.Symbol("p_i", real=True)
    a = s / (s + lambda_T)
    gain_is = sp.Eq(gain, s * ((1 - xi) + xi * a) / (s + lambda_S))
    scale = scale_T / ((s + lambda_T) * gain * (2 * a - gain))
    return Derivation(
        name="keep_direction_threshold",
        title="Signal from which a direction is worth keeping",
        statement=sp.Eq(sp.Symbol("signal_min"), k * scale * (ExcessLog(x_a) - ExcessLog(x_b)) - k * nu**2 / s),
        where=(EXCESS_IS, FLOOR_IS, gain_is),
        steps=(
            Step(margin, "cost of discarding minus cost of keeping, e − c; linear in |w|²"),
            Step(threshold, "solve e = c for |w|²"),
        ),
        assumptions=(Assumption(gain_is.rhs * (2 * a - gain_is.rhs) > 0, "the margin grows with the signal"),),
    )


@cache
def _large_sample_ratio() -> sp.Expr:
    ratio, order = leading_order(_ratio(), s)
    if order != 0:
        raise ArithmeticError(f"the variance ratio grows as s to the power {order}")
    return ratio


def matching_ratio() -> Derivation:
    """Variance ratio of every retained direction as n → ∞ (theory §5)."""
    return Derivation(
        name="matching_ratio",
        title="Variance ratio of retained directions for large samples",
        statement=sp.Eq(sp.Limit(rho, s, sp.oo), xi**2 * (1 + q) / draws + p),
        where=(sp.Eq(p, scale_S / scale_T), sp.Eq(q, tau * nu**2 / scale_T)),
        steps=(
            Step(_ratio(), "variance ratio in one direction"),
            Step(_large_sample_ratio(), "leading coefficients in s, which grows with n"),
        ),
    )


def matching_law() -> Derivation:
    """Temperature at which the retained spread vanishes as n → ∞ (theory §5)."""
    (matched,) = sp.solve(_large_sample_ratio() - 1, tau)
    closed = (draws * (scale_T - scale_S) / xi**2 - scale_T) / nu**2
    return Derivation(
        name="matching_law",
        title="Temperature that matches the spreads for large samples",
        statement=sp.Eq(sp.Limit(sp.Symbol("tau_star"), s, sp.oo), closed),
        steps=(
            Step(_large_sample_ratio(), "limit of the variance ratio"),
            Step(matched, "set it to 1 and solve for τ"),
        ),
        assumptions=(Assumption(sp.Ne(xi, 0), "the student sees soft labels"),),
    )


def bias_free_mixing() -> Derivation:
    """Mixing that removes bias and label noise in all directions at once (theory §5)."""
    law = student_law()
    numerator = sp.numer(sp.together(law.gain - law.teacher_gain))
    (mixing,) = sp.solve(numerator, xi)
    return Derivation(
        name="bias_free_mixing",
        title="Mixing without bias and label noise",
        statement=sp.Eq(sp.Symbol("xi_0"), 1 - lambda_S / lambda_T),
        steps=(
            Step(law.gain - law.teacher_gain, "difference of the gains"),
            Step(mixing, "solve for its zero: free of s, the same in every direction"),
        ),
    )


@cache
def _lossless() -> dict[sp.Symbol, sp.Expr]:
    """Solve for penalty, scale, temperature and draws that make student and teacher equal for every eigenvalue."""
    law = student_law()
    scale = positive("P_S")
    excess = sp.numer(sp.together((law.variance / law.teacher_variance - 1).subs(tau_S, scale / sigma_S**2)))
    gains = sp.numer(sp.together(law.gain - law.teacher_gain))
    equations = [c for e in (gains, excess) for c in sp.Poly(sp.expand(e), s).coeffs()]
    (solution,) = sp.solve(equations, [lambda_S, scale, tau, draws], dict=True)
    return {lambda_S: solution[lambda_S], scale_S: solution[scale], tau: solution[tau], draws: solution[draws]}


def lossless_family() -> Derivation:
    """Students that equal their teacher, whatever the data; one draw is forced (theory §5)."""
    law = student_law()
    solution = _lossless()
    closed = ((1 - xi) * lambda_T, (1 - xi) * scale_T, (1 - xi) * scale_T / (xi * nu**2), 1)
    return Derivation(
        name="lossless_family",
        title="Distillation without loss",
        statement=sp.Eq(sp.Tuple(lambda_S, scale_S, tau, draws), sp.Tuple(*closed), evaluate=False),
        steps=(
            Step(
                sp.Tuple(law.gain - law.teacher_gain, law.variance / law.teacher_variance - 1),
                "both have to vanish for every s: all coefficients of their numerators in s",
            ),
            Step(sp.Tuple(*solution.values()), "the only solution of these equations"),
        ),
        assumptions=(Assumption(sp.And(xi > 0, xi < 1), "proper mixing"), Assumption(sp.true, "full rank, r = d")),
    )


def attained_bottleneck() -> Derivation:
    """Hard student with ξ = 0 and the teacher's settings: the teacher conditioned on b = 0, for any U (theory §5)."""
    G = covariance("G", 2)
    penalised = G + lambda_T * sp.eye(2)
    t_1, t_2 = real("t_1"), real("t_2")
    regression, cond = condition(scale_T * penalised.inv(method="ADJ"), [0], [1])
    mean = sp.Matrix([[t_1, t_2]]) * penalised.inv(method="ADJ")
    at_zero = sp.cancel(mean[0] - regression[0, 0] * mean[1])
    return Derivation(
        name="attained_bottleneck",
        title="The hard student is the teacher given that the discarded weight is 0",
        statement=sp.Eq(
            sp.Tuple(sp.Symbol("E_a"), sp.Symbol("Var_a")),
            sp.Tuple(t_1 / (G[0, 0] + lambda_T), scale_T / (G[0, 0] + lambda_T)),
            evaluate=False,
        ),
        steps=(
            Step(sp.Tuple(mean[0], mean[1]), "the teacher's mean weights, retained and discarded"),
            Step(sp.Tuple(regression[0, 0], cond[0, 0]), "regression and variance of the retained given the discarded"),
            Step(sp.Tuple(at_zero, cond[0, 0]), "condition on b = 0: ridge on the retained coordinate alone"),
        ),
    )


DERIVATIONS: Mapping[str, Callable[[], Derivation]] = {
    build.__name__: build
    for build in (
        temperature_slope,
        temperature_curvature,
        spread_hessian,
        temperature_condition,
        temperature_star,
        keep_direction_threshold,
        matching_ratio,
        matching_law,
        bias_free_mixing,
        lossless_family,
        attained_bottleneck,
    )
}
