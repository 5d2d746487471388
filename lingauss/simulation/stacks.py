"""Products with whole stacks of rows at once, where numpy would multiply one small matrix after another."""

from __future__ import annotations

import math

import numpy as np

from lingauss.validation import Array


def through(stack: Array, matrix: Array) -> Array:
    """Return ``stack @ matrix`` for a stack (..., m) and one matrix (m, c), as a single matrix product."""
    rows = np.reshape(stack, (math.prod(stack.shape[:-1]), stack.shape[-1]))
    return (rows @ matrix).reshape(*stack.shape[:-1], matrix.shape[1])
