"""Problems: every way to build one, what is estimated from labels, and what cannot be asked without a truth."""

import dataclasses
import pickle

import numpy as np
import oracles
import pytest
import scipy.linalg
from numpy.testing import assert_allclose, assert_array_equal
from scipy.optimize import minimize_scalar
from scipy.stats import multivariate_normal

import lingauss as lg
from lingauss.errors import (
    CovarianceError,
    DomainError,
    MissingLabelsError,
    MissingTruthError,
    NoiseEstimationError,
    ShapeError,
    SingularGramError,
)

TRUTH = np.array([[1.0, -2.0, 0.5], [0.0, 1.0, 1.0]])


def data(n=40, noise=0.7, seed=0):
    """Inputs away from the origin and labels of two outputs with an intercept."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 3)) @ [[1.0, 0.4, 0.0], [0.0, 1.0, -0.3], [0.0, 0.0, 2.0]] + [5.0, -3.0, 0.0]
    return X, X @ TRUTH.T + [10.0, -10.0] + noise * rng.normal(size=(n, 2))


def ols_residual_noise(X, Y):
    """√(RSS / (k (n − rank))) of least squares; X already holds the intercept's column where there is one."""
    residual = Y - X @ np.linalg.lstsq(X, Y, rcond=None)[0]
    return np.sqrt(np.sum(residual**2) / (Y.shape[1] * (len(X) - np.linalg.matrix_rank(X))))


def with_ones(X):
    return np.column_stack([np.ones(len(X)), X])


# Constructors


def test_inputs_are_used_as_given():
    X, _ = data()
    problem = lg.Problem.from_inputs(X, truth=TRUTH, label_noise=0.5)
    assert_allclose(problem.gram, X.T @ X, rtol=1e-13)
    assert (problem.n_samples, problem.n_features, problem.outputs) == (40, 3, 2)
    assert (problem.label_noise, problem.mode, problem.intercept) == (0.5, "averaged", False)
    assert_array_equal(problem.truth.mean, TRUTH)
    assert repr(problem) == "Problem(40 samples, 3 features, 2 outputs, label_noise=0.5, averaged)"


def test_inputs_and_their_gram_matrix_are_the_same_problem():
    X, _ = data()
    one = lg.Problem.from_inputs(X, TRUTH, label_noise=0.5)
    other = lg.Problem.from_gram(X.T @ X, n_samples=40, truth=TRUTH, label_noise=0.5)
    expected = lg.Distillation(other).divergence().total
    assert lg.Distillation(one).divergence().total == pytest.approx(expected, rel=1e-12)


def test_spectrum_is_a_diagonal_gram_matrix():
    s, power = [1.0, 4.0, 0.0, 0.25], [0.5, 1.0, 2.0, 0.0]
    thin = lg.Problem.from_spectrum(s, power, n_samples=10, label_noise=0.5)
    full = lg.Problem.from_gram(np.diag(s), n_samples=10, truth=np.sqrt(power), label_noise=0.5)
    assert (thin.n_features, thin.outputs, thin.mode) == (4, 1, "averaged")
    for rank in range(5):
        cases = [lg.Distillation(problem, bottleneck=lg.Principal(rank)) for problem in (thin, full)]
        ours, theirs = (case.divergence() for case in cases)
        assert_allclose(ours.cells, theirs.cells, rtol=1e-13, atol=1e-15)
        assert_allclose([c.gaps().student for c in cases], cases[0].gaps().student, rtol=1e-13)
        assert_allclose([c.excess_risk().student for c in cases], cases[0].excess_risk().student, rtol=1e-13)


def test_spectrum_of_several_outputs_shares_the_signal():
    s = [1.0, 4.0]
    thin = lg.Problem.from_spectrum(s, [2.0, 5.0], n_samples=10, label_noise=0.5, outputs=2)
    full = lg.Problem.from_gram(np.diag(s), n_samples=10, truth=[[1.0, 1.0], [1.0, 2.0]], label_noise=0.5)
    assert_allclose(lg.Distillation(thin).divergence().cells, lg.Distillation(full).divergence().cells, rtol=1e-13)


def test_order_of_a_spectrum_does_not_matter():
    one = lg.Problem.from_spectrum([1.0, 4.0, 2.0], [0.5, 1.0, 2.0], n_samples=10, label_noise=0.5)
    other = lg.Problem.from_spectrum([4.0, 2.0, 1.0], [1.0, 2.0, 0.5], n_samples=10, label_noise=0.5)
    case = lg.Distillation(one, bottleneck=lg.Principal(1))
    assert_array_equal(case.divergence().cells, case.replace(problem=other).divergence().cells)


