# ruff: noqa: N816 - subscripts T and S name teacher and student, as in the mathematics
"""Teacher, soft labels, mixing and student composed in one eigen-direction of the Gram matrix."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

import sympy as sp

from lingauss.symbolic.calculus import complete_square, expectation, variance
from lingauss.symbolic.derivation import Derivation
from lingauss.symbolic.factoring import factor
from lingauss.symbolic.provenance import STATED, Source, Step
from lingauss.symbolic.symbols import (
    A,
    draws,
    kappa,
    lam,
    lambda_S,
    lambda_T,
    nu,
    p,
    positive,
    q,
    real,
    rho,
    s,
    scale_S,
    scale_T,
    sigma_S,
    sigma_T,
    t,
    tau,
    tau_S,
    tau_T,
    w,
    xi,
)  # fmt: skip

SUBJECT = "The student's law in one eigen-direction"
COUPLING = Source(f"coupling: {STATED}; this instance: derived here")

SCALE = positive("tau_w") * positive("sigma") ** 2
z_T, z_E, z_S = (real(f"z_{name}") for name in "TES")  # teacher draw, soft-label noise, student draw
j, draw_count = sp.Symbol("j", integer=True), sp.Symbol("m", integer=True, positive=True)


@cache
def gibbs(penalty: sp.Expr = lam, scale: sp.Expr = SCALE) -> tuple[sp.Expr, sp.Expr]:
    """Return mean and variance of the Gibbs law exp(−loss/scale), loss = ½s w² − t w + ½λw² (theory §1)."""
    mean, var, _ = complete_square(-(s * w**2 / 2 - t * w + penalty * w**2 / 2) / scale, w)
    return mean, var


@dataclass(frozen=True)
class StudentLaw:
    """Law of the student's weight in one direction, given the data, beside the teacher's.

    Parameters
    ----------
    statistic
        Mixed statistic the student is trained on, with the randomness that enters it.
    gain
        Factor from t to the mean weight; the teacher's is `teacher_gain`.
    variance
        Variance of the weight; the teacher's is `teacher_variance`.
    """

    statistic: sp.Expr
    gain: sp.Expr
    variance: sp.Expr
    teacher_gain: sp.Expr
    teacher_variance: sp.Expr


@cache
def student_law() -> StudentLaw:
    """Compose teacher → soft labels → mixing → student (theory §2)."""
    mean_T, var_T = gibbs(lambda_T, scale_T)
    soft = s * (mean_T + sp.sqrt(var_T) * z_T) + sp.sqrt(tau * s) * nu * z_E  # x·(xw + √τ ν e) summed over the samples
    mean_soft, var_soft = expectation(soft, z_T, z_E), variance(soft, z_T, z_E)
    var_average = sp.Sum(var_soft / draw_count**2, (j, 1, draw_count)).doit().subs(draw_count, draws)
    mixed = (1 - xi) * t + xi * (mean_soft + sp.sqrt(var_average) * z_E)
    mean_S, var_S = gibbs(lambda_S, scale_S)
    weight = mean_S.subs(t, mixed) + sp.sqrt(var_S) * z_S
    gain = sp.cancel(sp.diff(expectation(weight, z_E, z_S), t))
    return StudentLaw(mixed, gain, factor(variance(weight, z_E, z_S)), mean_T / t, var_T)


def learner_mean() -> Derivation:
    """Mean of the ridge posterior in one direction (theory §1)."""
    loss = s * w**2 / 2 - t * w + lam * w**2 / 2
    return Derivation(
        name="learner_mean",
        title="Ridge estimate in one direction",
        statement=sp.Eq(sp.Symbol("E_w"), t / (s + lam)),
        steps=(
            Step(loss, "penalised squared loss, up to a constant; s = Σx², t = Σxy"),
            Step(sp.diff(loss, w), "its derivative"),
            Step(gibbs()[0], "solve for the zero: the mean of the Gaussian exp(−loss/(τ_w σ²))"),
        ),
    )


def learner_variance() -> Derivation:
    """Variance of the ridge posterior in one direction (theory §1)."""
    loss = s * w**2 / 2 - t * w + lam * w**2 / 2
    return Derivation(
        name="learner_variance",
        title="Posterior variance in one direction",
        statement=sp.Eq(sp.Symbol("Var_w"), SCALE / (s + lam)),
        steps=(
            Step(-loss / SCALE, "log density of the Gibbs law, up to a constant"),
            Step(gibbs()[1], "minus the inverse of its second derivative"),
        ),
    )


def student_gain() -> Derivation:
    """Factor from the statistic t to the student's mean weight (theory §2)."""
    law = student_law()
    return Derivation(
        name="student_gain",
        title="Student's mean weight per unit of the statistic",
        statement=sp.Eq(sp.Symbol("A_S"), ((1 - xi) + xi * s / (s + lambda_T)) / (s + lambda_S)),
        steps=(
            Step(gibbs(lambda_T, scale_T)[0], "the teacher's mean weight"),
            Step(law.statistic, "soft labels averaged over m draws, mixed with the true ones; z_E collects the noise"),
            Step(law.gain, "the student's mean weight is linear in t"),
        ),
        source=COUPLING,
    )


