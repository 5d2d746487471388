"""Rounds that draw labels or inputs anew: collapse and its cure (docs/theory.md §10.4–10.6)."""

import math
import re

import numpy as np
import pytest
from numpy.testing import assert_allclose

import lingauss as lg
from lingauss.equivalents.stages import Block, Stages
from lingauss.errors import DomainError, NotAveragedError, UnknownNameError
from lingauss.model.changes import changed

D, N, M, NOISE = 20, 100, 60, 0.6
S = np.arange(1, D + 1.0) ** -0.9
POWER = np.random.default_rng(0).random(D) / 10
POPULATION = lg.Problem.from_population(S, POWER, n_samples=N, label_noise=NOISE, outputs=2)
WARM = lg.Distillation(
    POPULATION,
    teacher=lg.Ridge(2.0, temperature=0.4),
    student=lg.Ridge(1.0, temperature=0.3),
    draws=2,
    transfer=lg.FreshInputs(M),
)
MIXING, TEMPERATURE, PENALTY = (0.8, 0.6, 1.0), (0.3, 0.0, 0.5), (1.0, 3.0, 0.5)
COLD = lg.Ridge(0.0, temperature=0.0)


def at(problem, rows):
    """Return the problem of given rows, whose test inputs are those of a population."""
    covariance = problem.test_covariance.matrix
    given = lg.Problem.from_inputs(rows, label_noise=problem.label_noise, test_cov=covariance)
    return changed(given, outputs=problem.outputs, truth=problem.truth)


def risks_of(chain):
    return chain.sweep()["excess_risk"].values


def trained(rng, x, y, penalty, energy, draws):
    """Return ridge weights (k, d), and a mean of draws about them."""
    inverse = np.linalg.inv(x.T @ x + penalty * np.eye(D))
    mean = y.T @ x @ inverse
    root = np.linalg.cholesky(inverse)
    drawn = [mean + math.sqrt(energy) * rng.standard_normal(mean.shape) @ root.T for _ in range(draws)]
    return np.mean(drawn, axis=0), drawn[0]


def simulated(rng, fresh, accumulate, pool, given=None):
    """Return squared errors of every round's student, everything drawn; nothing of the library."""
    truth = rng.choice([-1.0, 1.0], (2, D)) * np.sqrt(POWER / 2)
    first = rng.standard_normal((N, D)) * np.sqrt(S) if given is None else given
    truly = first @ truth.T + NOISE * rng.standard_normal((N, 2))
    sets = [(first, truly)]
    teacher = trained(rng, *sets[0], 2.0, 0.4 * NOISE**2, 2)[0]
    found = []
    for number in range(3):
        xi, tau = MIXING[number], TEMPERATURE[number]
        x = rng.standard_normal((M, D)) * np.sqrt(S) if fresh == "inputs" else first
        true = truly if fresh == "none" else x @ truth.T + NOISE * rng.standard_normal((len(x), 2))
        soft = x @ teacher.T + NOISE * math.sqrt(tau / 2) * rng.standard_normal((len(x), 2))
        if pool == "rows":
            y = np.where((np.arange(len(x)) < round(xi * len(x)))[:, None], soft, true)
        else:
            y = (1 - xi) * true + xi * soft
        sets = [*sets, (x, y)] if accumulate else [(x, y)]
        data = (np.concatenate(part) for part in zip(*sets, strict=True))
        teacher, student = trained(rng, *data, PENALTY[number], 0.3 * NOISE**2, 2)
        found.append(np.sum(S * np.square(student - truth)))
    return found


@pytest.mark.parametrize(
    ("fresh", "accumulate", "pool"),
    [("none", False, "labels"), ("labels", False, "labels"), ("labels", True, "labels"), ("inputs", False, "labels"),
     ("inputs", True, "labels"), ("inputs", False, "rows"), ("inputs", True, "rows")],
)  # fmt: skip
@pytest.mark.parametrize("inputs", ["drawn", "given"])
def test_every_round_errs_as_when_all_of_it_is_drawn(fresh, accumulate, pool, inputs):
    rng = np.random.default_rng(1)
    given = rng.standard_normal((N, D)) * np.sqrt(S) if inputs == "given" else None
    case = WARM if fresh == "inputs" else WARM.replace(transfer=None)
    if given is not None:
        if accumulate and fresh == "inputs":
            pytest.skip("only of populations")
        case = case.replace(problem=at(POPULATION, given))
    chain = lg.Chain(case, 3, MIXING, temperature=TEMPERATURE, penalty=PENALTY, fresh=fresh, accumulate=accumulate, pool=pool)  # fmt: skip # noqa: E501
    values = np.array([simulated(rng, fresh, accumulate, pool, given) for _ in range(300)])
    error = values.std(axis=0, ddof=1) / 300**0.5
    assert np.all(np.abs(risks_of(chain) - values.mean(axis=0)) <= np.maximum(0.02 * values.mean(axis=0), 4 * error))


