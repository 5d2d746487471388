"""Bounds and exact gaps along a design axis, ready to be drawn."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from lingauss.errors import DomainError, EmptyDataError
from lingauss.gaps.bounds import bounds
from lingauss.gaps.sharpness import sharpness
from lingauss.guard import guarded
from lingauss.model.axes import AXES
from lingauss.model.design import Design
from lingauss.model.provenance import provenance
from lingauss.validation import as_items
from lingauss.vocabulary import unknown_name

if TYPE_CHECKING:
    import xarray as xr

    from lingauss.model.design import Design


@guarded
def bound_curves(case: Design, axis: str, values: Iterable[Any], eta: float | None = None) -> xr.Dataset:
    """Return every bound of :meth:`Distillation.bounds` along one design axis.

    Parameters
    ----------
    case : Design
    axis : str
        Name of a design axis, for example 'temperature' or 'n_samples'; see :meth:`Distillation.replace`.
    values : iterable
        At least one value of it.
    eta : float, optional
        As for :meth:`Distillation.bounds`.

    Returns
    -------
    xarray.Dataset
        Variables ``value``, ``slack`` and ``holds`` (bound, axis), ``divergence``, ``teacher_gap`` and ``student_gap``
        (axis), and ``steepness``, ``distance`` and ``radius`` (axis), the g, ϱ and ϱ₀ of docs/theory.md §7.8: the
        sharpness-aware bound is tighter than the Chernoff bound, at fixed design the variance proxy, where ϱ < ϱ₀.
        Coordinates ``side`` and ``learner`` (bound). Gaps in squared labels, the divergence in nats.

    Raises
    ------
    UnknownNameError
        If there is no such axis.
    EmptyDataError
        If there are no values.
    MissingTruthError
        If the problem knows no truth.
    """
    import xarray as xr

    if not isinstance(axis, str) or axis not in AXES:
        raise unknown_name("a design axis", axis, AXES)
    if not isinstance(case, Design):
        raise DomainError("a Distillation", type(case).__name__, "Pass the design itself.")
    points = list(as_items(values, "values"))
    if not points:
        raise EmptyDataError(f"at least one value of {axis}", "none", "Pass some values.")
    designs = [case.replace(**{axis: point}) for point in points]
    tables = [bounds(design, eta) for design in designs]
    first, steep = tables[0], [sharpness(design) for design in designs]
    widths = [table["Chernoff upper"].value - table.teacher_gap for table in tables]
    along = ("bound", axis)
    names = list(first.names)
    return xr.Dataset(
        {
            "value": (along, np.array([[table[name].value for table in tables] for name in names])),
            "slack": (along, np.array([[table[name].slack for table in tables] for name in names])),
            "holds": (along, np.array([[table[name].holds for table in tables] for name in names])),
            "divergence": (axis, [table.divergence for table in tables]),
            "teacher_gap": (axis, [table.teacher_gap for table in tables]),
            "student_gap": (axis, [table[names[0]].exact_gap for table in tables]),
            "steepness": (axis, [each.gradient for each in steep]),
            "distance": (axis, [each.distance for each in steep]),
            "radius": (axis, [each.radius(width) for each, width in zip(steep, widths, strict=True)]),
        },
        coords={
            "bound": names,
            axis: (axis, points, AXES[axis].attrs),
            "side": ("bound", [bound.side for bound in first]),
            "learner": ("bound", [bound.learner for bound in first]),
        },
        attrs=provenance(case, (axis,)),
    )