def test_spectrum_is_never_expanded_to_a_matrix():
    d = 200_000  # a d × d array would take 320 GB
    problem = lg.Problem.from_spectrum(np.arange(d, 0, -1.0), np.ones(d), n_samples=d, label_noise=1.0)
    assert np.isfinite(lg.Distillation(problem, bottleneck=lg.Principal(10)).divergence().total)


def test_one_axis_of_truth_is_one_output():
    X, _ = data()
    problem = lg.Problem.from_inputs(X, TRUTH[0], label_noise=1.0)
    assert problem.outputs == 1
    assert_array_equal(problem.truth.mean, TRUTH[:1])


def test_data_are_centred_by_default_and_as_given_on_request():
    X, Y = data()
    centred, raw = lg.Problem.from_data(X, Y), lg.Problem.from_data(X, Y, center=False)
    Xc = X - X.mean(axis=0)
    assert_allclose(centred.gram, Xc.T @ Xc, rtol=1e-12)
    assert_allclose(centred.observed, (Y - Y.mean(axis=0)).T @ Xc, rtol=1e-11)
    assert_allclose(raw.gram, X.T @ X, rtol=1e-12)
    assert_allclose(raw.observed, Y.T @ X, rtol=1e-12)
    assert (centred.intercept, raw.intercept, centred.mode) == (True, False, "observed")


def test_moments_are_all_that_a_problem_needs_of_data():
    X, Y = data()
    moments = lg.Moments.from_data(X[:11], Y[:11]) + lg.Moments.from_data(X[11:], Y[11:])
    one, other = lg.Problem.from_moments(moments), lg.Problem.from_data(X, Y)
    assert one.label_noise == pytest.approx(other.label_noise, rel=1e-11)
    assert_allclose(one.gram, other.gram, rtol=1e-12)
    assert_allclose(one.observed, other.observed, rtol=1e-11)


def test_moments_without_labels_make_no_problem():
    with pytest.raises(MissingLabelsError, match="Pass Y"):
        lg.Problem.from_moments(lg.Moments.from_data(data()[0]))
    with pytest.raises(MissingLabelsError, match="Pass Y"):
        lg.Problem.from_data(data()[0], None)


def test_test_covariance_is_kept_by_every_constructor():
    X, Y = data()
    cov = np.diag([1.0, 2.0, 3.0])
    for problem in (
        lg.Problem.from_inputs(X, TRUTH, label_noise=1.0, test_cov=cov),
        lg.Problem.from_gram(X.T @ X, n_samples=40, truth=TRUTH, label_noise=1.0, test_cov=cov),
        lg.Problem.from_spectrum(np.ones(3), np.ones(3), n_samples=40, label_noise=1.0, test_cov=cov),
        lg.Problem.from_data(X, Y, test_cov=cov),
        lg.Problem.from_moments(lg.Moments.from_data(X, Y), test_cov=cov),
        lg.Problem.from_data(X, Y, test_cov=cov).plug_in(),
        lg.Problem.from_data(X, Y, test_cov=cov).with_truth(TRUTH).with_label_noise(2.0).with_samples(80),
    ):
        assert_array_equal(problem.test_covariance.matrix, cov)


# Noise estimation


@pytest.mark.parametrize("center", [True, False])
def test_estimated_noise_is_the_pooled_residual_deviation_of_least_squares(center):
    X, Y = data()
    design = with_ones(X) if center else X
    estimate = lg.Problem.from_data(X, Y, center=center).label_noise
    assert estimate == pytest.approx(ols_residual_noise(design, Y), rel=1e-10)
    one = lg.Problem.from_data(X, Y[:, 0], center=center).label_noise
    assert one == pytest.approx(ols_residual_noise(design, Y[:, :1]), rel=1e-10)


def test_estimated_noise_is_unbiased():
    squares = [lg.Problem.from_data(*data(n=8, noise=0.7, seed=seed)).label_noise ** 2 for seed in range(400)]
    standard_error = 0.49 * np.sqrt(2 / (2 * (8 - 4))) / np.sqrt(400)
    assert abs(np.mean(squares) - 0.49) < 4 * standard_error


def test_estimated_noise_counts_dependent_features_once():
    X, Y = data()
    wide = np.column_stack([X, X @ [1.0, -2.0, 3.0]])
    assert lg.Problem.from_data(wide, Y).label_noise == pytest.approx(lg.Problem.from_data(X, Y).label_noise, rel=1e-9)


