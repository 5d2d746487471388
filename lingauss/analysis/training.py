"""From findings to the student they recommend, trained on the data."""

from __future__ import annotations

import numpy as np

from lingauss.analysis.findings import Findings
from lingauss.analysis.held_out import coefficients_of
from lingauss.analysis.student import Student
from lingauss.errors import MissingLabelsError


def student_of(found: Findings) -> Student:
    """Return the recommended student, trained on the data.

    Raises
    ------
    MissingLabelsError
        If the labels are not known.
    """
    return trained(found, found.rank, found.recommended.mixing)


def trained(found: Findings, rank: int, mixing: float) -> Student:
    """Return the student of another rank, or trained on labels mixed in another way; all directions at 0: the teacher.

    Its expected error is that of true labels or of the recommended mixing, where the rank is one of the choices.

    Parameters
    ----------
    found : Findings
    rank : int
    mixing : float

    Raises
    ------
    MissingLabelsError
        If the labels are not known.
    """
    observed, case, prepared = found.observed, found.recommended, found.prepared
    if observed.observed is None:
        raise MissingLabelsError("observed labels to train on", "none", "Analyse data, or moments with labels.")
    basis = observed.eigenbasis
    t = basis.rotate(observed.observed).T[:rank]
    penalties = case.teacher.penalty, case.student.penalty  # type: ignore[union-attr]
    coefficients = coefficients_of(basis.eigenvalues[:rank], t, *penalties, mixing)
    seen = basis.vectors[:, :rank]
    intercept, centre = np.zeros(observed.outputs), np.zeros(len(found.features))
    if prepared is not None:
        seen = prepared.in_features(seen.T).T / prepared.feature_scale[:, None]
        coefficients = coefficients * prepared.output_scale
        centre = prepared.feature_mean
    weights = (seen @ coefficients).T
    if prepared is not None:
        intercept = prepared.output_mean - weights @ centre
    unit = found.unit
    known = mixing == case.mixing
    told = [one.unseen for one in found.choices if known and one.rank == rank and one.unseen is not None]
    squared = float(told[0]) if told else np.nan
    return Student(
        weights,
        intercept,
        seen,
        centre,
        found.features,
        found.outputs,
        found.classes[0] if len(found.classes) == 1 and len(found.classes[0]) == len(found.outputs) else (),
        unit.error,
        unit.of(squared) if told else np.nan,
        unit.explained(squared),
        found.origin,
    )
