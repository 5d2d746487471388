"""Spread costs of deterministic laws are 0 where both are, else +inf."""

import math

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