def test_estimated_noise_does_not_depend_on_the_units_of_the_features():
    X, Y = data()
    scaled = lg.Problem.from_data(X * [1.0, 1e-5, 1e4], Y)
    assert scaled.label_noise == pytest.approx(lg.Problem.from_data(X, Y).label_noise, rel=1e-9)


@pytest.mark.parametrize(("n", "center"), [(4, True), (3, True), (3, False), (2, False)])
def test_noise_cannot_be_estimated_without_residual_degrees_of_freedom(n, center):
    X, Y = data(n)
    with pytest.raises(NoiseEstimationError, match=r"more samples than fitted coefficients.*Pass label_noise"):
        lg.Problem.from_data(X, Y, center=center)
    assert lg.Problem.from_data(X, Y, label_noise=0.5, center=center).label_noise == 0.5


def test_noise_cannot_be_estimated_from_labels_without_noise():
    X, _ = data()
    for Y in (X @ TRUTH.T, np.zeros(40), np.full(40, 3.0)):
        with pytest.raises(NoiseEstimationError, match="labels with some noise"):
            lg.Problem.from_data(X, Y)


# Plug-in


@pytest.mark.parametrize("penalty", [1e-3, 1.0, 50.0])
def test_plug_in_truth_is_the_ridge_posterior(penalty):
    X, Y = data()
    problem = lg.Problem.from_data(X, Y, label_noise=0.6, center=False).plug_in(penalty)
    mean, cov = oracles.ridge_plug_in(X, Y, penalty, 0.6)
    assert problem.mode == "plug-in"
    assert_allclose(problem.truth.mean, mean, rtol=1e-9)
    assert_allclose(problem.truth.rows.T @ problem.truth.rows, mean.T @ mean + 2 * cov, rtol=1e-9)


def test_plug_in_of_centred_data_is_the_posterior_of_centred_data():
    X, Y = data()
    problem = lg.Problem.from_data(X, Y, label_noise=0.6).plug_in(2.0)
    mean, _ = oracles.ridge_plug_in(X - X.mean(axis=0), Y - Y.mean(axis=0), 2.0, 0.6)
    assert_allclose(problem.truth.mean, mean, rtol=1e-9)


def test_plug_in_without_penalty_is_least_squares():
    X, Y = data()
    problem = lg.Problem.from_data(X, Y, center=False).plug_in(0.0)
    assert_allclose(problem.truth.mean, np.linalg.lstsq(X, Y, rcond=None)[0].T, rtol=1e-9)


@pytest.mark.parametrize("center", [True, False])
@pytest.mark.parametrize("seed", range(4))
def test_default_plug_in_penalty_maximises_the_marginal_likelihood(center, seed):
    X, Y = data(n=12, noise=2.0, seed=seed)
    nu = 2.0
    # Contrasts remove the intercept: n − 1 orthonormal combinations of rows, each of mean zero.
    contrasts = scipy.linalg.helmert(len(X)) if center else np.eye(len(X))
    Z, labels = contrasts @ X, contrasts @ Y

    def cost(log_penalty):
        cov = nu**2 * (np.eye(len(Z)) + Z @ Z.T / np.exp(log_penalty))
        return -sum(multivariate_normal(cov=cov).logpdf(column) for column in labels.T)

    best = minimize_scalar(cost, bounds=(-10.0, 10.0), method="bounded", options={"xatol": 1e-9})
    ours = lg.Problem.from_data(X, Y, label_noise=nu, center=center).plug_in()
    theirs = lg.Problem.from_data(X, Y, label_noise=nu, center=center).plug_in(np.exp(best.x))
    assert_allclose(ours.truth.mean, theirs.truth.mean, rtol=1e-6)  # a minimiser is good to the root of the rounding
    assert_allclose(ours.truth.spread.matrix, theirs.truth.spread.matrix, rtol=1e-6, atol=1e-9)


def test_labels_without_signal_or_inputs_without_variation_have_no_best_penalty():
    X, _ = data()
    with pytest.raises(NoiseEstimationError, match=r"penalty infinity.*Pass penalty"):
        lg.Problem.from_data(X, np.zeros((40, 1)), label_noise=1.0).plug_in()
    with pytest.raises(NoiseEstimationError, match="Pass penalty"):
        lg.Problem.from_data(np.ones((5, 2)), np.arange(5.0), label_noise=1.0).plug_in()


