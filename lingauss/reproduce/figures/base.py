"""What a finished figure consists of, and the sentences that captions share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lingauss.model.distillation import Distillation
from lingauss.model.learners import Ridge
from lingauss.reproduce.findings import number
from lingauss.reproduce.studies import Study

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

SOURCE = (
    "That the distillation divergence has a bias, a variance and a rank-bottleneck cost is stated by Li and He "
    "(arXiv:2605.13143)"
)


@dataclass(frozen=True)
class Figure:
    """A chart before it is drawn.

    Attributes
    ----------
    results : Dataset
        All numbers in the chart.
    finding : str
        What it shows, in one short sentence.
    caption : str
        What it is, what it shows, under which settings and from which source; computed from the numbers.
    draw : callable
        Draws it on given axes.
    """

    results: xr.Dataset
    finding: str
    caption: str
    draw: Callable[[Axes], object]


def caption(*sentences: str, study: Study, case: Distillation, swept: str, source: str) -> str:
    """Join what a chart is and shows with its settings, the mode of its numbers and its source."""
    told = (sentence for sentence in sentences if sentence)
    return " ".join([*told, settings(study, case, swept), mode(case, swept), source])


def settings(study: Study, case: Distillation, swept: str) -> str:
    """Return a sentence with the settings that are not swept."""
    problem, teacher, student = case.problem, case.teacher, case.student
    parts = []
    if isinstance(teacher, Ridge) and isinstance(student, Ridge):
        parts += [
            f"penalties λ_T = {number(teacher.penalty)} and λ_S = {number(student.penalty)}",
            f"temperatures τ_T = {teacher.temperature:g} and τ_S = {student.temperature:g}",
        ]
    parts.append(f"{case.draws} teacher draw" + ("s averaged" if case.draws > 1 else ""))
    if swept != "temperature":
        parts.append(f"soft-label temperature τ = {case.temperature:g}")
    if swept != "label_noise":
        origin = "estimated from residuals" if problem.mode == "plug-in" else "known"
        parts.append(f"label noise ν = {number(problem.label_noise)} (standard deviation, {origin})")
    return f"Data: {study.subject}. Settings: {', '.join(parts)}; principal bottleneck, floor at the student's prior."


def mode(case: Distillation, swept: str) -> str:
    """Return a sentence on what the labels were averaged over."""
    if case.problem.mode != "plug-in":
        return "Values are exact averages over labels, with a known signal."
    sentence = (
        "Values are plug-in: averages over labels in which the posterior of the weights given the observed labels "
        "stands in for the truth"
    )
    if swept == "label_noise":
        noise = number(case.problem.label_noise)
        sentence += f", taken once at the estimated noise ν = {noise} and held fixed along the axis"
    return f"{sentence}."
