"""The generalisation gap: linear smoothers, its conditional law and its cumulants in one direction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

import sympy as sp

from lingauss.symbolic.assumptions import Assumption
from lingauss.symbolic.calculus import complete_square, expectation, integrate_exponential, variance
from lingauss.symbolic.derivation import Derivation
from lingauss.symbolic.factoring import factor
from lingauss.symbolic.provenance import Step
from lingauss.symbolic.student import gibbs, student_law
from lingauss.symbolic.symbols import (
    k,
    lambda_S,
    lambda_T,
    n,
    nu,
    over_directions,
    positive,
    rank,
    real,
    s,
    scale_T,
    signal,
    t,
    v,
    w,
    xi,
)  # fmt: skip

SUBJECT = "Generalisation gap"

FIXED_DESIGN = Assumption(sp.true, "fixed design: test inputs as the training inputs, Σ_x = G/n")
z, zeta, weight = real("z"), real("zeta"), real("W")
energy = positive("chi")  # Σ e², the squared length of the standardised label noise
eta = real("eta")
gain, spread, Sigma = real("A_w"), positive("V_w"), positive("Sigma_x")
GEN = sp.Symbol("gen")


@cache
def gap(test_cov: sp.Expr = s / n) -> sp.Expr:
    """Return the gap of a weight W for one output: test loss minus training loss (theory §7).

    Training loss (1/n)Σ(y − xW)² = (Σy² − 2tW + sW²)/n with Σy² = s w² + 2w(t − s w) + ν²χ.
    """
    labels_squared = s * w**2 + 2 * w * (t - s * w) + nu**2 * energy
    test = nu**2 + test_cov * (weight - w) ** 2
    return sp.expand(test - (labels_squared - 2 * t * weight + s * weight**2) / n)


@cache
def mean_gap(channel_gain: sp.Expr, channel_var: sp.Expr, test_cov: sp.Expr = s / n) -> sp.Expr:
    """Average the gap of one output over W | t ~ N(gain·t, var) and t = s w + ν√s z; the noise energy averages to n."""
    drawn = gap(test_cov).subs(weight, channel_gain * t + sp.sqrt(channel_var) * zeta)
    return sp.cancel(
        sp.together(expectation(sp.expand(drawn.subs(t, s * w + nu * sp.sqrt(s) * z)), z, zeta).subs(energy, n))
    )


def smoother_gap() -> Derivation:
    """Optimism of any linear smoother ŷ = Hy is (2ν²/n) tr H, here n = 3 (theory §7)."""
    size = 3
    H = sp.Matrix(size, size, lambda a, b: real(f"H_{a + 1}{b + 1}"))
    mu = sp.Matrix([real(f"mu_{a + 1}") for a in range(size)])
    e = sp.Matrix([real(f"e_{a + 1}") for a in range(size)])
    fresh = sp.Matrix([real(f"f_{a + 1}") for a in range(size)])
    fitted = H * (mu + nu * e)
    test, train = (((mu + nu * noise - fitted).T * (mu + nu * noise - fitted))[0, 0] for noise in (fresh, e))
    gap_of_smoother = sp.expand((test - train) / size)
    return Derivation(
        name="smoother_gap",
        title="Gap of a linear smoother, three samples",
        statement=sp.Eq(GEN, 2 * nu**2 * (H[0, 0] + H[1, 1] + H[2, 2]) / size),
        steps=(
            Step(
                (test - train) / size,
                "loss on fresh labels at the same inputs minus loss on the labels that were fitted",
            ),
            Step(expectation(gap_of_smoother, *e, *fresh), "average over both noises: only the trace of H is left"),
        ),
    )


def gap_any_channel() -> Derivation:
    """Gap of any Gaussian channel W | t ~ N(A t, V) with any test inputs, in one direction (theory §7)."""
    Q, B = real("Q"), real("B")
    derived = mean_gap(gain, spread, Sigma)
    quadratic = sp.cancel(sp.diff(derived, w, 2) / 2)
    closed = Q * (B**2 * signal + k * nu**2 * gain**2 * s + k * spread) + 2 * k * nu**2 * s * gain / n
    return Derivation(
        name="gap_any_channel",
        title="Gap of any Gaussian learner, any test inputs",
        statement=sp.Eq(GEN, closed),
        where=(sp.Eq(Q, Sigma - s / n), sp.Eq(B, s * gain - 1)),
        steps=(
            Step(gap(Sigma), "test loss minus training loss of a weight W, one output"),
            Step(derived, "average over W | t, then over t"),
            Step(quadratic * signal + k * derived.subs(w, 0), "sum over k outputs, Σ w_j² = |w|²"),
        ),
    )


def gap_teacher() -> Derivation:
    """Efron's optimism of the teacher: 2ν²k/n times its degrees of freedom (theory §7)."""
    per_direction = mean_gap(*(e / f for e, f in zip(gibbs(lambda_T, scale_T), (t, 1), strict=True)))
    return Derivation(
        name="gap_teacher",
        title="Gap of the teacher",
        statement=sp.Eq(sp.Symbol("gen_T"), 2 * nu**2 * k / n * over_directions(s / (s + lambda_T))),
        steps=(
            Step(gap(), "test loss minus training loss: linear in W"),
            Step(per_direction, "average over the teacher's law and the labels, one output and direction"),
            Step(k * over_directions(per_direction), "sum over outputs and directions"),
        ),
        assumptions=(FIXED_DESIGN,),
    )


