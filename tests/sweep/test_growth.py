"""Large-sample laws are what exact costs tend to."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

import lingauss as lg
from lingauss.errors import DomainError, MissingTruthError
from lingauss.sweep.growth import large_sample_costs

COSTS = ("bias", "variance", "rank_bottleneck")


def spectrum(eigenvalues, **settings):
    problem = lg.Problem.from_spectrum(eigenvalues, [1.0, 0.5, 2.0, 0.25], n_samples=50, label_noise=0.7, outputs=3)
    return lg.Distillation(problem, bottleneck=lg.Principal(2), **settings)


@pytest.mark.parametrize(
    "settings",
    [
        {"student": lg.Ridge(0.3, temperature=0.4), "temperature": 2.0, "draws": 3, "mixing": 0.6},
        {"teacher": lg.Ridge(2.0, noise=1.5), "student": lg.Ridge(4.0, temperature=1.7), "floor": 0.05, "mixing": -0.5},
    ],
)
def test_exact_costs_tend_to_the_laws_as_samples_grow(settings):
    case = spectrum([40.0, 20.0, 5.0, 1.0], **settings)
    sizes = [10**6, 10**8]
    exact, laws = case.sweep(n_samples=sizes, quantities=COSTS), large_sample_costs(case, sizes)
    for name in COSTS:
        early, late = np.abs(exact[name] / laws[name] - 1.0).to_numpy()
        assert late < 1e-5
        assert late < early / 50  # the next order is 1/n, and log(n)/n in the rank cost


def test_directions_without_variance_keep_their_cost():
    case = spectrum([40.0, 0.0, 0.0, 0.0], student=lg.Ridge(0.3, temperature=0.4))
    sizes = [10**9]
    exact, laws = case.sweep(n_samples=sizes, quantities=COSTS), large_sample_costs(case, sizes)
    assert_allclose(laws["variance"], exact["variance"], rtol=1e-6)


def test_laws_are_for_ridge_learners_and_a_known_truth():
    case = spectrum([4.0, 3.0, 2.0, 1.0])
    descent = lg.NoisyGradientDescent(steps=5, step_size=0.01)
    for role in ("student", "teacher"):
        with pytest.raises(DomainError, match=r"two Ridge learners.*got NoisyGradientDescent"):
            large_sample_costs(case.replace(**{role: descent}), [10])
    observed = lg.Problem.from_data(np.eye(4), np.arange(4.0), label_noise=1.0)
    with pytest.raises(MissingTruthError, match="other sample sizes"):
        large_sample_costs(lg.Distillation(observed), [10])
