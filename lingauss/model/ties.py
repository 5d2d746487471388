"""Bottlenecks that cut through equal eigenvalues (docs/theory.md §4.8)."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import TYPE_CHECKING

from lingauss.errors import TiedSpectrumWarning
from lingauss.model.bottleneck import Principal

if TYPE_CHECKING:
    from lingauss.model.process import CoupledProcess


def warn_of_ties(case: CoupledProcess, ranks: Iterable[int], stacklevel: int) -> None:
    """Warn if keeping the first few principal directions separates equal eigenvalues at any of the ranks."""
    if not isinstance(case.bottleneck, Principal):
        return
    cut = [str(rank) for rank in ranks if case.seen_eigenbasis.cuts_cluster(rank)]
    if cut:
        several = len(cut) > 1
        listed = ", ".join(cut if len(cut) <= 6 else [*cut[:3], "…", cut[-1]])
        warnings.warn(
            f"rank{'s' * several} {listed} {'cut' if several else 'cuts'} through equal eigenvalues of the Gram "
            "matrix, where the principal directions are ambiguous; the tied ones were ordered by their signal.",
            TiedSpectrumWarning,
            stacklevel=stacklevel + 2,  # for this function and for the guard of the public one
        )
