"""A number's explanation adds up to the number, direction by direction."""

import numpy as np
import pytest
from explained_numbers import numbers_of
from numpy.testing import assert_allclose

import lingauss as lg
from lingauss.errors import DomainError, MissingTruthError, UnknownNameError

RNG = np.random.default_rng(0)
X = RNG.standard_normal((40, 5)) * [3.0, 2.0, 1.0, 0.5, 0.2]
Y = X @ RNG.standard_normal((5, 2)) + 0.3 * RNG.standard_normal((40, 2))
SPECTRUM = lg.Problem.from_spectrum(
    [9.0, 4.0, 1.0, 0.1, 0.0], [1.0, 0.5, 0.2, 0.3, 0.1], n_samples=30, label_noise=0.7, outputs=3
)
OBSERVED = lg.Problem.from_data(X, Y)


@pytest.mark.parametrize("problem", [SPECTRUM, OBSERVED.plug_in()], ids=["spectrum", "plug-in with intercept"])
@pytest.mark.parametrize(
    "bottleneck", [None, lg.Principal(0), lg.Principal(2), lg.Best(3), lg.Selected([3, 0])], ids=repr
)
def test_explanations_add_up_to_the_numbers_of_the_library(problem, bottleneck):
    teacher, student = lg.Ridge(0.5, 0.8), lg.Ridge(1.5, 0.6, 0.4)
    case = lg.Distillation(problem, teacher, student, bottleneck, temperature=2.0, mixing=0.7, draws=3)
    for quantity, expected in numbers_of(case).items():
        found = case.explain(quantity)
        assert_allclose(found.value, expected, rtol=1e-13, err_msg=quantity)
        assert_allclose(found.by_direction["value"].sum() + found.intercept, expected, rtol=1e-12, err_msg=quantity)
        assert found.derivation.name == quantity


def test_each_direction_adds_what_by_direction_says():
    case = lg.Distillation(SPECTRUM, lg.Ridge(0.5), lg.Ridge(1.5), lg.Principal(2))
    table, costs = case.explain("divergence").by_direction, case.by_direction()
    expected = np.where(costs["kept"], costs["retained_cost"], costs["discarded_cost"])
    assert_allclose(table["value"], expected, rtol=1e-13)
    assert list(table["kept"]) == [True, True, False, False, False]


def test_an_explanation_reads_as_formula_numbers_and_sum():
    found = lg.Distillation(SPECTRUM, lg.Ridge(0.5), lg.Ridge(1.5), lg.Principal(2)).explain("rank_bottleneck")
    assert found.settings["lambda_T"] == 0.5
    assert "xi" not in found.settings  # the formula has none
    text = str(found)
    assert text.startswith("Rank-bottleneck cost: ")
    assert text.endswith("nats, the sum of the values")
    assert "<table" in found._repr_html_()


def test_a_hard_bottleneck_explains_its_infinite_cost():
    case = lg.Distillation(SPECTRUM, lg.Ridge(0.5), lg.Ridge(1.5), lg.Principal(2), floor=0.0)
    assert case.explain("divergence").value == case.divergence().total == np.inf


@pytest.mark.parametrize(
    ("change", "quantity", "error", "said"),
    [
        ({}, "divergenc", UnknownNameError, "divergence"),
        ({"student": lg.NoisyGradientDescent(5, 0.1)}, "divergence", DomainError, "Ridge as student"),
        ({"bottleneck": lg.Subspace(np.eye(5)[:, :2])}, "bias", DomainError, "general subspace"),
        ({"problem": OBSERVED}, "divergence", MissingTruthError, "plug_in"),
        ({"teacher": lg.Ridge(0.5, temperature=0.0), "mixing": 0.0}, "divergence", DomainError, "formula is defined"),
    ],
)
def test_what_has_no_formula_here_is_refused_with_the_reason(change, quantity, error, said):
    case = lg.Distillation(SPECTRUM, lg.Ridge(0.5), lg.Ridge(1.5), lg.Principal(2)).replace(**change)
    with pytest.raises(error, match=said):
        case.explain(quantity)
