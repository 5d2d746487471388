"""What a simulation is, how it is reported, and what it refuses (docs/simulation.md)."""

import math
import tracemalloc
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.testing import assert_allclose

import lingauss as lg
from lingauss.errors import DomainError, MissingTruthError, UnknownNameError
from lingauss.simulation import simulate as module
from lingauss.simulation.sweep import simulated_sweep
from lingauss.simulation.training import train
from lingauss.simulation.unbiased import Sample, ledger_estimates
from tests.simulation.designs import KNOWN, STUDENT, TEACHER, X, case


def test_the_same_seed_gives_the_same_numbers_and_another_seed_others():
    first, again, other = (case().simulate(400, seed=seed).estimates for seed in (1, 1, 2))
    assert first == again
    assert all(first[name] != other[name] for name in first if first[name].standard_error)


def test_standard_errors_shrink_with_the_square_root_of_the_trials():
    few, many = (case().simulate(trials, seed=3) for trials in (1000, 16_000))
    ratios = [few[name].standard_error / many[name].standard_error for name in few.estimates if many[name][1] > 0.0]
    assert 3.0 < np.median(ratios) < 6.0


def test_estimates_of_a_ledger_are_unbiased_for_few_runs_of_many_dimensions():
    # 4 dimensions and 8 degrees of freedom per batch, where plug-in estimates would be off by a factor.
    rng, batches = np.random.default_rng(0), 60_000
    S, T = (np.cov(rng.standard_normal((4, 12))) for _ in range(2))
    shift = np.array([[0.5, -0.3, 0.2, 0.4]])
    draws = (batches, 4, 2, 2, 1, 4)
    student = rng.standard_normal(draws) @ np.linalg.cholesky(S).T + shift
    teacher = rng.standard_normal(draws) @ np.linalg.cholesky(T).T
    cells = ledger_estimates(Sample.of(student), Sample.of(teacher), np.eye(4)[:, :2], np.eye(4)[:, 2:])
    found, error = cells.mean(axis=0), cells.std(axis=0) / math.sqrt(batches)
    expected = lg.ledger(lg.Gaussian(shift, S), lg.Gaussian(np.zeros((1, 4)), T), np.eye(4)[:, :2]).cells
    assert (np.abs(found - expected) <= 4.0 * error).all()
    assert (error < 0.1 * expected.sum()).all()


def test_ridge_training_draws_from_the_posterior_and_descent_takes_its_steps():
    rng = np.random.default_rng(1)
    labels = np.broadcast_to(rng.standard_normal((1, 12)), (200_000, 1, 12))
    for learner in (TEACHER, lg.Ridge(0.0, 0.5), lg.NoisyGradientDescent(5, 0.02, 0.3, 0.8)):
        weights = train(learner, X, labels, 0.6, rng)[:, 0]
        law = learner.channel(KNOWN.gramian, 0.6).at(labels[0] @ X)
        assert_allclose(weights.mean(axis=0), law.mean[0], atol=5.0 * np.sqrt(law.cov.max() / 200_000))
        assert_allclose(np.cov(weights.T), law.cov, atol=5.0 * law.cov.max() / math.sqrt(100_000))
    plain = lg.NoisyGradientDescent(1, 0.1, 0.3, 0.0)
    assert_allclose(train(plain, X, labels[:1], 0.6, rng)[0], 0.1 * labels[0] @ X)


def test_memory_does_not_grow_with_the_trials(monkeypatch):
    monkeypatch.setattr(module, "CELLS_AT_ONCE", 2**14)
    peaks = []
    for trials in (2_000, 20_000):
        tracemalloc.start()
        case().simulate(trials)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.5 * peaks[0] + 1e6


