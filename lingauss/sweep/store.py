"""Sweeps on disk: complete, or not there at all.

The blocks of a long sweep are kept as they are finished, in a folder beside the one they are for, whose name ends in
``.unfinished``. A second call takes them over, after a look at what they are blocks of, and evaluates the rest.
"""

from __future__ import annotations

import itertools
import os
import sys
import uuid
from collections.abc import Hashable, Iterator, Mapping
from concurrent.futures import CancelledError
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lingauss.errors import BlockError, DomainError, GridTooLargeError
from lingauss.extras import dask_array
from lingauss.files import as_path, replacing, write
from lingauss.memory import free_memory
from lingauss.sweep.blocks import block_error
from lingauss.sweep.unfinished import taken_up, unfinished_of
from lingauss.termination import clean_termination

if TYPE_CHECKING:
    import xarray as xr

LARGEST_VARIABLE = 2**32 - 4  # bytes; the limit of NetCDF 3 with 64-bit offsets

Block = Mapping[Hashable, int]  # numbers a block along every dimension


def save(dataset: xr.Dataset, path: str | os.PathLike[str]) -> None:
    """Evaluate a sweep and write it to one NetCDF file, which appears when it is complete.

    An earlier file of that name stays as it is until then, and for good if anything fails, also at SIGTERM. The whole
    grid passes through memory; :func:`save_blocks` writes larger ones.

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
        If the folder does not exist, or a coordinate holds whole numbers that the format cannot.
    OSError
        If the file cannot be written.
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
    _check_whole_numbers(dataset)
    with clean_termination():
        with naming_lost_blocks(dataset):
            whole = dataset.compute()
        with replacing(target) as partial:
            whole.to_netcdf(partial, engine="scipy")


def save_blocks(dataset: xr.Dataset, folder: str | os.PathLike[str]) -> None:
    """Evaluate a chunked sweep and write it to a folder of NetCDF files, one per block, as blocks are finished.

    Each worker holds the blocks it is at and no more. The folder appears when it is complete; read it with
    :func:`open_blocks`. Workers write their files themselves, so those of a remote cluster must see the folder under
    the same path. Of a call that was interrupted, killed or failed the finished blocks stay in ``folder.unfinished``;
    the same call again evaluates the others.

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
        If there is something in the folder, no folder to put it in, or a coordinate holds whole numbers that the format
        cannot; if finished blocks beside it are those of another sweep, or another process is at them.
    MissingDependencyError
        If Dask is not installed.
    OSError
        If a file cannot be written.
    """
    dask_array()
    target = _in_existing_folder(folder)
    if target.exists() and not (target.is_dir() and not any(target.iterdir())):
        raise DomainError("a new or empty folder", f"{target}, which is neither", "Choose another, or empty it.")
    _check_whole_numbers(dataset)
    dataset = dataset.unify_chunks() if dataset.chunks else dataset.chunk()
    with clean_termination(), taken_up(dataset, target) as unfinished, naming_lost_blocks(dataset):
        _write_missing_blocks(dataset, unfinished)


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

    paths = {path: _block_of(path) for path in sorted(as_path(folder, "folder").glob("*.nc"))}
    dims = [str(dim) for dim in next(iter(paths.values()), {})]
    grid = np.full([1 + max(block[dim] for block in paths.values()) for dim in dims], None, dtype=object)
    for path, block in paths.items():
        grid[tuple(block.values())] = str(path)
    if not paths or None in grid:
        again = unfinished_of(Path(folder)).is_dir()
        remedy = "Call save_blocks again, which evaluates what is missing." if again else "Write it with save_blocks."
        raise DomainError("a folder with every block of a sweep", str(folder), remedy)
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


@contextmanager
def naming_lost_blocks(dataset: xr.Dataset) -> Iterator[None]:
    """Turn the news that a cluster has lost a task into that of the block it evaluated.

    Examples
    --------
    >>> import lingauss as lg
    >>> problem = lg.Problem.from_spectrum([4.0, 1.0], [1.0, 1.0], n_samples=10, label_noise=1.0)
    >>> case = lg.Distillation(problem, lg.Ridge(1.0), lg.Ridge(1.0))
    >>> grid = case.sweep(temperature=[0.5, 1.0], chunks={"temperature": 1})
    >>> with naming_lost_blocks(grid):
    ...     grid = grid.compute()
    """
    distributed = sys.modules.get("distributed")
    killed: tuple[type[Exception], ...] = () if distributed is None else (distributed.KilledWorker,)
    try:
        yield
    except killed as error:
        cause = f"no answer from its workers, which died ({error})"
        raise _lost(dataset, error.task, cause, "Use smaller chunks, or workers with more memory.") from error  # type: ignore[attr-defined]
    except CancelledError as error:
        cause = f"no answer, because its client or cluster was closed or restarted ({error})"
        raise _lost(dataset, getattr(error, "key", None), cause, "Ask for it again.") from error


def _write_missing_blocks(dataset: xr.Dataset, folder: Path) -> None:
    from dask.delayed import delayed

    frame = dataset.drop_vars(list(dataset.data_vars))
    pieces = {name: array.data.to_delayed(optimize_graph=False) for name, array in dataset.data_vars.items()}
    save_one, run = delayed(_write_block), uuid.uuid4().hex
    tasks = []
    for block in _blocks(dataset):
        path = folder / _file_name(block)
        if path.exists():
            continue
        values = {
            name: (array.dims, pieces[name][tuple(block[dim] for dim in array.dims)], array.attrs)
            for name, array in dataset.data_vars.items()
        }
        part = frame.isel(_slices(dataset, block))
        if any(block.values()):  # a design's arrays need not stand in every file: those of the first are read
            part.attrs = {name: value for name, value in part.attrs.items() if not isinstance(value, np.ndarray)}
        tasks.append(save_one(path, part, values, dask_key_name=(f"write-{run}", *block.values())))
    delayed(tasks).compute()


def _write_block(path: Path, frame: xr.Dataset, values: Mapping[Hashable, tuple[Any, ...]]) -> None:
    # In memory: for a file xarray asks the scheduler of a cluster for a lock, which costs more than a block does.
    write(path, bytes(frame.assign(values).to_netcdf(engine="scipy")))


def _check_whole_numbers(dataset: xr.Dataset) -> None:
    """Refuse whole numbers beyond the 32 bits that NetCDF 3 has for them.

    Raises
    ------
    DomainError
    """
    for name, values in dataset.coords.items():
        if values.dtype.kind in "iu" and values.size and np.abs(values.values.astype(np.float64)).max() >= 2**31:
            raise DomainError(
                f"{name} below 2^31, the limit of NetCDF 3",
                f"{values.values.max()}",
                f"Convert it first: dataset.assign_coords({name}=dataset[{str(name)!r}].astype(float)).",
            )


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
    target = as_path(path).resolve()
    if not target.parent.is_dir():
        raise DomainError("a path in an existing folder", str(target), f"Make {target.parent} first.")
    return target


def _lost(dataset: xr.Dataset, key: Any, cause: str, remedy: str) -> BlockError:
    """Return the error for the block that a task's key ends in the numbers of; of all blocks if it does not."""
    numbers = [part for part in key if isinstance(part, int)] if isinstance(key, tuple) else []
    slices = _slices(dataset, dict(zip(dataset.chunks, numbers[-len(dataset.chunks) :], strict=False)))
    block = {str(dim): dataset[dim].values[slices.get(dim, slice(None))] for dim in dataset.chunks}
    return block_error(block, cause, remedy)
