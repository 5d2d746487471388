# ruff: noqa: N816 - subscripts T and S name teacher and student, as in the mathematics
"""Bounds on the student's gap: from the variational formula, minimised in closed form, with the case of equality."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

import sympy as sp

from lingauss.symbolic.calculus import complete_square, expectation, log_density
from lingauss.symbolic.derivation import Derivation
from lingauss.symbolic.gap import FIXED_DESIGN, conditional_moments, gain, gap, mean_gap, spread, weight, z
from lingauss.symbolic.gaussian import kl
from lingauss.symbolic.provenance import STATED, Source, Step
from lingauss.symbolic.student import gibbs
from lingauss.symbolic.symbols import k, lambda_T, n, nu, positive, real, s, scale_T, t, w

SUBJECT = "Bounds on the gap, in one direction"

UPPER = Source(f"an upper bound: {STATED}; its form: inferred; constant: derived here")
LOWER = Source(f"a lower bound under a central condition: {STATED}; its form: inferred; c(η): derived here")
SHARP = Source(f"a sharpness-aware bound: {STATED}; its form: inferred; g, h and ϱ: derived here")

eta, cost, gen_T = positive("eta"), positive("K_n"), positive("gen_T")
direction = positive("c")


@cache
def teacher_gap() -> sp.Expr:
    """Return the teacher's expected gap in one direction, all outputs."""
    mean_T, var_T = gibbs(lambda_T, scale_T)
    return sp.cancel(k * mean_gap(mean_T / t, var_T))


@cache
def _conditional_cumulant() -> tuple[sp.Expr, sp.Expr]:
    """Return log E exp(η gap) given the data for one output, and its average over the data, all outputs."""
    mean_T, var_T = gibbs(lambda_T, scale_T)
    exponent = eta * gap() + log_density(weight, mean_T, var_T).subs(sp.log(2 * sp.pi * var_T), 0)
    _, _, height = complete_square(sp.expand(exponent), weight)
    averaged = expectation(sp.expand(height.subs(t, s * w + nu * sp.sqrt(s) * z)), z)
    return height, sp.cancel(sp.together(k * averaged.subs(positive("chi"), n)))


def conditional_cumulant() -> Derivation:
    """Conditional cumulant function of the teacher's gap: ηgen_T + ½η²σ̄², exactly sub-Gaussian (theory §7)."""
    height, averaged = _conditional_cumulant()
    return Derivation(
        name="conditional_cumulant",
        title="Conditional cumulant function of the gap",
        statement=sp.Eq(sp.Symbol("Lambda_c"), eta * gen_T * (1 + eta * scale_T / n)),
        where=(sp.Eq(gen_T, 2 * nu**2 * k * s / (n * (s + lambda_T))),),
        steps=(
            Step(gap(), "gap of a weight W, linear in W; χ is the squared length of the label noise, mean n"),
            Step(height, "log E exp(η gap) over the teacher's law given the data: complete the square"),
            Step(averaged, "average over the data, sum over outputs"),
        ),
        assumptions=(FIXED_DESIGN,),
        source=UPPER,
    )


def gap_variance_optimism() -> Derivation:
    """Conditional variance of the gap is 2τ_Tσ_T² gen_T/n: no spectrum is left in the constant (theory §7)."""
    _, _, averaged = conditional_moments()
    return Derivation(
        name="gap_variance_optimism",
        title="Variance of the gap from the gap itself",
        statement=sp.Eq(sp.Symbol("sigma2_bar"), 2 * scale_T * gen_T / n),
        where=(sp.Eq(gen_T, 2 * nu**2 * k * s / (n * (s + lambda_T))),),
        steps=(
            Step(teacher_gap(), "the teacher's expected gap"),
            Step(k * averaged, "variance of the gap given the data, averaged over the data"),
        ),
        assumptions=(FIXED_DESIGN,),
    )


@cache
def _rate() -> sp.Expr:
    """Return (Λ_c(η) − η gen_T)/η² in terms of gen_T, from the derived cumulant."""
    _, averaged = _conditional_cumulant()
    quadratic = sp.cancel((averaged - eta * teacher_gap()) / eta**2)
    return sp.cancel(quadratic / teacher_gap()) * gen_T


def universal_bound() -> Derivation:
    """Upper bound on |gen_S − gen_T| for every student kernel, whatever its form (theory §7)."""
    bound = cost / eta + eta * _rate()
    (best,) = sp.solve(sp.diff(bound, eta), eta)
    return Derivation(
        name="universal_bound",
        title="Bound on the difference of the gaps",
        statement=sp.Eq(sp.Symbol("bound"), 2 * sp.sqrt(scale_T * gen_T * cost / n)),
        steps=(
            Step(bound, "Donsker–Varadhan given the data: η gen_S ≤ K_n + Λ_c(η), averaged over the data"),
            Step(best, "the η > 0 at which the derivative vanishes; convex, so the least"),
            Step(bound.subs(eta, best), "the bound there; −η gives the lower side"),
        ),
        assumptions=(FIXED_DESIGN,),
        source=UPPER,
    )


