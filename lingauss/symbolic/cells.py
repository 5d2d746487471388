"""The six cells of the ledger per direction, averaged over the label noise, and their dependence on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

import sympy as sp

from lingauss.symbolic.assumptions import Assumption
from lingauss.symbolic.calculus import cancel_rational_part, expectation
from lingauss.symbolic.derivation import Derivation
from lingauss.symbolic.gaussian import kl
from lingauss.symbolic.primitives import ExcessLog
from lingauss.symbolic.provenance import STATED, Source, Step
from lingauss.symbolic.student import student_law
from lingauss.symbolic.symbols import (
    draws,
    floor,
    k,
    kappa,
    lambda_S,
    lambda_T,
    nu,
    real,
    s,
    scale_S,
    scale_T,
    sigma_S,
    sigma_T,
    signal,
    t,
    tau,
    tau_S,
    tau_T,
    w,
    xi,
)  # fmt: skip

SUBJECT = "The six cells of the ledger, per direction"
SPLIT = Source(f"the three costs: {STATED}; this exact split: derived here")

z = real("z")
x_a, x_b = real("x_a"), real("x_b")
KAPPA_IS = sp.Eq(kappa, (1 - xi) * lambda_T - lambda_S)
EXCESS_IS = sp.Eq(
    x_a,
    (scale_S - scale_T) / scale_T
    + scale_S * (lambda_T - lambda_S) / (scale_T * (s + lambda_S))
    + xi**2 * s * (s * scale_T + tau * nu**2 * (s + lambda_T)) / (draws * scale_T * (s + lambda_S) ** 2),
)
FLOOR_IS = sp.Eq(x_b, (floor * (s + lambda_T) - scale_T) / scale_T)

RETAINED_BIAS = kappa**2 * s**2 * signal / (2 * scale_T * (s + lambda_T) * (s + lambda_S) ** 2)
RETAINED_NOISE = k * kappa**2 * nu**2 * s / (2 * scale_T * (s + lambda_T) * (s + lambda_S) ** 2)
RETAINED_SPREAD = k * ExcessLog(x_a) / 2
DISCARDED_BIAS = s**2 * signal / (2 * scale_T * (s + lambda_T))
DISCARDED_NOISE = k * nu**2 * s / (2 * scale_T * (s + lambda_T))
DISCARDED_SPREAD = k * ExcessLog(x_b) / 2


@dataclass(frozen=True)
class Cost:
    """Divergence in one direction, averaged over label noise and summed over outputs, as derived.

    Parameters
    ----------
    given_noise
        Divergence for one output at label noise t = s w + ν√s z.
    mean, noise, spread
        The parts: at t = s w; what the noise in t adds; what is left when the means agree.
    """

    given_noise: sp.Expr
    mean: sp.Expr
    noise: sp.Expr
    spread: sp.Expr

    @property
    def total(self) -> sp.Expr:
        """Sum of the three parts."""
        return self.mean + self.noise + self.spread


@cache
def retained() -> Cost:
    """Return the cost of a retained direction."""
    law = student_law()
    return cost(law.gain * t, law.variance, law.teacher_gain * t, law.teacher_variance)


@cache
def discarded() -> Cost:
    """Return the cost of a discarded direction: the student's law there is N(0, floor)."""
    law = student_law()
    return cost(sp.S.Zero, floor, law.teacher_gain * t, law.teacher_variance)


def cost(student_mean: sp.Expr, student_var: sp.Expr, teacher_mean: sp.Expr, teacher_var: sp.Expr) -> Cost:
    """Return the divergence of two laws given t, averaged over t = s w + ν√s z and summed over outputs."""
    divergence = kl(student_mean, student_var, teacher_mean, teacher_var).subs(t, s * w + nu * sp.sqrt(s) * z)
    spread = divergence.subs({w: 0, z: 0})
    mean = sp.cancel(sp.together(divergence.subs(z, 0) - spread))
    noise = sp.cancel(sp.together(expectation(sp.expand(divergence - spread), z))) - mean
    return Cost(divergence, _over_outputs(mean), _over_outputs(noise), _over_outputs(spread))


def _over_outputs(one_output: sp.Expr) -> sp.Expr:
    """Sum over k outputs with weights w_j, Σ w_j² = |w|²; what has no weight counts k times."""
    weights, count, j = (
        sp.IndexedBase("w", real=True),
        sp.Symbol("k", integer=True, positive=True),
        sp.Symbol("j", integer=True),
    )
    quadratic, constant = sp.cancel(sp.diff(one_output, w, 2) / 2), cancel_rational_part(one_output.subs(w, 0))
    squares = sp.Sum(weights[j] ** 2, (j, 1, count))
    return quadratic * squares.subs(squares, signal) + sp.Sum(constant, (j, 1, count)).doit().subs(count, k)


def _cell(name: str, title: str, closed: sp.Expr, cost: Cost, part: sp.Expr, reason: str) -> Derivation:
    return Derivation(
        name=name,
        title=title,
        statement=sp.Eq(sp.Symbol(name), closed),
        where=tuple(equation for equation in (KAPPA_IS, EXCESS_IS, FLOOR_IS) if closed.has(equation.lhs)),
        steps=(
            Step(cost.given_noise, "divergence of the two laws for one output, at t = s w + ν√s z"),
            Step(part, reason + ", summed over the k outputs"),
        ),
        source=SPLIT,
    )


