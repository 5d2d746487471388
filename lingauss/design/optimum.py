"""The best design over some of its settings, with the reason why it is the best."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lingauss.algebra.numerics import safe_ratio
from lingauss.design.convex import Minimum
from lingauss.design.objectives import SPREADS, Chosen, SpreadObjective
from lingauss.design.pointwise import quantities_of
from lingauss.design.result import Certificate, Optimum
from lingauss.design.search import global_minimum
from lingauss.errors import DomainError, EmptyDataError
from lingauss.model.bottleneck import Best, Selected, Subspace
from lingauss.model.distillation import Distillation
from lingauss.model.shards import Shards
from lingauss.model.ties import warn_of_ties
from lingauss.validation import as_count, as_scalar
from lingauss.vocabulary import as_names, unknown_name

VARIABLES = ("student_rank", *SPREADS, "mixing")
OBJECTIVES = {
    "divergence": "divergence",
    "prediction_divergence": "prediction_divergence",
    "excess_risk": "student_excess_risk",
}
ENUMERATED_FEATURES = 10  # up to which every subset of eigen-directions is tried


@dataclass(frozen=True, eq=False)
class _Candidate:
    """The best design of one rank."""

    case: Distillation
    value: float
    kkt_residual: float
    flat: tuple[str, ...]


def optimize(
    case: Distillation,
    over: Sequence[str],
    objective: str,
    tolerance: float | None = None,
    rank_budget: int | None = None,
) -> Optimum:
    """Return the best design; see :meth:`lingauss.Distillation.optimize`."""
    free = _checked(case, over, objective)
    slack = None if tolerance is None else as_scalar(tolerance, "tolerance", minimum=0.0)
    ranks = _ranks(case, free, rank_budget, tolerance)
    candidates = [
        _best_of_rank(case.replace(student_rank=rank) if rank != case.rank else case, free, objective) for rank in ranks
    ]
    values = np.array([candidate.value for candidate in candidates])
    number = int(np.argmin(values))
    if slack is not None:
        number = int(np.argmax(values <= values[number] * (1.0 + slack)))
    best = candidates[number]
    warn_of_ties(best.case, (best.case.rank,), stacklevel=3)
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
            _claim(case, free, objective),
            _enumerated(free, ranks, slack, rank_budget),
            _active(settings, ranks),
            best.flat,
        ),
        evaluate=functools.partial(_value, objective=objective),
        bottleneck=case.bottleneck,  # type: ignore[arg-type]
    )


def _checked(case: Distillation, over: Sequence[str], objective: str) -> tuple[str, ...]:
    names = as_names(over, "a setting to optimise", VARIABLES)
    if not isinstance(objective, str) or objective not in OBJECTIVES:
        raise unknown_name("an objective", objective, OBJECTIVES)
    if not names:
        raise EmptyDataError("at least one setting to optimise", "none", f"Choose among {', '.join(VARIABLES)}.")
    if objective == "excess_risk":
        case.problem.need_truth("excess risks")
    if not case.is_spectral:
        raise DomainError(
            "learners on both sides, on the same inputs, and a spectral bottleneck",
            _outside_eigenbasis(case),
            "Use Principal or Best, or compare designs with sweep().",
        )
    if objective != "divergence" and case.problem.test_covariance is not None:
        raise DomainError(
            f"fixed design, where the {objective.replace('_', ' ')} falls apart into eigen-directions",
            "a problem with test_cov",
            "Optimise the divergence, or compare designs with sweep().",
        )
    return tuple(name for name in VARIABLES if name in names)


def _outside_eigenbasis(case: Distillation) -> str:
    if isinstance(case.bottleneck, Subspace):
        return "a general subspace"
    if case.transfer is not None:
        return "transfer inputs"
    return "teachers on shards" if isinstance(case.teacher, Shards) else "a channel"


def _ranks(case: Distillation, free: Sequence[str], budget: int | None, tolerance: float | None) -> list[int]:
    if "student_rank" in free:
        largest = case.largest_rank
        return list(range(1 + (largest if budget is None else as_count(budget, "rank_budget", maximum=largest))))
    for what, given in (("rank budget", budget), ("tolerance", tolerance)):
        if given is not None:
            raise DomainError("student_rank among the optimised settings", f"a {what} without it", "Add it to over=.")
    return [case.rank]


def _value(case: Distillation, objective: str) -> float:
    name = OBJECTIVES[objective]
    return quantities_of(case, (name,))[name]


def _setting(case: Distillation, name: str) -> float | None:
    """Return a setting's value; None for the floor of a student that sees everything."""
    if name == "student_temperature":
        return float(case.student.temperature)  # type: ignore[union-attr]
    if name == "student_rank":
        return case.rank
    value = case.resolved_floor if name == "floor" else getattr(case, name)
    return None if value is None else float(value)


def _best_of_rank(case: Distillation, free: Sequence[str], objective: str) -> _Candidate:
    if objective == "excess_risk":
        return _least_risk(case, free)
    return _least_divergence(case, free, predictions=objective == "prediction_divergence")


