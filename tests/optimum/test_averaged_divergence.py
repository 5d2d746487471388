"""The divergence averaged over drawn inputs is convex in the spreads, and its least is found (docs/theory.md §10.8)."""

import dataclasses

import numpy as np
import pytest
from numpy.testing import assert_allclose

import lingauss as lg
from lingauss.errors import DomainError, NotAveragedError
from lingauss.ledgers.equivalents import averaged_ledger

SPREADS = ("temperature", "student_temperature", "floor")


def design(d=40, n=60, rank=None, **settings):
    s = np.arange(1, d + 1.0) ** -0.9
    power = np.random.default_rng(d).random(d) * 3 / d
    problem = lg.Problem.from_population(s, power, n_samples=n, label_noise=0.6, outputs=2)
    teacher, student = lg.Ridge(3.0, temperature=0.8), lg.Ridge(1.2, temperature=0.5)
    case = lg.Distillation(problem, teacher, student, mixing=0.7, temperature=0.4, draws=2)
    return case.replace(bottleneck=None if rank is None else lg.Principal(rank), **settings)


SIGHTS = {"all": (40, 60, None), "fewer rows": (60, 40, None), "some": (40, 60, 8), "all that vary": (60, 40, 50), "none": (40, 60, 0)}  # fmt: skip # noqa: E501


@pytest.fixture(params=SIGHTS.values(), ids=list(SIGHTS))
def case(request):
    return design(*request.param)


def test_no_spreads_nearby_or_far_do_better(case):
    best = case.optimize(over=SPREADS)
    assert best.certificate.kkt_residual < 1e-10
    assert "deterministic equivalent" in best.certificate.claim
    assert best.value == pytest.approx(best.design.divergence().total, rel=1e-10)
    known = {name: value for name, value in best.settings.items() if name not in best.certificate.flat}
    for factor in (0.5, 0.98, 1.02, 2.0):
        for name, value in known.items():
            assert best.design.replace(**{name: value * factor}).divergence().total >= best.value - 1e-9
    assert best.value <= case.divergence().total


def test_derivatives_are_those_of_the_costs_of_spreads(case):
    ledger = averaged_ledger(case, case.rank)
    first, second = ledger.spread_derivatives()
    names = ("student_dispersion", "label_variance", "floor")
    for i, name in enumerate(names):
        value, ends = getattr(ledger.pair, name), []
        for sign in (-1.0, 1.0):
            pair = ledger.pair._replace(**{name: value * (1.0 + sign * 1e-4)})
            ends.append(dataclasses.replace(ledger, pair=pair))
        low, high = (end.spread() for end in ends)
        assert_allclose(first[i] * value, (high - low) / 2e-4, rtol=1e-5, atol=1e-6)
        low, high = (end.spread_derivatives()[0] for end in ends)
        assert_allclose(second[i] * value, (high - low) / 2e-4, rtol=1e-5, atol=1e-5)
    trace = ledger.spread_rates()
    assert np.all(trace >= 0.0)


def test_the_best_floor_is_the_one_whose_cost_is_irreducible():
    case = design(rank=8)
    best = case.optimize(over=["floor"])
    ledger = best.design.divergence()
    assert_allclose(ledger.rank_bottleneck, ledger.rank_irreducible, rtol=1e-9)


def test_the_optimum_is_the_least_average_over_drawn_rows():
    best = design(30, 50, 6).optimize(over=SPREADS)
    drawn = best.design.average_over_inputs(12, seed=1)["divergence"]
    assert abs(drawn.value - best.value) <= max(0.03 * best.value, 4 * drawn.standard_error)
    for name in SPREADS:
        for factor in (0.5, 2.0):  # the same rows, so that differences are exact given them
            moved = best.design.replace(**{name: best.settings[name] * factor})
            assert moved.average_over_inputs(12, seed=1)["divergence"].value > drawn.value


