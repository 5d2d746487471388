"""Divergence of noisy predictions at the training inputs, per direction: always finite (theory §3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import sympy as sp

from lingauss.symbolic.cells import EXCESS_IS, FLOOR_IS, KAPPA_IS, Cost, cost, x_a, x_b
from lingauss.symbolic.derivation import Derivation
from lingauss.symbolic.primitives import ExcessLog
from lingauss.symbolic.provenance import Step
from lingauss.symbolic.student import student_law
from lingauss.symbolic.symbols import floor, k, kappa, lambda_S, lambda_T, nu, positive, real, s, scale_T, signal, t

SUBJECT = "Divergence of predictions, per direction"

predicted = positive("P_T")  # variance of the teacher's noisy prediction
x_p, x_q = real("x_p"), real("x_q")
PREDICTED_IS = sp.Eq(predicted, s * scale_T / (s + lambda_T) + nu**2)


def _predicted(gain: sp.Expr, var: sp.Expr) -> Cost:
    """Return the cost where each weight W is seen as √s W + N(0, ν²)."""
    law = student_law()
    teacher = sp.sqrt(s) * law.teacher_gain * t, s * law.teacher_variance + nu**2
    return cost(sp.sqrt(s) * gain * t, s * var + nu**2, *teacher)


def _stated(
    name: str, title: str, shift: sp.Expr, found: Cost, seen: sp.Symbol, excess: sp.Symbol, where: tuple[sp.Eq, ...]
) -> Derivation:
    squares = shift**2 * s**2 * (s * signal + k * nu**2) / (2 * predicted * (s + lambda_T) ** 2)
    return Derivation(
        name=name,
        title=title,
        statement=sp.Eq(sp.Symbol(name), squares + k * ExcessLog(seen) / 2),
        where=(*where, PREDICTED_IS, sp.Eq(seen, s * scale_T * excess / ((s + lambda_T) * predicted))),
        steps=(
            Step(found.given_noise, "divergence of √s W + N(0, ν²) under the two laws, one output, at t = s w + ν√s z"),
            Step(found.total, "averaged over z, summed over the k outputs"),
        ),
    )


def prediction_retained_cost() -> Derivation:
    """Cost of a retained direction as seen through predictions (theory §3)."""
    law = student_law()
    found = _predicted(law.gain, law.variance)
    title = "Cost of a retained direction on predictions"
    where = (KAPPA_IS, EXCESS_IS)
    return _stated("prediction_retained_cost", title, kappa / (s + lambda_S), found, x_p, x_a, where)


def prediction_discarded_cost() -> Derivation:
    """Cost of a discarded direction as seen through predictions (theory §3)."""
    found = _predicted(sp.S.Zero, floor)
    title = "Cost of a discarded direction on predictions"
    return _stated("prediction_discarded_cost", title, sp.S.One, found, x_q, x_b, (FLOOR_IS,))


DERIVATIONS: Mapping[str, Callable[[], Derivation]] = {
    build.__name__: build for build in (prediction_retained_cost, prediction_discarded_cost)
}
