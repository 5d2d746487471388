"""Best mixings of rounds that are nearly alike, against the same least-squares problem in 800 digits."""

import dataclasses
import math

import mpmath
import numpy as np
import pytest
from numpy.testing import assert_allclose

import lingauss as lg
from lingauss.rounds.mixing import _mixings
from lingauss.rounds.powers import VANISHING, Powers, least, triangle

DIGITS = 800
GAPS = [0.2, 0.1, 0.05, 0.02, 0.015, 0.01, 1e-3, 1e-4, 1e-5, 1e-6]
EPS = np.finfo(float).eps


def close_together(gap, size=4, signal=(1.0, 0.0, 0.0, 0.0), penalty=0.125, **changes):
    """The setting of Pareek, Du and Oh: singular values 1, 1 − gap, … and one label-noise variance."""
    spectrum = (1 - np.arange(size) * gap) ** 2
    problem = lg.Problem.from_spectrum(spectrum, signal, n_samples=1, label_noise=math.sqrt(0.1))
    learner = lg.Ridge(penalty, temperature=0.0)
    return lg.Distillation(problem, learner, learner, temperature=0.0).replace(**changes)


def numbers_of(case):
    """Eigenvalues, signal, both shrinkages and ν² in high precision, of exactly the design's float64 numbers."""
    s = [mpmath.mpf(float(x)) for x in case.problem.eigenbasis.eigenvalues]
    signal = [mpmath.mpf(float(x)) for x in case.problem.signal]
    student, teacher = ([x / (x + mpmath.mpf(learner.penalty)) for x in s] for learner in (case.student, case.teacher))
    return s, signal, student, teacher, mpmath.mpf(case.problem.label_noise) ** 2


def least_risk(case, rounds):
    """The infimum from the definition: a sum of squares in the composed coefficients, solved in 800 digits."""
    with mpmath.workdps(DIGITS):
        s, signal, student, teacher, nu2 = numbers_of(case)
        k, label = case.problem.outputs, mpmath.mpf(case.temperature) * nu2
        tau_s, tau_t = (mpmath.mpf(learner.temperature) * nu2 for learner in (case.student, case.teacher))
        columns = [[-(b**j) * (1 - b) for b in student] for j in range(1, rounds)]
        columns.append([-(b**rounds) * (1 - a) for b, a in zip(student, teacher, strict=True)])
        gram, right = mpmath.zeros(rounds), mpmath.zeros(rounds, 1)
        weight = [x * power + k * nu2 for x, power in zip(s, signal, strict=True)]
        ideal = [x * power / total for x, power, total in zip(s, signal, weight, strict=True)]
        for i in range(rounds):
            right[i] = mpmath.fsum(
                w * c * (p - b) for w, c, p, b in zip(weight, columns[i], ideal, student, strict=True)
            )
            for j in range(rounds):
                gram[i, j] = mpmath.fsum(w * c * e for w, c, e in zip(weight, columns[i], columns[j], strict=True))
            spread = tau_s if i < rounds - 1 else tau_t
            gram[i, i] += k * mpmath.fsum(
                b ** (2 * (i + 1)) * (x * spread * (a if i == rounds - 1 else b) / x + label)
                for b, a, x in zip(student, teacher, s, strict=True)
            )
            gram[i, i] += mpmath.mpf(10) ** -350  # of many solutions, the least
        P = mpmath.lu_solve(gram, right)
        best = mpmath.fsum(w * (p - b) ** 2 for w, p, b in zip(weight, ideal, student, strict=True))
        least = best - mpmath.fsum(P[j] * right[j] for j in range(rounds))
        floor = mpmath.fsum(x * power * k * nu2 / w for x, power, w in zip(s, signal, weight, strict=True))
        own = k * tau_s * mpmath.fsum(student)
        return float((least + floor + own) / case.problem.n_samples)


