"""One design carried out: labels are drawn, teachers and students are trained on them (docs/simulation.md).

Arrays of weights and labels have axes (batches, pairs, 2 signs of the label noise, 2 runs on the same labels, outputs,
features or samples). Inputs are any rows with the given Gram matrix: rotating samples changes no learner, so n labels
shrink to those that the inputs reach, and the rest enters a training loss only through its sum of squares.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lingauss.algebra.channel import Channel
from lingauss.errors import DomainError
from lingauss.model.bottleneck import complement
from lingauss.model.design import Design
from lingauss.model.learners import Learner
from lingauss.model.shards import Shards
from lingauss.model.truth import need_truth
from lingauss.model.weak_teacher import WeakTeacher
from lingauss.simulation.stacks import through
from lingauss.simulation.training import train
from lingauss.validation import Array

Shape = tuple[int, int]


@dataclass(frozen=True, eq=False)
class Labels:
    """Labels of some batches of pairs, and what was drawn on the way.

    Attributes
    ----------
    truth : (batches, 1, 1, 1, outputs, features) or None
        W*; None where labels were observed.
    reached : (batches, pairs, 2, 2, outputs, rows)
        What of the training labels the inputs reach: all that their statistic t tells.
    residual : (batches, pairs, 1, 1)
        Sum of squares of the labels that no input reaches.
    level : (batches, pairs, 1, 1)
        Sum of squares of the labels' mean about the true one, what a fitted intercept gets wrong.
    """

    truth: Array | None
    reached: Array
    residual: Array
    level: Array


@dataclass(frozen=True, eq=False)
class Experiment:
    """A design and what its procedure needs; one generator drives everything in order."""

    case: Design
    rng: np.random.Generator

    @cached_property
    def inputs(self) -> Array:
        """Rows (rows, d) with the training inputs' Gram matrix, shard by shard where there are shards."""
        return np.concatenate([*self._shard_inputs, self._shard_means])

    @cached_property
    def student_inputs(self) -> Array:
        """Rows with the Gram matrix of the inputs the student is trained on."""
        return self.inputs if self.case.transfer is None else self.case.seen_gramian.root.T

    @cached_property
    def reach(self) -> Array:
        """Orthonormal basis (rows, rank) of the labels that the training inputs reach."""
        return _range(self.inputs)

    @cached_property
    def _shard_inputs(self) -> list[Array]:
        teacher = self.case.teacher
        if not isinstance(teacher, Shards):
            return [self.case.problem.gramian.root.T]
        return [_factor(shard.gram) for shard in teacher.inputs]

    @cached_property
    def _shard_means(self) -> Array:
        """Rows √n_j (x̄_j − x̄), in which shards with intercepts of their own differ."""
        teacher, d = self.case.teacher, self.case.problem.n_features
        if not isinstance(teacher, Shards) or not self.case.problem.intercept:
            return np.zeros((0, d))
        counts = np.array([shard.n_samples for shard in teacher.inputs], dtype=np.float64)
        means = np.stack([shard.input_mean for shard in teacher.inputs])
        return np.asarray(np.sqrt(counts)[:, None] * (means - counts @ means / counts.sum()))

    def draw_labels(self, shape: Shape) -> Labels:
        """Draw labels for (batches, pairs) pairs of opposite label noise, or repeat the observed ones.

        Raises
        ------
        DomainError
            If no inputs of so few samples have the problem's Gram matrix.
        MissingTruthError
            If the problem knows neither truth nor labels.
        """
        problem, (batches, pairs) = self.case.problem, shape
        k, nu, rows = problem.outputs, problem.label_noise, len(self.inputs)
        hidden = problem.n_samples - self.reach.shape[1] - problem.intercept
        if hidden < 0:
            raise DomainError(
                f"at least {self.reach.shape[1] + problem.intercept} samples, which the Gram matrix takes",
                f"{problem.n_samples}",
                "No inputs of so few rows have this Gram matrix; pass a larger n_samples.",
            )
        reached = np.zeros((batches, pairs, 2, 2, k, rows))
        one = (batches, pairs, 1, 1)
        if problem.observed is not None:
            reached += np.linalg.lstsq(self.inputs.T, problem.observed.T)[0].T
            return Labels(None, reached, np.zeros(one), np.zeros(one))
        truth = self._draw_truth(batches)
        noise = nu * through(self.rng.standard_normal((*one, k, self.reach.shape[1])), self.reach.T)
        reached += truth @ self.inputs.T + np.concatenate([noise, -noise], axis=2)
        residual = self.rng.chisquare(k * hidden, one) if hidden else np.zeros(one)
        level = self.rng.chisquare(k, one) / problem.n_samples if problem.intercept else np.zeros(one)
        return Labels(truth, reached, nu**2 * residual, nu**2 * level)

    def within_reach(self, labels: Array) -> Array:
        """Return what of labels the training inputs reach."""
        return through(through(labels, self.reach), self.reach.T)

    def complete(self, reached: Array) -> Array:
        """Return training labels with the given statistic t.

        What t does not tell, but the teachers of shards are trained on, is drawn anew by every call.
        """
        if not isinstance(self.case.teacher, Shards):
            return reached
        noise = self.case.problem.label_noise * self.rng.standard_normal(reached.shape)
        return np.asarray(reached + noise - self.within_reach(noise))

    def _draw_truth(self, batches: int) -> Array:
        """Draw one truth per batch where only its second moment is known, (batches, 1, 1, 1, k, d)."""
        problem = self.case.problem
        truth = need_truth(problem, "simulations")
        drawn = np.zeros((batches, problem.outputs, problem.n_features))
        if truth.mean is not None:
            drawn = drawn + truth.mean
        if truth.spread is not None:
            root = truth.spread.root
            size = (batches, problem.outputs, root.shape[1])
            signs = self.rng.standard_normal(size) if truth.plug_in else self.rng.choice([-1.0, 1.0], size)
            drawn = drawn + signs @ root.T / math.sqrt(problem.outputs)
        return np.asarray(drawn[:, None, None, None])

    def teach(self, labels: Array) -> Iterator[Array]:
        """Train every teacher once on each stack of labels, and yield their weights."""
        teacher, nu, start = self.case.teacher, self.case.problem.label_noise, 0
        if isinstance(teacher, Channel):
            yield self._drawn_from(teacher, labels)
            return
        learner = teacher.learner if isinstance(teacher, Shards | WeakTeacher) else teacher
        for inputs in self._shard_inputs:
            stop = start + len(inputs)
            yield train(learner, inputs, labels[..., start:stop], nu, self.rng)
            start = stop

    def reference(self, labels: Array) -> Array:
        """Return the teacher's weights, the mean over teachers, from a training of their own."""
        return _mean_of(self.teach(labels))

    def soft_labels(self, labels: Array, draws: int) -> Array:
        """Let every teacher, trained ``draws`` times, label the student's inputs, and average."""
        spread = math.sqrt(self.case.temperature) * self.case.problem.label_noise

        def labelled() -> Iterator[Array]:
            for _ in range(draws):
                for weights in self.teach(labels):
                    clean = through(weights, self.student_inputs.T)
                    yield clean + spread * self.rng.standard_normal(clean.shape)

        return _mean_of(labelled())

    def distil(self, labels: Array) -> tuple[Array, Array]:
        """Train students on mixed labels; return what they predict with and, with its unlearned spread, their law."""
        case = self.case
        if isinstance(case.student, Channel):
            weights = self._drawn_from(case.student, labels)
            return weights, weights
        mixed = case.mixing * self.soft_labels(labels, case.draws)
        if case.transfer is None:
            mixed = mixed + (1.0 - case.mixing) * labels
        return self.learn(case.student, mixed)

    def learn(self, student: Learner, labels: Array) -> tuple[Array, Array]:
        """Train a student through its bottleneck on labels of its inputs; return as :meth:`distil`."""
        case, nu = self.case, self.case.problem.label_noise
        kept, dropped = self.case.basis, complement(self.case.basis)
        predictor = np.zeros((*labels.shape[:-1], len(kept)))
        if kept.shape[1]:
            predictor = through(train(student, self.student_inputs @ kept, labels, nu, self.rng), kept.T)
        if not dropped.shape[1]:
            return predictor, predictor
        if case.floor is None:  # what the procedure makes of directions without data
            silent = np.zeros((*labels.shape[:-1], 0))
            unlearned = train(student, np.zeros((0, dropped.shape[1])), silent, nu, self.rng)
        else:
            size = (*labels.shape[:-1], dropped.shape[1])
            unlearned = math.sqrt(case.floor) * self.rng.standard_normal(size)
        return predictor, predictor + through(unlearned, dropped.T)

    def _drawn_from(self, law: Channel, labels: Array) -> Array:
        """Draw from a law t ↦ W that was given as such: there is nothing to train."""
        root = law.covariance.root
        mean = through(labels, self.inputs @ law.A.T) + law.b
        return np.asarray(mean + through(self.rng.standard_normal((*mean.shape[:-1], root.shape[1])), root.T))


def _mean_of(stacks: Iterator[Array]) -> Array:
    total, count = next(stacks), 1
    for count, stack in enumerate(stacks, start=2):  # noqa: B007
        total = total + stack
    return total / count


def _range(matrix: Array) -> Array:
    left, singular, _ = np.linalg.svd(matrix, full_matrices=False)
    return np.asarray(left[:, singular > 1e-7 * singular.max(initial=0.0)])


def _factor(gram: Array) -> Array:
    """Return a square matrix with the given Gram matrix."""
    eigenvalues, vectors = np.linalg.eigh(gram)
    return np.asarray(np.sqrt(np.clip(eigenvalues, 0.0, None))[:, None] * vectors.T)
