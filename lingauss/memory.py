"""What fits in the memory that is free."""

from __future__ import annotations

import math
import os

from lingauss.errors import GridTooLargeError


def free_memory() -> float:
    """Return how many bytes of memory are free now, infinity if the system does not tell."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_AVPHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return math.inf


def check_memory(needed: float, what: str, remedy: str = "Ask for fewer.") -> None:
    """Refuse what would not fit in the memory that is free, given in bytes.

    Raises
    ------
    GridTooLargeError
    """
    free = free_memory()
    if needed > free:
        raise GridTooLargeError(
            f"{what} of at most {free / 1e9:.1f} GB, the memory that is free", f"{needed / 1e9:.3g} GB", remedy
        )
