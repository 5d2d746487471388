"""Repeated distillation: rounds compose, both routes agree, and the limit is where many rounds lead."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

import lingauss as lg
from lingauss.errors import DomainError, EmptyDataError, MissingTruthError, ShapeError, UnknownNameError
from lingauss.rounds import sweep
from lingauss.rounds.sweep import UNITS
from lingauss.sums import pooled as direction_sums
from lingauss.testing import distillations, numbers

pytestmark = pytest.mark.filterwarnings("ignore::lingauss.errors.TiedSpectrumWarning")


@st.composite
def chains(draw, *, spectral=True, modes=("averaged", "observed", "plug-in")):
    case = draw(distillations(max_features=4, spectral=spectral, modes=modes, singular=True))
    if isinstance(case.bottleneck, lg.Best):
        case = case.replace(bottleneck=lg.Principal(case.rank))
    rounds = draw(st.integers(1, 4))

    def per_round(values):
        return draw(st.none() | values | st.lists(values, min_size=rounds, max_size=rounds))

    largest = case.largest_rank
    return lg.Chain(
        case,
        rounds,
        mixing=per_round(numbers(minimum=-0.5, maximum=1.5)),
        temperature=per_round(numbers(minimum=0.0, maximum=3.0)),
        rank=None if case.student.temperature == 0.0 else per_round(st.integers(0, largest)),
    )


def dense(chain):
    """The same chain through a general subspace, which takes the dense route."""
    largest = chain.case.replace(rank=max(chain.ranks())) if max(chain.ranks()) else chain.case
    return lg.Chain(
        chain.case.replace(bottleneck=lg.Subspace(largest.basis)),
        chain.rounds,
        chain.mixing,
        chain.ranks(),
        chain.temperature,
    )


def names_for(chain):
    return [name for name in UNITS if chain.case.problem.truth is not None or name != "excess_risk"]


@settings(max_examples=80, deadline=None)
@given(chains())
def test_rounds_by_direction_agree_with_the_dense_route(chain):
    names = names_for(chain)
    ours, plain = chain.sweep(quantities=names), dense(chain).sweep(quantities=names)
    for name in names:
        total = ours["first_divergence" if name.startswith("first") else "divergence"]
        scale = np.abs(ours[name]) if name in ("gap", "excess_risk") else total
        assert np.all(np.abs(plain[name] - ours[name]) <= 1e-9 * scale + 1e-11), name


@settings(max_examples=60, deadline=None)
@given(chains(spectral=None))
def test_first_round_is_the_design_itself(chain):
    first = chain.case.replace(**chain.settings(1))
    ledger = first.divergence()
    results = chain.sweep(quantities=["divergence", "first_divergence", "bias", "gap"]).isel(round=0)
    assert_allclose([results.divergence, results.first_divergence], ledger.total, rtol=1e-9, atol=1e-12)
    assert_allclose(results.bias, ledger.bias, rtol=0, atol=1e-9 * ledger.total + 1e-12)
    assert_allclose(results.gap, first.gaps().student, rtol=1e-9, atol=1e-13)


def test_full_rank_rounds_are_students_taught_by_their_predecessors():
    problem = lg.Problem.from_gram(np.diag([4.0, 2.0, 1.0]) + 0.2, n_samples=20, truth=np.ones((2, 3)), label_noise=0.5)
    case = lg.Distillation(problem, lg.Ridge(0.5), lg.Ridge(1.0, 0.5), mixing=0.7, temperature=2.0, draws=3)
    chain, by_hand = lg.Chain(case, 3), case
    results = chain.sweep()
    for number in range(1, 4):
        now = results.sel(round=number)
        assert_allclose(now.divergence, by_hand.divergence().total, rtol=1e-12)
        assert_allclose(now.first_divergence, by_hand.divergence_from(case.teacher).total, rtol=1e-12)
        assert_allclose(now.excess_risk, by_hand.excess_risk().student, rtol=1e-13)
        assert_allclose(chain.ledger(number).total, now.divergence, rtol=1e-12)
        assert_allclose(chain.ledger(number, from_first=True).total, now.first_divergence, rtol=1e-12)
        by_hand = by_hand.replace(teacher=by_hand.student_channel)


def test_students_behind_a_bottleneck_teach_what_they_predict():
    """A floor counts in the ledger of its own round and reaches no label."""
    problem = lg.Problem.from_gram(np.diag([4.0, 2.0, 1.0]) + 0.2, n_samples=20, truth=np.ones(3), label_noise=0.5)
    basis = np.array([[1.0], [1.0], [0.0]])
    low, high = (
        lg.Chain(lg.Distillation(problem, bottleneck=lg.Subspace(basis), floor=floor), 3) for floor in (0.1, 10.0)
    )
    assert_allclose(low.sweep().excess_risk, high.sweep().excess_risk, rtol=1e-14)
    assert_allclose(low.designs[2].student_predictor.cov, high.designs[2].student_predictor.cov, rtol=1e-14)
    assert low.ledger(1).total != high.ledger(1).total
    assert low.ledger(2).rank_bottleneck == pytest.approx(0.0, abs=1e-12)  # the same directions are missing


SPECTRUM = 100.0 / np.arange(1, 13)


def smooth(**changes):
    problem = lg.Problem.from_spectrum(SPECTRUM, 1 / np.arange(1, 13), n_samples=100, label_noise=0.5, outputs=2)
    case = lg.Distillation(problem, lg.Ridge(2.0), lg.Ridge(3.0, 0.5), temperature=1.5, mixing=0.7, draws=4)
    return case.replace(**changes)


@pytest.mark.parametrize("axes", [{"temperature": [0.0, 1.0, 5.0]}, {"mixing": [-0.4, 1.0], "label_noise": [0.2, 1.0]}])
@pytest.mark.parametrize("rank", [None, 12, 5, [5, 9, 2]])
def test_chains_are_swept_point_by_point(axes, rank, monkeypatch):
    chain = lg.Chain(smooth(rank=7, floor=0.2), 3, rank=rank)
    results = chain.sweep(**axes)
    monkeypatch.setattr("lingauss.rounds.sweep.BLOCK", 20)
    for name, values in chain.sweep(**axes).items():
        assert_allclose(values, results[name], rtol=1e-11, atol=1e-14)
    for point in np.ndindex(*(len(values) for values in axes.values())):
        here = {name: values[i] for i, (name, values) in zip(point, axes.items(), strict=True)}
        alone = lg.Chain(chain.case.replace(**here), 3, rank=rank).sweep()
        for name in results.data_vars:
            assert_allclose(results[name].sel(here), alone[name], rtol=1e-10, atol=1e-13)
    assert list(results.dims) == ["round", *axes]
    assert list(results["round"].values) == [1, 2, 3]


@pytest.mark.parametrize("grid", [(), (5,), (7, 3), (2, 3, 5)])
@pytest.mark.parametrize("directions", [1, 6, 20, 50])
def test_blocks_of_a_grid_cover_it_once_and_hold_no_more_than_they_may(directions, grid, monkeypatch):
    monkeypatch.setattr(sweep, "BLOCK", 40)
    times, blocks = np.zeros(grid), list(sweep._blocks(directions, grid))
    for block in blocks:
        times[block] += 1
        assert np.size(times[block]) * directions <= max(40, directions)
    assert np.all(times == 1)
    assert (len(blocks) == 1) == (times.size == 1 or directions * times.size <= 40)


@pytest.mark.parametrize("axis", ["n_samples", "penalty", "student_temperature", "floor", "draws"])
def test_every_kind_of_axis_reaches_every_round(axis):
    values = {"n_samples": [50, 400], "draws": [1, 9]}.get(axis, [0.5, 2.0])
    chain = lg.Chain(smooth(rank=7), 3, rank=[7, 4, 9])
    results = chain.sweep(**{axis: values})
    for value in values:
        alone = lg.Chain(chain.case.replace(**{axis: value}), 3, rank=[7, 4, 9]).sweep()
        for name in results.data_vars:
            assert_allclose(results[name].sel({axis: value}), alone[name], rtol=1e-10, atol=1e-13)


def test_spread_of_rounds_that_nearly_agree_keeps_its_digits():
    """Late rounds differ from their teachers by less than rounding leaves of a difference of logarithms."""
    chain = lg.Chain(smooth(mixing=0.5, draws=1, student=lg.Ridge(40.0)), 9)
    results = chain.sweep(quantities=["retained_spread", "divergence"], temperature=[0.5, 2.0])
    for temperature in (0.5, 2.0):
        designs = lg.Chain(chain.case.replace(temperature=temperature), 9)
        for number in range(2, 10):
            ratio = np.diag(designs.designs[number - 1].student_channel.cov) / np.diag(
                designs.designs[number - 2].student_channel.cov
            )
            x = ratio - 1
            exact = (
                np.sum(x**2 / 2 - x**3 / 3 + x**4 / 4 - x**5 / 5) if np.abs(x).max() < 1e-3 else np.sum(x - np.log1p(x))
            )
            ours = results.sel(round=number, temperature=temperature)
            assert ours.retained_spread >= 0
            assert_allclose(ours.retained_spread, exact, rtol=1e-6, atol=1e-13 * ours.divergence.item())


@pytest.mark.parametrize("close", [False, True])
def test_both_ways_to_a_spread_cost_agree(close, monkeypatch):
    chain = lg.Chain(smooth(rank=7), 4)
    expected = chain.sweep(temperature=[0.0, 1.0, 2.0])
    monkeypatch.setattr(direction_sums, "ACCURACY", 1e-99 if close else 1e99)
    results = chain.sweep(temperature=[0.0, 1.0, 2.0])
    for name in ("variance", "first_variance"):
        assert_allclose(results[name], expected[name], rtol=1e-10)


def test_deterministic_rounds_cost_infinitely_much_and_their_bias_does_not():
    cold = lg.Chain(smooth(student=lg.Ridge(3.0, 0.0), mixing=0.0), 2).sweep()
    assert np.all(np.isinf(cold.first_divergence))
    assert np.all(np.isfinite(cold.first_bias))
    learner = lg.Ridge(3.0, 0.0)
    same = lg.Chain(smooth(teacher=learner, student=learner, mixing=0.0), 2).sweep()
    assert np.all(same.divergence == 0.0)


LEARNERS = [
    lg.Ridge(3.0, 0.5),
    lg.NoisyGradientDescent(9, 0.01, 0.5),
    lg.NoisyGradientDescent(8, 0.015, 2.0),
    lg.GradientFlow(0.1, 0.0),
]


@pytest.mark.parametrize("learner", LEARNERS, ids=lambda learner: type(learner).__name__)
@pytest.mark.parametrize(("mixing", "rank"), [(-0.5, 12), (0.6, 6), (0.95, 12)])
def test_limit_is_where_many_rounds_lead(learner, mixing, rank):
    assert_limit_is_reached(smooth(student=learner, mixing=mixing, rank=rank), 600)


def test_pure_distillation_without_end_forgets_the_labels():
    case = smooth(student=lg.Ridge(40.0), mixing=1.0)
    assert_limit_is_reached(case, 150)
    assert np.abs(lg.Chain(case, 1).limit().student_channel.A).max() < 1e-16


def assert_limit_is_reached(case, rounds):
    limit, last = lg.Chain(case, 1).limit(), lg.Chain(case, rounds).sweep().isel(round=-1)
    assert_allclose(limit.divergence().total, last.first_divergence, rtol=1e-9)
    assert_allclose(limit.excess_risk().student, last.excess_risk, rtol=1e-9)
    assert_allclose(limit.gaps().student, last.gap, rtol=1e-9, atol=1e-12)
    assert abs(last.divergence) < 1e-9
    plain = limit.replace(bottleneck=lg.Subspace(limit.basis))
    assert_allclose(plain.divergence().cells, limit.divergence().cells, rtol=1e-8, atol=1e-9)


def test_limit_of_ridge_is_ridge_of_a_larger_penalty():
    """Borup & Andersen 2021, in every direction and to all digits."""
    learner, weight = lg.Ridge(0.8, 0.0), 0.3
    case = smooth(teacher=learner, student=learner, mixing=1 - weight, temperature=0.0)
    limit, ridge = lg.Chain(case, 5).limit(), lg.Ridge(0.8 / weight, 0.0)
    G = case.problem.gramian
    assert_allclose(limit.student_channel.A, ridge.channel(G, 0.5).A, rtol=1e-14)
    assert_allclose(lg.Chain(case, 400).sweep().excess_risk[-1], case.replace(teacher=ridge).excess_risk().teacher)


def test_rounds_that_drift_apart_have_no_limit():
    with pytest.raises(DomainError, match=r"mixing within ±1\.03, .*got 1\.2"):
        lg.Chain(smooth(mixing=1.2), 3).limit()
    with pytest.raises(DomainError, match="the same mixing in every round"):
        lg.Chain(smooth(), 2, mixing=[0.1, 0.2]).limit()


@pytest.mark.parametrize(
    ("build", "error", "message"),
    [
        (lambda: lg.Chain(smooth(), 0), DomainError, "rounds, a whole number from 1 to 10000; got 0"),
        (lambda: lg.Chain(smooth(), -2), DomainError, "rounds, a whole number from 1 to 10000"),
        (lambda: lg.Chain(smooth(), 1.5), DomainError, "rounds, a whole number"),
        (lambda: lg.Chain(smooth(), 3, mixing=[0.1, 0.2]), ShapeError, "mixing as one value, or 3, one per round"),
        (lambda: lg.Chain(smooth(), 2, temperature=[1.0, -1.0]), DomainError, "temperature at least 0"),
        (lambda: lg.Chain(smooth(), 2, rank=13), DomainError, "rank from 0 to 12"),
        (lambda: lg.Chain(smooth(bottleneck=lg.Best(3)), 2), DomainError, "the same directions in every round"),
        (lambda: lg.Chain(lg.Ridge(1.0), 2), DomainError, "a Distillation, round 1; got Ridge"),
        (lambda: lg.Chain(smooth(), 2).ledger(3), DomainError, "number, a whole number from 1 to 2"),
        (lambda: lg.Chain(smooth(), 2).sweep(student_rank=[1]), DomainError, "without student_rank"),
        (
            lambda: lg.Chain(smooth(), 2, mixing=0.5).sweep(mixing=[1.0]),
            DomainError,
            "without mixing, which is set per",
        ),
        (lambda: lg.Chain(smooth(), 2).sweep(quantities=["risk"]), UnknownNameError, "a quantity of a chain"),
        (lambda: lg.Chain(smooth(), 2).sweep(quantities=[]), EmptyDataError, "at least one quantity"),
        (lambda: lg.Chain(smooth(), 2).with_rounds(0), DomainError, "rounds, a whole number from 1 to 10000"),
        (lambda: lg.Chain(smooth(), 2, mixing=[0.1, 0.2]).with_rounds(3), DomainError, "at most 2 rounds"),
    ],
)
def test_bad_input_is_refused(build, error, message):
    with pytest.raises(error, match=message):
        build()


def test_a_student_given_as_its_whole_law_cannot_be_repeated():
    case = smooth()
    whole = lg.Distillation.from_channels(case.problem, case.teacher_channel, case.student_channel)
    with pytest.raises(DomainError, match="a student that learns anew in every round; got Channel"):
        lg.Chain(whole, 2)


def test_risks_of_rounds_need_a_truth():
    observed = smooth(problem=smooth().problem.with_statistic(np.ones((2, 12))))
    assert "excess_risk" not in lg.Chain(observed, 2).sweep()
    with pytest.raises(MissingTruthError):
        lg.Chain(observed, 2).sweep(quantities=["excess_risk"])
    with pytest.raises(MissingTruthError):
        lg.Chain(observed, 2).best_mixing()


def test_rounds_are_added_where_their_settings_are_known():
    chain = lg.Chain(smooth(), 2, mixing=0.3)
    assert chain.with_rounds(4).mixing == (0.3,) * 4
    assert lg.Chain(smooth(), 3, mixing=[0.1, 0.2, 0.3]).with_rounds(2).mixing == (0.1, 0.2)
    assert repr(chain) == "Chain(2 rounds, mixing=(0.3, 0.3))"


# The best mixings


def risk(case, mixing, **settings):
    return (
        lg.Chain(case, len(mixing), mixing=list(mixing), **settings)
        .sweep(quantities="excess_risk")
        .excess_risk[-1]
        .item()
    )


def self_distilled(penalty=0.5, **changes):
    problem = lg.Problem.from_spectrum([4.0, 1.0, 0.25], [1.0, 1.0, 0.25], n_samples=10, label_noise=math.sqrt(0.3))
    learner = lg.Ridge(penalty, 0.0)
    return lg.Distillation(problem, learner, learner, temperature=0.0).replace(**changes)


def test_best_mixing_of_one_round_is_that_of_pareek_du_and_oh():
    best = lg.Chain(self_distilled(), 1).best_mixing()
    assert best.mixing[0] == pytest.approx(-0.2759108, abs=1e-7)
    assert 10 * best.value == pytest.approx(0.5825323, abs=1e-7)
    assert best.attained
    assert best.unique


@settings(max_examples=60, deadline=None)
@given(chains(spectral=None, modes=("averaged", "plug-in")), st.data())
def test_no_other_mixings_have_less_risk(chain, data):
    best = chain.best_mixing()
    ranks, temperature = list(chain.ranks()), chain.temperature
    assert best.value == pytest.approx(risk(chain.case, best.mixing, rank=ranks, temperature=temperature), rel=1e-6)
    assert best.infimum <= best.value * (1 + 1e-9) + 1e-12
    if best.attained:
        assert best.value <= best.infimum * (1 + 1e-6) + 1e-9
    for _ in range(3):
        moved = [data.draw(numbers(minimum=-1.0, maximum=2.0)) + 0.01 for _ in best.mixing]
        assert best.infimum <= risk(chain.case, moved, rank=ranks, temperature=temperature) * (1 + 1e-9) + 1e-12


@settings(max_examples=40, deadline=None)
@given(chains(modes=("averaged",)))
def test_best_mixings_by_direction_agree_with_the_dense_route(chain):
    ours, plain = chain.best_mixing(), dense(chain).best_mixing()
    assert_allclose(ours.infimum, plain.infimum, rtol=1e-6, atol=1e-10)


@pytest.mark.parametrize("penalty", [0.05, 0.5, 5.0])
@pytest.mark.parametrize("temperature", [0.0, 0.3])
def test_optimised_risk_never_increases_with_the_rounds(penalty, temperature):
    """A student that mixes in nothing restarts the chain, so that one more round can do what fewer did."""
    learner = lg.Ridge(penalty, temperature)
    problem = lg.Problem.from_spectrum(SPECTRUM, 1 / np.arange(1, 13), n_samples=100, label_noise=0.5)
    case = lg.Distillation(problem, learner, learner, temperature=temperature)
    values = [lg.Chain(case, rounds).best_mixing().value for rounds in range(1, 9)]
    assert values[0] < case.excess_risk().teacher
    assert np.all(np.diff(values) <= 1e-9 * values[0])
    assert values[-1] < values[0]


def test_more_rounds_can_hurt_after_a_first_teacher_of_another_kind():
    """No student of a student comes as close to a good teacher as the first; ridge teachers are an exception."""
    problem = lg.Problem.from_spectrum([22.0, 0.8, 0.3, 0.2], [0.8, 6.0, 0.2, 7.0], n_samples=10, label_noise=0.45)
    case = lg.Distillation(problem, lg.GradientFlow(0.7, 0.0, 0.0), lg.Ridge(1.2, 0.0), temperature=0.0)
    one, two = (lg.Chain(case, rounds).best_mixing().value for rounds in (1, 2))
    assert one < 0.99 * two
    for penalty in (0.1, 1.0, 10.0):
        ridge = case.replace(teacher=lg.Ridge(penalty, 0.0))
        values = [lg.Chain(ridge, rounds).best_mixing().value for rounds in (1, 2, 3)]
        assert np.all(np.diff(values) <= 1e-9 * values[0])


def test_more_rounds_than_shrinkage_factors_leave_a_choice_and_recover_each_direction():
    """With d different factors, d rounds fit every direction's best share; further ones change nothing."""
    case = self_distilled()
    s, w, nu = np.array([4.0, 1.0, 0.25]), np.array([1.0, 1.0, 0.25]), 0.3
    ideal = np.sum(s * w * nu / (s * w + nu)) / 10  # p_i = s|w|²/(s|w|² + ν²)
    three, five = (lg.Chain(case, rounds).best_mixing() for rounds in (3, 5))
    assert_allclose([three.value, five.value], ideal, rtol=1e-9)
    assert three.unique
    assert not five.unique


