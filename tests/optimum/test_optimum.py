"""Optima: certified, never worse than brute force, and equal to the closed forms of docs/theory.md §5."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.optimize import brentq

import lingauss as lg
from lingauss import errors
from lingauss.errors import TiedSpectrumWarning
from lingauss.model.bottleneck import Selected
from lingauss.optimum.direction_spreads import DirectionSpreads
from lingauss.optimum.line_search import global_minimum
from lingauss.sweep.evaluation import sweep_arrays

pytestmark = pytest.mark.filterwarnings("ignore::lingauss.errors.TiedSpectrumWarning")


def random_case(rng, d=5, bottleneck=lg.Principal):
    problem = lg.Problem.from_spectrum(
        10 ** rng.uniform(-1, 2, d),
        rng.uniform(0, 2, d),
        n_samples=50,
        label_noise=10 ** rng.uniform(-1, 0.5),
        outputs=int(rng.integers(1, 4)),
    )
    teacher = lg.Ridge(10 ** rng.uniform(-1, 1), 10 ** rng.uniform(-0.5, 0.5))
    student = lg.Ridge(10 ** rng.uniform(-1, 1), 10 ** rng.uniform(-1, 0))
    return lg.Distillation(
        problem,
        teacher,
        student,
        bottleneck(int(rng.integers(1, d))),
        draws=int(rng.integers(1, 9)),
        mixing=rng.uniform(0.2, 1.2),
    )


def test_optimum_is_never_worse_than_a_grid_of_a_hundred_thousand_designs():
    rng = np.random.default_rng(0)
    for trial in range(100):
        case = random_case(rng)
        spreads = ("temperature", "student_temperature", "floor")
        objective = ("divergence", "prediction_divergence")[trial % 2]
        best = case.optimize(over=spreads, objective=objective)
        values = {name: best.settings[name] for name in spreads}
        axes = {
            name: np.unique(np.r_[0.0 if name == "temperature" else 1e-6, np.geomspace(0.2, 5, 45) * (value or 1.0)])
            for name, value in values.items()
        }
        grid = sweep_arrays(case, axes, (objective,))[objective]
        assert grid.size > 9e4
        assert best.value <= grid.min() * (1 + 1e-12)
        assert best.certificate.kkt_residual <= 1e-9


def test_mixing_optimum_is_never_worse_than_a_fine_grid():
    rng = np.random.default_rng(1)
    for _ in range(20):
        case = random_case(rng)
        best = case.optimize(over=("mixing",))
        grid = sweep_arrays(case, {"mixing": np.linspace(-5, 5, 20001)}, ("divergence",))["divergence"]
        assert best.value <= grid.min() * (1 + 1e-12)


def test_the_best_mixings_of_all_ranks_are_those_of_each_rank_alone():
    """Also where soft labels are noisy draws, some of them averaged: spread that grows with the square of the share."""
    rng = np.random.default_rng(11)
    for draws in (1, 3):
        case = random_case(rng).replace(draws=draws, temperature=0.7)
        together = case.optimize(over=("student_rank", "mixing"), objective="excess_risk")
        for rank in range(6):
            alone = case.replace(rank=rank).optimize(over=("mixing",), objective="excess_risk")
            assert_allclose(together.values[rank], alone.value, rtol=1e-10)
            grid = sweep_arrays(alone.design, {"mixing": np.linspace(-3.0, 3.0, 601)}, ("student_excess_risk",))
            assert alone.value <= grid["student_excess_risk"].min() * (1.0 + 1e-12)
        best = together.design
        assert_allclose(best.excess_risk().student, together.value, rtol=1e-12)


def test_mixing_has_two_global_minima_where_the_divergence_is_even_in_it():
    problem = lg.Problem.from_spectrum([4.0], [1.0], n_samples=1, label_noise=1.0)
    case = lg.Distillation(problem, lg.Ridge(1.0), lg.Ridge(1.0, 0.05))
    best = case.optimize(over=("mixing",))
    assert_allclose(abs(best.settings["mixing"]), 0.7683, atol=1e-4)
    assert_allclose(case.replace(mixing=-best.settings["mixing"]).divergence().total, best.value)


def test_best_floor_is_the_harmonic_mean_of_the_discarded_variances():
    rng = np.random.default_rng(2)
    for _ in range(30):
        case = random_case(rng)
        s = case.problem.eigenbasis.eigenvalues[case.rank :]
        variances = case.teacher.dispersion(case.problem.label_noise) / (s + case.teacher.penalty)
        best = case.optimize(over=("floor",))
        assert_allclose(best.settings["floor"], len(s) / np.sum(1 / variances), rtol=1e-10)
        ledger = best.design.divergence()
        assert_allclose(ledger.rank_bottleneck, ledger.rank_irreducible, rtol=1e-12)


def test_best_temperature_is_the_root_of_its_equation_or_zero():
    rng = np.random.default_rng(3)
    found = []
    for _ in range(60):
        case = random_case(rng)
        d = case.directions
        share = (d.mixing_share / d.sides.teacher_variance)[: case.rank]
        start = ((d.sides.own_variance + d.mixing_share * d.s * d.sides.teacher_variance) / d.sides.teacher_variance)[
            : case.rank
        ]

        def slope(tau, share=share, start=start):
            return float(np.sum(share * (1 - 1 / (start + share * tau))))

        expected = 0.0 if slope(0.0) >= 0 else brentq(slope, 0.0, 1e6, xtol=1e-14, rtol=1e-14)
        assert_allclose(case.optimize(over=("temperature",)).settings["temperature"], expected, rtol=1e-10, atol=1e-12)
        found.append(expected)
    assert 0.0 in found
    assert max(found) > 0.0


def test_many_draws_and_a_cold_student_approach_temperature_five():
    problem = lg.Problem.from_spectrum(np.full(3, 1e9), np.ones(3), n_samples=10**9, label_noise=1.0)
    case = lg.Distillation(problem, lg.Ridge(1.0), lg.Ridge(1.0, 0.25), draws=8)
    assert_allclose(case.optimize(over=("temperature",)).settings["temperature"], 5.0, rtol=1e-6)


def test_default_students_are_best_taught_without_label_noise():
    rng = np.random.default_rng(4)
    problem = random_case(rng).problem
    best = lg.Distillation(problem, bottleneck=lg.Principal(3)).optimize(over=("temperature",))
    assert best.settings["temperature"] == 0.0
    assert "temperature = 0" in best.certificate.active


def test_settings_without_effect_are_reported_flat_and_put_to_zero():
    case = random_case(np.random.default_rng(5)).replace(mixing=0.0)
    best = case.optimize(over=("temperature", "student_temperature"))
    assert "temperature" in best.certificate.flat
    assert best.settings["temperature"] == 0.0


def test_one_kept_direction_leaves_a_flat_valley_and_the_smallest_point_is_returned():
    case = random_case(np.random.default_rng(6)).replace(rank=1, mixing=1.0, draws=8, floor=1.0)
    best = case.optimize(over=("temperature", "student_temperature"))
    assert set(best.certificate.flat) == {"temperature", "student_temperature"}
    settings = best.settings
    shifted = best.design.replace(student_temperature=settings["student_temperature"] * 0.9)
    again = shifted.optimize(over=("temperature",))
    assert_allclose(again.value, best.value, rtol=1e-12)
    assert np.hypot(*settings.values()) <= np.hypot(again.settings["temperature"], shifted.student.temperature) * (
        1 + 1e-9
    )


def test_recommended_rank_is_the_smallest_within_tolerance_and_the_best_within_budget():
    case = random_case(np.random.default_rng(7), d=8)
    best = case.optimize(over=("student_rank", "floor"))
    values = np.array([case.replace(rank=r).optimize(over=("floor",)).value for r in range(9)])
    assert_allclose(best.values, values)
    assert best.settings["student_rank"] == int(np.argmin(values))
    near = case.optimize(over=("student_rank", "floor"), tolerance=0.5)
    assert near.settings["student_rank"] == int(np.flatnonzero(values <= 1.5 * values.min())[0])
    budget = case.optimize(over=("student_rank", "floor"), rank_budget=2)
    assert budget.settings["student_rank"] == int(np.argmin(values[:3]))


def test_enumerated_subsets_beat_or_match_every_other_subset_with_its_own_temperature():
    case = random_case(np.random.default_rng(8), d=5, bottleneck=lg.Best).replace(rank=2, draws=8)
    best = case.optimize(over=("temperature", "floor"))
    assert "every subset" in best.certificate.claim
    principal = case.replace(bottleneck=lg.Principal(2)).optimize(over=("temperature", "floor"))
    assert best.value <= principal.value * (1 + 1e-12)
    assert_allclose(best.design.divergence().total, best.value, rtol=1e-12)


@pytest.mark.parametrize("objective", ["divergence", "prediction_divergence", "excess_risk"])
@pytest.mark.parametrize("bottleneck", [lg.Principal(3), lg.Best(3), None])
def test_value_is_the_designs_own_and_no_ten_percent_change_improves_it(objective, bottleneck):
    rng = np.random.default_rng(9)
    case = random_case(rng, d=6).replace(bottleneck=bottleneck, draws=6)
    best = case.optimize(over=("temperature", "student_temperature", "floor", "mixing"), objective=objective)
    assert_allclose(best.evaluate(best.design), best.value, rtol=1e-10)
    for down, up in best.sensitivities().values():
        assert min(down, up) >= -1e-9 * best.value


def test_least_risk_mixing_is_that_of_one_step_self_distillation():
    """Pareek, Du & Oh 2024 and Das & Sanghavi 2023: ξ* = −.2759108 and n·risk .5825323 (docs/theory.md §8)."""
    problem = lg.Problem.from_spectrum([4.0, 1.0, 0.25], [1.0, 1.0, 0.25], n_samples=10, label_noise=np.sqrt(0.3))
    cold = lg.Ridge(0.5, temperature=0.0)
    case = lg.Distillation(problem, cold, cold, temperature=0.0)
    assert_allclose(10 * case.excess_risk().teacher, 0.5919753, atol=5e-8)
    best = case.optimize(over=("mixing",), objective="excess_risk")
    assert_allclose(best.settings["mixing"], -0.2759108, atol=5e-8)
    assert_allclose(10 * best.value, 0.5825323, atol=5e-8)


@pytest.mark.parametrize(("over", "parabola"), [(("mixing", "temperature"), True), (("temperature",), False)])
def test_claims_about_the_risk_name_what_was_optimised(over, parabola):
    claim = random_case(np.random.default_rng(0)).optimize(over=over, objective="excess_risk").certificate.claim
    assert claim.startswith("global: spread only adds risk")
    assert ("parabola in the mixing" in claim) == parabola


@pytest.mark.parametrize(("over", "searched"), [(("temperature",), False), (("temperature", "mixing"), True)])
def test_claims_where_directions_are_chosen_say_that_the_mixing_was_searched(over, searched):
    case = random_case(np.random.default_rng(0), bottleneck=lg.Best)
    claim = case.optimize(over=over, objective="excess_risk").certificate.claim
    assert claim.startswith("global: spread only adds risk")
    assert ("mixing was searched over the whole line" in claim) == ("best subset" in claim) == searched


@pytest.mark.parametrize(
    ("signal", "noise", "told"),
    [
        (0.0, 1.0, ("student_penalty = 4e+04, the largest searched",)),  # nothing to learn: predict 0
        (1.0, 1e-7, ("student_penalty = 4e-08, the smallest searched",)),  # nothing to shrink for
        (1.0, 1.0, ()),
        (1.0, 0.5, ()),
    ],
)
def test_a_penalty_at_an_edge_of_what_was_searched_is_told(signal, noise, told):
    """1e-8 to 1e4 times the largest eigenvalue, 4."""
    problem = lg.Problem.from_spectrum([4.0, 2.0, 1.0], [signal] * 3, n_samples=20, label_noise=noise)
    case = lg.Distillation(problem, lg.Ridge(1.0), lg.Ridge(1.0), mixing=0.0)
    best = case.optimize(over=("student_penalty",), objective="excess_risk")
    assert best.certificate.active == told


@pytest.mark.parametrize(("rank", "flat"), [(0, ("floor", "mixing")), (2, ("floor",))])
def test_what_no_error_on_unseen_rows_can_tell_is_flat(rank, flat):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((30, 4))
    problem = lg.Problem.from_data(X, X @ np.ones(4) + rng.standard_normal(30))
    case = lg.Distillation(problem, lg.Ridge(3.0), lg.Ridge(1.0), lg.Principal(rank))
    best = case.optimize(over=("mixing", "floor"), objective="cross_validation")
    assert best.certificate.flat == flat
    assert best.value <= case.cross_validation().student


def test_directions_worth_keeping_are_those_the_best_bottleneck_keeps():
    case = random_case(np.random.default_rng(10), d=7, bottleneck=lg.Best)
    table = case.by_direction()
    worth = int(table.worth_keeping.sum())
    assert case.replace(rank=worth).by_direction().kept.tolist() == table.worth_keeping.tolist()
    kept, ledger = table.kept, case.divergence()
    assert_allclose(table.retained_cost[kept].sum() + table.discarded_cost[~kept].sum(), ledger.total)
    assert_allclose(table.student_excess_risk.sum(), case.excess_risk().student)


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"over": ()}, errors.EmptyDataError, "at least one setting"),
        ({"over": ("rank",)}, errors.UnknownNameError, "student_rank"),
        ({"over": ("floor",), "objective": "risk"}, errors.UnknownNameError, "excess_risk"),
        ({"over": ("floor",), "rank_budget": 2}, errors.DomainError, "student_rank"),
        ({"over": ("student_rank",), "tolerance": -0.1}, errors.DomainError, "tolerance"),
        ({"over": ("student_rank",), "rank_budget": 99}, errors.DomainError, "rank_budget"),
    ],
)
def test_bad_requests_are_refused(settings, error, message):
    with pytest.raises(error, match=message):
        random_case(np.random.default_rng(11)).optimize(**settings)


@pytest.mark.parametrize("bottleneck", [lg.Principal(3), lg.Best(3)])
def test_divergences_that_are_infinite_anyway_are_refused_with_a_remedy(bottleneck):
    case = random_case(np.random.default_rng(12)).replace(bottleneck=bottleneck)
    for over in (("temperature",), ("mixing",)):
        with pytest.raises(errors.DomainError, match=r"a teacher with some spread.*prediction divergence"):
            case.replace(teacher=lg.Ridge(1.0, 0.0)).optimize(over=over)
        with pytest.raises(errors.DomainError, match=r"a student with some spread.*prediction divergence"):
            case.replace(floor=0.0).optimize(over=over)


def spreads_of(seed, free):
    rng = np.random.default_rng(seed)
    problem = lg.Problem.from_spectrum(
        10 ** rng.uniform(-1, 2, 6), rng.uniform(0, 2, 6), n_samples=50, label_noise=10 ** rng.uniform(-1, 0.5)
    )
    teacher, student = (lg.Ridge(10 ** rng.uniform(-1, 1), 10 ** rng.uniform(low, low + 1)) for low in (-0.5, -1))
    case = lg.Distillation(problem, teacher, student, lg.Best(2), draws=6)
    return case, DirectionSpreads.of(case, free, predictions=False)


@pytest.mark.parametrize("free", [("floor",), ("temperature", "floor")])
@pytest.mark.parametrize("seed", [24, 40, 82])
def test_subset_and_spreads_are_improved_in_turns_until_neither_changes(seed, free):
    case, spreads = spreads_of(seed, free)
    minimum, kept = spreads.best_subset(2, enumerate_all=False)
    first = spreads.best(case.retained_directions)
    assert minimum.value < first.value * 0.99  # the subset of the design's own spreads is not the last
    settings = dict(zip(free, minimum.x.tolist(), strict=True))
    assert case.replace(**settings).retained_directions.tolist() == kept.tolist()
    everything, best = spreads.best_subset(2, enumerate_all=True)
    assert (everything.value, best.tolist()) == (minimum.value, kept.tolist())


def test_ties_only_warn():
    with pytest.warns(TiedSpectrumWarning):
        lg.Distillation(
            lg.Problem.from_spectrum([1.0, 1.0], [1.0, 0.0], n_samples=3, label_noise=1.0), bottleneck=lg.Principal(1)
        ).divergence()


def test_mixing_far_beyond_one_is_found_where_the_teacher_hardly_shrinks():
    problem = lg.Problem.from_spectrum([4.0, 1.0, 0.25], [1.0, 1.0, 0.25], n_samples=10, label_noise=0.5)
    cold = lg.Ridge(1e-7, 0.0)
    best = lg.Distillation(problem, cold, cold, temperature=0.0).optimize(over=("mixing",), objective="excess_risk")
    assert best.settings["mixing"] > 1e6
    for share in (0.9, 1.1):
        assert best.evaluate(best.design.replace(mixing=share * best.settings["mixing"])) > best.value


def test_mixing_without_effect_is_flat_and_put_to_zero():
    case = random_case(np.random.default_rng(13)).replace(rank=0)
    for objective in ("divergence", "excess_risk"):
        best = case.optimize(over=("mixing",), objective=objective)
        assert (best.settings["mixing"], "mixing" in best.certificate.flat) == (0.0, True)


def test_sensitivities_of_a_best_subset_choose_it_anew():
    case = random_case(np.random.default_rng(14), bottleneck=lg.Best).replace(rank=1)
    costs = case.optimize(over=("student_rank", "temperature"), rank_budget=1).sensitivities()
    assert set(costs) == {"student_rank", "temperature"}


def test_sensitivities_of_listed_directions_stay_within_the_list():
    case = random_case(np.random.default_rng(15)).replace(bottleneck=Selected((0, 3, 1)))
    best = case.optimize(over=("student_rank", "temperature"), rank_budget=1)
    down, up = best.sensitivities()["student_rank"]
    ranks = [case.replace(rank=r, temperature=best.settings["temperature"]).divergence().total for r in range(3)]
    rank = best.settings["student_rank"]
    assert_allclose(up, ranks[rank + 1] - best.value)
    assert_allclose(down, ranks[rank - 1] - best.value if rank else 0.0)
    longest = case.replace(rank=3).optimize(over=("student_rank",), tolerance=0.0)
    assert set(longest.sensitivities()) == {"student_rank"}


def test_the_risk_needs_a_truth():
    rng = np.random.default_rng(16)
    observed = lg.Problem.from_data(rng.standard_normal((20, 3)), rng.standard_normal(20))
    with pytest.raises(errors.MissingTruthError):
        lg.Distillation(observed).optimize(over=("mixing",), objective="excess_risk")


def test_a_recommended_rank_that_cuts_ties_warns():
    problem = lg.Problem.from_spectrum([4.0, 2.0, 2.0], np.ones(3), n_samples=9, label_noise=0.5)
    with pytest.warns(TiedSpectrumWarning, match="rank 2 cuts"):
        lg.Distillation(problem, bottleneck=lg.Principal(2)).optimize(over=("floor",))


@pytest.mark.parametrize("least", [-0.38, -0.37, 0.004, 2.71])
def test_searches_find_a_minimum_on_either_side_of_a_grid_point(least):
    found = global_minimum(lambda x: (x - least) ** 2 + 0.1 * (x - least) ** 4)
    assert found == pytest.approx(least, abs=1e-7)


@pytest.mark.parametrize("centre", [-3.0, -1.0, 0.5, 2.0])
def test_searches_find_the_deeper_of_two_minima_beyond_the_first_grid(centre):
    """From the first grid around ½ the deeper minimum, at −5, looks like a slope behind the shallower one at 2."""
    found = global_minimum(lambda x: (x + 5.0) ** 2 * (x - 2.0) ** 2 + x, centre)
    assert found == pytest.approx(-5.0, abs=0.02)


def test_searches_keep_narrow_minima_near_the_centre_however_wide_the_grid_grows():
    def function(x):
        return 1e-4 * x**2 + 40.0 * np.exp(-((x / 0.5) ** 2)) - 5.0 * np.exp(-(((x - 1.0) / 0.05) ** 2))

    assert global_minimum(function) == pytest.approx(1.0, abs=0.01)


def test_searches_pass_points_where_the_function_is_infinite():
    assert global_minimum(lambda x: np.inf if x == 0 else x**2 - 2.0 * np.log(abs(x)) - 0.1 * x) > 0
    assert global_minimum(lambda x: np.inf) == 0.5


@pytest.mark.parametrize("objective", ["divergence", "prediction_divergence"])
@pytest.mark.parametrize("rank", [2, 3])
def test_the_best_mixing_of_a_student_without_spread_of_its_own_is_not_0(objective, rank):
    """At mixing 0 its divergence of weights is +inf."""
    problem = lg.Problem.from_spectrum([4.0, 2.0, 1.0], np.ones(3), n_samples=9, label_noise=0.5)
    case = lg.Distillation(problem, student=lg.Ridge(1.0, 0.0), bottleneck=lg.Principal(rank), floor=0.3)
    best = case.optimize(over=("mixing",), objective=objective)
    shares = np.delete(np.linspace(-3.0, 3.0, 601), 300)
    swept = case.sweep(mixing=shares, quantities=(objective,))[objective]
    assert best.value <= float(swept.min()) <= best.value * 1.001


def test_ranks_of_infinite_divergence_lose_against_one_of_finite():
    problem = lg.Problem.from_spectrum([4.0, 2.0, 1.0], np.ones(3), n_samples=9, label_noise=0.5)
    case = lg.Distillation(problem, bottleneck=lg.Principal(2), floor=0.0)
    best = case.optimize(over=("student_rank", "temperature"))
    assert best.settings["student_rank"] == 3
    assert np.isinf(best.values).tolist() == [True, True, True, False]


def power_law(**changes):
    index = np.arange(1, 65)
    problem = lg.Problem.from_spectrum(1000 / index, 1 / index, n_samples=1000, label_noise=0.5)
    return lg.Distillation(problem, lg.Ridge(100.0), lg.Ridge(25.0, 0.25), bottleneck=lg.Principal(20), **changes)


@pytest.mark.parametrize(("change", "step"), [(0.1, 1), (0.3, 4)])
def test_sensitivities_of_a_rank_are_what_the_moved_designs_cost(change, step):
    best = power_law(temperature=10.0).optimize(over=("student_rank",))
    assert best.settings == {"student_rank": 12}
    moved = [best.design.replace(student_rank=12 + sign * step).divergence().total - best.value for sign in (-1, 1)]
    assert best.sensitivities(change)["student_rank"] == pytest.approx(moved, rel=1e-9)


@pytest.mark.parametrize("change", [0.1, 0.3])
def test_sensitivities_of_a_temperature_are_what_the_moved_designs_cost(change):
    best = power_law(draws=8).optimize(over=("temperature",))
    tau = best.settings["temperature"]
    assert tau > 0
    moved = [power_law(draws=8, temperature=tau * (1 + sign * change)).divergence().total for sign in (-1, 1)]
    assert best.sensitivities(change)["temperature"] == pytest.approx(np.array(moved) - best.value, rel=1e-6)


def test_a_setting_that_cannot_move_costs_nothing():
    problem = lg.Problem.from_spectrum([4.0, 1.0], [1.0, 1.0], n_samples=5, label_noise=0.5)
    best = lg.Distillation(problem, lg.Ridge(1.0), lg.Ridge(1.0)).optimize(over=("temperature",))
    assert best.settings["temperature"] == 0.0
    assert best.sensitivities() == {"temperature": (0.0, 0.0)}


def test_an_infimum_at_endless_temperature_is_said_not_to_be_attained():
    """Noise alone makes a cold student's spread that of its teacher, and the less it learns otherwise the better."""
    problem = lg.Problem.from_spectrum([4.0, 2.0, 1.0], np.ones(3), n_samples=9, label_noise=0.5)
    case = lg.Distillation(problem, lg.Ridge(1.0), lg.Ridge(1.0, 0.25), lg.Principal(2), floor=0.1)
    best = case.optimize(over=("mixing", "temperature"))
    assert best.certificate.claim.startswith("not attained")
    values = [case.replace(mixing=share).optimize(over=("temperature",)).value for share in (1e-1, 1e-2, 1e-3)]
    assert values[0] > values[1] > values[2] > best.value * (1.0 - 1e-12)
    attained = case.optimize(over=("mixing", "floor"))
    assert "not attained" not in attained.certificate.claim
