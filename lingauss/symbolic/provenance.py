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
LI_HE = "Li & He, On the Generalization of Knowledge Distillation: An Information-Theoretic View, arXiv 2605.13143"
