"""One budget over several layers: which rank each gets, or whether it stays dense."""

from __future__ import annotations

import math
from collections.abc import Mapping

from lingauss.errors import DomainError, EmptyDataError
from lingauss.guard import guarded
from lingauss.layers.layer import Layer
from lingauss.layers.options import Options
from lingauss.layers.plan import Plan
from lingauss.validation import as_scalar
from lingauss.vocabulary import as_names

UNITS = ("parameters", "flops")


@guarded
def allocate(layers: Mapping[str, Layer], keep: float, unit: str = "parameters") -> Plan:
    """Choose every layer's rank under one budget, so that the sum of their costs is small (docs/real-students.md).

    Greedy over the steps of each layer's lower convex hull, the most nats per price first; then whatever other steps
    still fit. :attr:`Plan.least` says how far from the optimum that is at most.

    Parameters
    ----------
    layers : mapping of name to Layer
        As returned by :func:`measure` or :func:`load_factors`. Biases are not counted.
    keep : float
        Share of the dense layers' weights, or multiplications, to keep: above 0, at most 1.
    unit : {'parameters', 'flops'}
        What is counted.

    Returns
    -------
    Plan

    Raises
    ------
    DomainError
        If ``keep`` is above 1 or does not allow rank 1 everywhere; the smallest possible one is named.
    EmptyDataError, UnknownNameError, NotNumericError, ShapeError, NotFiniteError

    Examples
    --------
    >>> import numpy as np
    >>> import lingauss as lg
    >>> from lingauss.layers import Layer, allocate
    >>> rng = np.random.default_rng(0)
    >>> def layer(scale):
    ...     inputs = lg.Moments.from_data(rng.standard_normal((500, 12)) * 0.5 ** np.arange(12))
    ...     return Layer(rng.standard_normal((8, 12)), inputs, scale * np.eye(8), np.zeros(8))
    >>> allocate({"first": layer(0.1), "second": layer(10.0)}, keep=0.6).ranks
    {'first': 1, 'second': 4}
    """
    (unit,) = as_names(unit, "a unit", UNITS) or UNITS[:1]
    if not isinstance(layers, Mapping) or not all(isinstance(layer, Layer) for layer in layers.values()):
        raise DomainError("a mapping of names to layers", type(layers).__name__, "Pass what measure returned.")
    if not layers:
        raise EmptyDataError("at least one layer", "none", "Pass what measure returned.")
    options = {name: Options.of(layer, unit == "flops") for name, layer in layers.items()}
    whole = sum(float(option.prices[-1]) for option in options.values())
    least = sum(float(option.prices[0]) for option in options.values())
    share = as_scalar(keep, "keep", minimum=0.0, strict=True)
    if share > 1.0 or share * whole < least:
        raise DomainError(
            f"keep from {_rounded_up(least / whole):g}, rank 1 in every layer, to 1",
            f"{share:g}",
            "Keep more, or leave the smallest layers out.",
        )
    chosen, bound = _greedy(options, share * whole)
    return Plan(dict(layers), options, chosen, unit, share, bound)


def _greedy(options: Mapping[str, Options], budget: float) -> tuple[dict[str, int], float]:
    """Return the option of every layer, and what no choice within the budget can cost less than."""
    chosen = dict.fromkeys(options, 0)
    left = budget - sum(float(option.prices[0]) for option in options.values())
    hulls = {name: option.hull() for name, option in options.items()}
    steps = sorted(
        (
            (option.gain(start, stop), name, start, stop)
            for name, option in options.items()
            for start, stop in zip(hulls[name], hulls[name][1:], strict=False)
        ),
        key=lambda step: -step[0],  # a hull's own steps gain less and less, so they keep their order
    )
    for gain, name, start, stop in steps:
        price = float(options[name].prices[stop] - options[name].prices[start])
        if price > left:
            # If steps could be taken in part, a part of this one would be the optimum.
            bound = _cost(options, chosen) - gain * left
            break
        chosen[name], left = stop, left - price
    else:
        return chosen, _cost(options, chosen)
    while True:
        found = ((*option.best_step(chosen[name], left), name) for name, option in options.items())
        gain, stop, name = max(found, key=lambda step: step[0])
        if gain <= 0.0:
            return chosen, max(bound, 0.0)
        left -= float(options[name].prices[stop] - options[name].prices[chosen[name]])
        chosen[name] = stop


def _cost(options: Mapping[str, Options], chosen: Mapping[str, int]) -> float:
    return sum(float(option.costs[chosen[name]]) for name, option in options.items())


def _rounded_up(share: float) -> float:
    return math.ceil(share * 1e4) / 1e4
