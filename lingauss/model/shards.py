"""Several teachers, each trained on its own shard of the training data (docs/theory.md §2.5)."""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from lingauss.algebra.channel import Channel
from lingauss.algebra.factor import EPS, rounding
from lingauss.algebra.psd import Dense
from lingauss.algebra.rooted import Rooted
from lingauss.data.moments import Moments
from lingauss.errors import DomainError, EmptyDataError
from lingauss.guard import guarded
from lingauss.model.eigenbasis import Eigenbasis
from lingauss.model.learners import Learner, gains_and_variances
from lingauss.model.problem import Problem
from lingauss.validation import Array, as_items


@guarded
@dataclass(frozen=True, eq=False, init=False)
class Shards:
    """Teachers of one kind trained on disjoint shards of the training data, whose soft labels are averaged.

    Usable as the teacher of a :class:`Distillation`. Its weights are then the mean of one draw from every teacher,
    which is what their averaged predictions are; with ``draws`` each teacher labels the inputs that many times. Which
    shard saw which labels is averaged over, given the statistic t of all labels (docs/theory.md §2.5).

    Parameters
    ----------
    learner : Learner
        How each teacher learns.
    inputs : sequence of Moments
        The inputs of each shard; together they are the problem's inputs. Labels they carry are not looked at.

    Raises
    ------
    EmptyDataError
        If there are no shards.
    DomainError
        If a shard is not given as Moments.

    Examples
    --------
    >>> import lingauss as lg
    >>> X = [[1.0, 0.0], [0.0, 2.0], [1.0, 1.0], [3.0, 1.0]]
    >>> problem = lg.Problem.from_inputs(X, truth=[1.0, -1.0], label_noise=0.5)
    >>> halves = [lg.Moments.from_data(X[:2], center=False), lg.Moments.from_data(X[2:], center=False)]
    >>> case = lg.Distillation(problem, teacher=lg.Shards(lg.Ridge(1.0), halves), student=lg.Ridge(1.0))
    >>> case.divergence().total < case.divergence_from(lg.Ridge(1.0)).total
    True
    """

    learner: Learner
    inputs: tuple[Moments, ...]

    def __init__(self, learner: Learner, inputs: Iterable[Moments]) -> None:
        shards = as_items(inputs, "inputs")
        if not shards:
            raise EmptyDataError("at least one shard", "none", "Pass the moments of each teacher's inputs.")
        for part in (learner, *shards):
            kind = Learner if part is learner else Moments
            if not isinstance(part, kind):
                raise DomainError(
                    "a learner and the Moments of each shard",
                    type(part).__name__,
                    "Pass, for example, Shards(Ridge(1.0), [Moments.from_data(X1), Moments.from_data(X2)]).",
                )
        object.__setattr__(self, "learner", learner)
        object.__setattr__(self, "inputs", shards)

    def __len__(self) -> int:
        """Return the number of teachers."""
        return len(self.inputs)

    def channel(self, problem: Problem, draws: int = 1) -> Channel:
        """Return the law, given t, of the mean over teachers and ``draws`` of the weights each teacher draws.

        Raises
        ------
        SingularGramError
            If a shard's Gram matrix is singular and the learner has no penalty.
        """
        roots, gains, spreads = [], [], []
        for shard in self.inputs:
            basis = Eigenbasis.of(Dense(shard.gram))
            slope, variance = gains_and_variances(self.learner, basis.eigenvalues, problem.label_noise)
            size = np.sqrt(basis.eigenvalues)
            live = size > 0
            roots.append((basis.vectors * size)[:, live])
            gains.append((basis.vectors * (slope * size))[:, live])
            spreads.append(basis.vectors * np.sqrt(variance / draws))
        means = self._means()
        # What the teachers make of labels, in coordinates where shard by shard the inputs are a root of their Gram
        # matrix; labels along a shard's mean reach no teacher that fits an intercept.
        gain = np.concatenate([*gains, np.zeros((problem.n_features, len(means)))], axis=1) / len(self)
        left, singular, right = np.linalg.svd(np.concatenate([*(root.T for root in roots), means]), full_matrices=False)
        live = singular > rounding(len(right)) ** 0.5 * singular.max(initial=0.0)
        left, singular, right = left[:, live], singular[live], right[live]
        unseen = gain - (gain @ left) @ left.T  # labels that teachers see and t does not
        own = np.concatenate(spreads, axis=1) / len(self)
        spread = Rooted(np.concatenate([own, problem.label_noise * unseen], axis=1))
        return Channel((gain @ left / singular) @ right, spread)

    def _means(self) -> Array:
        """Return what the shards' means add to the scatter: rows √n_j (x̄_j − x̄), none without an intercept."""
        if not self.inputs[0].centred:
            return np.zeros((0, self.inputs[0].n_features))
        counts = np.array([shard.total_weight for shard in self.inputs])
        means = np.stack([shard.input_mean for shard in self.inputs])
        return np.asarray(np.sqrt(counts)[:, None] * (means - np.average(means, axis=0, weights=counts)))

    def __repr__(self) -> str:
        sizes = ", ".join(str(shard.n_samples) for shard in self.inputs)
        return f"Shards({self.learner!r}, {len(self)} shards of {sizes} samples)"


def check_shards(shards: Shards, problem: Problem) -> None:
    """Refuse shards that do not make up the problem's training inputs.

    Raises
    ------
    DomainError
    ShapeError
        If shards differ in their features or were taken differently.
    """
    whole = functools.reduce(operator.add, shards.inputs)
    size = float(np.abs(problem.gram).max())
    fits = (
        whole.n_features == problem.n_features
        and whole.n_samples == problem.n_samples
        and whole.centred == problem.intercept
        and float(np.abs(whole.gram - problem.gram).max()) <= math.sqrt(EPS) * size
    )
    if not fits:
        raise DomainError(
            f"shards that together are the training inputs: {problem.n_samples} samples of {problem.n_features} "
            f"features, center={problem.intercept}",
            f"{whole.n_samples} samples of {whole.n_features} features, center={whole.centred}"
            + " with another Gram matrix" * (whole.n_samples == problem.n_samples),
            "Split the rows of the problem's inputs, for example with numpy.array_split.",
        )
