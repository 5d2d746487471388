"""Optima outside the eigenbasis: certified, equal to the eigenbasis where both exist, never worse than brute force."""

import itertools

import numpy as np
import pytest
from numpy.testing import assert_allclose
from row_space import RowSpace

import lingauss as lg
from lingauss import errors
from lingauss.model.bottleneck import Selected
from lingauss.optimum.dense import DenseDivergence, DenseRisk
from lingauss.sweep.evaluation import sweep_arrays

SPREADS = ("temperature", "student_temperature", "floor")


def rotation(rng, dim):
    return np.linalg.qr(rng.standard_normal((dim, dim)))[0] if dim else np.zeros((0, 0))


def random_case(rng, d=4, rank=None, **changes):
    k = int(rng.integers(1, 4))
    problem = lg.Problem.from_inputs(
        rng.standard_normal((30, d)) * 10 ** rng.uniform(-0.7, 0.7, d) @ rotation(rng, d),
        truth=rng.standard_normal((k, d)),
        label_noise=10 ** rng.uniform(-1, 0.5),
    )
    case = lg.Distillation(
        problem,
        lg.Ridge(10 ** rng.uniform(-1, 1), 10 ** rng.uniform(-0.5, 0.5)),
        lg.Ridge(10 ** rng.uniform(-1, 1), 10 ** rng.uniform(-1, 0)),
        lg.Subspace(rotation(rng, d)[:, : int(rng.integers(1, d)) if rank is None else rank]),
        draws=int(rng.integers(1, 9)),
        mixing=rng.uniform(0.2, 1.2),
    )
    return case.replace(**changes)


OVERS = [("floor",), ("temperature",), ("temperature", "student_temperature"), SPREADS, ("mixing",)]


@pytest.mark.parametrize("objective", ["divergence", "prediction_divergence", "excess_risk"])
@pytest.mark.parametrize("over", OVERS, ids="+".join)
def test_a_subspace_of_eigenvectors_has_the_optimum_of_the_eigenbasis(over, objective):
    rng = np.random.default_rng(0)
    for rank in range(5):
        order = rng.permutation(4)[:rank]
        listed = random_case(rng, bottleneck=Selected(tuple(order.tolist())))
        turned = listed.problem.eigenbasis.vectors[:, order] @ rotation(rng, rank)
        expected = listed.optimize(over=over, objective=objective)
        found = listed.replace(bottleneck=lg.Subspace(turned)).optimize(over=over, objective=objective)
        assert_allclose(found.value, expected.value, rtol=1e-10)
        rough = 1e-6 if over == ("mixing",) and objective != "excess_risk" else 1e-8
        assert_allclose(list(found.settings.values()), list(expected.settings.values()), rtol=rough, atol=rough)
        assert (found.certificate.flat, found.certificate.active) == (
            expected.certificate.flat,
            expected.certificate.active,
        )
        assert found.certificate.kkt_residual <= 1e-9


@pytest.mark.parametrize("objective", ["divergence", "prediction_divergence"])
def test_optimum_in_a_random_subspace_is_never_worse_than_a_grid(objective):
    rng = np.random.default_rng(1)
    for _ in range(24):
        case = random_case(rng, d=int(rng.integers(2, 6)))
        best = case.optimize(over=SPREADS, objective=objective)
        axes = {
            name: np.unique(np.r_[0.0 if name == "temperature" else 1e-6, np.geomspace(0.3, 3, 4) * (value or 1.0)])
            for name, value in ((name, best.settings[name]) for name in SPREADS)
        }
        grid = sweep_arrays(case, axes, (objective,))[objective]
        assert best.value <= grid.min() * (1 + 1e-12)
        assert best.certificate.kkt_residual <= 1e-9
        assert_allclose(best.evaluate(best.design), best.value, rtol=1e-12)


