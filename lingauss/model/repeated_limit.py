"""Where repeated distillation leads when it never ends (docs/theory.md §5.10)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lingauss.errors import DomainError
from lingauss.model.learners import Law, Learner
from lingauss.validation import Array


@dataclass(frozen=True)
class RepeatedLimit(Learner):
    """A learner after infinitely many rounds of teaching itself, as one learner t ↦ W.

    Its effective penalty is that of the learner over 1 − ξ, the weight of the true labels; what soft labels add to the
    spread is a geometric series. :meth:`lingauss.Chain.limit` builds it.

    Parameters
    ----------
    learner : Learner
        Who learns in every round.
    mixing : float
        ξ, with |ξ| s · gain < 1 in every direction.
    temperature : float
        τ ≥ 0 of the soft labels.
    draws : int
        m ≥ 1.
    """

    learner: Learner
    mixing: float
    temperature: float = 1.0
    draws: int = 1

    @property
    def needs_regular_gram(self) -> bool:
        return self.learner.needs_regular_gram

    @property
    def exists_for_any_gram(self) -> bool:
        return False

    @property
    def spreads_everywhere(self) -> bool:
        return self.learner.spreads_everywhere

    @property
    def follows_label_noise(self) -> bool:
        return self.learner.follows_label_noise

    def prior_variance(self, label_noise: float) -> float:
        return self.learner.prior_variance(label_noise)

    def spectral(self, eigenvalues: Array, label_noise: Array) -> Law:
        law = self.learner.spectral(eigenvalues, label_noise)
        shrinkage = eigenvalues * law.gain
        largest = float(np.max(np.abs(shrinkage)))
        if abs(self.mixing) * largest >= 1.0:
            raise DomainError(
                f"mixing within ±{1.0 / largest:.6g}, the inverse of the largest shrinkage factor of a round",
                f"{self.mixing:.6g}, under which rounds drift apart for ever",
                "Mix in more of the true labels, or raise the penalty.",
            )
        # Without true labels the gain is 0; half a rounding error beside that, penalty and dispersion are finite.
        truth = (1.0 - self.mixing) or np.finfo(np.float64).eps
        share = self.mixing**2 / self.draws * np.square(law.gain)
        variance = (law.variance + share * self.temperature * eigenvalues) / (1.0 - share * np.square(eigenvalues))
        gain = truth * law.gain / (1.0 - self.mixing * shrinkage)
        return Law(gain, law.penalty / truth, variance / gain)
