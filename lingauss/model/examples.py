"""The problems and the student with which the library is shown, in its case study and on its page."""

from __future__ import annotations

from typing import TypeVar

import numpy as np

from lingauss.data.bundled import digits
from lingauss.model.bottleneck import Principal
from lingauss.model.design import Design
from lingauss.model.learners import Ridge
from lingauss.model.problem import Problem

# A student at a quarter of the teacher's temperature and penalty has the teacher's prior, so that what it never sees
# costs nothing. It is colder than its teacher, which is what leaves room for soft-label noise (docs/theory.md §5.3).
COLDNESS = 0.25
# One draw of hot soft labels: every direction learned from them costs spread, so weak ones are better discarded.
HOT = 10.0
POWER_LAW_PENALTY = 100.0
DIGITS_PENALTY = 1e4

Case = TypeVar("Case", bound=Design)


def power_law_problem() -> Problem:
    """Return a problem of 1000 samples and 64 features whose spectrum and signal fall like 1/i."""
    index = np.arange(1.0, 65.0)
    n = 1000
    return Problem.from_spectrum(n / index, 1.0 / index, n_samples=n, label_noise=0.5)


def digits_problem() -> Problem:
    """Return the problem of scikit-learn's digits, with the posterior standing in for the truth.

    Raises
    ------
    MissingDependencyError
        Without the extra ``data``.
    """
    return Problem.from_data(*digits()).plug_in()


def hot_labels(kind: type[Case], problem: Problem, penalty: float) -> Case:
    """Return a design, of a class of designs, whose colder student sees half of the directions of hot soft labels."""
    return kind(
        problem,
        teacher=Ridge(penalty),
        student=Ridge(COLDNESS * penalty, temperature=COLDNESS),
        bottleneck=Principal(problem.n_features // 2),
        temperature=HOT,
    )
