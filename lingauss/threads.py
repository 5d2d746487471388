"""Array work on every core: numpy computes without holding the interpreter, so that plain threads suffice."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Sequence
from contextvars import copy_context
from threading import Thread
from typing import TypeVar

Part = TypeVar("Part")


def cores() -> int:
    """Return how many cores this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return os.cpu_count() or 1


def cut(length: int, parts: int) -> list[slice]:
    """Cut ``range(length)`` into at most so many runs of nearly equal length."""
    parts = max(1, min(parts, length))
    edges = [length * part // parts for part in range(parts + 1)]
    return [slice(start, stop) for start, stop in itertools.pairwise(edges)]


def in_threads(work: Callable[[Part], object], parts: Sequence[Part]) -> None:
    """Do the work for every part, each but the last on a thread of its own; the first error is raised."""
    errors: list[BaseException] = []

    def guarded(part: Part) -> None:
        try:
            work(part)
        except BaseException as error:
            errors.append(error)

    *others, own = parts
    # numpy's error state goes along with the context. A pool would take longer to set up than short work takes.
    threads = [Thread(target=copy_context().run, args=(guarded, part)) for part in others]
    for thread in threads:
        thread.start()
    guarded(own)
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
