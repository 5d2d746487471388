"""A sum over the nodes of a long spectrum is the sum over its directions."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from lingauss.algebra.numerics import x_minus_log1p
from lingauss.explorer.bins import EVERY, WIDEST, binned

rng = np.random.default_rng(3)
INDEX = np.arange(1.0, 9001.0)
SPECTRA = {
    "power law": 1e5 / INDEX,
    "steep": 1e5 * INDEX**-4.0,
    "exponential": np.exp(-INDEX / 15.0),
    "flat": np.ones(9000),
    "nearly flat": 1.0 + 1e-13 * INDEX[::-1],
    "a gap": np.where(INDEX < 4000, 1.0 + 1.0 / INDEX, 1e-200 / INDEX),
    "ragged": np.sort(10.0 ** rng.uniform(-9, 9, 9000))[::-1],
    "fewer samples": np.where(INDEX <= 5000, 1e5 / INDEX, 0.0),
    "subnormal": np.maximum(1e-300 * np.exp(-INDEX / 100.0), 5e-324),
}
COSTS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "count": np.ones_like,
    "shrinkage": lambda s: s / (s + 3.0),
    "sharp": lambda s: 1.0 / (s + 1e-6) ** 2,
    "logarithm": lambda s: np.log1p(1e3 * s),
    "spread": lambda s: x_minus_log1p(1.5 / (s + 0.5)),
}


@pytest.mark.parametrize("name", SPECTRA)
@pytest.mark.parametrize("cost", COSTS)
def test_sums_over_nodes_are_sums_over_directions_at_every_rank(name: str, cost: str) -> None:
    s = SPECTRA[name]
    signal = np.random.default_rng(1).exponential(size=len(s)) ** 4
    nodes, strength, bins = binned(s, signal, 4321)
    paid = COSTS[cost]
    for node_sizes, sizes in ((np.array(bins.weights), np.ones(len(s))), (strength, signal)):
        found = np.concatenate([[0.0], np.cumsum(paid(nodes) * node_sizes)])[list(bins.ends)]
        truth = np.concatenate([[0.0], np.cumsum(paid(s) * sizes)])[list(bins.ranks)]
        np.testing.assert_allclose(found, truth, rtol=3e-13)


@pytest.mark.parametrize("name", SPECTRA)
def test_bins_are_narrow_and_few_and_have_the_designs_rank_between_them(name: str) -> None:
    s = SPECTRA[name]
    nodes, strength, bins = binned(s, np.ones(len(s)), 4321)
    ranks = np.array(bins.ranks)
    assert set(range(EVERY)) | {4321, len(s), np.count_nonzero(s)} <= set(bins.ranks)
    assert np.all(np.diff(ranks) > 0)
    assert len(nodes) == len(strength) == len(bins.weights) == bins.ends[-1]
    firsts, lasts = s[ranks[:-1]], s[ranks[1:] - 1]
    positive = lasts > 0
    assert np.all(np.log(firsts[positive]) - np.log(lasts[positive]) <= WIDEST * (1 + 1e-9))
    assert np.all(firsts[~positive] == 0)
    assert len(nodes) <= len(s)
