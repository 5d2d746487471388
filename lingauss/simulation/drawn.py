"""Designs carried out: at inputs that are given, or at sets of inputs that are drawn too."""

from __future__ import annotations

import math

import numpy as np

from lingauss.model.design import Design
from lingauss.progress import tracked
from lingauss.simulation import simulate as given_inputs
from lingauss.simulation.average import average_over_inputs
from lingauss.simulation.simulate import Estimate, Simulation
from lingauss.sweep.quantities import RISKS
from lingauss.validation import as_count

SETS = 20  # of inputs, whose scatter gives the standard errors


def simulate(case: Design, trials: int = 10_000, seed: int = 0) -> Simulation:
    """Carry the design out many times: draw labels, train teachers and students, and see what comes of it.

    Nothing is drawn from a closed form, unless a law was given as a channel (docs/simulation.md). Where inputs are
    drawn, 20 sets of Gaussian ones share the trials, and gaps and risks are the quantities.

    Parameters
    ----------
    trials : int
        Label draws; each is used with both signs of its noise, and everything is trained twice on each.
    seed : int
        The same seed gives the same numbers.

    Returns
    -------
    Simulation
        Estimates with standard errors of every quantity that is defined, and the closed forms beside them.

    Raises
    ------
    DomainError
        If there are too few trials, fewer samples than the Gram matrix takes, or a learner whose training cannot be
        run, such as a continuous flow.
    MissingTruthError
        If the problem has neither truth nor labels.
    """
    if not case.averages_over_inputs:
        return given_inputs.simulate(case, trials, seed)
    trials, seed = as_count(trials, "trials", minimum=SETS), as_count(seed, "seed", minimum=0)
    inputs, runs = average_over_inputs(case, SETS, seed), []
    for number in tracked(range(SETS), SETS, "sets of inputs"):
        runs.append(given_inputs.simulate(inputs.given(number), trials // SETS, seed + number))
    found = {}
    for name in RISKS:
        values = [run[name].value for run in runs]
        found[name] = Estimate(float(np.mean(values)), float(np.std(values, ddof=1)) / math.sqrt(SETS))
    return Simulation(case, sum(run.trials for run in runs), SETS, seed, found)
