"""Where the sharpness-aware bound is tighter than that through the divergence, for flatter and sharper teachers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from lingauss import charts
from lingauss.algebra.given import as_psd
from lingauss.charts.tightness_regime import crossings
from lingauss.distillation import Distillation
from lingauss.gaps.curves import bound_curves
from lingauss.model.axes import AXES
from lingauss.numerals import number, percent
from lingauss.reproduce.figures.base import Figure, settings
from lingauss.reproduce.studies import TEMPERATURES, Resolution, Study

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

POINTS = 61
PENALTIES = (0.1, 1.0)  # of two teachers and of students that learn as they do, in units of the study's
TEACHERS = (0.01, 10.0)  # of the least and the most regular teacher beside each other, likewise
WIDER = 1.02  # test inputs vary by so much more than training inputs
SHOWN = ("variance proxy upper", "variance proxy lower", "Chernoff upper", "Chernoff lower", "sharpness upper")
SOURCE = (
    "An upper bound under a sub-Gaussian hypothesis, a lower bound, and a sharpness-aware bound with a regime in which "
    "it is the tighter one are stated by Li and He (arXiv:2605.13143); their forms are inferred. Constants, radius and "
    "exact gaps are derived in docs/theory.md §7."
)
WHAT = (
    "Exact distance of the student's gap from its teacher's (black); how far it can be above or below by the bound "
    "through the divergence, {rival}, whose width is the unit (blue), and by the sharpness-aware one, {sharp} "
    "(orange). It is shaded where the latter is strictly tighter, that is within the radius ϱ₀; rings mark ϱ = ϱ₀."
)


def tightness_by_rank(study: Study, resolution: Resolution) -> Figure:
    """Return the regime over student rank, for two teachers."""
    return _two_teachers(study, "student_rank", range(study.full_rank + 1))


def tightness_by_noise(study: Study, resolution: Resolution) -> Figure:
    """Return the regime over label noise, for two teachers."""
    return _two_teachers(study, "label_noise", np.geomspace(*study.noises, min(POINTS, resolution.noises)))


def tightness_by_temperature(study: Study, resolution: Resolution) -> Figure:
    """Return the regime over the temperature of the soft labels, for two teachers."""
    return _two_teachers(study, "temperature", np.geomspace(*TEMPERATURES, min(POINTS, resolution.temperatures)))


def tightness_by_penalty(study: Study, resolution: Resolution) -> Figure:
    """Return the regime over the penalty of the teacher, where test inputs make some flatter than others."""
    wider = replace(study, case=_with_wider_inputs(study.case))
    penalties = study.penalty * np.geomspace(*TEACHERS, min(POINTS, resolution.noises))
    results = bound_curves(wider.case, "penalty", penalties).sel(bound=[*SHOWN[2:]])
    steep, radius = (results[name].to_numpy() for name in ("steepness", "radius"))
    flat, sharp = int(np.argmin(steep)), int(np.argmax(steep))
    why = (
        f"With test inputs that vary {percent(WIDER - 1.0)} more than the training inputs a teacher's gap is curved, "
        f"and some are flatter than others: its slope g is least at λ = {number(penalties[flat])} (g = "
        f"{number(steep[flat])}, ϱ₀ = {number(radius[flat])}) and largest at λ = {number(penalties[sharp])} (g = "
        f"{number(steep[sharp])}, ϱ₀ = {number(radius[sharp])}). Of two teachers with bounds of the same width ℬ the "
        "flatter one has the wider radius, ϱ₀ = 2ℬ/(g + √(g² + 2hℬ)); but students of teachers with little penalty are "
        "farther away. Upper and lower (thin) side of the Chernoff bound, which takes the place of the sub-Gaussian "
        "one here, are not the same (docs/theory.md §7.4)."
    )
    what = WHAT.format(rival="of Chernoff's kind", sharp="gϱ + ½hϱ²")
    return _figure(wider, results, "penalty", what, why)


def _two_teachers(study: Study, axis: str, values: Iterable[Any]) -> Figure:
    """Return the regime at the training inputs, where the gap of every teacher is as steep."""
    import xarray as xr

    penalties = [share * study.penalty for share in PENALTIES]
    points = list(values)
    curves = [bound_curves(study.case.replace(penalty=penalty), axis, points) for penalty in penalties]
    beside = xr.DataArray(penalties, dims="penalty", name="penalty", attrs=AXES["penalty"].attrs)
    results = xr.concat(curves, beside, combine_attrs="drop_conflicts").sel(bound=[*SHOWN[:2], SHOWN[-1]])
    why = (
        "At the training inputs the gap of every teacher is as steep, g = 2ν√(k tr G)/n, and h = 0, so that the radius "
        f"ϱ₀ = √(2σ̄²K_n)/g follows the width of the other bound alone. {_told(results)}"
    )
    what = WHAT.format(rival="√(2σ̄²K_n) with its exact constant", sharp="gϱ")
    return _figure(study, results, axis, what, why)


def _figure(study: Study, results: xr.Dataset, axis: str, what: str, why: str) -> Figure:
    def plot(ax: Axes) -> None:
        charts.tightness_regime(results, ax)

    return Figure(
        title=f"{study.title}: tighter by {WORDS[axis]}",
        results=results,
        what=what,
        finding=_finding(results, axis),
        why=why,
        settings=settings(study, study.case, axis, "penalty"),
        source=SOURCE,
        plot=plot,
    )


WORDS = {"student_rank": "rank", "label_noise": "noise", "temperature": "temperature", "penalty": "teacher"}


def _finding(results: xr.Dataset, axis: str) -> str:
    """Return over which share of the axis the sharpness-aware bound is tighter, by teacher."""
    tighter = (results["distance"] < results["radius"]).mean(axis)
    if axis == "penalty":
        return f"Sharpness-aware is tighter for {percent(float(tighter))} of the teachers."
    shares = ", ".join(f"{percent(float(tighter.sel(penalty=p)))} (λ = {number(p)})" for p in _penalties(results))
    return f"Sharpness-aware is tighter on {shares} of the axis."


def _told(results: xr.Dataset) -> str:
    """Return the points at which students are as far from their teacher as the radius."""
    axis = str(results["radius"].dims[-1])
    symbol, sentences = AXES[axis].symbol, []
    for penalty in _penalties(results):
        one = results.sel(penalty=penalty)
        found = crossings(one)
        places = ", ".join(f"{symbol} = {number(each.at)} (ϱ₀ = {number(each.radius)})" for each in found)
        always = "within" if bool((one["distance"] < one["radius"]).all()) else "beyond"
        where = f"reaches the radius at {places}" if found else f"stays {always} the radius"
        sentences.append(f"At λ = {number(penalty)} the student {where}.")
    return " ".join(sentences)


def _penalties(results: xr.Dataset) -> list[float]:
    return [float(value) for value in results["penalty"].to_numpy()]


def _with_wider_inputs(case: Distillation) -> Distillation:
    """Return a design whose test inputs vary a little more than its training inputs, in every direction alike."""
    problem = case.problem
    wider = as_psd(WIDER / problem.n_samples * problem.gram, "test_cov", problem.n_features)
    return case.replace(problem=replace(problem, test_covariance=wider))
