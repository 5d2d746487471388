"""The best design over some of its settings, with the reason why it is the best."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic

import numpy as np

from lingauss.errors import DomainError
from lingauss.ledgers.route import Ranks
from lingauss.model.bottleneck import Best
from lingauss.model.design import Design
from lingauss.model.ties import warn_of_ties
from lingauss.optimum.averaged import AveragedRisk
from lingauss.optimum.averaged_divergence import AveragedDivergence
from lingauss.optimum.dense import DenseDivergence, DenseRisk
from lingauss.optimum.every_rank import LeastDivergences, LeastRisks
from lingauss.optimum.objective import OBJECTIVES, SPREADS, Objective, pointwise
from lingauss.optimum.penalties import best_at_penalties
from lingauss.optimum.process import Process
from lingauss.optimum.question import checked_settings, falls_apart, ranks_of
from lingauss.optimum.result import Case, Certificate, Optimum
from lingauss.optimum.spectral import SpectralDivergence, SpectralRisk
from lingauss.optimum.unseen import UNSEEN_ROWS, best_unseen
from lingauss.sweep.pointwise import at_ranks
from lingauss.sweep.unseen import UnseenErrors
from lingauss.validation import Array, as_scalar, as_share

VANISHING = 1e-6  # mixing below which only its square times the temperature matters to float64


@dataclass(frozen=True, eq=False)
class _Candidate(Generic[Case]):
    """The best design of one rank."""

    case: Case
    value: float
    kkt_residual: float
    flat: tuple[str, ...]


def optimize(
    case: Case,
    *,
    over: Sequence[str],
    objective: str = "divergence",
    tolerance: float | str | None = None,
    rank_budget: int | None = None,
) -> Optimum[Case]:
    """Return the best design over some settings, with a certificate (docs/theory.md §5).

    In the eigenbasis, direction by direction; for any subspace, teacher and inputs from whole covariances.

    Parameters
    ----------
    over : sequence of str
        Among ``student_rank``, ``temperature``, ``student_temperature``, ``floor``, ``mixing``, and of ridge and
        other penalised learners ``student_penalty`` and ``teacher_penalty``, which are searched on a logarithmic
        grid and refined. A ``Best`` bottleneck chooses its directions anew; a ``Subspace`` keeps its first columns.
    objective : str
        ``divergence``, ``prediction_divergence``, ``excess_risk`` (of the student); ``process``, over rank and
        temperature; where labels were observed ``cross_validation``, the student's error on unseen rows.
    tolerance : float or str, optional
        Take the smallest rank whose value is within this fraction of the best, 0.05 or "5%", instead of the best
        rank; at the penalties that are best without it. From 1 on only as a percentage.
    rank_budget : int, optional
        Largest rank to consider.

    Raises
    ------
    UnknownNameError, EmptyDataError, MissingTruthError
    DomainError
        If an argument is outside its range; if the divergence is +inf whatever is chosen; if the student is given
        as its whole law; or, where costs do not fall apart into eigen-directions, for a ``Best`` bottleneck.
    IllConditionedError
        If a law outside the eigenbasis only looks singular in float64.
    """
    slack = None if tolerance is None else as_share(tolerance, "tolerance")
    return best_design(case, over, objective, slack, rank_budget)


def best_design(
    case: Case,
    over: Sequence[str],
    objective: str,
    tolerance: float | None = None,
    rank_budget: int | None = None,
) -> Optimum[Case]:
    """Return the best design, at a tolerance as a fraction; parameters as for :func:`optimize`."""
    free, penalties = checked_settings(case, over, objective)
    slack = None if tolerance is None else as_scalar(tolerance, "tolerance", minimum=0.0)
    ranks = ranks_of(case, free, rank_budget, tolerance)
    best: Callable[[Case, float | None], Optimum[Case]]
    if objective == UNSEEN_ROWS:
        best = functools.partial(best_unseen, free=free, ranks=ranks, errors=UnseenErrors(case.problem))
    else:
        best = functools.partial(_best, free=free, objective=objective, ranks=ranks, budget=rank_budget)
    optimum = best_at_penalties(case, penalties, best, slack) if penalties else best(case, slack)
    warn_of_ties(optimum.design, (optimum.design.rank,))
    return optimum


def _best(
    case: Case,
    slack: float | None,
    free: tuple[str, ...],
    objective: str,
    ranks: Sequence[int],
    budget: int | None,
) -> Optimum[Case]:
    """Return the best design at its penalties: of the smallest rank within a fraction of the best, if one is given."""
    values = _values(case, ranks, free, objective)
    number = int(np.argmin(values))
    if slack is not None:
        number = int(np.argmax(values <= values[number] * (1.0 + slack)))
    best = _best_of_rank(_at_rank(case, ranks[number]), free, objective)
    values[number] = best.value
    settings = {name: value for name in free if (value := _setting(best.case, name)) is not None}
    return Optimum(
        design=best.case,
        objective=objective,
        value=best.value,
        settings=settings,
        ranks=np.array(ranks),
        values=values,
        certificate=Certificate(
            best.kkt_residual,
            _claim(_objective(case, free, objective).claim, settings),
            _enumerated(free, ranks, slack, budget),
            _active(settings, ranks),
            best.flat,
        ),
        evaluate=functools.partial(pointwise, objective=objective),
        bottleneck=case.bottleneck,
    )


def _setting(case: Design, name: str) -> float | None:
    """Return a setting's value; None for the floor of a student that sees everything."""
    if name == "student_temperature":
        return float(case.student.temperature)  # type: ignore[union-attr]
    if name == "student_rank":
        return case.rank
    value = case.resolved_floor if name == "floor" else getattr(case, name)
    return None if value is None else float(value)


