"""Spread costs of deterministic laws are 0 where both are, else +inf."""

import math

import mpmath as mp
import numpy as np
import pytest

from lingauss.sums.pooled import Pool, Variances, spread_sum


@pytest.mark.parametrize(
    ("variance", "base", "expected"),
    [
        ([0.0, 2.0], [0.0, 1.0], 1.0 - math.log(2.0)),
        ([0.0], [1.0], math.inf),
        ([0.0], [0.5], math.inf),
        ([1.0], [0.0], math.inf),
        ([0.0], [0.0], 0.0),
    ],
)
def test_spread_of_laws_that_are_deterministic_in_some_direction(variance, base, expected):
    pool = Pool((len(base), 1))
    law, other = (Variances(np.array(values)[:, None], None, pool) for values in (variance, base))
    assert spread_sum(law, other, np.zeros(1)).tolist() == pytest.approx([expected])


@pytest.mark.parametrize("step", [1e-9, 1e-6, 1e-3])
def test_laws_that_nearly_agree_keep_their_digits_beside_laws_that_agree_wholly(step):
    sizes = np.geomspace(1e-3, 1e3, 8)[:, None]
    excess = np.linspace(-1.0, 1.0, 8)[:, None] * np.array([0.0, step])
    pool = Pool((8, 2))
    law, other = Variances(sizes * (1.0 + excess), None, pool), Variances(sizes, None, pool)
    found = spread_sum(law, other, np.zeros(2))
    kept = (sizes * (1.0 + excess) - sizes) / sizes  # as float64 holds the variances
    with mp.workdps(40):
        expected = [float(mp.fsum(mp.mpf(x) - mp.log1p(mp.mpf(x)) for x in column)) for column in kept.T]
    assert found.tolist() == pytest.approx(expected, rel=1e-12, abs=0.0)
