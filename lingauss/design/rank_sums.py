"""All ranks at once: sums of per-direction costs over kept and dropped directions, in the memory of the result.

Each cost is computed for a few directions at a time and added up along the directions, forwards where they are kept
and backwards where they are dropped, in arrays only as large as the axes the cost depends on. Costs that serve the
same results are added before they are spread over the grid.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from lingauss.algebra.affine import pick
from lingauss.design.running_sum import EVALUATED, Cost, Ranks, RunningSum, runs_of
from lingauss.model.spectral import Directions
from lingauss.progress import tracked
from lingauss.threads import cores, cut, in_threads
from lingauss.validation import Array

PREPARED = 2**18  # array elements for which parameters are prepared at a time
SHARE = 32  # at most this fraction of the result is evaluated at a time, which bounds the memory beside it, ...
WORTHWHILE = 2**14  # ... as long as the work outweighs that of setting it up
WRITTEN = 2**19  # array elements whose sums are worth a thread

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

    costs: Callable[[Directions], Sequence[Cost]]
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
    used = dict.fromkeys(term.source for terms in wanted.values() for term in terms)
    shape = (len(ranks), *directions.grid)
    at_once = len(directions) * math.prod(shape[1:]) <= PREPARED
    first = directions if at_once else directions.part(slice(0, 1))
    known = {name: sources[name].costs(first) for name in used}
    groups = _group(wanted, {name: [cost.shape[1:] for cost in costs] for name, costs in known.items()})
    order = sorted(wanted, key=lambda name: -len(wanted[name]))
    for group in groups:
        group.home = max(group.users, key=order.index)
        whole = out is not None and math.prod(group.shape) == math.prod(shape[1:])
        group.total = out[group.home] if out is not None and whole else np.empty((len(ranks), *group.shape))
    for name, costs in known.items():
        sums = _running_sums(groups, name, sources[name].kept, ranks, directions)
        size = len(directions) if at_once else PREPARED // min(math.prod(cost.shape[1:]) for cost in costs)
        runs = runs_of(len(directions), sources[name].kept, max(1, size))
        for some in tracked(runs, len(runs), "directions"):
            here = costs if at_once else sources[name].costs(directions.part(some))
            for running in sums:
                running.add([here[index] for index in running.terms], some)
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


def _running_sums(
    groups: Sequence[_Group], source: str, kept: bool, ranks: Ranks, directions: Directions
) -> list[RunningSum]:
    """Return the running sums of one source, one for each group that uses it."""
    budget = min(EVALUATED, max(len(ranks) * math.prod(directions.grid) // SHARE, WORTHWHILE))
    sums = []
    for group in groups:
        terms = [term.index for term in group.terms if term.source == source]
        if terms:
            if not group.filled:
                group.total[ranks == (0 if kept else len(directions))] = 0.0
            fresh, group.filled = not group.filled, True
            sums.append(RunningSum(terms, group.total, np.zeros(group.shape), ranks, kept, fresh, budget))
    return sums


def _sum_of_groups(name: str, groups: Sequence[_Group], shape: Shape, out: Mapping[str, Array] | None) -> Array:
    """Add up the groups that serve a result, small arrays first, so that the grid is written as seldom as possible."""
    full = math.prod(shape)
    parts = sorted((group for group in groups if name in group.users), key=lambda group: group.total.size)
    target = None if out is None else out[name]
    taken = [group.total for group in parts if group.home == name and group.total.size == full]
    arrays = _merged([group.total for group in parts if not any(group.total is whole for whole in taken[-1:])], full)
    if taken:
        whole = taken[-1]
    elif len(arrays) == 1 and target is None:
        return np.broadcast_to(arrays[0], shape)
    else:
        whole = np.empty(shape) if target is None else target

    def write(rows: slice) -> None:
        here = [pick(array, (rows,)) for array in arrays]
        if not taken:
            _outer_sum(here[:2], whole[rows])
        for array in here if taken else here[2:]:
            whole[rows] += array

    in_threads(write, cut(len(whole), min(cores(), full // WRITTEN) if full > WRITTEN else 1))
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


def _outer_sum(arrays: Sequence[Array], target: Array) -> None:
    """Write the sum of one or two arrays; of two that run along one of the last two axes each, by a matrix product.

    That is several times faster than broadcasting.
    """
    if len(arrays) == 1:
        target[...] = arrays[0]
        return
    a, b = arrays
    column, row = (a, b) if a.shape[-1] == 1 else (b, a)
    if target.ndim < 3 or column.shape[-1] != 1 or row.shape[-2] != 1:
        np.add(a, b, out=target)
        return
    left = np.concatenate([column, np.ones_like(column)], axis=-1)
    right = np.concatenate([np.ones_like(row), row], axis=-2)
    np.matmul(left, right, out=target)
