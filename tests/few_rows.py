"""Random designs of fewer rows than features, penalties down to 1e-10 of the largest eigenvalue, against 60 digits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from high_precision import trace
from row_space import RowSpace, relative_error

import lingauss as lg
from lingauss.errors import IllConditionedError

# Errors of smaller numbers are relative to these: equal laws are 0 apart but for the rounding of a covariance, squared,
# and, as a distance, but for that of the weights' own size.
NATS, OF_SIZE = 1e-10, 1e-5


def draw(number: int) -> lg.Distillation:
    """Return a design with learners on both sides; a third are deterministic, half have an oblique bottleneck."""
    rng = np.random.default_rng([8, number])
    d = int(rng.integers(2, 8))
    n, k = int(rng.integers(1, d)), int(rng.integers(1, 3))
    X, W, noise = rng.normal(size=(n, d)), rng.normal(size=(k, d)), _size(rng)
    test = None
    if rng.random() < 0.25:
        root = rng.normal(size=(d, int(rng.integers(1, d + 2))))
        test = root @ root.T
    problem = lg.Problem.from_inputs(X, truth=W, label_noise=noise, test_cov=test)
    top = float(problem.eigenbasis.eigenvalues[0])
    all_ridge, cold = rng.random() < 0.6, rng.random() < 0.3

    def learner() -> Any:
        penalty = top * 10.0 ** rng.uniform(-10.0, 1.0)
        temperature, kind = 0.0 if cold else _size(rng), rng.random()
        if all_ridge or kind < 0.4:
            return lg.Ridge(penalty, temperature)
        if kind < 0.7:
            return lg.GradientFlow(10.0 ** rng.uniform(-2.0, 3.0) / top, penalty, temperature)
        step = float(rng.uniform(0.1, 1.5)) / (top + penalty)
        return lg.NoisyGradientDescent(int(rng.integers(1, 200)), step, penalty, temperature)

    rank, kind = int(rng.integers(1, d + 1)), int(rng.integers(0, 4))
    subspace = lg.Subspace(np.linalg.qr(rng.normal(size=(d, d)))[0][:, :rank])
    teacher = learner()
    return lg.Distillation(
        problem,
        teacher,
        teacher if rng.random() < 0.15 else learner(),
        (None, lg.Principal(min(rank, n)), subspace, subspace)[kind],
        floor=None if rng.random() < 0.5 and not cold else _size(rng),
        temperature=_size(rng),
        mixing=float(rng.choice([0.0, 1.0, rng.uniform(-0.3, 1.3)])),
        draws=int(rng.integers(1, 3)),
    )


def _size(rng: np.random.Generator) -> float:
    return float(np.exp(0.5 * rng.normal()))


def errors(case: lg.Distillation) -> dict[str, float | None]:
    """Return the relative error of every number of a design and of a chain of two rounds; None where it is refused.

    Cells of a ledger are relative to their sum.
    """
    found: dict[str, float | None] = {}
    for name, ours, exact, least in _questions(case):
        values = np.ravel(np.array(exact(), dtype=object))
        scale = max(sum(values), least) if len(values) == 6 else least
        try:
            found[name] = max(relative_error(float(a), b, scale) for a, b in zip(np.ravel(ours()), values, strict=True))
        except IllConditionedError:
            found[name] = None
    return found


Question = tuple[str, Callable[[], Any], Callable[[], Any], float]


def _questions(case: lg.Distillation) -> Iterator[Question]:
    exact, chain = RowSpace(case), lg.Chain(case, 2)
    again, second = RowSpace(case, exact.predictor), chain.designs[1]
    deterministic = case.teacher.temperature == 0.0  # type: ignore[union-attr]
    size = OF_SIZE * float(np.sqrt(float(trace(exact.student.V) + trace(exact.teacher.V))))
    yield "predictions", lambda: case.prediction_divergence().cells, exact.predictions, NATS
    yield "gap of the teacher", lambda: case.gaps().teacher, lambda: exact.gap(exact.teacher), 0.0
    yield "gap of the student", lambda: case.gaps().student, lambda: exact.gap(exact.predictor), 0.0
    yield "risk of the teacher", lambda: case.excess_risk().teacher, lambda: exact.risk(exact.teacher), 0.0
    yield "risk of the student", lambda: case.excess_risk().student, lambda: exact.risk(exact.predictor), 0.0
    yield (
        "information of the student",
        lambda: case.mutual_information().student,
        lambda: exact.information(exact.predictor),
        0.0,
    )
    yield "distance", lambda: case.sharpness().distance, lambda: exact.distance(exact.student, exact.teacher), size
    yield "risk of round 2", lambda: second.excess_risk().student, lambda: again.risk(again.predictor), 0.0
    yield (
        "information of round 2",
        lambda: second.mutual_information().student,
        lambda: again.information(again.predictor),
        0.0,
    )
    if deterministic:
        if case.bottleneck is None and case.mixing != 0.0:
            yield "round 2", lambda: chain.ledger(2).cells, lambda: again.cells_in_range(exact.student), NATS
        return
    yield "divergence", lambda: case.divergence().cells, exact.cells, NATS
    yield "reverse divergence", lambda: case.reverse_divergence().total, lambda: _reverse(exact), NATS
    yield (
        "information of the teacher",
        lambda: case.mutual_information().teacher,
        lambda: exact.information(exact.teacher),
        0.0,
    )
    yield "round 2", lambda: chain.ledger(2).cells, lambda: again.cells(exact.student), NATS
    first = chain.ledger(2, from_first=True)
    yield "round 2 from the first teacher", lambda: first.cells, lambda: again.cells(exact.teacher), NATS


def _reverse(exact: RowSpace) -> Any:
    """Return the sum of the cells of the teacher's divergence from the student."""
    swapped = RowSpace(exact.case)
    vars(swapped).update(student=exact.teacher, teacher=exact.student)
    return sum(map(sum, swapped.cells()))
