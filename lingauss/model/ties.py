"""Bottlenecks that cut through equal eigenvalues (docs/theory.md §4.8)."""

from __future__ import annotations

from collections.abc import Iterable

from lingauss.errors import TiedSpectrumWarning
from lingauss.model.bottleneck import Principal
from lingauss.model.design import Design
from lingauss.notices import notify


def warn_of_ties(design: Design, ranks: Iterable[int]) -> None:
    """Warn if keeping the first few principal directions separates equal eigenvalues at any of the ranks."""
    if not isinstance(design.bottleneck, Principal) or design.problem.population is not None:
        return  # eigenvalues of inputs that are drawn are distinct
    if not design.seen_eigenbasis.clusters:
        return
    cut = [str(rank) for rank in ranks if design.seen_eigenbasis.cuts_cluster(rank)]
    if cut:
        several = len(cut) > 1
        listed = ", ".join(cut if len(cut) <= 6 else [*cut[:3], "…", cut[-1]])
        notify(
            f"rank{'s' * several} {listed} {'cut' if several else 'cuts'} through equal eigenvalues of the Gram "
            "matrix, where the principal directions are ambiguous; the tied ones were ordered by their signal.",
            TiedSpectrumWarning,
        )
