"""The same quantities from their definitions in 80 digits, on exactly the float64 numbers that lingauss is given."""

from __future__ import annotations

import math
from typing import Any

import mpmath
import numpy as np

DIGITS = 80
Matrix = Any  # mpmath has no types


def matrix(values: Any) -> Matrix:
    """Convert float64 entries without rounding."""
    return mpmath.matrix(np.atleast_2d(values).tolist())


def trace(values: Matrix) -> Any:
    return mpmath.fsum(values[i, i] for i in range(values.rows))


def log_det(values: Matrix) -> Any:
    if not values.rows:
        return mpmath.mpf(0)
    factor = mpmath.cholesky(values)
    return 2 * mpmath.fsum(mpmath.log(factor[i, i]) for i in range(values.rows))


def inverse(values: Matrix) -> Matrix:
    return values**-1 if values.rows else values


def psi(student: Matrix, teacher: Matrix) -> Any:
    """Return tr(T⁻¹S) − d − log det(T⁻¹S)."""
    if not student.rows:
        return mpmath.mpf(0)
    return trace(inverse(teacher) * student) - student.rows - log_det(student) + log_det(teacher)


def kl(mean_p: Any, cov_p: Any, mean_q: Any, cov_q: Any) -> Any:
    """Return KL(p ‖ q) of k rows that share their covariance."""
    with mpmath.workdps(DIGITS):
        step, student, teacher = matrix(mean_p) - matrix(mean_q), matrix(cov_p), matrix(cov_q)
        return (trace(step * inverse(teacher) * step.T) + step.rows * psi(student, teacher)) / 2


def rotation(basis: Any, dim: int) -> tuple[Matrix, Matrix]:
    """Return orthonormal bases of a span and of its complement, by Gram and Schmidt."""
    basis = np.asarray(basis, dtype=np.float64)
    columns: list[Matrix] = []
    for start in np.column_stack([basis, np.eye(dim)[:, np.argsort(np.sum(np.square(basis), axis=1))]]).T:
        rest = matrix(start).T
        for _ in range(2):
            for done in columns:
                rest -= done * (done.T * rest)[0]
        length = mpmath.norm(rest)
        if length > mpmath.mpf(10) ** (-DIGITS // 2):
            columns.append(rest / length)
    rank = basis.shape[1]
    full = mpmath.matrix(dim, dim)
    for j, column in enumerate(columns):
        full[:, j] = column
    kept, dropped = mpmath.matrix(dim, rank), mpmath.matrix(dim, dim - rank)
    for j in range(dim):
        for i in range(dim):
            if j < rank:
                kept[i, j] = full[i, j]
            else:
                dropped[i, j - rank] = full[i, j]
    return kept, dropped


def cells(mean: Matrix, noise: Matrix, student: Matrix, teacher: Matrix, kept: Matrix, dropped: Matrix, k: int) -> Any:
    """Return the six cells (docs/theory.md §4) of two laws and of the rows behind the mean and label-noise costs."""

    def blocks(cov: Matrix) -> tuple[Matrix, Matrix, Matrix]:
        given = kept.T * cov * kept
        if not dropped.cols or not kept.cols:
            return mpmath.matrix(kept.cols, dropped.cols), given, dropped.T * cov * dropped
        cross, below = kept.T * cov * dropped, dropped.T * cov * dropped
        slope = cross * inverse(below)
        return slope, given - slope * cross.T, below

    slope_s, given_s, below_s = blocks(student)
    slope_t, given_t, below_t = blocks(teacher)
    view = kept - dropped * slope_t.T if dropped.cols and kept.cols else kept

    def half_square(rows: Matrix, seen: Matrix, cov: Matrix) -> Any:
        if not seen.cols:
            return mpmath.mpf(0)
        part = rows * seen
        return trace(part * inverse(cov) * part.T) / 2

    spread = psi(given_s, given_t)
    if dropped.cols and kept.cols:
        turn = slope_s - slope_t
        spread += trace(inverse(given_t) * turn * below_s * turn.T)
    return [
        [half_square(mean, view, given_t), half_square(noise, view, given_t), k * spread / 2],
        [half_square(mean, dropped, below_t), half_square(noise, dropped, below_t), k * psi(below_s, below_t) / 2],
    ]


def ledger(mean_p: Any, cov_p: Any, mean_q: Any, cov_q: Any, basis: Any) -> Any:
    """Return the cells of KL(p ‖ q) of two Gaussian laws."""
    with mpmath.workdps(DIGITS):
        step = matrix(mean_p) - matrix(mean_q)
        kept, dropped = rotation(basis, step.cols)
        return cells(step, 0 * step, matrix(cov_p), matrix(cov_q), kept, dropped, step.rows)


def distillation(
    gram: Any,
    rows: Any,
    *,
    label_noise: float,
    averaged: bool,
    outputs: int,
    basis: Any,
    teacher: Any,
    student: Any,
    floor: float | None = None,
    temperature: float = 1.0,
    mixing: float = 1.0,
    draws: int = 1,
) -> Any:
    """Return the cells of the weights' divergence of two ridge learners.

    Parameters
    ----------
    rows
        True weights where ``averaged``, else the statistic t.
    teacher, student
        Objects with ``penalty``, ``temperature`` and ``noise``.
    """
    with mpmath.workdps(DIGITS):
        G, nu2 = matrix(gram), mpmath.mpf(label_noise) ** 2
        d = G.rows
        kept, dropped = rotation(basis, d)
        power_s, power_t = (
            mpmath.mpf(learner.temperature) * (nu2 if learner.noise is None else mpmath.mpf(learner.noise) ** 2)
            for learner in (student, teacher)
        )
        R = inverse(G + mpmath.mpf(teacher.penalty) * mpmath.eye(d))
        inner = kept.T * G * kept + mpmath.mpf(student.penalty) * mpmath.eye(kept.cols)
        C = kept * inverse(inner) * kept.T if kept.cols else 0 * G
        xi, tau = mpmath.mpf(mixing), mpmath.mpf(temperature)
        V_T = power_t * R
        A_S = C * ((1 - xi) * mpmath.eye(d) + xi * G * R)
        V_S = power_s * C + xi**2 / draws * C * (G * V_T * G + tau * nu2 * G) * C
        if dropped.cols:
            outside = power_s / mpmath.mpf(student.penalty) if floor is None else mpmath.mpf(floor)
            V_S += outside * dropped * dropped.T
        D = (A_S - R).T
        t = matrix(rows) * G if averaged else matrix(rows)
        noise = mpmath.sqrt(outputs * nu2) * mpmath.cholesky(G).T * D if averaged else 0 * t * D
        return cells(t * D, noise, V_S, V_T, kept, dropped, outputs)


def relative_error(ours: float, exact: Any) -> float:
    """Return |ours − exact| / exact, 0 where both are 0; what 80 digits leave of a 0 counts as 0."""
    with mpmath.workdps(DIGITS):
        if abs(exact) < mpmath.mpf(10) ** (10 - DIGITS):
            return 0.0 if ours == 0 else math.inf
        return float(abs(mpmath.mpf(float(ours)) - exact) / abs(exact))
