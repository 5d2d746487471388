"""Divergence of the teacher's soft labels from the true ones, its bound by convexity, and the gap between them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

import sympy as sp

from lingauss.symbolic.assumptions import Assumption
from lingauss.symbolic.calculus import expectation
from lingauss.symbolic.derivation import Derivation
from lingauss.symbolic.gaussian import kl
from lingauss.symbolic.primitives import ExcessLog
from lingauss.symbolic.provenance import Step
from lingauss.symbolic.student import gibbs
from lingauss.symbolic.symbols import k, lambda_T, nu, real, s, scale_T, signal, t, tau, v, w

SUBJECT = "Label divergence"

a = real("a")
z, zeta, weight = real("z"), real("zeta"), real("W")
GAIN_IS, SPREAD_IS = sp.Eq(a, s / (s + lambda_T)), sp.Eq(v, scale_T / (s + lambda_T))
NOISY = Assumption(tau > 0, "noisy soft labels")


def _over_labels(divergence: sp.Expr) -> sp.Expr:
    """Average over t = s w + ν√s z and sum over k outputs with Σ w_j² = |w|²."""
    averaged = expectation(sp.expand(divergence.subs(t, s * w + nu * sp.sqrt(s) * z)), z)
    return sp.cancel(sp.diff(averaged, w, 2) / 2) * signal + k * averaged.subs(w, 0)


@cache
def _marginal() -> sp.Expr:
    """Return the divergence of soft from true labels along a left singular direction of X, given the data."""
    mean_T, var_T = gibbs(lambda_T, scale_T)
    return kl(sp.sqrt(s) * mean_T, tau * nu**2 + s * var_T, sp.sqrt(s) * w, nu**2)


@cache
def _given_weight() -> tuple[sp.Expr, sp.Expr]:
    """Return the divergence given the teacher's drawn weight, and its average over the draw."""
    mean_T, var_T = gibbs(lambda_T, scale_T)
    given = kl(sp.sqrt(s) * weight, tau * nu**2, sp.sqrt(s) * w, nu**2)
    return given, expectation(sp.expand(given.subs(weight, mean_T + sp.sqrt(var_T) * zeta)), zeta)


def label_divergence() -> Derivation:
    """Divergence of soft from true labels in one direction, averaged over the data (theory §6)."""
    closed = s * (1 - a) ** 2 * signal / (2 * nu**2) + k * a**2 / 2 + k * ExcessLog(tau - 1 + s * v / nu**2) / 2
    return Derivation(
        name="label_divergence",
        title="Divergence of the soft labels, one direction",
        statement=sp.Eq(sp.Symbol("L"), closed),
        where=(GAIN_IS, SPREAD_IS),
        steps=(
            Step(_marginal(), "soft labels ~ N(√s E[W|t], τν² + s v) against N(√s w, ν²), one output"),
            Step(_over_labels(_marginal()), "average over t, sum over outputs"),
        ),
    )


def label_null_direction() -> Derivation:
    """Divergence along each of the n − rank G directions that no input reaches (theory §6)."""
    return Derivation(
        name="label_null_direction",
        title="Divergence of the soft labels off the inputs",
        statement=sp.Eq(sp.Symbol("L_0"), k * ExcessLog(tau - 1) / 2),
        steps=(
            Step(_marginal(), "divergence in a direction with eigenvalue s"),
            Step(k * kl(0, tau * nu**2, 0, nu**2), "s = 0: only the observation noises τν² and ν² are left"),
        ),
        assumptions=(NOISY,),
    )


def label_bound() -> Derivation:
    """Upper bound by convexity: squared bias plus variance of the teacher's predictions (theory §6)."""
    given, averaged = _given_weight()
    errors = s * (1 - a) ** 2 * signal / nu**2 + k * a**2 + k * s * v / nu**2
    return Derivation(
        name="label_bound",
        title="Convexity bound on the label divergence, one direction",
        statement=sp.Eq(sp.Symbol("L_bound"), (errors + k * ExcessLog(tau - 1)) / 2),
        where=(GAIN_IS, SPREAD_IS),
        steps=(
            Step(given, "divergence given the teacher's weight W, one output"),
            Step(averaged, "average over W | t: by convexity not below the divergence of the mixture"),
            Step(_over_labels(averaged), "average over t, sum over outputs"),
        ),
        assumptions=(NOISY,),
    )


def label_convexity_gap() -> Derivation:
    """Information that soft labels carry on the weight: what the convexity bound gives away (theory §6)."""
    _, averaged = _given_weight()
    return Derivation(
        name="label_convexity_gap",
        title="Gap of the convexity bound, one direction",
        statement=sp.Eq(sp.Symbol("L_bound") - sp.Symbol("L"), k * sp.log(1 + s * v / (tau * nu**2)) / 2),
        where=(SPREAD_IS,),
        steps=(
            Step(averaged - _marginal(), "bound minus divergence, given the data, one output"),
            Step(_over_labels(averaged - _marginal()), "averaged over t, summed over outputs: the means have gone"),
        ),
        assumptions=(NOISY,),
    )


DERIVATIONS: Mapping[str, Callable[[], Derivation]] = {
    build.__name__: build for build in (label_divergence, label_null_direction, label_bound, label_convexity_gap)
}
