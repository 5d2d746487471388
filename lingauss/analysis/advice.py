"""The design question, answered: one rank, and how to run a student of it for predictions and for uncertainty.

The teacher is a Bayes posterior; the student is ridge regression on the leading principal directions of the inputs.

* *For predictions* the soft labels are the teacher's mean predictions. All is judged by the excess risk of the
  student's predictor, for which noise in the labels never helps (docs/theory.md §5.7).
* *For uncertainty* each soft label is a draw of the teacher's plus noise, and the law of the student's weights should
  be the teacher's. All is judged by the divergence; temperature and floor are its minimum (docs/theory.md §5.1).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lingauss.analysis.judging import SPREADS, Judged, judged_by
from lingauss.analysis.mixing import Gain, gain_of_mixing
from lingauss.analysis.sight import SIGHTS
from lingauss.distillation import Distillation
from lingauss.errors import DomainError
from lingauss.model.bottleneck import Principal, Subspace
from lingauss.model.learners import Ridge
from lingauss.model.problem import Problem
from lingauss.model.views import Features
from lingauss.optimum.result import Optimum
from lingauss.sweep.pointwise import quantities_of
from lingauss.validation import as_count, as_scalar, as_squarable
from lingauss.vocabulary import unknown_name

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

LEDGER = ("divergence", "bias", "variance", "rank_bottleneck")
PRINCIPAL = "principal"
OBJECTIVES = ("excess_risk", "squared_error", "divergence", "prediction_divergence")
SOFT_ALONE, TRUE_ALONE = "soft labels alone", "true labels alone"
TUNED = "ridge at its best penalty, in hindsight"
PCA_SHARE = 0.95  # of the inputs' variance: a habit to compare with


@dataclass(frozen=True)
class Wishes:
    """What the student shall be like, and how much may be lost.

    Attributes
    ----------
    tolerance : float
        The smallest rank whose objective is within this fraction of the best is recommended.
    rank_budget : int or None
        Largest rank to consider.
    objective : str
        What the rank is judged by: 'excess_risk', 'squared_error' (label noise and excess risk together), 'divergence'
        or 'prediction_divergence'.
    bottleneck : str or None
        What the student sees: 'principal', 'aligned' or 'features'; None for the first, compared with no other.
    student_penalty : float or None
        λ_S; None for the teacher's.
    student_temperature : float
        τ_S of the student as a law: 0 is a point estimate, whose only spread is that of its soft labels.
    mixing : float or None
        ξ; None for predictions: 0, unless soft labels gain more than is uncertain; for uncertainty 1.
    draws : int
        m, teacher draws averaged in the soft labels, for uncertainty.
    """

    tolerance: float = 0.05
    rank_budget: int | None = None
    objective: str = "excess_risk"
    bottleneck: str | None = None
    student_penalty: float | None = None
    student_temperature: float = 0.0
    mixing: float | None = None
    draws: int = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "tolerance", as_scalar(self.tolerance, "tolerance", minimum=0.0))
        if self.rank_budget is not None:
            object.__setattr__(self, "rank_budget", as_count(self.rank_budget, "rank_budget"))
        if self.objective not in OBJECTIVES:
            raise unknown_name("an objective", self.objective, OBJECTIVES)
        if self.bottleneck is not None and self.bottleneck not in SIGHTS:
            raise unknown_name("a bottleneck", self.bottleneck, SIGHTS)
        if self.mixing == 0.0 and self.student_temperature == 0.0:
            raise DomainError(
                "a student with some spread, as a law",
                "a point estimate that learns from no soft labels (mixing 0)",
                "Give it a temperature of its own (--student-temperature, student_temperature=), for example 1.",
            )


class Alternative(NamedTuple):
    """A design and its excess risk, in squared label units; settings a teacher does not have are NaN."""

    choice: str
    rank: int
    mixing: float
    temperature: float
    excess_risk: float


@dataclass(frozen=True, eq=False)
class Advice:
    """A rank, and the best student of that rank for either use.

    Attributes
    ----------
    predicting : Optimum
        The design for predictions, judged by excess risk.
    faithful : Optimum
        The design for uncertainty, judged by the divergence.
    judged : Judged
        Costs that chose the rank.
    risks : Optimum
        Excess risk at every rank at the recommended mixing, whatever the tolerance and the budget.
    widest : Distillation
        The design for predictions that sees all directions.
    gain : Gain or None
        What soft labels save; None where a mixing was given or labels are unknown.
    """

    predicting: Optimum[Distillation]
    faithful: Optimum[Distillation]
    judged: Judged
    risks: Optimum[Distillation]
    widest: Distillation
    gain: Gain | None = None

    @property
    def rank(self) -> int:
        """The recommended rank."""
        return self.predicting.design.rank

    @property
    def directions(self) -> int:
        """Number of directions in which the inputs vary at all, or of columns."""
        return self.widest.rank

    @property
    def best_rank(self) -> int:
        """The rank of least excess risk, whatever the tolerance and the budget."""
        return self.risks.design.rank

    @property
    def noise_risk(self) -> float:
        """Squared error of the true weights on new labels, kν²: what no model can remove."""
        problem = self.predicting.design.problem
        return problem.outputs * problem.label_noise**2

    @property
    def teacher_risk(self) -> float:
        """Excess risk of the teacher's mean predictions, in squared label units."""
        return quantities_of(self.predicting.design, ("teacher_excess_risk",))["teacher_excess_risk"]

    def above_best(self, risk: float) -> float:
        """Return by which fraction an excess risk exceeds the least one of any rank."""
        return risk / self.risks.value - 1.0

    def alternatives(self) -> tuple[Alternative, ...]:
        """Return what other choices would cost in predictions, the recommended one first."""
        here, wide, rank, full = self.predicting.design, self.widest, self.rank, self.directions
        step = max(1, round(0.1 * rank))
        fewer, more = min(step, rank), min(step, full - rank)
        cases = {
            "recommended": here,
            f"{fewer} fewer direction{'s' * (fewer > 1)}": wide.replace(rank=rank - fewer),
            f"{more} more direction{'s' * (more > 1)}": wide.replace(rank=rank + more),
            "the best rank": self.risks.design,
            "all directions": wide,
            f"PCA of {PCA_SHARE:.0%} of the variance": here.replace(
                bottleneck=Principal(principal_rank(here.problem, PCA_SHARE))
            ),
            SOFT_ALONE: here.replace(mixing=1.0),
            TRUE_ALONE: here.replace(mixing=0.0),
            "soft labels alone, noise of temperature 1": here.replace(mixing=1.0, temperature=1.0),
        }
        for name, difference in (("0 fewer direction", fewer), ("0 more direction", more)):
            if not difference:
                del cases[name]
        risks = {name: self.predicting.evaluate(case) for name, case in cases.items()}
        return (
            *(Alternative(name, case.rank, case.mixing, case.temperature, risks[name]) for name, case in cases.items()),
            Alternative("the teacher itself", full, math.nan, math.nan, self.teacher_risk),
            Alternative(TUNED, full, math.nan, math.nan, here.baselines().tuned_teacher),
        )

    def by_rank(self) -> pd.DataFrame:
        """Return what every rank costs: excess risk at the recommended mixing, and the ledger as for uncertainty.

        Returns
        -------
        pandas.DataFrame
            Over student_rank: excess_risk in squared label units; divergence, bias, variance and rank_bottleneck in
            nats, at the recommended temperature and floor.
        """
        costs = self.ledger_by_rank().to_dataframe()
        costs.insert(0, "excess_risk", self.risks.values)
        return costs

    def ledger_by_rank(self) -> xr.Dataset:
        """Return the divergence and its three costs at every rank, at the recommended temperature and floor."""
        wide = self.faithful.design.replace(bottleneck=self.widest.bottleneck)
        return wide.sweep(student_rank=range(self.directions + 1), quantities=LEDGER)


