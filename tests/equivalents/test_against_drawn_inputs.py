"""Equivalents against inputs that are really drawn, labels averaged exactly (docs/theory.md §10)."""

import numpy as np
import pytest
from equivalents.monte_carlo import Setting, average, given
from numpy.testing import assert_allclose

import lingauss as lg


def random_design(rng):
    """Return a design with γ ≤ .8 (.6 where there is no penalty) and n ≥ 100, and the same in plain numbers."""
    while True:
        d, n = int(rng.integers(20, 130)), int(rng.integers(100, 150))
        s = np.arange(1, d + 1.0) ** -rng.uniform(0, 1.2)
        power = rng.random(d) / d * 10 ** rng.uniform(-1, 1)
        noise, outputs, draws = 10 ** rng.uniform(-1, 0.3), int(rng.integers(1, 3)), int(rng.integers(1, 4))
        penalties = [0.0 if rng.random() < 0.15 else n * 10 ** rng.uniform(-2.5, 0.3) for _ in range(2)]
        temperatures = [float(rng.choice([0.0, 0.5, 1.0])) if penalty else 0.0 for penalty in penalties]
        mixing, temperature = rng.uniform(-0.5, 1.8), float(rng.choice([0.0, 0.3, 1.0]))
        views = [np.sort(rng.permutation(d)[: rng.integers(1, d)]) if rng.random() < 0.5 else None for _ in range(2)]
        views[0] = None
        learners = [lg.Ridge(*pair) for pair in zip(penalties, temperatures, strict=True)]
        case = lg.Distillation(
            lg.Problem.from_population(s, power, n_samples=n, label_noise=noise, outputs=outputs),
            teacher=learners[0],
            student=learners[1],
            bottleneck=None if views[1] is None else lg.Selected(views[1].tolist()),
            mixing=mixing,
            temperature=temperature,
            draws=draws,
        )
        bases = [np.eye(d) if view is None else np.eye(d)[:, view] for view in views]
        plain = Setting(s, power, n, noise, outputs, *penalties, *temperatures, temperature, mixing, draws, *bases)
        if all(
            overlap_with_itself(s, n, p, basis) <= (0.8 if p else 0.6)
            for p, basis in zip(penalties, bases, strict=True)
        ):
            return case, plain


def overlap_with_itself(s, n, penalty, basis):
    """Return γ, found by bisection."""
    seen = s[basis.any(axis=1)]
    low, high = 1e-12, 1e6
    for _ in range(200):
        middle = np.sqrt(low * high)
        low, high = (middle, high) if penalty / middle + np.sum(seen / (seen + middle)) > n else (low, middle)
    return np.sum(np.square(seen / (seen + low))) / n


@pytest.mark.parametrize("seed", range(16))
def test_risks_and_gaps_are_those_of_drawn_inputs(seed):
    case, plain = random_design(np.random.default_rng(seed))
    mean, error = average(plain, ("gauss", "rademacher")[seed % 2], 60, seed)
    risks, gaps = case.excess_risk(), case.gaps()
    ours = np.array([gaps.teacher, gaps.student, risks.teacher, risks.student])
    losses = np.tile(mean[2:] + plain.outputs * plain.noise**2, 2)  # a gap is a difference of two losses
    scale = np.concatenate([losses[:2], mean[2:]])
    assert np.all(np.abs(ours - mean) <= np.maximum(0.035 * scale, 4 * error))


def test_averages_over_inputs_are_those_of_numpy():
    case, plain = random_design(np.random.default_rng(1))
    assert case.bottleneck is not None
    found = case.replace(floor=0.0).average_over_inputs(5, seed=2)
    names = ("teacher_gap", "student_gap", "teacher_excess_risk", "student_excess_risk")
    for trial in range(5):
        rows = np.random.default_rng([2, trial]).standard_normal((plain.n, len(plain.s))) * np.sqrt(plain.s)
        inputs = found.given(trial)
        values = [
            getattr(number(), side) for number in (inputs.gaps, inputs.excess_risk) for side in ("teacher", "student")
        ]
        assert_allclose(values, given(plain, rows), rtol=1e-8)
    values = [found.given(trial).excess_risk().student for trial in range(5)]
    assert found["student_excess_risk"].value == pytest.approx(np.mean(values), rel=1e-12)
    assert found["student_excess_risk"].standard_error == pytest.approx(np.std(values, ddof=1) / 5**0.5, rel=1e-12)
    assert list(found.to_frame(*names).index) == list(names)


def test_what_has_no_closed_form_is_averaged_too():
    problem = lg.Problem.from_population([3.0, 1.0, 0.2], [1.0, 1.0, 1.0], n_samples=12, label_noise=0.5)
    case = lg.Distillation(problem, bottleneck=lg.Principal(2), student=lg.GradientFlow(0.5))
    found = case.average_over_inputs(20)
    for name in ("divergence", "prediction_divergence", "student_excess_risk"):
        assert 0 < found[name].standard_error < found[name].value
    information = found.of(lambda given: given.mutual_information().student)
    assert information.value > 0
    cold = case.replace(student=lg.Ridge(temperature=0.0), bottleneck=None)
    assert cold.replace(mixing=0.0).average_over_inputs(3)["divergence"].value == float("inf")


@pytest.mark.parametrize("size", [1.0, 4.0])
def test_rows_of_unequal_scale_do_worse_than_any_population_of_the_same_covariance(size):
    """Equivalents hold for rows of one scale: with others they stay too optimistic however many rows there are."""
    n, d = 100, 80
    s, power = np.ones(d), np.full(d, 1 / d)
    full = np.eye(d)
    plain = Setting(s, power, n, 1.0, 1, 2.0, 2.0, 0.0, 0.0, 0.0, 0.5, 1, full, full)
    case = lg.Distillation(
        lg.Problem.from_population(s, power, n_samples=n, label_noise=1.0),
        teacher=lg.Ridge(2.0, temperature=0.0),
        student=lg.Ridge(2.0, temperature=0.0),
        mixing=0.5,
        temperature=0.0,
    )
    rng, risks = np.random.default_rng(0), []
    for _ in range(80):
        scales = rng.choice([1.0, size], n)
        rows = rng.standard_normal((n, d)) * (scales / np.sqrt((1 + size**2) / 2))[:, None]
        risks.append(given(plain, rows)[2:])
    relative = np.array([case.excess_risk().teacher, case.excess_risk().student]) / np.mean(risks, axis=0) - 1
    if size == 1.0:
        assert np.all(np.abs(relative) < 0.03)
    else:
        assert np.all(relative < -0.1)


@pytest.mark.parametrize("settings", [{}, {"transfer": lg.FreshInputs(30)}, {"bottleneck": lg.Principal(2)}])
def test_teachers_and_students_that_are_really_trained_on_drawn_inputs_err_as_told(settings):
    problem = lg.Problem.from_population([3.0, 1.0, 0.2], [1.0, 1.0, 1.0], n_samples=40, label_noise=0.7)
    case = lg.Distillation(problem, lg.Ridge(2.0), lg.Ridge(1.0), floor=0.1, **settings)
    found = case.simulate(20 * 250, seed=1)
    assert set(found.estimates) == {"teacher_gap", "student_gap", "teacher_excess_risk", "student_excess_risk"}
    for name, estimate in found.estimates.items():
        assert abs(estimate.value - found.exact[name]) <= max(5 * estimate.standard_error, 0.05 * abs(estimate.value))
    assert found.exact["student_excess_risk"] == pytest.approx(case.excess_risk().student, rel=1e-13)
