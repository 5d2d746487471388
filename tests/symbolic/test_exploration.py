"""Special cases, limits, sensitivities and thresholds follow from the derivations and keep their assumptions."""

from __future__ import annotations

import inspect

import pytest
import sympy as sp

from lingauss.errors import AssumptionError, DomainError, UnknownSymbolError
from lingauss.symbolic import ISOTROPIC, LARGE_SAMPLE, NO_PENALTY, NO_TEMPERATURE, Derivation, derivation
from lingauss.symbolic import symbols as sy
from lingauss.symbolic.normal_form import is_zero
from lingauss.symbolic.reading import exact
from lingauss.symbolic.specialisations import Specialisation


def _states(found: Derivation, expected: sp.Expr) -> bool:
    found.verify()
    return is_zero(found.closed_form - expected)


def test_isotropic_floor_is_the_common_variance() -> None:
    assert _states(derivation("floor_star").specialise(ISOTROPIC), sy.v)


def test_isotropic_teacher_gap_counts_directions() -> None:
    found = derivation("gap_teacher").specialise(ISOTROPIC)
    assert _states(found, 2 * sy.nu**2 * sy.k * sy.d * sy.s / (sy.n * (sy.s + sy.lambda_T)))


def test_isotropic_chain_rule_has_independent_coordinates() -> None:
    found = derivation("chain_rule_3d_rank_1").specialise(ISOTROPIC)
    S, T = sy.positive("S"), sy.positive("T")
    squares = sp.Add(*(shift**2 for shift in sy.shift(3)))
    assert _states(found, squares / (2 * T) + 3 * (S / T - 1 - sp.log(S / T)) / 2)


def test_bias_vanishes_and_discarded_noise_settles_in_large_samples() -> None:
    assert _states(derivation("retained_bias").specialise(LARGE_SAMPLE), sp.S.Zero)
    limit = derivation("discarded_noise").specialise(LARGE_SAMPLE)
    assert _states(limit, sy.k * sy.nu**2 / (2 * sy.scale_T))


def test_large_sample_limit_of_the_cost_is_the_derived_leading_order() -> None:
    found = derivation("retained_cost").specialise(LARGE_SAMPLE)
    assert _states(found, derivation("large_n_retained_spread").closed_form)


def test_rank_cost_diverges_in_large_samples() -> None:
    found = derivation("discarded_cost").specialise(LARGE_SAMPLE)
    found.verify()
    assert found.closed_form == sp.oo


def test_large_samples_act_on_every_direction_of_a_sum() -> None:
    found = derivation("gap_teacher").specialise(LARGE_SAMPLE)
    found.verify()
    assert found.closed_form == 0


def test_without_penalty_the_student_is_least_squares() -> None:
    assert _states(derivation("student_gain").specialise(NO_PENALTY), 1 / sy.s)


def test_noiseless_soft_labels_leave_the_teachers_spread() -> None:
    found = derivation("student_variance").specialise(NO_TEMPERATURE)
    taught = sy.xi**2 * sy.s**2 * sy.scale_T / (sy.draws * (sy.s + sy.lambda_S) ** 2 * (sy.s + sy.lambda_T))
    assert _states(found, sy.scale_S / (sy.s + sy.lambda_S) + taught)


def test_langevin_with_small_steps_is_the_gibbs_variance() -> None:
    found = derivation("langevin_stationary_variance").limit("h", 0)
    assert _states(found, sy.positive("tau_w") * sy.positive("sigma") ** 2 / sy.positive("a"))
    assert all("stationary" not in assumption.meaning for assumption in found.assumptions)


def test_sensitivity_to_the_floor_vanishes_at_the_teachers_variance() -> None:
    slope = derivation("discarded_cost").differentiate("floor")
    slope.verify()
    (best,) = slope.solve_for("floor")
    assert _states(best, sy.scale_T / (sy.s + sy.lambda_T))


def test_threshold_between_two_costs_is_the_derived_one() -> None:
    (found,) = derivation("retained_cost").solve_for("signal", derivation("discarded_cost").closed_form)
    assert is_zero(found.closed_form - derivation("keep_direction_threshold").closed_form)
    assert found.assumptions  # the threshold has to stay nonnegative


def test_bias_vanishes_at_the_bias_free_mixing() -> None:
    (found,) = derivation("retained_bias").solve_for(sy.xi)
    assert _states(found, derivation("bias_free_mixing").closed_form)


