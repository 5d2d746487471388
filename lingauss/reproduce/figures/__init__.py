"""One file per chart: the sweep behind it, what it shows in words, and how it is drawn.

To add a chart, write a module with a function ``Study, Resolution → Figure`` and name it in ``CHARTS``.
"""

from collections.abc import Callable, Mapping

from lingauss.reproduce.figures.base import Figure
from lingauss.reproduce.figures.bounds import bounds_and_truth
from lingauss.reproduce.figures.ledger import ledger_by_rank
from lingauss.reproduce.figures.noise import rank_noise_map
from lingauss.reproduce.figures.temperature import temperature_curves
from lingauss.reproduce.studies import Resolution, Study, handwritten_digits, power_law

__all__ = ["FIGURES", "Figure"]

STUDIES: Mapping[str, Callable[[], Study]] = {"digits": handwritten_digits, "power-law": power_law}
CHARTS: Mapping[str, Callable[[Study, Resolution], Figure]] = {
    "ledger-by-rank": ledger_by_rank,
    "rank-noise-map": rank_noise_map,
    "temperature-curves": temperature_curves,
    "bounds-and-truth": bounds_and_truth,
}


def _recipe(study: Callable[[], Study], chart: Callable[[Study, Resolution], Figure]) -> Callable[[Resolution], Figure]:
    return lambda resolution: chart(study(), resolution)


FIGURES: Mapping[str, Callable[[Resolution], Figure]] = {
    f"{study}-{chart}": _recipe(STUDIES[study], CHARTS[chart]) for study in STUDIES for chart in CHARTS
}
