"""Points of the sample space at which errors are taken: the axes that moments know, or the rows themselves.

Errors of the axes, with every diagonal replaced by its mean over them, make generalised cross-validation; those of the
rows, leave-one-out. Nothing else differs between the two.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np

from lingauss.unseen.samples import SampleSpace
from lingauss.validation import Array


@dataclass(frozen=True, eq=False)
class Frame(ABC):
    """Points u_i of the sample space, each with a part outside the directions that the inputs reach."""

    space: SampleSpace

    @property
    @abstractmethod
    def beyond(self) -> Array:
        """Labels of each point outside of what the inputs reach, (N, k)."""

    @property
    @abstractmethod
    def outside(self) -> Array:
        """Squared length of each point outside, (N,)."""

    @abstractmethod
    def along(self, coordinates: Array) -> Array:
        """Return U A for coordinates A, (q, m) to (N, m)."""

    @abstractmethod
    def diagonal(self, entries: Array) -> Array:
        """Return the diagonal of U diag(a) Uᵀ, (q,) to (N,)."""

    @abstractmethod
    def product(self, left: Array, right: Array) -> Array:
        """Return the diagonal of U L (U R)ᵀ for coordinates L and R, (q, m) to (N,)."""

    @abstractmethod
    def level(self, diagonal: Array) -> Array:
        """Return what stands for a diagonal at every point: itself, or its mean."""

    @abstractmethod
    def losses(self, first: Array, second: Array) -> Array:
        """Return products of errors, summed over outputs, whose mean is the estimate; (N, k) to (N,) or (1,)."""

    @abstractmethod
    def spreads(self, variances: Array) -> Array:
        """Return variances of predictions, one for each point or their level, as part of the losses; (N,) or (1,)."""


class Axes(Frame):
    """The axes of the sample space: the left singular vectors of X, and one that stands for all others."""

    @property
    def beyond(self) -> Array:
        rest = np.zeros((len(self.space.points), self.space.labels.shape[1]))
        if not self.space.is_full:
            rest[-1, 0] = np.sqrt(self.space.beyond)
        return rest

    @property
    def outside(self) -> Array:
        return self._padded(np.zeros(len(self.space.eigenvalues)), 1.0)

    def along(self, coordinates: Array) -> Array:
        return self._padded(coordinates, 0.0)

    def diagonal(self, entries: Array) -> Array:
        return self._padded(entries, 0.0)

    def product(self, left: Array, right: Array) -> Array:
        return self._padded(np.einsum("im,im->i", left, right), 0.0)

    def level(self, diagonal: Array) -> Array:
        return np.asarray(diagonal @ self.space.multiplicity / self.space.rows)

    def losses(self, first: Array, second: Array) -> Array:
        return np.array([np.sum(first * second) * (self.space.inflation / self.space.rows)])

    def spreads(self, variances: Array) -> Array:
        return np.reshape(variances * self.space.inflation, 1)

    def _padded(self, values: Array, last: float) -> Array:
        if self.space.is_full:
            return values
        return np.concatenate([values, np.full((1, *values.shape[1:]), last)])


@dataclass(frozen=True, eq=False)
class Rows(Frame):
    """Rows of the data.

    Attributes
    ----------
    points : (N, q)
        Rows √(wφ)(x − x̄) in the eigenbasis of G, over √s.
    labels : (N, k)
        √(wφ)(y − ȳ).
    inflation : (N,)
        φ of each row.
    """

    points: Array
    labels: Array
    inflation: Array

    @property
    def beyond(self) -> Array:
        if self.space.is_full:
            return np.zeros_like(self.labels)
        return self.labels - self.points @ self.space.labels

    @property
    def outside(self) -> Array:
        if self.space.is_full:
            return np.zeros(len(self.points))
        return np.asarray(1.0 - np.sum(np.square(self.points), axis=1))

    def along(self, coordinates: Array) -> Array:
        return np.asarray(self.points @ coordinates)

    def diagonal(self, entries: Array) -> Array:
        return np.asarray(np.square(self.points) @ entries)

    def product(self, left: Array, right: Array) -> Array:
        return np.asarray(np.einsum("im,im->i", self.points @ left, self.points @ right))

    def level(self, diagonal: Array) -> Array:
        return diagonal

    def losses(self, first: Array, second: Array) -> Array:
        return np.asarray(np.sum(first * second, axis=1) * self.inflation)

    def spreads(self, variances: Array) -> Array:
        return np.asarray(variances * self.inflation)
