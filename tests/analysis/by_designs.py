"""Errors on unseen rows by the library itself, of designs made by hand from the rows and penalties of refits."""

from __future__ import annotations

import numpy as np

import lingauss as lg


def unseen(refits):
    """Return the cross-validated squared errors of students of principal directions at every rank, (d + 1,)."""
    d = refits.X.shape[1]
    problem = lg.Problem.from_data(refits.Z, refits.T, label_noise=refits.noise, center=True)
    ridge = [lg.Ridge(penalty, temperature=0.0) for penalty in (refits.penalty, refits.own_penalty)]
    case = lg.Distillation(problem, *ridge, lg.Principal(d), floor=0.0, temperature=0.0, mixing=refits.mixing)
    return np.array([float(case.replace(rank=rank).cross_validation().student) for rank in range(d + 1)])
