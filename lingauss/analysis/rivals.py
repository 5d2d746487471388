"""What a student may be made to see, compared at equal rank: principal directions, the teacher's, or columns."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from lingauss.analysis.advice import Advice
from lingauss.analysis.held_out import HeldOut, Recipe, hold_out
from lingauss.analysis.preparation import Prepared
from lingauss.analysis.sight import SIGHTS, ByColumn, ByTeacher, Sight
from lingauss.errors import DomainError
from lingauss.model.problem import Problem
from lingauss.unseen.cross_validation import Estimate

SINGULAR = 1e-9  # of the teacher's largest singular value: below, its predictions need no direction


@dataclass(frozen=True)
class Rival:
    """One way to see, and what it costs at the recommended rank.

    Attributes
    ----------
    name : str
        As asked for.
    rank : int
    at_inputs : float
        Squared error on new labels at the training inputs, predicted; summed over outputs.
    unseen : Estimate or None
        Measured on fifths of the rows held out in turn, directions found anew without them; None for too few rows.
    """

    name: str
    rank: int
    at_inputs: float
    unseen: Estimate | None


def rivals_of(advice: Advice, observed: Problem, prepared: Prepared, penalty: float) -> tuple[Rival, ...]:
    """Return every way to see that is of use at the recommended rank, in the order in which they may be asked for."""
    found = []
    for name, kind in SIGHTS.items():
        sight = kind(penalty)
        if advice.rank <= most_directions(sight, observed) and not (kind is ByColumn and prepared.rotation is not None):
            design = advice.widest.replace(bottleneck=sight.bottleneck(observed)).replace(rank=advice.rank)
            held_out = hold_out(prepared.folds, Recipe.of(design, sight))
            unseen = None if held_out is None else measured(held_out, advice.rank)
            found.append(Rival(name, advice.rank, advice.noise_risk + advice.predicting.evaluate(design), unseen))
    return tuple(found)


def measured(held_out: HeldOut, rank: int) -> Estimate:
    """Return the error on held-out rows with its standard error over the parts."""
    parts = held_out.errors[:, rank]
    return Estimate(float(held_out.by_rank[rank]), float(np.std(parts, ddof=1)) / math.sqrt(len(parts)))


def most_directions(sight: Sight, observed: Problem) -> int:
    """Return how many directions are worth offering: of those that follow from the teacher, fewer than it needs."""
    basis = observed.eigenbasis
    if not isinstance(sight, ByTeacher):
        return observed.n_features
    root = np.sqrt(basis.eigenvalues)
    rows = basis.rotate(observed.observed) / (basis.eigenvalues + sight.penalty)  # type: ignore[arg-type]
    sizes = np.linalg.svd(rows * root, compute_uv=False)
    return int(np.count_nonzero(sizes > SINGULAR * sizes.max(initial=0.0))) - 1


def check_sight(sight: Sight, observed: Problem, prepared: Prepared | None) -> None:
    """Refuse to see in a way that data leave no room for.

    Raises
    ------
    DomainError
    """
    if isinstance(sight, ByTeacher) and most_directions(sight, observed) < 1:
        raise DomainError(
            "a teacher whose predictions need at least two directions, for aligned ones to be fewer",
            "one that needs a single one, which loses nothing and is the teacher itself",
            "Choose principal directions or features (--bottleneck, bottleneck=).",
        )
    if isinstance(sight, ByColumn) and prepared is not None and prepared.rotation is not None:
        raise DomainError(
            "more rows than features, to choose among features",
            f"{prepared.moments.n_samples} rows of {len(prepared.features)} features",
            "Choose principal or aligned directions (--bottleneck, bottleneck=).",
        )
