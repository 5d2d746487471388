"""Deciding whether an expression is zero, by exact algebra only.

Every formula here is a polynomial in logarithms of rational functions and in sums over directions, with coefficients
that are rational in the symbols and in square roots. Splitting each logarithm over the irreducible factors of its
argument and pulling constants out of each sum makes these generators independent; the expression is zero iff the
numerator of every coefficient is.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import sympy as sp
from sympy.polys.rings import sring

from lingauss.symbolic.factoring import factor, factor_list
from lingauss.symbolic.primitives import ExcessLog

DIGITS = 40  # of numbers that may refute an identity between products of logarithms
LARGEST_POWER = 1000  # beyond it exact powers cost more than the normal form they would spare


def is_zero(expression: sp.Basic) -> bool:
    """Say whether an expression (or every entry of a Tuple) is identically zero.

    Parameters
    ----------
    expression
        Scalar expression or Tuple of scalar expressions.

    Returns
    -------
    bool
        True only if the expression was reduced to exactly 0.
    """
    if isinstance(expression, sp.Tuple):
        return all(is_zero(entry) for entry in expression)
    if refuted(expression):
        return False
    return vanishes_by_direction(expression) or bool(residual(expression) == 0)


def vanishes_by_direction(expression: sp.Expr) -> bool:
    """Say whether an expression vanishes direction by direction; if it does not, it may still vanish as a whole.

    Terms are put together that sum over the same directions, or that hold the entries of the same direction.
    """
    groups: dict[object, sp.Expr] = {}
    for part in _terms_of(expression):
        constant, sums = part.as_independent(sp.Sum, as_Add=False)
        if isinstance(sums, sp.Sum):
            key, term = sums.limits, constant * sums.function
        else:
            key, term = frozenset(entry.indices for entry in part.atoms(sp.Indexed)), part
            if part.has(sp.Sum):
                return False
        groups[key] = groups.get(key, sp.S.Zero) + term
    if len(groups) < 2 and not expression.has(sp.Sum):
        return False
    return all(is_zero(part) for part in groups.values())


def _terms_of(expression: sp.Expr) -> Iterator[sp.Expr]:
    """Yield the terms of a sum, those of multiples of sums one by one."""
    for part in sp.Add.make_args(expression):
        opened = sp.expand_mul(part, deep=False) if part.is_Mul and part.has(sp.Sum, sp.Indexed) else part
        if opened.is_Add:
            yield from _terms_of(opened)
        else:
            yield opened


def written_out(expression: sp.Basic) -> sp.Basic:
    """Write every sum over a known number of directions term by term."""
    sums = {total for total in expression.atoms(sp.Sum) if _count(total).is_Integer}
    return expression.xreplace({total: _terms(total) for total in sums})


def _count(total: sp.Sum) -> sp.Expr:
    _, first, last = total.limits[0]
    return last - first + 1


def _terms(total: sp.Sum) -> sp.Expr:
    index, first, _ = total.limits[0]
    return sp.Add(*(total.function.xreplace({index: first + j}) for j in range(int(_count(total)))))


def refuted(expression: sp.Expr) -> bool:
    """Say whether an expression without roots, sums and exponentials differs from 0 at one of a few rational points.

    There it is R + Σ c_i log r_i with rational R, c_i and r_i ≠ 0. What vanishes by the rules of logarithms does so too
    with log|r_i|, and that is 0 iff R = 0 and Π |r_i|^c_i = 1 (Lindemann): exact integer arithmetic decides. This only
    spares the normal form of an expression that does not vanish.
    """
    generators: dict[sp.Basic, sp.Dummy] = {}
    expression = _with_few_directions(expression)
    flat = _abstracted(open_primitive(expression), generators)
    if flat.has(sp.exp, sp.nan, sp.zoo, sp.oo) or not all(power.exp.is_Integer for power in flat.atoms(sp.Pow)):
        return False
    if any(isinstance(atom, sp.Sum) for atom in generators):
        return False
    symbols = sorted(expression.free_symbols, key=sp.default_sort_key)
    return any(_differs_at(flat, generators, point) for point in _rational_points(symbols))


def _with_few_directions(expression: sp.Expr) -> sp.Expr:
    """Write sums over directions out for one or two directions each, whose entries become symbols of their own.

    A difference that vanishes for every number of directions vanishes for these.
    """
    sums = expression.atoms(sp.Sum)
    counts = {symbol for total in sums for symbol in sp.Tuple(*total.limits[0][1:]).free_symbols}
    if not sums or not all(symbol.is_integer for symbol in counts):
        return expression
    firsts = {symbol for total in sums for symbol in total.limits[0][1].free_symbols}
    few = frozenset((symbol, sp.Integer(1 if symbol in firsts else 2)) for symbol in counts)
    return expression.xreplace({total: _with_counts(total, few) for total in sums}).subs(dict(few))


@cache
def _with_counts(total: sp.Sum, counts: frozenset[tuple[sp.Symbol, sp.Integer]]) -> sp.Expr:
    written = written_out(total.subs(dict(counts)))
    return open_primitive(
        written.xreplace({entry: sp.Symbol(str(entry), **_sign(entry)) for entry in written.atoms(sp.Indexed)})
    )


def _sign(entry: sp.Indexed) -> dict[str, bool]:
    return {"nonnegative": True} if entry.is_nonnegative else {"real": True}


def _differs_at(flat: sp.Expr, generators: dict[sp.Basic, sp.Dummy], point: dict[sp.Symbol, sp.Rational]) -> bool:
    here = flat.xreplace(point)
    offset = here.xreplace(dict.fromkeys(generators.values(), sp.S.Zero))
    values = [(log.args[0].xreplace(point), sp.diff(here, dummy)) for log, dummy in generators.items()]
    if any(slope.has(sp.Dummy) for _, slope in values):  # logarithms that are multiplied: only refuted, never proved
        value = here.xreplace({dummy: sp.log(log.args[0].xreplace(point)) for log, dummy in generators.items()})
        return bool(abs(value.evalf(DIGITS)) > 10.0 ** (-DIGITS // 2)) if value.is_real else False
    if not all(number.is_Rational for number in (offset, *(number for pair in values for number in pair))):
        return False
    if any(argument == 0 for argument, _ in values):
        return False
    if offset != 0:
        return True
    common = sp.ilcm(1, 1, *(slope.q for _, slope in values))
    if any(abs(slope * common) > LARGEST_POWER for _, slope in values):
        return False
    return bool(sp.Mul(*(abs(argument) ** (slope * common) for argument, slope in values)) != 1)


def _rational_points(symbols: list[sp.Symbol]) -> Iterator[dict[sp.Symbol, sp.Rational]]:
    """Yield points in the symbols' domain; in the first, entries of either sign are small: covariances stay such."""
    places = range(len(symbols))
    primes = [sp.prime(place + 5) for place in places]
    for positive, either in (
        ([1 + sp.Rational(1, prime) for prime in primes], [sp.Rational(1, prime) for prime in primes]),
        ([sp.Rational(place + 2, 2) for place in places], [-sp.Rational(1, place + 2) for place in places]),
        ([sp.Rational(7, place + 2) for place in places], [sp.Rational(place + 2, 3) for place in places]),
    ):
        yield {symbol: (positive if symbol.is_nonnegative else either)[place] for place, symbol in enumerate(symbols)}


