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
    """A chart before it is drawn, and what it shows in words; all words are computed from the numbers.

    Attributes
    ----------
    title : str
        As shown above the chart.
    results : Dataset
        All numbers in the chart.
    what : str
        What is drawn, and how to read it.
    finding : str
        What it shows, in one short sentence.
    why : str
        The law behind the finding, and why an optimum lies at an edge of its range if one does.
    settings : str
        The data, the settings that are not swept, and what the labels were averaged over.
    source : str
        What the paper states and what is derived here.
    plot : callable
        Draws the chart on given axes, without its title.
    """

    title: str
    results: xr.Dataset
    what: str
    finding: str
    why: str
    settings: str
    source: str
    plot: Callable[[Axes], object]

    def draw(self, ax: Axes) -> None:
        """Draw the chart with its title."""
        self.plot(ax)
        ax.set_title(self.title)

    @property
    def caption(self) -> str:
        """All words as one paragraph."""
        return " ".join(part for part in (self.what, self.finding, self.why, self.settings, self.source) if part)


def settings(study: Study, case: Distillation, swept: str) -> str:
    """Return the data, the settings that are not swept, and what the labels were averaged over."""
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
    return (
        f"Data: {study.subject}. Settings: {', '.join(parts)}; principal bottleneck, floor at the student's prior. "
        f"{mode(case, swept)}"
    )


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
