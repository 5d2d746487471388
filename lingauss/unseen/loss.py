"""An error on unseen rows as a function of the share of soft labels: a quadratic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lingauss.validation import Array


@dataclass(frozen=True, eq=False)
class Loss:
    """constant + linear · ξ + square · ξ²; arrays of any shape that broadcast against each other."""

    constant: Array
    linear: Array
    square: Array

    @classmethod
    def fixed(cls, constant: Array) -> Loss:
        """Return a loss that no mixing changes, such as a teacher's."""
        return cls(constant, np.zeros(()), np.zeros(()))

    @classmethod
    def joined(cls, parts: Sequence[Loss]) -> Loss:
        """Return the losses of some rows after the others."""
        sides = ((part.constant, part.linear, part.square) for part in parts)
        columns = zip(*(np.broadcast_arrays(*side) for side in sides), strict=True)
        return cls(*(np.concatenate(column) for column in columns))

    def at(self, mixing: Array | float) -> Array:
        """Return the loss at shares of soft labels."""
        return np.asarray(self.constant + mixing * (self.linear + mixing * self.square))

    def best_mixing(self) -> Array:
        """Return the shares of least loss; 0 where the share changes nothing."""
        curved = self.square > 0.0
        return np.where(curved, -0.5 * self.linear / np.where(curved, self.square, 1.0), 0.0)
