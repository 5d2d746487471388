"""Sweeps with simulated values beside the exact ones."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lingauss.model.design import Design
from lingauss.model.provenance import provenance
from lingauss.progress import tracked
from lingauss.simulation.simulate import simulate
from lingauss.sweep.labelled import checked_axes, checked_quantities, sweep
from lingauss.sweep.quantities import QUANTITIES
from lingauss.vocabulary import unknown_name

if TYPE_CHECKING:
    import xarray as xr


def simulated_sweep(
    case: Design,
    *,
    quantities: Sequence[str] = ("bias", "variance", "rank_bottleneck"),
    trials: int = 2000,
    seed: int = 0,
    **axes: Any,
) -> xr.Dataset:
    """Return a sweep with a simulation of every design in it.

    Parameters
    ----------
    case : Design
    quantities : sequence of str
        As for :meth:`Distillation.sweep`; those that can be simulated.
    trials, seed : int
        As for :meth:`Distillation.simulate`, of the first design; every further design has the next seed.
    **axes
        As for :meth:`Distillation.sweep`.

    Returns
    -------
    xarray.Dataset
        The sweep, and for every quantity its simulated value and standard error, named with ``_simulated`` and
        ``_standard_error``.

    Raises
    ------
    UnknownNameError
        If a quantity is not simulated.
    DomainError, MissingTruthError, EmptyDataError, NotFiniteError

    Examples
    --------
    >>> import lingauss as lg
    >>> problem = lg.Problem.from_spectrum([9.0, 4.0, 1.0], [1.0, 0.5, 0.25], n_samples=20, label_noise=0.5)
    >>> case = lg.Distillation(problem, teacher=lg.Ridge(1.0), student=lg.Ridge(2.0))
    >>> results = simulated_sweep(case, quantities=["student_excess_risk"], trials=1000, student_rank=[1, 2, 3])
    >>> sorted(results)
    ['student_excess_risk', 'student_excess_risk_simulated', 'student_excess_risk_standard_error']
    """
    checked, names = checked_axes(case, axes), checked_quantities(quantities)
    results = sweep(case, quantities=names, **axes)
    results.attrs |= provenance(case, checked, trials=trials, seed=seed)
    shape = tuple(len(values) for values in checked.values())
    values, errors = ({name: np.empty(shape) for name in names} for _ in range(2))
    points = tracked(itertools.product(*map(range, shape)), math.prod(shape), "simulated designs")
    for number, point in enumerate(points):
        here = {name: checked[name][i].item() for name, i in zip(checked, point, strict=True)}
        simulation = simulate(case.replace(**here), trials, seed + number)
        for name in names:
            if name not in simulation.estimates:
                simulated = (name for name in QUANTITIES if name in simulation.estimates)
                raise unknown_name("a simulated quantity of this design", name, simulated)
            values[name][point], errors[name][point] = simulation[name]
    for name in names:
        attrs = results[name].attrs
        told = {"units": attrs["units"]}
        results[f"{name}_simulated"] = (tuple(checked), values[name], told | {"long_name": attrs["long_name"]})
        results[f"{name}_standard_error"] = (tuple(checked), errors[name], told | {"long_name": "standard error"})
    return results
