"""Teacher and student on the same drawn rows, on average over rows and labels (docs/theory.md §10.2)."""

import math
import warnings

import numpy as np
import pytest
from equivalents.double_pole import student_risk
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

import lingauss as lg
from lingauss.errors import EquivalentWarning, SingularGramError


def cold(penalty):
    return lg.Ridge(penalty, temperature=0.0)


def isotropic(n, d, power, noise=1.0, *, teacher, student, **settings):
    problem = lg.Problem.from_population(np.ones(d), np.full(d, power / d), n_samples=n, label_noise=noise)
    settings = {"temperature": 0.0} | settings
    return lg.Distillation(problem, teacher=cold(teacher), student=cold(student), **settings)


def power_law(n=80, d=120, noise=0.5, *, teacher, student, **settings):
    index = np.arange(1.0, d + 1.0)
    problem = lg.Problem.from_population(index**-1.1, index**-0.4 / 20, n_samples=n, label_noise=noise)
    settings = {"temperature": 0.0} | settings
    return lg.Distillation(problem, teacher=cold(teacher), student=cold(student), **settings)


def test_minimum_norm_has_the_risk_of_hastie_et_al_2022():
    def risk(n, d):
        return isotropic(n, d, 5.0, teacher=0.0, student=0.0).excess_risk().teacher

    assert risk(500, 1000) == pytest.approx(3.5, rel=1e-12)
    assert risk(1000, 500) == pytest.approx(1.0, rel=1e-12)
    ratios = np.arange(1200, 2500)
    risks = [risk(1000, int(d)) for d in (1808, 1809, 1810)]
    assert min(risks) == risks[1] == pytest.approx(2 * math.sqrt(5) - 1, abs=1e-6)
    assert ratios[np.argmin(5 * (1 - 1000 / ratios) + 1000 / (ratios - 1000))] == 1809


def test_ridge_at_its_best_has_the_risk_of_hastie_et_al_2022():
    case = isotropic(500, 1000, 5.0, teacher=0.4 * 500, student=1.0)
    assert case.excess_risk().teacher == pytest.approx(3.108495, abs=5e-7)
    near = [case.replace(teacher_penalty=500 * ell).excess_risk().teacher for ell in (0.39, 0.41)]
    assert min(near) > case.excess_risk().teacher


@pytest.mark.parametrize(
    ("n", "d", "ell", "ridge", "mixing", "distilled"),
    [
        (2000, 1000, 0.1, 0.603567, 28 / 15, 0.425393),
        (500, 1000, 0.1, 1.227707, 4.078667, 0.848363),
        (500, 1000, 4.0, 0.804173, -0.759259, 0.781036),
    ],
)
def test_best_mixing_at_equal_penalties_follows_dang_patil_and_rinaldo(n, d, ell, ridge, mixing, distilled):
    case = isotropic(n, d, 1.0, teacher=ell * n, student=ell * n)
    assert case.excess_risk().teacher == pytest.approx(ridge, abs=6e-7)
    assert case.replace(mixing=0.0).excess_risk().student == pytest.approx(ridge, abs=6e-7)
    best = case.optimize(over=["mixing"], objective="excess_risk")
    assert best.design.mixing == pytest.approx(mixing, abs=6e-7)
    assert best.value == pytest.approx(distilled, abs=6e-7)
    assert best.design.excess_risk().student == pytest.approx(best.value, rel=1e-13)


def test_training_loss_is_the_test_loss_times_the_square_of_the_residual_factor():
    case = isotropic(500, 1000, 1.0, teacher=200.0, student=200.0)  # Bach 2023; Atanasov et al. 2024
    test = case.excess_risk().teacher + 1.0
    assert 1.0 - case.gaps().teacher / test == pytest.approx(0.059243, abs=5e-7)


@given(
    d=st.integers(2, 30),
    n=st.integers(2, 60),
    logs=st.tuples(*[st.floats(-2, 2)] * 2),
    mixing=st.integers(-100, 300).map(lambda hundredths: hundredths / 100),
    same=st.booleans(),
    seed=st.integers(0, 1000),
)
def test_the_form_for_any_views_is_the_double_pole_form_where_views_agree(d, n, logs, mixing, same, seed):
    rng = np.random.default_rng(seed)
    s, power, noise = 10 ** rng.uniform(-3, 1, d), rng.random(d), 10 ** rng.uniform(-1, 0.5)
    teacher, student = (10 ** logs[0],) * 2 if same else 10 ** np.array(logs)
    problem = lg.Problem.from_population(s, power, n_samples=n, label_noise=noise)
    case = lg.Distillation(problem, teacher=cold(teacher), student=cold(student), mixing=mixing, temperature=0.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EquivalentWarning)
        ours = case.excess_risk().student
    theirs = student_risk(s, power, n, noise**2, teacher, student, mixing)
    assert_allclose(ours, theirs, rtol=1e-9, atol=1e-11 * (noise**2 + np.sum(s * power)))


def test_equal_penalties_lie_between_their_neighbours():
    case = power_law(teacher=2.0, student=2.0, mixing=1.3)
    for number in ("excess_risk", "gaps"):
        values = [getattr(case.replace(student_penalty=2.0 * (1 + h)), number)().student for h in (-1e-5, 0.0, 1e-5)]
        assert values[1] == pytest.approx(0.5 * (values[0] + values[2]), rel=1e-9)


