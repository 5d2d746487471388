"""Which designs no other design beats in several respects at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from lingauss.errors import DomainError, EmptyDataError, NotFiniteError
from lingauss.guard import hinted
from lingauss.validation import Array
from lingauss.vocabulary import as_names

if TYPE_CHECKING:
    import xarray as xr


@hinted
def pareto_front(results: xr.Dataset, objectives: Sequence[str]) -> xr.DataArray:
    """Return which points of a sweep are on the Pareto front: no other is as small in all objectives, smaller in one.

    Parameters
    ----------
    results : xarray.Dataset
        As returned by :meth:`lingauss.Distillation.sweep`.
    objectives : sequence of str
        Quantities or axes of the sweep, each the smaller the better.

    Returns
    -------
    xarray.DataArray of bool
        Over the axes of the sweep. Of equal points all are on the front or none is.

    Raises
    ------
    DomainError, EmptyDataError
        If there is no dataset, or no objective.
    UnknownNameError
        If the results do not hold one.
    NotFiniteError
        If an objective is NaN somewhere; infinite values are legal.

    Examples
    --------
    >>> import lingauss as lg
    >>> problem = lg.Problem.from_spectrum([4.0, 1.0, 0.25], [1.0, 1.0, 0.25], n_samples=10, label_noise=0.5)
    >>> sweep = lg.Distillation(problem).sweep(student_rank=range(4), temperature=[0.0, 1.0])
    >>> lg.pareto_front(sweep, ["student_rank", "divergence"]).sel(temperature=1.0).to_numpy().tolist()
    [True, False, False, False]
    """
    import xarray as xr

    if not isinstance(results, xr.Dataset):
        raise DomainError("a sweep", type(results).__name__, "Pass the dataset that case.sweep(...) returned.")
    names = as_names(objectives, "an objective", map(str, results.variables))
    if not names:
        raise EmptyDataError("at least one objective", "none", "Pass names such as 'student_rank', 'divergence'.")
    spread = xr.broadcast(*(results[name] for name in names), *results.data_vars.values())[: len(names)]
    values = np.stack([part.to_numpy().ravel() for part in spread], axis=1).astype(float)
    if np.isnan(values).any():
        raise NotFiniteError("objectives without NaN", "some NaN", "Leave those designs out of the sweep.")
    return xr.DataArray(_non_dominated(values).reshape(spread[0].shape), spread[0].coords, spread[0].dims, "front")


def _non_dominated(values: Array) -> npt.NDArray[np.bool_]:
    """Return which rows no other row dominates."""
    chosen = np.zeros(len(values), dtype=bool)
    front = np.empty((0, values.shape[1]))
    # In lexicographic order no row is dominated by a later one.
    for index in np.lexsort(values.T[::-1]):
        row = values[index]
        if not np.any(np.all(front <= row, axis=1) & np.any(front < row, axis=1)):
            chosen[index] = True
            front = np.vstack([front, row])
    return chosen


def knee(results: xr.Dataset, objectives: Sequence[str]) -> xr.Dataset:
    """Return the design at the knee of the front of two objectives: where giving up one buys the most of the other.

    Of the designs on the front, that farthest from the straight line between its ends, towards smaller values; both
    objectives are measured from end to end, so that units do not matter.

    Parameters
    ----------
    results : Dataset
        As returned by a sweep.
    objectives : sequence of str
        Two of its variables, to be small; designs where one is infinite are not considered.

    Returns
    -------
    Dataset
        Of that one design, settings as coordinates.

    Raises
    ------
    DomainError
        If there are not two objectives, or no design where both are finite.
    """
    if len(objectives) != 2:
        raise DomainError("two objectives", f"{len(objectives)}", "A knee is one of a front in the plane.")
    flat = results.stack(design=list(results.dims), create_index=False)
    flat = flat.isel(design=pareto_front(flat[list(objectives)], objectives).to_numpy())
    x, y = (flat[name].to_numpy() for name in objectives)
    drawn = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    if not len(drawn):
        raise DomainError("a design at which both objectives are finite", "none", "Sweep other designs or objectives.")
    order = drawn[np.argsort(x[drawn], kind="stable")]
    (x0, x1), (y0, y1) = x[order[[0, -1]]], y[order[[0, -1]]]
    below = (y0 - y[order]) * (x1 - x0) + (x[order] - x0) * (y1 - y0)
    chosen: xr.Dataset = flat.isel(design=int(order[np.argmax(below)]))
    return chosen
