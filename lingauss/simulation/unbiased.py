"""Unbiased estimates of a divergence's ledger from trained weights (docs/simulation.md).

Nothing is used but that weights are Gaussian given the labels, with a mean that is linear in them. Weights come in
stacks (batches, pairs, 2 signs of the label noise, 2 runs on the same labels, outputs, features). Differences of the
two runs give a scatter that follows a Wishart law whatever the means are; sums and differences over signs give the
means at noiseless labels and what label noise moves.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lingauss.simulation.stacks import through
from lingauss.validation import Array

NEGLIGIBLE = 1e-12  # variances below this fraction of the largest are the rounding of numbers that coincide


@dataclass(frozen=True, eq=False)
class Sample:
    """Weights of one side, reduced to what the estimates need.

    Attributes
    ----------
    mean : (batches, pairs, outputs, features)
        Average over signs and runs: E[W | E t] with noise of covariance V/4.
    moved : (batches, pairs, outputs, features)
        Half the difference of the signs: what label noise moved, with noise of covariance V/4.
    scatter : (batches, features, features)
        Of the differences of runs, divided by √2: Wishart with ``freedom`` degrees of freedom and covariance V.
    freedom : int
    size : float
        Largest diagonal entry of a scatter, beside which rounding is judged.
    """

    mean: Array
    moved: Array
    scatter: Array
    freedom: int
    size: float

    @classmethod
    def of(cls, weights: Array) -> Sample:
        """Reduce a stack (batches, pairs, 2, 2, outputs, features)."""
        batches, pairs, _, _, outputs, features = weights.shape
        centre = weights.mean(axis=3)
        apart = ((weights[:, :, :, 0] - weights[:, :, :, 1]) / math.sqrt(2.0)).reshape(batches, -1, features)
        scatter = np.swapaxes(apart, 1, 2) @ apart
        return cls(
            centre.mean(axis=2),
            0.5 * (centre[:, :, 0] - centre[:, :, 1]),
            scatter,
            2 * pairs * outputs,
            float(np.max(np.diagonal(scatter, axis1=1, axis2=2), initial=0.0)),
        )

    def seen_through(self, basis: Array) -> Sample:
        """Return the coordinates W B of the weights."""
        return Sample(
            through(self.mean, basis),
            through(self.moved, basis),
            basis.T @ self.scatter @ basis,
            self.freedom,
            self.size,
        )

    @property
    def is_constant(self) -> bool:
        """Whether the two runs never differ."""
        return bool(np.max(self.scatter, initial=0.0) <= NEGLIGIBLE * self.size)

    @property
    def is_singular(self) -> bool:
        """Whether in some direction the two runs never differ."""
        if not self.scatter.shape[1]:
            return False
        return bool(np.linalg.eigvalsh(self.scatter)[:, 0].min() <= NEGLIGIBLE * self.size)

    def precision(self) -> Array:
        """Return unbiased estimates of V⁻¹, (batches, features, features)."""
        return np.asarray((self.freedom - self.scatter.shape[1] - 1) * np.linalg.inv(self.scatter))

    def log_det(self) -> Array:
        """Return unbiased estimates of log det V, (batches,); −inf for a singular law."""
        features = self.scatter.shape[1]
        if self.is_singular:
            return np.full(len(self.scatter), -np.inf)
        from scipy.special import digamma

        expected = features * math.log(2.0) + float(np.sum(digamma(0.5 * (self.freedom - np.arange(features)))))
        return np.asarray(np.linalg.slogdet(self.scatter)[1] - expected)


def ledger_estimates(student: Sample, teacher: Sample, kept: Array, dropped: Array, one_mean: bool = True) -> Array:
    """Return unbiased estimates of the six cells, (batches, 2, 3), rows and columns as in ``Ledger``.

    Parameters
    ----------
    student, teacher : Sample
        Independent given the labels; the teacher's law nonsingular.
    kept, dropped : (features, r), (features, features − r)
        Orthonormal bases of the retained and the discarded directions.
    one_mean : bool
        Whether all pairs of a batch have the same mean, as they do for labels of one truth.
    """
    half_outputs = 0.5 * student.mean.shape[2]
    inside, outside = student.seen_through(kept), student.seen_through(dropped)
    law, law_outside = teacher, teacher.seen_through(dropped)
    whole, rest = _moves(student, teacher, one_mean), _moves(outside, law_outside, one_mean)
    # Where the student's discarded weights are constant they say nothing about the retained ones.
    silent = outside.is_constant
    given = inside.log_det() if silent else _difference(student.log_det(), outside.log_det())
    spread = whole[2] - rest[2] - kept.shape[1] - given + law.log_det() - law_outside.log_det()
    spread_outside = rest[2] - dropped.shape[1] - outside.log_det() + law_outside.log_det()
    retained = [whole[0] - rest[0], whole[1] - rest[1], half_outputs * spread]
    discarded = [rest[0], rest[1], half_outputs * spread_outside]
    return np.stack([np.stack(retained, axis=-1), np.stack(discarded, axis=-1)], axis=1)


def _moves(student: Sample, teacher: Sample, one_mean: bool) -> tuple[Array, Array, Array]:
    """Return estimates of the mean cost, the label-noise cost and tr(V_T⁻¹V_S), (batches,) each."""
    precision = teacher.precision()
    features, pairs, outputs = precision.shape[1], *student.mean.shape[1:3]
    mismatch = np.sum(precision * student.scatter, axis=(1, 2)) / student.freedom
    # Means carry the noise of the runs, of covariance (V_S + V_T)/4 per pair: its expected cost is taken off.
    own = 0.25 * outputs * (mismatch + features)
    mean, moved = student.mean - teacher.mean, student.moved - teacher.moved
    if one_mean:
        from_mean = _squares(mean.mean(axis=1), precision) - own / pairs
    else:
        from_mean = _squares(_stacked(mean), precision) / pairs - own
    from_noise = _squares(_stacked(moved), precision) / pairs - own
    return 0.5 * from_mean, 0.5 * from_noise, mismatch


def _stacked(rows: Array) -> Array:
    """Put the outputs of all pairs under each other, (batches, pairs · outputs, features)."""
    batches, pairs, outputs, features = rows.shape
    return rows.reshape(batches, pairs * outputs, features)


def _squares(rows: Array, precision: Array) -> Array:
    """Return Σ z Q zᵀ over the rows z (batches, m, features) of each batch."""
    return np.asarray(np.sum((rows @ precision) * rows, axis=(1, 2)))


def _difference(whole: Array, part: Array) -> Array:
    """Return whole − part, −inf where the whole is."""
    return np.where(np.isneginf(whole), -np.inf, whole - np.where(np.isneginf(part), 0.0, part))


def pooled(estimates: npt.NDArray[np.float64]) -> tuple[float, float]:
    """Return mean and standard error of one estimate per batch; +inf without error where all are infinite."""
    if np.isinf(estimates).all():
        return float(estimates[0]), 0.0
    return float(np.mean(estimates)), float(np.std(estimates, ddof=1) / math.sqrt(len(estimates)))
