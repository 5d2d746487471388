"""Rounds that draw labels or inputs: which of the ways to their excess risks serves."""

from __future__ import annotations

from typing import Any

from lingauss.model.bottleneck import Subspace
from lingauss.rounds.drawn_inputs import of_population, on_new_rows
from lingauss.rounds.drawn_labels import on_given_rows
from lingauss.rounds.record import Rounds
from lingauss.rounds.redraws import Fresh
from lingauss.validation import Array


def drawn_risks(chain: Rounds[Any]) -> Array:
    """Return the excess risk of every round's student, on average over all that is drawn, (rounds,).

    Raises
    ------
    MissingTruthError, NotAveragedError, SingularGramError
    """
    case = chain.case
    if case.problem.population is None:
        return on_new_rows(chain) if chain.fresh is Fresh.INPUTS else on_given_rows(chain)
    oblique = isinstance(case.view, Subspace) or isinstance(case.teacher_bottleneck, Subspace)
    if oblique and chain.fresh is Fresh.INPUTS and not chain.accumulate:
        return on_new_rows(chain)
    return of_population(chain)
