"""Derivations add, subtract, scale and divide as the formulas do, and the results verify."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sympy as sp
from mutants import mutants_of

from lingauss.errors import AssumptionError, DomainError, NotProvedError
from lingauss.symbolic import Assumption, Derivation, derivation
from lingauss.symbolic import symbols as sy
from lingauss.symbolic.normal_form import is_zero
from lingauss.symbolic.provenance import Step

BIAS, NOISE, SPREAD, COST = (derivation(f"retained_{part}") for part in ("bias", "noise", "spread", "cost"))


def test_the_three_cells_add_up_to_the_cost() -> None:
    found = BIAS + NOISE + SPREAD
    found.verify()
    assert is_zero(found.closed_form - COST.closed_form)
    assert [str(equation.lhs) for equation in found.where] == ["kappa", "x_a"]  # each once
    assert (COST - found).closed_form == 0 or is_zero((COST - found).closed_form)


@pytest.mark.parametrize(
    "combine",
    [
        lambda: BIAS - NOISE,
        lambda: -BIAS,
        lambda: 2 * BIAS,
        lambda: BIAS * 0.1,
        lambda: BIAS / sy.nu**2,
        lambda: BIAS / COST,
        lambda: BIAS.over_directions(1, sy.rank),
        lambda: (BIAS + NOISE).over_directions(),
    ],
)
def test_results_verify_and_no_wrong_version_of_them_does(combine) -> None:
    found: Derivation = combine()
    found.verify()
    assert found.name.isidentifier()
    assert found.latex()
    for wrong in list(mutants_of(found))[::6]:
        with pytest.raises(NotProvedError):
            wrong.verify()


def test_floats_are_read_as_the_decimals_they_print_as() -> None:
    assert (0.1 * BIAS).closed_form == BIAS.closed_form / 10


def test_the_ratio_of_noise_and_bias_is_that_of_noise_and_signal() -> None:
    ratio = NOISE / BIAS
    ratio.verify()
    assert is_zero(ratio.closed_form - sy.k * sy.nu**2 / (sy.s * sy.signal))


def test_names_that_abbreviate_different_things_are_written_out() -> None:
    teacher, student = derivation("teacher_risk"), derivation("student_risk")
    found = student - teacher
    found.verify()
    assert found.where == ()
    assert is_zero(found.closed_form - student.closed_form + teacher.closed_form)


def test_the_same_quantity_in_two_cases_is_told_apart_by_a_prime() -> None:
    found = COST - COST.substitute({"tau": 0})
    found.verify()
    assert found.statement.lhs != 0
    assert found.latex().startswith("c - {c}' = ")


def test_over_directions_indexes_what_differs_between_directions() -> None:
    found = derivation("teacher_risk").over_directions(1, 3)
    assert {str(equation.lhs) for equation in found.where} == {"h[i]", "p[i]", "V_w[i]"}
    assert set(map(str, found.arguments)) >= {"spectrum", "signals"}
    with pytest.raises(DomainError, match="one direction"):
        found.over_directions()


def stated(name: str, relation: sp.Basic, symbol: sp.Symbol) -> Derivation:
    steps = (Step(symbol, "given"), Step(symbol, "repeated"))
    return Derivation(name, name, sp.Eq(sp.Symbol(name), symbol), steps, assumptions=(Assumption(relation, name),))


def test_formulas_whose_assumptions_contradict_cannot_be_combined() -> None:
    x, y = sp.symbols("x y", real=True)
    small, large = stated("small", x < 1, x), stated("large", x > 2, x)
    with pytest.raises(AssumptionError, match=r"'small \(x < 1\)' and 'large \(x > 2\)'"):
        small + large
    with pytest.raises(AssumptionError, match="can hold together"):
        stated("below", x - y < 0, x) - stated("above", y - x <= 0, x)
    with pytest.raises(AssumptionError, match="can hold together"):
        stated("equal", sp.Eq(x, y), x) / stated("unequal", sp.Ne(x, y), x)
    assert len((small + stated("positive", x > 0, x)).assumptions) == 2


def test_one_name_for_two_symbols_is_refused() -> None:
    with pytest.raises(AssumptionError, match=r"mean the same in both.*x"):
        stated("first", sp.true, sp.Symbol("x", real=True)) + stated("second", sp.true, sp.Symbol("x", positive=True))
    with pytest.raises(AssumptionError, match=r"mean the same in both.*nu"):
        NOISE * sp.Symbol("nu")


def test_what_is_no_formula_or_no_single_one_is_refused() -> None:
    with pytest.raises(TypeError):
        BIAS + 1
    with pytest.raises(TypeError):
        BIAS * "2"
    with pytest.raises(DomainError, match="states several"):
        derivation("spread_hessian") + BIAS
    with pytest.raises(DomainError, match="finite factor"):
        BIAS * sp.oo
    with pytest.raises(DomainError, match="does not vanish"):
        BIAS / replace(BIAS, statement=sp.Eq(sp.Symbol("zero"), 0, evaluate=False))
    with pytest.raises(DomainError, match="finite factor"):
        BIAS / 0
