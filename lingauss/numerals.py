"""Numbers as people read them in captions, reports and on screens."""

from __future__ import annotations


def number(value: float) -> str:
    """Write a number to three significant digits, or all digits of its whole part, thousands separated."""
    return f"{value:,.0f}" if abs(value) >= 999.5 else f"{value:.3g}"


def percent(share: float) -> str:
    """Write a share as a percentage to two significant digits."""
    return f"{100 * share:.0f} %" if share >= 0.0995 else f"{100 * share:.2g} %"


def change(share: float) -> str:
    """Write a change as a percentage with its sign, to two significant digits."""
    return f"{'−' if share < 0.0 else '+'}{percent(abs(share))}" if share else "0 %"
