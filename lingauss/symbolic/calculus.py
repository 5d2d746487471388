"""The few operations every derivation starts from: Gaussian integrals, completing the square, leading orders."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from functools import cache

import sympy as sp

from lingauss.errors import DomainError
from lingauss.symbolic.factoring import factor
from lingauss.symbolic.normal_form import is_zero, open_primitive
from lingauss.symbolic.primitives import ExcessLog
from lingauss.symbolic.series import first_two


@cache
def standard_moment(order: int) -> sp.Expr:
    """Return ∫ zʲ φ(z) dz for the standard normal density φ, by integration."""
    z = sp.Symbol("z", real=True)
    return sp.integrate(z**order * sp.exp(-(z**2) / 2) / sp.sqrt(2 * sp.pi), (z, -sp.oo, sp.oo))


def expectation(expression: sp.Expr, *normals: sp.Symbol) -> sp.Expr:
    """Average a polynomial over independent standard normal variables.

    Parameters
    ----------
    expression
        Polynomial in `normals`, with any coefficients.
    normals
        Independent N(0, 1) variables.

    Returns
    -------
    sympy.Expr
        The average, free of `normals`.
    """
    polynomial = sp.Poly(expression, *normals)
    return sp.Add(*(c * sp.Mul(*(standard_moment(order) for order in orders)) for orders, c in polynomial.terms()))


def variance(expression: sp.Expr, *normals: sp.Symbol) -> sp.Expr:
    """Return the variance of a polynomial in independent standard normal variables."""
    mean = expectation(expression, *normals)
    return expectation((expression - mean) ** 2, *normals)


def log_density(x: sp.Expr, mean: sp.Expr, var: sp.Expr) -> sp.Expr:
    """Return the logarithm of the density of N(mean, var) at x."""
    return -((x - mean) ** 2) / (2 * var) - sp.log(2 * sp.pi * var) / 2


def complete_square(exponent: sp.Expr, x: sp.Symbol) -> tuple[sp.Expr, sp.Expr, sp.Expr]:
    """Read a Gaussian from a concave quadratic exponent.

    Returns
    -------
    tuple of sympy.Expr
        Mean (where the derivative vanishes), variance (minus the inverse second derivative), value at the mean.
    """
    (mean,) = sp.solve(sp.diff(exponent, x), x)
    return mean, sp.cancel(-1 / sp.diff(exponent, x, 2)), sp.cancel(sp.together(exponent.subs(x, mean)))


def integrate_exponential(exponent: sp.Expr, x: sp.Symbol) -> sp.Expr:
    """Return ∫ exp(exponent) dx over the line for a concave quadratic exponent: shift to the mean, then integrate."""
    _, var, height = complete_square(exponent, x)
    unit = sp.integrate(sp.exp(-(x**2) / 2), (x, -sp.oo, sp.oo))
    return unit * sp.sqrt(var) * sp.exp(height)


def leading_order(expression: sp.Expr, x: sp.Symbol) -> tuple[sp.Expr, int]:
    """Return coefficient and exponent of the leading power of x → ∞ in a rational function."""
    numerator, denominator = (sp.Poly(part, x) for part in sp.fraction(sp.cancel(sp.together(expression))))
    return sp.cancel(numerator.LC() / denominator.LC()), numerator.degree() - denominator.degree()


def limit_of(expression: sp.Expr, x: sp.Symbol, point: sp.Expr) -> sp.Expr:
    """Return the limit as x tends to a point (from above) or to infinity, keeping the form where continuity allows.

    Sums, products and ℓ are continuous: where the limits of their parts are finite, they are put together. Only the
    rest is left to sympy's algorithm.
    """
    if not expression.has(x):
        return expression
    if point.is_finite and _is_finite(value := expression.subs(x, point)):
        return value
    if isinstance(expression, (sp.Add, sp.Mul, ExcessLog)):
        with suppress(NotImplementedError):  # of a part, though the whole may have a limit
            parts = [limit_of(part, x, point) for part in expression.args]
            if all(map(_is_finite, parts)):
                return expression.func(*parts)
    if isinstance(expression, sp.Sum) and _is_finite(term := limit_of(expression.function, x, point)):
        return sp.Sum(term, *expression.limits).doit(deep=False)
    if expression.has(sp.Indexed):
        return limit_from(expression, x, point)
    value = sp.limit(open_primitive(expression), x, point)
    if isinstance(value, sp.AccumBounds) or (value.has(sp.oo, sp.zoo, sp.nan) and value not in (sp.oo, -sp.oo)):
        raise NotImplementedError(f"no limit of {expression}: {value}")
    return factor(value) if value.is_rational_function() else value


def limit_from(expression: sp.Expr, x: sp.Symbol, point: sp.Expr) -> sp.Expr:
    """Return the limit from the leading term of a convergent expansion.

    Raises
    ------
    NotImplementedError
        If there is none, or it grows with a sign that is not known.
    """
    epsilon = sp.Dummy("epsilon", positive=True)
    moved = expression.subs(x, 1 / epsilon if point == sp.oo else point + epsilon)
    try:
        ((power, logs), c), _ = first_two(moved, epsilon)
    except DomainError as error:
        raise NotImplementedError(str(error)) from error
    if power > 0:
        return sp.S.Zero
    if power == 0 and not logs:
        return c
    if logs == 0 and (c.is_positive or c.is_negative):
        return sp.oo if c.is_positive else -sp.oo
    raise NotImplementedError(f"growth whose sign is not known: {c}")


def _is_finite(value: sp.Expr) -> bool:
    return not value.has(sp.oo, sp.zoo, sp.nan)


def lhopital(numerator: sp.Expr, denominator: sp.Expr, x: sp.Symbol, point: sp.Expr) -> sp.Expr:
    """Return the limit of a quotient of two functions that both vanish at a point, from their derivatives there."""
    if not all(is_zero(part.subs(x, point)) for part in (numerator, denominator)):
        raise ArithmeticError(f"not of the form 0/0 at {x} = {point}")
    return sp.diff(numerator, x).subs(x, point) / sp.diff(denominator, x).subs(x, point)


def cancel_rational_part(expression: sp.Expr) -> sp.Expr:
    """Bring the terms without logarithm of a sum to one quotient."""
    rational, logs = sp.expand(expression).as_independent(sp.log, as_Add=True)
    return sp.cancel(sp.together(rational)) + logs


def solve_linear(expression: sp.Expr, x: sp.Symbol) -> sp.Expr:
    """Return the zero of an expression that is linear in x, whatever its coefficients hold."""
    slope = sp.diff(expression, x)
    if slope.has(x):
        raise ArithmeticError(f"not linear in {x}")
    return -expression.subs(x, 0) / (factor(slope) if slope.is_rational_function() else slope)


def expected_quadratic(form: sp.Matrix, mean: sp.Matrix, cov: sp.Matrix) -> sp.Expr:
    """Return E xᵀQx for x with the given mean (d, 1) and covariance (d, d): Σ Q_ij (C_ij + m_i m_j)."""
    second = cov + mean * mean.T
    size = range(form.rows)
    return sp.Add(*(form[i, j] * second[i, j] for i in size for j in size))


def inverse(matrix: sp.Matrix) -> sp.Matrix:
    """Return the inverse of a small symbolic matrix from its cofactors: entries stay one quotient each."""
    return matrix.adjugate() / matrix.det(method="berkowitz")


def sub_matrix(matrix: sp.Matrix, rows: Sequence[int], columns: Sequence[int]) -> sp.Matrix:
    """Return the block of a matrix on the given rows and columns."""
    return matrix.extract(list(rows), list(columns))
