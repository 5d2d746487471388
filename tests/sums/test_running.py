"""Running sums over directions are the same however few directions are summed at a time."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

import lingauss as lg
from lingauss.sums import ranks


@pytest.mark.parametrize("elements", [1, 8, 40])
@pytest.mark.parametrize("points", [4, 700])
def test_sums_over_kept_and_dropped_directions_do_not_depend_on_the_memory_they_take(elements, points, monkeypatch):
    """Of dropped directions from the last on, of kept ones from the first; in blocks, or plane by plane."""
    d = 9
    problem = lg.Problem.from_spectrum(
        np.geomspace(50.0, 0.1, d), np.linspace(2.0, 0.1, d), n_samples=30, label_noise=0.5
    )
    case = lg.Distillation(problem, lg.Ridge(1.0), lg.Ridge(2.0, temperature=0.3), lg.Principal(4))
    axes = {"student_rank": range(d + 1), "label_noise": np.geomspace(0.1, 10.0, points)}
    whole = case.sweep(**axes, quantities=("bias", "variance", "rank_bottleneck"))
    monkeypatch.setattr(ranks, "EVALUATED", elements)
    parts = case.sweep(**axes, quantities=("bias", "variance", "rank_bottleneck"))
    for name in whole.data_vars:
        assert_allclose(parts[name], whole[name], rtol=1e-12)
    for rank in (0, 3, d):
        here = case.replace(rank=rank, label_noise=float(axes["label_noise"][1])).divergence()
        assert_allclose(parts["rank_bottleneck"][rank, 1], here.rank_bottleneck, rtol=1e-12)
