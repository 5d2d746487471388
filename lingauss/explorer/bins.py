"""Long spectra for the page: sums over all directions from a few thousand numbers.

In any of the page's quantities a direction costs a function of its log eigenvalue, plus another times its signal.
Over a narrow bin of directions smooth functions are their interpolants through a few Chebyshev nodes, so its sum is
a sum over its nodes, in which a node stands for some number of directions and some signal. The error is that of the
interpolant: below 1e-12 of the bin's own sum at the widths here, whatever the settings.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.polynomial.chebyshev import chebpts1, chebvander

from lingauss.validation import Array

WHOLE = 4096  # directions up to which each is a node of its own
EVERY = 256  # ranks that are all shown
STEPS = 768  # ranks shown beyond, evenly spaced in the logarithm
NODES = 8  # per bin, or its directions where these are fewer
WIDEST = 0.1  # of a bin, in the logarithm of the eigenvalue


@dataclass(frozen=True)
class Bins:
    """How nodes add up to ranks.

    Attributes
    ----------
    ranks : tuple of int
        Ranks between bins, from 0 to d: those that the page can show.
    ends : tuple of int
        How many nodes make up each of these ranks.
    weights : tuple of float
        Directions that each node stands for.
    """

    ranks: tuple[int, ...]
    ends: tuple[int, ...]
    weights: tuple[float, ...]


def binned(eigenvalues: Array, signal: Array, rank: int) -> tuple[Array, Array, Bins]:
    """Return nodes, the signal of each, and the bins they make up, with the design's rank between two bins.

    Parameters
    ----------
    eigenvalues, signal : (d,)
        Eigenvalues from the largest, and the signal of their directions.
    """
    ranks = _ranks(eigenvalues, rank)
    bins = [_nodes(eigenvalues[a:b], signal[a:b]) for a, b in pairwise(ranks)]
    nodes, strength, weights = (np.concatenate(parts) for parts in zip(*bins, strict=True))
    ends = np.cumsum([0, *(len(one) for one, _, _ in bins)])
    return nodes, strength, Bins(tuple(ranks.tolist()), tuple(ends.tolist()), tuple(weights.tolist()))


def _ranks(eigenvalues: Array, rank: int) -> Array:
    """Return the ranks between bins: dense at first, then ever sparser, wherever eigenvalues fall far enough."""
    d = len(eigenvalues)
    positive = int(np.count_nonzero(eigenvalues > 0))
    sparse = np.geomspace(EVERY, d, STEPS + 1).round().astype(int)
    steps = np.floor(np.log(eigenvalues[:positive]) / WIDEST)
    falls = 1 + np.flatnonzero(np.diff(steps))
    return np.unique(np.concatenate([np.arange(EVERY), sparse, falls, [rank, positive]]))


def _nodes(eigenvalues: Array, signal: Array) -> tuple[Array, Array, Array]:
    """Return the nodes of one bin, their signals and their weights."""
    if eigenvalues[0] == eigenvalues[-1]:
        return eigenvalues[:1], np.array([signal.sum()]), np.array([float(len(eigenvalues))])
    if len(eigenvalues) <= NODES:
        return eigenvalues, signal, np.ones(len(eigenvalues))
    logs = np.log(eigenvalues)
    middle, half = (logs[0] + logs[-1]) / 2, (logs[0] - logs[-1]) / 2
    if half == 0.0:
        return eigenvalues[:1], np.array([signal.sum()]), np.array([float(len(eigenvalues))])
    places = chebpts1(NODES)[::-1]
    # of the interpolant's coefficients, the first is a mean over the nodes and the others are twice one
    share = chebvander(places, NODES - 1) * np.where(np.arange(NODES) == 0, 1.0, 2.0) / NODES
    powers = chebvander(np.clip((logs - middle) / half, -1.0, 1.0), NODES - 1)
    return np.exp(middle + half * places), share @ (signal @ powers), share @ powers.sum(axis=0)
