"""Proving every statement, with the time each takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from time import perf_counter

from lingauss.errors import UnknownNameError
from lingauss.symbolic.registry import derivation, names


@dataclass(frozen=True)
class Verification:
    """Outcome of proving one statement.

    Parameters
    ----------
    name
        Name of the derivation.
    passed
        Whether its difference from what was derived is exactly 0.
    seconds
        Time taken, deriving included.
    message
        Empty, or what went wrong.
    """

    name: str
    passed: bool
    seconds: float
    message: str


def verify_each(selected: Iterable[str] | None = None) -> Iterator[Verification]:
    """Prove statements one after the other, so that progress can be shown.

    Parameters
    ----------
    selected
        Names of derivations; all by default.

    Raises
    ------
    UnknownNameError
        If a name is not that of a derivation.
    """
    for name in names() if selected is None else selected:
        start = perf_counter()
        try:
            derivation(name).verify()
            message = ""
        except UnknownNameError:
            raise
        except (ArithmeticError, ValueError, NotImplementedError) as error:  # of ours or of sympy: the proof failed
            message = f"{type(error).__name__}: {error}"
        yield Verification(name, not message, perf_counter() - start, message)


def verify_all(selected: Iterable[str] | None = None) -> tuple[Verification, ...]:
    """Prove statements and return all outcomes; see `verify_each`."""
    return tuple(verify_each(selected))
