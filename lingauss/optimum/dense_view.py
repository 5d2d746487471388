"""How two laws are seen when their divergence is taken: in units of the teacher's spread (docs/theory.md §5.1)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Self

import numpy as np

from lingauss.algebra.psd import PSD, Dense, symmetrised
from lingauss.model.design import Design
from lingauss.model.learners import Learner, Ridge
from lingauss.model.shards import Shards
from lingauss.optimum.learned import Learned
from lingauss.optimum.objective import infinite_for_teacher, looks_singular
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

        With QᵀQ = UᵀV_T⁻¹U, tr V_T⁻¹V_S = tr QSQᵀ + φ tr U⊥ᵀV_T⁻¹U⊥ and log det V_S = log det S + (d − r) log φ.

        Raises
        ------
        DomainError
            If the teacher's law is singular.
        IllConditionedError
            If it only looks singular in float64.
        """
        units = _precision_root(case)
        retained: Array = np.linalg.qr(units.T @ learned.kept, mode="r")  # type: ignore[assignment]
        r, outside = len(retained), learned.dropped.shape[1]
        zeros = np.zeros((r, r))
        log_det = 2.0 * (float(np.sum(np.log(np.abs(retained.diagonal())))) - float(np.linalg.slogdet(units)[1]))
        if not outside:
            return cls(units, retained, zeros, zeros, constant=log_det)
        best_floor = outside / float(np.sum(np.square(units.T @ learned.dropped)))
        constant = log_det - outside * math.log(best_floor)
        return cls(units, retained, zeros, zeros, outside, best_floor, constant)

    @classmethod
    def of_predictions(cls, case: Design, learned: Learned, gram: PSD) -> Self:
        """Return the view of the joint predictions at test inputs with this Gram matrix RRᵀ, labels' noise included."""
        root, noise = gram.root, case.problem.label_noise**2
        teacher = symmetrised(root.T @ case.teacher_channel.cov @ root) + noise * np.eye(root.shape[1])
        law = Dense(teacher)
        if not root.shape[1]:
            empty = np.zeros((0, 0))
            return cls(root, np.zeros((0, learned.kept.shape[1])), empty, empty)
        units = law.whiten(root)
        unseen, alone = learned.dropped.T @ units, law.whiten(np.eye(law.dim))
        return cls(units, (learned.kept.T @ units).T, unseen.T @ unseen, noise * (alone.T @ alone))


def _precision_root(case: Design) -> Array:
    """Return K, (d, d), with KKᵀ the inverse of the teacher's covariance."""
    teacher, problem = case.teacher, case.problem
    if isinstance(teacher, Ridge) and teacher.spreads_everywhere:  # its precision needs no inverse
        penalised = Dense(problem.gram + teacher.penalty * np.eye(problem.n_features))
        if not penalised.is_singular:
            return penalised.root / math.sqrt(teacher.dispersion(problem.label_noise))
    law = case.teacher_channel.covariance
    if not law.is_singular:
        return law.whiten(np.eye(law.dim))
    learner = teacher.learner if isinstance(teacher, Shards) else teacher
    if isinstance(learner, Learner) and learner.spreads_everywhere:
        raise looks_singular("a teacher", f"a covariance of numerical rank {law.rank} of {law.dim}")
    raise infinite_for_teacher()
