"""Numbers to hold an entry's results against, none of which comes from lingauss."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import xarray as xr


class Origin(StrEnum):
    """Where a target comes from, none of which is lingauss."""

    PRINTED = "printed"  # in the source
    CLOSED = "closed form"
    RECOMPUTED = "recomputed"  # with numpy alone
    SIMULATED = "simulated"


@dataclass(frozen=True)
class Target:
    """A number that an entry has to reach, at the entry's own parameters.

    Attributes
    ----------
    variable : str
        Of the entry's results.
    value : str
        As it is printed or known, with the digits that count.
    origin : Origin
    at : mapping of str to number or str
        Where in the results: a coordinate for each dimension of the variable.
    within : float
        How far off a computed number may be; default: half a unit of the last digit.
    """

    variable: str
    value: str
    origin: Origin
    at: Mapping[str, Any] = field(default_factory=dict)
    within: float = math.nan

    @property
    def number(self) -> float:
        """The value as a number."""
        return float(self.value)

    @property
    def tolerance(self) -> float:
        """How far off a computed number may be."""
        return half_unit(self.value) if math.isnan(self.within) else self.within

    @property
    def told(self) -> str:
        """The variable and where in it."""
        return " at ".join(part for part in (self.variable, self.place) if part)

    @property
    def place(self) -> str:
        """Where in the variable, in words."""
        told = {name: value if isinstance(value, str) else f"{value:g}" for name, value in self.at.items()}
        return ", ".join(f"{name} = {value}" for name, value in told.items())

    def found_in(self, results: xr.Dataset) -> float:
        """Return the computed number; NaN if the results do not go there."""
        try:
            return float(results[self.variable].sel(dict(self.at)))
        except KeyError:
            return math.nan


def half_unit(value: str) -> float:
    """Return half a unit of the last digit of a number as printed, and a little for float64."""
    mantissa, _, exponent = value.lower().partition("e")
    decimals = len(mantissa.partition(".")[2])
    return 0.5 * 10.0 ** (int(exponent or 0) - decimals) * (1.0 + 1e-6)


@dataclass(frozen=True)
class Comparison:
    """A target beside what was computed.

    Attributes
    ----------
    target : Target
    computed : float
    """

    target: Target
    computed: float

    @property
    def difference(self) -> float:
        """Computed less target."""
        return self.computed - self.target.number

    @property
    def met(self) -> bool:
        """Whether the computed number is as close as it has to be."""
        return abs(self.difference) <= self.target.tolerance
