"""The least objective of every student rank at once, where costs are sums over eigen-directions in a fixed order."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from lingauss.algebra.numerics import safe_ratio
from lingauss.ledgers.least_spread import least_spreads
from lingauss.ledgers.route import Ranks
from lingauss.model.design import Design
from lingauss.model.directions import Directions
from lingauss.optimum.line_search import global_minima
from lingauss.optimum.objective import SPREADS, without_spread
from lingauss.optimum.triangle import Triangle
from lingauss.sweep.grid import directions_over
from lingauss.validation import Array

EVALUATED = 2**16  # elements of a triangle that are treated at a time: a few such arrays stay in a core's cache


@dataclass(frozen=True, eq=False)
class LeastDivergences:
    """The divergence of every rank at its best spreads, as a function of the mixing.

    Attributes
    ----------
    case : Design
        Of the largest rank.
    ranks : (R,) of int
    free : tuple of str
        The settings that are optimised.
    predictions : bool
        Whether joint predictions are compared, else weights.
    """

    case: Design
    ranks: Ranks
    free: Sequence[str]
    predictions: bool

    def best(self) -> Array:
        """Return the least divergence at every rank, (R,); +inf where it is that whatever is chosen."""
        if "mixing" not in self.free:
            return self.at(np.array([self.case.mixing]))
        return global_minima(lambda mixing, some: _some(self, some).at(mixing), len(self.ranks))

    def at(self, mixing: Array) -> Array:
        """Return the least divergence at one mixing for all ranks, or one for each."""
        directions = _over(self.case, mixing, self.ranks)
        kept, dropped = directions.retained(self.predictions), directions.discarded(self.predictions)
        half = 0.5 * directions.outputs
        shift = np.broadcast_to(kept.shift, (len(directions), len(mixing)))
        fixed = _before(shift, self.ranks) + _from(dropped.shift[:, 0], self.ranks)
        spreads = [name for name in SPREADS if name in self.free]
        if "floor" in spreads:
            scale, base = directions.seen(self.predictions)
            fixed = fixed + half * least_spreads(scale[:, 0], base[:, 0], self.ranks, self.predictions)
        unit = directions
        if "student_temperature" in spreads:
            unit = _over(self.case.replace(student_temperature=1.0), mixing, self.ranks)
        triangle = Triangle.of(directions, unit, spreads, self.predictions)
        values = [
            triangle.rows(some).least(self.ranks[some], half)[0] for some in _blocks(len(self.ranks), len(directions))
        ]
        return fixed + np.concatenate(values)


@dataclass(frozen=True, eq=False)
class LeastRisks:
    """The student's excess risk at every rank, at its best mixing and without spread (docs/theory.md §5.7).

    Attributes as for :class:`LeastDivergences`.
    """

    case: Design
    ranks: Ranks
    free: Sequence[str]

    def best(self) -> Array:
        """Return the least excess risk at every rank, (R,)."""
        mixing = self.best_mixing if "mixing" in self.free else np.array([self._cold.mixing])
        problem = self.case.problem
        values = []
        for some in _blocks(len(self.ranks), problem.n_features):
            here = mixing if len(mixing) == 1 else mixing[some]
            _, seen, unseen = _over(self._cold, here, self.ranks[some]).squared_errors()
            seen = np.broadcast_to(seen, (len(seen), len(here)))
            values.append(_before(seen, self.ranks[some]) + _from(unseen[:, 0], self.ranks[some]))
        unit, level = problem.label_noise**2 / problem.n_samples, float(problem.intercept * problem.outputs)
        return np.asarray(unit * (np.concatenate(values) + level))

    @cached_property
    def best_mixing(self) -> Array:
        """The best share of soft labels of every rank, (R,): the vertex of a parabola, 0 where it changes nothing.

        Where retained, p = b (1 − ξ m) with b the student's shrinkage and m = 1 − a, and the soft labels add spread in
        proportion to ξ².
        """
        d = _over(self._cold, np.zeros(1), self.ranks)
        signal, noise = safe_ratio(d.mean_power, d.s), safe_ratio(d.labels.noise_power, d.s)
        learned = d.s * d.student.gain
        share = learned * d.teacher.missed
        drawn = d.outputs * np.square(learned) * (d.s * d.sides.teacher_variance + d.temperature) / d.draws
        curvature = _before(np.square(share) * (signal + noise) + drawn, self.ranks)
        slope = _before(share * (learned * noise - d.student.missed * signal), self.ranks)
        return np.divide(slope, curvature, out=np.zeros_like(slope), where=curvature > 0.0)

    @cached_property
    def _cold(self) -> Design:
        return self.case.replace(**without_spread(self.case, self.free))


def _some(whole: LeastDivergences, some: npt.NDArray[np.intp]) -> LeastDivergences:
    return dataclasses.replace(whole, ranks=whole.ranks[some])


def _over(case: Design, mixing: Array, ranks: Ranks) -> Directions:
    """Return a design's directions in order, over a grid axis of mixings."""
    return directions_over(case, {"mixing": mixing}, ranks).part(case.ranking)


def _blocks(ranks: int, directions: int) -> Iterator[slice]:
    """Cut ranks into blocks whose triangles are small enough to be treated at a time."""
    size = max(1, EVALUATED // max(directions, 1))
    return (slice(start, start + size) for start in range(0, ranks, size))


def _before(values: Array, ranks: Ranks) -> Array:
    """Return the sum of the first so many values (d, 1 or R), (R,)."""
    sums = np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0)])
    return np.asarray(sums[ranks, 0] if values.shape[1] == 1 else sums[ranks, np.arange(len(ranks))])


def _from(values: Array, ranks: Ranks) -> Array:
    """Return the sum of all but the first so many values (d,), (R,)."""
    return np.concatenate([np.cumsum(values[::-1])[::-1], np.zeros(1)])[ranks]