def exact_risk(case, mixing):
    """The last student's risk at exactly these float64 mixings, round by round in 800 digits; learners of no spread."""
    with mpmath.workdps(DIGITS):
        s, signal, student, teacher, nu2 = numbers_of(case)
        total = mpmath.mpf(0)
        for x, power, b, p in zip(s, signal, student, teacher, strict=True):
            for share in map(mpmath.mpf, mixing):
                p = b * (1 - share + share * p)
            total += x * power * (1 - p) ** 2 + case.problem.outputs * nu2 * p**2
        return float(total / case.problem.n_samples)


def risk(case, mixing):
    chain = lg.Chain(case, len(mixing), mixing=list(mixing))
    return float(chain.sweep(quantities="excess_risk").excess_risk[-1])


@pytest.mark.parametrize("gap", GAPS)
def test_the_infimum_of_nearly_alike_rounds_keeps_its_digits(gap):
    case = close_together(gap)
    for rounds in range(1, 9):
        best = lg.Chain(case, rounds).best_mixing()
        assert best.infimum == pytest.approx(least_risk(case, rounds), rel=max(1e-10, 4 * EPS / gap)), rounds


@pytest.mark.parametrize("gap", [0.1, 1e-3, 1e-6])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"penalty": 1e-8},
        {"penalty": 1e6},
        {"temperature": 1e-12},
        {"temperature": 0.3, "student": lg.Ridge(0.125, temperature=1e-6)},
    ],
    ids=["equal", "learns all", "learns little", "faint noise", "spread"],
)
def test_eight_directions_need_eight_rounds_to_be_told_apart(gap, changes):
    case = close_together(gap, size=8, signal=np.arange(8) / 4, **changes)
    for rounds in (1, 2, 3, 5, 8):
        best = lg.Chain(case, rounds).best_mixing()
        assert best.infimum == pytest.approx(least_risk(case, rounds), rel=max(1e-9, 16 * EPS / gap)), rounds


@pytest.mark.parametrize("rounds", [10, 20])
def test_many_rounds_of_a_smooth_spectrum_keep_their_digits(rounds):
    problem = lg.Problem.from_spectrum(np.arange(1, 41) ** -0.1, [1.0] + [0.0] * 39, n_samples=1, label_noise=0.1)
    learner = lg.Ridge(0.125, temperature=0.0)
    case = lg.Distillation(problem, learner, learner, temperature=0.0)
    assert lg.Chain(case, rounds).best_mixing().infimum == pytest.approx(least_risk(case, rounds), rel=1e-12)


@pytest.mark.parametrize(("gap", "rounds"), [(0.1, 8), (0.01, 5), (1e-3, 4), (1e-4, 3), (1e-6, 2)])
def test_a_first_teacher_of_another_penalty_counts_as_far_as_float64_tells_its_shrinkages(gap, rounds):
    case = close_together(gap, size=8, signal=np.arange(8) / 4, teacher=lg.Ridge(0.5, temperature=0.0))
    best = lg.Chain(case, rounds).best_mixing()
    assert best.infimum == pytest.approx(least_risk(case, rounds), rel=2e-9)


@pytest.mark.parametrize("gap", [0.1, 0.01, 1e-3, 1e-4])
def test_the_dense_route_tells_directions_apart_as_well(gap):
    case = close_together(gap)
    for rounds in (1, 2, 3, 4, 6):
        best = lg.Chain(case.replace(bottleneck=lg.Subspace(np.eye(4))), rounds).best_mixing()
        assert best.infimum == pytest.approx(least_risk(case, rounds), rel=1e-9)


@pytest.mark.parametrize("gap", GAPS)
def test_mixings_said_to_attain_the_infimum_do_so_exactly(gap):
    case, said = close_together(gap), []
    for rounds in range(1, 9):
        best = lg.Chain(case, rounds).best_mixing()
        true, rounding = exact_risk(case, best.mixing), 16 * EPS * best.amplification
        assert true >= best.infimum * (1 - 1e-9)
        assert best.value == pytest.approx(true, rel=1e-9 + rounding)
        if best.attained:
            assert true == pytest.approx(best.infimum, rel=1e-7)
        said.append(best.attained)
    assert said[0]
    assert said[1]
    assert all(said) or gap < 0.01


