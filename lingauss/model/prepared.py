"""What both learners of a design make of its eigen-directions, kept by changed designs as far as it stays true.

| changed setting | made anew |
|---|---|
| temperature, mixing, draws, rank | nothing |
| floor | the student's variance where it sees nothing |
| teacher or student | that law, and all that compares the two |
| label_noise | the laws of learners that assume a noise of their own, and a floor that was given |
| n_samples, truth, labels | both laws, wherever the eigenvalues of G are other ones |
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from lingauss.errors import UndefinedFloorError
from lingauss.model.learners import Law, Learner, law_of_seen
from lingauss.model.problem import Problem
from lingauss.model.sides import Floor, Sides
from lingauss.validation import Array


@dataclass(frozen=True, eq=False)
class Known:
    """One learner's law, and what it was made of.

    Attributes
    ----------
    learner : Learner
    s : (d,)
        Eigenvalues of G.
    label_noise : float
        ν, a standard deviation.
    seen : int
        In how many of the first directions the law is that of the learner: in all, unless it needs a regular Gram
        matrix where it sees.
    law : Law
    """

    learner: Learner
    s: Array
    label_noise: float
    seen: int
    law: Law

    @classmethod
    def of(cls, learner: Learner, s: Array, label_noise: float, seen: int, earlier: Known | None) -> Known:
        """Return what is known already, if it was made of the same, else find it."""
        seen = seen if learner.needs_regular_gram else len(s)
        if earlier is not None and earlier.learner is learner and earlier.s is s:
            same_noise = learner.follows_label_noise or earlier.label_noise == label_noise
            if same_noise and earlier.seen == seen:
                return earlier
        return cls(learner, s, label_noise, seen, law_of_seen(learner, s, np.asarray(label_noise), seen))


@dataclass(frozen=True, eq=False)
class Prepared:
    """Both laws of a design beside each other.

    Attributes
    ----------
    teacher, student : Known
    floor : float or None
        Variance of weights the student does not see, as given, in units of ν².
    partial : bool
        Whether there are directions that it does not see.
    sides : Sides
        What all of that comes to.
    """

    teacher: Known
    student: Known
    floor: float | None
    partial: bool
    sides: Sides

    @classmethod
    def of(
        cls,
        teacher: Learner,
        student: Learner,
        s: Array,
        label_noise: float,
        seen: int,
        floor: float | None,
        partial: bool,
        earlier: Prepared | None,
    ) -> Self:
        """Prepare a design; arguments as in :class:`Known`, the floor in units of ν².

        An earlier design's laws, and what it found out about the two, are taken over where they were made of the same.
        """
        first = Known.of(teacher, s, label_noise, len(s), None if earlier is None else earlier.teacher)
        second = Known.of(student, s, label_noise, seen, None if earlier is None else earlier.student)
        if earlier is None or first is not earlier.teacher or second is not earlier.student:
            sides = Sides(s, first.law, second.law, _floor(floor, second, partial))
        elif (floor, partial) == (earlier.floor, earlier.partial):
            sides = earlier.sides
        else:
            sides = earlier.sides.with_floor(_floor(floor, second, partial))
        return cls(first, second, floor, partial, sides)


def _floor(given: float | None, student: Known, partial: bool) -> Floor:
    """Return the floor, the student's law without data, or why it has none; 0 if it sees everything and has none."""
    if given is not None:
        return np.asarray(given)
    if partial:
        try:
            student.learner.prior_variance(student.label_noise)
        except UndefinedFloorError as error:
            return error
    if student.learner.needs_regular_gram or not student.learner.spreads_everywhere:
        return np.zeros(())
    return student.learner.spectral(np.zeros(()), np.asarray(student.label_noise))


def handed_over(earlier: Any, problem: Problem) -> Prepared | None:
    """Return what the design that one on a problem was changed from has prepared, for it and for all that will be."""
    known = earlier is not None and vars(earlier.problem).get("eigenbasis") is problem.eigenbasis
    return earlier.prepared if known and earlier.is_spectral else None
