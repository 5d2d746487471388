"""What a layer may become, at which price: low ranks, or dense."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lingauss.algebra.psd import Diagonal
from lingauss.layers.layer import Layer
from lingauss.validation import Array


@dataclass(frozen=True, eq=False)
class Options:
    """Ranks of one layer that save something, cheapest first, and dense at cost 0.

    Attributes
    ----------
    ranks : (m,) int
        The last, the full rank, stands for dense.
    prices : (m,)
        Weights, or multiplications per row; increasing.
    costs : (m,)
        Nats per row; not increasing.
    """

    ranks: npt.NDArray[np.intp]
    prices: Array
    costs: Array

    @classmethod
    def of(cls, layer: Layer, multiplications: bool = False) -> Options:
        """Return the options of a layer, priced by its weights or by its multiplications per row.

        Rank r takes r(k + d) weights, dense kd; each multiplies once per position. Looking up a dense embedding
        multiplies nothing.
        """
        k, d = layer.weight.shape
        per_rank, dense = float(k + d), float(k * d)
        if multiplications:
            looked_up, positions = isinstance(layer.inputs, Diagonal), layer.count / layer.rows
            per_rank, dense = (float(k), 0.0) if looked_up else (positions * per_rank, positions * dense)
        low = np.arange(1, layer.full_rank)
        low = low[low * per_rank < dense]
        return cls(np.append(low, layer.full_rank), np.append(low * per_rank, dense), np.append(layer.costs[low], 0.0))

    def gain(self, start: int, stop: int) -> float:
        """Return the nats per row that a step to a dearer option saves per unit of price."""
        return float((self.costs[start] - self.costs[stop]) / (self.prices[stop] - self.prices[start]))

    def hull(self) -> list[int]:
        """Return the options on the lower convex hull of (price, cost): steps along it gain less and less."""
        kept: list[int] = []
        for index in range(len(self.ranks)):
            while len(kept) > 1 and self.gain(kept[-2], kept[-1]) <= self.gain(kept[-1], index):
                kept.pop()
            kept.append(index)
        while len(kept) > 1 and self.gain(kept[-2], kept[-1]) <= 0.0:  # a low rank that costs nothing already
            kept.pop()
        return kept

    def best_step(self, start: int, budget: float = math.inf) -> tuple[float, int]:
        """Return the largest gain of a step within a budget, and where it leads; 0 and ``start`` if none gains."""
        steps = (
            (self.gain(start, stop), stop)
            for stop in range(start + 1, len(self.ranks))
            if self.prices[stop] - self.prices[start] <= budget
        )
        return max(steps, default=(0.0, start))
