"""Which designs have an error on unseen rows in closed form, and which form it is."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from lingauss.algebra.channel import Channel
from lingauss.errors import DomainError
from lingauss.model.bottleneck import Best, Spectral, Subspace
from lingauss.model.coupling import predictor
from lingauss.model.design import Design
from lingauss.model.learners import Learner, Ridge
from lingauss.model.problem import Problem
from lingauss.model.shards import Shards
from lingauss.model.views import Aligned
from lingauss.unseen.frames import Axes, Frame, Rows
from lingauss.unseen.loss import Loss
from lingauss.unseen.reduced import Learners, as_learner
from lingauss.unseen.refits import refitted
from lingauss.unseen.ridge import RidgeFit, Spreads, student_loss, teacher_loss
from lingauss.unseen.spectral import RotatedOut
from lingauss.unseen.transfer import TaughtElsewhere
from lingauss.validation import Array


def check_teacher(case: Design) -> None:
    """Refuse teachers whose error on unseen rows has no closed form.

    Raises
    ------
    DomainError
    """
    if case.problem.test_covariance is not None:
        raise DomainError(
            "unseen rows like the training rows",
            "a problem with test_cov",
            "Leave test_cov out: the training rows do not tell how a model does on rows of another distribution.",
        )
    if not isinstance(case.teacher, Learner):
        raise DomainError(
            "a learner as teacher, which can be trained without a row",
            {Shards: "teachers on shards", Channel: "a channel"}.get(type(case.teacher), "one behind a bottleneck"),
            "Pass a learner such as Ridge(penalty=1.0), or hold rows out and measure the error on them.",
        )


def check_student(case: Design) -> None:
    """Refuse designs whose student's error on unseen rows has no closed form.

    Raises
    ------
    DomainError
    """
    check_teacher(case)
    if isinstance(case.student, Channel):
        raise DomainError(
            "a learner as student, which can be trained without a row",
            "a channel",
            "Pass a learner such as Ridge(penalty=1.0), or hold rows out and measure the error on them.",
        )
    if isinstance(case.bottleneck, Best | Aligned):
        raise DomainError(
            "directions that were not chosen on the same labels",
            f"{type(case.bottleneck).__name__}, whose choice is another one without a row",
            "Use Principal(rank), or choose directions on other rows and keep them as a Subspace.",
        )
    ridges = isinstance(case.teacher, Ridge) and isinstance(case.student, Ridge)
    if case.transfer is not None and not isinstance(case.teacher, Ridge):
        raise DomainError(
            "Ridge as teacher of a student on transfer inputs",
            type(case.teacher).__name__,
            "Pass Ridge(penalty=1.0) as teacher, or leave transfer out.",
        )
    if case.transfer is None and is_view(case) and not ridges:
        raise DomainError(
            "Ridge as teacher and student behind a Subspace",
            f"{type(case.teacher).__name__} and {type(case.student).__name__}",
            "Use Principal(rank), behind which any learner may stand, or Ridge on both sides.",
        )


def is_view(case: Design) -> bool:
    """Whether the student sees a subspace that does not depend on the training rows."""
    return isinstance(case.view, Subspace) and case.rank < case.problem.n_features


def teacher_loss_of(case: Design, frame: Axes) -> Loss:
    """Return the teacher's loss from moments, one entry."""
    fit = _teacher_fit(case, frame)
    if fit is not None:
        return teacher_loss(fit, _dispersion(case.teacher, case.problem))
    rotated = RotatedOut.of(case.problem, frame.space)
    noise = np.full(1, case.problem.label_noise)
    return rotated.teacher_loss(as_learner(case.teacher).spectral(rotated.spectrum, noise), noise)


def losses(case: Design, frame: Frame) -> tuple[Loss, Loss]:
    """Return the losses of teacher and student at the points of a frame, the student's for every mixing."""
    teacher = _teacher_fit(case, frame)
    elsewhere = case.transfer is not None
    if teacher is None or not (elsewhere or _has_ridge_form(case)):
        return refitted(case, frame) if isinstance(frame, Rows) else _of_average_row(case, frame)
    drawn = _dispersion(case.teacher, case.problem)
    alone = teacher_loss(teacher, drawn)
    if elsewhere:
        return alone, _elsewhere(case).loss(teacher, drawn, case.draws)
    noise = case.temperature * case.problem.label_noise**2
    spreads = Spreads(drawn, _dispersion(case.student, case.problem), noise, case.draws)
    return alone, student_loss(teacher, _student_fit(case, frame), spreads)


def order_of(case: Design) -> npt.NDArray[np.intp]:
    """Return all directions, those first that a spectral bottleneck keeps first."""
    directions = np.empty(case.problem.n_features)
    return case.bottleneck.ranking(directions) if isinstance(case.bottleneck, Spectral) else np.arange(len(directions))


def _has_ridge_form(case: Design) -> bool:
    whole = case.rank == case.problem.n_features
    return isinstance(case.student, Ridge) and (whole or isinstance(case.view, Subspace))


def _of_average_row(case: Design, frame: Frame) -> tuple[Loss, Loss]:
    rotated = RotatedOut.of(case.problem, frame.space)
    learners = Learners.of(case, rotated.spectrum)
    noise = np.full(1, case.problem.label_noise)
    student = rotated.student_loss(learners, noise, order_of(case), np.array([case.rank]))
    return rotated.teacher_loss(learners.teacher, noise), student


def _teacher_fit(case: Design, frame: Frame) -> RidgeFit | None:
    return RidgeFit(frame, case.teacher.penalty, frame.space.eigenvalues) if isinstance(case.teacher, Ridge) else None


def _student_fit(case: Design, frame: Frame) -> RidgeFit:
    penalty = case.student.penalty if isinstance(case.student, Ridge) else math.nan
    if case.rank == case.problem.n_features:
        return RidgeFit(frame, penalty, frame.space.eigenvalues)
    basis = case.problem.eigenbasis.rotate(case.basis.T).T[: len(frame.space.eigenvalues)]
    return RidgeFit.of_view(frame, penalty, basis)


def _dispersion(learner: object, problem: Problem) -> float:
    return float(learner.dispersion(problem.label_noise)) if isinstance(learner, Ridge) else 0.0


def _elsewhere(case: Design) -> TaughtElsewhere:
    """Return what a student on transfer inputs makes of its teacher's weights, in the eigenbasis of G."""
    basis, seen, noise = case.problem.eigenbasis, case.seen_gramian, case.problem.label_noise
    view = None if case.rank == case.problem.n_features else case.basis
    learned = predictor(as_learner(case.student), seen, view, noise)
    labels = seen.scaled(case.temperature * noise**2 / case.draws).congruence(learned.A)
    return TaughtElsewhere(
        _turned(learned.A @ seen.matrix, basis.vectors), _turned(learned.cov + labels.matrix, basis.vectors)
    )


def _turned(matrix: Array, vectors: Array) -> Array:
    return np.asarray(vectors.T @ matrix @ vectors)
