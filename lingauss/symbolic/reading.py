"""Values that users give, as exact expressions; text is looked up or read as a number and never evaluated."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from fractions import Fraction
from keyword import iskeyword

import sympy as sp
from sympy.core.function import AppliedUndef

from lingauss.errors import DomainError, UnknownSymbolError
from lingauss.symbolic import symbols as sy
from lingauss.symbolic.formula import Formula

NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?|[+-]?\d+/0*[1-9]\d*")
INFINITY = {"oo": sp.oo, "+oo": sp.oo, "-oo": -sp.oo, "inf": sp.oo, "+inf": sp.oo, "-inf": -sp.oo}


def exact(value: object, known: Iterable[sp.Symbol] = ()) -> sp.Expr:
    """Return a value as an exact expression; a float is read as the decimal it prints as.

    Parameters
    ----------
    value
        A real number; a sympy expression; or text: the name of a symbol, a number such as ``"0.1"``, ``"1/10"`` or
        ``"1e-3"``, or ``"oo"``.
    known
        Symbols of the formula at hand; those of :mod:`lingauss.symbolic.symbols` are known, too.

    Raises
    ------
    UnknownSymbolError
        If text names no known symbol.
    DomainError
        If the value is no expression, is not a number, or has names that code could not carry.
    """
    if isinstance(value, str):
        return _of_text(value, known)
    try:
        expression = sp.sympify(value, strict=True)
    except sp.SympifyError:
        expression = None
    if not isinstance(expression, sp.Expr) or expression.is_Matrix or expression.has(AppliedUndef):
        raise DomainError(
            "a number, a symbol's name, or an expression of symbols and known functions",
            f"{value!r} ({type(value).__name__})",
            "Build expressions from lingauss.symbolic.symbols.",
        )
    for symbol in sorted(expression.atoms(sp.Symbol), key=str):
        if not symbol.name.isidentifier() or iskeyword(symbol.name):
            raise DomainError("symbols whose names are identifiers", repr(symbol.name), "Rename it.")
    return expression.replace(lambda e: e.is_Float, lambda e: sp.Rational(str(float(e))))


def _of_text(text: str, known: Iterable[sp.Symbol]) -> sp.Expr:
    word = text.strip()
    by_name = {symbol.name: symbol for symbol in (*_house(), *known)}
    if word in by_name:
        return by_name[word]
    if word in INFINITY:
        return INFINITY[word]
    if NUMBER.fullmatch(word):
        number = Fraction(word)
        return sp.Rational(number.numerator, number.denominator)
    close = get_close_matches(word, by_name, n=3, cutoff=0.4)
    raise UnknownSymbolError(
        "the name of a symbol or a number",
        repr(text),
        (f"Did you mean {' or '.join(close)}? " if close else "")
        + "Text is not evaluated; build expressions from lingauss.symbolic.symbols.",
    )


def _house() -> tuple[sp.Symbol, ...]:
    return tuple(value for value in vars(sy).values() if isinstance(value, sp.Symbol))


def find_symbol(derivation: Formula, key: sp.Symbol | str) -> sp.Symbol:
    """Return the symbol of a formula that a symbol or a name stands for.

    Raises
    ------
    UnknownSymbolError
        If there is none; the closest names are listed.
    DomainError
        If it is an array over directions, which only a specialisation can replace.
    """
    name = key if isinstance(key, str) else str(key)
    by_name = {symbol.name: symbol for symbol in derivation.arguments}
    found = by_name.get(name)
    if found is None or (isinstance(key, sp.Symbol) and key != found):
        close = get_close_matches(name, by_name, n=3, cutoff=0.4)
        hint = f"Did you mean {' or '.join(close)}?" if close else "Use one of those."
        raise UnknownSymbolError(f"a symbol of '{derivation.name}', one of {', '.join(by_name)}", repr(name), hint)
    if found in {base.label for base in derivation.closed_form.atoms(sp.IndexedBase)}:
        raise DomainError(
            "a scalar symbol",
            f"'{name}', an array over directions",
            "Specialise to ISOTROPIC, or choose another symbol.",
        )
    return found