def test_best_mixing_of_a_student_that_sees_nothing_is_harmless():
    best = lg.Chain(self_distilled(rank=0, floor=0.0), 2).best_mixing()
    assert best.mixing == (0.0, 0.0)
    assert best.value == pytest.approx(0.1 * (4.0 + 1.0 + 0.0625))


def test_transfer_students_have_no_true_labels_to_mix_in():
    moments = lg.Moments.from_data(np.random.default_rng(0).standard_normal((9, 3)), center=False)
    chain = lg.Chain(self_distilled(transfer=moments, mixing=1.0), 2)
    assert np.all(np.isfinite(chain.sweep(quantities=["gap", "excess_risk"]).excess_risk))
    with pytest.raises(DomainError, match="transfer inputs"):
        chain.best_mixing()
    with pytest.raises(DomainError, match="transfer inputs"):
        chain.limit()


def test_the_limit_forgets_a_first_teacher_that_is_no_learner():
    case = smooth(student=lg.Ridge(2.0), mixing=0.5)
    given = case.replace(teacher=case.teacher_channel)
    assert_allclose(lg.Chain(given, 1).limit().student_channel.A, lg.Chain(case, 1).limit().student_channel.A)


def test_quantities_of_chains_tell_their_unit_and_whose_they_are():
    results = lg.Chain(smooth(rank=7), 2).sweep(quantities=list(UNITS))
    single = smooth(rank=7).sweep(
        student_rank=[7], quantities=["divergence", "bias", "retained_spread", "student_gap", "student_excess_risk"]
    )
    same = {"gap": "student_gap", "excess_risk": "student_excess_risk"}
    for name in results.data_vars:
        told = results[name].attrs
        cost = name not in same
        assert told["units"] == single[same.get(name, "divergence")].attrs["units"]
        assert told["units"] == ("nats" if cost else "squared label units")
        if cost:
            plain = name.removeprefix("first_").replace("_", " ")
            whose = "the first teacher" if name.startswith("first_") else "its own teacher"
            assert told["long_name"] == f"{plain}, student from {whose}"
        else:
            assert told["long_name"] == single[same[name]].attrs["long_name"]
    assert results["round"].attrs == {"long_name": "round of distillation", "units": "1"}


