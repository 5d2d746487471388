"""The best mixing of every round of repeated distillation, exactly (docs/theory.md §5.10).

The last student's gain is affine, and its spread a weighted sum of squares, in P_j = ξ_r ξ_{r−1} … ξ_{r−j+1}, the share
of what it knows that went through j rounds of soft labels. Its excess risk is therefore a least-squares problem in
P_1 … P_r, from whose solution the mixings follow as quotients.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from lingauss.algebra.factor import EPS
from lingauss.algebra.numerics import safe_ratio
from lingauss.design.penalties import PENALTIES, search_penalties
from lingauss.errors import DomainError
from lingauss.model.bottleneck import Selected
from lingauss.model.chain import Chain
from lingauss.model.distillation import Distillation
from lingauss.model.labels import noise_rows
from lingauss.validation import Array
from lingauss.vocabulary import as_names

DEPENDENT = 1e-9  # relative singular value below which effects of coefficients count as dependent
LARGEST_MIXING = 1e6  # beyond which a round's soft labels would lose the digits that matter


@dataclass(frozen=True, eq=False)
class BestMixing:
    """The mixings that minimise the excess risk of a chain's last student.

    Attributes
    ----------
    chain : Chain
        With these mixings.
    mixing : tuple of float
        ξ of every round, first to last.
    value : float
        Excess risk of the last student, in squared labels.
    infimum : float
        The least risk any mixings come close to.
    attained : bool
        Whether ``value`` is that infimum. If not, some round would have to ignore its teacher's labels and pass them on
        at once: the infimum is approached as its mixing grows, here as far as 10⁶.
    unique : bool
        Whether no other composed coefficients are as good; otherwise those of least norm were taken. With deterministic
        learners that is so once there are more rounds than different shrinkage factors.
    """

    chain: Chain
    mixing: tuple[float, ...]
    value: float
    infimum: float
    attained: bool
    unique: bool


class _Squares(NamedTuple):
    """An excess risk ‖effects · P − target‖² + rest, in squared labels."""

    effects: Array
    target: Array
    rest: float


def best_mixing(chain: Chain, over: Sequence[str] = ()) -> BestMixing:
    """Return the mixings of least risk; see :meth:`lingauss.Chain.best_mixing`."""
    names = as_names(over, "a penalty to optimise", PENALTIES)
    if names:
        penalties, _ = search_penalties(chain.case, names, lambda case: best_mixing(_repeated(chain, case)).value)
        return best_mixing(_repeated(chain, chain.case.replace(**penalties)))
    case = chain.case
    if case.transfer is not None:
        raise DomainError("students on the training inputs", "transfer inputs", "They have no true labels to mix in.")
    squares = (_by_direction if case.is_spectral_at_fixed_design else _by_matrices)(chain)
    products, unique = _least_squares(squares.effects, squares.target)
    mixing, attained = _mixings(products)
    best = Chain(case, chain.rounds, mixing, chain.rank, chain.temperature)
    return BestMixing(
        best,
        mixing,
        _last_risk(best),
        float(np.sum(np.square(squares.effects @ products - squares.target))) + squares.rest,
        attained,
        unique,
    )


def _repeated(chain: Chain, case: Distillation) -> Chain:
    return Chain(case, chain.rounds, chain.mixing, chain.rank, chain.temperature)


def _last_risk(chain: Chain) -> float:
    from lingauss.design.chain_sweep import chain_arrays

    return float(chain_arrays(chain, {}, ("excess_risk",))["excess_risk"][-1])


def _least_squares(effects: Array, target: Array) -> tuple[Array, bool]:
    """Return the minimiser of ‖effects · P − target‖, and whether it is the only one; if not, that of least norm.

    Norms are in units of each coefficient's effect. The first q coefficients are tried alone for every q: where effects
    are almost dependent float64 would else fit more rounds worse than fewer.
    """
    sizes = np.linalg.norm(effects, axis=0)
    sizes = np.where(sizes > 0.0, sizes, 1.0)
    frame, within = np.linalg.qr(effects / sizes)
    wanted = frame.T @ target
    best, least, rank = np.zeros(len(sizes)), float(np.linalg.norm(wanted)), 0
    for q in range(1, len(sizes) + 1):
        found, _, rank, _ = np.linalg.lstsq(within[:, :q], wanted, rcond=DEPENDENT)
        left = float(np.linalg.norm(within[:, :q] @ found - wanted))
        if left <= least + EPS * float(np.linalg.norm(wanted)):
            best = np.concatenate([found, np.zeros(len(sizes) - q)])
            least = min(left, least)
    return best / sizes, int(rank) == len(sizes)


def _mixings(products: Array) -> tuple[tuple[float, ...], bool]:
    """Return the mixings, first round first, whose running products from the last round on are these."""
    running = np.concatenate([[1.0], products])
    attained = True
    for j in range(len(products) - 1, 0, -1):
        if abs(running[j + 1]) > LARGEST_MIXING * abs(running[j]):
            running[j] = math.copysign(abs(running[j + 1]) / LARGEST_MIXING, running[j] or 1.0)
            attained = False
    quotients = np.divide(running[1:], running[:-1], out=np.zeros(len(products)), where=running[:-1] != 0.0)
    return tuple(quotients[::-1].tolist()), attained


def _per_round(chain: Chain, name: str, default: float) -> Sequence[float]:
    """Return a setting of the last, the last but one, … first round."""
    return [float(chain.settings(number).get(name, default)) for number in range(chain.rounds, 0, -1)]


def _by_direction(chain: Chain) -> _Squares:
    """Return the risk per eigen-direction; rounds count backwards from the last."""
    case, rounds = chain.case, chain.rounds
    problem, d = case.problem, case.replace(rank=max(chain.ranks()), floor=0.0 if case.floor is None else case.floor)
    problem.need_truth("excess risks")
    directions = d.directions
    if isinstance(case.bottleneck, Selected):
        directions = directions.part(case.bottleneck.ranking(np.empty(len(directions))))
    size = len(directions)
    s, k = directions.s, directions.outputs
    gain, own = (np.broadcast_to(part, s.shape) for part in (directions.student.gain, directions.own_variance))
    ranks = np.array(chain.ranks()[::-1])
    seen = np.arange(size)[:, None] < ranks
    through = np.cumprod(np.concatenate([np.ones((size, 1)), seen * (s * gain)[:, None]], axis=1), axis=1)  # b^j, or 0
    forgotten = np.where(seen, directions.student.missed[:, None], 1.0)
    effects = through[:, 1:] * np.concatenate([forgotten[:, 1:], directions.teacher.missed[:, None]], axis=1)
    learned = through[:, 1]
    missed = forgotten[:, 0]
    signal, noise = (safe_ratio(power, s) for power in (directions.mean_power, directions.noise_power))
    # Spread of round r − j, and of the soft labels it was shown, after j more rounds.
    label = np.square(gain)[:, None] * s[:, None] * np.array(_per_round(chain, "temperature", case.temperature))
    spread = np.square(through[:, :-1]) * seen * label
    spread[:, :-1] += np.square(through[:, 1:-1]) * seen[:, 1:] * own[:, None]
    spread[:, -1] += np.square(through[:, -1]) * directions.teacher_variance
    penalties = k * (s @ spread) / float(directions.draws) ** np.arange(1, rounds + 1)
    unit = problem.label_noise**2 / problem.n_samples
    rows = [np.sqrt(signal)[:, None] * effects, -np.sqrt(noise)[:, None] * effects, np.diag(np.sqrt(penalties))]
    wanted = [-np.sqrt(signal) * missed, -np.sqrt(noise) * learned, np.zeros(rounds)]
    rest = k * float(np.sum(s * seen[:, 0] * own)) + k * problem.intercept
    return _Squares(math.sqrt(unit) * np.concatenate(rows), math.sqrt(unit) * np.concatenate(wanted), unit * rest)


def _by_matrices(chain: Chain) -> _Squares:
    """Return the risk of any bottleneck, test covariance and first teacher."""
    case, problem, rounds = chain.case, chain.case.problem, chain.rounds
    truth, k, d = problem.need_truth("excess risks"), problem.outputs, problem.n_features
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
        return np.concatenate([mean @ view, noise_rows(problem, A) @ view]).reshape(-1)

    nothing = np.zeros_like(truth.rows)
    start = rows(maps[0], offsets[0], truth.rows)
    columns = [rows(maps[j] - maps[j - 1], offsets[j] - offsets[j - 1], nothing) for j in range(1, rounds + 1)]
    effects = np.concatenate([np.array(columns).T, np.diag(np.sqrt(k * np.array(spreads)))])
    level = problem.intercept * k * problem.label_noise**2 / problem.n_samples
    return _Squares(
        effects,
        -np.concatenate([start, np.zeros(rounds)]),
        k * float(np.sum(learners[0].cov * test.matrix)) + level,
    )
