"""The student of least distillation loss to second order at its teacher's logits: one Newton step, a closed form.

Hinton's loss Σ_i (1 − α) CE(y_i, f_i) + α T² KL(softmax(fᵀ_i/T) ‖ softmax(f_i/T)) + (λ/2)‖W‖² has at the teacher's
logits fᵀ the gradient (1 − α)(p_i − y_i), since soft labels have none there, and the Hessian
M_i = (1 − α) F(fᵀ_i) + α F(fᵀ_i/T), F(f) = diag(p) − ppᵀ, since T² cancels (docs/real-students.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve

from lingauss.errors import IllConditionedError
from lingauss.softmax.law import ClassLaw
from lingauss.validation import Array


@dataclass(frozen=True)
class Settings:
    """What a distillation loss leaves to choose.

    Attributes
    ----------
    temperature, alpha, penalty : float
        T, α, λ.
    rank : int
        Directions the student sees.
    """

    temperature: float
    alpha: float
    penalty: float
    rank: int


class Newton:
    """The second-order loss of rows, prepared for every setting; outputs are stacked class by class.

    Parameters
    ----------
    law : ClassLaw
    inputs : (n, r)
        Features in the basis of the bottleneck, most important first.
    logits : (n, m)
        The teacher's.
    labels : (n, m) or None
        Encoded; None where only soft labels count.
    """

    def __init__(self, law: ClassLaw, inputs: Array, logits: Array, labels: Array | None) -> None:
        self._law = law
        self._inputs = inputs
        self._logits = logits
        self._labels = labels
        self._expansions: dict[float, tuple[Array, Array]] = {}

    @cached_property
    def _pull(self) -> Array:
        """What true labels pull at the weights, Σ (y − p) ⊗ x, (m, r)."""
        if self._labels is None:
            return np.zeros((self._logits.shape[1], self._inputs.shape[1]))
        return np.asarray((self._labels - self._law.probabilities(self._logits)).T @ self._inputs)

    def _expansion(self, temperature: float) -> tuple[Array, Array]:
        """Return Σ F ⊗ xxᵀ, (m, r, m, r), and Σ F f ⊗ x, (m, r), at a temperature."""
        if temperature not in self._expansions:
            m, r = self._logits.shape[1], self._inputs.shape[1]
            law = self._law.probabilities(self._logits / temperature)
            hessian, pull = np.empty((m, r, m, r)), np.zeros((m, r))
            for a in range(m):
                for b in range(a + 1):
                    weights = self._law.curvature(law, a, b)
                    hessian[a, :, b] = (self._inputs * weights[:, None]).T @ self._inputs
                    hessian[b, :, a] = hessian[a, :, b]
                    pull[a] += (weights * self._logits[:, b]) @ self._inputs
                    if b < a:
                        pull[b] += (weights * self._logits[:, a]) @ self._inputs
            self._expansions[temperature] = hessian, pull
        return self._expansions[temperature]

    def weights(self, settings: Settings) -> Array:
        """Return the student's weights on the leading features, (m, rank).

        Raises
        ------
        IllConditionedError
            If the penalty vanishes beside the curvature in float64.
        """
        (own, own_pull), (soft, soft_pull) = self._expansion(1.0), self._expansion(settings.temperature)
        alpha, rank = settings.alpha, settings.rank
        hessian = ((1.0 - alpha) * own + alpha * soft)[:, :rank, :, :rank]
        pull = ((1.0 - alpha) * (own_pull + self._pull) + alpha * soft_pull)[:, :rank]
        size = pull.size
        if size == 0:
            return np.zeros(pull.shape)
        try:
            factor = cho_factor(hessian.reshape(size, size) + settings.penalty * np.eye(size))
        except LinAlgError as error:
            raise IllConditionedError(
                "a penalty that counts beside the curvature", f"{settings.penalty:g}", "Increase it, or drop features."
            ) from error
        return np.asarray(cho_solve(factor, pull.ravel())).reshape(pull.shape)
