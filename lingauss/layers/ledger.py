"""A compressed layer, and where it loses: rank itself, a wrong input subspace, a wrong left factor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from lingauss.validation import Array


@dataclass(frozen=True)
class LayerLedger:
    """What a compressed layer costs in nats per row: parts of at least 0 that add up (docs/real-students.md).

    Attributes
    ----------
    rank : int
        Of the new weight.
    irreducible : float
        What that rank costs at best.
    subspace : float
        What the new weight's row space costs beyond that; a better subspace removes it.
    left_factor : float
        What the new weight loses within its own row space; :meth:`Layer.refit` removes it.
    offset : float
        What a new bias loses beside the one that :meth:`Layer.shifted_bias` gives; 0 where none was passed.
    """

    rank: int
    irreducible: float
    subspace: float
    left_factor: float
    offset: float = 0.0

    @property
    def total(self) -> float:
        """The cost of the new layer: the sum of the parts."""
        return self.irreducible + self.subspace + self.left_factor + self.offset

    def __repr__(self) -> str:
        offset = f" + offset {self.offset:.4g}" if self.offset else ""
        return (
            f"LayerLedger(rank {self.rank}: irreducible {self.irreducible:.4g} + subspace {self.subspace:.4g} + "
            f"left factor {self.left_factor:.4g}{offset} = {self.total:.4g} nats per row)"
        )


class Factors(NamedTuple):
    """A layer of low rank: W′ = left · right, and its bias.

    Attributes
    ----------
    left : (k, r)
    right : (r, d)
    bias : (k,) or None
    """

    left: Array
    right: Array
    bias: Array | None

    @property
    def weight(self) -> Array:
        """W′ as one matrix, (k, d)."""
        return np.asarray(self.left @ self.right)