@pytest.mark.parametrize("distinct", [1, 2, 3, 5])
@pytest.mark.parametrize("rounds", [1, 2, 3, 4, 6])
@pytest.mark.parametrize("noisy", [False, True])
def test_best_mixings_are_unique_as_long_as_no_others_risk_as_little(distinct, rounds, noisy):
    """Without spread, rounds act through powers of as many shrinkages as there are; with it each counts by itself."""
    spectrum = np.repeat([9.0, 4.0, 2.0, 1.0, 0.3][:distinct], 2)
    problem = lg.Problem.from_spectrum(spectrum, 1.0 + np.arange(2 * distinct), n_samples=30, label_noise=0.7)
    learner = lg.Ridge(1.5, temperature=0.0)
    case = lg.Distillation(problem, learner, learner, temperature=0.5 if noisy else 0.0)
    best = lg.Chain(case, rounds).best_mixing()
    assert best.unique == (noisy or rounds <= distinct)
    if best.unique or rounds > 4:
        return
    # Along a direction that the shrinkages do not see, composed coefficients P_1 … P_r change and the risk does not.
    keep = np.unique(spectrum) / (np.unique(spectrum) + 1.5)
    effects = np.stack([keep**j * (1.0 - keep) for j in range(1, rounds + 1)], axis=1)
    unseen = np.linalg.svd(effects)[2][-1]
    running = np.cumprod(best.mixing[::-1]) + 0.3 * unseen
    mixing = (running / np.concatenate([[1.0], running[:-1]]))[::-1]
    other = lg.Chain(case, rounds, mixing=mixing.tolist()).sweep(quantities=["excess_risk"])
    assert_allclose(float(other["excess_risk"][-1]), best.value, rtol=1e-8)
    assert not np.allclose(mixing, best.mixing, rtol=1e-2)
