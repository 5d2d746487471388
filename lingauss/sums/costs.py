"""What each eigen-direction costs, by source, evaluated for as many directions at a time as memory allows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from lingauss.algebra.numerics import NEAR, spread_cost_of_excess, spread_cost_of_ratio
from lingauss.sums.affine import Affine, pick
from lingauss.sums.outer import Product
from lingauss.validation import Array


@dataclass(frozen=True, eq=False)
class SpreadCosts:
    """Spread costs (k/2)(ρ − 1 − log ρ) of all directions, evaluated for some of them, or a part of a grid, at a time.

    Attributes
    ----------
    excess, ratio : Array or Affine
        x = ρ − 1 and ρ, each with its own digits.
    half_outputs : float
        k/2.
    """

    excess: Array | Affine
    ratio: Array | Affine
    half_outputs: float

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of all costs together."""
        return self.excess.shape

    def at(self, some: slice = slice(None), work: Array | None = None) -> Array:
        """Return the costs of some directions.

        Parameters
        ----------
        some : slice
            All of them by default.
        work : (2, *shape of the result) C-contiguous array, optional
            Where to compute; the result is then ``work[1]``.
        """
        if work is None:
            length, *grid = self.shape
            work = np.empty((2, len(range(length)[some]) if length > 1 else length, *grid))
        gap, costs = work[0, ...], work[1, ...]
        spread_cost_of_ratio(_some(self.ratio, some, gap), work)
        near = np.flatnonzero(np.abs(gap, out=gap) < NEAR)
        if near.size:
            excess = _some(self.excess, some, gap)
            costs.reshape(-1)[near] = spread_cost_of_excess(excess.reshape(-1)[near])
        costs *= self.half_outputs
        return costs


def _some(values: Array | Affine, some: slice, out: Array) -> Array:
    return values.at(some, out) if isinstance(values, Affine) else pick(values, some)


class Costs(NamedTuple):
    """What each direction costs, by source, in nats; the three broadcast against each other."""

    mean: Product
    noise: Array
    spread: SpreadCosts

    def sums(self, start: int, stop: int) -> list[float]:
        """Return the sums over a run of directions, of one design."""
        if start == stop:
            return [0.0, 0.0, 0.0]
        some = slice(start, stop)
        parts = self.mean.whole()[some], self.noise[some], self.spread.at(some)
        return [np.add.reduce(part) for part in parts]

    @property
    def shift(self) -> Array:
        """Costs of mean and noise together."""
        return self.mean.whole() + self.noise

    def evaluated(self) -> tuple[Array, Array, Array]:
        """Return all of them as arrays."""
        return self.mean.whole(), self.noise, self.spread.at()
