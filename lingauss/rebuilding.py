"""From a dataset back to the design it was computed from (docs/scale.md)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from lingauss.chain import Chain
from lingauss.distillation import Distillation
from lingauss.errors import DomainError
from lingauss.model.axes import AXES
from lingauss.model.record import Record, array_paths, from_record
from lingauss.validation import as_items

if TYPE_CHECKING:
    import xarray as xr


def case_of(dataset: xr.Dataset, kinds: Iterable[type] = ()) -> Distillation | Chain:
    """Return the design that a dataset was computed from, exactly as it was.

    Every dataset that lingauss returns carries its design, also through files: spectrum or Gram matrix, truth or
    observed labels, learners, bottleneck and settings. Nothing that stands in a file is run.

    Parameters
    ----------
    dataset : xarray.Dataset
        As returned by ``case.sweep``, ``Chain.sweep`` and others, or read back from a file. Where a point was chosen
        along an axis, as by ``dataset.sel(temperature=2.0)``, the design at that point is returned; along axes that are
        still swept, the one that was swept.
    kinds : iterable of type
        Learners of your own, frozen dataclasses, that the design may hold.

    Returns
    -------
    Distillation or Chain

    Raises
    ------
    DomainError
        If the dataset carries no design (arithmetic drops attributes unless xarray is told to keep them), one that has
        been changed, or one that holds a class not known here.

    Examples
    --------
    >>> import lingauss as lg
    >>> problem = lg.Problem.from_spectrum([4.0, 1.0, 0.25], [1.0, 1.0, 0.25], n_samples=10, label_noise=0.5)
    >>> results = lg.Distillation(problem, teacher=lg.Ridge(0.5)).sweep(student_rank=range(4), temperature=[1.0, 2.0])
    >>> chosen = results.sel(student_rank=2, temperature=2.0)
    >>> lg.case_of(chosen).bottleneck, lg.case_of(chosen).temperature
    (Principal(rank=2), 2.0)
    >>> abs(lg.case_of(chosen).divergence().total - chosen["divergence"].item()) < 1e-14
    True
    """
    attributes = getattr(dataset, "attrs", None)
    if not isinstance(attributes, Mapping) or not {"design", "no_design"} & attributes.keys():
        raise DomainError(
            "a dataset computed by lingauss, with its attributes",
            f"{type(dataset).__name__} without a design",
            "Pass the dataset a sweep returned; after arithmetic, assign its attrs to the result.",
        )
    saved_with = str(attributes.get("versions", "unknown versions"))
    if "design" not in attributes:
        raise DomainError(
            "a dataset whose design could be saved", str(attributes["no_design"]), f"Saved with {saved_with}."
        )
    own = as_items(kinds, "kinds")
    if not all(isinstance(kind, type) for kind in own):
        raise DomainError("kinds as classes", f"{kinds!r:.80}", "Pass, for example, kinds=[MyLearner].")
    record = _record_in(attributes)
    if record.fingerprint != attributes.get("fingerprint"):
        raise DomainError(
            f"a design whose fingerprint is {attributes.get('fingerprint')}, as when it was saved with {saved_with}",
            f"{record.fingerprint}",
            "The attributes have been changed; use the file as it was written.",
        )
    design: Distillation | Chain = from_record(record, (Distillation, Chain, *own))
    return _at_point(design, dataset)


def _record_in(attributes: Mapping[str, Any]) -> Record:
    try:
        tree = json.loads(attributes["design"])
    except (TypeError, ValueError) as error:
        raise DomainError("a design as JSON", f"{error}", "Use the file as it was written.") from error
    arrays = {path: np.atleast_1d(attributes[path]) for path in array_paths(tree) if path in attributes}
    return Record(tree, arrays)


def _at_point(design: Distillation | Chain, dataset: xr.Dataset) -> Distillation | Chain:
    """Put the values of axes along which one point was chosen into a design."""
    chosen = {str(name): dataset[name].item() for name in dataset.coords if name in AXES and not dataset[name].ndim}
    if isinstance(design, Chain):
        case = design.case.replace(**chosen)
        return replace(design, case=case)
    if chosen.get("student_rank") == design.rank:  # which needs no bottleneck that could be changed
        del chosen["student_rank"]
    return design.replace(**chosen)
