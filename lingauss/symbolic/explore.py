"""What follows when an assumption changes: substitution, special cases, limits, sensitivities, thresholds.

Each function takes a derivation and returns a new one whose result was obtained by the same operation on what had been
derived, so it can be verified, printed and compiled like any other. Assumptions travel along: one that becomes true is
dropped, one that becomes false is an error, any other is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import sympy as sp

from lingauss.errors import AssumptionError, DomainError, UnknownSymbolError
from lingauss.symbolic import symbols as sy
from lingauss.symbolic.abbreviations import abbreviated
from lingauss.symbolic.assumptions import Assumption, after, closure, kept_for
from lingauss.symbolic.calculus import limit_of, solve_linear
from lingauss.symbolic.codegen import arguments
from lingauss.symbolic.formula import F
from lingauss.symbolic.normal_form import is_zero, open_primitive, summed, written_out
from lingauss.symbolic.provenance import Step
from lingauss.symbolic.reading import exact, find_symbol
from lingauss.symbolic.specialisations import Specialisation


def substitute(derivation: F, values: Mapping[sp.Symbol | str, object]) -> F:
    """Put values or expressions for symbols, all at once.

    Parameters
    ----------
    derivation
        Formula to change.
    values
        New value of each symbol (or symbol name): a number, an expression, or text, which is the name of a symbol or a
        number and never evaluated. Floats are read as the decimals they print as.

    Returns
    -------
    Derivation
        The formula at these values, with the assumptions that remain.

    Raises
    ------
    UnknownSymbolError
        If a symbol does not occur in the formula, or text names none.
    DomainError
        If a value is no number and no expression, or brings a second symbol of a name that the formula has.
    AssumptionError
        If a value breaks the sign of its symbol or a stated assumption, or the formula is singular there.
    """
    mapping = {find_symbol(derivation, key): exact(value, derivation.arguments) for key, value in values.items()}
    conditions = sum((kept_for(symbol, value) for symbol, value in mapping.items()), ())
    listed = ", ".join(f"{symbol} = {sp.sstr(value)}" for symbol, value in mapping.items())
    return _transformed(
        derivation,
        derivation.statement.lhs,
        lambda expression: written_out(expression.subs(mapping, simultaneous=True)),
        after(derivation.assumptions, mapping) + conditions,
        f"substitute {listed}",
        keep=True,
    )


def specialise(derivation: F, special: Specialisation) -> F:
    """Go to a special case, as far as its symbols occur.

    Raises
    ------
    UnknownSymbolError
        If none of its symbols occurs.
    AssumptionError
        If the case breaks an assumption.
    """
    changed = _with_directions(derivation, {array: exact(entry) for array, entry in special.per_direction})
    present = set(arguments(changed.closed_form))
    values = {symbol: value for symbol, value in special.values if symbol in present}
    if values:
        changed = substitute(changed, values)
    for symbol, point in special.limits:
        if symbol in arguments(changed.closed_form):
            changed = limit(changed, symbol, point)
    if changed is derivation:
        raise UnknownSymbolError(
            f"a formula that can be specialised to '{special.title}'",
            f"'{derivation.name}', which has only the symbols {', '.join(sorted(map(str, present)))}",
            "Choose a specialisation whose symbols occur in the formula.",
        )
    return changed


def limit(derivation: F, symbol: sp.Symbol | str, point: object) -> F:
    """Let a symbol tend to a finite point (from above) or to infinity.

    Parameters
    ----------
    derivation
        Formula whose limit is wanted.
    symbol
        The variable.
    point
        Where it tends to: a number, infinity (``sympy.oo`` or ``"oo"``) or an expression; text as in `substitute`.

    Returns
    -------
    Derivation
        The limit; strict assumptions on the symbol may become equalities there.

    Raises
    ------
    UnknownSymbolError
        If the symbol does not occur in the formula.
    AssumptionError
        If the limit leaves the closure of a stated assumption.
    DomainError
        If the limit cannot be found in closed form.
    """
    variable, target = find_symbol(derivation, symbol), exact(point, derivation.arguments)
    closed = [replace(a, relation=closure(a.relation)) for a in derivation.assumptions]

    try:
        return _transformed(
            derivation,
            sp.Limit(derivation.statement.lhs, variable, target),
            lambda expression: limit_of(expression, variable, target),
            after(closed, {variable: target}),
            f"let {variable} tend to {target}",
        )
    except NotImplementedError as error:
        raise DomainError(
            "a limit that exists and can be found in closed form",
            f"'{derivation.name}' as {variable} tends to {target}",
            "Ask for leading_order(), which says how it grows; or specialise the formula first, such as to ISOTROPIC.",
        ) from error


def differentiate(derivation: F, symbol: sp.Symbol | str) -> F:
    """Return the sensitivity of a formula to a symbol.

    Raises
    ------
    UnknownSymbolError
        If the symbol does not occur in the formula.
    """
    variable = find_symbol(derivation, symbol)
    return _transformed(
        derivation,
        sp.Derivative(derivation.statement.lhs, variable),
        lambda expression: sp.diff(expression, variable),
        derivation.assumptions,
        f"differentiate with respect to {variable}",
    )


def solve_for(derivation: F, symbol: sp.Symbol | str, value: object = 0) -> tuple[F, ...]:
    """Return the thresholds of a symbol: where the formula takes a value.

    Parameters
    ----------
    derivation
        A scalar formula.
    symbol
        The unknown.
    value
        Number or expression, for example the closed form of another derivation; text as in `substitute`.

    Returns
    -------
    tuple of Derivation
        One per solution that the sign of the symbol allows; where the sign depends on other symbols, the condition is
        among the assumptions.

    Raises
    ------
    UnknownSymbolError
        If the symbol does not occur in the formula.
    DomainError
        If no legal solution can be found in closed form.
    """
    variable, level = find_symbol(derivation, symbol), exact(value, derivation.arguments)
    derived = _roots(derivation.derived - level, variable)
    solutions = []
    for shown in _roots(derivation.closed_form - level, variable):
        try:
            conditions = kept_for(variable, shown)
            assumptions = after(derivation.assumptions, {variable: shown}) + conditions
        except AssumptionError:
            continue
        found = derived[0] if len(derived) == 1 else next((root for root in derived if is_zero(root - shown)), sp.nan)
        solutions.append(
            replace(
                derivation,
                name=f"{derivation.name}_{variable}",
                statement=sp.Eq(variable, shown, evaluate=False),
                steps=(*derivation.steps, Step(found, f"solve for {variable}")),
                where=(),
                assumptions=assumptions,
            )
        )
    if not solutions:
        raise DomainError(
            f"an equation in {variable} with a solution in closed form that the assumptions allow",
            f"{sp.sstr(derivation.statement.lhs)} = {sp.sstr(level)}",
            "Specialise the formula first, or find the threshold numerically from its lambdified form.",
        )
    return tuple(solutions)


def _roots(expression: sp.Expr, variable: sp.Symbol) -> list[sp.Expr]:
    """Solve equations that are linear in the variable, whatever their coefficients, or algebraic; no other."""
    opened = open_primitive(expression)
    slope = sp.diff(opened, variable)
    if not slope.has(variable) and slope != 0:
        return [solve_linear(expression, variable)]
    if any(function.has(variable) for function in opened.atoms(sp.Function, sp.Sum)):
        return []
    try:
        return list(sp.solve(opened, variable))
    except NotImplementedError:
        return []


def _with_directions(derivation: F, entries: Mapping[sp.IndexedBase, sp.Expr]) -> F:
    if not derivation.closed_form.atoms(sp.IndexedBase) & set(entries):
        return derivation

    def changed(expression: sp.Expr) -> sp.Expr:
        replaced = expression.replace(
            lambda e: isinstance(e, sp.Indexed) and e.base in entries,
            lambda e: entries[e.base].subs(sy.i, e.indices[0]),
        )
        return replaced.replace(lambda e: isinstance(e, sp.Sum), lambda e: summed(e.function, e.limits[0]))

    listed = ", ".join(f"{array.label}[i] = {entry}" for array, entry in entries.items())
    lhs = derivation.statement.lhs
    return _transformed(derivation, lhs, changed, derivation.assumptions, f"put {listed}", keep=True)


def _transformed(
    derivation: F,
    lhs: sp.Basic,
    change: Callable[[sp.Expr], sp.Expr],
    assumptions: tuple[Assumption, ...],
    reason: str,
    keep: bool = False,
) -> F:
    """Apply one operation to what was derived and, separately, to what is stated.

    With ``keep`` abbreviations stay: the operation acts on them as it acts on the formula they stand in.
    """
    stated, found = (
        sp.Tuple(*map(change, side)) if isinstance(side, sp.Tuple) else change(side)
        for side in (derivation.closed_form, derivation.derived)
    )
    names = [symbol.name for symbol in arguments(stated)]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DomainError(
            "one symbol of each name",
            f"two named '{twice[0]}', which differ in their assumptions",
            "Pass its name as text, or the symbol of lingauss.symbolic.symbols.",
        )
    if stated.has(sp.nan, sp.zoo):
        raise AssumptionError(
            f"values at which '{derivation.name}' is defined",
            f"'{reason}'",
            "Take a limit instead: derivation.limit().",
        )
    rhs, where = abbreviated(derivation, change) if keep else (stated, ())
    return replace(
        derivation,
        statement=sp.Eq(lhs, rhs, evaluate=False),
        steps=(*derivation.steps, Step(found, reason)),
        where=where,
        assumptions=assumptions,
    )