def test_plug_in_needs_observed_labels_and_a_legal_penalty():
    X, Y = data()
    with pytest.raises(MissingLabelsError, match="observed labels"):
        lg.Problem.from_inputs(X, TRUTH, label_noise=1.0).plug_in()
    with pytest.raises(MissingLabelsError, match="observed labels"):
        lg.Problem.from_data(X, Y).plug_in().plug_in()
    with pytest.raises(DomainError, match="penalty at least 0"):
        lg.Problem.from_data(X, Y).plug_in(-1.0)
    wide = np.column_stack([X, X[:, 0]])
    with pytest.raises(SingularGramError, match="penalty > 0"):
        lg.Problem.from_data(wide, Y).plug_in(0.0)
    assert lg.Problem.from_data(wide, Y).plug_in(1.0).mode == "plug-in"


# Changing a problem


def test_known_truth_replaces_observed_labels():
    X, Y = data()
    problem = lg.Problem.from_data(X, Y).with_truth(TRUTH[0])
    assert (problem.mode, problem.outputs, problem.observed, problem.intercept) == ("averaged", 1, None, True)
    assert_array_equal(problem.truth.mean, TRUTH[:1])


def test_statistic_replaces_the_truth():
    X, Y = data()
    known = lg.Problem.from_inputs(X, TRUTH, label_noise=0.7)
    observed = known.with_statistic(Y.T @ X)
    assert (observed.mode, observed.truth) == ("observed", None)
    same = lg.Problem.from_data(X, Y, label_noise=0.7, center=False)
    assert_allclose(
        lg.Distillation(observed).divergence().cells, lg.Distillation(same).divergence().cells, rtol=1e-10, atol=1e-14
    )


def test_another_noise_changes_nothing_else():
    X, Y = data()
    problem = lg.Problem.from_data(X, Y, label_noise=0.5)
    louder = problem.with_label_noise(2.0)
    assert (problem.label_noise, louder.label_noise) == (0.5, 2.0)
    for field in dataclasses.fields(problem):
        if field.name != "label_noise":
            assert getattr(louder, field.name) is getattr(problem, field.name)


def test_more_samples_of_the_same_distribution_scale_the_gram_matrix():
    X, Y = data()
    for problem in (
        lg.Problem.from_inputs(X, TRUTH, label_noise=1.0),
        lg.Problem.from_spectrum([1.0, 2.0, 0.0], np.ones(3), n_samples=40, label_noise=1.0),
        lg.Problem.from_data(X, Y).plug_in(),
    ):
        larger = problem.with_samples(120)
        assert larger.n_samples == 120
        assert larger.mode == problem.mode
        assert_allclose(larger.gram, 3 * problem.gram, rtol=1e-14)
    with pytest.raises(MissingTruthError, match="another sample size"):
        lg.Problem.from_data(X, Y).with_samples(100)


def test_mode_says_how_results_are_meant():
    X, Y = data()
    observed = lg.Problem.from_data(X, Y)
    modes = {
        "averaged": lg.Problem.from_inputs(X, TRUTH, label_noise=1.0),
        "observed": observed,
        "plug-in": observed.plug_in(),
    }
    for mode, problem in modes.items():
        assert problem.mode == mode
        assert lg.Distillation(problem).divergence().mode == mode


# What cannot be asked


@pytest.mark.parametrize("bottleneck", [None, lg.Principal(2), lg.Subspace(np.eye(3)[:, :2])])
def test_averages_over_labels_need_a_truth(bottleneck):
    X, Y = data()
    observed = lg.Distillation(lg.Problem.from_data(X, Y), bottleneck=bottleneck)
    with pytest.raises(MissingTruthError, match=r"excess risks.*observed labels alone.*with_truth\(W\).*plug_in"):
        observed.excess_risk()
    moved = lg.Distillation(lg.Problem.from_data(X, Y, test_cov=np.eye(3)), bottleneck=bottleneck)
    with pytest.raises(MissingTruthError, match="gaps under another test covariance"):
        moved.gaps()
    bare = lg.Distillation(lg.Problem.from_inputs(X, label_noise=1.0), bottleneck=bottleneck)
    for attempt in (bare.divergence, bare.prediction_divergence, bare.excess_risk):
        with pytest.raises(MissingTruthError, match="neither truth nor labels"):
            attempt()
    assert bare.gaps().teacher > 0  # at fixed design no truth is needed
    assert observed.divergence().total > 0


