"""What is drawn anew in every round of repeated distillation, and how the labels of two kinds come together."""

from __future__ import annotations

from enum import StrEnum


class Fresh(StrEnum):
    """What each round draws.

    ``NONE``: soft labels alone; the true labels, and the inputs, are those of the first teacher.
    ``LABELS``: true labels too, with noise of their own, at the same inputs.
    ``INPUTS``: new rows, with true labels of their own.
    """

    NONE = "none"
    LABELS = "labels"
    INPUTS = "inputs"


class Pool(StrEnum):
    """How a round mixes: in every label, or by labelling a share of the rows softly and the others truly."""

    LABELS = "labels"
    ROWS = "rows"