def student_variance() -> Derivation:
    """Variance of the student's weight given the data (theory §2)."""
    law = student_law()
    own = scale_S / (s + lambda_S)
    taught = xi**2 * (s**2 * scale_T / (s + lambda_T) + s * tau * nu**2) / (draws * (s + lambda_S) ** 2)
    return Derivation(
        name="student_variance",
        title="Student's variance given the data",
        statement=sp.Eq(sp.Symbol("V_S"), own + taught),
        steps=(
            Step(law.statistic, "what the student is trained on"),
            Step(law.variance, "its variance through the student's gain, plus the student's own"),
        ),
        source=COUPLING,
    )


def kappa_identity() -> Derivation:
    """Difference of student's and teacher's gain, without cancellation (theory §4)."""
    law = student_law()
    return Derivation(
        name="kappa_identity",
        title="Difference of the gains on predictions",
        statement=sp.Eq(
            sp.Symbol("b") * sp.Symbol("g") - sp.Symbol("a"), kappa * s / ((s + lambda_T) * (s + lambda_S))
        ),
        where=(sp.Eq(kappa, (1 - xi) * lambda_T - lambda_S),),
        steps=(
            Step(s * law.gain, "student's gain on predictions, b g"),
            Step(s * law.teacher_gain, "teacher's gain on predictions, a"),
            Step(s * law.gain - s * law.teacher_gain, "their difference"),
        ),
    )


def variance_ratio_excess() -> Derivation:
    """Relative excess ρ − 1 of the student's variance as three terms that vanish one by one (theory §4)."""
    law = student_law()
    excess = (
        (scale_S - scale_T) / scale_T
        + scale_S * (lambda_T - lambda_S) / (scale_T * (s + lambda_S))
        + xi**2 * s * (s * scale_T + tau * nu**2 * (s + lambda_T)) / (draws * scale_T * (s + lambda_S) ** 2)
    )
    return Derivation(
        name="variance_ratio_excess",
        title="Excess of the variance ratio, term by term",
        statement=sp.Eq(rho - 1, excess),
        steps=(
            Step(law.variance / law.teacher_variance, "ratio ρ of student's and teacher's variance"),
            Step(law.variance / law.teacher_variance - 1, "its excess: scales, penalties, what the soft labels add"),
        ),
    )


# scale_S − scale_T from differences of settings: exactly 0 where they agree, and of full accuracy where they nearly do.
SCALE_DIFFERENCE = (tau_S - tau_T) * sigma_S**2 + tau_T * (sigma_S - sigma_T) * (sigma_S + sigma_T)


def variance_ratio_differences() -> Derivation:
    """Relative excess ρ − 1 of the student's variance, in which settings are subtracted first (theory §4)."""
    law = student_law()
    excess = (
        SCALE_DIFFERENCE / scale_T
        + scale_S * (lambda_T - lambda_S) / (scale_T * (s + lambda_S))
        + xi**2 * s * (s * scale_T + tau * nu**2 * (s + lambda_T)) / (draws * scale_T * (s + lambda_S) ** 2)
    )
    return Derivation(
        name="variance_ratio_differences",
        title="Excess of the variance ratio from differences of settings",
        statement=sp.Eq(rho - 1, excess),
        steps=(
            Step(law.variance / law.teacher_variance, "ratio ρ of student's and teacher's variance"),
            Step(law.variance / law.teacher_variance - 1, "its excess"),
        ),
    )


def variance_ratio_polynomial() -> Derivation:
    """Relative excess ρ − 1 of the student's variance as a polynomial in the eigenvalue (theory §4)."""
    law = student_law()
    polynomial = (
        s**2 * (A * (1 + q) + p - 1)
        + s * (A * q * lambda_T + p * (lambda_T + lambda_S) - 2 * lambda_S)
        + lambda_S * (p * lambda_T - lambda_S)
    )
    return Derivation(
        name="variance_ratio_polynomial",
        title="Excess of the variance ratio as a polynomial in s",
        statement=sp.Eq(rho - 1, polynomial / (s + lambda_S) ** 2),
        where=(sp.Eq(p, scale_S / scale_T), sp.Eq(q, tau * nu**2 / scale_T), sp.Eq(A, xi**2 / draws)),
        steps=(
            Step(law.variance / law.teacher_variance, "ratio ρ of student's and teacher's variance"),
            Step(law.variance / law.teacher_variance - 1, "its excess"),
        ),
    )


DERIVATIONS: Mapping[str, Callable[[], Derivation]] = {
    build.__name__: build
    for build in (
        learner_mean,
        learner_variance,
        student_gain,
        student_variance,
        kappa_identity,
        variance_ratio_excess,
        variance_ratio_differences,
        variance_ratio_polynomial,
    )
}
