"""Sweeps over designs as labelled grids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lingauss.errors import DomainError, EmptyDataError
from lingauss.memory import check_memory
from lingauss.model.axes import AXES
from lingauss.model.design import Design
from lingauss.model.provenance import provenance
from lingauss.model.ties import warn_of_ties
from lingauss.model.truth import need_truth
from lingauss.sweep.blocks import lazy_arrays
from lingauss.sweep.evaluation import check_size, sweep_arrays
from lingauss.sweep.quantities import QUANTITIES
from lingauss.sweep.reuse import buffers_of, refilled
from lingauss.sweep.unseen import UNSEEN
from lingauss.validation import Array, as_array, freeze, shape_of
from lingauss.vocabulary import as_names, unknown_name

if TYPE_CHECKING:
    import xarray as xr


def sweep(
    case: Design,
    *,
    quantities: Sequence[str] = ("divergence",),
    chunks: Mapping[str, int] | None = None,
    out: xr.Dataset | None = None,
    **axes: Any,
) -> xr.Dataset:
    """Return exact quantities over a product of design axes.

    Parameters
    ----------
    quantities : sequence of str
        Among ``divergence``, ``bias``, ``variance``, ``rank_bottleneck``, ``rank_irreducible``, the six cells
        (``retained_mean``, ``retained_noise``, ``retained_spread``, ``discarded_…``), all of these with the prefix
        ``prediction_``, ``divergence_per_weight``, ``process_total``, its parts (``process_bias``,
        ``…_variance``, ``…_rank_bottleneck``, ``…_training``) and ``process_exact``, ``teacher_gap``,
        ``student_gap``, ``teacher_excess_risk`` and ``student_excess_risk``;
        where labels were observed, ``teacher_cross_validation`` and ``student_cross_validation``.
    chunks : mapping of axis to int, optional
        How many values of each axis a block has; axes not named are not cut. The result is then lazy, its blocks
        evaluated by Dask when they are asked for (docs/scale.md).
    out : xarray.Dataset, optional
        An earlier result of the same quantities and axes, with as many values along each, to be overwritten and
        returned: repeated sweeps then need no fresh memory. Quantities that repeat along an axis have none to
        reuse. After an error its values mean nothing.
    **axes
        One sequence of distinct values per design axis: ``student_rank``, ``label_noise``, ``temperature``,
        ``mixing``, ``draws``, ``floor``, ``n_samples``, ``penalty``, ``teacher_penalty``, ``student_penalty``,
        ``teacher_temperature``, ``student_temperature``, ``teacher_steps``, ``student_steps``, ``teacher_rank``,
        ``transfer_samples``. Settings left None resolve again in every cell. Ranks are sorted; without
        ``student_rank`` the design's own rank is kept.

    Returns
    -------
    xarray.Dataset
        One variable per quantity over the axes in the order given, with units; fixed settings as JSON in its
        attributes. A quantity that does not depend on an axis repeats along it without taking memory (read-only:
        copy before writing).

    Raises
    ------
    UnknownNameError, EmptyDataError, DomainError, NotFiniteError, MissingTruthError, GridTooLargeError
    ShapeError
        If ``out`` has other axes or lengths.
    MissingDependencyError
        If ``chunks`` is given and Dask is not installed.
    BlockError
        On evaluation, if a block of a chunked sweep cannot be computed.
    """
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
