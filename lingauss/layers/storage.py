"""Layers and plans as npz files of plain arrays: nothing is pickled, no user code is run."""

from __future__ import annotations

import io
import os
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from lingauss import files
from lingauss.algebra.psd import Diagonal
from lingauss.errors import FileFormatError, LingaussError
from lingauss.files import as_path
from lingauss.guard import guarded
from lingauss.layers.layer import Layer
from lingauss.layers.ledger import Factors

AnyArray = npt.NDArray[Any]
# How a layer's inputs may be told, and what must stand with each.
INPUTS = {
    "input_covariance": ("input_mean", "input_count"),
    "input_second_moment": ("input_count",),
    "input_frequencies": ("rows",),
}
REMEDY = "Write it with lingauss.layers.save_factors, or see docs/real-students.md for the names."


def save_factors(path: str | os.PathLike[str], layers: Mapping[str, Layer]) -> None:
    """Write layers and their Kronecker factors to an npz file that :func:`load_factors` reads, whole or not at all.

    Raises
    ------
    OSError
    """
    _write(path, {f"{name}.{key}": value for name, layer in layers.items() for key, value in _arrays(layer).items()})


@guarded
def load_factors(path: str | os.PathLike[str]) -> dict[str, Layer]:
    """Read layers from an npz file, in the order in which their weights were written.

    Every layer has ``name.weight`` and ``name.output_factor``; of its inputs ``name.input_covariance`` with
    ``name.input_mean``, or ``name.input_second_moment``, each with ``name.input_count``; or
    ``name.input_frequencies`` with ``name.rows``. Optional are ``name.bias``, ``name.rows``, ``name.damping`` and
    ``name.last``.

    Raises
    ------
    FileFormatError
        If it is no npz file, holds pickled objects, or lacks an array.
    OSError, ShapeError, NotFiniteError, NotNumericError, CovarianceError, DomainError
        If an array does not fit its layer.
    """
    place = as_path(path)
    arrays = _read(place)
    names = [key.removesuffix(".weight") for key in arrays if key.endswith(".weight")]
    if not names:
        raise FileFormatError(f"layers in {place.name}", f"arrays {_told(arrays)}", REMEDY)
    return {name: _layer(name, arrays, place.name) for name in names}


def save_plan(path: str | os.PathLike[str], layers: Mapping[str, Layer], factors: Mapping[str, Factors]) -> None:
    """Write the factors of those layers that a plan compresses; see :meth:`Plan.save`."""
    arrays: dict[str, AnyArray] = {}
    for name, found in factors.items():
        layer = layers[name]
        rank = len(found.right)
        ones = (1,) * (len(layer.kernel) - 1)
        if isinstance(layer.inputs, Diagonal):  # a table has its tokens first
            arrays[f"{name}.0.weight"] = found.right.T
        else:
            arrays[f"{name}.0.weight"] = found.right.reshape(rank, *layer.kernel) if layer.kernel else found.right
        arrays[f"{name}.1.weight"] = found.left.reshape(*found.left.shape, *ones)
        if found.bias is not None:
            arrays[f"{name}.1.bias"] = found.bias
    _write(path, arrays)


def _arrays(layer: Layer) -> dict[str, Any]:
    given: dict[str, Any] = {
        "weight": layer.weight.reshape(len(layer.weight), *layer.kernel) if layer.kernel else layer.weight,
        "output_factor": layer.output_factor,
        "rows": layer.rows,
        "damping": layer.damping,
        "last": layer.last,
    }
    if layer.bias is not None:
        given["bias"] = layer.bias
    if isinstance(layer.inputs, Diagonal):
        return given | {"input_frequencies": layer.inputs.variances}
    factor = layer.inputs.gram / layer.count
    given["input_count"] = layer.count
    if layer.inputs.centred:
        return given | {"input_covariance": factor, "input_mean": layer.inputs.input_mean}
    return given | {"input_second_moment": factor}


def _layer(name: str, arrays: Mapping[str, AnyArray], origin: str) -> Layer:
    prefix = f"{name}."
    own = {key.removeprefix(prefix): value for key, value in arrays.items() if key.startswith(prefix)}
    kinds = [kind for kind in INPUTS if kind in own]
    needed = {"output_factor", *(key for kind in kinds for key in INPUTS[kind])}
    if len(kinds) != 1 or not needed <= own.keys():
        inputs = " or ".join(f"({', '.join(map(prefix.__add__, (kind, *with_)))})" for kind, with_ in INPUTS.items())
        raise FileFormatError(f"{prefix}output_factor and {inputs} in {origin}", _told(own), REMEDY)
    bias, rows, damping = (own.get(key) for key in ("bias", "rows", "damping"))
    last = bool(own.get("last", False))
    try:
        if kinds == ["input_frequencies"]:
            inputs_of = Diagonal(own["input_frequencies"])
            return Layer(own["weight"], inputs_of, own["output_factor"], bias, rows, damping, last)
        return Layer.from_factors(
            own["weight"],
            own[kinds[0]],
            own["output_factor"],
            count=own["input_count"],
            input_mean=own.get("input_mean"),
            bias=bias,
            rows=rows,
            damping=damping,
            last=last,
        )
    except LingaussError as error:
        raise type(error)(f"{error.expected} in layer {name}", error.got, error.remedy) from error


def _told(arrays: Mapping[str, AnyArray]) -> str:
    return ", ".join(list(arrays)[:8]) or "none"


def _read(path: Path) -> dict[str, AnyArray]:
    try:
        found = np.load(path, allow_pickle=False)
        if isinstance(found, np.ndarray):
            raise ValueError("it is one array")
        with found:
            return {key: found[key] for key in found.files}
    except (ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise FileFormatError(f"{path.name} as an npz file of plain arrays", str(error), REMEDY) from error


def _write(path: str | os.PathLike[str], arrays: Mapping[str, Any]) -> None:
    content = io.BytesIO()
    np.savez_compressed(content, **arrays)
    files.write(path, content.getvalue())
