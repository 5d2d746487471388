"""Settings of softmax distillation, scored on rows held out by the closed form."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lingauss.errors import DomainError, EmptyDataError, MissingLabelsError, ShapeError
from lingauss.guard import guarded
from lingauss.model.bottleneck import Spectral, Subspace
from lingauss.softmax.newton import Settings
from lingauss.softmax.rows import Rows
from lingauss.softmax.views import directions_of, newton_of
from lingauss.validation import Array, as_array, as_count
from lingauss.vocabulary import as_names

if TYPE_CHECKING:
    import xarray as xr

SCORES = {
    "divergence": "mean KL(teacher ‖ student) on rows held out",
    "log_loss": "mean loss of the true classes on rows held out",
}
AXES = {
    "temperature": {"long_name": "temperature", "units": "1", "symbol": "T"},
    "alpha": {"long_name": "share of soft labels", "units": "1", "symbol": "α"},
    "penalty": {"long_name": "student's penalty", "units": "1", "symbol": "λ"},
    "student_rank": {"long_name": "student rank", "units": "directions", "symbol": "r"},
}


class Scores(NamedTuple):
    """Scores of a grid of settings, with the objective and the setting it is least at."""

    results: xr.Dataset
    objective: str
    best: dict[str, float]


@guarded
def scores(
    rows: Rows,
    own: Settings,
    bottleneck: Spectral | Subspace | None,
    axes: Mapping[str, Any],
    objective: str,
    held_out: tuple[Any, Any, Any] | None,
    folds: int,
) -> Scores:
    """Score a grid of settings on rows held out; see :meth:`Student.sweep`."""
    import xarray as xr

    (wanted,) = as_names(objective, "an objective", SCORES) or ("divergence",)
    directions, _ = directions_of(bottleneck, rows.inputs)
    values = _checked(own, axes, directions.shape[1])
    splits = list(_splits(rows, held_out, as_count(folds, "folds", minimum=2)))
    known = all(test.classes is not None for _, test in splits)
    if wanted == "log_loss" and not known:
        raise MissingLabelsError("classes y of the rows held out", "none", "Pass them, or use the divergence.")
    if rows.classes is None and min(values["alpha"]) < 1.0:
        raise MissingLabelsError("classes y, which alpha below 1 gives weight to", "none", "Pass y, or alpha=[1].")
    shape = tuple(len(points) for points in values.values())
    sums = {name: np.zeros(shape) for name in (SCORES if known else ("divergence",))}
    for train, test in splits:
        newton = newton_of(train, directions)
        seen = test.inputs @ directions
        for index, setting in zip(np.ndindex(shape), itertools.product(*values.values()), strict=True):
            temperature, alpha, penalty, rank = setting
            weights = newton.weights(Settings(float(temperature), float(alpha), float(penalty), int(rank)))
            logits = seen[:, : int(rank)] @ weights.T
            sums["divergence"][index] += np.sum(test.law.divergence(test.logits, logits))
            if known:
                assert test.classes is not None  # noqa: S101 (known)
                sums["log_loss"][index] += np.sum(test.law.log_loss(test.classes, logits))
    count = sum(len(test) for _, test in splits)
    results = xr.Dataset(
        {
            name: (tuple(values), total / count, {"long_name": SCORES[name], "units": "nats per row"})
            for name, total in sums.items()
        },
        coords={name: (name, points, AXES[name]) for name, points in values.items()},
    )
    best = np.unravel_index(int(np.argmin(sums[wanted])), shape)
    chosen = {name: float(points[place]) for (name, points), place in zip(values.items(), best, strict=True)}
    return Scores(results, wanted, chosen)


def _checked(own: Settings, axes: Mapping[str, Any], ranks: int) -> dict[str, Array]:
    """Return the values along every axis, a student's own where none are given."""
    values = {}
    for name, points in axes.items():
        current = own.rank if name == "student_rank" else getattr(own, name)
        found = as_array(np.atleast_1d(current if points is None else points), name, (("values", None),))
        if name == "student_rank":
            values[name] = np.unique([as_count(rank, name, maximum=ranks) for rank in found])
            continue
        low, high = found.min(), found.max()
        if low < 0.0 or (low == 0.0 and name != "alpha") or (name == "alpha" and high > 1.0):
            legal = "from 0 to 1" if name == "alpha" else "above 0"
            raise DomainError(f"{name} {legal}", f"values from {low:g} to {high:g}", "Leave the others out.")
        values[name] = found
    return values


def _splits(rows: Rows, held_out: tuple[Any, Any, Any] | None, folds: int) -> Iterator[tuple[Rows, Rows]]:
    """Yield rows to distil on, and rows to score on."""
    if held_out is not None:
        if len(held_out) != 3:
            raise ShapeError("held_out as (X, y, teacher_logits)", f"{len(held_out)} items", "Pass y=None if unknown.")
        test = Rows.of(*held_out, names="held-out ")
        rows.check_like(test)
        yield rows, test
        return
    if len(rows) < 2 * folds:
        raise EmptyDataError(f"at least {2 * folds} rows for {folds} folds", f"{len(rows)}", "Pass held_out rows.")
    part = np.random.default_rng(0).permutation(len(rows)) % folds  # rows may come sorted by class
    for fold in range(folds):
        yield rows.part(part != fold), rows.part(part == fold)
