"""The table of bounds: what each row says, when its hypothesis fails, and what is refused."""

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose

import lingauss as lg
from lingauss.errors import (
    CovarianceError,
    DomainError,
    EmptyDataError,
    MissingTruthError,
    NotSubGaussianError,
    ShapeError,
    UnknownNameError,
)
from lingauss.ledgers.laws import DenseWeights, mutual_information

NAMES = (
    "variance proxy upper",
    "variance proxy lower",
    "Chernoff upper",
    "Chernoff lower",
    "central condition",
    "unconditional Chernoff upper",
    "unconditional Chernoff lower",
    "unconditional central condition",
    "sharpness upper",
    "sharpness lower",
    "mutual information",
    "teacher mutual information",
    "individual-sample mutual information",
    "teacher individual-sample mutual information",
    "Gibbs symmetrised KL",
)


@pytest.fixture
def inputs():
    rng = np.random.default_rng(1)
    return rng.standard_normal((12, 3)), rng.standard_normal((2, 3))


@pytest.fixture
def case(inputs):
    X, W = inputs
    problem = lg.Problem.from_inputs(X, truth=W, label_noise=0.7)
    return lg.Distillation(problem, lg.Ridge(0.5), lg.Ridge(0.4), mixing=0.3, temperature=0.5)


def moved(case, test_cov):
    problem = case.problem
    return case.replace(
        problem=lg.Problem.from_gram(
            problem.gram,
            n_samples=problem.n_samples,
            truth=problem.truth.mean,
            label_noise=problem.label_noise,
            test_cov=test_cov,
        )
    )


def test_table_names_and_columns_are_stable(case, inputs):
    table = case.bounds()
    assert table.names == NAMES
    frame = table.to_frame()
    columns = ["bound", "learner", "side", "value", "exact_gap", "slack", "holds", "why", "source"]
    assert list(frame.columns) == columns
    assert tuple(frame["bound"]) == NAMES
    assert not frame.isna().any().any()
    assert len(table) == len(list(table)) == 15


def test_universal_bound_is_the_closed_form_of_a_ridge_teacher(case):
    gap, divergence = case.gaps().teacher, case.divergence().total
    width = 2 * math.sqrt(0.49 * gap * divergence / 12)
    table = case.bounds()
    assert_allclose(table["variance proxy upper"].value, gap + width)
    assert_allclose(table["variance proxy lower"].value, gap - width)
    assert table["variance proxy upper"].exact_gap == case.gaps().student


def test_linear_lower_bound_is_the_closed_form_at_a_given_eta(case):
    gap, divergence = case.gaps().teacher, case.divergence().total
    for eta in (0.1, 3.0, 20.0):
        row = case.bounds(eta=eta)["central condition"]
        assert_allclose(row.value, (1 - eta * 0.49 / 12) * gap - divergence / eta)
        assert row.holds == (eta < 12 / 0.49)
        assert row.why == f"c = {1 - eta * 0.49 / 12:.4g} at η = {eta:g}"
    hopeless = case.bounds(eta=40.0)["central condition"]
    assert not hopeless.holds
    assert hopeless.why == "no c > 0 at η = 40"


def test_identical_student_has_bounds_that_touch(case):
    same = lg.Distillation.from_channels(case.problem, case.teacher_channel, case.teacher_channel)
    for bound in same.bounds():
        if "information" not in bound.name and bound.learner == "student":
            assert_allclose(bound.value, bound.exact_gap, rtol=1e-12)
    assert same.bounds()["central condition"].holds


def test_counterexample_to_the_variance_bound_under_another_test_covariance():
    """docs/theory.md §7.4: the variance of the gap is no sub-Gaussian parameter of it."""
    problem = lg.Problem.from_inputs([[1.0]], truth=[0.0], label_noise=1.0, test_cov=[[2.0]])
    case = lg.Distillation(problem, lg.Ridge(0.0, 10.0, 1.0), lg.Ridge(0.0, 40.0, 1.0), mixing=0.0)
    assert_allclose([case.gaps().teacher, case.gaps().student], [13.0, 43.0])
    assert_allclose(case.gap_cumulants.variance, 368.0, rtol=1e-12)
    assert_allclose(case.divergence().total, 0.80685, rtol=1e-5)
    false_bound = 13 + math.sqrt(2 * 368 * case.divergence().total)
    assert_allclose(false_bound, 37.37, rtol=1e-3)
    assert false_bound < case.gaps().student
    table = case.bounds()
    assert table["Chernoff lower"].value < 43.0 < table["Chernoff upper"].value
    assert not table["variance proxy upper"].holds
    assert table["variance proxy upper"].value == math.inf
    with pytest.raises(NotSubGaussianError, match=r"37\.37 is below the student's gap 43") as refusal:
        case.variance_proxy()
    assert "Chernoff" in refusal.value.remedy