def gap_student() -> Derivation:
    """Gap of the student: 2ν²k/n times Σ b g over the retained directions (theory §7)."""
    law = student_law()
    per_direction = mean_gap(law.gain, law.variance)
    learned = s * ((1 - xi) + xi * s / (s + lambda_T)) / (s + lambda_S)
    return Derivation(
        name="gap_student",
        title="Gap of the student",
        statement=sp.Eq(sp.Symbol("gen_S"), 2 * nu**2 * k / n * over_directions(learned, rank)),
        steps=(
            Step(per_direction, "average gap in a retained direction, one output; a discarded one adds nothing"),
            Step(k * over_directions(per_direction, rank), "sum over outputs and the r retained directions"),
        ),
        assumptions=(FIXED_DESIGN,),
    )


def _optimism(name: str, title: str, closed: sp.Expr, gain: sp.Expr, var: sp.Expr) -> Derivation:
    return Derivation(
        name=name,
        title=title,
        statement=sp.Eq(sp.Symbol(name), closed),
        steps=(
            Step(gap(), "test loss minus training loss: linear in W"),
            Step(k * mean_gap(gain, var), "average over the law of W and the labels, sum over outputs"),
        ),
        assumptions=(FIXED_DESIGN,),
    )


def teacher_optimism() -> Derivation:
    """Gap of the teacher in one direction (theory §7)."""
    mean, var = gibbs(lambda_T, scale_T)
    closed = 2 * k * nu**2 * s / (n * (s + lambda_T))
    return _optimism("teacher_optimism", "Gap of the teacher, one direction", closed, mean / t, var)


def student_optimism() -> Derivation:
    """Gap of the student in a direction that it sees; in another it has none (theory §7)."""
    law = student_law()
    closed = 2 * k * nu**2 * s * ((1 - xi) + xi * s / (s + lambda_T)) / (n * (s + lambda_S))
    return _optimism("student_optimism", "Gap of the student, one direction", closed, law.gain, law.variance)


def intercept_optimism() -> Derivation:
    """Gap of a fitted intercept: least squares in the direction of constant inputs (theory §1)."""
    title = "Gap of a fitted intercept"
    return _optimism("intercept_optimism", title, 2 * k * nu**2 / n, 1 / s, sp.S.Zero)


@cache
def conditional_moments() -> tuple[sp.Expr, sp.Expr, sp.Expr]:
    """Return gap of the teacher's draw, its variance given the data, and the average of that, for one output."""
    mean_T, var_T = gibbs(lambda_T, scale_T)
    drawn = gap().subs(weight, mean_T + sp.sqrt(v) * zeta)
    given_data = variance(drawn, zeta).subs(v, var_T)
    averaged = expectation(sp.expand(given_data.subs(t, s * w + nu * sp.sqrt(s) * z)), z)
    return drawn, factor(given_data), averaged


def gap_conditional_variance() -> Derivation:
    """Variance of the gap given the data, averaged over the data, per direction (theory §7)."""
    drawn, given_data, averaged = conditional_moments()
    return Derivation(
        name="gap_conditional_variance",
        title="Variance of the gap given the data",
        statement=sp.Eq(sp.Symbol("sigma2_bar"), 4 * nu**2 * k * s * scale_T / (n**2 * (s + lambda_T))),
        steps=(
            Step(drawn, "gap of a draw from the teacher: linear in the draw, hence Gaussian given the data"),
            Step(given_data, "its variance given the data"),
            Step(k * averaged, "average over t = s w + ν√s z, sum over outputs"),
        ),
        assumptions=(FIXED_DESIGN,),
    )