def test_a_student_of_soft_and_true_labels_is_an_affine_stack_of_two_ridge_fits():
    case = power_law(teacher=3.0, student=0.5, mixing=0.7)
    beta = 0.7 * 3.0 / (3.0 - 0.5)
    risks = [case.replace(mixing=xi).excess_risk() for xi in (0.0, 1.0)]
    # the cross term from one mixing, then every other mixing
    stack_at_one = 3.0 / 2.5
    own, both, teacher = risks[0].student, risks[1].student, risks[0].teacher
    cross = (both - (1 - stack_at_one) ** 2 * own - stack_at_one**2 * teacher) / (2 * stack_at_one * (1 - stack_at_one))
    stack = (1 - beta) ** 2 * own + 2 * beta * (1 - beta) * cross + beta**2 * teacher
    assert case.excess_risk().student == pytest.approx(stack, rel=1e-12)


@pytest.mark.parametrize("n", [60, 120, 200])
def test_a_teacher_without_penalty_changes_no_student_on_the_same_rows(n):
    case = power_law(n, teacher=0.0, student=2.0, mixing=0.8)
    assert case.excess_risk().student == pytest.approx(case.replace(mixing=0.0).excess_risk().student, rel=1e-13)


@pytest.mark.parametrize("n", [60, 119, 120, 121, 200])
def test_a_student_without_penalty_repeats_its_teacher_through_the_interpolation_peak(n):
    case = power_law(n, teacher=2.0, student=0.0, mixing=1.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EquivalentWarning)
        for number in (case.excess_risk(), case.gaps()):
            assert number.student == pytest.approx(number.teacher, rel=1e-10)


def test_only_a_student_that_repeats_its_teacher_is_finite_at_the_peak():
    case = power_law(120, teacher=2.0, student=0.0, mixing=0.99)
    assert case.excess_risk().student == case.gaps().student == math.inf
    assert case.replace(mixing=1.0, temperature=0.1).excess_risk().student == math.inf
    assert case.replace(teacher_penalty=0.0, mixing=1.0).excess_risk().teacher == math.inf
    assert case.replace(teacher_penalty=0.0, student_penalty=1.0, mixing=0.5).excess_risk().student < math.inf
    best = case.optimize(over=["mixing"], objective="excess_risk")
    assert best.design.mixing == 1.0
    assert best.value == case.excess_risk().teacher


def test_the_penalty_of_least_risk_leaves_nothing_to_gain():
    def risk(penalty):
        return power_law(teacher=penalty, student=penalty).excess_risk().teacher

    from scipy.optimize import minimize_scalar

    best = math.exp(minimize_scalar(lambda log: risk(math.exp(log)), bounds=(-5, 5), method="bounded").x)

    def mixing(penalty):
        case = power_law(teacher=penalty, student=penalty)
        return case.optimize(over=["mixing"], objective="excess_risk").design.mixing

    assert mixing(0.8 * best) > 0.01
    assert mixing(1.25 * best) < -0.01
    assert abs(mixing(best)) < 1e-3


def test_near_the_peak_a_warning_says_that_equivalents_are_off():
    case = power_law(120, teacher=2.0, student=1e-6, mixing=0.5)
    with pytest.warns(EquivalentWarning, match="student's 1 − γ.*2/n.*average_over_inputs"):
        case.excess_risk()


def test_a_posterior_without_penalty_needs_more_rows_than_directions():
    problem = power_law(60, teacher=1.0, student=1.0).problem
    with pytest.raises(SingularGramError, match="temperature 0"):
        lg.Distillation(problem, student=lg.Ridge(0.0)).excess_risk()
    drawn = lg.Distillation(problem.with_samples(200), teacher=lg.Ridge(0.0), student=lg.Ridge(0.0))
    assert drawn.excess_risk().student > drawn.replace(student_temperature=0.0).excess_risk().student


def test_gaps_and_risks_are_quadratic_in_the_noise_and_linear_in_the_signal():
    case = power_law(teacher=2.0, student=0.3, mixing=0.6, temperature=0.4)
    problem = case.problem

    def numbers(noise, factor):
        signal = problem.truth.spread.variances * factor
        other = lg.Problem.from_population(problem.test_covariance.variances, signal, n_samples=80, label_noise=noise)
        found = case.replace(problem=other)
        return np.array([found.excess_risk().student, found.gaps().student])

    silent = numbers(1.0, 0.0)
    assert_allclose(numbers(0.5, 3.0), 0.25 * silent + 3.0 * (numbers(1.0, 1.0) - silent), rtol=1e-12)


def test_outputs_add_up():
    case = power_law(teacher=2.0, student=0.3, mixing=0.6, temperature=0.4).replace(
        teacher=lg.Ridge(2.0), student=lg.Ridge(0.3, temperature=0.7), draws=2
    )
    problem = case.problem
    doubled = lg.Problem.from_population(
        problem.test_covariance.variances, 2 * problem.truth.spread.variances, n_samples=80, label_noise=0.5, outputs=2
    )
    for number in ("excess_risk", "gaps"):
        one, two = (getattr(each, number)() for each in (case, case.replace(problem=doubled)))
        assert_allclose([two.teacher, two.student], [2 * one.teacher, 2 * one.student], rtol=1e-13)
