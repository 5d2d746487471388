"""Bounds of the literature on the same gaps: mutual information, individual samples, the Gibbs identity."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from lingauss.algebra.channel import Channel
from lingauss.algebra.cumulants import CumulantFunction
from lingauss.algebra.factor import EPS
from lingauss.errors import DomainError
from lingauss.model.bound_table import Bound
from lingauss.model.gap import TeacherStudent, covariance_shift, error_rows, expected_square, intercept_gap
from lingauss.model.information import individual_information, mutual_information, symmetrised_information
from lingauss.model.learners import Ridge
from lingauss.model.problem import Problem
from lingauss.validation import Array, as_array

if TYPE_CHECKING:
    from lingauss.model.distillation import Distillation

GRAM_TOLERANCE = EPS**0.5
OTHER_INPUTS = "Σ_x ≠ G/n: training losses are not samples of the test loss"
WHAT = "bounds"


def comparison_bounds(case: Distillation, gaps: TeacherStudent, inputs: Array | None = None) -> Iterator[Bound]:
    """Yield the literature's bounds on the student's and the teacher's gap (docs/bounds.md).

    Parameters
    ----------
    gaps : TeacherStudent
        The exact gaps.
    inputs : (n, d), optional
        X for the bound that looks at single samples, as :func:`as_inputs` returns them.
    """
    problem = case.problem
    yield _information_row(problem, "student", "", case.student_predictor, gaps.student)
    yield _information_row(problem, "teacher", "teacher ", case.teacher_channel, gaps.teacher)
    yield _individual_row(problem, "student", "", case.student_predictor, inputs, gaps.student)
    yield _individual_row(problem, "teacher", "teacher ", case.teacher_channel, inputs, gaps.teacher)
    yield _gibbs_row(case, gaps.teacher)


def information_width(problem: Problem, channel: Channel, information: float) -> float:
    """Return √(2 E[σ²(W)] I) for I = I(D; W), σ²(w) the variance of the gap's part that is linear in the labels.

    At fixed design that part is (2/n) tr((w − W*)(t − W*G)ᵀ), Gaussian for every w, with
    E σ²(W) = (4ν²/n²) E tr((W − W*)G(W − W*)ᵀ): the argument of Xu & Raginsky (2017) with the parameter of each w.
    """
    spread = expected_square(problem, channel, problem.gram, WHAT)
    if spread == 0.0 or information == 0.0:
        return 0.0
    return 2.0 * problem.label_noise / problem.n_samples * math.sqrt(2.0 * spread) * math.sqrt(information)


def individual_width(problem: Problem, channel: Channel, inputs: Array) -> float:
    """Return (1/n) Σ_i inf over λ of [I(y_i; W) + Λ_i(λ)]/λ, which bounds the gap (Bu, Zou & Veeravalli 2020).

    Λ_i is the centred cumulant function of minus the loss on sample i of weights that have not seen it: with
    c_i = ν² + x_iᵀCx_i, C the weights' covariance (and the intercept's variance ν²/n), minus c_i times a noncentral χ²
    with k degrees of freedom.

    Parameters
    ----------
    inputs : (n, d)
        X, centred if an intercept was fitted.
    """
    nu, k = problem.label_noise, problem.outputs
    moved = nu * problem.gramian.root.T @ channel.A.T
    scale = np.sum(np.square(inputs @ moved.T), axis=1) + np.sum((inputs @ channel.cov) * inputs, axis=1)
    scale = scale + nu**2 * (1.0 + problem.intercept / problem.n_samples)
    offsets = np.sum(np.square(error_rows(problem, channel, WHAT) @ inputs.T), axis=0)
    information = individual_information(problem, channel, inputs)
    total = 0.0
    for nats, size, offset in zip(information, scale, offsets, strict=True):
        law = CumulantFunction(0.0, np.array([-size]), np.array([float(k)]), np.array([4.0 * size * offset]))
        total += law.deviation(float(nats)).excess
    return total / problem.n_samples


def _information_row(
    problem: Problem, learner: Literal["student", "teacher"], prefix: str, channel: Channel, exact: float
) -> Bound:
    name, source = f"{prefix}mutual information", "Xu & Raginsky 2017, averaged over the weights, docs/bounds.md"
    if covariance_shift(problem) is not None:
        return Bound(name, learner, "upper", math.inf, exact, False, OTHER_INPUTS, source)
    information = mutual_information(problem, channel)
    value = intercept_gap(problem) + information_width(problem, channel, information)
    why = f"linear in Gaussian labels for each w; I(D; W) = {information:.4g} nats"
    if information == math.inf:
        why += "; says nothing, because the weights reveal labels"
    return Bound(name, learner, "upper", value, exact, True, why, source)


def _individual_row(
    problem: Problem,
    learner: Literal["student", "teacher"],
    prefix: str,
    channel: Channel,
    inputs: Array | None,
    exact: float,
) -> Bound:
    name = f"{prefix}individual-sample mutual information"
    source = "Bu, Zou & Veeravalli 2020 (cumulant form)"
    if covariance_shift(problem) is not None:
        return Bound(name, learner, "upper", math.inf, exact, False, OTHER_INPUTS, source)
    if inputs is None:
        return Bound(name, learner, "upper", math.inf, exact, False, "needs the inputs: pass rows=X", source)
    information = individual_information(problem, channel, inputs)
    why = f"labels are independent; I(y_i; W) up to {information.max():.4g} nats"
    return Bound(name, learner, "upper", individual_width(problem, channel, inputs), exact, True, why, source)


def _gibbs_row(case: Distillation, exact: float) -> Bound:
    """gen_T = I_SKL(D; W_T)/γ for a Gibbs posterior with γ = n/(2ω_T); an intercept adds its own gap."""
    problem, teacher = case.problem, case.teacher
    name, source = "Gibbs symmetrised KL", "Aminian et al. 2021"
    if covariance_shift(problem) is not None:
        why = OTHER_INPUTS
    elif not isinstance(teacher, Ridge):
        why = "the teacher is not given as a Gibbs posterior (Ridge)"
    elif teacher.temperature == 0.0:
        why = "a deterministic teacher reveals labels: the information and the inverse temperature are infinite"
    else:
        inverse_temperature = problem.n_samples / (2.0 * teacher.dispersion(problem.label_noise))
        information = symmetrised_information(problem, case.teacher_channel)
        value = intercept_gap(problem) + information / inverse_temperature
        why = f"Gibbs posterior with γ = {inverse_temperature:.4g}; I_SKL = {information:.4g} nats"
        return Bound(name, "teacher", "equal", value, exact, True, why, source)
    return Bound(name, "teacher", "equal", math.inf, exact, False, why, source)


def as_inputs(rows: Any, problem: Problem) -> Array:
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
