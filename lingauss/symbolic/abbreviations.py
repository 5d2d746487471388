"""Abbreviations of a statement that stay when the formula changes."""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp

from lingauss.symbolic import symbols as sy
from lingauss.symbolic.formula import Formula
from lingauss.symbolic.simplify import is_plain, tidy


def abbreviated(derivation: Formula, change: Callable[[sp.Expr], sp.Expr]) -> tuple[sp.Expr, tuple[sp.Eq, ...]]:
    """Apply an operation to a statement and its abbreviations, without those that have become plain or unused."""
    rhs = derivation.statement.rhs
    shown = tidy(sp.Tuple(*map(change, rhs)) if isinstance(rhs, sp.Tuple) else change(rhs))
    renamed: dict[sp.Basic, sp.Basic] = {}
    where: list[sp.Eq] = []
    for equation in derivation.where:
        meaning = tidy(change(equation.rhs).xreplace(renamed))
        symbol = equation.lhs
        if isinstance(symbol, sp.Indexed) and not meaning.has(sp.Indexed, sy.i):
            symbol = sp.Symbol(symbol.base.label.name, **symbol.base.assumptions0)
        if is_plain(meaning):
            renamed[equation.lhs] = meaning
            continue
        renamed[equation.lhs] = symbol
        where.append(sp.Eq(symbol, meaning, evaluate=False))
    shown = tidy(shown.xreplace(renamed))
    return shown, _used(shown, where)


def _used(shown: sp.Basic, where: list[sp.Eq]) -> tuple[sp.Eq, ...]:
    """Return the abbreviations that occur, one for each direction where sums have been written out."""
    found: list[sp.Eq] = []
    for equation in reversed(where):
        occurring = sp.Tuple(shown, *(later.rhs for later in found))
        if isinstance(equation.lhs, sp.Indexed):
            entries = {entry for entry in occurring.atoms(sp.Indexed) if entry.base == equation.lhs.base}
            for entry in sorted(entries, key=sp.default_sort_key, reverse=True):
                meaning = equation.rhs.xreplace({sy.i: entry.indices[0]})
                found.insert(0, sp.Eq(entry, meaning, evaluate=False))
        elif occurring.has(equation.lhs):
            found.insert(0, equation)
    return tuple(found)
