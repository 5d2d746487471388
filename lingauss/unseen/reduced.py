"""Both learners on inputs of a given spectrum, at mixing 1, so that every power of the mixing can be told apart."""

from __future__ import annotations

import numpy as np

from lingauss.errors import DomainError
from lingauss.model.bottleneck import Principal
from lingauss.model.distillation import Distillation
from lingauss.model.learners import Learner, law_of_seen
from lingauss.model.spectral import Directions
from lingauss.validation import Array


def directions_on(case: Distillation, spectrum: Array) -> Directions:
    """Return a design's learners in the eigen-directions of other inputs, without labels.

    Parameters
    ----------
    case : Distillation
        Learners on both sides.
    spectrum : (d, *grid)
        Eigenvalues of the inputs' Gram matrices.

    Raises
    ------
    SingularGramError
        If a learner has no law there.
    """
    teacher, student = case.teacher, case.student
    if not isinstance(teacher, Learner) or not isinstance(student, Learner):
        raise DomainError("learners on both sides", "a channel", "Pass learners, such as Ridge(penalty=1.0).")
    noise = np.asarray(case.problem.label_noise)
    nothing, one = np.zeros((1,) * spectrum.ndim), np.ones((1,) * spectrum.ndim)
    return Directions(
        spectrum,
        nothing,
        one,
        nothing,
        teacher.spectral(spectrum, noise),
        law_of_seen(student, spectrum, noise, case.rank if isinstance(case.bottleneck, Principal) else len(spectrum)),
        nothing,
        np.asarray(case.temperature),
        one,
        np.asarray(float(case.draws)),
        case.problem.outputs,
    )
