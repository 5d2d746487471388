"""Eigenvalues between eigenvalues: what is left of a spectrum when one direction of the samples is taken out.

Leaving a row out of XXᵀ, averaged over all rotations of the sample space, takes out a direction v that weighs alike on
every eigenvector (docs/theory.md §9.4).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lingauss.algebra.factor import EPS
from lingauss.errors import IllConditionedError
from lingauss.validation import Array

STEPS = 100  # bisection alone takes about 60; interpolation about 6
BLOCK = 2**21  # gaps that are held at a time


@dataclass(frozen=True, eq=False)
class Interlaced:
    """The compression of diag(x) to the complement of a unit vector v, in its own eigenbasis.

    Its eigenvalues e_j, one between every two neighbours of x, are the roots of Σ_i v_i²/(x_i − e) = 0, and its
    eigenvectors (diag(x) − e_j)⁻¹v / N_j with N_j² = Σ_i v_i²/(x_i − e_j)².

    Attributes
    ----------
    eigenvalues : (m − 1,)
        e_j, largest first.
    response : (m, m − 1)
        1/((x_i − e_j) N_j²); 0 where x_j = x_{j+1} = e_j, whose eigenvector knows nothing of v.
    power : (m − 1,)
        1/N_j², the squared length of diag(x)v along eigenvector j.
    """

    eigenvalues: Array
    response: Array
    power: Array

    @classmethod
    def of(cls, points: Array, weights: Array) -> Interlaced:
        """Find all roots at once.

        Parameters
        ----------
        points : (m,)
            x, largest first.
        weights : (m,)
            v² > 0, which add up to 1.
        """
        eigenvalues, size = points[1:].copy(), len(points) - 1
        response, power = np.zeros((size + 1, size)), np.zeros(size)
        live = np.flatnonzero(points[:-1] > points[1:])
        step = max(1, BLOCK // len(points))
        for some in (live[start : start + step] for start in range(0, len(live), step)):
            origin, offset, gaps = _roots(points, weights, some)
            eigenvalues[some] = origin + offset
            power[some] = 1.0 / (weights @ np.square(1.0 / gaps))
            response[:, some] = power[some] / gaps
        return cls(eigenvalues, response, power)


def _roots(points: Array, weights: Array, live: npt.NDArray[np.intp]) -> tuple[Array, Array, Array]:
    """Return origins and offsets whose sums are the roots right below ``points[live]``, and the gaps x − e (m, L).

    Offsets are taken from the nearer neighbour, so that gaps have all their digits. A step fits the poles above and
    below the root by one each (Bunch, Nielsen & Sorensen 1978).

    Raises
    ------
    IllConditionedError
        If the iteration does not settle.
    """
    upper, lower = points[live], points[live + 1]
    half = 0.5 * (upper - lower)
    above = np.arange(len(points))[:, None] <= live
    near_lower = np.sum(weights[:, None] / (points[:, None] - (lower + half)), axis=0) > 0.0
    origin = np.where(near_lower, lower, upper)
    poles = points[:, None] - origin
    top, bottom = upper - origin, lower - origin
    first, last = np.where(near_lower, 0.0, -half), np.where(near_lower, half, 0.0)
    at = 0.5 * (first + last)
    for _ in range(STEPS):
        gaps = poles - at
        pull = weights[:, None] / gaps
        slope = pull / gaps
        value = pull.sum(axis=0)
        first, last = np.where(value < 0.0, at, first), np.where(value > 0.0, at, last)
        steep = np.sum(slope, axis=0, where=above), np.sum(slope, axis=0, where=~above)
        step = _two_poles(value, steep, top - at, bottom - at)
        new = at + step
        inside = (new > first) & (new < last)
        new = np.where(value == 0.0, at, np.where(inside, new, 0.5 * (first + last)))
        settled = np.abs(new - at) <= 4.0 * EPS * np.abs(new)
        at = new
        if settled.all():
            return origin, at, poles - at
    raise IllConditionedError(
        "eigenvalues whose neighbours can be told apart", "a spectrum with gaps near rounding", "Rescale the features."
    )


def _two_poles(value: Array, steep: tuple[Array, Array], top: Array, bottom: Array) -> Array:
    """Return the zero of c + q/(top − η) + s/(bottom − η) of the given value and one-sided slopes at η = 0."""
    q, s = steep[0] * np.square(top), steep[1] * np.square(bottom)
    c = value - steep[0] * top - steep[1] * bottom
    constant = value * top * bottom
    b = c * (top + bottom) + q + s
    root = np.sqrt(np.maximum(b * b - 4.0 * c * constant, 0.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        small, large = 2.0 * constant / (b + root), (b - root) / (2.0 * c)
    step = np.where(b >= 0.0, small, large)
    return np.where(np.isfinite(step), step, 0.0)
