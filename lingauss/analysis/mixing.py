"""Whether soft labels are worth it: what they save on unseen rows, and how uncertain that is."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass

import numpy as np

from lingauss.distillation import Distillation
from lingauss.errors import UnreliableEstimateWarning
from lingauss.model.problem import Problem

CERTAIN = 2.0  # standard errors a gain must exceed


@dataclass(frozen=True)
class Gain:
    """What the best share of soft labels saves on unseen rows.

    Attributes
    ----------
    mixing : float
        The share ξ with the least cross-validated error.
    saved : float
        Squared error saved against true labels alone, summed over outputs.
    standard_error : float
        Of that difference: 2 √(E|y − ŷ|²/k · E|ŷ − ŷ'|²/n), as both students are judged by the same rows.
    """

    mixing: float
    saved: float
    standard_error: float

    @property
    def pays(self) -> bool:
        """Whether the gain exceeds its uncertainty, two standard errors."""
        return self.saved > CERTAIN * self.standard_error


def gain_of_mixing(case: Distillation, observed: Problem) -> Gain:
    """Return what mixing saves on unseen rows at a design's rank, from moments."""
    here = case.replace(problem=observed, mixing=0.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnreliableEstimateWarning)
        found = here.optimize(over=("mixing",), objective="cross_validation")
        error = float(here.cross_validation().student)
    basis, rank = observed.eigenbasis, case.rank
    s = basis.eigenvalues[:rank]
    teacher, student = case.teacher.penalty, case.student.penalty  # type: ignore[union-attr]
    moved = teacher / ((s + teacher) * (s + student))
    power = basis.power(observed.observed)[:rank]  # type: ignore[arg-type]
    apart = found.design.mixing**2 * float(np.sum(s * np.square(moved) * power)) / observed.n_samples
    standard_error = 2.0 * math.sqrt(error / observed.outputs * apart / observed.n_samples)
    return Gain(found.design.mixing, error - found.value, standard_error)
