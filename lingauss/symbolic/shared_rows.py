# ruff: noqa: N816 - subscripts T and S name teacher and student, as in the mathematics
"""A teacher and a student on the same drawn rows, of any views, and a student on rows of its own: unseen losses.

Directions enter through normalised traces γ of the shrinkages H_T and H_S, and through products of what of the signal
is missed: a_T = (1 − H_T)θ, a_S = (1 − H_S)θ, and c = H_S a_T, which the student takes over.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

import sympy as sp

from lingauss.symbolic.assumptions import Assumption
from lingauss.symbolic.calculus import inverse, solve_linear
from lingauss.symbolic.derivation import Derivation
from lingauss.symbolic.effective_penalty import DRAWN
from lingauss.symbolic.provenance import Source, Step
from lingauss.symbolic.symbols import draws, k, nonnegative, nu, positive, real, s, tau, xi

SUBJECT = "Unseen inputs: teacher and student"

SAME_ROWS = Source("one view: Dang, Patil & Rinaldo 2026, arXiv 2602.17565; any views: derived here")
FRESH_ROWS = Source("setting: Dohmatob et al. 2024, arXiv 2402.07712; this form: derived here")
SHARED = Assumption(sp.true, "γ is the trace of a product of shrinkages over n, a = (1 − H)θ, c = H_S a_T, θ² = s|w|²")
OWN = Assumption(
    sp.true, "the student's rows are its own: its γ_SS is over their number, other traces are over the teacher's n"
)

H_T, H_S = positive("H_T"), positive("H_S")
kappa_T, kappa_S = positive("kappa_T"), positive("kappa_S")
gamma_TT, gamma_ST, gamma_SS = (nonnegative(f"gamma_{of}") for of in ("TT", "ST", "SS"))
gamma_STT, gamma_SST, gamma_SSTT = (nonnegative(f"gamma_{of}") for of in ("STT", "SST", "SSTT"))
TRACES = {
    (2, 0): gamma_TT,
    (1, 1): gamma_ST,
    (0, 2): gamma_SS,
    (2, 1): gamma_STT,
    (1, 2): gamma_SST,
    (2, 2): gamma_SSTT,
}  # of H_T^a H_S^b, over n
residual_T = nonnegative("residual_T")
bias_TT, bias_ST, bias_SS = (nonnegative(f"bias_{of}") for of in ("TT", "ST", "SS"))
carried_T, carried_S, carried = (nonnegative(name) for name in ("carried_T", "carried_S", "carried"))
a_T, a_S, c = real("a_T"), real("a_S"), real("c")
PRODUCTS = {a_T: (bias_TT, bias_ST, carried_T), a_S: (bias_ST, bias_SS, carried_S), c: (carried_T, carried_S, carried)}
S_TT, S_ST, S_SS = positive("S_TT"), real("S_ST"), positive("S_SS")
eta, memory = real("eta"), nonnegative("eta_1")
cross, growth = real("S_0"), real("S_1")
noise, soft = k * nu**2, tau * k * nu**2 / draws


def _traced(polynomial: sp.Expr) -> sp.Expr:
    """Average a quadratic form of shrinkages over directions."""
    return sp.Add(*(factor * TRACES[powers] for powers, factor in sp.Poly(polynomial, H_T, H_S).terms()))


def _product(left: sp.Expr, right: sp.Expr) -> sp.Expr:
    """Return the product, over directions, of two combinations of a_T, a_S and c."""
    basis = tuple(PRODUCTS)
    return sp.expand(
        sp.Add(
            *(
                sp.diff(left, one) * sp.diff(right, other) * PRODUCTS[one][place]
                for one in basis
                for place, other in enumerate(basis)
            )
        )
    )


@cache
def _response() -> sp.Matrix:
    """Return what innovations of a row, teacher's first, move both predictions by in one direction, times n."""
    weights = s * inverse(sp.Matrix([[s + kappa_T, 0], [-eta * s, s + kappa_S]]))
    shrinkages = {kappa_T: s / H_T - s, kappa_S: s / H_S - s}
    return weights.subs(shrinkages).applyfunc(sp.cancel)


