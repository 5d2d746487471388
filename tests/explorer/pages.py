"""Designs that the pages of the tests show, and how to wait for and read such a page."""

from __future__ import annotations

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
