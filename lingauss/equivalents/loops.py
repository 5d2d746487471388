"""Loops around eigenvalues of drawn Gram matrices, on which any function of these is a sum over ridge penalties.

Where the penalty is complex, so is its effective one, and the map from κ = −ζ to the eigenvalue z = −ℓ is explicit,
z = ζ (1 + Σ s/(ζ − s)/n). It is one to one where Σ s²/|ζ − s|² < n, whose edge is mapped to the eigenvalues
(Silverstein and Choi 1995): loops are drawn in ζ, and no equation is solved on them (docs/theory.md §10.7).
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

from lingauss.validation import Array

Complex = npt.NDArray[np.complex128]

NODES = (64, 32, 32)  # on the three sides of the upper half: graded from the cut upwards, across, and down
GRADING = 4.0  # power by which nodes crowd at the cut, where pairs of them come close to a pole
NEWTON = 100  # far beyond what it takes


class Loop(NamedTuple):
    """The upper half of a loop around the largest eigenvalues of G/n; the lower half is its conjugate.

    Attributes
    ----------
    points, steps : (N,)
        z, counter-clockwise, and dz/(2πi).
    kappa : (N,)
        κ at the penalty −z.
    """

    points: Complex
    steps: Complex
    kappa: Complex

    @classmethod
    def around(cls, s: Array, n_samples: float, rank: int) -> Self:
        """Return the loop around so many eigenvalues on average, at least 1 and fewer than there are positive ones."""
        from scipy.optimize import brentq

        apart = gap(s, n_samples, rank)
        if apart is not None:
            return cls.through(s, n_samples, apart)
        right = float(s.max()) + _margin(s, n_samples)

        def beyond(place: float) -> float:
            return cls.through(s, n_samples, place).enclosed(s) - rank

        left = -float(np.sum(s)) / n_samples
        return cls.through(s, n_samples, float(brentq(beyond, left, right, xtol=1e-15 * right)))

    @classmethod
    def through(cls, s: Array, n_samples: float, place: float) -> Self:
        """Return the loop that cuts the eigenvalues at the edge above a real part of ζ."""
        height = _margin(s, n_samples)
        right, foot = float(s.max()) + height, edge(s, n_samples, place)
        corners = (place + 1j * foot, place + 1j * height, right + 1j * height, right + 0j)
        sides = []
        for number, (start, stop, count) in enumerate(zip(corners[:-1], corners[1:], NODES, strict=True)):
            u, du = _unit_interval(count, GRADING if number == 0 else 1.0)
            sides.append((start + (stop - start) * u, (stop - start) * du))
        zeta, step = (np.concatenate(part) for part in zip(*sides, strict=True))
        apart = zeta[:, None] - s
        points = zeta * (1.0 + np.sum(s / apart, axis=1) / n_samples)
        slope = 1.0 - np.sum(np.square(s / apart), axis=1) / n_samples
        return cls(points, -slope * step / (2j * np.pi), -zeta)  # counter-clockwise is from the right to the cut

    def enclosed(self, s: Array) -> float:
        """Return how many eigenvalues are inside, on average."""
        resolvent = np.sum(self.kappa[:, None] / (s + self.kappa[:, None]), axis=1) / -self.points
        return both_halves(-self.steps * resolvent)


def _margin(s: Array, n_samples: float) -> float:
    """Return how far from the eigenvalues s a loop stays: in the region, and in proportion to its width."""
    return 0.5 * float(s.max()) + float(np.sqrt(2.0 * np.sum(np.square(s)) / n_samples))


@cache
def _unit_interval(count: int, grading: float) -> tuple[Array, Array]:
    """Return nodes and weights of integration from 0 to 1, crowding at 0."""
    nodes, weights = np.polynomial.legendre.leggauss(count)
    u = 0.5 * (nodes + 1.0)
    return u**grading, 0.5 * weights * grading * u ** (grading - 1.0)


def gap(s: Array, n_samples: float, rank: int) -> float | None:
    """Return the middle of a gap below the ``rank`` largest eigenvalues, None if there is none.

    They are separated where the region reaches down to the axis between the population's (Bai & Silverstein 1999).
    """
    from scipy.optimize import minimize_scalar

    ordered = np.sort(s)[::-1]
    if rank >= len(ordered) or ordered[rank] == ordered[rank - 1]:
        return None
    ends = float(ordered[rank]), float(ordered[rank - 1])
    place = float(minimize_scalar(lambda a: np.sum(np.square(s / (a - s))), bounds=ends, method="bounded").x)
    return place if edge(s, n_samples, place) == 0.0 else None


def below(s: Array, n_samples: float) -> float:
    """Return where, between 0 and s > 0, the region ends that is mapped below all eigenvalues of more rows than s."""
    from scipy.optimize import brentq

    least, squares = float(s.min()), np.square(s)
    ends = 0.0, least * (1.0 - 0.5 / np.sqrt(n_samples))  # beyond which the term of the least alone exceeds n
    return float(brentq(lambda place: np.sum(squares / np.square(s - place)) - n_samples, *ends, xtol=1e-15 * least))


def edge(s: Array, n_samples: float, place: float) -> float:
    """Return the least height from which on Σ s²/|ζ − s|² < n, 0 where that is so down to the real axis."""
    apart, squares = np.square(place - s), np.square(s)
    square = max(float(np.max(squares / n_samples - apart)), 0.0)  # of the height, which it is at least
    if square == 0.0 and np.sum(squares / apart) <= n_samples:
        return 0.0
    for _ in range(NEWTON):  # for 1/Σ, concave and rising: never too far
        inverse = 1.0 / np.sum(squares / (apart + square))
        slope = np.square(inverse) * np.sum(squares / np.square(apart + square))
        step = (1.0 / n_samples - inverse) / slope
        square += float(step)
        if step <= 1e-15 * square:
            break
    return float(np.sqrt(square))


def both_halves(terms: Complex) -> float:
    """Return the sum of terms on the upper half of a loop and their conjugates on the lower one."""
    return 2.0 * float(np.sum(terms.real))
