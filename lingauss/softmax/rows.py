"""Inputs, classes and a teacher's logits, checked together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lingauss.errors import DomainError, ShapeError
from lingauss.softmax.law import Binary, Classes, ClassLaw, Softmax
from lingauss.validation import Array, Immutable, as_array, as_frozen, freeze, shape_of


@dataclass(frozen=True, eq=False)
class Rows(Immutable):
    """Samples with a teacher's opinion of them.

    Attributes
    ----------
    inputs : (n, d)
    logits : (n, m)
        The teacher's; m = 1 for log-odds of two classes.
    classes : (n,) int or None
    """

    inputs: Array
    logits: Array
    classes: Classes | None

    @classmethod
    def of(cls, X: Any, y: Any, teacher_logits: Any, names: str = "") -> Rows:
        """Check rows from outside; ``names`` stands before the names of arguments in messages.

        Raises
        ------
        ShapeError, EmptyDataError, NotNumericError, NotFiniteError
        DomainError
            If a class has no logit.
        """
        inputs = as_frozen(X, f"{names}X", (("samples", None), ("features", None)))
        n, shape = len(inputs), shape_of(teacher_logits, f"{names}teacher_logits")
        axes = (("samples", n),) if len(shape) == 1 else (("samples", n), ("classes", None))
        logits = as_frozen(teacher_logits, f"{names}teacher_logits", axes)
        logits = freeze(logits.reshape(n, -1))
        return cls(inputs, logits, None if y is None else _classes(y, max(2, logits.shape[1]), n, names))

    def __len__(self) -> int:
        return len(self.inputs)

    @property
    def law(self) -> ClassLaw:
        """How logits tell of classes."""
        return Binary() if self.logits.shape[1] == 1 else Softmax()

    @property
    def labels(self) -> Array | None:
        """The classes as the law encodes them, (n, m)."""
        return None if self.classes is None else self.law.encode(self.classes, self.logits.shape[1])

    def part(self, index: Any) -> Rows:
        """Return some of the rows."""
        return Rows(
            freeze(self.inputs[index]),
            freeze(self.logits[index]),
            None if self.classes is None else self.classes[index],
        )

    def check_like(self, other: Rows) -> None:
        """Refuse rows with other features or classes.

        Raises
        ------
        ShapeError
        """
        ours, theirs = ((rows.inputs.shape[1], rows.logits.shape[1]) for rows in (self, other))
        if ours != theirs:
            raise ShapeError(f"rows of {ours[0]} features and {ours[1]} logits", f"{theirs}", "Use the same ones.")


def _classes(y: Any, count: int, n: int, names: str) -> Classes:
    numbers = as_array(y, f"{names}y", (("samples", n),))
    wrong = numbers[(numbers != np.round(numbers)) | (numbers < 0) | (numbers >= count)]
    if len(wrong):
        raise DomainError(
            f"classes from 0 to {count - 1}, one for each of the logits",
            f"{wrong[0]:g}",
            "Number the classes in the order of the teacher's logits.",
        )
    return numbers.astype(np.intp)
