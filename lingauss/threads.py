"""Array work on every core: numpy computes without holding the interpreter, so that plain threads suffice."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
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


def in_threads(work: Callable[[Part], None], parts: Sequence[Part]) -> None:
    """Do the work for every part, each but the last on a thread of its own; the first error is raised."""
    *others, own = parts
    if not others:
        work(own)
        return
    with ThreadPoolExecutor(len(others)) as pool:
        pending = [pool.submit(copy_context().run, work, part) for part in others]  # numpy's error state goes along
        work(own)
        for result in pending:
            result.result()
