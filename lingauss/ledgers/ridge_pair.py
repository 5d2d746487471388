"""The ledger of two ridge learners and any subspace, from precisions: nothing large is subtracted anywhere.

In coordinates (retained a, discarded b), a being eigenvectors of UᵀGU, both laws follow from blocks of G. With
P = G + λ_T I, the teacher's precision but for its dispersion, T_{a|b} = ω_T P_aa⁻¹, B_T = −P_aa⁻¹G_ab and
T_bb = ω_T H⁻¹, H = P_bb − G_ba P_aa⁻¹ G_ab; the student's own part shares the eigenvectors of P_aa. Every difference
of the two laws is then one of their parameters, as in the eigenbasis of G (docs/theory.md §4.9).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lingauss.algebra.divergence import psi_of_eigenvalues
from lingauss.algebra.factor import rounding
from lingauss.algebra.numerics import difference_of_products, spread_cost
from lingauss.algebra.psd import PSD, Dense, symmetrised
from lingauss.ledgers.ledger import Ledger
from lingauss.model.coupling import SoftLabels
from lingauss.validation import Array


@dataclass(frozen=True)
class RidgeLaw:
    """What a ridge learner does in every direction alike: t ↦ N(t (G + λI)⁻¹, ω (G + λI)⁻¹).

    Attributes
    ----------
    penalty : float
        λ ≥ 0.
    dispersion : float
        ω ≥ 0, a variance.
    tail : float
        What rounding has removed from ω.
    """

    penalty: float
    dispersion: float
    tail: float = 0.0

    def __post_init__(self) -> None:
        # numpy's numbers, because those of Python overflow without a word
        object.__setattr__(self, "penalty", np.float64(self.penalty))
        object.__setattr__(self, "dispersion", np.float64(self.dispersion))
        object.__setattr__(self, "tail", np.float64(self.tail))


@dataclass(frozen=True, eq=False)
class RidgePair:
    """Two ridge learners, of which the student sees only some directions and trains on soft labels.

    Attributes
    ----------
    gramian : PSD
        G, (d, d).
    kept, dropped : (d, r), (d, d − r)
        Orthonormal bases of the retained and the discarded directions.
    teacher, student : RidgeLaw
        Of positive dispersion.
    floor : float or None
        Variance of the discarded weights; None for the student's prior variance ω_S/λ_S.
    soft : SoftLabels
    label_noise : float
        ν, a standard deviation.
    """

    gramian: PSD
    kept: Array
    dropped: Array
    teacher: RidgeLaw
    student: RidgeLaw
    floor: float | None
    soft: SoftLabels
    label_noise: float

    @cached_property
    def _eigen(self) -> tuple[Array, Array]:
        """Eigenvalues of UᵀGU, and the retained directions turned to its eigenvectors."""
        inner = symmetrised(self.kept.T @ self.gramian.matrix @ self.kept)
        eigenvalues, turn = np.linalg.eigh(inner)
        return np.clip(eigenvalues, 0.0, None), self.kept @ turn

    @cached_property
    def _cross(self) -> Array:
        """G_ab, (r, d − r)."""
        return np.asarray(self._eigen[1].T @ self.gramian.matrix @ self.dropped)

    @cached_property
    def _unexplained(self) -> Array:
        """H − λ_T I ⪰ 0: what the retained directions leave of the Gram matrix on the discarded ones."""
        below = self.dropped.T @ self.gramian.matrix @ self.dropped
        return symmetrised(below - self._cross.T @ (self._cross / self._teacher_precision[:, None]))

    @cached_property
    def _discarded_precision(self) -> Dense:
        """H, (d − r, d − r)."""
        return Dense(self._unexplained + self.teacher.penalty * np.eye(self.dropped.shape[1]))

    @property
    def _teacher_precision(self) -> Array:
        return self._eigen[0] + self.teacher.penalty

    @property
    def _student_precision(self) -> Array:
        return self._eigen[0] + self.student.penalty

    @property
    def is_regular(self) -> bool:
        """Whether the rounding of the blocks of G leaves digits in every precision."""
        largest = float(np.abs(self.gramian.matrix).sum(axis=0).max()) + self.teacher.penalty
        precisions = (self._teacher_precision, self._student_precision)
        smallest = min(float(precision.min(initial=math.inf)) for precision in precisions)
        if not smallest > rounding(self.gramian.dim) * largest:
            return False
        below = float(self._discarded_eigenvalues.min(initial=math.inf)) + self.teacher.penalty
        return below > rounding(self.gramian.dim) * largest

    def ledger(self, mean: Array, noise: Array | None, outputs: int, mode: str) -> Ledger:
        """Return the ledger of the weights' laws.

        Parameters
        ----------
        mean, noise : (m, d)
            Rows whose squares add up to those of t's mean and of its label noise; no noise in observed mode.
        outputs, mode
            As in :class:`Ledger`.
        """
        mean_cost = self._shift_costs(mean)
        noise_cost = (0.0, 0.0) if noise is None else self._shift_costs(noise)
        half = 0.5 * outputs
        cells = [
            [mean_cost[0], noise_cost[0], half * self._retained_spread()],
            [mean_cost[1], noise_cost[1], half * self._discarded_spread()],
        ]
        irreducible = mean_cost[1] + noise_cost[1] + half * self._least_discarded_spread()
        return Ledger(np.array(cells), irreducible, "weights", mode)

    def _shift_costs(self, rows: Array) -> tuple[float, float]:
        """Return ½ tr(δ T_{a|b}⁻¹ δᵀ) and ½ tr(Δ_b T_bb⁻¹ Δ_bᵀ) of rows of t.

        With z = t(G + λ_T I)⁻¹, the teacher's weights: Δ_b = −z_b and, κ = (1 − ξ)λ_T − λ_S,
        δ = [κ z_a + (λ_T − λ_S) z_b G_ba P_aa⁻¹] (UᵀGU + λ_S I)⁻¹.
        """
        precision, whiten = self._teacher_precision, self._discarded_precision.whiten
        retained, discarded = rows @ self._eigen[1], rows @ self.dropped
        surplus = whiten(discarded - (retained / precision) @ self._cross)  # √H⁻¹ on the right
        below = surplus @ whiten(np.eye(self.dropped.shape[1])).T  # z_b
        explained = below @ self._cross.T
        weights = (retained - explained) / precision  # z_a
        looser = self.teacher.penalty - self.student.penalty
        kappa = looser - self.soft.mixing * self.teacher.penalty
        shift = (kappa * weights + looser * explained / precision) / self._student_precision
        scale = 0.5 / self.teacher.dispersion
        return scale * float(np.sum(np.square(shift) * precision)), scale * float(np.sum(np.square(surplus)))

    def _retained_spread(self) -> float:
        """Return ψ(S_{a|b}, T_{a|b}) + tr(T_{a|b}⁻¹ B_T S_bb B_Tᵀ), B_S being 0."""
        tight, own = self._teacher_precision, self._student_precision
        ratio = self.student.dispersion / self.teacher.dispersion * (tight / own)
        hotter = (self.student.dispersion - self.teacher.dispersion) + (self.student.tail - self.teacher.tail)
        excess = (hotter * self._eigen[0] + self._crossed) / self.teacher.dispersion / own
        regression = self._floor_variance / self.teacher.dispersion if self.dropped.size else 0.0
        cost = regression * float(np.sum(np.square(self._cross) / tight[:, None]))
        share = self.soft.mixing**2 / self.soft.draws
        if share == 0.0:
            far = np.abs(excess) > 0.25
            return float(np.sum(spread_cost(np.where(far, ratio - 1.0, excess), ratio))) + cost
        mixed = (
            share
            / self.teacher.dispersion
            * self._soft_covariance
            * np.outer(np.sqrt(tight) / own, np.sqrt(tight) / own)
        )
        eigenvalues = np.linalg.eigvalsh(np.diag(excess) + mixed)
        return psi_of_eigenvalues(eigenvalues, lambda: Dense(np.diag(ratio) + mixed).log_det) + cost

    @property
    def _soft_covariance(self) -> Array:
        """Covariance UᵀGV_TGU + τν²UᵀGU of one draw's soft statistic on the retained directions."""
        eigenvalues, precision = self._eigen[0], self._teacher_precision
        leak = self._discarded_precision.whiten(self._cross * (self.teacher.penalty / precision)[:, None])
        own = np.diag(np.square(eigenvalues) / precision) + leak @ leak.T
        observation = self.soft.temperature * self.label_noise**2
        return np.asarray(self.teacher.dispersion * own + observation * np.diag(eigenvalues))

    @property
    def _floor_variance(self) -> float:
        return self.student.dispersion / self.student.penalty if self.floor is None else np.float64(self.floor)

    @property
    def _crossed(self) -> float:
        """The difference ω_S λ_T − ω_T λ_S."""
        teacher, student = self.teacher, self.student
        factors = (student.dispersion, teacher.penalty, teacher.dispersion, student.penalty)
        tail = student.tail * teacher.penalty - teacher.tail * student.penalty
        return float(difference_of_products(*map(np.asarray, factors)) + tail)

    @cached_property
    def _discarded_eigenvalues(self) -> Array:
        """Eigenvalues of H − λ_T I."""
        return np.asarray(np.linalg.eigvalsh(self._unexplained).clip(0.0), dtype=np.float64)

    def _discarded_spread(self) -> float:
        """Return ψ(floor · I, T_bb)."""
        if not self.dropped.size:  # then a student without penalty needs no prior variance
            return 0.0
        precisions = self._discarded_eigenvalues + self.teacher.penalty
        if self.floor is None:
            hotter = (self.student.dispersion - self.teacher.dispersion) * self.teacher.penalty
            base = (
                hotter / self.teacher.dispersion + self.teacher.penalty - self.student.penalty
            ) / self.student.penalty
        else:
            base = self.floor * self.teacher.penalty / self.teacher.dispersion - 1.0
        floor = self._floor_variance / self.teacher.dispersion
        return float(np.sum(spread_cost(base + floor * self._discarded_eigenvalues, floor * precisions)))

    def _least_discarded_spread(self) -> float:
        """Return the least ψ(f · I, T_bb) over floors f, attained where f T_bb⁻¹ has mean eigenvalue 1."""
        if not self.dropped.size:
            return 0.0
        gammas = self._discarded_eigenvalues
        typical = float(np.mean(gammas + self.teacher.penalty))
        return float(
            np.sum(spread_cost((gammas - np.mean(gammas)) / typical, (gammas + self.teacher.penalty) / typical))
        )
