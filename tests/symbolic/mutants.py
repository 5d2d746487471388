"""Wrong versions of a formula: one sign flipped, one term or factor dropped, one power lowered, at every place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import sympy as sp

from lingauss.symbolic import Derivation


def mutants_of(derivation: Derivation) -> Iterator[Derivation]:
    """Yield the derivation with each mutant of its statement and of each of its abbreviations."""
    lhs, rhs = derivation.statement.args
    for mutant in mutants(rhs):
        yield replace(derivation, statement=sp.Eq(lhs, mutant, evaluate=False))
    for place, abbreviation in enumerate(derivation.where):
        for mutant in mutants(abbreviation.rhs):
            changed = sp.Eq(abbreviation.lhs, mutant, evaluate=False)
            yield replace(derivation, where=(*derivation.where[:place], changed, *derivation.where[place + 1 :]))


def mutants(expression: sp.Basic) -> Iterator[sp.Basic]:
    """Yield every mutant of an expression tree."""
    if isinstance(expression, (sp.Add, sp.Mul)):
        for place, part in enumerate(expression.args):
            others = expression.args[:place] + expression.args[place + 1 :]
            yield expression.func(*others)
            if isinstance(expression, sp.Add):
                yield sp.Add(-part, *others)
    if expression.is_Pow and expression.exp.is_Integer and abs(expression.exp) > 1:
        yield expression.base ** (expression.exp - sp.sign(expression.exp))
    if isinstance(expression, sp.Tuple):
        for place, part in enumerate(expression):
            if not part.is_Atom:
                yield sp.Tuple(*expression[:place], -part, *expression[place + 1 :])
    for place, part in enumerate(_subformulas(expression)):
        for mutant in mutants(part):
            yield expression.func(*expression.args[:place], mutant, *expression.args[place + 1 :])


def _subformulas(expression: sp.Basic) -> tuple[sp.Basic, ...]:
    """Return the arguments in which a formula may be wrong: not indices, not limits of sums, not exponents' numbers."""
    if isinstance(expression, sp.Indexed) or expression.is_Atom:
        return ()
    if isinstance(expression, sp.Sum):
        return expression.args[:1]
    if expression.is_Pow and expression.exp.is_number:
        return expression.args[:1]
    return expression.args
