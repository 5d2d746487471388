"""Generalisation of teacher and student: exact gaps and risks, and the law of the teacher's gap (docs/theory.md §7)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from lingauss.algebra.cumulants import CumulantFunction
from lingauss.gaps.cumulants import conditional_cumulants, joint_cumulants
from lingauss.ledgers import dispatch, laws
from lingauss.ledgers.laws import student_weights, teacher_weights
from lingauss.ledgers.risk import TeacherStudent
from lingauss.ledgers.route import Ranks
from lingauss.model.design import Design
from lingauss.validation import Array


def gaps(design: Design) -> TeacherStudent:
    """Return the exact expected generalisation gaps, test minus training loss (docs/theory.md §7.1).

    Averaged over labels and drawn weights; squared loss summed over outputs. The student's is that of its
    predictor.

    Raises
    ------
    MissingTruthError
        If test_cov was given and the problem knows no truth.
    """
    return _both(dispatch.gaps, design)


def excess_risk(design: Design) -> TeacherStudent:
    """Return E tr((W − W*) Σ_x (W − W*)ᵀ) of teacher and student (docs/theory.md §5.7).

    Averaged over labels and drawn weights, summed over outputs. The student's is that of its predictor.

    Raises
    ------
    MissingTruthError
        If the problem knows no truth.
    """
    return _both(dispatch.risks, design)


def gap_cumulants(design: Design) -> CumulantFunction:
    """Cumulant function Λ of the teacher's gap over data and weights: domain, mean, variance, all cumulants.

    At any test covariance (docs/theory.md §7.5); averaged over the truth where that is a plug-in.

    Raises
    ------
    MissingTruthError
        If the problem knows no truth.
    DomainError
        If n_samples is below the rank of the Gram matrix.
    """
    return joint_cumulants(teacher_weights(design))


def conditional_gap_cumulants(design: Design) -> CumulantFunction:
    """Cumulant function Λ_c of the teacher's gap given the data, averaged over it (docs/theory.md §7.3–7.4).

    Raises
    ------
    MissingTruthError
        If test_cov was given and the problem knows no truth.
    """
    return conditional_cumulants(teacher_weights(design))


def gap_cgf(design: Design, lam: Any) -> Any:
    """Return Λ(λ) = log E_T e^{λ gap} of the teacher, unconditional, in nats (docs/theory.md §7.5).

    Parameters
    ----------
    lam : float or array
        λ, per squared label.

    Returns
    -------
    float or ndarray
        Like ``lam``; +inf exactly outside the domain ``gap_cumulants.domain``.

    Raises
    ------
    MissingTruthError, DomainError, NotFiniteError, NotNumericError
    """
    return gap_cumulants(design)(lam)


def mutual_information(design: Design) -> TeacherStudent:
    """Return I(D; W) of teacher and student, in nats; +inf where weights reveal a linear image of the labels."""
    sides = teacher_weights(design), student_weights(design, with_floor=False)
    return TeacherStudent(*map(laws.mutual_information, sides))


def _both(ask: Callable[[Design, Ranks], tuple[Array, Array]], design: Design) -> TeacherStudent:
    teacher, student = ask(design, np.array([design.rank]))
    return TeacherStudent(float(teacher[0]), float(student[0]))
