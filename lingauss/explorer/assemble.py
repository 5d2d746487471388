"""Putting the page together: templates and data in, one self-contained HTML text out."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from html import escape
from importlib.resources import files
from typing import Any

from lingauss.explorer.subject import Subject, describe
from lingauss.version import __version__

# Each may use those before it.
SCRIPTS = (
    "formulas.js",
    "format.js",
    "palette.js",
    "scale.js",
    "pen.js",
    "plot.js",
    "legend.js",
    "spectrum.js",
    "model.js",
    "gap.js",
    "process.js",
    "unseen.js",
    "answers.js",
    "settings.js",
    "sliders.js",
    "quantities.js",
    "line-search.js",
    "optimum.js",
    "training.js",
    "view-parts.js",
    "axes.js",
    "comparison.js",
    "tables.js",
    "view-ledger.js",
    "view-map.js",
    "view-directions.js",
    "view-gaps.js",
    "view-risks.js",
    "view-axis.js",
    "pins.js",
    "own-spectrum.js",
    "address.js",
    "scene.js",
    "python.js",
    "controls.js",
    "formula-values.js",
    "formula-panel.js",
    "downloads.js",
    "readouts.js",
    "compare-panel.js",
    "own-panel.js",
    "figures.js",
    "view-panels.js",
    "explorer.js",
)
PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")


def assemble(subjects: Mapping[str, Subject]) -> str:
    """Return the page for some problems, the first of which it opens with."""
    first = next(iter(subjects.values()))
    parts = {
        "title": escape(f"{first.title} · lingauss explorer"),
        "version": escape(__version__),
        "style": _text("page.css"),
        "subjects": as_script_data({key: describe(subject) for key, subject in subjects.items()}),
        "formulas": as_script_data(json.loads(_text("formulas.json"))),
        "scripts": "\n".join(f"<script>\n{_text(name)}</script>" for name in SCRIPTS),
    }
    return PLACEHOLDER.sub(lambda found: parts[found[1]], _text("page.html"))


def as_script_data(content: Any) -> str:
    """Return JSON that may stand in a script element, whatever strings it holds: without <, > and &."""
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.replace("&", r"\u0026").replace("<", r"\u003c").replace(">", r"\u003e")


def _text(name: str) -> str:
    return (files("lingauss.explorer") / "page" / name).read_text(encoding="utf-8")
