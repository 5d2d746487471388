"""Random designs that the page can show, and the library's numbers for them at every rank."""

from __future__ import annotations

import numpy as np

import lingauss as lg

CELLS = [f"{side}_{source}" for side in ("retained", "discarded") for source in ("mean", "noise", "spread")]


def draw_state(rng: np.random.Generator) -> lg.Distillation:
    """Draw a design; a third have a student that nearly is its teacher, so that every ρ is near 1."""
    problem = _draw_problem(rng)
    teacher = lg.Ridge(_size(rng), _size(rng), _size(rng) if rng.random() < 0.3 else None)
    student = lg.Ridge(_size(rng), _size(rng), _size(rng) if rng.random() < 0.3 else None)
    mixing = float(rng.choice([0.0, 1.0, rng.uniform(-0.5, 1.5)]))
    if rng.random() < 1 / 3:
        near = 1.0 + 10.0 ** rng.uniform(-9, -3)
        noise = None if teacher.noise is None else teacher.noise / near
        student = lg.Ridge(teacher.penalty * near, teacher.temperature / near, noise)
        mixing = float(rng.choice([0.0, 1e-4]))
    return lg.Distillation(
        problem,
        teacher,
        student,
        lg.Principal(int(rng.integers(0, problem.n_features + 1))),
        floor=None if rng.random() < 0.5 else _size(rng),
        temperature=0.0 if rng.random() < 0.2 else _size(rng),
        mixing=mixing,
        draws=int(rng.integers(1, 9)),
    )


def numbers_of(case: lg.Distillation) -> dict[str, np.ndarray]:
    """The library's numbers, each with one value per rank 0 … d (a teacher's numbers repeat)."""
    problem = case.problem
    ranks = range(problem.n_features + 1)
    names = [*CELLS, "divergence"]
    if problem.test_covariance is None:
        names += ["teacher_gap", "student_gap", "prediction_divergence"]
        names += ["teacher_excess_risk", "student_excess_risk"] if problem.mode != "observed" else []
    swept = case.sweep(student_rank=ranks, quantities=names)
    return {name: np.array(swept[name].values) for name in names}


def bounds_of(case: lg.Distillation, ranks: list[int]) -> dict[str, np.ndarray]:
    """Widths of the bounds on the student's gap at some ranks."""
    tables = [case.replace(student_rank=rank).bounds() for rank in ranks]
    return {
        "proxy": np.array([table["variance proxy upper"].value - table.teacher_gap for table in tables]),
        "sharpness": np.array([table["sharpness upper"].value - table.teacher_gap for table in tables]),
        "information": np.array([table["mutual information"].value for table in tables]),
    }


def _draw_problem(rng: np.random.Generator) -> lg.Problem:
    d, k, n = int(rng.integers(1, 13)), int(rng.integers(1, 4)), int(rng.integers(2, 200))
    noise = _size(rng)
    if rng.random() < 0.6:
        eigenvalues = np.sort(10.0 ** rng.uniform(-2, 3, d))[::-1]
        if rng.random() < 0.2:
            eigenvalues[-1] = 0.0
        test_cov = np.eye(d) if rng.random() < 0.1 else None
        return lg.Problem.from_spectrum(
            eigenvalues, rng.uniform(0, 3, d), n_samples=n, label_noise=noise, outputs=k, test_cov=test_cov
        )
    X = rng.standard_normal((n, d)) * 10.0 ** rng.uniform(-1, 1, d)
    Y = X @ rng.standard_normal((d, k)) + noise * rng.standard_normal((n, k))
    problem = lg.Problem.from_data(X, Y, center=bool(rng.random() < 0.7))
    return problem if rng.random() < 0.4 else problem.plug_in(penalty=_size(rng))


def _size(rng: np.random.Generator) -> float:
    return float(np.exp(rng.normal()))
