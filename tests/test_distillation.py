"""Designs as users build them: channels as learners, hard limits, and what is refused."""

import mpmath
import numpy as np
import pytest
import xarray as xr
from numpy.testing import assert_allclose

import lingauss as lg
from lingauss import errors


def problem(d=3, n=20, seed=0):
    rng = np.random.default_rng(seed)
    return lg.Problem.from_inputs(rng.standard_normal((n, d)), truth=rng.standard_normal((2, d)), label_noise=0.5)


def test_two_channels_diverge_like_the_laws_they_give():
    case = lg.Distillation(problem(), student=lg.Ridge(2.0), bottleneck=lg.Principal(2), mixing=0.5)
    given = lg.Distillation.from_channels(case.problem, case.teacher_channel, case.student_channel, case.basis)
    assert_allclose(given.divergence().cells, case.divergence().cells, rtol=1e-9, atol=1e-11)


def test_a_student_can_teach():
    first = lg.Distillation(problem(), student=lg.Ridge(2.0), mixing=0.5)
    second = lg.Distillation(first.problem, teacher=first.student_channel, student=lg.Ridge(2.0))
    assert second.divergence().total > 0
    assert_allclose(second.teacher_channel.A, first.student_channel.A)


def test_a_channel_that_teaches_itself_costs_nothing():
    teacher = lg.Ridge(1.0).channel(problem().gramian, 0.5)
    assert lg.Distillation.from_channels(problem(), teacher, teacher).divergence().total == 0.0


def test_an_offset_counts_as_bias():
    base = lg.Ridge(1.0).channel(problem().gramian, 0.5)
    moved = lg.Channel(base.A, base.cov, b=[0.1, 0.0, 0.0])
    ledger = lg.Distillation.from_channels(problem(), base, moved).divergence()
    expected = 0.5 * 2 * 0.01 * np.linalg.inv(base.cov)[0, 0]
    assert_allclose([ledger.bias, ledger.total], expected, rtol=1e-9)


def test_a_hard_bottleneck_has_infinite_total_finite_bias_and_says_what_to_do():
    ledger = lg.Distillation(problem(), bottleneck=lg.Principal(2), floor=0.0).divergence()
    assert ledger.total == np.inf
    assert np.isfinite(ledger.bias)
    assert np.isfinite(ledger.rank_irreducible)
    assert "prediction_divergence" in repr(ledger)


def test_a_deterministic_student_has_infinite_total_and_finite_predictions():
    case = lg.Distillation(problem(), student=lg.Ridge(1.0, temperature=0.0), mixing=0.0)
    assert case.divergence().total == np.inf
    assert np.isfinite(case.divergence().bias)
    assert np.isfinite(case.prediction_divergence().total)


def test_two_deterministic_ends_that_coincide_cost_nothing():
    cold = lg.Ridge(1.0, temperature=0.0)
    case = lg.Distillation(problem(), cold, cold, mixing=0.0)
    assert case.divergence().total == 0.0
    assert case.replace(student_penalty=2.0).divergence().total == np.inf


def test_rank_zero_is_the_student_that_learns_nothing():
    case = lg.Distillation(problem(), bottleneck=lg.Principal(0))
    assert_allclose(case.student_predictor.A, 0.0)
    assert case.divergence().rank_bottleneck == case.divergence().total
    truth = case.problem.truth.mean
    assert_allclose(case.excess_risk().student, np.sum((truth @ case.problem.gram) * truth) / 20)


def test_an_intercept_adds_to_both_gaps_and_risks_and_not_to_the_divergence():
    rng = np.random.default_rng(1)
    X, Y = rng.standard_normal((30, 3)), rng.standard_normal((30, 2))
    centred = X - X.mean(axis=0)
    with_intercept = lg.Problem.from_data(X, Y, label_noise=0.5).plug_in(1.0)
    without = lg.Problem.from_data(centred, Y - Y.mean(axis=0), label_noise=0.5, center=False).plug_in(1.0)
    one, other = lg.Distillation(with_intercept), lg.Distillation(without)
    assert_allclose(one.divergence().total, other.divergence().total, rtol=1e-12)
    assert_allclose(one.gaps().student - other.gaps().student, 2 * 0.25 * 2 / 30, rtol=1e-9)
    assert_allclose(one.excess_risk().teacher - other.excess_risk().teacher, 0.25 * 2 / 30, rtol=1e-9)


@pytest.mark.parametrize("epsilon", [1e-2, 1e-5, 1e-8, 1e-10])
def test_near_lossless_designs_keep_their_digits(epsilon):
    """student = (1 + ε) teacher without distillation: K = (kd/2)(ε − log(1 + ε)), in the eigenbasis to 1e-14."""
    hotter = lg.Distillation(problem(), mixing=0.0, student=lg.Ridge(temperature=1.0 + epsilon))
    with mpmath.workdps(60):
        exact = mpmath.mpf(1.0 + epsilon) - 1
        expected = float(3 * (exact - mpmath.log1p(exact)))
    assert_allclose(hotter.divergence().total, expected, rtol=1e-14)


