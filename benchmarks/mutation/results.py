"""Tables of judged mutants, which interrupted runs go on with."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def identity(row: Any) -> tuple[str, ...]:
    """Return what a mutant is recognised by, whatever moved around it."""
    return tuple(str(row[name]) for name in ("file", "operator", "before", "after"))


def stored(path: Path) -> list[dict[str, str]]:
    """Return the results so far."""
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def write(path: Path, rows: list[dict[str, str]], columns: Sequence[str]) -> None:
    """Replace the results."""
    partial = path.with_suffix(".partial")
    with partial.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    partial.replace(path)


def survivors(rows: Sequence[dict[str, str]], reasons: dict[tuple[str, ...], str]) -> list[str]:
    """Return a table of the mutants that no test noticed when they were drawn, and what is known of them since."""
    lines = ["", "## Survivors", "", "| place | change | why |", "|---|---|---|"]
    for row in rows:
        if row["outcome"] != "killed":
            before, after = (" ".join(row[name].split()).replace("|", "\\|") for name in ("before", "after"))
            since = {"closed": f"noticed since, by {row['noticed_by']}", "gone": "its code is gone"}
            why = reasons.get(identity(row), since.get(row["outcome"], "open"))
            lines.append(f"| {row['file']}:{row['line']} | `{before}` → `{after}` | {why} |")
    return lines