def residual(expression: sp.Expr) -> sp.Expr:
    """Return what is left of an expression in normal form, up to nonzero factors of each part; 0 iff it vanishes."""
    if expression.has(sp.nan, sp.zoo, sp.oo):
        return sp.nan
    generators: dict[sp.Basic, sp.Dummy] = {}
    flat = _abstracted(split_logs(split_sums(open_primitive(expression))), generators)
    slopes = {atom: sp.diff(flat, dummy) for atom, dummy in generators.items()}
    if any(slope.has(*generators.values()) for slope in slopes.values()):
        return _rational_residual(flat)
    constant = flat.xreplace(dict.fromkeys(generators.values(), sp.S.Zero))
    return sp.Add(_rational_residual(constant), *(atom * _rational_residual(slope) for atom, slope in slopes.items()))


def open_primitive(expression: sp.Expr) -> sp.Expr:
    """Replace ℓ(x) by x − log(1 + x) throughout."""
    return expression.replace(ExcessLog, lambda x: x - sp.log(1 + x))


def split_logs(expression: sp.Expr) -> sp.Expr:
    """Write every logarithm as a sum over the irreducible factors of its argument.

    The logarithm is used as a homomorphism with log(−1) as one more generator: formulas that differ by a sign inside
    stay different.
    """
    logs = sorted(expression.atoms(sp.log), key=sp.default_sort_key)
    return expression.xreplace({log: _log_of(log.args[0]) for log in logs if not log.args[0].has(sp.log)})


def split_sums(expression: sp.Expr) -> sp.Expr:
    """Write every sum as constants times sums of single terms over a factored denominator."""
    sums = sorted(expression.atoms(sp.Sum), key=sp.default_sort_key)
    return expression.xreplace({total: _split_sum(total) for total in sums})


