"""Excess risks of rounds on inputs that are drawn, on average over them (docs/theory.md §10.4–10.5)."""

from __future__ import annotations

from typing import Any

import numpy as np

from lingauss.equivalents.fit import Mask, no_posterior
from lingauss.equivalents.models import Labels, Model, RidgeOnRows
from lingauss.equivalents.stages import Block, Stages
from lingauss.ledgers.fresh import basis_seen, model_of, ridge_on_rows
from lingauss.model.bottleneck import Subspace
from lingauss.model.design import Design
from lingauss.model.eigenbasis import Eigenbasis
from lingauss.model.fresh import FreshInputs
from lingauss.model.learners import Ridge
from lingauss.model.population import not_averaged
from lingauss.model.truth import need_truth
from lingauss.rounds.record import Rounds
from lingauss.rounds.redraws import Fresh, Pool
from lingauss.validation import Array


def on_new_rows(chain: Rounds[Any]) -> Array:
    """Return the excess risk of every round's student, each on rows of its own, through any views, (rounds,)."""
    case, axes = chain.case, Eigenbasis.of(chain.case.problem.test_covariance)
    truth = axes.rotate(need_truth(case.problem, "excess risks").rows)
    model, risks = first_model(case, axes, truth), []
    for number in range(1, chain.rounds + 1):
        design = chain.round(number)
        model = fit_of_round(design).learned(labels_of_round(design, truth, model, chain.pool is Pool.ROWS))
        risks.append(model.excess_risk(axes.eigenvalues, truth))
        if not np.isfinite(risks[-1]):  # its peak: what learns from that is as lost
            return np.array(risks + [np.inf] * (chain.rounds - number))
    return np.array(risks)


def first_model(case: Design, axes: Eigenbasis, truth: Array) -> Model:
    """Return the first teacher: of a population's rows, or of given ones."""
    problem = case.problem
    if problem.population is None:
        return model_of(case.teacher_predictor, problem, axes)
    fit = ridge_on_rows(case.teacher, "teacher", problem, case.teacher_bottleneck, problem.n_samples)
    return fit.learned(Labels(truth, Model.of_truth(truth), 0.0, 1, problem.outputs * problem.label_noise**2))


def fit_of_round(design: Design) -> RidgeOnRows:
    """Return the student of a round on rows of its own."""
    return ridge_on_rows(design.student, "student", design.problem, design.view, rows_of_round(design))


def rows_of_round(design: Design) -> int:
    """Return how many rows a round draws."""
    return design.transfer.n_samples if isinstance(design.transfer, FreshInputs) else design.problem.n_samples


def labels_of_round(design: Design, truth: Array, teacher: Model, pooled: bool) -> Labels:
    """Return how a round labels its rows."""
    noise = label_noise(design, design.mixing, pooled)
    return Labels(truth, teacher, design.mixing, design.draws, noise, pooled)


def label_noise(design: Design, xi: float, pooled: bool) -> float:
    """Return the energy of the noise in labels of which a share ξ is soft, true and soft ones together."""
    true, soft = 1.0 - xi, design.temperature / design.draws
    shares = true + xi * soft if pooled else true**2 + xi**2 * soft
    return design.problem.outputs * design.problem.label_noise**2 * shares


def of_population(chain: Rounds[Any]) -> Array:
    """Return the excess risk of every round's student where all rows are drawn, shared between rounds or not."""
    case, problem = chain.case, chain.case.problem
    if problem.population is None:
        raise AssertionError("only a population is averaged over")
    designs = [case, *(chain.round(number) for number in range(1, chain.rounds + 1))]
    sides = [(case.teacher, case.teacher_bottleneck), *((each.student, each.view) for each in designs[1:])]
    for learner, bottleneck in sides:
        if type(learner) is not Ridge:
            raise not_averaged(f"a {type(learner).__name__} in rounds, where Ridge has one")
        if isinstance(bottleneck, Subspace):
            raise not_averaged("a Subspace in rounds that share rows, where Selected has one")
    energies = np.array([problem.outputs * learner.dispersion(problem.label_noise) for learner, _ in sides])
    shares = np.arange(1, len(sides) + 1) if chain.accumulate and chain.fresh is Fresh.LABELS else np.ones(len(sides))
    energies = energies / shares
    stages = Stages(
        problem.population.axes.eigenvalues,
        need_truth(problem, "excess risks").power(problem.population.axes),
        np.array([basis_seen(bottleneck, problem.population.axes).any(axis=1) for _, bottleneck in sides]),
        np.array([learner.penalty for learner, _ in sides]) / shares,
        _blocks(chain, designs),
        energies / case.draws,
    )
    risks, residual = stages.errors().diagonal(), stages.residuals
    if np.any((energies > 0.0) & (residual == 0.0)):
        raise no_posterior()
    own = energies * (1.0 - 1.0 / case.draws)
    return np.asarray(risks + own * np.divide(1.0 - residual, residual, out=np.zeros_like(own), where=residual > 0))[1:]


def _blocks(chain: Rounds[Any], designs: list[Design]) -> list[Block]:
    """Return the rows of all rounds; the first design stands for the first teacher."""
    first, count = designs[0].problem, len(designs)
    unit = first.outputs * first.label_noise**2
    mixing = np.array([0.0, *(design.mixing for design in designs[1:])])
    soft = np.array([0.0, *(design.temperature / design.draws for design in designs[1:])])
    taught = np.eye(count) - np.diag(mixing[1:], -1)
    apart = np.diag((1.0 - mixing) ** 2 + mixing**2 * soft) * unit
    if chain.fresh is Fresh.NONE:
        noise = unit * (np.outer(1.0 - mixing, 1.0 - mixing) + np.diag(mixing**2 * soft))
        return [Block(first.n_samples, taught, noise)]
    if chain.fresh is Fresh.LABELS and not chain.accumulate:
        return [Block(first.n_samples, taught, apart)]
    if chain.fresh is Fresh.LABELS:
        mean = np.tril(np.ones((count, count))) / np.arange(1, count + 1)[:, None]  # of all label sets so far
        return [Block(first.n_samples, np.eye(count) + mean @ (taught - np.eye(count)), mean @ apart @ mean.T)]
    learns = np.tril(np.ones((count, count), np.bool_)).T if chain.accumulate else np.eye(count, dtype=np.bool_)
    blocks = [_drawn_in(0, learns, float(first.n_samples), 0.0, unit)]
    for number, design in enumerate(designs[1:], start=1):
        n, xi = float(rows_of_round(design)), mixing[number]
        if chain.pool is Pool.LABELS:
            blocks.append(_drawn_in(number, learns, n, xi, apart[number, number]))
        else:
            blocks += [_drawn_in(number, learns, n * (1.0 - xi), 0.0, unit)] if xi < 1.0 else []
            blocks += [_drawn_in(number, learns, n * xi, 1.0, unit * soft[number])] if xi > 0.0 else []
    return blocks


def _drawn_in(number: int, learns: Mask, n_samples: float, mixing: float, noise: float) -> Block:
    """Return rows that a round draws, labelled by the one before; ``learns`` says who is trained on whose rows."""
    here = learns[number]
    pull = np.diag(here.astype(np.float64))
    pull[here, number - 1] -= mixing
    return Block(n_samples, pull, noise * np.outer(here, here))
