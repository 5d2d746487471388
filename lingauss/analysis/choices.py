"""The few students a user chooses among, with errors at the training inputs and on new rows in the target's unit."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lingauss.analysis.advice import PCA_SHARE, Advice, principal_rank
from lingauss.analysis.held_out import HeldOut
from lingauss.distillation import Distillation
from lingauss.errors import LingaussError, UnreliableEstimateWarning
from lingauss.model.bottleneck import Principal
from lingauss.model.problem import Problem
from lingauss.numerals import percent
from lingauss.unseen.cross_validation import Estimate
from lingauss.validation import Array

ALL, RECOMMENDED, BEST = "all", "recommended", "best on new rows"
NEIGHBOURS = (0.2, 5.0)  # of the tolerance
ROUNDING = 1e-9  # of the labels' variance, what is left of it where labels have no noise; of an error, no difference
DOUBTFUL = 0.2  # of a squared error, 10 % of its root


@dataclass(frozen=True)
class Unit:
    """How a squared error of the analysis is told.

    Attributes
    ----------
    error : str
        Its name: RMSE, or Brier score for classes.
    scale : float
        What a root mean squared error is multiplied by.
    outputs : int
    variance : float
        Mean squared deviation of the labels from their mean, summed over outputs, in units of the analysis.
    classes : bool
    told : str
        The unit in words, empty where it is the target's own.
    """

    error: str
    scale: float
    outputs: int
    variance: float
    classes: bool
    told: str = ""

    def of(self, squared: float) -> float:
        """Return an error in this unit from a squared error summed over outputs."""
        return squared if self.classes else self.scale * math.sqrt(max(squared, 0.0) / self.outputs)

    def spread_of(self, squared: float, standard_error: float) -> float:
        """Return the standard error in this unit, to first order."""
        if self.classes or squared <= 0.0:
            return standard_error
        return self.scale * standard_error / (2.0 * math.sqrt(squared * self.outputs))

    def explained(self, squared: float) -> float:
        """Return R², the share of the labels' variance that is explained."""
        return 1.0 - squared / self.variance


@dataclass(frozen=True)
class Choice:
    """A student, and what it costs.

    Attributes
    ----------
    names : tuple of str
        Why one would choose it.
    rank : int
    at_inputs : float
        Squared error on new labels at the training inputs, predicted; summed over outputs.
    unseen : Estimate or None
        The same on unseen rows, cross-validated; None where labels are unknown.
    accuracy : float or None
        Share of classes told rightly on rows that were held out.
    """

    names: tuple[str, ...]
    rank: int
    at_inputs: float
    unseen: Estimate | None
    accuracy: float | None


def choices_of(
    advice: Advice,
    tolerance: float,
    observed: Problem,
    held_out: HeldOut | None,
    accuracy: Array | None,
) -> tuple[tuple[Choice, ...], Array | None, tuple[str, ...]]:
    """Return at most six choices, the largest first, squared errors on new rows at every rank, and doubts about them.

    Parameters
    ----------
    advice : Advice
    tolerance : float
        By which the rank was chosen.
    observed : Problem
        With labels as they are.
    held_out : HeldOut or None
    accuracy : (m + 1,) or None
        At every rank.
    """
    here, full = advice.predicting.design, advice.directions
    principal = isinstance(here.bottleneck, Principal)
    errors, doubts = _unseen(advice.widest.replace(problem=observed)) if principal else _held(held_out)
    ranks = {ALL: full, RECOMMENDED: advice.rank}
    for factor in NEIGHBOURS:
        ranks[f"tolerance {percent(factor * tolerance)}"] = advice.judged.rank(factor * tolerance)
    if principal:
        ranks[f"PCA {PCA_SHARE:.0%}"] = principal_rank(here.problem, PCA_SHARE)
    if errors is not None:
        ranks[BEST] = least(errors)
    named: dict[int, list[str]] = {}
    for name, rank in ranks.items():
        named.setdefault(rank, []).append(name)
    found = tuple(
        Choice(
            tuple(names),
            rank,
            advice.noise_risk + float(advice.risks.values[rank]),
            None if errors is None else estimate_of(float(errors[rank]), observed),
            None if accuracy is None else float(accuracy[rank]),
        )
        for rank, names in sorted(named.items(), reverse=True)
    )
    if principal and errors is not None and held_out is not None:
        doubts = (*doubts, *_contradicted(errors, held_out, advice.rank, observed))
    return found, errors, doubts


def _held(held_out: HeldOut | None) -> tuple[Array | None, tuple[str, ...]]:
    """Return the error on rows held out, where directions were chosen on the labels and must be found anew without."""
    if held_out is None:
        return None, ("There are no rows to hold out, or too few, so nothing can be said of unseen ones.",)
    return held_out.by_rank, ()


def _unseen(case: Distillation) -> tuple[Array | None, tuple[str, ...]]:
    """Return the error on unseen rows at every rank from moments, and warnings about it as sentences."""
    if case.problem.label_power is None:
        return None, ("The labels' own power is unknown, so nothing can be said of unseen rows.",)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", UnreliableEstimateWarning)
        try:
            case.cross_validation()  # which warns
            errors = case.optimize(over=("student_rank",), objective="cross_validation", rank_budget=case.rank).values
        except LingaussError as error:
            return None, (f"Nothing can be said of unseen rows: {error}",)
    return errors, tuple(sorted({f"{str(each.message)[:1].upper()}{str(each.message)[1:]}" for each in told}))


def least(errors: Sequence[float] | Array) -> int:
    """Return the place of the least error; of those that differ by rounding alone the first, on every machine."""
    return int(np.argmax(np.asarray(errors) <= (1.0 + ROUNDING) * np.min(errors)))


def estimate_of(value: float, observed: Problem) -> Estimate:
    """Return a cross-validated squared error with its standard error."""
    return Estimate(value, value * math.sqrt(2.0 / (observed.outputs * observed.n_samples)))


def _contradicted(errors: Array, held_out: HeldOut, rank: int, observed: Problem) -> Sequence[str]:
    """Return a sentence where held-out rows are far from what the moments say."""
    measured = held_out.by_rank[rank]
    if observed.label_power is None or errors[rank] <= ROUNDING * observed.label_power / observed.n_samples:
        return ()  # nothing is left to compare
    uncertain = 2.0 * math.sqrt(2.0 / (observed.outputs * observed.n_samples))
    times = measured / errors[rank]
    if abs(times - 1.0) <= max(DOUBTFUL, uncertain):
        return ()
    return (
        f"Students trained without a fifth of the rows have a squared error on it {times:.1f} times the "
        "cross-validated one: some rows weigh far more than others, or directions change with the rows.",
    )