def test_no_sweep_has_less_risk_than_mixings_that_tell_close_directions_apart():
    mixing = (-0.376725178161384, -1.1301778132476548, -3.390540045749189, 127599154.74337503)
    case = close_together(0.01)
    best = lg.Chain(case, 4).best_mixing()
    assert best.attained
    assert best.value == pytest.approx(0.1 / 1.1, rel=1e-10)
    assert best.value <= risk(case, mixing) * (1 + 1e-10)
    assert best.amplification == pytest.approx(4.8895e8, rel=1e-3)


@pytest.mark.parametrize("gap", GAPS)
@pytest.mark.parametrize("rounds", [3, 4, 6])
def test_no_mixings_nearby_or_of_fewer_rounds_have_less_risk(gap, rounds):
    """Within the rounding that the mixings magnify, of which ``amplification`` tells."""
    case = close_together(gap)
    best = lg.Chain(case, rounds).best_mixing()
    slack = 1 + 1e-8 + 64 * EPS * best.amplification
    rng = np.random.default_rng(rounds)
    for scale in (1e-1, 1e-3, 1e-6, 1e-9):
        moved = np.array(best.mixing) * (1 + scale * rng.standard_normal(rounds))
        assert best.value <= risk(case, moved) * slack
    for fewer in range(1, rounds):
        assert best.value <= lg.Chain(case, fewer).best_mixing().value * slack
    if best.attained:
        assert best.value <= best.infimum * slack


def test_shrinkages_that_differ_by_rounding_are_one():
    spectrum = 1.0 + EPS * np.arange(4)
    problem = lg.Problem.from_spectrum(spectrum, [1.0, 0.0, 2.0, 0.5], n_samples=1, label_noise=0.3)
    learner = lg.Ridge(0.1, temperature=0.0)
    one, four = (lg.Chain(lg.Distillation(problem, learner, learner, temperature=0.0), r).best_mixing() for r in (1, 4))
    assert four.infimum == pytest.approx(one.infimum, rel=1e-12)
    assert four.amplification < 10
    assert not four.unique


def test_an_infimum_that_no_mixing_attains_is_approached_and_said_so():
    """With P₁ = 0 and P₂ ≠ 0 a round ignores the labels that it passes on."""
    mixing, passed_on = _mixings(np.array([0.0, 0.5]))
    assert passed_on
    assert_allclose(np.prod(mixing), 0.5)
    assert abs(mixing[1]) <= 1e-15
    assert np.all(np.isfinite(mixing))
    assert _mixings(np.array([0.5, 0.0])) == ((0.0, 0.5), False)


def test_least_squares_takes_the_least_of_many_solutions_and_weighs_spread():
    powers = Powers([np.array([1.0, 1.0]), np.array([0.5, 0.5])], 2, 0.0, lambda x: 0.5 * x, lambda x: x)
    basis, coefficients = triangle(powers, 1e-14)
    assert basis.shape == (2, 1)
    target = np.array([2.0, 0.0])
    P, minimum = least(coefficients, basis.T @ target, np.zeros(2), VANISHING)
    assert_allclose(P, [0.5, 1.0])  # equal effects, as norms are in units of each column's length
    assert minimum == pytest.approx(0.0, abs=1e-30)
    P, minimum = least(coefficients, basis.T @ target, np.array([1.0, 0.0]), VANISHING)
    assert_allclose(P, [0.0, 2.0], atol=1e-12)


UNLIKE = {
    "penalties": {"penalty": [0.5, 7.0, 2.0]},
    "ranks": {"rank": [3, 1, 2]},
    "temperatures": {"temperature": [0.2, 3.0, 1.0]},
    "everything": {"penalty": [0.5, 7.0, 2.0], "rank": [2, 3, 2], "temperature": [0.2, 3.0, 1.0]},
}
UNLIKE_LEARNERS = {"teacher": lg.Ridge(2.0, 0.7), "student": lg.Ridge(3.0, 0.5)}


