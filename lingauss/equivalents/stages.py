"""Ridge regressions that learn from one another on shared rows: what any number of them err (docs/theory.md §10.5).

Rows come in blocks. In a block the pull of a row on every regression is linear in the errors e = x(w* − w) that all of
them make on it, f = K e + noise, where K is lower triangular: later ones learn from what earlier ones predict, and all
may share the row. The errors on unseen rows follow regression by regression, each from linear equations in those
before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from lingauss.equivalents.effective_penalty import effective_penalties
from lingauss.equivalents.fit import Index, Mask, residual_factors
from lingauss.validation import Array


class Block(NamedTuple):
    """Rows that are labelled alike.

    Attributes
    ----------
    n_samples : float
    pull : (T, T)
        K, lower triangular: 1 on the diagonal for regressions that are trained on these rows, whose other rows are 0.
    noise : (T, T)
        Covariance of the noise in f, summed over outputs.
    """

    n_samples: float
    pull: Array
    noise: Array


@dataclass(frozen=True, eq=False)
class Stages:
    """T ridge regressions in the order in which they learn.

    Attributes
    ----------
    s, signal : (d,)
        Eigenvalues of the covariance of a row, and the squared norm of W*'s column in each direction.
    seen : (T, d)
        Which directions each sees.
    penalty : (T,)
    blocks : sequence of Block
    dispersion : (T,)
        Energy kτσ² of the draw from the posterior that stands for the regression, 0 for its mean.
    """

    s: Array
    signal: Array
    seen: Mask
    penalty: Array
    blocks: Sequence[Block]
    dispersion: Array

    @cached_property
    def rows(self) -> Array:
        """Rows that each is trained on, (T,)."""
        return np.asarray(np.sum([block.n_samples * block.pull.diagonal() for block in self.blocks], axis=0))

    @cached_property
    def kappa(self) -> Array:
        """Effective penalties κ, (T,)."""
        points = zip(self.seen, self.rows[:, None], self.penalty[:, None], strict=True)
        return np.concatenate([effective_penalties(self.s[seen], n, penalty) for seen, n, penalty in points])

    @cached_property
    def residuals(self) -> Array:
        """Residual factors ρ, (T,)."""
        found = np.empty(len(self.rows))
        for a, seen in enumerate(self.seen):
            here, rank = slice(a, a + 1), int(np.count_nonzero(self.s[seen]))
            found[here] = residual_factors(self.rows[here], self.penalty[here], self.kappa[here], rank)
        return found

    @cached_property
    def regular(self) -> Array:
        """1 − γ of each, without cancellation, (T,); 0 at the interpolation peak."""
        kappa = self.kappa[:, None]
        whole = np.where(self.s + kappa > 0.0, self.s + kappa, 1.0)
        fluctuating = np.sum(np.where(self.seen, self.s * kappa / np.square(whole), 0.0), axis=1)
        return np.asarray(self.residuals + fluctuating / self.rows)

    def errors(self) -> Array:
        """Return E⟨e_a, e_b⟩ on unseen rows, without label noise, (T, T); +inf for those at their peak or after it."""
        lost = self.regular == 0.0
        for a in range(len(lost)):
            lost[a] |= any(np.any(lost[:a] & (block.pull[a, :a] != 0.0)) for block in self.blocks)
        if not lost.any():
            return _errors(self, _Couplings.of(self))
        found = np.full((len(lost),) * 2, np.inf)
        if not lost.all():
            found[np.ix_(~lost, ~lost)] = self._part(np.flatnonzero(~lost)).errors()
        return found

    def _part(self, kept: Index) -> Stages:
        """Return some of the regressions, which learn from none of the others."""
        here = np.ix_(kept, kept)
        blocks = [Block(block.n_samples, block.pull[here], block.noise[here]) for block in self.blocks]
        return Stages(self.s, self.signal, self.seen[kept], self.penalty[kept], blocks, self.dispersion[kept])


class _Couplings(NamedTuple):
    """How regressions answer to pulls, on average over rows.

    Attributes
    ----------
    response : (d, T, T)
        Of weights to pulls along each direction, over the residual factor of who is pulled.
    biases : (d, T)
        Shares of the truth that are missed.
    factors, passed : list of (T, T)
        Per block, from the noise and from the errors of an unseen row to the pulls it would have.
    """

    response: Array
    biases: Array
    factors: Sequence[Array]
    passed: Sequence[Array]

    @classmethod
    def of(cls, stages: Stages) -> _Couplings:
        """Find them regression by regression: pulls of one come back to it through those before."""
        s, count, blocks = stages.s, len(stages.kappa), stages.blocks
        response, biases = np.zeros((len(s), count, count)), np.ones((len(s), count))
        returned = np.zeros((count, count))  # of pulls on a row to the predictions there
        factors, passed = ([np.zeros((count, count)) for _ in blocks] for _ in range(2))
        found = cls(response, biases, factors, passed)
        for a in range(count):
            kappa, rows, users = stages.kappa[a], stages.rows[a], _users(stages, a)
            own, common, shared = found.around(stages, a)
            direct = np.zeros(a)
            for i in users:
                n, pull, _ = blocks[i]
                direct += n * (pull[a, :a] - pull[a, :a] @ returned[:a, :a] @ passed[i][:a, :a])
            back = -np.linalg.solve(np.eye(a) - (shared @ common).T, common.T @ direct)
            taught = direct - back @ shared
            returned[a, :a], returned[a, a] = back, float(s @ own)
            response[:, a, :a] = -(s * own)[:, None] * np.einsum("b,jbc->jc", taught, response[:, :a, :a])
            response[:, a, a] = own
            missed = own * (rows * kappa - s * (biases[:, :a] @ taught))
            biases[:, a] = np.where(own > 0.0, missed, 1.0)
            for i in users:
                pull = blocks[i].pull
                factors[i][a, :a] = -(pull[a, :a] @ returned[:a, :a] + back) @ factors[i][:a, :a]
                factors[i][a, a] = 1.0
                passed[i][a, : a + 1] = factors[i][a, : a + 1] @ pull[: a + 1, : a + 1]
        return found

    def around(self, stages: Stages, a: int) -> tuple[Array, Array, Array]:
        """Return the response of a regression to its own pulls, (d,), and how those before mediate it, (a, a) twice."""
        whole = np.where(stages.s > 0.0, stages.s + stages.kappa[a], np.inf)
        own = np.where(stages.seen[a], 1.0 / (stages.rows[a] * whole), 0.0)
        common = np.einsum("j,jbc->bc", np.square(stages.s) * own, self.response[:, :a, :a])
        shared = np.zeros((a, a))
        for i in _users(stages, a):
            shared += stages.blocks[i].n_samples * self.passed[i][:a, :a]
        return own, common, shared


def _users(stages: Stages, a: int) -> list[int]:
    """Return the blocks that a regression is trained on."""
    return [i for i, block in enumerate(stages.blocks) if block.pull[a, a]]


def _errors(stages: Stages, found: _Couplings) -> Array:
    """Return the second moments of errors: each new row of them is linear in itself and in those before."""
    count, energy = len(stages.kappa), stages.s * stages.signal
    residual = stages.residuals
    prior = (
        stages.rows * stages.kappa * np.divide(stages.dispersion, residual, out=np.zeros(count), where=residual > 0.0)
    )
    errors, scatter = np.zeros((count, count)), np.zeros((count, count))  # of predictions, and of pulls
    for a in range(count):
        here, users = slice(None, a + 1), _users(stages, a)
        _, common, shared = found.around(stages, a)
        for i in users:
            n, _, noise = stages.blocks[i]
            factor, passed = found.factors[i][here, here], found.passed[i][here, here]
            drawn = np.diag(np.where(factor.diagonal() > 0.0, stages.dispersion[here], 0.0))
            scatter[a, here] += n * (passed[a] @ errors[here, here] @ passed.T)
            scatter[a, here] += n * (factor[a] @ (noise[here, here] + drawn) @ factor.T)
        scatter[:a, a] = scatter[a, :a]
        bias = (energy * found.biases[:, a]) @ found.biases[:, here]
        known = (bias + _spread(stages.s, found.response, scatter, prior, a))[:a]
        cross = np.linalg.solve(np.eye(a) - common @ shared, known)
        errors[a, :a] = errors[:a, a] = cross
        for i in users:
            echo = stages.blocks[i].n_samples * (found.passed[i][here, :a] @ cross)
            scatter[a, here] += echo
            scatter[a, a] += echo[a]
        scatter[:a, a] = scatter[a, :a]
        own = bias[a] + _spread(stages.s, found.response, scatter, prior, a)[a]
        errors[a, a] = own / stages.regular[a]
        scatter[a, a] += stages.rows[a] * errors[a, a]
    return errors


def _spread(s: Array, response: Array, scatter: Array, prior: Array, a: int) -> Array:
    """Return what scattered pulls make of the errors of a regression beside those up to it, (a + 1,)."""
    here = slice(None, a + 1)
    own = response[:, a, here]
    moved = np.square(s)[:, None] * (own @ scatter[here, here]) + s[:, None] * own * prior[here]
    return np.asarray(np.einsum("jc,jbc->b", moved, response[:, here, here]))
