"""What may be asked of an optimum: settings, ranks, and objectives of a design."""

from __future__ import annotations

from collections.abc import Sequence

from lingauss.algebra.channel import Channel
from lingauss.errors import DomainError, EmptyDataError
from lingauss.model.bottleneck import Best
from lingauss.model.design import Design
from lingauss.model.fresh import FreshInputs
from lingauss.model.learners import Learner
from lingauss.model.shards import Shards
from lingauss.model.truth import need_truth
from lingauss.model.weak_teacher import WeakTeacher
from lingauss.optimum.objective import OBJECTIVES, VARIABLES
from lingauss.optimum.penalties import PENALTIES
from lingauss.optimum.unseen import UNSEEN_ROWS
from lingauss.validation import as_count
from lingauss.vocabulary import as_names, unknown_name


def checked_settings(case: Design, over: Sequence[str], objective: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the settings to optimise, penalties apart.

    Raises
    ------
    UnknownNameError, EmptyDataError, MissingTruthError, DomainError
    """
    vocabulary = (*VARIABLES, *PENALTIES)
    names = as_names(over, "a setting to optimise", vocabulary)
    if not isinstance(objective, str) or objective not in (*OBJECTIVES, UNSEEN_ROWS):
        raise unknown_name("an objective", objective, (*OBJECTIVES, UNSEEN_ROWS))
    if not names:
        raise EmptyDataError("at least one setting to optimise", "none", f"Choose among {', '.join(vocabulary)}.")
    if objective in ("excess_risk", "process"):
        need_truth(case.problem, f"{OBJECTIVES[objective].replace('_', ' ')}s")
    if isinstance(case.student, Channel):
        raise DomainError(
            "a student that is a learner, whose settings can be optimised",
            "its whole law t ↦ W",
            "Pass student=Ridge(penalty=1.0) or another learner, or compare laws by divergence().",
        )
    if objective != UNSEEN_ROWS and isinstance(case.bottleneck, Best) and not falls_apart(case, objective):
        raise DomainError(
            "costs that fall apart into eigen-directions of G, of which Best keeps the worthiest",
            _outside_eigenbasis(case),
            "Use Principal, Selected or Subspace, which say themselves what is kept.",
        )
    if not isinstance(case.transfer, FreshInputs | None) and "mixing" in names:
        raise DomainError(
            "mixing 1 with transfer inputs, which have no true labels to mix in",
            "mixing among the settings to optimise",
            "Leave it out of over=.",
        )
    return tuple(name for name in VARIABLES if name in names), tuple(name for name in PENALTIES if name in names)


def _outside_eigenbasis(case: Design) -> str:
    if case.transfer is not None:
        return "transfer inputs"
    if isinstance(case.teacher, Learner):
        return "a problem with test_cov"
    if isinstance(case.teacher, WeakTeacher):
        return "a teacher behind a bottleneck"
    return "teachers on shards" if isinstance(case.teacher, Shards) else "a channel as teacher"


def ranks_of(case: Design, free: Sequence[str], budget: int | None, tolerance: float | None) -> list[int]:
    """Return the student ranks to consider.

    Raises
    ------
    DomainError
        If a budget or a tolerance of ranks is given and the rank is not to be optimised.
    """
    if "student_rank" in free:
        largest = case.largest_rank
        return list(range(1 + (largest if budget is None else as_count(budget, "rank_budget", maximum=largest))))
    for what, given in (("rank budget", budget), ("tolerance", tolerance)):
        if given is not None:
            raise DomainError("student_rank among the optimised settings", f"a {what} without it", "Add it to over=.")
    return [case.rank]


def falls_apart(case: Design, objective: str) -> bool:
    """Whether an objective is a sum over eigen-directions of G."""
    return case.is_spectral if objective == "divergence" else case.is_spectral_at_fixed_design
