"""Bounds of the literature on the same gaps: mutual information, individual samples, the Gibbs identity."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Literal

import numpy as np

from lingauss.algebra.cumulants import CumulantFunction
from lingauss.algebra.factor import EPS
from lingauss.errors import DomainError
from lingauss.gaps.bound_table import Bound
from lingauss.ledgers.laws import (
    DenseWeights,
    Weights,
    individual_information,
    mutual_information,
    symmetrised_information,
)
from lingauss.ledgers.risk import TeacherStudent, intercept_gap
from lingauss.ledgers.squares import covariance_shift
from lingauss.model.design import Design
from lingauss.model.learners import Ridge
from lingauss.model.problem import Problem
from lingauss.validation import Array, as_array

GRAM_TOLERANCE = EPS**0.5
OTHER_INPUTS = "Σ_x ≠ G/n: training losses are not samples of the test loss"
WHAT = "bounds"


def comparison_bounds(
    design: Design, teacher: Weights, student: Weights, gaps: TeacherStudent, rows: Any = None
) -> Iterator[Bound]:
    """Yield the literature's bounds on the student's and the teacher's gap (docs/bounds.md).

    Parameters
    ----------
    teacher, student : Weights
        Laws of what both predict with.
    gaps : TeacherStudent
        The exact gaps.
    rows : (n, d), optional
        Inputs X for the bound that looks at single samples.

    Raises
    ------
    ShapeError, DomainError, NotFiniteError, NotNumericError
        If ``rows`` are not inputs with the problem's Gram matrix.
    """
    inputs = None if rows is None else _as_inputs(rows, design.problem)
    if inputs is not None and design.frame is not None and isinstance(student, DenseWeights):
        inputs = design.frame.rows(inputs)
    sides: tuple[tuple[Literal["student", "teacher"], str, Weights, float], ...] = (
        ("student", "", student, gaps.student),
        ("teacher", "teacher ", teacher, gaps.teacher),
    )
    for side in sides:
        yield _information_row(*side)
    for side in sides:
        yield _individual_row(*side, inputs)
    yield _gibbs_row(design, teacher, gaps.teacher)


def information_width(weights: Weights, information: float) -> float:
    """Return √(2 E[σ²(W)] I) for I = I(D; W), σ²(w) the variance of the gap's part that is linear in the labels.

    At fixed design that part is (2/n) tr((w − W*)(t − W*G)ᵀ), Gaussian for every w, with
    E σ²(W) = (4ν²/n²) E tr((W − W*)G(W − W*)ᵀ): the argument of Xu & Raginsky (2017) with the parameter of each w.
    """
    spread = weights.squared_error(WHAT)
    if spread == 0.0 or information == 0.0:
        return 0.0
    problem = weights.problem
    return 2.0 * problem.label_noise / problem.n_samples * math.sqrt(2.0 * spread) * math.sqrt(information)


def individual_width(weights: Weights, inputs: Array, information: Array) -> float:
    """Return (1/n) Σ_i inf over λ of [I(y_i; W) + Λ_i(λ)]/λ, which bounds the gap (Bu, Zou & Veeravalli 2020).

    Λ_i is the centred cumulant function of minus the loss on sample i of weights that have not seen it: with
    c_i = ν² + x_iᵀCx_i, C the weights' covariance (and the intercept's variance ν²/n), minus c_i times a noncentral χ²
    with k degrees of freedom.

    Parameters
    ----------
    inputs : (n, d)
        X, centred if an intercept was fitted.
    information : (n,)
        I(y_i; W).
    """
    problem = weights.problem
    scale = weights.prediction_variances(inputs)
    scale = scale + problem.label_noise**2 * (1.0 + problem.intercept / problem.n_samples)
    offsets = weights.squared_biases(inputs, WHAT)
    total, degrees = 0.0, np.array([float(problem.outputs)])
    for nats, size, offset in zip(information, scale, offsets, strict=True):
        law = CumulantFunction(0.0, np.array([-size]), degrees, np.array([4.0 * size * offset]))
        total += law.deviation(float(nats)).excess
    return total / problem.n_samples


def _information_row(learner: Literal["student", "teacher"], prefix: str, weights: Weights, exact: float) -> Bound:
    name, source = f"{prefix}mutual information", "Xu & Raginsky 2017, averaged over the weights, docs/bounds.md"
    if covariance_shift(weights.problem) is not None:
        return Bound(name, learner, "upper", math.inf, exact, False, OTHER_INPUTS, source)
    information = mutual_information(weights)
    value = intercept_gap(weights.problem) + information_width(weights, information)
    why = f"linear in Gaussian labels for each w; I(D; W) = {information:.4g} nats"
    if information == math.inf:
        why += "; says nothing, because the weights reveal labels"
    return Bound(name, learner, "upper", value, exact, True, why, source)


def _individual_row(
    learner: Literal["student", "teacher"], prefix: str, weights: Weights, exact: float, inputs: Array | None
) -> Bound:
    name = f"{prefix}individual-sample mutual information"
    source = "Bu, Zou & Veeravalli 2020 (cumulant form)"
    if covariance_shift(weights.problem) is not None:
        return Bound(name, learner, "upper", math.inf, exact, False, OTHER_INPUTS, source)
    if inputs is None:
        return Bound(name, learner, "upper", math.inf, exact, False, "needs the inputs: pass rows=X", source)
    information = individual_information(weights, inputs)
    why = f"labels are independent; I(y_i; W) up to {information.max():.4g} nats"
    return Bound(name, learner, "upper", individual_width(weights, inputs, information), exact, True, why, source)


def _gibbs_row(design: Design, weights: Weights, exact: float) -> Bound:
    """gen_T = I_SKL(D; W_T)/γ for a Gibbs posterior with γ = n/(2ω_T); an intercept adds its own gap."""
    problem, teacher = design.problem, design.teacher
    name, source = "Gibbs symmetrised KL", "Aminian et al. 2021"
    if covariance_shift(problem) is not None:
        why = OTHER_INPUTS
    elif not isinstance(teacher, Ridge):
        why = "the teacher is not given as a Gibbs posterior (Ridge)"
    elif teacher.temperature == 0.0:
        why = "a deterministic teacher reveals labels: the information and the inverse temperature are infinite"
    else:
        inverse_temperature = problem.n_samples / (2.0 * teacher.dispersion(problem.label_noise))
        information = symmetrised_information(weights)
        value = intercept_gap(problem) + information / inverse_temperature
        why = f"Gibbs posterior with γ = {inverse_temperature:.4g}; I_SKL = {information:.4g} nats"
        return Bound(name, "teacher", "equal", value, exact, True, why, source)
    return Bound(name, "teacher", "equal", math.inf, exact, False, why, source)


def _as_inputs(rows: Any, problem: Problem) -> Array:
    """Read inputs and check them against the Gram matrix; centred where the problem is."""
    inputs = as_array(rows, "rows", (("samples", problem.n_samples), ("features", problem.n_features)))
    if problem.intercept:
        inputs = inputs - inputs.mean(axis=0)
    gap = float(np.abs(inputs.T @ inputs - problem.gram).max())
    if gap > GRAM_TOLERANCE * float(np.abs(problem.gram).max()):
        raise DomainError(
            "rows whose Gram matrix is the problem's",
            f"a Gram matrix that differs by {gap:.3g}",
            "Pass the inputs X that the problem was built from.",
        )
    return inputs
