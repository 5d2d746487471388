"""Which work runs on how many threads: long array work on every core, linear algebra of small matrices on one.

numpy computes without holding the interpreter, so that plain threads suffice. numpy and scipy bring a BLAS each, and
where both are called in turns the threads of one wait for work on the cores that those of the other need.
"""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import copy_context
from functools import cached_property
from threading import Lock, RLock, Thread, local
from typing import Any, TypeVar

Part = TypeVar("Part")
SMALL = 1000  # rows of a matrix up to which one thread is faster than those of numpy's and scipy's BLAS in turns


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


def whole_matrices(rows: int) -> None:
    """Say that matrices of so many rows are about to be computed with.

    If no larger ones turn up BLAS then keeps to one thread until the public call under way ends, where that is faster.
    Calls that need no matrices, or large ones, leave the threads alone.
    """
    if CALL.open and rows > CALL.rows:
        if CALL.rows == 0 and rows <= SMALL:
            _BLAS.enter()
        elif 0 < CALL.rows <= SMALL < rows:
            _BLAS.leave()
        CALL.rows = rows


def end_of_call() -> None:
    """Give back what :func:`whole_matrices` took."""
    if CALL.rows <= SMALL:
        _BLAS.leave()
    CALL.rows = 0


class _Call(local):
    """The public call (:func:`lingauss.guard.guarded`) under way on the current thread.

    Attributes
    ----------
    open : bool
        Whether there is one.
    rows : int
        Of the largest matrices it computes with; 0 if there are none.
    """

    open = False
    rows = 0


CALL = _Call()


class _Held(local):
    """How often the current thread limits BLAS."""

    count = 0


class _Blas:
    """Who limits the number of threads of the BLAS libraries in this process: they have one number for all threads."""

    def __init__(self) -> None:
        self.lock, self.users, self.held = Lock(), 0, _Held()
        self.unlimited: list[int] = []

    def enter(self) -> None:
        """Count one user more, and limit the libraries for the first."""
        libraries = self.libraries
        with self.lock:
            if not self.users:
                self.unlimited = [library.num_threads for library in libraries]
                self._set([1] * len(libraries))
            self.users += 1
        self.held.count += 1

    def leave(self) -> None:
        """Count one user less, and restore the libraries after the last, whichever thread the first was on."""
        self.held.count -= 1
        with self.lock:
            self.users -= 1
            if not self.users:
                self._set(self.unlimited)

    def forked(self) -> None:
        """In a forked process, forget the users on threads that it does not have; its lock is held."""
        if self.users and not self.held.count:
            self._set(self.unlimited)
        self.users = self.held.count
        self.lock.release()

    def _set(self, numbers: Sequence[int]) -> None:
        for library, number in zip(self.libraries, numbers, strict=True):
            library.set_num_threads(number)
            # Some versions of threadpoolctl then listen to no other thread until this one lets go.
            getattr(library, "clear_controlling_thread", _nothing)()

    @cached_property
    def libraries(self) -> list[Any]:
        """Those of numpy and scipy, and all others that are loaded when they are first asked for."""
        import scipy.linalg  # noqa: F401  (which brings its own)
        from threadpoolctl import ThreadpoolController

        found = ThreadpoolController().select(user_api="blas").lib_controllers
        return [library for library in found if library.num_threads is not None]


def _nothing() -> None:
    pass


def _free_cached_properties() -> None:
    """In a forked process, replace the locks under which threads that it does not have computed cached properties."""
    for name, module in list(sys.modules.items()):
        if name.split(".")[0] == "lingauss":
            for kind in vars(module).values():
                for member in vars(kind).values() if isinstance(kind, type) and kind.__module__ == name else ():
                    if isinstance(member, cached_property):
                        member.lock = RLock()  # type: ignore[attr-defined]


_BLAS = _Blas()
if hasattr(os, "register_at_fork"):  # not on every system
    # A fork waits until no thread is inside, so that neither this lock nor threadpoolctl's is held for ever.
    os.register_at_fork(before=_BLAS.lock.acquire, after_in_parent=_BLAS.lock.release, after_in_child=_BLAS.forked)
    if sys.version_info < (3, 12):  # where a cached property has one lock for all objects
        os.register_at_fork(after_in_child=_free_cached_properties)
