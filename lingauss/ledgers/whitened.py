"""The ledger of a learner behind any bottleneck, from the precision of a teacher that is spread in every direction.

In the eigenbasis of G a learner's precision is diagonal and known without an inverse: P = φ I + FᵀF, φ that of a weight
the data say nothing about. In coordinates (retained a, discarded b) one orthogonal factorisation,

    [F U_a  F U_b]       [R_aa  R_ab]
    [ √φ I       ] = Q · [      X   ],      T_{a|b}⁻¹ = R_aaᵀR_aa,  B_T = −R_aa⁻¹R_ab,  T_bb⁻¹ = φ I + XᵀX,

holds all the ledger asks of the teacher (docs/theory.md §4.9): no covariance is formed, and nothing is subtracted that
was not known as a difference. The student is a stack of rows: its own spread and the labels that were drawn for it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np

from lingauss.algebra.channel import Channel
from lingauss.algebra.divergence import psi_of_eigenvalues
from lingauss.algebra.numerics import difference_of_products, scaled_square, spread_cost
from lingauss.algebra.psd import symmetrised
from lingauss.algebra.rooted import Rooted
from lingauss.ledgers.ledger import Ledger
from lingauss.ledgers.precision import Precision, check_known
from lingauss.model.bottleneck import complement
from lingauss.model.coupling import Fit, law_of
from lingauss.model.design import Design
from lingauss.model.frame import rotated
from lingauss.model.labels import mean_rows, noise_rows
from lingauss.model.learners import Learner, Ridge
from lingauss.threads import whole_matrices
from lingauss.validation import Array

NEAR = 0.25  # largest relative difference of two spreads that is known better as a difference than as a ratio


@dataclass(frozen=True, eq=False)
class Whitened:
    """A student that learns behind a bottleneck beside a teacher's law of full rank, in the eigenbasis of G.

    Attributes
    ----------
    case : Design
        In its frame.
    reference : Learner, Shards or Channel
        The law the student is compared with, in the same coordinates.
    teacher : Channel
        That law as a channel t ↦ W.
    precision : Precision
        Of its covariance.
    fit : Fit
        What the student makes of its labels.
    floor : float
        Variance of the student's discarded weights; 0 if there are none.
    """

    case: Design
    reference: Any
    teacher: Channel
    precision: Precision
    fit: Fit
    floor: float

    @classmethod
    def of(cls, case: Design, reference: Any = None) -> Self | None:
        """Prepare a design; None if its student is no learner, or the reference is not spread in every direction."""
        here = case.framed
        if not isinstance(here.student, Learner):
            return None
        side = here.teacher if reference is None else rotated(case.frame, reference)
        teacher = law_of(side, here.problem)
        problem = here.problem
        s = problem.gramian.variances  # type: ignore[attr-defined]
        precision = Precision.of(side, teacher, s, problem.label_noise)
        if precision is None:
            return None
        kept = np.eye(len(s)) if here.rank == len(s) else here.basis
        fit = Fit.of(here.student, here.seen_gramian, kept, problem.label_noise)
        if case.frame is not None:  # whose eigenvalues are those of a computation
            if isinstance(side, Learner):
                check_known("a teacher", precision.least + np.sum(np.square(precision.rows), axis=1))
            if here.student.spreads_everywhere:
                check_known("a student", 1.0 / fit.variance)
        floor = 0.0 if here.rank == problem.n_features else here.resolved_floor
        return cls(here, side, teacher, precision, fit, float(floor or 0.0))

    def ledger(self) -> Ledger:
        """Return the ledger of the weights' laws."""
        problem, half = self.case.problem, 0.5 * self.case.problem.outputs
        kinds = ["mean"] if problem.observed is not None else ["mean", "noise"]
        cells = np.zeros((2, 3))
        for column, kind in enumerate(kinds):
            cells[:, column] = self._shift_costs(noise=kind == "noise")
        cells[:, 2] = half * self._retained_spread(), half * self._discarded_spread()
        least = cells[1, 0] + cells[1, 1] + half * self._least_discarded_spread()
        return Ledger(cells, float(least), "weights", problem.mode)

    @property
    def _kept(self) -> Array:
        return self.fit.seen.directions

    @cached_property
    def _dropped(self) -> Array:
        return complement(self._kept)

    @cached_property
    def _factors(self) -> tuple[Array, Array, Array]:
        """Q square, (m + r, m + r), R_aa (r, r), and Qᵀ[F U_b; 0], whose first r rows are R_ab and the rest X."""
        r = self._kept.shape[1]
        whole_matrices(len(self._kept))
        rows = np.concatenate([self.precision.rows @ self._kept, math.sqrt(self.precision.least) * np.eye(r)])
        # Large rows first, so that small ones keep their digits.
        order = np.argsort(-np.linalg.norm(rows, axis=1), kind="stable")
        turn, triangular = np.linalg.qr(rows[order], mode="complete")
        orthogonal = np.empty_like(turn)
        orthogonal[order] = turn
        below = orthogonal[: len(self.precision.rows)].T @ (self.precision.rows @ self._dropped)
        return orthogonal, triangular[:r], below

    @cached_property
    def _unexplained(self) -> tuple[Array, Array, Array]:
        """X as left, singular values (d − r,) padded by zeros, and the discarded directions it turns to."""
        X = self._factors[2][self._kept.shape[1] :]
        left, singular, right = np.linalg.svd(X, full_matrices=True)
        padded = np.zeros(X.shape[1])
        padded[: len(singular)] = singular
        return left[:, : len(singular)], padded, right.T

    def _shift_costs(self, noise: bool) -> tuple[float, float]:
        """Return ½ tr(δ T_{a|b}⁻¹ δᵀ) and ½ tr(Δ_b T_bb⁻¹ Δ_bᵀ) of the means, or of label noise in them."""
        problem, mixed, r = self.case.problem, self.case.mixed_statistic, self._kept.shape[1]
        if noise:
            learned, known = noise_rows(problem, mixed.A), noise_rows(problem, self.teacher.A)
        else:
            learned, known = mean_rows(problem, mixed.A, mixed.b), mean_rows(problem, self.teacher.A, self.teacher.b)
        orthogonal, tight, _ = self._factors
        prior = math.sqrt(self.precision.least)
        seen = np.concatenate([known @ self.precision.rows.T, prior * known @ self._kept], axis=1) @ orthogonal
        left, singular, turn = self._unexplained
        discarded = prior**2 * known @ self._dropped @ turn
        discarded[:, : left.shape[1]] += seen[:, r:] @ left * singular[: left.shape[1]]
        size = np.hypot(prior, singular)
        discarded = np.divide(discarded, size, out=np.zeros_like(discarded), where=size > 0)
        penalised = self._penalties
        if penalised is None:
            retained = learned @ self.fit.gain.T @ tight.T - seen[:, :r]
        else:
            retained = self._shift_of_ridge(noise, *penalised)
        return 0.5 * float(np.sum(np.square(retained))), 0.5 * float(np.sum(np.square(discarded)))

    @cached_property
    def _penalties(self) -> tuple[float, float, float] | None:
        """λ_T, λ_S and ω_T of two ridge learners on the same inputs, whose difference is known from these."""
        teacher, student = self.reference, self.case.student
        if not isinstance(teacher, Ridge) or not isinstance(student, Ridge) or self.case.transfer is not None:
            return None
        if teacher is not self.case.teacher:
            return None
        return teacher.penalty, student.penalty, teacher.dispersion(self.case.problem.label_noise)

    def _shift_of_ridge(self, noise: bool, tight: float, loose: float, dispersion: float) -> Array:
        """Return labels y times [κ + ξ λ_T (s_i − h_j)/(s_i + λ_T)] L_ij σ_j/((h_j + λ_S) √(ω_T (h_j + λ_T)))."""
        problem, seen, mixing = self.case.problem, self.fit.seen, self.case.mixing
        s, h = problem.gramian.matrix.diagonal(), seen.eigenvalues
        s = s[s > 0]  # as many as there are labels y
        labels = _labels(problem, noise)
        kappa = (tight - loose) - mixing * tight
        moved = kappa + mixing * tight * (s[:, None] - h) / (s + tight)[:, None]
        scale = seen.singular * self.fit.slope / np.sqrt(dispersion * (h + tight))
        return np.asarray(labels @ (moved * seen.left * scale))

    @cached_property
    def _drawn(self) -> Array:
        """A root of what the student's labels add to its spread, along the retained directions, (r, q)."""
        law = self.case.mixed_statistic.covariance
        return np.asarray(self.fit.gain @ (law.given if isinstance(law, Rooted) else law.root))

    def _retained_spread(self) -> float:
        """Return ψ(S_{a|b}, T_{a|b}) + tr(T_{a|b}⁻¹ B_T S_bb B_Tᵀ), B_S being 0."""
        r, h, own = self._kept.shape[1], self.fit.seen.eigenvalues, self.fit.variance
        regression = self.floor * float(np.sum(np.square(self._factors[2][:r])))
        ridge = self._penalties
        tight = self._factors[1] if ridge is None else np.diag(np.sqrt((h + ridge[0]) / ridge[2]))
        stack = np.concatenate([np.diag(np.sqrt(own)), self._drawn], axis=1)
        if not np.all(own) and Rooted(stack).is_singular:
            return math.inf
        root = tight @ stack
        singular = np.linalg.svd(root, compute_uv=False)
        excess = (singular - 1.0) * (singular + 1.0)
        if not len(excess) or np.max(np.abs(excess)) > NEAR or not np.all(own):
            return float(np.sum(spread_cost(excess, np.square(singular)))) + regression
        drawn = tight @ self._drawn
        near = np.diag(self._excess_of_ridge(*ridge)) if ridge is not None else self._excess()
        eigenvalues = np.linalg.eigvalsh(near + drawn @ drawn.T)
        return psi_of_eigenvalues(eigenvalues, lambda: 2.0 * float(np.sum(np.log(singular)))) + regression

    def _excess(self) -> Array:
        """R_aa S R_aaᵀ − I of the student's own spread S, from the difference Δ of the precisions.

        With Y = R_aa⁻ᵀ Δ R_aa⁻¹ it is Y (I − Y)⁻¹.
        """
        student, h = self.case.student, self.fit.seen.eigenvalues
        least, beyond = student.precisions(h, self.case.problem.label_noise)  # type: ignore[union-attr]
        seen = self.precision.rows @ self._kept
        difference = seen.T @ seen - np.diag(beyond)
        difference[np.diag_indices_from(difference)] += self.precision.least - least
        inverse = np.linalg.inv(self._factors[1])
        values, vectors = np.linalg.eigh(symmetrised(inverse.T @ difference @ inverse))
        return np.asarray((vectors * (values / (1.0 - values))) @ vectors.T)

    def _excess_of_ridge(self, tight: float, loose: float, dispersion: float) -> Array:
        hotter, crossed = self._hotter
        h = self.fit.seen.eigenvalues
        return np.asarray((hotter * h + crossed) / dispersion / (h + loose))

    @cached_property
    def _hotter(self) -> tuple[float, float]:
        """ω_S − ω_T and ω_S λ_T − ω_T λ_S of two ridge learners, with what rounding has removed from ω."""
        noise = self.case.problem.label_noise
        teacher, tail = _dispersion(self.reference, noise)
        student, student_tail = _dispersion(self.case.student, noise)  # type: ignore[arg-type]
        factors = (student, self.reference.penalty, teacher, self.case.student.penalty)  # type: ignore[union-attr]
        crossed = difference_of_products(*map(np.asarray, factors))
        crossed = crossed + student_tail * factors[1] - tail * factors[3]
        return float((student - teacher) + (student_tail - tail)), float(crossed)

    def _discarded_spread(self) -> float:
        """Return ψ(floor · I, T_bb)."""
        if not self._dropped.size:
            return 0.0
        gammas = np.square(self._unexplained[1])
        ratio = self.floor * (self.precision.least + gammas)
        return float(np.sum(spread_cost(self._base + self.floor * gammas, ratio)))

    @property
    def _base(self) -> float:
        """The difference floor · φ − 1."""
        teacher, student = self.reference, self.case.student
        if self.case.floor is not None or not self.precision.least or not isinstance(student, Learner):
            return self.floor * self.precision.least - 1.0
        if isinstance(teacher, Ridge) and isinstance(student, Ridge):
            dispersion = teacher.dispersion(self.case.problem.label_noise)
            return self._hotter[1] / dispersion / student.penalty
        alone = 1.0 / self.precision.least
        return (self.floor - alone) / alone

    def _least_discarded_spread(self) -> float:
        """Return the least ψ(f · I, T_bb) over floors f, attained where f T_bb⁻¹ has mean eigenvalue 1."""
        if not self._dropped.size:
            return 0.0
        gammas = np.square(self._unexplained[1])
        mean, least = float(np.mean(gammas)), self.precision.least
        return float(np.sum(spread_cost((gammas - mean) / (mean + least), (gammas + least) / (mean + least))))


def _dispersion(learner: Ridge, label_noise: float) -> tuple[float, float]:
    noise = label_noise if learner.noise is None else learner.noise
    value, tail = scaled_square(np.asarray(learner.temperature), np.asarray(noise), np.ones(()))
    return float(value), float(tail)


def _labels(problem: Any, noise: bool) -> Array:
    """Return rows of y, t = y Rᵀ with R the root of G, whose squares add up to those of its mean or of its noise."""
    d = problem.n_features
    rows = noise_rows(problem, np.eye(d)) if noise else mean_rows(problem, np.eye(d), np.zeros(d))
    return np.asarray(problem.gramian.whiten(rows))