@cache
def _losses() -> tuple[sp.Matrix, sp.Matrix]:
    """Return products of errors on an unseen label twice: from its innovations, and from what makes the errors."""
    recall = sp.Matrix([[1, 0], [eta, 1]])
    innovations = sp.Matrix([[S_TT, S_ST], [S_ST, S_SS]])
    silent = innovations - sp.Matrix([[0, 0], [0, xi**2 * soft]])  # noise of soft labels is no error
    missed = (a_T, a_S + eta * c)
    scattered = _response() * innovations * _response().T
    made = sp.Matrix(2, 2, lambda a, b: noise + _product(missed[a], missed[b]) + _traced(scattered[a, b]))
    return (recall * silent * recall.T).applyfunc(sp.expand), made.applyfunc(sp.expand)


def _innovation(row: int, column: int, unknown: sp.Symbol) -> sp.Expr:
    from_innovations, made = _losses()
    return solve_linear(sp.expand(made[row, column] - from_innovations[row, column]), unknown)


def student_memory() -> Derivation:
    """Return how a student's residuals respond to its teacher's errors on rows both have seen (theory §10.3)."""
    echo = _traced(_response()[1, 0])
    return Derivation(
        name="student_memory",
        title="Memory of a student for its teacher's errors",
        statement=sp.Eq(eta, xi * residual_T / (1 - gamma_ST)),
        steps=(
            Step(_response(), "shrinkage of both, the student's row with the teacher's errors passed on"),
            Step(
                sp.Eq(eta, xi * residual_T + echo),
                "a teacher's error on a row is in the soft label as ξρ_T of it, and comes back through all other rows",
            ),
            Step(solve_linear(xi * residual_T + echo - eta, eta), "solve for η"),
        ),
        assumptions=(DRAWN, SHARED),
        source=SAME_ROWS,
    )


def unseen_cross_moment() -> Derivation:
    """Product of the teacher's error and the student's innovation on an unseen row (theory §10.3)."""
    stated = (noise + bias_ST + eta * carried_T - eta * (1 - gamma_STT) * S_TT) / (1 - gamma_ST)
    return Derivation(
        name="unseen_cross_moment",
        title="What a student's innovation shares with its teacher's error",
        statement=sp.Eq(S_ST, stated),
        steps=(
            Step(
                sp.Eq(*(side[1, 0] for side in _losses())),
                "the student's error is its innovation and η times the teacher's; what both miss, and what innovations"
                " of the same rows scatter",
            ),
            Step(_innovation(1, 0, S_ST), "solve for S_ST"),
        ),
        assumptions=(DRAWN, SHARED),
        source=SAME_ROWS,
    )


def unseen_innovation() -> Derivation:
    """Second moment of the student's error less η times the teacher's, soft-label noise included (theory §10.3)."""
    passed = 2 * eta * (carried_S - (1 - gamma_SST) * S_ST) + eta**2 * (carried - (1 - gamma_SSTT) * S_TT)
    return Derivation(
        name="unseen_innovation",
        title="Innovation of a student",
        statement=sp.Eq(S_SS, (noise + bias_SS + passed + xi**2 * soft) / (1 - gamma_SS)),
        steps=(
            Step(
                sp.Eq(*(side[1, 1] for side in _losses())),
                "the student's loss from innovations, of which soft-label noise is no error, and from what it misses"
                " and rows scatter",
            ),
            Step(_innovation(1, 1, S_SS), "solve for S_SS"),
        ),
        assumptions=(DRAWN, SHARED),
        source=SAME_ROWS,
    )


@cache
def _powers() -> tuple[sp.Expr, ...]:
    """Return the coefficients of 1, ξ and ξ² in the student's loss."""
    loss = _losses()[0][1, 1].subs(S_SS, _innovation(1, 1, S_SS)).subs(S_ST, _innovation(1, 0, S_ST))
    by_mixing = loss.subs(eta, xi * memory)
    return tuple(sp.diff(by_mixing, xi, order).subs(xi, 0) / sp.factorial(order) for order in range(3))


