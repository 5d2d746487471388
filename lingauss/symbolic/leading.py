"""The leading order of a formula near a point, with the order of the remainder."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import sympy as sp

from lingauss.errors import DomainError
from lingauss.symbolic.assumptions import Assumption, after, closure
from lingauss.symbolic.formula import Formula
from lingauss.symbolic.provenance import Step
from lingauss.symbolic.series import Key, first_two
from lingauss.symbolic.simplify import tidy


def leading_order(derivation: Formula, variable: sp.Symbol, point: sp.Expr) -> dict[str, Any]:
    """Return the fields of the `LeadingOrder` of a formula; see `Derivation.leading_order`."""
    if isinstance(derivation.closed_form, sp.Tuple):
        raise DomainError("a formula for one quantity", f"'{derivation.name}', which states several", "Use another.")
    x = _distance(variable, point)
    (key, stated), following = found(derivation.closed_form, variable, point)
    (derived_key, derived), _ = found(derivation.derived, variable, point)
    sign = (-1) ** key[1] if point == sp.oo else 1
    power = -key[0] if point == sp.oo else key[0]
    coefficient = tidy(sign * stated)
    closed = [replace(a, relation=closure(a.relation)) for a in derivation.assumptions]
    return {
        **{field.name: getattr(derivation, field.name) for field in fields(Formula)},
        **{
            "name": f"{derivation.name}_leading",
            "title": f"{derivation.title}, leading order as {variable} tends to {_named(point)}",
            "statement": sp.Eq(derivation.statement.lhs, coefficient * x**power * sp.log(x) ** key[1], evaluate=False),
            "where": (),
            "steps": (
                *derivation.steps,
                Step(
                    derived * _term(derived_key, variable, point),
                    f"leading term of the convergent expansion as {variable} tends to {_named(point)}",
                ),
            ),
            "assumptions": (
                *after(closed, {variable: point}),
                Assumption(sp.true, f"{variable} tends to {_named(point)}, all else fixed"),
            ),
        },
        "variable": variable,
        "point": point,
        "coefficient": coefficient,
        "power": power,
        "logarithm": key[1],
        "remainder": order_of(following, variable, point),
    }


def found(expression: sp.Expr, variable: sp.Symbol, point: sp.Expr) -> tuple[tuple[Key, sp.Expr], Key | None]:
    """Return the leading term of a convergent expansion, and the order of the next one."""
    epsilon = sp.Dummy("epsilon", positive=True)
    moved = expression.subs(variable, 1 / epsilon if point == sp.oo else point + epsilon)
    return first_two(moved, epsilon)


def _distance(variable: sp.Symbol, point: sp.Expr) -> sp.Expr:
    return variable if point == sp.oo else variable - point


def _term(key: Key, variable: sp.Symbol, point: sp.Expr) -> sp.Expr:
    """Return ε^a (log ε)^b in terms of the variable."""
    x = _distance(variable, point)
    power, logs = key
    return x ** (-power) * (-sp.log(x)) ** logs if point == sp.oo else x**power * sp.log(x) ** logs


def order_of(key: Key | None, variable: sp.Symbol, point: sp.Expr) -> sp.Expr:
    """Return the size of a remainder, without its sign."""
    if key is None:
        return sp.S.Zero
    term = _term(key, variable, point)
    return -term if term.could_extract_minus_sign() else term


def _named(point: sp.Expr) -> str:
    return "infinity" if point == sp.oo else sp.sstr(point)
