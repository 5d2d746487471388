"""What a student's risk has to be held against: hard labels, the teacher's mean predictions, a tuned teacher."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lingauss.algebra.channel import Channel
from lingauss.algebra.psd import Diagonal
from lingauss.html_table import html_table
from lingauss.ledgers import dispatch
from lingauss.ledgers.averaged_ridge import AveragedRidgeRisk
from lingauss.ledgers.laws import teacher_weights
from lingauss.ledgers.risk import expected_excess_risk
from lingauss.ledgers.tuned_ridge import RidgeRisk, Tuned
from lingauss.model.bottleneck import Best, Selected
from lingauss.model.design import Design
from lingauss.model.fresh import FreshInputs
from lingauss.model.problem import Problem
from lingauss.model.shards import Shards
from lingauss.model.weak_teacher import WeakTeacher

if TYPE_CHECKING:
    import pandas as pd

FIXED, SHIFTED = "new labels at the training inputs", "new labels at inputs of covariance test_cov"
UNSEEN = "new labels at unseen inputs of the population, averaged over training inputs"


@dataclass(frozen=True)
class Baselines:
    """Excess risks of a student, of its teacher, and of three who owe nothing to distillation.

    A student that beats its teacher proves little while the teacher is one noisy draw, shrinks too much or too little,
    or would be beaten by the same student on the true labels. All risks are E tr((W − W*) Σ_x (W − W*)ᵀ), in squared
    label units, summed over outputs.

    Attributes
    ----------
    risk : str
        Which risk is compared: for new labels at the training inputs, at inputs of the problem's ``test_cov``, or at
        unseen inputs of the population that the training inputs are drawn from, on average over these.
    student, teacher : float
        Of the design; the teacher's weights are those of one draw.
    hard_labels : float or None
        The same student in the same directions trained on the true labels alone, ξ = 0; None where it cannot be: it is
        given as its whole law, or its transfer inputs are given and have no labels.
    mean_teacher : float
        The teacher predicting with the mean of its weights given the labels instead of a draw.
    tuned_teacher : float
        Ridge regression on the true labels, no bottleneck, mean predictions, at the penalty of least risk.
    tuned_penalty : float
        That penalty, in squared input units; +inf where the true weights are 0, and 0 where, on average over inputs,
        minimum norm is best.
    """

    risk: str
    student: float
    teacher: float
    hard_labels: float | None
    mean_teacher: float
    tuned_teacher: float
    tuned_penalty: float

    @property
    def _rows(self) -> list[tuple[str, float | None]]:
        return [
            ("student", self.student),
            ("teacher, one draw", self.teacher),
            ("same student, hard labels (ξ = 0)", self.hard_labels),
            ("teacher, mean predictions", self.mean_teacher),
            (f"tuned ridge teacher, λ = {self.tuned_penalty:.4g}", self.tuned_teacher),
        ]

    @property
    def _lines(self) -> list[tuple[str, ...]]:
        head = ("who predicts", "excess risk", "student's share")
        return [head, *((who, *self._told(risk)) for who, risk in self._rows)]

    def _told(self, risk: float | None) -> tuple[str, str]:
        if risk is None:
            return "–", "–"
        return f"{risk:.6g}", f"{100.0 * self.student / risk:.4g} %" if risk else "–"

    @property
    def _caption(self) -> str:
        return f"Excess risk, {self.risk} (squared label units)"

    def to_frame(self) -> pd.DataFrame:
        """Return a pandas DataFrame: one row per predictor with its excess_risk; those that cannot be are left out."""
        import pandas as pd

        names = ("student", "teacher", "hard_labels", "mean_teacher", "tuned_teacher")
        risks = {name: getattr(self, name) for name in names if getattr(self, name) is not None}
        return pd.DataFrame({"excess_risk": risks})

    def __repr__(self) -> str:
        widths = [max(len(line[i]) for line in self._lines) for i in range(3)]
        rows = (
            "  ".join([line[0].ljust(widths[0]), line[1].rjust(widths[1]), line[2].rjust(widths[2])])
            for line in self._lines
        )
        return "\n".join([self._caption, *rows])

    def _repr_html_(self) -> str:
        return html_table(self._caption, self._lines)


def baselines(design: Design) -> Baselines:
    """Return the design's excess risks beside three baselines that owe nothing to distillation.

    Returns
    -------
    Baselines
        Excess risks of student and teacher, of the student on hard labels (ξ = 0), of the teacher's mean predictions
        and of ridge regression at its best penalty (docs/theory.md §5.7, §10.2), and which risk that is: of a
        population, on unseen inputs and on average over those of training.

    Raises
    ------
    MissingTruthError
        If the problem knows no truth.
    NotAveragedError
        If inputs are drawn from a population and the design has no closed form on average over them.

    Examples
    --------
    >>> import lingauss as lg
    >>> problem = lg.Problem.from_spectrum([4.0, 1.0], [1.0, 1.0], n_samples=10, label_noise=0.5)
    >>> case = lg.Distillation(problem, lg.Ridge(2.0), lg.Ridge(0.5, temperature=0.25), mixing=0.5)
    >>> found = case.baselines()
    >>> found.student < found.teacher, found.student < found.hard_labels, found.student < found.tuned_teacher
    (True, False, False)
    """
    teacher, student = dispatch.risks(design, np.array([design.rank]))
    tuned = _tuned(design.problem)
    return Baselines(
        _told(design.problem),
        float(student[0]),
        float(teacher[0]),
        hard_labels_risk(design),
        _teacher_risk(with_mean_teacher(design)),
        tuned.risk,
        tuned.penalty,
    )


def _told(problem: Problem) -> str:
    if problem.population is not None:
        return UNSEEN
    return FIXED if problem.test_covariance is None else SHIFTED


def _tuned(problem: Problem) -> Tuned:
    if problem.population is not None:
        return AveragedRidgeRisk(problem, problem.population).least()
    return RidgeRisk(problem).least()


def _teacher_risk(design: Design) -> float:
    if design.problem.population is not None:
        return float(dispatch.risks(design, np.array([design.rank]))[0][0])
    return expected_excess_risk(teacher_weights(design))


def hard_labels_risk(design: Design) -> float | None:
    """Return the excess risk of the design's student on true labels alone, None where it cannot be trained on them."""
    hard = with_hard_labels(design)
    return None if hard is None else float(dispatch.risks(hard, np.array([hard.rank]))[1][0])


def with_hard_labels(design: Design) -> Design | None:
    """Return the design with ξ = 0 and the same directions, None where the student cannot be trained on true labels."""
    if isinstance(design.student, Channel) or not isinstance(design.transfer, FreshInputs | None):
        return None
    if isinstance(design.bottleneck, Best):
        return design.replace(mixing=0.0, bottleneck=Selected(design.retained_directions.tolist()))
    return design.replace(mixing=0.0)


def with_mean_teacher(design: Design) -> Design:
    """Return a design whose teacher predicts with the mean of its weights given the labels.

    Of teachers on shards, that of each given which labels it saw.
    """
    teacher = design.teacher
    learner = teacher.learner if isinstance(teacher, Shards | WeakTeacher) else teacher
    names = {field.name for field in dataclasses.fields(learner)} if dataclasses.is_dataclass(learner) else set()
    if "temperature" in names:
        return design.replace(teacher_temperature=0.0)
    law = design.teacher_predictor
    mean = Channel(law.A, Diagonal(np.zeros(len(law.A))), law.b)
    return design.replace(teacher=mean, teacher_bottleneck=None)
