"""Which directions the student should keep, and where it beats the teacher."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from lingauss.ledgers.tuned_ridge import RidgeRisk
from lingauss.model.design import Design
from lingauss.sweep.baselines import with_hard_labels, with_mean_teacher
from lingauss.validation import Array

if TYPE_CHECKING:
    import pandas as pd


def by_direction(case: Design) -> pd.DataFrame:
    """Return what each eigen-direction costs and risks: which to keep, and where the student beats the teacher.

    Returns
    -------
    pandas.DataFrame
        One row per direction, largest eigenvalue first: eigenvalue, kept, retained_cost and discarded_cost in
        nats, worth_keeping (docs/theory.md §5.5); where a truth is known at fixed design also both excess risks,
        in squared label units, student_beats_teacher, and the excess risks of the :meth:`baselines`.

    Raises
    ------
    DomainError
        Unless both sides are learners and the bottleneck keeps whole eigen-directions.
    """
    import pandas as pd

    directions = case.directions
    shape = directions.s.shape
    retained, discarded = (
        np.asarray(sum(np.broadcast_to(cost, shape) for cost in costs.evaluated()))
        for costs in (directions.retained(), directions.discarded())
    )
    kept = np.isin(np.arange(len(directions)), case.retained_directions)
    table = {
        "eigenvalue": directions.s,
        "kept": kept,
        "retained_cost": retained,
        "discarded_cost": discarded,
        "worth_keeping": retained < discarded,
    }
    if case.problem.truth is not None and case.problem.test_covariance is None:
        unit = case.problem.label_noise**2 / case.problem.n_samples
        teacher, seen, unseen = (np.broadcast_to(error, shape) for error in directions.squared_errors())
        student = np.where(kept, seen, unseen)
        table |= {
            "teacher_excess_risk": unit * teacher,
            "student_excess_risk": unit * student,
            "student_beats_teacher": student < teacher,
        } | _baselines(case, kept)
    return pd.DataFrame(table, index=pd.RangeIndex(1, len(directions) + 1, name="direction"))


def _baselines(case: Design, kept: npt.NDArray[np.bool_]) -> dict[str, Array]:
    """Return the excess risks that a student's are held against, by direction; as in :class:`Baselines`."""
    unit, shape = case.problem.label_noise**2 / case.problem.n_samples, kept.shape
    hard, risk = with_hard_labels(case), RidgeRisk(case.problem)
    columns = {}
    if hard is not None:
        _, seen, unseen = (np.broadcast_to(error, shape) for error in hard.directions.squared_errors())
        columns["hard_labels_excess_risk"] = unit * np.where(kept, seen, unseen)
    mean = with_mean_teacher(case).directions.squared_errors()[0]
    columns["mean_teacher_excess_risk"] = unit * np.broadcast_to(mean, shape)
    columns["tuned_teacher_excess_risk"] = risk.by_direction(risk.least().penalty)
    return columns
