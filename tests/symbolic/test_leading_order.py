"""Leading orders have the coefficient, the power and the remainder that they claim."""

from __future__ import annotations

from dataclasses import replace

import mpmath
import pytest
import sympy as sp
from mutants import mutants

import lingauss as lg
from lingauss import symbolic as sym
from lingauss.errors import DomainError, NotProvedError, UnknownSymbolError
from lingauss.symbolic import symbols as sy
from lingauss.symbolic.normal_form import is_zero
from lingauss.symbolic.series import first_two

K_N = sym.derivation("divergence")
x = sp.Symbol("x", positive=True)


def isotropic() -> sym.Derivation:
    """Return K_n of one learner distilled into itself, all directions alike, eigenvalues growing with n."""
    found = K_N.specialise(sym.DEFAULT_NOISE).specialise(sym.EQUAL_PENALTIES).substitute({"xi": 1, "m": 1})
    return found.specialise(sym.ISOTROPIC).specialise(sym.GROWING)


@pytest.mark.parametrize(
    ("expression", "leading", "rest"),
    [
        (1 / (1 + x), ((0, 0), 1), (1, 0)),
        (x / (1 + x) ** 2, ((1, 0), 1), (2, 0)),
        (sp.log(x + x**2), ((0, 1), 1), (1, 0)),
        (x * sp.log(x) + x, ((1, 1), 1), (1, 0)),
        (sym.ExcessLog(x), ((2, 0), sp.Rational(1, 2)), (3, 0)),
        (sym.ExcessLog(1 / x), ((-1, 0), 1), (0, 1)),
        (sym.ExcessLog(1 + x), ((0, 0), sym.ExcessLog(1)), (1, 0)),
        (sp.sqrt(x + x**2), ((sp.Rational(1, 2), 0), 1), (sp.Rational(3, 2), 0)),
        (sp.exp(x) - 1 - x, ((2, 0), sp.Rational(1, 2)), (3, 0)),
        (3 * x**2, ((2, 0), 3), None),
        (1 / (1 + x) - 1 + x - x**2 + x**3, ((4, 0), 1), (5, 0)),
    ],
)
def test_expansions_have_the_first_two_terms_of_the_function(expression, leading, rest) -> None:
    (key, coefficient), following = first_two(expression, x)
    assert (key, following) == (leading[0], rest)
    assert is_zero(coefficient - leading[1])


@pytest.mark.parametrize(
    ("name", "special", "symbol", "point", "power", "remainder"),
    [
        ("divergence", sym.GROWING, "n", sp.oo, 1, sp.log(sy.n)),
        ("bias", sym.GROWING, "n", sp.oo, -1, sy.n**-2),
        ("variance", sym.GROWING, "n", sp.oo, 0, 1 / sy.n),
        ("rank_bottleneck", sym.GROWING, "n", sp.oo, 1, sp.log(sy.n)),
        ("divergence", sym.DEFAULT_NOISE, "nu", 0, -2, 1),
        ("divergence", None, "lambda_T", 0, 0, sy.lambda_T),
        ("divergence", None, "tau", sp.oo, 1, sp.log(sy.tau)),
        ("student_gap", sym.GROWING, "n", sp.oo, -1, sy.n**-2),
        ("retained_bias", sym.EQUAL_PENALTIES, "lam", 0, 2, sy.lam**3),
    ],
)
def test_leading_orders_verify_and_no_wrong_coefficient_power_or_remainder_does(
    name, special, symbol, point, power, remainder
) -> None:
    found = sym.derivation(name)
    leading = (found if special is None else found.specialise(special)).leading_order(symbol, point)
    leading.verify()
    assert (leading.power, leading.logarithm, leading.remainder) == (power, 0, remainder)
    lhs, rhs = leading.statement.args
    for wrong in list(mutants(rhs))[:12]:
        with pytest.raises(NotProvedError):
            replace(leading, statement=sp.Eq(lhs, wrong, evaluate=False)).verify()
    for wrong in (leading.remainder * leading.variable, leading.remainder / leading.variable):
        with pytest.raises(NotProvedError, match="remainder"):
            replace(leading, remainder=wrong).verify()


