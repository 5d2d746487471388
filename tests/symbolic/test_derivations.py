"""Every statement follows from its derivation, and no wrong version of it does."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sympy as sp
from mutants import mutants_of

from lingauss.errors import NotProvedError, UnknownNameError
from lingauss.symbolic import derivation, derivations, names, subjects, verify_all
from lingauss.symbolic.normal_form import is_zero

MUST_BE_COVERED = {
    "kl_univariate",
    "student_gain",
    "student_variance",
    "retained_bias",
    "retained_noise",
    "retained_spread",
    "discarded_bias",
    "discarded_noise",
    "discarded_spread",
    "kappa_identity",
    "variance_ratio_polynomial",
    "chain_rule_2d",
    "chain_rule_3d_rank_1",
    "rank_cost_minimal",
    "precision_block_3d_rank_2",
    "temperature_star",
    "floor_star",
    "keep_direction_threshold",
    "matching_law",
    "lossless_family",
    "large_n_retained_bias",
    "smoother_gap",
    "gap_conditional_variance",
    "universal_bound",
    "universal_bound_equality",
    "cumulant_factor",
    "self_distillation_mixing",
    "self_distillation_slope",
    "self_distillation_gain",
    "infinite_self_distillation",
    "langevin_stationary_variance",
    "langevin_ridge_limit",
    "renyi_to_kl",
    "label_convexity_gap",
    "noise_scaling_retained",
    "effective_penalty",
    "unseen_teacher_loss",
    "student_memory",
    "unseen_student_loss",
    "unseen_mixing_slope",
    "fresh_excess_risk",
    "redrawn_labels_share",
}


def test_all_statements_verify_well_below_two_minutes() -> None:
    results = verify_all()
    assert [result.name for result in results] == list(names())
    assert [(result.name, result.message) for result in results if not result.passed] == []
    assert sum(result.seconds for result in results) < 120


@pytest.mark.parametrize("name", names())
def test_no_wrong_version_of_a_statement_verifies(name: str) -> None:
    wrong_versions = list(mutants_of(derivation(name)))
    assert wrong_versions
    for wrong in wrong_versions:
        with pytest.raises(NotProvedError, match=name):
            wrong.verify()


def test_every_subject_asked_for_is_covered() -> None:
    assert set(names()) >= MUST_BE_COVERED


def test_derivations_carry_route_source_and_readable_latex() -> None:
    for found in derivations():
        assert found.name.isidentifier()
        assert len(found.steps) >= 2
        assert all(step.reason for step in found.steps)
        assert found.source.text
        assert found.latex()
        assert found._repr_latex_().startswith("$\\displaystyle ")
        assert (
            found.derived != found.closed_form or not found.closed_form.args or len(found.closed_form.free_symbols) < 8
        )


def test_names_are_unique_and_grouped_by_subject() -> None:
    assert len(set(names())) == len(names())
    assert tuple(name for group in subjects().values() for name in group) == names()


def test_a_derivation_is_built_once() -> None:
    assert derivation("kl_univariate") is derivation("kl_univariate")


def test_unknown_name_lists_the_closest() -> None:
    with pytest.raises(UnknownNameError, match="retained_bias"):
        derivation("retaind_bias")
    with pytest.raises(UnknownNameError, match="names"):
        derivation("zzzz")
    with pytest.raises(UnknownNameError):
        verify_all(["retaind_bias"])


def test_failed_proof_says_what_was_derived_and_what_was_stated() -> None:
    found = derivation("learner_mean")
    wrong = replace(found, statement=sp.Eq(found.statement.lhs, -found.statement.rhs))
    with pytest.raises(NotProvedError, match=r"learner_mean.*-t/\(lam \+ s\).*got t/\(lam \+ s\)"):
        wrong.verify()


@pytest.mark.parametrize(
    ("expression", "zero"),
    [
        ("log(x*y) - log(x) - log(y)", True),
        ("log(x**2 - y**2) - log(x - y) - log(x + y)", True),
        ("log(x - y) - log(y - x)", False),
        ("log(12) - 2*log(2) - log(3)", True),
        ("sqrt(x*y)*sqrt(x/y) - x", True),
        ("sqrt(2*x + 2*y) - sqrt(2)*sqrt(x + y)", True),
        ("(x + sqrt(x**2 + y))*(sqrt(x**2 + y) - x) - y", True),
        ("exp(-2*x)*exp(x)**2 - 1", True),
        ("1/x - 1/y", False),
        ("log(1 + x) - x", False),
    ],
)
def test_normal_form_decides_identities(expression: str, zero: bool) -> None:
    x, y = sp.symbols("x y", positive=True)
    assert is_zero(sp.sympify(expression, locals={"x": x, "y": y})) is zero
