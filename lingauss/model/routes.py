"""A design as each route to its divergence sees it: two dense channels, two ridge learners, or eigen-directions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lingauss.algebra.channel import Channel
from lingauss.algebra.numerics import scaled_square
from lingauss.errors import DomainError, UndefinedFloorError
from lingauss.model.bottleneck import Principal, complement
from lingauss.model.dense import Pair
from lingauss.model.labels import eigen_powers
from lingauss.model.learners import Learner, Ridge, law_of_seen
from lingauss.model.ridge_pair import RidgeLaw, RidgePair
from lingauss.model.shards import Shards
from lingauss.model.spectral import Directions, Floor
from lingauss.validation import Array

if TYPE_CHECKING:
    from lingauss.model.process import CoupledProcess


def dense_pair(case: CoupledProcess) -> Pair:
    """Return both channels; see :attr:`CoupledProcess.pair`."""
    return Pair(
        case.problem,
        case.teacher_channel,
        case.student_channel,
        case.basis,
        None if isinstance(case.student, Channel) else case.student_predictor.covariance,
        case.resolved_floor,
        _spreads_everywhere(case.teacher),
        _spreads_everywhere(case.student),
    )


def ridge_pair(case: CoupledProcess) -> RidgePair | None:
    """Return both learners as ridge regressions where they are; see :attr:`CoupledProcess.ridge_pair`."""
    if case.transfer is not None:
        return None
    teacher, student = (_ridge_law(side, case.problem.label_noise) for side in (case.teacher, case.student))
    if teacher is None or student is None:
        return None
    _ = case.resolved_floor  # raises where there is none
    pair = RidgePair(
        case.problem.gramian,
        case.basis,
        complement(case.basis),
        teacher,
        student,
        case.floor,
        case.soft,
        case.problem.label_noise,
    )
    return pair if pair.is_regular else None


def eigen_directions(case: CoupledProcess) -> Directions:
    """Return the design in the eigenbasis of G, in units of ν; see :attr:`CoupledProcess.directions`."""
    if not isinstance(case.teacher, Learner) or not isinstance(case.student, Learner):
        raise DomainError(
            "one learner as teacher and one as student, so that every eigen-direction has a cost of its own",
            f"{type(case.student if isinstance(case.teacher, Learner) else case.teacher).__name__}",
            "Compare bottlenecks Principal(rank) or Subspace(U) by divergence().",
        )
    if case.transfer is not None:
        raise DomainError(
            "teacher and student on the same inputs, so that every eigen-direction has a cost of its own",
            "transfer inputs, whose eigen-directions are not those of the training inputs",
            "Compare bottlenecks Principal(rank), Selected(directions) or Subspace(U) by divergence().",
        )
    problem, noise = case.problem, np.asarray(case.problem.label_noise)
    s = problem.eigenbasis.eigenvalues
    mean_square, noise_power = (power / noise**2 for power in eigen_powers(problem))
    seen = case.rank if isinstance(case.bottleneck, Principal) else len(s)
    return Directions(
        s,
        mean_square,
        np.ones(()),
        noise_power,
        case.teacher.spectral(s, noise),
        law_of_seen(case.student, s, noise, seen),
        _relative_floor(case, case.student, noise),
        np.asarray(case.temperature),
        np.asarray(case.mixing),
        np.asarray(float(case.draws)),
        problem.outputs,
    )


def _relative_floor(case: CoupledProcess, student: Learner, noise: Array) -> Floor:
    """Return the floor in units of ν², the student's law without data, or why that has no variance."""
    if case.floor is not None or case.rank == case.problem.n_features:
        return np.asarray((case.floor or 0.0) / noise**2)
    try:
        student.prior_variance(case.problem.label_noise)
    except UndefinedFloorError as error:
        return error
    return student.spectral(np.zeros(()), noise)


def _spreads_everywhere(side: Learner | Channel | Shards) -> bool:
    learner = side.learner if isinstance(side, Shards) else side
    return isinstance(learner, Learner) and learner.spreads_everywhere


def _ridge_law(side: Learner | Channel | Shards, label_noise: float) -> RidgeLaw | None:
    """Return what a learner does if it is ridge and leaves some spread."""
    if not isinstance(side, Ridge) or not side.spreads_everywhere:
        return None
    noise = label_noise if side.noise is None else side.noise
    dispersion, tail = scaled_square(np.asarray(side.temperature), np.asarray(noise), np.ones(()))
    return RidgeLaw(side.penalty, float(dispersion), float(tail))