def gap_gradient() -> Derivation:
    """Mean square of the gap's gradient in the weights, the same at all weights (theory §7)."""
    slope = sp.diff(gap(), weight)
    labels = slope.subs(t, s * w + nu * sp.sqrt(s) * z)
    return Derivation(
        name="gap_gradient",
        title="Mean squared gradient of the gap",
        statement=sp.Eq(sp.Symbol("g_squared"), 4 * k * nu**2 * s / n**2),
        steps=(
            Step(slope, "derivative of the gap of a weight W, one output"),
            Step(k * expectation(sp.expand(labels**2), z), "its mean square over t = s w + ν√s z, sum over outputs"),
        ),
        assumptions=(FIXED_DESIGN,),
    )


@cache
def _cumulant_factor() -> tuple[sp.Expr, sp.Expr, sp.Expr]:
    """Return the exponent of one direction, its curvature in the draw, and the exponent left after the draw."""
    mean_T, var_T = gibbs(lambda_T, scale_T)
    noise = nu * z  # the component of the label noise along the direction
    labels = s * w + sp.sqrt(s) * noise
    square = gap().subs(energy, 0) - nu**2 - noise**2 / n
    drawn = sp.expand(square.subs(weight, mean_T + sp.sqrt(v) * zeta).subs(t, labels))
    exponent = eta * drawn - zeta**2 / 2
    _, curvature, height = complete_square(exponent, zeta)
    over_draw = sp.expand(height.subs(v, var_T)) - z**2 / 2
    return exponent, curvature, over_draw


def cumulant_factor() -> Derivation:
    """Factor of one direction in the unconditional cumulant function of the gap (theory §7)."""
    exponent, curvature, over_draw = _cumulant_factor()
    precision = factor(-sp.diff(over_draw, z, 2))
    D_z = positive("D_z")
    shifted = sp.expand(over_draw - sp.diff(over_draw, z, 2) * z**2 / 2) - D_z * z**2 / 2
    integral = integrate_exponential(shifted, z) / sp.sqrt(2 * sp.pi)
    log_factor = sp.expand_log(sp.log(integral) + sp.log(curvature) / 2).subs(D_z, precision)
    quadratic = sp.diff(log_factor, w, 2) / 2
    a, D = real("a"), positive("D")
    alpha, beta2, gamma2 = real("alpha_i"), positive("beta2"), positive("gamma2")
    return Derivation(
        name="cumulant_factor",
        title="Cumulant function of the gap, one direction",
        statement=sp.Eq(sp.Symbol("Lambda_i"), -k * sp.log(D) / 2 + beta2 / (2 * D)),
        where=(
            sp.Eq(a, s / (s + lambda_T)),
            sp.Eq(alpha, eta * nu**2 * (2 * a - 1) / n),
            sp.Eq(gamma2, 4 * eta**2 * nu**2 * s * scale_T / (n**2 * (s + lambda_T))),
            sp.Eq(beta2, 4 * eta**2 * nu**2 * s * (1 - a) ** 2 * signal / n**2),
            sp.Eq(D, 1 - 2 * alpha - gamma2),
        ),
        steps=(
            Step(
                exponent,
                "η times the direction's part of the gap, with the density of the draw; z: label noise along it",
            ),
            Step(over_draw, "after the Gaussian integral over the draw, with the density of z"),
            Step(precision, "precision D of what is left in z"),
            Step(
                quadratic * signal + k * log_factor.subs(w, 0), "integrate over z, take the logarithm, sum over outputs"
            ),
        ),
        assumptions=(FIXED_DESIGN, Assumption(sp.true, "D > 0: the integral converges")),
    )


def cumulant_null_factor() -> Derivation:
    """Factor of a direction of the labels that no input reaches, beside the constant ηkν² (theory §7)."""
    exponent = -eta * nu**2 * z**2 / n - z**2 / 2
    precision = -sp.diff(exponent, z, 2)
    D_z = positive("D_z")
    integral = integrate_exponential(-D_z * z**2 / 2, z) / sp.sqrt(2 * sp.pi)
    return Derivation(
        name="cumulant_null_factor",
        title="Cumulant function of the gap, a direction of the labels off the inputs",
        statement=sp.Eq(sp.Symbol("Lambda_0"), -k * sp.log(1 + 2 * eta * nu**2 / n) / 2),
        steps=(
            Step(exponent, "minus η times the training loss there, with the density of the noise"),
            Step(k * sp.log(integral).subs(D_z, precision), "integrate, take the logarithm, sum over outputs"),
        ),
        assumptions=(FIXED_DESIGN, Assumption(1 + 2 * eta * nu**2 / n > 0, "the integral converges")),
    )


DERIVATIONS: Mapping[str, Callable[[], Derivation]] = {
    build.__name__: build
    for build in (
        smoother_gap,
        gap_any_channel,
        gap_teacher,
        gap_student,
        teacher_optimism,
        student_optimism,
        intercept_optimism,
        gap_conditional_variance,
        gap_gradient,
        cumulant_factor,
        cumulant_null_factor,
    )
}
