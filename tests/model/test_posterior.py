"""Fitted models as teachers: the law is exactly the one given, and what is assumed is said."""

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose

import lingauss as lg
from lingauss.errors import CovarianceError, DomainError, ShapeError


def fit(k=1, penalty=3.0, noise=0.8, seed=0):
    """A ridge posterior with the data behind it: G, t, mean and row covariance."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(40, 4)) * [3.0, 1.0, 0.5, 0.2]
    t = rng.normal(size=(k, 40)) @ X
    R = np.linalg.inv(X.T @ X + penalty * np.eye(4))
    return X.T @ X, t, t @ R, noise**2 * R


@pytest.mark.parametrize("k", [1, 3])
def test_bayes_rule_backwards_finds_the_data_that_were_seen(k):
    G, t, mean, cov = fit(k)
    fitted = lg.from_posterior(mean, cov, label_noise=0.8, n_samples=40, prior_variance=0.8**2 / 3.0)
    assert fitted.teacher.penalty == pytest.approx(3.0)
    assert_allclose(fitted.problem.gram, G, rtol=1e-9, atol=1e-9)
    assert_allclose(fitted.problem.observed, t, rtol=1e-9, atol=1e-9)


def test_a_flat_prior_is_a_teacher_without_penalty():
    G, _, mean, cov = fit(penalty=0.0)
    fitted = lg.from_posterior(mean, cov, label_noise=0.8, n_samples=40, prior_variance=math.inf)
    assert fitted.teacher.penalty == 0.0
    assert_allclose(fitted.problem.gram, G, rtol=1e-9, atol=1e-9)


def test_bare_coefficients_get_the_covariance_of_the_ridge_posterior_and_it_is_said():
    G, t, mean, cov = fit(k=2)
    fitted = lg.from_posterior(mean, label_noise=0.8, n_samples=40, gram=G, penalty=3.0)
    assert_allclose(fitted.law.matrix, cov, rtol=1e-9)
    assert_allclose(fitted.problem.observed, t, rtol=1e-9, atol=1e-9)
    assert "No covariance was given" in repr(fitted)


def test_a_law_over_known_inputs_teaches_as_the_posterior_does():
    G, _, mean, cov = fit(k=2)
    bayes = lg.from_posterior(mean, cov, label_noise=0.8, n_samples=40, prior_variance=0.8**2 / 3.0)
    law = lg.from_posterior(mean, cov, label_noise=0.8, n_samples=40, gram=G)
    for settings in ({}, {"temperature": 0.3, "draws": 4}):
        pair = [
            lg.Distillation(one.problem, one.teacher, lg.Ridge(2.0), lg.Principal(2), **settings).divergence()
            for one in (bayes, law)
        ]
        assert_allclose(pair[0].cells, pair[1].cells, rtol=1e-8, atol=1e-10)


def test_the_law_stands_in_for_the_truth():
    _, _, mean, cov = fit()
    bayes = lg.from_posterior(mean, cov, label_noise=0.8, n_samples=40, prior_variance=0.8**2 / 3.0)
    plug_in, expected = bayes.plug_in(), bayes.problem.plug_in(3.0)
    assert plug_in.mode == "plug-in"
    assert_allclose(plug_in.signal, expected.signal, rtol=1e-9)


def test_a_covariance_of_all_weights_is_read_where_outputs_share_it():
    _, _, mean, cov = fit(k=3)
    options = {"label_noise": 0.8, "n_samples": 40, "prior_variance": 0.8**2 / 3.0}
    joint = lg.from_posterior(mean, np.kron(np.eye(3), cov), **options)
    assert_allclose(joint.law.matrix, cov, rtol=1e-12)
    with pytest.raises(CovarianceError, match="blocks differ"):
        lg.from_posterior(mean, np.kron(np.diag([1.0, 2.0, 3.0]), cov), **options)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({}, DomainError),
        ({"cov": True}, DomainError),
        ({"gram": True}, DomainError),
        ({"cov": True, "gram": True, "penalty": 1.0}, DomainError),
        ({"cov": True, "prior_variance": 1e-6}, CovarianceError),
        ({"cov": True, "prior_variance": -1.0}, DomainError),
        ({"gram": True, "penalty": 0.0}, DomainError),
        ({"cov": np.eye(3), "prior_variance": 9.0}, ShapeError),
        ({"cov": np.diag([1.0, 1.0, 1.0, 0.0]), "prior_variance": math.inf}, CovarianceError),
    ],
)
def test_what_is_no_posterior_is_refused(options, error):
    G, _, mean, cov = fit()
    values = {"cov": cov, "gram": G}
    given = {name: values[name] if value is True else value for name, value in options.items()}
    with pytest.raises(error):
        lg.from_posterior(mean, label_noise=0.8, n_samples=40, **given)


def test_blocks_that_differ_are_refused_however_small_they_are():
    def fitted(*sizes):
        blocks = 1e-9 * np.kron(np.diag(sizes), np.eye(2))
        return lg.from_posterior(np.ones((2, 2)), blocks, label_noise=1e-4, n_samples=9, gram=np.eye(2))

    with pytest.raises(CovarianceError, match="blocks differ"):
        fitted(1.0, 1.5)
    assert fitted(1.0, 1.0).teacher.cov.tolist() == [[1e-9, 0.0], [0.0, 1e-9]]
