"""Sweeps of designs whose inputs are drawn: risks and gaps on average over them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lingauss.equivalents.averages import averages
from lingauss.ledgers.route import Ranks
from lingauss.model.design import Design
from lingauss.model.population import not_averaged
from lingauss.sweep.grid import Axes
from lingauss.sweep.quantities import QUANTITIES, RISKS
from lingauss.validation import Array


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
    for name in names:
        if name not in RISKS:
            raise not_averaged(f"{name} ({QUANTITIES[name].long_name})")
    case.replace(**{name: values[-1].item() for name, values in axes.items()})  # refuses what the design does not have
    found = averages(case, ranks, axes)
    results = {name: getattr(found, name) for name in names}
    for name, target in (out or {}).items():
        target[...] = results[name]
        results[name] = target
    return results
