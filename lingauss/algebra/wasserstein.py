"""Squared 2-Wasserstein distance of Gaussians."""

from __future__ import annotations

import numpy as np

from lingauss.algebra.gaussian import Gaussian, check_comparable
from lingauss.algebra.psd import PSD, Diagonal
from lingauss.guard import guarded


@guarded
def wasserstein2(p: Gaussian, q: Gaussian) -> float:
    """Return the squared 2-Wasserstein distance W₂²(p, q), summed over the independent rows (docs/theory.md §7.8).

    ‖Δ‖² + k [tr C_p + tr C_q − 2 tr (C_p^½ C_q C_p^½)^½] (Dowson & Landau 1982); in squared units of the variable.

    Parameters
    ----------
    p, q : Gaussian
        Laws of the same shape; covariances may be singular, the distance is always finite.

    Raises
    ------
    ShapeError
        If the laws have different shapes.

    Examples
    --------
    >>> import lingauss as lg
    >>> lg.wasserstein2(lg.Gaussian([3.0], [[4.0]]), lg.Gaussian([0.0], [[1.0]]))
    10.0
    """
    check_comparable(p, q)
    return float(np.sum(np.square(p.rows - q.rows))) + p.outputs * bures2(p.covariance, q.covariance)


def bures2(a: PSD, b: PSD) -> float:
    """Return tr A + tr B − 2 tr (A^½ B A^½)^½ ≥ 0 as the squared distance of two roots turned to each other.

    With the orthogonal factor O of the polar decomposition of R_Bᵀ R_A it is ‖R_A − R_B O‖², which subtracts roots
    instead of traces and so keeps its digits where A ≈ B.
    """
    if isinstance(a, Diagonal) and isinstance(b, Diagonal):
        return float(np.sum(np.square(np.sqrt(a.variances) - np.sqrt(b.variances))))
    if a is b or np.array_equal(a.matrix, b.matrix):
        return 0.0
    left, right = (np.pad(c.root, ((0, 0), (0, c.dim - c.rank))) for c in (a, b))
    turn, _, back = np.linalg.svd(right.T @ left)
    return float(np.sum(np.square(left - right @ (turn @ back))))
