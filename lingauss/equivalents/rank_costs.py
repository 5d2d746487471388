"""What a student of a fixed view loses for what it does not see, on average over drawn rows (docs/theory.md §10.8).

Its costs retained have no such average: they hold the log-determinant of a sum of two resolvents that do not commute.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np

from lingauss.equivalents.effective_penalty import effective_penalties
from lingauss.validation import Array


@dataclass(frozen=True)
class RankCosts:
    """Costs of the discarded directions against a ridge teacher that sees everything, nats.

    Attributes
    ----------
    mean, noise : float
        Of the teacher's mean, which the student does not learn there, and of label noise in it.
    outputs, outside : int
        k, and how many directions are discarded.
    precision : float
        Trace of the inverse of the teacher's covariance of the discarded weights.
    log_variance : float
        Log-determinant of that covariance.
    """

    mean: float
    noise: float
    outputs: int
    outside: int
    precision: float
    log_variance: float

    @classmethod
    def of(cls, rows: Rows, seen: Array) -> Self:
        """Return the costs of a view, an orthonormal basis (d, r)."""
        outputs, outside = rows.outputs, len(rows.s) - seen.shape[1]
        whole, part = rows.through(np.eye(len(rows.s))), rows.through(seen)
        kept = float(np.einsum("ir,ij,jr->", seen, part.unexplained, seen))
        missed = part.unexplained - whole.unexplained  # sums of squares of rows that the directions explain
        return cls(
            0.5 * float(np.einsum("ki,ij,kj->", rows.weights, missed, rows.weights)) / rows.dispersion,
            0.5 * outputs * rows.noise * (whole.filled - part.filled) / rows.dispersion,
            outputs,
            outside,
            (outside * rows.penalty + float(np.trace(part.unexplained)) - kept) / rows.dispersion,
            outside * math.log(rows.dispersion) - (whole.log_det - part.log_det),
        )

    def spread(self, floor: float) -> float:
        """Return the cost of spread at a floor > 0, a variance."""
        size = self.outside
        return 0.5 * self.outputs * (floor * self.precision - size * (1.0 + math.log(floor)) + self.log_variance)

    @property
    def least(self) -> float:
        """The sum of all three at the floor of least spread."""
        return self.mean + self.noise + (self.spread(self.outside / self.precision) if self.outside else 0.0)


class Regression(NamedTuple):
    """Averages over rows X of a ridge regression on X U.

    Attributes
    ----------
    unexplained : (d, d)
        Xᵀ(I − H)X, H being its map of labels to predictions at the rows.
    filled : float
        tr H.
    log_det : float
        log det(UᵀXᵀXU + λ).
    """

    unexplained: Array
    filled: float
    log_det: float


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of a population, and a ridge teacher on them.

    Attributes
    ----------
    s : (d,)
        Eigenvalues of the covariance.
    weights : (m, d)
        Rows whose squares add up to those of W* in the coordinates of ``s``.
    n_samples, outputs : int
    noise : float
        ν², the variance of a label.
    penalty, dispersion : float
        λ > 0 and τσ² > 0.
    """

    s: Array
    weights: Array
    n_samples: int
    outputs: int
    noise: float
    penalty: float
    dispersion: float

    def through(self, seen: Array) -> Regression:
        """Return averages of a regression with the teacher's penalty that sees a basis (d, r)."""
        n, lam, carried = float(self.n_samples), self.penalty, self.s[:, None] * seen
        own, axes = np.linalg.eigh(seen.T @ carried) if seen.shape[1] else (np.zeros(0), np.zeros((0, 0)))
        own, carried = np.maximum(own, 0.0), carried @ axes
        kappa = float(effective_penalties(own, np.array([n]), np.array([lam]))[0]) if own.any() else lam / n
        explained = (carried / (own + kappa)) @ carried.T
        log_det = len(own) * math.log(lam) + float(np.sum(np.log1p(own / kappa)))
        log_det += n * (math.log(n * kappa / lam) + lam / (n * kappa) - 1.0)
        return Regression(lam / kappa * (np.diag(self.s) - explained), float(np.sum(own / (own + kappa))), log_det)