@pytest.mark.parametrize("objective", ["divergence", "prediction_divergence", "excess_risk"])
def test_mixing_in_a_random_subspace_is_never_worse_than_a_fine_grid(objective):
    rng = np.random.default_rng(2)
    quantity = "student_excess_risk" if objective == "excess_risk" else objective
    for _ in range(8):
        case = random_case(rng)
        best = case.optimize(over=("mixing",), objective=objective)
        grid = sweep_arrays(case, {"mixing": np.linspace(-3, 3, 201)}, (quantity,))[quantity]
        assert best.value <= grid.min() * (1 + 1e-12)


def test_best_floor_of_any_subspace_is_its_closed_form():
    rng = np.random.default_rng(3)
    for _ in range(30):
        case = random_case(rng, d=6)
        outside = np.linalg.svd(case.basis, full_matrices=True)[0][:, case.rank :]
        precision = np.linalg.inv(case.teacher_channel.cov)
        best = case.optimize(over=("floor",))
        expected = outside.shape[1] / np.trace(outside.T @ precision @ outside)
        assert_allclose(best.settings["floor"], expected, rtol=1e-10)
        together = case.optimize(over=("floor", "temperature"))
        assert_allclose(together.settings["floor"], expected, rtol=1e-10)


@pytest.mark.parametrize("objective", ["divergence", "prediction_divergence"])
def test_divergences_in_any_subspace_are_jointly_convex_in_the_spreads(objective):
    rng = np.random.default_rng(4)
    for _ in range(60):
        case = random_case(rng, d=int(rng.integers(2, 5)))
        ends = 10 ** rng.uniform(-2, 1, (2, 3))

        def at(spreads, case=case):
            design = case.replace(**dict(zip(SPREADS, spreads.tolist(), strict=True)))
            return getattr(design, objective)().total

        assert at(ends.mean(axis=0)) <= 0.5 * (at(ends[0]) + at(ends[1])) * (1 + 1e-12)


def test_objective_in_parts_is_the_designs_own():
    rng = np.random.default_rng(5)
    for trial in range(20):
        case = random_case(rng, d=5, rank=trial % 6)
        for predictions, whole in ((False, case.divergence()), (True, case.prediction_divergence())):
            assert_allclose(DenseDivergence(case, (), predictions).at(case.mixing).value, whole.total, rtol=1e-10)
        assert_allclose(DenseRisk(case, ()).at(case.mixing).value, case.excess_risk().student, rtol=1e-10)


def shards(rng, X):
    return lg.Shards(lg.Ridge(0.7), [lg.Moments.from_data(part, center=False) for part in np.array_split(X, 2)])


def outside_the_eigenbasis(kind):
    rng = np.random.default_rng(6)
    X, W = rng.standard_normal((20, 4)) * [2.0, 1.0, 0.7, 0.4] @ rotation(rng, 4), rng.standard_normal((2, 4))
    root = rng.standard_normal((4, 4))
    test_cov = root @ root.T if kind == "test inputs" else None
    problem = lg.Problem.from_inputs(X, truth=W, label_noise=0.6, test_cov=test_cov)
    case = lg.Distillation(problem, lg.Ridge(0.7), lg.Ridge(0.3, 0.3), lg.Principal(2), draws=5)
    if kind == "transfer inputs":
        return case.replace(transfer=lg.Moments.from_data(rng.standard_normal((30, 4)), center=False))
    if kind == "shards":
        return case.replace(teacher=shards(rng, X))
    if kind == "channel":
        own = case.teacher_channel
        return case.replace(teacher=lg.Channel(own.A + 0.01, 1.3 * own.cov, np.full(4, 0.1)))
    if kind == "descent":
        descent = lg.NoisyGradientDescent(20, 0.01, penalty=0.1, temperature=0.4)
        return case.replace(student=descent, bottleneck=lg.Subspace(rotation(rng, 4)[:, :2]))
    return case


