"""The array core of repeated distillation: laws and their costs, round after round, for a block of a grid."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from lingauss.algebra.numerics import safe_ratio
from lingauss.ledgers.least_spread import least_spreads
from lingauss.model.directions import Directions
from lingauss.rounds.record import Rounds
from lingauss.sums.pooled import Pool, Variances, dot, spread_sum, summed
from lingauss.sweep.quantities import CELLS
from lingauss.validation import Array

OWN, FIRST = "", "first_"  # against which law a ledger is kept: the round's own teacher, or the first one


@dataclass(frozen=True)
class RoundSums:
    """What a round adds up to at every grid point, each (points,) or (1,).

    Attributes
    ----------
    cells : mapping
        For each law the round is compared with, its six cells in nats.
    recovered : ndarray
        Σ s · gain, the degrees of freedom per output.
    squared_error : ndarray
        n/ν² times the excess risk.
    """

    cells: Mapping[str, Mapping[str, Array]]
    recovered: Array
    squared_error: Array


@dataclass(frozen=True, eq=False)
class _Law:
    """A law of weights in every direction, in units of ν; each array (d, points), or (d, 1) where points are alike.

    Attributes
    ----------
    gain, missed
        From t to W, and 1 − s · gain.
    learned
        Variance of what the predictor learned, 0 where discarded; or its coefficients, see :class:`_Flat`.
    variance
        Of the weights, with the unlearned spread where discarded.
    parts : pair of arrays or None
        As in :class:`~lingauss.sums.pooled.Variances`, for all directions.
    rank : int
        From which direction on they are discarded, and their variance the floor.
    """

    gain: Array
    missed: Array
    learned: Array
    variance: Array
    parts: tuple[Array, Array] | None
    rank: int
    pool: Pool
    _parts: dict[tuple[int, int], Variances] = field(default_factory=dict)

    def part(self, start: int, stop: int) -> Variances:
        """Return the variances of some directions, and what has been found out about them."""
        if (start, stop) not in self._parts:
            parts = None if self.parts is None else (self.parts[0][start:stop], self.parts[1])
            values = self.variance[start:stop]
            if parts is not None and start >= self.rank:  # the floor alone, the same at every point
                values, parts = parts[0][:, :1], None
            self._parts[start, stop] = Variances(values, parts, self.pool)
        return self._parts[start, stop]

    def release(self) -> None:
        """Give the memory back: the law is not compared with any more."""
        self.pool.give(self.variance, *(part.borrowed for part in self._parts.values()))


def rounds_of(chain: Rounds[Any], directions: Directions, cells: Sequence[str]) -> Iterator[RoundSums]:
    """Yield the sums of every round for a block of a grid, whose axes are run together.

    Parameters
    ----------
    chain : Rounds
    directions : Directions
        Of round 1, in the order in which ranks keep them.
    cells : sequence of str
        Among :data:`OWN` and :data:`FIRST`: the ledgers that are wanted.
    """
    flat = _Flat.of(directions)
    for student, own, rank in flat.rounds(chain):
        yield RoundSums(
            {name: flat.cells(student, own if name == OWN else flat.first, rank) for name in cells},
            dot(flat.s, student.gain),
            flat.squared_error(student),
        )


def cells_of_round(chain: Rounds[Any], directions: Directions, number: int, from_first: bool) -> tuple[Array, float]:
    """Return the six cells (2, 3) of one round of one design, and the rank cost at its best floor; nats.

    Parameters
    ----------
    chain : Rounds
    directions : Directions
        Of round 1, over no grid axes, in the order in which ranks keep them.
    number : int
        The round, from 1.
    from_first : bool
        Whether the first teacher takes the place of the round's own.
    """
    flat = _Flat.of(directions)
    student, own, rank = next(itertools.islice(flat.rounds(chain), number - 1, None))
    reference = flat.first if from_first else own
    cells = np.array([float(cost[0]) for cost in flat.cells(student, reference, rank).values()]).reshape(2, 3)
    base = np.broadcast_to(reference.variance[:, 0], len(directions))
    spread = least_spreads(np.ones_like(base), base, np.array([rank]), predictions=False)[0]
    return cells, float(cells[1, 0] + cells[1, 1] + 0.5 * flat.outputs * spread)


@dataclass(frozen=True, eq=False)
class _Flat:
    """Directions with the axes of their grid run together; arrays as in :class:`Directions`, (d or 1, points or 1).

    Where only the temperature τ differs between points, what is learned has a variance affine in it in every round: it
    is then carried as two coefficients per direction, (d, 2), of the ``features`` 1 and τ.

    Attributes
    ----------
    features : (2, points) or None
    pool : Pool
        Of arrays (d, points).
    """

    s: Array
    mean_power: Array
    noise_power: Array
    first: _Law
    gain: Array
    missed: Array
    own_variance: Array
    floor: Array
    temperature: Array
    mixing: Array
    draws: Array
    outputs: int
    features: Array | None
    pool: Pool

    @cached_property
    def signal(self) -> Array:
        """Squared norm of the true weights, |w|²/ν²."""
        return safe_ratio(self.mean_power, self.s)

    @cached_property
    def label_noise(self) -> Array:
        """Variance of t over s, summed over outputs: k, or 0 for observed labels."""
        return safe_ratio(self.noise_power, self.s)

    @classmethod
    def of(cls, d: Directions) -> _Flat:
        """Run the axes of the grid together, but for what does not depend on them."""
        points = math.prod(d.grid)

        def flat(values: Array) -> Array:
            if values.size == len(values):
                return values.reshape(-1, 1)
            return np.broadcast_to(values, (len(values), *d.grid)).reshape(len(values), points)

        variance, temperature = flat(d.sides.teacher_variance), flat(d.temperature)
        fixed = {
            "s": flat(d.s),
            "gain": flat(d.student.gain),
            "own_variance": flat(d.sides.own_variance),
            "mixing": flat(d.mixing),
            "draws": flat(d.draws),
        }
        affine = all(part.shape[1] == 1 for part in (variance, *fixed.values()))
        pool = Pool((len(d), points))
        return cls(
            **fixed,
            pool=pool,
            mean_power=flat(d.mean_power),
            noise_power=flat(d.labels.noise_power),
            first=_Law(
                flat(d.teacher.gain),
                flat(d.teacher.missed),
                np.concatenate([variance, np.zeros_like(variance)], axis=1) if affine else variance,
                variance,
                None,
                len(d),
                pool,
            ),
            missed=flat(d.student.missed),
            floor=flat(d.sides.floor_variance),
            temperature=temperature,
            outputs=d.outputs,
            features=np.concatenate([np.ones_like(temperature), temperature]) if affine else None,
        )

    def rounds(self, chain: Rounds[Any]) -> Iterator[tuple[_Law, _Law, int]]:
        """Yield the student's law of every round, its teacher's, and its rank."""
        own = self.first
        for number, rank in enumerate(chain.ranks(), start=1):
            student = self.taught(own, rank, chain.settings(number))
            yield student, own, rank
            if own is not self.first:
                own.release()
            own = student

    def taught(self, teacher: _Law, rank: int, settings: Mapping[str, float]) -> _Law:
        """Return the law of the student that a law teaches, in a round with settings of its own."""
        s, gain, unseen = self.s[:rank], self.gain[:rank], len(self.s) - rank
        mixing = np.full((1, 1), float(settings["mixing"])) if "mixing" in settings else self.mixing
        not_taught = teacher.missed[:rank]
        share = np.square(mixing) / self.draws * s * np.square(gain)
        learned = share * s * teacher.learned[:rank]
        if "temperature" in settings:
            own = share * float(settings["temperature"]) + self.own_variance[:rank]
            learned = learned + (own if self.features is None else np.concatenate([own, np.zeros_like(own)], axis=1))
        elif self.features is None:
            learned = learned + (share * self.temperature + self.own_variance[:rank])
        else:
            learned = learned + np.concatenate([self.own_variance[:rank], share], axis=1)
        return _Law(
            _extended(gain * (1.0 - mixing * not_taught), unseen, np.zeros((1, 1))),
            _extended(self.missed[:rank] + mixing * (s * gain) * not_taught, unseen, np.ones((1, 1))),
            _extended(learned, unseen, np.zeros((1, 1))),
            *self._with_floor(learned),
            rank,
            self.pool,
        )

    def _with_floor(self, learned: Array) -> tuple[Array, tuple[Array, Array] | None]:
        """Return the weights' variances, (d, points or 1), and what they are a product of."""
        unseen = len(self.s) - len(learned)
        if self.features is None:
            return _extended(learned, unseen, self.floor), None
        if self.floor.shape[1] > 1:
            return _extended(learned @ self.features, unseen, self.floor), None
        coefficients = _extended(learned, unseen, np.concatenate([self.floor, np.zeros_like(self.floor)], axis=1))
        variance = np.matmul(coefficients, self.features, out=self.pool.take()[:, : self.features.shape[1]])
        return variance, (coefficients, self.features)

    def squared_error(self, student: _Law) -> Array:
        """Return n/ν² times the excess risk: s [(1 − p)² |w|²/ν² + k p²/s + k · variance] over directions."""
        error = summed(np.square(student.missed) * self.signal + np.square(self.s * student.gain) * self.label_noise)
        spread = dot(self.s, student.learned)
        return np.asarray(error + self.outputs * (spread if self.features is None else spread @ self.features))

    def cells(self, student: _Law, reference: _Law, rank: int) -> dict[str, Array]:
        """Return the six cells of a student against a reference law."""
        found = dict.fromkeys(CELLS, np.zeros(1))
        for side, (start, stop) in {"retained": (0, rank), "discarded": (rank, len(self.s))}.items():
            if start == stop or start >= max(student.rank, reference.rank):
                continue  # no direction, or only such as both discard, where both laws are the floor
            leverage = 0.5 * np.square(student.gain[start:stop] - reference.gain[start:stop])
            variance, base = student.part(start, stop), reference.part(start, stop)
            costs = leverage * self.mean_power[start:stop], leverage * self.noise_power[start:stop]
            if base.smallest > 0.0:
                mean, noise = (dot(cost, base.inverse) for cost in costs)
            else:
                mean, noise = (np.sum(safe_ratio(cost, base.values), axis=0) for cost in costs)
            spread = spread_sum(variance, base, (mean + noise) / self.outputs)
            found |= {f"{side}_mean": mean, f"{side}_noise": noise, f"{side}_spread": 0.5 * self.outputs * spread}
        return found


def _extended(head: Array, count: int, value: Array) -> Array:
    """Put ``count`` more directions of one value, (1, points or 1), behind others."""
    if not count:
        return head
    points = max(head.shape[1], value.shape[1])
    return np.concatenate([np.broadcast_to(head, (len(head), points)), np.broadcast_to(value, (count, points))])
