"""Predictions for the rows of a file, as CSV."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from lingauss.analysis.student import Student
from lingauss.spreadsheets import as_csv
from lingauss.tables.inputs import inputs_of
from lingauss.tables.pipes import readable_again
from lingauss.tables.reading import Reading


def predictions(student: Student, path: Path, reading: Reading) -> tuple[bytes, int]:
    """Return predictions for all rows of a file as CSV with a header line, and how many there are.

    Of a class target the column holds classes.

    Parameters
    ----------
    student : Student
    path : Path
        A text table with at least the student's columns, or an npy file with exactly these, in order.
    reading : Reading

    Raises
    ------
    LingaussError, OSError
    """
    import pandas as pd

    with readable_again(path) as source:
        found = np.concatenate([student.predict(batch) for batch in inputs_of(source, student.features, reading)])
    targets = dict.fromkeys(name.partition(" = ")[0] for name in student.outputs)  # 'kind = dear' is one of 'kind'
    names = list(targets if student.classes else student.outputs)
    table = pd.DataFrame(found if found.ndim == 2 else found[:, None], columns=names)
    return as_csv(table.set_index(names[0])), len(table)
