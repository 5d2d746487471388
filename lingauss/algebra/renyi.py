"""Rényi divergence of Gaussians, accurate near equality and +inf where it does not exist."""

from __future__ import annotations

import math

import numpy as np

from lingauss.algebra.divergence import kl, log_det_ratio, psi_of_eigenvalues, same_range, whitened
from lingauss.algebra.gaussian import Gaussian, check_comparable
from lingauss.algebra.numerics import x_minus_log1p
from lingauss.errors import DomainError
from lingauss.guard import guarded
from lingauss.validation import as_scalar


@guarded
def renyi(p: Gaussian, q: Gaussian, order: float) -> float:
    """Return the Rényi divergence D_α(p ‖ q) in nats, summed over the independent rows (docs/theory.md §8).

    With C_α = αC_q + (1 − α)C_p, each row costs ½α Δ C_α⁻¹ Δᵀ − log[|C_α| / (|C_p|^{1−α} |C_q|^α)] / (2(α − 1))
    (Gil, Alajaji & Linder 2013). It increases with the order, and order 1 is :func:`kl`.

    Parameters
    ----------
    p, q : Gaussian
        Laws of the same shape; covariances may be singular.
    order : float
        α > 0.

    Returns
    -------
    float
        Never negative; exactly 0 for identical laws; +inf if the laws have different supports or, for α > 1, unless
        C_α is positive definite on the support.

    Raises
    ------
    ShapeError
        If the laws have different shapes.
    DomainError, NotFiniteError, NotNumericError
        If the order is not a positive number.

    Examples
    --------
    >>> import lingauss as lg
    >>> p = lg.Gaussian([1.0, -1.0], [[2.0, 0.5], [0.5, 1.0]])
    >>> q = lg.Gaussian([0.0, 0.0], [[1.0, -0.3], [-0.3, 1.5]])
    >>> round(lg.renyi(p, q, 0.5), 7)
    0.5671007
    """
    alpha = as_scalar(order, "order")
    if alpha <= 0.0:
        raise DomainError("an order greater than 0", f"{alpha:g}", "Order 1 is the Kullback–Leibler divergence.")
    check_comparable(p, q)
    if alpha == 1.0:
        return kl(p, q)
    if alpha < 0.5:  # skew symmetry: small orders would cancel, large ones do not
        return alpha / (1.0 - alpha) * renyi(q, p, 1.0 - alpha)
    a, b = p.covariance, q.covariance
    shift, size = p.rows - q.rows, np.abs(p.rows) + np.abs(q.rows)
    if not (same_range(a, b) and b.contains(shift, size)):
        return math.inf
    x, directions = np.linalg.eigh(whitened(a.matrix - b.matrix, b))
    mixed = 1.0 + (1.0 - alpha) * x  # eigenvalues of C_α against C_q
    if np.any(mixed <= 0.0):
        return math.inf
    mean = 0.5 * alpha * float(np.sum(np.square(b.whiten(shift) @ directions) / mixed))
    bent = float(np.sum(x_minus_log1p((1.0 - alpha) * x))) / (1.0 - alpha)
    return mean + 0.5 * p.outputs * max(psi_of_eigenvalues(x, lambda: log_det_ratio(a, b)) - bent, 0.0)
