"""Sums of parts that come one after the other, of which few are held at a time."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Protocol, Self, TypeVar

from lingauss.errors import EmptyDataError


class Addable(Protocol):
    """Summaries of some rows, which add to that of all of them."""

    def __add__(self, other: Self, /) -> Self: ...


Part = TypeVar("Part", bound=Addable)


def merged(parts: Iterable[Part]) -> Part:
    """Add like a binary counter, so that rounding grows with the logarithm of the number of parts.

    Raises
    ------
    EmptyDataError
        If there are none.
    ShapeError
        If they are of different variables.
    """
    pending: list[tuple[int, Part]] = []
    for part in parts:
        level, total = 0, part
        while pending and pending[-1][0] == level:
            total = pending.pop()[1] + total
            level += 1
        pending.append((level, total))
    if not pending:
        raise EmptyDataError("at least one batch", "none", "Pass a non-empty iterable of X or (X, Y).")
    total = pending[-1][1]
    for _, earlier in itertools.islice(reversed(pending), 1, None):
        total = earlier + total
    return total
