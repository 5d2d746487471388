"""What a finished figure consists of, and the sentences that captions share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lingauss.distillation import Distillation
from lingauss.model.learners import Ridge
from lingauss.numerals import number
from lingauss.reproduce.studies import Study

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

SOURCE = (
    "That the distillation divergence has a bias, a variance and a rank-bottleneck cost is stated by Li and He "
    "(arXiv:2605.13143)"
)

AVERAGED = (
    "Values are averages over drawn inputs and labels with a known signal: deterministic equivalents, a few per cent "
    "from them at a hundred samples."
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


def settings(study: Study, case: Distillation, *swept: str) -> str:
    """Return the data, the settings that are not swept, and what the labels were averaged over."""
    problem, told = case.problem, []
    for attribute, word, symbol in (("penalty", "penalty", "λ"), ("temperature", "own temperature", "τ")):
        for role in ("teacher", "student"):
            learner = getattr(case, role)
            if isinstance(learner, Ridge) and not {
                "penalty" if attribute == "penalty" else "",
                f"{role}_{attribute}",
            } & {*swept}:
                told.append(f"{role}'s {word} {symbol}_{role[0].upper()} = {number(getattr(learner, attribute))}")
    if "draws" not in swept:
        told.append(f"{case.draws} teacher draw" + ("s averaged" if case.draws > 1 else ""))
    if "temperature" not in swept:
        told.append(f"soft-label temperature τ = {case.temperature:g}")
    if "mixing" not in swept and case.mixing != 1.0:
        told.append(f"share of soft labels ξ = {case.mixing:g}")
    if "label_noise" not in swept:
        origin = "estimated from residuals" if problem.mode == "plug-in" else "known"
        told.append(f"label noise ν = {number(problem.label_noise)} (standard deviation, {origin})")
    if case.bottleneck is not None:
        told.append("principal bottleneck" + ("" if "student_rank" in swept else f" of rank {case.rank}"))
        told.append("floor at the student's prior" if case.floor is None else f"floor {number(case.floor)}")
    return f"Data: {study.subject}. Settings: {', '.join(told)}. {mode(case, *swept)}"


def mode(case: Distillation, *swept: str) -> str:
    """Return a sentence on what the labels were averaged over."""
    if case.problem.population is not None:
        return AVERAGED
    if case.problem.mode != "plug-in":
        return "Values are exact averages over labels, with a known signal."
    sentence = (
        "Values are plug-in: averages over labels in which the posterior of the weights given the observed labels "
        "stands in for the truth"
    )
    for name, symbol, value in (
        ("label_noise", "the estimated noise ν", case.problem.label_noise),
        ("n_samples", "the observed n", case.problem.n_samples),
    ):
        if name in swept:
            sentence += f", taken once at {symbol} = {number(value)} and held fixed along the axis"
    return f"{sentence}."