@pytest.mark.parametrize("objective", ["divergence", "prediction_divergence", "excess_risk"])
@pytest.mark.parametrize("kind", ["transfer inputs", "shards", "channel", "test inputs", "descent"])
def test_other_teachers_and_inputs_have_certified_optima(kind, objective):
    case = outside_the_eigenbasis(kind)
    over = SPREADS if kind == "transfer inputs" else (*SPREADS, "mixing")
    best = case.optimize(over=("student_rank", *over), objective=objective, rank_budget=2)
    assert best.certificate.kkt_residual <= 1e-9
    assert_allclose(best.evaluate(best.design), best.value, rtol=1e-10)
    for name, costs in best.sensitivities().items():
        assert name == "student_rank" or min(costs) >= -1e-9 * best.value
    rng = np.random.default_rng(7)
    for _ in range(40):
        factors = dict(zip(over, 10 ** rng.uniform(-0.5, 0.5, len(over)), strict=True))
        tried = {name: factors[name] * (best.settings.get(name) or 0.1) for name in over}
        rank = int(rng.integers(0, 3))
        assert best.evaluate(case.replace(student_rank=rank, **tried)) >= best.value * (1 - 1e-12)


def test_test_inputs_like_the_training_inputs_change_no_optimum():
    rng = np.random.default_rng(8)
    case = random_case(rng, bottleneck=lg.Principal(2))
    same = lg.Problem.from_gram(
        case.problem.gram,
        n_samples=case.problem.n_samples,
        truth=case.problem.truth.mean,
        label_noise=case.problem.label_noise,
        test_cov=case.problem.gram / case.problem.n_samples,
    )
    for objective, over in itertools.product(("prediction_divergence", "excess_risk"), (SPREADS, ("mixing",))):
        expected = case.optimize(over=over, objective=objective)
        found = case.replace(problem=same).optimize(over=over, objective=objective)
        assert_allclose(found.value, expected.value, rtol=1e-9)
        assert_allclose(list(found.settings.values()), list(expected.settings.values()), rtol=1e-6, atol=1e-8)


def test_recommended_rank_is_the_fewest_leading_columns_within_tolerance():
    case = random_case(np.random.default_rng(9), d=7, rank=5)
    values = np.array([case.replace(rank=r).optimize(over=("floor",)).value for r in range(6)])
    best = case.optimize(over=("student_rank", "floor"))
    assert_allclose(best.values, values)
    assert best.by_rank().student_rank.tolist() == list(range(6))
    near = case.optimize(over=("student_rank", "floor"), tolerance=0.5)
    rank = int(np.flatnonzero(values <= 1.5 * values.min())[0])
    assert near.settings["student_rank"] == rank
    assert_allclose(near.design.basis, case.basis[:, :rank])
    assert case.optimize(over=("student_rank", "floor"), rank_budget=2).settings["student_rank"] == int(
        np.argmin(values[:3])
    )
    down, up = near.sensitivities()["student_rank"]
    moved = [near.design.replace(bottleneck=case.bottleneck).replace(rank=rank + step) for step in (-1, 1)]
    assert_allclose([down, up], [design.divergence().total - near.value for design in moved])


def test_lossless_distillation_is_found_in_any_coordinates():
    rng = np.random.default_rng(10)
    share, teacher = 0.4, lg.Ridge(2.0, 1.5)
    case = random_case(rng, rank=4, teacher=teacher, student=lg.Ridge((1 - share) * 2.0), mixing=share, draws=1)
    best = case.optimize(over=("temperature", "student_temperature"))
    assert best.value <= 1e-12
    assert_allclose(best.settings["student_temperature"], (1 - share) * 1.5, rtol=1e-6)
    assert_allclose(best.settings["temperature"], (1 - share) / share * 1.5, rtol=1e-6)


def test_temperatures_of_an_unpenalised_student_are_alike_and_the_smallest_pair_is_returned():
    case = random_case(np.random.default_rng(11), rank=3, student=lg.Ridge(0.0, 0.1), floor=1.0, mixing=0.5, draws=2)
    best = case.optimize(over=("temperature", "student_temperature"))
    assert best.certificate.flat == ("temperature", "student_temperature")
    share = case.mixing**2 / case.draws  # of τ in what τ_S does: the smallest pair lies along (share, 1)
    assert_allclose(best.settings["temperature"], share * best.settings["student_temperature"], rtol=1e-9)
    shifted = best.design.replace(
        temperature=best.settings["temperature"] + 0.01,
        student_temperature=best.settings["student_temperature"] - 0.01 * share,
    )
    assert_allclose(shifted.divergence().total, best.value, rtol=1e-12)


