"""What one carried-out experiment says about every quantity: one unbiased estimate per batch."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from lingauss.gaps.generalisation import conditional_gap_cumulants, gap_cumulants
from lingauss.ledgers.divergences import reverse_divergence
from lingauss.ledgers.label_divergence import label_divergence
from lingauss.ledgers.process_divergence import process_divergence
from lingauss.model.bottleneck import complement
from lingauss.model.design import Design
from lingauss.model.learners import Learner
from lingauss.simulation.experiment import Experiment, Labels, Shape
from lingauss.simulation.stacks import through
from lingauss.simulation.unbiased import Sample, ledger_estimates
from lingauss.sweep.pointwise import quantities_of
from lingauss.sweep.quantities import COSTS, RISKS
from lingauss.validation import Array

Estimates = dict[str, Array]


def estimates(experiment: Experiment, shape: Shape) -> Estimates:
    """Carry out (batches, pairs) pairs of trials and return one estimate per batch of every quantity, (batches,)."""
    case, problem = experiment.case, experiment.case.problem
    labels = experiment.draw_labels(shape)
    teacher = experiment.reference(experiment.complete(labels.reached))
    predictor, student = experiment.distil(experiment.complete(labels.reached))
    found = _of_weights(case, student, teacher)
    found |= _of_predictions(experiment, student, teacher)
    if labels.truth is not None and _has_comparable_processes(case):
        found |= _of_processes(experiment, labels)
    if labels.truth is not None:
        if case.transfer is None or not problem.intercept:
            found |= _of_soft_labels(experiment, labels)
        found |= _of_losses(experiment, labels, teacher, predictor)
    return found


def exact(case: Design, names: Mapping[str, object]) -> dict[str, float]:
    """Return what the closed forms say of the quantities that were simulated."""
    swept = [name for name in names if name.removeprefix("prediction_") in COSTS or name in RISKS]
    values = quantities_of(case, swept)
    others = {
        "reverse_divergence": lambda: reverse_divergence(case).total,
        "process_divergence_weights": lambda: process_divergence(case).weights,
        "label_divergence_statistic": lambda: label_divergence(case).statistic,
        "teacher_gap_variance": lambda: gap_cumulants(case).variance,
        "teacher_gap_variance_given_data": lambda: conditional_gap_cumulants(case).variance,
    }
    return {name: float(values[name] if name in values else others[name]()) for name in names}


def _has_comparable_processes(case: Design) -> bool:
    return isinstance(case.student, Learner) and case.mixing == 1.0 and case.draws == 1 and case.transfer is None


def _of_weights(case: Design, student: Array, teacher: Array) -> Estimates:
    learned, taught = Sample.of(student), Sample.of(teacher)
    if taught.is_singular:  # from a law on fewer dimensions, whose divergences samples cannot tell from +inf
        return {}
    kept, dropped = case.basis, complement(case.basis)
    found = _named(ledger_estimates(learned, taught, kept, dropped), "")
    if not learned.is_singular:
        everything = np.eye(len(kept))
        cells = ledger_estimates(taught, learned, everything, everything[:, :0])
        found["reverse_divergence"] = cells.sum(axis=(1, 2))
    return found


def _of_predictions(experiment: Experiment, student: Array, teacher: Array) -> Estimates:
    """Let both label the test inputs with noise, and compare the labels."""
    problem, rng = experiment.case.problem, experiment.rng
    view = test_inputs(experiment.case)
    if not view.shape[1]:
        return {}

    def predicted(weights: Array) -> Sample:
        clean = through(weights, view)
        return Sample.of(clean + problem.label_noise * rng.standard_normal(clean.shape))

    kept = _range(view.T @ experiment.case.basis, float(np.linalg.norm(view, 2)))
    cells = ledger_estimates(predicted(student), predicted(teacher), kept, complement(kept))
    return _named(cells, "prediction_")


def test_inputs(case: Design) -> Array:
    """Return columns (d, rows) that stand for n test inputs: their Gram matrix is n Σ_x."""
    problem = case.problem
    if problem.test_covariance is None:
        return problem.gramian.root
    return math.sqrt(problem.n_samples) * problem.test_covariance.root


def _of_processes(experiment: Experiment, labels: Labels) -> Estimates:
    """Train teacher and student on the same soft labels, twice each, and compare their weights."""
    student, everything = experiment.case.student, np.eye(experiment.case.problem.n_features)
    shared = experiment.soft_labels(experiment.complete(labels.reached[:, :, :, :1]), 1)
    soft = np.repeat(shared, 2, axis=3)
    if not isinstance(student, Learner):
        return {}
    taught = Sample.of(experiment.reference(experiment.complete(experiment.within_reach(soft))))
    learned = Sample.of(experiment.learn(student, soft)[1])
    if taught.is_singular:
        return {}
    cells = ledger_estimates(learned, taught, everything, everything[:, :0], one_mean=False)
    return {"process_divergence_weights": cells.sum(axis=(1, 2))}


def _of_soft_labels(experiment: Experiment, labels: Labels) -> Estimates:
    """Compare soft labels with fresh true labels of the same inputs, as far as the inputs reach them."""
    problem, inputs = experiment.case.problem, experiment.student_inputs
    reach = _range(inputs, float(np.linalg.norm(inputs, 2)))
    if labels.truth is None or not reach.shape[1]:
        return {}
    soft = experiment.soft_labels(experiment.complete(labels.reached), 1)
    fresh = labels.truth @ inputs.T + problem.label_noise * experiment.rng.standard_normal(soft.shape)
    everything = np.eye(reach.shape[1])
    cells = ledger_estimates(
        Sample.of(through(soft, reach)), Sample.of(through(fresh, reach)), everything, everything[:, :0]
    )
    return {"label_divergence_statistic": cells.sum(axis=(1, 2))}


def _of_losses(experiment: Experiment, labels: Labels, teacher: Array, predictor: Array) -> Estimates:
    """Evaluate test and training losses of the weights that were trained."""
    problem = experiment.case.problem
    if labels.truth is None:
        return {}
    n, view = problem.n_samples, test_inputs(experiment.case)
    reached = through(labels.reached, experiment.reach)
    found: Estimates = {}
    for name, weights in (("teacher", teacher), ("student", predictor)):
        missed = np.sum(np.square(through(weights - labels.truth, view)), axis=(4, 5)) / n + labels.level
        fit = np.sum(np.square(reached - through(weights, experiment.inputs.T @ experiment.reach)), axis=(4, 5))
        gap = problem.outputs * problem.label_noise**2 + missed - (fit + labels.residual) / n
        found[f"{name}_excess_risk"] = missed.mean(axis=(1, 2, 3))
        found[f"{name}_gap"] = gap.mean(axis=(1, 2, 3))
        if name == "teacher":
            found["teacher_gap_variance"] = gap.var(axis=1, ddof=1).mean(axis=(1, 2))
            apart = np.square(gap[..., 0] - gap[..., 1])
            found["teacher_gap_variance_given_data"] = 0.5 * apart.mean(axis=(1, 2))
    return found


def _named(cells: Array, prefix: str) -> Estimates:
    """Return cells (batches, 2, 3) and their sums by the names they have in sweeps."""
    retained, discarded = cells[:, 0], cells[:, 1]
    values = {
        "divergence": cells.sum(axis=(1, 2)),
        "bias": retained[:, 0],
        "variance": retained[:, 1] + retained[:, 2],
        "rank_bottleneck": discarded.sum(axis=1),
    }
    for side, row in (("retained", retained), ("discarded", discarded)):
        values |= {f"{side}_{source}": row[:, i] for i, source in enumerate(("mean", "noise", "spread"))}
    return {f"{prefix}{name}": value for name, value in values.items()}


def _range(matrix: Array, size: float) -> Array:
    """Return an orthonormal basis of a matrix's range, up to rounding of numbers of the given size."""
    if 0 in matrix.shape:
        return np.zeros((len(matrix), 0))
    left, singular, _ = np.linalg.svd(matrix, full_matrices=False)
    return np.asarray(left[:, singular > 1e-10 * size])
