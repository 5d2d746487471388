"""What the costs tend to as the sample grows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from lingauss.algebra.numerics import spread_cost
from lingauss.design.sweep import checked_axes
from lingauss.errors import DomainError
from lingauss.model.distillation import Distillation
from lingauss.model.learners import Ridge
from lingauss.model.provenance import provenance
from lingauss.model.settings import AXES

if TYPE_CHECKING:
    import xarray as xr


def large_sample_costs(case: Distillation, n_samples: Iterable[int]) -> xr.Dataset:
    """Return the leading order of each cost in the number of samples n (docs/theory.md §5.6).

    The bias falls like 1/n, the variance tends to a constant, the rank cost grows like n. Directions in which the
    inputs do not vary keep what they cost.

    Parameters
    ----------
    case : Distillation
        Of two ridge learners, with a bottleneck of whole eigen-directions.
    n_samples : iterable of int
        Distinct sample sizes.

    Returns
    -------
    xarray.Dataset
        bias, variance and rank_bottleneck over n_samples, in nats.

    Raises
    ------
    MissingTruthError
        If labels were observed.
    DomainError
        Unless both learners are ridge and the bottleneck keeps whole eigen-directions.
    """
    import xarray as xr

    teacher, student = case.teacher, case.student
    if not (isinstance(teacher, Ridge) and isinstance(student, Ridge)):
        other = student if isinstance(teacher, Ridge) else teacher
        raise DomainError(
            "two Ridge learners, whose penalties do not depend on the sample",
            type(other).__name__,
            "Sweep n_samples for exact costs.",
        )
    sizes = checked_axes(case, {"n_samples": list(n_samples)})["n_samples"]
    directions = case.directions
    retained = np.isin(np.arange(len(directions)), case.retained_directions)
    varying = directions.s > 0.0
    kept, dropped = (directions.part(np.flatnonzero(varying & some)) for some in (retained, ~retained))
    null = directions.part(np.flatnonzero(~varying & retained))
    noise, outputs = case.problem.label_noise, case.problem.outputs
    width, own = (learner.dispersion(noise) / noise**2 for learner in (teacher, student))  # in units of ν²
    kappa = (1.0 - case.mixing) * teacher.penalty - student.penalty
    ratio = np.asarray(case.mixing**2 / case.draws * (1.0 + case.temperature / width) + own / width)
    bias = 0.5 * kappa**2 / width * np.sum(kept.mean_power / kept.s**3)
    spread = 0.5 * outputs * len(kept) * float(spread_cost(ratio - 1.0, ratio))
    spread += float(np.sum(np.broadcast_to(null.retained().spread.at(), null.s.shape)))
    rank = 0.5 * np.sum(dropped.mean_power / dropped.s + outputs * dropped.floor_variance * dropped.s) / width
    growth = sizes / case.problem.n_samples
    costs = {"bias": bias / growth, "variance": np.full(len(sizes), spread), "rank_bottleneck": rank * growth}
    return xr.Dataset(
        {
            name: ("n_samples", values, {"long_name": f"{name}, large samples", "units": "nats"})
            for name, values in costs.items()
        },
        coords={"n_samples": ("n_samples", sizes, AXES["n_samples"].attrs)},
        attrs=provenance(case, ("n_samples",)),
    )
