"""The frame of every public call: numpy's global error state and BLAS threads as it needs them, typed overflow."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np

from lingauss.errors import GridTooLargeError, OverflowingError, SignatureError
from lingauss.threads import CALL, end_of_call
from lingauss.vocabulary import unknown_name

OPERATORS = {"__init__", "__add__", "__matmul__", "__call__"}
Target = TypeVar("Target", bound=Callable[..., Any])


def guarded(target: Target) -> Target:
    """Guard a public function, or the construction and every public method that a class defines.

    Inside, numbers that leave the range of float64 raise :class:`OverflowingError`, whatever ``np.seterr`` says outside
    and on every thread; code that means to divide by zero or to overflow says so itself. A call that does not fit the
    signature raises :class:`SignatureError`, with the argument that may have been meant. BLAS is given back when the
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


def hinted(target: Target) -> Target:
    """Let a public function, or the construction of a class, name the argument that may have been meant."""
    if isinstance(target, type):
        target.__init__ = _hinted_function(target.__init__)  # type: ignore[misc]
        return target
    return cast(Target, _hinted_function(target))


def _hinted_function(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def inside(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except TypeError as error:
            check_signature(function, args, kwargs, error)
            raise

    return inside


def check_signature(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], error: TypeError
) -> None:
    """Explain a TypeError where a call does not fit the function's signature.

    Raises
    ------
    SignatureError
        If it does not.
    """
    if isinstance(error, SignatureError):
        return
    signature = inspect.signature(function)
    try:
        signature.bind(*args, **kwargs)
    except TypeError as misfit:
        names = [name for name in signature.parameters if name not in ("self", "cls")]
        what = function.__qualname__.removesuffix(".__init__")
        strange = [name for name in kwargs if name not in signature.parameters]
        if strange:
            near = unknown_name(f"an argument of {what}", strange[0], names)
            raise SignatureError(near.expected, near.got, near.remedy) from error
        raise SignatureError(
            f"{what}({', '.join(names)})", f"{misfit}", "See its documentation for what each means."
        ) from error


def _guarded_function(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def inside(*args: Any, **kwargs: Any) -> Any:
        within, CALL.open = CALL.open, True
        try:
            if within:  # a public call that has set all this
                return function(*args, **kwargs)
            with np.errstate(divide="raise", over="raise", invalid="raise", under="ignore"):
                return function(*args, **kwargs)
        except TypeError as error:
            check_signature(function, args, kwargs, error)
            raise
        except (ArithmeticError, np.linalg.LinAlgError) as error:
            raise OverflowingError(
                "numbers whose squares, products and ratios fit in float64",
                f"{type(error).__name__} ({error})",
                "Rescale the data, for example to standardised features and labels.",
            ) from error
        except MemoryError as error:
            raise GridTooLargeError(
                "arrays that fit in memory", str(error) or "too little of it", "Ask for less at once."
            ) from error
        finally:
            CALL.open = within
            if CALL.rows and not within:
                end_of_call()

    return inside
