"""Rank costs of students of fixed views on average over drawn rows (docs/theory.md §10.8)."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

import lingauss as lg
from lingauss.errors import NotAveragedError

D = 30
S = np.arange(1, D + 1.0) ** -0.9
POWER = np.random.default_rng(1).random(D) / 10
PIECES = ("discarded_mean", "discarded_noise", "discarded_spread", "rank_bottleneck", "rank_irreducible")
BASIS = np.linalg.qr(np.random.default_rng(3).normal(size=(D, 9)))[0]


def design(n, bottleneck, **settings):
    problem = lg.Problem.from_population(S, POWER, n_samples=n, label_noise=0.6, outputs=2)
    teacher, student = lg.Ridge(3.0, temperature=0.8), lg.Ridge(1.2, temperature=0.5)
    case = lg.Distillation(problem, teacher, student, bottleneck, mixing=0.7, temperature=0.4, draws=2)
    return case.replace(**settings)


def pieces(case):
    found = case.sweep(n_samples=[case.problem.n_samples], quantities=PIECES)
    return {name: found[name].item() for name in PIECES}


@pytest.mark.parametrize("n", [20, 60])
@pytest.mark.parametrize(
    "view", [lg.Selected([0, 1, 4, 9, 20]), lg.Subspace(BASIS), lg.Selected([])], ids=["Selected", "Subspace", "none"]
)
def test_every_rank_cost_is_the_average_of_the_exact_one_over_drawn_rows(n, view):
    case = design(n, view)
    drawn = case.average_over_inputs(40, seed=5)
    for name, value in pieces(case).items():
        estimate = drawn[name]
        assert abs(value - estimate.value) <= max(0.03 * abs(estimate.value), 4 * estimate.standard_error), name


def test_directions_are_a_subspace_and_any_basis_of_it_will_do():
    directions = [0, 3, 7]
    turned = np.eye(D)[:, directions] @ np.linalg.qr(np.random.default_rng(0).normal(size=(3, 3)))[0]
    ours, theirs = pieces(design(60, lg.Selected(directions))), pieces(design(60, lg.Subspace(turned)))
    assert_allclose(list(ours.values()), list(theirs.values()), rtol=1e-10)


def test_a_student_that_sees_everything_discards_nothing_and_one_that_sees_nothing_everything():
    assert_allclose(list(pieces(design(60, lg.Selected(range(D)))).values()), 0.0, atol=1e-9)
    nothing, principal = design(60, lg.Selected([])), design(60, lg.Principal(0))
    assert_allclose(list(pieces(nothing).values()), list(pieces(principal).values()), rtol=1e-6)


def test_a_sweep_holds_what_each_design_says_and_costs_do_not_depend_on_what_is_learned():
    case = design(60, lg.Selected(range(12)))
    found = case.sweep(quantities=PIECES, student_rank=[0, 5, 12], floor=[0.05, 0.5])
    for i, rank in enumerate([0, 5, 12]):
        for j, floor in enumerate([0.05, 0.5]):
            here = pieces(case.replace(student_rank=rank, floor=floor))
            assert_allclose([found[name].values[i, j] for name in PIECES], list(here.values()), rtol=1e-12)
    assert np.all(found["rank_bottleneck"] >= found["rank_irreducible"])
    fresh = case.replace(transfer=lg.FreshInputs(25), mixing=1.0)
    assert pieces(fresh) == pieces(case)


def test_a_hard_bottleneck_costs_infinitely_much_but_not_at_its_best_floor():
    found = pieces(design(60, lg.Selected([0, 1]), floor=0.0))
    assert found["rank_bottleneck"] == found["discarded_spread"] == np.inf
    assert found["rank_irreducible"] == pieces(design(60, lg.Selected([0, 1])))["rank_irreducible"]


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        ({}, ["rank_irreducible", "retained_spread"]),
        ({"teacher_bottleneck": lg.Selected([0, 1])}, ["rank_irreducible"]),
        ({"teacher_temperature": 0.0}, ["rank_irreducible"]),
        ({"teacher": lg.GradientFlow(1.0)}, ["rank_irreducible"]),
    ],
)
def test_rank_costs_without_closed_form_are_refused_by_name(settings, names):
    with pytest.raises(NotAveragedError, match="average_over_inputs"):
        design(60, lg.Selected([0, 1]), **settings).sweep(mixing=[1.0], quantities=names)
