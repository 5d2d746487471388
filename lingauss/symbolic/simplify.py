"""Making results readable without changing what they say: common factors are cancelled, nothing is multiplied out."""

from __future__ import annotations

import sympy as sp

from lingauss.symbolic.normal_form import summed


def tidy(expression: sp.Basic) -> sp.Basic:
    """Take common factors out of every sum, from the inside out, so that they cancel against what they are divided by.

    A sum over directions of what is the same in each becomes a multiple of their number.
    """
    if expression.is_Atom or isinstance(expression, sp.Indexed):
        return expression
    if isinstance(expression, sp.Sum):
        return summed(tidy(expression.function), expression.limits[0])
    rebuilt = expression.func(*(tidy(part) for part in expression.args))
    if not rebuilt.is_Add:
        return rebuilt
    factored = sp.factor_terms(rebuilt)  # may leave sums of 1
    return factored.xreplace({total: summed(total.function, total.limits[0]) for total in factored.atoms(sp.Sum)})


def is_plain(expression: sp.Expr) -> bool:
    """Say whether an expression is a symbol or a number, but for a numeric factor: not worth an abbreviation."""
    return bool(expression.as_coeff_Mul()[1].is_Atom)
