"""Rows held out in turn: the error of students trained without them, at every rank, from the moments of the parts.

An error on held-out rows is a quadratic form in their moments, so no row is read again. It is here to contradict:
cross-validation from the moments of all rows leaves out an average row, which rows of very unequal weight are not.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.linalg

from lingauss.analysis.preparation import Prepared
from lingauss.analysis.sight import ByVariance, Sight
from lingauss.data.merging import merged
from lingauss.data.moments import Moments
from lingauss.distillation import Distillation
from lingauss.model.problem import Problem
from lingauss.validation import Array

FEWEST = 4  # rows in each part


@dataclass(frozen=True, eq=False)
class HeldOut:
    """Squared errors on rows that were held out, in squared units of the analysis, summed over outputs.

    Attributes
    ----------
    errors : (K, m + 1)
        Mean over the rows of each part, for students of rank 0 to m.
    weights : (K,) of int
        Rows of each part.
    models : tuple of Trained
        The students trained without each part.
    """

    errors: Array
    weights: Array
    models: tuple[Trained, ...]

    @property
    def by_rank(self) -> Array:
        """Mean over all rows at every rank, (m + 1,)."""
        return np.asarray(self.weights @ self.errors / self.weights.sum())

    def loss_against(self, rank: int, other: int) -> tuple[float, float]:
        """Return by how much the error at one rank exceeds that at another, and its standard error over the parts."""
        differences = self.errors[:, rank] - self.errors[:, other]
        mean = float(self.weights @ differences / self.weights.sum())
        return mean, float(np.std(differences, ddof=1)) / math.sqrt(len(differences))

    def accuracy(self, rows: Iterable[tuple[Array, Array]], prepared: Prepared, classes: Sequence[slice]) -> Array:
        """Return the share of classes told rightly at every rank by the model that has not seen the row, (m + 1,).

        Parameters
        ----------
        rows : iterable of (X, Y)
            The table once more.
        prepared : Prepared
        classes : sequence of slice
            The outputs that belong to each class target.
        """
        right, count, first = np.zeros(self.errors.shape[1]), 0, 0
        for X, Y in rows:
            Z = prepared.inputs(X)
            for number, model in enumerate(self.models):
                some = slice((number - first) % len(self.models), None, len(self.models))
                right += model.hits(Z[some], Y[some], prepared, classes)
                count += len(Z[some]) * len(classes)
            first += len(X)
        return right / max(count, 1)


@dataclass(frozen=True)
class Recipe:
    """How students are trained.

    Attributes
    ----------
    sight : Sight
        Which directions they see; found anew on the rows they are trained on.
    teacher_penalty, student_penalty, mixing : float
    noise : float
        ν.
    """

    sight: Sight
    teacher_penalty: float
    student_penalty: float
    mixing: float
    noise: float

    @classmethod
    def of(cls, case: Distillation, sight: Sight, mixing: float | None = None) -> Recipe:
        """Return how the student of a design is trained, or with another mixing."""
        teacher, student = case.teacher.penalty, case.student.penalty  # type: ignore[union-attr]
        return cls(sight, teacher, student, case.mixing if mixing is None else mixing, case.problem.label_noise)


@dataclass(frozen=True, eq=False)
class Trained:
    """Students of every rank: the first r rows of the coefficients are those of rank r.

    Attributes
    ----------
    directions : (m, r)
        What they see, as columns, those first that small ranks keep.
    coefficients : (r, k)
    input_mean, label_mean : (m,), (k,)
    """

    directions: Array
    coefficients: Array
    input_mean: Array
    label_mean: Array

    @classmethod
    def on(cls, problem: Problem, recipe: Recipe, input_mean: Array, label_mean: Array) -> Trained:
        """Train on mixed labels, (1 − ξ) true + ξ of the teacher's mean predictions.

        With LLᵀ = BᵀGB + λI for all directions B, what the first r of them predict is the sum of the first r
        coordinates of L⁻¹Bᵀx times those of L⁻¹Bᵀt̃, because leading blocks of triangular factors are factors of leading
        blocks.
        """
        basis = problem.eigenbasis
        mixed = basis.rotate(problem.observed) * _share(basis.eigenvalues, recipe)  # type: ignore[arg-type]
        if isinstance(recipe.sight, ByVariance):
            s, t = basis.eigenvalues, mixed.T
            learned = np.divide(t, (s + recipe.student_penalty)[:, None], out=np.zeros_like(t), where=s[:, None] > 0.0)
            return cls(basis.vectors, learned, input_mean, label_mean)
        directions = recipe.sight.basis(problem)
        inside = directions.T @ problem.gram @ directions + recipe.student_penalty * np.eye(directions.shape[1])
        factor = np.linalg.cholesky(inside)
        seen = np.zeros((problem.n_features, problem.n_features))  # rows that are left may span fewer directions
        seen[: len(factor)] = scipy.linalg.solve_triangular(factor, directions.T, lower=True)
        return cls(seen.T, seen @ basis.vectors @ mixed.T, input_mean, label_mean)

    def errors(self, held: Moments) -> Array:
        """Return the mean squared error on other rows at every rank, (m + 1,)."""
        m = held.n_features
        step = held.mean - np.concatenate([self.input_mean, self.label_mean])
        scatter = held.scatter / held.n_samples + np.outer(step, step)
        crossed = self.directions.T @ scatter[:m, m:]
        inner = self.directions.T @ scatter[:m, :m] @ self.directions
        products = (self.coefficients @ self.coefficients.T) * inner
        squares = products.diagonal() + 2.0 * np.tril(products, -1).sum(axis=1)
        change = squares - 2.0 * np.sum(self.coefficients * crossed, axis=1)
        return np.asarray(np.trace(scatter[m:, m:]) + np.append(0.0, np.cumsum(change)))

    def hits(self, Z: Array, Y: Array, prepared: Prepared, classes: Sequence[slice]) -> Array:
        """Return how many classes are told rightly at every rank, (m + 1,); labels as they were read."""
        inside = (Z - self.input_mean) @ self.directions
        scores = np.repeat(self.label_mean[None], len(Z), axis=0)
        found = np.zeros(len(self.coefficients) + 1)
        for rank in range(len(found)):
            if rank:
                scores = scores + inside[:, rank - 1 : rank] * self.coefficients[rank - 1]
            for group in classes:
                read = scores[:, group] * prepared.output_scale[group] + prepared.output_mean[group]
                found[rank] += np.sum(read.argmax(axis=1) == Y[:, group].argmax(axis=1))
        return found


def _share(s: Array, recipe: Recipe) -> Array:
    """Return the statistic of mixed labels over that of true ones; the teacher's predictions have s/(s + λ_T)."""
    return np.asarray((1.0 - recipe.mixing) + recipe.mixing * s / (s + recipe.teacher_penalty))


def hold_out(parts: Sequence[Moments], recipe: Recipe) -> HeldOut | None:
    """Train without each part in turn and measure on it; None where there are too few rows."""
    if len(parts) < 2 or min(part.n_samples for part in parts) < FEWEST:
        return None
    others = [merged([*parts[:i], *parts[i + 1 :]]) for i in range(len(parts))]
    models = tuple(
        Trained.on(Problem.from_moments(part, label_noise=recipe.noise), recipe, part.input_mean, part.label_mean)
        for part in others
    )
    return HeldOut(
        np.array([model.errors(part) for model, part in zip(models, parts, strict=True)]),
        np.array([part.n_samples for part in parts], dtype=np.float64),
        models,
    )
