"""Students on inputs of their own, on average over those (docs/theory.md §10.4)."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

import lingauss as lg
from lingauss.equivalents.models import Labels, Model, RidgeOnRows
from lingauss.equivalents.subspaces import View
from lingauss.errors import DomainError, NotAveragedError, SingularGramError
from lingauss.model.changes import changed

D, N, M = 30, 100, 80
S = np.arange(1, D + 1.0) ** -0.9
POWER = np.random.default_rng(0).random(D) / 10
PROBLEM = lg.Problem.from_population(S, POWER, n_samples=N, label_noise=0.6, outputs=2)
CASE = lg.Distillation(
    PROBLEM,
    teacher=lg.Ridge(3.0, temperature=0.5),
    student=lg.Ridge(1.5, temperature=0.3),
    teacher_bottleneck=lg.Selected(range(20)),
    bottleneck=lg.Selected(range(4, 30)),
    mixing=0.7,
    temperature=0.4,
    draws=2,
    transfer=lg.FreshInputs(M),
)
RISKS = ("teacher_gap", "student_gap", "teacher_excess_risk", "student_excess_risk")


def at(problem, rows):
    """Return the problem of given rows, whose test inputs are those of a population."""
    covariance = problem.test_covariance.matrix
    given = lg.Problem.from_inputs(rows, label_noise=problem.label_noise, test_cov=covariance)
    return changed(given, outputs=problem.outputs, truth=problem.truth)


def numbers_of(case):
    gaps, risks = case.gaps(), case.excess_risk()
    return np.array([gaps.teacher, gaps.student, risks.teacher, risks.student])


def gain(gram, seen, penalty):
    inner = seen.T @ gram @ seen
    return seen @ np.linalg.inv(inner + penalty * np.eye(len(inner))) @ seen.T


def given_both(case, x, z, seen_t, seen_s):
    """Return gap and risk of the student given the teacher's rows x and its own z, averaged over labels and draws."""
    xi, own, k = case.mixing, 0.36, 2
    gram, fresh = x.T @ x, z.T @ z
    teacher, student = gain(gram, seen_t, case.teacher.penalty), gain(fresh, seen_s, case.student.penalty)
    on_soft, on_true = xi * student @ fresh @ teacher @ x.T, (1 - xi) * student @ z.T
    drawn = student @ fresh @ teacher @ fresh @ student * case.teacher.temperature
    drawn += case.temperature * student @ fresh @ student
    spread = own * (case.student.temperature * student + xi**2 / case.draws * drawn)
    missed = on_soft @ x + on_true @ z - np.eye(D)
    risk = np.sum(S[:, None] * missed**2 * POWER) + k * np.sum(S * spread.diagonal())
    risk += k * own * np.sum(S[:, None] * on_soft**2) + k * own * np.sum(S[:, None] * on_true**2)
    train = np.sum((x @ missed) ** 2 * POWER) + k * np.sum(gram * spread)
    train += k * own * (np.sum((np.eye(len(x)) - x @ on_soft) ** 2) + np.sum((x @ on_true) ** 2))
    return np.array([risk + k * own - train / len(x), risk])


def rows(rng, n):
    return rng.standard_normal((n, D)) * np.sqrt(S)


@pytest.mark.parametrize("mixing", [0.7, 1.0, -0.4])
@pytest.mark.parametrize("inputs", ["drawn", "given"])
def test_a_student_on_fresh_inputs_errs_as_on_drawn_ones(mixing, inputs):
    rng = np.random.default_rng(1)
    case, fixed = CASE.replace(mixing=mixing), rows(rng, N)
    views = np.eye(D)[:, :20], np.eye(D)[:, 4:]
    if inputs == "given":
        case = case.replace(problem=at(PROBLEM, fixed), teacher_bottleneck=None)
        views = np.eye(D), views[1]
    values = [given_both(case, rows(rng, N) if inputs == "drawn" else fixed, rows(rng, M), *views) for _ in range(150)]
    mean, error = np.mean(values, axis=0), np.std(values, axis=0, ddof=1) / 150**0.5
    assert np.all(np.abs(numbers_of(case)[[1, 3]] - mean) <= np.maximum(0.02 * np.abs(mean), 4 * error))


