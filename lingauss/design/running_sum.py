"""Sums along the directions, forwards where they are kept and backwards where they are dropped, at the wanted ranks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lingauss.algebra.affine import Index, pick
from lingauss.model.spectral import SpreadCosts
from lingauss.progress import tracked
from lingauss.threads import cores, cut, in_threads
from lingauss.validation import Array

EVALUATED = 2**16  # array elements whose logarithms are taken at a time: a few such arrays stay in a core's cache
THREADED = 2**17  # array elements whose logarithms are worth a thread
LONG_PLANE = 512  # grid points above which a running sum per direction beats one over a block of directions

Ranks = npt.NDArray[np.intp]
Cost = Array | SpreadCosts


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
    before : (*shape)
        Sum of the directions so far.
    ranks : (R,) of int
        Increasing.
    kept : bool
        Whether the costs are paid by kept directions, else by dropped ones.
    fresh : bool
        Whether the total holds nothing yet.
    budget : int
        Array elements to evaluate at a time.
    """

    terms: list[int]
    total: Array
    before: Array
    ranks: Ranks
    kept: bool
    fresh: bool
    budget: int

    def add(self, costs: Sequence[Cost], some: slice) -> None:
        """Add the costs of some directions, a part of the grid on every core."""
        shape = self.before.shape
        threads = (some.stop - some.start) * self.before.size // THREADED
        if threads > 1 and shape:
            longest = shape.index(max(shape))
            parts = [(slice(None),) * longest + (part,) for part in cut(shape[longest], min(threads, cores()))]
            in_threads(lambda part: self._add_part(costs, some, part), parts)
        else:
            self._add_part(costs, some, ())

    def _add_part(self, costs: Sequence[Cost], some: slice, part: Index) -> None:
        total, before = self.total[:, *part], self.before[part] if part else self.before
        store = self._store_planes if before.size > LONG_PLANE else self._store_block
        size = max(1, self.budget // max(before.size, 1))
        work = np.empty((2, min(size, some.stop - some.start), *before.shape))
        pieces = runs_of(some.stop - some.start, self.kept, size)
        for piece in tracked(pieces, len(pieces), "directions"):
            block = _sum_of_costs(costs, (piece, *part), work[:, : piece.stop - piece.start])
            store(total, block, before, slice(some.start + piece.start, some.start + piece.stop))

    def _store_block(self, total: Array, block: Array, before: Array, some: slice) -> None:
        """Sum a block along the directions, on top of what came before, and put the wanted ranks into ``total``."""
        if self.kept:  # rank r keeps directions up to r − 1
            lowest, highest, local = some.start + 1, some.stop, block
        else:  # rank r drops directions from r on
            lowest, highest, local = some.start, some.stop - 1, block[::-1]
        sums = np.cumsum(local, axis=0)
        sums += before
        where = slice(*self.ranks.searchsorted([lowest, highest + 1]))
        chosen = (sums if self.kept else sums[::-1])[self.ranks[where] - lowest]
        if self.fresh:
            total[where] = chosen
        else:
            total[where] += chosen
        before[...] = sums[-1]

    def _store_planes(self, total: Array, block: Array, before: Array, some: slice) -> None:
        """As :meth:`_store_block` where planes are long: each sum is formed in its place in ``total``."""
        rows = {int(self.ranks[row]): row for row in range(*self.ranks.searchsorted([some.start, some.stop + 1]))}
        running = before
        for local in range(len(block)) if self.kept else reversed(range(len(block))):
            row = rows.get(some.start + local + self.kept)
            if row is not None and self.fresh:
                running = np.add(running, block[local], out=total[row])
            else:
                running = np.add(running, block[local], out=before)
                if row is not None:
                    total[row] += running
        before[...] = running


def _sum_of_costs(costs: Sequence[Cost], index: Index, work: Array) -> Array:
    """Add up costs for some directions and a part of the grid, with ``work`` (2, *shape of the sum) to compute in."""
    first, *others = (cost.at(index, work) if isinstance(cost, SpreadCosts) else pick(cost, index) for cost in costs)
    for other in others:
        first = np.add(first, other, out=work[0])
    return first if first.shape == work.shape[1:] else np.broadcast_to(first, work.shape[1:])
