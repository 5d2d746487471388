"""How two laws are seen when their divergence is taken: in units of the teacher's spread (docs/theory.md §5.1)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Self

import numpy as np

from lingauss.algebra.factor import graded_svd
from lingauss.algebra.psd import PSD
from lingauss.ledgers.precision import Precision, falling
from lingauss.model.bottleneck import complement
from lingauss.model.design import Design
from lingauss.optimum.learned import Learned
from lingauss.optimum.objective import infinite_for_teacher
from lingauss.validation import Array


@dataclass(frozen=True, eq=False)
class View:
    """Two laws in units of the teacher's spread.

    Per output, twice the spread cost is ψ(retained S retainedᵀ + φ floor + base), S the retained covariance and φ the
    floor; with (d − r) (φ/φ* − 1 − log φ/φ*) + constant where the discarded weights stand apart.

    Attributes
    ----------
    units : (d, c)
        Half the squares of shift @ units are what a difference of means costs.
    retained : (n, r)
    floor, base : (n, n)
    apart : int
        d − r where the discarded weights stand apart, else 0.
    best_floor : float
        φ* = (d − r)/tr(U⊥ᵀV_T⁻¹U⊥) where they do (docs/theory.md §5.2).
    constant : float
        log det V_T + log det UᵀV_T⁻¹U − (d − r) log φ* ≥ 0 where they do.
    """

    units: Array
    retained: Array
    floor: Array
    base: Array
    apart: int = 0
    best_floor: float = 1.0
    constant: float = 0.0

    @classmethod
    def of_weights(cls, case: Design, learned: Learned) -> Self:
        """Return the view of the weights themselves.

        In a design's frame. With QᵀQ = UᵀV_T⁻¹U, tr V_T⁻¹V_S = tr QSQᵀ + φ tr U⊥ᵀV_T⁻¹U⊥ and log det V_S =
        log det S + (d − r) log φ.

        Raises
        ------
        DomainError
            If the teacher's law is singular.
        IllConditionedError
            If it only looks singular in float64.
        """
        precision = _precision(case)
        units = precision.root
        retained: Array = np.linalg.qr(falling(units.T @ learned.kept), mode="r")  # type: ignore[assignment]
        r, outside = len(retained), learned.dropped.shape[1]
        zeros = np.zeros((r, r))
        log_det = 2.0 * float(np.sum(np.log(np.abs(retained.diagonal())))) - precision.log_det
        if not outside:
            return cls(units, retained, zeros, zeros, constant=log_det)
        best_floor = outside / float(np.sum(np.square(units.T @ learned.dropped)))
        constant = log_det - outside * math.log(best_floor)
        return cls(units, retained, zeros, zeros, outside, best_floor, constant)

    @classmethod
    def of_predictions(cls, case: Design, learned: Learned, gram: PSD) -> Self:
        """Return the view of the joint predictions at test inputs with this Gram matrix RRᵀ, labels' noise included."""
        root, noise = gram.root, case.problem.label_noise**2
        left, singular, _ = graded_svd(root.T @ case.teacher_channel.covariance.root)
        turn = np.concatenate([left, complement(left)], axis=1)
        variances = np.full(root.shape[1], noise)
        variances[: len(singular)] += np.square(singular)
        units = root @ turn / np.sqrt(variances)
        unseen = learned.dropped.T @ units
        return cls(units, (learned.kept.T @ units).T, unseen.T @ unseen, np.diag(noise / variances))


def _precision(case: Design) -> Precision:
    problem = case.problem
    inputs = problem.gramian.matrix.diagonal()
    found = Precision.of(case.teacher, case.teacher_channel, inputs, problem.label_noise)
    if found is None:
        raise infinite_for_teacher()
    return found
