"""Designs that the pages of the tests show, and how to wait for and read such a page."""

from __future__ import annotations

import math
import time
from typing import Any

import numpy as np

import lingauss as lg

HOSTILE = "</script><script>window.hacked = 1</script><img src=x onerror='window.hacked = 1'>"
CONTROLS = {
    "student_rank": "Student rank",
    "label_noise": "Label noise",
    "temperature": "Temperature",
    "mixing": "Mixing",
    "draws": "Draws",
    "teacher_penalty": "Teacher penalty",
    "student_penalty": "Student penalty",
    "student_temperature": "Student temperature",
    "teacher_temperature": "Teacher temperature",
    "floor": "Floor",
    "n_samples": "Samples",
}

UNEQUAL = {
    "label_noise": 0.7, "temperature": 2.5, "mixing": 0.6, "draws": 3, "teacher_penalty": 15.0, "student_penalty": 4.0,
    "student_temperature": 0.3, "teacher_temperature": 1.4, "floor": 0.03, "n_samples": 140, "student_rank": 5,
}  # fmt: skip
QUANTITIES = {
    "divergence": ("divergence", "nats"), "bias": ("bias", "nats"), "variance": ("variance", "nats"),
    "rank_bottleneck": ("rank bottleneck", "nats"), "prediction_divergence": ("divergence of predictions", "nats"),
    "process_total": ("process", "nats"), "process_bias": ("bias of the process", "nats"),
    "process_variance": ("variance of the process", "nats"),
    "process_rank_bottleneck": ("rank bottleneck of the process", "nats"),
    "process_training": ("training of the process", "nats"),
    "teacher_gap": ("teacher’s gap", "squared label units"), "student_gap": ("student’s gap", "squared label units"),
    "teacher_excess_risk": ("teacher’s excess risk", "squared label units"),
    "student_excess_risk": ("student’s excess risk", "squared label units"),
    "teacher_unseen_risk": ("teacher’s risk, unseen inputs", "squared label units"),
    "student_unseen_risk": ("student’s risk, unseen inputs", "squared label units"),
}  # fmt: skip


def design() -> lg.Distillation:
    index = np.arange(1.0, 13.0)
    problem = lg.Problem.from_spectrum(300 / index, 1 / index, n_samples=120, label_noise=0.5, outputs=2)
    return lg.Distillation(
        problem, lg.Ridge(20.0), lg.Ridge(5.0, 0.25), lg.Principal(6), floor=0.01, temperature=3.0, draws=2
    )


def observed() -> lg.Distillation:
    rng = np.random.default_rng(0)
    X = rng.standard_normal((80, 5)) * [5.0, 3.0, 2.0, 1.0, 0.5]
    Y = X @ rng.standard_normal((5, 2)) + rng.standard_normal((80, 2))
    return lg.Distillation(lg.Problem.from_data(X, Y), lg.Ridge(2.0), lg.Ridge(1.0, 0.5), lg.Principal(3))


def elsewhere() -> lg.Distillation:
    problem = lg.Problem.from_spectrum([4.0, 1.0], [1.0, 1.0], n_samples=9, label_noise=0.5, test_cov=np.eye(2))
    return lg.Distillation(problem, bottleneck=lg.Principal(1))


def tied() -> lg.Distillation:
    problem = lg.Problem.from_gram(np.diag([3.0, 3.0, 3.0, 1.0]), n_samples=20, label_noise=0.5)
    labelled = problem.with_statistic([[1.0, 2.0, 0.5, 0.3], [0.2, -1.0, 2.0, 1.0]])
    return lg.Distillation(labelled, student=lg.Ridge(0.5))


def long() -> lg.Distillation:
    index = np.arange(1.0, 5001.0)
    problem = lg.Problem.from_spectrum(1e4 / index, 1 / index, n_samples=9000, label_noise=0.5)
    return lg.Distillation(problem, bottleneck=lg.Principal(1700))


def settled(page: Any) -> dict[str, Any]:
    """The state once everything has been drawn."""
    return page.evaluate("Explorer.redraw().then(() => ({ key: Explorer.state.key, ...Explorer.state.design }))")


def until(page: Any, condition: str, seconds: float = 20.0) -> None:
    """Wait for a condition; the page's own policy forbids the driver to evaluate text inside it."""
    deadline = time.monotonic() + seconds
    while not page.evaluate(condition):
        assert time.monotonic() < deadline, condition
        time.sleep(0.02)


def total(page: Any) -> float:
    return float(page.evaluate("Explorer.scene().answers.ledger.total[Explorer.scene().answers.place]"))


def library_total(case: lg.Distillation, state: dict[str, Any]) -> float:
    settings = {name: state[name] for name in CONTROLS if name != "floor"}
    return float(case.replace(**settings, floor=state["floor"]).divergence().total)


def put(page: Any, **settings: Any) -> lg.Distillation:
    """Put the page to a design and return the library's."""
    page.evaluate("(settings) => Explorer.apply(settings)", settings)
    settled(page)
    return design().replace(**settings)


def written(value: float | None, digits: int = 4) -> str:
    """A number as the page should write it: by its significant digits, and by a power of ten where it is far from 1."""
    if value is None or math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    text = f"{value:.{digits - 1}e}"
    mantissa, exponent = text.split("e")
    if abs(value) >= 1e6 or 0 < abs(value) < 1e-4:
        plain = f"{float(mantissa):g}e{int(exponent)}" if digits <= 6 else text
    else:
        plain = np.format_float_positional(float(text), trim="-")
    return plain.replace("-", "−")
