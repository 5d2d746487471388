"""A design's settings as plain values."""

from __future__ import annotations

from typing import Any

from lingauss.model.design import Design


def describe(case: Design) -> dict[str, Any]:
    """Return a design's settings as plain values that JSON can hold."""
    problem = case.problem
    return {
        "n_samples": problem.n_samples,
        "n_features": problem.n_features,
        "outputs": problem.outputs,
        "label_noise": problem.label_noise,
        "mode": problem.mode,
        "intercept": problem.intercept,
        "teacher": repr(case.teacher),
        "student": repr(case.student),
        "bottleneck": repr(case.bottleneck),
        "floor": case.floor,
        "temperature": case.temperature,
        "mixing": case.mixing,
        "draws": case.draws,
        "transfer": None if case.transfer is None else repr(case.transfer),
    }
