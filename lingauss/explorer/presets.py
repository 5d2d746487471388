"""Problems every page offers, so that there is something to explore without data."""

from __future__ import annotations

import json
from importlib.resources import files

from lingauss.explorer.subject import Subject, subject_of
from lingauss.model.design import Design
from lingauss.model.examples import POWER_LAW_PENALTY, hot_labels, power_law_problem
from lingauss.model.learners import Ridge

MIXING = 0.5  # of the lossless student; every share strictly between 0 and 1 has one


def presets() -> dict[str, Subject]:
    """Return the problems by the keys under which addresses of the page name them."""
    return {
        "digits": digits(),
        "power-law": subject_of(power_law(), "Power law", population=True),
        "lossless": subject_of(lossless(), "Lossless family", population=True),
    }


def digits() -> Subject:
    """Return the case study's digits, reduced to their spectrum by :mod:`lingauss.explorer.generate`."""
    text = (files("lingauss.explorer") / "page" / "digits.json").read_text(encoding="utf-8")
    content = json.loads(text)
    content |= {name: tuple(content[name]) for name in ("eigenvalues", "signal")}
    return Subject(**content)


def power_law() -> Design:
    """Return the case study's design on a spectrum and signal that fall like a power of the direction."""
    return hot_labels(Design, power_law_problem(), POWER_LAW_PENALTY)


def lossless() -> Design:
    """Return a student that is its teacher whatever the data (docs/theory.md §5.4), on the power law at full rank."""
    teacher = Ridge(100.0)
    return Design(
        power_law_problem(),
        teacher=teacher,
        student=Ridge((1.0 - MIXING) * teacher.penalty, temperature=(1.0 - MIXING) * teacher.temperature),
        temperature=(1.0 - MIXING) / MIXING * teacher.temperature,
        mixing=MIXING,
    )
