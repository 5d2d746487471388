"""Designs whose errors on unseen rows the tests ask for."""

import numpy as np

import lingauss as lg


def case_of(X, Y, center=True, noise=0.5, **changes):
    problem = lg.Problem.from_moments(lg.Moments.from_data(X, Y, center=center), label_noise=noise)
    return lg.Distillation(problem, **{"teacher": lg.Ridge(0.7), "student": lg.Ridge(0.2), "floor": 0.0} | changes)


def scattered(n=40, d=6, k=2, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, d)) * np.arange(1, d + 1) ** -0.5 + 1.0
    return X, X @ rng.standard_normal((d, k)) + 0.5 * rng.standard_normal((n, k))
