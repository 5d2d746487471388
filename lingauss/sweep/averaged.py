"""Sweeps of designs whose inputs are drawn: risks, gaps and divergences of weights on average over them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from lingauss.equivalents.averages import averages
from lingauss.equivalents.rank_costs import RankCosts
from lingauss.ledgers.equivalents import rank_costs
from lingauss.ledgers.route import Ranks
from lingauss.model.bottleneck import Selected, Subspace
from lingauss.model.design import Design
from lingauss.model.population import not_averaged
from lingauss.sweep.grid import Axes
from lingauss.sweep.pointwise import at_ranks, evaluate_pointwise
from lingauss.sweep.quantities import COSTS, QUANTITIES, RISKS
from lingauss.validation import Array

RANK_COSTS = {"rank_bottleneck", "rank_irreducible", "discarded_mean", "discarded_noise", "discarded_spread"}
DIVERGENCES = (*COSTS, "rank_irreducible", "divergence_per_weight")  # those of weights


def evaluate_averaged(
    case: Design,
    ranks: Ranks,
    axes: Axes,
    names: Sequence[str],
    out: Mapping[str, Array] | None = None,
) -> dict[str, Array]:
    """Return the named quantities at every rank and grid point; as :func:`evaluate` for a population.

    Raises
    ------
    NotAveragedError
        For the first quantity that has no closed form on average over inputs.
    """
    others = [name for name in names if name not in RISKS]
    for name in others:
        if name not in DIVERGENCES:
            raise not_averaged(f"{name} ({QUANTITIES[name].long_name})")
    case.replace(**{name: values[-1].item() for name, values in axes.items()})  # refuses what the design does not have
    by_view = isinstance(case.bottleneck, Selected | Subspace) and RANK_COSTS.issuperset(others)
    ask = rank_costs_at if by_view else at_ranks
    results = evaluate_pointwise(case, ranks, axes, others, ask=ask) if others else {}
    if len(others) < len(names):
        found = averages(case, ranks, axes)
        results |= {name: getattr(found, name) for name in names if name in RISKS}
    for name, target in (out or {}).items():
        target[...] = results[name]
        results[name] = target
    return {name: results[name] for name in names}


def rank_costs_at(design: Design, ranks: Ranks, names: Sequence[str]) -> dict[str, Array]:
    """Return rank costs of a student of a fixed view at several ranks, (R,) each; no other cost has an average.

    Raises
    ------
    NotAveragedError, UndefinedFloorError
    """
    found: dict[str, list[float]] = {name: [] for name in names}
    for rank in ranks.tolist():
        costs = rank_costs(design, rank)
        here = {"discarded_mean": costs.mean, "discarded_noise": costs.noise, "rank_irreducible": costs.least}
        if not here.keys() >= {*names}:
            here["discarded_spread"] = _spread(design, rank, costs)
            here["rank_bottleneck"] = costs.mean + costs.noise + here["discarded_spread"]
        for name, values in found.items():
            values.append(here[name])
    return {name: np.array(values) for name, values in found.items()}


def _spread(design: Design, rank: int, costs: RankCosts) -> float:
    if not costs.outside:
        return 0.0
    floor = (design if rank == design.rank else design.replace(student_rank=rank)).resolved_floor
    return costs.spread(floor) if floor else math.inf
