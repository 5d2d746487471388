"""All ranks at once: sums of per-direction costs over kept and dropped directions, in the memory of the result.

Each cost is computed for a few directions at a time and added up along the directions, forwards where they are kept
and backwards where they are dropped, in arrays only as large as the axes the cost depends on. Costs that serve the
same results are added before they are spread over the grid.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from lingauss.model.spectral import Directions, SpreadCosts
from lingauss.validation import Array

PREPARED = 2**18  # array elements for which parameters are prepared at a time
EVALUATED = 2**16  # array elements whose logarithms are taken at a time: a few such arrays stay in a core's cache
SHARE = 32  # and at most this fraction of the result, which bounds the memory beside it

LONG_PLANE = 512  # grid points above which a running sum per direction beats one over a block of directions

Ranks = npt.NDArray[np.intp]
Shape = tuple[int, ...]


@dataclass(frozen=True)
class Source:
    """Where a family of per-direction costs comes from.

    Attributes
    ----------
    costs : callable
        From some directions to arrays with the directions first.
    kept : bool
        Whether they are paid by kept directions, else by dropped ones.
    """

    costs: Callable[[Directions], Sequence[Array | SpreadCosts]]
    kept: bool


@dataclass(frozen=True)
class Term:
    """One cost of a source."""

    source: str
    index: int


def rank_sums(
    directions: Directions,
    ranks: Ranks,
    sources: Mapping[str, Source],
    wanted: Mapping[str, Sequence[Term]],
    out: Mapping[str, Array] | None = None,
) -> dict[str, Array]:
    """Return for every wanted name the sum of its terms, (R, *grid).

    Parameters
    ----------
    directions : Directions
        In the order in which ranks keep them.
    ranks : (R,) of int
        Increasing.
    sources, wanted
        The costs there are, and which of them each name adds up.
    out : mapping of name to (R, *grid) arrays, optional
        Where to write. Without it, results that do not depend on an axis are read-only views that repeat along it.
    """
    used = {term.source for terms in wanted.values() for term in terms}
    sources = {name: source for name, source in sources.items() if name in used}
    first = directions.part(slice(0, 1))
    shapes = {name: [cost.shape[1:] for cost in source.costs(first)] for name, source in sources.items()}
    shape = (len(ranks), *directions.grid)
    groups = _group(wanted, shapes)
    order = sorted(wanted, key=lambda name: -len(wanted[name]))
    for group in groups:
        group.home = max(group.users, key=order.index)
        whole = out is not None and math.prod(group.shape) == math.prod(shape[1:])
        group.total = out[group.home] if out is not None and whole else np.empty((len(ranks), *group.shape))
    for name, source in sources.items():
        smallest = min(math.prod(shape) for shape in shapes[name])
        _accumulate(directions, ranks, name, source, groups, smallest)
    results = {name: _sum_of_groups(name, groups, shape, out) for name in order}
    return {name: results[name] for name in wanted}


@dataclass
class _Group:
    """Terms that depend on the same axes and serve the same results, added up in one array.

    Attributes
    ----------
    terms, users
        The terms, and the names of the results they serve.
    shape
        The grid axes they depend on.
    home : str
        The last of the users to be assembled, which may take over the array.
    total : (R, *shape)
        Their sum at every rank.
    filled : bool
        Whether a source has been added yet.
    """

    terms: list[Term]
    users: frozenset[str]
    shape: Shape
    home: str = ""
    total: Array = field(default_factory=lambda: np.empty(0))
    filled: bool = False


def _group(wanted: Mapping[str, Sequence[Term]], shapes: Mapping[str, Sequence[Shape]]) -> list[_Group]:
    members: dict[tuple[frozenset[str], Shape], list[Term]] = {}
    for term in dict.fromkeys(term for terms in wanted.values() for term in terms):
        users = frozenset(name for name, terms in wanted.items() if term in terms)
        members.setdefault((users, shapes[term.source][term.index]), []).append(term)
    return [_Group(terms, users, shape) for (users, shape), terms in members.items()]


def _chunks(n: int, forwards: bool, cells: int, budget: int) -> Iterator[slice]:
    """Cut n directions into runs of at most ``budget`` array elements, in the order in which they are summed."""
    size = max(1, budget // max(cells, 1))
    starts = range(0, n, size)
    for start in starts if forwards else reversed(starts):
        yield slice(start, min(start + size, n))


def _accumulate(
    directions: Directions, ranks: Ranks, name: str, source: Source, groups: Sequence[_Group], smallest: int
) -> None:
    """Add one source's running sums at the wanted ranks to the totals of the groups that use it.

    ``smallest`` is the number of grid points the least dependent of its costs has.
    """
    groups = [group for group in groups if any(term.source == name for term in group.terms)]
    fresh = [not group.filled for group in groups]
    for group in groups:
        if not group.filled:
            group.total[ranks == (0 if source.kept else len(directions))] = 0.0
            group.filled = True
    running: list[Array | None] = [None] * len(groups)
    for some in _chunks(len(directions), source.kept, smallest, PREPARED):
        costs = source.costs(directions.part(some))
        for number, group in enumerate(groups):
            own = [costs[term.index] for term in group.terms if term.source == name]
            plane = group.shape
            budget = min(EVALUATED, group.total.size // SHARE)
            for piece in _chunks(some.stop - some.start, source.kept, math.prod(plane), budget):
                blocks = [cost[piece if len(cost.shape) and cost.shape[0] > 1 else slice(None)] for cost in own]
                block = np.broadcast_to(sum(blocks[1:], blocks[0]), (piece.stop - piece.start, *plane))
                here = slice(some.start + piece.start, some.start + piece.stop)
                store = _store_planes if math.prod(plane) > LONG_PLANE else _store_block
                running[number] = store(group.total, block, running[number], ranks, here, source.kept, fresh[number])


def _store_block(
    total: Array, block: Array, before: Array | None, ranks: Ranks, some: slice, kept: bool, fresh: bool
) -> Array:
    """Sum a block along the directions, on top of what came before, and put the wanted ranks into ``total``."""
    if kept:  # rank r keeps directions up to r − 1
        lowest, highest, local = some.start + 1, some.stop, block
    else:  # rank r drops directions from r on
        lowest, highest, local = some.start, some.stop - 1, block[::-1]
    sums = np.cumsum(local, axis=0)
    if before is not None:
        sums += before
    where = slice(int(np.searchsorted(ranks, lowest)), int(np.searchsorted(ranks, highest, side="right")))
    chosen = (sums if kept else sums[::-1])[ranks[where] - lowest]
    if fresh:
        total[where] = chosen
    else:
        total[where] += chosen
    return np.array(sums[-1])


def _store_planes(
    total: Array, block: Array, before: Array | None, ranks: Ranks, some: slice, kept: bool, fresh: bool
) -> Array:
    """As :func:`_store_block` where planes are long: each sum is formed in its place in ``total``, without copies."""
    running = np.zeros(block.shape[1:]) if before is None else before
    near = range(*np.searchsorted(ranks, [some.start, some.stop + 1]))
    rows = {int(ranks[row]): row for row in near}
    order = range(len(block)) if kept else reversed(range(len(block)))
    for local in order:
        row = rows.get(some.start + local + kept)
        if row is None or not fresh:
            running = running + block[local]
            if row is not None:
                total[row] += running
        else:
            running = np.add(running, block[local], out=total[row])
    return running


def _sum_of_groups(name: str, groups: Sequence[_Group], shape: Shape, out: Mapping[str, Array] | None) -> Array:
    """Add up the groups that serve a result, small arrays first, so that the grid is written as seldom as possible."""
    full = math.prod(shape)
    parts = sorted((group for group in groups if name in group.users), key=lambda group: group.total.size)
    target = None if out is None else out[name]
    taken = [group for group in parts if group.home == name and group.total.size == full]
    if taken:
        whole = taken[-1].total
        small = _merged([group.total for group in parts if group is not taken[-1]], full)
    else:
        first, *small = _merged([group.total for group in parts], full)
        whole = np.broadcast_to(first, shape) if not small else _outer_sum(first, small.pop(0), target)
    for array in small:
        whole += array
    if target is not None and whole is not target:
        target[...] = whole
        return target
    return whole


def _merged(arrays: list[Array], full: int) -> list[Array]:
    """Add arrays, sorted by size, as long as their sum stays smaller than the grid."""
    merged: list[Array] = []
    for array in arrays:
        if merged and math.prod(np.broadcast_shapes(merged[-1].shape, array.shape)) < full:
            merged[-1] = merged[-1] + array
        else:
            merged.append(array)
    return merged


def _outer_sum(a: Array, b: Array, target: Array | None) -> Array:
    """Return a + b; where each runs along one of the last two axes alone, as a matrix product, which is faster."""
    column, row = (a, b) if a.shape[-1] == 1 else (b, a)
    if a.ndim < 3 or column.shape[-1] != 1 or row.shape[-2] != 1:
        return np.asarray(np.add(a, b, out=target))
    left = np.concatenate([column, np.ones_like(column)], axis=-1)
    right = np.concatenate([np.ones_like(row), row], axis=-2)
    return np.asarray(np.matmul(left, right, out=target))
