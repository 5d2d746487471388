"""What plans of several sizes cost, as a labelled table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lingauss.guard import guarded
from lingauss.layers.allocation import allocate
from lingauss.layers.layer import Layer
from lingauss.validation import as_array

if TYPE_CHECKING:
    import xarray as xr

LONG_NAMES = {
    "cost": "cost at second order",
    "least": "least cost of any plan",
    "predicted": "predicted divergence",
    "predicted_error": "standard error of the predicted divergence",
    "measured": "measured divergence",
    "measured_error": "standard error of the measured divergence",
}


@guarded
def sweep(
    layers: Mapping[str, Layer],
    keep: Sequence[float],
    unit: str = "parameters",
    model: Any = None,
    batches: Iterable[Any] | None = None,
) -> xr.Dataset:
    """Return what plans of several sizes lose; :func:`lingauss.charts.loss_by_size` draws it.

    Parameters
    ----------
    layers, unit
        As for :func:`allocate`.
    keep : sequence of float
        Shares to keep.
    model, batches : optional
        As for :meth:`Plan.calibrate`: predictions on measured curves, and the plans really applied.

    Returns
    -------
    xarray.Dataset
        Over ``keep``: share used, cost and least in nats per row; with a model also predicted and measured, and their
        standard errors.

    Raises
    ------
    DomainError, EmptyDataError, UnknownNameError, ModelError, MissingDependencyError
    """
    import xarray as xr

    shares = np.unique(as_array(keep, "keep", (("shares", None),)))
    plans = [allocate(layers, float(share), unit) for share in shares]
    columns = {"cost": [plan.cost for plan in plans], "least": [plan.least for plan in plans]}
    if model is not None:
        from lingauss.layers.compression import Compression

        rows = list(batches or ())
        first = plans[0].calibrate(model, rows)
        reference = Compression(model, layers).reference(rows)
        plans = [plan.beside(reference, first.curves) for plan in plans]
        for name in ("predicted", "measured"):
            columns[name], columns[f"{name}_error"] = map(
                list, zip(*(getattr(plan, name) for plan in plans), strict=True)
            )
    results = xr.Dataset(
        {
            name: ("keep", values, {"long_name": LONG_NAMES[name], "units": "nats per row"})
            for name, values in columns.items()
        },
        coords={"keep": ("keep", shares, {"long_name": f"share of {unit} kept", "units": "1"})},
    )
    results["share"] = ("keep", [plan.share for plan in plans], {"long_name": f"share of {unit} used", "units": "1"})
    return results