def _least_divergence(case: Distillation, free: Sequence[str], predictions: bool) -> _Candidate:
    """Minimise over the free spreads at each mixing, over the mixing by search, over the subset for ``Best``."""
    spreads = SpreadObjective.of(case, free, predictions)

    def at(mixing: float) -> tuple[Minimum, Chosen]:
        here = spreads.at_mixing(mixing)
        if isinstance(case.bottleneck, Best):
            return here.best_subset(case.rank, _tries_all_subsets(case, free))
        return here.best(case.retained_directions), case.retained_directions

    mixing, flat = case.mixing, []
    if "mixing" in free and not _mixing_matters(case):
        mixing, flat = 0.0, ["mixing"]
    elif "mixing" in free:
        mixing = global_minimum(lambda share: at(share)[0].value)
    minimum, kept = at(mixing)
    found: dict[str, Any] = dict(zip(spreads.free, minimum.x.tolist(), strict=True))
    if case.rank == case.problem.n_features:
        found.pop("floor", None)
    elif case.floor is None and found.get("student_temperature") == 0.0:
        found.setdefault("floor", 0.0)
    flat += [name for name, loose in zip(spreads.free, minimum.flat, strict=True) if loose]
    return _Candidate(
        case.replace(mixing=mixing, bottleneck=_with_subset(case, kept), **found),
        minimum.value,
        minimum.kkt_residual,
        tuple(flat),
    )


def _tries_all_subsets(case: Distillation, free: Sequence[str]) -> bool:
    return case.problem.n_features <= ENUMERATED_FEATURES and "mixing" not in free


def _with_subset(case: Distillation, kept: Chosen) -> Any:
    return Selected(tuple(kept.tolist())) if isinstance(case.bottleneck, Best) else case.bottleneck


def _least_risk(case: Distillation, free: Sequence[str]) -> _Candidate:
    """Minimise the student's excess risk: no spread of its own, then the mixing (docs/theory.md §5.7)."""
    changes: dict[str, float] = {name: 0.0 for name in ("temperature", "student_temperature") if name in free}
    if "student_temperature" in changes and case.floor is None and case.rank < case.problem.n_features:
        floor = case.resolved_floor
        changes["floor"] = 0.0 if floor is None else floor
    cold = case.replace(**changes)
    flat = ["floor"] if "floor" in free else []
    unit = case.problem.label_noise**2 / case.problem.n_samples
    level = float(case.problem.intercept * case.problem.outputs)

    def at(mixing: float) -> tuple[float, Chosen]:
        _, seen, unseen = dataclasses.replace(cold.directions, mixing=np.asarray(mixing)).squared_errors()
        kept = case.retained_directions
        if isinstance(case.bottleneck, Best):
            kept = np.sort(np.argsort(seen - unseen, kind="stable")[: case.rank])
        dropped = np.setdiff1d(np.arange(len(unseen)), kept)
        return unit * float(np.sum(seen[kept]) + np.sum(unseen[dropped]) + level), kept

    mixing = case.mixing
    if "mixing" in free and not _mixing_matters(cold):
        flat.append("mixing")
        mixing = 0.0
    elif "mixing" in free:
        best = isinstance(case.bottleneck, Best)
        mixing = global_minimum(lambda share: at(share)[0]) if best else _least_risky_mixing(cold)
    value, kept = at(mixing)
    return _Candidate(cold.replace(mixing=mixing, bottleneck=_with_subset(case, kept)), value, 0.0, tuple(flat))


def _least_risky_mixing(case: Distillation) -> float:
    """Return the vertex of the student's excess risk as a function of the mixing ξ.

    Where retained, p = b (1 − ξ m) with b the student's shrinkage and m = 1 − a, and the soft labels add spread in
    proportion to ξ².
    """
    directions = case.directions
    d = directions.part(case.retained_directions)
    signal, noise = safe_ratio(d.mean_power, d.s), safe_ratio(d.noise_power, d.s)
    learned = d.s * d.student.gain
    share = learned * d.teacher.missed
    drawn = d.outputs * np.square(learned) * (d.s * d.teacher_variance + d.temperature) / d.draws
    curvature = float(np.sum(np.square(share) * (signal + noise) + drawn))
    slope = float(np.sum(share * (learned * noise - d.student.missed * signal)))
    return slope / curvature


def _mixing_matters(case: Distillation) -> bool:
    """Whether the share of soft labels changes anything the student sees."""
    d = case.directions
    return case.rank > 0 and bool(np.any(d.s * (np.abs(d.teacher.missed) + d.temperature + d.teacher_variance) > 0))


def _claim(case: Distillation, free: Sequence[str], objective: str) -> str:
    best, spreads = isinstance(case.bottleneck, Best), any(name in free for name in SPREADS)
    searched = "mixing was searched over the whole line on a refined grid"
    if objective == "excess_risk":
        if best and "mixing" in free:
            return f"global: spread only adds risk; {searched}, each point with its best subset"
        parabola = ", and the risk is a parabola in the mixing" if "mixing" in free else ""
        return f"global: spread only adds risk{parabola}"
    reasons = ["the divergence is jointly convex in temperature, student temperature and floor"] if spreads else []
    if "mixing" in free:
        reasons.append(f"{searched} (the divergence is not convex in it)")
    if best and not spreads:
        reasons.append("the best subset of each design keeps the directions that save most")
    elif best and not _tries_all_subsets(case, free):
        return "local in the subset, which was improved in turns with the spreads; " + "; ".join(reasons)
    elif best:
        reasons.append("every subset of eigen-directions was tried")
    return "global: " + ("; ".join(reasons) or "every candidate was evaluated")


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
