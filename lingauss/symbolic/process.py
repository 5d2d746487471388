"""The ledger of the process, in one direction: soft labels bounded by convexity, then the student's kernel."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

import sympy as sp

from lingauss.symbolic.assumptions import Assumption
from lingauss.symbolic.calculus import expectation
from lingauss.symbolic.cells import FLOOR_IS, x_b
from lingauss.symbolic.derivation import Derivation
from lingauss.symbolic.gaussian import kl
from lingauss.symbolic.primitives import ExcessLog
from lingauss.symbolic.provenance import INFERRED, QUOTED, Source, Step
from lingauss.symbolic.student import SCALE_DIFFERENCE, gibbs
from lingauss.symbolic.symbols import (
    draws,
    floor,
    k,
    lambda_S,
    lambda_T,
    n,
    nu,
    positive,
    real,
    s,
    scale_S,
    scale_T,
    signal,
    t,
    tau,
    tau_T,
    w,
)

SUBJECT = "Ledger of the process, in one direction"

CONVEXITY = Source(f"label channel and convexity: {QUOTED}; as its case study's bias and variance: inferred")
KERNEL = Source(f"a cost of the student's kernel: {INFERRED}; this form: derived here")

a, v, soft, weight = real("a"), positive("v_T"), real("t_soft"), real("W")
z, zeta, shared, x_q = real("z"), real("zeta"), real("z_E"), real("x_q")
power, fixed, rate = sp.Symbol("soft_power", nonnegative=True), real("c_0"), sp.Symbol("c_1", nonnegative=True)
GAIN_IS, SPREAD_IS = sp.Eq(a, s / (s + lambda_T)), sp.Eq(v, scale_T / (s + lambda_T))
POWER_IS = sp.Eq(power, a**2 * (s**2 * signal + k * nu**2 * s) + k * s * (s * v + tau * nu**2) / draws)
NOISY = Assumption(tau > 0, "noisy soft labels")
AFFINE = Assumption(sp.true, "c₁ ≥ 0 is what a unit of temperature adds to the cost of the student's kernel")
SPREAD_FLOOR = Assumption(floor > 0, "a floor: directions that are not learned have some spread")


def _over_outputs(averaged: sp.Expr) -> sp.Expr:
    """Sum over k outputs, with Σ w_j² = |w|²."""
    return sp.cancel(sp.diff(averaged, w, 2) / 2) * signal + k * averaged.subs(w, 0)


@cache
def _given_weight() -> sp.Expr:
    """Return the divergence of averaged soft labels from true ones given the teacher's averaged weight W."""
    return kl(sp.sqrt(s) * weight, tau * nu**2 / draws, sp.sqrt(s) * w, nu**2)


@cache
def _bound() -> sp.Expr:
    """Return its average over the teacher's draws and the data, over outputs: by convexity not below the exact one."""
    mean_T, var_T = gibbs(lambda_T, scale_T)
    drawn = _given_weight().subs(weight, mean_T + sp.sqrt(var_T / draws) * zeta)
    over_draws = expectation(sp.expand(drawn), zeta)
    return _over_outputs(expectation(sp.expand(over_draws.subs(t, s * w + nu * sp.sqrt(s) * z)), z))


@cache
def _label_parts() -> dict[str, tuple[sp.Expr, str]]:
    """Return the four parts of the bound, which vanish one after the other, and which of its settings they end with."""
    whole = _bound()
    no_signal = whole.subs(signal, 0)
    certain = no_signal.subs(tau_T, 0)
    unseen = whole.subs(s, 0)
    return {
        "bias": (whole - no_signal, "what ends with the signal, |w| = 0"),
        "spread": (no_signal - certain, "what ends with the teacher's own spread, τ_T = 0"),
        "noise": (certain - unseen, "what is left of a certain teacher without signal, less what no input causes"),
        "observation": (unseen, "what is left where no input reaches, s = 0"),
    }


def _label_cost(part: str, name: str, title: str, closed: sp.Expr, *assumptions: Assumption) -> Derivation:
    cost, reason = _label_parts()[part]
    return Derivation(
        name=name,
        title=title,
        statement=sp.Eq(sp.Symbol(name), closed),
        where=tuple(equation for equation in (GAIN_IS, SPREAD_IS) if closed.has(equation.lhs)),
        steps=(
            Step(_given_weight(), "divergence of m averaged soft labels from true ones given the weight W, one output"),
            Step(_bound(), "average over draws and data by convexity, sum over outputs"),
            Step(cost, reason),
        ),
        assumptions=assumptions,
        source=CONVEXITY,
    )


def soft_label_bias() -> Derivation:
    """Cost of the squared bias of the teacher's predictions (theory §6.4)."""
    closed = s * lambda_T**2 * signal / (2 * nu**2 * (s + lambda_T) ** 2)
    return _label_cost("bias", "soft_label_bias", "Bias of the soft labels", closed, NOISY)


def soft_label_noise() -> Derivation:
    """Cost of what the true labels' noise moves the teacher's mean prediction by (theory §6.4)."""
    return _label_cost("noise", "soft_label_noise", "Label noise in the soft labels", k * a**2 / 2, NOISY)


def soft_label_spread() -> Derivation:
    """Cost of the teacher's own spread, averaged over its draws (theory §6.4)."""
    closed = k * s * v / (2 * draws * nu**2)
    return _label_cost("spread", "soft_label_spread", "Spread of the soft labels", closed, NOISY)