def test_other_test_covariances_switch_off_what_needs_fixed_design(case):
    table = moved(case, np.diag([2.0, 1.0, 0.5])).bounds()
    off = [bound.name for bound in table if not bound.holds]
    assert {*off} >= {
        "variance proxy upper",
        "variance proxy lower",
        "mutual information",
        "individual-sample mutual information",
        "Gibbs symmetrised KL",
    }
    assert all(bound.is_vacuous and "Σ_x ≠ G/n" in bound.why for bound in table if "proxy" in bound.name)


def test_test_covariance_equal_to_the_training_one_gives_the_fixed_design_bounds(case):
    same = moved(case, case.problem.gram / 12)
    fixed, other = case.bounds(), same.bounds()
    for name in ("Chernoff upper", "Chernoff lower", "unconditional Chernoff upper", "sharpness upper"):
        assert_allclose(other[name].value, fixed[name].value, rtol=1e-8)


def test_bounds_concern_the_weights_and_the_note_says_what_the_predictor_has(case):
    hard = case.replace(rank=1, floor=2.0)
    assert hard.bounds().note == ""
    assert_allclose(hard.bounds()["Chernoff upper"].exact_gap, hard.gaps().student, rtol=1e-12)
    other = moved(hard, np.diag([2.0, 1.0, 0.5]))
    table = other.bounds()
    dropped = other.problem.eigenbasis.vectors[:, 1:]
    Q = np.diag([2.0, 1.0, 0.5]) - case.problem.gram / 12
    extra = 2 * 2.0 * np.trace(dropped.T @ Q @ dropped)
    assert_allclose(table["Chernoff upper"].exact_gap, other.gaps().student + extra)
    assert f"{other.gaps().student:.6g}" in table.note
    assert table.note in " ".join(repr(table).split())


def test_hard_bottleneck_leaves_only_the_bounds_without_divergence(case):
    table = case.replace(rank=1, floor=0.0).bounds()
    assert table["variance proxy upper"].value == table["Chernoff upper"].value == math.inf
    assert table["central condition"].value == -math.inf
    assert "K_n = +inf" in table["variance proxy upper"].why
    for name in ("sharpness upper", "sharpness lower", "mutual information"):
        assert math.isfinite(table[name].value)


def test_deterministic_weights_reveal_the_labels(case):
    silent = case.replace(teacher=lg.Ridge(0.5, 0.0), student=lg.Ridge(0.5, 0.0), temperature=0.0)
    table = silent.bounds()
    assert table["mutual information"].value == math.inf
    assert "reveal" in table["mutual information"].why
    assert not table["Gibbs symmetrised KL"].holds
    assert silent.mutual_information().student == silent.mutual_information().teacher == math.inf
    constant = silent.replace(student=lg.Ridge(1.0), rank=0, floor=1.0)
    assert constant.mutual_information().student == 0.0
    assert constant.bounds()["mutual information"].value == 0.0


def test_deterministic_teacher_and_identical_student_touch(case):
    silent = lg.Ridge(0.5, 0.0)
    same = lg.Distillation(case.problem, silent, silent, mixing=0.0)
    assert same.divergence().total == 0.0
    assert_allclose(same.bounds()["Chernoff upper"].slack, 0.0, atol=1e-15)


def test_fitted_intercept_adds_the_same_to_gaps_and_bounds(inputs):
    """The gap variable contains it, the difference of the gaps does not."""
    X, W = inputs
    centred = X - X.mean(axis=0)
    plain = lg.Distillation(lg.Problem.from_inputs(centred, truth=W, label_noise=0.7), student=lg.Ridge(3.0))
    with_intercept = lg.Problem.from_data(X, X @ W.T, label_noise=0.7).with_truth(W)
    fitted = plain.replace(problem=with_intercept)
    extra = 2 * 0.49 * 2 / 12
    before, after = plain.bounds(), fitted.bounds()
    assert fitted.variance_proxy() == pytest.approx(plain.variance_proxy())
    for name in NAMES:
        if name.startswith(("variance", "Chernoff", "central", "sharpness", "mutual", "teacher mutual", "Gibbs")):
            assert_allclose(after[name].value, before[name].value + extra, rtol=1e-10)
            assert_allclose(after[name].slack, before[name].slack, rtol=1e-6, atol=1e-12)
    samples = fitted.bounds(rows=X)["individual-sample mutual information"]
    assert samples.slack > 0
    assert_allclose(fitted.bounds(rows=X + 5.0)["individual-sample mutual information"].value, samples.value)