@pytest.mark.parametrize("sight", [(30, 60, None), (40, 60, 8), (60, 40, 15)])
def test_students_without_temperature_are_averaged_where_soft_labels_spread_them(sight):
    case = design(*sight, student_temperature=0.0, floor=0.1)
    estimate = case.average_over_inputs(24, seed=3)["divergence"]
    assert abs(case.divergence().total - estimate.value) <= max(0.03 * estimate.value, 4 * estimate.standard_error)
    near = case.replace(student_temperature=1e-7).divergence().total
    assert_allclose(case.divergence().total, near, rtol=1e-4)


def test_soft_labels_that_spread_too_much_leave_the_student_no_temperature_of_its_own():
    case = design(30, 90, mixing=1.6, temperature=3.0, draws=1)
    best = case.optimize(over=["student_temperature"])
    assert best.settings["student_temperature"] == 0.0
    assert "student_temperature = 0" in best.certificate.active
    assert best.value < case.replace(student_temperature=1e-3).divergence().total


def test_the_best_mixing_is_the_least_of_a_grid():
    case = design(12, 30, 4)
    best = case.optimize(over=["mixing", "temperature", "floor"])
    assert "refined grid" in best.certificate.claim
    for mixing in np.linspace(-1.0, 2.0, 13):
        assert case.replace(mixing=mixing).optimize(over=["temperature", "floor"]).value >= best.value - 1e-9


def test_ranks_are_optimised_one_by_one_and_a_tolerance_takes_the_smallest():
    case = design(12, 9, 4)
    best = case.optimize(over=["student_rank", "student_temperature", "floor"])
    assert best.ranks.tolist() == list(range(13))
    each = [case.replace(student_rank=r).optimize(over=["student_temperature", "floor"]).value for r in range(13)]
    assert_allclose(best.values, each, rtol=1e-9, atol=1e-9)
    smaller = case.optimize(over=["student_rank", "student_temperature", "floor"], tolerance="50%")
    assert smaller.value <= 1.5 * best.value
    assert smaller.settings["student_rank"] <= best.settings["student_rank"]
    alone = case.optimize(over=["student_rank"])
    assert_allclose(alone.value, min(case.replace(student_rank=r).divergence().total for r in range(13)), rtol=1e-9)


def test_penalties_are_optimised_too():
    case = design(12, 30, 4)
    best = case.optimize(over=["student_penalty", "floor"])
    for factor in (0.5, 0.9, 1.1, 2.0):
        penalty = best.settings["student_penalty"] * factor
        assert case.replace(student_penalty=penalty).optimize(over=["floor"]).value >= best.value


@pytest.mark.parametrize(
    ("settings", "objective", "told"),
    [
        ({}, "prediction_divergence", "average_over_inputs"),
        ({}, "process", "average_over_inputs"),
        ({"bottleneck": lg.Selected([0, 1])}, "divergence", "other views than Principal.*average_over_inputs"),
        ({"transfer": lg.FreshInputs(20)}, "divergence", "FreshInputs.*average_over_inputs"),
        ({"student": lg.GradientFlow(1.0)}, "divergence", "GradientFlow as student.*average_over_inputs"),
        ({"teacher_temperature": 0.0}, "divergence", "teacher without penalty or temperature"),
    ],
)
def test_optima_without_closed_form_are_refused_by_name(settings, objective, told):
    with pytest.raises(NotAveragedError, match=told):
        design(mixing=1.0, draws=1).replace(**settings).optimize(over=["temperature"], objective=objective)


def test_a_student_that_nothing_spreads_is_infinitely_far_at_any_temperature():
    for case in (design(60, 40, student_temperature=0.0), design(rank=8, floor=0.0)):
        with pytest.raises(DomainError, match="some spread in every direction"):
            case.optimize(over=["temperature"])
        with pytest.raises(NotAveragedError, match=r"\+inf"):
            case.divergence()