def test_what_a_teacher_draws_flatters_its_own_rows_less_behind_the_views_of_others():
    warm = CASE.replace(
        teacher=lg.Ridge(0.5, temperature=4.0), student=lg.Ridge(0.0, temperature=0.0), mixing=1.0, draws=1,
        teacher_bottleneck=None, bottleneck=lg.Selected(range(5, 15)),
    )  # fmt: skip
    rng, views = np.random.default_rng(1), (np.eye(D), np.eye(D)[:, 5:15])
    values = [given_both(warm, rows(rng, N), rows(rng, M), *views) for _ in range(150)]
    mean, error = np.mean(values, axis=0), np.std(values, axis=0, ddof=1) / 150**0.5
    assert np.all(np.abs(numbers_of(warm)[[1, 3]] - mean) <= np.maximum(0.02 * mean, 4 * error))


@pytest.mark.parametrize("n", [20, 30, 100])
def test_a_student_without_penalty_copies_its_teacher_on_as_many_rows_as_directions_or_more(n):
    cold = CASE.replace(
        teacher=lg.Ridge(3.0, temperature=0), student=lg.Ridge(0.0, temperature=0), bottleneck=None, mixing=1.0,
        temperature=0.0, transfer=lg.FreshInputs(n),
    )  # fmt: skip
    risk, gap = cold.excess_risk(), cold.gaps()
    if n >= D:
        assert_allclose([risk.student, gap.student], [risk.teacher, gap.teacher], rtol=1e-13)
        assert cold.replace(temperature=0.1, transfer=lg.FreshInputs(D)).excess_risk().student == np.inf
    else:
        assert risk.student > risk.teacher


def test_more_fresh_inputs_leave_the_shrinkage_of_the_student_alone():
    alone = CASE.replace(mixing=1.0, temperature=0.0, student=lg.Ridge(1.5, temperature=0), bottleneck=None)
    case = alone.replace(student_penalty=2e5, transfer=lg.FreshInputs(10**5))
    shrunk = S / (S + 2.0)
    mean = POWER * S * (1 - np.where(np.arange(D) < 20, S / (S + effective(3.0, S[:20])), 0.0) * shrunk) ** 2
    assert case.excess_risk().student > np.sum(mean)
    assert case.excess_risk().student < np.sum(mean) + alone.excess_risk().teacher


def effective(penalty, s):
    low, high = 1e-9, 1e6
    for _ in range(200):
        middle = np.sqrt(low * high)
        low, high = (middle, high) if penalty / middle + np.sum(s / (s + middle)) > N else (low, middle)
    return low


def test_a_subspace_of_directions_is_a_selection():
    basis = np.eye(D)
    turned = CASE.replace(bottleneck=lg.Subspace(basis[:, 4:]), teacher_bottleneck=lg.Subspace(basis[:, :20]))
    assert_allclose(numbers_of(turned), numbers_of(CASE), rtol=1e-12)
    given = CASE.replace(problem=at(PROBLEM, rows(np.random.default_rng(2), N)), teacher_bottleneck=None)
    assert_allclose(numbers_of(given.replace(bottleneck=lg.Subspace(basis[:, 4:]))), numbers_of(given), rtol=1e-12)


def test_a_teacher_of_many_given_rows_is_that_of_as_many_drawn_ones():
    many = 10**6
    problem = lg.Problem.from_gram(
        np.diag(S * many), n_samples=many, label_noise=0.6, truth=np.sqrt(POWER), test_cov=np.diag(S)
    )
    given = CASE.replace(problem=problem, teacher_bottleneck=None, bottleneck=None)
    drawn = CASE.replace(
        problem=lg.Problem.from_population(S, POWER, n_samples=many, label_noise=0.6), teacher_bottleneck=None,
        bottleneck=None,
    )  # fmt: skip
    assert_allclose(numbers_of(given)[2:], numbers_of(drawn)[2:], rtol=1e-4)


@pytest.mark.parametrize("inputs", ["drawn", "given"])
def test_a_sweep_holds_what_each_design_says(inputs):
    case = CASE
    if inputs == "given":
        case = CASE.replace(problem=at(PROBLEM, rows(np.random.default_rng(3), N)), teacher_bottleneck=None)
    axes = {"transfer_samples": [10, 40], "mixing": [0.3, 1.0], "student_rank": [3, 20]}
    found = case.sweep(quantities=RISKS, **axes)
    for index in np.ndindex(2, 2, 2):
        here = {name: axes[name][i] for name, i in zip(axes, index, strict=True)}
        assert_allclose([found[name].values[index] for name in RISKS], numbers_of(case.replace(**here)), rtol=1e-12)
    again = lg.case_of(found.isel(transfer_samples=0, mixing=0, student_rank=1))
    assert again.transfer == lg.FreshInputs(10)


