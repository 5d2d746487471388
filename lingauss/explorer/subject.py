"""What the page knows of a problem and its design: a spectrum, a signal and settings, as plain values."""

from __future__ import annotations

import dataclasses
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from lingauss.errors import DomainError
from lingauss.explorer.bins import WHOLE, Bins, binned
from lingauss.model.bottleneck import Principal, Selected
from lingauss.model.design import Design
from lingauss.model.labels import eigen_powers
from lingauss.model.learners import Ridge

Setting = float | int | list[int] | None


@dataclass(frozen=True)
class Subject:
    """A problem in its eigenbasis with the design the page starts from.

    Attributes
    ----------
    title : str
    eigenvalues, signal : tuple of float
        s_i, and |w_i|²; where labels were observed |t_i|²/s_i², the power of the least-squares weights. Of the nodes
        of ``bins`` where there are some.
    n_samples, outputs : int
    intercept, fixed_design : bool
        Whether an intercept was fitted, and whether test inputs are the training inputs.
    mode : str
        'averaged', 'plug-in' or 'observed'.
    design : dict
        Settings by the names of the design axes, the noises that the learners assume (None: the problem's), and the
        order in which directions are kept (None: from the largest eigenvalue).
    bins : Bins or None
        Beyond 4,096 directions, the nodes that sums run over in their place.
    population : bool
        Whether rows are drawn from a population whose covariance is the Gram matrix over n, so that errors on unseen
        inputs are known (docs/theory.md §10).
    """

    title: str
    eigenvalues: tuple[float, ...]
    signal: tuple[float, ...]
    n_samples: int
    outputs: int
    intercept: bool
    fixed_design: bool
    mode: str
    design: dict[str, Setting]
    bins: Bins | None = None
    population: bool = False


def subject_of(case: Design, title: str, *, population: bool = False) -> Subject:
    """Reduce a design to what the page needs.

    A design of a population is shown at given inputs whose Gram matrix is the expected one, nΣ, beside what is known on
    average over inputs. ``population`` says that a spectrum of given inputs is one of those.

    Raises
    ------
    DomainError
        Unless teacher and student are ridge learners on the same inputs, the teacher has some spread and the bottleneck
        keeps leading or selected eigen-directions.
    MissingTruthError
        If the problem has neither truth nor labels.
    """
    drawn = case.problem.population
    if drawn is not None:
        expected = drawn.covariance.scaled(float(case.problem.n_samples))
        case = case.replace(problem=dataclasses.replace(case.problem, gramian=expected))
    teacher, student, rank = _checked(case)
    problem = case.problem
    s = problem.eigenbasis.eigenvalues
    power = eigen_powers(problem)[0]
    signal = np.divide(power, np.square(s), out=np.zeros_like(s), where=s > 0)
    bins = None
    if len(s) > WHOLE:
        s, signal, bins = binned(s, signal, rank)
    return Subject(
        title=title,
        eigenvalues=tuple(s.tolist()),
        signal=tuple(signal.tolist()),
        n_samples=problem.n_samples,
        outputs=problem.outputs,
        intercept=problem.intercept,
        fixed_design=problem.test_covariance is None,
        population=drawn is not None or population,
        mode=problem.mode,
        design={
            "student_rank": rank,
            "label_noise": problem.label_noise,
            "temperature": case.temperature,
            "mixing": case.mixing,
            "teacher_penalty": teacher.penalty,
            "student_penalty": student.penalty,
            "teacher_temperature": teacher.temperature,
            "student_temperature": student.temperature,
            "teacher_noise": teacher.noise,
            "student_noise": student.noise,
            "floor": case.floor,
            "draws": case.draws,
            "n_samples": problem.n_samples,
            "order": _order(case, problem.n_features),
        },
        bins=bins,
    )


def describe(subject: Subject) -> dict[str, Any]:
    """Return a subject as values that JSON can hold."""
    return asdict(subject)


def _checked(case: Design) -> tuple[Ridge, Ridge, int]:
    teacher, student = case.teacher, case.student
    if not (isinstance(teacher, Ridge) and isinstance(student, Ridge)):
        got = " and ".join(type(learner).__name__ for learner in (teacher, student))
        raise DomainError("Ridge as teacher and student", got, "The page has controls for ridge learners alone.")
    if case.bottleneck is not None and not isinstance(case.bottleneck, Principal | Selected):
        raise DomainError(
            "a bottleneck that keeps the leading eigen-directions, or selected ones",
            type(case.bottleneck).__name__,
            "Use case.replace(bottleneck=Principal(rank)), or sweep() for other bottlenecks.",
        )
    if isinstance(case.bottleneck, Selected) and case.problem.n_features > WHOLE:
        raise DomainError(
            f"at most {WHOLE} directions, of which the page shows single ones",
            f"{case.problem.n_features}",
            "Use case.replace(bottleneck=Principal(rank)), or sweep() for selected ones.",
        )
    if case.transfer is not None:
        raise DomainError(
            "a student trained on the teacher's inputs", "one with transfer inputs", "Leave transfer at None."
        )
    if teacher.temperature == 0.0:
        raise DomainError(
            "a teacher with some spread",
            "a deterministic one, from which every other law diverges infinitely",
            "Give the teacher a positive temperature.",
        )
    return teacher, student, case.rank


def _order(case: Design, d: int) -> list[int] | None:
    """Return all directions, selected ones first, or None where the leading ones are kept."""
    if not isinstance(case.bottleneck, Selected):
        return None
    chosen = case.bottleneck.directions
    return [*chosen, *sorted(set(range(d)) - set(chosen))]
