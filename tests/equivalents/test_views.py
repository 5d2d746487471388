"""Teacher and student that see different features of the same drawn rows (docs/theory.md §10.3)."""

import numpy as np
import pytest
from equivalents.monte_carlo import Setting, average
from numpy.testing import assert_allclose

import lingauss as lg
from lingauss.errors import DomainError, ShapeError

D, N = 40, 100
S = np.arange(1, D + 1.0) ** -0.9
POWER = np.random.default_rng(0).random(D) / 10
PROBLEM = lg.Problem.from_population(S, POWER, n_samples=N, label_noise=0.6, outputs=2)
CASE = lg.Distillation(
    PROBLEM,
    teacher=lg.Ridge(3.0, temperature=0.5),
    student=lg.Ridge(1.5, temperature=0.3),
    teacher_bottleneck=lg.Selected(range(15)),
    bottleneck=lg.Selected(range(5, 40)),
    mixing=0.8,
    temperature=0.4,
    draws=2,
)


def numbers_of(case):
    gaps, risks = case.gaps(), case.excess_risk()
    return np.array([gaps.teacher, gaps.student, risks.teacher, risks.student])


def orthonormal(seed, rank):
    return np.linalg.qr(np.random.default_rng(seed).normal(size=(D, rank)))[0]


VIEWS = {
    "weak teacher": (lg.Selected(range(15)), None),
    "strong student": (lg.Selected(range(0, 40, 2)), lg.Selected(range(30))),
    "crossed": (lg.Selected(range(20)), lg.Selected(range(10, 40))),
    "subspaces": (lg.Subspace(orthonormal(1, 15)), lg.Subspace(orthonormal(2, 25))),
    "subspace behind everything": (None, lg.Subspace(orthonormal(3, 12))),
    "everything behind a subspace": (lg.Subspace(orthonormal(4, 12)), None),
}


@pytest.mark.parametrize("views", VIEWS.values(), ids=VIEWS)
@pytest.mark.parametrize("penalties", [(3.0, 1.5), (0.0, 2.0), (5.0, 0.0)])
def test_views_that_differ_are_those_of_drawn_inputs(views, penalties):
    teacher, student = (lg.Ridge(penalty, temperature=0.5 * (penalty > 0)) for penalty in penalties)
    case = CASE.replace(teacher=teacher, student=student, teacher_bottleneck=views[0], bottleneck=views[1])
    bases = [
        np.eye(D) if view is None else view.basis if isinstance(view, lg.Subspace) else np.eye(D)[:, view.directions]
        for view in views
    ]
    cold = teacher.temperature, student.temperature
    plain = Setting(S, POWER, N, 0.6, 2, *penalties, *cold, 0.4, 0.8, 2, *bases)
    mean, error = average(plain, "gauss", 100, 5)
    losses = mean[2:] + 2 * 0.6**2
    scale = np.concatenate([losses, mean[2:]])
    assert np.all(np.abs(numbers_of(case) - mean) <= np.maximum(0.03 * scale, 4 * error))


def test_a_subspace_of_directions_is_a_selection():
    def subspace(selected):
        return lg.Subspace(np.eye(D)[:, selected.directions])

    same = CASE.replace(bottleneck=subspace(CASE.bottleneck), teacher_bottleneck=subspace(CASE.teacher_bottleneck))
    assert_allclose(numbers_of(same), numbers_of(CASE), rtol=1e-12)
    one = CASE.replace(bottleneck=subspace(CASE.bottleneck))
    assert_allclose(numbers_of(one), numbers_of(CASE), rtol=1e-12)


def test_a_view_of_all_directions_is_none():
    whole = CASE.replace(bottleneck=None, teacher_bottleneck=None)
    for view in (lg.Selected(range(D)), lg.Subspace(orthonormal(5, D))):
        seen = CASE.replace(bottleneck=view, teacher_bottleneck=view)
        assert_allclose(numbers_of(seen), numbers_of(whole), rtol=1e-11)


def test_turning_coordinates_changes_nothing_but_the_basis():
    order = np.random.default_rng(6).permutation(D)
    turned = lg.Problem.from_population(S[order], POWER[order], n_samples=N, label_noise=0.6, outputs=2)
    basis = orthonormal(7, 9)
    ours = CASE.replace(bottleneck=lg.Subspace(basis))
    theirs = ours.replace(problem=turned, bottleneck=lg.Subspace(basis[order]))
    assert_allclose(numbers_of(theirs), numbers_of(ours), rtol=1e-12)


