"""Where an average row does not stand for all rows, and the warnings that say so (docs/unseen-rows.md)."""

from __future__ import annotations

import numpy as np

from lingauss.errors import InterpolationWarning, UnequalLeverageWarning
from lingauss.model.design import Design
from lingauss.model.learners import Ridge
from lingauss.notices import notify
from lingauss.unseen.frames import Rows
from lingauss.unseen.ridge import RidgeFit
from lingauss.unseen.samples import SampleSpace
from lingauss.validation import Array

UNEQUAL = 0.2  # shortfall above which moments were off by more than 10 % as a rule: benchmarks/unequal_leverages.py
OFF = 0.1  # share of an error that moments may miss near interpolation


def leverage_shortfall(leverages: Array, left: Array) -> float:
    """Return by which share moments underestimate errors that come from the inputs alone.

    Such an error of row i is in proportion to its leverage among the others, h_i/(1 − h_i). Moments make of it what
    averages say, Σ h_i(1 − h_i)/n over the square of 1 − Σ h_i/n.

    Parameters
    ----------
    leverages, left : (n,)
        h_i and 1 − h_i.
    """
    if not np.any(leverages):
        return 0.0
    return 1.0 - float(np.mean(leverages * left) / np.mean(left) ** 2 / np.mean(leverages / left))


def residual_freedom(missed: Array, multiplicity: Array) -> float:
    """Return (Σ(1 − p_j))²/Σ(1 − p_j)² over the sample space: n − d for least squares, n for a fit of nothing.

    Parameters
    ----------
    missed, multiplicity : (m,)
        1 − p_j, the share of the labels that is left along each direction, and how many there are.
    """
    largest = float(np.max(missed))
    relative = missed / (largest or 1.0)
    return float((multiplicity @ relative) ** 2 / (multiplicity @ np.square(relative))) if largest else 0.0


def interpolation_shortfall(freedom: float, rows: int) -> float:
    """Return by which share moments underestimate the error of a fit of Gaussian rows with few residuals.

    (n − f)/(f(n − 1)), which is exact for least squares: residuals say ν²n/(n − d) where it is ν²(n − 1)/(n − d − 1).
    """
    return (rows - freedom) / (freedom * max(rows - 1, 1)) if freedom > 0.0 else 1.0


def warn_of_unequal_leverages(case: Design, rows: Rows) -> None:
    """Warn if a ridge teacher's leverages are so unequal that errors from moments are off."""
    if not isinstance(case.teacher, Ridge):
        return
    left = RidgeFit(rows, case.teacher.penalty, rows.space.eigenvalues).left
    shortfall = leverage_shortfall(1.0 - left, left)
    if shortfall > UNEQUAL:
        notify(
            f"leverages of the rows are unequal: averages over them understate errors by up to {shortfall:.0%}, so "
            "leave-one-out is right here, and errors on unseen rows from moments, also in sweeps and optima, are not.",
            UnequalLeverageWarning,
        )


def warn_of_interpolation(case: Design, space: SampleSpace) -> None:
    """Warn if a ridge learner on all features leaves too few residual degrees of freedom."""
    sides = {"teacher": case.teacher, "student": case.student}
    if case.transfer is not None or case.rank < case.problem.n_features:
        del sides["student"]
    for role, learner in sides.items():
        if not isinstance(learner, Ridge):
            continue
        idle = space.points == 0.0
        missed = np.where(idle, 1.0, learner.penalty / np.where(idle, 1.0, space.points + learner.penalty))
        freedom = residual_freedom(missed, space.multiplicity)
        shortfall = interpolation_shortfall(freedom, space.rows)
        if shortfall > OFF:
            notify(
                f"the {role} nearly interpolates, with about {freedom:.2g} residual degrees of freedom of "
                f"{space.rows}: its error on unseen rows from moments is too small by about {min(shortfall, 1.0):.0%}. "
                "Raise its penalty, or pass the rows.",
                InterpolationWarning,
            )
