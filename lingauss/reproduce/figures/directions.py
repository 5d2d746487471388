"""What every direction costs, against the spectrum."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lingauss import charts
from lingauss.numerals import number
from lingauss.reproduce.figures.base import SOURCE, Figure, settings
from lingauss.reproduce.studies import Resolution, Study

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


NAMED = 6  # directions at most that are told one by one


def ledger_by_direction(study: Study, resolution: Resolution) -> Figure:
    """Return the retained and discarded cost of every eigen-direction at the middle rank."""
    case = study.case.replace(student_rank=study.ranks[len(study.ranks) // 2])
    table = case.by_direction()

    def plot(ax: Axes) -> None:
        charts.ledger_by_direction(table, ax)

    return Figure(
        title=f"{study.title}: kept and dropped directions",
        results=table.to_xarray(),
        what=(
            f"What each eigen-direction of the inputs costs the student of rank {case.rank}, over its eigenvalue: "
            "filled, what is paid (the retained cost of directions kept, the discarded cost of those dropped); open, "
            "the alternative; ringed, directions that would cost less on the other side."
            + _undrawn(len(table) - study.full_rank)
        ),
        finding=_finding(table),
        why=_why(table, case.rank),
        settings=settings(study, case),
        source=f"{SOURCE}; what a direction costs is derived in docs/theory.md §4.3, when to keep it in §5.5.",
        plot=plot,
    )


def _undrawn(count: int) -> str:
    if not count:
        return ""
    return f" {count} direction{'s' if count > 1 else ''} without variance {'are' if count > 1 else 'is'} not drawn."


def _finding(table: pd.DataFrame) -> str:
    varying = table["eigenvalue"] > 0.0
    worth, kept = int((table["worth_keeping"] & varying).sum()), int(table["kept"].sum())
    wrong = table.index[varying & (table["worth_keeping"] != table["kept"])].tolist()
    text = f"{worth} of {int(varying.sum())} directions are worth keeping, {kept} kept"
    named = ", ".join(map(str, wrong[:NAMED])) + (" …" if len(wrong) > NAMED else "")
    return f"{text}; wrong: {named}." if wrong else f"{text}, and they are the same."


def _why(table: pd.DataFrame, rank: int) -> str:
    shown = table[table["eigenvalue"] > 0.0]
    wrong = shown["worth_keeping"] != shown["kept"]
    saved = float((shown["retained_cost"] - shown["discarded_cost"]).abs()[wrong].sum())
    text = (
        "A direction is worth keeping iff it costs less retained than discarded. Dropping a strong direction costs in "
        "proportion to its eigenvalue and signal; keeping a weak one costs the spread of its soft labels."
    )
    if not wrong.any():
        return f"{text} No single direction is on the wrong side."
    order = shown["worth_keeping"].to_numpy()
    nested = bool((order[:-1] >= order[1:]).all())
    return (
        f"{text} Putting each of the {int(wrong.sum())} on the wrong side right would save {number(saved)} "
        f"nats in all"
        + (
            "."
            if nested
            else ", which no principal bottleneck can, because eigenvalue and signal do not fall together."
        )
    )
