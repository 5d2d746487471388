"""The core of a sweep: quantities over a product of design axes as plain arrays, by whatever evaluates such designs."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from lingauss.errors import GridTooLargeError
from lingauss.guard import guarded
from lingauss.memory import free_memory
from lingauss.model.design import Design
from lingauss.sums.running import Ranks
from lingauss.sweep.arrays import evaluate
from lingauss.sweep.averaged import evaluate_averaged
from lingauss.sweep.pointwise import evaluate_pointwise
from lingauss.sweep.unseen import UNSEEN, errors_over
from lingauss.validation import Array


@guarded
def sweep_arrays(
    case: Design, axes: Mapping[str, Array], names: Sequence[str], out: Mapping[str, Array] | None = None
) -> dict[str, Array]:
    """Return quantities over a product of design axes as plain arrays, the fast core of a sweep.

    Parameters
    ----------
    case : Design
        What is not swept.
    axes : mapping of name to (m,) values
        As returned by :func:`checked_axes`; their order is that of the results' axes.
    names : sequence of str
        Quantities.
    out : mapping of name to arrays, optional
        Where to write, arrays of the grid's shape for all or some quantities. Others that do not depend on an axis are
        read-only views that repeat along it.

    Returns
    -------
    dict of name to ndarray
    """
    ranks: Ranks = np.asarray(axes.get("student_rank", np.array([case.rank])), dtype=np.intp)
    others = {name: values for name, values in axes.items() if name != "student_rank"}
    place = list(axes).index("student_rank") if "student_rank" in axes else None
    given = {} if out is None else out
    targets = {name: array[None] if place is None else np.moveaxis(array, place, 0) for name, array in given.items()}
    values: dict[str, Array] = {}
    for evaluator, some in _evaluators(case, others, names):
        values |= evaluator(case, ranks, others, some, targets)
    placed = {name: values[name][0] if place is None else np.moveaxis(values[name], 0, place) for name in names}
    return {name: given.get(name, placed[name]) for name in names}


def _evaluators(
    case: Design, axes: Mapping[str, Array], names: Sequence[str]
) -> Iterator[tuple[Callable[..., dict[str, Array]], list[str]]]:
    """Yield what evaluates a grid of such designs, and which quantities; ranks alone are no grid but one design."""
    unseen, others = [[name for name in names if (name in UNSEEN) is wanted] for wanted in (True, False)]
    if unseen:
        yield errors_over, unseen
    if not others:
        return
    if case.problem.population is not None:
        yield evaluate_averaged, others
    else:
        yield evaluate if axes and case.is_spectral_at_fixed_design else evaluate_pointwise, others


def check_size(lengths: Mapping[str, int], names: Sequence[str]) -> None:
    """Refuse a grid, or a block of one, that would not fit in the memory that is free now.

    Raises
    ------
    GridTooLargeError
    """
    needed, free = 8 * len(names) * math.prod(lengths.values()), free_memory()
    if needed > free:
        longest = max(lengths, key=lambda name: lengths[name])
        raise GridTooLargeError(
            f"a grid or block of at most {free / 1e9:.1f} GB, the memory that is free",
            f"one of {needed / 1e9:.1f} GB",
            "Use fewer values or quantities, or evaluate smaller blocks one by one, for example with "
            f"chunks={{{longest!r}: {max(1, math.floor(lengths[longest] * 0.1 * free / needed))}}}.",
        )
