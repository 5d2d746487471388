"""What a student sees of drawn rows, as loops around the eigenvalues of their Gram matrix (docs/theory.md §10.8)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from lingauss.equivalents.effective_penalty import effective_penalties
from lingauss.equivalents.loops import Complex, Loop, below
from lingauss.validation import Array

# Of the way from the eigenvalues to the nearest singularity, where loops around all of them cross the axis.
INSIDE = 0.5


class Nodes(NamedTuple):
    """The upper half of a loop around eigenvalues g of the Gram matrix, (N,) each.

    Attributes
    ----------
    points
        g.
    alike, by_signal
        Weights with which values there add up to the sum over eigenvalues, each counted once, or as often as the
        squared norm of W* in its direction.
    """

    points: Complex
    alike: Complex
    by_signal: Complex


@dataclass(frozen=True, eq=False)
class Seen:
    """The ``rank`` largest principal directions of n rows that are drawn, which a student sees.

    Attributes
    ----------
    s, signal : (d,)
        Eigenvalues of the covariance, and the squared norm of W*'s column in each direction.
    n_samples : int
    rank : int
    teacher_penalty : float
        λ_T, beyond whose negative no loop reaches.
    """

    s: Array
    signal: Array
    n_samples: int
    rank: int
    teacher_penalty: float

    @cached_property
    def inner(self) -> Nodes | None:
        """The loop around what the student sees, None if that is all in which the rows vary."""
        if self.rank >= min(self.n_samples, len(self._positive)):
            return None
        if self.rank == 0:
            return self._nodes(Loop(*(np.zeros(0, np.complex128) for _ in Loop._fields)))
        return self._nodes(Loop.around(self._positive, float(self.n_samples), self.rank))

    @cached_property
    def all(self) -> Nodes:
        """The loop around all eigenvalues, those that are 0 included."""
        return self.outer(self.teacher_penalty)

    def outer(self, nearest: float) -> Nodes:
        """Return the loop around all eigenvalues, those that are 0 included, and around nothing beyond −nearest."""
        penalty = np.array([INSIDE * nearest])
        kappa = effective_penalties(self.s, np.array([float(self.n_samples)]), penalty)
        return self._nodes(Loop.through(self.s, float(self.n_samples), -float(kappa[0])))

    @cached_property
    def apart(self) -> tuple[Nodes, float] | None:
        """The loop around all eigenvalues where none is 0, and how far from 0 it stays; None where some are."""
        s, n = self.s, float(self.n_samples)
        if self.rank < len(s) or len(self._positive) < len(s) or n <= len(s):
            return None
        place = INSIDE * below(s, n)
        return self._nodes(Loop.through(s, n, place)), n * float(place * (1.0 + np.sum(s / (place - s)) / n))

    @property
    def all_vary(self) -> bool:
        """Whether the rows vary in every direction that the student sees."""
        return self.rank == 0 or self.inner is not None or self.apart is not None

    def _nodes(self, loop: Loop) -> Nodes:
        kappa = loop.kappa[:, None]
        weights = np.array([np.ones(len(self.s)), self.signal])
        resolvents = weights @ (kappa / (self.s + kappa)).T
        return Nodes(self.n_samples * loop.points, *(resolvents * loop.steps / loop.points))

    @property
    def _positive(self) -> Array:
        return self.s[self.s > 0.0]