def test_rows_switch_the_individual_sample_bounds_on(case, inputs):
    X, _ = inputs
    name = "individual-sample mutual information"
    without, given = case.bounds()[name], case.bounds(rows=X)[name]
    assert not without.holds
    assert "rows=X" in without.why
    assert given.holds
    assert given.exact_gap < given.value < math.inf
    with pytest.raises(DomainError, match="Gram matrix"):
        case.bounds(rows=X + 0.1)
    with pytest.raises(ShapeError, match="rows"):
        case.bounds(rows=X[1:])


def test_individual_samples_of_whole_laws_cost_what_they_do_in_eigen_directions(case, inputs):
    laws = lg.Distillation.from_channels(case.problem, case.teacher_channel, case.student_channel)
    for name in ("individual-sample mutual information", "teacher individual-sample mutual information"):
        spectral, dense = case.bounds(rows=inputs[0])[name], laws.bounds(rows=inputs[0])[name]
        assert_allclose(dense.value, spectral.value, rtol=1e-12)
        assert dense.holds


def test_sharpness_radius_separates_the_winners(case):
    """Below ϱ₀ the sharpness bound is the tighter one, above it the variance-proxy bound."""
    measured = case.sharpness()
    assert measured.curvature == 0.0
    assert_allclose(measured.gradient, 2 * 0.7 * math.sqrt(2 * np.trace(case.problem.gram)) / 12)
    W, G, V = case.problem.truth.mean, case.problem.gram, case.teacher_channel.cov
    winners = set()
    for eps, spread in ((0.1, 1.0), (0.1, 1.001), (1e-4, 3.0), (0.5, 1.0)):
        for direction in (np.eye(3), V, V @ V):
            student = lg.Channel(case.teacher_channel.A + eps * direction, spread * V, -eps * W @ G @ direction)
            pair = lg.Distillation.from_channels(case.problem, case.teacher_channel, student)
            table, found = pair.bounds(), pair.sharpness()
            width = table["variance proxy upper"].value - pair.gaps().teacher
            sharper = table["sharpness upper"].value < table["variance proxy upper"].value
            assert sharper == (found.distance < found.radius(width))
            winners.add(sharper)
    assert winners == {True, False}


def test_sharpness_measures_match_their_definitions_by_monte_carlo(case):
    other = moved(case.replace(bottleneck=lg.Principal(2), floor=0.3), np.diag([2.0, 1.0, 0.5]))
    measured, problem = other.sharpness(), other.problem
    W, G, nu = problem.truth.mean, problem.gram, problem.label_noise
    Q = np.diag([2.0, 1.0, 0.5]) - G / 12
    rng = np.random.default_rng(0)
    squares, distances = [], []
    root = nu * np.linalg.cholesky(G)
    for _ in range(3000):
        t = W @ G + rng.standard_normal((2, 3)) @ root.T
        teacher, student = other.teacher_channel.at(t), other.student_channel.at(t)
        weights = teacher.sample(1, rng)[0]
        squares.append(np.sum(np.square(2 * (weights - W) @ Q + 2 / 12 * (t - W @ G))))
        distances.append(lg.wasserstein2(student, teacher))
    for values, expected in ((squares, measured.gradient**2), (distances, measured.distance**2)):
        assert abs(np.mean(values) - expected) < 4 * np.std(values) / math.sqrt(len(values))
    assert_allclose(measured.curvature, 2 * np.abs(np.linalg.eigvalsh(Q)).max())


def test_fewer_samples_than_dimensions_switch_off_the_unconditional_bounds(case):
    table = case.replace(n_samples=2).bounds()
    for name in ("unconditional Chernoff upper", "unconditional Chernoff lower", "unconditional central condition"):
        assert not table[name].holds
        assert "at least 3 samples" in table[name].why
        assert table[name].is_vacuous
    assert table["Chernoff upper"].holds


def test_plug_in_results_are_marked(case, inputs):
    X, W = inputs
    observed = lg.Problem.from_data(X, X @ W.T, label_noise=0.7)
    with pytest.raises(MissingTruthError, match=r"plug_in"):
        case.replace(problem=observed).bounds()
    with pytest.raises(MissingTruthError):
        case.replace(problem=observed).sharpness()
    table = case.replace(problem=observed.plug_in(penalty=1.0)).bounds()
    assert table.mode == "plug-in"
    assert repr(table).startswith("Bounds on the expected generalisation gap, plug-in\n")


