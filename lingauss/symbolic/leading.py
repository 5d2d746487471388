"""The leading order of a formula near a point, with the order of the remainder proved."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import sympy as sp

from lingauss.errors import DomainError, NotProvedError
from lingauss.symbolic.assumptions import Assumption, after, closure
from lingauss.symbolic.derivation import Derivation
from lingauss.symbolic.provenance import Step
from lingauss.symbolic.series import Key, first_two
from lingauss.symbolic.simplify import tidy


@dataclass(frozen=True, kw_only=True)
class LeadingOrder(Derivation):
    """A formula up to a remainder of smaller order: quantity = coefficient · x^power (log x)^logarithm + O(remainder).

    The statement holds the leading term alone. `verify` proves the term and that what is left is not larger than the
    remainder, from the convergent expansion of what was derived.

    Parameters
    ----------
    variable, point
        x, and where it tends to: a number, from above, or infinity. Near a number, x stands for the distance from it.
    coefficient, power, logarithm
        Of the leading term.
    remainder
        Order of what is left, as an expression; 0 if nothing is.
    """

    variable: sp.Symbol
    point: sp.Expr
    coefficient: sp.Expr
    power: sp.Expr
    logarithm: int
    remainder: sp.Expr

    @property
    def left_out(self) -> sp.Expr:
        """Order of what the statement leaves out."""
        return self.remainder

    def verify(self) -> None:
        """Prove the leading term and the order of the remainder.

        Raises
        ------
        NotProvedError
            If either does not follow from what was derived.
        """
        super().verify()
        _, following = _found(self.steps[-2].expression, self.variable, self.point)
        proved = _order(following, self.variable, self.point)
        if self.remainder != proved:
            raise NotProvedError(
                f"the remainder of '{self.name}' to be of order {sp.sstr(proved)}",
                sp.sstr(self.remainder),
                "The remainder was changed by hand; derive it again.",
            )


def leading_order(derivation: Derivation, variable: sp.Symbol, point: sp.Expr) -> LeadingOrder:
    """Return the leading order of a formula; see `Derivation.leading_order`."""
    if isinstance(derivation.closed_form, sp.Tuple):
        raise DomainError("a formula for one quantity", f"'{derivation.name}', which states several", "Use another.")
    x = _distance(variable, point)
    (key, stated), following = _found(derivation.closed_form, variable, point)
    (derived_key, derived), _ = _found(derivation.derived, variable, point)
    sign = (-1) ** key[1] if point == sp.oo else 1
    power = -key[0] if point == sp.oo else key[0]
    coefficient = tidy(sign * stated)
    closed = [replace(a, relation=closure(a.relation)) for a in derivation.assumptions]
    inherited = {field.name: getattr(derivation, field.name) for field in fields(Derivation)}
    return LeadingOrder(
        **inherited
        | {
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
        variable=variable,
        point=point,
        coefficient=coefficient,
        power=power,
        logarithm=key[1],
        remainder=_order(following, variable, point),
    )


def _found(expression: sp.Expr, variable: sp.Symbol, point: sp.Expr) -> tuple[tuple[Key, sp.Expr], Key | None]:
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


def _order(key: Key | None, variable: sp.Symbol, point: sp.Expr) -> sp.Expr:
    """Return the size of a remainder, without its sign."""
    if key is None:
        return sp.S.Zero
    term = _term(key, variable, point)
    return -term if term.could_extract_minus_sign() else term


def _named(point: sp.Expr) -> str:
    return "infinity" if point == sp.oo else sp.sstr(point)
