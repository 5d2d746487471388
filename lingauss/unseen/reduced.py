"""Both learners on inputs of a given spectrum, such as that of all rows but one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lingauss.errors import DomainError
from lingauss.model.bottleneck import Principal
from lingauss.model.design import Design
from lingauss.model.learners import Law, Learner, law_of_seen
from lingauss.validation import Array


@dataclass(frozen=True, eq=False)
class Learners:
    """What teacher and student make of labels in every eigen-direction, for one design or a grid of them.

    Attributes
    ----------
    spectrum : (d, *grid)
        Eigenvalues of the Gram matrix.
    teacher, student : Law
    temperature, draws
        τ and m.
    """

    spectrum: Array
    teacher: Law
    student: Law
    temperature: Array
    draws: Array

    @classmethod
    def of(cls, case: Design, spectrum: Array) -> Learners:
        """Return a design's learners on inputs of another spectrum.

        Raises
        ------
        SingularGramError
            If a learner has no law there.
        """
        noise = np.asarray(case.problem.label_noise)
        seen = case.rank if isinstance(case.bottleneck, Principal) else len(spectrum)
        return cls(
            spectrum,
            as_learner(case.teacher).spectral(spectrum, noise),
            law_of_seen(as_learner(case.student), spectrum, noise, seen),
            np.asarray(case.temperature),
            np.asarray(float(case.draws)),
        )

    @property
    def copied(self) -> Array:
        """Variance that soft labels without true ones hand on to a student's weight, in units of ν²."""
        handed = self.spectrum * (self.spectrum * self.teacher.variance + self.temperature)
        return np.asarray(np.square(self.student.gain) * handed / self.draws)


def as_learner(side: object) -> Learner:
    """Return a side of a design that is a learner.

    Raises
    ------
    DomainError
    """
    if not isinstance(side, Learner):
        raise DomainError("a learner", type(side).__name__, "Pass, for example, Ridge(penalty=1.0).")
    return side
