"""All ranks at once: sums of per-direction costs over kept and dropped directions, in the memory of the result.

Each cost is computed for a few directions at a time and added up along the directions, forwards where they are kept
and backwards where they are dropped, in arrays only as large as the axes the cost depends on. Costs that serve the
same results are added before they are spread over the grid.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol, Self

import numpy as np

from lingauss.progress import tracked
from lingauss.sums.outer import Product, add_products, sum_of_products
from lingauss.sums.running import EVALUATED, Cost, Ranks, RunningSum, runs_of
from lingauss.validation import Array

PREPARED = 2**18  # array elements for which parameters are prepared at a time, of each of some twenty arrays, ...
PREPARED_SHARE = 64  # ... and at most this fraction of the result, which bounds the memory beside it, ...
SHARE = 32  # at most this fraction of the result is evaluated at a time, ...
WORTHWHILE = 2**14  # ... as long as the work outweighs that of setting it up

Shape = tuple[int, ...]


class Directions(Protocol):
    """What has costs: independent directions on the first axis, a grid of designs on the others."""

    @property
    def grid(self) -> Shape:
        """Lengths of the grid's axes."""

    @property
    def parameters_grid(self) -> Shape:
        """Like :attr:`grid`, without the axes that enter only when costs are evaluated; for late sources."""

    def part(self, some: slice) -> Self:
        """Return some of the directions."""

    def __len__(self) -> int: ...


@dataclass(frozen=True)
class Source:
    """Where a family of per-direction costs comes from.

    Attributes
    ----------
    costs : callable
        From some directions to arrays with the directions first.
    kept : bool
        Whether they are paid by kept directions, else by dropped ones.
    late : bool
        Whether label noise and temperature enter only when costs are evaluated.
    """

    costs: Callable[[Any], Sequence[Cost]]
    kept: bool
    late: bool = False


class Term(NamedTuple):
    """One cost of a source."""

    source: str
    place: int


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
        Where to write all or some. Other results that do not depend on an axis are read-only views that repeat along
        it.
    """
    out = {} if out is None else out
    used = dict.fromkeys(term.source for terms in wanted.values() for term in terms)
    shape = (len(ranks), *directions.grid)
    supplies = {name: _Supply.of(sources[name], directions, math.prod(shape)) for name in used}
    groups = _group(wanted, supplies, directions.grid)
    order = sorted(wanted, key=lambda name: -len(wanted[name]))
    for group in groups:
        group.home = max(group.users, key=order.index)
        whole = group.home in out and group.fills(shape)
        group.total = out[group.home] if whole else np.empty((len(ranks), *group.shape))
    for name, supply in supplies.items():
        sums = _running_sums(groups, name, supply, ranks)
        for some, costs in supply.runs():
            for running in sums:
                running.add(costs, some)
    results = {name: _assembled(name, groups, shape, out) for name in order}
    return {name: results[name] for name in wanted}


@dataclass(frozen=True)
class _Supply:
    """Costs of a source, for some directions at a time; those of the first few are at hand."""

    source: Source
    directions: Directions
    size: int
    first: Sequence[Cost]

    @classmethod
    def of(cls, source: Source, directions: Directions, cells: int) -> _Supply:
        """Prepare for a result of that many cells."""
        points = math.prod(directions.parameters_grid if source.late else directions.grid)
        budget = min(PREPARED, max(cells // PREPARED_SHARE, WORTHWHILE))
        size = min(len(directions), max(1, budget // points))
        # A copy: what directions remember of the computation would outlive it.
        known = directions.part(slice(0, None if size == len(directions) else 1))
        return cls(source, directions, size, source.costs(known))

    def runs(self) -> Iterator[tuple[slice, Sequence[Cost]]]:
        """Yield runs of directions with their costs, in the order in which they are summed."""
        n = len(self.directions)
        runs = runs_of(n, self.source.kept, self.size)
        for some in tracked(runs, len(runs), "directions"):
            yield some, self.first if self.size == n else self.source.costs(self.directions.part(some))


@dataclass
class _Group:
    """Terms that serve the same results and are added up in one array.

    Attributes
    ----------
    terms, users
        The terms, and the names of the results they serve.
    shape
        The grid axes the first of them depends on, and the others at most.
    factor : (1, *) array, optional
        What their sum is to be multiplied by.
    home : str
        The last of the users to be assembled, which may take over the array.
    total : (R, *shape)
        Their sum at every rank.
    filled : bool
        Whether a source has been added yet.
    """

    terms: list[Term]
    users: Sequence[str]
    shape: Shape
    factor: Array | None
    home: str = ""
    total: Array = field(default_factory=lambda: np.empty(0))
    filled: bool = False

    def fills(self, shape: Shape) -> bool:
        """Whether the total is a whole result, of a given shape."""
        return self.factor is None and math.prod(self.shape) == math.prod(shape[1:])

    def covers(self, shape: Shape, grid: Shape) -> bool:
        """Whether a term of that shape fits in without being spread over the whole grid."""
        fits = all(n in (1, own) for n, own in zip(shape, self.shape, strict=True))
        return fits and (shape == self.shape or self.shape != grid)


def _group(wanted: Mapping[str, Sequence[Term]], supplies: Mapping[str, _Supply], grid: Shape) -> list[_Group]:
    """Put terms together that serve the same results, unless that would spread one over the whole grid."""
    users: dict[Term, list[str]] = {}
    for name, terms in wanted.items():
        for term in terms:
            users.setdefault(term, []).append(name)
    costs = {term: supplies[term.source].first[term.place] for term in users}
    groups: list[_Group] = []
    for term in sorted(users, key=lambda term: -math.prod(_shape_of(costs[term]))):
        cost = costs[term]
        shape, factor = _shape_of(cost), cost.factor if isinstance(cost, Product) else None
        for group in groups:
            if group.users == users[term] and group.factor is factor and group.covers(shape, grid):
                group.terms.append(term)
                break
        else:
            groups.append(_Group([term], users[term], shape, factor))
    return groups


def _shape_of(cost: Cost) -> Shape:
    """Return the grid axes a cost depends on."""
    return (cost.values if isinstance(cost, Product) else cost).shape[1:]


def _running_sums(groups: Sequence[_Group], source: str, supply: _Supply, ranks: Ranks) -> list[RunningSum]:
    """Return the running sums of one source, one for each group that uses it."""
    directions, kept = supply.directions, supply.source.kept
    budget = min(EVALUATED, max(len(ranks) * math.prod(directions.grid) // SHARE, WORTHWHILE))
    sums = []
    for group in groups:
        terms = [term.place for term in group.terms if term.source == source]
        if terms:
            if not group.filled:
                group.total[ranks == (0 if kept else len(directions))] = 0.0
            fresh, group.filled = not group.filled, True
            before = np.zeros(np.broadcast_shapes(*(_shape_of(supply.first[index]) for index in terms)))
            sums.append(RunningSum(terms, group.total, before, ranks, kept, budget, fresh))
    return sums


def _assembled(name: str, groups: Sequence[_Group], shape: Shape, out: Mapping[str, Array]) -> Array:
    """Add up the groups that serve a result."""
    target = out.get(name)
    serving = [group for group in groups if name in group.users]
    own = next((group for group in serving if group.home == name and group.fills(shape)), None)
    others = [Product(group.total, group.factor) for group in serving if group is not own]
    return sum_of_products(others, shape, target) if own is None else add_products(others, own.total)
