"""What a layer is given, and what it is to be replaced by: checked, and in the shapes that it computes with."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lingauss.algebra.psd import Diagonal
from lingauss.data.moments import Moments
from lingauss.errors import DomainError
from lingauss.layers.roots import as_factor, factor_of, resolved_damping
from lingauss.validation import Array, as_array, as_count, as_frozen, freeze, shape_of


def given_fields(
    weight: Any, inputs: Moments | Diagonal, output_factor: Any, bias: Any, rows: Any, damping: Any, last: bool
) -> dict[str, Any]:
    """Return the fields of a layer; parameters and errors as for :class:`~lingauss.layers.layer.Layer`."""
    shape = shape_of(weight, "weight")
    inner = ("channels", *("kernel",) * (len(shape) - 2)) if len(shape) > 2 else ("inputs",)
    given = as_frozen(weight, "weight", (("outputs", None), *((name, None) for name in inner)))
    k, d = len(given), math.prod(given.shape[1:])
    factor = factor_of(inputs, d, bias is not None)
    most = inputs.n_samples if isinstance(inputs, Moments) else None  # every row has at least one position
    if most is None and rows is None:
        raise DomainError("rows, with frequencies as inputs", "none", "Pass how many rows were counted.")
    return {
        "weight": freeze(given.reshape(k, d)),
        "inputs": inputs,
        "output_factor": as_factor(output_factor, "output_factor", k).matrix,
        "bias": None if bias is None else as_frozen(bias, "bias", (("outputs", k),)),
        "rows": as_count(most if rows is None else rows, "rows", minimum=1, maximum=most),
        "last": bool(last),
        "damping": resolved_damping(inputs, factor, damping),
        "input_factor": factor,
        "kernel": given.shape[1:] if given.ndim > 2 else (),
    }


def moments_of(input_factor: Any, input_mean: Any, count: Any, weight: Any) -> Moments:
    """Return the moments of a weight's inputs, of which a factor, perhaps a mean, and how many there were are known.

    Raises
    ------
    ShapeError, NotFiniteError, NotNumericError, CovarianceError, DomainError
    """
    d = math.prod(shape_of(weight, "weight")[1:])
    mean = np.zeros(d) if input_mean is None else as_frozen(input_mean, "input_mean", (("inputs", d),))
    n = as_count(count, "count", minimum=1)
    scatter = freeze(n * as_factor(input_factor, "input_factor", d).matrix)
    return Moments(n, freeze(mean), scatter, d, input_mean is not None, freeze(np.zeros(d)), float(n))


def as_new_weight(value: Any, shape: tuple[int, ...], kernel: tuple[int, ...]) -> Array:
    """Check a weight that is to take the place of one of a shape (k, d), flat or with a kernel's axes.

    Raises
    ------
    ShapeError, NotFiniteError, NotNumericError
    """
    k, d = shape
    flat = not kernel or len(shape_of(value, "new_weight")) == 2
    inner = (("inputs", d),) if flat else tuple((f"kernel axis {i}", size) for i, size in enumerate(kernel))
    return as_array(value, "new_weight", (("outputs", k), *inner)).reshape(k, d)


def bias_cost(shifted: Array | None, new_bias: Any, root: Array) -> float:
    """Return half the squared norm of rootᵀ times what a new bias, if there is one, is away from the shifted one.

    Raises
    ------
    ShapeError, NotFiniteError, NotNumericError
    DomainError
        If the layer has no bias.
    """
    if new_bias is None:
        return 0.0
    if shifted is None:
        raise DomainError("no new bias for a layer without one", "a bias", "Leave new_bias out.")
    away = as_array(new_bias, "new_bias", (("outputs", len(shifted)),)) - shifted
    return 0.5 * float(np.sum(np.square(root.T @ away)))
