"""Closed forms against teachers and students that were really trained, and wrong closed forms against them too.

How the thresholds were chosen. Deviations are in standard errors from 200 or more batches. Were all 2,000 or so of the
first test independent and the closed forms right, 0.15 beyond four standard errors would be expected; cells and their
sums are far from independent, so a false alarm has a chance of about one in ten over the choice of seeds. Seeds are the
numbers of the designs and were not chosen. What failed here would be run again with other seeds and ten times the
trials, and would have to be explained; a threshold is never raised.
"""

import dataclasses
import functools

import numpy as np
import pytest

import lingauss as lg
from lingauss.algebra.channel import Channel
from lingauss.algebra.cumulants import CumulantFunction
from lingauss.algebra.psd import Diagonal
from lingauss.gaps import cumulants
from lingauss.ledgers import dense, risk, spectral
from lingauss.model import coupling, design, labels, prepared
from lingauss.model.directions import Directions
from lingauss.model.learners import Law
from lingauss.model.sides import shrinkage
from lingauss.simulation.quantities import exact
from tests.simulation.designs import designs

DESIGNS = designs()
TRIALS = 6000


@functools.cache
def simulated(name):
    return DESIGNS[name].simulate(TRIALS, seed=list(DESIGNS).index(name))


def test_every_quantity_of_every_design_is_within_four_standard_errors():
    assert len(DESIGNS) >= 50
    deviations = {(name, what): z for name in DESIGNS for what, z in simulated(name).deviations.items()}
    assert len(deviations) > 1500
    assert {key: z for key, z in deviations.items() if not abs(z) <= 4.0} == {}
    # Were standard errors too large, anything would agree: deviations must scatter like standard normal numbers.
    scattered = np.array([z for z in deviations.values() if z != 0.0])
    assert abs(np.mean(scattered)) < 0.15
    assert 0.9 < np.std(scattered) < 1.1
    assert 0.03 < np.mean(np.abs(scattered) > 2.0) < 0.065


def test_every_option_is_carried_out():
    used = [simulated(name).case for name in DESIGNS]
    for setting in ("floor", "temperature", "mixing", "draws", "transfer"):
        assert len({repr(getattr(case, setting)) for case in used}) > 1
    kinds = {type(case.teacher).__name__ for case in used} | {type(case.student).__name__ for case in used}
    assert kinds == {"Ridge", "NoisyGradientDescent", "Channel", "Shards"}
    assert {type(case.bottleneck).__name__ for case in used} == {
        "NoneType",
        "Principal",
        "Best",
        "Selected",
        "Subspace",
    }
    assert {case.problem.mode for case in used} == {"averaged", "plug-in", "observed"}


# Mistakes that are easily made, each planted where the library computes the right formula.

MIXTURE, PREDICTOR, LABELS, SHARDS = coupling.mixture, coupling.predictor, labels.eigen_labels, lg.Shards.channel
PRECISIONS = lg.Ridge.precisions


def bare(channel):
    return Channel(channel.A, Diagonal(np.zeros(channel.dim_out)), channel.b)


def averaged_over_shards_alone(self, problem, draws=1):
    right = SHARDS(self, problem, draws)
    own = [self.learner.channel(lg.Problem.from_gram(part.gram, n_samples=1, label_noise=1.0).gramian, 0.6).cov
           for part in self.inputs]  # fmt: skip
    return Channel(right.A, sum(own) / (draws * len(own) ** 2), right.b)


PLANTED = {
    "draws do not divide the spread": (
        coupling, "mixture", lambda t, g, soft, nu: MIXTURE(t, g, dataclasses.replace(soft, draws=1), nu),
        "transfer through a bottleneck",
    ),
    "soft labels are as noisy as true ones": (
        coupling, "mixture", lambda t, g, soft, nu: MIXTURE(t, g, dataclasses.replace(soft, temperature=1.0), nu),
        "transfer from observed labels",
    ),
    "the teacher's own spread is not relabelled": (
        coupling, "mixture", lambda t, g, soft, nu: MIXTURE(bare(t), g, soft, nu), "transfer",
    ),
    "the student adds no spread of its own": (
        design, "predictor", lambda *args: bare(PREDICTOR(*args)), "transfer with an intercept",
    ),
    "transfer inputs are the training inputs": (
        design.Design, "seen_gramian", property(lambda self: self.problem.gramian), "covariate shift",
    ),
    "the label noise of the weights is forgotten": (
        dense, "noise_rows", lambda problem, A: np.zeros((1, len(A))), "two laws",
    ),
    "averaging over shards averages everything": (
        lg.Shards, "channel", averaged_over_shards_alone, "shards",
    ),
    "which labels a shard saw is drawn anew with every draw": (
        lg.Shards, "channel", lambda self, problem, draws=1: Channel(
            SHARDS(self, problem).A, SHARDS(self, problem).covariance.scaled(1.0 / draws)
        ), "shards drawn often",
    ),
    "mixing enters the variance unsquared": (
        Directions, "mixing_share", property(
            lambda self: np.abs(self.mixing) / self.draws * self.s * np.square(self.student.gain)
        ), "some true labels",
    ),
    "draws do not divide the spread of a direction": (
        Directions, "mixing_share", property(
            lambda self: np.square(self.mixing) * self.s * np.square(self.student.gain)
        ), "draws",
    ),
    "the floor is the assumed noise": (
        prepared, "_floor", lambda given, student, partial: np.ones(()), "principal",
    ),
    "ridge spreads like least squares": (
        lg.Ridge, "precisions", lambda self, s, nu: tuple(1.25 * part for part in PRECISIONS(self, s, nu)), "subspace",
    ),
    "steps are a flow": (
        lg.NoisyGradientDescent, "spectral", lambda self, s, nu: self.flow().spectral(s, nu), "steps of a student",
    ),
    "the intercept is free": (
        spectral, "intercept_gap", lambda problem: 0.0, "centred problem",
    ),
    "optimism counts once": (
        spectral, "shrinkage", lambda *args: tuple(0.5 * part for part in shrinkage(*args)), "known problem",
    ),
    "test inputs are the training inputs": (
        risk, "covariance_shift", lambda problem: None, "shifted problem",
    ),
    "spread has no risk": (
        Directions, "mixing_variance", property(lambda self: 0.0 * self.mixing_share), "hot soft labels",
    ),
    "the gap varies with the weights alone": (
        cumulants, "_with_residuals",
        lambda problem, mean, weights, linear: CumulantFunction(
            mean, weights, np.full(len(weights), float(problem.outputs)), linear
        ), "one output problem",
    ),
    "soft labels are the teacher's mean": (
        Law, "missed", property(lambda self: 0.0 * self.gain), "noiseless soft labels",
    ),
    "the label noise of the process is forgotten": (
        design, "eigen_labels", lambda problem: LABELS(problem)._replace(noise_power=np.zeros(problem.n_features)),
        "principal",
    ),
}  # fmt: skip


@pytest.mark.parametrize("mistake", PLANTED)
def test_wrong_formulas_are_caught(mistake, monkeypatch):
    where, name, wrong, design = PLANTED[mistake]
    right = simulated(design)
    assert max(abs(z) for z in right.deviations.values()) <= 4.0
    monkeypatch.setattr(where, name, wrong)
    # Built anew: a replaced design takes over what the right formulas found.
    mistaken = dataclasses.replace(right, case=dataclasses.replace(right.case))
    assert mistaken.exact == exact(mistaken.case, right.estimates)
    assert max(abs(z) for z in mistaken.deviations.values()) > 4.0