def retained_bias() -> Derivation:
    """Bias of a retained direction (theory §4)."""
    part = retained().mean
    return _cell("retained_bias", "Bias", RETAINED_BIAS, retained(), part, "mean part without label noise")


def retained_noise() -> Derivation:
    """Label-noise part of the variance of a retained direction (theory §4)."""
    part = retained().noise
    return _cell(
        "retained_noise", "Variance, label noise", RETAINED_NOISE, retained(), part, "what averaging over z adds"
    )


def retained_spread() -> Derivation:
    """Spread part of the variance of a retained direction (theory §4)."""
    part = retained().spread
    return _cell(
        "retained_spread", "Variance, spread", RETAINED_SPREAD, retained(), part, "what is left for equal means"
    )


def discarded_bias() -> Derivation:
    """Mean part of the rank cost of a discarded direction (theory §4)."""
    part = discarded().mean
    return _cell(
        "discarded_bias", "Rank cost, mean", DISCARDED_BIAS, discarded(), part, "mean part without label noise"
    )


def discarded_noise() -> Derivation:
    """Label-noise part of the rank cost of a discarded direction (theory §4)."""
    part = discarded().noise
    return _cell(
        "discarded_noise", "Rank cost, label noise", DISCARDED_NOISE, discarded(), part, "what averaging over z adds"
    )


def discarded_spread() -> Derivation:
    """Spread part of the rank cost of a discarded direction (theory §4)."""
    part = discarded().spread
    return _cell(
        "discarded_spread", "Rank cost, spread", DISCARDED_SPREAD, discarded(), part, "what is left for equal means"
    )


def retained_cost() -> Derivation:
    """Whole cost c of a retained direction: no cross term between the cells (theory §4)."""
    closed = RETAINED_BIAS + RETAINED_NOISE + RETAINED_SPREAD
    total = _over_outputs(expectation(sp.expand(retained().given_noise), z))
    return _cell(
        "retained_cost", "Cost of a retained direction", closed, retained(), total, "averaged over z as a whole"
    )


def discarded_cost() -> Derivation:
    """Whole cost e of a discarded direction (theory §4)."""
    closed = DISCARDED_BIAS + DISCARDED_NOISE + DISCARDED_SPREAD
    total = _over_outputs(expectation(sp.expand(discarded().given_noise), z))
    return _cell(
        "discarded_cost", "Cost of a discarded direction", closed, discarded(), total, "averaged over z as a whole"
    )


def _scaled(total: sp.Expr, name: str, title: str, mean: sp.Expr, rest: sp.Expr, excess: sp.Eq) -> Derivation:
    """State K(ν) = M/ν² + S for assumed noises (and a floor) that follow ν."""
    following = {sigma_T: nu, sigma_S: nu, floor: tau_S * nu**2 / lambda_S}
    closed = mean / nu**2 + rest
    return Derivation(
        name=name,
        title=title,
        statement=sp.Eq(sp.Symbol(name), closed),
        where=tuple(equation for equation in (KAPPA_IS, excess) if closed.has(equation.lhs)),
        steps=(
            Step(total, "cost of the direction"),
            Step(total.subs(following), "σ_T = σ_S = ν and floor = τ_S ν²/λ_S: ν is left in the mean part only"),
        ),
        assumptions=(Assumption(sp.true, "assumed noises and floor follow ν (the defaults)"),),
    )


def noise_scaling_retained() -> Derivation:
    """Cost of a retained direction is M/ν² + S with M and S free of ν (theory §4, scaling)."""
    soft = xi**2 * s * (s * tau_T + tau * (s + lambda_T)) / (draws * tau_T * (s + lambda_S) ** 2)
    excess = sp.Eq(x_a, (tau_S - tau_T) / tau_T + tau_S * (lambda_T - lambda_S) / (tau_T * (s + lambda_S)) + soft)
    mean = kappa**2 * s**2 * signal / (2 * tau_T * (s + lambda_T) * (s + lambda_S) ** 2)
    noise = k * kappa**2 * s / (2 * tau_T * (s + lambda_T) * (s + lambda_S) ** 2)
    title = "Label noise separates, retained direction"
    return _scaled(retained().total, "noise_scaling_retained", title, mean, noise + k * ExcessLog(x_a) / 2, excess)


def noise_scaling_discarded() -> Derivation:
    """Cost of a discarded direction is M/ν² + S with M and S free of ν (theory §4, scaling)."""
    excess = sp.Eq(x_b, (tau_S * (s + lambda_T) - tau_T * lambda_S) / (tau_T * lambda_S))
    mean = s**2 * signal / (2 * tau_T * (s + lambda_T))
    rest = k * s / (2 * tau_T * (s + lambda_T)) + k * ExcessLog(x_b) / 2
    return _scaled(
        discarded().total, "noise_scaling_discarded", "Label noise separates, discarded direction", mean, rest, excess
    )


DERIVATIONS: Mapping[str, Callable[[], Derivation]] = {
    build.__name__: build
    for build in (
        retained_bias,
        retained_noise,
        retained_spread,
        discarded_bias,
        discarded_noise,
        discarded_spread,
        retained_cost,
        discarded_cost,
        noise_scaling_retained,
        noise_scaling_discarded,
    )
}
