"""Ridge regression at its best penalty on average over inputs that are drawn (docs/theory.md §10.2)."""

from __future__ import annotations

import math

import numpy as np

from lingauss.equivalents.effective_penalty import effective_penalties
from lingauss.ledgers.tuned_ridge import NEEDED_FOR, Tuned, least_between
from lingauss.model.population import Population
from lingauss.model.problem import Problem
from lingauss.model.truth import need_truth


class AveragedRidgeRisk:
    """Excess risk of ridge regression on rows of a population, as a function of the effective penalty κ.

    R = (κ² Σ s|w|²/(s + κ)² + kν²γ)/(1 − γ) with γ = Σ s²/(s + κ)²/n. The penalty that leads to it is explicit,
    λ = κ(n − Σ s/(s + κ)): no equation is solved on the way.

    Raises
    ------
    MissingTruthError
        If the problem knows no truth.
    """

    def __init__(self, problem: Problem, population: Population) -> None:
        signal = need_truth(problem, NEEDED_FOR).power(population.axes)
        seen = population.axes.eigenvalues > 0.0
        self._s, self._signal = population.axes.eigenvalues[seen], signal[seen]
        self._n = problem.n_samples
        self._noise = problem.outputs * problem.label_noise**2

    def __call__(self, kappa: float) -> float:
        """Return the risk at κ > 0."""
        s, missed = self._s, kappa / (self._s + kappa)
        bias = float(np.sum(s * self._signal * np.square(missed)))
        filled = float(np.sum(np.square(1.0 - missed)))
        regular = (self._n - len(s)) + float(np.sum(missed * (2.0 - missed)))  # n(1 − γ)
        return (self._n * bias + self._noise * filled) / regular

    def penalty(self, kappa: float) -> float:
        """Return the penalty λ ≥ 0 on the Gram matrix that leads to κ."""
        s = self._s
        return max(kappa * ((self._n - len(s)) + float(np.sum(kappa / (s + kappa)))), 0.0)

    def least(self) -> Tuned:
        """Return the penalty of least risk; 0 where minimum norm is best.

        Where dR/dκ = 0, nκ is the test loss R + kν² over the mean of |w|² with weights s²/(s + κ)³, so that the best κ
        is at least kν²/(n max |w|²) and at most the larger of max s and 8(Σs|w|² + kν²) Σs²/(n Σs²|w|²).
        """
        s, signal = self._s, self._signal
        if not np.any(signal > 0.0):
            return Tuned(math.inf, 0.0)
        bare = float(effective_penalties(s, np.array([float(self._n)]), np.zeros(1))[0])  # κ without a penalty
        size = s / s.max()  # squares of variances may underflow
        spread = float(np.sum(np.square(size)) / np.sum(np.square(size) * signal))
        highest = max(float(s.max()), 8.0 * (float(np.sum(s * signal)) + self._noise) * spread / self._n)
        low = max(bare, self._noise / (self._n * float(signal.max())))
        if highest <= low:
            return Tuned(0.0, self(bare))
        kappa, risk = least_between(low, highest, self)
        if bare > 0.0 and self(bare) <= risk:
            return Tuned(0.0, self(bare))
        return Tuned(self.penalty(kappa), risk)