def test_channel_offset_needs_the_signs_of_the_truth():
    problem = lg.Problem.from_spectrum([1.0, 2.0], [1.0, 1.0], n_samples=5, label_noise=1.0)
    case = lg.Distillation.from_channels(
        problem, lg.Channel(np.eye(2), np.eye(2)), lg.Channel(np.eye(2), np.eye(2), [1.0, 0.0])
    )
    with pytest.raises(MissingTruthError, match="signs"):
        case.divergence()
    known = lg.Problem.from_gram(np.diag([1.0, 2.0]), n_samples=5, truth=[1.0, 1.0], label_noise=1.0)
    assert case.replace(problem=known).divergence().total == pytest.approx(0.5)


@pytest.mark.parametrize(
    "build",
    [
        lambda **changes: lg.Problem.from_inputs(np.eye(3), **{"truth": np.ones(3), "label_noise": 1.0} | changes),
        lambda **changes: lg.Problem.from_gram(
            np.eye(3), **{"n_samples": 5, "truth": np.ones(3), "label_noise": 1.0} | changes
        ),
        lambda **changes: lg.Problem.from_data(
            np.eye(3), np.ones(3), **{"label_noise": 1.0, "center": False} | changes
        ),
    ],
    ids=["from_inputs", "from_gram", "from_data"],
)
def test_settings_outside_their_range_are_refused_by_every_constructor(build):
    for noise in (0.0, -1.0):
        with pytest.raises(DomainError, match=r"label_noise greater than 0.*got"):
            build(label_noise=noise)
    for cov, error in ((np.eye(2), ShapeError), (-np.eye(3), CovarianceError), (np.ones(3), ShapeError)):
        with pytest.raises(error, match="test_cov"):
            build(test_cov=cov)


def test_truth_and_signal_must_fit_the_features():
    for truth in (np.ones(2), np.ones((2, 2)), np.ones((3, 1)), 1.0):
        with pytest.raises(ShapeError, match="truth"):
            lg.Problem.from_gram(np.eye(3), n_samples=5, truth=truth, label_noise=1.0)
    with pytest.raises(ShapeError, match=r"signal with shape \(features=3\)"):
        lg.Problem.from_spectrum(np.ones(3), np.ones(2), n_samples=5, label_noise=1.0)


@pytest.mark.parametrize("n", [0, -3, 2.5])
def test_sample_size_is_a_positive_whole_number(n):
    with pytest.raises(DomainError, match="n_samples, a whole number of at least 1"):
        lg.Problem.from_gram(np.eye(2), n_samples=n, label_noise=1.0)
    with pytest.raises(DomainError, match="n_samples"):
        lg.Problem.from_spectrum(np.ones(2), np.ones(2), n_samples=5, label_noise=1.0).with_samples(n)


def test_spectrum_and_signal_are_not_negative():
    for spectrum, signal in (([1.0, -1.0], [1.0, 1.0]), ([1.0, 1.0], [1.0, -1.0])):
        with pytest.raises(DomainError, match="of at least 0"):
            lg.Problem.from_spectrum(spectrum, signal, n_samples=5, label_noise=1.0)


def test_gram_matrix_is_symmetric_and_positive_semidefinite():
    for gram in ([[1.0, 2.0], [2.0, 1.0]], [[1.0, 0.5], [0.0, 1.0]]):
        with pytest.raises(CovarianceError, match="G"):
            lg.Problem.from_gram(gram, n_samples=5, label_noise=1.0)


# Ownership


def test_problems_are_immutable_own_their_arrays_and_survive_a_pickle():
    X, Y = data()
    gram, weights = X.T @ X, TRUTH.copy()
    problem = lg.Problem.from_gram(gram, n_samples=40, truth=weights, label_noise=1.0)
    gram[0, 0], weights[0, 0] = -1.0, 99.0
    assert problem.gram[0, 0] > 0
    assert_array_equal(problem.truth.mean, TRUTH)
    observed = lg.Problem.from_data(X, Y)
    plug_in = observed.plug_in()
    for array in (problem.gram, problem.truth.mean, observed.observed, plug_in.truth.mean, plug_in.truth.spread.matrix):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0.0
    again = pickle.loads(pickle.dumps(observed))  # noqa: S301 (our own bytes)
    assert_array_equal(lg.Distillation(again).divergence().cells, lg.Distillation(observed).divergence().cells)


def test_float32_gram_matrix_and_integer_truth_are_computed_in_float64():
    gram = np.array([[2, 1], [1, 2]], dtype=np.float32)
    problem = lg.Problem.from_gram(gram, n_samples=1e3, truth=[1, 2], label_noise=1)
    assert problem.gram.dtype == problem.truth.mean.dtype == np.float64
    assert problem.n_samples == 1000
    assert isinstance(problem.n_samples, int)