def test_settings_without_effect_are_flat_and_zero():
    case = random_case(np.random.default_rng(12), mixing=0.0)
    best = case.optimize(over=("temperature", "student_temperature"))
    assert (best.settings["temperature"], best.certificate.flat) == (0.0, ("temperature",))
    blind = case.replace(rank=0)
    for objective in ("divergence", "prediction_divergence", "excess_risk"):
        best = blind.optimize(over=("mixing",), objective=objective)
        assert (best.settings["mixing"], best.certificate.flat) == (0.0, ("mixing",))
    cold = case.replace(teacher=lg.Ridge(0.0, 0.0), temperature=0.0, mixing=1.0)
    best = cold.optimize(over=("mixing",), objective="excess_risk")
    assert (best.settings["mixing"], best.certificate.flat) == (0.0, ("mixing",))


def test_mixing_that_no_test_input_can_tell_is_flat_and_zero():
    rng = np.random.default_rng(24)
    basis = rotation(rng, 3)
    X, unseen = rng.standard_normal((9, 3)), np.outer(basis[:, 2], basis[:, 2])
    problem = lg.Problem.from_inputs(X, truth=np.ones(3), label_noise=0.5, test_cov=0.5 * (unseen + unseen.T))
    case = lg.Distillation(problem, bottleneck=lg.Subspace(basis[:, :2]))
    for objective in ("prediction_divergence", "excess_risk"):
        best = case.optimize(over=("mixing",), objective=objective)
        assert (best.settings["mixing"], best.certificate.flat) == (0.0, ("mixing",))
    assert case.optimize(over=("mixing",)).certificate.flat == ()


def test_a_floor_left_to_the_student_follows_its_temperature():
    case = random_case(np.random.default_rng(13))
    best = case.optimize(over=("student_temperature",))
    tau = best.settings["student_temperature"]
    assert best.design.floor is None
    assert_allclose(best.value, case.replace(student_temperature=tau).divergence().total, rtol=1e-12)
    for factor in (0.9, 1.1):
        assert case.replace(student_temperature=factor * tau).divergence().total > best.value


def test_a_deterministic_student_is_spread_by_its_labels_alone():
    case = random_case(np.random.default_rng(14), student=lg.Ridge(0.5, 0.0), floor=0.2, mixing=1.0)
    best = case.optimize(over=("temperature", "floor"))
    assert best.value == pytest.approx(best.design.divergence().total)
    assert np.isfinite(best.value)


def test_predictions_of_deterministic_sides_and_hard_bottlenecks_have_optima():
    case = random_case(np.random.default_rng(15), teacher=lg.Ridge(1.0, 0.0), student=lg.Ridge(0.5, 0.0), floor=0.0)
    best = case.optimize(over=("temperature", "mixing"), objective="prediction_divergence")
    assert best.settings["temperature"] == pytest.approx(0.0, abs=1e-12)  # the cost has slope 0 there
    assert_allclose(best.value, best.design.prediction_divergence().total)


def test_observed_labels_are_optimised_as_they_are():
    rng = np.random.default_rng(16)
    problem = lg.Problem.from_data(rng.standard_normal((20, 3)), rng.standard_normal((20, 2)), label_noise=0.8)
    case = lg.Distillation(problem, student=lg.Ridge(0.5, 0.5), bottleneck=lg.Subspace(rotation(rng, 3)[:, :2]))
    best = case.optimize(over=("mixing", "floor"))
    grid = sweep_arrays(best.design, {"mixing": np.linspace(-2, 2, 101)}, ("divergence",))["divergence"]
    assert best.value <= grid.min() * (1 + 1e-12)
    with pytest.raises(errors.MissingTruthError):
        case.optimize(over=("mixing",), objective="excess_risk")


def test_claims_say_what_is_global_and_why():
    case = random_case(np.random.default_rng(17))
    claim = case.optimize(over=("temperature", "mixing")).certificate.claim
    assert claim.startswith("global for the given basis")
    assert "jointly convex" in claim
    assert "not convex" in claim
    claim = case.optimize(over=("mixing",), objective="excess_risk").certificate.claim
    assert "parabola" in claim


