"""Sweeps on disk: complete, or not there at all."""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Hashable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lingauss.errors import DomainError, GridTooLargeError
from lingauss.extras import dask_array
from lingauss.files import replacing
from lingauss.sweep.blocks import block_error
from lingauss.sweep.labelled import free_memory

if TYPE_CHECKING:
    import xarray as xr

LARGEST_VARIABLE = 2**32 - 4  # bytes; the limit of NetCDF 3 with 64-bit offsets

Block = Mapping[Hashable, int]  # numbers a block along every dimension


def save(dataset: xr.Dataset, path: str | os.PathLike[str]) -> None:
    """Evaluate a sweep and write it to one NetCDF file, which appears when it is complete.

    An earlier file of that name stays as it is until then, and for good if anything fails. The whole grid passes
    through memory; :func:`save_blocks` writes larger ones.

    Parameters
    ----------
    dataset : xarray.Dataset
        As returned by :meth:`lingauss.Distillation.sweep`, with ``chunks`` or without.
    path : path-like
        In an existing folder.

    Raises
    ------
    BlockError
        If a block cannot be evaluated, or its worker dies; the message names the block.
    GridTooLargeError
        If the grid exceeds the free memory, or a variable the 4 GB that the format allows.
    DomainError
        If the folder does not exist.
    """
    target = _in_existing_folder(path)
    largest = max((variable.nbytes for variable in dataset.variables.values()), default=0)
    lazy = sum(array.nbytes for array in dataset.data_vars.values() if array.chunks is not None)
    for needed, limit, what in (
        (largest, LARGEST_VARIABLE, "variables of at most {:.1f} GB, the limit of NetCDF 3"),
        (lazy, free_memory(), "a grid of at most {:.1f} GB, the memory that is free"),
    ):
        if needed > limit:
            raise GridTooLargeError(
                what.format(limit / 1e9), f"{needed / 1e9:.1f} GB", "Write one file per block, with save_blocks."
            )
    with _naming_lost_blocks(dataset), replacing(target) as partial:
        dataset.compute().to_netcdf(partial, engine="scipy")


def save_blocks(dataset: xr.Dataset, folder: str | os.PathLike[str]) -> None:
    """Evaluate a chunked sweep and write it to a folder of NetCDF files, one per block, as blocks are finished.

    Each worker holds the blocks it is at and no more. The folder appears when it is complete; read it with
    :func:`open_blocks`. Workers write their files themselves, so those of a remote cluster must see the folder under
    the same path.

    Parameters
    ----------
    dataset : xarray.Dataset
        As returned by :meth:`lingauss.Distillation.sweep` with ``chunks``.
    folder : path-like
        New or empty, in an existing folder.

    Raises
    ------
    BlockError
        If a block cannot be evaluated, or its worker dies; the message names the block.
    DomainError
        If there is something in the folder, or no folder to put it in.
    MissingDependencyError
        If Dask is not installed.
    """
    dask_array()
    from dask.delayed import delayed

    target = _in_existing_folder(folder)
    if target.exists() and not (target.is_dir() and not any(target.iterdir())):
        raise DomainError("a new or empty folder", f"{target}, which is neither", "Choose another, or empty it.")
    dataset = dataset.unify_chunks() if dataset.chunks else dataset.chunk()
    frame = dataset.drop_vars(list(dataset.data_vars))
    pieces = {name: array.data.to_delayed(optimize_graph=False) for name, array in dataset.data_vars.items()}
    write = delayed(_write_block)
    with _naming_lost_blocks(dataset), replacing(target) as partial:
        partial.mkdir()
        tasks = []
        for block in _blocks(dataset):
            values = {
                name: (array.dims, pieces[name][tuple(block[dim] for dim in array.dims)], array.attrs)
                for name, array in dataset.data_vars.items()
            }
            part = frame.isel(_slices(dataset, block))
            if any(block.values()):  # a design's arrays need not stand in every file: those of the first are read
                part.attrs = {name: value for name, value in part.attrs.items() if not isinstance(value, np.ndarray)}
            key = (f"write{partial.name}", *block.values())
            tasks.append(write(partial / _file_name(block), part, values, dask_key_name=key))
        delayed(tasks).compute()


def open_blocks(folder: str | os.PathLike[str]) -> xr.Dataset:
    """Open a sweep written by :func:`save_blocks`; values are read when they are asked for.

    Raises
    ------
    DomainError
        If the folder holds no such sweep, or only some of its blocks.
    MissingDependencyError
        If Dask is not installed.
    """
    dask_array()
    import xarray as xr

    paths = {path: _block_of(path) for path in sorted(Path(folder).glob("*.nc"))}
    dims = [str(dim) for dim in next(iter(paths.values()), {})]
    grid = np.full([1 + max(block[dim] for block in paths.values()) for dim in dims], None, dtype=object)
    for path, block in paths.items():
        grid[tuple(block.values())] = str(path)
    if not paths or None in grid:
        raise DomainError("a folder with every block of a sweep", str(folder), "Write it with save_blocks.")
    return xr.open_mfdataset(
        grid.tolist(),
        engine="scipy",
        combine="nested",
        concat_dim=dims,
        data_vars="minimal",
        coords="minimal",
        compat="override",
        join="exact",
    )


def _write_block(path: Path, frame: xr.Dataset, values: Mapping[Hashable, tuple[Any, ...]]) -> None:
    frame.assign(values).to_netcdf(path, engine="scipy")


def _file_name(block: Block) -> str:
    return ".".join(f"{dim}-{number:05d}" for dim, number in block.items()) + ".nc"


def _block_of(path: Path) -> Block:
    """Return the numbers in a block's file name."""
    parts = (part.rpartition("-") for part in path.stem.split("."))
    return {dim: int(number) for dim, _, number in parts}


def _blocks(dataset: xr.Dataset) -> Iterator[Block]:
    for index in itertools.product(*(range(len(lengths)) for lengths in dataset.chunks.values())):
        yield dict(zip(dataset.chunks, index, strict=True))


def _slices(dataset: xr.Dataset, block: Block) -> dict[Hashable, slice]:
    """Return what a block covers of every dimension."""
    ends = {dim: list(itertools.accumulate(lengths, initial=0)) for dim, lengths in dataset.chunks.items()}
    return {dim: slice(ends[dim][number], ends[dim][number + 1]) for dim, number in block.items()}


def _in_existing_folder(path: str | os.PathLike[str]) -> Path:
    target = Path(path).absolute()
    if not target.parent.is_dir():
        raise DomainError("a path in an existing folder", str(target), f"Make {target.parent} first.")
    return target


@contextmanager
def _naming_lost_blocks(dataset: xr.Dataset) -> Iterator[None]:
    """Turn the news that a task has killed its workers into that of the block they evaluated."""
    distributed = sys.modules.get("distributed")
    lost: tuple[type[Exception], ...] = () if distributed is None else (distributed.KilledWorker,)
    try:
        yield
    except lost as error:
        # Keys of blocks end in their numbers.
        key: Any = error.task if isinstance(error.task, tuple) else ()  # type: ignore[attr-defined]
        numbers = [part for part in key if isinstance(part, int)][-len(dataset.chunks) :]
        slices = _slices(dataset, dict(zip(dataset.chunks, numbers, strict=False)))
        block = {str(dim): dataset[dim].values[slices.get(dim, slice(None))] for dim in dataset.chunks}
        cause = f"no answer from its workers, which died ({error})"
        raise block_error(block, cause, "Use smaller chunks, or workers with more memory.") from error
