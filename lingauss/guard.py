"""The frame of every public call: numpy's global error state and BLAS threads as it needs them, typed overflow."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np

from lingauss.errors import OverflowingError
from lingauss.threads import CALL, end_of_call

OPERATORS = {"__init__", "__add__", "__matmul__", "__call__"}
Target = TypeVar("Target", bound=Callable[..., Any])


def guarded(target: Target) -> Target:
    """Guard a public function, or the construction and every public method that a class defines.

    Inside, numbers that leave the range of float64 raise :class:`OverflowingError`, whatever ``np.seterr`` says outside
    and on every thread; code that means to divide by zero or to overflow says so itself. BLAS is given back when the
    outermost call ends (:func:`lingauss.threads.whole_matrices`).
    """
    if not isinstance(target, type):
        return cast(Target, _guarded_function(target))
    for name, member in list(vars(target).items()):
        if name.startswith("_") and name not in OPERATORS:
            continue
        if isinstance(member, functools.cached_property):
            member.func = _guarded_function(member.func)
        elif isinstance(member, classmethod):
            setattr(target, name, classmethod(_guarded_function(member.__func__)))
        elif callable(member) and not isinstance(member, type):
            setattr(target, name, _guarded_function(member))
    return cast(Target, target)


def _guarded_function(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def inside(*args: Any, **kwargs: Any) -> Any:
        within, CALL.open = CALL.open, True
        try:
            if within:  # a public call that has set all this
                return function(*args, **kwargs)
            with np.errstate(divide="raise", over="raise", invalid="raise", under="ignore"):
                return function(*args, **kwargs)
        except (ArithmeticError, np.linalg.LinAlgError) as error:
            raise OverflowingError(
                "numbers whose squares, products and ratios fit in float64",
                f"{type(error).__name__} ({error})",
                "Rescale the data, for example to standardised features and labels.",
            ) from error
        finally:
            CALL.open = within
            if CALL.rows and not within:
                end_of_call()

    return inside
