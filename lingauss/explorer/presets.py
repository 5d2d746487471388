"""Problems every page offers, so that there is something to explore without data."""

from __future__ import annotations

import json
from importlib.resources import files

from lingauss.distillation import Distillation
from lingauss.explorer.subject import Subject, subject_of
from lingauss.model.learners import Ridge
from lingauss.reproduce.studies import power_law

MIXING = 0.5  # of the lossless student; every share strictly between 0 and 1 has one


def presets() -> dict[str, Subject]:
    """Return the problems by the keys under which addresses of the page name them."""
    return {
        "digits": digits(),
        "power-law": subject_of(power_law().case, "Power law", population=True),
        "lossless": subject_of(lossless(), "Lossless family", population=True),
    }


def digits() -> Subject:
    """Return the case study's digits, reduced to their spectrum by :mod:`lingauss.explorer.generate`."""
    text = (files("lingauss.explorer") / "page" / "digits.json").read_text(encoding="utf-8")
    content = json.loads(text)
    content |= {name: tuple(content[name]) for name in ("eigenvalues", "signal")}
    return Subject(**content)


def lossless() -> Distillation:
    """Return a student that is its teacher whatever the data (docs/theory.md §5.4), on the power law at full rank."""
    case = power_law().case
    teacher = Ridge(100.0)
    return Distillation(
        case.problem,
        teacher=teacher,
        student=Ridge((1.0 - MIXING) * teacher.penalty, temperature=(1.0 - MIXING) * teacher.temperature),
        temperature=(1.0 - MIXING) / MIXING * teacher.temperature,
        mixing=MIXING,
    )
