"""Where a dataset comes from: the design behind it, exactly, and the versions that computed it (docs/scale.md)."""

from __future__ import annotations

import dataclasses
import json
import platform
from collections.abc import Collection
from typing import Any

import numpy as np
import scipy

from lingauss.model.design import Design
from lingauss.model.record import record_attributes
from lingauss.model.shards import Shards
from lingauss.model.weak_teacher import WeakTeacher
from lingauss.version import __version__


def provenance(design: Design, swept: Collection[str] = (), whole: Any = None, **settings: Any) -> dict[str, Any]:
    """Return what a dataset computed from a design says about itself, as attributes that every format can hold.

    Parameters
    ----------
    design : Design
    swept : collection of str
        Axes along which the dataset's own coordinates replace the design's values.
    whole : frozen dataclass, optional
        What the design is a part of, and is to be rebuilt: rounds of distillation. Default: the design itself.
    **settings
        Plain values that matter besides the design.

    Returns
    -------
    dict
        ``settings``, for people, and ``versions`` as JSON; ``results``: how they are meant; and for :func:`case_of` the
        ``design`` as JSON with its ``fingerprint`` and one attribute for the numbers of each of its arrays. A design
        that cannot be saved, because a learner is no dataclass, has ``no_design`` instead, which says why.
    """
    told = describe(design, swept) | settings
    attributes: dict[str, Any] = {
        "settings": json.dumps(told, ensure_ascii=False),
        "results": design.problem.mode,
        "versions": json.dumps(versions()),
    }
    return attributes | (design.record_attributes if whole is None else record_attributes(whole))


def versions() -> dict[str, str]:
    """Return the versions of what computes results."""
    return {
        "lingauss": __version__,
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "python": platform.python_version(),
    }


def describe(case: Design, swept: Collection[str] = ()) -> dict[str, Any]:
    """Return a design's settings as plain values for people to read, without those that are swept."""
    problem = case.problem
    told = {
        "n_samples": problem.n_samples,
        "n_features": problem.n_features,
        "outputs": problem.outputs,
        "label_noise": problem.label_noise,
        "mode": problem.mode,
        "intercept": problem.intercept,
        "test_cov": None if problem.test_covariance is None else "given",
        "teacher": _without(case.teacher, "teacher", swept),
        "student": _without(case.student, "student", swept),
        "bottleneck": _without(case.bottleneck, "student", swept),
        "teacher_bottleneck": _without(case.teacher_bottleneck, "teacher", swept),
        "teacher_floor": case.teacher_floor,
        "floor": case.floor,
        "temperature": case.temperature,
        "mixing": case.mixing,
        "draws": case.draws,
        "transfer": None if case.transfer is None else repr(case.transfer),
    }
    return {name: value for name, value in told.items() if name not in swept}


def _without(part: Any, role: str, swept: Collection[str]) -> str:
    """Return the text of a learner or bottleneck, without the values of its fields that are swept."""
    if isinstance(part, WeakTeacher):
        return _without(part.learner, role, swept)
    if isinstance(part, Shards):
        return repr(part).replace(repr(part.learner), _without(part.learner, role, swept))
    left_out = {*swept, *(name.removeprefix(f"{role}_") for name in swept if name.startswith(role))}
    own = [field.name for field in dataclasses.fields(part)] if dataclasses.is_dataclass(part) else []
    if not left_out & {*own}:
        return repr(part)
    return (
        f"{type(part).__name__}({', '.join(f'{name}={getattr(part, name)!r}' for name in own if name not in left_out)})"
    )
