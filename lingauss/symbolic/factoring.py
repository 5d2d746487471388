"""Factors of polynomials in many symbols, in a time that does not depend on chance.

sympy factors in several symbols by lifting from points that it draws unseeded: the same polynomial takes a second on
one run and minutes on the next. A polynomial of degree one in some symbol, as most formulas here are, needs no lifting:
without the common divisor of its two coefficients it is irreducible. The rest is left to sympy, with a fixed seed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sympy as sp
from sympy.core.random import rng

SEED = 0  # of the points that sympy lifts from


def factor_list(product: sp.Expr) -> tuple[sp.Expr, list[tuple[sp.Expr, int]]]:
    """Factor a product of integer powers of polynomials.

    Returns
    -------
    coefficient : sympy.Expr
        What holds no symbol.
    factors : list of tuple
        Irreducible polynomials with integer coefficients, the leading one positive, each with its power.
    """
    coefficient: sp.Expr = sp.S.One
    powers: dict[sp.Expr, int] = {}
    for argument in sp.Mul.make_args(product):
        base, exponent = argument.as_base_exp() if argument.is_Pow else (argument, sp.S.One)
        if not exponent.is_Integer:
            base, exponent = argument, sp.S.One
        constant, factors = _factor_polynomial(base)
        coefficient *= constant**exponent
        for part, power in factors:
            powers[part] = powers.get(part, 0) + power * int(exponent)
    return coefficient, [(part, power) for part, power in powers.items() if power]


def factor(expression: sp.Expr) -> sp.Expr:
    """Write a rational function as a product of powers of irreducible polynomials."""
    coefficient, factors = factor_list(sp.together(expression))
    product = sp.Mul(*(part**power for part, power in factors))
    if product.is_Add and coefficient not in (sp.S.One, sp.S.NegativeOne):
        return sp.Mul(coefficient, product, evaluate=False)  # a number times a sum would be multiplied out
    return coefficient * product


def _factor_polynomial(expression: sp.Expr) -> tuple[sp.Expr, list[tuple[sp.Expr, int]]]:
    if expression.is_number:
        return expression, []
    try:
        polynomial = sp.Poly(expression)
    except sp.GeneratorsNeeded:  # its symbols cancel
        return sp.expand(expression), []
    if not (polynomial.domain.is_ZZ or polynomial.domain.is_QQ):
        with _fixed_seed():
            constant, factors = sp.factor_list(expression)
        return constant, factors
    irreducible = list(_irreducible(polynomial.clear_denoms(convert=True)[1]))
    leading = sp.Mul(*(part.LC() ** power for part, power in irreducible))
    return polynomial.LC() / leading, [(part.as_expr(), power) for part, power in irreducible]


def _irreducible(polynomial: sp.Poly) -> Iterator[tuple[sp.Poly, int]]:
    """Yield the irreducible factors of a polynomial over the integers; its content and its sign are dropped."""
    powers, rest = polynomial.terms_gcd()
    yield from ((sp.Poly(x, x), power) for x, power in zip(polynomial.gens, powers, strict=True) if power)
    if rest.is_ground:
        return
    rest = rest.exclude()
    if any(rest.degree(x) == 1 for x in rest.gens):
        yield from _split_linear(rest)
        return
    for part, multiplicity in rest.sqf_list()[1]:
        if any(part.degree(x) == 1 for x in part.gens):
            factors = list(_irreducible(part))
        else:
            with _fixed_seed():
                factors = part.factor_list()[1]
        yield from ((part, power * multiplicity) for part, power in factors)


def _split_linear(polynomial: sp.Poly) -> Iterator[tuple[sp.Poly, int]]:
    """Split ax + b into the common divisor of a and b, which is factored further, and an irreducible rest."""
    rest, gens = polynomial.primitive()[1], polynomial.gens
    place = next(place for place, x in enumerate(gens) if rest.degree(x) == 1)
    others = gens[:place] + gens[place + 1 :]
    if others:
        parts: tuple[dict[tuple[int, ...], sp.Integer], ...] = ({}, {})  # b and a
        for powers, c in rest.terms():
            parts[powers[place]][powers[:place] + powers[place + 1 :]] = c
        divisor = sp.gcd(*(sp.Poly.from_dict(part, *others, domain="ZZ") for part in parts))
        if not divisor.is_ground:
            terms = {(*powers[:place], 0, *powers[place:]): c for powers, c in divisor.terms()}
            rest = rest.exquo(sp.Poly.from_dict(terms, *gens, domain="ZZ"))
            yield from _irreducible(divisor)
    yield (rest if rest.LC() > 0 else -rest), 1


@contextmanager
def _fixed_seed() -> Iterator[None]:
    """Let sympy draw the same points every time, and leave its generator as it was."""
    state = rng.getstate()
    rng.seed(SEED)
    try:
        yield
    finally:
        rng.setstate(state)
