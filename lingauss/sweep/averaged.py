"""Sweeps of designs whose inputs are drawn: risks, gaps and divergences of weights on average over them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lingauss.equivalents.averages import averages
from lingauss.ledgers.route import Ranks
from lingauss.model.design import Design
from lingauss.model.population import not_averaged
from lingauss.sweep.grid import Axes
from lingauss.sweep.pointwise import evaluate_pointwise
from lingauss.sweep.quantities import COSTS, QUANTITIES, RISKS
from lingauss.validation import Array

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
    results = evaluate_pointwise(case, ranks, axes, others) if others else {}
    if len(others) < len(names):
        found = averages(case, ranks, axes)
        results |= {name: getattr(found, name) for name in names if name in RISKS}
    for name, target in (out or {}).items():
        target[...] = results[name]
        results[name] = target
    return {name: results[name] for name in names}