def equality_student() -> Derivation:
    """Student's mean shift at which the variational formula is an equality (theory §7)."""
    shift, v = real("Delta"), positive("v")
    difference = gap().subs(weight, w + shift) - gap().subs(weight, w)
    gain = eta * sp.expand(difference) - kl(shift, v, 0, v)
    (best,) = sp.solve(sp.diff(gain, shift), shift)
    return Derivation(
        name="equality_student",
        title="Mean shift of the extremal student",
        statement=sp.Eq(shift, 2 * eta * v * (t - s * w) / n),
        steps=(
            Step(gain, "η times the gain in gap minus its price, equal variances"),
            Step(best, "where its derivative in the shift vanishes"),
        ),
        assumptions=(FIXED_DESIGN,),
    )


def universal_bound_equality() -> Derivation:
    """Students with V_S = V_T and Δ(t) = c (t − s w) V_T attain the bound (theory §7)."""
    mean_T, var_T = gibbs(lambda_T, scale_T)
    shift = direction * (t - s * w) * var_T
    labels = s * w + nu * sp.sqrt(s) * z
    difference = gap().subs(weight, mean_T + shift) - gap().subs(weight, mean_T)
    gained = k * expectation(sp.expand(difference.subs(t, labels)), z)
    price = k * expectation(sp.expand(kl(shift, var_T, 0, var_T).subs(t, labels)), z)
    return Derivation(
        name="universal_bound_equality",
        title="The bound is attained",
        statement=sp.Eq(sp.Symbol("gen_S") - sp.Symbol("gen_T"), 2 * sp.sqrt(scale_T * gen_T * cost / n)),
        where=(
            sp.Eq(gen_T, 2 * nu**2 * k * s / (n * (s + lambda_T))),
            sp.Eq(cost, k * direction**2 * nu**2 * s * scale_T / (2 * (s + lambda_T))),
        ),
        steps=(
            Step(shift, "shift of the student's mean, equal variances"),
            Step(price, "divergence K_n of this student, averaged over the data"),
            Step(gained, "exact difference of its gap from the teacher's"),
        ),
        assumptions=(FIXED_DESIGN,),
    )


def central_condition() -> Derivation:
    """Best constant of the conditional central condition (theory §7)."""
    c = real("c_eta")
    _, averaged = _conditional_cumulant()
    below = averaged.subs(eta, -eta)
    (best,) = sp.solve(below + c * eta * teacher_gap(), c)
    return Derivation(
        name="central_condition",
        title="Constant of the central condition",
        statement=sp.Eq(c, 1 - eta * scale_T / n),
        steps=(
            Step(below, "conditional cumulant function at −η"),
            Step(sp.cancel(best), "the largest c with Λ_c(−η) ≤ −cη gen_T"),
        ),
        assumptions=(FIXED_DESIGN,),
        source=LOWER,
    )


def lower_bound() -> Derivation:
    """Lower bound on the student's gap at the best η: the lower side of the universal bound (theory §7)."""
    linear = (1 - eta * sp.cancel(_rate() / gen_T)) * gen_T - cost / eta
    (best,) = sp.solve(sp.diff(linear, eta), eta)
    return Derivation(
        name="lower_bound",
        title="Lower bound at the best η",
        statement=sp.Eq(sp.Symbol("lower"), gen_T - 2 * sp.sqrt(scale_T * gen_T * cost / n)),
        steps=(
            Step(linear, "gen_S ≥ c(η) gen_T − K_n/η"),
            Step(best, "the η > 0 at which the derivative vanishes; concave, so the largest"),
            Step(linear.subs(eta, best), "the bound there"),
        ),
        assumptions=(FIXED_DESIGN,),
        source=LOWER,
    )


def weight_information() -> Derivation:
    """Mutual information of labels and a weight W | t ~ N(A t, V) in one direction (theory §7)."""
    noise = nu**2 * s * gain**2
    marginal, conditional = (
        -expectation(log_density(weight, 0, var).subs(weight, sp.sqrt(var) * z), z) for var in (spread + noise, spread)
    )
    return Derivation(
        name="weight_information",
        title="Mutual information of labels and weights, one direction",
        statement=sp.Eq(sp.Symbol("I"), k * sp.log(1 + noise / spread) / 2),
        steps=(
            Step(sp.Tuple(marginal, conditional), "entropies of the weight, marginal and given the labels, one output"),
            Step(k * sp.expand_log(marginal - conditional), "their difference, summed over outputs"),
        ),
    )


def sharpness_radius() -> Derivation:
    """Wasserstein radius within which the sharpness-aware bound beats a bound B (theory §7)."""
    radius, slope, curvature, bound = positive("rho_W"), positive("g"), positive("h"), positive("B")
    roots = sp.solve(slope * radius + curvature * radius**2 / 2 - bound, radius)
    (found,) = [root for root in roots if root.subs({slope: 1, curvature: 1, bound: 1}) > 0]
    return Derivation(
        name="sharpness_radius",
        title="Radius of the sharpness-aware bound",
        statement=sp.Eq(sp.Symbol("rho_0"), 2 * bound / (slope + sp.sqrt(slope**2 + 2 * curvature * bound))),
        steps=(
            Step(slope * radius + curvature * radius**2 / 2, "sharpness-aware bound at distance ρ"),
            Step(found, "the positive root of its equality with B"),
        ),
        source=SHARP,
    )


DERIVATIONS: Mapping[str, Callable[[], Derivation]] = {
    build.__name__: build
    for build in (
        conditional_cumulant,
        gap_variance_optimism,
        universal_bound,
        equality_student,
        universal_bound_equality,
        central_condition,
        lower_bound,
        weight_information,
        sharpness_radius,
    )
}
