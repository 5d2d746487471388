# ruff: noqa: N816 - subscripts T and S name teacher and student, as in the mathematics
"""Errors on a row that was left out, of ridge teachers and of students taught by them, from the fits of all rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import sympy as sp

from lingauss.symbolic.assumptions import Assumption
from lingauss.symbolic.calculus import solve_linear
from lingauss.symbolic.derivation import Derivation
from lingauss.symbolic.provenance import Source, Step
from lingauss.symbolic.student import student_law
from lingauss.symbolic.symbols import lam, lambda_S, lambda_T, positive, real, s, xi

SUBJECT = "Errors on unseen rows"

STACK = Source(
    "setting: Dang, Patil & Rinaldo 2026, arXiv 2602.17565 (one-shot tuning); at unequal penalties: derived here"
)
PRESS = Source("result: Allen 1974 (PRESS); this derivation: here")
RIDGE = Assumption(sp.true, "ridge learners whose view of the inputs does not depend on the row")
UNEQUAL = Assumption(sp.Ne(lambda_S, lambda_T), "unequal penalties")

y = real("y")
h_T, h_S, c = positive("h_T"), positive("h_S"), real("c")  # of the row in H_T, H_S and H_S H_T
r_T, r_S = real("r_T"), real("r_S")
others_T, others_S = real("a_T"), real("a_S")  # what all other labels contribute to the predictions at the row
prediction, beta = real("q"), real("beta")
missed_S, missed_T = real("u_S"), real("u_T")
square, leverage = positive("x"), positive("h")  # squared entry of the row in one direction, and what it weighs
left_out_T = r_T / (1 - h_T)


def two_fit_stack() -> Derivation:
    """Share of a label that a distilled student misses, as an affine mixture of two ridge fits' (theory §9.2)."""
    missed = sp.cancel(1 - s * student_law().gain)
    return Derivation(
        name="two_fit_stack",
        title="A distilled ridge student as an affine stack of two ridge fits",
        statement=sp.Eq(sp.Symbol("u"), (1 - beta) * missed_S + beta * missed_T),
        where=(
            sp.Eq(beta, xi * lambda_T / (lambda_T - lambda_S)),
            sp.Eq(missed_S, lambda_S / (s + lambda_S)),
            sp.Eq(missed_T, lambda_T / (s + lambda_T)),
        ),
        steps=(
            Step(s * student_law().gain, "share of a true label that the student learns in one direction"),
            Step(missed, "the share it misses"),
        ),
        assumptions=(UNEQUAL,),
        source=STACK,
    )


def left_out_teacher() -> Derivation:
    """Error of a ridge fit on a row that was left out (theory §9.2)."""
    without = _teacher_without()
    known = {others_T: y - r_T - h_T * y}
    return Derivation(
        name="left_out_teacher",
        title="Leave-one-out error of a ridge fit",
        statement=sp.Eq(sp.Symbol("e_T"), left_out_T),
        steps=(
            Step(sp.Eq(prediction, others_T + h_T * prediction), "without the row, a label equal to the prediction"),
            Step(y - without, "solve for the prediction q; the error is y − q"),
            Step(
                sp.cancel((y - without).subs(known)), "other labels contribute y − r_T − h_T y to the fit of all rows"
            ),
        ),
        assumptions=(RIDGE,),
        source=PRESS,
    )


def left_out_student() -> Derivation:
    """Error of a distilled student, teacher and all, on a row that was left out (theory §9.2)."""
    fitted_T = y - r_T
    passed = xi * (c - h_S * h_T)  # what the row's label does through the soft labels of all other rows
    with_row = others_S + passed * y + h_S * ((1 - xi) * y + xi * fitted_T)
    known = {others_T: y - r_T - h_T * y, others_S: sp.solve(y - r_S - with_row, others_S)[0]}
    fixed = others_S + passed * _teacher_without() + h_S * prediction
    without = solve_linear(prediction - fixed, prediction)
    return Derivation(
        name="left_out_student",
        title="Leave-one-out error of a distilled ridge student",
        statement=sp.Eq(sp.Symbol("e_S"), (r_S + xi * (c - h_S) * r_T / (1 - h_T)) / (1 - h_S)),
        steps=(
            Step(with_row, "prediction at the row with all labels, (1 − ξ) true and ξ soft"),
            Step(
                sp.Eq(prediction, fixed), "without the row: its label is its prediction, for the teacher and then here"
            ),
            Step(sp.cancel(sp.together((y - without).subs(known))), "solve for q; the error is y − q"),
        ),
        assumptions=(RIDGE,),
    )


def left_out_spread() -> Derivation:
    """Variance of a prediction on the row left out, weights drawn at unit dispersion (theory §9.3)."""
    return Derivation(
        name="left_out_spread",
        title="Spread of a drawn prediction on a row that was left out",
        statement=sp.Eq(sp.Symbol("V"), leverage / (1 - leverage)),
        where=(sp.Eq(leverage, square / (s + lam)),),
        steps=(
            Step(square / (s + lam), "variance of the prediction with the row, one direction: its leverage"),
            Step(square / (s - square + lam), "without the row the Gram matrix has lost its square"),
        ),
        assumptions=(Assumption(sp.Lt(square, s), "the row is not all of the Gram matrix"),),
    )


def _teacher_without() -> sp.Expr:
    return solve_linear(prediction - others_T - h_T * prediction, prediction)


DERIVATIONS: Mapping[str, Callable[[], Derivation]] = {
    build.__name__: build for build in (two_fit_stack, left_out_teacher, left_out_student, left_out_spread)
}
