"""Divergence of the whole training run of a student from that of its teacher (docs/theory.md §6.3).

Given the labels it trains on, each step of noisy gradient descent is an independent draw, and the teacher's path given
t is a Markov chain. The student's is not: all its steps share one random t̃. Its increments have the covariance of
independent noise plus one rank-one block, which leaves sums over steps and one logarithm per direction.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lingauss.algebra.numerics import safe_ratio, spread_cost
from lingauss.errors import DomainError
from lingauss.html_table import html_settings, text_settings
from lingauss.ledgers.dispatch import ledger_of
from lingauss.model.descent import NoisyGradientDescent
from lingauss.model.design import Design
from lingauss.model.labels import mean_rows, noise_rows
from lingauss.validation import Array

EVALUATED = 2**20  # steps × directions evaluated at a time


@dataclass(frozen=True)
class PathDivergence:
    """E_t KL of the student's path of weights (W_1, …, W_T) given t from the teacher's, by source, in nats.

    Attributes
    ----------
    steps : int
        T, the number of steps of both.
    mean, noise, spread : float
        What the shift of means at noiseless labels costs, what label noise adds to it, and the mismatch of spread.
    last_iterate : float
        The divergence of the last iterates, K_n.
    """

    steps: int
    mean: float
    noise: float
    spread: float
    last_iterate: float

    @property
    def total(self) -> float:
        """Sum of the three costs; at least that of the last iterate."""
        return self.mean + self.noise + self.spread

    def _told(self) -> list[tuple[str, str]]:
        return [
            ("steps", f"{self.steps}"),
            ("mean", f"{self.mean:.6g}"),
            ("label noise", f"{self.noise:.6g}"),
            ("spread", f"{self.spread:.6g}"),
            ("total", f"{self.total:.6g}"),
            ("last iterates", f"{self.last_iterate:.6g}"),
        ]

    def __repr__(self) -> str:
        return text_settings("Divergence of paths of weights (nats)", self._told())

    def _repr_html_(self) -> str:
        return html_settings("Divergence of paths of weights (nats)", self._told())


def path_divergence(case: Design) -> PathDivergence:
    """Return E_t KL of the student's whole path of weights from the teacher's, in nats (docs/theory.md §6.3).

    Of two runs of noisy gradient descent, step for step. Never smaller than the divergence of the last iterates,
    which stands beside it. Weights the student does not see take its own steps without labels.

    Raises
    ------
    DomainError
        Unless both sides are :class:`NoisyGradientDescent` with the same finite number of steps, and no floor is
        set where directions are discarded.
    MissingTruthError
        If the problem has neither truth nor labels.
    """
    teacher, student = _runs(case)
    sums = _by_direction if case.is_spectral else _by_matrices
    mean, noise, spread = sums(case.framed, teacher, student)
    return PathDivergence(int(teacher.steps), mean, noise, spread, ledger_of(case).total)


def _runs(case: Design) -> tuple[NoisyGradientDescent, NoisyGradientDescent]:
    for role, learner in (("teacher", case.teacher), ("student", case.student)):
        if not isinstance(learner, NoisyGradientDescent) or math.isinf(learner.steps):
            raise DomainError(
                f"a {role} that takes finitely many steps",
                "a stationary law" if isinstance(learner, NoisyGradientDescent) else type(learner).__name__,
                "Use NoisyGradientDescent(steps, step_size) on both sides; divergence() compares any two laws.",
            )
    teacher, student = case.teacher, case.student
    if not (isinstance(teacher, NoisyGradientDescent) and isinstance(student, NoisyGradientDescent)):
        raise TypeError("checked above")
    if teacher.steps != student.steps:
        raise DomainError(
            "a teacher and a student with the same number of steps, one for one",
            f"{teacher.steps:g} and {student.steps:g}",
            f"Use case.replace(student_steps={teacher.steps:g}).",
        )
    if case.rank < case.problem.n_features and case.floor is not None:
        raise DomainError(
            "no floor, so that unseen weights take the student's own steps without labels",
            f"floor={case.floor:g}, a law of the last weights alone",
            "Use case.replace(floor=None).",
        )
    return teacher, student


def _by_direction(
    case: Design, teacher: NoisyGradientDescent, student: NoisyGradientDescent
) -> tuple[float, float, float]:
    """Sum the costs of every eigen-direction, O(dT), in units of ν²."""
    directions, noise = case.directions, np.asarray(case.problem.label_noise)
    seen = case.keeps
    s, mixing = directions.s, directions.mixing
    missed = np.broadcast_to(directions.teacher.missed, s.shape)
    soft = np.square(mixing) / directions.draws * s * (s * directions.sides.teacher_variance + directions.temperature)
    own_s, own_step = np.where(seen, s, 0.0), np.where(seen, student.step_size, 0.0)
    # Given t, a step of the student is to the teacher a pull of (h_S + drift · gain so far) t̃ instead of h_T t.
    drift = teacher.step_size * s - student.step_size * own_s
    drift += teacher.step_size * teacher.penalty - student.step_size * student.penalty
    pulled = own_step * (1.0 - mixing * missed) - teacher.step_size
    shift, excess = np.square(pulled), np.zeros_like(s)
    for gain, variance in _iterates(student, own_s, noise):
        bent = drift[:, None] * np.where(seen[:, None], gain, 0.0)
        shift += np.sum(np.square(pulled[:, None] + bent * (1.0 - mixing * missed)[:, None]), axis=1)
        excess += soft * np.sum(bent * (2.0 * own_step[:, None] + bent), axis=1)
        excess += np.square(drift) * np.sum(variance, axis=1)
    unit = float(noise) ** 2
    injected = _injected(teacher, float(noise)) / unit, _injected(student, float(noise)) / unit
    shared = student.steps * np.square(own_step) * soft
    return (
        0.5 * _ratio(float(np.sum(shift * directions.mean_power)), injected[0]),
        0.5 * _ratio(float(np.sum(shift * directions.labels.noise_power)), injected[0]),
        0.5 * directions.outputs * _spread(shared, float(np.sum(excess)), *injected, int(student.steps)),
    )


def _iterates(student: NoisyGradientDescent, s: Array, noise: Array) -> Iterator[tuple[Array, Array]]:
    """Yield gain and variance in units of ν² after 1 … T − 1 steps, (d, some steps) at a time."""
    size = max(1, EVALUATED // len(s))
    for start in range(1, int(student.steps), size):
        law = student.after(np.arange(start, min(start + size, int(student.steps))), s[:, None], noise)
        yield law.gain, law.variance


def _by_matrices(
    case: Design, teacher: NoisyGradientDescent, student: NoisyGradientDescent
) -> tuple[float, float, float]:
    """Sum the costs of any bottleneck and any inputs of the student, O(Td³)."""
    problem, kept, mixed = case.problem, case.basis, case.mixed_statistic
    eye = np.eye(problem.n_features)
    seen = eye if case.rank == len(eye) else kept @ kept.T
    teacher_map = eye - teacher.step_size * (problem.gram + teacher.penalty * eye)
    student_map = eye - student.step_size * (seen @ case.seen_gramian.matrix @ seen + student.penalty * eye)
    drift, pull = student_map - teacher_map, student.step_size * seen
    means = mean_rows(problem, eye, np.zeros(len(eye)))
    noises = means[:0] if problem.observed is not None else noise_rows(problem, eye)
    injected = _injected(teacher, problem.label_noise), _injected(student, problem.label_noise)
    gain, own = np.zeros_like(eye), np.zeros_like(eye)
    mean = noise = excess = 0.0
    for _ in range(int(student.steps)):
        bent = gain @ drift
        shift = mixed.A.T @ (pull + bent) - teacher.step_size * eye
        mean += float(np.sum(np.square(means @ shift)))
        noise += float(np.sum(np.square(noises @ shift)))
        excess += float(np.sum((mixed.cov @ bent) * (2.0 * pull + bent)) + np.sum((own @ drift) * drift))
        gain, own = gain @ student_map + pull, student_map @ own @ student_map + injected[1] * eye
    shared = np.zeros(len(eye))
    shared[: kept.shape[1]] = student.steps * student.step_size**2 * np.linalg.eigvalsh(kept.T @ mixed.cov @ kept)
    return (
        0.5 * _ratio(mean, injected[0]),
        0.5 * _ratio(noise, injected[0]),
        0.5 * problem.outputs * _spread(np.maximum(shared, 0.0), excess, *injected, int(student.steps)),
    )


def _injected(learner: NoisyGradientDescent, label_noise: float) -> float:
    """Return the variance of the noise of one step, 2hω."""
    return 2.0 * learner.step_size * float(learner.dispersion(label_noise))


def _spread(shared: Array, excess: float, teacher_noise: float, student_noise: float, steps: int) -> float:
    """Return 2/k times the spread cost of all directions.

    In each direction the student's increments have T − 1 variances η_S and one of η_S plus what they share, all against
    η_T; ``excess`` adds that the student drifts differently.
    """
    if teacher_noise == student_noise == 0.0:
        return 0.0 if not np.any(shared) and excess == 0.0 else math.inf
    ratio = _ratio(student_noise, teacher_noise)
    gap = _ratio(student_noise - teacher_noise, teacher_noise)
    common = safe_ratio(shared, np.asarray(teacher_noise))
    each = float(np.sum(spread_cost(gap + common, ratio + common)))
    if steps > 1:
        each += (steps - 1) * len(shared) * float(spread_cost(np.array([gap]), np.array([ratio]))[0])
    return each + _ratio(excess, teacher_noise)


def _ratio(numerator: float, denominator: float) -> float:
    return float(safe_ratio(np.asarray(numerator), np.asarray(denominator)))
