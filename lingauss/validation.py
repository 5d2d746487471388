"""The one door through which values from outside enter: checked, converted to float64, made immutable."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from lingauss.errors import DomainError, EmptyDataError, NotFiniteError, NotNumericError, OverflowingError, ShapeError

Array = npt.NDArray[np.float64]
Axes = Sequence[tuple[str, int | None]]


class Immutable:
    """Base of frozen dataclasses whose arrays stay read-only when an object is copied or unpickled."""

    def __setstate__(self, state: dict[str, Any]) -> None:
        for value in state.values():
            if isinstance(value, np.ndarray):
                value.flags.writeable = False
        self.__dict__.update(state)


def freeze(array: Array) -> Array:
    """Mark an array read-only and return it, so that frozen dataclasses are frozen all the way down."""
    array.flags.writeable = False
    return array


def as_array(value: Any, name: str, axes: Axes) -> Array:
    """Convert to a finite float64 array with the given axes.

    Parameters
    ----------
    value
        Anything numpy can read as real numbers: lists, integers, float32, DataFrames, arrays of any order.
    name
        What to call the value in an error message.
    axes
        One ``(label, length)`` pair per axis; length ``None`` accepts any positive length.

    Returns
    -------
    ndarray
        The value itself where it already fits, otherwise a converted copy.

    Raises
    ------
    NotNumericError, ShapeError, EmptyDataError, NotFiniteError
    """
    array = to_float(value, name)
    _check_axes(array, name, axes)
    check_finite(array, name)
    return array


def as_frozen(value: Any, name: str, axes: Axes) -> Array:
    """Return a read-only, C-ordered copy of :func:`as_array`'s result, safe to keep."""
    return freeze(np.array(as_array(value, name, axes), order="C"))


def as_scalar(value: Any, name: str, *, minimum: float = -math.inf, strict: bool = False) -> float:
    """Convert to a finite float that is at least (``strict``: greater than) ``minimum``.

    Raises
    ------
    NotNumericError, ShapeError, NotFiniteError, DomainError
    """
    number = _as_number(value, name) + 0.0  # no negative zero, which would divide to −inf
    if number < minimum or (strict and number == minimum):
        bound = f"{'greater than' if strict else 'at least'} {minimum:g}"
        raise DomainError(f"{name} {bound}", f"{number!r}", f"Pass a number {bound}.")
    return number


def _as_number(value: Any, name: str) -> float:
    """Convert to a finite float; plain numbers, as loops over designs pass by the thousand, at once."""
    if (type(value) is float and math.isfinite(value)) or (type(value) is int and abs(value) <= 2**53):
        return float(value)
    return float(as_array(value, name, ()))


def as_squarable(value: Any, name: str, *, minimum: float = -math.inf, strict: bool = False) -> float:
    """Return :func:`as_scalar`'s result where its square is a normal float64 number too.

    Raises
    ------
    NotNumericError, ShapeError, NotFiniteError, DomainError, OverflowingError
    """
    number = as_scalar(value, name, minimum=minimum, strict=strict)
    if number != 0.0 and not 1e-150 <= abs(number) <= 1e150:
        raise OverflowingError(f"{name} between 1e-150 and 1e150 in size", f"{number:g}", "Rescale the data.")
    return number


def as_powers(value: Any, name: str, length: int | None = None) -> Array:
    """Convert to a vector of numbers of at least 0, one per feature.

    Raises
    ------
    NotNumericError, ShapeError, EmptyDataError, NotFiniteError, DomainError
    """
    powers = as_array(value, name, (("features", length),))
    if powers.min() < 0:
        raise DomainError(f"{name} of at least 0", f"{powers.min():.3g}", "They are squares; check for a sign.")
    return powers + 0.0  # no negative zeros, which would divide to −inf


def as_count(value: Any, name: str, *, minimum: int = 0, maximum: int | None = None) -> int:
    """Convert to an integer between ``minimum`` and ``maximum``, both included; 1e9 is as good as 10**9.

    Raises
    ------
    NotNumericError, ShapeError, NotFiniteError, DomainError
    """
    number = _as_number(value, name)
    legal = f"from {minimum} to {maximum}" if maximum is not None else f"of at least {minimum}"
    maximum = 2**53 if maximum is None else maximum  # beyond it float64 skips whole numbers
    if not number.is_integer() or number < minimum or (maximum is not None and number > maximum):
        raise DomainError(f"{name}, a whole number {legal}", f"{number:g}", f"Pass a whole number {legal}.")
    return int(number)


def as_flag(value: Any, name: str) -> bool:
    """Return True or False; anything else, such as "no", which Python would take for true, is refused.

    Raises
    ------
    DomainError
    """
    if not isinstance(value, bool | np.bool_):
        raise DomainError(f"{name} as True or False", f"{value!r}", "Pass one of the two.")
    return bool(value)


def as_indices(value: Any, name: str, length: int) -> npt.NDArray[np.intp]:
    """Convert to distinct numbers of columns from 0 to ``length`` − 1, in the order given.

    Negative numbers, fractions and masks of booleans are refused, because they would be read as other columns.

    Raises
    ------
    ShapeError, DomainError, NotFiniteError
    """
    listed = as_items(value, name)
    try:
        numbers = np.asarray(listed) if listed else np.zeros(0, np.intp)
    except ValueError as error:
        raise ShapeError(f"{name} as a list of numbers", "a ragged list", "Pass, for example, [0, 2].") from error
    if numbers.ndim != 1 or not np.issubdtype(numbers.dtype, np.integer):
        remedy = "Pass np.flatnonzero(mask)." if numbers.dtype == np.bool_ else "Pass, for example, [0, 2]."
        raise ShapeError(f"{name} as whole numbers", f"{value!r:.80}", remedy)
    if len(np.unique(numbers)) != len(numbers) or numbers.min(initial=0) < 0 or numbers.max(initial=0) >= length:
        raise DomainError(f"distinct {name} from 0 to {length - 1}", f"{value!r:.80}", "Remove repeats and strays.")
    return numbers.astype(np.intp)


