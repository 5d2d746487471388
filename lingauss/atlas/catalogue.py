"""Which entries there are, in the order of their telling; each is loaded when it is asked for."""

from __future__ import annotations

from importlib import import_module

from lingauss.atlas.record import Entry
from lingauss.guard import guarded
from lingauss.vocabulary import unknown_name

# One-shot distillation, repeated distillation, collapse and self-training, weak and strong, regression, bounds.
NAMES = (
    "das2023",
    "dang2026",
    "dang2026limit",
    "borup2021",
    "mobahi2020",
    "pareek2024",
    "pareek2024growth",
    "lecoiu2026",
    "hastie2022",
    "ali2019",
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