@pytest.mark.parametrize("kind", ["selected", "subspace"])
def test_a_sweep_over_both_ranks_holds_what_each_design_says(kind):
    views = {"teacher_bottleneck": lg.Selected(range(15)), "bottleneck": lg.Selected(range(5, 40))}
    if kind == "subspace":
        views = {"teacher_bottleneck": lg.Subspace(orthonormal(1, 15)), "bottleneck": lg.Subspace(orthonormal(2, 25))}
    case = CASE.replace(**views)
    quantities = ("teacher_gap", "student_gap", "teacher_excess_risk", "student_excess_risk")
    axes = {"teacher_rank": [15, 3, 0], "student_penalty": [0.3, 1.5], "student_rank": [2, 20]}
    found = case.sweep(quantities=quantities, **axes)
    for index in np.ndindex(3, 2, 2):
        here = {name: axes[name][i] for name, i in zip(axes, index, strict=True)}
        values = [found[name].values[index] for name in quantities]
        assert_allclose(values, numbers_of(case.replace(**here)), rtol=1e-12, atol=1e-15)


def test_what_a_teacher_never_saw_its_students_cannot_recover_without_true_labels():
    problem = lg.Problem.from_population([1.0, 1.0], [1.0, 0.0], n_samples=2000, label_noise=0.1)
    case = lg.Distillation(
        problem, teacher=lg.Ridge(1.0), student=lg.Ridge(1.0), teacher_bottleneck=lg.Selected([1]), mixing=1.0
    )
    assert case.excess_risk().student == pytest.approx(1.0, rel=0.02)
    assert case.replace(mixing=0.0).excess_risk().student < 0.01


def test_a_strong_student_beats_its_weak_teacher_only_where_that_shrinks_too_little():
    """Same-input figures of the theory's example, s = i^−.9, d = 120, n = 80, r_T = 15 ."""
    s = np.arange(1, 121.0) ** -0.9
    problem = lg.Problem.from_population(s, s, n_samples=80, label_noise=1.0)
    case = lg.Distillation(
        problem,
        teacher=lg.Ridge(0.01, temperature=0.0),
        student=lg.Ridge(1.0, temperature=0.0),
        teacher_bottleneck=lg.Selected(range(15)),
        mixing=1.0,
        temperature=0.0,
    )

    def best(teacher_penalty, mixing):
        found = case.sweep(
            quantities=["student_excess_risk", "teacher_excess_risk"],
            teacher_penalty=[teacher_penalty],
            mixing=[mixing],
            student_penalty=np.geomspace(1e-3, 1e3, 200),
        )
        return float((found.student_excess_risk / found.teacher_excess_risk).min())

    assert best(0.01, 1.0) < 1.0
    assert best(0.01, 0.5) < best(0.01, 1.0)
    assert best(500.0, 1.0) >= 1.0 - 1e-6


def test_teachers_behind_bottlenecks_are_checked():
    with pytest.raises(DomainError, match="Selected, Subspace or None"):
        CASE.replace(teacher_bottleneck=lg.Principal(3))
    with pytest.raises(DomainError, match="directions from 0 to 39"):
        CASE.replace(teacher_bottleneck=lg.Selected([40]))
    with pytest.raises(ShapeError):
        CASE.replace(teacher_bottleneck=lg.Subspace(np.eye(3)))
    with pytest.raises(DomainError, match="teacher behind a bottleneck"):
        CASE.replace(teacher_bottleneck=None).sweep(teacher_rank=[1], quantities=["teacher_gap"])
    with pytest.raises(DomainError, match="rank"):
        CASE.sweep(teacher_rank=[16], quantities=["teacher_gap"])


def test_a_weak_teacher_is_averaged_over_inputs_as_it_predicts():
    found = CASE.average_over_inputs(30, seed=1)
    for name, value in zip(
        ("teacher_gap", "student_gap", "teacher_excess_risk", "student_excess_risk"), numbers_of(CASE), strict=True
    ):
        assert abs(found[name].value - value) < 5 * found[name].standard_error