def as_share(value: Any, name: str) -> float:
    """Convert to a fraction of at least 0: 0.05 or "5%"; from 1 on only as a percentage, because 5 may mean either.

    Raises
    ------
    DomainError, NotNumericError, NotFiniteError, ShapeError
    """
    text = value.strip() if isinstance(value, str) else ""
    try:
        number: Any = float(text.removesuffix("%")) / (100.0 if text.endswith("%") else 1.0) if text else value
    except ValueError as error:
        raise DomainError(f"{name} such as 5% or 0.05", repr(value), "Pass a number or a percentage.") from error
    share = as_scalar(number, name, minimum=0.0)
    if share >= 1.0 and not text.endswith("%"):
        raise DomainError(
            f"{name} below 1, or as a percentage", f"{share:g}", f"Write '{share:g}%' or '{100.0 * share:g}%'."
        )
    return share


def as_generator(seed: Any, name: str = "seed") -> np.random.Generator:
    """Return the random generator of a seed, a whole number of at least 0, or the generator that was given.

    Raises
    ------
    DomainError, NotNumericError, NotFiniteError, ShapeError
    """
    return seed if isinstance(seed, np.random.Generator) else np.random.default_rng(as_count(seed, name))


def as_items(value: Any, name: str) -> tuple[Any, ...]:
    """Return the entries of anything that can be listed.

    Raises
    ------
    ShapeError, NotFiniteError
    """
    if np.ma.is_masked(value):
        raise NotFiniteError(f"{name} without masked entries", "a masked array", "Fill or drop the masked entries.")
    try:
        return tuple(value)
    except TypeError as error:
        raise ShapeError(f"{name} as a list", type(value).__name__, "Pass, for example, [0, 2].") from error


def check_finite(array: Array, name: str) -> None:
    """Raise :class:`NotFiniteError`, naming the first bad entry, unless every entry is finite."""
    finite = np.isfinite(array)
    if not finite.all():
        where = tuple(int(i) for i in np.argwhere(~finite)[0])
        place = f" at index {where}" if where else ""
        count = int(finite.size - finite.sum())
        raise NotFiniteError(
            f"finite {name}", f"{array[where]}{place} ({count} such in all)", "Remove or impute missing values first."
        )


def shape_of(value: Any, name: str) -> tuple[int, ...]:
    """Return the shape a value has as an array of numbers; unlike ``np.shape`` it refuses ragged lists by name.

    Raises
    ------
    NotNumericError
    """
    return to_float(value, name).shape


def to_float(value: Any, name: str) -> Array:
    """Convert to float64 and check nothing else; numbers too large for float64 become infinite.

    Raises
    ------
    NotNumericError
        For text, dates, complex numbers and ragged lists.
    NotFiniteError
        For masked entries.
    """
    if np.ma.is_masked(value):
        raise NotFiniteError(f"{name} without masked entries", "a masked array", "Fill or drop the masked entries.")
    try:
        raw = plain_array(value, name)
        if np.iscomplexobj(raw):
            raise TypeError("complex numbers")
        if raw.dtype.kind in "SUmM":
            raise TypeError(f"dtype {raw.dtype}")
        if raw.dtype.kind == "O" and any(isinstance(entry, str | bytes) for entry in raw.flat):
            raise TypeError("text")
        with np.errstate(over="ignore"):
            return np.asarray(raw, dtype=np.float64)
    except NotNumericError:
        raise
    except (TypeError, ValueError, OverflowError) as error:
        raise NotNumericError(
            f"{name} as an array of real numbers", f"{type(value).__name__} ({error})", "Convert it to numbers first."
        ) from error


def plain_array(value: Any, name: str) -> npt.NDArray[Any]:
    """Return an array of whatever a value holds.

    Raises
    ------
    NotNumericError
        If a container refuses, as tensors on another device or with a gradient do.
    ValueError, TypeError, OverflowError
        If numpy does.
    """
    try:
        return np.asarray(value)
    except (TypeError, ValueError, OverflowError):
        if not hasattr(value, "detach"):
            raise
        refusal = "a tensor that is not in plain memory"
    except Exception as error:  # what other people's containers raise is theirs to choose
        refusal = f"{type(value).__name__} ({error})"
    remedy = "Pass tensor.detach().cpu()." if hasattr(value, "detach") else "Convert it to numbers first."
    raise NotNumericError(f"{name} as an array of real numbers", refusal, remedy)


def _check_axes(array: Array, name: str, axes: Axes) -> None:
    wanted = "(" + ", ".join(label if size is None else f"{label}={size}" for label, size in axes) + ")"
    expected = f"{name} with shape {wanted}" if axes else f"{name} as one number"
    if array.ndim != len(axes):
        raise ShapeError(expected, f"shape {array.shape}", f"Reshape it to {len(axes)} axes.")
    for axis, ((label, size), length) in enumerate(zip(axes, array.shape, strict=True)):
        if size is not None and length != size:
            raise ShapeError(
                expected, f"shape {array.shape}", f"Axis {axis} ({label}) must have length {size}, not {length}."
            )
        if size is None and length == 0:
            raise EmptyDataError(expected, f"shape {array.shape}", f"Axis {axis} ({label}) must not be empty.")
