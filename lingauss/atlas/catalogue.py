"""Which entries there are, in the order of their telling; each is loaded when it is asked for."""

from __future__ import annotations

from importlib import import_module

from lingauss.atlas.record import Entry
from lingauss.guard import guarded
from lingauss.vocabulary import unknown_name

# One round of distillation, many rounds, collapse and its cures, weak and strong, regression itself, bounds.
NAMES = (
    "das2023",
    "dang2026",
    "dang2026limit",
    "phuong2019",
    "borup2021",
    "mobahi2020",
    "pareek2024",
    "pareek2024growth",
    "pareek2024ties",
    "lecoiu2026",
    "dohmatob2024",
    "gerstgrasser2024",
    "dey2024",
    "he2025",
    "garg2025",
    "wu2026",
    "ildiz2024",
    "dong2025",
    "moniri2025",
    "hastie2022",
    "ali2019",
    "bishop2006",
    "bu2020",
)


def names() -> tuple[str, ...]:
    """Return the names of all entries."""
    return NAMES


@guarded
def entry(name: str) -> Entry:
    """Return an entry of the atlas.

    Parameters
    ----------
    name : str
        First author and year, such as "pareek2024".

    Raises
    ------
    UnknownNameError
        If there is no such entry; the closest are named.
    """
    if name not in NAMES:
        raise unknown_name("an entry of the atlas", name, NAMES)
    found: Entry = import_module(f"lingauss.atlas.entries.{name}").ENTRY
    return found
