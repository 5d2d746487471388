"""Convergent expansions in powers and logarithms of a small positive ε, with exact coefficients.

Formulas here are put together from rational functions, roots, logarithms, exponentials and finite sums over directions.
Near a point each is ε^a (log ε)^b times a series that converges, so the first terms that do not vanish are the leading
order and the exact order of what is left.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import sympy as sp

from lingauss.errors import DomainError
from lingauss.symbolic.normal_form import is_zero, summed
from lingauss.symbolic.primitives import ExcessLog

Key = tuple[sp.Rational, int]  # power of ε, and of log ε
DEPTHS = (2, 4, 8, 16)  # powers of ε kept beyond the first, as many as it takes


@dataclass(frozen=True)
class Series:
    """A truncated expansion.

    Parameters
    ----------
    terms
        Coefficient of each power of ε and of log ε; some may vanish.
    order
        Power of ε from which on terms are not known; infinity if none is missing.
    """

    terms: Mapping[Key, sp.Expr]
    order: sp.Expr = sp.oo

    def __add__(self, other: Series) -> Series:
        terms = dict(self.terms)
        for key, c in other.terms.items():
            terms[key] = terms.get(key, sp.S.Zero) + c
        return Series(terms, sp.Min(self.order, other.order)).cut()

    def __mul__(self, other: Series) -> Series:
        terms: dict[Key, sp.Expr] = {}
        for (a, b), c in self.terms.items():
            for (e, f), g in other.terms.items():
                terms[a + e, b + f] = terms.get((a + e, b + f), sp.S.Zero) + c * g
        return Series(terms, sp.Min(self.order + other.low, other.order + self.low)).cut()

    @property
    def low(self) -> sp.Expr:
        """Lowest power of ε that may occur."""
        return min((key[0] for key in self.terms), default=self.order)

    def cut(self, order: sp.Expr = sp.oo) -> Series:
        """Drop what is exactly 0 and what lies beyond the order."""
        order = sp.Min(order, self.order)
        return Series({key: c for key, c in self.terms.items() if c != 0 and key[0] < order}, order)

    def leading(self) -> Iterator[tuple[Key, sp.Expr]]:
        """Yield the terms that do not vanish, largest first."""
        for key in sorted(self.terms, key=lambda key: (key[0], -key[1])):
            if not is_zero(self.terms[key]):
                yield key, self.terms[key]


def expand(expression: sp.Expr, epsilon: sp.Symbol, depth: int) -> Series:
    """Expand an expression in ε, keeping `depth` powers beyond the first wherever series do not end.

    Raises
    ------
    DomainError
        If some part has no such expansion.
    """
    if not expression.has(epsilon):
        return _constant(expression)
    if expression == epsilon:
        return Series({(sp.S.One, 0): sp.S.One})
    if expression.is_Add or expression.is_Mul:
        parts = [expand(part, epsilon, depth) for part in expression.args]
        total = parts[0]
        for part in parts[1:]:
            total = total + part if expression.is_Add else total * part
        return total
    if expression.is_Pow and expression.exp.is_Rational:
        base = expand(expression.base, epsilon, depth)
        if expression.exp.is_Integer and expression.exp > 0:
            return _power(base, int(expression.exp))
        return _root(base, expression.exp, depth)
    if isinstance(expression, sp.exp):
        return _exponential(expand(expression.args[0], epsilon, depth), depth)
    if isinstance(expression, sp.log):
        return _logarithm(expand(expression.args[0], epsilon, depth), depth)
    if isinstance(expression, ExcessLog):
        return _excess_log(expand(expression.args[0], epsilon, depth), depth)
    if isinstance(expression, sp.Sum) and not sp.Tuple(*expression.limits).has(epsilon):
        inside = expand(expression.function, epsilon, depth)
        return Series({key: summed(c, expression.limits[0]) for key, c in inside.terms.items()}, inside.order)
    raise _without(expression)


def first_two(expression: sp.Expr, epsilon: sp.Symbol) -> tuple[tuple[Key, sp.Expr], Key | None]:
    """Return the leading term, and the order of the next one: None if nothing else is left.

    Raises
    ------
    DomainError
        If there is no expansion, or nothing but zeros was found.
    """
    for depth in DEPTHS:
        series = expand(expression, epsilon, depth)
        terms = series.leading()
        first = next(terms, None)
        if first is not None:
            following = next(terms, None)
            if following is not None or series.order == sp.oo:
                return first, None if following is None else following[0]
            if depth == DEPTHS[-1]:
                return first, (series.order, 0)
    raise DomainError("an expression that does not vanish", sp.sstr(expression), "Its leading order is 0.")


def _constant(value: sp.Expr) -> Series:
    return Series({(sp.S.Zero, 0): value}) if value != 0 else Series({})


def _power(base: Series, exponent: int) -> Series:
    power = _constant(sp.S.One)
    for _ in range(exponent):
        power = power * base
    return power


def _split(series: Series) -> tuple[sp.Expr, sp.Expr, Series]:
    """Write a series as c ε^a (1 + u), with u small."""
    (power, logs), c = next(series.leading(), ((sp.S.Zero, 0), sp.S.Zero))
    if c == 0 or logs:
        raise DomainError("a series that begins with a power", "one that begins with a logarithm", "Specialise first.")
    rest = {(a - power, b): d / c for (a, b), d in series.terms.items() if (a, b) != (power, 0) and a >= power}
    return c, power, Series(rest, series.order - power).cut()


def _composed(small: Series, coefficients: Iterator[sp.Expr], depth: int) -> Series:
    """Return Σ c_j u^j for a small u, to `depth` powers of ε."""
    u = Series(small.terms, small.order).cut(sp.Integer(depth))
    total, power = _constant(next(coefficients)), _constant(sp.S.One)
    if not u.terms:
        return Series(total.terms, u.order if small.terms or small.order != sp.oo else sp.oo)
    for _ in range(math.ceil(depth / u.low)):
        power = (power * u).cut(sp.Integer(depth))
        c = next(coefficients)
        total = total + Series({key: c * value for key, value in power.terms.items()}, power.order)
    return Series(total.terms, sp.Min(total.order, depth)).cut()


def _root(base: Series, exponent: sp.Rational, depth: int) -> Series:
    c, power, small = _split(base)
    if not exponent.is_Integer and not c.is_positive:
        raise _without(sp.Pow(c, exponent))
    rest = _composed(small, (sp.binomial(exponent, j) for j in range(10**6)), depth)
    return rest * Series({(power * exponent, 0): c**exponent})


def _logarithm(argument: Series, depth: int) -> Series:
    c, power, small = _split(argument)
    head = Series({(sp.S.Zero, 0): sp.log(c), (sp.S.Zero, 1): power}).cut()
    return head + _log_near_one(small, depth)


def _log_near_one(small: Series, depth: int) -> Series:
    return _composed(small, (sp.Rational((-1) ** (j + 1), j) if j else sp.S.Zero for j in range(10**6)), depth)


def _excess_log(argument: Series, depth: int) -> Series:
    """Expand ℓ(x), about ℓ(x₀) where x has a limit above −1."""
    low = next((key for key, _ in argument.leading()), (sp.oo, 0))
    start = argument.terms.get((sp.S.Zero, 0), sp.S.Zero) if low == (sp.S.Zero, 0) else sp.S.Zero
    one_more = sp.factor_terms(1 + start)
    if low[0] < 0 or low[1] or is_zero(one_more):
        negative = _logarithm(_constant(sp.S.One) + argument, depth)
        return argument + Series({key: -c for key, c in negative.terms.items()}, negative.order)
    rest = Series({key: c for key, c in argument.terms.items() if key[0] > 0}, argument.order)
    near = _log_near_one(Series({key: c / one_more for key, c in rest.terms.items()}, rest.order), depth)
    return _constant(ExcessLog(start)) + rest + Series({key: -c for key, c in near.terms.items()}, near.order)


def _exponential(argument: Series, depth: int) -> Series:
    if argument.low < 0 or any(logs for (power, logs) in argument.terms if power == 0):
        raise DomainError("an exponent with a limit", "one without", "Specialise first.")
    start = argument.terms.get((sp.S.Zero, 0), sp.S.Zero)
    rest = Series({key: c for key, c in argument.terms.items() if key[0] > 0}, argument.order)
    series = _composed(rest, (1 / sp.factorial(j) for j in range(10**6)), depth)
    return series * _constant(sp.exp(start))


def _without(part: sp.Expr) -> DomainError:
    return DomainError(
        "a formula with an expansion in powers and logarithms there",
        sp.sstr(part),
        "Specialise the formula first, or choose another variable.",
    )