def test_bad_input_is_refused(case):
    for eta in (0.0, -1.0):
        with pytest.raises(DomainError, match="eta greater than 0"):
            case.bounds(eta=eta)
    with pytest.raises(UnknownNameError, match="Did you mean Chernoff upper"):
        case.bounds()["Chernof upper"]
    with pytest.raises(CovarianceError, match="test_cov"):
        moved(case, np.diag([1.0, -1.0, 1.0]))
    with pytest.raises(UnknownNameError, match=r"a design axis.*Did you mean temperature"):
        lg.bound_curves(case, "temprature", [1.0])
    with pytest.raises(EmptyDataError):
        lg.bound_curves(case, "temperature", [])


def test_table_reads_as_text_and_as_html(case):
    table = case.bounds()
    lines = repr(table).splitlines()
    assert lines[0] == "Bounds on the expected generalisation gap, averaged"
    assert [line.split("  ")[0] for line in lines[2 : 3 + len(NAMES)]] == ["bound", *NAMES]
    assert table._repr_html_().count("<tr>") == 1 + len(NAMES)


def test_curves_hold_the_tables_along_an_axis(case):
    curves = lg.bound_curves(case, "temperature", [0.5, 2.0], eta=1.0)
    for temperature in (0.5, 2.0):
        table = case.replace(temperature=temperature).bounds(eta=1.0)
        here = curves.sel(temperature=temperature)
        assert here["divergence"] == table.divergence
        assert here["student_gap"] == table["Chernoff upper"].exact_gap
        assert here["teacher_gap"] == case.gaps().teacher
        for bound in table:
            assert here["value"].sel(bound=bound.name) == bound.value
            assert here["holds"].sel(bound=bound.name) == bound.holds
            assert curves["side"].sel(bound=bound.name) == bound.side
    assert curves.attrs["results"] == "averaged"


@pytest.mark.parametrize("test_cov", [None, 1.01])
def test_the_sharpness_aware_bound_is_tighter_exactly_within_the_radius(test_cov):
    index = np.arange(1.0, 9.0)
    wider = None if test_cov is None else test_cov * np.diag(1.0 / index)
    problem = lg.Problem.from_spectrum(100.0 / index, 1.0 / index, n_samples=100, label_noise=0.5, test_cov=wider)
    case = lg.Distillation(problem, lg.Ridge(5.0), lg.Ridge(5.0), lg.Principal(3))
    curves = lg.bound_curves(case, "temperature", np.geomspace(1e-2, 1e4, 40))
    width = {
        name: curves["value"].sel(bound=f"{name} upper") - curves["teacher_gap"] for name in ("sharpness", "Chernoff")
    }
    within = curves["distance"] < curves["radius"]
    assert ((width["sharpness"] < width["Chernoff"]) == within).all()
    assert 0 < int(within.sum()) < within.size
    sharp = case.replace(temperature=1e-2).sharpness()
    assert_allclose(curves["steepness"][0], sharp.gradient)
    assert_allclose(curves["distance"][0], sharp.distance)


def test_a_table_shows_values_and_the_tilt_that_attains_each_side():
    problem = lg.Problem.from_spectrum([40.0, 20.0, 10.0], [1.0, 0.5, 0.25], n_samples=50, label_noise=0.5)
    table = lg.Distillation(problem, lg.Ridge(1.0), lg.Ridge(1.5), temperature=0.2, mixing=0.4).bounds()
    for name in ("Chernoff", "unconditional Chernoff"):
        upper, lower = table[f"{name} upper"], table[f"{name} lower"]
        assert float(upper.why.split("λ = ")[1]) > 0 > float(lower.why.split("λ = ")[1])
        assert f"≤ {upper.value:.6g}" in repr(table)
        assert f"≥ {lower.value:.6g}" in repr(table)
    assert all(bound.holds for bound in table if "individual" not in bound.name)


def test_information_is_told_of_the_teachers_weights_and_of_the_students(case):
    case = case.replace(student=lg.Ridge(7.0, 2.0))
    found = case.mutual_information()
    assert found.teacher == pytest.approx(mutual_information(DenseWeights(case.problem, case.teacher_channel)))
    assert found.student == pytest.approx(mutual_information(DenseWeights(case.problem, case.student_predictor)))
    assert found.teacher != pytest.approx(found.student, rel=0.1)
