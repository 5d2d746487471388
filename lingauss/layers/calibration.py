"""What layers really cost where the second order ends: a few measured ranks, and a curve through them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from lingauss.errors import EmptyDataError
from lingauss.layers.options import Options
from lingauss.validation import Array


class Estimate(NamedTuple):
    """A mean over rows and its standard error; in nats per row."""

    value: float
    standard_error: float

    @classmethod
    def of_rows(cls, divergences: Array) -> Estimate:
        """Return the mean of one divergence per row, (n,) with n ≥ 2.

        Raises
        ------
        EmptyDataError
        """
        n = len(divergences)
        if n < 2:
            raise EmptyDataError("at least two rows", f"{n}", "Pass more inputs.")
        return cls(float(np.mean(divergences)), float(np.std(divergences, ddof=1)) / math.sqrt(n))

    def __str__(self) -> str:
        return f"{self.value:.4g} ± {self.standard_error:.2g}"


@dataclass(frozen=True, eq=False)
class Curve:
    """What one layer costs at second order, and what it was measured to cost, at a few ranks.

    Attributes
    ----------
    costs : (m,)
        At second order, in nats per row.
    measured : sequence of m Estimate
        Of the divergence when this layer alone has that rank.
    """

    costs: Array
    measured: Sequence[Estimate]

    def at(self, cost: float) -> Estimate:
        """Return what a cost at second order amounts to: log(measured/cost) interpolated in log cost.

        Beyond the measured ranks the ratio stays what it is at the nearest; without any, nothing is known of it.
        """
        if cost <= 0.0:
            return Estimate(0.0, 0.0)
        known = sorted(
            (float(at), *found)
            for at, found in zip(self.costs, self.measured, strict=True)
            if min(at, found.value) > 0.0
        )
        if not known:
            return Estimate(cost, math.inf)
        costs, measured, errors = np.array(known).T
        logs, here = np.log(costs), math.log(cost)
        value = cost * math.exp(float(np.interp(here, logs, np.log(measured) - logs)))
        return Estimate(value, value * float(np.interp(here, logs, errors / measured)))


def spread_positions(options: Options, count: int) -> npt.NDArray[np.intp]:
    """Return the positions of at most ``count`` low ranks, their costs evenly spaced on a logarithmic scale."""
    low = np.flatnonzero(options.costs[:-1] > 0.0)
    if not len(low):
        return low
    logs = np.log(options.costs[low])
    wanted = np.linspace(logs[0], logs[-1], count)
    return np.unique(low[np.argmin(np.abs(logs[:, None] - wanted), axis=0)])