def refused(message, over=("temperature",), objective="divergence", **changes):
    case = random_case(np.random.default_rng(18), mixing=1.0).replace(**changes)
    with pytest.raises(errors.DomainError, match=message):
        case.optimize(over=over, objective=objective)


def test_designs_that_diverge_whatever_is_chosen_are_refused_with_a_remedy():
    refused("prediction divergence", teacher=lg.Ridge(1.0, 0.0))
    refused("hard bottleneck", floor=0.0)
    refused("hard bottleneck", student=lg.Ridge(0.5, 0.0), floor=1.0, mixing=0.0)


def test_what_cannot_be_chosen_is_refused_with_a_remedy():
    transfer = lg.Moments.from_data(np.random.default_rng(19).standard_normal((9, 4)), center=False)
    refused("true labels", over=("mixing",), transfer=transfer)
    refused("got transfer inputs", transfer=transfer, bottleneck=lg.Best(2))
    case = random_case(np.random.default_rng(20), bottleneck=lg.Best(2))
    with pytest.raises(errors.DomainError, match="a channel as teacher"):
        case.replace(teacher=case.teacher_channel).optimize(over=("floor",))
    with pytest.raises(errors.DomainError, match="a learner, whose settings"):
        lg.Distillation.from_channels(case.problem, case.teacher_channel, case.student_channel).optimize(
            over=("temperature",)
        )
    moved = lg.Problem.from_gram(np.eye(2), n_samples=9, truth=[1.0, 1.0], label_noise=1.0, test_cov=2 * np.eye(2))
    with pytest.raises(errors.DomainError, match="test_cov"):
        lg.Distillation(moved, bottleneck=lg.Best(1)).optimize(over=("mixing",), objective="excess_risk")


@pytest.mark.parametrize("top", [1e14, 1e16])
@pytest.mark.parametrize("teacher", [lg.Ridge(1.0), lg.GradientFlow(1.0, penalty=1e-3)])
def test_laws_that_only_look_singular_are_refused_like_their_divergence(top, teacher):
    turn = rotation(np.random.default_rng(21), 3)
    gram = (turn * [top, 1.0, 0.1]) @ turn.T
    problem = lg.Problem.from_gram(gram, n_samples=9, truth=np.ones(3), label_noise=1.0)
    case = lg.Distillation(problem, teacher, lg.Ridge(1.0), lg.Subspace(np.eye(3)[:, :2]))
    for call in (case.divergence, lambda: case.optimize(over=("floor",))):
        with pytest.raises(errors.IllConditionedError, match="Standardise the features"):
            call()


def test_a_divergence_of_1e23_is_finite_and_optima_are_refused_where_a_covariance_looks_singular():
    rng = np.random.default_rng(22)
    problem = lg.Problem.from_inputs(rng.standard_normal((11, 4)) * 2.3, truth=np.ones(4), label_noise=1.4)
    steep = lg.NoisyGradientDescent(27, 4.0 / np.linalg.eigvalsh(problem.gram)[-1])  # overshoots further at every step
    case = lg.Distillation(problem, steep, lg.Ridge(1.0), lg.Subspace(rotation(rng, 4)[:, :3]))
    there = case.prediction_divergence().total
    assert there == pytest.approx(float(sum(map(sum, RowSpace(case).predictions()))), rel=1e-12)
    with pytest.raises(errors.IllConditionedError, match="singular in float64"):
        case.optimize(over=("temperature",), objective="prediction_divergence")


def test_unpenalised_sides_that_see_everything_need_no_floor():
    rng = np.random.default_rng(23)
    case = random_case(rng, rank=4, teacher=lg.Ridge(0.0), student=lg.Ridge(0.0, 0.5))
    assert_allclose(case.divergence().total, case.replace(bottleneck=None).divergence().total, rtol=1e-12)
    found, expected = (
        case.replace(bottleneck=view).optimize(over=("student_temperature",)) for view in (case.bottleneck, None)
    )
    assert_allclose(found.value, expected.value, rtol=1e-9, atol=1e-12)
