"""Rows held out in turn: the error of students trained without them, at every rank, from the moments of the parts.

An error on held-out rows is a quadratic form in their moments, so no row is read again. It is here to contradict:
cross-validation from the moments of all rows leaves out an average row, which rows of very unequal weight are not.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from lingauss.analysis.preparation import Prepared
from lingauss.data.merging import merged
from lingauss.data.moments import Moments
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
            Z, labels = prepared.inputs(X), prepared.labels(Y)
            for number, model in enumerate(self.models):
                some = slice((number - first) % len(self.models), None, len(self.models))
                right += model.hits(Z[some], labels[some], classes)
                count += len(Z[some]) * len(classes)
            first += len(X)
        return right / max(count, 1)


@dataclass(frozen=True, eq=False)
class Trained:
    """Students of every rank: the first r rows of the coefficients are those of rank r.

    Attributes
    ----------
    directions : (m, m)
        Principal directions as columns, largest first.
    coefficients : (m, k)
    input_mean, label_mean : (m,), (k,)
    """

    directions: Array
    coefficients: Array
    input_mean: Array
    label_mean: Array

    @classmethod
    def on(cls, moments: Moments, teacher_penalty: float, student_penalty: float, mixing: float) -> Trained:
        """Train on mixed labels, (1 − ξ) true + ξ of the teacher's mean predictions."""
        s, vectors = np.linalg.eigh(moments.gram)
        s, vectors = np.maximum(s[::-1], 0.0), vectors[:, ::-1]
        t = (moments.statistic @ vectors).T
        return cls(
            vectors,
            coefficients_of(s, t, teacher_penalty, student_penalty, mixing),
            moments.input_mean,
            moments.label_mean,
        )

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

    def hits(self, Z: Array, labels: Array, classes: Sequence[slice]) -> Array:
        """Return how many classes are told rightly at every rank, (m + 1,)."""
        inside = (Z - self.input_mean) @ self.directions
        scores = np.repeat(self.label_mean[None], len(Z), axis=0)
        found = np.zeros(len(self.coefficients) + 1)
        for rank in range(len(found)):
            if rank:
                scores = scores + inside[:, rank - 1 : rank] * self.coefficients[rank - 1]
            for group in classes:
                found[rank] += np.sum(scores[:, group].argmax(axis=1) == labels[:, group].argmax(axis=1))
        return found


def coefficients_of(s: Array, t: Array, teacher_penalty: float, student_penalty: float, mixing: float) -> Array:
    """Return ridge coefficients on mixed labels in the eigenbasis, (m, k), from s (m,) and t (m, k).

    The teacher's predictions have the statistic s t/(s + λ_T).
    """
    mixed = (1.0 - mixing) + mixing * s / (s + teacher_penalty)
    return np.asarray(np.where(s > 0.0, mixed / np.where(s > 0.0, s + student_penalty, 1.0), 0.0)[:, None] * t)


def hold_out(parts: Sequence[Moments], teacher_penalty: float, student_penalty: float, mixing: float) -> HeldOut | None:
    """Train without each part in turn and measure on it; None where there are too few rows.

    Parameters
    ----------
    parts : sequence of Moments
    teacher_penalty, student_penalty, mixing : float
    """
    if len(parts) < 2 or min(part.n_samples for part in parts) < FEWEST:
        return None
    models = tuple(
        Trained.on(merged([*parts[:i], *parts[i + 1 :]]), teacher_penalty, student_penalty, mixing)
        for i in range(len(parts))
    )
    return HeldOut(
        np.array([model.errors(part) for model, part in zip(models, parts, strict=True)]),
        np.array([part.n_samples for part in parts], dtype=np.float64),
        models,
    )
