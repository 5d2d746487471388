"""Seeded random designs that reach every corner the bounds have to survive: many, small and fast to draw."""

from __future__ import annotations

import numpy as np

import lingauss as lg


def draw_case(rng: np.random.Generator, *, moved: bool) -> tuple[lg.Distillation, np.ndarray]:
    """Draw a design on at most 3 features and its inputs X (n, d); ``moved`` gives it another test covariance.

    Teachers may be deterministic, students close to their teacher or hard, and G singular or without samples to spare.
    """
    problem, X = _problem(rng, moved=moved)
    d = problem.n_features
    teacher = lg.Ridge(
        _size(rng), 0.0 if rng.random() < 0.1 else _size(rng), _size(rng) if rng.random() < 0.2 else None
    )
    student = lg.Ridge(_size(rng), _size(rng))
    if rng.random() < 0.3:  # nearly the teacher, so that K_n is small
        student = lg.Ridge(teacher.penalty * 1.01, max(teacher.temperature, 0.01) * 0.99, teacher.noise)
    rank = int(rng.integers(0, d + 1))
    bottleneck = (None, lg.Principal(rank), lg.Best(rank), lg.Subspace(_rotation(rng, d)[:, :rank]))[rng.integers(0, 4)]
    case = lg.Distillation(
        problem,
        teacher,
        student,
        bottleneck,
        floor=None if rng.random() < 0.5 else (0.0 if rng.random() < 0.2 else _size(rng)),
        temperature=0.0 if rng.random() < 0.2 else _size(rng),
        mixing=rng.choice([0.0, 1.0, rng.uniform(-0.5, 1.5), 0.01]),
        draws=int(rng.integers(1, 5)),
    )
    if rng.random() < 0.1:  # any channels, with offsets
        offset = 0.0 if problem.truth.mean is None else rng.standard_normal(d)
        moved_channel = lg.Channel(case.student_channel.A + 0.01, case.student_channel.cov, np.zeros(d) + offset)
        return lg.Distillation.from_channels(problem, case.teacher_channel, moved_channel), X
    return case, X


def _problem(rng: np.random.Generator, *, moved: bool) -> tuple[lg.Problem, np.ndarray]:
    d, k = int(rng.integers(1, 4)), int(rng.integers(1, 3))
    rank = int(rng.integers(1, d + 1)) if rng.random() < 0.25 else d
    intercept = bool(rng.random() < 0.2)
    n = rank + intercept + (0 if rng.random() < 0.25 else int(rng.integers(1, 9)))
    X = _size(rng) * rng.standard_normal((n, rank)) @ rng.standard_normal((rank, d))
    W = _size(rng) * rng.standard_normal((k, d))
    noise, kind = _size(rng), rng.integers(0, 3)
    root = rng.standard_normal((d, int(rng.integers(1, d + 1))))
    test_cov = _size(rng) * root @ root.T if moved else None
    if intercept:
        observed = lg.Problem.from_data(X, X @ W.T, label_noise=noise, test_cov=test_cov)
        return (observed.plug_in(penalty=1.0) if kind == 0 else observed.with_truth(W)), X
    if kind == 0 and rank == d:
        X = np.linalg.qr(X)[0] * np.linalg.norm(X, axis=0)
        spectrum, signal = np.sum(np.square(X), axis=0), np.sum(np.square(W), axis=0)
        settings = {"n_samples": n, "label_noise": noise, "outputs": k, "test_cov": test_cov}
        return lg.Problem.from_spectrum(spectrum, signal, **settings), X
    return lg.Problem.from_inputs(X, truth=W, label_noise=noise, test_cov=test_cov), X


def _size(rng: np.random.Generator) -> float:
    return float(np.exp(rng.normal()))


def _rotation(rng: np.random.Generator, dim: int) -> np.ndarray:
    return np.linalg.qr(rng.standard_normal((dim, dim)))[0]
