"""Leave-one-out by its definition: everything trained again without every row."""

import numpy as np

import lingauss as lg


def without_each_row(case, X, Y, weights=None):
    """Return mean squared errors of teacher and student on the row left out, weighted, drawn weights averaged."""
    problem = case.problem
    weights = np.ones(len(X)) if weights is None else weights
    errors = []
    for i in range(len(X)):
        keep = np.arange(len(X)) != i
        moments = lg.Moments.from_data(X[keep], Y[keep], center=problem.intercept, weights=weights[keep])
        again = case.replace(problem=lg.Problem.from_moments(moments, label_noise=problem.label_noise))
        x, y = X[i] - moments.input_mean, Y[i] - moments.label_mean
        errors.append([
            weights[i] * (np.sum((y - (moments.statistic @ law.A.T + law.b) @ x) ** 2) + len(y) * x @ law.cov @ x)
            for law in (again.teacher_channel, again.student_predictor)
        ])  # fmt: skip
    return np.mean(errors, axis=0)
