"""Sums along the directions, forwards where they are kept and backwards where they are dropped, at the wanted ranks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lingauss.progress import tracked
from lingauss.sums.affine import pick
from lingauss.sums.costs import SpreadCosts
from lingauss.sums.outer import Product
from lingauss.validation import Array

EVALUATED = 2**16  # array elements whose logarithms are taken at a time: a few such arrays stay in a core's cache
LONG_PLANE = 512  # grid points above which a running sum per direction beats one over a block of directions

Ranks = npt.NDArray[np.intp]
Cost = Array | Product | SpreadCosts


def runs_of(n: int, forwards: bool, size: int) -> Sequence[slice]:
    """Cut n directions into runs of at most ``size``, in the order in which they are summed."""
    runs = [slice(start, min(start + size, n)) for start in range(0, n, size)]
    return runs if forwards else runs[::-1]


@dataclass
class RunningSum:
    """Costs of one source, summed along the directions and added to a group's total at the wanted ranks.

    Attributes
    ----------
    terms : list of int
        The costs of the source that the group adds up.
    total : (R, *shape)
        Of the group.
    before : (*shape, or shorter where the costs depend on fewer axes)
        Sum of the directions so far.
    ranks : (R,) of int
        Increasing.
    kept : bool
        Whether the costs are paid by kept directions, else by dropped ones.
    budget : int
        Array elements to evaluate at a time.
    fresh : bool
        Whether the total holds nothing yet.
    """

    terms: list[int]
    total: Array
    before: Array
    ranks: Ranks
    kept: bool
    budget: int
    fresh: bool

    def add(self, costs: Sequence[Cost], some: slice) -> None:
        """Add the costs of some directions; numpy calls are too short here for threads to gain anything."""
        n = some.stop - some.start
        store = self._store_planes if self.before.size > LONG_PLANE else self._store_block
        size = max(1, self.budget // max(self.before.size, 1))
        work = np.empty((2, min(size, n), *self.before.shape))
        pieces = runs_of(n, self.kept, size)
        for piece in tracked(pieces, len(pieces), "directions"):
            block = _sum_of_costs([costs[term] for term in self.terms], piece, work[:, : piece.stop - piece.start])
            store(block, slice(some.start + piece.start, some.start + piece.stop))

    @property
    def _spans(self) -> bool:
        """Whether the costs depend on every axis of the group."""
        return self.before.shape == self.total.shape[1:]

    def _store_block(self, block: Array, some: slice) -> None:
        """Sum a block along the directions, on top of what came before, and put the wanted ranks into the total."""
        # Rank r keeps directions up to r − 1, or drops directions from r on.
        lowest, step = (some.start + 1, 1) if self.kept else (some.start, -1)
        rows = slice(*self.ranks.searchsorted([lowest, lowest + len(block)]))
        consecutive = rows.stop - rows.start == len(block)
        in_place = self.fresh and consecutive and self._spans
        sums = self.total[rows] if in_place else np.empty_like(block)
        np.cumsum(block[::step], axis=0, out=sums[::step])
        if self.before.any():
            sums += self.before
        self.before[...] = sums[::step][-1]
        if not consecutive:
            sums = sums[self.ranks[rows] - lowest]
        if not self.fresh:
            self.total[rows] += sums
        elif not in_place:
            self.total[rows] = sums

    def _store_planes(self, block: Array, some: slice) -> None:
        """As :meth:`_store_block` where planes are long: each sum is formed in its place in the total."""
        rows = {int(self.ranks[row]): row for row in range(*self.ranks.searchsorted([some.start, some.stop + 1]))}
        running = self.before
        for local in range(len(block)) if self.kept else reversed(range(len(block))):
            row = rows.get(some.start + local + self.kept)
            if row is not None and self.fresh and self._spans:
                running = np.add(running, block[local], out=self.total[row])
                continue
            running = np.add(running, block[local], out=self.before)
            if row is not None:
                self.total[row] = running if self.fresh else self.total[row] + running
        self.before[...] = running


def _sum_of_costs(costs: Sequence[Cost], some: slice, work: Array) -> Array:
    """Add up costs for some directions, with ``work`` (2, *shape of the sum) to compute in."""
    first, *others = (_evaluated(cost, some, work) for cost in costs)
    for other in others:
        first = np.add(first, other, out=work[0])
    return first if first.shape == work.shape[1:] else np.broadcast_to(first, work.shape[1:])


def _evaluated(cost: Cost, some: slice, work: Array) -> Array:
    if isinstance(cost, SpreadCosts):
        return cost.at(some, work if cost.shape[1:] == work.shape[2:] else None)
    return pick(cost.values if isinstance(cost, Product) else cost, some)
