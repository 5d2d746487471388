# ruff: noqa: N816 - subscripts T and S name teacher and student, as in the mathematics
"""A student that sees what its teacher sees, on the same drawn rows: an affine stack of two ridge fits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, reduce

import sympy as sp

from lingauss.symbolic.assumptions import Assumption
from lingauss.symbolic.calculus import limit_of, solve_linear
from lingauss.symbolic.derivation import Derivation
from lingauss.symbolic.effective_penalty import DRAWN
from lingauss.symbolic.provenance import Source, Step
from lingauss.symbolic.symbols import k, n, nu, over_directions, positive, real, s, signal, xi

SUBJECT = "Unseen inputs: one view"

STACKED = Source("setting: Dang, Patil & Rinaldo 2026, arXiv 2602.17565; this form: derived here")
TWO_RESOLVENTS = Source("result: products of two resolvents, Bach 2023; this form: derived here")
ONE_VIEW = Assumption(sp.true, "one view of both; E_ij products of errors of ridge fits at ℓ_i and ℓ_j, ℓ = λ/n")
EQUAL = Assumption(sp.true, "one view of both, and one penalty; E is the loss of ridge regression there, ℓ = λ/n")

E_TT, E_ST, E_SS = positive("E_TT"), real("E_ST"), positive("E_SS")
ell_T, ell_S = positive("ell_T"), positive("ell_S")  # penalties per row, λ/n
kappa_T, kappa_S = positive("kappa_T"), positive("kappa_S")
effective, overlap = positive("effective"), positive("gamma_TT")
first, second, loss = real("E_1"), positive("E_11"), positive("E")
a, g, N_2, g_2 = positive("a"), positive("g"), positive("N_2"), positive("g_2")
FIRST_IS = sp.Eq(first, (E_ST - E_SS) / (ell_T - ell_S))
SECOND_IS = sp.Eq(second, (E_TT - 2 * E_ST + E_SS) / (ell_T - ell_S) ** 2)
GAMMA, BIAS = (sp.Function(name)(kappa_S, kappa_T) for name in ("gamma_ST", "bias"))
PRODUCT = (k * nu**2 + BIAS) / (1 - GAMMA)  # E_ST
UNEQUAL = Assumption(sp.Ne(ell_S, ell_T), "unequal penalties")


@cache
def _stack() -> sp.Expr:
    """Return the loss of (1 − β) student + β teacher, each a ridge fit of the true labels."""
    share = xi * ell_T / (ell_T - ell_S)
    return (1 - share) ** 2 * E_SS + 2 * share * (1 - share) * E_ST + share**2 * E_TT


def unseen_stack_loss() -> Derivation:
    """Test loss of a student that sees what its teacher sees, by differences of two ridge fits (theory §10.2)."""
    return Derivation(
        name="unseen_stack_loss",
        title="Loss of a student of its teacher's view",
        statement=sp.Eq(sp.Symbol("R_xi"), E_SS + 2 * xi * ell_T * first + xi**2 * ell_T**2 * second),
        where=(FIRST_IS, SECOND_IS),
        steps=(
            Step(_stack(), "the student is the stack (1 − β, β) of two ridge fits, β = ξλ_T/(λ_T − λ_S)"),
            Step(sp.Poly(_stack(), xi).as_expr(), "by powers of ξ"),
        ),
        assumptions=(DRAWN, ONE_VIEW, UNEQUAL),
        source=STACKED,
    )


def unseen_mixing() -> Derivation:
    """Best mixing on unseen inputs, and the loss that it saves (theory §10.2)."""
    best = solve_linear(sp.expand(sp.diff(_stack(), xi)), xi)
    return Derivation(
        name="unseen_mixing",
        title="Best mixing on unseen inputs, and what it saves",
        statement=sp.Eq(
            sp.Tuple(sp.Symbol("xi_star"), sp.Symbol("R") - sp.Symbol("R_star")),
            sp.Tuple(-first / (ell_T * second), first**2 / second),
        ),
        where=(FIRST_IS, SECOND_IS),
        steps=(
            Step(sp.diff(_stack(), xi), "derivative of the loss in ξ"),
            Step(sp.Tuple(best, E_SS - _stack().subs(xi, best)), "where it vanishes, and the loss saved there"),
        ),
        assumptions=(DRAWN, ONE_VIEW, UNEQUAL),
        source=STACKED,
    )


def unseen_ridgeless_student() -> Derivation:
    """Loss of a student without penalty: ξ = 1 repeats its teacher, also through the peak (theory §10.2)."""
    return Derivation(
        name="unseen_ridgeless_student",
        title="Loss of a student without penalty",
        statement=sp.Eq(sp.Symbol("R_xi"), (1 - xi) ** 2 * E_SS + 2 * xi * (1 - xi) * E_ST + xi**2 * E_TT),
        steps=(
            Step(_stack(), "the student is the stack (1 − β, β) of two ridge fits, β = ξλ_T/(λ_T − λ_S)"),
            Step(limit_of(_stack(), ell_S, sp.S.Zero), "λ_S → 0: β → ξ"),
        ),
        assumptions=(DRAWN, ONE_VIEW),
        source=STACKED,
    )


def _meant(expression: sp.Expr) -> sp.Expr:
    """Write derivatives of the overlap γ and the bias product as sums over directions, at one effective penalty."""
    below = (s + kappa_S) * (s + kappa_T)
    terms = {GAMMA: s**2 / (n * below), BIAS: kappa_S * kappa_T * s * signal / below}
    sums = {
        reduce(sp.diff, orders, function): over_directions(sp.cancel(reduce(sp.diff, orders, term)))
        for function, term in terms.items()
        for orders in ((), (kappa_S,), (kappa_T,), (kappa_T, kappa_S))
    }
    return expression.xreplace(sums).xreplace({kappa_S: effective, kappa_T: effective})


def _by_penalties(slope: sp.Expr, order: int) -> sp.Expr:
    """Return a derivative by effective penalties, so many of them, as one by penalties per row."""
    return _meant(slope) / (1 - _meant(GAMMA)) ** order


def _abbreviations() -> tuple[sp.Eq, ...]:
    below = (s + effective) ** 3
    return (
        sp.Eq(overlap, over_directions(s**2 / (s + effective) ** 2) / n),
        sp.Eq(loss, (k * nu**2 + over_directions(effective**2 * s * signal / (s + effective) ** 2)) / (1 - overlap)),
        sp.Eq(a, effective * over_directions(s**2 * signal / below)),
        sp.Eq(g, over_directions(s**2 / below) / n),
    )


def unseen_mixing_slope() -> Derivation:
    """First-order effect of distillation at equal penalties, half the slope of the loss in λ/n (theory §10.2)."""
    slope = sp.diff(PRODUCT, kappa_T)
    return Derivation(
        name="unseen_mixing_slope",
        title="First-order effect of distillation at equal penalties",
        statement=sp.Eq(first, (a - g * loss) / (1 - overlap) ** 2),
        where=_abbreviations(),
        steps=(
            Step(PRODUCT, "product of the errors of two ridge fits: label noise, a product of biases, over 1 − γ"),
            Step(slope, "the difference quotient E₁ becomes a derivative by one of both, half that of the loss"),
            Step(_by_penalties(slope, 1), "dκ/d(λ/n) = 1/(1 − γ), sums over directions"),
        ),
        assumptions=(DRAWN, EQUAL),
        source=TWO_RESOLVENTS,
    )


def unseen_mixing_curvature() -> Derivation:
    """Second-order effect of distillation at equal penalties, without a difference of penalties (theory §10.2)."""
    bend = sp.diff(PRODUCT, kappa_T, kappa_S)
    below = (s + effective) ** 4
    D = 1 / (1 - overlap)
    return Derivation(
        name="unseen_mixing_curvature",
        title="Second-order effect of distillation at equal penalties",
        statement=sp.Eq(second, D**3 * (g_2 * loss + N_2 + 2 * g * D * (g * loss - a))),
        where=(
            *_abbreviations(),
            sp.Eq(N_2, over_directions(s**3 * signal / below)),
            sp.Eq(g_2, over_directions(s**2 / below) / n),
        ),
        steps=(
            Step(PRODUCT, "product of the errors of two ridge fits: label noise, a product of biases, over 1 − γ"),
            Step(bend, "the second difference E₁₁ of a symmetric function becomes its mixed derivative"),
            Step(_by_penalties(bend, 2), "dκ/d(λ/n) = 1/(1 − γ) twice, sums over directions"),
        ),
        assumptions=(DRAWN, EQUAL),
        source=TWO_RESOLVENTS,
    )


DERIVATIONS: Mapping[str, Callable[[], Derivation]] = {
    build.__name__: build
    for build in (
        unseen_stack_loss,
        unseen_mixing,
        unseen_ridgeless_student,
        unseen_mixing_slope,
        unseen_mixing_curvature,
    )
}
