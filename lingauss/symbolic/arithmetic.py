"""Sums, differences, multiples and ratios of derivations, and their sums over directions.

Each operation is carried out on what was derived and, separately, on what is stated, so the result can be verified like
any other. Abbreviations are kept where both formulas mean the same by them, and written out where they do not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import sympy as sp

from lingauss.errors import AssumptionError, DomainError
from lingauss.symbolic import symbols as sy
from lingauss.symbolic.assumptions import together
from lingauss.symbolic.formula import F
from lingauss.symbolic.normal_form import is_zero
from lingauss.symbolic.notation import PRIME
from lingauss.symbolic.provenance import Source, Step

Operation = Callable[[sp.Expr, sp.Expr], sp.Expr]


def add(left: F, right: F) -> F:
    """Return the sum of two formulas.

    Raises
    ------
    DomainError
        If one states several quantities at once.
    AssumptionError
        If they cannot hold together: their assumptions contradict, or one name means two different symbols.
    """
    return _combined(left, right, lambda a, b: a + b, "plus", "add")


def subtract(left: F, right: F) -> F:
    """Return the difference of two formulas; raises as `add`."""
    return _combined(left, right, lambda a, b: a - b, "minus", "subtract")


def divide(left: F, right: F) -> F:
    """Return the ratio of two formulas; raises as `add`, and DomainError if the second is 0."""
    if is_zero(_scalar(right).closed_form):
        raise DomainError("a formula to divide by that does not vanish", f"'{right.name}' = 0", "Divide by another.")
    return _combined(left, right, lambda a, b: a / b, "over", "divide")


def scale(derivation: F, factor: sp.Expr) -> F:
    """Return a multiple of a formula, by a number or an expression.

    Raises
    ------
    DomainError
        If the factor is infinite or undefined, or the derivation states several quantities at once.
    """
    if factor.has(sp.nan, sp.zoo, sp.oo):
        raise DomainError("a finite factor", sp.sstr(factor), "Take a limit instead.")
    lhs, rhs = _scalar(derivation).statement.args
    free = derivation.closed_form.free_symbols | {abbreviation.lhs for abbreviation in derivation.where}
    meant = {symbol.name: symbol for symbol in free if isinstance(symbol, sp.Symbol)}
    for symbol in factor.free_symbols:
        if isinstance(symbol, sp.Symbol) and meant.get(symbol.name, symbol) != symbol:
            raise _two_meanings(symbol.name)
    return replace(
        derivation,
        name=f"{derivation.name}_scaled",
        title=f"{derivation.title}, times {sp.sstr(factor)}",
        statement=sp.Eq(factor * lhs, factor * rhs, evaluate=False),
        steps=(*derivation.steps, Step(factor * derivation.derived, f"multiply by {sp.sstr(factor)}")),
    )


def over_directions(derivation: F, first: sp.Expr = sp.S.One, last: sp.Expr = sy.d) -> F:
    """Sum a formula for one direction over the directions from first to last.

    s, |w|², v and γ become s_i, |w_i|², v_i and γ_i; so do abbreviations in which they occur.

    Raises
    ------
    DomainError
        If the formula is already a sum over directions, or states several quantities at once.
    """
    rhs = _scalar(derivation).statement.rhs
    if derivation.closed_form.has(sp.Indexed):
        raise DomainError("a formula for one direction", f"'{derivation.name}', a sum of them", "Sum it only once.")
    indexed: dict[sp.Basic, sp.Basic] = {}
    where = []
    for equation in derivation.where:
        meaning = sy.at_direction(equation.rhs).xreplace(indexed)
        if meaning.has(sp.Indexed):
            indexed[equation.lhs] = _array_of(equation.lhs)
        where.append(sp.Eq(indexed.get(equation.lhs, equation.lhs), meaning, evaluate=False))
    lhs = derivation.statement.lhs
    quantity = _array_of(lhs) if isinstance(lhs, sp.Symbol) else lhs
    limits = (sy.i, first, last)
    constant, moving = sy.at_direction(rhs).xreplace(indexed).as_independent(sy.i, as_Add=False)
    return replace(
        derivation,
        name=f"{derivation.name}_summed",
        title=f"{derivation.title}, summed over directions",
        statement=sp.Eq(sp.Sum(quantity, limits), constant * sp.Sum(moving, limits), evaluate=False),
        where=tuple(where),
        steps=(
            *derivation.steps,
            Step(sy.over_directions(derivation.derived, last, first), f"sum over directions {first} to {last}"),
        ),
    )


def _array_of(symbol: sp.Symbol) -> sp.Indexed:
    return sp.IndexedBase(symbol.name.removesuffix("_i"), **symbol.assumptions0)[sy.i]


def _combined(left: F, right: F, operation: Operation, word: str, verb: str) -> F:
    """Carry out an operation on both sides of two statements and on what was derived."""
    left, right = _compatible(_scalar(left), _scalar(right))
    known = {abbreviation.lhs for abbreviation in left.where}
    lhs = right.statement.lhs
    if lhs == left.statement.lhs and left.closed_form != right.closed_form:
        lhs = sp.Symbol(f"{lhs}{PRIME}")
    found = operation(left.derived, right.derived)
    return replace(
        left,
        name=f"{left.name}_{word}_{right.name}",
        title=f"{left.title}, {word} {right.title[0].lower()}{right.title[1:]}",
        statement=sp.Eq(
            operation(left.statement.lhs, lhs), operation(left.statement.rhs, right.statement.rhs), evaluate=False
        ),
        where=(*left.where, *(equation for equation in right.where if equation.lhs not in known)),
        steps=(*left.steps, *(step for step in right.steps if step not in left.steps), Step(found, f"{verb} the two")),
        assumptions=together(left.assumptions, right.assumptions),
        source=_both(left.source, right.source),
    )


def _both(left: Source, right: Source) -> Source:
    """Return where two formulas come from, saying once what they share."""
    return left if right.text in left.text else Source(f"{left.text}; {right.text}")


def _compatible(left: F, right: F) -> tuple[F, F]:
    """Return two formulas whose names mean the same; abbreviations that do not are written out."""
    names = {symbol.name: symbol for symbol in left.arguments}
    for symbol in right.arguments:
        if names.get(symbol.name, symbol) != symbol:
            raise _two_meanings(symbol.name)
    meant, meant_right = ({equation.lhs: equation.rhs for equation in side.where} for side in (left, right))
    shared = meant.keys() & meant_right.keys()
    free = {str(symbol) for side in (left, right) for symbol in side.arguments}
    agree = all(meant[name] == meant_right[name] for name in shared)
    if agree and not {str(name) for name in (*meant, *meant_right)} & free:
        return left, right
    return left.written_out(), right.written_out()


def _scalar(derivation: F) -> F:
    if isinstance(derivation.closed_form, sp.Tuple):
        raise DomainError("a formula for one quantity", f"'{derivation.name}', which states several", "Use another.")
    return derivation


def _two_meanings(name: str) -> AssumptionError:
    return AssumptionError(
        "names that mean the same in both formulas",
        f"{name}, of which they assume different things",
        f"Rename it in one of them: derivation.substitute({{{name!r}: another symbol}}).",
    )
