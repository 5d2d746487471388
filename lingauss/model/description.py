"""A design's settings as plain values for people to read."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from typing import Any

from lingauss.model.design import Design
from lingauss.model.shards import Shards


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
        "floor": case.floor,
        "temperature": case.temperature,
        "mixing": case.mixing,
        "draws": case.draws,
        "transfer": None if case.transfer is None else repr(case.transfer),
    }
    return {name: value for name, value in told.items() if name not in swept}


def _without(part: Any, role: str, swept: Collection[str]) -> str:
    """Return the text of a learner or bottleneck, without the values of its fields that are swept."""
    if isinstance(part, Shards):
        return repr(part).replace(repr(part.learner), _without(part.learner, role, swept))
    left_out = {*swept, *(name.removeprefix(f"{role}_") for name in swept if name.startswith(role))}
    own = [field.name for field in dataclasses.fields(part)] if dataclasses.is_dataclass(part) else []
    if not left_out & {*own}:
        return repr(part)
    return (
        f"{type(part).__name__}({', '.join(f'{name}={getattr(part, name)!r}' for name in own if name not in left_out)})"
    )
