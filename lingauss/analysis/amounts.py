"""Amounts as an analysis writes them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lingauss.numerals import number, percent

ROUNDING = 5e-6  # relative changes below which are none


def share(value: float) -> str:
    """Write an R² to two digits after the point, more where it is almost 1."""
    if np.isnan(value):
        return "–"
    digits = next((digits for digits in range(2, 6) if round(value, digits) < 1.0), None)
    if digits is None:
        return "1"
    return f"{value:.{digits}f}".replace("0.", ".", 1).replace("-", "−")


def rough(value: float) -> str:
    """Write a number to two significant digits, as is enough for an uncertainty."""
    if not np.isfinite(value) or value == 0.0:
        return number(value)
    digits = 1 - int(np.floor(np.log10(abs(value))))
    rounded = round(value, digits)
    return f"{rounded:,.{max(digits, 0)}f}" if digits < 7 else f"{rounded:.1e}"


def signed(value: float) -> str:
    """Write a number with its sign."""
    return f"+{number(value)}" if value >= 0 else f"−{number(-value)}"


def signed_percent(value: float) -> str:
    """Write a fraction as a percentage, one that is rounding alone as 0."""
    return "0 %" if abs(value) < ROUNDING else percent(value) if value >= 0 else f"−{percent(-value)}"


def more(change: float) -> str:
    """Write a relative change as a percentage more or less."""
    if abs(change) < ROUNDING:
        return "no more"
    return f"{percent(abs(change))} {'more' if change > 0 else 'less'}"


def apart(values: Sequence[float]) -> list[str]:
    """Write numbers to as many digits, three at least and five at most, as tell the distinct among them apart."""
    largest = max((abs(value) for value in values if np.isfinite(value)), default=0.0)
    if largest == 0.0:
        return [number(value) for value in values]
    whole = int(np.floor(np.log10(largest))) + 1
    for significant in (3, 4, 5):
        digits = max(significant - whole, 0)
        texts = [f"{value:,.{digits}f}" if -5 < whole < 16 else f"{value:.{significant - 1}e}" for value in values]
        if len(set(texts)) == len(set(values)) or not digits:
            break
    return texts
