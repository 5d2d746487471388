"""The array core of repeated distillation: sums over eigen-directions, round after round, for a block of a grid.

A round needs one logarithm per direction and grid point, that of its variance, whatever it is compared with: the
logarithm of a ratio is a difference of sums. Where that difference cancels, because two rounds nearly agree, costs are
computed direction by direction from excesses instead.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property

import numpy as np

from lingauss.algebra.factor import EPS
from lingauss.algebra.numerics import safe_ratio, spread_cost
from lingauss.model.chain import Chain
from lingauss.model.spectral import Directions
from lingauss.validation import Array, freeze

CELLS = tuple(f"{side}_{source}" for side in ("retained", "discarded") for source in ("mean", "noise", "spread"))
OWN, FIRST = "", "first_"  # against which law a ledger is kept: the round's own teacher, or the first one
ACCURACY = 1e-11  # of a ledger: what rounding of a spread may cost before it is computed direction by direction
TRUNCATION = 1e-13  # of a ledger: what terms of a series may be left out
LARGEST_LOG = 600.0  # of a product that is sure to be a normal float64
SMALL = 0.03  # |x| up to which x − log(1 + x) is a short polynomial


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


class _Pool:
    """Arrays that are used again and again, because fresh memory costs more than what is computed in it."""

    def __init__(self, shape: tuple[int, int]) -> None:
        self.shape = shape
        self._free: list[Array] = []

    def take(self) -> Array:
        return self._free.pop() if self._free else np.empty(self.shape)

    def give(self, *arrays: Array) -> None:
        self._free.extend(array for array in arrays if array.shape == self.shape)


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
        Coefficients (d, 2) and features (2, points) whose product the variances are, where they are one.
    rank : int
        From which direction on they are discarded, and their variance the floor.
    """

    gain: Array
    missed: Array
    learned: Array
    variance: Array
    parts: tuple[Array, Array] | None
    rank: int
    pool: _Pool
    _parts: dict[tuple[int, int], _Variances] = field(default_factory=dict)

    def part(self, start: int, stop: int) -> _Variances:
        """Return the variances of some directions, and what has been found out about them."""
        if (start, stop) not in self._parts:
            parts = None if self.parts is None else (self.parts[0][start:stop], self.parts[1])
            values = self.variance[start:stop]
            if parts is not None and start >= self.rank:  # the floor alone, the same at every point
                values, parts = parts[0][:, :1], None
            self._parts[start, stop] = _Variances(values, parts, self.pool)
        return self._parts[start, stop]

    def release(self) -> None:
        """Give the memory back: the law is not compared with any more."""
        self.pool.give(self.variance, *(part.borrowed for part in self._parts.values()))


class _Variances:
    """Variances of some directions, (some, points or 1), with what serves every comparison with them."""

    def __init__(self, values: Array, parts: tuple[Array, Array] | None, pool: _Pool) -> None:
        self.values = values
        self.parts = parts
        self.pool = pool
        self.smallest = float(values.min())
        self.borrowed = np.empty((0, 0))

    @cached_property
    def inverse(self) -> Array:
        if self.values.shape[1] < self.pool.shape[1]:
            return np.asarray(1.0 / self.values)
        self.borrowed = self.pool.take()
        return np.divide(1.0, self.values, out=self.borrowed[: len(self.values)])

    @cached_property
    def log_size(self) -> float:
        """Bound of a logarithm's size."""
        return max(abs(math.log(self.smallest)), abs(math.log(float(self.values.max()))))

    @cached_property
    def log_sum(self) -> Array:
        """Sum of the logarithms, as logarithms of products that stay in float64's range."""
        together = max(1, int(min(16.0, LARGEST_LOG / max(self.log_size, 1.0))))
        count, points = self.values.shape
        whole = count - count % together
        products = np.multiply.reduce(self.values[:whole].reshape(-1, together, points), axis=1)
        return _total(np.log(products)) + _total(np.log(self.values[whole:]))

    def ratios_to(self, base: _Variances) -> Array:
        """Return the sum of the ratios to other variances."""
        if self.parts is None:
            return _dot(base.inverse, self.values, self.pool)
        coefficients, features = self.parts
        return np.asarray(np.sum((coefficients.T @ base.inverse) * features, axis=0))


def rounds_of(chain: Chain, directions: Directions, cells: Sequence[str]) -> Iterator[RoundSums]:
    """Yield the sums of every round for a block of a grid, whose axes are run together.

    Parameters
    ----------
    chain : Chain
    directions : Directions
        Of round 1, in the order in which ranks keep them.
    cells : sequence of str
        Among :data:`OWN` and :data:`FIRST`: the ledgers that are wanted.
    """
    flat = _Flat.of(directions)
    first = own = flat.first
    for number, rank in enumerate(chain.ranks(), start=1):
        student = flat.taught(own, rank, chain.settings(number))
        yield RoundSums(
            {name: flat.cells(student, own if name == OWN else first, rank) for name in cells},
            _dot(flat.s, student.gain),
            flat.squared_error(student),
        )
        if own is not first:
            own.release()
        own = student


