"""What the mutation check of what people read has found, as Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from results import identity, survivors


def report(about: str, areas: Sequence[str], rows: list[dict[str, str]], excused: list[dict[str, Any]]) -> str:
    """Return the scores by area and seed, by kind and by file, and the survivors.

    Parameters
    ----------
    about : str
        How they were found.
    areas : sequence of str
    rows : list of dict
        As stored.
    excused : list of dict
        Survivors that change nothing for a reader, each with the reason.
    """
    reasons = {identity(entry): entry["reason"] for entry in excused}
    lines = ["# Mutation check of what people read", "", about.partition("\n\n")[2].strip(), ""]
    lines += [
        "| area | seed | mutants | noticed | score | without those that change nothing |",
        "|---|---|---|---|---|---|",
    ]
    for name in areas:
        for seed in sorted({row["seed"] for row in rows if row["area"] == name}):
            mine = [row for row in rows if (row["area"], row["seed"]) == (name, seed)]
            killed = sum(row["outcome"] == "killed" for row in mine)
            rest = len(mine) - sum(row["outcome"] != "killed" and identity(row) in reasons for row in mine)
            lines.append(
                f"| {name} | {seed} | {len(mine)} | {killed} | {killed / len(mine):.0%} | {killed / rest:.0%} |"
            )
    lines += _counted("kind of change", rows, "operator")
    lines += _counted("file", rows, "file")
    lines += survivors(rows, reasons)
    return "\n".join(lines) + "\n"


def _counted(title: str, rows: list[dict[str, str]], column: str) -> list[str]:
    """Return a table of how many mutants there were of each sort, and how many were noticed."""
    lines = ["", f"| {title} | mutants | noticed |", "|---|---|---|"]
    for name in sorted({row[column] for row in rows}):
        outcomes = Counter(row["outcome"] for row in rows if row[column] == name)
        lines.append(f"| {name} | {outcomes.total()} | {outcomes['killed']} |")
    return lines
