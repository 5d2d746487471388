"""Which work runs on how many threads: long array work on every core, linear algebra of small matrices on one.

numpy computes without holding the interpreter, so that plain threads suffice. numpy and scipy bring a BLAS each, and
where both are called in turns the threads of one wait for work on the cores that those of the other need.
"""

from __future__ import annotations

import itertools
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import copy_context
from functools import cached_property
from threading import Lock, Thread, get_ident
from typing import Any, TypeVar

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


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Limit every BLAS in this process to one thread, until the last of those who want it is done."""
    _BLAS.enter()
    try:
        yield
    finally:
        _BLAS.leave()


class _Blas:
    """Who limits the number of threads of the BLAS libraries in this process: they have one number for all threads."""

    def __init__(self) -> None:
        self.lock, self.users = Lock(), Counter[int]()  # by thread
        self.limits: Any = None

    def enter(self) -> None:
        """Count one user more, and limit the libraries for the first."""
        with self.lock:
            if not self.users:
                self.limits = self.controller.limit(limits=1)
                self._let_go()
            self.users[get_ident()] += 1

    def leave(self) -> None:
        """Count one user less, and restore the libraries after the last, whichever thread the first was on."""
        with self.lock:
            user = get_ident() if get_ident() in self.users else next(iter(self.users))
            self.users[user] -= 1
            self.users += Counter()  # without those that are done
            if not self.users:
                self._restore()

    def start_anew(self) -> None:
        """Forget, in a process that was forked, the users on threads that it does not have."""
        self.lock = Lock()
        others = bool(self.users)
        self.users = Counter({user: count for user, count in self.users.items() if user == get_ident()})
        if others and not self.users:
            self._restore()

    def _restore(self) -> None:
        self.limits.restore_original_limits()
        self._let_go()

    def _let_go(self) -> None:
        """Let other threads set limits, as threadpoolctl grants that to one thread until it leaves a context."""
        with self.controller.limit(limits=None):
            pass

    @cached_property
    def controller(self) -> Any:
        """All libraries that are loaded when it is first asked for."""
        from threadpoolctl import ThreadpoolController

        return ThreadpoolController().select(user_api="blas")


_BLAS = _Blas()
if hasattr(os, "register_at_fork"):
    # A process that was forked while another thread held the lock would wait for it for ever.
    os.register_at_fork(
        before=lambda: _BLAS.lock.acquire(),
        after_in_parent=lambda: _BLAS.lock.release(),
        after_in_child=lambda: _BLAS.start_anew(),
    )
