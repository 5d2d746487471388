"""Ridge: the law per eigen-direction and the dense channel are one learner, the posterior of the textbook."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import ortho_group

import lingauss as lg
from lingauss.algebra.given import as_psd
from lingauss.algebra.psd import Diagonal
from lingauss.errors import DomainError, NotFiniteError, NotNumericError, SingularGramError, UndefinedFloorError

SPECTRUM = np.array([9.0, 4.0, 1.0, 0.25])
NOISE = 0.5


def gram(spectrum=SPECTRUM, seed=0):
    vectors = ortho_group.rvs(len(spectrum), random_state=seed)
    matrix = (vectors * spectrum) @ vectors.T
    return 0.5 * (matrix + matrix.T), vectors


SINGULAR = np.array([9.0, 4.0, 1.0, 0.0])

RIDGES = [
    lg.Ridge(),
    lg.Ridge(penalty=0.3),
    lg.Ridge(penalty=2.0, temperature=3.0),
    lg.Ridge(penalty=2.0, temperature=0.0),
    lg.Ridge(penalty=0.7, temperature=0.5, noise=2.0),
]


@pytest.mark.parametrize("ridge", [*RIDGES, lg.Ridge(penalty=0.0)], ids=str)
@pytest.mark.parametrize("spectrum", [SPECTRUM, SINGULAR], ids=["regular", "singular"])
def test_dense_channel_is_the_spectral_law_in_every_eigen_direction(ridge, spectrum):
    if ridge.penalty == 0.0 and not spectrum.all():
        return
    matrix, vectors = gram(spectrum)
    gains, penalty, dispersion, _ = ridge.spectral(spectrum, np.asarray(NOISE))
    assert_array_equal(gains, 1.0 / (spectrum + penalty))
    channel = ridge.channel(as_psd(matrix, "G"), NOISE)
    assert_allclose(vectors.T @ channel.A @ vectors, np.diag(gains), rtol=0, atol=1e-13 * gains.max())
    spread = NOISE**2 * dispersion * gains
    assert_allclose(vectors.T @ channel.cov @ vectors, np.diag(spread), rtol=0, atol=1e-13 * max(spread.max(), 1e-9))
    assert_array_equal(channel.b, np.zeros(4))


@pytest.mark.parametrize("ridge", RIDGES, ids=str)
def test_channel_of_a_diagonal_gram_matrix_stays_diagonal(ridge):
    thin = ridge.channel(Diagonal(SINGULAR), NOISE)
    full = ridge.channel(as_psd(np.diag(SINGULAR), "G"), NOISE)
    assert isinstance(thin.covariance, Diagonal)
    assert_allclose(thin.A, full.A, rtol=1e-14, atol=1e-16)
    assert_allclose(thin.cov, full.cov, rtol=1e-14, atol=1e-16)


def test_channel_is_the_bayes_posterior():
    X = np.random.default_rng(0).normal(size=(7, 3))
    y, penalty = np.arange(7.0), 0.8
    joint = lg.Gaussian(
        np.zeros(10),
        np.block(
            [
                [np.eye(3) / penalty, X.T / penalty],
                [X / penalty, X @ X.T / penalty + np.eye(7)],
            ]
        )
        * NOISE**2,
    )
    posterior = joint.condition(range(3, 10), y)
    ours = lg.Ridge(penalty).channel(as_psd(X.T @ X, "G"), NOISE).at(y @ X)
    assert_allclose(ours.mean, posterior.mean, rtol=1e-11, atol=1e-12)
    assert_allclose(ours.cov, posterior.cov, rtol=1e-10, atol=1e-13)


def test_temperature_zero_is_the_deterministic_estimate():
    matrix, _ = gram()
    channel = lg.Ridge(2.0, temperature=0.0).channel(as_psd(matrix, "G"), NOISE)
    assert channel.covariance.rank == 0
    t = np.array([1.0, -1.0, 2.0, 0.0])
    assert_allclose(channel.at(t).mean, np.linalg.solve(matrix + 2.0 * np.eye(4), t), rtol=1e-12)


def test_assumed_noise_replaces_that_of_the_problem():
    matrix, _ = gram()
    G = as_psd(matrix, "G")
    assert_allclose(lg.Ridge(noise=2.0).channel(G, NOISE).cov, lg.Ridge().channel(G, 2.0).cov, rtol=1e-15)
    assert lg.Ridge(temperature=3.0, noise=2.0).dispersion(NOISE) == 12.0
    assert lg.Ridge(temperature=3.0).dispersion(NOISE) == 0.75


@pytest.mark.parametrize(
    ("ridge", "expected"),
    [
        (lg.Ridge(), 0.25),
        (lg.Ridge(penalty=2.0), 0.125),
        (lg.Ridge(penalty=2.0, temperature=3.0), 0.375),
        (lg.Ridge(penalty=2.0, temperature=3.0, noise=2.0), 6.0),
    ],
)
def test_prior_variance_is_that_of_an_unseen_direction(ridge, expected):
    assert ridge.prior_variance(NOISE) == pytest.approx(expected, rel=1e-15)
    matrix, vectors = gram(SINGULAR)
    unseen = vectors[:, 3]
    assert unseen @ ridge.channel(as_psd(matrix, "G"), NOISE).cov @ unseen == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize(("ridge", "zero"), [(lg.Ridge(0.0), "penalty 0"), (lg.Ridge(1.0, 0.0), "temperature 0")])
def test_prior_variance_needs_a_proper_prior_and_some_spread(ridge, zero):
    with pytest.raises(UndefinedFloorError, match=f"Ridge of {zero}.*Pass floor explicitly"):
        ridge.prior_variance(NOISE)


@pytest.mark.parametrize("penalty", [1e-6, 1e-12])
def test_small_penalty_approaches_least_squares(penalty):
    matrix, _ = gram()
    ours, limit = (lg.Ridge(p).channel(as_psd(matrix, "G"), NOISE).A for p in (penalty, 0.0))
    assert_allclose(ours, limit, rtol=0, atol=20 * penalty + 1e-14)


@pytest.mark.parametrize("penalty", [1e-14, 1e-20])
def test_unseen_direction_keeps_its_prior_however_small_the_penalty(penalty):
    matrix, vectors = gram(SINGULAR)
    channel = lg.Ridge(penalty).channel(as_psd(matrix, "G"), NOISE)
    assert vectors[:, 3] @ channel.cov @ vectors[:, 3] == pytest.approx(NOISE**2 / penalty, rel=1e-6)


def test_no_penalty_and_a_singular_gram_matrix_are_refused():
    matrix, _ = gram(SINGULAR)
    message = "nonsingular Gram matrix.*penalty is 0.*got a singular one.*penalty > 0"
    for gramian in (as_psd(matrix, "G"), Diagonal(SINGULAR)):
        with pytest.raises(SingularGramError, match=message):
            lg.Ridge(0.0).channel(gramian, NOISE)
    with pytest.raises(SingularGramError, match=message):
        lg.Ridge(0.0).spectral(SINGULAR, np.asarray(NOISE))
    assert lg.Ridge(0.0).needs_regular_gram
    assert not lg.Ridge(1e-100).needs_regular_gram


PROBLEMS = {
    "dense": lg.Problem.from_gram(gram(SINGULAR)[0], n_samples=9, truth=np.ones(4), label_noise=NOISE),
    "spectrum": lg.Problem.from_spectrum(SINGULAR, np.ones(4), n_samples=9, label_noise=NOISE),
    "observed": lg.Problem.from_data(
        np.random.default_rng(0).normal(size=(9, 3)) @ [[1, 0, 0, 1], [0, 1, 0, 1], [0, 0, 1, 1]],
        np.arange(9.0),
    ),
}


@pytest.mark.parametrize("problem", PROBLEMS.values(), ids=PROBLEMS.keys())
@pytest.mark.parametrize(
    "settings",
    [
        {"teacher": lg.Ridge(0.0)},
        {"student": lg.Ridge(0.0)},
        {"student": lg.Ridge(0.0), "bottleneck": lg.Principal(4)},
        {"student": lg.Ridge(0.0), "bottleneck": lg.Subspace(np.eye(4))},
        {"teacher": lg.Ridge(0.0), "bottleneck": lg.Principal(2)},
    ],
    ids=["teacher", "student", "student, all directions", "student, any basis", "teacher above a bottleneck"],
)
def test_unpenalised_learner_that_meets_a_null_direction_is_refused(problem, settings):
    with pytest.raises(SingularGramError, match="penalty > 0"):
        lg.Distillation(problem, **settings)


@pytest.mark.parametrize("problem", PROBLEMS.values(), ids=PROBLEMS.keys())
@pytest.mark.parametrize("rank", [0, 1, 3])
def test_unpenalised_student_inside_the_range_is_legal_with_an_explicit_floor(problem, rank):
    case = lg.Distillation(problem, student=lg.Ridge(0.0), bottleneck=lg.Principal(rank), floor=0.1)
    ledger = case.divergence()
    assert np.isfinite(ledger.total)
    general = case.replace(bottleneck=lg.Subspace(case.basis)).divergence()
    assert_allclose(general.cells, ledger.cells, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("student", [lg.Ridge(0.0), lg.Ridge(1.0, temperature=0.0)], ids=["flat prior", "no spread"])
@pytest.mark.parametrize("bottleneck", [lg.Principal(2), lg.Best(2), lg.Subspace(np.eye(4)[:, :2]), lg.Principal(0)])
def test_default_floor_needs_a_student_with_a_proper_prior(student, bottleneck):
    problem = lg.Problem.from_gram(gram()[0], n_samples=9, truth=np.ones(4), label_noise=NOISE)
    with pytest.raises(UndefinedFloorError, match="Pass floor explicitly"):
        lg.Distillation(problem, student=student, bottleneck=bottleneck).divergence()
    assert lg.Distillation(problem, student=student, bottleneck=bottleneck, floor=0.2).divergence().bias >= 0
    assert lg.Distillation(problem, student=student).divergence().bias >= 0  # nothing discarded, no floor needed


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"penalty": -1.0}, DomainError, r"penalty at least 0; got -1\.0"),
        ({"temperature": -0.5}, DomainError, r"temperature at least 0; got -0\.5"),
        ({"noise": 0.0}, DomainError, r"noise greater than 0; got 0\.0"),
        ({"noise": -1.0}, DomainError, "noise greater than 0"),
        ({"penalty": np.nan}, NotFiniteError, "finite penalty; got nan"),
        ({"temperature": np.inf}, NotFiniteError, "finite temperature; got inf"),
        ({"penalty": "1"}, NotNumericError, "penalty as an array of real numbers"),
        ({"noise": 1j}, NotNumericError, "complex"),
    ],
)
def test_settings_outside_their_range_are_refused(settings, error, message):
    with pytest.raises(error, match=message):
        lg.Ridge(**settings)


def test_ridge_is_a_value():
    ridge = lg.Ridge(penalty=np.float32(2), temperature=1)
    assert ridge == lg.Ridge(2.0) == pickle.loads(pickle.dumps(ridge))  # noqa: S301 (our own bytes)
    assert hash(ridge) == hash(lg.Ridge(2.0))
    assert repr(ridge) == "Ridge(penalty=2.0, temperature=1.0, noise=None)"
    with pytest.raises(AttributeError):
        ridge.penalty = 3.0