@pytest.mark.parametrize(
    "name",
    ["retained_bias", "retained_noise", "retained_spread", "discarded_bias", "discarded_noise", "discarded_spread"],
)
def test_leading_orders_of_the_cells_are_those_derived_from_limits(name: str) -> None:
    leading = sym.derivation(name).specialise(sym.GROWING).leading_order("n", sp.oo)
    limit = sym.derivation(f"large_n_{name}")
    assert is_zero(leading.coefficient - limit.closed_form)
    assert limit.statement.lhs.args[0] == sp.Symbol(name) / sy.n**leading.power


@pytest.mark.parametrize("power_of_ten", [8, 12])
def test_what_is_left_shrinks_as_the_remainder_says(power_of_ten: int) -> None:
    point = {"n": 10**power_of_ten, "gamma": 0.5, "lam": 0.7, "nu": 0.6, "signal": 0.8, "tau": 1.5, "tau_T": 1.0}
    point |= {"tau_S": 0.5, "k": 2, "d": 5}
    whole = isotropic().substitute({"r": sy.d})
    leading = whole.leading_order("n", sp.oo)
    assert (leading.power, leading.remainder) == (0, 1 / sy.n)
    with mpmath.workdps(60):
        numbers = {symbol: sp.Rational(str(point[symbol.name])) for symbol in whole.arguments}
        left = sp.N((whole.closed_form - leading.closed_form).subs(numbers), 50) * point["n"]
        following = sp.N((whole.closed_form - leading.closed_form).subs(numbers | {sy.n: 10 * point["n"]}), 50)
    assert float(left) == pytest.approx(float(following * 10 * point["n"]), rel=1e-6)


@pytest.mark.filterwarnings("ignore::lingauss.errors.TiedSpectrumWarning")
@pytest.mark.parametrize("rank", [0, 3, 5])
def test_the_library_agrees_at_a_million_samples_to_the_proved_order(rank: int) -> None:
    n, d, gamma, penalty, noise, signal, k = 10**6, 5, 0.5, 0.7, 0.6, 0.8, 2
    problem = lg.Problem.from_spectrum([n * gamma] * d, [signal] * d, n_samples=n, label_noise=noise, outputs=k)
    case = lg.Distillation(problem, lg.Ridge(penalty), lg.Ridge(penalty, 0.5), lg.Principal(rank), temperature=1.5)
    found = isotropic().substitute({"r": rank, "d": d}).leading_order("n", sp.oo)
    values = {"gamma": gamma, "lam": penalty, "nu": noise, "signal": signal, "k": k, "n": n}
    values |= {"tau": 1.5, "tau_T": 1.0, "tau_S": 0.5}
    expected = found.lambdify()(**{symbol.name: values[symbol.name] for symbol in found.arguments})
    size = float(sp.Abs(found.remainder).subs(sy.n, n))
    exact = case.divergence().total
    assert abs(exact - expected) < 20 * size
    assert abs(exact - expected) < 1e-4 * exact


def test_leading_orders_print_with_the_order_of_the_remainder() -> None:
    found = isotropic().leading_order("n", sp.oo)
    assert found.latex().endswith(r"+ O\left(\log{\left(n \right)}\right)")
    assert r"\order{" in found.latex("paper", macros=True)


def test_powers_at_other_points_are_of_the_distance() -> None:
    found = sym.derivation("retained_spread").substitute(
        {"xi": 0, "lambda_S": sy.lambda_T, "sigma_S": sy.sigma_T, "tau_T": 1}
    )
    leading = found.leading_order("tau_S", 1)
    leading.verify()
    assert (leading.power, is_zero(leading.coefficient - sy.k / 4)) == (2, True)
    assert leading.remainder == (sy.tau_S - 1) ** 3


def test_formulas_without_an_expansion_and_unknown_symbols_are_refused() -> None:
    with pytest.raises(UnknownSymbolError, match="nu"):
        sym.derivation("retained_noise").leading_order("nuu", 0)
    with pytest.raises(DomainError, match="states several"):
        sym.derivation("spread_hessian").leading_order("tau", 0)
    with pytest.raises(DomainError, match="vanish"):
        first_two(sp.S.Zero, x)
    with pytest.raises(DomainError, match="expansion"):
        first_two(sp.sin(x), x)
