"""Empirical choices made from moments alone: the label noise from residuals, the penalty by marginal likelihood."""

from __future__ import annotations

import math

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
    from scipy.optimize import minimize_scalar

    live = eigenvalues > 0
    if not live.any():
        raise NoiseEstimationError(
            "inputs that vary", "a Gram matrix of zeros, whose likelihood is flat", "Pass penalty explicitly."
        )
    s, observed = eigenvalues[live], power[live] / (noise**2 * eigenvalues[live])

    def cost(log_penalty: float) -> float:
        ratio = s * math.exp(-log_penalty)
        return float(np.sum(outputs * np.log1p(ratio) + observed / (1.0 + ratio)))

    grid = np.linspace(math.log(s.min()) - 20.0, math.log(s.max()) + 20.0, 400)
    best = int(np.argmin([cost(x) for x in grid]))
    if best in (0, len(grid) - 1):
        raise NoiseEstimationError(
            "labels whose marginal likelihood peaks at a finite positive penalty",
            "a likelihood that peaks at penalty " + ("0" if best == 0 else "infinity, as for labels without signal"),
            "Pass penalty explicitly.",
        )
    refined = minimize_scalar(cost, bounds=(grid[best - 1], grid[best + 1]), method="bounded", options={"xatol": 1e-10})
    return math.exp(refined.x)
