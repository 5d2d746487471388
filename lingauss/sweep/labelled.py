"""Sweeps over designs as labelled grids."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lingauss.errors import DomainError, EmptyDataError, GridTooLargeError
from lingauss.guard import guarded
from lingauss.memory import check_memory, free_memory
from lingauss.model.axes import AXES
from lingauss.model.design import Design
from lingauss.model.provenance import provenance
from lingauss.model.ties import warn_of_ties
from lingauss.model.truth import need_truth
from lingauss.sums.running import Ranks
from lingauss.sweep.arrays import evaluate
from lingauss.sweep.averaged import evaluate_averaged
from lingauss.sweep.pointwise import evaluate_pointwise
from lingauss.sweep.quantities import QUANTITIES
from lingauss.sweep.reuse import buffers_of, refilled
from lingauss.sweep.unseen import UNSEEN, errors_over
from lingauss.validation import Array, as_array, freeze, shape_of
from lingauss.vocabulary import as_names, unknown_name

if TYPE_CHECKING:
    import xarray as xr


def sweep(
    case: Design,
    axes: Mapping[str, Any],
    quantities: Sequence[str],
    chunks: Mapping[str, int] | None = None,
    out: xr.Dataset | None = None,
) -> xr.Dataset:
    """Return quantities over a product of design axes; see :meth:`lingauss.Distillation.sweep`."""
    import xarray as xr

    checked = checked_axes(case, axes)
    names = checked_quantities(quantities)
    warn_of_ties(case, checked.get("student_rank", np.array([case.rank])).tolist())
    lengths = {name: len(points) for name, points in checked.items()}
    values: Mapping[str, Any]
    if out is not None and chunks is not None:
        raise DomainError("either chunks or out", "both", "A chunked sweep allocates its blocks when it is evaluated.")
    if out is not None:
        values = sweep_arrays(case, checked, names, buffers_of(out, lengths, names))
    elif chunks is None:
        check_size(lengths, names)
        values = sweep_arrays(case, checked, names)
    else:
        from lingauss.sweep.blocks import lazy_arrays

        values = lazy_arrays(case, checked, names, chunks)
    dims, known = tuple(checked), {**QUANTITIES, **UNSEEN}
    dataset = xr.Dataset(
        {
            name: (dims, values[name], {"long_name": known[name].long_name, "units": known[name].units})
            for name in names
        },
        coords={name: (name, points, AXES[name].attrs) for name, points in checked.items()},
        attrs=provenance(case, checked),
    )
    return dataset if out is None else refilled(out, dataset)


@guarded
def sweep_arrays(
    case: Design, axes: Mapping[str, Array], names: Sequence[str], out: Mapping[str, Array] | None = None
) -> dict[str, Array]:
    """Return quantities over a product of design axes as plain arrays, the fast core of a sweep.

    Parameters
    ----------
    case : Design
        What is not swept.
    axes : mapping of name to (m,) values
        As returned by :func:`checked_axes`; their order is that of the results' axes.
    names : sequence of str
        Quantities.
    out : mapping of name to arrays, optional
        Where to write, arrays of the grid's shape for all or some quantities. Others that do not depend on an axis are
        read-only views that repeat along it.

    Returns
    -------
    dict of name to ndarray
    """
    ranks: Ranks = np.asarray(axes.get("student_rank", np.array([case.rank])), dtype=np.intp)
    others = {name: values for name, values in axes.items() if name != "student_rank"}
    place = list(axes).index("student_rank") if "student_rank" in axes else None
    given = {} if out is None else out
    targets = {name: array[None] if place is None else np.moveaxis(array, place, 0) for name, array in given.items()}
    seen = [name for name in names if name not in UNSEEN]
    values = errors_over(case, ranks, others, [name for name in names if name in UNSEEN], targets)
    if seen:
        values |= _evaluator(case)(case, ranks, others, seen, targets)
    placed = {name: values[name][0] if place is None else np.moveaxis(values[name], 0, place) for name in names}
    return {name: given.get(name, placed[name]) for name in names}


def _evaluator(case: Design) -> Callable[..., dict[str, Array]]:
    """Return what evaluates a grid of such designs."""
    if case.problem.population is not None:
        return evaluate_averaged
    return evaluate if case.is_spectral_at_fixed_design else evaluate_pointwise


def checked_axes(case: Design, axes: Mapping[str, Any]) -> dict[str, Array]:
    """Return axes as arrays of distinct legal values; ranks are sorted.

    Raises
    ------
    UnknownNameError, EmptyDataError, DomainError, NotFiniteError, NotNumericError, ShapeError, MissingTruthError
    """
    if not axes:
        raise EmptyDataError("at least one axis", "none", "Sweep, for example, student_rank=range(1, 9).")
    checked = {}
    for name, given in axes.items():
        if name not in AXES:
            raise unknown_name("an axis", name, AXES)
        if isinstance(given, range):
            check_memory(2 * 8 * len(given), f"an axis {name}", "Use fewer values.")
        listed = np.arange(given.start, given.stop, given.step) if isinstance(given, range) else given
        listed = np.ravel(listed) if len(shape_of(listed, name)) == 0 else listed
        values = as_array(listed, name, (("values", None),))
        # The smallest value, and the first that is no whole number, are illegal if any is.
        for value in (values.min(), *values[values % 1 != 0][:1]):
            AXES[name].check(value, name)
        if len(np.unique(values)) != len(values):
            raise DomainError(f"distinct values of {name}", "repeated ones", "Remove duplicates.")
        if name == "student_rank" and values.max() > case.largest_rank:
            raise DomainError(
                f"student_rank from 0 to {case.largest_rank}",
                f"{values.max():g}",
                "A student has at most as many directions as there are features, or directions in its basis.",
            )
        if name == "teacher_rank":
            case.replace(teacher_rank=int(values.max()))
        values = np.sort(values) if name == "student_rank" else values
        checked[name] = freeze(np.array(values, dtype=np.int64 if AXES[name].whole else np.float64))
    if "n_samples" in checked:
        need_truth(case.problem, "results at other sample sizes")
    return checked


def checked_quantities(names: Sequence[str]) -> tuple[str, ...]:
    """Return the quantities as a tuple.

    Raises
    ------
    UnknownNameError, EmptyDataError
    """
    wanted = as_names(names, "a quantity", (*QUANTITIES, *UNSEEN))
    if not wanted:
        raise EmptyDataError("at least one quantity", "none", f"Choose among {', '.join(QUANTITIES)}.")
    return wanted


def check_size(lengths: Mapping[str, int], names: Sequence[str]) -> None:
    """Refuse a grid, or a block of one, that would not fit in the memory that is free now.

    Raises
    ------
    GridTooLargeError
    """
    needed, free = 8 * len(names) * math.prod(lengths.values()), free_memory()
    if needed > free:
        longest = max(lengths, key=lambda name: lengths[name])
        raise GridTooLargeError(
            f"a grid or block of at most {free / 1e9:.1f} GB, the memory that is free",
            f"one of {needed / 1e9:.1f} GB",
            "Use fewer values or quantities, or evaluate smaller blocks one by one, for example with "
            f"chunks={{{longest!r}: {max(1, math.floor(lengths[longest] * 0.1 * free / needed))}}}.",
        )
