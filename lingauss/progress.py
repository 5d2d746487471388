"""A progress bar for loops that turn out to be long."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")

PATIENCE = 1.0  # seconds before a bar is shown


def tracked(items: Iterable[T], total: int, description: str) -> Iterator[T]:
    """Yield items, and after a second show on stderr how far the loop has come.

    Nothing is shown unless stderr is a terminal, nor outside the main thread, where blocks of a chunked sweep run.

    Parameters
    ----------
    items : iterable
    total : int
        How many there are.
    description : str
        What they are.
    """
    if not sys.stderr.isatty() or threading.current_thread() is not threading.main_thread():
        yield from items
        return
    iterator, start, done = iter(items), time.monotonic(), 0
    for item in iterator:
        yield item
        done += 1
        if time.monotonic() - start > PATIENCE:
            break
    if done < total:
        yield from _shown(iterator, done, total, description)


def _shown(items: Iterator[T], done: int, total: int, description: str) -> Iterator[T]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(description, total=total, completed=done)
        for item in items:
            yield item
            progress.advance(task)
