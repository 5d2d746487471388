"""What a route is: one way from a design to its numbers, at any of its student ranks."""

from __future__ import annotations

from typing import Literal, Protocol, Self

import numpy as np
import numpy.typing as npt

from lingauss.model.design import Design
from lingauss.validation import Array

Level = Literal["weights", "predictions"]
Question = Literal["weights", "predictions", "generalisation"]  # what a route may be asked; gaps and risks are the last
Ranks = npt.NDArray[np.intp]


class Route(Protocol):
    """One way to the numbers of a design; ranks are those the student is to have instead of its own."""

    @classmethod
    def of(cls, design: Design, question: Question, ranks: Ranks) -> Self | None:
        """Return the route of a design at ranks in place of its own, None if it does not lead there."""

    def cells(self, ranks: Ranks, level: Level) -> Array:
        """Return the six cells of the divergence of weights, or of joint predictions at the test inputs, in nats.

        Returns
        -------
        (R, 2, 3) ndarray
            As in :class:`~lingauss.ledgers.ledger.Ledger`.
        """

    def least_rank_costs(self, ranks: Ranks, level: Level) -> Array:
        """Return the rank cost at its best floor, (R,) nats."""

    def gaps(self, ranks: Ranks) -> tuple[Array, Array]:
        """Return the generalisation gaps of the teacher (1,) and the student (R,), in squared label units."""

    def risks(self, ranks: Ranks) -> tuple[Array, Array]:
        """Return the excess risks of the teacher (1,) and the student (R,), in squared label units."""

    def reliable(self, ranks: Ranks) -> npt.NDArray[np.bool_]:
        """Return at which ranks cells keep their digits, (R,); the next route is asked about the others."""
