"""From findings to the student they recommend, trained on the data."""

from __future__ import annotations

import numpy as np

from lingauss.analysis.findings import Findings
from lingauss.analysis.held_out import Recipe, Trained
from lingauss.analysis.student import Student
from lingauss.errors import MissingLabelsError
from lingauss.model.views import Features


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
    recipe = Recipe.of(case, found.sight, mixing)
    model = Trained.on(observed, recipe, np.zeros(observed.n_features), np.zeros(observed.outputs))
    coefficients, directions = model.coefficients[:rank], model.directions[:, :rank]
    seen = recipe.sight.basis(observed)[:, :rank]
    weights = (directions @ coefficients).T
    intercept, centre = np.zeros(observed.outputs), np.zeros(len(found.features))
    if prepared is not None:
        scale = prepared.feature_scale
        seen = prepared.in_features(seen.T).T / scale[:, None]
        weights = prepared.in_features(weights) * prepared.output_scale[:, None] / scale
        centre = prepared.feature_mean
        intercept = prepared.output_mean - weights @ centre
    used = _used(found, rank)
    unit = found.unit
    known = mixing == case.mixing
    told = [one.unseen for one in found.choices if known and one.rank == rank and one.unseen is not None]
    squared = float(told[0]) if told else np.nan
    return Student(
        weights[:, used],
        intercept,
        seen[used],
        centre[used],
        tuple(found.features[j] for j in used),
        found.outputs,
        found.classes[0] if len(found.classes) == 1 and len(found.classes[0]) == len(found.outputs) else (),
        unit.error,
        unit.of(squared) if told else np.nan,
        unit.explained(squared),
        found.origin,
    )


def _used(found: Findings, rank: int) -> list[int]:
    """Return the features that the student of a rank is given: those that it keeps if it keeps features, else all."""
    widest = found.advice.widest.bottleneck
    if not isinstance(widest, Features):
        return list(range(len(found.features)))
    return sorted(column for column in widest.columns[:rank] if not isinstance(column, str))
