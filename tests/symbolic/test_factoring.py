"""Factors agree with sympy's, and do not hang on the points that sympy draws."""

from __future__ import annotations

import pytest
import sympy as sp
from sympy.core.random import rng

from lingauss.symbolic.factoring import factor, factor_list
from lingauss.symbolic.student import student_law

x, y, z = sp.symbols("x y z", positive=True)
NOT_LINEAR = (x**2 + y**2 + z**3) * (x**3 + y**2 * z**2 + 1)

EXPRESSIONS = [
    sp.S.Zero,
    sp.Rational(-6, 5),
    -x - y,
    sp.Rational(2, 3) * x + 2 * y,
    x**2 - y**2,
    sp.expand((x * y + z) ** 2 * (x - 2 * z) * 6),
    sp.expand((x + y) ** 3 * (x**2 + z**2) ** 2 * x**2),
    sp.expand(NOT_LINEAR),
    sp.expand((sp.exp(x) + y) * (x * y + 1)),
    sp.expand((x + sp.sqrt(y)) * (x * z - 1)),
    (x + 1) ** 2 - x**2 - 2 * x - 1,
    (x**2 - 1) / (x * y + y) - z / 2,
]


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_same_factors_as_sympy(expression: sp.Expr) -> None:
    assert factor(expression) == sp.factor(expression)


def test_powers_add_up_and_coefficient_is_apart() -> None:
    coefficient, factors = factor_list((2 * x + 2 * y) ** 2 * (x + y) / (y - x) ** 3)
    assert coefficient == -4
    assert dict(factors) == {x + y: 3, x - y: -3}


def test_polynomial_linear_in_a_symbol_is_never_lifted(monkeypatch: pytest.MonkeyPatch) -> None:
    law = student_law()
    numerator = sp.numer(sp.together(law.variance / law.teacher_variance))

    def lift(*_: object) -> None:
        raise AssertionError("left to sympy")

    monkeypatch.setattr(sp.Poly, "factor_list", lift)
    coefficient, factors = factor_list(sp.expand(numerator * (x + y) * (x * y - z)))
    assert coefficient == 1
    assert {part for part, _ in factors} >= {x + y, x * y - z}
    with pytest.raises(AssertionError, match="left to sympy"):
        factor_list(sp.expand(NOT_LINEAR))


def test_random_generator_of_sympy_stays_as_it_was() -> None:
    before = rng.getstate()
    factor_list(sp.expand(NOT_LINEAR))
    assert rng.getstate() == before
