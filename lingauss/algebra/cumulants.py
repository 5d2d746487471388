"""Cumulant functions of Gaussian quadratic forms, and the bounds a change of measure draws from them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from lingauss.algebra.numerics import x_minus_log1p
from lingauss.errors import DomainError
from lingauss.guard import guarded
from lingauss.html_table import html_settings
from lingauss.validation import Array, Immutable, as_array, as_count, as_scalar, freeze, to_float

LARGEST_EXPONENT = 460.0  # tilts are searched between e^±460 ≈ 1e±200 of their natural unit
LARGEST_ORDER = 170  # of a cumulant: factorials of larger numbers exceed float64
STEPS = 200
CLOSE = 1e-7  # in the exponent; at a minimum the value is off by the square of it


@dataclass(frozen=True)
class Deviation:
    """How far a change of measure of a given cost can move a mean.

    Attributes
    ----------
    excess : float
        inf over λ > 0 of [K + Λ(λ)]/λ less the mean; never negative.
    lam : float
        The λ that attains it; 0 or +inf where it is a limit.
    """

    excess: float
    lam: float


@guarded
@dataclass(frozen=True, eq=False)
class CumulantFunction(Immutable):
    """Λ(λ) = λ m + Σ_j [(h_j/2) Φ(−2λμ_j) + ½λ²γ_j/(1 − 2λμ_j)], Φ(x) = x − log(1 + x) (docs/theory.md §7.4–7.5).

    Log-moment-generating function of a constant plus Σ_j μ_j χ² plus a linear part: of any quadratic form of a Gaussian
    vector (a generalised chi-square variable), or an average of several that share their quadratic part.

    Parameters
    ----------
    mean : float
        m = Λ′(0).
    weights : (c,)
        μ_j, eigenvalues of the quadratic form, of either sign.
    degrees : (c,)
        h_j ≥ 0, degrees of freedom of each.
    linear : (c,)
        γ_j ≥ 0, variance of the linear part along each. One number in place of c stands for all.

    Raises
    ------
    NotNumericError, NotFiniteError, ShapeError, DomainError
    """

    mean: float
    weights: Array
    degrees: Array
    linear: Array

    def __post_init__(self) -> None:
        object.__setattr__(self, "mean", as_scalar(self.mean, "mean"))
        given = {name: np.atleast_1d(to_float(getattr(self, name), name)) for name in ("weights", "degrees", "linear")}
        length = max(map(len, given.values()))
        weights, degrees, linear = (
            np.broadcast_to(as_array(part, name, (("terms", len(part) if len(part) == 1 else length),)), length)
            for name, part in given.items()
        )
        for name, part in (("degrees", degrees), ("linear", linear)):
            if part.min(initial=0.0) < 0.0:
                raise DomainError(f"{name} of at least 0", f"{part.min():.3g}", "Check for a sign.")
        live = (linear > 0) | ((weights != 0) & (degrees > 0))
        for name, part in (("weights", weights), ("degrees", degrees), ("linear", linear)):
            object.__setattr__(self, name, freeze(part[live]))

    def __call__(self, lam: Any) -> Any:
        """Return Λ at one or many arguments: a float for a number, an array like ``lam`` otherwise; +inf outside.

        Raises
        ------
        NotNumericError, NotFiniteError
        """
        points = as_array(lam, "lam", tuple((f"axis {i}", None) for i in range(np.ndim(lam))))
        values = points * self.mean + self.centred(points)
        return float(values) if points.ndim == 0 else values

    def centred(self, lam: Array) -> Array:
        """Return Λ(λ) − λm ≥ 0, +inf outside the domain."""
        column = np.asarray(lam, dtype=np.float64)[..., None]
        with np.errstate(over="ignore"):
            slope = -2.0 * column * self.weights
            inside = np.all(slope > -1.0, axis=-1)
            slope = np.where(inside[..., None], slope, 0.0)
            square = 0.5 * self.degrees * x_minus_log1p(slope)
            line = 0.5 * (self.linear * column) * (column / (1.0 + slope))
            total = np.sum(square + line, axis=-1)
        return np.where(inside, total, np.inf)

    @property
    def domain(self) -> tuple[float, float]:
        """The open interval around 0 where Λ is finite."""
        low, high = float(self.weights.min(initial=0.0)), float(self.weights.max(initial=0.0))
        return (0.5 / low if low < 0 else -math.inf, 0.5 / high if high > 0 else math.inf)

    def _told(self) -> list[tuple[str, str]]:
        low, high = self.domain
        return [
            ("mean", f"{self.mean:.6g}"),
            ("variance", f"{self.variance:.6g}"),
            ("finite on", f"({low:.4g}, {high:.4g})"),
        ]

    def __repr__(self) -> str:
        return f"CumulantFunction({', '.join(f'{name} {value}' for name, value in self._told())})"

    def _repr_html_(self) -> str:
        return html_settings("Cumulant function", self._told())

    @property
    def variance(self) -> float:
        """Λ″(0)."""
        return self.cumulant(2)

    def cumulant(self, order: int) -> float:
        """Return the derivative of Λ of the given order at 0, in the variable's unit to that power.

        Raises
        ------
        DomainError
            If the order is not from 1 to 170.
        """
        j = as_count(order, "order", minimum=1, maximum=LARGEST_ORDER)
        if j == 1:
            return self.mean
        doubled = 2.0 * self.weights
        terms = 0.5 * self.degrees * doubled**j * math.factorial(j - 1)
        terms = terms + 0.5 * self.linear * doubled ** (j - 2) * math.factorial(j)
        return float(np.sum(terms))

    @cached_property
    def reflected(self) -> CumulantFunction:
        """The cumulant function of the variable's negative, λ ↦ Λ(−λ)."""
        return CumulantFunction(-self.mean, -self.weights, self.degrees, self.linear)

    def deviation(self, divergence: float) -> Deviation:
        """Return the least [K + Λ(λ)]/λ over λ > 0, less the mean, for K ≥ 0 nats (docs/theory.md §7.2).

        Donsker and Varadhan: a law at divergence K from this one has a mean at most this much larger. The minimum is
        where λΛ′(λ) − Λ(λ), which increases from 0, reaches K.
        """
        end = self.domain[1]
        if np.ndim(divergence) == 0 and divergence == math.inf:
            return Deviation(math.inf, end)
        divergence = as_scalar(divergence, "divergence", minimum=0.0)
        if divergence == 0.0:
            return Deviation(0.0, 0.0)
        if not np.any(self.weights):  # Gaussian: ½λ²σ², minimised in closed form
            variance = self.variance
            lam = math.sqrt(2.0 * divergence / variance) if variance > 0 else math.inf
            return Deviation(math.sqrt(2.0 * divergence * variance), lam)
        lam = self._tilt(divergence, end)
        return Deviation((divergence + float(self.centred(np.array(lam)))) / lam, lam)

    def _tilt(self, divergence: float, end: float) -> float:
        """Solve λΛ′(λ) − Λ(λ) = K by Newton's method in logarithms, kept inside a shrinking bracket."""
        spread = math.sqrt(self.variance)
        unit = end if end < math.inf else 1.0 / spread

        def tilt(exponent: float) -> tuple[float, float]:
            x = math.exp(exponent)
            return (unit * x / (1.0 + x), 1.0 / (1.0 + x)) if end < math.inf else (unit * x, 1.0)

        low, high = -LARGEST_EXPONENT, LARGEST_EXPONENT
        position = min(max(0.5 * math.log(2.0 * divergence) - math.log(spread * unit), low), high)
        target = math.log(divergence)
        for _ in range(STEPS):
            lam, inner = tilt(position)
            value, slope = self._gain(lam)
            if value > divergence:
                high = position
            else:
                low = position
            step = (math.log(value) - target) * value / (slope * inner) if 0.0 < value < math.inf else math.inf
            following = position - step
            if not low < following < high:
                following = 0.5 * (low + high)
            if abs(following - position) <= CLOSE:
                break
            position = following
        return tilt(position)[0]

    def _gain(self, lam: float) -> tuple[float, float]:
        """Return λΛ′(λ) − Λ(λ) and λ times its derivative, which is λ²Λ″(λ)."""
        with np.errstate(over="ignore"):
            slope = -2.0 * lam * self.weights
            rest = 1.0 + slope
            if np.any(rest <= 0.0):
                return math.inf, math.inf
            line = (self.linear * lam) * (lam / rest) / rest
            # log(1 + y) − y/(1 + y), to the digits that a minimiser needs
            series = np.square(slope) * (0.5 - slope * (2.0 / 3.0 - slope * (0.75 - 0.8 * slope)))
            square = np.where(np.abs(slope) < 1e-3, series, np.log1p(slope) - slope / rest)
            value = float(np.sum(0.5 * self.degrees * square + 0.5 * line))
            return value, float(np.sum(0.5 * self.degrees * np.square(slope / rest) + line / rest))