@pytest.mark.parametrize(("pool", "accumulate"), [("labels", False), ("rows", False)])
def test_a_subspace_of_all_directions_is_none(pool, accumulate):
    turned = np.linalg.qr(np.random.default_rng(2).normal(size=(D, D)))[0]
    chains = [
        lg.Chain(WARM.replace(bottleneck=view), 4, MIXING[0], fresh="inputs", pool=pool, accumulate=accumulate)
        for view in (None, lg.Selected(range(D)), lg.Subspace(turned))
    ]
    for chain in chains[1:]:
        assert_allclose(risks_of(chain), risks_of(chains[0]), rtol=1e-11)
        assert chain.stationary_excess_risk() == pytest.approx(chains[0].stationary_excess_risk(), rel=1e-11)


def test_the_first_round_is_the_design_itself():
    chain = lg.Chain(WARM, 1, 0.7, fresh="inputs")
    assert risks_of(chain)[0] == pytest.approx(WARM.replace(mixing=0.7).excess_risk().student, rel=1e-12)
    same = WARM.replace(transfer=None, mixing=0.7)
    assert risks_of(lg.Chain(same, 1))[0] == pytest.approx(same.excess_risk().student, rel=1e-12)


@pytest.mark.parametrize("view", [None, lg.Selected((0, 2))])
def test_rounds_of_new_labels_at_given_inputs_are_judged_at_these_where_no_others_are_given(view):
    rows = np.random.default_rng(6).standard_normal((9, 3)) * [2.0, 1.0, 0.5]
    learners = {"teacher": lg.Ridge(2.0, 0.4), "student": lg.Ridge(1.0, 0.3), "bottleneck": view}
    here, moved = (
        lg.Distillation(lg.Problem.from_inputs(rows, [[1.0, -1.0, 2.0]], label_noise=0.5, test_cov=cov), **learners)
        for cov in (None, rows.T @ rows / 9)
    )
    for settings in ({"mixing": 0.6}, {"mixing": 0.6, "accumulate": True}):
        one, other = (lg.Chain(case, 3, fresh="labels", **settings) for case in (here, moved))
        assert_allclose(risks_of(one), risks_of(other), rtol=1e-12)
    one, other = (lg.Chain(case, 2, 0.6, fresh="labels") for case in (here, moved))
    assert one.stationary_excess_risk() == pytest.approx(other.stationary_excess_risk(), rel=1e-12)
    assert one.best_mixing().value == pytest.approx(other.best_mixing().value, rel=1e-10)


def test_a_single_spike_is_forgotten_and_found_as_wu_and_yang_and_sun_2026_say():
    """Rounds of noiseless labels on fresh inputs: a U shape, best at the third, at n = 20,000, d = 40,000."""
    n = 20_000
    s, w = np.ones(2 * n), np.zeros(2 * n)
    s[0], w[0] = 20.0, 1.0
    blocks = []
    for number in range(6):
        pull, noise = np.zeros((2, 6, 6))
        pull[number, number] = 1.0
        pull[number, max(number - 1, 0)] -= number > 0
        noise[number, number] = 4.0 if number == 0 else 0.0
        blocks.append(Block(float(n), pull, noise))
    stages = Stages(s, w, np.ones((6, 2 * n), bool), np.zeros(6), blocks, np.zeros(6))
    found = stages.errors().diagonal()
    assert_allclose(found, [4.090703, 2.236681, 1.440020, 1.197138, 1.252139, 1.473435], rtol=4e-4)
    assert_allclose(found[[0, 3]], [4.090876, 1.197554], atol=6e-7)