def test_substitution_is_exact_and_can_rename() -> None:
    found = derivation("learner_mean").substitute({"lam": 0.1})
    assert _states(found, sy.t / (sy.s + sp.Rational(1, 10)))
    same = derivation("student_gain").substitute({"lambda_S": sy.lambda_T, "xi": 1})
    assert _states(same, sy.s / (sy.s + sy.lambda_T) ** 2)
    assert same.lambdify()(2.0, 2.0) == 0.125


def test_explored_formulas_print_and_compile_like_any_other() -> None:
    found = derivation("discarded_cost").differentiate("floor")
    names = list(inspect.signature(found.lambdify()).parameters)
    assert f"function discarded_cost({', '.join(names)})" in found.to_javascript()
    cost, step = derivation("discarded_cost").lambdify(), 1e-5
    at = dict.fromkeys(inspect.signature(cost).parameters, 1.3)
    up, down = (cost(**at | {"floor": 0.7 + way}) for way in (step, -step))
    here = {name: (at | {"floor": 0.7})[name] for name in names}
    slope = found.lambdify()(**here)
    assert slope == pytest.approx((up - down) / (2 * step), rel=1e-6)
    script = {}
    exec(found.to_python(), script)  # noqa: S102
    assert script["discarded_cost"](**here) == pytest.approx(slope, rel=1e-13)
    assert len(found.steps) == len(derivation("discarded_cost").steps) + 1


def test_undecided_sign_is_kept_as_an_assumption() -> None:
    found = derivation("learner_mean").substitute({"lam": sp.Symbol("x", real=True) - 1})
    assert [str(assumption.relation) for assumption in found.assumptions] == ["x - 1 > 0"]
    with pytest.raises(AssumptionError, match="lam stays positive"):
        found.substitute({"x": sp.Rational(1, 2)})


@pytest.mark.parametrize(
    ("name", "values", "said"),
    [
        ("learner_mean", {"lam": 0}, "lam positive"),
        ("learner_mean", {"lam": -1.5}, "lam positive"),
        ("student_variance", {"tau": -1}, "tau nonnegative"),
        ("learner_mean", {"t": sp.I}, "t real"),
        ("gap_teacher", {"d": sp.Rational(5, 2)}, "d positive integer"),
        ("learner_mean", {"lam": sp.nan}, "lam positive"),
        ("learner_mean", {"lam": sp.oo}, "lam positive"),
        ("lossless_family", {"xi": 2}, "proper mixing"),
        ("langevin_stationary_variance", {"h": 4, "a": 1}, "small enough for a stationary law"),
        ("temperature_star", {"xi": 0}, "sees soft labels"),
        ("renyi_univariate", {"alpha": 1}, "order other than 1"),
        ("chain_rule_2d", {"T_12": 3, "T_11": 1, "T_22": 1}, "positive definite"),
    ],
)
def test_substitution_that_breaks_an_assumption_says_which(name: str, values: dict[str, object], said: str) -> None:
    with pytest.raises(AssumptionError, match=said):
        derivation(name).substitute(values)


def test_singular_value_points_to_the_limit() -> None:
    with pytest.raises(AssumptionError, match="limit"):
        derivation("langevin_variance").substitute({"h": 2, "a": 1})


@pytest.mark.parametrize("key", ["lamda", sp.Symbol("lam"), sy.nu])
def test_wrong_symbol_lists_those_there_are(key: sp.Symbol | str) -> None:
    found = derivation("learner_mean")
    for call in (found.differentiate, found.solve_for, lambda symbol: found.limit(symbol, 0)):
        with pytest.raises(UnknownSymbolError, match="one of lam, s, t"):
            call(key)
    with pytest.raises(UnknownSymbolError):
        found.substitute({key: 1})


def test_specialisation_that_does_not_apply_is_an_error() -> None:
    with pytest.raises(UnknownSymbolError, match="kl_univariate"):
        derivation("kl_univariate").specialise(LARGE_SAMPLE)


def test_array_over_directions_is_not_a_scalar() -> None:
    with pytest.raises(DomainError, match="array over directions"):
        derivation("gap_teacher").substitute({"spectrum": 2})


