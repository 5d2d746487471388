"""Sweeps that are evaluated block by block, by Dask, when their values are asked for."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lingauss.errors import BlockError, DomainError
from lingauss.extras import dask_array
from lingauss.model.design import Design
from lingauss.sweep.evaluation import check_size, sweep_arrays
from lingauss.validation import Array, as_count
from lingauss.vocabulary import unknown_name


def lazy_arrays(
    case: Design, axes: Mapping[str, Array], names: Sequence[str], chunks: Mapping[str, int]
) -> dict[str, Any]:
    """Return quantities over a product of design axes as Dask arrays; as :func:`sweep_arrays`.

    A block evaluates all quantities at once, and is shared by those that are computed together.

    Parameters
    ----------
    case, axes, names
        As for :func:`sweep_arrays`.
    chunks : mapping of axis to int
        Values per block; axes not named are not cut.

    Returns
    -------
    dict of name to dask.array.Array

    Raises
    ------
    MissingDependencyError, UnknownNameError, DomainError, GridTooLargeError
    """
    da = dask_array()
    from dask.delayed import delayed

    lengths = checked_chunks(chunks, axes)
    check_size({name: max(cuts) for name, cuts in lengths.items()}, names)
    if case.is_spectral:
        _ = case.problem.eigenbasis  # found once here, and sent along, rather than once by every worker
    everything = da.map_blocks(
        evaluate_block,
        delayed(case, traverse=False),
        axes=dict(axes),
        lengths=lengths,
        names=tuple(names),
        chunks=((len(names),), *lengths.values()),
        dtype=np.float64,
        meta=np.empty((0,) * (1 + len(axes))),
        name=f"sweep-{'-'.join(axes)}-{uuid.uuid4().hex}",  # a lost task is known by its key
    )
    return {name: everything[position] for position, name in enumerate(names)}


def checked_chunks(chunks: Mapping[str, int], axes: Mapping[str, Array]) -> dict[str, tuple[int, ...]]:
    """Return the lengths of the blocks along every axis.

    Raises
    ------
    UnknownNameError, DomainError, NotNumericError, NotFiniteError, ShapeError
    """
    if not isinstance(chunks, Mapping):
        raise DomainError(
            "chunks as a mapping of axes to block lengths",
            f"{chunks!r}",
            f"Pass, for example, chunks={{{next(iter(axes))!r}: 10}}.",
        )
    for name in chunks:
        if name not in axes:
            raise unknown_name("a swept axis to cut", name, axes)
    lengths = {}
    for name, values in axes.items():
        size = as_count(chunks.get(name, len(values)), f"chunks[{name!r}]", minimum=1)
        lengths[name] = tuple(min(size, len(values) - start) for start in range(0, len(values), size))
    return lengths


def evaluate_block(
    case: Design,
    *,
    axes: Mapping[str, Array],
    lengths: Mapping[str, Sequence[int]],
    names: Sequence[str],
    block_id: Sequence[int],
) -> Array:
    """Return all quantities over one block, (quantities, *block).

    Parameters
    ----------
    case, axes, names
        As for :func:`lazy_arrays`.
    lengths : mapping of axis to ints
        As returned by :func:`checked_chunks`.
    block_id : sequence of int
        Number of the block along the quantities, which are not cut, and along every axis.

    Raises
    ------
    BlockError
    """
    here = values_of_block(axes, lengths, block_id[1:])
    block = np.empty((len(names), *(len(values) for values in here.values())))
    try:
        sweep_arrays(case, here, names, dict(zip(names, block, strict=True)))
    except Exception as error:
        remedy = "Mend the cause, or leave the block's values out of the sweep."
        raise block_error(here, f"{type(error).__name__}: {error}", remedy) from error
    return block


def values_of_block(
    axes: Mapping[str, Array], lengths: Mapping[str, Sequence[int]], index: Sequence[int]
) -> dict[str, Array]:
    """Return the part of every axis that a block covers."""
    here = {}
    for (name, values), number in zip(axes.items(), index, strict=True):
        start = sum(lengths[name][:number])
        here[name] = values[start : start + lengths[name][number]]
    return here


def block_error(axes: Mapping[str, Array], cause: str, remedy: str) -> BlockError:
    """Return the error for a block, naming its range along every axis."""
    ranges = ", ".join(
        f"{name} {values[0]:g}" + (f" to {values[-1]:g}" if len(values) > 1 else "") for name, values in axes.items()
    )
    return BlockError(f"a result for the block {ranges}", cause, remedy)
