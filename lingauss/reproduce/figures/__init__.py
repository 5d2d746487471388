"""One file per chart: the sweep behind it, what it shows in words, and how it is drawn.

To add a chart, write a module with a function ``Study, Resolution → Figure`` and name it in ``CHARTS``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from lingauss.reproduce.figures.base import Figure
from lingauss.reproduce.figures.bounds import bounds_and_truth
from lingauss.reproduce.figures.directions import ledger_by_direction
from lingauss.reproduce.figures.dominance import dominance_map
from lingauss.reproduce.figures.drawn import collapse, double_descent, fixed_and_unseen, weak_teacher
from lingauss.reproduce.figures.growth import sample_size_scaling
from lingauss.reproduce.figures.ledger import ledger_by_rank
from lingauss.reproduce.figures.lossless import lossless_valley
from lingauss.reproduce.figures.mixing import mixing_curves, self_distillation
from lingauss.reproduce.figures.noise import rank_noise_map
from lingauss.reproduce.figures.pareto import pareto_front
from lingauss.reproduce.figures.process import process_by_noise, process_by_rank, process_by_temperature
from lingauss.reproduce.figures.repeated import repeated_distillation
from lingauss.reproduce.figures.risk import student_beats_teacher
from lingauss.reproduce.figures.simulation import theory_and_simulation
from lingauss.reproduce.figures.temperature import temperature_curves
from lingauss.reproduce.figures.tightness import (
    tightness_by_noise,
    tightness_by_penalty,
    tightness_by_rank,
    tightness_by_temperature,
)
from lingauss.reproduce.studies import Resolution, Study, drawn, handwritten_digits, paper, power_law

__all__ = ["FIGURES", "Figure", "Recipe"]

Chart = Callable[[Study, Resolution], Figure]

STUDIES: Mapping[str, Callable[[], Study]] = {"digits": handwritten_digits, "power-law": power_law}
BOTH = tuple(STUDIES)
# The charts in the order of the report, and the studies each is drawn for.
CHARTS: Mapping[str, tuple[Chart, Sequence[str]]] = {
    "ledger-by-rank": (ledger_by_rank, BOTH),
    "ledger-by-direction": (ledger_by_direction, BOTH),
    "rank-noise-map": (rank_noise_map, BOTH),
    "dominance-map": (dominance_map, BOTH),
    "temperature-curves": (temperature_curves, BOTH),
    "mixing-curves": (mixing_curves, BOTH),
    "sample-size-scaling": (sample_size_scaling, BOTH),
    "student-beats-teacher": (student_beats_teacher, BOTH),
    "pareto-front": (pareto_front, BOTH),
    "bounds-and-truth": (bounds_and_truth, BOTH),
    "self-distillation": (self_distillation, BOTH),
    "repeated-distillation": (repeated_distillation, BOTH),
    "lossless-valley": (lossless_valley, ["digits"]),
    "theory-and-simulation": (theory_and_simulation, ["power-law"]),
}

# What the report opens with: the case study of the paper that the library follows.
PAPER_CHARTS: Mapping[str, Chart] = {
    "process-by-rank": process_by_rank,
    "process-by-noise": process_by_noise,
    "process-by-temperature": process_by_temperature,
    "tightness-by-rank": tightness_by_rank,
    "tightness-by-noise": tightness_by_noise,
    "tightness-by-temperature": tightness_by_temperature,
    "tightness-by-penalty": tightness_by_penalty,
}


# Of inputs that are drawn, and errors on new ones.
DRAWN_CHARTS: Mapping[str, Chart] = {
    "double-descent": double_descent,
    "fixed-and-new": fixed_and_unseen,
    "weak-teacher": weak_teacher,
    "collapse": collapse,
}


@dataclass(frozen=True)
class Recipe:
    """A figure before it is computed.

    Attributes
    ----------
    study : callable
        Returns the problem it is about.
    chart : callable
        Computes it.
    """

    study: Callable[[], Study]
    chart: Chart

    def __call__(self, resolution: Resolution) -> Figure:
        """Compute the figure."""
        return self.chart(self.study(), resolution)


FIGURES: Mapping[str, Recipe] = (
    {f"paper-{name}": Recipe(paper, chart) for name, chart in PAPER_CHARTS.items()}
    | {
        f"{study}-{name}": Recipe(STUDIES[study], chart)
        for study in STUDIES
        for name, (chart, drawn_for) in CHARTS.items()
        if study in drawn_for
    }
    | {f"unseen-{name}": Recipe(drawn, chart) for name, chart in DRAWN_CHARTS.items()}
)
