"""The eigenbasis route: everything per direction, so that all ranks are cumulative sums (docs/theory.md §4.3–4.5).

Plain array functions. Arguments called ``s`` are eigenvalues of G; every other argument broadcasts against them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from lingauss.algebra.numerics import safe_ratio, spread_cost
from lingauss.model.chain_rule import best_floor
from lingauss.model.coupling import SoftLabels
from lingauss.model.ledger import Ledger
from lingauss.validation import Array


@dataclass(frozen=True, eq=False)
class Directions:
    """Labels, teacher and student in every eigen-direction.

    Attributes
    ----------
    s : (d,)
        Eigenvalues of G.
    mean_power, noise_power : (d,)
        Squared norm of t_i's mean, and its variance summed over outputs (0 in observed mode).
    teacher_penalty, teacher_dispersion, student_penalty, student_dispersion : (d,)
        ℓ_T, ω_T, ℓ_S, ω_S: a learner's weight is t/(s + ℓ) with variance ω/(s + ℓ).
    floor : float or None
        Variance of discarded weights; None for the student's prior variance ω_S/ℓ_S.
    soft : SoftLabels
        Temperature, mixing, draws.
    label_noise : float
        ν, a standard deviation.
    outputs : int
        k.
    """

    s: Array
    mean_power: Array
    noise_power: Array
    teacher_penalty: Array
    teacher_dispersion: Array
    student_penalty: Array
    student_dispersion: Array
    floor: float | None
    soft: SoftLabels
    label_noise: float
    outputs: int

    @cached_property
    def teacher_variance(self) -> Array:
        """V = ω_T/(s + ℓ_T)."""
        return self.teacher_dispersion / (self.s + self.teacher_penalty)

    @cached_property
    def own_variance(self) -> Array:
        """U = ω_S/(s + ℓ_S): the student's spread given its labels, where retained."""
        return self.student_dispersion / (self.s + self.student_penalty)

    @cached_property
    def mixing_variance(self) -> Array:
        """(ξ²/m) b² (v + τν²/s): what sampled soft labels add to the student's spread."""
        relabelled = self.s * self.teacher_variance + self.soft.temperature * self.label_noise**2
        share = self.soft.mixing**2 / self.soft.draws
        return share * self.s * relabelled / (self.s + self.student_penalty) ** 2

    @cached_property
    def offset(self) -> Array:
        """(b g − a)/s = κ/((s + ℓ_T)(s + ℓ_S)), κ = (1 − ξ)ℓ_T − ℓ_S: the student's gain on t less the teacher's."""
        kappa = (1.0 - self.soft.mixing) * self.teacher_penalty - self.student_penalty
        return kappa / ((self.s + self.teacher_penalty) * (self.s + self.student_penalty))

    @cached_property
    def retained_excess(self) -> Array:
        """The student's variance less the teacher's where retained, from differences of parameters."""
        hotter = (self.student_dispersion - self.teacher_dispersion) / (self.s + self.student_penalty)
        looser = self.teacher_variance * (self.teacher_penalty - self.student_penalty) / (self.s + self.student_penalty)
        return hotter + looser + self.mixing_variance

    @cached_property
    def floor_variance(self) -> Array:
        """The student's variance where discarded."""
        if self.floor is None:
            return self.student_dispersion / self.student_penalty
        return np.full_like(self.s, self.floor)

    @cached_property
    def discarded_excess(self) -> Array:
        """The student's variance less the teacher's where discarded."""
        if self.floor is not None:
            return self.floor - self.teacher_variance
        hotter = (self.student_dispersion - self.teacher_dispersion) / self.student_penalty
        looser = self.teacher_variance * (self.teacher_penalty - self.student_penalty + self.s) / self.student_penalty
        return hotter + looser

    def cells(self, scale: Array | float = 1.0, noise: float = 0.0) -> tuple[Array, Array]:
        """Return what each direction costs if retained and if discarded.

        Parameters
        ----------
        scale, noise
            Weights are seen as scale^½ W plus noise of this variance: 1 and 0 for the weights themselves, the
            eigenvalue of the test inputs' Gram matrix and ν² for their joint predictions.

        Returns
        -------
        retained, discarded : (3, d)
            Mean, label noise and spread, in nats.
        """
        base = scale * self.teacher_variance + noise
        return (
            self._cost(self.offset, self.retained_excess, self.own_variance + self.mixing_variance, base, scale, noise),
            self._cost(
                -1.0 / (self.s + self.teacher_penalty), self.discarded_excess, self.floor_variance, base, scale, noise
            ),
        )

    def _cost(
        self, offset: Array, excess: Array, variance: Array, base: Array, scale: Array | float, noise: float
    ) -> Array:
        leverage = 0.5 * scale * np.square(offset)
        relative = np.where(base > 0, safe_ratio(scale * excess, base), np.where(variance > 0, np.inf, 0.0))
        ratio = np.where(base > 0, safe_ratio(scale * variance + noise, base), 1.0)
        return np.stack(
            [
                safe_ratio(leverage * self.mean_power, base),
                safe_ratio(leverage * self.noise_power, base),
                0.5 * self.outputs * spread_cost(relative, ratio),
            ]
        )

    def irreducible(
        self, discarded: Array, dropped: npt.NDArray[np.intp], scale: Array | float = 1.0, noise: float = 0.0
    ) -> float:
        """Return the rank cost of the directions in ``dropped`` at their best common floor.

        Parameters
        ----------
        discarded : (3, d)
            As returned by :meth:`cells`.
        dropped : (d − r,) of int
            Directions the student does not see.
        """
        base = (scale * self.teacher_variance + noise)[dropped]
        seen = np.broadcast_to(scale, self.s.shape)[dropped]
        lossless = float(np.sum(discarded[:2, dropped]))
        if not len(dropped) or not np.any(base):
            return lossless
        if not np.all(base):
            return np.inf
        floor = best_floor(float(np.sum(seen / base)), seen, noise)
        ratio = (seen * floor + noise) / base
        return lossless + 0.5 * self.outputs * float(np.sum(spread_cost(ratio - 1.0, ratio)))

    def ledger(
        self,
        kept: npt.NDArray[np.intp],
        level: str,
        mode: str,
        scale: Array | float = 1.0,
        noise: float = 0.0,
    ) -> Ledger:
        """Return the ledger of a student that keeps the given directions; see :meth:`cells` for the rest."""
        dropped = np.setdiff1d(np.arange(len(self.s)), kept)
        retained, discarded = self.cells(scale, noise)
        cells = np.stack([np.sum(retained[:, kept], axis=1), np.sum(discarded[:, dropped], axis=1)])
        return Ledger(cells, self.irreducible(discarded, dropped, scale, noise), level, mode)

    def advantage(self) -> Array:
        """Return what retaining each direction saves, e_i − c_i; costs that are infinite everywhere are left out.

        For a hard bottleneck this ranks by c_i alone, for a deterministic student by the finite cells.
        """
        retained, discarded = self.cells()
        return _finite_sum(discarded, drop_all=True) - _finite_sum(retained, drop_all=False)


def _finite_sum(cells: Array, *, drop_all: bool) -> Array:
    """Sum a direction's cells; where a spread is infinite, drop it (``drop_all``: with the rest)."""
    if np.all(np.isfinite(cells)):
        return np.asarray(np.sum(cells, axis=0))
    if drop_all:
        return np.zeros(cells.shape[1])
    kept = cells[np.all(np.isfinite(cells), axis=1)]
    return np.asarray(np.sum(kept, axis=0))
