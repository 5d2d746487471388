"""Empirical choices made from moments alone: the label noise from residuals, the penalty by marginal likelihood."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from lingauss.algebra.factor import rounding
from lingauss.errors import NoiseEstimationError
from lingauss.validation import Array


def residual_noise(label_power: float, explained: float, freedom: int, outputs: int) -> float:
    """Return the unbiased estimate of the label-noise standard deviation ν, pooled over outputs.

    ν² = (tr YᵀY − tr t G⁺ tᵀ) / (k (n − rank G)), one further degree less for an intercept.

    Parameters
    ----------
    label_power : float
        tr YᵀY.
    explained : float
        tr t G⁺ tᵀ, the part of it that least squares explains.
    freedom : int
        n minus the number of fitted coefficients per output.
    outputs : int
        k.

    Raises
    ------
    NoiseEstimationError
        If no degree of freedom is left or the fit is exact to working precision.
    """
    if freedom <= 0:
        raise NoiseEstimationError(
            "more samples than fitted coefficients",
            f"{freedom} residual degrees of freedom",
            "Pass label_noise, or more samples.",
        )
    residual = label_power - explained
    if residual <= rounding(1) * label_power:
        raise NoiseEstimationError(
            "labels with some noise", "a least-squares fit without residuals", "Pass label_noise > 0."
        )
    return math.sqrt(residual / (outputs * freedom))


def evidence_penalty(eigenvalues: Array, power: Array, outputs: int, noise: float) -> float:
    """Return the ridge penalty λ that maximises the marginal likelihood of t at noise ν.

    Under the prior N(0, (ν²/λ) I), t_i ~ N(0, ν² s_i (1 + s_i/λ)) in each eigen-direction and output.

    Parameters
    ----------
    eigenvalues, power : (d,)
        s_i and |t_i|².
    outputs : int
        k.
    noise : float
        ν, a standard deviation.

    Raises
    ------
    NoiseEstimationError
        If the likelihood has no maximum at a finite positive penalty.
    """
    live = eigenvalues > 0
    s, observed = eigenvalues[live], power[live] / (noise**2 * eigenvalues[live])

    def cost(penalty: float) -> float:
        ratio = s / penalty
        return float(np.sum(outputs * np.log1p(ratio) + observed / (1.0 + ratio)))

    return _peak(cost, s)


def joint_evidence(
    eigenvalues: Array, power: Array, label_power: float, degrees: int, outputs: int, penalty: float | None = None
) -> tuple[float, float]:
    """Return the penalty λ, unless it is given, and the label noise ν that maximise the marginal likelihood of labels.

    At each λ the best noise is ν² = (tr YᵀY − Σ |t_i|²/(s_i + λ)) / (k · degrees); no residual degree of freedom is
    needed (docs/theory.md §1.7).

    Parameters
    ----------
    eigenvalues, power : (d,)
        s_i and |t_i|².
    label_power : float
        tr YᵀY.
    degrees : int
        n, less 1 for an intercept.
    outputs : int
        k.
    penalty : float, optional
        λ > 0.

    Returns
    -------
    penalty, noise : float
        λ, and ν as a standard deviation.

    Raises
    ------
    NoiseEstimationError
        If the likelihood has no maximum at a finite positive penalty.
    """
    live = eigenvalues > 0
    s, observed = eigenvalues[live], power[live]

    def variance(penalty: float) -> float:
        left = label_power - float(np.sum(observed / (s + penalty)))
        return max(left, rounding(1) * label_power) / (outputs * degrees)

    def cost(penalty: float) -> float:
        return outputs * (degrees * math.log(variance(penalty)) + float(np.sum(np.log1p(s / penalty))))

    best = _peak(cost, s) if penalty is None else penalty
    return best, math.sqrt(variance(best))


def _peak(cost: Callable[[float], float], eigenvalues: Array) -> float:
    """Return the penalty of least cost between far below the smallest and far above the largest eigenvalue."""
    from scipy.optimize import minimize_scalar

    if not len(eigenvalues):
        raise NoiseEstimationError(
            "inputs that vary", "a Gram matrix of zeros, whose likelihood is flat", "Pass penalty explicitly."
        )
    low, high = math.log(eigenvalues.min()) - 20.0, math.log(eigenvalues.max()) + 20.0
    grid = np.linspace(low, high, 400)
    best = int(np.argmin([cost(math.exp(x)) for x in grid]))
    if best in (0, len(grid) - 1):
        raise NoiseEstimationError(
            "labels whose marginal likelihood peaks at a finite positive penalty",
            "a likelihood that peaks at penalty " + ("0" if best == 0 else "infinity, as for labels without signal"),
            "Pass penalty explicitly.",
        )
    bounds = grid[best - 1], grid[best + 1]
    refined = minimize_scalar(lambda x: cost(math.exp(x)), bounds=bounds, method="bounded", options={"xatol": 1e-10})
    return math.exp(refined.x)
