"""The ledger of weights on average over drawn rows (docs/theory.md §10.8)."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

import lingauss as lg
from lingauss.equivalents import loops
from lingauss.errors import NotAveragedError, UndefinedFloorError
from lingauss.ledgers.ledger import CELLS


def design(d=40, n=60, rank=None, **settings):
    s = np.arange(1, d + 1.0) ** -0.9
    power = np.random.default_rng(d).random(d) * 3 / d
    problem = lg.Problem.from_population(s, power, n_samples=n, label_noise=0.6, outputs=2)
    case = lg.Distillation(
        problem,
        teacher=lg.Ridge(3.0, temperature=0.8),
        student=lg.Ridge(1.2, temperature=0.5),
        mixing=0.7,
        temperature=0.4,
        draws=2,
    )
    return case.replace(bottleneck=None if rank is None else lg.Principal(rank), **settings)


@pytest.mark.parametrize(("d", "n", "rank"), [(40, 60, None), (40, 60, 8), (60, 40, None), (60, 40, 15), (60, 40, 50), (60, 40, 0)])  # fmt: skip # noqa: E501
@pytest.mark.parametrize("mixing", [0.7, 0.0])
def test_every_cell_is_the_average_of_the_exact_ledger_over_drawn_rows(d, n, rank, mixing):
    case = design(d, n, rank, mixing=mixing)
    ledger, drawn = case.divergence(), case.average_over_inputs(24, seed=3)
    for name, value in zip(CELLS, ledger.cells.ravel(), strict=True):
        estimate = drawn[name]
        assert abs(value - estimate.value) <= max(0.03 * abs(estimate.value), 4 * estimate.standard_error, 1e-12)
    least = drawn["rank_irreducible"]
    assert abs(ledger.rank_irreducible - least.value) <= max(0.02 * least.value, 4 * least.standard_error, 1e-12)


def test_more_rows_approach_rows_that_are_given():
    case = design(20, 10**5)
    population = case.problem
    s, power = population.test_covariance.variances, population.truth.spread.variances
    given = lg.Problem.from_spectrum(s * 10**5, power, n_samples=10**5, label_noise=0.6, outputs=2)
    assert_allclose(case.divergence().cells, case.replace(problem=given).divergence().cells, rtol=2e-3, atol=3e-8)


def test_equal_learners_of_noiseless_true_labels_cost_nothing_but_the_spread_of_soft_ones():
    same = design(teacher=lg.Ridge(2.0), student=lg.Ridge(2.0), mixing=0.0)
    assert_allclose(same.divergence().cells, 0.0, atol=1e-9)


def test_more_nodes_change_nothing(monkeypatch):
    for case in (design(60, 40), design(60, 40, 15), design(40, 60, 8, teacher_penalty=1e-4, student_penalty=1e-5)):
        coarse = case.divergence().cells
        with monkeypatch.context() as patch:
            patch.setattr(loops, "NODES", (160, 60, 60))
            assert_allclose(case.divergence().cells, coarse, rtol=1e-6, atol=1e-9)


def test_a_sweep_holds_what_each_design_says():
    axes = {"student_rank": [2, 40], "temperature": [0.1, 2.0], "n_samples": [30, 60]}
    names = ("divergence", "bias", "discarded_spread", "rank_irreducible", "student_excess_risk")
    found = design(rank=5).sweep(quantities=names, **axes)
    for index in np.ndindex(2, 2, 2):
        here = design(rank=5).replace(**{name: axes[name][i] for name, i in zip(axes, index, strict=True)})
        ledger = here.divergence()
        values = [ledger.total, ledger.bias, ledger.cells[1, 2], ledger.rank_irreducible, here.excess_risk().student]
        assert_allclose([found[name].values[index] for name in names], values, rtol=1e-10, atol=1e-12)
    assert found.attrs["results"] == "averaged over inputs"


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"bottleneck": lg.Selected([0, 1])}, "other views than Principal"),
        ({"transfer": lg.FreshInputs(20)}, "FreshInputs"),
        ({"teacher_bottleneck": lg.Selected([0, 1])}, "other views"),
        ({"student": lg.GradientFlow(1.0)}, "GradientFlow as student"),
        ({"teacher_temperature": 0.0}, "teacher without penalty or temperature"),
        ({"student_penalty": 0.0}, "student without penalty"),
        ({"bottleneck": lg.Principal(3), "floor": 0.0}, "hard bottleneck"),
    ],
)
def test_a_divergence_without_closed_form_is_refused_by_name(settings, told):
    with pytest.raises((NotAveragedError, UndefinedFloorError), match=told):
        design().replace(**settings).divergence()
