"""The memory of an earlier sweep, to write another one into."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lingauss.errors import DomainError, ShapeError
from lingauss.validation import Array

if TYPE_CHECKING:
    import xarray as xr

FRESH = "Sweep once without out, and pass what that returns."


def buffers_of(out: Any, lengths: Mapping[str, int], names: Sequence[str]) -> dict[str, Array]:
    """Return the arrays of a dataset that can take the quantities of a sweep, without those that only repeat a value.

    Parameters
    ----------
    out : xarray.Dataset
    lengths : mapping of axis to int
        Of the sweep to be written.
    names : sequence of str
        Its quantities.

    Raises
    ------
    DomainError
        If ``out`` is no dataset of exactly these quantities in float64 arrays, each with memory of its own.
    ShapeError
        If a variable has other axes or lengths.
    """
    import xarray as xr

    if not isinstance(out, xr.Dataset):
        raise DomainError("an xarray.Dataset as out", type(out).__name__, FRESH)
    if set(out.data_vars) != set(names):
        raise DomainError(
            f"out with the quantities {', '.join(names)}", f"one with {', '.join(map(str, out.data_vars))}", FRESH
        )
    if set(out.coords) - set(lengths):
        others = sorted(map(str, set(out.coords) - set(lengths)))
        raise DomainError(f"out with the coordinates {', '.join(lengths)}", f"also {', '.join(others)}", FRESH)
    buffers: dict[str, Array] = {}
    for name in names:
        variable = out.variables[name]
        if variable.sizes != lengths or variable.dims != tuple(lengths):
            raise ShapeError(f"{name} of out over {_told(lengths)}", _told(variable.sizes), FRESH)
        array = variable.data
        if not isinstance(array, np.ndarray) or array.dtype != np.float64:
            kind = f"{array.dtype} in a {type(array).__name__}"
            raise DomainError(f"{name} of out as a numpy array of float64", kind, "Pass out.compute().")
        if array.flags.writeable:
            buffers[name] = array
    for one, other in itertools.combinations(buffers, 2):
        if np.may_share_memory(buffers[one], buffers[other]):
            raise DomainError("variables of out with memory of their own", f"{one} and {other}, which share it", FRESH)
    return buffers


def refilled(out: xr.Dataset, dataset: xr.Dataset) -> xr.Dataset:
    """Return ``out`` with all that a dataset holds, whose arrays are those of ``out`` where they could be reused."""
    for name, variable in dataset.variables.items():  # variables, which unlike arrays are not aligned to old values
        out[name] = variable
    out.attrs = dict(dataset.attrs)
    return out


def _told(lengths: Mapping[Any, int]) -> str:
    return " × ".join(f"{name} ({length})" for name, length in lengths.items()) or "no axes"
