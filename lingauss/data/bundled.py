"""Real data that needs no download; from the extra ``data``."""

from __future__ import annotations

from typing import Any

import numpy as np

from lingauss.errors import MissingDependencyError
from lingauss.validation import Array, freeze


def digits() -> tuple[Array, Array]:
    """Return the handwritten digits bundled with scikit-learn as a regression on one-hot labels.

    Returns
    -------
    X : (1797, 64)
        Pixel intensities 0 to 16 of 8 × 8 images. Three pixels are blank in every image, so the centred Gram matrix
        has rank 61.
    Y : (1797, 10)
        One column per digit, 1 where the image shows it.

    Raises
    ------
    MissingDependencyError
        If scikit-learn is not installed.

    References
    ----------
    E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning Repository, 1998.
    """
    bundle = _datasets().load_digits()
    X = np.ascontiguousarray(bundle.data, dtype=np.float64)
    Y = np.equal.outer(bundle.target, np.arange(10)).astype(np.float64)
    return freeze(X), freeze(Y)


def _datasets() -> Any:
    try:
        from sklearn import datasets
    except ImportError as error:
        raise MissingDependencyError(
            "scikit-learn, which brings the data sets",
            f"none ({error})",
            "Install the extra 'data': pip install 'lingauss[data]'.",
        ) from error
    return datasets
