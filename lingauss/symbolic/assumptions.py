"""Conditions of a formula, and what becomes of them when symbols take values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import sympy as sp

from lingauss.errors import AssumptionError

_SIGNS = {"positive": sp.Gt, "negative": sp.Lt, "nonnegative": sp.Ge, "nonpositive": sp.Le}
_CLOSED = {sp.StrictLessThan: sp.Le, sp.StrictGreaterThan: sp.Ge}


@dataclass(frozen=True)
class Assumption:
    """A condition under which a formula was derived.

    Parameters
    ----------
    relation
        The condition as a relation between symbols; ``true`` where it is not one (a limit, a choice of model).
    meaning
        The condition in words.
    """

    relation: sp.Basic
    meaning: str

    def __str__(self) -> str:
        return self.meaning if self.relation in (sp.true, sp.false) else f"{self.meaning} ({sp.sstr(self.relation)})"


def domain(symbol: sp.Symbol) -> str:
    """Return what is assumed of a symbol, in words."""
    kinds: tuple[str, ...] = ("integer",) if symbol.is_integer else ()
    kinds += next(((sign,) for sign in _SIGNS if getattr(symbol, f"is_{sign}")), ("real",) if symbol.is_real else ())
    return " ".join(reversed(kinds)) or "arbitrary"


def domains(symbols: Iterable[sp.Symbol]) -> dict[str, list[sp.Symbol]]:
    """Return symbols by what is assumed of them."""
    by_sign: dict[str, list[sp.Symbol]] = {}
    for symbol in symbols:
        by_sign.setdefault(domain(symbol), []).append(symbol)
    return by_sign


def kept_for(symbol: sp.Symbol, value: sp.Expr) -> tuple[Assumption, ...]:
    """Check a value against the assumptions on its symbol.

    Returns
    -------
    tuple of Assumption
        Conditions that could not be decided and have to be kept.

    Raises
    ------
    AssumptionError
        If the value cannot satisfy them.
    """
    if value.has(sp.nan, sp.zoo):
        raise _broken(symbol, value)
    for fact in ("real", "integer"):
        if getattr(symbol, f"is_{fact}") and getattr(value, f"is_{fact}") is False:
            raise _broken(symbol, value)
    for sign, relation in _SIGNS.items():
        if getattr(symbol, f"is_{sign}"):
            holds = getattr(value, f"is_{sign}")
            if holds is False:
                raise _broken(symbol, value)
            condition = relation(value, 0)
            return () if holds or condition == sp.true else (Assumption(condition, f"{symbol} stays {sign}"),)
    return ()


def after(assumptions: Iterable[Assumption], values: Mapping[sp.Symbol, sp.Expr]) -> tuple[Assumption, ...]:
    """Return the assumptions that remain once symbols have taken values.

    Raises
    ------
    AssumptionError
        If one of them has become false; the message says which.
    """
    kept = []
    for assumption in assumptions:
        relation = assumption.relation.subs(dict(values), simultaneous=True)
        if relation == sp.false:
            listed = ", ".join(f"{symbol} = {sp.sstr(value)}" for symbol, value in values.items())
            raise AssumptionError(
                f"values that keep the assumption '{assumption}'", listed, "Choose values that satisfy it."
            )
        if relation != sp.true or assumption.relation == sp.true:
            kept.append(replace(assumption, relation=relation))
    return tuple(kept)


def together(first: Iterable[Assumption], second: Iterable[Assumption]) -> tuple[Assumption, ...]:
    """Return the assumptions of two formulas that are combined, each once.

    Raises
    ------
    AssumptionError
        If two of them contradict each other; the message says which.
    """
    merged = list(dict.fromkeys((*first, *second)))
    for place, one in enumerate(merged):
        for other in merged[:place]:
            if _contradict(one.relation, other.relation):
                raise AssumptionError(
                    "formulas whose assumptions can hold together",
                    f"'{other}' and '{one}'",
                    "Combine formulas derived for the same case.",
                )
    return tuple(merged)


def _contradict(one: sp.Basic, other: sp.Basic) -> bool:
    """Say whether two relations are known to exclude each other."""
    both = sp.And(one, other)
    if both == sp.false or sp.Not(one) == other:
        return True
    if not all(isinstance(part, sp.Rel) for part in (one, other)):
        return False
    difference = one.lhs - one.rhs, other.lhs - other.rhs
    for sign in (1, -1):
        if sp.expand(difference[0] - sign * difference[1]) == 0:
            x = sp.Dummy(real=True)
            relations = (type(one)(x, 0), type(other)(sign * x, 0))
            return bool(sp.And(*relations).as_set() == sp.S.EmptySet)
    return len(both.free_symbols) == 1 and bool(both.as_set() == sp.S.EmptySet)


def closure(relation: sp.Basic) -> sp.Basic:
    """Return the closure of an inequality: strict becomes weak, as is right for limits."""
    return _CLOSED.get(type(relation), type(relation))(*relation.args) if relation.args else relation


def _broken(symbol: sp.Symbol, value: sp.Expr) -> AssumptionError:
    return AssumptionError(
        f"{symbol} {domain(symbol)}",
        f"{symbol} = {sp.sstr(value)}",
        f"The formula was derived for {symbol} {domain(symbol)}; take a limit at the boundary.",
    )
