"""All ranks at once: sums of per-direction costs over kept and dropped directions, in the memory of the result.

Each cost is computed for a few directions at a time and added up along the directions, forwards where they are kept
and backwards where they are dropped, in arrays only as large as the axes the cost depends on. Costs that serve the
same results are added before they are spread over the grid.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lingauss.model.spectral import Directions
from lingauss.validation import Array

CHUNK = 2**15  # array elements worked on at a time: a few such arrays stay in a core's cache

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

    costs: Callable[[Directions], Sequence[Array]]
    kept: bool


@dataclass(frozen=True)
class Term:
    """One cost of a source."""

    source: str
    index: int


def rank_sums(
    directions: Directions,
    ranks: npt.NDArray[np.intp],
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
    grid = directions.grid
    first = directions.part(slice(0, 1))
    shapes = {name: [np.shape(cost)[1:] for cost in source.costs(first)] for name, source in sources.items()}
    groups = _group(wanted, shapes, grid)
    for name, source in sources.items():
        mine = [group for group in groups if any(term.source == name for term in group.terms)]
        if mine:
            _accumulate(directions, ranks, name, source, mine)
    return _assemble(wanted, groups, (len(ranks), *grid), out)


@dataclass
class _Group:
    """Terms that depend on the same axes and serve the same results, added up in one array."""

    terms: list[Term]
    users: set[str]
    total: Array


def _group(wanted: Mapping[str, Sequence[Term]], shapes: Mapping[str, Sequence[Shape]], grid: Shape) -> list[_Group]:
    members: dict[tuple[frozenset[str], Shape], list[Term]] = {}
    for term in dict.fromkeys(term for terms in wanted.values() for term in terms):
        users = frozenset(name for name, terms in wanted.items() if term in terms)
        members.setdefault((users, shapes[term.source][term.index]), []).append(term)
    return [_Group(terms, set(users), np.empty((0, *shape))) for (users, shape), terms in members.items()]


def _chunks(n: int, kept: bool, cells: int) -> Iterator[slice]:
    size = max(1, CHUNK // max(cells, 1))
    starts = range(0, n, size)
    for start in starts if kept else reversed(starts):
        yield slice(start, min(start + size, n))


def _accumulate(
    directions: Directions, ranks: npt.NDArray[np.intp], name: str, source: Source, groups: Sequence[_Group]
) -> None:
    """Add one source's running sums at the wanted ranks to its groups' totals."""
    fresh = {id(group): not len(group.total) for group in groups}
    for group in groups:
        if fresh[id(group)]:
            group.total = np.empty((len(ranks), *group.total.shape[1:]))
            edge = ranks == (0 if source.kept else len(directions))
            group.total[edge] = 0.0
    running: dict[int, Array] = {}
    cells = max(math.prod(group.total.shape[1:]) for group in groups)
    for some in _chunks(len(directions), source.kept, cells):
        costs = source.costs(directions.part(some))
        for group in groups:
            own = [costs[term.index] for term in group.terms if term.source == name]
            block = own[0] if len(own) == 1 else sum(own[1:], own[0])
            block = np.broadcast_to(block, (some.stop - some.start, *group.total.shape[1:]))
            before = running.get(id(group))
            running[id(group)] = _store(group.total, block, before, ranks, some, source.kept, fresh[id(group)])


def _store(
    total: Array,
    block: Array,
    before: Array | None,
    ranks: npt.NDArray[np.intp],
    some: slice,
    kept: bool,
    fresh: bool,
) -> Array:
    """Sum a block along the directions, on top of what came before, and put the wanted ranks into ``total``."""
    if kept:  # rank r keeps directions up to r − 1
        first, last, local = some.start + 1, some.stop, block
    else:  # rank r drops directions from r on
        first, last, local = some.start, some.stop - 1, block[::-1]
    sums = np.array(local)
    if before is not None:
        sums[0] += before
    where = slice(int(np.searchsorted(ranks, first)), int(np.searchsorted(ranks, last, side="right")))
    chosen = ranks[where] - first
    np.cumsum(sums, axis=0, out=sums)
    ordered = sums if kept else sums[::-1]
    if len(chosen) != len(ordered):
        ordered = ordered[chosen]
    if fresh:
        total[where] = ordered
    else:
        total[where] += ordered
    return np.array(sums[-1])


def _assemble(
    wanted: Mapping[str, Sequence[Term]], groups: Sequence[_Group], shape: Shape, out: Mapping[str, Array] | None
) -> dict[str, Array]:
    """Add up each name's groups, small arrays first, so that the grid is written as seldom as possible."""
    results: dict[str, Array] = {}
    full = math.prod(shape)
    for name in sorted(wanted, key=lambda name: -len(wanted[name])):
        parts = sorted((group for group in groups if name in group.users), key=lambda group: group.total.size)
        arrays = [group.total for group in parts]
        target = None if out is None else out[name]
        reusable = target is None and parts[-1].total.size == full and parts[-1].users == {name}
        if reusable:
            target = parts[-1].total
        results[name] = _fold(arrays, shape, target)
        for group in parts:
            group.users.discard(name)
    return {name: results[name] for name in wanted}


def _fold(arrays: list[Array], shape: Shape, target: Array | None) -> Array:
    """Add arrays that broadcast to ``shape``; arrays[-1] is the largest and may be the target itself."""
    small = arrays[0]
    for position, array in enumerate(arrays[1:], start=1):
        together = np.broadcast_shapes(small.shape, array.shape)
        if math.prod(together) < math.prod(shape):
            small = small + array
            continue
        whole = np.add(small, array, out=target)
        for rest in arrays[position + 1 :]:
            whole += rest
        return whole
    if target is None:
        return np.broadcast_to(small, shape)
    if target is not small:
        target[...] = small
    return target
