"""Random arguments inside the domain of any formula, and high-precision values there."""

from __future__ import annotations

import re
from collections.abc import Mapping

import mpmath
import numpy as np
import sympy as sp

from lingauss.symbolic import Derivation
from lingauss.symbolic.normal_form import written_out

COUNTS = {"d": 3, "m_b": 3, "r": 2}
RANGES = {"h": (0.05, 0.3), "eta": (0.02, 0.1), "alpha": (0.3, 0.9), "xi": (0.2, 0.8), "n": (8.0, 20.0)}
Point = dict[str, float | int | np.ndarray]


def random_point(derivation: Derivation, rng: np.random.Generator) -> Point:
    """Draw a value for each argument; arrays over directions have three entries."""
    arrays = {base.label.name for base in derivation.closed_form.atoms(sp.IndexedBase)}
    return {symbol.name: _value(symbol, symbol.name in arrays, rng) for symbol in derivation.arguments}


def _value(symbol: sp.Symbol, array: bool, rng: np.random.Generator) -> float | int | np.ndarray:
    name = symbol.name
    if name in COUNTS:
        return COUNTS[name]
    if symbol.is_integer:
        return int(rng.integers(2, 6))
    if array:
        return rng.uniform(0.3, 2.0, size=3)
    if matrix_entry := re.fullmatch(r"[A-Z]_(\d)(\d)", name):  # diagonally dominant, hence positive definite
        row, column = matrix_entry.groups()
        return float(rng.uniform(1.5, 2.5) if row == column else rng.uniform(-0.6, 0.6))
    if name in RANGES:
        return float(rng.uniform(*RANGES[name]))
    return float(rng.uniform(0.3, 2.0) if symbol.is_nonnegative else rng.uniform(-2.0, 2.0))


def exact_value(
    expression: sp.Basic, point: Mapping[str, float | int | np.ndarray], digits: int = 60
) -> list[mpmath.mpf]:
    """Evaluate an expression at a point to many digits, the floats taken as exact; one value per entry."""
    entries = expression.args if isinstance(expression, sp.Tuple) else (expression,)
    return [_one_value(entry, point, digits) for entry in entries]


def _one_value(expression: sp.Expr, point: Mapping[str, float | int | np.ndarray], digits: int) -> mpmath.mpf:
    counts = {symbol: point[symbol.name] for symbol in expression.free_symbols if symbol.name in COUNTS}
    expanded = written_out(expression.subs(counts))
    values: dict[sp.Basic, sp.Expr] = {}
    for indexed in expanded.atoms(sp.Indexed):
        values[indexed] = sp.Rational(float(point[indexed.base.label.name][int(indexed.indices[0]) - 1]))
    expanded = expanded.xreplace(values)
    symbols = {symbol: _exact(symbol, point) for symbol in expanded.free_symbols}
    value = sp.N(expanded.xreplace(symbols), digits)
    with mpmath.workdps(digits):  # a mutant may leave the domain: complex or infinite
        return mpmath.inf if value.is_finite is False else mpmath.mpmathify(value)


def _exact(symbol: sp.Symbol, point: Mapping[str, float | int | np.ndarray]) -> sp.Rational:
    """Return the value of a symbol; one that a derivation loses on its way may have any in its domain."""
    return sp.Rational(point.get(symbol.name, 1.75 if symbol.is_nonnegative else 0.25))
