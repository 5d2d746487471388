"""Empirical choices made from moments alone: the label noise from residuals, the penalty by marginal likelihood."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from lingauss.algebra.factor import rounding
from lingauss.algebra.psd import PSD
from lingauss.data.moments import Moments
from lingauss.errors import NoiseEstimationError
from lingauss.validation import Array

FLAT = 1e-9  # nats per label: a likelihood that rises by less is flat, whatever the rounding of its sums


def noise_of_fit(moments: Moments, gramian: PSD) -> float:
    """Return the label noise ν that the residuals of the least-squares fit show, a standard deviation.

    Raises
    ------
    MissingLabelsError, NoiseEstimationError
    """
    # In units of each feature's own size, so that the estimate does not depend on how features are measured.
    return residual_noise(
        float(np.trace(moments.label_scatter)),
        float(np.sum(np.square(gramian.whiten(moments.statistic)))),
        moments.n_samples - gramian.rank - int(moments.centred),
        moments.outputs,
    )


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

    _need_variation(s)

    def cost(penalty: float) -> float:
        return float(np.sum(outputs * _log_ratio(s, penalty) + observed * (penalty / (s + penalty))))

    def slope(penalty: Array) -> Array:
        total = s[:, None] + penalty
        return np.asarray(np.sum((s[:, None] / total) * (observed[:, None] * (penalty / total) - outputs), axis=0))

    ends = math.inf, float(np.sum(observed))
    return _peak(cost, slope, s, ends, FLAT * outputs * len(s), "Pass penalty explicitly.")


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
        If the likelihood has no maximum at a finite positive penalty, as often where features fit any labels: towards
        penalty 0 it then levels off; or if the labels are zeros.
    """
    live = eigenvalues > 0
    s, observed = eigenvalues[live], power[live] / eigenvalues[live]
    explained, spare = float(np.sum(observed)), degrees - len(s)
    # What inputs cannot explain: nothing if they fit any labels, or up to rounding these.
    rest = label_power - explained if spare > 0 else 0.0
    rest = rest if rest > rounding(len(s)) * label_power else 0.0
    if not rest + explained > 0.0:
        raise NoiseEstimationError("labels that vary", "labels of zeros", "Pass label_noise.")

    def left(penalty: float) -> float:
        return rest + float(np.sum(observed * (penalty / (s + penalty))))

    def cost(penalty: float) -> float:
        return outputs * (degrees * math.log(left(penalty)) + float(np.sum(_log_ratio(s, penalty))))

    def slope(penalty: Array) -> Array:
        """Over outputs, in whichever of two equal forms does not cancel."""
        total = s[:, None] + penalty
        learned, missed, power = s[:, None] / total, penalty / total, observed[:, None]
        lost, kept = np.sum(missed, axis=0), np.sum(learned, axis=0)
        unit = degrees / (rest + np.sum(power * missed, axis=0))
        near_zero = spare + lost - unit * (rest + np.sum(power * np.square(missed), axis=0))
        return np.asarray(np.where(lost < kept, near_zero, unit * np.sum(power * learned * missed, axis=0) - kept))

    if penalty is None:
        _need_variation(s)
        if rest > 0.0:
            at_zero = math.inf
        elif spare > 0:
            at_zero = -math.inf
        else:
            at_zero = outputs * (degrees * math.log(np.sum(observed / s)) + float(np.sum(np.log(s))))
        ends = at_zero, outputs * degrees * math.log(rest + explained)
        remedy = "Pass penalty or label_noise explicitly."
        penalty = _peak(cost, slope, s, ends, FLAT * outputs * degrees, remedy)
    return penalty, math.sqrt(left(penalty) / (outputs * degrees))


def _need_variation(s: Array) -> None:
    if not len(s):
        raise NoiseEstimationError(
            "inputs that vary", "a Gram matrix of zeros, whose likelihood is flat", "Pass penalty explicitly."
        )


def _log_ratio(s: Array, penalty: float) -> Array:
    """Return log(1 + s/λ)."""
    return np.asarray(np.logaddexp(0.0, np.log(s) - math.log(penalty)))


def _peak(
    cost: Callable[[float], float],
    slope: Callable[[Array], Array],
    eigenvalues: Array,
    ends: tuple[float, float],
    negligible: float,
    remedy: str,
) -> float:
    """Return the penalty of least cost, if that is less by more than a negligible amount than in the limits 0 and ∞.

    Parameters
    ----------
    cost, slope : callable
        At a penalty; and at each of several, the derivative by log λ in any unit. Where that vanishes is known to
        all digits, unlike where the cost is least.
    eigenvalues : (d,)
        Positive.
    ends : pair of float
        Limits of the cost at penalties 0 and ∞.
    negligible : float
    remedy : str
    """
    from scipy.optimize import brentq

    grid = np.linspace(math.log(eigenvalues.min()) - 20.0, math.log(eigenvalues.max()) + 20.0, 400)
    slopes = slope(np.exp(grid))
    valleys = [
        math.exp(brentq(lambda x: float(slope(np.array([math.exp(x)]))[0]), grid[i], grid[i + 1], xtol=1e-14))
        for i in np.flatnonzero((slopes[:-1] < 0.0) & (slopes[1:] >= 0.0))
    ]
    costs = [cost(penalty) for penalty in valleys]
    if min(costs, default=math.inf) >= min(ends) - negligible:
        raise NoiseEstimationError(
            "labels whose marginal likelihood peaks at a finite positive penalty",
            "a likelihood that "
            + (
                "is highest towards penalty 0, as for labels that the features fit exactly"
                if ends[0] <= ends[1]
                else "peaks at penalty infinity, as for labels without signal"
            ),
            remedy,
        )
    # Of equally good ones the largest, whatever their rounding.
    return max(penalty for penalty, value in zip(valleys, costs, strict=True) if value <= min(costs) + negligible)
