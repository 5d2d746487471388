"""The best mixing of every round of repeated distillation, exactly (docs/theory.md §5.10).

The last student's gain is affine, and its spread a weighted sum of squares, in P_j = ξ_r ξ_{r−1} … ξ_{r−j+1}, the share
of what it knows that went through j rounds of soft labels. Its excess risk is therefore a least-squares problem in
P_1 … P_r, from whose solution the mixings follow as quotients.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from lingauss.algebra.factor import EPS, rounding
from lingauss.algebra.numerics import safe_ratio
from lingauss.errors import DomainError
from lingauss.html_table import html_settings, text_settings
from lingauss.model.bottleneck import Selected
from lingauss.model.labels import noise_rows
from lingauss.model.truth import need_truth
from lingauss.optimum.penalties import PENALTIES, search_penalties
from lingauss.rounds.drawn_mixing import best_products
from lingauss.rounds.powers import VANISHING, Powers, determined, least, triangle
from lingauss.rounds.record import Rounds
from lingauss.validation import Array
from lingauss.vocabulary import as_names

ROUNDED = 4 * EPS  # what float64 leaves of a running product of mixings is known to, relative to it
AS_GOOD = 1e-8  # relative excess over the infimum at which it counts as reached


@dataclass(frozen=True, eq=False)
class BestMixing:
    """The mixings that minimise the excess risk of a chain's last student.

    Attributes
    ----------
    chain : Rounds
        With these mixings.
    mixing : tuple of float
        ξ of every round, first to last.
    value : float
        Excess risk of the last student, in squared labels.
    infimum : float
        The least risk that any mixings come close to, however extreme.
    attained : bool
        Whether these mixings reach it. If not, some round would have to ignore its teacher's labels and pass them on at
        once, or the rounds are so alike that mixings which tell them apart magnify the rounding of float64: ``mixing``
        is then what comes closest with that rounding counted.
    unique : bool
        Whether no other composed coefficients are as good; otherwise those of least norm were taken. With deterministic
        learners that is so once there are more rounds than different shrinkage factors.
    amplification : float
        How extreme the mixings are: the largest running product of them, last round first, by which an error in some
        round's labels is magnified. About 16 − log₁₀ of it decimal digits of ``value`` are good.
    """

    chain: Rounds[Any]
    mixing: tuple[float, ...]
    value: float
    infimum: float
    attained: bool
    unique: bool
    amplification: float

    def _told(self) -> list[tuple[str, str]]:
        reached = "attained" if self.attained else f"not attained, infimum {self.infimum:.6g}"
        return [
            ("mixing, first round to last", ", ".join(f"{mixing:.4g}" for mixing in self.mixing)),
            ("excess risk (labels²)", f"{self.value:.6g}, {reached}"),
            ("unique", "yes" if self.unique else "no: those of least norm"),
            ("amplification", f"{self.amplification:.3g}"),
        ]

    def __repr__(self) -> str:
        return text_settings("Mixings of least excess risk", self._told())

    def _repr_html_(self) -> str:
        return html_settings("Mixings of least excess risk", self._told())


class _Squares(NamedTuple):
    """An excess risk ‖effects · P − target‖² + Σ spread_j P_j² + rest, in squared labels."""

    effects: Powers
    target: Array
    spread: Array
    rest: float


class _Products(NamedTuple):
    """The running products P_1 … P_r of best mixings, last round first."""

    values: Array
    infimum: float
    attained: bool
    unique: bool


def best_mixing(chain: Rounds[Any], over: Sequence[str] = ()) -> BestMixing:
    """Return the mixings of least risk; see :meth:`lingauss.Chain.best_mixing`."""
    names = as_names(over, "a penalty to optimise", PENALTIES)
    if names and chain.penalty is not None and "student_penalty" in names:
        raise DomainError("a student penalty that is free", "one set per round", "Leave penalty of the chain at None.")
    if names:
        penalties, _ = search_penalties(chain.case, names, lambda case: best_mixing(replace(chain, case=case)).value)
        return best_mixing(replace(chain, case=chain.case.replace(**penalties)))
    case = chain.case
    if chain.is_chain_of_channels and case.transfer is not None:
        raise DomainError("students on the training inputs", "transfer inputs", "They have no true labels to mix in.")
    if chain.is_chain_of_channels:
        by_direction = case.is_spectral_at_fixed_design and chain.penalty is None
        squares = (_by_direction if by_direction else _by_matrices)(chain)
        products = _best_products(squares, rounding(case.problem.n_features))
    else:
        values, infimum, unique = best_products(chain)
        products = _Products(values, infimum, True, unique)
    mixing, passed_on = _mixings(products.values)
    best = replace(chain, mixing=mixing)
    return BestMixing(
        best,
        mixing,
        _last_risk(best),
        products.infimum,
        products.attained and not passed_on,
        products.unique,
        float(np.max(np.abs(np.cumprod(mixing[::-1])), initial=1.0)),
    )


def _last_risk(chain: Rounds[Any]) -> float:
    from lingauss.rounds.sweep import chain_arrays

    return float(chain_arrays(chain, {}, ("excess_risk",))["excess_risk"][-1])


def _best_products(squares: _Squares, negligible: float) -> _Products:
    """Return the best running products that float64 can hold, and what is best without its rounding."""
    basis, coefficients = triangle(squares.effects, negligible)
    wanted = basis.T @ squares.target
    rest = float(np.sum(np.square(squares.target - basis @ wanted))) + squares.rest
    ideal = least(coefficients, wanted, squares.spread, VANISHING)
    within = least(coefficients, wanted, squares.spread, ROUNDED)
    infimum = ideal.minimum + rest
    attained = within.minimum + rest <= infimum * (1.0 + AS_GOOD)
    return _Products(within.minimiser, infimum, attained, determined(coefficients, squares.spread))


def _mixings(products: Array) -> tuple[tuple[float, ...], bool]:
    """Return the mixings, first round first, whose running products from the last round on are these.

    A product within the rounding of the next is raised to it: its round passes labels on that it ignores. The second
    result says whether there is one.
    """
    running = np.concatenate([[1.0], products])
    passed_on = False
    for j in range(len(products) - 1, 0, -1):
        if abs(running[j]) < EPS * abs(running[j + 1]):
            running[j] = math.copysign(EPS * abs(running[j + 1]), running[j] or 1.0)
            passed_on = True
    quotients = np.divide(running[1:], running[:-1], out=np.zeros(len(products)), where=running[:-1] != 0.0)
    return tuple(quotients[::-1].tolist()), passed_on


def _per_round(chain: Rounds[Any], name: str, default: float) -> Sequence[float]:
    """Return a setting of the last, the last but one, … first round."""
    return [float(chain.settings(number).get(name, default)) for number in range(chain.rounds, 0, -1)]


def _by_direction(chain: Rounds[Any]) -> _Squares:
    """Return the risk per eigen-direction; rounds count backwards from the last."""
    case, rounds = chain.case, chain.rounds
    problem, d = case.problem, case.replace(rank=max(chain.ranks()), floor=0.0 if case.floor is None else case.floor)
    need_truth(problem, "excess risks")
    directions = d.directions
    if isinstance(case.bottleneck, Selected):
        directions = directions.part(case.bottleneck.ranking(np.empty(len(directions))))
    size = len(directions)
    s, k = directions.s, directions.outputs
    gain, own = (np.broadcast_to(part, s.shape) for part in (directions.student.gain, directions.sides.own_variance))
    ranks = np.array(chain.ranks()[::-1])
    seen = np.arange(size)[:, None] < ranks
    through = np.cumprod(np.concatenate([np.ones((size, 1)), seen * (s * gain)[:, None]], axis=1), axis=1)  # b^j, or 0
    forgotten = np.where(seen, directions.student.missed[:, None], 1.0)
    untaught = np.concatenate([forgotten[:, 1:], directions.teacher.missed[:, None]], axis=1)
    effects = through[:, 1:] * untaught
    learned = through[:, 1]
    signal, noise = (safe_ratio(power, s) for power in (directions.mean_power, directions.labels.noise_power))
    # Spread of round r − j, and of the soft labels it was shown, after j more rounds.
    label = np.square(gain)[:, None] * s[:, None] * np.array(_per_round(chain, "temperature", case.temperature))
    spread = np.square(through[:, :-1]) * seen * label
    spread[:, :-1] += np.square(through[:, 1:-1]) * seen[:, 1:] * own[:, None]
    spread[:, -1] += np.square(through[:, -1]) * directions.sides.teacher_variance
    penalties = k * (s @ spread) / float(directions.draws) ** np.arange(1, rounds + 1)
    unit = problem.label_noise**2 / problem.n_samples
    # Signal and noise in one row, of which the share p is best at ``ideal``: what no share avoids is a cost apart.
    both = signal + noise
    ideal = safe_ratio(signal, both)
    rest = float(np.sum(noise * ideal)) + k * float(np.sum(s * seen[:, 0] * own)) + k * problem.intercept
    weights = np.sqrt(unit * both)
    kept, lost = s * gain, np.broadcast_to(directions.student.missed, s.shape)
    shift, turn = (0.0, kept) if np.max(kept) < np.max(lost) else (1.0, -lost)
    return _Squares(
        Powers(
            list(-(weights[:, None] * effects).T),
            _alike(np.minimum.accumulate(seen, axis=1) * untaught),
            shift,
            lambda row: turn * row,
            lambda row: row,
        ),
        weights * (ideal - learned),
        unit * penalties,
        unit * rest,
    )


def _alike(columns: Array) -> int:
    """Return how many columns, from the first, are equal."""
    same = np.all(columns == columns[:, :1], axis=0)
    return int(np.argmin(np.append(same, False)))


def _by_matrices(chain: Rounds[Any]) -> _Squares:
    """Return the risk of any bottleneck, test covariance and first teacher."""
    chain = chain.framed
    case, problem, rounds = chain.case, chain.case.problem, chain.rounds
    truth, k, d = need_truth(problem, "excess risks"), problem.outputs, problem.n_features
    G = problem.gram
    test = (
        problem.gramian.scaled(1.0 / problem.n_samples) if problem.test_covariance is None else problem.test_covariance
    )
    learners = [
        case.replace(**chain.settings(number) | {"mixing": 0.0}).student_predictor for number in range(rounds, 0, -1)
    ]
    first = case.replace(**chain.settings(1) | {"mixing": 1.0}).mixed_statistic
    noises = np.array(_per_round(chain, "temperature", case.temperature)) * problem.label_noise**2
    through = np.eye(d)
    maps, spreads, offsets = [learners[0].A], [], [np.zeros(d)]
    for j in range(1, rounds + 1):
        taught = through @ learners[j - 1].A
        own_labels = noises[j - 1] * G if j < rounds else first.cov * case.draws
        cov = taught @ own_labels @ taught.T
        through = taught @ G
        if j < rounds:
            cov = cov + through @ learners[j].cov @ through.T
            maps.append(through @ learners[j].A)
        else:
            maps.append(taught @ first.A)
        offsets.append(taught @ first.b if j == rounds else np.zeros(d))
        spreads.append(float(np.sum(cov * test.matrix)) / float(case.draws) ** j)
    view = test.root

    def rows(A: Array, offset: Array, less: Array) -> Array:
        mean = truth.shifted(truth.rows @ (G @ A.T) - less, offset)
        return np.concatenate([mean, noise_rows(problem, A)])

    def seen(rows: Array) -> Array:
        return np.asarray((rows @ view).reshape(-1))

    nothing = np.zeros_like(truth.rows)
    start = rows(maps[0], offsets[0], truth.rows)
    # Every column is a combination of these: rotated to them, no rounding between rows passes for a new direction.
    sources = [np.concatenate([truth.rows @ G, noise_rows(problem, np.eye(d))])]
    if np.any(offsets[-1]):
        sources.append(np.eye(len(start), k))
    turned = np.linalg.qr(np.column_stack(sources))[0]
    target = turned.T @ start
    columns = [
        turned.T @ rows(maps[j] - maps[j - 1], offsets[j] - offsets[j - 1], nothing) for j in range(1, rounds + 1)
    ]
    once = learners[0].A @ G
    unavoidable = float(np.sum(np.square(seen(start - turned @ target))))
    level = problem.intercept * k * problem.label_noise**2 / problem.n_samples
    alike = _alike(np.array([chain.ranks()[::-1], _per_round(chain, "student_penalty", 0.0)]))
    as_students = np.allclose(first.A, G @ learners[0].A, rtol=0.0, atol=rounding(d) * float(np.max(np.abs(first.A))))
    regular = rounds if alike == rounds and as_students and not np.any(first.b) else max(alike - 1, 1)
    return _Squares(
        Powers(columns, regular, 0.0, lambda rows: rows @ once.T, seen),
        -seen(target),
        k * np.array(spreads),
        unavoidable + k * float(np.sum(learners[0].cov * test.matrix)) + level,
    )