def _objective(case: Design, free: tuple[str, ...], objective: str) -> Objective:
    """Return what is minimised, by direction where everything happens in the eigenbasis of G, else dense."""
    predictions = objective == "prediction_divergence"
    if objective == "process":
        return Process(case, free)
    if case.averages_over_inputs and objective == "excess_risk":
        return AveragedRisk(case, free)
    if case.averages_over_inputs and objective == "divergence":
        return AveragedDivergence(case, free)
    if falls_apart(case, objective):
        return SpectralRisk(case, free) if objective == "excess_risk" else SpectralDivergence(case, free, predictions)
    return DenseRisk(case, free) if objective == "excess_risk" else DenseDivergence(case, free, predictions)


def _values(case: Design, ranks: Sequence[int], free: tuple[str, ...], objective: str) -> Array:
    """Return the best value at every rank, +inf where it is that whatever else is chosen.

    Raises
    ------
    DomainError
        If every rank is such.
    """
    together = _together(_at_rank(case, ranks[-1]), np.array(ranks), free, objective) if len(ranks) > 1 else None
    if together is not None and np.isfinite(together).any():
        return together
    values, refusals = np.full(len(ranks), math.inf), list[DomainError]()
    for number, rank in enumerate(ranks):
        try:
            values[number] = _best_of_rank(_at_rank(case, rank), free, objective).value
        except DomainError as error:
            refusals.append(error)
    if len(refusals) == len(ranks):
        raise refusals[0]
    return values


def _together(case: Design, ranks: Ranks, free: tuple[str, ...], objective: str) -> Array | None:
    """Return the best value at every rank where one computation gives them all, for a design of the largest."""
    if objective == "process":
        return Process(case, free).least(ranks)[0]
    others = [name for name in free if name != "student_rank"]
    if isinstance(case.bottleneck, Best) and (others or objective != "divergence"):
        return None  # which directions are kept is then another question at every rank
    if not others:
        return at_ranks(case, ranks, (OBJECTIVES[objective],))[OBJECTIVES[objective]]
    if case.averages_over_inputs or not falls_apart(case, objective):
        return None
    if objective == "excess_risk":
        return LeastRisks(case, ranks, free).best()
    if not np.all(case.directions.sides.teacher_variance > 0.0):
        return None
    return LeastDivergences(case, ranks, free, objective == "prediction_divergence").best()


def _at_rank(case: Case, rank: int) -> Case:
    return case.replace(student_rank=rank) if rank != case.rank else case


def _best_of_rank(case: Case, free: tuple[str, ...], objective: str) -> _Candidate[Case]:
    target = _objective(case, free, objective)
    mixing, flat = case.mixing, list[str]()
    if "mixing" in free and target.mixing_matters:
        mixing = target.best_mixing()
    elif "mixing" in free:
        mixing, flat = 0.0, ["mixing"]
    found = target.at(mixing)
    design = case.replace(mixing=mixing, **found.changes)
    return _Candidate(design, target.value(design, found), found.kkt_residual, (*flat, *found.flat))


def _claim(claim: str, settings: Mapping[str, float]) -> str:
    """Say of an optimum at a vanishing mixing and an endless temperature that no design attains it."""
    mixing, temperature = settings.get("mixing", 1.0), settings.get("temperature", 0.0)
    if not 0.0 < abs(mixing) < VANISHING or temperature == 0.0:
        return claim
    return (
        "not attained: the infimum is approached as the mixing tends to 0 while mixing² × temperature stays at "
        f"{mixing**2 * temperature:.4g}, so that soft labels are all noise, and the design is as close to it as "
        f"float64 tells; otherwise {claim}"
    )


def _enumerated(free: Sequence[str], ranks: Sequence[int], tolerance: float | None, budget: int | None) -> str:
    if "student_rank" not in free:
        return ""
    rule = "the best was taken" if tolerance is None else f"the smallest within {tolerance:.3g} of the best was taken"
    limit = "" if budget is None else ", the rank budget"
    return f"ranks {ranks[0]} to {ranks[-1]}{limit}; {rule}"


def _active(settings: dict[str, float], ranks: Sequence[int]) -> tuple[str, ...]:
    edges = [f"{name} = 0" for name in SPREADS if settings.get(name) == 0.0]
    rank = settings.get("student_rank")
    if rank is not None and rank in (ranks[0], ranks[-1]):
        edges.append(f"student_rank = {int(rank)}, the {'smallest' if rank == ranks[0] else 'largest'} candidate")
    return tuple(edges)