def assert_best_of_all(chain):
    """Compare with the minimum of the quadratic in three running products that ten risks of chains determine."""

    def risk_at(products):
        mixing = np.divide(products, np.concatenate([[1.0], products[:-1]]))[::-1]
        return float(dataclasses.replace(chain, mixing=mixing.tolist()).sweep().excess_risk[-1])

    points = np.random.default_rng(0).uniform(0.5, 1.5, size=(10, 3))
    terms = np.column_stack([np.ones(10), points, points**2, points[:, [0, 0, 1]] * points[:, [1, 2, 2]]])
    constant, *rest = np.linalg.solve(terms, [risk_at(point) for point in points])
    slope, hessian = np.array(rest[:3]), np.diag(2.0 * np.array(rest[3:6]))
    for (i, j), value in zip(((0, 1), (0, 2), (1, 2)), rest[6:], strict=True):
        hessian[i, j] = hessian[j, i] = value
    products = np.linalg.solve(hessian, -slope)
    least_value = constant + 0.5 * slope @ products
    best = chain.best_mixing()
    assert best.infimum == pytest.approx(least_value, rel=1e-7)
    assert best.value == pytest.approx(risk_at(np.cumprod(best.mixing[::-1])), rel=1e-9)
    assert best.value == pytest.approx(least_value, rel=1e-7)
    assert_allclose(np.cumprod(best.mixing[::-1]), products, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("sight", ["leading", "general", "moved inputs"])
@pytest.mark.parametrize("unlike", UNLIKE)
def test_mixings_of_rounds_that_differ_are_the_minimum_of_the_risks_of_chains(unlike, sight):
    gram = np.diag([4.0, 2.0, 1.0, 0.5]) + 0.1 * (sight != "leading")
    problem = lg.Problem.from_gram(
        gram, n_samples=10, truth=[[1.0, -1.0, 0.5, 0.25], [0.5, 0.0, 1.0, -2.0]], label_noise=0.5,
        test_cov=np.diag([1.0, 3.0, 2.0, 0.5]) if sight == "moved inputs" else None,
    )  # fmt: skip
    basis = np.linalg.qr(np.arange(16.0).reshape(4, 4) % 7 + np.eye(4))[0]
    bottleneck = lg.Principal(3) if sight == "leading" else lg.Subspace(basis[:, :3])
    case = lg.Distillation(problem, **UNLIKE_LEARNERS, bottleneck=bottleneck, temperature=1.5, draws=3)
    assert_best_of_all(lg.Chain(case, 3, **UNLIKE[unlike]))


@pytest.mark.parametrize("fresh", ["labels", "inputs"])
@pytest.mark.parametrize("unlike", ["penalties", "temperatures"])
@pytest.mark.parametrize("inputs", ["drawn", "given"])
def test_mixings_of_rounds_that_draw_are_the_minimum_of_the_risks_of_chains(inputs, unlike, fresh):
    spectrum = np.array([4.0, 2.0, 1.0, 0.5])
    problem = lg.Problem.from_population(spectrum, [1.0, 1.0, 0.5, 2.0], n_samples=12, label_noise=0.5, outputs=2)
    if inputs == "given":
        rows = np.random.default_rng(1).standard_normal((12, 4)) * np.sqrt(spectrum)
        truth = [[1.0, -1.0, 0.5, 0.25], [0.5, 0.0, 1.0, -2.0]]
        problem = lg.Problem.from_inputs(rows, truth, label_noise=0.5, test_cov=np.diag(spectrum))
    case = lg.Distillation(problem, **UNLIKE_LEARNERS, temperature=1.5, draws=3)
    if fresh == "inputs":
        case = case.replace(transfer=lg.FreshInputs(9))
    assert_best_of_all(lg.Chain(case, 3, fresh=fresh, **UNLIKE[unlike]))
