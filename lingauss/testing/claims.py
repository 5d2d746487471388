"""Claims about designs: what a function that states one may answer, and how the answer is judged."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from hypothesis.errors import HypothesisException

from lingauss.errors import ClaimError, InapplicableError, LingaussError, NotNumericError, ShapeError
from lingauss.validation import to_float

Claim: TypeAlias = Callable[[Any], Any]

LEFT_OUT = "left out by the claim itself"
MEANINGFUL = 1e-6  # both sides of an inequality being smaller than this part of the scale, their ratio may be rounding


def assume(condition: bool) -> None:
    """Leave a case out of account unless a condition holds.

    For use in a claim: :func:`falsify` then counts the case as one the claim does not apply to.

    Raises
    ------
    InapplicableError
        If the condition does not hold.

    Examples
    --------
    >>> def rank_cost_is_positive(case):
    ...     assume(case.rank < case.problem.n_features)
    ...     return case.divergence().rank_bottleneck > 0
    """
    if not condition:
        raise InapplicableError(
            "a case the claim applies to", "one it leaves out by assume", "Put the claim to another case."
        )


class Slack(float):
    """A slack that also says how close the claim came to failing.

    Attributes
    ----------
    tightness : float
        What a search makes as large as it can: 0 or more where the claim fails, −1 where it says nothing.
    """

    tightness: float

    def __new__(cls, slack: float, tightness: float) -> Slack:
        """Make a slack."""
        made = super().__new__(cls, slack)
        made.tightness = tightness
        return made

    def __reduce__(self) -> tuple[type[Slack], tuple[float, float]]:
        return Slack, (float(self), self.tightness)


def at_most(smaller: float, larger: float, *, scale: float = 1.0) -> Slack:
    """Return the slack of an inequality: larger − smaller, in units of the largest of their sizes and ``scale``.

    Negative where the inequality fails. In these units rounding is some 1e-16, however large the numbers are.

    Parameters
    ----------
    smaller, larger : float
        What is claimed to be at most what. Infinities are legal: nothing exceeds +inf.
    scale : float
        Size of the numbers from which the two were computed, where they are small differences of larger ones; in a
        claim about numbers that are all small, their own size.

    Raises
    ------
    ClaimError
        If one of them is NaN or no number.

    Examples
    --------
    >>> at_most(1.0, 4.0), at_most(4.0, 1.0), at_most(1.0, 4.0, scale=30.0), at_most(1e-17, 0.0)
    (0.75, -0.75, 0.1, -1e-17)
    """
    low, high, unit = (as_number(value, "a side of at_most") for value in (smaller, larger, scale))
    if low == high:
        return Slack(0.0, 0.0 if low else -1.0)
    if math.isinf(low) or math.isinf(high):
        return Slack(1.0, -1.0) if low < high else Slack(-1.0, 1.0)
    size, unit = max(abs(low), abs(high)), abs(unit)
    slack = high / max(size, unit) - low / max(size, unit)
    return Slack(slack, low / size - high / size if size > MEANINGFUL * unit else -1.0)


def equal(one: float, other: float, *, scale: float = 1.0) -> Slack:
    """Return the slack of an equality: 0 where it holds exactly, otherwise minus the difference.

    Units, parameters and errors are those of :func:`at_most`.

    Examples
    --------
    >>> equal(2.0, 2.0), equal(2.0, 1.0)
    (0.0, -0.5)
    """
    off = abs(at_most(one, other, scale=scale))
    return Slack(0.0 - off, off)


@dataclass(frozen=True)
class Answer:
    """What a claim said of a case.

    Attributes
    ----------
    holds : bool
    slack : float or None
        None where the claim gave a truth value.
    tightness : float or None
        What to maximise to break the claim; None where there is no slack.
    why : str
        Message of a failed assertion, or nothing.
    """

    holds: bool
    slack: float | None = None
    tightness: float | None = None
    why: str = ""


class DoesNotApplyError(Exception):
    """A claim has nothing to say about a case.

    Parameters
    ----------
    kind : str
        The same for reasons that differ in details alone.
    reason : str
    """

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind


def name_of(claim: Claim) -> str:
    """Return what to call a claim."""
    name = getattr(claim, "__name__", type(claim).__name__)
    return name if name.isidentifier() else "claim"


def judge(claim: Claim, case: Any, tolerance: float) -> Answer:
    """Ask a claim about a case.

    Raises
    ------
    DoesNotApplyError
        If it raised an error of lingauss's own, :func:`assume` included, or rejected the case by Hypothesis's means.
    ClaimError
        If it raised anything else, or answered neither a truth value nor a number.
    """
    name = name_of(claim)
    try:
        said = claim(case)
    except AssertionError as error:
        return Answer(False, why=str(error) or "an assertion failed")
    except ClaimError:
        raise
    except LingaussError as error:
        kind = type(error).__name__
        reason = LEFT_OUT if isinstance(error, InapplicableError) else f"{kind}: {error}"
        raise DoesNotApplyError(kind, reason) from error
    except HypothesisException as error:
        raise DoesNotApplyError("rejected", LEFT_OUT) from error
    except (Exception, SystemExit) as error:
        raise ClaimError(
            f"{name} to answer on every case",
            one_line(error),
            "Mend it, or call lingauss.testing.assume where it does not apply.",
        ) from error
    if isinstance(said, bool | np.bool_):
        return Answer(bool(said))
    slack = as_number(said, f"what {name} returns")
    return Answer(slack >= -tolerance, slack, said.tightness if isinstance(said, Slack) else -slack)


def one_line(error: BaseException) -> str:
    """Return the kind of an error and what it says, without its line breaks."""
    return " ".join(f"{type(error).__name__}: {error}".split())


def as_number(value: Any, what: str) -> float:
    """Return a value that has to be a number and may be infinite.

    Raises
    ------
    ClaimError
    """
    if value is None:
        raise ClaimError(f"{what} to be a truth value or a number", "None", "Return True, or a slack of at least 0.")
    try:
        array = to_float(value, what)
        if array.ndim:
            raise ShapeError(f"{what} as one number", f"shape {array.shape}", "Return the smallest: slack.min().")
    except (NotNumericError, ShapeError) as error:
        raise ClaimError(f"{what} to be a truth value or a number", error.got, error.remedy) from error
    number = float(array)
    if math.isnan(number):
        raise ClaimError(f"{what} to be a truth value or a number", "NaN", "Look for ∞ − ∞ or 0/0 in the claim.")
    return number