def advise(
    problem: Problem,
    penalty: float,
    wishes: Wishes,
    observed: Problem | None = None,
    *,
    bottleneck: Principal | Features | Subspace | None = None,
    noiseless: bool = False,
) -> Advice:
    """Choose a rank and the designs of that rank for predictions and for uncertainty.

    Soft labels take part in predictions only where their gain on unseen rows exceeds twice its standard error.

    Parameters
    ----------
    problem : Problem
        With a truth, or the posterior in its place.
    penalty : float
        λ_T of the teacher.
    wishes : Wishes
    observed : Problem, optional
        With labels and their power: what a gain is judged by. Without, students are trained on true labels.
    bottleneck : optional
        All directions, those first that small ranks keep; default: principal ones.
    noiseless : bool
        Whether the tolerance is a share of the labels' variance, because there is no noise to compare with.

    Raises
    ------
    DomainError, UnknownNameError, MissingTruthError
    """
    student_penalty = penalty if wishes.student_penalty is None else wishes.student_penalty
    student_penalty = as_squarable(student_penalty, "student_penalty", minimum=0.0)
    # Beyond the directions in which the inputs vary, a point estimate has no spread and a rank nothing to win.
    if bottleneck is None:
        bottleneck = Principal(int(np.count_nonzero(problem.eigenbasis.eigenvalues)))
    seen = bottleneck.rank
    budget = seen if wishes.rank_budget is None else min(wishes.rank_budget, seen)
    means = Distillation(
        problem,
        teacher=Ridge(penalty, temperature=0.0),
        student=Ridge(student_penalty, temperature=0.0),
        bottleneck=bottleneck,
        floor=0.0,
        temperature=0.0,
        mixing=0.0 if wishes.mixing is None else wishes.mixing,
    )
    laws = means.replace(
        teacher_temperature=1.0,
        student_temperature=wishes.student_temperature,
        floor=problem.label_noise**2 / (student_penalty or penalty),
        temperature=1.0,
        mixing=1.0 if wishes.mixing is None else wishes.mixing,
        draws=wishes.draws,
    )
    asked = (wishes.objective, wishes.tolerance, wishes.mixing)
    judged, risks = judged_by(means, laws, *asked, budget, seen, noiseless)
    rank = judged.rank(wishes.tolerance)
    gain = None
    if (
        wishes.mixing is None
        and observed is not None
        and observed.label_power is not None
        and rank
        and isinstance(bottleneck, Principal)
    ):
        gain = gain_of_mixing(means.replace(rank=rank), observed)
        if gain.pays:
            means = means.replace(mixing=gain.mixing)
            judged, risks = judged_by(means, laws, *asked, budget, seen, noiseless)
            rank = judged.rank(wishes.tolerance)
    return Advice(
        predicting=means.replace(rank=rank).optimize(over=("temperature",), objective="excess_risk"),
        faithful=laws.replace(rank=rank).optimize(over=SPREADS, objective="divergence"),
        judged=judged,
        risks=risks,
        widest=means,
        gain=gain,
    )


def principal_rank(problem: Problem, share: float) -> int:
    """Return the smallest rank whose principal directions hold a share of the inputs' variance."""
    s = problem.eigenbasis.eigenvalues
    return int(np.searchsorted(np.cumsum(s), share * np.sum(s) * (1.0 - 1e-12)) + 1)