def unseen_student_loss() -> Derivation:
    """Test loss of the student as a parabola in ξ: value at 0, slope and curvature (theory §10.3)."""
    heavier = gamma_SST - gamma_SS
    taken = memory**2 * (carried + (gamma_SSTT - gamma_SS) * S_TT) + 2 * memory * heavier * growth + gamma_SS * soft
    return Derivation(
        name="unseen_student_loss",
        title="Loss of a student on unseen inputs, by powers of the mixing",
        statement=sp.Eq(
            sp.Tuple(*sp.symbols("R_0 R_1 R_2")),
            sp.Tuple(
                (noise + bias_SS) / (1 - gamma_SS),
                2 * memory * (carried_S + heavier * cross) / (1 - gamma_SS),
                taken / (1 - gamma_SS),
            ),
        ),
        where=(
            sp.Eq(cross, (noise + bias_ST) / (1 - gamma_ST)),
            sp.Eq(growth, memory * (carried_T - (1 - gamma_STT) * S_TT) / (1 - gamma_ST)),
        ),
        steps=(
            Step(
                _losses()[0][1, 1], "the error is an innovation and η times the teacher's; soft-label noise is no error"
            ),
            Step(
                sp.Tuple(*_powers()),
                "put in the innovations and η = ξη₁, η₁ = ρ_T/(1 − γ_ST); coefficients of 1, ξ, ξ²",
            ),
        ),
        assumptions=(DRAWN, SHARED),
        source=SAME_ROWS,
    )


@cache
def _fresh() -> tuple[sp.Expr, sp.Expr]:
    """Return what an unseen label is missed by, by that itself, and the excess risk, of a student on its own rows."""
    missed = _product(a_S - xi * (a_T - c), a_S - xi * (a_T - c))
    scatter = _traced(sp.expand(H_T**2 * H_S**2)), _traced(H_T**2) - 2 * _traced(H_T**2 * H_S)
    labels = noise * (1 - xi) ** 2 + xi**2 * soft
    made = labels + missed + xi**2 * S_TT * (scatter[0] + scatter[1]) + gamma_SS * S_SS
    risk = _product(a_S + xi * c, a_S + xi * c) + xi**2 * S_TT * scatter[0] + gamma_SS * S_SS
    return made, risk


def fresh_innovation() -> Derivation:
    """Return what a label on a row of the student's own is missed by, whose teacher never saw it (theory §10.4)."""
    made, _ = _fresh()
    target = bias_SS - 2 * xi * (bias_ST - carried_S) + xi**2 * (bias_TT - 2 * carried_T + carried)
    scatter = xi**2 * (gamma_TT - 2 * gamma_STT + gamma_SSTT) * S_TT
    return Derivation(
        name="fresh_innovation",
        title="Innovation of a student on rows of its own",
        statement=sp.Eq(S_SS, (noise * (1 - xi) ** 2 + xi**2 * soft + target + scatter) / (1 - gamma_SS)),
        steps=(
            Step(
                sp.Eq(S_SS, made),
                "label noise, what the student misses of a target of mean θ − ξa_T and variance ξ²H_T²S_TT/n,"
                " and the variance of its own weights, H_S²S_SS over its rows",
            ),
            Step(solve_linear(made - S_SS, S_SS), "solve for S_SS"),
        ),
        assumptions=(DRAWN, SHARED, OWN),
        source=FRESH_ROWS,
    )


def fresh_excess_risk() -> Derivation:
    """Excess risk of a student on rows of its own, given its innovation (theory §10.4)."""
    _, risk = _fresh()
    closed = bias_SS + 2 * xi * carried_S + xi**2 * (carried + gamma_SSTT * S_TT) + gamma_SS * S_SS
    return Derivation(
        name="fresh_excess_risk",
        title="Excess risk of a student on rows of its own",
        statement=sp.Eq(sp.Symbol("R_S"), closed),
        steps=(
            Step(a_S + xi * c, "mean of the error in one direction, (1 − H_S)θ + ξH_S a_T"),
            Step(risk, "its square, the teacher's scatter that H_S passes on, and the variance H_S²S_SS over its rows"),
        ),
        assumptions=(DRAWN, SHARED, OWN),
        source=FRESH_ROWS,
    )


DERIVATIONS: Mapping[str, Callable[[], Derivation]] = {
    build.__name__: build
    for build in (
        student_memory,
        unseen_cross_moment,
        unseen_innovation,
        unseen_student_loss,
        fresh_innovation,
        fresh_excess_risk,
    )
}
