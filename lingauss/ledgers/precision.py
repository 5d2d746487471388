"""The inverse of a teacher's covariance, which a learner knows without inverting anything."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from lingauss.algebra.channel import Channel
from lingauss.algebra.factor import rounding
from lingauss.errors import IllConditionedError
from lingauss.model.learners import Learner
from lingauss.model.shards import Shards
from lingauss.validation import Array


@dataclass(frozen=True, eq=False)
class Precision:
    """The inverse φ I + FᵀF of a teacher's covariance.

    Attributes
    ----------
    least : float
        φ ≥ 0.
    rows : (m, d)
        F.
    """

    least: float
    rows: Array

    @property
    def root(self) -> Array:
        """K, (d, c), with K Kᵀ the precision."""
        d = self.rows.shape[1]
        return np.concatenate([self.rows.T, math.sqrt(self.least) * np.eye(d)], axis=1) if self.least else self.rows.T

    @property
    def log_det(self) -> float:
        """Logarithm of its determinant."""
        triangular = np.asarray(np.linalg.qr(falling(self.root.T), mode="r"))
        return 2.0 * float(np.sum(np.log(np.abs(triangular.diagonal()))))

    @classmethod
    def of(cls, side: Any, channel: Channel, eigenvalues: Array, label_noise: float) -> Self | None:
        """Return that of a learner in the eigenbasis of G, or of any law; None if it has none.

        Raises
        ------
        IllConditionedError
            If a law known to be regular looks singular in float64.
        """
        if isinstance(side, Learner):
            if not side.spreads_everywhere:
                return None
            least, beyond = side.precisions(eigenvalues, label_noise)
            return cls(least, np.diag(np.sqrt(beyond)))
        law = channel.covariance
        if not law.is_singular:
            return cls(0.0, law.whiten(np.eye(law.dim)).T)
        if isinstance(side, Shards) and side.learner.spreads_everywhere:
            raise looks_singular("a teacher", f"a covariance of numerical rank {law.rank} of {law.dim}")
        return None


def falling(rows: Array) -> Array:
    """Sort rows by size, large ones first, so that small ones keep their digits when they are made triangular."""
    return np.asarray(rows[np.argsort(-np.linalg.norm(rows, axis=1), kind="stable")])


def check_known(whose: str, precisions: Array) -> None:
    """Refuse a law of which some variances are rounding of those eigenvalues that others come from.

    Raises
    ------
    IllConditionedError
    """
    smallest, largest = float(precisions.min(initial=math.inf)), float(precisions.max(initial=0.0))
    if smallest <= rounding(len(precisions)) * largest:
        raise looks_singular(whose, f"precisions from {smallest:.3g} to {largest:.3g}")


def looks_singular(whose: str, got: str) -> IllConditionedError:
    """Return the error of a law that float64 cannot tell from a singular one."""
    return IllConditionedError(
        f"{whose} whose weights have variances within about 10¹² of each other",
        got,
        "Standardise the features or raise the penalty; Principal and Best keep their digits.",
    )
