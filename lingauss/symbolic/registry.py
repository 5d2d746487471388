"""All derivations by name, in the order of the formula sheet; built on demand and kept."""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache
from types import ModuleType

from lingauss.errors import UnknownNameError
from lingauss.symbolic import (
    asymptotics,
    bounds,
    cells,
    chain_rule,
    design,
    dynamics,
    effective_penalty,
    floor,
    gap,
    gaussian,
    labels,
    one_view,
    predictions,
    process,
    redrawn_rounds,
    risk,
    self_distillation,
    shared_rows,
    student,
    unseen,
    whole,
)
from lingauss.symbolic.derivation import Derivation

SUBJECTS: tuple[ModuleType, ...] = (
    gaussian,
    student,
    cells,
    predictions,
    chain_rule,
    floor,
    design,
    asymptotics,
    self_distillation,
    dynamics,
    labels,
    process,
    gap,
    bounds,
    risk,
    unseen,
    effective_penalty,
    shared_rows,
    one_view,
    redrawn_rounds,
    whole,
)


def names() -> tuple[str, ...]:
    """Return the names of all derivations."""
    return tuple(name for subject in SUBJECTS for name in subject.DERIVATIONS)


def subjects() -> dict[str, tuple[str, ...]]:
    """Return the title of each subject with the names of its derivations."""
    return {subject.SUBJECT: tuple(subject.DERIVATIONS) for subject in SUBJECTS}


@cache
def derivation(name: str) -> Derivation:
    """Return a derivation by name, deriving it on first use.

    Parameters
    ----------
    name
        One of `names()`.

    Returns
    -------
    Derivation
        The formula with its route.

    Raises
    ------
    UnknownNameError
        If there is none of this name; the closest names are listed.

    Examples
    --------
    >>> derivation("langevin_stationary_variance").statement.rhs
    sigma**2*tau_w/(-a**2*h/2 + a)
    """
    for subject in SUBJECTS:
        if name in subject.DERIVATIONS:
            found: Derivation = subject.DERIVATIONS[name]()
            return found
    close = get_close_matches(str(name), names(), n=3, cutoff=0.4)
    everything = "All names: lingauss.symbolic.names(), or lingauss verify."
    remedy = f"Did you mean {' or '.join(close)}?" if close else everything
    raise UnknownNameError("the name of a derivation", repr(name), remedy)


def derivations() -> tuple[Derivation, ...]:
    """Return all derivations; the first call derives them."""
    return tuple(derivation(name) for name in names())