def soft_label_observation() -> Derivation:
    """Cost of soft labels noisier or less noisy than true ones, of every sample alike (theory §6.4)."""
    closed = k * ExcessLog(tau / draws - 1) / 2
    return _label_cost("observation", "soft_label_observation", "Noise of the soft labels", closed, NOISY)


def soft_label_level() -> Derivation:
    """Label noise in a fitted intercept: least squares in the direction of constant inputs (theory §6.4)."""
    mean = kl(t / sp.sqrt(s), nu**2, sp.sqrt(s) * w, nu**2)
    averaged = _over_outputs(expectation(sp.expand(mean.subs(t, s * w + nu * sp.sqrt(s) * z)), z))
    return Derivation(
        name="soft_label_level",
        title="Label noise in a fitted intercept",
        statement=sp.Eq(sp.Symbol("soft_label_level"), k / 2),
        steps=(
            Step(mean, "divergence of labels around the least-squares weight t/s from true ones, one output"),
            Step(averaged, "average over the data, sum over outputs"),
        ),
        source=CONVEXITY,
    )


@cache
def _soft_power() -> tuple[sp.Expr, sp.Expr]:
    """Return the statistic of averaged soft labels, and its mean square over data and draws, all outputs."""
    mean_T, var_T = gibbs(lambda_T, scale_T)
    statistic = s * (mean_T + sp.sqrt(var_T / draws) * zeta) + sp.sqrt(tau * nu**2 * s / draws) * shared
    drawn = statistic.subs(t, s * w + nu * sp.sqrt(s) * z)
    return statistic, _over_outputs(expectation(sp.expand(drawn**2), z, zeta, shared))


def soft_statistic_power() -> Derivation:
    """Mean square of what the student is shown (theory §6.4)."""
    statistic, mean_square = _soft_power()
    return Derivation(
        name="soft_statistic_power",
        title="Mean square of the soft statistic",
        statement=sp.Eq(power, POWER_IS.rhs),
        where=(GAIN_IS, SPREAD_IS),
        steps=(
            Step(statistic, "s times the average of m drawn weights, and the noise of their labels; one output"),
            Step(mean_square, "its mean square over draws, noise and data, summed over outputs"),
        ),
    )


def _kernel_cost(
    own: tuple[sp.Expr, sp.Expr], name: str, title: str, closed: sp.Expr, excess: sp.Eq, *more: Assumption
) -> Derivation:
    """Compare a law of the student's given the soft statistic with the teacher's, on average over that statistic."""
    mean_T, var_T = gibbs(lambda_T, scale_T)
    given = kl(own[0], own[1], mean_T.subs(t, soft), var_T)
    slope = sp.diff(given, soft, 2) / 2
    averaged = sp.cancel(slope) * _soft_power()[1] + k * given.subs(soft, 0)
    return Derivation(
        name=name,
        title=title,
        statement=sp.Eq(sp.Symbol(name), closed),
        where=(GAIN_IS, SPREAD_IS, POWER_IS, excess),
        steps=(
            Step(given, "divergence of the student's weight from the teacher's, both shown t_soft; one output"),
            Step(averaged, "average over the soft statistic, sum over outputs: a square of t_soft becomes its mean"),
        ),
        assumptions=more,
        source=KERNEL,
    )


def kernel_retained() -> Derivation:
    """Cost of the student's kernel in a direction it sees, 0 for a student that learns as its teacher (theory §6.4)."""
    mean_S, var_S = gibbs(lambda_S, scale_S)
    shift = (lambda_T - lambda_S) ** 2 * power / (2 * scale_T * (s + lambda_T) * (s + lambda_S) ** 2)
    excess = sp.Eq(x_q, (SCALE_DIFFERENCE + scale_S * (lambda_T - lambda_S) / (s + lambda_S)) / scale_T)
    closed = shift + k * ExcessLog(x_q) / 2
    law = (mean_S.subs(t, soft), var_S)
    return _kernel_cost(law, "kernel_retained", "Kernel of a retained direction", closed, excess)


def kernel_discarded() -> Derivation:
    """Cost of the student's kernel in a direction it does not see: the rank bottleneck (theory §6.4)."""
    closed = power / (2 * scale_T * (s + lambda_T)) + k * ExcessLog(x_b) / 2
    law = (sp.S.Zero, floor)
    return _kernel_cost(law, "kernel_discarded", "Kernel of a discarded direction", closed, FLOOR_IS, SPREAD_FLOOR)


def process_temperature_star() -> Derivation:
    """Temperature at which the process costs least: the only minimum, below the number of draws (theory §6.4)."""
    cost = n * _label_parts()["observation"][0] + fixed + rate * tau
    (best,) = sp.solve(sp.diff(cost, tau), tau)
    return Derivation(
        name="process_temperature_star",
        title="Best temperature for the process",
        statement=sp.Eq(sp.Symbol("tau_star"), n * k / (n * k / draws + 2 * rate)),
        steps=(
            Step(cost, "noise of n soft labels, and the rest of the process, which is c₀ + c₁τ"),
            Step(sp.diff(cost, tau), "its derivative, which increases"),
            Step(best, "where that vanishes"),
        ),
        assumptions=(AFFINE,),
        source=CONVEXITY,
    )


DERIVATIONS: Mapping[str, Callable[[], Derivation]] = {
    build.__name__: build
    for build in (
        soft_label_bias,
        soft_label_noise,
        soft_label_spread,
        soft_label_observation,
        soft_label_level,
        soft_statistic_power,
        kernel_retained,
        kernel_discarded,
        process_temperature_star,
    )
}
