"""Cumulant functions of a gap, test loss minus training loss: given the data, and over data and weights together.

The squared-loss gap of weights W = tAᵀ + b + spread is a quadratic form of the label noise and the spread, both
Gaussian, so both cumulant functions are those of a quadratic form (docs/theory.md §7.3–7.5).
"""

from __future__ import annotations

import numpy as np

from lingauss.algebra.cumulants import CumulantFunction
from lingauss.errors import DomainError
from lingauss.ledgers.laws import DenseWeights, SpectralWeights, Weights
from lingauss.ledgers.risk import expected_gap
from lingauss.ledgers.squares import covariance_shift, error_rows
from lingauss.model.labels import eigen_powers
from lingauss.model.problem import Problem
from lingauss.model.truth import need_truth
from lingauss.validation import Array

WHAT = "cumulant functions of the gap"


def conditional_cumulants(weights: Weights) -> CumulantFunction:
    """Return Λ_c(λ) = E_D log E[e^{λ gap} | D] for weights drawn from a law t ↦ W.

    At fixed design the gap is Gaussian given the data, Λ_c(λ) = λ gen + ½λ²σ̄² with σ̄² = (4ν²k/n²) tr(GV), and no
    truth is needed (docs/theory.md §7.3). Otherwise it is the quadratic form of §7.4, where V may be singular.

    Raises
    ------
    MissingTruthError
        If Σ_x ≠ G/n and the problem knows no truth.
    """
    problem = weights.problem
    mean = expected_gap(weights)
    if not isinstance(weights, DenseWeights) or (shift := covariance_shift(problem)) is None:
        variance = 4.0 * problem.outputs * (problem.label_noise / problem.n_samples) ** 2 * weights.training_spread
        return CumulantFunction(mean, np.zeros(1), np.zeros(1), np.array([variance]))
    root = weights.channel.covariance.root
    heights, turn = np.linalg.eigh(root.T @ shift @ root)
    gradient = gap_gradient(weights, shift) @ (root @ turn)
    degrees = np.full(len(heights), float(problem.outputs))
    return CumulantFunction(mean, heights, degrees, np.sum(np.square(gradient), axis=0))


def gap_gradient(weights: DenseWeights, shift: Array) -> Array:
    """Return rows N with NᵀN = Γ, the second moment of the gap's gradient at the mean weights (docs/theory.md §7.4).

    Parameters
    ----------
    weights : DenseWeights
    shift : (d, d)
        Q = Σ_x − G/n.
    """
    problem, channel = weights.problem, weights.channel
    noise_root = np.sqrt(problem.outputs) * problem.label_noise * problem.gramian.root.T
    fit = channel.A.T @ shift + np.eye(problem.n_features) / problem.n_samples
    return np.concatenate([2.0 * error_rows(problem, channel, WHAT) @ shift, 2.0 * noise_root @ fit])


def joint_cumulants(weights: SpectralWeights | DenseWeights) -> CumulantFunction:
    """Return Λ(λ) = log E e^{λ gap} over data and weights; averaged over the truth where that is a plug-in.

    Direction by direction where the law falls apart into them, else by one joint quadratic form.

    Raises
    ------
    MissingTruthError
        If the problem knows no truth.
    DomainError
        If there are fewer samples than the Gram matrix (with the intercept) has dimensions.
    """
    return _by_direction(weights) if isinstance(weights, SpectralWeights) else _by_quadratic_form(weights)


def _by_direction(weights: SpectralWeights) -> CumulantFunction:
    """Treat fixed design (docs/theory.md §7.5): D_i is a product of two linear factors, whose roots are the weights."""
    problem = weights.problem
    nu, n = problem.label_noise, problem.n_samples
    need_truth(problem, WHAT)
    everywhere = problem.eigenbasis.eigenvalues
    live = everywhere > 0
    gain, missed, variance = weights.gain[live], weights.missed[live], weights.variance[live]
    s, power = everywhere[live], eigen_powers(problem)[0][live]
    m = nu * (s * gain - missed)
    spread = nu**2 * s * variance
    large = 0.5 * nu / n * (m + np.copysign(np.sqrt(np.square(m) + 4.0 * spread), m))
    product = -np.square(nu / n) * spread  # of the two roots: dividing by one keeps the other's digits
    small = np.divide(product, large, out=np.zeros_like(s), where=large != 0.0)
    share = np.divide(large, large - small, out=np.ones_like(s), where=large != 0.0)
    linear = np.square(2.0 * nu / n * missed) * power / s
    return _with_residuals(
        problem,
        expected_gap(weights),
        np.concatenate([large, small]),
        np.concatenate([linear * share, linear * (1.0 - share)]),
    )


def _by_quadratic_form(weights: DenseWeights) -> CumulantFunction:
    """Treat any Σ_x and channel: the gap as a form in z (label noise on the range of G) and u (spread of the weights).

    Per output W − W* = B + zL₁ + uL₂ and the noise of t is zP.
    """
    problem, channel, shift = weights.problem, weights.channel, covariance_shift(weights.problem)
    nu, n = problem.label_noise, problem.n_samples
    basis = problem.eigenbasis
    live = basis.eigenvalues > 0
    noise = nu * (basis.vectors[:, live] * np.sqrt(basis.eigenvalues[live])).T
    error = error_rows(problem, channel, WHAT)
    to_weights = np.concatenate([noise @ channel.A.T, channel.covariance.root.T])
    to_noise = np.concatenate([noise, np.zeros((len(to_weights) - len(noise), problem.n_features))])
    form = (to_weights @ to_noise.T + to_noise @ to_weights.T) / n
    form[: len(noise), : len(noise)] -= nu**2 / n * np.eye(len(noise))
    linear = 2.0 / n * error @ to_noise.T
    if shift is not None:
        form = form + to_weights @ shift @ to_weights.T
        linear = linear + 2.0 * error @ shift @ to_weights.T
    heights, turn = np.linalg.eigh(0.5 * (form + form.T))
    variances = np.sum(np.square(linear @ turn), axis=0)
    return _with_residuals(problem, expected_gap(weights), heights, variances)


def _with_residuals(problem: Problem, mean: float, weights: Array, linear: Array) -> CumulantFunction:
    """Add the label noise that no weight sees: off the range of G, and what an intercept fits (docs/theory.md §1.2)."""
    k, unit = problem.outputs, problem.label_noise**2 / problem.n_samples
    fitted = int(np.count_nonzero(problem.eigenbasis.eigenvalues)) + problem.intercept
    rest = problem.n_samples - fitted
    if rest < 0:
        raise DomainError(
            f"at least {fitted} samples, the rank of the Gram matrix{' and an intercept' * problem.intercept}",
            f"{problem.n_samples}",
            "No inputs of so few rows have this Gram matrix; pass a larger n_samples.",
        )
    return CumulantFunction(
        mean,
        np.concatenate([weights, [-unit, unit]]),
        np.concatenate([np.full(len(weights), float(k)), [float(k * rest), float(k * problem.intercept)]]),
        np.concatenate([linear, np.zeros(2)]),
    )
