"""Kullback–Leibler divergence of Gaussians, exact near equality and typed at singular covariances."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from lingauss.algebra.gaussian import Gaussian, check_comparable
from lingauss.algebra.numerics import spread_cost, x_minus_log1p
from lingauss.algebra.psd import PSD, Diagonal, symmetrised
from lingauss.algebra.rooted import Rooted
from lingauss.guard import guarded
from lingauss.validation import Array


@guarded
def kl(p: Gaussian, q: Gaussian) -> float:
    """Return KL(p ‖ q) in nats, summed over the independent rows (docs/theory.md §3).

    ½ tr[Δ C_q⁻¹ Δᵀ] + (k/2) ψ(C_p, C_q) with Δ the difference of means.

    Parameters
    ----------
    p, q : Gaussian
        Laws of the same shape; covariances may be singular.

    Returns
    -------
    float
        Never negative; exactly 0 for identical laws; +inf unless both covariances have the same range and Δ lies in it.

    Raises
    ------
    ShapeError
        If the laws have different shapes.

    Examples
    --------
    >>> import lingauss as lg
    >>> p = lg.Gaussian([1.0, -1.0], [[2.0, 0.5], [0.5, 1.0]])
    >>> q = lg.Gaussian([0.0, 0.0], [[1.0, -0.3], [-0.3, 1.5]])
    >>> round(lg.kl(p, q), 7)
    1.0905685
    """
    check_comparable(p, q)
    quadratic = q.covariance.mahalanobis(p.rows - q.rows, np.abs(p.rows) + np.abs(q.rows))
    return 0.5 * (quadratic + p.outputs * psi(p.covariance, q.covariance))


@guarded
def jeffreys(p: Gaussian, q: Gaussian) -> float:
    """Return the Jeffreys divergence KL(p ‖ q) + KL(q ‖ p) in nats; symmetric, +inf where either is.

    Raises
    ------
    ShapeError
        If the laws have different shapes.
    """
    return kl(p, q) + kl(q, p)


def psi(a: PSD, b: PSD, difference: Array | None = None) -> float:
    """Return ψ(A, B) = tr(B⁻¹A) − d − log det(B⁻¹A) ≥ 0 on the shared range; +inf if the ranges differ.

    The matrices are subtracted before whitening, so relative accuracy survives A ≈ B; ``difference`` is A − B where it
    is known to more digits than subtraction leaves.
    """
    if isinstance(a, Diagonal) and isinstance(b, Diagonal):
        return _psi_diagonal(a.variances, b.variances)
    if difference is None and (isinstance(a, Rooted) or isinstance(b, Rooted)):
        return psi_of_root(b.whiten(a.root.T)) if same_range(a, b) else math.inf
    if difference is None:
        difference = a.matrix - b.matrix
    if not np.any(difference):
        return 0.0
    if not same_range(a, b):
        return math.inf
    return psi_of_excess(whitened(difference, b), a, b)


def psi_of_root(rows: Array) -> float:
    """Return ψ(S, I) of S = rowsᵀ rows of full rank, (m, d)."""
    singular = np.linalg.svd(rows, compute_uv=False)
    return float(np.sum(spread_cost((singular - 1.0) * (singular + 1.0), np.square(singular))))


def same_range(a: PSD, b: PSD) -> bool:
    """Whether two matrices have the same range, up to the rounding of their entries."""
    return a.rank == b.rank and b.contains(*a.span)


def psi_of_excess(excess: Array, a: PSD, b: PSD) -> float:
    """Return Σ x − log(1 + x) over the eigenvalues x of the whitened difference R_b⁺(A − B)R_b⁺ᵀ.

    Where an eigenvalue comes close to −1 its distance to −1 has lost its digits; the logarithm then comes from the
    factors.
    """
    return psi_of_eigenvalues(np.linalg.eigvalsh(excess), lambda: log_det_ratio(a, b))


def psi_of_eigenvalues(x: npt.NDArray[np.floating], log_det: Callable[[], float]) -> float:
    """Return Σ x − log(1 + x) over eigenvalues in increasing order; ``log_det`` gives Σ log(1 + x) by another way."""
    if not len(x) or x[0] > -0.5:
        return float(np.sum(x_minus_log1p(np.asarray(x, dtype=np.float64))))
    return max(float(np.sum(x)) - log_det(), 0.0)


def whitened(matrix: Array, by: PSD) -> Array:
    """Return R⁺ M R⁺ᵀ for a symmetric (d, d) matrix M and the root R of ``by``."""
    result = symmetrised(by.whiten(by.whiten(matrix).T))
    if not np.isfinite(result).all():  # LAPACK overflows without a word
        raise FloatingPointError("overflow in whitening")
    return result


def log_det_ratio(a: PSD, b: PSD) -> float:
    """Return log det(B⁻¹A) on the shared range of two matrices of equal rank."""
    if not (a.is_singular or b.is_singular):
        return a.log_det - b.log_det
    return 2.0 * float(np.linalg.slogdet(b.whiten(a.root.T))[1])


def _psi_diagonal(a: Array, b: Array) -> float:
    support = b > 0
    if np.any(support != (a > 0)):
        return math.inf
    a, b = a[support], b[support]
    return float(np.sum(spread_cost((a - b) / b, a / b)))
