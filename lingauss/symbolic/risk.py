"""Excess risk of teacher and student in one eigen-direction, fixed design, averaged over labels and drawn weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

import sympy as sp

from lingauss.symbolic.calculus import expectation
from lingauss.symbolic.derivation import Derivation
from lingauss.symbolic.gap import FIXED_DESIGN, weight, z, zeta
from lingauss.symbolic.provenance import Step
from lingauss.symbolic.student import gibbs, student_law
from lingauss.symbolic.symbols import (
    draws,
    k,
    lambda_S,
    lambda_T,
    n,
    nu,
    real,
    s,
    scale_S,
    scale_T,
    signal,
    t,
    tau,
    w,
    xi,
)  # fmt: skip

SUBJECT = "Excess risk, per direction"

ERROR = s * (weight - w) ** 2 / n
missed, learned, spread = real("h"), real("p_i"), real("V_w")


@cache
def excess_risk(gain: sp.Expr, var: sp.Expr) -> sp.Expr:
    """Average (s/n)(W − w)² of one output over W | t ~ N(gain·t, var) and t = s w + ν√s z; sum over outputs."""
    drawn = (gain * (s * w + nu * sp.sqrt(s) * z) + sp.sqrt(var) * zeta - w) ** 2 * s / n
    one_output = expectation(sp.expand(drawn), z, zeta)
    return sp.cancel(sp.together(sp.diff(one_output, w, 2) / 2)) * signal + k * sp.cancel(one_output.subs(w, 0))


def _risk(name: str, title: str, where: tuple[sp.Eq, ...], gain: sp.Expr, var: sp.Expr) -> Derivation:
    return Derivation(
        name=name,
        title=title,
        statement=sp.Eq(sp.Symbol(name), s * (missed**2 * signal + k * spread) / n + k * nu**2 * learned**2 / n),
        where=where,
        steps=(
            Step(ERROR, "squared error of a weight W at the training inputs, one output and direction"),
            Step(sp.Tuple(gain * t, var), "mean and variance of the weight given the data"),
            Step(excess_risk(gain, var), "average over the weight and over t = s w + ν√s z, sum over outputs"),
        ),
        assumptions=(FIXED_DESIGN,),
    )


def teacher_risk() -> Derivation:
    """Excess risk of the teacher: what it misses, the label noise it learns, its spread (theory §5)."""
    mean, var = gibbs(lambda_T, scale_T)
    where = (
        sp.Eq(missed, lambda_T / (s + lambda_T)),
        sp.Eq(learned, s / (s + lambda_T)),
        sp.Eq(spread, scale_T / (s + lambda_T)),
    )
    return _risk("teacher_risk", "Excess risk of the teacher", where, sp.cancel(mean / t), var)


def student_risk() -> Derivation:
    """Excess risk of the student in a direction that it sees (theory §5)."""
    law = student_law()
    own = scale_S / (s + lambda_S)
    taught = xi**2 * s * (s * scale_T / (s + lambda_T) + tau * nu**2) / (draws * (s + lambda_S) ** 2)
    where = (
        sp.Eq(missed, (lambda_S + xi * s * lambda_T / (s + lambda_T)) / (s + lambda_S)),
        sp.Eq(learned, s * ((1 - xi) + xi * s / (s + lambda_T)) / (s + lambda_S)),
        sp.Eq(spread, own + taught),
    )
    return _risk("student_risk", "Excess risk of the student where it sees", where, law.gain, law.variance)


def unseen_risk() -> Derivation:
    """Excess risk of the student in a direction that it does not see: it predicts 0 (theory §5)."""
    return Derivation(
        name="unseen_risk",
        title="Excess risk of the student where it does not see",
        statement=sp.Eq(sp.Symbol("unseen_risk"), s * signal / n),
        steps=(
            Step(ERROR, "squared error of a weight W at the training inputs, one output and direction"),
            Step(excess_risk(sp.S.Zero, sp.S.Zero), "the predictor's weight is 0; sum over outputs"),
        ),
        assumptions=(FIXED_DESIGN,),
    )


def intercept_risk() -> Derivation:
    """Excess risk of a fitted intercept: least squares in the direction of constant inputs (theory §1)."""
    return Derivation(
        name="intercept_risk",
        title="Excess risk of a fitted intercept",
        statement=sp.Eq(sp.Symbol("intercept_risk"), k * nu**2 / n),
        steps=(
            Step(ERROR, "squared error of a weight W at the training inputs, one output and direction"),
            Step(excess_risk(1 / s, sp.S.Zero), "least squares without penalty: its weight is t/s; sum over outputs"),
        ),
        assumptions=(FIXED_DESIGN,),
    )


DERIVATIONS: Mapping[str, Callable[[], Derivation]] = {
    build.__name__: build for build in (teacher_risk, student_risk, unseen_risk, intercept_risk)
}