def test_a_simulation_shows_both_numbers_and_how_far_they_are_apart():
    simulation = case(bottleneck=lg.Principal(2)).simulate(1200, seed=5)
    table = simulation.to_frame()
    assert list(table.columns) == ["simulated", "standard_error", "exact", "deviation"]
    assert table.loc["divergence", "exact"] == simulation.case.divergence().total
    assert table.loc["bias", "simulated"] == simulation["bias"].value
    assert_allclose(table["deviation"], (table["simulated"] - table["exact"]) / table["standard_error"])
    assert_allclose(table.loc["bias":"rank_bottleneck", "simulated"].sum(), simulation["divergence"].value)
    assert repr(simulation).startswith("Simulation of 1200 label draws in 200 batches, seed 5")
    for name, row in table.iterrows():
        (line,) = [line.split() for line in repr(simulation).splitlines() if line.startswith(f"{name} ")]
        assert [float(cell) for cell in line[1:]] == pytest.approx(row.to_list(), rel=1e-2, abs=1e-2)


def test_infinite_divergences_are_seen_and_finite_cells_kept():
    hard = case(bottleneck=lg.Principal(2), floor=0.0).simulate(1000)
    assert hard["divergence"].value == hard["discarded_spread"].value == math.inf
    assert math.isfinite(hard["variance"].value)
    assert math.isfinite(hard["prediction_divergence"].value)
    assert hard.deviations["divergence"] == 0.0


def test_quantities_that_do_not_exist_are_not_simulated():
    observed = case(lg.Problem.from_data(X, X[:, :1], label_noise=0.5), temperature=2.0).simulate(1000)
    assert "divergence" in observed.estimates
    assert "student_excess_risk" not in observed.estimates
    with pytest.raises(UnknownNameError, match="a simulated quantity among divergence"):
        observed["student_gap"]


@dataclass(frozen=True)
class Averager(lg.Learner):
    """W = t/n: a learner of a user's own."""

    samples: int

    def spectral(self, eigenvalues, label_noise):
        from lingauss.model.learners import Law

        return Law.of_penalty(eigenvalues, self.samples - eigenvalues, np.asarray(0.5))


def test_learners_of_ones_own_can_be_carried_out():
    own = case(student=Averager(12))
    with pytest.raises(DomainError, match="whose training can be run; got a Averager"):
        own.simulate(1000)
    with pytest.raises(DomainError, match="got a GradientFlow"):
        case(student=lg.GradientFlow(2.0)).simulate(1000)

    @train.register
    def _(learner: Averager, inputs, labels, label_noise, rng):
        mean = labels @ inputs / learner.samples
        return mean + math.sqrt(0.5 / learner.samples) * label_noise * rng.standard_normal(mean.shape)

    assert max(abs(z) for z in own.simulate(2000, seed=1).deviations.values()) < 4.0


def test_bad_input_is_refused():
    with pytest.raises(DomainError, match="at least 120 trials, from which covariances of 3 dimensions"):
        case().simulate(50)
    with pytest.raises(DomainError, match="trials"):
        case().simulate(0)
    with pytest.raises(DomainError, match="seed"):
        case().simulate(1000, seed=-1)
    with pytest.raises(MissingTruthError, match="simulations are averages over labels"):
        lg.Distillation(lg.Problem.from_inputs(X, label_noise=0.5), TEACHER, STUDENT).simulate(1000)
    few = lg.Problem.from_gram(X.T @ X, n_samples=2, truth=[1.0, 0.0, 0.0], label_noise=0.5)
    with pytest.raises(DomainError, match="at least 3 samples, which the Gram matrix takes; got 2"):
        lg.Distillation(few, TEACHER, STUDENT).simulate(1000)


def test_a_simulated_sweep_is_the_sweep_with_simulations_of_its_designs():
    names = ("divergence", "student_excess_risk")
    grid = simulated_sweep(case(), quantities=names, trials=600, seed=4, temperature=[0.5, 2.0], student_rank=[3, 1])
    assert_allclose(grid["divergence"], case().sweep(temperature=[0.5, 2.0], student_rank=[1, 3])["divergence"])
    last = case().replace(temperature=2.0, student_rank=3).simulate(600, seed=7)
    found = grid.sel(temperature=2.0, student_rank=3)
    assert float(found["divergence_simulated"]) == last["divergence"].value
    assert float(found["student_excess_risk_standard_error"]) == last["student_excess_risk"].standard_error
    assert grid["divergence_simulated"].attrs["units"] == "nats"
    with pytest.raises(UnknownNameError, match="got 'rank_irreducible'"):
        simulated_sweep(case(), quantities=["rank_irreducible"], trials=600, temperature=[1.0])
