"""A design as each route to its divergence sees it: eigen-directions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lingauss.errors import DomainError
from lingauss.model.bottleneck import Principal
from lingauss.model.labels import eigen_powers
from lingauss.model.learners import Law, Learner, law_of_seen
from lingauss.model.spectral import Directions
from lingauss.validation import Array

if TYPE_CHECKING:
    from lingauss.model.process import CoupledProcess


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


def _relative_floor(case: CoupledProcess, student: Learner, noise: Array) -> Array | Law:
    """Return the floor in units of ν², or the student's law without data, whose variance is the default."""
    if case.floor is not None or case.rank == case.problem.n_features:
        return np.asarray((case.floor or 0.0) / noise**2)
    return student.spectral(np.zeros(()), noise)
