"""Whether the parts of a distillation belong together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from lingauss.algebra.channel import Channel
from lingauss.algebra.factor import rounding
from lingauss.data.moments import Moments
from lingauss.errors import DomainError, ShapeError
from lingauss.model.bottleneck import Principal, Selected, Spectral, Subspace
from lingauss.model.fresh import FreshInputs
from lingauss.model.learners import Learner
from lingauss.model.problem import Problem
from lingauss.model.shards import Shards, check_shards
from lingauss.model.views import Aligned, Features
from lingauss.model.weak_teacher import WeakTeacher
from lingauss.validation import as_count, as_scalar, as_squarable


def checked(design: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a design that are converted: floors, coupling, and a teacher behind a bottleneck of its own.

    Parameters
    ----------
    design : mapping of field to value
    defaults : mapping of field to value

    Raises
    ------
    DomainError, ShapeError, NotNumericError, NotFiniteError
    """
    problem, student, transfer = (design[name] for name in ("problem", "student", "transfer"))
    floors = {name: design[name] for name in ("floor", "teacher_floor") if design[name] is not None}
    found: dict[str, Any] = {name: as_scalar(value, name, minimum=0.0) for name, value in floors.items()}
    weak = design["teacher_bottleneck"], found.get("teacher_floor")
    found |= {
        "teacher": teacher_behind(problem, design["teacher"], *weak),
        "temperature": as_scalar(design["temperature"], "temperature", minimum=0.0),
        "mixing": as_squarable(design["mixing"], "mixing"),
        "draws": as_count(design["draws"], "draws", minimum=1),
    }
    check_fit(problem, found["teacher"], student, design["bottleneck"])
    check_transfer(problem, transfer, found["mixing"])
    if isinstance(student, Channel):
        check_nothing_ignored({**design, **found}, defaults)
    return found


def check_fit(problem: Problem, teacher: Any, student: Any, bottleneck: Any) -> None:
    """Refuse kinds and shapes that do not belong to the problem.

    Raises
    ------
    DomainError, ShapeError
    """
    if not isinstance(problem, Problem):
        raise DomainError("a Problem", type(problem).__name__, "Build one, for example with Problem.from_data(X, Y).")
    d = problem.n_features
    for name, learner in (("teacher", teacher), ("student", student)):
        if isinstance(learner, Channel):
            if (learner.dim_in, learner.dim_out) != (d, d):
                raise ShapeError(
                    f"{name} as a channel from R^{d} to R^{d}",
                    f"one from R^{learner.dim_in} to R^{learner.dim_out}",
                    "It must take t and give W, row by row.",
                )
        elif name == "teacher" and isinstance(learner, Shards):
            check_shards(learner, problem)
        elif not isinstance(learner, Learner | WeakTeacher):
            fitted = hasattr(learner, "coef_") or hasattr(learner, "get_params")
            raise DomainError(
                f"{name} as a learner or a Channel",
                type(learner).__name__ + (f" of {type(learner).__module__.partition('.')[0]}" if fitted else ""),
                "Turn a fitted model into a teacher with lg.from_posterior(model.coef_, …)."
                if fitted
                else "Pass, for example, lg.Ridge(penalty=1.0).",
            )
    if bottleneck is not None:
        check_view(problem, bottleneck)


def check_view(problem: Problem, bottleneck: Any) -> None:
    """Refuse a bottleneck that does not belong to the problem.

    Raises
    ------
    DomainError, ShapeError
    """
    d = problem.n_features
    if not isinstance(bottleneck, Spectral | Subspace | Features | Aligned):
        raise DomainError(
            "bottleneck as Principal, Best, Selected, Aligned, Features, Subspace or None",
            type(bottleneck).__name__,
            "Pass, for example, Principal(rank=8).",
        )
    if isinstance(bottleneck, Subspace) and len(bottleneck.basis) != d:
        raise ShapeError(
            f"a subspace of R^{d}", f"one of R^{len(bottleneck.basis)}", "A basis has one row per feature."
        )
    if isinstance(bottleneck, Features):
        bottleneck.subspace(d)
    if isinstance(bottleneck, Aligned) and problem.population is not None:
        raise DomainError(
            "a problem whose inputs are given, for directions that follow from what a teacher predicts",
            "one whose inputs are drawn",
            "Use Selected, Features or Subspace, which keep the same directions for all inputs.",
        )
    if isinstance(bottleneck, Selected) and bottleneck.rank and max(bottleneck.directions) >= d:
        raise DomainError(
            f"directions from 0 to {d - 1}", f"{max(bottleneck.directions)}", "Number directions by falling eigenvalue."
        )
    if bottleneck.rank > d:
        raise DomainError(
            f"rank from 0 to {d}", f"{bottleneck.rank}", "A student has at most as many directions as features."
        )


