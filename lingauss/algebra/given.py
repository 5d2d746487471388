"""Covariances from outside: checked, symmetrised, and made one of the forms of :mod:`lingauss.algebra.psd`."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.linalg import lapack

from lingauss.algebra.factor import EPS, rounding
from lingauss.algebra.psd import PSD, Dense, symmetrised
from lingauss.errors import CovarianceError, ShapeError
from lingauss.threads import whole_matrices
from lingauss.validation import Array, as_array

ASYMMETRY_TOLERANCE = EPS**0.5  # relative; a covariance that went through a solve is symmetric to about this


def as_psd(value: Any, name: str, dim: int | None = None) -> PSD:
    """Check a covariance from outside.

    Parameters
    ----------
    value : (d, d) array or PSD
        Symmetric up to 1.5e-8 of its largest entry (it is symmetrised) and positive semidefinite up to rounding.
    name
        What to call it in an error message.
    dim
        The d that is needed, if known.

    Raises
    ------
    ShapeError, NotFiniteError, NotNumericError
        If it is no finite square matrix of the right size.
    CovarianceError
        If it is asymmetric or has a negative eigenvalue.
    """
    if isinstance(value, PSD):
        if dim is not None and value.dim != dim:
            raise ShapeError(f"{name} of dimension {dim}", f"dimension {value.dim}", "Use matching features.")
        return value
    raw = as_array(value, name, (("features", dim), ("features", dim)))
    if raw.shape[0] != raw.shape[1]:
        raise ShapeError(f"a square {name}", f"shape {raw.shape}", "Pass a (features, features) matrix.")
    largest = float(np.abs(raw).max())
    asymmetry = float(np.abs(raw - raw.T).max())
    if asymmetry > ASYMMETRY_TOLERANCE * largest:
        raise CovarianceError(
            f"a symmetric {name}", f"entries that differ from their transpose by {asymmetry:.3g}", "Pass (C + C.T) / 2."
        )
    whole_matrices(len(raw))
    matrix = symmetrised(raw)
    _check_nonnegative(matrix, name)
    return Dense(matrix)


def _check_nonnegative(matrix: Array, name: str) -> None:
    """Refuse an indefinite matrix; rounding is judged in units of each coordinate's own standard deviation."""
    remedy = "Use a positive semidefinite matrix, for example one formed as R @ R.T."
    variances = matrix.diagonal()
    if variances.min() < 0:
        raise CovarianceError(f"a positive semidefinite {name}", f"a variance of {variances.min():.3g}", remedy)
    live = variances > 0
    if np.any(matrix[~live]):
        raise CovarianceError(
            f"a positive semidefinite {name}", "a coordinate with variance 0 and a covariance other than 0", remedy
        )
    if not live.any():
        return
    scale = np.sqrt(variances[live])
    correlation = matrix[np.ix_(live, live)] / scale / scale[:, None]
    if lapack.dpotrf(correlation, lower=1)[1] == 0:
        return
    smallest = float(np.linalg.eigvalsh(correlation)[0])
    if smallest < -rounding(len(correlation)):
        raise CovarianceError(
            f"a positive semidefinite {name}", f"a correlation matrix with eigenvalue {smallest:.3g}", remedy
        )
