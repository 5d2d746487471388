"""Students behind principal directions of the drawn rows, on average over these (docs/theory.md §10.7)."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

import lingauss as lg
from lingauss.equivalents import loops
from lingauss.errors import NotAveragedError

RISKS = ("teacher_gap", "student_gap", "teacher_excess_risk", "student_excess_risk")


def design(d, n, decay, **settings):
    s = np.arange(1, d + 1.0) ** -decay
    power = np.random.default_rng(d).random(d) * 3 / d
    problem = lg.Problem.from_population(s, power, n_samples=n, label_noise=0.6, outputs=2)
    settings = {"bottleneck": lg.Principal(10), "mixing": 0.7, "temperature": 0.4, "draws": 2} | settings
    return lg.Distillation(problem, teacher=lg.Ridge(3.0, temperature=0.5), student=lg.Ridge(1.5, temperature=0.3), **settings)  # fmt: skip # noqa: E501


def numbers_of(case):
    gaps, risks = case.gaps(), case.excess_risk()
    return np.array([gaps.teacher, gaps.student, risks.teacher, risks.student])


def given(case, x, s, power):
    """Return gap and risk of the student given rows, averaged over labels and draws; nothing of the library."""
    n, d = x.shape
    xi, own, k = case.mixing, 0.36, 2
    values, vectors = np.linalg.eigh(x.T @ x)
    kept = np.arange(d) >= d - case.rank
    inverse = np.where(kept, 1 / (values + case.student.penalty), 0.0)
    soft = values / (values + case.teacher.penalty)
    gain = (vectors * (inverse * (1 - xi + xi * soft))) @ vectors.T
    drawn = case.teacher.temperature * soft * values + case.temperature * values
    variance = case.student.temperature * inverse + xi**2 / case.draws * inverse**2 * drawn
    spread = own * (vectors * variance) @ vectors.T
    missed = gain @ x.T @ x - np.eye(d)
    risk = np.sum(s[:, None] * missed**2 * power) + k * own * np.sum(s[:, None] * (gain @ x.T) ** 2)
    risk += k * np.sum(s * spread.diagonal())
    train = np.sum((x @ missed) ** 2 * power) + k * np.sum((x.T @ x) * spread)
    train += k * own * np.sum((np.eye(n) - x @ gain @ x.T) ** 2)
    return np.array([risk + k * own - train / n, risk])


@pytest.mark.parametrize(("d", "n", "decay"), [(40, 80, 0.9), (90, 60, 0.9), (40, 80, 0.0), (90, 60, 1.5)])
@pytest.mark.parametrize("rank", [3, 20])
@pytest.mark.parametrize("kind", ["gauss", "rademacher"])
def test_a_student_behind_the_rows_own_directions_errs_as_on_drawn_rows(d, n, decay, rank, kind):
    case, rng = design(d, n, decay, bottleneck=lg.Principal(rank)), np.random.default_rng(1)
    s = np.arange(1, d + 1.0) ** -decay
    power = np.random.default_rng(d).random(d) * 3 / d
    draw = {"gauss": rng.standard_normal, "rademacher": lambda shape: rng.choice([-1.0, 1.0], shape)}[kind]
    values = [given(case, draw((n, d)) * np.sqrt(s), s, power) for _ in range(60)]
    mean, error = np.mean(values, axis=0), np.std(values, axis=0, ddof=1) / 60**0.5
    scale = mean[1] + np.array([0.72, 0.0])
    assert np.all(np.abs(numbers_of(case)[[1, 3]] - mean) <= np.maximum(0.03 * scale, 4 * error))


def test_the_loop_holds_as_many_eigenvalues_as_asked_and_more_nodes_change_nothing(monkeypatch):
    s = np.arange(1, 91.0) ** -1.2
    for rank in (1, 20, 58):
        assert loops.Loop.around(s, 60.0, rank).enclosed(s) == pytest.approx(rank, abs=1e-9)
    coarse = numbers_of(design(90, 60, 1.2))
    monkeypatch.setattr(loops, "NODES", (160, 60, 60))
    assert_allclose(numbers_of(design(90, 60, 1.2)), coarse, rtol=2e-6)


def test_an_isolated_direction_is_found_as_by_the_spike_formula():
    """Benaych-Georges & Nadakuditi 2011: the sample spike has squared cosine (1 − g/(ℓ−1)²)/(1 + g/(ℓ−1)), g = d/n."""
    d, n, spike = 4000, 2000, 20.0
    s, power = np.ones(d), np.zeros(d)
    s[0], power[0] = spike, 1.0
    problem = lg.Problem.from_population(s, power, n_samples=n, label_noise=1e-6)
    cold = lg.Ridge(0.0, temperature=0.0)
    case = lg.Distillation(problem, teacher=cold, student=cold, bottleneck=lg.Principal(1), mixing=0.0)
    g, excess = d / n, spike - 1.0
    cosine = (1 - g / excess**2) / (1 + g / excess)
    # the fitted weight is ⟨w, Gv⟩/(vᵀGv) = ⟨w, v⟩ along v: what is missed is w − v⟨v, w⟩
    missed = spike * (1 - cosine) ** 2 + cosine * (1 - cosine)
    assert case.excess_risk().student == pytest.approx(missed, rel=4e-3)


def test_a_rank_of_as_many_as_rows_sees_all_that_they_show():
    case = design(90, 60, 0.9).replace(student=lg.Ridge(1.5, temperature=0.0))
    whole = numbers_of(case.replace(bottleneck=None))
    for rank in (60, 75):
        assert_allclose(numbers_of(case.replace(rank=rank)), whole, rtol=1e-13)
    near = numbers_of(case.replace(rank=59))
    assert_allclose(near, whole, rtol=0.02)
    assert numbers_of(case.replace(rank=0))[1] == 0.0
    with pytest.raises(NotAveragedError, match="null"):
        case.replace(rank=75, student_temperature=1.0).gaps()


@pytest.mark.filterwarnings("ignore::lingauss.errors.EquivalentWarning")  # two rows are few, but not what is asked
def test_as_many_rows_as_directions_with_variance_leave_no_null_direction():
    problem = lg.Problem.from_population([3.0, 1.0, 0.0, 0.0], [1.0, 1.0, 0.5, 1.0], n_samples=2, label_noise=0.5)
    case = lg.Distillation(problem, lg.Ridge(8.0), lg.Ridge(8.0), lg.Principal(3))
    whole = case.replace(bottleneck=None)
    assert_allclose(numbers_of(case), numbers_of(whole), rtol=1e-13)
    with pytest.raises(NotAveragedError, match="3 directions of 1 rows, some of which are null"):
        case.replace(n_samples=1).gaps()


def test_directions_without_variance_are_kept_or_not_all_the_same():
    problem = lg.Problem.from_population([3.0, 1.0, 0.2, 0.0], [1.0, 1.0, 0.5, 1.0], n_samples=40, label_noise=0.5)
    case = lg.Distillation(problem, mixing=0.6)
    whole = numbers_of(case)
    for rank in (3, 4):
        assert_allclose(numbers_of(case.replace(rank=rank)), whole, rtol=1e-13)
    assert numbers_of(case.replace(rank=2))[3] != pytest.approx(whole[3], rel=1e-3)


def test_a_sweep_holds_what_each_design_says():
    case, axes = design(40, 60, 0.9), {"n_samples": [30, 60], "student_rank": [0, 4, 40], "mixing": [0.2, 1.0]}
    found = case.sweep(quantities=RISKS, **axes)
    for index in np.ndindex(2, 3, 2):
        here = {name: axes[name][i] for name, i in zip(axes, index, strict=True)}
        if here["student_rank"] == 40:
            here |= {"student_temperature": 0.3}
        assert_allclose([found[name].values[index] for name in RISKS], numbers_of(case.replace(**here)), rtol=1e-12)


def test_the_best_mixing_is_the_least_of_a_grid():
    case = design(40, 60, 0.9, temperature=0.0)
    best = case.optimize(over=["mixing"], objective="excess_risk")
    grid = case.sweep(mixing=np.linspace(-1, 3, 401), quantities=["student_excess_risk"])["student_excess_risk"]
    assert best.value <= grid.min() * (1 + 1e-12)
    assert grid.min() <= best.value * (1 + 1e-4)


def test_other_views_beside_it_are_refused():
    case = design(40, 60, 0.9)
    with pytest.raises(NotAveragedError, match="weak teacher or FreshInputs"):
        case.replace(teacher_bottleneck=lg.Selected(range(3))).excess_risk()
    with pytest.raises(NotAveragedError, match="weak teacher or FreshInputs"):
        case.replace(transfer=lg.FreshInputs(50)).excess_risk()