def test_a_law_too_ill_conditioned_for_the_dense_route_is_refused_and_exact_in_the_eigenbasis():
    spread = lg.Problem.from_gram(np.diag([1e9, 1.0, 1e-9]), n_samples=9, truth=np.ones((1, 3)), label_noise=1.0)
    case = lg.Distillation(spread, lg.Ridge(1e-8), lg.Ridge(1e-8), lg.Principal(2))
    assert np.isfinite(case.divergence().total)
    with pytest.raises(errors.IllConditionedError, match="Principal and Best"):
        case.replace(bottleneck=lg.Subspace(case.basis)).divergence()


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"bottleneck": lg.Principal(4)}, errors.DomainError),
        ({"bottleneck": lg.Subspace(np.eye(4)[:, :2])}, errors.ShapeError),
        ({"bottleneck": lg.Selected((0, 3))}, errors.DomainError),
        ({"bottleneck": "principal"}, errors.DomainError),
        ({"teacher": "ridge"}, errors.DomainError),
        ({"teacher": lg.Channel(np.eye(4), np.eye(4))}, errors.ShapeError),
        ({"temperature": -1.0}, errors.DomainError),
        ({"mixing": np.inf}, errors.NotFiniteError),
        ({"draws": 0}, errors.DomainError),
        ({"floor": -0.1}, errors.DomainError),
    ],
)
def test_settings_that_do_not_fit_are_refused(changes, error):
    with pytest.raises(error):
        lg.Distillation(problem()).replace(**changes)


BASIS = np.linalg.qr(np.arange(9.0).reshape(3, 3) + np.eye(3))[0]


@pytest.mark.parametrize(
    "student", [lg.Ridge(0.0), lg.Ridge(0.5, temperature=0.0), lg.NoisyGradientDescent(9, 0.01, temperature=0.0)]
)
@pytest.mark.parametrize("bottleneck", [lg.Principal(2), lg.Selected((0, 2)), lg.Subspace(BASIS[:, :2])])
def test_a_floor_that_does_not_exist_is_asked_for_by_divergences_and_by_no_risk(student, bottleneck):
    case = lg.Distillation(problem(), lg.Ridge(1.0), student, bottleneck, mixing=0.7)
    floored = case.replace(floor=0.25)
    assert case.excess_risk() == floored.excess_risk()
    assert case.gaps() == floored.gaps()
    axes = {"student_rank": [0, 1, 2], "temperature": [0.5, 1.0]}
    quantities = ("student_excess_risk", "student_gap", "teacher_gap")
    found, expected = (design.sweep(quantities=quantities, **axes) for design in (case, floored))
    xr.testing.assert_identical(found.assign_attrs(expected.attrs), expected.assign_attrs(found.attrs | expected.attrs))
    best = case.optimize(over=("mixing",), objective="excess_risk")
    assert best.value == floored.optimize(over=("mixing",), objective="excess_risk").value
    for ask in (case.divergence, case.reverse_divergence, case.prediction_divergence, lambda: case.student_channel):
        with pytest.raises(errors.UndefinedFloorError, match=r"default floor.*Pass floor explicitly"):
            ask()
    with pytest.raises(errors.UndefinedFloorError):
        case.sweep(**axes)


def test_a_student_given_as_its_whole_law_takes_no_coupling():
    channel = lg.Ridge(1.0).channel(problem().gramian, 0.5)
    with pytest.raises(errors.DomainError, match="temperature"):
        lg.Distillation(problem(), student=channel, temperature=2.0)


def test_averages_need_a_truth():
    observed = lg.Distillation(problem().with_statistic(np.ones((2, 3))))
    with pytest.raises(errors.MissingTruthError, match="plug_in"):
        observed.excess_risk()
    assert np.isfinite(observed.gaps().teacher)


def test_a_deterministic_student_is_infinitely_far_in_either_direction():
    problem = lg.Problem.from_spectrum([4.0, 1.0], [1.0, 1.0], n_samples=5, label_noise=0.5)
    case = lg.Distillation(problem, lg.Ridge(0.5), lg.Ridge(1.0, temperature=0.0), mixing=0.0)
    assert case.divergence().total == case.reverse_divergence().total == np.inf


def test_offsets_of_channels_add_their_difference_to_the_distance():
    problem = lg.Problem.from_gram(np.eye(2), n_samples=4, truth=np.zeros((3, 2)), label_noise=0.5)
    student, teacher = (lg.Channel(np.eye(2), np.eye(2), offset) for offset in ([1.0, 2.0], [0.5, 4.0]))
    case = lg.Distillation.from_channels(problem, teacher, student)
    assert case.sharpness().distance == pytest.approx(np.sqrt(3 * (0.25 + 4.0)), rel=1e-14)