def test_equation_without_a_solution_in_closed_form_is_an_error() -> None:
    with pytest.raises(DomainError, match="closed form"):
        derivation("retained_cost").solve_for("tau_S", 1)
    with pytest.raises(DomainError, match="closed form"):
        derivation("learner_variance").solve_for("lam", -1)


def test_best_mixing_of_self_distillation_grows_beyond_bounds_without_penalty() -> None:
    found = derivation("self_distillation_mixing").specialise(NO_PENALTY)
    found.verify()
    assert found.closed_form == sp.oo


def test_limit_that_does_not_exist_is_an_error_that_names_the_leading_order() -> None:
    with pytest.raises(DomainError, match=r"limit that exists.*leading_order"):
        derivation("divergence").specialise(LARGE_SAMPLE)


# Text is looked up, never evaluated

RUNS_CODE = "__import__('pathlib').Path({!r}).write_text('run')"


@pytest.mark.parametrize(
    "call",
    [
        lambda text: derivation("learner_mean").substitute({"lam": text}),
        lambda text: derivation("learner_mean").limit("lam", text),
        lambda text: derivation("discarded_cost").solve_for("signal", text),
        lambda text: derivation("learner_mean").specialise(Specialisation("special", values=((sy.lam, text),))),
        lambda text: derivation("learner_mean").specialise(Specialisation("special", limits=((sy.lam, text),))),
        lambda text: derivation("gap_teacher").specialise(
            Specialisation("special", per_direction=((sy.spectrum, text),))
        ),
    ],
    ids=["substitute", "limit", "solve_for", "values", "limits", "per_direction"],
)
def test_text_never_runs(call, tmp_path) -> None:
    trace = tmp_path / "trace"
    with pytest.raises(UnknownSymbolError, match=r"name of a symbol or a number.*not evaluated"):
        call(RUNS_CODE.format(str(trace)))
    assert not trace.exists()


def test_objects_are_not_read_by_what_they_print(tmp_path) -> None:
    trace = tmp_path / "trace"

    class Printed:
        def __str__(self) -> str:
            return RUNS_CODE.format(str(trace))

        __repr__ = __str__

    for value in (Printed(), [1, 2], {"s": 1}, None, True, b"s", sp.eye(2), sp.Function("f")(sy.s)):
        with pytest.raises(DomainError, match="a number, a symbol's name, or an expression"):
            derivation("learner_mean").substitute({"lam": value})
    assert not trace.exists()


def test_a_name_stands_for_the_symbol_that_the_formulas_use() -> None:
    found = derivation("student_gain").substitute({"lambda_S": "lambda_T", "xi": "1"})
    same = derivation("student_gain").substitute({"lambda_S": sy.lambda_T, "xi": 1})
    assert found.closed_form == same.closed_form
    assert found.arguments == (sy.lambda_T, sy.s)
    found.verify()
    assert found.lambdify()(lambda_T=1.0, s=1.0) == pytest.approx(0.25)
    own = derivation("langevin_stationary_variance")  # a and h are symbols of this formula alone
    assert own.substitute({"h": "a"}).arguments[0] in own.arguments


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("2", sp.Integer(2)),
        ("0.1", sp.Rational(1, 10)),
        (" 1/10 ", sp.Rational(1, 10)),
        ("1e-3", sp.Rational(1, 1000)),
        ("oo", sp.oo),
        ("-inf", -sp.oo),
    ],
)
def test_numbers_may_be_text(text: str, number: sp.Expr) -> None:
    assert exact(text) == number


@pytest.mark.parametrize("text", ["", "1/0", "1e9999", "nan", "s + 1", "2 s", "lambda_T.free_symbols", "1_0", "²"])
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(UnknownSymbolError, match="not evaluated"):
        exact(text)


def test_a_second_symbol_of_a_name_is_refused() -> None:
    """It would verify, print as λ_T − λ_T, and not compile."""
    with pytest.raises(DomainError, match=r"two named 'lambda_T'.*as text"):
        derivation("student_gain").substitute({"lambda_S": sp.Symbol("lambda_T")})


@pytest.mark.parametrize("name", ["x; import os", "lambda", "1x", "f(x)"])
def test_names_that_code_could_not_carry_are_refused(name: str) -> None:
    with pytest.raises(DomainError, match="identifiers"):
        derivation("learner_mean").substitute({"lam": sp.Symbol(name, positive=True)})
