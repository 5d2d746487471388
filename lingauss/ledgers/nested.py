"""All ranks of a nested bottleneck together, from triangular factors (docs/theory.md §4.7).

In coordinates whose first r columns span what the rank-r student sees, the leading blocks of a triangular factor are
the factors of the leading blocks. One set of factors, O(d³), therefore serves every rank. Arrays over ranks start at
rank 0.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
import numpy.typing as npt

from lingauss.algebra.channel import Channel
from lingauss.algebra.factor import EPS, Cholesky, rounding
from lingauss.algebra.numerics import spread_cost
from lingauss.ledgers.laws import DenseWeights
from lingauss.ledgers.leading import heads, leading_sums, squared_norms, tails
from lingauss.ledgers.precision import Precision, falling
from lingauss.ledgers.risk import expected_excess_risk, expected_gap
from lingauss.ledgers.route import Level, Question, Ranks
from lingauss.model.bottleneck import Principal, Subspace, complement
from lingauss.model.design import Design
from lingauss.model.labels import mean_rows, noise_rows
from lingauss.model.learners import Ridge
from lingauss.model.problem import Problem
from lingauss.model.truth import need_truth
from lingauss.model.weak_teacher import WeakTeacher
from lingauss.validation import Array, freeze

ACCURACY = 1e-12  # of the total: what rounding may cost before a rank is left to a factorisation of its own


@dataclass(frozen=True, eq=False)
class Nested:
    """The ranks 0 … m of one design, m the number of directions its bottleneck keeps; built with :meth:`of`.

    Attributes
    ----------
    problem : Problem
    teacher : Channel
        t ↦ W_T.
    mixed : Channel
        t ↦ t̃, what the student trains on.
    basis : (d, d)
        Orthonormal; rank r sees the first r columns.
    whitener : (d, d)
        K, lower triangular: K Kᵀ is the inverse of the teacher's covariance in that basis.
    penalised : Cholesky of dimension m
        L, with L Lᵀ = UᵀGU + λ_S I, G that of the inputs the student is trained on; M = L⁻¹.
    spread : (m, m)
        J: the rank-r student's retained covariance is MᵀJM of the leading r × r blocks.
    spread_pivots : (m,)
        Diagonal of the lower Cholesky factor of J.
    recovered : (m,)
        What each rank adds to tr(GA), A the student's gain.
    floor : float
        Variance of the student's weights outside the bottleneck.
    """

    problem: Problem
    teacher: Channel
    mixed: Channel
    basis: Array
    whitener: Array
    penalised: Cholesky
    spread: Array
    spread_pivots: Array
    recovered: Array
    floor: float

    @classmethod
    def of(cls, design: Design, question: Question, ranks: Ranks) -> Self | None:
        """Factorise a design, where several ranks share factors.

        Returns
        -------
        Nested or None
            None for predictions and single ranks; and where ranks do not share factors: the student is no ridge
            learner, the directions are no fixed sequence, or a covariance of teacher or student is singular or close to
            it.

        Raises
        ------
        UndefinedFloorError
            If smaller ranks need a default floor and the student has no prior variance.
        """
        student, floor = design.student, design.floor
        if question == "predictions" or len(ranks) == 1:
            return None
        if isinstance(design.teacher, WeakTeacher):  # whose law and labels differ outside its bottleneck
            return None
        if not isinstance(student, Ridge) or not isinstance(design.view, Subspace | Principal):
            return None
        largest = int(ranks.max())
        here = (design if design.rank == largest else design.replace(student_rank=largest)).framed
        problem = here.problem
        teacher, kept, noise = here.teacher_channel, here.basis, problem.label_noise
        precision = Precision.of(here.teacher, teacher, problem.gramian.matrix.diagonal(), noise)
        penalised, seen = _penalised(here.seen_gramian.root.T @ kept, student.penalty)
        if precision is None or penalised is None:
            return None
        # What is predicted with is zero outside the bottleneck, so that gaps and risks know no floor.
        default = 0.0 if floor is not None or question == "generalisation" else student.prior_variance(noise)
        basis = np.concatenate([kept, complement(kept)], axis=1)
        mixed = here.mixed_statistic
        drawn = here.seen_gramian.whiten(mixed.covariance.root.T) @ seen
        inputs = problem.gramian.root
        trained = seen if here.transfer is None else penalised.whiten(inputs.T @ kept)
        passed = here.seen_gramian.whiten((mixed.A @ inputs).T).T  # from labels to the student's labels
        dispersion = student.dispersion(noise)
        spread = drawn.T @ drawn
        spread[np.diag_indices_from(spread)] += dispersion
        rows = np.concatenate([drawn, math.sqrt(dispersion) * np.eye(kept.shape[1])])
        spread_pivots = _lower(rows).diagonal()
        if np.any(np.square(spread_pivots) <= math.sqrt(EPS) * spread.diagonal()):
            return None  # near the edge of the student's support only a rank's own factorisation can judge
        return cls(
            problem,
            teacher,
            mixed,
            basis,
            _lower(precision.root.T @ basis),
            penalised,
            spread,
            spread_pivots,
            np.sum(seen * (passed @ trained), axis=0),
            default if floor is None else floor,
        )

    @property
    def largest(self) -> int:
        """Largest rank, m."""
        return len(self.spread)

    @property
    def kept(self) -> Array:
        """The directions that the largest rank sees, (d, m)."""
        return self.basis[:, : self.largest]

    def cells(self, ranks: Ranks, level: Level) -> Array:
        return np.asarray(self.cells_of_ranks[ranks])

    def least_rank_costs(self, ranks: Ranks, level: Level) -> Array:
        return np.asarray(self.irreducible[ranks])

    def gaps(self, ranks: Ranks) -> tuple[Array, Array]:
        return np.array([expected_gap(DenseWeights(self.problem, self.teacher))]), np.asarray(self.student_gap[ranks])

    def risks(self, ranks: Ranks) -> tuple[Array, Array]:
        teacher = expected_excess_risk(DenseWeights(self.problem, self.teacher))
        return np.array([teacher]), np.asarray(self.student_excess_risk[ranks])

    def reliable(self, ranks: Ranks) -> npt.NDArray[np.bool_]:
        return np.asarray(self.reliable_ranks[ranks])

    @cached_property
    def cells_of_ranks(self) -> Array:
        """The six cells of the weights' ledger at every rank, (m + 1, 2, 3), in nats."""
        m, k = self.largest, self.problem.outputs
        cells = np.zeros((m + 1, 2, 3))
        for column, (student, teacher) in enumerate(self._label_rows()):
            # K is triangular: the last d − r whitened coordinates involve the discarded weights alone.
            whitened = teacher @ self.basis @ self.whitener
            seen = self.penalised.whiten(student @ self.kept)
            cells[:, 0, column] = 0.5 * squared_norms(-whitened[:, :m], seen, self._student_whitened, range(m + 1))
            cells[:, 1, column] = 0.5 * tails(np.sum(np.square(whitened), axis=0), m)
        cells[:, 0, 2] = 0.5 * k * (self._mismatch[0] + self._regression())
        cells[:, 1, 2] = 0.5 * k * tails(self._discarded_spread(np.asarray(self.floor)), m)
        return cells

    @cached_property
    def reliable_ranks(self) -> npt.NDArray[np.bool_]:
        """Ranks at which rounding is negligible beside the sum of the finite cells, (m + 1,)."""
        finite = np.where(np.isfinite(self.cells_of_ranks), self.cells_of_ranks, 0.0)
        lost: Array = 0.5 * self.problem.outputs * self._mismatch[1]
        for column, (_, teacher) in enumerate(self._label_rows()):
            learned = heads(np.sum(np.square((teacher @ self.basis @ self.whitener)[:, : self.largest]), axis=0))
            lost = lost + EPS * np.sqrt(2.0 * self.cells_of_ranks[:, 0, column] * learned)  # of the shift, twice
        return np.asarray(lost <= ACCURACY * finite.sum(axis=(1, 2)))

    @cached_property
    def irreducible(self) -> Array:
        """Rank cost at the best floor of every rank, (m + 1,), in nats (docs/theory.md §5.2)."""
        m, d = self.largest, len(self.basis)
        discarded = d - np.arange(m + 1)
        trace = tails(np.sum(np.square(self.whitener), axis=0), m)
        best = np.divide(discarded, trace, out=np.ones(m + 1), where=discarded > 0)
        costs = self._discarded_spread(best[:, None])
        spread = np.sum(costs, axis=1, where=np.arange(d) >= np.arange(m + 1)[:, None])
        costs = self.cells_of_ranks[:, 1]
        return np.asarray(costs[:, 0] + costs[:, 1] + 0.5 * self.problem.outputs * spread)

    @cached_property
    def student_gap(self) -> Array:
        """Generalisation gap of the student's predictor at every rank, (m + 1,), in squared labels (§7.1)."""
        problem = self.problem
        unit = problem.outputs * problem.label_noise**2 / problem.n_samples
        optimism = 2.0 * unit * (heads(self.recovered) + problem.intercept)
        if problem.test_covariance is None:
            return optimism
        test = self._expected_square(problem.test_covariance.root, "gaps under another test covariance")
        return optimism + test - self._training_square("gaps under another test covariance")

    @cached_property
    def student_excess_risk(self) -> Array:
        """Excess risk of the student's predictor at every rank, (m + 1,), in squared labels (§5.7)."""
        problem, what = self.problem, "excess risks"
        level = problem.intercept * problem.outputs * problem.label_noise**2 / problem.n_samples
        test = problem.test_covariance
        return level + (self._training_square(what) if test is None else self._expected_square(test.root, what))

    @cached_property
    def _student_whitened(self) -> Array:
        """H = MK of the kept directions, lower triangular, (m, m)."""
        return self.penalised.whiten(self.whitener[: self.largest, : self.largest].T).T

    def _label_rows(self) -> Iterator[tuple[Array, Array]]:
        """Yield rows of what the student trains on and of what the teacher learned: mean labels, then label noise."""
        yield (
            mean_rows(self.problem, self.mixed.A, self.mixed.b),
            mean_rows(self.problem, self.teacher.A, self.teacher.b),
        )
        if self.problem.observed is None:
            yield noise_rows(self.problem, self.mixed.A), noise_rows(self.problem, self.teacher.A)

    @cached_property
    def _mismatch(self) -> tuple[Array, Array]:
        """ψ of the student's retained covariance against the teacher's conditional one, and what rounding it carries.

        ψ = tr(QJ) − r − log det(QJ) over leading blocks, Q = HHᵀ; where student and teacher agree the sum cancels.
        """
        half = self._student_whitened
        products = (half @ half.T) * self.spread
        logs = 2.0 * np.log(half.diagonal() * self.spread_pivots)
        # A pivot is what is left of its diagonal entry after subtractions, whose rounding it carries.
        cancelled = self.spread.diagonal() / np.square(self.spread_pivots)
        size = leading_sums(np.abs(products)) + heads(np.abs(logs) + cancelled)
        # Differences are summed, not sums subtracted.
        return np.maximum(leading_sums(products, less=1.0 + logs), 0.0), EPS * size

    def _regression(self) -> Array:
        """tr(Λ_aa B_T S_bb B_Tᵀ) at every rank: φ times the squared entries of K below the leading block."""
        squares = np.cumsum(np.square(self.whitener), axis=1)
        below = np.cumsum(squares[::-1], axis=0)[::-1].diagonal(-1)
        return self.floor * np.concatenate([[0.0], below, [0.0]])[: self.largest + 1]

    def _discarded_spread(self, floor: Array) -> Array:
        """ψ of floor · I against the teacher, coordinate by coordinate: each adds a cost ≥ 0 to those after it."""
        squares = np.square(self.whitener)
        pivots = squares.diagonal()
        off_pivot = np.tril(squares, -1).sum(axis=0)
        return np.asarray(spread_cost(floor * pivots - 1.0, floor * pivots) + floor * off_pivot)

    def _training_square(self, what: str) -> Array:
        return self._expected_square(self.problem.gramian.root / math.sqrt(self.problem.n_samples), what)

    def _expected_square(self, root: Array, what: str) -> Array:
        """E tr((W − W*) R Rᵀ (W − W*)ᵀ) of the student's predictor at every rank, for a root R (d, ·)."""
        problem, truth = self.problem, need_truth(self.problem, what)
        view = self.penalised.whiten((self.kept.T @ root).T).T
        student = self.penalised.whiten(mean_rows(problem, self.mixed.A, self.mixed.b) @ self.kept)
        bias = squared_norms(-(truth.rows @ root), student, view, [root.shape[1]] * (self.largest + 1))
        noise = self.penalised.whiten(noise_rows(problem, self.mixed.A) @ self.kept)
        random = noise.T @ noise + problem.outputs * self.spread
        return bias + leading_sums(random * (view @ view.T))


def _lower(rows: Array) -> Array:
    """Return L, lower triangular of positive diagonal, with L Lᵀ = rowsᵀ rows."""
    triangular = np.asarray(np.linalg.qr(falling(rows), mode="r"))
    return np.asarray((triangular * np.where(triangular.diagonal() < 0.0, -1.0, 1.0)[:, None]).T)


def _penalised(seen: Array, penalty: float) -> tuple[Cholesky | None, Array]:
    """Return the factor L of seenᵀ seen + λI, None if it is singular, and seen L⁻ᵀ, for seen (q, m)."""
    rows = np.concatenate([seen, math.sqrt(penalty) * np.eye(seen.shape[1])])
    orthogonal, triangular = np.linalg.qr(rows)
    signs = np.where(triangular.diagonal() < 0.0, -1.0, 1.0)
    lower = (triangular * signs[:, None]).T
    pivots = np.square(lower.diagonal())
    regular = penalty > 0.0 or bool(np.all(pivots > rounding(len(rows)) * pivots.max(initial=0.0)))
    return Cholesky(freeze(lower)) if regular else None, (orthogonal * signs)[: len(seen)]