@cache
def _log_of(argument: sp.Expr) -> sp.Expr:
    if isinstance(argument, sp.exp):
        return argument.args[0]
    if argument.is_Pow and argument.exp.is_Rational:
        return argument.exp * _log_of(argument.base)
    if argument.is_Mul:
        return sp.Add(*(_log_of(part) for part in argument.args))
    numerator, denominator = sp.fraction(sp.together(argument))
    return _log_of_polynomial(numerator) - _log_of_polynomial(denominator)


def _log_of_polynomial(polynomial: sp.Expr) -> sp.Expr:
    coefficient, factors = factor_list(polynomial)
    logs = [power * sp.log(base) for base, power in factors]
    if coefficient.is_Rational and coefficient != 0:
        logs += [sp.log(sp.S.NegativeOne)] if coefficient < 0 else []
        logs += [m * sp.log(prime) for prime, m in sp.factorint(abs(coefficient.p)).items()]
        logs += [-m * sp.log(prime) for prime, m in sp.factorint(coefficient.q).items()]
    elif coefficient != 1:
        logs.append(sp.log(coefficient))
    return sp.Add(*logs)


def _split_sum(total: sp.Sum) -> sp.Expr:
    index = total.limits[0][0]
    numerator, denominator = sp.fraction(sp.cancel(sp.together(split_logs(total.function))))
    constant_below, moving_below = factor(denominator).as_independent(index, as_Add=False)
    parts: dict[sp.Expr, sp.Expr] = {}
    for term in sp.Add.make_args(sp.expand(numerator)):
        constant, moving = term.as_independent(index, as_Add=False)
        parts[moving] = parts.get(moving, sp.S.Zero) + constant / constant_below
    return sp.Add(*(c * summed(moving / moving_below, total.limits[0]) for moving, c in parts.items()))


def summed(term: sp.Expr, limits: sp.Tuple) -> sp.Expr:
    """Return the sum of a term, as a multiple where it is the same in every direction."""
    index, first, last = limits
    return sp.Sum(term, limits) if term.has(index) else (last - first + 1) * term


def _abstracted(expression: sp.Basic, generators: dict[sp.Basic, sp.Dummy]) -> sp.Basic:
    """Replace outermost logarithms and sums by dummies, recorded in `generators`."""
    if isinstance(expression, (sp.log, sp.Sum)):
        return generators.setdefault(expression, sp.Dummy("g"))
    if not expression.args or not expression.has(sp.log, sp.Sum):
        return expression
    return expression.func(*(_abstracted(argument, generators) for argument in expression.args))


def _rational_residual(expression: sp.Expr) -> sp.Expr:
    """Return the numerator of a rational function of symbols and square roots; 0 iff the function vanishes."""
    rational, relations = _without_radicals(expression)
    numerator = sp.fraction(sp.together(rational))[0]
    for root, square in relations:
        numerator = sp.fraction(sp.together(sp.rem(sp.expand(numerator), root**2 - square, root)))[0]
    if numerator.is_number:
        return sp.expand(numerator)
    return sring(numerator)[1].as_expr()


def _without_radicals(expression: sp.Expr) -> tuple[sp.Expr, list[tuple[sp.Symbol, sp.Expr]]]:
    """Make square roots rational: a positive symbol under one becomes a square, another base a root with a relation."""
    expression = expression.replace(_is_root, lambda e: _content_out(e.base, e.exp))
    bases = sorted({e.base for e in expression.atoms(sp.Pow) if _is_root(e)}, key=sp.default_sort_key)
    squares = {base: sp.Dummy(base.name, positive=True) ** 2 for base in bases if base.is_Symbol}
    relations = []
    for base in bases:
        if base not in squares:
            root = sp.Dummy("root", positive=True)
            relations.append((root, base.xreplace(squares)))
            expression = expression.xreplace(
                {e: root ** (2 * e.exp) for e in expression.atoms(sp.Pow) if _is_root(e) and e.base == base}
            )
    return expression.xreplace(squares), relations


def _is_root(expression: sp.Basic) -> bool:
    return bool(
        expression.is_Pow
        and expression.exp.is_Rational
        and expression.exp.q == 2
        and not expression.base.is_number
        and (expression.base.is_positive or not expression.base.is_Symbol)
    )


def _content_out(base: sp.Expr, exponent: sp.Rational) -> sp.Expr:
    """Write √(c f) as √c √f for a positive number c, so that equal roots look equal."""
    content, primitive = sp.factor_terms(sp.expand(base)).as_coeff_Mul()
    if content.is_positive:
        return sp.Pow(content, exponent) * sp.Pow(sp.expand(primitive), exponent, evaluate=False)
    return sp.Pow(base, exponent)