@dataclass(frozen=True, eq=False)
class _Flat:
    """Directions with the axes of their grid run together; arrays as in :class:`Directions`, (d or 1, points or 1).

    Where only the temperature τ differs between points, what is learned has a variance affine in it in every round: it
    is then carried as two coefficients per direction, (d, 2), of the ``features`` 1 and τ.

    Attributes
    ----------
    features : (2, points) or None
    pool : _Pool
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
    pool: _Pool

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

        variance, temperature = flat(d.teacher_variance), flat(d.temperature)
        fixed = {
            "s": flat(d.s),
            "gain": flat(d.student.gain),
            "own_variance": flat(d.own_variance),
            "mixing": flat(d.mixing),
            "draws": flat(d.draws),
        }
        affine = all(part.shape[1] == 1 for part in (variance, *fixed.values()))
        pool = _Pool((len(d), points))
        return cls(
            **fixed,
            pool=pool,
            mean_power=flat(d.mean_power),
            noise_power=flat(d.noise_power),
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
            floor=flat(d.floor_variance),
            temperature=temperature,
            outputs=d.outputs,
            features=np.concatenate([np.ones_like(temperature), temperature]) if affine else None,
        )

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
        error = _total(np.square(student.missed) * self.signal + np.square(self.s * student.gain) * self.label_noise)
        spread = _dot(self.s, student.learned)
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
                mean, noise = (_dot(cost, base.inverse) for cost in costs)
            else:
                mean, noise = (np.sum(safe_ratio(cost, base.values), axis=0) for cost in costs)
            if min(base.smallest, variance.smallest) > 0.0:
                spread = _spread(variance, base, (mean + noise) / self.outputs)
            else:
                spread = _singular_spread(variance.values, base.values)
            found |= {f"{side}_mean": mean, f"{side}_noise": noise, f"{side}_spread": 0.5 * self.outputs * spread}
        return found


def _spread(variance: _Variances, base: _Variances, beside: Array) -> Array:
    """Return Σ ρ − 1 − log ρ over directions, from Σ ρ and the sums of logarithms unless they cancel.

    Rounding is judged beside other costs of the same ledger, and never lets a cost become negative.
    """
    count = len(base.values)
    ratios = variance.ratios_to(base)
    total = ratios - count - (variance.log_sum - base.log_sum)
    rounding = EPS * (count * (1.0 + variance.log_size + base.log_size) + ratios)
    close = (rounding > ACCURACY * (total + beside)) | (4.0 * rounding > total)
    if not close.any():
        return np.asarray(total)
    if close.all():
        return _close_spread(variance.values, base.values, base.inverse, float(np.min(beside)), variance.pool)
    total, close = (np.array(part) for part in np.broadcast_arrays(total, close))
    parts = (variance.values, base.values, base.inverse)
    few = [part if part.shape[1] == 1 else part[:, close] for part in parts]
    pool = _Pool((count, max(part.shape[1] for part in few)))
    total[close] = _close_spread(few[0], few[1], few[2], float(np.min(beside)), pool)
    return np.asarray(total)


def _close_spread(variance: Array, base: Array, inverse: Array, beside: float, pool: _Pool) -> Array:
    """Return the same direction by direction, from differences of variances, beside other costs of the ledger."""
    scratch = pool.take(), pool.take()
    excess, tail = (part[: len(base), : max(variance.shape[1], base.shape[1])] for part in scratch)
    pool.give(*scratch)
    np.subtract(variance, base, out=excess)
    excess *= inverse
    # x² (1/2 − x/3 + x²/4 − …), as far as its terms can be seen beside the ledger.
    first_term = np.asarray(0.5 * np.einsum("ij,ij->j", excess, excess))
    bound = float(first_term.max())
    if bound == 0.0 or math.sqrt(2.0 * bound) * bound <= TRUNCATION * (beside + bound):
        return first_term
    largest = max(float(excess.max()), -float(excess.min()))
    if largest > SMALL:
        return _total(spread_cost(excess, variance * inverse))
    seen = TRUNCATION * (1.0 + beside / bound)
    terms = max(1, math.ceil(math.log(seen) / math.log(largest)) - 1)
    np.multiply(excess, (-1.0) ** terms / (terms + 2.0), out=tail)
    for power in range(terms + 1, 2, -1):
        tail += (-1.0) ** power / power
        tail *= excess
    tail += 0.5
    tail *= excess
    tail *= excess
    return _total(tail)


def _singular_spread(variance: Array, base: Array) -> Array:
    """Return the same where a law is deterministic in some direction: 0 if both are, else +inf."""
    ratio = np.where((variance == 0.0) & (base == 0.0), 1.0, safe_ratio(variance, base))
    return np.asarray(np.sum(spread_cost(safe_ratio(variance - base, base), ratio), axis=0))


def _extended(head: Array, count: int, value: Array) -> Array:
    """Put ``count`` more directions of one value, (1, points or 1), behind others."""
    if not count:
        return head
    points = max(head.shape[1], value.shape[1])
    return np.concatenate([np.broadcast_to(head, (len(head), points)), np.broadcast_to(value, (count, points))])


def _dot(a: Array, b: Array, pool: _Pool | None = None) -> Array:
    """Return Σ a · b over directions, as a product of matrices where one of them is one column."""
    if a.shape[1] == 1 or b.shape[1] == 1:
        return np.asarray((a.T @ b).reshape(-1))
    if pool is None:
        return _total(a * b)
    scratch = pool.take()
    total = _total(np.multiply(a, b, out=scratch[: len(a)]))
    pool.give(scratch)
    return total


def _total(values: Array) -> Array:
    """Return the sum over directions; a product with ones is faster than a reduction along the first axis."""
    return np.asarray(_ones(len(values)) @ values)


@cache
def _ones(count: int) -> Array:
    return freeze(np.ones(count))
