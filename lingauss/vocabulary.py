"""Names chosen from a vocabulary: of settings, quantities, objectives, charts, formats."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lingauss.errors import UnknownNameError

# What settings are called elsewhere, and here.
SYNONYMS = {
    "alpha": ("penalty",),
    "lam": ("penalty",),
    "lambda_": ("penalty",),
    "ridge": ("penalty",),
    "rank": ("student_rank", "bottleneck=lg.Principal(rank)"),
    "student_rank": ("bottleneck=lg.Principal(rank)",),
    "n_components": ("student_rank", "rank", "bottleneck=lg.Principal(rank)"),
    "tau": ("temperature",),
    "T": ("temperature",),
    "xi": ("mixing",),
    "phi": ("floor",),
    "m": ("draws",),
    "nu": ("label_noise",),
    "sigma": ("label_noise", "noise"),
    "n": ("n_samples",),
    "k": ("outputs",),
    "weights": ("truth",),
}

LISTED = 12  # legal names up to which a message lists all, though some come close


def as_names(value: Any, what: str, legal: Iterable[str]) -> tuple[str, ...]:
    """Return one or several distinct names of a vocabulary as a tuple.

    Raises
    ------
    UnknownNameError
    """
    vocabulary = tuple(legal)
    try:
        names = (value,) if isinstance(value, str) else () if value is None else tuple(value)
    except TypeError as error:
        raise unknown_name(what, value, vocabulary) from error
    for name in names:
        if not isinstance(name, str) or name not in vocabulary:
            raise unknown_name(what, name, vocabulary)
    return tuple(dict.fromkeys(names))


def unknown_name(what: str, name: object, legal: Iterable[str]) -> UnknownNameError:
    """Return the error for a name outside a vocabulary; a long one is listed only if nothing in it comes close."""
    import difflib

    names = list(dict.fromkeys(legal))
    within = [legal for legal in names if str(name) and str(name) in legal]
    called = [own for own in SYNONYMS.get(str(name), ()) if own.partition("=")[0] in names]
    close = called or difflib.get_close_matches(str(name), names, n=3) or within[:3]
    if not close:
        return UnknownNameError(f"{what} among {', '.join(names)}", f"{name!r}", "Choose one of those.")
    expected = f"{what} among {', '.join(names)}" if len(names) <= LISTED else f"{what}, one of {len(names)}"
    return UnknownNameError(expected, f"{name!r}", f"Did you mean {' or '.join(close)}?")