def test_least_squares_collapses_by_the_same_each_generation_as_dohmatob_and_feng_and_kempe_2024_say():
    problem = lg.Problem.from_population(np.ones(300), np.zeros(300), n_samples=600, label_noise=0.5)
    case = lg.Distillation(problem, teacher=COLD, student=COLD, temperature=1.0)
    risks = risks_of(lg.Chain(case, 6, 1.0, fresh="inputs"))
    assert_allclose(np.diff(risks), 0.25 * 300 / (600 - 300), rtol=1e-12)
    accumulating = risks_of(lg.Chain(case, 60, 1.0, fresh="inputs", accumulate=True))
    assert accumulating[-1] < 2 * risks[0]  # bounded, by about π²/6 of one generation
    assert lg.Chain(case, 6, 1.0, fresh="inputs", pool="rows").sweep()["excess_risk"][-1] == pytest.approx(risks[-1])


@pytest.mark.parametrize("n", [50, 400])
@pytest.mark.parametrize("spectrum", [0.0, 1.1])
def test_with_fresh_labels_and_no_penalty_the_best_real_share_is_the_golden_ratio(n, spectrum):
    """Garg, Bhattacharya & Sur 2025, whatever the inputs are and however many."""
    golden = (math.sqrt(5) - 1) / 2
    s = np.arange(1, 101.0) ** -spectrum
    problem = lg.Problem.from_population(s, np.zeros(100), n_samples=n, label_noise=1.0)
    case = lg.Distillation(problem, teacher=COLD, student=COLD)
    found = lg.Chain(case, 1, fresh="labels").best_stationary_mixing()
    assert 1 - found.mixing == pytest.approx(golden, abs=1e-6)
    assert found.value == pytest.approx(golden * case.excess_risk().teacher, rel=1e-12)
    given = case.replace(problem=at(problem, np.random.default_rng(0).standard_normal((n, 100)) * np.sqrt(s)))
    assert 1 - lg.Chain(given, 1, fresh="labels").best_stationary_mixing().mixing == pytest.approx(golden, abs=1e-6)


def test_anchors_of_the_golden_ratio():
    def best(problem, learner, fresh):
        case = lg.Distillation(problem, teacher=learner, student=learner)
        return lg.Chain(case, 1, fresh=fresh).best_stationary_mixing()

    half = lg.Problem.from_population(np.ones(100), np.ones(100) / 100, n_samples=200, label_noise=1.0)
    assert best(half, COLD, "labels").value == pytest.approx(0.618034, abs=5e-7)
    twice = lg.Problem.from_population(np.ones(200), np.ones(200) / 200, n_samples=100, label_noise=1.0)
    assert best(twice, COLD, "labels").value == pytest.approx(1.118034, abs=5e-7)
    assert 1 - best(twice, lg.Ridge(100.0, temperature=0.0), "labels").mixing == pytest.approx(0.7037, abs=5e-5)
    assert 1 - best(twice, COLD, "inputs").mixing == pytest.approx(0.6085, abs=5e-5)
    silent = lg.Problem.from_population(np.ones(200), np.zeros(200), n_samples=100, label_noise=1.0)
    assert 1 - best(silent, COLD, "inputs").mixing == pytest.approx(0.5616, abs=5e-5)


def test_with_the_true_labels_of_one_data_set_soft_ones_never_help_without_penalty():
    case = lg.Distillation(POPULATION, teacher=COLD, student=COLD)
    assert lg.Chain(case, 1).best_stationary_mixing().mixing == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("fresh", ["none", "labels", "inputs"])
@pytest.mark.parametrize("view", [None, lg.Selected(range(3, 15))])
@pytest.mark.parametrize("inputs", ["drawn", "given"])
def test_long_chains_settle_at_the_stationary_risk(fresh, view, inputs):
    case = WARM.replace(bottleneck=view, mixing=0.6, temperature=0.5)
    if fresh != "inputs":
        case = case.replace(transfer=None)
    if inputs == "given":
        rows = np.random.default_rng(3).standard_normal((N, D)) * np.sqrt(S)
        case = case.replace(problem=at(POPULATION, rows))
    chain = lg.Chain(case, 60, fresh=fresh)
    assert risks_of(chain)[-1] == pytest.approx(chain.stationary_excess_risk(), rel=1e-11)


@pytest.mark.parametrize("fresh", ["labels", "inputs"])
@pytest.mark.parametrize("warmth", [0.0, 1.0])
def test_rounds_without_a_penalty_settle_too_drawn_or_not(fresh, warmth):
    learner = lg.Ridge(0.0, temperature=warmth)
    case = lg.Distillation(POPULATION, teacher=learner, student=learner, mixing=0.6, draws=2)
    chain = lg.Chain(case.replace(problem=POPULATION.with_samples(3 * D)), 60, fresh=fresh)
    assert risks_of(chain)[-1] == pytest.approx(chain.stationary_excess_risk(), rel=1e-11)


