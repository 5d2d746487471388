"""What an analysis has found, as a record: words, tables, pages and files are made of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lingauss.analysis.advice import Advice, Wishes
from lingauss.analysis.choices import ALL, RECOMMENDED, Choice, Unit
from lingauss.analysis.held_out import HeldOut
from lingauss.analysis.preparation import Prepared
from lingauss.analysis.rivals import Rival
from lingauss.analysis.sight import Sight
from lingauss.distillation import Distillation
from lingauss.model.problem import Problem
from lingauss.validation import Array


@dataclass(frozen=True, eq=False)
class Findings:
    """Advice on a data set, and all that it rests on.

    Attributes
    ----------
    origin : str
        Where the data came from.
    prepared : Prepared or None
        The moments, in the units of the analysis; None where a fitted model was given.
    observed : Problem
        With the labels as observed.
    problem : Problem
        With the posterior in the place of the truth; all costs are averages over it, plug-in estimates.
    wishes : Wishes
        Tolerance, budget and what the student shall be like.
    advice : Advice
    sight : Sight
        What the student is made to see.
    rivals : tuple of Rival
        Ways to see at the recommended rank; empty unless one was asked for.
    choices : tuple of Choice
        At most six students, the largest first.
    unseen : (r + 1,) or None
        Cross-validated squared errors at every rank, in squared units of the analysis, summed over outputs.
    unit : Unit
        In which errors are told.
    held_out : HeldOut or None
        Errors of students trained without a part of the rows.
    guarded : int or None
        The rank that the costs alone recommend, where held-out rows contradict it.
    noiseless : bool
        Whether the labels have no noise.
    classes : tuple of tuple of str
        The classes of every target that is one.
    notes : tuple of str
        What was done to the data, measured and assumed, one sentence each.
    notices : tuple of str
        What a reader must not miss: doubts about the data or about the errors.
    """

    origin: str
    prepared: Prepared | None
    observed: Problem
    problem: Problem
    wishes: Wishes
    advice: Advice
    sight: Sight
    rivals: tuple[Rival, ...]
    choices: tuple[Choice, ...]
    unseen: Array | None
    unit: Unit
    held_out: HeldOut | None
    guarded: int | None
    noiseless: bool
    classes: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]
    notices: tuple[str, ...]

    @property
    def recommended(self) -> Distillation:
        """The design recommended for predictions."""
        return self.advice.predicting.design

    @property
    def faithful(self) -> Distillation:
        """The design of the same rank that is closest to the teacher's posterior, for uncertainty."""
        return self.advice.faithful.design

    @property
    def rank(self) -> int:
        """The recommended rank."""
        return self.advice.rank

    @property
    def floor(self) -> float:
        """Recommended variance of the weights the student does not learn; NaN where it sees everything."""
        found = self.advice.faithful
        return np.nan if found.design.rank == found.design.problem.n_features else found.settings["floor"]

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the features."""
        if self.prepared is not None:
            return self.prepared.features
        return tuple(f"x{j}" for j in range(self.problem.n_features))

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of the outputs."""
        if self.prepared is not None:
            return self.prepared.outputs
        return ("y",) if self.problem.outputs == 1 else tuple(f"y{j}" for j in range(self.problem.outputs))

    def chosen(self, name: str = RECOMMENDED) -> Choice:
        """Return the choice that goes by a name."""
        return next(choice for choice in self.choices if name in choice.names)

    @property
    def everything(self) -> Choice:
        """The choice that keeps all directions."""
        return self.chosen(ALL)
