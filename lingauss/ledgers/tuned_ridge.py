"""Ridge regression at its best penalty: how well the labels alone can be learned (docs/theory.md §5.7)."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cached_property
from typing import NamedTuple

import numpy as np

from lingauss.ledgers.risk import intercept_gap
from lingauss.model.problem import Problem
from lingauss.model.truth import need_truth
from lingauss.validation import Array

POINTS = 129  # of the grid on which minima are bracketed
WIDER = 1e3  # factor of the bracket under test inputs of their own, where no bound on the best penalty is known
NEEDED_FOR = "excess risks"


class Tuned(NamedTuple):
    """Ridge regression at the penalty of least excess risk.

    Attributes
    ----------
    penalty : float
        λ; +inf where the true weights are 0.
    risk : float
        Its excess risk, squared label units, summed over outputs.
    """

    penalty: float
    risk: float


def least_between(low: float, high: float, risk: Callable[[float], float]) -> tuple[float, float]:
    """Return where a function of a positive number is least between bounds, and its value there.

    Every minimum on a logarithmic grid is refined.
    """
    from scipy.optimize import minimize_scalar

    grid = np.linspace(math.log(low), math.log(high), POINTS)
    values = np.array([risk(math.exp(point)) for point in grid.tolist()])
    padded = np.concatenate(([np.inf], values, [np.inf]))
    best = math.exp(grid[np.argmin(values)]), float(values.min())
    for index in np.flatnonzero((values <= padded[:-2]) & (values <= padded[2:])).tolist():
        bounds = grid[max(index - 1, 0)], grid[min(index + 1, POINTS - 1)]
        found = minimize_scalar(lambda point: risk(math.exp(point)), bounds=bounds, method="bounded")
        best = min(best, (math.exp(found.x), float(found.fun)), key=lambda point: point[1])
    return best


class RidgeRisk:
    """Excess risk of the deterministic ridge estimate t (G + λI)⁻¹ as a function of its penalty.

    E tr((W − W*) Σ_x (W − W*)ᵀ) with W − W* = −λ W*(G + λI)⁻¹ + νE X(G + λI)⁻¹; a fitted intercept adds kν²/n.

    Raises
    ------
    MissingTruthError
        If the problem knows no truth.
    """

    def __init__(self, problem: Problem) -> None:
        self._truth = need_truth(problem, NEEDED_FOR)
        self._problem = problem
        self._noise = problem.outputs * problem.label_noise**2

    def __call__(self, penalty: float) -> float:
        """Return the risk at λ > 0, +inf included."""
        level = 0.5 * intercept_gap(self._problem)
        if self._turned is None:
            return level + float(np.sum(self.by_direction(penalty)))
        missed, gain = self._shrinkage(penalty)
        bias = missed @ self._turned[0] @ missed
        return level + float(bias + self._noise * np.sum(self._turned[1] * self._s * np.square(gain)))

    def by_direction(self, penalty: float) -> Array:
        """Return what every eigen-direction adds to the risk at fixed design, (d,)."""
        missed, gain = self._shrinkage(penalty)
        square = np.square(missed) * self._problem.signal + self._noise * self._s * np.square(gain)
        return np.asarray(self._s * square / self._problem.n_samples)

    def least(self) -> Tuned:
        """Return the penalty of least risk.

        At fixed design dR/dλ = (2/n) Σ s²(λ|w|² − kν²)/(s + λ)³, so that the best penalty lies between kν²/max |w|²
        and the larger of max s and 8kν² Σs²/Σs²|w|². Under other test inputs it is sought a thousand times farther.
        """
        seen = self._s > 0.0
        s, signal = self._s[seen], self._problem.signal[seen]
        if not np.any(signal > 0.0):
            return Tuned(math.inf, self(math.inf))
        size = s / s[0]  # squares of a spectrum may underflow
        weight = float(np.sum(np.square(size)) / np.sum(np.square(size) * signal))
        low, high = self._noise / float(signal.max()), max(float(s[0]), 8.0 * self._noise * weight)
        if self._turned is not None:
            low, high = low / WIDER, high * WIDER
        return Tuned(*least_between(low, high, self))

    @property
    def _s(self) -> Array:
        return self._problem.eigenbasis.eigenvalues

    @cached_property
    def _turned(self) -> tuple[Array, Array] | None:
        """Σ_x ∘ E[W*ᵀW*] in the eigenbasis of G, (d, d), and the diagonal of Σ_x there; None at fixed design."""
        covariance = self._problem.test_covariance
        if covariance is None:
            return None
        basis = self._problem.eigenbasis
        turned = basis.vectors.T @ covariance.matrix @ basis.vectors
        rows = basis.rotate(self._truth.rows)
        return turned * (rows.T @ rows), np.diagonal(turned)

    def _shrinkage(self, penalty: float) -> tuple[Array, Array]:
        """Return λ/(s + λ) and 1/(s + λ)."""
        if math.isinf(penalty):
            return np.ones_like(self._s), np.zeros_like(self._s)
        return penalty / (self._s + penalty), 1.0 / (self._s + penalty)
