"""What to read off finished results: optima, recommendations, and whether they lie inside the range."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lingauss.distillation import Distillation
from lingauss.model.learners import Ridge
from lingauss.numerals import number, percent

if TYPE_CHECKING:
    import xarray as xr


def best_along(values: xr.DataArray, axis: str) -> xr.DataArray:
    """Return the coordinate of the smallest value along an axis, for every point of the others."""
    return values.idxmin(axis).astype(values[axis].dtype).assign_attrs(values[axis].attrs)


def smallest_within(values: xr.DataArray, axis: str, tolerance: float) -> int:
    """Return the smallest coordinate along a one-axis result whose value is within a share of the least.

    This is the recommended rank of docs/theory.md §5.8: the optimum itself is usually near full rank and says little.
    """
    close = values.to_numpy() <= (1.0 + tolerance) * float(values.min())
    return int(np.min(values[axis].to_numpy()[close]))


def edges(best: xr.DataArray, grid: xr.DataArray) -> tuple[int, int]:
    """Return how many optima lie at the lower and at the upper end of the range they were sought in."""
    return int(np.sum(best == grid.min())), int(np.sum(best == grid.max()))


def gain_at(values: xr.DataArray, axis: str, baseline: float, name: str) -> xr.DataArray:
    """Return by which share the least value along an axis is below that at a baseline, negative where it is less.

    Parameters
    ----------
    values
        Over the axis and others.
    baseline
        The point of the axis nearest to it is compared.
    name
        What the share is called in a key.
    """
    change = values.min(axis) / values.sel({axis: baseline}, method="nearest", drop=True) - 1.0
    return change.assign_attrs(long_name=name, units="1")


def matching_temperature(case: Distillation) -> float | None:
    """Return the temperature at which strong directions lose nothing by spread, the matching law of §5.3.

    τν² = ω_T [(1 − ω_S/ω_T) m/ξ² − 1], the best temperature as all eigenvalues grow; None where it is not positive or
    a learner has no dispersion of its own.
    """
    teacher, student, noise = case.teacher, case.student, case.problem.label_noise
    if not (isinstance(teacher, Ridge) and isinstance(student, Ridge)) or case.mixing == 0.0:
        return None
    above, below = teacher.dispersion(noise), student.dispersion(noise)
    temperature = ((above - below) * case.draws / case.mixing**2 - above) / noise**2
    return temperature if temperature > 0.0 else None


def about(value: float) -> str:
    """Write a value of a coarse grid to two significant digits."""
    return number(float(f"{value:.2g}"))


def share(value: float) -> str:
    """Write a share of soft labels, which may be negative, to two decimals."""
    return f"{round(value, 2) + 0.0:.2f}".replace("-", "−")  # no minus before 0.00


def dearer(ratio: float) -> str:
    """Write how much more something costs, given the ratio of costs, at least 1."""
    return f"{percent(ratio - 1.0)} more than" if ratio < 2.0 else f"{number(ratio)} times as much as"
