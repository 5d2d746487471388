"""Labels and inputs as the space of the samples sees them: what moments know of it, or every row (docs/theory.md §9.1).

Leaving a row (x, y) of weight w out of a fit with an intercept leaves the row √(wφ)(x − x̄, y − ȳ) out of a fit without
one, φ = W/(W − w) and W the sum of all weights, and the weighted error then is √φ times that one's. So no formula
further on knows of intercepts or weights.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lingauss.algebra.factor import EPS
from lingauss.errors import DomainError, MissingLabelsError
from lingauss.model.problem import Problem
from lingauss.validation import Array, Immutable, freeze


@dataclass(frozen=True, eq=False)
class SampleSpace(Immutable):
    """The q directions of the sample space that inputs reach, and how long the labels are in all others.

    Attributes
    ----------
    eigenvalues : (q,)
        Those of G that are positive, largest first.
    labels : (q, k)
        Y along the left singular vectors of X.
    beyond : float
        Squared length of Y outside of them, summed over outputs.
    rows : int
        n, less 1 for an intercept.
    inflation : float
        φ = n/(n − 1) with an intercept, else 1.
    """

    eigenvalues: Array
    labels: Array
    beyond: float
    rows: int
    inflation: float

    @classmethod
    def of(cls, problem: Problem) -> SampleSpace:
        """Read a problem whose labels were observed.

        Raises
        ------
        MissingLabelsError
            If it knows no labels, or not how long they are.
        DomainError
            If it has fewer samples than its Gram matrix takes, or labels too short for t.
        """
        t, power = _observed(problem)
        basis, rows = problem.eigenbasis, problem.n_samples - int(problem.intercept)
        live = basis.eigenvalues > 0
        s = basis.eigenvalues[live]
        if rows < max(len(s), 1):
            raise DomainError(
                f"at least {max(len(s), 1) + int(problem.intercept)} samples, which the Gram matrix takes",
                f"n_samples={problem.n_samples}",
                "Pass the number of rows the Gram matrix was summed over.",
            )
        labels = np.asarray((basis.rotate(t)[:, live] / np.sqrt(s)).T)
        beyond = 0.0
        if rows > len(s):
            beyond = power - float(np.sum(np.square(labels)))
            if beyond < -math.sqrt(EPS) * power:
                raise DomainError(
                    f"label_power of at least {power - beyond:.6g}, the part of YᵀY that X explains",
                    f"{power:.6g}",
                    "Pass tr YᵀY of the labels that t = YᵀX was taken of, centred if they were.",
                )
            beyond = max(beyond, 0.0)  # labels without noise, of which only rounding is left
        return cls(freeze(s.copy()), freeze(labels), beyond, rows, problem.n_samples / rows)

    @property
    def is_full(self) -> bool:
        """Whether inputs reach every direction, so that a fit without penalty interpolates."""
        return self.rows == len(self.eigenvalues)

    @cached_property
    def points(self) -> Array:
        """Eigenvalues of XXᵀ, zeros merged into one, (q,) or (q + 1,)."""
        return self.eigenvalues if self.is_full else np.append(self.eigenvalues, 0.0)

    @cached_property
    def multiplicity(self) -> Array:
        """How many directions each of :attr:`points` stands for."""
        ones = np.ones(len(self.eigenvalues))
        return ones if self.is_full else np.append(ones, float(self.rows - len(ones)))

    @cached_property
    def label_power(self) -> Array:
        """Squared length of Y along each of :attr:`points`, summed over outputs."""
        power = np.sum(np.square(self.labels), axis=1)
        return power if self.is_full else np.append(power, self.beyond)

    def noise_variance(self) -> float | None:
        """Return ν² from the residuals of least squares; None where none are left."""
        return None if self.is_full else self.beyond / (self.labels.shape[1] * (self.rows - len(self.eigenvalues)))


def _observed(problem: Problem) -> tuple[Array, float]:
    if problem.observed is None:
        raise MissingLabelsError(
            "a problem with observed labels, whose errors on unseen rows are estimated",
            f"one without ({problem.mode})",
            "Build it with Problem.from_data(X, Y), or Problem.from_moments.",
        )
    if problem.label_power is None:
        raise MissingLabelsError(
            "labels whose length tr YᵀY is known",
            "t = YᵀX alone",
            "Build the problem with from_data or from_moments, or pass with_statistic(t, label_power=…).",
        )
    return problem.observed, problem.label_power