@pytest.mark.parametrize("inputs", ["drawn", "given"])
def test_the_best_mixing_is_the_least_of_a_grid(inputs):
    case = CASE.replace(temperature=0.0)
    if inputs == "given":
        case = case.replace(problem=at(PROBLEM, rows(np.random.default_rng(3), N)), teacher_bottleneck=None)
    best = case.optimize(over=["mixing"], objective="excess_risk")
    grid = case.sweep(mixing=np.linspace(-1, 2, 301), quantities=["student_excess_risk"])["student_excess_risk"]
    assert best.value <= grid.min() <= best.value * (1 + 1e-4)


def test_penalties_are_searched_in_units_of_the_rows_that_are_drawn():
    cold = CASE.replace(temperature=0.0, student=lg.Ridge(1.5, temperature=0))
    best = cold.optimize(over=["student_penalty"], objective="excess_risk")
    grid = cold.sweep(student_penalty=np.geomspace(0.1, 1e3, 200), quantities=["student_excess_risk"])
    assert best.value == pytest.approx(grid["student_excess_risk"].min().item(), rel=1e-4)
    assert best.value <= grid["student_excess_risk"].min().item() * (1 + 1e-9)


def test_drawn_fresh_inputs_give_every_other_number():
    case = CASE.replace(mixing=1.0, teacher_bottleneck=None, bottleneck=None)
    found = case.average_over_inputs(60, seed=1)
    for name, value in zip(RISKS, numbers_of(case), strict=True):
        assert abs(found[name].value - value) < max(0.03 * value, 4 * found[name].standard_error)
    assert found["divergence"].value > 0
    given = case.replace(problem=at(PROBLEM, rows(np.random.default_rng(4), N)))
    assert given.average_over_inputs(20)["student_excess_risk"].value > 0
    with pytest.raises(NotAveragedError, match="true labels of their own"):
        CASE.average_over_inputs()


def test_fresh_inputs_are_checked():
    given = lg.Problem.from_spectrum(S, POWER, n_samples=N, label_noise=1.0)
    with pytest.raises(DomainError, match="n_samples"):
        lg.FreshInputs(0)
    with pytest.raises(DomainError, match="from_population, or pass test_cov"):
        lg.Distillation(given, transfer=lg.FreshInputs(5))
    with pytest.raises(DomainError, match="fresh inputs"):
        CASE.replace(transfer=None).sweep(transfer_samples=[3], quantities=["student_gap"])
    with pytest.raises(SingularGramError, match="temperature 0"):
        CASE.replace(student=lg.Ridge(0.0), bottleneck=None, transfer=lg.FreshInputs(10)).excess_risk()
    for name in ("divergence", "bounds", "mutual_information"):
        with pytest.raises(NotAveragedError):
            getattr(CASE, name)()
    with pytest.raises(NotAveragedError, match="Principal"):
        CASE.replace(bottleneck=lg.Principal(3)).excess_risk()
    shown = CASE.replace(problem=at(PROBLEM, rows(np.random.default_rng(4), N)), teacher_bottleneck=None)
    with pytest.raises(NotAveragedError, match="divergence of weights"):
        shown.divergence()
    with pytest.raises(NotAveragedError, match="GradientFlow as student"):
        shown.replace(student=lg.GradientFlow(1.0)).excess_risk()


def test_surrogate_labels_amplify_what_minimum_norm_shrinks_as_ildiz_et_al_2025_say():
    """Fig. 1's set-up: p = 500, n = 200, s = i⁻², s w² = i^−1.5, no noise; labels of weights β other than w."""
    index = np.arange(1, 501.0)
    s, w = index**-2.0, index**0.25
    fit = RidgeOnRows.of(View(np.eye(500), s, np.zeros((1, 500))), 200, 0.0, 0.0)
    gamma = 1.0 - fit.regular
    shrunk = np.empty(500)
    shrunk[np.argmax(np.abs(fit.view.directions), axis=0)] = fit.seen

    def risk(weights):
        learned = fit.learned(Labels(w[None], Model.of_truth(weights[None]), 1.0, 1, 0.0))
        return learned.excess_risk(s, w[None])

    assert gamma == pytest.approx(0.612985, abs=5e-7)
    best = w * shrunk / (shrunk**2 + gamma / (1 - gamma) * (1 - shrunk) ** 2)
    mask = (1 - shrunk) ** 2 < 1 - gamma
    assert np.array_equal(np.flatnonzero(best > w), np.arange(126))
    assert mask.sum() == 203
    assert_allclose([risk(w), risk(best), risk(w * mask)], [0.119367, 0.083251, 0.089662], atol=6e-7)
    rng = np.random.default_rng(0)
    assert min(risk(best * (1 + 0.01 * rng.standard_normal(500))) for _ in range(5)) > risk(best)