def test_rounds_on_the_labels_of_one_data_set_end_at_ridge_with_the_penalty_that_borup_and_andersen_2021_say():
    learner = lg.Ridge(2.0, temperature=0.0)
    case = lg.Distillation(POPULATION, teacher=learner, student=learner, temperature=0.0, mixing=0.6)
    alone = case.replace(teacher_penalty=2.0 / (1 - 0.6)).excess_risk().teacher
    assert lg.Chain(case, 1).stationary_excess_risk() == pytest.approx(alone, rel=1e-13)
    assert risks_of(lg.Chain(case, 200))[-1] == pytest.approx(alone, rel=1e-12)


def test_pooled_rows_settle_too_and_endless_mixing_of_soft_labels_does_not():
    chain = lg.Chain(WARM, 60, 0.6, fresh="inputs", pool="rows")
    assert risks_of(chain)[-1] == pytest.approx(chain.stationary_excess_risk(), rel=1e-11)
    case = lg.Distillation(POPULATION, teacher=COLD, student=COLD, mixing=1.0)
    for fresh in ("none", "labels", "inputs"):
        with pytest.raises(DomainError, match="drift apart"):
            lg.Chain(case, 1, fresh=fresh).stationary_excess_risk()


@pytest.mark.parametrize("fresh", ["none", "labels", "inputs"])
@pytest.mark.parametrize("inputs", ["drawn", "given"])
def test_the_best_mixing_of_every_round_beats_its_neighbours(fresh, inputs):
    case = WARM.replace(student_penalty=3.0) if fresh == "inputs" else WARM.replace(student_penalty=3.0, transfer=None)
    if inputs == "given":
        if fresh == "none":
            pytest.skip("tests/rounds/test_mixing.py")
        rows = np.random.default_rng(3).standard_normal((N, D)) * np.sqrt(S)
        case = case.replace(problem=at(POPULATION, rows))
    best = lg.Chain(case, 3, fresh=fresh).best_mixing()
    assert best.value == pytest.approx(best.infimum, rel=1e-9)
    assert risks_of(best.chain)[-1] == pytest.approx(best.value, rel=1e-13)
    rng = np.random.default_rng(4)
    for scale in (1e-3, 0.1, 1.0):
        near = np.array(best.mixing) + scale * rng.standard_normal((10, 3))
        assert min(risks_of(lg.Chain(case, 3, mixing, fresh=fresh))[-1] for mixing in near.tolist()) >= best.value


def test_at_the_interpolation_peak_rounds_are_infinite_and_those_that_do_not_learn_from_them_are_not():
    problem = lg.Problem.from_population(np.ones(40), np.ones(40) / 40, n_samples=40, label_noise=1.0)
    case = lg.Distillation(problem, teacher=COLD, student=COLD, temperature=0.0, mixing=0.5)
    assert np.all(np.isinf(risks_of(lg.Chain(case, 3, fresh="labels"))))
    chain = lg.Chain(case, 3, [0.5, 0.0, 0.5], penalty=[0.0, 1.0, 1.0], fresh="labels")
    assert np.isinf(risks_of(chain)).tolist() == [True, False, False]


@pytest.mark.filterwarnings("ignore::lingauss.errors.EquivalentWarning")  # three rows are few, but not what is asked
@pytest.mark.parametrize("inputs", ["drawn", "given"])
def test_every_round_that_follows_the_interpolation_peak_on_new_rows_is_infinite(inputs):
    problem = lg.Problem.from_population([3.0, 1.0, 0.5], [1.0] * 3, n_samples=3, label_noise=0.5)
    case = lg.Distillation(problem, lg.Ridge(1.0), COLD)
    if inputs == "given":
        case = case.replace(problem=at(problem, np.eye(3)), transfer=lg.FreshInputs(3))
    assert risks_of(lg.Chain(case, 4, 1.0, fresh="inputs")).tolist() == [np.inf] * 4


