"""Where a formula comes from and how it was reached."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp


@dataclass(frozen=True)
class Source:
    """Where a formula comes from.

    Parameters
    ----------
    text
        Reference or remark, shown as is.
    """

    text: str


@dataclass(frozen=True)
class Step:
    """One stage of a derivation.

    Parameters
    ----------
    expression
        What has been reached, computed from the stage before.
    reason
        What was done to reach it.
    """

    expression: sp.Basic
    reason: str


HERE = Source("derived here")
# What docs/attributions.md grants the paper: stated in its abstract, quoted in public from its text, or read into it.
LI_HE = "Li & He 2026, arXiv:2605.13143"
STATED = f"abstract of {LI_HE}"
QUOTED = f"quoted from {LI_HE}"
INFERRED = f"inferred from {LI_HE}"
