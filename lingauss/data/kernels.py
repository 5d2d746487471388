"""Kernel methods as linear ones: features whose inner products are a kernel's values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from lingauss.algebra.given import as_psd
from lingauss.errors import DomainError
from lingauss.guard import guarded
from lingauss.validation import Array, Immutable, as_array, freeze, shape_of

Kernel = Callable[[Array, Array], Any]


@guarded
@dataclass(frozen=True, eq=False)
class KernelFeatures(Immutable):
    """Features of inputs under a kernel; made by :func:`kernel_features`.

    Attributes
    ----------
    rows : (n, r)
        Of the inputs themselves; ``rows @ rows.T`` is their kernel matrix.
    inputs : (n, d)
    kernel : callable
    basis : (n, r)
        From kernel values to features.
    """

    rows: Array
    inputs: Array
    kernel: Kernel
    basis: Array

    def at(self, Z: Any) -> Array:
        """Return the features of other inputs (m, d), or (m,) if they have one coordinate: (m, r).

        The kernel may reach beyond these features there; no prediction learned at ``inputs`` does.

        Raises
        ------
        ShapeError, NotNumericError, NotFiniteError
        """
        return _values(self.kernel, _points(Z, "Z", self.inputs.shape[1]), self.inputs) @ self.basis


@guarded
def kernel_features(kernel: Kernel, X: Any) -> KernelFeatures:
    """Return features in which kernel ridge regression is ridge regression.

    Ridge regression on them with penalty λ predicts k(z, X)(K + λI)⁻¹Y, so that every question about a
    :class:`Distillation` is one about kernel methods.

    Parameters
    ----------
    kernel : callable
        From inputs (m, d) and (n, d) to the (m, n) values of a positive semidefinite kernel.
    X : (n, d) or (n,)
        Inputs; one axis means one coordinate each.

    Returns
    -------
    KernelFeatures
        ``rows`` for the inputs of a problem, ``at(Z)`` for others. As many features as the kernel matrix has rank.

    Raises
    ------
    ShapeError, NotNumericError, NotFiniteError
        If the kernel's values are no (n, n) array of numbers.
    CovarianceError
        If they are not symmetric positive semidefinite.
    DomainError
        If the kernel is 0 everywhere.

    Examples
    --------
    >>> import numpy as np
    >>> import lingauss as lg
    >>> x = np.linspace(0.0, 1.0, 11)
    >>> features = lg.kernel_features(lambda a, b: np.exp(-80.0 * (a - b.T) ** 2), x)
    >>> problem = lg.Problem.from_data(features.rows, np.sin(2 * np.pi * x), label_noise=0.1, center=False)
    >>> case = lg.Distillation(problem, lg.Ridge(0.2, temperature=0.0), lg.Ridge(0.2, temperature=0.0))
    >>> grid = np.linspace(0.0, 1.0, 101)
    >>> print(f"{case.held_out_error(features.at(grid), np.sin(2 * np.pi * grid)).teacher:.4f}")
    0.0055
    """
    if not callable(kernel):
        raise DomainError("a kernel: a function of two sets of inputs", type(kernel).__name__, "Pass a callable.")
    inputs = np.array(_points(X, "X", None))
    gramian = as_psd(_values(kernel, inputs, inputs), "kernel matrix", len(inputs))
    values, vectors = np.linalg.eigh(gramian.matrix)
    kept = values > len(values) * np.finfo(float).eps * values[-1]
    if values[-1] <= 0.0:
        raise DomainError("a kernel with some value above 0", "one that is 0 at all inputs", "Choose another kernel.")
    roots = np.sqrt(values[kept])
    return KernelFeatures(freeze(vectors[:, kept] * roots), freeze(inputs), kernel, freeze(vectors[:, kept] / roots))


def _points(value: Any, name: str, coordinates: int | None) -> Array:
    """Return inputs as rows."""
    if len(shape_of(value, name)) == 1:
        return as_array(value, name, (("rows", None),))[:, None]
    return as_array(value, name, (("rows", None), ("coordinates", coordinates)))


def _values(kernel: Kernel, first: Array, second: Array) -> Array:
    """Return the kernel's values, checked."""
    return as_array(kernel(first, second), "kernel(X, Z)", (("rows", len(first)), ("rows", len(second))))