def test_penalties_of_rounds_are_those_of_designs_at_given_inputs():
    problem = lg.Problem.from_spectrum([4.0, 1.0, 0.25], [1.0, 1.0, 0.25], n_samples=10, label_noise=1.0)
    case = lg.Distillation(problem, mixing=0.7)
    one, two = lg.Chain(case, 3, penalty=0.3), lg.Chain(case.replace(student_penalty=0.3), 3)
    for name, values in one.sweep().items():
        assert_allclose(values, two.sweep()[name], rtol=1e-12, atol=1e-30)
    assert one.ledger(2).total == pytest.approx(two.ledger(2).total, rel=1e-12)
    assert one.best_mixing().value == pytest.approx(two.best_mixing().value, rel=1e-10)
    mixed = lg.Chain(case, 2, penalty=[0.3, 2.0])
    best = mixed.best_mixing()
    assert best.value <= min(risks_of(lg.Chain(case, 2, xi, penalty=[0.3, 2.0]))[-1] for xi in np.linspace(0, 1, 11))


def test_what_is_drawn_survives_a_sweep_and_is_told():
    chain = lg.Chain(WARM, 2, fresh="inputs", accumulate=True)
    found = chain.sweep(mixing=[0.5, 1.0], label_noise=[0.3, 0.6])
    again = lg.case_of(found.isel(mixing=0, label_noise=1))
    assert_allclose(risks_of(again), found["excess_risk"].values[:, 0, 1], rtol=1e-13)
    assert repr(chain) == "Chain(2 rounds, fresh inputs, accumulating)"
    rows = re.findall(r"<tr><th>([^<]*)</th><td>([^<]*)</td></tr>", chain._repr_html_())
    assert dict(rows).items() >= {"rounds": "2", "fresh": "inputs", "accumulate": "True", "pool": "labels"}.items()
    assert again.with_rounds(5).fresh == "inputs"


@pytest.mark.parametrize(
    ("settings", "error", "told"),
    [
        ({"fresh": "rows"}, UnknownNameError, "none, labels, inputs"),
        ({"pool": 3}, UnknownNameError, "labels, rows"),
        ({"fresh": "labels"}, DomainError, "transfer inputs"),
        ({"fresh": "none"}, DomainError, "fresh='inputs'"),
        ({"fresh": "inputs", "accumulate": "yes"}, DomainError, "True or False"),
        ({"fresh": "inputs", "pool": "rows", "mixing": 1.5}, DomainError, "from 0 to 1"),
        ({"fresh": "inputs", "penalty": -1.0}, DomainError, "penalty"),
    ],
)
def test_rounds_that_make_no_sense_are_refused(settings, error, told):
    with pytest.raises(error, match=told):
        lg.Chain(WARM, 2, **settings)


def test_what_has_no_closed_form_is_refused_by_name():
    plain = WARM.replace(transfer=None)
    given = lg.Problem.from_spectrum(S, POWER, n_samples=N, label_noise=1.0)
    with pytest.raises(DomainError, match="fresh labels or inputs"):
        lg.Chain(plain, 2, accumulate=True)
    with pytest.raises(DomainError, match="pool='rows'"):
        lg.Chain(plain, 2, fresh="labels", pool="rows")
    with pytest.raises(DomainError, match="test_cov"):
        lg.Chain(lg.Distillation(given), 2, fresh="inputs")
    rows = np.random.default_rng(3).standard_normal((N, D))
    with pytest.raises(DomainError, match="from_population"):
        lg.Chain(WARM.replace(problem=at(POPULATION, rows)), 2, fresh="inputs", accumulate=True)
    for chain in (lg.Chain(WARM, 2, fresh="inputs"), lg.Chain(plain, 2)):
        with pytest.raises(NotAveragedError, match="divergence"):
            chain.ledger(1)
        with pytest.raises(NotAveragedError, match="gap"):
            chain.sweep(quantities=["gap"])
    with pytest.raises(DomainError, match="stationary_excess_risk"):
        lg.Chain(WARM, 2, fresh="inputs").limit()
    with pytest.raises(DomainError, match="accumulate"):
        lg.Chain(WARM, 2, fresh="inputs", accumulate=True).stationary_excess_risk()
    with pytest.raises(DomainError, match="every label"):
        lg.Chain(WARM, 2, fresh="inputs", accumulate=True).best_mixing()
    with pytest.raises(NotAveragedError, match="GradientFlow"):
        lg.Chain(plain.replace(student=lg.GradientFlow(1.0)), 2, fresh="labels").sweep()
    with pytest.raises(NotAveragedError, match="Subspace"):
        lg.Chain(plain.replace(bottleneck=lg.Subspace(np.eye(D)[:, :3])), 2, fresh="labels").sweep()
