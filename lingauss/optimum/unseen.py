"""The design of least error on unseen rows: a parabola in the mixing, at every rank (docs/theory.md §9)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lingauss.model.design import Design
from lingauss.optimum.objective import without_spread
from lingauss.optimum.result import Case, Certificate, Optimum
from lingauss.sweep.unseen import UnseenErrors
from lingauss.unseen.forms import losses
from lingauss.unseen.frames import Axes
from lingauss.unseen.samples import SampleSpace

UNSEEN_ROWS = "cross_validation"  # the objective's name


def best_unseen(
    case: Case, slack: float | None, free: tuple[str, ...], ranks: Sequence[int], errors: UnseenErrors
) -> Optimum[Case]:
    """Return the best of some ranks, each at its best mixing.

    Parameters
    ----------
    case : Design
    slack : float or None
        Take the smallest rank whose error is within this fraction of the least.
    free : tuple of str
        Settings that are optimised, none of them a penalty.
    ranks : sequence of int
        Candidates, increasing.
    errors : UnseenErrors
        Of the design's problem.

    Raises
    ------
    MissingLabelsError, DomainError, SingularGramError
    """
    cold = case.replace(**without_spread(case, free))
    loss = errors.of_student(cold, np.asarray(ranks, dtype=np.intp), {})
    mixing = loss.best_mixing() if "mixing" in free else np.full(len(ranks), case.mixing)
    values = np.broadcast_to(loss.at(mixing), len(ranks)).copy()
    number = int(np.argmin(values))
    if slack is not None:
        number = int(np.argmax(values <= values[number] * (1.0 + slack)))
    rank = ranks[number]
    changes = {} if rank == cold.rank else {"student_rank": rank}
    design = cold.replace(mixing=float(mixing[number]), **changes)
    flat = [name for name in ("floor",) if name in free]
    flat += ["mixing"] if "mixing" in free and not np.broadcast_to(loss.square, len(ranks))[number] > 0.0 else []
    return Optimum(
        design=design,
        objective=UNSEEN_ROWS,
        value=float(values[number]),
        settings={name: value for name in free if (value := _setting(design, name)) is not None},
        ranks=np.array(ranks),
        values=values,
        certificate=Certificate(
            0.0,
            "global: spread only adds error" + ", and the error is a parabola in the mixing" * ("mixing" in free),
            _enumerated(ranks, slack) if "student_rank" in free else "",
            _active(free, rank, ranks),
            tuple(flat),
        ),
        evaluate=student_error,
        bottleneck=case.bottleneck,
    )


def student_error(case: Design) -> float:
    """Return a student's error on unseen rows, from moments."""
    loss = losses(case, Axes(SampleSpace.of(case.problem)))[1]
    return float(loss.at(case.mixing).item())


def _setting(case: Design, name: str) -> float | None:
    if name == "student_temperature":
        return 0.0
    if name == "student_rank":
        return case.rank
    value = case.resolved_floor if name == "floor" else getattr(case, name)
    return None if value is None else float(value)


def _enumerated(ranks: Sequence[int], slack: float | None) -> str:
    rule = "the best was taken" if slack is None else f"the smallest within {slack:.3g} of the best was taken"
    return f"ranks {ranks[0]} to {ranks[-1]}; {rule}"


def _active(free: Sequence[str], rank: int, ranks: Sequence[int]) -> tuple[str, ...]:
    edges = [f"{name} = 0" for name in ("temperature", "student_temperature") if name in free]
    if "student_rank" in free and rank in (ranks[0], ranks[-1]):
        edges.append(f"student_rank = {rank}, the {'smallest' if rank == ranks[0] else 'largest'} candidate")
    return tuple(edges)
