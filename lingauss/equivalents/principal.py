"""Students behind principal directions of the drawn rows, over product grids of designs."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np

from lingauss.equivalents.pair import Generalisation, Settings
from lingauss.equivalents.sample_directions import Pair, SampleDirections
from lingauss.model.population import not_averaged
from lingauss.validation import Array


class Setting(NamedTuple):
    """What the students of a grid depend on besides :class:`Settings`; arrays (R, *grid) or that broadcast so.

    Attributes
    ----------
    rank, n_samples, teacher_penalty, student_penalty
    """

    rank: Array
    n_samples: Array
    teacher_penalty: Array
    student_penalty: Array


def principal_students(
    s: Array, signal: Array, setting: Setting, settings: Settings, whole: Generalisation
) -> Generalisation:
    """Return gaps and risks where students see the r largest principal directions of the rows.

    Parameters
    ----------
    s, signal : (d,)
        Eigenvalues of the covariance, and the squared norm of W*'s column in each direction.
    setting : Setting
    settings : Settings
    whole : Generalisation
        Of students that see everything, whose rows have no other directions where the rank is no smaller.

    Raises
    ------
    NotAveragedError
        If weights are drawn in null directions of the rows, of which a rank keeps any.
    """
    shape = np.broadcast_shapes(*(part.shape for part in (*setting, *settings)))
    rank, rows, *penalties = (np.broadcast_to(part, shape) for part in setting)
    values = Settings(*(np.broadcast_to(part, shape) for part in settings))
    full = Generalisation(*(np.broadcast_to(part, shape) for part in whole))
    gap, risk = np.empty(shape), np.empty(shape)
    positive = int(np.count_nonzero(s))

    @cache
    def directions(kept: int, n_samples: float) -> SampleDirections:
        return SampleDirections(s, signal, n_samples, kept)

    for point in np.ndindex(*shape):
        r, n = int(rank[point]), float(rows[point])
        if r == 0:
            gap[point], risk[point] = 0.0, float(s @ signal)
        elif r >= min(n, positive):
            if n < positive and r < len(s) and values.student_spread[point] > 0.0:
                raise not_averaged(f"weights drawn in {r} directions of {n:g} rows, some of which are null")
            gap[point], risk[point] = full.student_gap[point], full.student_excess_risk[point]
        else:
            pair = Pair(*(float(penalty[point]) / n for penalty in penalties))
            here = Settings(*(part[point] for part in values))
            found = directions(r, n).parabolas(pair, here)
            gap[point], risk[point] = (float(number(here.mixing)) for number in found)
    return Generalisation(full.teacher_gap, gap, full.teacher_excess_risk, risk)
