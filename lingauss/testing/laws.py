"""Laws for tests of one's own decompositions and bounds; each failure says what differs, and for which design."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal

from lingauss.distillation import Distillation
from lingauss.errors import EmptyDataError, NotNumericError
from lingauss.ledgers.laws import DenseWeights
from lingauss.ledgers.ledger import COLUMNS, ROWS
from lingauss.ledgers.risk import expected_gap
from lingauss.testing.falsification import described
from lingauss.validation import as_scalar, to_float

Parts = Mapping[str, float] | Sequence[float]


def divergence(case: Distillation) -> float:
    """Return the divergence of a design, in nats."""
    return case.divergence().total


def student_gap(case: Distillation) -> float:
    """Return the expected generalisation gap of the student's weights, floor included (docs/theory.md §7.1)."""
    return expected_gap(DenseWeights(case.problem, case.student_channel))


def assert_decomposition(
    parts: Callable[[Distillation], Parts],
    case: Distillation,
    *,
    whole: Callable[[Distillation], float] = divergence,
    nonnegative: bool = True,
    rtol: float = 1e-9,
) -> None:
    """Assert that a decomposition of yours is one: its parts add up to the whole, and none is negative.

    Parameters
    ----------
    parts : callable
        From a design to its parts: a mapping of names to numbers, or a sequence of numbers.
    case : Distillation
    whole : callable
        From a design to what the parts must add up to; default: its divergence.
    nonnegative : bool
        Whether every part must be at least 0.
    rtol : float
        Rounding allowed, relative to the sizes of all parts together.

    Raises
    ------
    AssertionError
        If it is no decomposition, with every part, the difference, the cell of the ledger that the difference equals,
        if any, and the design as Python.
    NotNumericError, ShapeError, EmptyDataError
        If the parts are not numbers, or there are none.

    Examples
    --------
    >>> import lingauss as lg
    >>> def costs(case):
    ...     ledger = case.divergence()
    ...     return {"bias": ledger.bias, "variance": ledger.variance, "rank": ledger.rank_bottleneck}
    >>> problem = lg.Problem.from_spectrum([4.0, 1.0], [1.0, 0.5], n_samples=10, label_noise=0.5)
    >>> assert_decomposition(costs, lg.Distillation(problem, bottleneck=lg.Principal(rank=1)))
    """
    values = _named(parts(case))
    target, rounding = _as_number(whole(case), "the whole"), as_scalar(rtol, "rtol", minimum=0.0)
    total = math.fsum(values.values()) if all(map(math.isfinite, values.values())) else sum(values.values())
    allowed = rounding * (sum(map(abs, values.values())) + abs(target))
    listing = {**values, "sum": total, "whole": target}
    wrong = [name for name, value in values.items() if math.isnan(value)]
    if wrong or math.isnan(target):
        _fail(f"{' and '.join(wrong) or 'the whole'} is NaN", listing, case)
    # Beside an infinite whole a part is rounding only if it is small beside the finite parts.
    size = abs(target) if math.isfinite(target) else sum(abs(part) for part in values.values() if math.isfinite(part))
    wrong = [name for name, value in values.items() if nonnegative and value < -rounding * size]
    if wrong:
        _fail(f"{' and '.join(wrong)} is negative", listing, case)
    if total != target and not (math.isfinite(allowed) and abs(total - target) <= allowed):
        off = total - target
        _fail(f"the parts do not add up: they are off by {off:.6g}{_owner(off, case)}", listing, case)


def assert_bound(
    bound: Callable[[Distillation], float],
    case: Distillation,
    *,
    of: Callable[[Distillation], float] = student_gap,
    side: Literal["upper", "lower"] = "upper",
    rtol: float = 1e-9,
) -> None:
    """Assert that a bound of yours is on its side of the exact value.

    Parameters
    ----------
    bound : callable
        From a design to the bound, ±∞ where it says nothing.
    case : Distillation
    of : callable
        From a design to what is bounded; default: the expected gap of the student's weights.
    side : 'upper' or 'lower'
    rtol : float
        Rounding allowed, relative to the larger of both.

    Raises
    ------
    AssertionError
        If it is on the wrong side, with both numbers and the design as Python.
    NotNumericError, ShapeError
        If they are not numbers.

    Examples
    --------
    >>> import lingauss as lg
    >>> problem = lg.Problem.from_spectrum([4.0, 1.0], [1.0, 0.5], n_samples=10, label_noise=0.5)
    >>> case = lg.Distillation(problem, student=lg.Ridge(2.0))
    >>> assert_bound(lambda case: case.bounds()["Chernoff upper"].value, case)
    >>> assert_bound(lambda case: case.bounds()["Chernoff lower"].value, case, side="lower")
    """
    value, exact = _as_number(bound(case), "the bound"), _as_number(of(case), "what is bounded")
    rounding = as_scalar(rtol, "rtol", minimum=0.0)
    listing = {"bound": value, "exact": exact}
    if math.isnan(value) or math.isnan(exact):
        _fail("NaN bounds nothing and cannot be bounded", listing, case)
    short = (exact - value if side == "upper" else value - exact) if value != exact else 0.0
    if short > rounding * max(abs(value), abs(exact)) or short == math.inf:
        _fail(f"the {side} bound is on the wrong side by {short:.6g}", listing, case)


def _named(parts: Any) -> dict[str, float]:
    if not isinstance(parts, Mapping):
        if not isinstance(parts, Iterable):
            raise NotNumericError("parts as a mapping or a sequence", type(parts).__name__, "Return all of them.")
        parts = {f"part {i}": part for i, part in enumerate(parts)}
    named = {str(name): _as_number(value, str(name)) for name, value in parts.items()}
    if not named:
        raise EmptyDataError("at least one part", "none", "Return a mapping of names to numbers.")
    return named


def _as_number(value: Any, name: str) -> float:
    if value is None:
        raise NotNumericError(f"{name} as a number", "None", "Return it.")
    array = to_float(value, name)
    return float(array) if array.ndim == 0 else as_scalar(value, name)


def _owner(difference: float, case: Distillation) -> str:
    """Return which cell of the ledger a difference equals, if one."""
    for i, row in enumerate(ROWS):
        for j, column in enumerate(COLUMNS):
            cell = float(case.divergence().cells[i, j])
            if cell and math.isclose(abs(difference), cell, rel_tol=1e-6):
                return f", which is {'' if difference > 0 else 'minus '}the cell {row} {column} of the ledger"
    return ""


def _fail(message: str, listing: Mapping[str, float], case: Distillation) -> None:
    width = max(map(len, listing))
    lines = [message, *(f"  {name:{width}}  {value:.9g}" for name, value in listing.items())]
    raise AssertionError("\n".join([*lines, "", described(case)]))