def teacher_behind(problem: Problem, teacher: Any, bottleneck: Any, floor: float | None) -> Any:
    """Return a teacher as it is behind a bottleneck of its own, or without one.

    Of a population its view stays beside it; at given inputs it is a :class:`WeakTeacher`.

    Raises
    ------
    DomainError, ShapeError
        If the bottleneck does not belong to the problem.
    """
    learner = teacher.learner if isinstance(teacher, WeakTeacher) else teacher
    if bottleneck is None or not isinstance(problem, Problem):
        return learner
    drawn = problem.population is not None
    legal: tuple[type[Selected | Subspace | Principal], ...]
    legal = (Selected, Subspace) if drawn else (Principal, Selected, Subspace)
    if not isinstance(bottleneck, legal):
        raise DomainError(
            f"teacher_bottleneck as {', '.join(kind.__name__ for kind in legal)} or None",
            type(bottleneck).__name__,
            "Pass, for example, Selected(range(8)).",
        )
    check_view(problem, bottleneck)
    if not isinstance(learner, Learner):
        raise DomainError(
            "a learner as teacher behind a bottleneck",
            type(teacher).__name__,
            "Pass a learner, or the whole law as a Channel without teacher_bottleneck.",
        )
    return learner if drawn else WeakTeacher(learner, bottleneck, floor)


def check_transfer(problem: Problem, transfer: Any, mixing: float) -> None:
    """Refuse transfer inputs that do not belong to the problem, or that true labels were asked of.

    Raises
    ------
    DomainError, ShapeError
    """
    if transfer is None:
        return
    if isinstance(transfer, FreshInputs):
        check_fresh(problem)
        return
    if not isinstance(transfer, Moments):
        raise DomainError(
            "transfer as FreshInputs or Moments of inputs",
            type(transfer).__name__,
            f"Pass Moments.from_data(inputs, center={problem.intercept}).",
        )
    if transfer.n_features != problem.n_features:
        raise ShapeError(
            f"transfer inputs with {problem.n_features} features, as many as the training inputs",
            f"{transfer.n_features}",
            "Teacher and student must see the same features.",
        )
    if transfer.centred != problem.intercept:
        raise DomainError(
            f"transfer inputs with center={problem.intercept}, as the training inputs were taken",
            f"center={transfer.centred}",
            f"Pass Moments.from_data(inputs, center={problem.intercept}).",
        )
    if mixing != 1.0:
        raise DomainError(
            "mixing 1 with transfer inputs, which have no true labels to mix in",
            f"mixing={mixing:g}",
            "Leave mixing at 1, or add labelled inputs to the training data: moments + moments.",
        )


def check_fresh(problem: Problem) -> None:
    """Refuse to draw inputs for a problem that does not say what they are drawn from.

    Raises
    ------
    DomainError
    """
    if problem.test_covariance is None:
        raise DomainError(
            "a problem that says what inputs are drawn from, for FreshInputs",
            "one of given inputs alone",
            "Build it with Problem.from_population, or pass test_cov.",
        )
    if problem.intercept:
        raise DomainError(
            "a problem without a fitted intercept, for FreshInputs",
            "one whose inputs were centred",
            "Pass moments taken with center=False.",
        )


def check_inputs_given(transfer: Any) -> None:
    """Refuse drawn inputs for directions that follow from what a teacher predicts at the student's.

    Raises
    ------
    DomainError
    """
    if isinstance(transfer, FreshInputs):
        raise DomainError(
            "the inputs that the student sees, for directions that follow from what a teacher predicts at them",
            "inputs that are drawn anew",
            "Use Selected, Features or Subspace, which keep the same directions for all inputs.",
        )


def check_nothing_ignored(settings: Mapping[str, Any], defaults: Mapping[str, Any]) -> None:
    """Refuse settings that a student given as its whole law t ↦ W would ignore.

    Raises
    ------
    DomainError
    """
    for name in ("floor", "temperature", "mixing", "draws", "transfer"):
        if settings[name] != defaults[name]:
            raise DomainError(
                f"no {name}, because the student is given as its whole law t ↦ W",
                f"{name}={settings[name]}",
                "Build that setting into the student's channel, or pass a learner.",
            )


def check_teacher_exists(teacher: Learner | Channel | Shards | WeakTeacher, problem: Problem) -> None:
    """Refuse a teacher without a law at the problem's Gram matrix.

    Raises
    ------
    SingularGramError, UnstableStepError
    """
    if isinstance(teacher, Shards) and not teacher.learner.exists_for_any_gram:
        teacher.channel(problem)
    if isinstance(teacher, WeakTeacher) and not teacher.learner.exists_for_any_gram:
        seen = teacher.basis(problem)
        values = np.square(np.linalg.svd(problem.gramian.root.T @ seen, compute_uv=False)) if seen.size else np.ones(1)
        values[values <= rounding(problem.n_features) * values.max(initial=0.0)] = 0.0
        teacher.learner.spectral(values, np.asarray(problem.label_noise))
    if isinstance(teacher, Learner) and not teacher.exists_for_any_gram:
        teacher.spectral(problem.eigenbasis.eigenvalues, np.asarray(problem.label_noise))


def learners_of(teacher: Any, student: Any, transfer: Any) -> tuple[Learner, Learner]:
    """Return both learners of a design whose costs fall apart into eigen-directions.

    Raises
    ------
    DomainError
        If they do not.
    """
    if not isinstance(teacher, Learner) or not isinstance(student, Learner):
        raise DomainError(
            "one learner as teacher and one as student, so that every eigen-direction has a cost of its own",
            f"{type(student if isinstance(teacher, Learner) else teacher).__name__}",
            "Compare bottlenecks Principal(rank) or Subspace(U) by divergence().",
        )
    if transfer is not None:
        raise DomainError(
            "teacher and student on the same inputs, so that every eigen-direction has a cost of its own",
            "transfer inputs, whose eigen-directions are not those of the training inputs",
            "Compare bottlenecks Principal(rank), Selected(directions) or Subspace(U) by divergence().",
        )
    return teacher, student
